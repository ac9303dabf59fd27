"""Gamma, negative binomial and Poisson demand with a given mean and sd."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

GAMMA_FROM = 30.0  # units; below, single units matter
POISSON_UP_TO = 1.05  # variance over mean; below, nothing but Poisson is left
_LATTICE = (16, 64, 256)  # whole units up to which probabilities are added one by one
_HELD = 100_000  # numbers held at once while they are

Array = NDArray[np.float64]


def cdf(units: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> Array:
    """Return the probability that demand does not exceed ``units``.

    Parameters
    ----------
    units, mean, sd : array_like
        Units; they broadcast. Between whole units the discrete laws are continued smoothly.

    Returns
    -------
    ndarray
        Probability, 0 to 1.

    Notes
    -----
    Gamma ``P(k, x/θ)`` with ``k = μ²/σ²``, ``θ = σ²/μ``; negative binomial ``I_p(r, x+1)`` with
    ``p = μ/σ²``, ``r = μ²/(σ²-μ)``; Poisson ``Q(x+1, μ)``.

    Examples
    --------
    >>> round(float(cdf(20, 12, 30**0.5)), 9)
    0.925990186
    """
    x, mu, sigma = np.broadcast_arrays(
        *(np.asarray(v, dtype=np.float64) for v in (units, mean, sd))
    )
    variance = sigma**2
    certain = (variance <= 0) | (mu <= 0)
    gamma = ~certain & (mu >= GAMMA_FROM)
    poisson = ~certain & ~gamma & (variance <= POISSON_UP_TO * mu)
    binomial = ~(certain | gamma | poisson)
    out = np.where(x >= np.maximum(mu, 0.0), 1.0, 0.0)
    level = np.maximum(x, 0.0)
    out[gamma] = _gamma_cdf(level[gamma], mu[gamma], variance[gamma])
    out[poisson] = special.gammaincc(level[poisson] + 1, mu[poisson])
    out[binomial] = _binomial_cdf(level[binomial], mu[binomial], variance[binomial])
    return np.asarray(np.where(x < 0, 0.0, out))


def _gamma_cdf(x: Array, mean: Array, variance: Array) -> Array:
    return np.asarray(special.gammainc(mean**2 / variance, x * mean / variance))


def _binomial_cdf(x: Array, mean: Array, variance: Array) -> Array:
    return np.asarray(special.betainc(mean**2 / (variance - mean), x + 1, mean / variance))


def wide_binomial_cdf(x: Array, mean: Array, variance: Array) -> Array:
    """Return the negative binomial distribution function where variance is far above the mean.

    Wise (1950): ``I_p(r, x+1) ≈ P(r, -N ln(1-p))``, ``N = x + (r+1)/2``; at ``x = 0`` exactly
    ``p^r``. Within 0.001 for ``p < 0.06`` and ``x >= 2``, and three times as fast.
    """
    p = mean / variance
    r = mean * p / (1 - p)
    wide = special.gammainc(r, -(x + (r + 1) / 2) * np.log1p(-p))
    return np.asarray(np.where(x > 0, wide, p**r))


def quantiles(mean: ArrayLike, sd: ArrayLike, probabilities: ArrayLike) -> Array:
    """Return the smallest demand that is not exceeded with each probability.

    Parameters
    ----------
    mean, sd : array_like
        Units; they broadcast to shape ``s``.
    probabilities : array_like, shape (n_probabilities,)
        Between 0 and 1.

    Returns
    -------
    ndarray, shape ``s`` + (n_probabilities,)
        Units; whole below a mean of 30. Never decreasing in the probability.

    Examples
    --------
    >>> quantiles(12, 30**0.5, [0.9, 0.95, 0.99]).tolist()
    [19.0, 22.0, 28.0]
    >>> quantiles(140, 1460**0.5, [0.95]).round(6).tolist()
    [208.198554]
    """
    mu, sigma, q = np.broadcast_arrays(
        np.asarray(mean, dtype=np.float64)[..., None],
        np.asarray(sd, dtype=np.float64)[..., None],
        np.asarray(probabilities, dtype=np.float64),
    )
    out = np.maximum(mu, 0.0).copy()
    some = (sigma > 0) & (mu > 0)
    gamma = some & (mu >= GAMMA_FROM)
    out[gamma] = gamma_quantile(mu[gamma], sigma[gamma], q[gamma])
    whole = some & ~gamma
    if whole.any():
        cells = whole[..., 0]
        out[cells] = _whole_quantiles(
            mu[cells][:, 0], sigma[cells][:, 0], q.reshape(-1, q.shape[-1])[0]
        )
    return np.asarray(out)


def gamma_quantile(mean: Array, sd: Array, q: Array) -> Array:
    """Return quantiles of gamma demand; ``mean`` and ``sd`` are positive."""
    return np.asarray(special.gammaincinv((mean / sd) ** 2, q) * sd**2 / mean)


def _whole_quantiles(mean: Array, sd: Array, levels: Array) -> Array:
    """Return the smallest whole numbers at which the distribution functions reach ``levels``.

    Shape (n, n_levels). Probabilities are added one by one, for all levels together; where more
    than some hundred of them were needed, each level is searched for.
    """
    out = np.full((len(mean), len(levels)), np.nan)
    top = levels.max(initial=0.0)
    reach = 1.15 * _wilson_hilferty(mean, sd, np.array(top)) + 3 if top < 1 else np.inf + mean
    previous = -np.inf
    for size in _LATTICE:
        fitting = np.flatnonzero((reach > previous) & (reach <= size))
        previous = size
        for some in np.array_split(fitting, -(-len(fitting) * size // _HELD) or 1):
            total = _by_adding(mean[some], sd[some], size)
            for place, level in enumerate(levels):
                units = (total < level).sum(axis=0)
                out[some, place] = np.where(units <= size, units, np.nan)
    rest = np.flatnonzero(np.isnan(out).any(axis=1))
    for place, level in enumerate(levels):
        out[rest, place] = _whole_quantile(mean[rest], sd[rest], np.full(len(rest), level))
    return out


def _by_adding(mean: Array, sd: Array, size: int) -> Array:
    """Return the discrete distribution functions at 0, 1, ..., ``size``, shape (size + 1, n).

    ``p(k+1) / p(k) = (a + b k) / (k + 1)``: negative binomial ``a = (1-p) r``, ``b = 1-p``; Poisson
    ``a = μ``, ``b = 0``.
    """
    variance = np.maximum(sd**2, mean)
    poisson = variance <= POISSON_UP_TO * mean
    p = np.where(poisson, 0.5, mean / variance)
    a, b = np.where(poisson, mean, mean * p), np.where(poisson, 0.0, 1 - p)
    total = np.empty((size + 1, len(mean)))
    mass = np.exp(np.where(poisson, -mean, mean * p / (1 - p) * np.log(p)))
    total[0] = mass
    for k in range(size):
        mass = mass * ((a + b * k) / (k + 1))
        total[k + 1] = total[k] + mass
    return total


def _wilson_hilferty(mean: Array, sd: Array, q: Array) -> Array:
    """Return about the gamma quantile (Wilson and Hilferty 1931)."""
    shape = (mean / np.maximum(sd, np.sqrt(mean))) ** 2
    root = np.maximum(1 - 1 / (9 * shape) + special.ndtri(q) / (3 * np.sqrt(shape)), 0.0)
    return np.asarray(mean * root**3)


def _whole_quantile(mean: Array, sd: Array, q: Array) -> Array:
    """Return the smallest whole number at which the distribution function reaches ``q``.

    The search starts where Wilson and Hilferty (1931) put the gamma quantile, steps away from there
    in doubling steps, then halves what is left.
    """
    high = np.maximum(np.floor(_wilson_hilferty(mean, sd, q) - 0.5), 0.0)
    enough = cdf(high, mean, sd) >= q
    low, high = np.where(enough, -1.0, high), np.where(enough, high, np.inf)
    step = np.ones_like(low)
    while len(todo := np.flatnonzero(high - low > 1)):
        below, above, wide = low[todo], high[todo], step[todo]
        up, down = np.isinf(above), below < 0
        middle = np.floor((below + np.where(up, 0.0, above)) / 2)
        middle = np.where(down, np.maximum(above - wide, 0.0), middle)
        probe = np.where(up, below + wide, middle)
        enough = cdf(probe, mean[todo], sd[todo]) >= q[todo]
        high[todo], low[todo] = np.where(enough, probe, above), np.where(enough, below, probe)
        step[todo] = 2 * wide
    return high
