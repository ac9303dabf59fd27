"""What it costs to let stock grow old: fees on what is left of each layer on given days."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.clearance.values import Array, present_value
from analytics.errors import NegativeInputError

_MONTHS = 12.0  # charges in a year
_YEAR = 365.0


@dataclass(frozen=True, slots=True)
class Ageing:
    """Fees that grow with the age of stock, oldest units sold first.

    Attributes
    ----------
    item : ndarray of int, shape (n_layers,)
        Row of the item.
    newer, units : ndarray, shape (n_layers,)
        Units of the item that are newer than the layer, and units in it.
    days : ndarray, shape (n_days,)
        Days from now on which fees are charged.
    fee : ndarray, shape (n_layers, n_days)
        Per unit of the layer that is left on that day.
    later : ndarray, shape (n_items,)
        Per unit and day after the last of ``days``, when all that is left is old.
    """

    item: NDArray[np.int64]
    newer: Array
    units: Array
    days: Array
    fee: Array
    later: Array

    @classmethod
    def of(
        cls,
        item: ArrayLike,
        age: ArrayLike,
        units: ArrayLike,
        *,
        days: ArrayLike,
        over: ArrayLike,
        fees: ArrayLike,
    ) -> Self:
        """Return the fees of layers of stock.

        Parameters
        ----------
        item, age, units : array_like, shape (n_layers,)
            Row of the item, days since its receipt, and units left of it.
        days : array_like, shape (n_days,)
            Days from now on which fees are charged, rising.
        over : array_like, shape (n_steps,)
            Ages in days above which each step of ``fees`` holds, rising.
        fees : array_like, shape (n_items, n_steps)
            Per unit and charge; of each item the highest step that its age has passed counts.

        Raises
        ------
        NegativeInputError
            A fee or a layer is negative, or not known.
        """
        row = np.asarray(item, dtype=np.int64)
        old, many = (np.asarray(part, dtype=np.float64) for part in (age, units))
        charged, steps = (np.asarray(part, dtype=np.float64) for part in (days, over))
        table = np.atleast_2d(np.asarray(fees, dtype=np.float64))
        for name, array in (("age", old), ("units", many), ("fees", table)):
            if not (array >= 0).all():  # refuses NaN too
                raise NegativeInputError(name=name, value=float(np.nanmin(array, initial=-1.0)))
        step = np.searchsorted(steps, old[:, None] + charged, side="left")  # steps passed
        padded = np.concatenate([np.zeros((len(table), 1)), table], axis=1)
        return cls(
            item=row,
            newer=_newer(row, old, many),
            units=many,
            days=charged,
            fee=padded[row[:, None], step],
            later=padded[:, -1] * _MONTHS / _YEAR,
        )

    def take(self, rows: NDArray[np.int64]) -> Self:
        """Return the fees of some items, which are counted anew."""
        place = np.full(len(self.later), -1)
        place[rows] = np.arange(len(rows))
        own = np.flatnonzero(place[self.item] >= 0)
        return type(self)(
            item=place[self.item[own]],
            newer=self.newer[own],
            units=self.units[own],
            days=self.days,
            fee=self.fee[own],
            later=self.later[rows],
        )

    @property
    def charged(self) -> NDArray[np.int64]:
        """Return the rows of the items that pay at all."""
        pays = np.bincount(self.item, self.fee.sum(axis=1), minlength=len(self.later))
        return np.flatnonzero((pays > 0) | (self.later > 0))

    def cost(self, kept: ArrayLike, rate: ArrayLike, interest: float) -> Array:
        """Return the present value of the fees, shape (n_items,).

        ``sum over days a and layers j: fee_j(a) left_j(a) e^(-r a)``,
        ``left_j(a) = clamp(max(k - lambda a, 0) - newer_j, 0, units_j)``; after the last day the
        oldest step is paid steadily on what is left.

        Parameters
        ----------
        kept : array_like, shape (n_items,)
            Units that stay, the newest ones.
        rate : array_like, shape (n_items,)
            Units sold per day.
        interest : float
            Per day.

        Examples
        --------
        100 units of 160 days, two sold a day, 4 for each that is left above 180 days:

        >>> days = [15, 45, 75]  # when they are 175, 205 and 235 days old
        >>> fees = Ageing.of([0], [160], [100], days=days, over=[180], fees=[[4.0]])
        >>> fees.fee.tolist()
        [[0.0, 4.0, 4.0]]
        >>> fees.cost([100.0], [2.0], 0.0).tolist()  # 4 x (100 - 2 x 45), nothing after
        [40.0]
        """
        k, per_day = (np.asarray(part, dtype=np.float64) for part in (kept, rate))
        if not len(self.days) or not (self.fee.any() or self.later.any()):
            return np.zeros(len(self.later))
        stock = np.maximum(k[:, None] - per_day[:, None] * self.days, 0.0)
        left = np.clip(stock[self.item] - self.newer[:, None], 0.0, self.units[:, None])
        paid = (left * self.fee) @ np.exp(-interest * self.days)
        found = np.bincount(self.item, weights=paid, minlength=len(self.later))
        rest = present_value(stock[:, -1], per_day, 0.0, self.later, interest)
        return np.asarray(found - rest * np.exp(-interest * self.days[-1]))


def _newer(row: NDArray[np.int64], age: Array, units: Array) -> Array:
    """Return the units of the same item that are newer than each layer; equals in their order."""
    order = np.lexsort((np.arange(len(row)), age, row))
    sorted_row, many = row[order], units[order]
    total = many.cumsum() - many
    found = np.empty(len(row))
    found[order] = total - total[np.searchsorted(sorted_row, sorted_row)] if len(row) else total
    return found
