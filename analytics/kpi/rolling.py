"""Stock by day, from the days on which it was counted."""

import numpy as np
from numpy.typing import NDArray

from analytics.kpi.formulas import Array

LATER = 14  # days for which a first count still tells of the days before it


def rolled(counted: Array, sold: Array, received: Array, *, later: int = LATER) -> Array:
    """Return the stock at the end of every day.

    Parameters
    ----------
    counted : ndarray, shape (n_items, n_days)
        Units on hand as they were counted, at the end of the day; NaN = nobody counted.
    sold, received : ndarray, shape (n_items, n_days)
        Units.
    later : int
        Days before the first count that it still tells of.

    Returns
    -------
    ndarray, shape (n_items, n_days)
        The latest count, less what sold since, plus what arrived; before the first one, rolled
        back. NaN = unknown: earlier than that, and from a day on which more sold than was there,
        until the next count, for something arrived that no file tells of.

    Examples
    --------
    >>> nan = np.nan
    >>> count = np.array([[nan, 10.0, nan, nan, nan, 2.0]])
    >>> sold = np.array([[1.0, 1, 4, 0, 9, 1]])
    >>> rolled(count, sold, np.array([[0.0, 0, 0, 2, 0, 0]])).tolist()
    [[11.0, 10.0, 6.0, 8.0, nan, 2.0]]
    """
    if not counted.shape[1]:
        return counted.copy()
    is_count = ~np.isnan(counted)
    change = (received - sold).cumsum(axis=1)
    return np.where(
        is_count.cumsum(axis=1) > 0,
        _forward(counted, is_count, change),
        _backward(counted, is_count, change, later),
    )


def _forward(counted: Array, is_count: NDArray[np.bool_], change: Array) -> Array:
    days = np.arange(counted.shape[1])
    at = np.maximum.accumulate(np.where(is_count, days, 0), axis=1)
    row = np.arange(len(counted))[:, None]
    stock = np.round(np.nan_to_num(counted)[row, at] + change - change[row, at], 6)
    short = np.maximum.accumulate(np.where((stock < 0) & ~is_count, days, -1), axis=1)
    return np.where(short < at, stock, np.nan)


def _backward(counted: Array, is_count: NDArray[np.bool_], change: Array, later: int) -> Array:
    days = np.arange(counted.shape[1])
    first = np.where(is_count.any(axis=1), is_count.argmax(axis=1), -1)
    at, row = np.maximum(first, 0), np.arange(len(counted))
    stock = np.round((np.nan_to_num(counted)[row, at] - change[row, at])[:, None] + change, 6)
    far = (days >= first[:, None]) | (days < first[:, None] - later)
    # Less than nothing stood there: what came on a later day was there already.
    wrong = (stock < 0) & ~far
    broken = np.flip(np.maximum.accumulate(np.flip(wrong, axis=1), axis=1), axis=1)
    return np.where(far | broken, np.nan, stock)
