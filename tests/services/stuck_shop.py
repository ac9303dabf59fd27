"""A small shop with stock that is stuck: slow lamps, a dead bowl, and mugs that sell."""

from tests.services.shops import LAST, day, products, rates, sales, stock
from tests.store.sheets import sheet

LAMP = {
    "sku": "LAMP", "name": "Lamp", "category": "Light", "unit_cost": 5.0, "price": 20.0,
    "currency": "USD", "carton_quantity": 10.0, "carton_volume_m3": 0.1,
}  # fmt: skip
BOWL = {
    "sku": "BOWL", "name": "Bowl", "category": "Table", "unit_cost": 2.0, "price": 9.0,
    "currency": "USD",
}  # fmt: skip
MUG = {"sku": "MUG", "name": "Mug", "category": "Table", "unit_cost": 3.0, "price": 12.0,
       "currency": "USD"}  # fmt: skip
AS_OF = LAST


def received(sku, *parts, market="US"):
    """Deliveries of (days ago, units)."""
    records = [
        {"sku": sku, "order_id": f"{sku}{market}{ago}", "quantity": float(units),
         "quantity_received": float(units), "ordered_on": day(ago + 40), "received_on": day(ago)}
        for ago, units in parts
    ]  # fmt: skip
    return sheet(*records, kind="purchase_orders", market=market, route="sea")


def sparse(sku, every, units=1.0, days=210, since=0, market="US"):
    """One line of sales every so many days."""
    return sheet(
        *({"sku": sku, "quantity": units, "date": day(ago)} for ago in range(since, days, every)),
        market=market,
    )


def sheets(lamp=LAMP, bowl=BOWL):
    """All of it: 600 lamps of 500 that explain them, 40 bowls that nobody buys any more."""
    return [
        sales(units=4.0),
        sparse("LAMP", 2),
        sparse("BOWL", 3, since=120),
        stock(("MUG", 30), ("LAMP", 600), ("BOWL", 40)),
        received("LAMP", (120, 300), (200, 200)),
        received("BOWL", (190, 60)),
        products(lamp, bowl, MUG),
        rates(("USD", 10, 1.0)),
    ]
