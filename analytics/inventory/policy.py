"""When to order and how much: position, order-up-to level, minimum and carton, last safe day."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
SEARCHED_DAYS = 182  # twenty-six weeks; an order later than that is no decision of today


def inventory_position(
    on_hand: ArrayLike,
    inbound: ArrayLike,
    shipped: ArrayLike,
    ordered: ArrayLike,
    reserved: ArrayLike,
) -> Array:
    """Return the units that stand between an item and its next order.

    Parameters
    ----------
    on_hand, inbound, reserved : array_like, shape (n_items,)
        As the stock list says: sellable, announced to the warehouse, promised to buyers.
    shipped, ordered : array_like, shape (n_items,)
        Open purchase orders: shipped and not yet received; ordered and not yet shipped.

    Returns
    -------
    ndarray, shape (n_items,)
        ``on_hand + max(inbound, shipped) + ordered - reserved``; what a marketplace announces and
        what the seller shipped are the same boxes, so only the larger counts.

    Examples
    --------
    >>> float(inventory_position(120, 50, 80, 200, 10))
    390.0
    """
    hand, announced, sent, asked, promised = (
        np.asarray(value, dtype=np.float64)
        for value in (on_hand, inbound, shipped, ordered, reserved)
    )
    return np.asarray(hand + np.maximum(announced, sent) + asked - promised)


def order_quantity(
    position: ArrayLike, reorder_point: ArrayLike, order_up_to_level: ArrayLike
) -> Array:
    """Return what lifts a position at or below its reorder point to the order-up-to level.

    Parameters
    ----------
    position, reorder_point, order_up_to_level : array_like, shape (n_items,)
        Units.

    Returns
    -------
    ndarray, shape (n_items,)
        Units, not rounded; 0 above the reorder point, NaN where the position is unknown.

    Examples
    --------
    >>> order_quantity([100, 101, 40], 100, 160).tolist()
    [60.0, 0.0, 120.0]
    """
    held = np.asarray(position, dtype=np.float64)
    gap = np.asarray(order_up_to_level, dtype=np.float64) - held
    due = held <= np.asarray(reorder_point, dtype=np.float64)
    return np.asarray(np.where(np.isnan(held), np.nan, np.where(due, np.maximum(gap, 0.0), 0.0)))


def rounded_quantity(quantity: ArrayLike, moq: ArrayLike, carton: ArrayLike) -> Array:
    """Return a quantity that the supplier takes: the minimum at least, in whole cartons.

    Parameters
    ----------
    quantity : array_like, shape (n_items,)
        Units wanted; NaN = unknown.
    moq, carton : array_like, shape (n_items,)
        Minimum order and units per carton; NaN or less than 1 = none, and single units.

    Returns
    -------
    ndarray, shape (n_items,)
        ``ceil(max(q, MOQ) / carton) carton``; 0 where nothing is wanted.

    Examples
    --------
    >>> rounded_quantity([137, 30, 144, 0, -5], 100, 24).tolist()
    [144.0, 120.0, 144.0, 0.0, 0.0]
    """
    wanted = np.asarray(quantity, dtype=np.float64)
    least = np.nan_to_num(np.asarray(moq, dtype=np.float64), nan=0.0)
    box = np.maximum(np.nan_to_num(np.asarray(carton, dtype=np.float64), nan=1.0), 1.0)
    boxes = whole(np.maximum(wanted, least) / box)
    return np.asarray(np.where(np.isnan(wanted), np.nan, np.where(wanted > 0, boxes * box, 0.0)))


def whole(units: ArrayLike) -> Array:
    """Return units rounded up; what is whole but for the arithmetic stays.

    >>> whole([2.0000000001, 2.1, 0.0]).tolist()
    [2.0, 3.0, 0.0]
    """
    return np.asarray(np.ceil(np.asarray(units, dtype=np.float64) - 1e-6) + 0.0)


def last_safe_day(
    position: ArrayLike, reorder_point: ArrayLike, cumulative_demand: ArrayLike
) -> Array:
    """Return the last day on which, by the forecast, the position is not below its reorder point.

    Parameters
    ----------
    position, reorder_point : array_like, shape (n_items,)
        Units.
    cumulative_demand : array_like, shape (n_items, n_days)
        Expected demand up to the end of day 1, 2, ... in units; it never falls.

    Returns
    -------
    ndarray, shape (n_items,)
        Days from today: 0 if an order is due, NaN beyond the days given, or if the position is
        unknown.

    Examples
    --------
    >>> last_safe_day([130, 90, 500], 100, [[10, 20, 30, 40]] * 3).tolist()
    [3.0, 0.0, nan]
    """
    spare = np.asarray(position, dtype=np.float64) - np.asarray(reorder_point, dtype=np.float64)
    demand = np.asarray(cumulative_demand)
    days = (demand <= spare[:, None]).sum(axis=1).astype(np.float64)
    known = ~np.isnan(spare) & (days < demand.shape[1])
    return np.where(known, days, np.nan)


def units_past_saving(position: ArrayLike, demand_until_arrival: ArrayLike) -> Array:
    """Return the units of demand that come before an order of today can, and find no stock.

    Parameters
    ----------
    position : array_like, shape (n_items,)
        Everything on hand or under way, all of it counted as if it arrived in time.
    demand_until_arrival : array_like, shape (n_items,)
        Expected demand over the mean lead time, in units.

    Returns
    -------
    ndarray, shape (n_items,)
        Units, at least; NaN where the position is unknown.

    Examples
    --------
    >>> units_past_saving([30, 80], [50, 50]).tolist()
    [20.0, 0.0]
    """
    held = np.maximum(np.asarray(position, dtype=np.float64), 0.0)
    return np.maximum(np.asarray(demand_until_arrival, dtype=np.float64) - held, 0.0)
