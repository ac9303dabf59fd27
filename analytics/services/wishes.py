"""What each policy would order today, before the supplier's minimum and cartons."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics import distributions, inventory
from analytics.policy import Order, Trigger
from analytics.services import demand_ahead
from analytics.services.levels import Levels
from analytics.services.planning import Basis
from analytics.services.scenes import stages_under

Array = NDArray[np.float64]
NOTHING = 0.5  # units below which no demand is expected
_SURE = 0.9  # share of orders that have arrived by the day that a season's dates reckon with


@dataclass(frozen=True, slots=True)
class Wish:
    """What policies would order; shape (n_rows,) each.

    Attributes
    ----------
    units : ndarray
        To order today, not rounded; of a policy that buys in batches, what is missing.
    is_due : ndarray of bool
        Whether an order is due today.
    reason : ndarray of str
        Code of why.
    order_by : ndarray
        Last safe day to order, in days from today; NaN = beyond half a year.
    later : ndarray
        Units of the next order, where none is due.
    """

    units: Array
    is_due: NDArray[np.bool_]
    reason: NDArray[np.object_]
    order_by: Array
    later: Array


def wish(basis: Basis, needed: Levels, ahead: Array, lost: Array) -> Wish:
    """Return what each policy would order today.

    Parameters
    ----------
    basis : Basis
        Rows of everything.
    needed : Levels
        What is promised.
    ahead : ndarray, shape (n_rows, n_days)
        Expected demand up to the end of day 1, 2, ... under the scenario.
    lost : ndarray, shape (n_rows,)
        Units that no order of today can save; left out of it unless the seller says otherwise.
    """
    position = basis.positions["inventory_position"].to_numpy(dtype=np.float64)
    rules = basis.policies
    trigger, target = bounds(basis, needed)
    days = _last_days(basis, needed, position, trigger, ahead)
    is_due = (position <= trigger) | (days <= 0)
    gap = np.where(is_due, np.maximum(target - position, 0.0), position * 0.0)
    gone = np.zeros_like(gap) if basis.assumed.order_lost_demand else np.nan_to_num(lost)
    units = np.maximum(gap - gone, 0.0)
    by_line = rules.trigger == Trigger.WARNING_LINE.value
    reason = np.where(by_line & (position > needed.reorder_point), "below_warning_line", "")
    reason = np.where(reason == "", "below_reorder_point", reason).astype(object)
    reason[rules.order == Order.BATCH.value] = "batch"
    days = np.where(is_due, np.where(units > 0, 0.0, np.nan), days)
    plain = Wish(units, is_due, reason, days, target - trigger)
    return _for_seasons(basis, needed, plain, position, ahead)


def bounds(basis: Basis, needed: Levels) -> tuple[Array, Array]:
    """Return the position at which an order is due, and that to which it lifts; whole units."""
    by_line = basis.policies.trigger == Trigger.WARNING_LINE.value
    line = inventory.warning_line(needed.safety_stock, needed.reorder_point)
    trigger = np.where(by_line, line, needed.reorder_point)
    return inventory.whole(trigger), inventory.whole(trigger + needed.cover)


def _last_days(
    basis: Basis, needed: Levels, position: Array, trigger: Array, ahead: Array
) -> Array:
    """Return the last safe day to order: closed factories bring it forward, to today if need be.

    A position that is above its trigger now is below it tomorrow at the soonest.
    """
    searched = ahead[:, : inventory.SEARCHED_DAYS + 1]
    days = inventory.last_safe_day(position, trigger, searched)
    days = np.where(position > trigger, np.maximum(days, 1.0), days)
    known = ~np.isnan(days)
    if not known.any() or not len(basis.closures):
        return days
    stages = stages_under(basis, needed.scenario, needed.lead_time_mean)[known]
    today = np.datetime64(basis.outlook.as_of, "D")
    order = today + days[known].astype("m8[D]")
    need = inventory.arrival_day(order, stages)
    always_open = np.asarray(inventory.order_day(need, stages), dtype="M8[D]")
    sooner = np.asarray(inventory.order_day(need, stages, basis.closures), dtype="M8[D]")
    out = days.copy()
    out[known] = np.maximum(days[known] - (always_open - sooner).astype(np.float64), 0.0)
    return out


def _for_seasons(basis: Basis, needed: Levels, wish: Wish, position: Array, ahead: Array) -> Wish:
    """Return the wish with seasonal items bought once, ahead of their season."""
    rows = np.flatnonzero(basis.policies.order == Order.SEASON.value)
    if not len(rows):
        return wish
    late = _surely_there(needed, rows)
    sd = demand_ahead.sd_ahead(basis, needed.scenario, rows)
    season = inventory.season_ahead(ahead[rows], sd, late)
    worth = basis.economics
    ratio = inventory.critical_ratio(
        worth.net_price[rows],
        worth.landed_cost[rows],
        worth.salvage[rows],
        goodwill=np.maximum(worth.stockout_cost - np.maximum(worth.contribution, 0.0), 0.0)[rows],
    )
    share = np.where(np.isfinite(ratio), ratio, needed.target.service_level[rows])
    wanted = inventory.season_quantity(season, position[rows], share)
    soon = basis.policies.review_days[rows]
    open_still = season.stop_day >= 0
    due = open_still & (season.order_by <= soon) & (wanted >= NOTHING)
    units, is_due, reason = wish.units.copy(), wish.is_due.copy(), wish.reason.copy()
    units[rows] = np.where(
        open_still, units[rows], np.minimum(units[rows], _quiet_need(basis, needed, rows, ahead))
    )
    days, later = wish.order_by.copy(), wish.later.copy()
    short = wish.is_due[rows]
    units[rows] = np.where(due, np.maximum(wanted, np.where(short, units[rows], 0.0)),
                           units[rows])  # fmt: skip
    is_due[rows] = due | short
    reason[rows] = np.select(
        [due & (season.order_by >= 0), due, ~open_still & short],
        ["season_due", "season_late", "season_over"], wish.reason[rows],
    )  # fmt: skip
    waits = open_still & ~due & ~short & (season.order_by > 0) & (wanted >= NOTHING)
    sooner = waits & ~(days[rows] < season.order_by)
    days[rows] = np.where(due, 0.0, np.where(sooner, season.order_by, days[rows]))
    days[rows] = np.where(is_due[rows] & ~(units[rows] > 0), np.nan, days[rows])
    later[rows] = np.where(sooner, np.nan_to_num(wanted), later[rows])
    reason[rows] = np.where(sooner, "season_later", reason[rows])
    return Wish(units, is_due, reason, days, later)


def _quiet_need(basis: Basis, needed: Levels, rows: NDArray[np.int64], ahead: Array) -> Array:
    """Return what an order that misses the season is for: the days after it arrives, and no more.

    The reorder point also holds what the season's last days may ask for beyond their forecast:
    units that would arrive when nobody asks for them any longer.
    """
    last = ahead.shape[1] - 1
    start = np.ceil(needed.lead_time_mean[rows]).astype(np.int64)
    days = basis.policies.review_days[rows] + basis.policies.cover_days[rows]
    first, end = np.clip(start - 1, 0, last), np.clip(start + days - 1, 0, last)
    every = np.arange(len(rows))
    mean = ahead[rows][every, end] - ahead[rows][every, first]
    variance = demand_ahead.sd_ahead(basis, needed.scenario, rows) ** 2
    sd = np.sqrt(np.maximum(variance[every, end] - variance[every, first], 0.0))
    share = needed.target.service_level[rows]
    return np.asarray(distributions.quantiles(mean, sd, share[:, None])[:, 0])


def _surely_there(needed: Levels, rows: NDArray[np.int64]) -> Array:
    """Return the days by which nine in ten orders of today have arrived."""
    below = needed.probabilities.cumsum(axis=1)
    return np.asarray((below < _SURE).sum(axis=1) + 1.0)[needed.row[rows]]
