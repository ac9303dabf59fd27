"""What would have happened? The seller's own last year again, under other rules for ordering."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.apart import apart
from analytics.inventory import Simulation
from analytics.policy import Measure
from analytics.progress import Progress, silent
from analytics.scenario import Scenario
from analytics.services import hindsight, planning
from analytics.services.hindsight import Course, Span
from analytics.services.memory import Recent
from analytics.services.past import Array, Expected, Past, Terms, World
from analytics.services.replay_rules import CURRENT, METHODS, PROPOSED, bridged, past, rules
from analytics.store import Store

SECONDS = 300.0  # the longest that one step may take; of a few hundred items it takes two
_MEMORY = 256 * 2**20
_DAYS = {"demand": "demand", "sold": "sold", "lost": "lost", "received": "received",
         "ordered": "ordered", "on_hand": "closing", "on_order": "on_order"}  # fmt: skip
_RULE_COLUMNS = ["rule", "target", "reached", "fill_rate", "cycle_service", "units_lost",
                 "average_stock", "stock_value", "cash_peak"]  # fmt: skip
_ITEM_COLUMNS = ["row", "sku", "market", "rule", "target", "measure", "demand", "fill_rate",
                 "cycle_service", "units_lost", "average_stock"]  # fmt: skip

__all__ = [
    "CURRENT",
    "METHODS",
    "PROPOSED",
    "Replay",
    "bridged",
    "is_known",
    "past",
    "replay",
]


@dataclass(frozen=True, slots=True)
class Replay:
    """A past year under several rules; no sale, no order of it is real.

    Attributes
    ----------
    rules : DataFrame
        One row per rule: ``rule`` (`METHODS`, ``current``, ``proposed``), ``target`` (what was
        promised, 0 to 1, weighted by demand; of a season, that its order suffices), ``reached``
        (of that measure), ``fill_rate`` (share of the units asked for), ``cycle_service`` (share
        of cycles without a lost sale), ``units_lost``, ``average_stock`` (units), ``stock_value``,
        ``cash_peak`` (in stock and on order; money in ``currency``, of items whose cost is known).
    items : DataFrame
        The same by item and rule: ``row`` (in ``basis.outlook.items``), ``sku``, ``market``,
        ``rule``, ``target``, ``measure``, ``demand``, ``fill_rate`` (1 where nobody asked),
        ``cycle_service``, ``units_lost``, ``average_stock``.
    judged : ndarray of int
        Rows of the items that sold before the warm-up began.
    facts : mapping
        ``weeks`` (0 = the history is too short, and everything is empty), ``starts_on``,
        ``ends_on``, ``warm_up`` (weeks), ``every`` (weeks between forecasts), ``items``,
        ``left_out`` (too new), ``currency``, ``cost_unknown`` (items).
    courses : mapping of str to Course
        Every rule's levels, and its measures of all items.
    past : Past
        What buyers asked for, without the panel.
    terms : mapping of str to Terms
        By rule.
    world : World
        Lead times as they came.
    span : Span
        Weeks that were run.
    """

    rules: pd.DataFrame
    items: pd.DataFrame
    judged: NDArray[np.int64]
    facts: Mapping[str, Any]
    courses: Mapping[str, Course]
    past: Past
    terms: Mapping[str, Terms]
    world: World
    span: Span

    @property
    def nbytes(self) -> int:
        """Return about how much memory it holds."""
        levels = sum(course.levels.nbytes for course in self.courses.values())
        days = self.past.demand.nbytes + self.past.in_stock.nbytes
        return levels + days + int(self.items.memory_usage().sum())

    def simulation(self, rows: NDArray[np.int64], rule: str) -> Simulation:
        """Return the days of some items under a rule, simulated anew from its levels.

        Parameters
        ----------
        rows : ndarray of int
            In ``basis.outlook.items``.
        rule : str
            One of ``rules``.
        """
        course = self.courses[rule]
        some = (self.past.of(rows), self.world.of(rows), self.terms[rule].of(rows))
        return hindsight.simulated(*some, course.levels.of(rows), self.span)

    def course(self, row: int, rule: str) -> pd.DataFrame:
        """Return one item's days under a rule, for a chart.

        Parameters
        ----------
        row : int
            In ``basis.outlook.items``.
        rule : str
            One of ``rules``.

        Returns
        -------
        DataFrame
            One row per day: ``date``, ``demand``, ``sold``, ``lost``, ``received``, ``ordered``,
            ``on_hand`` and ``on_order`` (at the end of the day), in units; empty if the item was
            not judged or there is no such rule.
        """
        if rule not in self.courses or row not in self.judged:
            return pd.DataFrame(columns=["date", *_DAYS])
        found = self.simulation(np.array([row]), rule)
        days = pd.date_range(self.facts["starts_on"], periods=found.demand.shape[1])
        return pd.DataFrame(
            {"date": days} | {name: getattr(found, part)[0] for name, part in _DAYS.items()}
        )


_RECENT: Recent[Replay] = Recent(_MEMORY)


def replay(
    store: Store,
    scenario: Scenario | None = None,
    *,
    weeks: int = hindsight.WEEKS,
    progress: Progress = silent,
) -> Replay:
    """Return the last year again under each method, the policies, and a proposal.

    Parameters
    ----------
    store : Store
        The workspace.
    scenario : Scenario, optional
        A promise other than the policies' makes the rule ``proposed``. Its delays hold for all
        orders, but only ``proposed`` knows of them when it sets its levels. A change of demand
        does not count: what buyers asked for is known.
    weeks : int
        How many, at most.
    progress : Progress
        Told after each past forecast, which a process apart makes; it can be stopped at any moment.

    Raises
    ------
    NoDataError
        No sales have been imported.
    TooSlowToFitError
        A step took longer than `SECONDS`.
    FitBrokeOffError
        The process that worked on it ended.
    """
    asked = scenario or Scenario()
    basis = planning.basis(store, asked.as_of, progress=progress)
    key = (store.version, basis.outlook.as_of, asked, weeks)
    return _RECENT.answer(key, lambda: _replay(basis, asked, weeks, progress))


def is_known(
    store: Store, scenario: Scenario | None = None, *, weeks: int = hindsight.WEEKS
) -> bool:
    """Return whether `replay` answers at once."""
    asked = scenario or Scenario()
    day = asked.as_of or planning.period(store)[1]
    return _RECENT.has((store.version, day, asked, weeks))


def _replay(basis: planning.Basis, scenario: Scenario, weeks: int, progress: Progress) -> Replay:
    every = past(basis)
    when = hindsight.span(every.n_weeks, len(every.keys), weeks=weeks)
    judged = np.flatnonzero(every.start < 7 * when.first)
    if not len(judged):
        when = replace(when, counted=when.last)
    judged = judged if when.weeks else judged[:0]
    tried, world = rules(basis, scenario)
    cost = np.zeros(len(every.keys))
    cost[judged] = every.unit_cost[judged]  # money of what is judged, and of nothing else
    every = replace(every, unit_cost=cost)
    found: dict[str, Course] = {}
    if when.weeks:
        found = _courses(every, world, tried, when, progress)
    terms = {name: rule[0] for name, rule in tried.items()}
    frames = {name: _items(basis, name, made, terms[name], judged) for name, made in found.items()}
    lines = [_rule(name, found[name], frame, cost[judged]) for name, frame in frames.items()]
    return Replay(
        rules=pd.DataFrame(lines, columns=_RULE_COLUMNS),
        items=pd.concat(frames.values(), ignore_index=True)
        if frames
        else pd.DataFrame(columns=_ITEM_COLUMNS),
        judged=judged,
        facts=_facts(basis, judged, when),
        courses=found,
        past=every.of(np.arange(len(every.keys))),
        terms=terms,
        world=world,
        span=when,
    )


def _courses(
    every: Past,
    world: World,
    tried: Mapping[str, tuple[Terms, World]],
    when: Span,
    progress: Progress,
) -> dict[str, Course]:
    """Return every rule's course, worked out apart: each past forecast is a step, then the rest."""
    steps = len(when.origins) + 1
    expected: dict[int, Expected] = {}
    for done, origin in enumerate(when.origins):
        expected[origin] = apart(
            hindsight.expected_at, every, origin,
            seconds=SECONDS, progress=partial(_step, progress, done, steps),
        )  # fmt: skip
        progress(done + 1, steps, "")
    bare = every.of(np.arange(len(every.keys)))
    return apart(
        hindsight.courses, bare, world, tried, when, expected,
        seconds=SECONDS, progress=partial(_step, progress, steps - 1, steps),
    )  # fmt: skip


