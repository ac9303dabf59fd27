"""Lead times of lines of which some are still open: mean, sd, and the law itself.

To leave open orders out hides exactly the delay that a planner asks about: those that are late are
not yet among the receipts. An open order says that its lead time is longer than its age.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from analytics.inventory.durations import LONGEST

Array = NDArray[np.float64]
Groups = NDArray[np.int64]
_ROUNDS = 200
_CLOSE = 1e-4  # days
_TELLS = 0.999  # probability of being open beyond which an open order says nothing
_TAIL = 0.05  # share of a gamma law in an empirical one, for what was never seen
_SMOOTHING = 20


def censored_moments(
    group: Groups, days: Array, is_open: NDArray[np.bool_], n_groups: int
) -> tuple[Array, Array]:
    """Return mean and sd of lead times by group, open orders counted by how long they wait.

    Parameters
    ----------
    group : ndarray of int, shape (n,)
        Group of each line.
    days : ndarray, shape (n,)
        Lead time of an arrived line, age of an open one.
    is_open : ndarray of bool, shape (n,)
        Whether a line is still open.
    n_groups : int
        Number of groups.

    Returns
    -------
    mean, sd : ndarray, shape (n_groups,)
        Days; NaN without two arrived lines.

    Notes
    -----
    Expectation-maximisation (Dempster, Laird and Rubin 1977): an open line of age a counts with
    ``E[L | L > a] = k θ Q(k+1, a/θ) / Q(k, a/θ)`` and
    ``E[L² | L > a] = k (k+1) θ² Q(k+2, a/θ) / Q(k, a/θ)`` of the gamma law of its group, again and
    again until the moments stand. Without open lines they are the moments of the arrived, and close
    to the maximum of ``Σ log f(arrived) + Σ log S(age of open)`` with them.

    Examples
    --------
    Four arrived, and one that is older than all of them:

    >>> mean, sd = censored_moments(
    ...     np.zeros(5, dtype=np.int64), np.array([38.0, 40.0, 41.0, 41.0, 60.0]),
    ...     np.array([False, False, False, False, True]), 1,
    ... )
    >>> 45 < float(mean[0]) < 50
    True
    """
    done = ~is_open

    def summed(which: NDArray[np.bool_], values: Array) -> Array:
        counted = np.bincount(group[which], weights=values[which], minlength=n_groups)
        return counted.astype(np.float64)

    n, first, second = (summed(done, days**power) for power in (0, 1, 2))
    mean, sd = _moments(n, first, second)
    shape, scale = _gamma(mean, sd)
    telling = is_open & (n >= 2)[group]
    left = special.gammaincc(shape[group[telling]], days[telling] / scale[group[telling]])
    which = np.flatnonzero(telling)[left < _TELLS]
    if not len(which):
        return mean, sd
    mine, age = group[which], days[which]
    total = n + np.bincount(mine, minlength=n_groups)
    for _ in range(_ROUNDS):
        one, two = _beyond(shape[mine], scale[mine], age)
        m1 = first + np.bincount(mine, weights=one, minlength=n_groups)
        m2 = second + np.bincount(mine, weights=two, minlength=n_groups)
        was = mean
        mean, sd = _moments(total, m1, m2)
        shape, scale = _gamma(mean, sd)
        if np.nanmax(np.abs(mean - was)) < _CLOSE:
            break
    return mean, sd


def _moments(n: Array, first: Array, second: Array) -> tuple[Array, Array]:
    known = np.where(n >= 2, n, np.nan)
    mean = first / known
    variance = (second - known * mean**2) / (known - 1.0)
    return mean, np.sqrt(np.maximum(variance, 0.0))


def _gamma(mean: Array, sd: Array) -> tuple[Array, Array]:
    """Return shape and scale; half a day of sd at least, for what is counted in days."""
    some = np.maximum(np.nan_to_num(sd, nan=1.0), 0.5)
    average = np.nan_to_num(mean, nan=1.0)
    return (average / some) ** 2, some**2 / average


def _beyond(shape: Array, scale: Array, age: Array) -> tuple[Array, Array]:
    """Return ``E[L | L > age]`` and ``E[L² | L > age]`` of gamma laws."""
    at = age / scale
    left = special.gammaincc(shape, at)
    far = left < 1e-200
    some = np.where(far, 1.0, left)
    one = shape * scale * special.gammaincc(shape + 1.0, at) / some
    two = shape * (shape + 1.0) * scale**2 * special.gammaincc(shape + 2.0, at) / some
    rest = age + scale  # a gamma's tail forgets: about one more scale
    return np.where(far, rest, one), np.where(far, rest**2 + scale**2, two)


def empirical_probabilities(
    group: Groups, days: Array, is_open: NDArray[np.bool_], gamma: Array
) -> Array:
    """Return the probabilities of 1, 2, ... days as they were seen, by group.

    Parameters
    ----------
    group, days, is_open
        As in `censored_moments`.
    gamma : ndarray, shape (n_groups, 196)
        The gamma law of each group, for the tail that nobody has seen.

    Returns
    -------
    ndarray, shape (n_groups, 196)
        Shares of the arrived lines, smoothed by a normal kernel of half Silverman's width; open
        lines are spread over the days after their age in proportion to the law itself, until it
        stands (Efron 1967).
    """
    cut = np.clip(days, 1, LONGEST).astype(np.int64) - 1
    seen, waiting = np.zeros_like(gamma), np.zeros_like(gamma)
    np.add.at(seen, (group[~is_open], cut[~is_open]), 1.0)
    np.add.at(waiting, (group[is_open], cut[is_open]), 1.0)
    total = (seen + waiting).sum(axis=1, keepdims=True)
    base = _smoothed(seen)
    law = (1.0 - _TAIL) * base / base.sum(axis=1, keepdims=True) + _TAIL * gamma
    for _ in range(_SMOOTHING if waiting.any() else 0):
        beyond = np.maximum(law[:, ::-1].cumsum(axis=1)[:, ::-1] - law, 1e-12)
        pull = (waiting / beyond).cumsum(axis=1) - waiting / beyond
        law = (base + law * pull) / total
        law /= law.sum(axis=1, keepdims=True)
    return np.asarray(law)


def _smoothed(seen: Array) -> Array:
    """Return counts by day, each spread by a normal kernel as wide as its group needs."""
    day = np.arange(1, LONGEST + 1, dtype=np.float64)
    n = seen.sum(axis=1)
    mean = seen @ day / n
    sd = np.sqrt(np.maximum(seen @ day**2 / n - mean**2, 0.0))
    width = np.maximum(np.round(0.45 * sd * n**-0.2 * 2.0) / 2.0, 0.5)
    out = np.empty_like(seen)
    for wide in np.unique(width):
        which = np.flatnonzero(width == wide)
        edges = np.arange(0.5, LONGEST + 1.0)
        edges[0], edges[-1] = -np.inf, np.inf
        kernel = np.diff(special.ndtr((edges[None, :] - day[:, None]) / wide), axis=1)
        out[which] = seen[which] @ kernel
    return out
