"""Weekly figures by day."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def by_day(
    cumulative: ArrayLike, shares: ArrayLike, market: NDArray[np.int64], first_days: int
) -> Array:
    """Return a cumulative weekly figure by day, spread within each week by weekday.

    Parameters
    ----------
    cumulative : array_like, shape (n_items, n_weeks)
        Mean or variance of the demand up to the end of each week; the first week is a rest of one.
    shares : array_like, shape (n_markets, 7)
        Share of a week's demand by weekday, Monday first.
    market : ndarray of int, shape (n_items,)
        Each item's row in ``shares``.
    first_days : int
        Days of the first week, 1 to 7.

    Returns
    -------
    ndarray, shape (n_items, n_days)
        Up to the end of days 1, 2, ...

    Examples
    --------
    >>> by_day([[2.0, 9.0]], np.full((1, 7), 1 / 7), np.array([0]), 2)[0].round(3).tolist()
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]
    """
    total = np.asarray(cumulative, dtype=np.float64)
    total = np.column_stack([np.zeros(len(total)), total])
    part = np.asarray(shares, dtype=np.float64)
    rest = _within_week(part[:, 7 - first_days :])
    whole = _within_week(part)
    fraction = np.column_stack([rest, np.tile(whole, (1, total.shape[1] - 2))])
    days = np.arange(fraction.shape[1])
    week = np.where(days < first_days, 0, 1 + (days - first_days) // 7)
    step = np.diff(total, axis=1)
    return np.asarray(total[:, week] + step[:, week] * fraction[market])


def _within_week(shares: Array) -> Array:
    """Return the share of the days' demand up to each of them; evenly where nothing is known."""
    total = shares.sum(axis=1, keepdims=True)
    even = np.full(shares.shape, 1 / shares.shape[1])
    known = np.where(total > 0, shares / np.where(total > 0, total, 1.0), even)
    return np.asarray(known.cumsum(axis=1))
