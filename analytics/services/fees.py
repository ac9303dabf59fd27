"""What is taken of a sale: shop, fulfilment, advertising, returns and duty, by market and date."""

from collections.abc import Iterable
from datetime import date
from types import MappingProxyType

import numpy as np
import pandas as pd

from analytics.errors import AmbiguousNameError, NotADateError
from analytics.policy import Limits
from analytics.services import assumptions, journal, typed
from analytics.services.assumptions import Assumptions
from analytics.store import Store

PARTS = ("referral_pct", "fulfilment_fee", "advertising_pct", "return_pct", "duty_pct")
COLUMNS = ("market", "starts_on", *PARTS, "currency")
LIMITS = MappingProxyType(
    {
        "referral_pct": Limits(0.0, 100.0),
        "fulfilment_fee": Limits(0.0, 1e6),
        "advertising_pct": Limits(0.0, 100.0),
        "return_pct": Limits(0.0, 100.0),
        "duty_pct": Limits(0.0, 500.0),
    }
)


def table(store: Store) -> pd.DataFrame:
    """Return the table of fees.

    Returns
    -------
    DataFrame
        ``market`` (empty = every), ``starts_on`` (the first day on which they hold),
        ``referral_pct``, ``fulfilment_fee`` (per unit, in ``currency``), ``advertising_pct``,
        ``return_pct`` (of the price), ``duty_pct`` (of the unit cost; NaN = not said), ``currency``
        (empty = the base currency); by market and day.
    """
    rows = [
        {**entry.body, "market": market, "starts_on": day}
        for entry, (market, day) in assumptions.keyed(store, "fees", 2)
        if isinstance(entry.body, dict)
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    numbers = {name: pd.to_numeric(frame[name], errors="coerce") for name in PARTS}
    days = pd.to_datetime(frame["starts_on"], errors="coerce").astype("datetime64[us]")
    texts = {name: frame[name].astype(object).fillna("") for name in ("market", "currency")}
    frame = frame.assign(**numbers, **texts, starts_on=days).astype(dict.fromkeys(PARTS, "float64"))
    return frame.sort_values(["market", "starts_on"], ignore_index=True, kind="stable")


def save(store: Store, seen: pd.DataFrame, wanted: pd.DataFrame, *, who: str = "") -> None:
    """Let ``wanted`` hold where it differs from ``seen``; blank lines are left out.

    What somebody else changed meanwhile, and this table does not touch, stays.

    Raises
    ------
    NotADateError
        A line has no day from which it holds.
    OutOfBoundsError
        A fee lies outside its limits.
    UnknownFieldError
        A currency is no code of three letters.
    UnknownMarketError
        A market is neither planned for nor a country.
    AmbiguousNameError
        Two lines speak of the same market and day.
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    before, after = check(store, seen), check(store, wanted)
    changed = {name: body for name, body in after.items() if before.get(name) != body}
    gone = [name for name in before if name not in after]
    journal.note(
        store,
        assumptions.KIND,
        {assumptions.scope(name): body for name, body in changed.items()},
        who=who,
    )
    assumptions.forget(store, gone, who=who)


def check(store: Store, wanted: pd.DataFrame) -> dict[str, dict[str, object]]:
    """Return the lines of a table as the journal holds them; errors are those of `save`."""
    known = set(store.items()["market"].astype(str))
    lines: dict[str, dict[str, object]] = {}
    for row in wanted.to_dict("records"):
        if all(typed.is_blank(row[name]) for name in COLUMNS):
            continue
        market = typed.market(row["market"], known) if typed.text(row["market"]) else ""
        name = f"fees:{market}:{_day(row['starts_on'])}"
        if name in lines:
            raise AmbiguousNameError(value=f"{market} {_day(row['starts_on'])}".strip())
        currency = typed.currency(row["currency"])
        numbers = {
            part: typed.number(part, row[part], LIMITS[part])
            for part in PARTS
            if not typed.is_blank(row[part])
        }
        lines[name] = {**numbers, "currency": currency}
    return lines


def _day(value: object) -> str:
    day = pd.to_datetime(value, errors="coerce")  # type: ignore[call-overload]
    if pd.isna(day):
        raise NotADateError(name="starts_on", value="–" if typed.is_blank(value) else str(value))
    return f"{day:%Y-%m-%d}"


def of(
    store: Store, markets: Iterable[str], as_of: date, known: Assumptions | None = None
) -> pd.DataFrame:
    """Return the fees that hold in each of ``markets`` on a day, and whose word they are.

    Parameters
    ----------
    store : Store
        The workspace.
    markets : iterable of str
    as_of : date
        The latest line that holds by then counts.
    known : Assumptions, optional
        `assumptions.of`, where the table says nothing; read if it is not given.

    Returns
    -------
    DataFrame
        One row per market, indexed by it: `PARTS`, ``currency`` (of the fulfilment fee; empty = the
        base currency), and ``<part>_source``: ``setting`` or ``default``.

    Notes
    -----
    Part by part: the market's own latest line that says it, else the latest one for every market,
    else the assumption for all.
    """
    known = known or assumptions.of(store)
    settled = assumptions.settled(store)
    lines = table(store)
    lines = lines.loc[lines["starts_on"] <= pd.Timestamp(as_of)]
    names = list(dict.fromkeys(markets))
    rows = [_row(lines, market, known, settled) for market in names]
    columns = [*PARTS, "currency", *(f"{part}_source" for part in PARTS)]
    return pd.DataFrame(rows, columns=columns, index=pd.Index(names, name="market"))


def _row(
    lines: pd.DataFrame, market: str, known: Assumptions, settled: frozenset[str]
) -> dict[str, object]:
    row: dict[str, object] = {"currency": ""}
    for part in PARTS:
        said = lines.loc[lines[part].notna()]
        own = said.loc[said["market"] == market]
        used = own if len(own) else said.loc[said["market"] == ""]
        if len(used):
            row |= {part: float(used[part].iloc[-1]), f"{part}_source": "setting"}
            if part == "fulfilment_fee":
                row["currency"] = used["currency"].iloc[-1]
        else:
            source = "setting" if part in settled else "default"
            row |= {part: np.float64(getattr(known, part)), f"{part}_source": source}
    return row
