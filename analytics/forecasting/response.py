"""How demand answers, at the level of one item's week: level, noise, and the pull of an effect."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.matrix import Array

LOW, HIGH = -2.5, 2.8  # bounds of the log factor of one event's day
_MEMORY = 0.88  # weight of a week next to the one before it: the level of about sixteen weeks
_QUIET = 0.05  # weight of a week under an event in the level
_EVENT = 0.12  # sd by which one event differs from the next of its kind, on logarithms
_FEW = 5.0  # weeks that the spread expected of a new item weighs
_FAR = 4.0  # standard deviations beyond which a week pulls no harder


@dataclass(frozen=True, slots=True)
class Pull:
    """By how much each week lies off what was expected, and what it tells, (n_items, n_weeks)."""

    residual: Array  # units over those expected, less one; far ones cut
    weight: Array  # one over its variance; 0 where unobserved


def day_factor(share: Array, effect: Array) -> Array:
    """Return the factor of a week of which ``share`` is under an event; ``effect`` is of a day.

    ``1 + share (exp(effect) - 1)``: the days of the event are multiplied, the others are not.
    """
    return np.asarray(1.0 + share * np.expm1(np.clip(effect, LOW, HIGH)))


def day_slope(share: Array, effect: Array) -> Array:
    """Return the slope of the logarithm of `day_factor` in ``effect``."""
    grown = share * np.exp(np.clip(effect, LOW, HIGH))
    return np.asarray(grown / (1.0 - share + grown))


def local_level(units: Array, weight: Array, usual: Array) -> Array:
    """Return each item's level around each week, shape (n_items, n_weeks).

    ``level_t = Σ ρ^|t-u| w_u y_u / Σ ρ^|t-u| w_u s_u`` with ``ρ`` 0.88 and ``s`` what multiplies a
    usual week: two-sided, so that a trend does not look like an effect.
    """
    both = np.empty((2, units.shape[1], len(units)))
    both[0], both[1] = (weight * units).T, (weight * usual).T
    ahead, back = both.copy(), both.copy()
    for week in range(1, both.shape[1]):
        ahead[:, week] += _MEMORY * ahead[:, week - 1]
        back[:, -1 - week] += _MEMORY * back[:, -week]
    ahead += back
    ahead -= both
    above, below = ahead
    np.divide(above, below, out=above, where=below > 1e-12)
    above[below <= 1e-12] = 0.0
    return np.ascontiguousarray(above.T)


def pull(units: Array, weight: Array, factor: Array, is_busy: NDArray[np.bool_]) -> Pull:
    """Return how far each week lies off its item's level times ``factor``.

    Parameters
    ----------
    units, weight : ndarray, shape (n_items, n_weeks)
        Demand, and how much of the week was observed (0 = nothing).
    factor : ndarray, shape (n_items, n_weeks)
        Season, events and price as believed so far.
    is_busy : ndarray of bool, shape (n_items, n_weeks)
        Weeks under events, which say little of the level.

    Notes
    -----
    Quasi-Poisson: an item's variance is ``φ`` times its mean, ``φ`` from its quiet weeks, and one
    event differs from the next by 12 %.
    """
    mean = local_level(units, weight * np.where(is_busy, _QUIET, 1.0), factor) * factor
    some = (mean > 0) & (weight > 0)
    safe = np.where(some, mean, 1.0)
    off = np.where(some, units - mean, 0.0)
    quiet = some & ~is_busy
    squares = (off**2 / safe * quiet).sum(axis=1)
    count = quiet.sum(axis=1)
    expected = np.sqrt(1.0 + safe.mean(axis=1) ** 2 * 0.1)
    spread = (squares + _FEW * expected) / (np.maximum(0.9 * count, 1.0) + _FEW)
    variance = np.maximum(spread, 1e-9)[:, None] / safe + _EVENT**2
    far = _FAR * np.sqrt(variance)
    residual = np.clip(off / safe, -far, far)
    return Pull(residual, np.where(some, weight / variance, 0.0))
