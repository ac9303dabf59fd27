"""Where the units of an item stand, and the ways that lead there.

Most of the stock is with the marketplace. Some of it waits in a warehouse that the seller rents
abroad, and a few finished cartons have not left Shenzhen.
"""

from collections.abc import Iterator
from datetime import date
from math import ceil

from data.sample.files import Cell
from data.sample.recipe import COUNTRY, Product
from data.sample.supply import SPREAD, STAGES

APART_FROM = date(2026, 5, 4)  # from this Monday on, counts name the warehouse
# Share of an item's units that the marketplace holds.
WITH_MARKETPLACE = {
    ("KT102", "US"): 0.16,
    ("PT201", "US"): 0.58,
    ("KT103", "DE"): 0.15,
    ("HS301", "DE"): 0.7,
}
FULFILMENT = {"US": "FBA 美国", "DE": "FBA 德国"}
RENTED = {"US": "洛杉矶海外仓", "DE": "汉堡海外仓"}
CENTRAL = "深圳仓"
CENTRAL_CARTONS = {"KT101": 20, "PT205": 4, "HS309": 6}  # on the last day

WORST = 1.645  # standard deviations above the usual: one order in twenty takes longer
CHECKED = 2  # days of the time in the factory in which the goods are looked at
# What the sea and air freight of the sample comes to, and two ways that nobody has tried yet:
# CNY per kg, CNY per cubic metre. Small fast consignments are weighed, large slow ones measured.
FREIGHT = {
    ("US", "sea"): (None, 1450),
    ("US", "air"): (42, None),
    ("US", "express"): (58, None),
    ("DE", "sea"): (None, 1600),
    ("DE", "rail"): (None, 2600),
    ("DE", "air"): (45, None),
    ("DE", "express"): (62, None),
    ("ID", "sea"): (None, 720),
    ("ID", "air"): (26, None),
    ("ID", "express"): (38, None),
}
UNTRIED = {"rail": (12, 4, 17, 2, 4), "express": (3, 1, 2, 1, 1)}  # stages as in `STAGES`

STORAGE_PER_M3 = 190  # CNY for 30 days; what a marketplace asks is by volume
SEASONAL_SALVAGE = 0.35  # of the cost, for what is left when the season is over
SEASONAL = frozenset({"christmas", "ramadan", "summer"})


def counts(sku: str, market: str, day: date, on_hand: int) -> list[tuple[int, str]]:
    """Return how many units stand in which warehouse; a count of all together names none."""
    share = WITH_MARKETPLACE.get((sku, market))
    if share is None or day < APART_FROM:
        return [(on_hand, "")]
    with_marketplace = int(on_hand * share)
    return [
        (with_marketplace, FULFILMENT[market]),
        (on_hand - with_marketplace, RENTED[market]),
    ]


def route_rows() -> Iterator[tuple[Cell, ...]]:
    """Yield every way: market, route, usual and worst days per stage, freight."""
    for (market, route), (per_kg, per_m3) in FREIGHT.items():
        made, booked, *rest = (
            UNTRIED.get(route) or STAGES["air" if route == "air" else (market, "sea")]
        )
        checked = min(CHECKED, made - 1)
        usual = (made - checked, checked, booked, *rest)
        spread = (SPREAD[0], *SPREAD)
        worst = [ceil(days * (1 + WORST * wide)) for days, wide in zip(usual, spread, strict=True)]
        days = [cell for pair in zip(usual, worst, strict=True) for cell in pair]
        yield (COUNTRY[market], route, *days, per_kg, per_m3, "CNY")


def storage_fee(product: Product) -> float:
    """Return what a unit costs to keep for 30 days (CNY)."""
    return round(STORAGE_PER_M3 * product.carton_volume_m3 / product.carton_quantity, 2)


def salvage_value(product: Product) -> float | None:
    """Return what a unit brings when its season is over (CNY); none for what sells all year."""
    if product.profile not in SEASONAL:
        return None
    return round(SEASONAL_SALVAGE * product.unit_cost, 1)
