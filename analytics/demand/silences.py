"""Stock-outs seen from the pattern: an item that sells day by day and then, for long, does not."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from analytics.demand.movements import Movements

FALSE_SHARE = 0.05  # of the silences called stock-outs that may be none
ENDED_AFTER = 28  # days of silence at the end after which a product may have ended
_SHORTEST = 3  # days; a weekend is no stock-out
_RAREST = 1e-3  # no silence more probable than this is one, however many there are
_WINDOWS = ((21, 1.0), (56, 0.5))  # days compared with, and how much they count: rates change
_PASSES = 2  # the second compares with days that the first found in stock
_KNOWN_FOR = 60  # days that a count of stock speaks for
_FAR = np.int64(2**40)  # more days than any history, to number item-days
_CAME_BACK = 2.0  # a silence may last so many times the longest one that an item came back from


@dataclass(frozen=True, slots=True)
class Silences:
    """Runs of days without a sale that are too long for the item's usual rate.

    Attributes
    ----------
    item, first, last : ndarray of int, shape (n,)
        The item, and the first and last day of each run.
    chance : ndarray, shape (n,)
        Probability of a run as long, had the item been in stock.
    is_end : ndarray of bool, shape (n,)
        Whether the product may have ended instead: its days count as days without demand.
    """

    item: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    chance: NDArray[np.float64]
    is_end: NDArray[np.bool_]

    @classmethod
    def none(cls) -> Self:
        """Return no silences."""
        nothing = np.empty(0, dtype=np.int64)
        return cls(nothing, nothing, nothing, nothing.astype(np.float64), nothing.astype(bool))

    @property
    def days(self) -> Movements:
        """Return the item-days of the runs that count as stock-outs."""
        return self.expanded(ended=False)

    def expanded(self, *, ended: bool) -> Movements:
        """Return the item-days of runs that may be the end of a product, or of all others."""
        kept = self.is_end == ended
        length = (self.last - self.first + 1)[kept]
        day = np.arange(length.sum()) - np.repeat(length.cumsum() - length, length)
        day += np.repeat(self.first[kept], length)
        item = np.repeat(self.item[kept], length)
        return Movements(item, day, np.zeros(len(day)))


@dataclass(frozen=True, slots=True)
class _Runs:
    """Days between one sale and the next; rows are those of the sales."""

    item: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    days: NDArray[np.int64]  # of them that the files cover
    is_last: NDArray[np.bool_]


def silences(
    sales: Movements,
    snapshots: Movements,
    reach: NDArray[np.int64],
    covered: NDArray[np.bool_],
) -> Silences:
    """Return the runs of days without a sale that no usual rate explains.

    Parameters
    ----------
    sales, snapshots : Movements
        Units sold; units on hand at the end of a day. A run that a count of stock in the last 60
        days speaks for is left to the counts.
    reach : ndarray, shape (n_items,)
        Each item's row in ``covered``.
    covered : ndarray of bool, shape (n_reaches, n_days)
        Whether the files cover the day.

    Notes
    -----
    With ``k`` selling days among the ``m`` before a run (and among those after it), the chance that
    ``n`` days pass without a sale is beta-binomial: ``B(k + ½, m - k + ½ + n) / B(k + ½, m - k +
    ½)``. The larger of the chances by the days before and after counts, over three and eight weeks,
    so that neither the end of a season nor a fading product is a stock-out. Runs are called at a
    false-discovery rate of 5 % (Benjamini and Hochberg, 1995).
    A run that reaches the last day has nothing after it. Up to 28 days, or twice the longest run
    that the item came back from, it is a stock-out; beyond that the product may have ended.
    """
    if not len(sales.item):
        return Silences.none()
    counted = np.column_stack([np.zeros(len(covered), dtype=np.int64), covered.cumsum(axis=1)])
    runs = _runs(sales, counted, reach)
    open_to_doubt = _unknown_stock(runs, snapshots)
    row = reach[sales.item]
    found = np.zeros(len(runs.item), dtype=bool)
    chance = np.ones(len(runs.item))
    for _ in range(_PASSES):
        lost, in_all = _lost(runs, found)
        chance = _chance(
            runs, sales.units, counted[row, sales.day] - lost, counted[row, -1] - in_all
        )
        found = _called(np.where(open_to_doubt, chance, 1.0), runs.days)
    ended = found & runs.is_last & ~_comes_back(runs, found, len(reach))
    return Silences(
        runs.item[found], runs.first[found], runs.last[found], chance[found], ended[found]
    )


def _runs(sales: Movements, counted: NDArray[np.int64], reach: NDArray[np.int64]) -> _Runs:
    n_days = counted.shape[1] - 1
    is_last = np.append(sales.item[1:] != sales.item[:-1], np.array([True]))
    until = np.where(is_last, n_days, np.append(sales.day[1:], n_days))
    row = reach[sales.item]
    days = counted[row, until] - counted[row, sales.day + 1]
    return _Runs(sales.item, sales.day + 1, until - 1, days, is_last)


def _unknown_stock(runs: _Runs, snapshots: Movements) -> NDArray[np.bool_]:
    """Return the runs that no count of stock speaks for."""
    key = snapshots.item * _FAR + snapshots.day
    speaks_from = runs.item * _FAR + np.maximum(runs.first - _KNOWN_FOR, 0)
    counts = np.searchsorted(key, runs.item * _FAR + runs.last, side="right")
    return np.asarray(counts == np.searchsorted(key, speaks_from, side="left"))


def _chance(
    runs: _Runs, units: NDArray[np.float64], place: NDArray[np.int64], end: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the chance of each run, by the days in stock before and after it; 1 for short ones.

    ``place`` numbers each sale's day among the days of its item that were in stock; ``end`` is the
    number after the item's last one.
    """
    index = np.flatnonzero(runs.days >= _SHORTEST)
    item, here, days = runs.item[index], place[index], runs.days[index]
    begin = place[np.searchsorted(runs.item, item, side="left")]
    following = np.minimum(index + 1, len(place) - 1)
    resumed = place[following]
    left = end[index] - 1 - resumed
    key = runs.item * _FAR + place
    sold = np.append(0.0, units.cumsum())
    worst = np.zeros(len(index))
    for window, trust in _WINDOWS:
        low = np.searchsorted(key, item * _FAR + np.maximum(here - window, 0), side="left")
        busy = np.minimum(index - low, sold[index] - sold[low])
        before = _predictive(busy, np.minimum(window, here - begin), trust, days)
        high = np.searchsorted(key, item * _FAR + resumed + window, side="right") - 1
        busy = np.minimum(high - following, sold[high + 1] - sold[following + 1])
        after = _predictive(busy, np.minimum(window, left), trust, days)
        worst = np.maximum(worst, np.maximum(before, np.where(runs.is_last[index], 0.0, after)))
    chance = np.ones(len(place))
    chance[index] = worst
    return chance


