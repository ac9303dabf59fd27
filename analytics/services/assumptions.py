"""What is assumed beside the data: money, seasons, what fits into a container."""

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Self, get_type_hints

import pandas as pd

from analytics.errors import AnalyticsError, OutOfBoundsError, UnknownFieldError
from analytics.policy import Limits
from analytics.services import journal, money, typed
from analytics.store import Store
from analytics.tiers import Thresholds

KIND = "assumption"
_FAR = date(2200, 1, 1)  # later than any rate
MARK = " · "  # between the parts of what a row of a table is about
_PCT = Limits(0.0, 100.0)
_ROOM = MappingProxyType(
    {"volume_m3": Limits(1.0, 500.0), "weight_kg": Limits(100.0, 1e6), "cost": Limits(0.0, 1e9)}
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What holds for everything, where nothing nearer is said.

    Parameters
    ----------
    base_currency : str
        That all amounts are counted in; empty = the commonest of the costs.
    capital_rate_pct : float
        What a year's use of money costs, in per cent of the landed cost.
    referral_pct, advertising_pct, return_pct : float
        What the shop takes, what advertising takes and what returns cost, in per cent of the
        price; where the table of fees says nothing.
    fulfilment_fee : float
        Picking, packing and delivery per unit, in the base currency; where the table says nothing.
    duty_pct : float
        Import duty, in per cent of the unit cost; where the table says nothing.
    goodwill_pct : float
        What a buyer who finds nothing costs beyond the sale, in per cent of the price.
    salvage_pct : float
        What a leftover brings in net of its clearance, in per cent of the price, where no salvage
        value is stated.
    cash_limit : float, optional
        What may be spent on orders at once, in the base currency; None = no limit.
    deposit_pct : float
        What suppliers are paid when an order is placed, in per cent of its value; the rest is due
        when it is shipped.
    order_lost_demand : bool
        Whether units that can no longer be saved are ordered all the same.
    thresholds : Thresholds
        Where one tier ends and the next begins, see `set_thresholds`.

    Raises
    ------
    OutOfBoundsError
        A number lies outside its limits.
    UnknownFieldError
        The base currency is no code of three letters.

    Notes
    -----
    30 % down and the rest against shipping papers is how factories are commonly paid.
    15 % is what marketplaces commonly take; lots sold to liquidators bring 7 % of the price, less
    15 % of that. Fees that nobody stated count as nothing, and are said to be a default.
    """

    base_currency: str = ""
    capital_rate_pct: Annotated[float, _PCT] = 15.0
    referral_pct: Annotated[float, _PCT] = 15.0
    fulfilment_fee: Annotated[float, Limits(0.0, 1e6)] = 0.0
    advertising_pct: Annotated[float, _PCT] = 0.0
    return_pct: Annotated[float, _PCT] = 0.0
    duty_pct: Annotated[float, Limits(0.0, 500.0)] = 0.0
    goodwill_pct: Annotated[float, _PCT] = 0.0
    salvage_pct: Annotated[float, _PCT] = 6.0
    cash_limit: Annotated[float | None, Limits(0.0, 1e12)] = None
    deposit_pct: Annotated[float, _PCT] = 30.0
    order_lost_demand: bool = False
    thresholds: Thresholds = field(default_factory=Thresholds)

    def __post_init__(self) -> None:
        for name, limits in self.limits().items():
            value = getattr(self, name)
            if value is not None and not limits.low <= value <= limits.high:  # refuses NaN too
                raise OutOfBoundsError(name=name, value=value, low=limits.low, high=limits.high)
        typed.currency(self.base_currency)

    @classmethod
    def limits(cls) -> dict[str, Limits]:
        """Return the limits of each number, by name."""
        hints = get_type_hints(cls, include_extras=True)
        return {
            part.name: hints[part.name].__metadata__[0]
            for part in fields(cls)
            if hasattr(hints[part.name], "__metadata__")
        }

    def changed(self, parts: Mapping[str, Any]) -> Self:
        """Return the assumptions with some of them said anew.

        Raises
        ------
        UnknownFieldError
            There is no such assumption, or no such currency.
        OutOfBoundsError
            A number lies outside its limits.
        """
        for name in parts:
            if name not in NAMES:
                raise UnknownFieldError(name=name)
        return replace(self, **parts)


NAMES = tuple(part.name for part in fields(Assumptions) if part.name != "thresholds")
THRESHOLDS = tuple(part.name for part in fields(Thresholds))
# What some thresholds were called when they were settled among the money.
_RENAMED: Mapping[str, str] = MappingProxyType(
    {
        "season_weeks": "peak_weeks",
        "season_share_pct": "peak_share_pct",
        "season_least_units": "peak_units",
    }
)


@dataclass(frozen=True, slots=True)
class Container:
    """What fits into a container, as loaders reckon with.

    Attributes
    ----------
    volume_m3, weight_kg : float
    cost : float
        Of one container, in the base currency; NaN = not said.
    """

    volume_m3: float
    weight_kg: float
    cost: float = math.nan


# Usable room and payload that forwarders quote, not the nominal ones of the box.
CONTAINER_TYPES: Mapping[str, Container] = MappingProxyType(
    {
        "20": Container(28.0, 21_500.0),
        "40": Container(58.0, 26_500.0),
        "40HQ": Container(68.0, 26_500.0),
    }
)


def of(store: Store) -> Assumptions:
    """Return what is assumed: as settled, else the defaults."""
    found = Assumptions()
    compared: dict[str, Any] = {}
    for entry in journal.standing(store, KIND):
        name = entry.scope.get("name", "")
        if name in NAMES:
            found = _believed(found, name, entry.body)
        elif (limit := _threshold(name)) is not None:
            compared[limit] = entry.body
    return replace(found, thresholds=_compared(compared))


def _believed(found: Assumptions, name: str, value: object) -> Assumptions:
    try:
        return found.changed({name: value})
    except (AnalyticsError, TypeError) as problem:  # limits may be others than they were
        _log.warning("An assumption in the journal is passed over: %s", problem)
        return found


def _threshold(name: str) -> str | None:
    """Return the threshold that an entry's name speaks of, if any."""
    head, _, key = name.partition(":")
    limit = key if head == "threshold" else _RENAMED.get(name)
    return limit if limit in THRESHOLDS else None


def _compared(said: Mapping[str, Any]) -> Thresholds:
    """Return the thresholds as settled; of what does not fit together, what can be used."""
    try:
        return Thresholds().changed(said)
    except (AnalyticsError, TypeError):
        found = Thresholds()
    for name, value in said.items():
        try:
            found = found.changed({name: value})
        except (AnalyticsError, TypeError) as problem:
            _log.warning("A threshold in the journal is passed over: %s", problem)
    return found


def thresholds(known: Assumptions) -> Thresholds:
    """Return where one tier ends and the next begins, as far as it is settled."""
    return known.thresholds


def set_thresholds(store: Store, wanted: Thresholds, *, who: str = "") -> None:
    """Let tiers be told apart by ``wanted``; a number that is the default again is not noted.

    Raises
    ------
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    present, usual = of(store).thresholds, Thresholds()
    changed = [name for name in THRESHOLDS if getattr(wanted, name) != getattr(present, name)]
    said = {name: getattr(wanted, name) for name in changed}
    kept = {name: value for name, value in said.items() if value != getattr(usual, name)}
    entries = {scope(f"threshold:{name}"): value for name, value in kept.items()}
    journal.note(store, KIND, entries, who=who)
    old = [before for before, now in _RENAMED.items() if now in said]
    forget(store, [*old, *(f"threshold:{name}" for name in said if name not in kept)], who=who)


def settled(store: Store) -> frozenset[str]:
    """Return the names of the assumptions that somebody settled."""
    return frozenset(_names(store)) & frozenset(NAMES)


def _names(store: Store) -> Iterator[str]:
    return (entry.scope.get("name", "") for entry in journal.standing(store, KIND))


def settle(store: Store, parts: Mapping[str, Any], *, who: str = "") -> None:
    """Settle assumptions by name, all of them or none; `journal.UNSAID` = the default again.

    Raises
    ------
    UnknownFieldError
        There is no such assumption, or no such currency.
    OutOfBoundsError
        A number lies outside its limits.
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    said = {name: value for name, value in parts.items() if value is not journal.UNSAID}
    of(store).changed(said)
    entries = {scope(name): value for name, value in said.items()}
    journal.note(store, KIND, entries, who=who)
    forget(store, [name for name, value in parts.items() if value is journal.UNSAID], who=who)


def scope(name: str) -> journal.Scope:
    """Return the scope of what is settled under a name."""
    return journal.scope_of({"name": name})


def forget(store: Store, names: Sequence[str], *, who: str = "") -> None:
    """Withdraw what is settled under ``names``; what is not settled is passed over."""
    numbers = [
        entry.judgement_id
        for entry in journal.standing(store, KIND)
        if entry.scope.get("name") in names
    ]
    journal.take_back(store, numbers, who=who)


def currency(store: Store, items: pd.DataFrame) -> str:
    """Return the base currency: as settled, else the commonest of ``items``; empty if none."""
    chosen = of(store).base_currency
    return chosen or money.base_currency(store.settings(), items)


def rates(store: Store) -> pd.DataFrame:
    """Return the exchange rates that count on the last day of the sales.

    Returns
    -------
    DataFrame
        ``currency``, ``date``, ``rate`` (of one unit, in the base currency).
    """
    coverage = store.coverage()
    day = _FAR if coverage.empty else coverage["ends_on"].max().date()
    return money.known_rates(store.rates(), day)


def containers(store: Store) -> dict[str, Container]:
    """Return the types of containers, by code, as settled, else as forwarders quote them."""
    found = dict(CONTAINER_TYPES)
    for entry, [code] in keyed(store, "container", 1):
        if code in found and isinstance(entry.body, dict):
            said = {
                name: math.nan if value is None else float(value)
                for name, value in entry.body.items()
                if name in _ROOM
            }
            found[code] = replace(found[code], **said)
    return found


def set_containers(store: Store, said: Mapping[str, Container], *, who: str = "") -> None:
    """Settle what fits into types of containers and what they cost, all of it or nothing.

    Raises
    ------
    UnknownFieldError
        There is no such type.
    OutOfBoundsError
        Room, payload or cost lies outside its limits.
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    check_containers(said)
    entries: dict[journal.Scope, Any] = {}
    for code, container in said.items():
        body = {name: getattr(container, name) for name in _ROOM}
        plain = {name: None if math.isnan(value) else value for name, value in body.items()}
        entries[scope(f"container:{code}")] = plain
    journal.note(store, KIND, entries, who=who)


def check_containers(said: Mapping[str, Container]) -> None:
    """Refuse what `set_containers` could not take; errors are those of it."""
    for code, container in said.items():
        if code not in CONTAINER_TYPES:
            raise UnknownFieldError(name=code)
        for name, limits in _ROOM.items():
            value = getattr(container, name)
            if not (name == "cost" and math.isnan(value)):
                typed.number(name, value, limits)


def table(store: Store) -> pd.DataFrame:
    """Return everything that was settled, the oldest first.

    Returns
    -------
    DataFrame
        ``judgement_id``, ``name`` (an assumption, or ``fees``, ``container``, ``route``,
        ``threshold``), ``scope`` (what it is about, such as ``DE · 2026-01-01``; of a threshold its
        name), ``value`` (of a row of a table its cells by name), ``who``, ``made_at``.
    """
    rows = []
    for entry in journal.standing(store, KIND):
        called = entry.scope.get("name", "")
        limit = _threshold(called)
        head, *key = ["threshold", limit] if limit else called.split(":")
        about = MARK.join(part for part in key if part)
        rows.append((entry.judgement_id, head, about, entry.body, entry.who, entry.made_at))
    columns = ["judgement_id", "name", "scope", "value", "who", "made_at"]
    return pd.DataFrame(rows, columns=columns)


def withdraw(store: Store, judgement_id: int, *, who: str = "") -> None:
    """Take back what was settled; the default, or the file's word, holds again.

    Raises
    ------
    UnknownJudgementError
        It does not stand.
    """
    journal.take_back(store, [judgement_id], who=who)


def keyed(store: Store, name: str, length: int) -> Iterator[tuple[journal.Noted, list[str]]]:
    """Yield the entries called ``name:...`` and the parts of their names after it."""
    for entry in journal.standing(store, KIND):
        head, *key = entry.scope.get("name", "").split(":", length)
        if head == name and len(key) == length:
            yield entry, key
