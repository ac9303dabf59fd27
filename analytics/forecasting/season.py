"""The pooled season: a log profile over the weeks of a year, learnt by many items together."""

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

from analytics.forecasting.groups import Pools, pools
from analytics.forecasting.matrix import Array, Matrix, matrix
from analytics.forecasting.pooling import common_shock, pool_index, yearly_noise
from analytics.forecasting.settings import Settings

WEEKS_OF_YEAR = 52
BLOCK = 13  # weeks that are held out together
_ROOT = 0.5  # sd of a season's log effects before anything is seen
_BRANCH = 0.2  # sd of a group's deviation from its parent
_BEND = 0.3  # sd of the bend from week to week
_DRIFT = 0.03  # sd of a group's weekly log growth that is no season, at most
_GROWTH = (0.012, 0.005)  # sd of steady log growth per week, before a year is full and after
_STEADY = 4.0  # a week's shock over a week's drift, where shocks are small
_LEAST = 1e-10  # variance below which a logarithm is exact
_TURNS = 2
_TRIED = 6  # blocks, at most, that the prior is chosen by
_CAUTION = 1.5**2  # on the variance of shocks that no second year has measured
_HABIT = 0.01  # share of the loss that a prior variance of e times the usual has to earn

_RIDGES = (0.1, 0.3, 1.0, 3.0)  # prior variances to choose from, times the ones above


@dataclass(frozen=True, slots=True)
class Seasons:
    """The season of every pool.

    Attributes
    ----------
    pools : Pools
        Who learnt together.
    log_profile : ndarray, shape (n_pools, 52)
        Log factors by week of the year; all zero if no season was learnt.
    is_learnt : bool
        Whether the history was long enough.
    variance : ndarray, shape (n_pools, 52)
        How uncertain the log factors are, after the data.
    held_out : ndarray, shape (n_blocks, n_pools, 52)
        The profile without one block of weeks each, to judge it by; empty if not honest.
    blocks : ndarray of int, shape (n_blocks, 2)
        First week of each block, and the week after its last.
    log_index : ndarray, shape (n_pools, n_weeks)
        Each pool's demand over its items' means; 0 where nothing is known.
    """

    pools: Pools
    log_profile: Array
    is_learnt: bool
    variance: Array = field(default_factory=lambda: np.zeros((0, WEEKS_OF_YEAR)))
    held_out: Array = field(default_factory=lambda: np.zeros((0, 0, WEEKS_OF_YEAR)))
    blocks: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int64))
    log_index: Array = field(default_factory=lambda: np.zeros((0, 0)))

    def judged(self, weeks_of_year: NDArray[np.int64]) -> Array:
        """Return log factors of the past, shape (n_pools, n_weeks), unseen by the newest weeks.

        Weeks of a held-out block get the profile that the block did not teach.
        """
        log = self.log_profile[:, weeks_of_year]
        for profile, (low, high) in zip(self.held_out, self.blocks, strict=True):
            log[:, low:high] = profile[:, weeks_of_year[low:high]]
        return log


def seasons_of(panel: pd.DataFrame, settings: Settings | None = None) -> Seasons:
    """Return the seasons that ``panel`` (see `matrix`) teaches."""
    assumed = settings or Settings()
    data = matrix(panel)
    return seasons(data, pools(data, assumed), assumed)


@dataclass(frozen=True, slots=True)
class _Signal:
    """A pool's log index by week, and how far each week can be believed."""

    log_index: Array
    variance: Array
    drift: float


