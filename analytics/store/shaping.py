"""Rows as the tables hold them: every column there, typed, and nothing empty that has a meaning."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics.schema import TABLES, Kind
from analytics.store.sheets import REJECT_COLUMNS, SheetLoad

_TYPES = {
    Kind.NUMBER: pa.float64(),
    Kind.INTEGER: pa.float64(),
    Kind.DATE: pa.date32(),
}


def shaped(sheet: SheetLoad) -> pa.Table:
    """Return the sheet's rows as they are appended to the lines of their kind.

    Lines are numbered by their rows, or where several lines share a row, by their places: the
    number tells the lines of an import apart. A line of sales gets a shop: its own, else the one
    that was named, else its channel, else the family of the file.
    """
    # In one piece: DuckDB writes whole row groups of it at once, and the file is half the size.
    rows = _numbered(conformed(sheet.rows, sheet.kind).combine_chunks())
    if sheet.kind != "sales":
        return rows
    shop = _filled(rows["shop"])
    if sheet.shop:
        shop = _or(shop, sheet.shop)
    elif shop.null_count:
        shop = _or(pc.coalesce(shop, _filled(rows["channel"])), sheet.family)
    return _with(
        rows,
        shop=shop,
        order_id=_filled(rows["order_id"]),
        market=_or(_filled(rows["market"]), "unspecified"),
        grain=_or(rows["grain"], "line"),
        status=_or(rows["status"], "sold"),
    )


def conformed(rows: pa.Table, kind: str) -> pa.Table:
    """Return ``rows`` with every column of the canonical table, absent ones empty, typed."""
    fields = {"row_no": pa.int32()}
    for column in TABLES[kind].columns:
        fields[column.name] = _TYPES.get(column.kind, pa.string())
        if column.kind is Kind.SKU:
            fields[f"{column.name}_key"] = pa.string()
    if kind == "sales":
        fields |= {"grain": pa.string(), "status": pa.string()}
    names = set(rows.column_names)
    return pa.table(
        {
            name: rows[name].cast(dtype) if name in names else pa.nulls(rows.num_rows, dtype)
            for name, dtype in fields.items()
        }
    )


def shown_rows(rows: pa.Table) -> Callable[[int], int]:
    """Return a function from a line's number in the tables to its row in the file."""
    if _is_numbered(rows):
        return int
    shown: list[int] = rows["row_no"].to_pylist()
    return shown.__getitem__


def issues_table(issues: pd.DataFrame) -> pa.Table:
    """Return rejected rows as Arrow, everything but the row number as text."""
    frame = issues.reindex(columns=list(REJECT_COLUMNS))
    arrays = {"row": pa.array(frame["row"].astype("int64"))}
    for name in REJECT_COLUMNS[1:]:
        arrays[name] = pa.array(
            [None if pd.isna(cell) else str(cell) for cell in frame[name]], pa.string()
        )
    return pa.table(arrays)


def _is_numbered(rows: pa.Table) -> bool:
    numbers = rows["row_no"].to_numpy()
    return bool((np.diff(numbers) > 0).all()) or len(np.unique(numbers)) == len(numbers)


def _numbered(rows: pa.Table) -> pa.Table:
    if _is_numbered(rows):
        return rows
    return _with(rows, row_no=pa.chunked_array([pa.array(np.arange(rows.num_rows), pa.int32())]))


def _filled(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return texts without blanks around them; what is blank is missing."""
    if texts.null_count == len(texts):
        return texts
    trimmed = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _or(texts: pa.ChunkedArray, otherwise: str) -> pa.ChunkedArray:
    return texts.fill_null(otherwise) if texts.null_count else texts


def _with(rows: pa.Table, **columns: pa.ChunkedArray) -> pa.Table:
    for name, values in columns.items():
        rows = rows.set_column(rows.schema.get_field_index(name), name, values)
    return rows
