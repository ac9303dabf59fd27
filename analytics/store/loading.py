"""Loading sheets: append, tell new from known, settle what stands."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from analytics.progress import Progress
from analytics.schema import TABLES, Kind
from analytics.store import sql_files

REJECT_COLUMNS = ("row", "column", "value", "code", "facts")
_TYPES = {
    Kind.NUMBER: pa.float64(),
    Kind.INTEGER: pa.float64(),
    Kind.DATE: pa.date32(),
}


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
        An earlier import of the same bytes, read the same way: then nothing was written.
    rejects : DataFrame
        The rejected rows: ``row``, ``column``, ``value``, ``code``, ``facts`` (JSON).
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


def load(
    cursor: duckdb.DuckDBPyConnection, sheets: Sequence[SheetLoad], progress: Progress
) -> list[SheetAccount]:
    """Append ``sheets`` in their order within the caller's transaction; return their accounts."""
    accounts = []
    for done, sheet in enumerate(sheets):
        progress(done, len(sheets) + 1, sheet.file)
        accounts.append(_load_one(cursor, sheet))
    return accounts


def rebuild(cursor: duckdb.DuckDBPyConnection) -> None:
    """Settle anew what stands, from the lines of all imports that were not taken back."""
    cursor.execute(sql_files.step("rebuild_sales"))
    pairs = cursor.execute(sql_files.step("reversals")).fetchall()
    reversed_lines = _paired(pairs)
    if reversed_lines:
        ids, rows = zip(*reversed_lines, strict=True)
        columns = {"import_id": pa.array(ids, pa.int32()), "row_no": pa.array(rows, pa.int32())}
        _with_incoming(cursor, pa.table(columns), "mark_reversed", {})
    cursor.execute(sql_files.step("rebuild_skus"))


def _paired(pairs: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int]]:
    """Return the sales that are taken back: each reversal takes one, each sale goes once.

    >>> _paired([(2, 1, 1, 7), (2, 1, 1, 5), (2, 2, 1, 7), (2, 2, 1, 5)])
    [(1, 7), (1, 5)]
    """
    spent: set[tuple[int, int]] = set()
    taken: dict[tuple[int, int], None] = {}
    for by_import, by_row, import_id, row in pairs:
        if (by_import, by_row) not in spent and (import_id, row) not in taken:
            spent.add((by_import, by_row))
            taken[import_id, row] = None
    return list(taken)


def _load_one(cursor: duckdb.DuckDBPyConnection, sheet: SheetLoad) -> SheetAccount:
    same_as = _same_import(cursor, sheet)
    if same_as is not None:
        return _nothing_new(sheet, same_as)
    (import_id,) = _one(cursor, "next_import", {})
    _open_record(cursor, sheet, import_id)
    if len(sheet.issues):
        _with_incoming(cursor, _issues(sheet.issues), "insert_rejects", {"import_id": import_id})
    _insert(cursor, sheet, import_id)
    counts = _account(cursor, sheet, import_id)
    rejected = len(sheet.issues) + counts.pop("rows_rejected", 0)
    covers = (counts.pop("covers_from", None), counts.pop("covers_to", None))
    if sheet.kind != "sales":
        covers = _span(sheet)
    record = {**counts, "rows_rejected": rejected, "covers_from": covers[0], "covers_to": covers[1]}
    cursor.execute(sql_files.step("account_import"), {"import_id": import_id, **record})
    if sheet.kind == "sales" and covers[0] is not None:
        days = {"covers_from": covers[0], "covers_to": covers[1]}
        cursor.execute(sql_files.step("insert_covers"), {"import_id": import_id, **days})
    rejects = cursor.execute(sql_files.question("rejects"), {"import_id": import_id}).df()
    return _entry(sheet, import_id, record, rejects[list(REJECT_COLUMNS)])


def _same_import(cursor: duckdb.DuckDBPyConnection, sheet: SheetLoad) -> int | None:
    found = cursor.execute(
        sql_files.step("same_import"),
        {
            "sha256": sheet.sha256,
            "kind": sheet.kind,
            "mapping": _mapping_text(sheet),
        },
    ).fetchone()
    return None if found is None else int(found[0])


def _mapping_text(sheet: SheetLoad) -> str:
    read = {"place": sheet.place, "shop": sheet.shop, "family": sheet.family}
    mapping = {**sheet.mapping, **read}
    return json.dumps(mapping, sort_keys=True, ensure_ascii=False, default=str)


def _nothing_new(sheet: SheetLoad, same_as: int) -> SheetAccount:
    record: dict[str, Any] = {
        "rows_new": 0,
        "rows_updated": 0,
        "rows_identical": sheet.rows.num_rows,
        "rows_rejected": len(sheet.issues),
        "covers_from": None,
        "covers_to": None,
    }
    rejects = sheet.issues.reindex(columns=list(REJECT_COLUMNS)).reset_index(drop=True)
    return _entry(sheet, same_as, record, rejects, same_as=same_as)


