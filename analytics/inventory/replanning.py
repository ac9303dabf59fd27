"""What a policy would order from today on, week by week, and what was lost by some day.

Demand is the forecast; what finds no stock is lost and is not ordered again. Day 1 is tomorrow;
what arrives on a day can be sold on that day.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.inventory.policy import rounded_quantity, whole

Array = NDArray[np.float64]
Days = NDArray[np.int64]
Flags = NDArray[np.bool_]
WEEK = 7  # days between two looks
_TAIL = 28  # last days whose demand goes on beyond them


@dataclass(frozen=True, slots=True)
class Policy:
    """How items are bought; shape (n_items,) each.

    Attributes
    ----------
    reorder_point : ndarray
        Position at which an order is due today, in units.
    protected_days : ndarray
        Lead time and review period together, need not be whole.
    cover_days : ndarray
        Days after those that an order covers.
    arrival : ndarray
        Days until an order can be sold.
    moq, carton : ndarray
        Smallest order, and units per carton; NaN = none.
    in_batches : ndarray of bool
        Whether one smallest order is placed whatever is missing.
    once : ndarray of bool
        Whether nothing is ordered after today's order.
    """

    reorder_point: Array
    protected_days: Array
    cover_days: Array
    arrival: Array
    moq: Array
    carton: Array
    in_batches: Flags
    once: Flags


@dataclass(frozen=True, slots=True)
class NewOrders:
    """Orders that will be placed; shape (n_items, n_weeks) each.

    Attributes
    ----------
    placed : ndarray of int, shape (n_weeks,)
        Days on which they are placed.
    eta : ndarray of int
        Days on which they can be sold.
    units : ndarray
        0 = no order.
    """

    placed: Days
    eta: Days
    units: Array


def orders_of_policy(
    position: ArrayLike,
    cumulative_demand: Array,
    policy: Policy,
    *,
    on_hand: ArrayLike,
    eta: Days,
    quantity: Array,
    horizon: int,
) -> NewOrders:
    """Return the orders of the weeks after today that arrive within a horizon.

    Parameters
    ----------
    position : array_like, shape (n_items,)
        All that is there or coming with the order of today, in units; NaN = unknown, and nothing is
        ordered.
    cumulative_demand : ndarray, shape (n_items, n_days)
        Expected demand up to the end of day 1, 2, ... in units; longer than the horizon, so that
        levels can follow a season. What lies beyond its end sells like its last days.
    policy : Policy
        How items are bought.
    on_hand : array_like, shape (n_items,)
        Units that can be sold; NaN = unknown.
    eta, quantity : ndarray, shape (n_items, n_orders)
        What arrives already, today's order included; see `project`.
    horizon : int
        Days.

    Notes
    -----
    On day t = 7, 14, ...: position(t) = position + ordered - sold; where that is not above
    ``s(t) = s(0) + D(t, t + P) - D(0, P)``, P the protected days, it is lifted to
    ``s(t) + D(t + P, t + P + cover)``; then minimum order and cartons.

    Examples
    --------
    Ten a day, an order takes 14 days; 260 units cover the three weeks and five days more:

    >>> demand = np.cumsum(np.full((1, 120), 10.0), axis=1)
    >>> one = np.ones(1)
    >>> policy = Policy(210 * one, 21 * one, 28 * one, 14 * one, np.nan * one, np.nan * one,
    ...                 one < 0, one < 0)
    >>> none = np.zeros((1, 0))
    >>> new = orders_of_policy([260], demand, policy, on_hand=[260], eta=none.astype(int),
    ...                        quantity=none, horizon=60)
    >>> new.placed.tolist(), new.eta[0].tolist(), new.units[0].tolist()
    ([7, 35], [21, 49], [300.0, 280.0])
    """
    start = np.asarray(position, dtype=np.float64)
    placed = np.arange(WEEK, horizon, WEEK, dtype=np.int64)
    days = np.ceil(np.nan_to_num(policy.arrival) - 1e-9).astype(np.int64)
    known = ~np.isnan(np.asarray(on_hand, dtype=np.float64) + start) & ~policy.once
    rows = np.flatnonzero(known & (days + WEEK <= horizon))
    units = np.zeros((len(start), len(placed)))
    if len(rows):
        book = _Book.opened(np.asarray(on_hand)[rows], start[rows], horizon)
        book.receive(eta[rows], quantity[rows])
        every = len(rows) == len(start)
        demand = cumulative_demand if every else cumulative_demand[rows]
        plan = _Plan.of(_some(policy, rows), demand)
        for number, day in enumerate(placed[placed + days[rows].min() <= horizon].tolist()):
            units[rows, number] = book.ordered_on(day, plan, days[rows])
    used = np.flatnonzero(units.any(axis=0))
    return NewOrders(placed[used], days[:, None] + placed[None, used], units[:, used])


@dataclass(frozen=True, slots=True)
class _Plan:
    """A policy, and the demand that it orders for."""

    policy: Policy
    demand: Array  # cumulative, (n_items, n_days)
    rate: Array  # per day beyond the last
    protected: Array  # demand of the days that are protected today

    @classmethod
    def of(cls, policy: Policy, demand: Array) -> "_Plan":
        tail = min(_TAIL, demand.shape[1] - 1)
        rate = (demand[:, -1] - demand[:, -1 - tail]) / max(tail, 1)
        rows = np.arange(len(demand))
        return cls(policy, demand, rate, _demand_by(demand, rate, rows, policy.protected_days))

    def wanted(self, position: Array, day: int) -> Array:
        """Return what the policy orders at the end of a day."""
        policy, rows = self.policy, np.arange(len(position))
        after = _demand_by(self.demand, self.rate, rows, day + policy.protected_days)
        more = after - self.demand[:, day - 1]
        level = whole(np.maximum(policy.reorder_point + more - self.protected, 0.0))
        out = np.zeros(len(position))
        due = np.flatnonzero(position <= level)
        end = (day + policy.protected_days + policy.cover_days)[due]
        cover = _demand_by(self.demand, self.rate, due, end) - after[due]
        missing = whole(level[due] + cover) - position[due]
        missing = np.where(policy.in_batches[due], np.minimum(missing, 1.0), missing)
        out[due] = rounded_quantity(missing, policy.moq[due], policy.carton[due])
        return out


@dataclass(slots=True)
class _Book:
    """Stock and position of some items, brought forward week by week."""

    level: Array  # all that was there or has arrived
    lost: Array
    position: Array  # but for what sold since today
    arrivals: Array  # by day, (n_items, horizon)

    @classmethod
    def opened(cls, on_hand: Array, position: Array, horizon: int) -> "_Book":
        nothing = np.zeros(len(position))
        level = np.maximum(on_hand, 0.0)
        return cls(level, nothing, position.copy(), np.zeros((len(position), horizon)))

    def receive(self, eta: Days, units: Array) -> None:
        """Note what arrives; what is overdue comes on day 1."""
        row, order = np.nonzero((units > 0) & (eta <= self.arrivals.shape[1]))
        day = np.maximum(eta[row, order], 1) - 1
        np.add.at(self.arrivals, (row, day), units[row, order])

    def ordered_on(self, day: int, plan: _Plan, lead: Days) -> Array:
        """Return what is ordered at the end of a day, and note it."""
        week, demand = slice(day - WEEK, day), plan.demand
        supply = self.level[:, None] + self.arrivals[:, week].cumsum(axis=1)
        self.lost = np.maximum(self.lost, (demand[:, week] - supply).max(axis=1))
        self.level = supply[:, -1]
        position = self.position - (demand[:, day - 1] - self.lost)
        units = plan.wanted(position, day)
        units = np.where(day + lead <= self.arrivals.shape[1], units, 0.0)
        self.position = self.position + units
        self.receive((day + lead)[:, None], units[:, None])
        return units


def _demand_by(cumulative: Array, rate: Array, rows: NDArray[np.intp], days: Array) -> Array:
    """Return demand up to the end of a day, which need not be whole nor within the days given."""
    last = cumulative.shape[1]
    whole_days = np.clip(np.floor(days).astype(np.int64), 0, last)
    low = np.where(whole_days > 0, cumulative[rows, np.maximum(whole_days - 1, 0)], 0.0)
    next_ = cumulative[rows, np.minimum(whole_days, last - 1)] - low
    return np.asarray(low + (days - whole_days) * np.where(whole_days < last, next_, rate[rows]))


def _some(policy: Policy, rows: NDArray[np.intp]) -> Policy:
    return Policy(**{field.name: getattr(policy, field.name)[rows] for field in fields(policy)})


def lost_by(
    on_hand: ArrayLike,
    cumulative_demand: Array,
    eta: Days,
    quantity: Array,
    day: ArrayLike,
    *,
    rows: NDArray[np.intp] | None = None,
) -> Array:
    """Return the demand that finds no stock up to the end of a day of each item's own.

    Parameters
    ----------
    on_hand, cumulative_demand, eta, quantity
        See `analytics.inventory.project`.
    day : array_like of int, shape (n_items,)
        Within the days of ``cumulative_demand``; 0 or less = nothing is lost yet.
    rows : ndarray of int, shape (n_items,), optional
        Rows of ``cumulative_demand`` that are the items'; none = all, in order.

    Returns
    -------
    ndarray, shape (n_items,)
        Units; NaN where stock is unknown.

    Examples
    --------
    Ten a day, 35 units, and an order on day 6: 15 are lost before it comes.

    >>> demand = np.cumsum(np.full((2, 10), 10.0), axis=1)
    >>> lost_by([35, 35], demand, np.full((2, 1), 6), np.full((2, 1), 40.0), [4, 9]).tolist()
    [5.0, 15.0]
    """
    held = np.maximum(np.asarray(on_hand, dtype=np.float64), 0.0)
    until = np.clip(np.asarray(day, dtype=np.int64), 0, cumulative_demand.shape[1])
    every = np.arange(len(held))[:, None]
    order = np.argsort(eta, axis=1, kind="stable")
    end = np.empty((len(held), eta.shape[1] + 1), dtype=np.int64)
    end[:, -1] = until
    np.clip(eta[every, order] - 1, 0, end[:, -1:], out=end[:, :-1])
    supply = np.empty(end.shape)
    supply[:, 0] = held
    supply[:, 1:] = held[:, None] + np.nan_to_num(quantity)[every, order].cumsum(axis=1)
    chosen = every if rows is None else rows[:, None]
    demand = np.where(end > 0, cumulative_demand[chosen, np.maximum(end - 1, 0)], 0.0)
    short = np.maximum(demand - supply, 0.0).max(axis=1)
    return np.asarray(np.where(np.isnan(held), np.nan, short))
