"""The lead-time kernel: demand over 1 to 204 days, ready to be mixed over lead times."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.distributions.laws import (
    GAMMA_FROM,
    POISSON_UP_TO,
    Array,
    cdf,
    gamma_quantile,
    wide_binomial_cdf,
)
from analytics.distributions.mixture import Mixture

LAST_DAY = 204  # thirty weeks, the first of which may have but one day left
BINS = np.concatenate(
    [
        [1, 2],
        np.arange(3, 20, 2),
        np.arange(20, 60, 3),
        np.arange(60, 120, 4),
        np.arange(120, 205, 7),
    ]
)
_GRID = 64
_LATTICE = (16, 64, 256)  # whole units up to which probabilities are added one by one
_CHUNK = 600_000  # numbers held at once, per thread, while a kernel is built
_THREADS = 2
_AT_ONCE = 64  # tables that fit into a processor's cache


@dataclass(frozen=True, slots=True)
class Kernel:
    """Demand of every item over every number of days, ready to be mixed over lead times.

    Sliders change the weights and never the table, so an answer for a whole catalogue takes
    milliseconds. Between bins a day's probability is split linearly; that, and the interpolation
    between grid points, costs at most about 0.8 % of a reorder point.

    Attributes
    ----------
    units : ndarray of float32, shape (n_items, n_grid)
        Ascending levels of demand.
    table : ndarray of float32, shape (n_items, n_grid, n_bins)
        Probability that demand over ``BINS`` days does not exceed them. It never rises with the
        days, since cumulative demand cannot fall.
    mean, sd : ndarray, shape (n_items, n_bins)
        Moments of demand over ``BINS`` days.
    rows : ndarray of int, optional
        Rows of ``table`` that are the items', see `look`; none = all, in order.
    """

    units: NDArray[np.float32]
    table: NDArray[np.float32]
    mean: Array
    sd: Array
    rows: NDArray[np.int64] | None = None

    @property
    def nbytes(self) -> int:
        """Return the memory that the kernel holds."""
        return self.units.nbytes + self.table.nbytes + self.mean.nbytes + self.sd.nbytes

    def take(self, rows: ArrayLike) -> Self:
        """Return the kernel of some items."""
        index = np.atleast_1d(np.asarray(rows))
        looked = self.look(index)
        return replace(looked, table=self.table[looked.rows], rows=None)

    def look(self, rows: ArrayLike) -> Self:
        """Return the kernel of some items for a single `mixed`: their tables are not copied."""
        index = np.atleast_1d(np.asarray(rows))
        own = np.arange(len(self.table)) if self.rows is None else self.rows
        return replace(
            self,
            units=self.units[index],
            mean=self.mean[index],
            sd=self.sd[index],
            rows=own[index],
        )

    def mixed(self, weights: ArrayLike) -> Mixture:
        """Return the demand over the lead time: everything else is read from it.

        Parameters
        ----------
        weights : array_like, shape (n_items, n_bins) or (n_bins,)
            Lead-time probabilities on the bins; see `bin_weights`.

        Returns
        -------
        Mixture
            ``F(x) = Σ_l w_l F_D(l)(x)``, with the exact moments of `moments`.
        """
        w = np.broadcast_to(np.asarray(weights, dtype=np.float32), self.mean.shape)
        counted = np.where(self.mean < GAMMA_FROM, w, np.float32(0))
        mixed = self._products(np.stack([w, counted], axis=2))
        cdf = np.minimum(np.maximum.accumulate(mixed[:, :, 0], axis=1), np.float32(1))
        lumps = np.maximum(counted.sum(axis=1)[:, None] - mixed[:, :, 1], np.float32(0)) / 2
        mean, sd = self.moments(weights)
        return Mixture(self.units, cdf, mean, sd, lumps)

    def _products(self, columns: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return each item's table times its columns, (n_items, n_bins, n_columns)."""
        if self.rows is None:
            return self.table @ columns
        out = np.empty((len(columns), self.table.shape[1], columns.shape[2]), dtype=np.float32)
        for first in range(0, len(columns), _AT_ONCE):
            some = slice(first, first + _AT_ONCE)
            np.matmul(self.table[self.rows[some]], columns[some], out=out[some])
        return out

    def quantile(self, weights: ArrayLike, probability: ArrayLike) -> Array:
        """Return the demand over the lead time that is not exceeded with ``probability``.

        Parameters
        ----------
        weights : array_like, shape (n_items, n_bins)
            Lead-time probabilities on the bins; see `bin_weights`.
        probability : array_like, shape () or (n_items,)
            Cycle service level, 0 to 1.

        Returns
        -------
        ndarray, shape (n_items,)
            Units, not rounded; never falls when the lead time or the probability rises.
        """
        return self.mixed(weights).quantile(probability)

    def probability(self, weights: ArrayLike, units: ArrayLike) -> Array:
        """Return the probability that demand over the lead time does not exceed ``units``.

        Parameters
        ----------
        weights : array_like, shape (n_items, n_bins)
            Lead-time probabilities on the bins.
        units : array_like, shape (n_items,)
            A level of stock; below zero the probability is 0.

        Returns
        -------
        ndarray, shape (n_items,)
            Cycle service level that the level of stock gives, 0 to 1.
        """
        return self.mixed(weights).probability(units)

    def moments(self, weights: ArrayLike) -> tuple[Array, Array]:
        """Return mean and sd of demand over the lead time, units, shape (n_items,) each.

        ``mean = Σ w μ``; ``variance = Σ w (σ² + μ²) - mean²``.
        """
        w = np.broadcast_to(np.asarray(weights, dtype=np.float64), self.mean.shape)
        mean = (w * self.mean).sum(axis=1)
        variance = (w * (self.sd**2 + (self.mean - mean[:, None]) ** 2)).sum(axis=1)
        return mean, np.sqrt(variance)


