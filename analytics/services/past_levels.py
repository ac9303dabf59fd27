"""The levels that a rule would have set at the start of a past week: a plan made as plans are.

What `analytics.services.levels` and `wishes` do for today, for the start of one week of the past;
but for closed factories, stock that could be moved, and units that no order can save.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics import distributions, inventory
from analytics.distributions import Kernel, Mixture
from analytics.policy import Measure, Method, Order, Trigger
from analytics.services.levels import DAYS, SHOWN, demand_after, demand_by
from analytics.services.past import Array, Codes, Expected, Past, Terms, World

Small = NDArray[np.float32]
_SURE, _UNSURE = 0.999, 0.5  # no promise of profit is higher or lower
_LATE = 0.9  # share of orders that have arrived by the day that a season's dates reckon with
_NEVER = -1.0  # no position is that low
_NOTHING = 0.5  # units below which no demand is expected
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Week:
    """Levels from the start of a week on, in units; shape (n_items,) each.

    Attributes
    ----------
    trigger : ndarray
        An order is due at this position or below; -1 where none ever is.
    order_up_to : ndarray
        Position after it.
    ceiling : ndarray
        Position above which no order lifts it; infinite without a cap.
    promised : ndarray
        Service level, 0 to 1.
    """

    trigger: Array
    order_up_to: Array
    ceiling: Array
    promised: Array


@dataclass(frozen=True, slots=True)
class Seasons:
    """Single orders for a season by week; shape (n_seasonal, n_weeks) unless said otherwise.

    Attributes
    ----------
    rows : ndarray of int, shape (n_seasonal,)
        Items that are bought so.
    target : ndarray of float32
        Units that suffice for the season.
    before : ndarray of float32
        Units expected to sell before it.
    opens, closes : ndarray of float32
        First and last day on which the order is due: 0 = the week's first.
    """

    rows: NDArray[np.int64]
    target: Small
    before: Small
    opens: Small
    closes: Small

    @property
    def nbytes(self) -> int:
        """Return how much memory it holds."""
        return self.rows.nbytes + 4 * self.target.nbytes

    def of(self, rows: NDArray[np.int64]) -> "Seasons":
        """Return the orders of some items, which are counted anew."""
        new, old = np.nonzero(rows[:, None] == self.rows)
        return Seasons(new, *(part[old] for part in self._parts))

    @property
    def _parts(self) -> tuple[Small, Small, Small, Small]:
        return self.target, self.before, self.opens, self.closes

    def by_day(self, n_items: int) -> tuple[Array, Array]:
        """Return the target where an order is due, else 0, and what sells before.

        Shape (n_items, n_days) each.
        """
        day = np.tile(np.arange(_WEEK), self.target.shape[1])
        days = (part.repeat(_WEEK, axis=1) for part in self._parts)
        target, before, opens, closes = days
        wanted, first = np.zeros((2, n_items, len(day)))
        wanted[self.rows] = np.where((opens <= day) & (day <= closes), target, 0.0)
        first[self.rows] = before
        return wanted, first


def week(
    past: Past, rule: tuple[Terms, World], outlook: Expected, kernel: Kernel, largest: Array
) -> Week:
    """Return the levels of every item.

    Parameters
    ----------
    past : Past
        Minimum and carton.
    rule : (Terms, World)
        How items are bought, and what is believed of lead times.
    outlook : Expected
        Demand from the week's first day on.
    kernel : Kernel
        Of that.
    largest : ndarray, shape (n_items,)
        Largest demand of one of the last days, for the max-average rule.
    """
    terms, world = rule
    mean_days, sd_days = (moment[world.row] for moment in inventory.moments(world.probabilities))
    start = mean_days + terms.review_days
    cover = demand_after(outlook.mean, start, terms.cover_days.astype(np.float64))
    box = np.maximum(np.maximum(past.minimum, past.carton), 1.0)
    size = np.where(terms.order == Order.BATCH.value, box, np.maximum(cover, past.minimum))
    measure, level = terms.promised_measure, _promise(terms, outlook, size)
    lead = kernel.mixed(distributions.bin_weights(world.probabilities)[world.row])
    protection = kernel.mixed(_spans(terms, world))
    per_day = outlook.mean[:, SHOWN - 1] / SHOWN
    review = (per_day * terms.review_days, outlook.daily_sd * np.sqrt(terms.review_days))
    points = {
        Method.QUANTILE.value: inventory.reorder_levels(
            lead, protection, measure, level,
            order_size=size, review_mean=review[0], review_sd=review[1],
        ),
        Method.NORMAL.value: _normal(
            (lead, protection), (measure, level), (mean_days, sd_days),
            (terms.review_days, outlook.daily_sd, np.maximum(size, review[0]), review),
        ),
        Method.MAX_AVERAGE.value: largest * world.longest,
    }  # fmt: skip
    chosen = np.select([terms.method == name for name in points], list(points.values()), np.nan)
    point = np.where(np.isnan(chosen), points[Method.QUANTILE.value], chosen)
    line = inventory.warning_line(point - protection.mean, point)
    by_line = terms.trigger == Trigger.WARNING_LINE.value
    trigger = inventory.whole(np.where(by_line, line, point))
    idle = inventory.whole(point + cover) < _NOTHING
    return Week(
        trigger=np.where(idle, _NEVER, trigger),
        order_up_to=inventory.whole(np.maximum(trigger, point) + cover),
        ceiling=_ceiling(terms, outlook.mean, start),
        promised=level,
    )


def seasons(
    rule: tuple[Terms, World], weeks: Iterable[Expected], promised: Sequence[Array]
) -> Seasons:
    """Return the single orders of the items that are bought for a season, week by week.

    Parameters
    ----------
    rule : (Terms, World)
        How items are bought, and what is believed of lead times.
    weeks : iterable of Expected
        Demand of those items alone from the first day of every week on.
    promised : sequence of ndarray, shape (n_items,)
        Service level by week, for those of which no ratio is known.
    """
    terms, world = rule
    rows = seasonal(terms)
    if not len(rows):
        return Seasons(rows, *(np.zeros((0, len(promised)), dtype=np.float32) for _ in range(4)))
    late, review = _late(world)[rows], terms.review_days[rows]
    ratio = terms.season_ratio[rows]
    parts: list[tuple[Array, Array, Array, Array]] = []
    for outlook, level in zip(weeks, promised, strict=True):
        season = inventory.season_ahead(outlook.mean, outlook.sd, late)
        share = np.where(np.isfinite(ratio), ratio, level[rows])
        target = inventory.season_target(season, share)
        parts.append((target, season.before, season.order_by - review, season.stop_day))
    by_week = (np.stack(part, axis=1).astype(np.float32) for part in zip(*parts, strict=True))
    return Seasons(rows, *by_week)


def seasonal(terms: Terms) -> NDArray[np.int64]:
    """Return the rows of the items that are bought once for a season."""
    return np.flatnonzero(terms.order == Order.SEASON.value)


def _promise(terms: Terms, outlook: Expected, size: Array) -> Array:
    """Return the service level: what profit asks for where the policy says so."""
    ratio = inventory.critical_ratio_lost_sales(
        size, terms.holding_cost, terms.stockout_cost, DAYS / SHOWN * outlook.mean[:, SHOWN - 1]
    )
    asked = np.clip(ratio, _UNSURE, _SURE)
    return np.where(terms.follows_profit, asked, terms.service_level)


def _normal(
    laws: tuple[Mixture, Mixture],
    target: tuple[Codes, Array],
    lead_time: tuple[Array, Array],
    terms: tuple[NDArray[np.int64], Array, Array, tuple[Array, Array]],
) -> Array:
    """Return reorder points by the normal method, never below zero.

    ``terms`` are review days, sd of demand per day, usual order and demand per review period.
    """
    (lead, protection), (measure, level), (mean_days, sd_days) = laws, target, lead_time
    days, daily_sd, size, review = terms
    per_day = protection.mean / (mean_days + days)
    spread = (daily_sd, mean_days, per_day, sd_days)
    sd = inventory.protection_sd(*spread, days)
    cycle, most = (
        protection.mean + inventory.safety_stock_normal(share, sd)
        for share in (level, inventory.most_for_fill(level))
    )
    fill = inventory.reorder_point_fill_normal(
        level, size, lead.mean, inventory.protection_sd(*spread),
        undershoot=inventory.undershoot_moments(*review),
    )  # fmt: skip
    normal = np.where(measure == Measure.FILL.value, np.minimum(fill, most), cycle)
    return np.where(per_day > 0, np.maximum(normal, 0.0), 0.0)  # nothing to promise without demand


def _ceiling(terms: Terms, mean: Array, start: Array) -> Array:
    """Return the position that a cap allows: demand of lead time, review and some weeks more."""
    most = demand_by(mean, np.minimum(start, mean.shape[1])) + demand_after(
        mean, start, _WEEK * np.nan_to_num(terms.cap_weeks, nan=1.0)
    )
    return np.where(np.isnan(terms.cap_weeks), np.inf, most)


def _late(world: World) -> Array:
    """Return the days by which nine in ten orders have arrived, shape (n_items,)."""
    below = world.probabilities.cumsum(axis=1)
    return np.asarray((below < _LATE).sum(axis=1) + 1.0)[world.row]


def _spans(terms: Terms, world: World) -> Array:
    """Return lead time plus review period on the kernel's bins, shape (n_items, n_bins)."""
    out = np.empty((len(world.row), len(distributions.BINS)))
    for days in np.unique(terms.review_days).tolist():
        some = terms.review_days == days
        longer = inventory.shifted(world.probabilities, days, longest=distributions.LAST_DAY)
        out[some] = distributions.bin_weights(longer)[world.row[some]]
    return out
