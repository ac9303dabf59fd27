"""The laws that textbooks take a season's demand to be, and the one used everywhere else."""

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analytics.distributions import loss, quantiles
from analytics.distributions.laws import gamma_quantile
from analytics.inventory.fill import units_short_normal

Array = NDArray[np.float64]


class Law(StrEnum):
    """What demand is taken to be."""

    DEMAND = "demand"  # gamma or negative binomial, as everywhere else
    NORMAL = "normal"
    LOGNORMAL = "lognormal"
    GAMMA = "gamma"
    POISSON = "poisson"  # its sd follows from its mean


def demand_quantile(
    probability: ArrayLike, mean: ArrayLike, sd: ArrayLike, *, law: Law = Law.DEMAND
) -> Array:
    """Return the smallest demand that is not exceeded with ``probability``.

    Parameters
    ----------
    probability, mean, sd : array_like, shape (n_items,)
        0 to 1; units. At 0, nothing is ordered; without spread, the mean.
    law : Law
        Of demand.

    Examples
    --------
    >>> float(demand_quantile(0.7 / 0.88, 50, 0, law=Law.POISSON))
    56.0
    """
    q, mu, sigma = _arrays(probability, mean, sd)
    some = (mu > 0) & (q > 0) & ((sigma > 0) | (law == Law.POISSON)) & ~np.isnan(q)
    out = np.where(np.isnan(q), np.nan, np.where(q > 0, np.maximum(mu, 0.0), 0.0))
    out = np.atleast_1d(out)
    chosen, mean_of, sd_of = (np.atleast_1d(part)[np.atleast_1d(some)] for part in (q, mu, sigma))
    out[np.atleast_1d(some)] = _quantile(chosen, mean_of, sd_of, law)
    return np.asarray(out.reshape(q.shape))


def units_short(
    level: ArrayLike, mean: ArrayLike, sd: ArrayLike, *, law: Law = Law.DEMAND
) -> Array:
    """Return the expected demand in excess of ``level``.

    Parameters
    ----------
    level, mean, sd : array_like, shape (n_items,)
        Units.
    law : Law
        Of demand.

    Notes
    -----
    Lognormal, ``s² = ln(1 + cv²)``, ``m = ln μ - s²/2``:
    ``μ Φ((m + s² - ln Q)/s) - Q Φ((m - ln Q)/s)``.
    """
    s, mu, sigma = _arrays(level, mean, sd)
    if law == Law.NORMAL:
        return units_short_normal(s, mu, sigma)
    if law == Law.LOGNORMAL:
        return _lognormal_short(s, mu, sigma)
    if law == Law.GAMMA:
        return _gamma_short(s, mu, sigma)
    if law == Law.POISSON:
        return _poisson_short(s, mu)
    return loss(s, mu, sigma)


def _quantile(q: Array, mean: Array, sd: Array, law: Law) -> Array:
    """Return quantiles of one law; everything is positive."""
    if law == Law.NORMAL:
        return np.asarray(mean + special.ndtri(q) * sd)
    if law == Law.LOGNORMAL:
        s = np.sqrt(np.log1p((sd / mean) ** 2))
        return np.asarray(np.exp(np.log(mean) - s**2 / 2 + special.ndtri(q) * s))
    if law == Law.GAMMA:
        return gamma_quantile(mean, sd, q)
    if law == Law.POISSON:
        near = np.maximum(np.ceil(special.pdtrik(q, mean)), 0.0)
        return np.asarray(np.where(special.pdtr(near - 1, mean) >= q, near - 1, near))
    return np.asarray(quantiles(mean, sd, q[:, None])[:, 0])


def _lognormal_short(level: Array, mean: Array, sd: Array) -> Array:
    some = (mean > 0) & (sd > 0) & (level > 0)
    mu, q = np.where(some, mean, 1.0), np.where(some, level, 1.0)
    s = np.sqrt(np.log1p(np.where(some, sd / mu, 1.0) ** 2))
    m = np.log(mu) - s**2 / 2
    short = mu * special.ndtr((m + s**2 - np.log(q)) / s) - q * special.ndtr((m - np.log(q)) / s)
    return np.asarray(np.where(some, short, np.maximum(mean - level, 0.0)))


def _gamma_short(level: Array, mean: Array, sd: Array) -> Array:
    some = (mean > 0) & (sd > 0) & (level > 0)
    mu, variance = np.where(some, mean, 1.0), np.where(some, sd, 1.0) ** 2
    k, x = mu**2 / variance, np.where(some, level, 0.0) * mu / variance
    short = mu * special.gammaincc(k + 1, x) - level * special.gammaincc(k, x)
    return np.asarray(np.where(some, short, np.maximum(mean - level, 0.0)))


def _poisson_short(level: Array, mean: Array) -> Array:
    """Return the Poisson loss at whole levels, joined by lines."""
    mu, low = np.maximum(mean, 0.0), np.floor(np.maximum(level, 0.0))

    def at(s: Array) -> Array:
        tail = np.where(s > 0, special.gammainc(np.maximum(s, 1.0), mu), 1.0)
        return np.asarray(mu * tail - s * special.gammainc(s + 1, mu))

    between = at(low) + (level - low) * (at(low + 1) - at(low))
    return np.asarray(np.where(level < 0, mu - level, between))


def _arrays(*values: ArrayLike) -> list[Array]:
    return list(np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in values)))