def seasons(data: Matrix, groups: Pools, settings: Settings) -> Seasons:
    """Return the season of every pool.

    Notes
    -----
    A pool's index ``g_t`` is the volume-weighted mean of its items' demand over their own mean.
    ``log g_t = level_t + season_w(t) + error`` with a level that grows steadily and drifts slowly,
    a ridge that draws the season to its parent's, and a circular penalty on its bends. Errors are
    measured by how far the same weeks of different years differ, from 66 weeks on; they count for
    more in a small pool. How much prior variance the season is given is chosen by holding out
    blocks of 13 weeks of the account's index. Fewer than 40 weeks: no season.
    """
    nothing = np.zeros((len(groups.pools), WEEKS_OF_YEAR))
    history = int(data.observed.any(axis=0).sum())
    signals = [_signal(data, pool.rows, settings) for pool in groups.pools]
    index = np.array([np.where(np.isfinite(s.variance), s.log_index, 0.0) for s in signals])
    if history < settings.own_season_from:
        return Seasons(groups, nothing, False, variance=nothing, log_index=index)
    place = data.week_of_year
    blocks = _blocks(len(place), history, settings)
    ridge = _ridge(signals[0], place) if history >= settings.honest_from else 1.0
    profile, variance = _profiles(signals, groups, place, ridge)
    held_out = [
        _profiles([_without(s, low, high) for s in signals], groups, place, ridge)[0]
        for low, high in blocks.tolist()
    ]
    left = np.asarray(held_out).reshape(len(blocks), *nothing.shape)
    return Seasons(groups, profile, True, variance, left, blocks, index)


def _signal(data: Matrix, rows: NDArray[np.int64], settings: Settings) -> _Signal:
    """Return the index of the items in ``rows``, with the pool-size guard in its variance."""
    n_weeks = len(data.weeks)
    if not len(rows):
        return _Signal(np.zeros(n_weeks), np.full(n_weeks, np.inf), _DRIFT)
    seen = data.observed[rows]
    log_index, variance = pool_index(data.units[rows], seen)
    history = int(data.observed.any(axis=0).sum())
    if history >= settings.honest_from:
        shock = yearly_noise(log_index, variance, data.week_of_year)
    else:
        shock = common_shock(log_index, variance) * _CAUTION
    guard = max(1.0, settings.guarded_pool / len(rows))
    total = np.maximum(variance + shock * guard, _LEAST)
    return _Signal(log_index, total, min(_DRIFT, np.sqrt(max(shock, _LEAST)) / _STEADY))


def _without(signal: _Signal, low: int, high: int) -> _Signal:
    variance = signal.variance.copy()
    variance[low:high] = np.inf
    return _Signal(signal.log_index, variance, signal.drift)


def _blocks(n_weeks: int, history: int, settings: Settings) -> NDArray[np.int64]:
    """Return the blocks of the newest weeks to hold out: two, from two cycles on four."""
    if history < settings.honest_from:
        return np.zeros((0, 2), dtype=np.int64)
    count = 4 if history >= 2 * WEEKS_OF_YEAR else 2
    low = n_weeks - BLOCK * np.arange(1, count + 1)
    return np.stack([low, low + BLOCK], axis=1)


