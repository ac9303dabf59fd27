"""Loading sheets: append, tell new from known, let stand what is newest."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics.progress import Progress
from analytics.schema import TABLES
from analytics.store import kinship, sales_loading, settling, sql_files
from analytics.store.cursors import lent, named, one
from analytics.store.shaping import issues_table, shaped
from analytics.store.sheets import REJECT_COLUMNS, Remark, SheetAccount, SheetLoad

_DAYS = {
    "stock": ("date", "date"),
    "purchase_orders": ("ordered_on", "ordered_on"),
    "events": ("starts_on", "ends_on"),
    "rates": ("date", "date"),
}


def load(
    cursor: duckdb.DuckDBPyConnection,
    sheets: Sequence[SheetLoad],
    progress: Progress,
    *,
    only_account: bool = False,
) -> list[SheetAccount]:
    """Append ``sheets`` in their order within the caller's transaction; return their accounts.

    Sales stand by the time this returns; what is derived from them is settled by the caller. With
    ``only_account`` the caller takes everything back, so what no later sheet asks for is not
    written.
    """
    accounts = []
    for done, sheet in enumerate(sheets):
        progress(done, len(sheets) + 1, sheet.file)
        is_asked_for = not only_account or any(s.kind == sheet.kind for s in sheets[done + 1 :])
        accounts.append(_load_one(cursor, sheet, is_kept=is_asked_for))
    return accounts


def _load_one(
    cursor: duckdb.DuckDBPyConnection, sheet: SheetLoad, *, is_kept: bool
) -> SheetAccount:
    same_as = _same_import(cursor, sheet)
    if same_as is not None:
        return _nothing_new(sheet, same_as)
    (import_id,) = one(cursor, "next_import", {})
    _open_record(cursor, sheet, import_id)
    with lent(cursor, "incoming", shaped(sheet)):
        if sheet.kind == "sales":
            record = sales_loading.load(cursor, sheet, import_id, is_kept=is_kept)
        else:
            record = _load_keyed(cursor, sheet, import_id)
    rejects = _rejects(sheet, record.pop("no_products", ()))
    record["rows_rejected"] = len(rejects)
    _close_record(cursor, import_id, record, rejects)
    return _entry(sheet, import_id, record, rejects)


def _load_keyed(
    cursor: duckdb.DuckDBPyConnection, sheet: SheetLoad, import_id: int
) -> dict[str, Any]:
    cursor.execute(sql_files.step(f"insert_{sheet.kind}"), {"import_id": import_id})
    if sheet.kind == "products":
        counts = named(cursor, "account_products", {"import_id": import_id})
    else:
        facts = {"import_id": import_id, "kind": sheet.kind}
        counts = named(cursor, "account_keyed", facts)
    first, last = _span(sheet)
    return {**counts, "covers_from": first, "covers_to": last, "remarks": _circles(cursor, sheet)}


def _circles(cursor: duckdb.DuckDBPyConnection, sheet: SheetLoad) -> tuple[Remark, ...]:
    """Return what is to be said of aliases and bundles that lead nowhere."""
    if sheet.kind not in ("aliases", "bundles"):
        return ()
    aliases, bundles = settling.stated(cursor)
    if sheet.kind == "aliases":
        odd = kinship.circular(aliases)
    else:
        held = kinship.bundles_of(bundles, kinship.followed(aliases))
        odd = sorted(held.keys() - kinship.taken_apart(held).keys())
    if not odd:
        return ()
    return ((f"{sheet.kind}_in_circles", {"count": len(odd), "example": odd[0]}),)


def _same_import(cursor: duckdb.DuckDBPyConnection, sheet: SheetLoad) -> int | None:
    """Return the import that already holds these bytes, unless others replaced some of it since."""
    facts = {"sha256": sheet.sha256, "kind": sheet.kind, "mapping": _mapping_text(sheet)}
    found = one(cursor, "same_import", facts)
    return int(found[0]) if found and _stands(cursor, sheet.kind, found[0]) else None


def _stands(cursor: duckdb.DuckDBPyConnection, kind: str, import_id: int) -> bool:
    facts: dict[str, object] = {"import_id": import_id}
    step = f"stands_{kind}" if kind in ("sales", "products") else "stands_keyed"
    if step == "stands_keyed":
        facts["kind"] = kind
    return bool(one(cursor, step, facts)[0])


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
    return _entry(sheet, same_as, record, _rejects(sheet, ()), same_as=same_as)


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
            "adds": sheet.existing == "add",
        },
    )


def _close_record(
    cursor: duckdb.DuckDBPyConnection,
    import_id: int,
    record: Mapping[str, Any],
    rejects: pd.DataFrame,
) -> None:
    names = (
        "rows_new",
        "rows_updated",
        "rows_identical",
        "rows_rejected",
        "covers_from",
        "covers_to",
    )
    facts = {name: record[name] for name in names}
    cursor.execute(sql_files.step("account_import"), {"import_id": import_id, **facts})
    if len(rejects):
        with lent(cursor, "refused", issues_table(rejects)):
            cursor.execute(sql_files.step("insert_rejects"), {"import_id": import_id})


def _rejects(sheet: SheetLoad, no_products: Sequence[tuple[int, str]]) -> pd.DataFrame:
    """Return the rows that ingest could not use and those that are no product, by row."""
    issues = sheet.issues.reindex(columns=list(REJECT_COLUMNS))
    if not no_products:
        return issues.sort_values("row", ignore_index=True, kind="stable")
    odd = pd.DataFrame(
        {
            "row": [row for row, _ in no_products],
            "column": "sku",
            "value": [sku for _, sku in no_products],
            "code": "issue.not_product",
            "facts": [_facts(sku) for _, sku in no_products],
        }
    )
    parts = [part for part in (issues, odd) if len(part)]
    return pd.concat(parts).sort_values("row", ignore_index=True, kind="stable")


def _facts(sku: str) -> str:
    return json.dumps({"value": sku, "header": "sku"}, ensure_ascii=False)


def _span(sheet: SheetLoad) -> tuple[date | None, date | None]:
    names = _DAYS.get(sheet.kind)
    if names is None or not set(names) <= set(sheet.rows.column_names):
        return None, None
    first, last = (_dates(sheet.rows[name]) for name in names)
    return pc.min(first).as_py(), pc.max(last).as_py()


def _dates(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.date32())
