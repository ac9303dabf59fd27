"""How a week's demand falls on its days."""

import numpy as np
from numpy.typing import NDArray

from analytics.demand.movements import Movements

_PRIOR_SALES = 5.0  # sales per weekday that an even spread weighs
_LARGEST = 5.0  # a sale counts as at most so many of the item's usual ones


def weekday_shares(
    sales: Movements,
    start: NDArray[np.int64],
    market: NDArray[np.int64],
    covered: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return the share of a week's demand by weekday, pooled over each market's items.

    Each sale counts in units of its item's usual sale, so that neither the biggest product nor one
    bulk order decides; each weekday is divided by how often the files cover it. With few sales the
    shares are drawn to an even spread.

    Parameters
    ----------
    sales : Movements
        Units sold; day 0 is a Monday.
    start : ndarray, shape (n_items,)
        Day from which each item is on sale; days before it hold no sales.
    market : ndarray, shape (n_items,)
        Each item's row in ``covered``.
    covered : ndarray of bool, shape (n_markets, n_days)
        Whether the files cover the day.

    Returns
    -------
    ndarray, shape (n_markets, 7)
        Monday first; rows add up to 1.
    """
    n_items, n_markets = len(start), len(covered)
    count = np.bincount(sales.item, minlength=n_items)
    total = np.bincount(sales.item, weights=sales.units, minlength=n_items)
    sale = total / np.maximum(count, 1)
    size = np.minimum(sales.units / sale[sales.item], _LARGEST)
    cell = market[sales.item] * 7 + sales.day % 7
    sizes = np.bincount(cell, weights=size, minlength=n_markets * 7).reshape(n_markets, 7)
    weekday = np.arange(covered.shape[1]) % 7
    days = np.stack([covered[:, weekday == d].sum(axis=1) for d in range(7)], axis=1)
    usual = sizes.sum(axis=1, keepdims=True) / np.maximum(days.sum(axis=1, keepdims=True), 1)
    usual = np.where(usual > 0, usual, 1.0)
    per_day = (sizes + _PRIOR_SALES) / (days + _PRIOR_SALES / usual)
    return np.asarray(per_day / per_day.sum(axis=1, keepdims=True))
