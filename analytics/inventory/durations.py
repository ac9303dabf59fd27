"""Probabilities of lead times in whole days, and what a delay, a scenario or waiting does to them.

A law is a row of 196 probabilities: of 1, 2, ... 196 days. What would be later counts as the last.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Array = NDArray[np.float64]
LONGEST = 196  # days; with a review the kernel's 204; later arrivals count as this late, said
_NARROW = 0.3  # days of sd below which there is no spread to speak of
_NOTHING = 1e-9  # probability below which a law says nothing about what is later


def lead_time_probabilities(mean: ArrayLike, sd: ArrayLike) -> Array:
    """Return the probability of a lead time of 1, 2, ... 196 days.

    Parameters
    ----------
    mean, sd : array_like, shape (n,)
        Days.

    Returns
    -------
    ndarray, shape (n, 196)
        A gamma law cut into days, ``G(l + 1/2) - G(l - 1/2)``; longer lead times count as 196. With
        hardly any spread the mean is split between its two neighbouring days.

    Examples
    --------
    >>> p = lead_time_probabilities([45.0], [0.0])
    >>> float(p[0, 44])
    1.0
    """
    mu = np.atleast_1d(np.asarray(mean, dtype=np.float64))[:, None]
    sigma = np.atleast_1d(np.asarray(sd, dtype=np.float64))[:, None]
    edge = (np.arange(1, LONGEST, dtype=np.float64) + 0.5)[None, :]
    below = np.column_stack([np.zeros(len(mu)), _distribution(edge, mu, sigma), np.ones(len(mu))])
    return np.diff(below, axis=1)


def _distribution(days: Array, mean: Array, sd: Array) -> Array:
    """Return the probability of a duration below ``days``; the arguments broadcast."""
    some = np.maximum(sd, _NARROW)
    gamma = special.gammainc((mean / some) ** 2, days * mean / some**2)
    split = np.clip(days + 0.5 - mean, 0.0, 1.0)
    return np.asarray(np.where(sd < _NARROW, split, gamma))


def shifted(probabilities: Array, days: int, *, longest: int = LONGEST) -> Array:
    """Return the probabilities of a lead time that is ``days`` longer, cut at ``longest`` days.

    >>> shifted(np.array([[0.5, 0.3, 0.2]]), 1, longest=3).tolist()
    [[0.0, 0.5, 0.5]]
    """
    out = np.zeros((len(probabilities), longest))
    kept = min(max(longest - days, 0), probabilities.shape[1])
    out[:, days : days + kept] = probabilities[:, :kept]
    out[:, -1] += probabilities[:, kept:].sum(axis=1)
    return out


def moments(probabilities: Array) -> tuple[Array, Array]:
    """Return mean and sd, in days, of lead times given as probabilities of 1, 2, ... days."""
    day = np.arange(1, probabilities.shape[1] + 1)
    mean = probabilities @ day
    variance = (probabilities * (day - mean[:, None]) ** 2).sum(axis=1)
    return mean, np.sqrt(variance)


def delayed(
    probabilities: Array,
    *,
    shift_days: float = 0.0,
    scale: float = 1.0,
    spread: float = 1.0,
    chance: float = 0.0,
    delay_mean: float = 0.0,
    delay_sd: float = 0.0,
) -> Array:
    """Return what a scenario makes of lead times.

    Parameters
    ----------
    probabilities : ndarray, shape (n, n_days)
        Of 1, 2, ... days.
    shift_days : float
        Days that every order takes longer.
    scale : float
        What every lead time is multiplied by.
    spread : float
        What the sd of the lead time is multiplied by; its mean stays.
    chance : float
        Probability that an order meets a disruption, 0 to 1.
    delay_mean, delay_sd : float
        Days that a disruption costs, by a gamma law.

    Returns
    -------
    ndarray, shape (n, n_days)
        ``scale (E + spread (L - E)) + shift + B D``, E the mean of L, in whole days between 1 and
        the last: a part of a day is split between its neighbours, which keeps the mean and adds at
        most 1/4 to the variance. At rest the input itself.

    Notes
    -----
    Stochastically no smaller when the shift, the scale or the chance is larger: a reorder point by
    quantiles never falls. The moments are those of `delayed_moments`.

    Examples
    --------
    >>> p = np.array([[0.0, 0.5, 0.5, 0.0]])
    >>> delayed(p, shift_days=1).tolist()
    [[0.0, 0.0, 0.5, 0.5]]
    >>> delayed(p, chance=0.2, delay_mean=1).round(3).tolist()
    [[0.0, 0.4, 0.5, 0.1]]
    """
    out = probabilities
    if (shift_days, scale, spread) != (0.0, 1.0, 1.0):
        out = _moved(out, shift_days, scale, spread)
    if chance > 0.0 and delay_mean > 0.0:
        out = (1.0 - chance) * out + chance * _later(out, delay_mean, delay_sd)
    return out


def delayed_moments(
    mean: ArrayLike,
    sd: ArrayLike,
    *,
    shift_days: float = 0.0,
    scale: float = 1.0,
    spread: float = 1.0,
    chance: float = 0.0,
    delay_mean: float = 0.0,
    delay_sd: float = 0.0,
) -> tuple[Array, Array]:
    """Return mean and sd, in days, of lead times in a scenario; the parameters are `delayed`'s.

    ``E = scale E[L] + shift + p d``; ``Var = (scale spread)² Var[L] + p s² + p (1 - p) d²``, d and
    s the mean and the sd of the delay that a disruption brings.

    Examples
    --------
    >>> mean, sd = delayed_moments(
    ...     35, 6, shift_days=5, scale=1.1, chance=0.15, delay_mean=20, delay_sd=8
    ... )
    >>> float(mean), round(float(sd**2), 9)
    (46.5, 104.16)
    """
    average = np.asarray(mean, dtype=np.float64)
    variance = (scale * spread * np.asarray(sd, dtype=np.float64)) ** 2
    variance = variance + chance * delay_sd**2 + chance * (1.0 - chance) * delay_mean**2
    return np.asarray(scale * average + shift_days + chance * delay_mean), np.sqrt(variance)


def _moved(probabilities: Array, shift_days: float, scale: float, spread: float) -> Array:
    """Return the law of ``scale (E + spread (L - E)) + shift``, in whole days."""
    rows, longest = probabilities.shape
    day = np.arange(1, longest + 1, dtype=np.float64)[None, :]
    mean = (probabilities @ day[0])[:, None]
    # Before it is scaled, a lead time is at least a day: else a larger scale could shorten it.
    wider = np.maximum(mean + spread * (day - mean), 1.0) if spread != 1.0 else day
    target = np.clip(scale * wider + shift_days, 1.0, longest) - 1.0
    target = np.broadcast_to(target, probabilities.shape)
    low = np.floor(target).astype(np.int64)
    part = target - low
    start = (np.arange(rows) * longest)[:, None]
    cells = np.concatenate([start + low, start + np.minimum(low + 1, longest - 1)])
    mass = np.concatenate([probabilities * (1.0 - part), probabilities * part])
    counted = np.bincount(cells.ravel(), weights=mass.ravel(), minlength=rows * longest)
    return counted.astype(np.float64).reshape(rows, longest)


def _later(probabilities: Array, mean: float, sd: float) -> Array:
    """Return the law of a lead time and a gamma delay after it."""
    return np.asarray(probabilities @ _steps(probabilities.shape[1], float(mean), float(sd)))


@lru_cache(maxsize=32)
def _steps(longest: int, mean: float, sd: float) -> Array:
    """Return the probabilities of going from each day to each later one by a gamma delay."""
    edge = np.arange(longest, dtype=np.float64) + 0.5
    below = _distribution(edge, np.asarray(mean), np.asarray(sd))
    late = np.diff(below, prepend=0.0)
    reach = np.arange(longest)[None, :] - np.arange(longest)[:, None]
    step = np.where(reach >= 0, late[np.maximum(reach, 0)], 0.0)
    step[:, -1] += np.maximum(1.0 - step.sum(axis=1), 0.0)
    step.flags.writeable = False
    return np.asarray(step)


def remaining(probabilities: Array, age_days: ArrayLike) -> Array:
    """Return the probabilities that an open order takes 1, 2, ... more days.

    Parameters
    ----------
    probabilities : ndarray, shape (n, n_days)
        Of a lead time of 1, 2, ... days.
    age_days : array_like, shape (n,)
        Days since each order was placed, on none of which it arrived; 0 = ordered today.

    Returns
    -------
    ndarray, shape (n, n_days)
        ``w[a + j] / sum of w after a``. Of an order that is older than its law knows, what the tail
        of a gamma law tends to: ``variance / mean`` more days, at least one, with no memory.

    Examples
    --------
    >>> remaining(np.array([[0.2, 0.4, 0.3, 0.1]]), [2]).round(6).tolist()
    [[0.75, 0.25, 0.0, 0.0]]
    """
    rows, longest = probabilities.shape
    age = np.maximum(np.asarray(age_days, dtype=np.int64), 0)
    day = np.arange(longest)[None, :] + age[:, None]
    row = np.arange(rows)[:, None]
    later = np.where(day < longest, probabilities[row, np.minimum(day, longest - 1)], 0.0)
    left = later.sum(axis=1, keepdims=True)
    known = np.divide(later, left, out=np.zeros_like(later), where=left > _NOTHING)
    return np.where(left > _NOTHING, known, _without_memory(probabilities))


def _without_memory(probabilities: Array) -> Array:
    mean, sd = moments(probabilities)
    stop = 1.0 / np.maximum(sd**2 / np.maximum(mean, 1.0), 1.0)[:, None]
    day = np.arange(probabilities.shape[1], dtype=np.float64)[None, :]
    law = stop * (1.0 - stop) ** day
    law[:, -1] += np.maximum(1.0 - law.sum(axis=1), 0.0)
    return np.asarray(law)
