"""A seller of flat seventy a week whose sales end on a Friday."""

from datetime import date, timedelta

from tests.store.sheets import sheet

FRIDAY = date(2026, 5, 29)
SKUS = ("MUG", "PAN", "BOX")
DAYS = 7 * 60


def sell(store, last=FRIDAY, days=DAYS, units=10.0):
    """Load ``units`` a day of each SKU for ``days`` up to ``last``."""
    records = [
        {"sku": sku, "quantity": units, "date": f"{last - timedelta(days=ago)}"}
        for sku in SKUS
        for ago in range(days)
    ]
    store.load([sheet(*records, market="US")])
