"""An invented catalogue of any size, as files a seller would have: for measuring only."""

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np

LAST_DAY = date(2026, 5, 31)


def write(folder: Path, items: int, weeks: int = 104, seed: int = 7) -> list[Path]:
    """Write sales, stock and products of ``items`` SKUs in one market; return the paths."""
    rng = np.random.default_rng(seed)
    days = [LAST_DAY - timedelta(days=3 + 7 * week) for week in range(weeks)]
    level = rng.lognormal(2.5, 1.0, items)
    season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(weeks) / 52)
    units = rng.poisson(level[:, None] * season)
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
            ((LAST_DAY, sku, "US", int(stock)) for sku, stock in zip(skus, level * 8, strict=True)),
        ),
        _table(
            folder / "products.csv",
            "sku,name,category,unit_cost,currency,moq,carton_quantity",
            (
                (sku, f"Item {sku}", f"C{row % 12}", 5.5, "CNY", 100, 20)
                for row, sku in enumerate(skus)
            ),
        ),
    ]


def _table(path: Path, header: str, rows: object) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)  # type: ignore[arg-type]
    return path
