"""The delay lab's tables, put together from the numbers of both cases."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.scenario import Scenario
from analytics.services import delay_actions, delay_lines, delay_tables, planning, rebased
from analytics.services.board import has_status
from analytics.services.delay_actions import Done
from analytics.services.delay_chances import high_demand, stockout_probability
from analytics.services.delay_frontier import curve
from analytics.services.delay_lines import Columns, texts
from analytics.services.delay_numbers import Outcome, outcome
from analytics.services.delay_tables import CASES, MONEY_COLUMNS, PLANS, Impact
from analytics.services.delay_ways import Flights, flights, ways
from analytics.services.memory import Recent
from analytics.services.planning import Note
from analytics.store import Store

Array = NDArray[np.float64]
_MEMORY = 128 * 2**20
_WEEK = 7
_OF_MONEY = ("delay_money_unknown", "delay_cost_unknown", "delay_margin_moved", "value_left_out")


@dataclass(frozen=True, slots=True)
class AtRest:
    """What no slider changes.

    Attributes
    ----------
    outcome : Outcome
        The case at rest.
    texts : Mapping
        Columns of texts as the checksum takes them.
    high, probability : ndarray
        See `delay_chances.high_demand` and `delay_chances.stockout_probability`.
    flights : Flights
        What is worth flying at rest.
    frontier : DataFrame
        What cash in safety stock saves at rest.
    """

    outcome: Outcome
    texts: Mapping[str, bytes]
    high: Array
    probability: Array
    flights: Flights
    frontier: pd.DataFrame

    @property
    def nbytes(self) -> int:
        """Return about how much memory it holds."""
        return self.outcome.nbytes + self.high.nbytes


@dataclass(frozen=True, slots=True)
class Found:
    """Both cases, and what can be done."""

    rest: AtRest
    after: Outcome
    done: Done
    lines: Columns

    @property
    def nbytes(self) -> int:
        """Return about how much memory it holds."""
        return self.after.nbytes + self.lines.nbytes

    def line(self, row: int) -> dict[str, object]:
        """Return what is told of one item."""
        frame = self.lines.frame(delay_tables.LINES, np.array([row]))
        return {str(name): value for name, value in frame.iloc[0].items()}


_AT_REST: Recent[AtRest] = Recent(_MEMORY)
_FOUND: Recent[Found] = Recent(_MEMORY)


def found(store: Store, scenario: Scenario, horizon: int) -> Found:
    """Return both cases and what can be done, kept for the next question about them."""
    return _found(store, store.version, scenario, horizon)


def _found(store: Store, version: str, scenario: Scenario, horizon: int) -> Found:
    basis = planning.basis(store, scenario.as_of)
    key = (version, basis.outlook.as_of, horizon)
    rest = _AT_REST.answer(key, lambda: _at_rest(store, version, horizon, basis))
    return _FOUND.answer((*key, scenario), lambda: worked_out(store, version, rest, scenario))


def _at_rest(store: Store, version: str, horizon: int, basis: planning.Basis) -> AtRest:
    one = outcome(basis, Scenario(as_of=basis.outlook.as_of), horizon)
    flown = flights(one, ways(store, version, basis, ""))
    return AtRest(
        outcome=one,
        texts=texts(basis),
        high=high_demand(basis, horizon),
        probability=stockout_probability(one),
        flights=flown,
        frontier=curve(one, CASES[0]),
    )


def worked_out(store: Store, version: str, rest: AtRest, scenario: Scenario) -> Found:
    """Return what a scenario makes of the case at rest: all that a slider's move works out."""
    before = rest.outcome
    after = before
    if not scenario.is_at_rest:
        basis = rebased.rebased(store, before.basis, scenario)
        after = outcome(basis, scenario, before.horizon)
    known = ways(store, version, after.basis, scenario.ship_by.strip().casefold())
    flown = rest.flights if after is before else flights(after, known)
    done = delay_actions.done(before, after, flown, known)
    told = delay_lines.columns(before, after, rest.high, rest.probability, done, known=rest.texts)
    return Found(rest, after, done, told)


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer, for whoever asks the same again."""

    impact: Impact
    nbytes: int  # of what it is made of


_IMPACTS: Recent[_Kept] = Recent(_MEMORY)


def impact(store: Store, scenario: Scenario, *, horizon: int, money: bool) -> Impact:
    """Return `delays.impact`, kept for the next one who asks; nobody changes its tables."""
    version = store.version  # asked once: every question to the database takes its time
    key = (version, scenario, horizon, money)
    return _IMPACTS.answer(
        key, lambda: _impact(_found(store, version, scenario, horizon), scenario, money=money)
    ).impact


def _impact(known: Found, scenario: Scenario, *, money: bool) -> _Kept:
    before, after = known.rest.outcome, known.after
    shown = (lambda frame: frame) if money else without_money
    answer = Impact(
        as_of=before.basis.outlook.as_of,
        currency=after.basis.currency if money else "",
        horizon=before.horizon,
        scenario=scenario,
        totals=shown(_totals(before, after)),
        needs=shown(_needs(known)),
        lines=_Lines.of(known.lines, money=money),
        orders=_Orders(known, money),
        timeline=lambda: _timeline(before, after),
        checksum=lambda: checksum(known.lines),
        notes=tuple(note for note in _notes(known) if money or note[0] not in _OF_MONEY),
    )
    return _Kept(answer, known.nbytes)


@dataclass(frozen=True, slots=True)
class _Orders:
    """`Impact.orders` before they are asked for."""

    known: Found
    money: bool

    def __call__(self) -> pd.DataFrame:
        frame = _orders_ordered(self.known, money=self.money)
        return frame if self.money else without_money(frame)

    @property
    def paying(self) -> int | None:
        earns = self.known.done.expedited.earns
        return int((np.nan_to_num(earns) > 0).sum()) if self.money else None


@dataclass(frozen=True, slots=True)
class _Lines:
    """`Impact.lines` before all of it is asked for."""

    columns: Columns
    names: tuple[str, ...]
    order: NDArray[np.int64]

    @classmethod
    def of(cls, columns: Columns, *, money: bool) -> Self:
        """Return what has most at risk first; of equals, as in the basis."""
        ranks = (*(["contribution_at_risk"] if money else []), "units_short_more", "units_short")
        keys = [-columns.number(name) for name in reversed(ranks)]  # what is not known comes last
        names = tuple(name for name in delay_tables.LINES if money or name not in MONEY_COLUMNS)
        return cls(columns, names, np.lexsort(keys))

    def __len__(self) -> int:
        return len(self.order)

    def __call__(self) -> pd.DataFrame:
        return self.columns.frame(self.names, self.order)

    def part(self, names: Sequence[str]) -> pd.DataFrame:
        return self.columns.frame([name for name in names if name in self.names], self.order)

    def first(self, most: int, action: str) -> pd.DataFrame:
        rows = self.order
        if action:
            rows = rows[self.columns.has(action)[rows]]
        return self.columns.frame(self.names, rows[:most])


def without_money(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that tell of no money."""
    return frame[[name for name in frame.columns if name not in MONEY_COLUMNS]]