def _ridge(signal: _Signal, place: NDArray[np.int64]) -> float:
    """Return the prior variance under which held-out blocks are foretold best."""
    high = len(place) - BLOCK * np.arange(min(_TRIED, len(place) // BLOCK - 1))
    parent = np.zeros(WEEKS_OF_YEAR)
    known = np.isfinite(signal.variance)
    left = [_evidence(_without(signal, end - BLOCK, end), place, parent) for end in high.tolist()]
    loss = []
    for ridge in _RIDGES:
        total = 0.0
        for end, found in zip(high.tolist(), left, strict=True):
            level, effect, _ = found.posterior(_ROOT, ridge)
            error = (signal.log_index - level - effect[place])[end - BLOCK : end]
            total += float((error[known[end - BLOCK : end]] ** 2).sum())
        loss.append(total * (1 + _HABIT * np.log(ridge) ** 2))
    return _RIDGES[int(np.argmin(loss))]


def _profiles(
    signals: list[_Signal], groups: Pools, place: NDArray[np.int64], ridge: float
) -> tuple[Array, Array]:
    """Return every pool's log profile and its variance, parents first."""
    profile = np.zeros((len(signals), WEEKS_OF_YEAR))
    variance = np.zeros((len(signals), WEEKS_OF_YEAR))
    for index, (signal, pool) in enumerate(zip(signals, groups.pools, strict=True)):
        root = pool.parent < 0
        parent = np.zeros(WEEKS_OF_YEAR) if root else profile[pool.parent]
        if pool.beside >= 0:
            parent = parent + profile[pool.beside] - profile[0]
        if not np.isfinite(signal.variance).any():
            profile[index] = parent - np.log(np.exp(parent).mean())
            variance[index] = 0.0 if root else variance[pool.parent]
            continue
        found = _evidence(signal, place, parent)
        _, effect, spread = found.posterior(_ROOT if root else _BRANCH, ridge)
        profile[index] = effect - np.log(np.exp(effect).mean())
        variance[index] = spread
    return profile, variance


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What an index says of its season, whatever is believed of seasons beforehand.

    Attributes
    ----------
    precision : ndarray, shape (53, 53)
        Of the effects of 52 weeks of the year and of steady growth, the level not known.
    pull : ndarray, shape (53,)
        Precision times what the index shows around ``parent``.
    cause, solved : ndarray, shapes (n_weeks, 53), (n_weeks, 54)
        What each effect adds to each week; what the level makes of each, and of the index.
    parent : ndarray, shape (52,)
    """

    precision: Array
    pull: Array
    cause: Array
    solved: Array
    parent: Array

    def posterior(self, spread: float, ridge: float) -> tuple[Array, Array, Array]:
        """Return level by week, log season by week of the year, and the season's variance.

        The season has the sd ``spread`` around its parent, bends the sd 0.3; ``ridge`` scales both
        variances.
        """
        high = np.ones(WEEKS_OF_YEAR)
        for _ in range(_TURNS):
            prior = _prior(spread**2 * ridge, _BEND**2 * ridge, high)
            prior[-1, -1] = _GROWTH[len(self.cause) >= WEEKS_OF_YEAR] ** -2
            covariance = np.asarray(np.linalg.inv(self.precision + prior), dtype=np.float64)
            effect = np.asarray(covariance @ self.pull, dtype=np.float64)
            high = np.maximum(1.0, (effect[:-1] / spread) ** 2 / ridge)
        level = self.solved[:, -1] - self.solved[:, :-1] @ effect + self.cause[:, -1] * effect[-1]
        return level, self.parent + effect[:-1], _centred(covariance[:-1, :-1])


def _evidence(signal: _Signal, place: NDArray[np.int64], parent: Array) -> _Evidence:
    """Return what an index says of its season around ``parent``.

    A Gaussian model: steady growth, drifting level, season, errors with the signal's variance. The
    level is tridiagonal and is solved for first.
    """
    n = len(place)
    known = np.isfinite(signal.variance)
    weight = np.where(known, 1 / np.where(known, signal.variance, 1.0), 0.0)
    residual = np.where(known, signal.log_index - parent[place], 0.0)
    stiff = signal.drift**-2
    band = np.zeros((2, n))
    band[0] = weight + 2 * stiff + 1e-9 * stiff
    band[0, [0, -1]] -= stiff if n > 1 else 2 * stiff
    band[1, :-1] = -stiff
    cause = np.zeros((n, WEEKS_OF_YEAR + 1))
    cause[np.arange(n), place] = 1.0
    cause[:, -1] = np.arange(n) - n / 2
    link = weight[:, None] * cause
    solved = solveh_banded(band, np.column_stack([link, weight * residual]), lower=True)
    precision = link.T @ (cause - solved[:, :-1])
    pull = np.asarray(link.T @ (residual - solved[:, -1]))
    return _Evidence(precision, pull, cause, solved, parent)


def _prior(ridge: float, bend: float, high: Array) -> Array:
    """Return the precision of a season before the data: its size, where not high, and its bends.

    Where an effect stands out of the prior, the prior gives way to it in a second turn: a peak is
    no noise because most weeks have none. Its bends stay as dear as any. Growth is left open.
    """
    out = np.zeros((WEEKS_OF_YEAR + 1, WEEKS_OF_YEAR + 1))
    out[:-1, :-1] = np.diag(1 / (ridge * high)) + _bends() / bend
    return out


@cache
def _bends() -> Array:
    """Return the squares of the bends of a season, shape (52, 52)."""
    circle = np.eye(WEEKS_OF_YEAR)
    bends = np.roll(circle, 1, axis=1) - 2 * circle + np.roll(circle, -1, axis=1)
    return np.asarray(bends.T @ bends)


def _centred(covariance: Array) -> Array:
    """Return the variance of effects around their mean: the level knows the rest."""
    across = covariance.mean(axis=0)
    return np.asarray(np.diagonal(covariance) - 2 * across + across.mean())
