"""Freak orders: single orders far beyond what anybody usually buys at once."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from analytics.demand.movements import Movements

_TIMES = 5.0  # usual large orders that one order must exceed
_USUAL = 0.95  # quantile of an item's orders that counts as its usual large one
_HALF_WEEK = 3.5  # days of the item's demand that it must exceed: less does no harm
_RARE = 26  # weeks of sales per freak order: what comes more often is demand
_SHOWN = 4  # selling days that show what is usual
_BUSY = 2.0  # usual days that all other items sell together where it is the day that is special


@dataclass(frozen=True, slots=True)
class Freaks:
    """Freak orders, at most one per item and day.

    Attributes
    ----------
    item, day : ndarray of int, shape (n,)
        Where they are.
    units : ndarray, shape (n,)
        Units that are set apart.
    is_known : ndarray of bool, shape (n,)
        Whether the size of the order is known, and not only the day's total.
    """

    item: NDArray[np.int64]
    day: NDArray[np.int64]
    units: NDArray[np.float64]
    is_known: NDArray[np.bool_]

    @property
    def movements(self) -> Movements:
        """Return the units that are set apart, by item and day."""
        return Movements(self.item, self.day, self.units)

    @classmethod
    def none(cls) -> Self:
        """Return no freak orders."""
        nothing = np.empty(0, dtype=np.int64)
        return cls(nothing, nothing, nothing.astype(np.float64), nothing.astype(bool))


def freaks(
    sales: Movements, largest: Movements | None, market: NDArray[np.int64], start: NDArray[np.int64]
) -> Freaks:
    """Return the freak orders among ``sales``.

    Parameters
    ----------
    sales : Movements
        Units sold by item and day.
    largest : Movements, optional
        The largest single order of each item and day; where it is not known, a day's total stands
        for it, and days on which the whole market buys are excused.
    market : ndarray, shape (n_items,)
        Each item's market.
    start : ndarray, shape (n_items,)
        Day from which each item is on sale.

    Notes
    -----
    An order is a freak if it exceeds ``5 (q + √q)``, with ``q`` the 95 % quantile of the item's
    orders, and three and a half days of its usual demand, and if the item has had no more than one
    such week in 26: buyers who come back with large orders are demand. Of a day's total only what
    exceeds the item's median selling day is set apart.
    """
    if not len(sales.item):
        return Freaks.none()
    size, known = _sizes(sales, largest)
    median, large, count, total = _usual(sales, size, len(start))
    n_days = int(sales.day.max()) + 1
    rate = total / np.maximum(n_days - np.clip(start, 0, n_days - 1), 1)
    limit = np.maximum(_TIMES * (large + np.sqrt(large)), _HALF_WEEK * rate)
    suspect = (size > limit[sales.item]) & (count >= _SHOWN + 1)[sales.item]
    suspect &= known | ~_whole_market(sales, median, market, n_days, suspect)
    found = np.flatnonzero(suspect & _rare(sales, suspect, start, n_days))
    excess = np.where(known, size, size - median[sales.item])[found]
    return Freaks(sales.item[found], sales.day[found], excess, known[found])


def _sizes(
    sales: Movements, largest: Movements | None
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return each selling day's largest order, and whether it is known to be one order."""
    known = np.zeros(len(sales.item), dtype=bool)
    if largest is None or not len(largest.item):
        return sales.units, known
    stride = int(max(sales.day.max(), largest.day.max())) + 1
    key = largest.item * stride + largest.day
    wanted = sales.item * stride + sales.day
    place = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    known = (key[place] == wanted) & (largest.units[place] > 0)
    size = np.where(known, np.minimum(largest.units[place], sales.units), sales.units)
    return size, known


def _usual(
    sales: Movements, size: NDArray[np.float64], n_items: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Return each item's median and large orders, number of selling days and units in all."""
    count = np.bincount(sales.item, minlength=n_items)
    total = np.bincount(sales.item, weights=sales.units, minlength=n_items).astype(np.float64)
    ordered = size[np.lexsort((size, sales.item))]
    end = count.cumsum()
    from_top = np.maximum(np.ceil((1 - _USUAL) * count), 1).astype(np.int64)
    large = ordered[np.clip(end - 1 - from_top, 0, len(ordered) - 1)]
    median = ordered[np.clip(end - 1 - count // 2, 0, len(ordered) - 1)]
    return median, large, count, total


def _whole_market(
    sales: Movements,
    median: NDArray[np.float64],
    market: NDArray[np.int64],
    n_days: int,
    suspect: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Return whether the market's other items sell far more than usual on each sale's day."""
    scaled = np.minimum(sales.units / np.maximum(median[sales.item], 1e-9), _TIMES)
    cell = market[sales.item] * n_days + sales.day
    n_markets = int(market.max()) + 1
    total = np.bincount(cell, weights=scaled, minlength=n_markets * n_days)
    usual = np.median(total.reshape(n_markets, n_days), axis=1)
    others = total[cell[suspect]] - scaled[suspect]
    out = np.zeros(len(suspect), dtype=bool)
    out[suspect] = (others > _BUSY * usual[market[sales.item[suspect]]]) & (others > _TIMES)
    return out


def _rare(
    sales: Movements, suspect: NDArray[np.bool_], start: NDArray[np.int64], n_days: int
) -> NDArray[np.bool_]:
    weeks = np.unique(np.stack([sales.item[suspect], sales.day[suspect] // 7]), axis=1)[0]
    times = np.bincount(weeks, minlength=len(start))
    span = np.maximum(n_days - np.maximum(start, 0), 0) / 7
    return np.asarray((times <= np.maximum(1, span // _RARE))[sales.item])
