"""The delay lab's tables, put together from the numbers of both cases."""

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.scenario import Scenario
from analytics.services import delay_actions, delay_lines, delay_tables, planning
from analytics.services.delay_actions import Done
from analytics.services.delay_chances import high_demand, stockout_probability
from analytics.services.delay_frontier import curve
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
    """What no slider changes; ``high``: see `delay_chances.high_demand`."""

    outcome: Outcome
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
    lines: pd.DataFrame

    @property
    def nbytes(self) -> int:
        """Return about how much memory it holds."""
        return self.after.nbytes + int(self.lines.memory_usage().sum())


_AT_REST: Recent[AtRest] = Recent(_MEMORY)
_FOUND: Recent[Found] = Recent(_MEMORY)


def found(store: Store, scenario: Scenario, horizon: int) -> Found:
    """Return both cases and what can be done, kept for the next question about them."""
    basis = planning.basis(store, scenario.as_of)
    key = (store.version, basis.outlook.as_of, horizon)
    rest = _AT_REST.answer(key, lambda: _at_rest(store, horizon, basis))
    return _FOUND.answer((*key, scenario), lambda: worked_out(store, rest, scenario, horizon))


def _at_rest(store: Store, horizon: int, basis: planning.Basis) -> AtRest:
    one = outcome(basis, Scenario(as_of=basis.outlook.as_of), horizon)
    flown = flights(one, ways(store, basis, ""))
    return AtRest(
        outcome=one,
        high=high_demand(basis, horizon),
        probability=stockout_probability(one),
        flights=flown,
        frontier=curve(one, CASES[0]),
    )


def worked_out(store: Store, rest: AtRest, scenario: Scenario, horizon: int) -> Found:
    """Return what a scenario makes of the case at rest: all that a slider's move works out."""
    before = rest.outcome
    after = before
    if not scenario.is_at_rest:
        after = outcome(planning.under(store, scenario), scenario, horizon)
    known = ways(store, after.basis, scenario.ship_by.strip().casefold())
    flown = rest.flights if after is before else flights(after, known)
    done = delay_actions.done(before, after, flown, known)
    table = delay_lines.lines(before, after, rest.high, rest.probability, done)
    return Found(rest, after, done, table)


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer, for whoever asks the same again."""

    impact: Impact

    @property
    def nbytes(self) -> int:
        return int(self.impact.lines.memory_usage().sum() + self.impact.orders.memory_usage().sum())


_IMPACTS: Recent[_Kept] = Recent(_MEMORY)


def impact(store: Store, scenario: Scenario, *, horizon: int, money: bool) -> Impact:
    """Return `delays.impact`, kept for the next one who asks; nobody changes its tables."""
    key = (store.version, scenario, horizon, money)
    return _IMPACTS.answer(
        key, lambda: _Kept(_impact(store, scenario, horizon=horizon, money=money))
    ).impact


def _impact(store: Store, scenario: Scenario, *, horizon: int, money: bool) -> Impact:
    known = found(store, scenario, horizon)
    before, after = known.rest.outcome, known.after
    lines = _ordered(known.lines, ["contribution_at_risk"] if money else [])
    orders = delay_actions.ranked(before, after, known.done.expedited)
    tables = {
        "totals": _totals(before, after),
        "needs": _needs(known),
        "lines": lines,
        "orders": _orders_ordered(orders, money=money),
        "timeline": _timeline(before, after),
    }
    shown = {name: frame if money else without_money(frame) for name, frame in tables.items()}
    return Impact(
        as_of=before.basis.outlook.as_of,
        currency=after.basis.currency if money else "",
        horizon=horizon,
        scenario=scenario,
        checksum=checksum(known.lines),
        notes=tuple(note for note in _notes(known) if money or note[0] not in _OF_MONEY),
        **shown,
    )


def without_money(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that tell of no money."""
    return frame[[name for name in frame.columns if name not in MONEY_COLUMNS]]


def checksum(lines: pd.DataFrame) -> str:
    """Return a short hash of lines in the order of the basis, whether they tell of money or not."""
    told = hashlib.sha256()
    for name in sorted(set(map(str, lines.columns)).difference(MONEY_COLUMNS)):
        told.update(_told(lines[name]))
    return told.hexdigest()[:12]


def _told(column: pd.Series) -> bytes:
    """Return a column as it is shown: numbers rounded, so that no last digit differs."""
    if column.dtype.kind == "f":
        return np.asarray(np.round(column.to_numpy(), 3) + 0.0).tobytes()
    if column.dtype.kind in "biM":
        return column.to_numpy().tobytes()
    return "\x1f".join(column.astype(object).fillna("").tolist()).encode()


def _ordered(lines: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return what has most at risk first; of equals, as in the basis."""
    ranks = [*by, "units_short_more", "units_short"]
    keys = [-lines[name].to_numpy(dtype=np.float64) for name in reversed(ranks)]
    return lines.iloc[np.lexsort(keys)].reset_index(drop=True)  # what is not known comes last


def _orders_ordered(orders: pd.DataFrame, *, money: bool) -> pd.DataFrame:
    """Return orders that pay first, then those whose cost is not known, then the others."""
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
    earlier = known.lines["days_earlier"].to_numpy(dtype=np.float64)
    earlier = earlier[earlier > 0]
    rest = _need(before, known.rest.flights) | {
        "items_earlier": 0, "median_days_earlier": 0.0, "items_hit": 0, "orders_hit": 0
    }  # fmt: skip
    moved = _need(after, known.done.flights) | {
        "items_earlier": len(earlier),
        "median_days_earlier": float(np.median(earlier)) if len(earlier) else 0.0,
        "items_hit": int(known.lines["is_hit"].sum()),
        "orders_hit": int(after.orders.is_hit.sum()),
    }
    rows = [{"case": case} | row for case, row in zip(CASES, (rest, moved), strict=True)]
    return pd.DataFrame(rows, columns=list(delay_tables.NEEDS))


def _need(one: Outcome, flown: Flights) -> dict[str, object]:
    worth, safety = one.basis.economics, one.lines["safety_stock"].to_numpy(dtype=np.float64)
    units = one.lines["order_quantity"].to_numpy(dtype=np.float64)
    units = np.where(one.is_skipped, 0.0, np.nan_to_num(units))
    now = (one.lines["status"] == "order_now").to_numpy() & ~one.is_skipped
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
    today = pd.Timestamp(before.basis.outlook.as_of)
    monday = today - pd.Timedelta(days=today.day_of_week)
    weeks = pd.date_range(monday, today + pd.Timedelta(days=before.horizon), freq="7D")
    ends = (weeks - today).days.to_numpy() + _WEEK - 1
    frames = []
    for case, one in zip(CASES, (before, after), strict=True):
        for plan in PLANS:
            first = getattr(one, plan).first
            out = np.searchsorted(np.sort(first[~np.isnan(first)]), ends, side="right")
            frames.append(
                pd.DataFrame({"week": weeks, "plan": plan, "case": case, "items_out": out})
            )
    return pd.concat(frames, ignore_index=True)[list(delay_tables.TIMELINE)]


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