def checksum(lines: Columns) -> str:
    """Return a short hash of lines in the order of the basis, whether they tell of money or not."""
    told = hashlib.sha256()
    for name in sorted(set(delay_tables.LINES).difference(MONEY_COLUMNS)):
        told.update(lines.told(name))
    return told.hexdigest()[:12]


def _orders_ordered(known: Found, *, money: bool) -> pd.DataFrame:
    """Return orders that pay first, then those whose cost is not known, then the others."""
    orders = delay_actions.ranked(known.rest.outcome, known.after, known.done.expedited)
    unknown = orders["expedite_cost"].isna() & (orders["saved_units"] > 0)
    place = np.select([orders["pays"], unknown], [0, 1], 2) if money else np.zeros(len(orders))
    by = ["saved_per_money", "saved_contribution"] if money else []
    keys = [-orders[name].to_numpy(dtype=np.float64) for name in (*by, "saved_units")]
    # What is not known comes last; of equals, as items and arrivals stand.
    ranked = orders.iloc[np.lexsort([orders["eta_on"].to_numpy(), *reversed(keys), place])]
    return ranked[list(delay_tables.ORDERS)].reset_index(drop=True)


def _totals(before: Outcome, after: Outcome) -> pd.DataFrame:
    rows = [
        {"plan": plan, "case": case} | _total(one, plan)
        for case, one in zip(CASES, (before, after), strict=True)
        for plan in PLANS
    ]
    return pd.DataFrame(rows, columns=list(delay_tables.TOTALS))


