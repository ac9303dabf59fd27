"""Days without stock, from snapshots rolled forward by sales and receipts."""

import numpy as np
from numpy.typing import NDArray

from analytics.demand.movements import Movements

_CHUNK = 2_000  # items at a time, so that three years of days stay below 100 MB


def stockout_days(
    sales: Movements, snapshots: Movements, receipts: Movements, days: int
) -> Movements:
    """Return every item-day that had nothing to sell; its units are zero.

    A day without a sale is one without stock if the last snapshot, rolled forward by sales and
    receipts, is used up, until a sale shows that something arrived; and if it lies between the last
    sale before a snapshot of zero and that snapshot, because stock ends with a sale.

    Parameters
    ----------
    sales, snapshots, receipts : Movements
        Units sold, units on hand at the end of the day, units that arrived.
    days : int
        Number of days looked at.

    Returns
    -------
    Movements
        Sorted by item, then day.
    """
    known = np.unique(snapshots.item)
    found = [
        _out(
            sales.dense(rows, days, 0.0),
            snapshots.dense(rows, days, np.nan),
            receipts.dense(rows, days, 0.0),
        )
        for rows in np.array_split(known, range(_CHUNK, len(known), _CHUNK))
        if len(rows)
    ]
    if not found:
        return Movements.none()
    item, day = np.nonzero(np.concatenate(found))
    return Movements(known[item], day, np.zeros(len(day)))


def _out(
    sold: NDArray[np.float64], on_hand: NDArray[np.float64], arrived: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return whether each item-day was without stock, shape (n_items, n_days)."""
    counted = ~np.isnan(on_hand)
    idle = sold == 0
    left = _rolled(np.where(counted, on_hand, 0.0), counted, arrived - sold)
    surprise = _since_count((sold > 0) & (left < 0) & ~counted, counted)
    used_up = idle & (left <= 0) & (surprise == 0)  # NaN before the first snapshot: not known
    before = _before_zero(idle, counted, np.where(counted, on_hand, 1.0), arrived)
    return np.asarray(used_up | before)


def _rolled(
    on_hand: NDArray[np.float64], counted: NDArray[np.bool_], change: NDArray[np.float64]
) -> NDArray[np.float64]:
    last = _last(counted)
    total = change.cumsum(axis=1)
    rows = np.arange(len(on_hand))[:, None]
    left = on_hand[rows, last] + total - total[rows, last]
    return np.where(last >= 0, left, np.nan)


def _last(mark: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the latest marked day up to each day; -1 before the first one."""
    days = np.where(mark, np.arange(mark.shape[1]), -1)
    return np.maximum.accumulate(days, axis=1)


def _since_count(mark: NDArray[np.bool_], reset: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many marked days lie between the last reset and each day, both included."""
    total = mark.cumsum(axis=1)
    last = _last(reset)
    return total - np.where(last >= 0, total[np.arange(len(mark))[:, None], last], 0)


def _before_zero(
    idle: NDArray[np.bool_],
    counted: NDArray[np.bool_],
    on_hand: NDArray[np.float64],
    arrived: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Return the idle days after the last sale before a snapshot that counted nothing."""
    days = idle.shape[1]
    event = ~idle | counted | (arrived > 0)
    following = np.where(event, np.arange(days), days)
    following = np.minimum.accumulate(following[:, ::-1], axis=1)[:, ::-1]
    empty = np.column_stack([counted & idle & (on_hand <= 0), np.zeros(len(idle), dtype=bool)])
    return np.asarray(idle & empty[np.arange(len(idle))[:, None], following])
