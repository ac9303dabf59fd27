"""An invented catalogue of any size, as files a seller would have: for measuring only."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LAST_DAY = date(2026, 5, 31)
_SUPPLIERS = 12
_AFTER_DAYS = 20  # from ordering to shipping
_STAGES = ("production", "quality_check", "booking", "transit", "customs", "check_in")


def write(folder: Path, items: int, weeks: int = 104, seed: int = 7) -> list[Path]:
    """Write what a seller of ``items`` SKUs in one market has; return the paths.

    Two years of sales, stock, products with their prices, orders received and open, sea and air.
    """
    rng = np.random.default_rng(seed)
    days = [LAST_DAY - timedelta(days=3 + 7 * week) for week in range(weeks)]
    level = rng.lognormal(2.5, 1.0, items)
    season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(weeks) / 52)
    units = rng.poisson(level[:, None] * season)
    weeks_left = rng.uniform(0, 8, items)
    skus = [f"SKU-{number:05d}" for number in range(items)]
    sales = (
        (day.isoformat(), sku, int(quantity), "US", f"O-{row:05d}-{column:03d}", 19.9)
        for row, sku in enumerate(skus)
        for column, (day, quantity) in enumerate(zip(days, units[row], strict=True))
        if quantity
    )
    return [
        _table(folder / "sales.csv", "date,sku,quantity,market,order_id,unit_price", sales),
        _table(
            folder / "stock.csv",
            "date,sku,market,on_hand",
            (
                (LAST_DAY, sku, "US", int(stock))
                for sku, stock in zip(skus, level * weeks_left, strict=True)
            ),
        ),
        _table(
            folder / "products.csv",
            "sku,name,category,supplier,unit_cost,price,currency,moq,carton_quantity,"
            "carton_volume_m3,carton_weight_kg",
            (
                (
                    sku,
                    f"Item {sku}",
                    f"C{row % 12}",
                    _supplier(row),
                    5.5,
                    19.9,
                    "CNY",
                    100,
                    20,
                    0.04,
                    9.0,
                )
                for row, sku in enumerate(skus)
            ),
        ),
        _table(
            folder / "purchase_orders.csv",
            "order_id,sku,market,supplier,route,quantity,ordered_on,shipped_on,received_on",
            _orders(skus, level, rng),
        ),
        _table(
            folder / "routes.csv",
            ",".join(
                ["market,route", *(f"{name}_days" for name in _STAGES), "cost_per_m3,currency"]
            ),
            [
                ("US", "sea", 14, 2, 4, 18, 4, 3, 900, "CNY"),
                ("US", "air", 14, 2, 1, 3, 2, 2, 7000, "CNY"),
            ],
        ),
    ]


def _supplier(row: int) -> str:
    return f"Supplier {row % _SUPPLIERS}"


def _orders(
    skus: list[str], level: NDArray[np.float64], rng: np.random.Generator
) -> Iterator[tuple[object, ...]]:
    """Yield for every SKU an order that has come, one at sea and one in production."""
    for row, sku in enumerate(skus):
        quantity = max(20, 20 * round(level[row] / 5))
        taken = max(20, round(rng.gamma(30, 1.5)))
        for number, age in enumerate((int(rng.integers(90, 400)), 35, int(rng.integers(4, 15)))):
            placed = LAST_DAY - timedelta(days=age)
            shipped = placed + timedelta(days=_AFTER_DAYS) if age > _AFTER_DAYS else ""
            came = placed + timedelta(days=taken) if number == 0 else ""
            order = f"PO-{row % _SUPPLIERS}-{placed:%y%m%d}"
            yield order, sku, "US", _supplier(row), "sea", quantity, placed, shipped, came


def _table(path: Path, header: str, rows: object) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)  # type: ignore[arg-type]
    return path
