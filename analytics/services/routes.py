"""Ways from supplier to shelf: days of each stage and rates of freight, with changes by hand."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analytics.errors import AmbiguousNameError, NotASkuError
from analytics.inventory.history import route_codes
from analytics.policy import Limits
from analytics.schema import TABLES
from analytics.services import assumptions, journal, typed
from analytics.store import Store

KEY = ("market", "route")
NUMBERS = tuple(c.name for c in TABLES["routes"].columns if c.name not in (*KEY, "currency"))
COLUMNS = (*KEY, *NUMBERS, "currency")
_STAGE = Limits(0.0, 365.0)  # days
_RATE = Limits(0.0, 1e6)  # freight per kg or m3
GONE = "removed"  # of a route that stands in a file and is not to count


def table(store: Store) -> pd.DataFrame:
    """Return `Store.routes` with what was changed by hand on top; the same columns."""
    frame = store.routes()
    said = _said(store)
    if not said:
        return frame
    lines = {
        (str(row["market"]), str(row["route"])): {str(name): row[name] for name in COLUMNS}
        for row in frame.to_dict("records")
    }
    for (market, route), parts in said.items():
        if parts.get(GONE):
            lines.pop((market, route), None)
            continue
        blank = dict.fromkeys(COLUMNS) | {"market": market, "route": route}
        lines[market, route] = {**lines.get((market, route), blank), **parts}
    made = pd.DataFrame([*lines.values()], columns=list(COLUMNS))
    made = made.astype(dict.fromkeys(NUMBERS, "float64"))
    return made.sort_values([*KEY], ignore_index=True, kind="stable")[list(frame.columns)]


def _said(store: Store) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (market, route): {name: entry.body[name] for name in (*COLUMNS, GONE) if name in entry.body}
        for entry, (market, route) in assumptions.keyed(store, "route", 2)
        if isinstance(entry.body, dict)
    }


def save(store: Store, seen: pd.DataFrame, wanted: pd.DataFrame, *, who: str = "") -> None:
    """Let ``wanted`` hold where it differs from ``seen``, both as `table` gives them.

    An emptied cell is as the files say; a line that is gone no longer counts. What somebody else
    changed meanwhile, and this table does not touch, stays.

    Raises
    ------
    NotASkuError
        A line names a market without a route, or a route without a market.
    UnknownMarketError
        A market is neither planned for nor a country.
    AmbiguousNameError
        Two lines speak of the same market and route.
    OutOfBoundsError
        A stage takes less than no day or more than a year, or a rate of freight is below zero.
    UnknownFieldError
        A currency is no code of three letters.
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    before, after = check(store, seen), check(store, wanted)
    in_files = set(check(store, store.routes()))
    changes = {name: _parts(before.get(name, {}), line) for name, line in after.items()}
    changes |= {name: {GONE: True} for name in before if name not in after and name in in_files}
    said = {assumptions.scope(name): parts for name, parts in changes.items() if parts}
    journal.merge(store, assumptions.KIND, said, who=who)
    gone = [name for name in before if name not in after and name not in in_files]
    assumptions.forget(store, gone, who=who)


def _parts(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what differs; the first word on a line that was gone ends that."""
    parts = {name: value for name, value in after.items() if before.get(name) != value}
    parts |= dict.fromkeys(before.keys() - after.keys(), journal.UNSAID)
    return parts if before else {**parts, GONE: journal.UNSAID}


def check(store: Store, wanted: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return the lines of a table as the journal holds them; errors are those of `save`."""
    known = set(store.items()["market"].astype(str))
    lines: dict[str, dict[str, Any]] = {}
    codes = route_codes(wanted["route"].where(wanted["route"].notna(), " - "))
    for (_, row), code in zip(wanted.iterrows(), codes, strict=True):
        filled = {name: row[name] for name in COLUMNS if not typed.is_blank(row[name])}
        if not filled:
            continue
        if "market" not in filled or "route" not in filled:
            raise NotASkuError(value=str(filled.get("market", filled.get("route", "–"))))
        name = f"route:{typed.market(filled.pop('market'), known)}:{code}"
        filled.pop("route")
        if name in lines:
            raise AmbiguousNameError(value=name.removeprefix("route:").replace(":", " "))
        lines[name] = {part: _value(part, value) for part, value in filled.items()}
    return lines


def _value(name: str, value: object) -> object:
    if name == "currency":
        return typed.currency(value)
    return typed.number(name, value, _RATE if name.startswith("cost_") else _STAGE)