def _total(one: Outcome, plan: str) -> dict[str, object]:
    fate, worth = getattr(one, plan), one.basis.economics
    out: dict[str, object] = {
        f"out_{days}": int((fate.first <= days).sum()) if days <= one.horizon else np.nan
        for days in (30, 60, 90)
    }
    return out | {
        "units_short": float(np.nansum(fate.lost)),
        "revenue_at_risk": _worth(fate.lost, worth.price),
        "contribution_at_risk": _worth(fate.lost, np.maximum(worth.contribution, 0.0)),
        "stockout_days": float(np.nansum(fate.days)),
        "items_left_out": int(np.isnan(fate.lost).sum()),
    }


def _worth(units: Array, each: Array) -> float:
    """Return what units are worth, as far as it is known; NaN where nothing of it is."""
    counted = np.nan_to_num(units) != 0
    if counted.any() and np.isnan(each[counted]).all():
        return float("nan")
    return float(np.nansum(units * each))


def _needs(known: Found) -> pd.DataFrame:
    before, after = known.rest.outcome, known.after
    earlier = known.lines.number("days_earlier")
    earlier = earlier[earlier > 0]
    rest = _need(before, known.rest.flights) | {
        "items_earlier": 0, "median_days_earlier": 0.0, "items_hit": 0, "orders_hit": 0
    }  # fmt: skip
    moved = _need(after, known.done.flights) | {
        "items_earlier": len(earlier),
        "median_days_earlier": float(np.median(earlier)) if len(earlier) else 0.0,
        "items_hit": int(known.lines.number("is_hit").sum()),
        "orders_hit": int(after.orders.is_hit.sum()),
    }
    rows = [{"case": case} | row for case, row in zip(CASES, (rest, moved), strict=True)]
    return pd.DataFrame(rows, columns=list(delay_tables.NEEDS))


def _need(one: Outcome, flown: Flights) -> dict[str, object]:
    worth, safety = one.basis.economics, one.needed.safety_stock
    units = np.where(one.is_skipped, 0.0, np.nan_to_num(one.today.quantity))
    now = has_status(one.today, ["order_now"]) & ~one.is_skipped
    return {
        "safety_stock": float(safety.sum()),
        "safety_stock_cash": _worth(safety, worth.landed_cost),
        "order_quantity": float(units.sum()),
        "order_value": _worth(units, worth.unit_cost),
        "order_now": int(now.sum()),
        "units_to_fly": float(flown.units.sum()),
    }


def _timeline(before: Outcome, after: Outcome) -> pd.DataFrame:
    """Return how many items have run out by the end of each week."""
    today = before.basis.outlook.as_of
    starts = np.arange(-today.weekday(), before.horizon + 1, _WEEK)
    weeks = (np.datetime64(today, "D") + starts.astype("m8[D]")).astype("M8[us]")
    told = [
        (plan, case, getattr(one, plan).first)
        for case, one in zip(CASES, (before, after), strict=True)
        for plan in PLANS
    ]
    out = [
        np.searchsorted(np.sort(first[~np.isnan(first)]), starts + _WEEK - 1, side="right")
        for _, _, first in told
    ]
    frame = {
        "week": np.tile(weeks, len(told)),
        "plan": np.repeat([plan for plan, _, _ in told], len(weeks)),
        "case": np.repeat([case for _, case, _ in told], len(weeks)),
        "items_out": np.concatenate(out),
    }
    return pd.DataFrame(frame)[list(delay_tables.TIMELINE)]


def _notes(known: Found) -> list[Note]:
    """Say what was assumed or left out."""
    after, notes = known.after, [*known.after.basis.notes, *known.after.needed.notes]
    worth = after.basis.economics
    unknown = int((np.isnan(worth.contribution) & (np.nan_to_num(after.current.lost) > 0)).sum())
    if unknown:
        notes.append(("delay_money_unknown", {"items": unknown}))
    asked = after.needed.scenario
    if (
        asked.freight_change_pct or asked.currency_change_pct or asked.price_change_pct
        or asked.ship_by
    ):  # fmt: skip
        notes.append(("delay_margin_moved", {}))
    if after.incoming.chance > 0:
        notes.append(("delay_mean_dates", {}))
    unpriced = int(np.isnan(known.done.expedited.cost).sum())
    if unpriced:
        notes.append(("delay_cost_unknown", {"orders": unpriced}))
    return notes


def frontier(store: Store, scenario: Scenario) -> pd.DataFrame:
    """Return `delays.frontier`."""
    known = found(store, scenario, delay_tables.HORIZON)
    both = [known.rest.frontier, curve(known.after, CASES[1])]
    return pd.concat(both, ignore_index=True) if all(map(len, both)) else both[0].iloc[:0]
