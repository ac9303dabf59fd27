"""Demand over a lead time that is itself uncertain: levels, probabilities, units short."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analytics.distributions.laws import Array

Grid = NDArray[np.float32]
_NEWTON = 6  # steps; a cubic between two grid points needs three
_STEEPEST = 3.0  # slope over secant up to which a cubic never turns (Fritsch and Carlson, 1980)


@dataclass(frozen=True)
class Mixture:
    """Demand of every item over its lead time, as levels of demand and their probabilities.

    Attributes
    ----------
    units : ndarray of float32, shape (n_items, n_grid)
        Ascending levels of demand: evenly spaced, or ever wider.
    cdf : ndarray of float32, shape (n_items, n_grid)
        Probability that demand does not exceed them; it never falls.
    mean, sd : ndarray, shape (n_items,)
        Exact moments, in units.
    lumps : ndarray of float32, shape (n_items, n_grid)
        Half a unit times the part of ``1 - cdf`` that counts whole units. What such laws leave
        unserved is a sum over whole units, and a sum is the integral and half its first term.

    Notes
    -----
    Probabilities lie on a line between grid points once they are normal scores, which the scores of
    near-normal laws nearly do. ``E[(X-s)+] = ∫ (1-F)`` from s on, by the trapezium rule with its
    slope correction (on an even grid of whole units: the exact sum), scaled so that it starts at
    the exact mean; ``E[(X-s)+²]`` is twice the integral of that, and starts at the exact second
    moment.
    """

    units: Grid
    cdf: Grid
    mean: Array
    sd: Array
    lumps: Grid

    @classmethod
    def of_whole_units(cls, probabilities: ArrayLike) -> Self:
        """Return the mixture of laws that are given as probabilities of 0, 1, 2, ... units.

        Parameters
        ----------
        probabilities : array_like, shape (n_items, at least 3)
            They add up to 1.

        Examples
        --------
        >>> law = Mixture.of_whole_units([[0.5, 0.3, 0.2, 0.0]])
        >>> float(law.mean[0]), round(float(law.loss([1.0])[0]), 6)
        (0.7, 0.2)
        """
        p = np.atleast_2d(np.asarray(probabilities, dtype=np.float64))
        k = np.arange(p.shape[1], dtype=np.float64)
        mean = p @ k
        sd = np.sqrt((p * (k - mean[:, None]) ** 2).sum(axis=1))
        cdf = np.minimum(p.cumsum(axis=1), 1.0).astype(np.float32)
        units = np.broadcast_to(k.astype(np.float32), p.shape)
        return cls(units, cdf, mean, sd, (1 - cdf) / 2)

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.units)

    def take(self, rows: ArrayLike) -> Self:
        """Return the mixture of some items."""
        i = np.atleast_1d(np.asarray(rows))
        taken = type(self)(self.units[i], self.cdf[i], self.mean[i], self.sd[i], self.lumps[i])
        if "_losses" in vars(self):  # worked out already: each row's stands for itself
            vars(taken)["_losses"] = self._losses[i]
        return taken

    def quantile(self, probability: ArrayLike) -> Array:
        """Return the demand that is not exceeded with ``probability``.

        Parameters
        ----------
        probability : array_like, shape () or (n_items,)
            Cycle service level, 0 to 1.

        Returns
        -------
        ndarray, shape (n_items,)
            Units, not rounded; never falls when the probability rises.
        """
        target = self._each(probability)
        high = (self.cdf < target[:, None]).sum(axis=1)
        (x0, x1), (below, above) = self._around(high, self.units, self.cdf)
        low_z, high_z = _normal(below), _normal(above)
        share = (_normal(target) - low_z) / np.maximum(high_z - low_z, 1e-9)
        return np.asarray(x0 + np.clip(share, 0.0, 1.0) * (x1 - x0))

    def probability(self, units: ArrayLike) -> Array:
        """Return the probability that demand does not exceed ``units``.

        Parameters
        ----------
        units : array_like, shape () or (n_items,)
            A level of stock; below every level of demand the probability is 0.

        Returns
        -------
        ndarray, shape (n_items,)
            Cycle service level that the level of stock gives, 0 to 1.
        """
        level = self._each(units)
        (x0, x1), (below, above) = self._around(self._above(level), self.units, self.cdf)
        share = np.clip((level - x0) / np.where(x1 > x0, x1 - x0, 1.0), 0.0, 1.0)
        score = _normal(below) + share * (_normal(above) - _normal(below))
        mixed = np.where(share >= 1, above, np.where(share <= 0, below, special.ndtr(score)))
        return np.asarray(np.where(level < self.units[:, 0], 0.0, mixed))

    def loss(self, units: ArrayLike) -> Array:
        """Return the expected demand in excess of ``units``, ``E[(X - s)+]``.

        Parameters
        ----------
        units : array_like, shape () or (n_items,)
            A level of stock; below every level of demand the loss is ``mean - s``.

        Returns
        -------
        ndarray, shape (n_items,)
            Units; never rises with the level.
        """
        level = self._each(units)
        high = self._above(level)
        (x0, x1), (y0, y1) = self._around(high, self.units, self._losses)
        (steep0, steep1) = self._slopes(high, y0 - y1)
        share = np.clip((level - x0) / np.where(x1 > x0, x1 - x0, 1.0), 0.0, 1.0)
        inside = np.maximum(_cubic(share, y0, y1, steep0, steep1), 0.0)
        return np.asarray(np.where(level < self.units[:, 0], self.mean - level, inside))

    def second_loss(self, units: ArrayLike) -> Array:
        """Return ``E[((X - s)+)²]``, in units squared, shape (n_items,).

        Parameters
        ----------
        units : array_like, shape () or (n_items,)
            A level of stock; below every level of demand it is ``sd² + (mean - s)²``.
        """
        level = self._each(units)
        high = self._above(level)
        (x0, x1), (y0, y1) = self._around(high, self.units, self._second_losses)
        _, (loss0, loss1) = self._around(high, self.units, self._losses)
        width = x1 - x0
        share = np.clip((level - x0) / np.where(width > 0, width, 1.0), 0.0, 1.0)
        most = _STEEPEST * (y0 - y1)
        steep0, steep1 = np.minimum(2 * loss0 * width, most), np.minimum(2 * loss1 * width, most)
        inside = np.maximum(_cubic(share, y0, y1, steep0, steep1), 0.0)
        below = self.sd**2 + (self.mean - level) ** 2
        return np.asarray(np.where(level < self.units[:, 0], below, inside))

    def level_of_loss(self, target: ArrayLike) -> Array:
        """Return the smallest level whose loss is not above ``target``.

        Parameters
        ----------
        target : array_like, shape () or (n_items,)
            Units short that are allowed.

        Returns
        -------
        ndarray, shape (n_items,)
            Units, not rounded; negative where more may be short than is asked for on average.
        """
        allowed = self._each(target)
        high = (self._losses > allowed[:, None]).sum(axis=1)
        (x0, x1), (y0, y1) = self._around(high, self.units, self._losses)
        (steep0, steep1) = self._slopes(high, y0 - y1)
        share = _solved(allowed, y0, y1, steep0, steep1)
        inside = x0 + share * (x1 - x0)
        first = self.units[:, 0]
        return np.asarray(np.where(allowed >= self.mean - first, self.mean - allowed, inside))

    def scaled(self, factor: ArrayLike) -> Self:
        """Return the mixture of demand that is ``factor`` times as large, () or (n_items,)."""
        ratio = self._each(factor)
        return self._moved(np.zeros(len(self)), ratio)

    def with_undershoot(self, mean: ArrayLike, variance: ArrayLike) -> Self:
        """Return the demand after an independent undershoot of the reorder point is added.

        Parameters
        ----------
        mean, variance : array_like, shape () or (n_items,)
            Moments of the undershoot, in units and units squared; see
            `analytics.inventory.undershoot_moments`.

        Returns
        -------
        Mixture
            The same shape, stretched about its mean to the moments of the sum.
        """
        return self._moved(*self.undershoot_stretch(mean, variance))

    def undershoot_stretch(self, mean: ArrayLike, variance: ArrayLike) -> tuple[Array, Array]:
        """Return shift (units) and ratio by which `with_undershoot` moves every level.

        The loss is then ``ratio loss((s - shift) / ratio)``: no new mixture is needed for it.
        """
        more = self._each(mean)
        sd = np.sqrt(self.sd**2 + np.maximum(self._each(variance), 0.0))
        ratio = np.where(self.sd > 0, sd / np.where(self.sd > 0, self.sd, 1.0), 1.0)
        return self.mean + more - ratio * self.mean, ratio

    def _moved(self, shift: Array, ratio: Array) -> Self:
        units = shift[:, None] + ratio[:, None] * self.units
        lumps = (ratio[:, None] * self.lumps).astype(np.float32)
        mean = shift + ratio * self.mean
        nothing = ratio == 0
        cdf = np.where(nothing[:, None], np.float32(1), self.cdf) if nothing.any() else self.cdf
        return type(self)(units.astype(np.float32), cdf, mean, ratio * self.sd, lumps)

    def _each(self, value: ArrayLike) -> Array:
        return np.broadcast_to(np.asarray(value, dtype=np.float64), len(self.units))

    def _above(self, level: Array) -> NDArray[np.int64]:
        return np.asarray((self.units < level[:, None]).sum(axis=1))

    def _around(
        self, high: NDArray[np.int64], x: Grid, y: Grid
    ) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        """Return two grids at the points before and at ``high``."""
        at = np.clip(high, 1, self.units.shape[1] - 1)
        rows = np.arange(len(at))
        x0, x1, y0, y1 = (
            grid[rows, column].astype(np.float64)
            for grid, column in ((x, at - 1), (x, at), (y, at - 1), (y, at))
        )
        return (x0, x1), (y0, y1)

    def _slopes(self, high: NDArray[np.int64], fall: Array) -> tuple[Array, Array]:
        """Return how fast the loss falls at both ends of a cell; evenly on an even grid."""
        (x0, x1), (below, above) = self._around(high, self.units, self.cdf)
        _, (lump0, lump1) = self._around(high, self.units, self.lumps)
        lumpy, most = lump0 - lump1, _STEEPEST * fall
        steep0 = np.minimum((1 - below) * (x1 - x0) + lumpy, most)
        steep1 = np.minimum((1 - above) * (x1 - x0) + lumpy, most)
        return np.where(self._even, fall, steep0), np.where(self._even, fall, steep1)

    @cached_property
    def _even(self) -> NDArray[np.bool_]:
        """Return where the grid is evenly spaced: there, demand comes in whole units."""
        width = np.diff(self.units[:, :3], axis=1)
        return np.asarray(width[:, 1] <= 1.01 * width[:, 0])

    @cached_property
    def _losses(self) -> Grid:
        """Return the loss at every grid point, shape (n_items, n_grid)."""
        short = 1 - self.cdf
        width = np.asarray(np.diff(self.units, axis=1), dtype=np.float32)
        cell = np.asarray(width * (short[:, :-1] + short[:, 1:]) / 2, dtype=np.float32)
        curved = np.flatnonzero(~self._even)
        cell[curved] = _corrected(cell[curved], width[curved], short[curved])
        raw = _from_the_top(cell) + self.lumps
        return _started(raw, self.mean - self.units[:, 0])

    @cached_property
    def _second_losses(self) -> Grid:
        """Return the second loss at every grid point, shape (n_items, n_grid)."""
        loss, width = self._losses, np.diff(self.units, axis=1)
        cell = width * (loss[:, :-1] + loss[:, 1:])
        bend = width**2 * np.diff(self.cdf, axis=1) / 6
        cell -= np.where(self._even[:, None], 0.0, bend).astype(np.float32)
        start = self.sd**2 + (self.mean - self.units[:, 0]) ** 2
        return _started(_from_the_top(np.maximum(cell, 0.0)), start)


def _corrected(cell: Grid, width: Grid, short: Grid) -> Grid:
    """Return integrals over the cells with the trapezium rule's slope correction.

    ``h/2 (y0 + y1) + h²/12 (y0' - y1')`` (Euler and Maclaurin), kept between ``h y1`` and ``h y0``.
    """
    drop = np.diff(short, axis=1)
    slope = np.empty_like(short)
    slope[:, 0] = drop[:, 0] / np.maximum(width[:, 0], 1e-30)
    slope[:, -1] = drop[:, -1] / np.maximum(width[:, -1], 1e-30)
    slope[:, 1:-1] = (drop[:, :-1] + drop[:, 1:]) / np.maximum(width[:, :-1] + width[:, 1:], 1e-30)
    better = cell - width**2 / 12 * np.diff(slope, axis=1)
    return np.asarray(np.clip(better, width * short[:, 1:], width * short[:, :-1]))


def _from_the_top(cell: Grid) -> Grid:
    """Return what all cells from each grid point on add up to; nothing from the last."""
    total = np.zeros((cell.shape[0], cell.shape[1] + 1), dtype=np.float32)
    total[:, :-1] = cell[:, ::-1].cumsum(axis=1)[:, ::-1]
    return total


def _started(raw: Grid, start: Array) -> Grid:
    """Return a falling curve scaled to its known start."""
    first = raw[:, 0].astype(np.float64)
    factor = np.where(first > 0, np.maximum(start, 0.0) / np.where(first > 0, first, 1.0), 0.0)
    return np.asarray(raw * factor[:, None].astype(np.float32))


def _cubic(share: Array, y0: Array, y1: Array, steep0: Array, steep1: Array) -> Array:
    """Return Hermite's cubic from ``y0`` down to ``y1``, whose ends fall by ``steep``."""
    back = 1 - share
    fall = y0 - y1
    bow = share * back * (back * (fall - steep0) - share * (fall - steep1))
    return np.asarray(y0 - share * fall + bow)


def _solved(target: Array, y0: Array, y1: Array, steep0: Array, steep1: Array) -> Array:
    """Return the share of the cell at which the cubic has fallen to ``target``."""
    fall = np.where(y0 > y1, y0 - y1, 1.0)
    share = np.clip((y0 - target) / fall, 0.0, 1.0)
    low, high = np.zeros_like(share), np.ones_like(share)
    for _ in range(_NEWTON):
        over = _cubic(share, y0, y1, steep0, steep1) - target
        low, high = np.where(over > 0, share, low), np.where(over > 0, high, share)
        ahead = _cubic(share + 1e-4, y0, y1, steep0, steep1) - target
        slope = (over - ahead) / 1e-4
        step = share + np.where(slope > 0, over / np.where(slope > 0, slope, 1.0), 0.0)
        inside = (step > low) & (step < high) & (slope > 0)
        share = np.where(over == 0, share, np.where(inside, step, (low + high) / 2))
    return share


def _normal(probability: Array) -> Array:
    """Return normal scores: nearly straight between grid points, unlike probabilities."""
    return np.asarray(special.ndtri(np.clip(probability, 1e-9, 1 - 1e-9)))
