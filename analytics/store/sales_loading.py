"""Loading a sheet of sales: told apart by hashes on the fly, then appended and let stand."""

from collections.abc import Callable
from typing import Any

import duckdb
import pandas as pd

from analytics.store import sql_files
from analytics.store.cursors import named, one
from analytics.store.shaping import shown_rows
from analytics.store.sheets import CHANGE_COLUMNS, Remark, SheetLoad, no_changes

CHANGES_SHOWN = 200


def load(
    cursor: duckdb.DuckDBPyConnection, sheet: SheetLoad, import_id: int, *, is_kept: bool
) -> dict[str, Any]:
    """Load the sheet that is registered as ``incoming``; return its account so far.

    ``no_products`` are the lines that are rejected because they are no product: row and SKU.
    Without ``is_kept`` lines are written only if the account needs it.
    """
    adds = {"adds": sheet.existing == "add"}
    cursor.execute(sql_files.step("stage_sales"))
    cursor.execute(sql_files.step("held_sales"))
    cursor.execute(sql_files.step("copied_cells"), adds)
    cursor.execute(sql_files.step("compare_sales"), adds)
    record = named(cursor, "account_sales", {})
    gone = {"lines": record.pop("lines_gone"), "orders": record.pop("orders_thinned")}
    (record["cells_changed"],) = one(cursor, "cells_changed", {})
    shown = shown_rows(sheet.rows)
    if record.pop("rows_rejected"):
        odd = cursor.execute(sql_files.step("new_no_products")).fetchall()
        record["no_products"] = [(shown(row), sku) for row, sku in odd]
    record["changes"] = _changes(cursor, shown) if record["rows_updated"] else no_changes()
    (mixes,) = one(cursor, "mixes_grains", {})
    if is_kept or mixes:
        _append(cursor, import_id, adds, record)
    remarks: tuple[Remark, ...] = (("lines_gone", gone),) if gone["lines"] else ()
    record["remarks"] = remarks + (_remarks(cursor, import_id) if mixes else ())
    return record


def _changes(cursor: duckdb.DuckDBPyConnection, shown: Callable[[int], int]) -> pd.DataFrame:
    facts = {"limit": CHANGES_SHOWN}
    found = cursor.execute(sql_files.step("changed_sales"), facts).df()
    rows = [shown(row) for row in found["row"].tolist()]
    return found.assign(row=rows)[list(CHANGE_COLUMNS)]


def _append(
    cursor: duckdb.DuckDBPyConnection,
    import_id: int,
    adds: dict[str, bool],
    record: dict[str, Any],
) -> None:
    facts = {"import_id": import_id}
    cursor.execute(sql_files.step("insert_sales"), facts)
    if record["covers_from"] is not None:
        days = {"covers_from": record["covers_from"], "covers_to": record["covers_to"]}
        cursor.execute(sql_files.step("insert_covers"), {**facts, **days})
    cursor.execute(sql_files.step("insert_grains"), facts)
    cursor.execute(sql_files.step("drop_replaced"), adds)
    cursor.execute(sql_files.step("append_sales"), {**facts, **adds})


def _remarks(cursor: duckdb.DuckDBPyConnection, import_id: int) -> tuple[Remark, ...]:
    """Return what is to be said of totals that live beside finer or coarser ones."""
    counts = named(cursor, "finer_and_coarser", {"import_id": import_id})
    return tuple((code, {"rows": int(rows)}) for code, rows in counts.items() if rows)
