"""How old the stock on hand is: what is left of each receipt, first in, first out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.errors import NegativeInputError

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Layers:
    """Units on hand by the receipt that they came with.

    Attributes
    ----------
    item : ndarray of int, shape (n_layers,)
        Row of the item.
    age : ndarray, shape (n_layers,)
        Days since the receipt.
    units : ndarray, shape (n_layers,)
        What is left of it; above zero.
    unknown : ndarray, shape (n_items,)
        Units that no known receipt explains; they are at least as old as the oldest one.
    """

    item: NDArray[np.int64]
    age: Array
    units: Array
    unknown: Array

    @property
    def mean_age(self) -> Array:
        """Return the mean age, days, of the units of known age, shape (n_items,); NaN if none."""
        known = self._by_item(self.units)
        days = self._by_item(self.units * self.age)
        return np.asarray(np.divide(days, known, out=np.full(len(known), np.nan), where=known > 0))

    def older_than(self, days: float) -> Array:
        """Return the units of known age above ``days`` days, shape (n_items,)."""
        return self._by_item(np.where(self.age > days, self.units, 0.0))

    def _by_item(self, values: Array) -> Array:
        total = np.bincount(self.item, weights=values, minlength=len(self.unknown))
        return np.asarray(total, dtype=np.float64)


def fifo_layers(on_hand: ArrayLike, item: ArrayLike, age: ArrayLike, units: ArrayLike) -> Layers:
    """Return what is left of each receipt if the oldest units sell first.

    Parameters
    ----------
    on_hand : array_like, shape (n_items,)
        Units.
    item : array_like of int, shape (n_receipts,)
        Row of the item in ``on_hand``.
    age : array_like, shape (n_receipts,)
        Days since the receipt.
    units : array_like, shape (n_receipts,)
        What was received.

    Raises
    ------
    NegativeInputError
        Stock, an age or a receipt is negative.

    Notes
    -----
    From the newest receipt back, ``left = clamp(on hand - newer receipts, 0, received)``. It is
    the rule by which marketplaces charge for aged stock; stock that was counted wrongly, moved or
    returned makes layers look older or younger than they are. Receipts of the same day count in
    the order given, the last one as the newest.

    Examples
    --------
    >>> found = fifo_layers([500], [0] * 4, [200, 100, 45, 10], [300, 150, 200, 120])
    >>> found.units.tolist(), found.mean_age.round(1).tolist(), found.older_than(90).tolist()
    ([30.0, 150.0, 200.0, 120.0], [62.4], [180.0])
    """
    stock = _known("on_hand", on_hand)
    row = np.asarray(item, dtype=np.int64)
    days, received = _known("age", age), _known("units", units)
    order = np.lexsort((np.arange(len(row))[::-1], days, row))
    row, days, received = row[order], days[order], received[order]
    total = received.cumsum()
    first = np.searchsorted(row, row)
    newer = total - received - (total - received)[first] if len(row) else total
    left = np.clip(stock[row] - newer, 0.0, received)
    explained = np.bincount(row, weights=left, minlength=len(stock))
    kept = np.flatnonzero(left > 0)[::-1]
    kept = kept[np.argsort(row[kept], kind="stable")]
    unknown = np.maximum(stock - explained, 0.0)
    return Layers(row[kept], days[kept], left[kept], unknown)


def _known(name: str, value: ArrayLike) -> Array:
    array = np.asarray(value, dtype=np.float64)
    if (array < 0).any():
        raise NegativeInputError(name=name, value=float(np.nanmin(array)))
    return array
