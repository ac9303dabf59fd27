"""Which dates count? Built-in events switched and judged, and the seller's own."""

import hashlib
import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics import calendars, ingest
from analytics.errors import NotASkuError, OutOfBoundsError
from analytics.policy import Limits
from analytics.schema import TABLES
from analytics.services import journal, judgements, naming, standing, typed
from analytics.store import SheetLoad, Store

COLUMNS = ("code", "market", "side", "starts_on", "ends_on", "estimated", "counts", "uplift_pct")
_TYPED = "typed"  # the family of what was written on a page
_DELAY = Limits(0.0, 180.0)
_UPLIFT = Limits(*judgements.UPLIFTS)


@dataclass(frozen=True, slots=True)
class Event:
    """Something dated that moves demand or supply.

    Attributes
    ----------
    name : str
    starts_on, ends_on : date
        Both included.
    market : str
        Empty = every market.
    sku : str
        Empty = every item.
    uplift_pct : float or None
        What it does to demand; None = to be estimated, or nothing where there is a delay.
    delay_days : float or None
        By how much shipments are late.
    """

    name: str
    starts_on: date
    ends_on: date
    market: str = ""
    sku: str = ""
    uplift_pct: float | None = None
    delay_days: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises
        ------
        NotASkuError
            It has no name.
        OutOfBoundsError
            It ends before it begins, or uplift or delay lie outside their limits.
        """
        if not self.name.strip():
            raise NotASkuError(value=f"{self.starts_on}")
        if self.ends_on < self.starts_on:
            raise OutOfBoundsError(
                name="ends_on", value=self.ends_on, low=self.starts_on, high=date.max
            )
        if self.uplift_pct is not None:
            typed.number("demand_uplift_pct", self.uplift_pct, _UPLIFT)
        if self.delay_days is not None:
            typed.number("delay_days", self.delay_days, _DELAY)


def builtin(store: Store) -> pd.DataFrame:
    """Return the built-in events of the markets that are planned for, each at its next date.

    Returns
    -------
    DataFrame
        One row per event and market: ``code``, ``market`` (a country; empty = every), ``side``,
        ``starts_on``, ``ends_on`` (of the first one that is not over on the last day of the sales,
        else of the last one known), ``estimated``, ``counts``, ``uplift_pct`` (as somebody said;
        NaN = estimated); demand before supply, in order of time.
    """
    every, edits = calendars.builtin(), judgements.event_edits(store)
    every = every.loc[every["market"].isin(_countries(store))]
    coverage = store.coverage()
    day = pd.Timestamp.min if coverage.empty else coverage["ends_on"].max()
    ahead = every["ends_on"] >= day
    dates = pd.concat([every.loc[ahead], every.loc[~ahead].iloc[::-1]])
    found = dates.drop_duplicates(["code", "market"])
    said = [edits.get((code, market), edits.get((code, ""), np.nan))
            for code, market in zip(found["code"], found["market"], strict=True)]  # fmt: skip
    found = found.assign(
        counts=[word is not None for word in said],
        uplift_pct=pd.array([np.nan if word is None else word for word in said], dtype="float64"),
    )
    order = ["side", "starts_on", "code", "market"]
    found = found.sort_values(order, kind="stable", ignore_index=True)
    return found[list(COLUMNS)].astype({"uplift_pct": "float64", "counts": "bool"})


def _countries(store: Store) -> set[str]:
    """Return the markets that are planned for, the countries pooled into them, and every one."""
    markets = set(store.items()["market"].astype(str))
    named = store.named("markets")
    return markets | set(named.loc[named["market"].isin(markets), "country"]) | {""}


def save(store: Store, seen: pd.DataFrame, wanted: pd.DataFrame, *, who: str = "") -> None:
    """Let ``wanted`` hold where it differs from ``seen``: the same rows of `builtin`.

    Raises
    ------
    OutOfBoundsError
        An uplift lies outside `judgements.UPLIFTS`; nothing is changed then.
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    said = changes(seen, wanted)
    edits = {name: word for name, word in said.items() if word is None or not math.isnan(word)}
    if edits:
        judgements.events(store, edits, who=who)
    stands = standing.events(store)
    rest = [
        int(row["judgement_id"])
        for row in stands.to_dict("records")
        if (row["code"], row["market"]) in said.keys() - edits.keys()
    ]
    journal.take_back(store, rest, who=who)