def _predictive(
    busy: NDArray[np.float64], seen: NDArray[np.int64], trust: float, days: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the chance of ``days`` without a sale where ``busy`` of the ``seen`` had one."""
    some = trust * busy + 0.5
    idle = np.maximum(trust * (seen - busy), 0.0) + 0.5
    log_chance = gammaln(idle + days) - gammaln(idle)
    log_chance += gammaln(some + idle) - gammaln(some + idle + days)
    return np.asarray(np.exp(np.minimum(log_chance, 0.0)))


def _called(chance: NDArray[np.float64], days: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return the runs called stock-outs among all runs of a day or more."""
    tested = days > 0
    ordered = np.sort(chance[tested])
    limit = FALSE_SHARE * np.arange(1, len(ordered) + 1) / max(len(ordered), 1)
    below = ordered[ordered <= np.minimum(limit, _RAREST)]
    return np.asarray((chance <= (below[-1] if len(below) else -1.0)) & (days >= _SHORTEST))


def _lost(runs: _Runs, found: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the days found without stock before each sale of its item, and in all."""
    total = np.append(0, np.where(found, runs.days, 0).cumsum())
    start = np.searchsorted(runs.item, runs.item, side="left")
    end = np.searchsorted(runs.item, runs.item, side="right")
    return total[:-1] - total[start], total[end] - total[start]


def _comes_back(runs: _Runs, found: NDArray[np.bool_], n_items: int) -> NDArray[np.bool_]:
    """Return whether the item of each run came back from silences about as long."""
    longest = np.zeros(n_items, dtype=np.int64)
    before = found & ~runs.is_last
    np.maximum.at(longest, runs.item[before], runs.days[before])
    return np.asarray(runs.days <= np.maximum(ENDED_AFTER, _CAME_BACK * longest[runs.item]))
