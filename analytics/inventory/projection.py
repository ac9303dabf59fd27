"""Stock from today on, as orders arrive and buyers take it: when it runs out, and what is lost.

What finds no stock is lost, not kept waiting. Day 1 is tomorrow; what arrives on a day can be sold
on that day.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Days = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Projection:
    """What becomes of the stock of each item within the days given; all of shape (n_items,).

    Attributes
    ----------
    stockout_day : ndarray
        First day on which demand is not met; NaN = none.
    stockout_days : ndarray
        Days from there, and from later ones, to the next arrival: all on which demand is not met.
    lost : ndarray
        Demand not met, in units.
    end_stock : ndarray
        Units at the end of the last day.
    """

    stockout_day: Array
    stockout_days: Array
    lost: Array
    end_stock: Array


@dataclass(frozen=True, slots=True)
class Course:
    """Stock day by day; all of shape (n_items, n_days), in units.

    Attributes
    ----------
    on_hand : ndarray
        At the end of the day.
    arrivals : ndarray
        What arrives that day.
    lost : ndarray
        Demand of that day that is not met.
    """

    on_hand: Array
    arrivals: Array
    lost: Array


def project(
    on_hand: ArrayLike, cumulative_demand: Array, eta: ArrayLike, quantity: ArrayLike
) -> Projection:
    """Return when stock runs out, and what is lost, if open orders arrive as they are expected.

    Parameters
    ----------
    on_hand : array_like, shape (n_items,)
        Units; NaN = unknown, and so is all that follows. Less than nothing counts as nothing.
    cumulative_demand : ndarray, shape (n_items, n_days)
        Expected demand up to the end of day 1, 2, ... in units; it never falls.
    eta : array_like, shape (n_items, n_orders)
        Day of arrival of each open order, in any order; 0 or less = overdue, counted as there on
        day 1; beyond the last day it does not arrive.
    quantity : array_like, shape (n_items, n_orders)
        Units; 0 or NaN where an item has fewer orders.

    Notes
    -----
    ``lost(t) = max(0, max over u <= t of D(u) - A(u))``, A what was there or has arrived: exact for
    lost sales, because what arrives does not depend on what sells (Skorokhod's reflection). Between
    arrivals A stands still, so only the days before an arrival and the last one matter.

    Examples
    --------
    Two hundred units, ten a day, orders due on days 18 and 40 a week late:

    >>> demand = np.cumsum(np.full((1, 60), 10.0), axis=1)
    >>> found = project([200], demand, [[25, 47]], [[150, 300]])
    >>> [float(x[0]) for x in (found.stockout_day, found.stockout_days, found.lost,
    ...                        found.end_stock)]
    [21.0, 11.0, 110.0, 160.0]
    """
    held, day, units = _sorted(on_hand, eta, quantity, cumulative_demand.shape[1])
    supply = held[:, None] + np.concatenate([np.zeros((len(held), 1)), units.cumsum(axis=1)], 1)
    horizon = cumulative_demand.shape[1]
    end = np.concatenate([day - 1, np.full((len(held), 1), horizon)], axis=1)
    demand = _at(cumulative_demand, end)
    lost = np.maximum.accumulate(np.maximum(demand - supply, 0.0), axis=1)
    first, days = _without_stock(cumulative_demand, supply, end, lost)
    known = ~np.isnan(held)
    return Projection(
        stockout_day=np.where(known, first, np.nan),
        stockout_days=np.where(known, days, np.nan),
        lost=np.where(known, lost[:, -1], np.nan),
        # What is left is nothing or more, but for the arithmetic.
        end_stock=np.where(known, np.maximum(supply - demand + lost, 0.0)[:, -1], np.nan),
    )


def _sorted(
    on_hand: ArrayLike, eta: ArrayLike, quantity: ArrayLike, horizon: int
) -> tuple[Array, Days, Array]:
    """Return stock, and the days of arrival in order of time with their units."""
    held = np.maximum(np.asarray(on_hand, dtype=np.float64), 0.0)
    expected = np.nan_to_num(np.asarray(eta, dtype=np.float64), nan=horizon + 1.0)
    units = np.nan_to_num(np.asarray(quantity, dtype=np.float64))
    day = np.clip(expected, 1, horizon + 1).astype(np.int64)
    units = np.where(day <= horizon, np.maximum(units, 0.0), 0.0)
    order = np.argsort(day, axis=1, kind="stable")
    return held, np.take_along_axis(day, order, 1), np.take_along_axis(units, order, 1)


def _at(cumulative_demand: Array, day: Days) -> Array:
    """Return the demand up to the end of a day; none by day 0."""
    found = np.take_along_axis(cumulative_demand, np.maximum(day - 1, 0), axis=1)
    return np.where(day > 0, found, 0.0)


def _without_stock(
    cumulative_demand: Array, supply: Array, end: Days, lost: Array
) -> tuple[Array, Array]:
    """Return the first day without stock (NaN = none), and how many there are."""
    before = np.concatenate([np.zeros((len(lost), 1)), lost[:, :-1]], axis=1)
    item, segment = np.nonzero(lost > before)
    enough = (supply + before)[item, segment]
    start = np.where(segment > 0, end[item, np.maximum(segment - 1, 0)] + 1, 1)
    low, high = start, end[item, segment]
    while (low < high).any():  # the first day of the segment on which demand exceeds supply
        middle = (low + high) // 2
        over = cumulative_demand[item, middle - 1] > enough
        high = np.where(over, middle, high)
        low = np.where(over | (low >= high), low, middle + 1)
    first = np.full(len(lost), np.nan)
    first[item[::-1]] = low[::-1]  # of an item's segments the earliest is written last
    days = np.bincount(item, weights=end[item, segment] - low + 1, minlength=len(lost))
    return first, days.astype(np.float64)


def project_by_day(
    on_hand: ArrayLike, cumulative_demand: Array, eta: ArrayLike, quantity: ArrayLike
) -> Course:
    """Return stock, arrivals and lost demand of every day; parameters as in `project`.

    Examples
    --------
    >>> course = project_by_day([15], np.array([[10.0, 20.0, 30.0]]), [[3]], [[40]])
    >>> course.on_hand.tolist(), course.lost.tolist()
    ([[5.0, 0.0, 30.0]], [[0.0, 5.0, 0.0]])
    """
    horizon = cumulative_demand.shape[1]
    held, day, units = _sorted(on_hand, eta, quantity, horizon)
    arrivals = np.zeros((len(held), horizon + 1))
    np.add.at(arrivals, (np.arange(len(held))[:, None], day - 1), units)
    arrivals = arrivals[:, :horizon]
    supply = held[:, None] + arrivals.cumsum(axis=1)
    gone = np.maximum.accumulate(np.maximum(cumulative_demand - supply, 0.0), axis=1)
    stock = np.maximum(supply - cumulative_demand + gone, 0.0)
    return Course(stock, arrivals, np.diff(gone, axis=1, prepend=0.0))