def _entry(
    sheet: SheetLoad,
    import_id: int,
    record: Mapping[str, Any],
    rejects: pd.DataFrame,
    *,
    same_as: int | None = None,
) -> SheetAccount:
    return SheetAccount(
        import_id=import_id,
        file=sheet.file,
        sheet=sheet.sheet,
        kind=sheet.kind,
        columns=_columns_found(sheet),
        rows_read=sheet.rows_read,
        rows_ignored=sheet.rows_ignored,
        same_as=same_as,
        rejects=rejects,
        **record,
    )


def _columns_found(sheet: SheetLoad) -> tuple[str, ...]:
    """Return the canonical columns that were mapped, or else hold anything, in table order."""
    mapped = sheet.mapping.get("columns")
    if isinstance(mapped, Mapping):
        return tuple(column.name for column in TABLES[sheet.kind].columns if column.name in mapped)
    names = set(sheet.rows.column_names)
    return tuple(
        column.name
        for column in TABLES[sheet.kind].columns
        if column.name in names and sheet.rows[column.name].null_count < sheet.rows.num_rows
    )


def _open_record(cursor: duckdb.DuckDBPyConnection, sheet: SheetLoad, import_id: int) -> None:
    cursor.execute(
        sql_files.step("insert_import"),
        {
            "import_id": import_id,
            "file": sheet.file,
            "sheet": sheet.sheet,
            "sha256": sheet.sha256,
            "kind": sheet.kind,
            "family": sheet.family,
            "shop": sheet.shop,
            "mapping": _mapping_text(sheet),
            "who": sheet.who,
            "rows_read": sheet.rows_read,
            "rows_ignored": sheet.rows_ignored,
        },
    )


def _insert(cursor: duckdb.DuckDBPyConnection, sheet: SheetLoad, import_id: int) -> None:
    facts: dict[str, object] = {"import_id": import_id}
    if sheet.kind == "sales":
        facts |= {"shop": sheet.shop, "family": sheet.family}
    _with_incoming(cursor, conformed(sheet.rows, sheet.kind), f"insert_{sheet.kind}", facts)


def _account(cursor: duckdb.DuckDBPyConnection, sheet: SheetLoad, import_id: int) -> dict[str, Any]:
    if sheet.kind == "sales":
        cursor.execute(sql_files.step("held_sales"), {"import_id": import_id})
        cursor.execute(sql_files.step("reject_sales"), {"import_id": import_id})
        return _named(cursor, "account_sales", {"import_id": import_id})
    if sheet.kind == "products":
        return _named(cursor, "account_products", {"import_id": import_id})
    return _named(cursor, "account_keyed", {"import_id": import_id, "kind": sheet.kind})


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


def _issues(issues: pd.DataFrame) -> pa.Table:
    """Return rejected rows as Arrow, everything but the row number as text."""
    frame = issues.reindex(columns=list(REJECT_COLUMNS))
    arrays = {"row": pa.array(frame["row"].astype("int64"))}
    for name in REJECT_COLUMNS[1:]:
        arrays[name] = pa.array(
            [None if pd.isna(cell) else str(cell) for cell in frame[name]], pa.string()
        )
    return pa.table(arrays)


_DAYS = {
    "stock": ("date", "date"),
    "purchase_orders": ("ordered_on", "ordered_on"),
    "events": ("starts_on", "ends_on"),
    "rates": ("date", "date"),
}


def _span(sheet: SheetLoad) -> tuple[date | None, date | None]:
    names = _DAYS.get(sheet.kind)
    if names is None or not set(names) <= set(sheet.rows.column_names):
        return None, None
    first = sheet.rows[names[0]].to_pandas().dropna()
    last = sheet.rows[names[1]].to_pandas().dropna()
    return (first.min(), last.max()) if len(first) and len(last) else (None, None)


def _with_incoming(
    cursor: duckdb.DuckDBPyConnection, rows: pa.Table, step: str, facts: Mapping[str, object]
) -> None:
    """Run a step that reads ``incoming``: Arrow memory, never a file."""
    cursor.register("incoming", rows)
    try:
        cursor.execute(sql_files.step(step), dict(facts) or None)
    finally:
        cursor.unregister("incoming")


def _one(
    cursor: duckdb.DuckDBPyConnection, step: str, facts: Mapping[str, object]
) -> tuple[Any, ...]:
    row = cursor.execute(sql_files.step(step), dict(facts) or None).fetchone()
    return row if row is not None else ()


def _named(
    cursor: duckdb.DuckDBPyConnection, step: str, facts: Mapping[str, object]
) -> dict[str, Any]:
    cursor.execute(sql_files.step(step), dict(facts))
    names = [column[0] for column in cursor.description or ()]
    row = cursor.fetchone() or ()
    return dict(zip(names, row, strict=True))
