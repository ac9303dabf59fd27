"""The sample seller: where its files are, and what is true about it.

The files are made by `data/sample/generate.py` and travel with the source.
"""

import hashlib
from datetime import date
from pathlib import Path

import pandas as pd

LAST_DAY = date(2026, 5, 31)

_FOLDER = Path(__file__).resolve().parent.parent / "data" / "sample"
_IN_IMPORT_ORDER = (
    "products.xlsx",
    "orders_de_id.xlsx",
    "orders_us.xlsx",
    "amazon_us.txt",
    "stock.csv",
    "purchase_orders.xlsx",
    "routes.xlsx",
    "events.csv",
    "rates.csv",
)


def files() -> list[Path]:
    """Return the seller's files, in the order in which they are imported."""
    return [_FOLDER / name for name in _IN_IMPORT_ORDER]


def fingerprint() -> str:
    """Return the SHA-256 of the files: it changes when any of them does."""
    digest = hashlib.sha256()
    for path in files():
        content = path.read_bytes()
        digest.update(f"{path.name}:{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()


def truth() -> pd.DataFrame:
    """Return what no file tells, for tests only: one row per item and day since its launch.

    Returns
    -------
    DataFrame
        ``sku``, ``market``, ``date``; ``demand``, the units that shoppers wanted before stock-outs
        (promotions included); ``freak``, the units of a one-off bulk order beside it; ``sold``,
        what both got; ``stocked_out`` and ``promotion``, whether the day was one.
    """
    frame = pd.read_parquet(_FOLDER / "truth" / "demand.parquet")
    return frame.assign(date=frame["date"].astype("datetime64[us]"))
