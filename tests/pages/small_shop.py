"""A shop of three items, with every table that there can be: small enough for many pages."""

from collections.abc import Mapping
from pathlib import Path

from analytics.services import importing, workspaces
from analytics.store import Store

DAYS = [f"2026-{month:02d}-{day:02d}" for month in (2, 3, 4, 5) for day in range(1, 29)]
SALES = "date,sku,quantity,market,unit_price,currency\n" + "".join(
    f"{day},{sku},{(place * 7 + every) % 5 + 1},{market},{10 + every},EUR\n"
    for place, day in enumerate(DAYS)
    for every, (sku, market) in enumerate([("A-1", "DE"), ("B-2", "DE"), ("A-1", "FR")])
)
PRODUCTS = """sku,name,category,supplier,unit_cost,price,currency,moq,carton_quantity
A-1,Mug,kitchen,Acme,2.5,10,EUR,20,10
B-2,Lamp,light,Bright,4,11,EUR,20,10
"""
STOCK = "date,sku,market,warehouse,on_hand\n" + "".join(
    f"{day},{sku},{market},main,{units}\n"
    for day, units in (("2026-03-01", 300), ("2026-05-28", 60))
    for sku, market in (("A-1", "DE"), ("B-2", "DE"), ("A-1", "FR"))
)
ORDERS = """order_id,sku,market,quantity,supplier,route,ordered_on,expected_on,received_on
P1,A-1,DE,200,Acme,sea,2026-02-01,2026-03-20,2026-03-22
P2,B-2,DE,150,Bright,sea,2026-02-10,2026-03-28,2026-04-05
P3,A-1,DE,200,Acme,sea,2026-04-01,2026-05-10,
"""
EVENTS = """name,starts_on,ends_on,market,demand_uplift_pct
Fair,2026-06-10,2026-06-14,DE,40
"""
RATES = "currency,date,rate\nEUR,2026-05-01,7.8\nUSD,2026-05-01,7.2\n"
ROUTES = """market,route,production_days,transit_days,customs_days,cost_per_m3,currency
DE,sea,20,30,4,120,EUR
FR,sea,20,32,4,130,EUR
"""
TABLES = {
    "products": PRODUCTS,
    "stock": STOCK,
    "purchase_orders": ORDERS,
    "events": EVENTS,
    "rates": RATES,
    "routes": ROUTES,
}


def bring_in(store: Store, folder: Path, tables: Mapping[str, str]) -> None:
    """Bring tables into a workspace as their files would be."""
    uploads = []
    for name, text in tables.items():
        path = folder / f"{name}.csv"
        path.write_text(text, "utf-8")
        uploads.append(importing.Upload(path.name, path))
    staged = importing.stage(store, uploads)
    assert [sheet.problem for sheet in staged.sheets] == [None] * len(uploads)
    workspaces.load_and_forecast(store, staged)
