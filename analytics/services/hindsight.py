"""A past year run again under rules that knew only what was known then: the work itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analytics import distributions, forecasting, inventory
from analytics.policy import Order
from analytics.services import past_levels
from analytics.services.levels import SHOWN
from analytics.services.past import Array, Expected, Past, Terms, World
from analytics.services.past_levels import Seasons, Week

WEEKS = 52
EVERY = 4  # weeks between two forecasts
WARM_UP = 13  # weeks before the first that counts, in which the first orders come in
LEAST_KNOWN = 26  # weeks that the first forecast knows
SHORTEST = 8  # weeks; fewer tell nothing
_LARGE = 1_000  # items; above, forecasts are made half as often, and levels with them alone
_HORIZON = 30
_WINDOW = 90  # in-stock days that the max-average rule looks back on
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Levels:
    """A rule's levels by week, from the warm-up on; shape (n_items, n_weeks) each.

    Attributes
    ----------
    reorder_point : ndarray of float32
        Position at which an order is due (the warning line, where that is the trigger); -1 where
        none ever is.
    order_up_to : ndarray of float32
        Position after an order.
    ceiling : ndarray of float32
        Position above which no order lifts it; infinite without a cap.
    seasons : Seasons
        Single orders.
    """

    reorder_point: NDArray[np.float32]
    order_up_to: NDArray[np.float32]
    ceiling: NDArray[np.float32]
    seasons: Seasons

    @property
    def nbytes(self) -> int:
        """Return how much memory they hold."""
        return 3 * self.reorder_point.nbytes + self.seasons.nbytes

    def of(self, rows: NDArray[np.int64]) -> "Levels":
        """Return the levels of some items."""
        return Levels(
            self.reorder_point[rows],
            self.order_up_to[rows],
            self.ceiling[rows],
            self.seasons.of(rows),
        )


@dataclass(frozen=True, slots=True)
class Course:
    """One rule's way through the year.

    Attributes
    ----------
    levels : Levels
        By week.
    promised : ndarray, shape (n_items,)
        What the rule promised in the days that count, 0 to 1: of a season, that one order suffices.
    demand, units_lost, average_stock, cycle_service : ndarray, shape (n_items,)
        Of the days that count: units, and the share of cycles without a lost sale.
    cash : ndarray, shape (n_days,)
        Money in stock and on order at the end of each day that counts.
    """

    levels: Levels
    promised: Array
    demand: Array
    units_lost: Array
    average_stock: Array
    cycle_service: Array
    cash: Array


@dataclass(frozen=True, slots=True)
class Span:
    """Weeks of the history: the warm-up, what counts, and how often a forecast is made."""

    first: int
    counted: int
    last: int
    every: int
    step: int

    @property
    def weeks(self) -> int:
        """Return the weeks that count."""
        return self.last - self.counted

    @property
    def origins(self) -> list[int]:
        """Return the weeks before which a forecast is made."""
        return list(range(self.first, self.last, self.every))


def span(n_weeks: int, n_items: int, *, weeks: int = WEEKS, every: int = EVERY) -> Span:
    """Return which weeks are run again; none where the history is too short.

    >>> span(113, 91)
    Span(first=48, counted=61, last=113, every=4, step=1)
    """
    counted = max(n_weeks - weeks, LEAST_KNOWN + WARM_UP)
    counted = n_weeks if n_weeks - counted < SHORTEST else counted
    large = n_items > _LARGE
    often = every * (2 if large else 1)
    return Span(max(counted - WARM_UP, 0), counted, n_weeks, often, often if large else 1)


def courses(
    past: Past,
    world: World,
    rules: Mapping[str, tuple[Terms, World]],
    when: Span,
    expected: Mapping[int, Expected],
) -> dict[str, Course]:
    """Return what each rule would have done.

    Parameters
    ----------
    past : Past
        What buyers asked for.
    world : World
        Lead times as they come, drawn by item and day of order: the same for every rule.
    rules : mapping of str to (Terms, World)
        How items are bought, by rules with these names, and what each believes of lead times.
    when : Span
        Which weeks; see `span`.
    expected : mapping of int to Expected
        What was expected at each of its origins; see `expected_at`.

    Notes
    -----
    Orders follow the policies: trigger, cap, smallest batches, one order for a season. Closed
    factories, stock that could be moved, and units that no order can save do not count.
    Every rule starts with its order-up-to level on hand. Demand, its corrections and what is
    believed of lead times are known with hindsight; forecasts know only the weeks before them.
    """
    found: dict[str, list[Week]] = {name: [] for name in rules}
    for week, outlook in _weeks(expected, when, step=when.step):
        kernel = distributions.kernel(outlook.mean, outlook.sd)
        largest = _largest(past, week * _WEEK)
        for name, rule in rules.items():
            found[name].append(past_levels.week(past, rule, outlook, kernel, largest))
    return {
        name: _course(past, world, rule, found[name], (when, expected))
        for name, rule in rules.items()
    }


def expected_at(past: Past, origin: int) -> Expected:
    """Return what was expected at the start of a week, from the weeks before it alone."""
    weeks = np.sort(past.panel["week"].unique())
    known = past.panel.loc[past.panel["week"] < weeks[origin]]
    made = forecasting.forecast(known, horizon=_HORIZON, events=past.events)
    mean = distributions.by_day(made.cumulative_mean, past.shares, past.market, 7)
    variance = distributions.by_day(made.cumulative_sd**2, past.shares, past.market, 7)
    daily_sd = np.sqrt((made.sd[:, : SHOWN // 7] ** 2).mean(axis=1) / 7)
    return Expected(mean, np.sqrt(variance), daily_sd)


def _weeks(
    expected: Mapping[int, Expected], when: Span, *, step: int
) -> Iterator[tuple[int, Expected]]:
    """Return what was expected at the start of each week in which levels are set."""
    for origin in when.origins:
        for week in range(origin, min(origin + when.every, when.last), step):
            yield week, _later(expected[origin], _WEEK * (week - origin))


def _later(outlook: Expected, days: int) -> Expected:
    """Return the outlook some days later, if it was not made anew: as uncertain for its demand."""
    last = distributions.LAST_DAY
    mean = outlook.mean
    more = np.maximum(mean[:, -1] - mean[:, -8], 0.0) / 7
    lacking = max(days + last - mean.shape[1], 0)
    ahead = mean[:, -1:] + more[:, None] * np.arange(1, lacking + 1)
    begun = mean[:, days - 1 : days] if days else 0.0
    later = np.concatenate([mean, ahead], axis=1)[:, days : days + last] - begun
    first = mean[:, :last]
    ratio = np.divide(later, first, out=np.ones_like(later), where=first > 0)
    return replace(outlook, mean=later, sd=outlook.sd[:, :last] * np.sqrt(ratio))


def _largest(past: Past, day: int) -> Array:
    """Return the largest demand of one of the last 90 days in stock, shape (n_items,)."""
    low = max(day - 4 * _WINDOW, 0)
    seen = past.in_stock[:, low:day] & (np.arange(low, day) >= past.start[:, None])
    rank = seen[:, ::-1].cumsum(axis=1)[:, ::-1]
    kept = seen & (rank <= _WINDOW)
    largest = np.where(kept, past.demand[:, low:day], -1.0).max(axis=1, initial=-1.0)
    return np.where(largest < 0, np.nan, largest)


def _course(
    past: Past,
    world: World,
    rule: tuple[Terms, World],
    found: list[Week],
    known: tuple[Span, Mapping[int, Expected]],
) -> Course:
    """Return a rule's way through the year; ``known`` are its weeks and what was expected."""
    when, expected = known
    terms = rule[0]
    rows = past_levels.seasonal(terms)

    def by_week(name: str) -> NDArray[np.float32]:
        part = np.stack([getattr(week, name) for week in found], axis=1).astype(np.float32)
        return part.repeat(when.step, axis=1)[:, : when.last - when.first]

    promised = by_week("promised").astype(np.float64)
    some = {origin: outlook.of(rows) for origin, outlook in expected.items()}
    levels = Levels(
        by_week("trigger"),
        by_week("order_up_to"),
        by_week("ceiling"),
        past_levels.seasons(
            rule, (outlook for _, outlook in _weeks(some, when, step=1)), list(promised.T)
        ),
    )
    told = promised[:, when.counted - when.first :].mean(axis=1)
    once = (terms.order == Order.SEASON.value) & np.isfinite(terms.season_ratio)
    run = simulated(past, world, terms, levels, when)
    return Course(
        levels=levels,
        promised=np.where(once, terms.season_ratio, told),
        demand=run.demand.sum(axis=1),
        units_lost=run.units_lost,
        average_stock=run.average_stock,
        cycle_service=run.cycle_service,
        cash=run.cash(past.unit_cost),
    )


