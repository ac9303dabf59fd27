"""Units short under gamma, negative binomial and Poisson demand, and the level that allows them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analytics.distributions.laws import GAMMA_FROM, POISSON_UP_TO, Array

_HALVINGS = 60


def loss(units: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> Array:
    """Return the expected demand in excess of ``units``, ``E[(X - s)+]``.

    Parameters
    ----------
    units, mean, sd : array_like
        Units; they broadcast. Between whole units the discrete laws are joined by lines, which is
        exact; below zero the loss is ``mean - s``.

    Returns
    -------
    ndarray
        Units; never rises with ``units``. No spread: ``(mean - s)+``.

    Notes
    -----
    The law is that of `cdf`. Gamma ``μ Q(k+1, s/θ) - s Q(k, s/θ)``; negative binomial
    ``μ (1 - I_p(r+1, s)) - s (1 - I_p(r, s+1))``, Poisson ``μ P(s, μ) - s P(s+1, μ)`` for whole
    s >= 1 (inventory literature: Silver, Pyke and Thomas, 2017, ch. 6).

    Examples
    --------
    >>> round(float(loss(200, 140, 1460**0.5)), 9)
    1.585471837
    >>> round(float(loss(20, 12, 30**0.5)), 9)
    0.301601131
    """
    s, mu, sigma = _broadcast(units, mean, sd)
    level, variance = np.maximum(s, 0.0), sigma**2
    some, gamma, poisson = _laws(mu, variance)
    out = np.asarray(np.maximum(mu - level, 0.0))
    out[gamma] = _gamma(level[gamma], mu[gamma], variance[gamma])
    counted = some & ~gamma
    low = np.floor(level[counted])
    m, v, p = mu[counted], variance[counted], poisson[counted]
    at, after = _whole(low, m, v, p), _whole(low + 1, m, v, p)
    out[counted] = at + (level[counted] - low) * (after - at)
    return np.asarray(np.where(s < 0, np.maximum(mu, 0.0) - s, np.maximum(out, 0.0)))


def second_loss(units: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> Array:
    """Return ``E[((X - s)+)²]``, in units squared.

    Parameters
    ----------
    units, mean, sd : array_like
        Units; they broadcast. Below zero it is ``sd² + (mean - s)²``.

    Notes
    -----
    Gamma ``k (k+1) θ² Q(k+2, s/θ) - 2 s μ Q(k+1, s/θ) + s² Q(k, s/θ)``. For the discrete laws, by
    their factorial moments: ``E[X (X-1); X > s]`` is ``r (r+1) (1-p)²/p²`` times the upper tail of
    the law with ``r + 2`` beyond ``s - 2``, and ``μ²`` times that of the same Poisson law.

    Examples
    --------
    >>> float(second_loss(0, 12, 30**0.5))
    174.0
    """
    s, mu, sigma = _broadcast(units, mean, sd)
    level, variance = np.maximum(s, 0.0), sigma**2
    some, gamma, poisson = _laws(mu, variance)
    out = np.asarray(np.maximum(mu - level, 0.0) ** 2)
    out[gamma] = _gamma_second(level[gamma], mu[gamma], variance[gamma])
    counted = some & ~gamma
    args = level[counted], mu[counted], variance[counted], poisson[counted]
    out[counted] = _whole_second(*args)
    everything = variance + (np.maximum(mu, 0.0) - s) ** 2
    return np.asarray(np.where(s <= 0, everything, np.maximum(out, 0.0)))


def level_of_loss(target: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> Array:
    """Return the smallest level of stock that leaves at most ``target`` units short.

    Parameters
    ----------
    target, mean, sd : array_like
        Units; they broadcast. A target of 0 or less asks for what no finite level gives: the level
        that leaves a millionth of the mean short is returned.

    Returns
    -------
    ndarray
        Units, not rounded; ``mean - target`` (zero or negative) where the target is not below the
        mean.

    Examples
    --------
    >>> round(float(level_of_loss(9, 140, 1460**0.5)), 6)
    155.978472
    """
    allowed, mu, sigma = _broadcast(target, mean, sd)
    goal = np.maximum(allowed, 1e-6 * np.maximum(mu, 0.0))
    out = np.asarray(np.maximum(mu, 0.0) - goal)
    search = (sigma > 0) & (mu > 0) & (goal < mu)
    out[search] = _searched(goal[search], mu[search], sigma[search])
    return np.asarray(out)


def _searched(goal: Array, mean: Array, sd: Array) -> Array:
    """Return the level by halving; ``loss(mean + d) <= sd² / (2 d)`` ends the way up."""
    low, high = np.zeros_like(mean), mean + sd
    while (short := loss(high, mean, sd) > goal).any():
        low, high = np.where(short, high, low), np.where(short, mean + 2 * (high - mean), high)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        short = loss(middle, mean, sd) > goal
        low, high = np.where(short, middle, low), np.where(short, high, middle)
        if (high - low <= 1e-10 * high).all():
            break
    return high


def _broadcast(*values: ArrayLike) -> list[Array]:
    return list(np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in values)))


def _laws(
    mean: Array, variance: Array
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where there is doubt at all, where the law is gamma, and where it is Poisson."""
    some = (variance > 0) & (mean > 0)
    gamma = some & (mean >= GAMMA_FROM)
    return some, gamma, some & ~gamma & (variance <= POISSON_UP_TO * mean)


def _gamma(s: Array, mean: Array, variance: Array) -> Array:
    k, x = mean**2 / variance, s * mean / variance
    return np.asarray(mean * special.gammaincc(k + 1, x) - s * special.gammaincc(k, x))


def _gamma_second(s: Array, mean: Array, variance: Array) -> Array:
    k, x = mean**2 / variance, s * mean / variance
    squares = (variance + mean**2) * special.gammaincc(k + 2, x)
    return np.asarray(
        squares - 2 * s * mean * special.gammaincc(k + 1, x) + s**2 * special.gammaincc(k, x)
    )


def _beyond(s: Array, mean: Array, variance: Array, poisson: NDArray[np.bool_], more: int) -> Array:
    """Return ``P(X > s)`` of the law with ``more`` added to its size; 1 below zero."""
    level = np.maximum(s + 1, 1.0)
    gap = np.where(poisson, 1.0, variance - mean)
    p = np.where(poisson, 0.5, mean / variance)
    binomial = 1 - special.betainc(mean**2 / gap + more, level, p)
    tail = np.where(poisson, special.gammainc(level, mean), binomial)
    return np.asarray(np.where(s < 0, 1.0, tail))


def _whole(s: Array, mean: Array, variance: Array, poisson: NDArray[np.bool_]) -> Array:
    """Return the loss at whole ``s`` >= 0."""
    above = mean * _beyond(s - 1, mean, variance, poisson, 1)
    return np.asarray(above - s * _beyond(s, mean, variance, poisson, 0))


def _whole_second(s: Array, mean: Array, variance: Array, poisson: NDArray[np.bool_]) -> Array:
    """Return the second loss at any ``s`` >= 0: exact, since only X > floor(s) counts."""
    low = np.floor(s)
    pairs = np.where(poisson, mean**2, variance - mean + mean**2)
    squares = pairs * _beyond(low - 2, mean, variance, poisson, 2)
    ones = mean * _beyond(low - 1, mean, variance, poisson, 1)
    return np.asarray(
        squares + (1 - 2 * s) * ones + s**2 * _beyond(low, mean, variance, poisson, 0)
    )
