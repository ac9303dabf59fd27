"""A SKU's own season: how it differs from its group's, as far as the data can tell."""

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.matrix import Array
from analytics.forecasting.season import WEEKS_OF_YEAR
from analytics.forecasting.smoothing import summed

_KERNEL = {-3: 0.25, -2: 0.5, -1: 0.8, 0: 1.0, 1: 0.8, 2: 0.5, 3: 0.25}  # weeks of the year
_NEAR = 26  # weeks to either side whose mean is the level
_WIDEST = 0.25  # variance of a log deviation that is believed at most
_PART = 0.5  # of a usual week that every place of the year is drawn to its group by

Weeks = NDArray[np.int64]


def expected(units: Array, weight: Array, factor: Array) -> Array:
    """Return the group's season times the item's level in the year around each week.

    All arrays have the shape (n_weeks, n_items).
    """
    sold, seen = _around(units * (weight > 0)), _around(factor * (weight > 0))
    level = np.divide(sold, seen, out=np.zeros_like(sold), where=seen > 0)
    return np.asarray(level * factor * (weight > 0))


def _around(values: Array) -> Array:
    """Return totals of the weeks around each one."""
    total = np.concatenate([np.zeros((1, values.shape[1])), summed(values)])
    week = np.arange(len(values))
    return np.asarray(
        total[np.minimum(week + _NEAR + 1, len(values))] - total[np.maximum(week - _NEAR, 0)]
    )


def evidence(
    units: Array, usual: Array, place: Weeks, use: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """Return log demand over the group's by week of the year, and its variance.

    Parameters
    ----------
    units, usual : ndarray, shape (n_weeks, n_items)
        Demand, and what the group's season and the level say.
    place : ndarray of int, shape (n_weeks,)
        Week of the year.
    use : ndarray of bool, shape (n_weeks,)
        Weeks that may teach.

    Returns
    -------
    log_ratio, variance : ndarray, shape (52, n_items)
        Neighbouring weeks of the year count, too; 0 and infinite where nothing was observed.
    """
    squared = {step: share**2 for step, share in _KERNEL.items()}
    sold, due, square = (
        _by_place(values, place, use, kernel)
        for values, kernel in ((units, _KERNEL), (usual, _KERNEL), (usual, squared))
    )
    total = usual[use].sum(axis=0)
    wide = ((units - usual)[use] ** 2 * (usual[use] > 0)).sum(axis=0)
    noise = np.divide(wide, total, out=np.ones_like(total), where=total > 0)
    drawn = _PART * total / max(int(use.sum()), 1) + 1e-12
    known = due > 0
    ratio = np.log((sold + drawn) / (due + drawn))
    square *= noise
    variance = np.divide(square, due**2, out=np.full_like(due, np.inf), where=known)
    return np.where(known, ratio, 0.0), variance


def _by_place(
    values: Array, place: Weeks, use: NDArray[np.bool_], kernel: dict[int, float]
) -> Array:
    """Return totals by week of the year, its neighbours around the circle weighed by ``kernel``."""
    total = np.zeros((WEEKS_OF_YEAR, values.shape[1]))
    for week in np.flatnonzero(use):
        total[place[week]] += values[week]
    wide = max(kernel)
    circle = np.concatenate([total[-wide:], total, total[:wide]])
    out = np.zeros_like(total)
    for step, share in kernel.items():
        out += share * circle[wide - step : wide - step + WEEKS_OF_YEAR]
    return out


def spread(units: Array, usual: Array, place: Weeks) -> float:
    """Return the variance of SKUs' own log seasons, from what repeats in the next year.

    The mean product of what two years say, each item and week by its precision; 0 if nothing
    repeats.
    """
    week = np.arange(len(place))
    old, new = week < len(place) - WEEKS_OF_YEAR, week >= len(place) - WEEKS_OF_YEAR
    first, first_variance = evidence(units, usual, place, old)
    second, second_variance = evidence(units, usual, place, new)
    noise = (first_variance + 0.05) * (second_variance + 0.05)
    weight = np.where(np.isfinite(noise), 1 / np.where(np.isfinite(noise), noise, 1.0), 0.0)
    total = float(weight.sum())
    product = float((weight * first * second).sum()) / total if total > 0 else 0.0
    return float(np.clip(product, 0.0, _WIDEST))


def deviation(log_ratio: Array, variance: Array, own_spread: float) -> Array:
    """Return log factors on the group's season, shape (52, n_items), drawn to none.

    ``τ² / (τ² + v)`` of what the item shows (empirical Bayes), around a mean of zero.
    """
    belief = own_spread / (own_spread + variance) if own_spread > 0 else np.zeros_like(variance)
    believed = belief * log_ratio
    return np.asarray(believed - believed.mean(axis=0))
