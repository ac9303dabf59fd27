"""Sheets as ingest hands them over, written by hand."""

import json
from datetime import date

import pandas as pd
import pyarrow as pa

from analytics.store import SheetLoad

_DATES = {
    "date", "launched_on", "ordered_on", "ready_on", "shipped_on", "arrived_on", "cleared_on",
    "received_on", "expected_on", "starts_on", "ends_on",
}  # fmt: skip
_counter = iter(range(1_000_000))


def rows(*records, **common):
    """An Arrow table of records; dates may be text, the key of a SKU is filled in."""
    table = {}
    frame = pd.DataFrame([{"row_no": i, **common, **r} for i, r in enumerate(records, start=2)])
    for name in frame.columns:
        cells = [None if pd.isna(cell) else cell for cell in frame[name].astype(object)]
        if name in _DATES:
            cells = [date.fromisoformat(c) if isinstance(c, str) else c for c in cells]
            table[name] = pa.array(cells, pa.date32())
        elif name == "row_no":
            table[name] = pa.array(cells, pa.int32())
        elif any(isinstance(cell, str) for cell in cells) or not any(cells):
            table[name] = pa.array(cells, pa.string() if name != "quantity" else pa.float64())
        else:
            table[name] = pa.array(cells, pa.float64())
        if name in ("sku", "predecessor", "alias", "bundle"):
            keys = [None if cell is None else cell.casefold() for cell in cells]
            table[f"{name}_key"] = pa.array(keys, pa.string())
    return pa.table(table)


def sheet(
    *records, kind="sales", issues=(), ignored=0, shop="", sha256=None, mapping=None,
    existing="replace", who="Ann", **common
):  # fmt: skip
    """A sheet to load; every call is a file of its own unless ``sha256`` says otherwise."""
    number = next(_counter)
    if kind == "sales":
        common = {"status": "sold", "grain": "line", "market": "US", **common}
    table = rows(*records, **common)
    rejected = pd.DataFrame(issues, columns=["row", "column", "value", "code", "facts"])
    return SheetLoad(
        file=f"file-{number}.csv",
        sheet="",
        sha256=sha256 or f"{number:064d}",
        kind=kind,
        family="plain",
        shop=shop,
        rows=table,
        issues=rejected,
        rows_read=table.num_rows + len(rejected) + ignored,
        rows_ignored=ignored,
        mapping=mapping or {},
        who=who,
        existing=existing,
    )


def issue(row, column="date", value="soon", code="issue.not_a_date", **facts):
    return {"row": row, "column": column, "value": value, "code": code, "facts": json.dumps(facts)}


def order(order_id, sku, quantity, day="2026-01-05", **more):
    return {"order_id": order_id, "sku": sku, "quantity": float(quantity), "date": day, **more}


def cell(sku, quantity, day="2026-01-05", **more):
    return {"sku": sku, "quantity": float(quantity), "date": day, **more}


def counts(account):
    """New, updated, identical, rejected, ignored; closes the account on the way."""
    parts = (
        account.rows_new, account.rows_updated, account.rows_identical, account.rows_rejected,
        account.rows_ignored,
    )  # fmt: skip
    assert sum(parts) == account.rows_read
    return parts
