"""What letting stock go, moving it or keeping it for long costs, by market and date."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from analytics import clearance
from analytics.errors import AmbiguousNameError, NotADateError
from analytics.policy import Limits
from analytics.services import assumptions, journal, typed
from analytics.store import Store

FEES, AGEING, ELASTICITY = "clearance_fees", "clearance_ageing", "clearance_elasticity"
PARTS = (
    "storage_fee_unit", "storage_fee_m3", "liquidation_fee", "recovery_pct", "scrap_fee",
    "transfer_cost", "transfer_days", "overseas_cost", "overseas_fee",
)  # fmt: skip
AMOUNTS = tuple(part for part in PARTS if part not in ("recovery_pct", "transfer_days"))
COLUMNS = ("market", "starts_on", *PARTS, "currency")
AGEING_PARTS = ("fee_m3", "fee_unit")
AGEING_COLUMNS = ("market", "starts_on", "over_days", *AGEING_PARTS, "currency")
SOURCES = ("setting", "default", "no_rate", "unknown")
_FEE = Limits(0.0, 1e6)
LIMITS: Mapping[str, Limits] = MappingProxyType(
    {
        **dict.fromkeys((*AMOUNTS, *AGEING_PARTS), _FEE),
        "recovery_pct": Limits(0.0, 100.0),
        "transfer_days": Limits(0.0, 180.0),
        "over_days": Limits(1.0, 730.0),
        "elasticity": Limits(0.0, 10.0),
    }
)
_HEADS = ("", "_source", "_since", "_currency")  # of the columns of a fee in force
_CUBIC_FEET = 35.3147  # of a m3
_SHARE = round(100 * clearance.RECOVERY, 6)
_EURO = ("DE", "FR", "IT", "ES")

# What a marketplace has published, in the words of its own tables; each is to be checked. In the US
# storage from January to September, and units of half a pound to a pound; in Europe below 500 g.
_PUBLISHED = (
    {"market": "", "starts_on": "2020-01-01", "recovery_pct": _SHARE, "transfer_days": 30.0},
    {"market": "US", "starts_on": "2022-01-18", "liquidation_fee": 0.30, "scrap_fee": 0.75},
    {"market": "US", "starts_on": "2023-02-01", "storage_fee_m3": round(0.87 * _CUBIC_FEET, 2)},
    *({"market": code, "starts_on": "2021-11-01", "liquidation_fee": 0.25} for code in _EURO),
)
_CURRENCIES = {"US": "USD", **dict.fromkeys(_EURO, "EUR")}
_AGED_SINCE = "2023-04-15"
_AGED = (
    (180, 0.50), (210, 1.00), (240, 1.50), (270, 3.80), (300, 4.00), (330, 4.20), (365, 6.90),
)  # fmt: skip
_LEAST = 0.15  # USD per unit above 365 days


@dataclass(frozen=True, slots=True)
class Terms:
    """What is settled of clearing stock; empty = the defaults.

    Attributes
    ----------
    fees : DataFrame
        `COLUMNS`: ``market`` (empty = every), ``starts_on`` (the first day on which they hold),
        per unit and 30 days ``storage_fee_unit``, per m3 and 30 days ``storage_fee_m3``, per unit
        ``liquidation_fee``, ``scrap_fee``, ``transfer_cost`` (to another market, with taking it
        out), ``overseas_cost`` (to a warehouse overseas and back), ``overseas_fee`` (per 30 days
        there), ``recovery_pct`` (of the price, paid by a liquidator), ``transfer_days``,
        ``currency`` (empty = the base currency). NaN = not said.
    ageing : DataFrame
        `AGEING_COLUMNS`: above ``over_days`` days, per charge on the 15th of a month, per m3
        ``fee_m3`` and at least ``fee_unit`` per unit.
    elasticity : mapping of str to float
        By category (empty = every): % more units per % less price.
    """

    fees: pd.DataFrame = field(default_factory=lambda: _blank(COLUMNS, PARTS))
    ageing: pd.DataFrame = field(
        default_factory=lambda: _blank(AGEING_COLUMNS, ("over_days", *AGEING_PARTS))
    )
    elasticity: Mapping[str, float] = field(default_factory=dict)


def _blank(columns: tuple[str, ...], numbers: tuple[str, ...]) -> pd.DataFrame:
    return _frame([], columns, numbers)


def _frame(
    rows: list[dict[str, Any]], columns: tuple[str, ...], numbers: tuple[str, ...]
) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(columns))
    known = {name: pd.to_numeric(frame[name], errors="coerce") for name in numbers}
    texts = {name: frame[name].astype(object).fillna("") for name in ("market", "currency")}
    days = pd.to_datetime(frame["starts_on"], errors="coerce").astype("datetime64[us]")
    frame = frame.assign(**known, **texts, starts_on=days).astype(dict.fromkeys(numbers, "float64"))
    order = [name for name in ("market", "starts_on", "over_days") if name in frame]
    return frame.sort_values(order, ignore_index=True, kind="stable")


@cache
def published() -> Terms:
    """Return the defaults, as marketplaces have published them; each is to be checked."""
    rows = [{**row, "currency": _CURRENCIES.get(str(row["market"]), "")} for row in _PUBLISHED]
    last = _AGED[-1][0]
    aged = [
        {"market": "US", "starts_on": _AGED_SINCE, "over_days": float(over), "currency": "USD",
         "fee_m3": round(fee * _CUBIC_FEET, 2), "fee_unit": _LEAST if over == last else np.nan}
        for over, fee in _AGED
    ]  # fmt: skip
    return Terms(
        fees=_frame(rows, COLUMNS, PARTS),
        ageing=_frame(aged, AGEING_COLUMNS, ("over_days", *AGEING_PARTS)),
    )


def settled(store: Store) -> Terms:
    """Return what somebody settled of clearing stock."""
    fees = [
        {**entry.body, "market": market, "starts_on": day}
        for entry, (market, day) in assumptions.keyed(store, FEES, 2)
        if isinstance(entry.body, dict)
    ]
    aged = [
        {**entry.body, "market": market, "starts_on": day, "over_days": over}
        for entry, (market, day, over) in assumptions.keyed(store, AGEING, 3)
        if isinstance(entry.body, dict)
    ]
    elasticity = {
        category: float(entry.body)
        for entry, (category,) in assumptions.keyed(store, ELASTICITY, 1)
        if isinstance(entry.body, int | float)
    }
    return Terms(
        fees=_frame(fees, COLUMNS, PARTS),
        ageing=_frame(aged, AGEING_COLUMNS, ("over_days", *AGEING_PARTS)),
        elasticity=elasticity,
    )


def save_fees(store: Store, seen: pd.DataFrame, wanted: pd.DataFrame, *, who: str = "") -> None:
    """Let the fees ``wanted`` hold where they differ from ``seen``; blank lines are left out.

    What somebody else changed meanwhile, and this table does not touch, stays.

    Raises
    ------
    NotADateError
        A line has no day from which it holds.
    OutOfBoundsError
        A number lies outside its limits.
    UnknownFieldError
        A currency is no code of three letters.
    UnknownMarketError
        A market is neither planned for nor a country.
    AmbiguousNameError
        Two lines speak of the same market and day.
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    _save(store, check_fees(store, seen), check_fees(store, wanted), who)


