"""Stock levels under a scenario: one computation that the board and the buffers both read."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analytics import distributions, inventory
from analytics.distributions import Mixture
from analytics.policy import Measure, Method, Order
from analytics.scenario import Scenario

if TYPE_CHECKING:
    from analytics.services.planning import Basis, Note

Array = NDArray[np.float64]
Codes = NDArray[np.object_]
DAYS = 365
SHOWN = 91  # days that demand per day is the mean of
_CUT = 0.01  # probability of the longest lead time above which it is said to be cut
_SURE = 0.999  # no promise is higher than this, however much a sale earns
_UNSURE = 0.5  # nor lower than this, however little


@dataclass(frozen=True, slots=True)
class Target:
    """What is promised of every item; shape (n_items,) each.

    Attributes
    ----------
    measure : ndarray of str
        Codes of `analytics.policy.Measure`.
    service_level : ndarray
        0 to 1.
    source : ndarray of str
        ``scenario``, ``profit`` (the critical ratio), or whose word the policy is: ``item``,
        ``tier``, ``default``.
    """

    measure: Codes
    service_level: Array
    source: Codes


@dataclass(frozen=True, slots=True)
class Levels:
    """What a promise needs, per item; shape (n_items,) each unless said otherwise.

    Attributes
    ----------
    scenario : Scenario
        Under which.
    growth : float
        Factor on all demand.
    probabilities : ndarray, shape (n_laws, 196)
        Lead times under the scenario; ``row`` says which is an item's.
    row : ndarray of int
        Each item's law.
    lead, protection : Mixture
        Demand over the lead time, and over lead time and review period, in units.
    lead_time_mean, lead_time_sd : ndarray
        Days.
    lead_time_usual, lead_time_max : ndarray
        What the max-average rule takes: usual and longest lead time, in days.
    review_days : ndarray of int
        Days between two looks.
    target : Target
        What is promised.
    cover : ndarray
        Expected demand of the days that an order covers, after lead time and review period.
    order_size : ndarray
        Units of a usual order: of one at the usual lead times, whatever the scenario makes of them.
    review_mean, review_sd : ndarray
        Demand per review period, in units.
    daily_sd : ndarray
        Of demand per day by the forecast, in units/day.
    reorder_points : dict of str to ndarray
        By `analytics.policy.Method`; units, not rounded; NaN where the rule knows too little.
    method : ndarray of str
        Whose reorder point is used: the policy's, or ``quantile`` where that one is NaN.
    reorder_point, safety_stock : ndarray
        By that method; units, not rounded. Safety stock is the reorder point less
        ``protection.mean``, signed.
    notes : tuple of (code, facts)
        What these levels assume.
    """

    scenario: Scenario
    growth: float
    probabilities: Array
    row: NDArray[np.int64]
    lead: Mixture
    protection: Mixture
    lead_time_mean: Array
    lead_time_sd: Array
    lead_time_usual: Array
    lead_time_max: Array
    review_days: NDArray[np.int64]
    target: Target
    cover: Array
    order_size: Array
    review_mean: Array
    review_sd: Array
    daily_sd: Array
    reorder_points: dict[str, Array]
    method: Codes
    reorder_point: Array
    safety_stock: Array
    notes: "tuple[Note, ...]"

    @property
    def demand_mean(self) -> Array:
        """Return expected demand over lead time and review period, in units."""
        return self.protection.mean

    @property
    def demand_sd(self) -> Array:
        """Return the sd of demand over lead time and review period, in units."""
        return self.protection.sd

    @property
    def protected_days(self) -> Array:
        """Return mean lead time and review period together, in days."""
        return self.lead_time_mean + self.review_days

    def cycle_service(self, reorder_point: Array) -> Array:
        """Return the cycle service that reorder points give, 0 to 1; NaN where there is none."""
        served = inventory.cycle_service(self.protection, np.nan_to_num(reorder_point))
        return np.where(np.isnan(reorder_point), np.nan, served)

    def fill_rate(self, reorder_point: Array) -> Array:
        """Return the fill rate that reorder points give, 0 to 1; NaN where there is none."""
        served = inventory.fill_rate_of(
            self.lead,
            np.nan_to_num(reorder_point),
            order_size=self.order_size,
            review_mean=self.review_mean,
            review_sd=self.review_sd,
        )
        return np.where(np.isnan(reorder_point), np.nan, np.clip(served, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class _Span:
    """Lead times under a scenario, and the demand over them."""

    probabilities: Array
    row: NDArray[np.int64]
    lead: Mixture
    protection: Mixture


def levels(basis: "Basis", scenario: Scenario) -> Levels:
    """Return the levels of every item under ``scenario``.

    Sliders touch the lead times' probabilities, the promise and a factor on units; the kernel stays
    as it is. At rest they touch nothing, so the plan itself comes out.
    """
    growth = 1 + scenario.demand_change_pct / 100
    span = _span(basis, scenario, growth)
    days = basis.policies.review_days.astype(np.int64)
    per_day = growth * basis.demand_by_day[:, SHOWN - 1] / SHOWN
    daily_sd = growth * _daily_sd(basis)
    mean_days, sd_days = (moment[span.row] for moment in inventory.moments(span.probabilities))
    cover = growth * demand_after(
        basis.demand_by_day, mean_days + days, basis.policies.cover_days.astype(np.float64)
    )
    order_size = _order_size(basis, growth * _usual_cover(basis, days))
    target = _target(basis, scenario, per_day, order_size)
    review = (per_day * days, daily_sd * np.sqrt(days))
    laws = (span.lead, span.protection)
    usual, longest = _stretched(basis, scenario)
    points = {
        Method.QUANTILE.value: inventory.reorder_levels(
            *laws, target.measure, target.service_level,
            order_size=order_size, review_mean=review[0], review_sd=review[1],
        ),
        Method.NORMAL.value: _normal(
            basis, span, scenario, target, (order_size, per_day, daily_sd)
        ),
        Method.MAX_AVERAGE.value: inventory.reorder_point_max_average(
            growth * basis.recent["demand_max"].to_numpy(np.float64), longest
        ),
    }  # fmt: skip
    method = basis.policies.method
    chosen = np.select([method == name for name in points], list(points.values()), np.nan)
    missing = np.isnan(chosen)
    chosen = np.where(missing, points[Method.QUANTILE.value], chosen)
    return Levels(
        scenario=scenario,
        growth=growth,
        probabilities=span.probabilities,
        row=span.row,
        lead=span.lead,
        protection=span.protection,
        lead_time_mean=mean_days,
        lead_time_sd=sd_days,
        lead_time_usual=usual,
        lead_time_max=longest,
        review_days=days,
        target=target,
        cover=cover,
        order_size=order_size,
        review_mean=review[0],
        review_sd=review[1],
        daily_sd=daily_sd,
        reorder_points=points,
        method=np.where(missing, Method.QUANTILE.value, method).astype(object),
        reorder_point=chosen,
        safety_stock=chosen - span.protection.mean,
        notes=tuple(_notes(span)),
    )


def delayed(probabilities: Array, scenario: Scenario) -> Array:
    """Return lead times as the scenario has them; at rest, the same."""
    return inventory.delayed(
        probabilities,
        shift_days=scenario.lead_time_delay_days,
        scale=1 + scenario.lead_time_change_pct / 100,
        spread=1 + scenario.lead_time_spread_pct / 100,
    )


def _span(basis: "Basis", scenario: Scenario, growth: float) -> _Span:
    """Return lead times as the scenario has them, and demand over them."""
    known = basis.lead_times
    lead = delayed(known.probabilities, scenario)
    pairs, place = np.unique(
        np.column_stack([known.row, basis.policies.review_days]), axis=0, return_inverse=True
    )
    spans = np.empty((len(pairs), distributions.LAST_DAY))
    for days in np.unique(pairs[:, 1]):
        some = pairs[:, 1] == days
        spans[some] = inventory.shifted(
            lead[pairs[some, 0]], int(days), longest=distributions.LAST_DAY
        )
    return _Span(
        probabilities=lead,
        row=known.row,
        lead=_mixed(basis, distributions.bin_weights(lead)[known.row], growth),
        protection=_mixed(basis, distributions.bin_weights(spans)[place.reshape(-1)], growth),
    )


def _mixed(basis: "Basis", weights: Array, growth: float) -> Mixture:
    mixture = basis.kernel.mixed(weights)
    return mixture if growth == 1.0 else mixture.scaled(growth)


def _daily_sd(basis: "Basis") -> Array:
    """Return the forecast's sd per day: that of its weeks, as if days were independent."""
    weekly = basis.outlook.forecast.sd[:, 1 : 1 + SHOWN // 7]  # the first week is a rest of one
    return np.asarray(np.sqrt((weekly**2).mean(axis=1) / 7))


def demand_after(cumulative: Array, start: Array, days: Array) -> Array:
    """Return expected demand of some days after another day; days need not be whole.

    Parameters
    ----------
    cumulative : ndarray, shape (n_items, n_days)
        Expected demand up to the end of day 1, 2, ...
    start, days : ndarray, shape (n_items,)
        The day after which they begin, and how many they are. What lies beyond the days given sells
        like the last of them.

    Examples
    --------
    >>> demand_after(np.array([[2.0, 4.0, 6.0, 8.0]]), np.array([1.5]), np.array([2.0])).tolist()
    [4.0]
    """
    last = cumulative.shape[1]
    end = np.minimum(start + days, last)
    begin = np.minimum(start, np.maximum(end - days, 0.0))
    short = np.where(end > begin, days / np.maximum(end - begin, 1e-9), 0.0)
    return np.asarray(short * (demand_by(cumulative, end) - demand_by(cumulative, begin)))


def demand_by(cumulative: Array, days: Array) -> Array:
    """Return expected demand up to the end of a day, which need not be whole, shape (n_items,)."""
    whole = np.clip(np.floor(days).astype(np.int64), 0, cumulative.shape[1] - 1)
    rows = np.arange(len(cumulative))
    low = np.where(whole > 0, cumulative[rows, np.maximum(whole - 1, 0)], 0.0)
    return np.asarray(low + np.clip(days - whole, 0.0, 1.0) * (cumulative[rows, whole] - low))


def _usual_cover(basis: "Basis", review_days: NDArray[np.int64]) -> Array:
    """Return what an order covers at rest.

    A promise is kept by the size of the usual order, too: if a delay moved the days covered into a
    season, the larger order would lower the reorder point.
    """
    known = basis.lead_times
    mean_days = inventory.moments(known.probabilities)[0][known.row]
    days = basis.policies.cover_days.astype(np.float64)
    return demand_after(basis.demand_by_day, mean_days + review_days, days)


def _order_size(basis: "Basis", cover: Array) -> Array:
    """Return the units of a usual order: what it covers, a carton and the minimum at least."""
    rules, listed = basis.policies, basis.outlook.items
    least = np.nan_to_num(listed["moq"].to_numpy(dtype=np.float64, na_value=np.nan))
    box = np.nan_to_num(listed["carton_quantity"].to_numpy(dtype=np.float64, na_value=np.nan))
    batch = np.maximum(np.maximum(least, box), 1.0)
    size = np.where(rules.order == Order.BATCH.value, batch, np.maximum(cover, batch))
    return np.asarray(size, dtype=np.float64)


def _target(basis: "Basis", scenario: Scenario, per_day: Array, order_size: Array) -> Target:
    """Return what is promised: the scenario's word, else what profit asks for, else the policy."""
    rules = basis.policies
    if scenario.service_level_pct is not None:
        told = np.full(len(per_day), scenario.service_level_pct / 100)
        return Target(rules.measure, told, np.full(len(per_day), "scenario", dtype=object))
    worth = basis.economics
    ratio = inventory.critical_ratio_lost_sales(
        order_size, worth.holding_cost, worth.stockout_cost, DAYS * per_day
    )
    by_profit = rules.by_profit & np.isfinite(ratio)
    return Target(
        np.where(by_profit, Measure.CYCLE.value, rules.measure).astype(object),
        np.where(by_profit, np.clip(ratio, _UNSURE, _SURE), rules.service_level),
        np.where(by_profit, "profit", rules.source).astype(object),
    )


def _normal(
    basis: "Basis",
    span: _Span,
    scenario: Scenario,
    target: Target,
    demand: tuple[Array, Array, Array],
) -> Array:
    """Return reorder points by the normal method, never below zero.

    ``demand``: units of a usual order, and mean and sd per day over the weeks that are shown. The
    mean of the very days waited for could fall when they become more, and with it what the wait's
    own spread costs.
    """
    order_size, per_day, daily_sd = demand
    days = basis.policies.review_days.astype(np.int64)
    mean_days = inventory.moments(span.probabilities)[0][span.row]
    sd_days = _spread(basis, scenario)
    sd = inventory.protection_sd(daily_sd, mean_days, per_day, sd_days, days)
    cycle = span.protection.mean + inventory.safety_stock_normal(target.service_level, sd)
    filled = inventory.reorder_point_fill_normal(
        target.service_level,
        np.maximum(order_size, per_day * days),
        span.lead.mean,
        inventory.protection_sd(daily_sd, mean_days, per_day, sd_days),
        undershoot=inventory.undershoot_moments(per_day * days, daily_sd * np.sqrt(days)),
    )
    most = span.protection.mean + inventory.safety_stock_normal(
        inventory.most_for_fill(target.service_level), sd
    )
    by_fill = target.measure == Measure.FILL.value
    chosen = np.where(by_fill, np.minimum(filled, most), cycle)
    return np.asarray(np.maximum(chosen, 0.0))


def _spread(basis: "Basis", scenario: Scenario) -> Array:
    """Return the sd of lead times under the scenario, in days, as if none were ever cut."""
    known = basis.lead_times
    _, sd = inventory.delayed_moments(
        *inventory.moments(known.probabilities),
        shift_days=scenario.lead_time_delay_days,
        scale=1 + scenario.lead_time_change_pct / 100,
        spread=1 + scenario.lead_time_spread_pct / 100,
    )
    return sd[known.row]


def _stretched(basis: "Basis", scenario: Scenario) -> tuple[Array, Array]:
    """Return usual and longest lead time under the scenario, for the max-average rule."""
    lines = basis.lead_times.lines
    usual = lines["lead_time_usual"].to_numpy(np.float64)
    longest = lines["lead_time_max"].to_numpy(np.float64)
    scale = 1 + scenario.lead_time_change_pct / 100
    spread = 1 + scenario.lead_time_spread_pct / 100
    shift = scenario.lead_time_delay_days
    return scale * usual + shift, scale * (usual + spread * (longest - usual)) + shift


def _notes(span: _Span) -> "list[Note]":
    """Say where a lead time was cut at the longest that is planned for."""
    cut = span.probabilities[span.row, -1] > _CUT
    longest = inventory.LONGEST
    return [("lead_time_cut", {"items": int(cut.sum()), "days": longest})] if cut.any() else []
