"""Stock levels under a scenario: one computation that the board and the buffers both read."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analytics import distributions, inventory
from analytics.distributions import Mixture
from analytics.policy import Measure, Method, Order
from analytics.scenario import Scenario
from analytics.services import scenes
from analytics.services.demand_ahead import SHOWN, Expected, demand_after, demand_by

if TYPE_CHECKING:
    from analytics.services.planning import Basis, Note

__all__ = ["DAYS", "SHOWN", "Levels", "Target", "demand_after", "demand_by", "levels"]
Array = NDArray[np.float64]
Codes = NDArray[np.object_]
Flags = NDArray[np.bool_]
DAYS = 365
_CUT = 0.01  # probability of the longest lead time above which it is said to be cut
_SURE = 0.999  # no promise is higher than this, however much a sale earns
_UNSURE = 0.5  # nor lower than this, however little
_LONGEST_REVIEW = 1_000  # days, more than any policy's review period


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
    growth : ndarray
        Factor on all demand: its change, and what buyers make of the change of price.
    ahead : ndarray, shape (n_items, n_days)
        Expected demand up to the end of day 1, 2, ... under the scenario.
    swelling : ndarray
        Factor on the demand of the weeks that are shown: growth, and what a window adds to them.
    is_hit : ndarray of bool
        Whether the scenario moves the lead time of an order of today.
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
    growth: Array
    ahead: Array
    swelling: Array
    is_hit: Flags
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
    is_hit: Flags
    lead: Mixture
    protection: Mixture


def levels(basis: "Basis", scenario: Scenario) -> Levels:
    """Return the levels of every item under ``scenario``.

    Sliders touch the lead times' probabilities, the promise and a factor on units; the kernel stays
    as it is. At rest they touch nothing, so the plan itself comes out.
    """
    demand = Expected.of(basis, scenario)
    span = _span(basis, scenario, demand)
    days = basis.policies.review_days.astype(np.int64)
    per_day = demand.ahead[:, SHOWN - 1] / SHOWN
    daily_sd = demand.swelling * _daily_sd(basis)
    mean_days, sd_days = (moment[span.row] for moment in inventory.moments(span.probabilities))
    cover = demand_after(
        demand.ahead, mean_days + days, basis.policies.cover_days.astype(np.float64)
    )
    order_size = _order_size(basis, _usual_cover(basis, demand.ahead, days))
    target = _target(basis, scenario, per_day, order_size)
    review = (per_day * days, daily_sd * np.sqrt(days))
    laws = (span.lead, span.protection)
    usual, longest = scenes.stretched(basis, scenario, span.is_hit)
    points = {
        Method.QUANTILE.value: inventory.reorder_levels(
            *laws, target.measure, target.service_level,
            order_size=order_size, review_mean=review[0], review_sd=review[1],
        ),
        Method.NORMAL.value: _normal(
            basis, span, scenario, target, (order_size, per_day, daily_sd)
        ),
        Method.MAX_AVERAGE.value: inventory.reorder_point_max_average(
            demand.swelling * basis.recent["demand_max"].to_numpy(np.float64), longest
        ),
    }  # fmt: skip
    method = basis.policies.method
    chosen = np.select([method == name for name in points], list(points.values()), np.nan)
    missing = np.isnan(chosen)
    chosen = np.where(missing, points[Method.QUANTILE.value], chosen)
    return Levels(
        scenario=scenario,
        growth=demand.growth,
        ahead=demand.ahead,
        swelling=demand.swelling,
        is_hit=span.is_hit,
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
        notes=(*_notes(span), *_price_notes(basis, scenario)),
    )


def _span(basis: "Basis", scenario: Scenario, demand: Expected) -> _Span:
    """Return lead times as the scenario has them, and demand over them."""
    lead, row, is_hit = scenes.laws(basis, scenario)
    pairs, place = np.unique(
        _LONGEST_REVIEW * row + basis.policies.review_days, return_inverse=True
    )
    law, review = pairs // _LONGEST_REVIEW, pairs % _LONGEST_REVIEW
    spans = np.empty((len(pairs), distributions.LAST_DAY))
    for days in np.unique(review).tolist():
        some = review == days
        spans[some] = inventory.shifted(lead[law[some]], days, longest=distributions.LAST_DAY)
    return _Span(
        probabilities=lead,
        row=row,
        is_hit=is_hit,
        lead=demand.mixed(basis.kernel, lead, row),
        protection=demand.mixed(basis.kernel, spans, place.reshape(-1)),
    )


def _daily_sd(basis: "Basis") -> Array:
    """Return the forecast's sd per day: that of its weeks, as if days were independent."""
    weekly = basis.outlook.forecast.sd[:, 1 : 1 + SHOWN // 7]  # the first week is a rest of one
    return np.asarray(np.sqrt((weekly**2).mean(axis=1) / 7))


def _usual_cover(basis: "Basis", ahead: Array, review_days: NDArray[np.int64]) -> Array:
    """Return what an order covers at lead times at rest.

    A promise is kept by the size of the usual order, too: if a delay moved the days covered into a
    season, the larger order would lower the reorder point.
    """
    known = basis.lead_times
    mean_days = inventory.moments(known.probabilities)[0][known.row]
    days = basis.policies.cover_days.astype(np.float64)
    return demand_after(ahead, mean_days + review_days, days)


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
    sd_days = scenes.spread(basis, scenario, span.is_hit)
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


def _notes(span: _Span) -> "list[Note]":
    """Say where a lead time was cut at the longest that is planned for."""
    cut = span.probabilities[span.row, -1] > _CUT
    longest = inventory.LONGEST
    return [("lead_time_cut", {"items": int(cut.sum()), "days": longest})] if cut.any() else []


def _price_notes(basis: "Basis", scenario: Scenario) -> "list[Note]":
    """Say of how many items nothing is known of what prices do to demand."""
    unknown = int((basis.elasticity == 0).sum())
    if not scenario.price_change_pct or not unknown:
        return []
    return [("price_effect_unknown", {"items": unknown})]
