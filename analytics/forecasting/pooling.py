"""A pool's index: how its items' demand moves together, and how noisy that is."""

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.matrix import Array

_SHOCK = 0.12  # sd of one week's common log shock before years can be compared
_FREAK = 5.0  # usual weeks that one week can hold before it is called a freak order
_EVEN = 0.02  # of a pool's usual week is added to each where the index is noisy
_DOUBT = 1.5  # jumps of an index that are no spike
_BEFORE = (7, 13)  # weeks before, in which a level that lasts was there already
_LONG_BEFORE = (20, 26)  # and where it came from
_STRETCH = 10 / 13  # from the one to now, over the way from the other to the one
_NEAR = 13  # weeks over which the change from year to year counts as level


def pool_index(units: Array, seen: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Return a pool's log index by week and its sampling variance, shape (n_weeks,) each.

    Freak orders are cut to five of the item's usual weeks at that time of the year. The variance is
    infinite where nothing was observed.
    """
    observed = seen.astype(np.float64)
    usual = np.maximum(units.sum(axis=1) / np.maximum(observed.sum(axis=1), 1), 1e-9)
    index = np.ones(units.shape[1])
    noise = 1.0
    kept = units
    for turn in range(6):
        weight = usual**-0.5
        below = (weight * usual) @ observed
        even = _EVEN * below.mean() * min(1.0, noise)  # the logarithm of a week without any sale
        index = np.maximum(weight @ kept + even, 1e-6) / np.maximum(below + even, 1e-6)
        usual = np.maximum(kept.sum(axis=1) / np.maximum(observed @ index, 1e-9), 1e-9)
        error = (kept - np.outer(usual, index)) * observed
        noise = float((weight**2 @ error**2).sum() / np.maximum((below**2).sum(), 1e-12))
        if turn == 1:
            kept = np.minimum(units, freak_limit(np.outer(usual, index)))
    spare = len(units) / max(len(units) - 1, 1)
    known = below > 0
    square = np.where(known, below * index, 1.0) ** 2
    variance = spare * (weight**2 @ error**2 + even**2) / square
    return np.log(index), np.where(known, variance, np.inf)


def common_shock(log_index: Array, variance: Array) -> float:
    """Return the variance of shocks that a whole pool shares, from the jumps between weeks.

    Jumps beyond what the items' own noise explains; by their median, so that the climb to a peak
    counts as season.
    """
    jumps = np.abs(np.diff(log_index))[np.isfinite(variance[1:] + variance[:-1])]
    if not len(jumps):
        return _SHOCK**2
    spread = (1.4826 * float(np.median(jumps))) ** 2 / 2
    return max(_SHOCK**2, spread - float(np.median(variance[np.isfinite(variance)])))


def yearly_noise(log_index: Array, variance: Array, place: NDArray[np.int64]) -> float:
    """Return the variance of shocks that a whole pool shares, from how its years differ.

    Half the squared difference between a week and the same week a year before, slow changes taken
    out, beyond what the items' own noise explains; the mean of the mean and a robust figure. Zero
    for a season that repeats exactly.
    """
    last: dict[int, int] = {}
    change = np.full(len(place), np.nan)
    for week in np.flatnonzero(np.isfinite(variance)):
        before = last.get(int(place[week]))
        if before is not None:
            change[week] = log_index[week] - log_index[before]
        last[int(place[week])] = int(week)
    known = np.isfinite(change)
    if known.sum() < _NEAR:
        return common_shock(log_index, variance)
    near = np.ones(_NEAR)
    count = np.convolve(known, near, "same")
    level = np.convolve(np.where(known, change, 0.0), near, "same") / np.maximum(count, 1)
    odd = np.abs(change - level)[known]
    half = float((odd**2).mean() + (1.4826 * np.median(odd)) ** 2) / 4 * _NEAR / (_NEAR - 1)
    sampled = float(np.median(variance[np.isfinite(variance)]))
    return max(half - sampled, half / 4)


def freak_limit(expected: Array) -> Array:
    """Return the units beyond which one week's demand counts as a freak order."""
    return _FREAK * (expected + np.sqrt(expected))


def spike(log_index: Array) -> Array:
    """Return the log of how far an index stands above usual, beyond noise; 0 = not at all.

    Usual is the median, or where the two quarters before were leading to, so that steady growth is
    no spike; noise is what the jumps from week to week explain, and weeks are medians of three.
    """
    n = len(log_index)
    if n < 3:
        return np.zeros(n)
    calm = np.median(np.stack([log_index[:-2], log_index[1:-1], log_index[2:]]), axis=0)
    calm = np.concatenate([calm[:1], calm, calm[-1:]])
    noise = 1.4826 * np.median(np.abs(np.diff(log_index))) / np.sqrt(2)
    usual = np.full(n, np.median(calm))
    near, far = (_mean_before(calm, *weeks) for weeks in (_BEFORE, _LONG_BEFORE))
    growth = np.where(np.isfinite(far), np.maximum(near - far, 0.0), 0.0)
    usual = np.fmax(usual, near + _STRETCH * growth)
    return np.asarray(np.maximum(calm - usual - _DOUBT * noise, 0.0))


def _mean_before(values: Array, first: int, last: int) -> Array:
    """Return the mean of the weeks ``first`` to ``last`` before each; NaN where there are fewer."""
    total = np.concatenate([[0.0], values.cumsum()])
    out = np.full(len(values), np.nan)
    week = np.arange(last, len(values))
    out[week] = (total[week - first + 1] - total[week - last]) / (last - first + 1)
    return out