def with_one(
    present: pd.DataFrame, market: str, day: date, said: Mapping[str, float | None]
) -> pd.DataFrame:
    """Return a table of fees in which some parts are said of a market from a day on.

    Amounts are in the currency of that line, which is the base currency where it is new.
    """
    first = pd.Timestamp(day)
    own = present.loc[(present["market"] == market) & (present["starts_on"] == first)]
    line: dict[Hashable, Any] = (
        own.iloc[0].to_dict()
        if len(own)
        else {**dict.fromkeys(COLUMNS), "market": market, "starts_on": first, "currency": ""}
    )
    rows = [*present.drop(index=own.index).to_dict("records"), {**line, **said}]
    return _frame([{str(name): cell for name, cell in row.items()} for row in rows], COLUMNS, PARTS)


def save_ageing(store: Store, seen: pd.DataFrame, wanted: pd.DataFrame, *, who: str = "") -> None:
    """Let the steps ``wanted`` hold where they differ from ``seen``; errors as of `save_fees`."""
    _save(store, check_ageing(store, seen), check_ageing(store, wanted), who)


def save_elasticity(store: Store, said: Mapping[str, float | None], *, who: str = "") -> None:
    """Settle elasticities by category; None = as learnt, or assumed, again.

    Raises
    ------
    OutOfBoundsError
        One lies outside 0 to 10.
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    kept = check_elasticity(said)
    entries = {assumptions.scope(name): body for name, body in kept.items()}
    journal.note(store, assumptions.KIND, entries, who=who)
    gone = [f"{ELASTICITY}:{category}" for category, value in said.items() if value is None]
    assumptions.forget(store, gone, who=who)


def _save(
    store: Store,
    before: dict[str, dict[str, object]],
    after: dict[str, dict[str, object]],
    who: str,
) -> None:
    changed = {name: body for name, body in after.items() if before.get(name) != body}
    entries = {assumptions.scope(name): body for name, body in changed.items()}
    journal.note(store, assumptions.KIND, entries, who=who)
    assumptions.forget(store, [name for name in before if name not in after], who=who)


def check_fees(store: Store, wanted: pd.DataFrame) -> dict[str, dict[str, object]]:
    """Return the lines of a table as the journal holds them; errors are those of `save_fees`."""
    return _lines(store, wanted, FEES, PARTS, COLUMNS)


def check_ageing(store: Store, wanted: pd.DataFrame) -> dict[str, dict[str, object]]:
    """Return the lines of a table as the journal holds them; errors are those of `save_fees`."""
    return _lines(store, wanted, AGEING, AGEING_PARTS, AGEING_COLUMNS)


def check_elasticity(said: Mapping[str, float | None]) -> dict[str, float]:
    """Return the elasticities that are said, by the name that the journal knows them by."""
    limits = LIMITS["elasticity"]
    return {
        f"{ELASTICITY}:{category}": typed.number("elasticity", value, limits)
        for category, value in said.items()
        if value is not None
    }


def _lines(
    store: Store, wanted: pd.DataFrame, head: str, parts: tuple[str, ...], columns: tuple[str, ...]
) -> dict[str, dict[str, object]]:
    known = set(store.items()["market"].astype(str))
    lines: dict[str, dict[str, object]] = {}
    for row in wanted.to_dict("records"):
        if all(typed.is_blank(row[name]) for name in columns):
            continue
        key = [typed.market(row["market"], known) if typed.text(row["market"]) else ""]
        key.append(_day(row["starts_on"]))
        if "over_days" in columns:
            key.append(f"{typed.number('over_days', row['over_days'], LIMITS['over_days']):g}")
        name = ":".join((head, *key))
        if name in lines:
            raise AmbiguousNameError(value=" ".join(key).strip())
        numbers = {
            part: typed.number(part, row[part], LIMITS[part])
            for part in parts
            if not typed.is_blank(row[part])
        }
        lines[name] = {**numbers, "currency": typed.currency(row["currency"])}
    return lines


def _day(value: object) -> str:
    day = pd.to_datetime(value, errors="coerce")  # type: ignore[call-overload]
    if pd.isna(day):
        raise NotADateError(name="starts_on", value="–" if typed.is_blank(value) else str(value))
    return f"{day:%Y-%m-%d}"


def in_force(
    terms: Terms, markets: Iterable[str], as_of: date, rates: Mapping[str, float]
) -> pd.DataFrame:
    """Return the fees that hold in each market on a day, and whose word they are.

    Parameters
    ----------
    terms : Terms
        What is settled.
    markets : iterable of str
    as_of : date
        Of each part the latest line that holds by then counts.
    rates : mapping of str to float
        Units of the base currency per unit of each currency.

    Returns
    -------
    DataFrame
        Indexed by market: `PARTS` (amounts in the base currency; NaN = not known), and
        ``<part>_source``, one of `SOURCES` (``no_rate``: said in a currency without a rate), and
        ``<part>_since``, the first day on which it holds, and ``<part>_currency``, in which it was
        said (empty = the base currency).

    Notes
    -----
    Part by part: the market's own line, else the one for every market, else the market's published
    default, else the default for every market.
    """
    told = ((terms.fees, "setting"), (published().fees, "default"))
    every = [(_until(lines, as_of), source) for lines, source in told]
    names = list(dict.fromkeys(markets))
    rows = []
    for market in names:
        row: dict[str, object] = {}
        for part in PARTS:
            said = _said(every, market, part, rates)
            row |= dict(zip((f"{part}{head}" for head in _HEADS), said, strict=True))
        rows.append(row)
    columns = [f"{part}{head}" for part in PARTS for head in _HEADS]
    frame = pd.DataFrame(rows, columns=columns, index=pd.Index(names, name="market"))
    return frame.astype(dict.fromkeys(PARTS, "float64"))


def _until(lines: pd.DataFrame, as_of: date) -> list[dict[Hashable, Any]]:
    """Return the lines that hold by a day, the latest first."""
    return lines.loc[lines["starts_on"] <= pd.Timestamp(as_of)].to_dict("records")[::-1]


def _said(
    tables: list[tuple[list[dict[Hashable, Any]], str]],
    market: str,
    part: str,
    rates: Mapping[str, float],
) -> tuple[float, str, Any, str]:
    for lines, source in tables:
        for name in (market, ""):
            own = next((x for x in lines if x["market"] == name and not np.isnan(x[part])), None)
            if own is not None:
                value, currency = float(own[part]), str(own["currency"])
                rate = _rate(currency, rates) if part in AMOUNTS and value else 1.0
                known = "no_rate" if np.isnan(rate) else source
                return value * rate, known, own["starts_on"], currency
    return np.nan, "unknown", pd.NaT, ""


def _rate(currency: str, rates: Mapping[str, float]) -> float:
    return 1.0 if not currency else float(rates.get(currency, np.nan))


def steps_in_force(
    terms: Terms, markets: Iterable[str], as_of: date, rates: Mapping[str, float]
) -> pd.DataFrame:
    """Return the steps of the fee on aged stock that hold in each market on a day.

    Returns
    -------
    DataFrame
        ``market``, ``starts_on``, ``over_days``, ``fee_m3``, ``fee_unit`` (base currency; NaN =
        not said), ``source``, ``unrated`` (the currency that a fee was said in, where it has no
        rate; else empty); arguments and order as of `in_force`. The steps of the latest day hold
        together.
    """
    found = []
    for market in dict.fromkeys(markets):
        for lines, source in ((terms.ageing, "setting"), (published().ageing, "default")):
            told = lines.loc[lines["starts_on"] <= pd.Timestamp(as_of)]
            own = next((told.loc[told["market"] == n] for n in (market, "")
                        if (told["market"] == n).any()), told.iloc[:0])  # fmt: skip
            if len(own):
                last = own.loc[own["starts_on"] == own["starts_on"].max()]
                found.append(last.assign(market=market, source=source))
                break
    columns = ["market", "starts_on", "over_days", *AGEING_PARTS, "source", "unrated"]
    if not found:
        return pd.DataFrame(columns=columns).astype(
            {"over_days": "float64", "fee_m3": "float64", "fee_unit": "float64"}
        )
    table: pd.DataFrame = pd.concat(found, ignore_index=True)
    rate = table["currency"].map(lambda code: _rate(str(code), rates))
    is_free = table[list(AGEING_PARTS)].fillna(0.0).eq(0.0)
    amounts = {part: (table[part] * rate).mask(is_free[part], table[part]) for part in AGEING_PARTS}
    unrated = table["currency"].where(rate.isna() & ~is_free.all(axis=1), "")
    chosen: pd.DataFrame = table.assign(**amounts, unrated=unrated)[columns]
    return chosen


__all__ = [
    "AGEING", "AGEING_COLUMNS", "AGEING_PARTS", "AMOUNTS", "COLUMNS", "ELASTICITY", "FEES",
    "LIMITS", "PARTS", "SOURCES", "Terms", "check_ageing", "check_elasticity", "check_fees",
    "in_force", "published", "save_ageing", "save_elasticity", "save_fees", "settled",
    "steps_in_force", "with_one",
]  # fmt: skip