def _step(progress: Progress, done: int, steps: int, *_: object) -> None:
    progress(done, steps, "")


def _facts(basis: planning.Basis, judged: NDArray[np.int64], when: Span) -> dict[str, Any]:
    first: date = basis.outlook.days.first.astype("M8[D]").astype(object)
    cost = basis.economics.landed_cost[judged]
    return {
        "weeks": when.weeks,
        "starts_on": first + timedelta(weeks=when.counted),
        "ends_on": first + timedelta(weeks=when.last, days=-1),
        "warm_up": when.counted - when.first,
        "every": when.every,
        "items": len(judged),
        "left_out": len(basis.outlook.items) - len(judged),
        "currency": basis.currency,
        "cost_unknown": int((~np.isfinite(cost)).sum()),
    }


def _items(
    basis: planning.Basis, rule: str, course: Course, terms: Terms, judged: NDArray[np.int64]
) -> pd.DataFrame:
    listed = basis.outlook.items.iloc[judged]
    asked, lost = course.demand[judged], course.units_lost[judged]
    columns = {
        "row": judged,
        "sku": listed["sku"].to_numpy(),
        "market": listed["market"].to_numpy(),
        "rule": rule,
        "target": course.promised[judged],
        "measure": terms.promised_measure[judged],
        "demand": asked,
        "fill_rate": 1 - np.divide(lost, asked, out=np.zeros(len(asked)), where=asked > 0),
        "cycle_service": course.cycle_service[judged],
        "units_lost": lost,
        "average_stock": course.average_stock[judged],
    }
    return pd.DataFrame(columns, columns=_ITEM_COLUMNS)


def _rule(rule: str, course: Course, items: pd.DataFrame, cost: Array) -> dict[str, Any]:
    asked = items["demand"].to_numpy(dtype=np.float64)
    weight = asked if asked.sum() > 0 else np.ones(len(asked))
    by_fill = (items["measure"] == Measure.FILL.value).to_numpy()
    reached = np.where(by_fill, items["fill_rate"], items["cycle_service"])
    stock = items["average_stock"].to_numpy(dtype=np.float64)
    return {
        "rule": rule,
        "target": float(np.average(items["target"], weights=weight)),
        "reached": float(np.average(reached, weights=weight)),
        "fill_rate": float(np.average(items["fill_rate"], weights=weight)),
        "cycle_service": float(items["cycle_service"].mean()),
        "units_lost": float(items["units_lost"].sum()),
        "average_stock": float(stock.sum()),
        "stock_value": float(stock @ cost),
        "cash_peak": float(course.cash.max(initial=0.0)),
    }
