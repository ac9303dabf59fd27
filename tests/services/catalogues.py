"""A seller of forty products with a season, in weekly totals that cost little to load."""

from datetime import timedelta

import numpy as np

from analytics.services import planning
from analytics.store import Store
from tests.services.shops import LAST
from tests.store.sheets import sheet

WEEKS = 90
CATEGORIES = ("Cups", "Pans")
SKUS = tuple(f"S{number:02d}" for number in range(40))
TOMORROW = LAST + timedelta(days=1)  # a Monday


def monday(ago):
    """The Monday of the week ``ago`` weeks before the last one."""
    return LAST - timedelta(days=6 + 7 * ago)


def category(sku):
    return CATEGORIES[int(sku[1:]) % 2]


def units(skus=SKUS, weeks=WEEKS, seed=1):
    """Poisson sales around levels of 5 to 80 a week, twice as high in December."""
    rng = np.random.default_rng(seed)
    days = np.array([monday(ago).timetuple().tm_yday for ago in reversed(range(weeks))])
    season = 0.85 + 1.2 * np.exp(-0.5 * ((days - 345) / 18) ** 2)
    level = np.exp(np.linspace(np.log(5), np.log(80), len(skus)))
    return rng.poisson(level[:, None] * season).astype(float)


def weekly(table, skus=SKUS, market="US", **more):
    """Weekly totals, one row per SKU and week that sold; the last column is the last week."""
    count = table.shape[1]
    records = [
        {"sku": sku, "quantity": sold, "date": monday(count - 1 - week).isoformat()}
        for sku, row in zip(skus, table.tolist(), strict=True)
        for week, sold in enumerate(row)
    ]
    return sheet(*records, market=market, grain="week", **more)


def listed(skus=SKUS, **more):
    """Their product list: two categories, ten a piece."""
    records = [{"sku": sku, "category": category(sku), "price": 10.0, **more} for sku in skus]
    return sheet(*records, kind="products", currency="USD")


def events(*records):
    return sheet(*records, kind="events")


def prepared(folder):
    """Make a workspace of all that with its forecast in it, to be copied by whoever changes it."""
    with Store.open(folder) as store:
        counts = ({"sku": sku, "on_hand": 40.0, "date": LAST.isoformat()} for sku in SKUS)
        stock = sheet(*counts, kind="stock", market="US")
        store.load([weekly(units()), listed(unit_cost=4.0), stock])
        planning.outlook(store)
    return folder
