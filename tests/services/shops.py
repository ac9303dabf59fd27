"""A small shop with numbers that can be worked out by hand."""

from datetime import date, timedelta

from tests.store.sheets import sheet

LAST = date(2026, 5, 31)  # a Sunday
DAYS = 210


def day(ago):
    return (LAST - timedelta(days=ago)).isoformat()


def sales(sku="MUG", market="US", units=4.0, days=DAYS):
    return sheet(
        *({"sku": sku, "quantity": units, "date": day(ago)} for ago in range(days)), market=market
    )


def stock(*rows, **common):
    """Stock of (sku, units) on the last day."""
    records = [{"sku": sku, "on_hand": float(units), "date": day(0)} for sku, units in rows]
    return sheet(*records, kind="stock", **{"market": "US", **common})


def products(*records):
    return sheet(*records, kind="products")


def receipts(sku="MUG", days=30, route="sea", count=6, quantity=300.0, **more):
    """Orders received, one a month, ``days`` after they were placed."""
    records = [
        {
            "sku": sku,
            "order_id": f"{sku}-{route}-{number}",
            "quantity": quantity,
            "quantity_received": quantity,
            "ordered_on": day(30 * number + 5 + days),
            "received_on": day(30 * number + 5),
        }
        for number in range(count)
    ]
    return sheet(*records, kind="purchase_orders", **{"market": "US", "route": route, **more})


def rates(*rows):
    """Exchange rates (currency, days ago, rate)."""
    records = [{"currency": c, "date": day(ago), "rate": rate} for c, ago, rate in rows]
    return sheet(*records, kind="rates")