def changes(seen: pd.DataFrame, wanted: pd.DataFrame) -> dict[tuple[str, str], float | None]:
    """Return what was changed, by code and market: an uplift (%), None = off, NaN = as estimated.

    Raises
    ------
    OutOfBoundsError
        An uplift lies outside its limits.
    """
    pairs = zip(seen.to_dict("records"), wanted.to_dict("records"), strict=True)
    words = {(str(old["code"]), str(old["market"])): (_word(old), _word(new)) for old, new in pairs}
    return {name: new for name, (old, new) in words.items() if repr(old) != repr(new)}  # NaN is NaN


def _word(row: Mapping[Hashable, Any]) -> float | None:
    if not row["counts"]:
        return None
    value = row["uplift_pct"]
    return math.nan if typed.is_blank(value) else typed.number("uplift_pct", value, _UPLIFT)


def markets(store: Store) -> list[str]:
    """Return the markets that are planned for."""
    return sorted(set(store.items()["market"].astype(str)))


def own(store: Store) -> pd.DataFrame:
    """Return the seller's own events, the latest first, and where each is from.

    Returns
    -------
    DataFrame
        The columns of `Store.events`; of those that were typed here also ``import_id``, ``who``,
        ``imported_at`` (taking that import back takes the event alone), missing for the others.
    """
    imports = store.imports()
    typed_here = (imports["kind"] == "events") & (imports["family"] == _TYPED)
    imports = imports.loc[typed_here & imports["undone_at"].isna()].drop_duplicates("sheet")
    found = store.events()
    sheets = [
        _sheet_name(str(row["name"]), row["starts_on"].date(), typed.text(row["market"]))
        for row in found.to_dict("records")
    ]
    about = imports.set_index("sheet")[["import_id", "who", "imported_at"]].reindex(sheets)
    texts = ["market", "category", "sku"]
    found[texts] = found[texts].astype(object).where(found[texts].notna(), "")
    found = pd.concat([found, about.reset_index(drop=True)], axis="columns")
    return found.sort_values("starts_on", ascending=False, kind="stable", ignore_index=True)


def _sheet_name(name: str, starts_on: date, market: str) -> str:
    """Return what the import of a typed event is called in the history."""
    return " · ".join(part for part in (name, f"{starts_on}", market) if part)


def add(store: Store, event: Event, *, who: str = "") -> None:
    """Note an event of the seller's own, as an import that can be taken back.

    It replaces what was said of an event with the same name, first day and market.

    Raises
    ------
    UnknownMarketError
        The market is neither planned for nor a country.
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    market = event.market
    if market:
        market = typed.market(market, set(store.items()["market"].astype(str)))
    rows = pa.table(
        {
            "row_no": pa.array([1], pa.int32()),
            "name": [event.name.strip()],
            "starts_on": pa.array([event.starts_on], pa.date32()),
            "ends_on": pa.array([event.ends_on], pa.date32()),
            "market": [market],
            "sku": pa.array([event.sku or None], pa.string()),
            "sku_key": pa.array([ingest.sku_key(event.sku) if event.sku else None], pa.string()),
            "demand_uplift_pct": pa.array([event.uplift_pct], pa.float64()),
            "delay_days": pa.array([event.delay_days], pa.float64()),
        }
    )
    name = _sheet_name(event.name.strip(), event.starts_on, market)
    store.load([_sheet(rows, name, who)])


def _sheet(rows: pa.Table, name: str, who: str) -> SheetLoad:
    return SheetLoad(
        file=naming.FILE,
        sheet=name,
        sha256=hashlib.sha256(str(rows.to_pylist()).encode()).hexdigest(),
        kind="events",
        family=_TYPED,
        shop="",
        rows=rows,
        issues=pd.DataFrame(columns=["row", "column", "value", "code", "facts"]),
        rows_read=rows.num_rows,
        rows_ignored=0,
        mapping={
            "columns": {column.name: column.name for column in TABLES["events"].columns},
            "typed_at": datetime.now(UTC).isoformat(),  # the same words later are a new decision
        },
        who=who,
    )