def bin_weights(probabilities: ArrayLike) -> Array:
    """Return probabilities of days as weights of the kernel's bins.

    Parameters
    ----------
    probabilities : array_like, shape (n, n_days)
        Probability of 1, 2, ... days; what lies beyond the last bin counts there.

    Returns
    -------
    ndarray, shape (n, n_bins)
        Each day's probability, split linearly between the neighbouring bins.
    """
    p = np.atleast_2d(np.asarray(probabilities, dtype=np.float64))
    day = np.clip(np.arange(1, p.shape[1] + 1), BINS[0], BINS[-1])
    high = np.clip(np.searchsorted(BINS, day), 1, len(BINS) - 1)
    share = (day - BINS[high - 1]) / (BINS[high] - BINS[high - 1])
    split = np.zeros((len(day), len(BINS)))
    rows = np.arange(len(day))
    split[rows, high - 1] = 1 - share
    split[rows, high] = share
    return np.asarray(p @ split)


def kernel(mean: ArrayLike, sd: ArrayLike) -> Kernel:
    """Return the kernel of a catalogue.

    Parameters
    ----------
    mean, sd : array_like, shape (n_items, at least 204)
        Cumulative mean and sd of demand over 1, 2, ... days, in units.

    Returns
    -------
    Kernel
        About 11 KB per item.

    Notes
    -----
    Grid ``x_m = top (m/63)^1.5``, ``top`` the demand that 1 in 10,000 exceeds over the longest bin;
    whole units where 63 of them suffice.
    """
    mu = np.asarray(mean, dtype=np.float64)[:, BINS - 1]
    sigma = np.asarray(sd, dtype=np.float64)[:, BINS - 1]
    units = _grid(mu[:, -1], sigma.max(axis=1, initial=0.0)).astype(np.float32)
    table = np.empty((len(mu), len(BINS), _GRID), dtype=np.float32)
    step = max(1, _CHUNK // (len(BINS) * _GRID))

    def fill(low: int) -> None:
        rows = slice(low, low + step)
        table[rows] = _table(units[rows], mu[rows], sigma[rows])

    with ThreadPoolExecutor(_THREADS) as threads:  # scipy's functions let go of the interpreter
        list(threads.map(fill, range(0, len(mu), step)))
    np.minimum.accumulate(table, axis=1, out=table)
    return Kernel(units, np.ascontiguousarray(table.transpose(0, 2, 1)), mu, sigma)


def _grid(mean: Array, sd: Array) -> Array:
    some = (mean > 0) & (sd > 0)
    top = np.maximum(mean, 0.0)
    top[some] = gamma_quantile(mean[some], np.maximum(sd, np.sqrt(top))[some], np.array(0.9999))
    steps = np.arange(_GRID)
    curved = (top[:, None] + 1) * (steps / (_GRID - 1)) ** 1.5
    return np.asarray(np.where((top < _GRID - 1)[:, None], steps, curved))


def _table(units: NDArray[np.float32], mean: Array, sd: Array) -> NDArray[np.float32]:
    """Return the distribution functions, shape (n_items, n_bins, n_grid)."""
    n_items, n_bins = mean.shape
    mu, sigma = mean.ravel(), sd.ravel()
    item = np.repeat(np.arange(n_items), n_bins)
    out = np.ones((len(mu), units.shape[1]), dtype=np.float32)
    reach = _reach(mu, sigma)
    whole = (mu < GAMMA_FROM) & (reach <= _LATTICE[-1])
    previous = -1
    for size in _LATTICE:
        fitting = np.flatnonzero(whole & (reach > previous) & (reach <= size))
        previous = size
        for some in np.array_split(fitting, max(1, len(fitting) * size // _CHUNK)):
            out[some] = _lattice(units[item[some]], mu[some], sigma[some], size)
    for here, law in ((mu >= GAMMA_FROM, cdf), (mu < GAMMA_FROM, _wide)):
        cells = np.flatnonzero(~whole & here)
        row, column = np.nonzero(units[item[cells]] < reach[cells][:, None])
        cell = cells[row]
        out[cell, column] = law(units[item[cell], column], mu[cell], sigma[cell])
    return out.reshape(n_items, n_bins, -1)


def _wide(units: NDArray[np.float32], mean: Array, sd: Array) -> Array:
    return wide_binomial_cdf(units.astype(np.float64), mean, sd**2)


def _reach(mean: Array, sd: Array) -> Array:
    """Return a level that demand exceeds with a probability below about 1 in 10,000."""
    scale = np.where(mean > 0, sd**2 / np.where(mean > 0, mean, 1.0), 0.0)
    spread = np.maximum(sd, np.sqrt(np.maximum(mean, 0.0)))
    return np.asarray(mean + np.maximum(6 * spread, 10 * scale))


def _lattice(units: NDArray[np.float32], mean: Array, sd: Array, size: int) -> Array:
    """Return the discrete distribution function by adding up whole units, shape (n, n_grid).

    ``p(k+1) / p(k) = (a + b k) / (k + 1)``: negative binomial ``a = (1-p) r``, ``b = 1-p``; Poisson
    ``a = μ``, ``b = 0``.
    """
    variance = np.maximum(sd**2, mean)
    poisson = variance <= POISSON_UP_TO * mean
    ratio = np.where(mean > 0, mean / np.where(variance > 0, variance, 1.0), 1.0)
    b = np.where(poisson, 0.0, 1 - ratio)
    a = np.where(poisson, mean, mean * ratio)
    with np.errstate(divide="ignore", invalid="ignore"):
        start = np.where(poisson, -mean, mean * ratio / (1 - ratio) * np.log(ratio))
    k = np.arange(size + 1)
    steps = (a[:, None] + b[:, None] * k) / (k + 1)
    mass = np.column_stack([np.exp(start), steps]).cumprod(axis=1)
    total = np.minimum(mass.cumsum(axis=1), 1.0)
    whole = np.minimum(units.astype(np.int64), size)
    rows = np.arange(len(mean))[:, None]
    below = total[rows, whole]
    share = np.minimum(units - whole, 1.0)
    mixed = below + share * (total[rows, whole + 1] - below)
    return np.asarray(np.where(units > size, 1.0, mixed))  # else longer waits inherit the rest
