"""Which promise pays: what a unit short costs against what a unit held costs."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
HIGHEST_RATIO = 0.999  # a ratio of 1 would ask for stock without end


def critical_ratio_lost_sales(
    order_size: ArrayLike, holding_cost: ArrayLike, stockout_cost: ArrayLike, demand: ArrayLike
) -> Array:
    """Return the cycle service that pays best for a repeat item whose buyers do not wait.

    Parameters
    ----------
    order_size : array_like, shape (n_items,)
        Units per order.
    holding_cost : array_like, shape (n_items,)
        Money per unit and year.
    stockout_cost : array_like, shape (n_items,)
        Money per unit short: lost contribution and goodwill.
    demand : array_like, shape (n_items,)
        Units per year.

    Returns
    -------
    ndarray, shape (n_items,)
        0 to 1. 0 = not worth stocking: nothing sells, or a unit short costs nothing. NaN where
        something is unknown.

    Notes
    -----
    ``P(X > s) = Q h / (Q h + B D)`` (Silver, Pyke and Thomas, 2017, ch. 6).

    Examples
    --------
    >>> critical_ratio_lost_sales(300, 2.0, [8.0, 0.0, 0.2], [1200, 1200, 100]).round(4).tolist()
    [0.9412, 0.0, 0.0323]
    """
    held, missed = _at_stake(order_size, holding_cost, stockout_cost, demand)
    return _one_less(held, held + missed, missed)


def critical_ratio_backorders(
    order_size: ArrayLike, holding_cost: ArrayLike, stockout_cost: ArrayLike, demand: ArrayLike
) -> Array:
    """Return the cycle service that pays best for a repeat item whose buyers wait.

    Parameters
    ----------
    order_size, holding_cost, stockout_cost, demand : array_like, shape (n_items,)
        As in `critical_ratio_lost_sales`.

    Returns
    -------
    ndarray, shape (n_items,)
        0 to 1. 0 = not worth stocking, where ``Q h >= B D``: holding a batch costs more than to let
        every buyer wait. NaN where something is unknown.

    Notes
    -----
    ``P(X > s) = Q h / (B D)`` (the same, rule B₂).

    Examples
    --------
    >>> critical_ratio_backorders(300, 2.0, [8.0, 0.2], [1200, 100]).tolist()
    [0.9375, 0.0]
    """
    held, missed = _at_stake(order_size, holding_cost, stockout_cost, demand)
    return _one_less(held, missed, missed)


def critical_ratio(
    price: ArrayLike,
    cost: ArrayLike,
    salvage: ArrayLike = 0.0,
    *,
    goodwill: ArrayLike = 0.0,
    holding: ArrayLike = 0.0,
) -> Array:
    """Return the share of seasons in which a single order should suffice, ``Cu / (Cu + Co)``.

    Parameters
    ----------
    price : array_like, shape (n_items,)
        Net money per unit sold: after referral, fulfilment, advertising and returns.
    cost : array_like, shape (n_items,)
        Landed, per unit.
    salvage : array_like, shape (n_items,)
        Net money per unit left over; negative if getting rid of it costs.
    goodwill : array_like, shape (n_items,)
        Money per unit short, beyond the lost margin.
    holding : array_like, shape (n_items,)
        Money per unit left over, for the season.

    Returns
    -------
    ndarray, shape (n_items,)
        0 to 0.999: 0 where a unit sold earns nothing; at most 0.999 where a unit left over costs
        nothing. NaN where something is unknown.

    Notes
    -----
    ``Cu = p - c + g``, ``Co = c - v + h``.

    Examples
    --------
    >>> critical_ratio([190, 100, 190], 110, [90, 90, 120]).round(3).tolist()
    [0.8, 0.0, 0.999]
    """
    p, c, v, g, h = _arrays(price, cost, salvage, goodwill, holding)
    under, over = np.maximum(p - c + g, 0.0), np.maximum(c - v + h, 0.0)
    both = under + over
    ratio = under / np.where(both > 0, both, 1.0)
    return np.where(np.isnan(both), np.nan, np.minimum(ratio, HIGHEST_RATIO))


def second_order_ratio(margin: ArrayLike, premium: ArrayLike) -> Array:
    """Return the critical ratio of a top-up by a faster route, ``(m - Δc) / m``, at least 0.

    Parameters
    ----------
    margin, premium : array_like, shape (n_items,)
        Contribution and goodwill per unit; what a unit costs more by that route. A unit left over
        is taken to keep its value.

    Examples
    --------
    >>> second_order_ratio([12.0, 3.0, 0.0], 4.5).tolist()
    [0.625, 0.0, 0.0]
    """
    m, more = _arrays(margin, premium)
    return np.asarray(np.where(m > 0, np.clip(1 - more / np.where(m > 0, m, 1.0), 0.0, 1.0), 0.0))


def _at_stake(
    order_size: ArrayLike, holding_cost: ArrayLike, stockout_cost: ArrayLike, demand: ArrayLike
) -> tuple[Array, Array]:
    """Return what holding a batch costs per year, and what missing every buyer would."""
    q, h, b, d = (
        np.maximum(v, 0.0) for v in _arrays(order_size, holding_cost, stockout_cost, demand)
    )
    return q * h, b * d


def _one_less(part: Array, whole: Array, missed: Array) -> Array:
    ratio = np.minimum(part / np.where(whole > 0, whole, 1.0), 1.0)
    known = ~np.isnan(part + whole)
    return np.where(known, np.where(missed > 0, 1 - ratio, 0.0), np.nan)


def _arrays(*values: ArrayLike) -> list[Array]:
    return list(np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in values)))
