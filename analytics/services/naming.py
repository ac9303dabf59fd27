"""Which names mean the same? Aliases, bundles and pooled markets, edited as small tables.

Every change is an import of its own, so that it can be taken back like any other. What is removed
from a table is stated as standing for itself.
"""

import hashlib
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa

from analytics import ingest
from analytics.errors import (
    AmbiguousNameError,
    NotASkuError,
    NotPositiveError,
    UnknownMarketError,
)
from analytics.progress import Progress, silent
from analytics.schema import TABLES
from analytics.services import workspaces
from analytics.store import SheetAccount, SheetLoad, Store

KINDS = ("aliases", "bundles", "markets")
FILE = "Settings · 设置"

_KEY = {"aliases": "alias", "bundles": "bundle", "markets": "country"}


class Entry(NamedTuple):
    """One line of a table: what is named, what it stands for, and how many of it."""

    name: str
    means: str
    quantity: float = 1.0


def table(store: Store, kind: str) -> pd.DataFrame:
    """Return what holds now.

    Parameters
    ----------
    store : Store
        The workspace.
    kind : str
        ``aliases`` (alias, sku), ``bundles`` (bundle, sku, quantity) or ``markets`` (country,
        market).
    """
    return store.named(kind)


def check(wanted: pd.DataFrame, kind: str) -> None:
    """Refuse a table that `save` could not take.

    Raises
    ------
    NotASkuError, NotPositiveError, AmbiguousNameError, UnknownMarketError
        As `save` says.
    """
    _grouped(wanted, kind)


def save(
    store: Store,
    kind: str,
    seen: pd.DataFrame,
    wanted: pd.DataFrame,
    *,
    who: str = "",
    progress: Progress = silent,
) -> list[SheetAccount]:
    """Let ``wanted`` hold where it differs from ``seen``; blank lines are left out.

    What somebody else changed meanwhile, and this table does not touch, stays.

    Raises
    ------
    NotASkuError
        A line names only one of its two sides.
    NotPositiveError
        A bundle holds no positive number of a part.
    AmbiguousNameError
        One name stands for two things.
    UnknownMarketError
        A country is none that is known.
    """
    before = _grouped(seen, kind)
    after = _grouped(wanted, kind)
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if not changed:
        return []
    entries = [entry for name in changed for entry in after.get(name) or [_itself(before[name])]]
    rows = _rows(entries, kind)
    accounts = store.load([_sheet(rows, kind, who)], progress=progress)
    workspaces.follow(store, progress)
    return accounts


def _itself(stated: list[Entry]) -> Entry:
    return Entry(stated[0].name, stated[0].name)


def _grouped(frame: pd.DataFrame, kind: str) -> dict[str, list[Entry]]:
    """Return the lines of a table by what they name, compared as the workspace compares."""
    groups: dict[str, list[Entry]] = {}
    for row in frame.to_dict("records"):
        entry = _entry({str(name): value for name, value in row.items()}, kind)
        if entry is not None:
            groups.setdefault(_key(kind)(entry.name), []).append(entry)
    for entries in groups.values():
        if len({_key(kind)(entry.means) for entry in entries}) < len(entries) or (
            kind != "bundles" and len(entries) > 1
        ):
            raise AmbiguousNameError(value=entries[0].name)
    return groups


def _key(kind: str) -> Callable[[str], str]:
    return str.upper if kind == "markets" else ingest.sku_key


def _entry(row: Mapping[str, Any], kind: str) -> Entry | None:
    name, means = (_text(row[column]) for column in (_KEY[kind], _means(kind)))
    if not name and not means:
        return None
    if not name or not means:
        raise NotASkuError(value=name or means)
    if kind == "markets":
        code = ingest.market_of("sales", name)
        if code is None:
            raise UnknownMarketError(market=name)
        return Entry(code, means.upper() if len(means) <= 3 else means)
    quantity = float(row.get("quantity") or 0) if kind == "bundles" else 1.0
    if not 0 < quantity < math.inf:
        raise NotPositiveError(name="quantity", value=name)
    return Entry(name, means, quantity)


def _means(kind: str) -> str:
    return "market" if kind == "markets" else "sku"


def _text(value: object) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value).strip()  # noqa: PLR0124 - NaN


def _rows(entries: list[Entry], kind: str) -> pa.Table:
    columns: dict[str, object] = {
        "row_no": pa.array(range(1, len(entries) + 1), pa.int32()),
        _KEY[kind]: [entry.name for entry in entries],
        _means(kind): [entry.means for entry in entries],
    }
    if kind != "markets":
        columns[f"{_KEY[kind]}_key"] = [ingest.sku_key(entry.name) for entry in entries]
        columns["sku_key"] = [ingest.sku_key(entry.means) for entry in entries]
    if kind == "bundles":
        columns["quantity"] = [entry.quantity for entry in entries]
    return pa.table(columns)


def _sheet(rows: pa.Table, kind: str, who: str) -> SheetLoad:
    return SheetLoad(
        file=FILE,
        sheet=kind,
        sha256=hashlib.sha256(str(rows.to_pylist()).encode()).hexdigest(),
        kind=kind,
        family="typed",
        shop="",
        rows=rows,
        issues=pd.DataFrame(columns=["row", "column", "value", "code", "facts"]),
        rows_read=rows.num_rows,
        rows_ignored=0,
        mapping={
            "columns": {column.name: column.name for column in TABLES[kind].columns},
            "typed_at": datetime.now(UTC).isoformat(),  # the same words later are a new decision
        },
        who=who,
    )