def simulated(
    past: Past, world: World, terms: Terms, levels: Levels, when: Span
) -> inventory.Simulation:
    """Return the days that count, under levels by week.

    Every order is in whole cartons, the minimum at least. The order-up-to level of the first week
    is on hand when the warm-up begins.
    """
    days = slice(when.first * _WEEK, when.last * _WEEK)
    chance = inventory.uniforms(past.keys, past.demand.shape[1])[:, days]
    target, before = levels.seasons.by_day(len(past.keys))
    rule = inventory.Rule(
        reorder_point=_by_day(levels.reorder_point),
        order_up_to=_by_day(levels.order_up_to),
        batch=np.maximum(past.carton, 1.0),
        minimum=past.minimum,
        review_days=terms.review_days,
        is_smallest=terms.order == Order.BATCH.value,
        ceiling=_by_day(levels.ceiling),
        season_target=target,
        season_before=before,
    )
    lead_time = inventory.drawn(world.probabilities, world.row, chance)
    opening = levels.order_up_to[:, 0].astype(np.float64)
    whole = inventory.simulate(past.demand[:, days], rule, lead_time, opening=opening)
    return whole.since(_WEEK * (when.counted - when.first))


def _by_day(level: NDArray[np.float32]) -> Array:
    return level.astype(np.float64).repeat(_WEEK, axis=1)
