"""What is handed over to be loaded, and what is handed back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd
import pyarrow as pa

REJECT_COLUMNS = ("row", "column", "value", "code", "facts")
CHANGE_COLUMNS = (
    "row",
    "order_id",
    "sku",
    "market",
    "date",
    "quantity_before",
    "quantity",
    "unit_price_before",
    "unit_price",
    "status_before",
    "status",
)
Remark = tuple[str, dict[str, object]]


def no_changes() -> pd.DataFrame:
    """Return a list of changes without any."""
    return pd.DataFrame(columns=list(CHANGE_COLUMNS))


@dataclass(frozen=True, slots=True, eq=False)
class SheetLoad:
    """One sheet, cleaned, with where it came from and how it was read.

    Attributes
    ----------
    file, sheet : str
        Display names.
    sha256 : str
        Of the whole file.
    kind : str
        A key of `analytics.schema.TABLES`.
    family : str
        The format that was recognised; the last resort for a line's shop.
    shop : str
        The shop that the user named for lines that name none; may be empty.
    rows : pyarrow.Table
        ``row_no`` and canonical columns; each SKU column ``x`` with its ``x_key``; sales also with
        ``status`` and ``grain``, customers hashed.
    issues : DataFrame
        Rows that could not be used: ``row``, ``column``, ``value``, ``code``, ``facts`` (JSON).
    rows_read, rows_ignored : int
        Every row below the header; those of them that are blank, titles, totals or footers.
    mapping : mapping
        How the sheet was read (columns, market, ...): the same bytes read the same way are the
        same import.
    who : str
        Who imports.
    place : int
        Which sheet of the file it is, from 0; names can change, bytes and places cannot.
    existing : str
        What happens to a cell (shop, market, sku, grain, date) that already has another value, by
        sales lines without an order id: "replace" or "add".
    """

    file: str
    sheet: str
    sha256: str
    kind: str
    family: str
    shop: str
    rows: pa.Table
    issues: pd.DataFrame
    rows_read: int
    rows_ignored: int
    mapping: Mapping[str, object] = field(default_factory=dict)
    who: str = ""
    place: int = 0
    existing: str = "replace"


@dataclass(frozen=True, slots=True, eq=False)
class SheetAccount:
    """What became of every row of a sheet.

    ``rows_read == rows_new + rows_updated + rows_identical + rows_rejected + rows_ignored``.

    Attributes
    ----------
    import_id : int
        The import; of an earlier one if ``same_as`` is set.
    columns : tuple of str
        Canonical columns that were found.
    covers_from, covers_to : date or None
        The days that the sheet tells of.
    same_as : int or None
        An earlier import of the same bytes, read the same way, all of which still stands: then
        nothing was written.
    rejects : DataFrame
        The rejected rows: ``row``, ``column``, ``value``, ``code``, ``facts`` (JSON).
    changes : DataFrame
        The first 200 updated lines of sales, before and after: `CHANGE_COLUMNS`.
    cells_changed : int
        How many values without an order id, such as a day's total, the sheet changes or drops.
    remarks : tuple of (str, dict)
        Codes and facts: what else is to be said of the sheet.
    """

    import_id: int
    file: str
    sheet: str
    kind: str
    columns: tuple[str, ...]
    rows_read: int
    rows_new: int
    rows_updated: int
    rows_identical: int
    rows_rejected: int
    rows_ignored: int
    covers_from: date | None
    covers_to: date | None
    same_as: int | None
    rejects: pd.DataFrame
    changes: pd.DataFrame = field(default_factory=no_changes)
    cells_changed: int = 0
    remarks: tuple[Remark, ...] = ()
