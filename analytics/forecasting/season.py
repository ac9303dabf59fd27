"""The pooled season: a log profile over the weeks of a year, learnt by many items together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.forecasting.groups import Pools, pools
from analytics.forecasting.matrix import Array, Matrix, matrix
from analytics.forecasting.settings import Settings

WEEKS_OF_YEAR = 52
_DRIFT = 0.03  # sd of a group's weekly log growth that is no season
_SHOCK = 0.12  # least sd of one week's common log shock: a promotion, a big customer, a strike
_ROOT = 0.5  # sd of a season's log effects before anything is seen
_BRANCH = 0.2  # sd of a group's deviation from its parent
_BEND = 0.4  # sd of the bend from week to week
_GUARD = 50  # SKUs below which a pool is believed less
_FREAK = 5.0  # usual weeks that one week can hold before it is called a freak order


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
    """

    pools: Pools
    log_profile: Array
    is_learnt: bool

    def factors(self, weeks_of_year: NDArray[np.int64], strength: float) -> Array:
        """Return the factor of each pool in each week, shape (n_pools, n_weeks); 1 is usual."""
        return np.asarray(np.exp(strength * self.log_profile[:, weeks_of_year]))


def seasons_of(panel: pd.DataFrame, settings: Settings | None = None) -> Seasons:
    """Return the seasons that ``panel`` (see `matrix`) teaches."""
    assumed = settings or Settings()
    data = matrix(panel)
    return seasons(data, pools(data, assumed), assumed)


def seasons(
    data: Matrix, groups: Pools, settings: Settings, *, until: int | None = None
) -> Seasons:
    """Return the season of every pool, learnt from the first ``until`` weeks.

    Notes
    -----
    A pool's index ``g_t`` is the volume-weighted mean of its items' demand over their own mean.
    ``log g_t = level_t + season_w(t) + error`` with a slowly drifting level, a ridge that draws the
    season to its parent's, and a circular penalty on its bends; errors are larger for small pools
    and where only one cycle was seen. Fewer than 40 weeks: no season.
    """
    weeks = data.weeks[:until]
    profile = np.zeros((len(groups.pools), WEEKS_OF_YEAR))
    seen = data.observed[:, : len(weeks)]
    history = int(seen.any(axis=0).sum())
    if history < settings.own_season_from:
        return Seasons(groups, profile, is_learnt=False)
    units = data.units[:, : len(weeks)]
    place = data.week_of_year[: len(weeks)]
    caution = 1.0 if history >= 2 * WEEKS_OF_YEAR else 1.5
    for index, pool in enumerate(groups.pools):
        if not len(pool.rows):
            continue
        log_index, variance = pool_index(units[pool.rows], seen[pool.rows])
        shock = common_shock(log_index, variance) * caution**2 * max(1.0, _GUARD / len(pool.rows))
        parent = profile[pool.parent] if pool.parent >= 0 else np.zeros(WEEKS_OF_YEAR)
        ridge = _BRANCH if pool.parent >= 0 else _ROOT
        profile[index] = log_profile(log_index, variance + shock, place, parent, ridge)
    return Seasons(groups, profile, is_learnt=True)


def pool_index(units: Array, seen: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Return a pool's log index by week and its sampling variance, shape (n_weeks,) each.

    Freak orders are cut to five of the item's usual weeks at that time of the year. The variance is
    infinite where nothing was observed.
    """
    observed = seen.astype(np.float64)
    usual = np.maximum(units.sum(axis=1) / np.maximum(observed.sum(axis=1), 1), 1e-9)
    index = np.ones(units.shape[1])
    kept = units
    for turn in range(4):
        weight = usual**-0.5
        below = (weight * usual) @ observed
        even = 0.02 * below.mean()  # a week without a single sale has a logarithm too
        index = (weight @ kept + even) / (below + even)
        usual = np.maximum(kept.sum(axis=1) / np.maximum(observed @ index, 1e-9), 1e-9)
        if turn == 1:
            kept = np.minimum(units, freak_limit(np.outer(usual, index)))
    error = (kept - np.outer(usual, index)) * observed
    with np.errstate(divide="ignore"):
        variance = (weight**2 @ error**2 + even**2) / (below * index) ** 2
    return np.log(index), np.where(below > 0, variance, np.inf)


def common_shock(log_index: Array, variance: Array) -> float:
    """Return the variance of shocks that a whole pool shares, from the jumps between weeks.

    Jumps beyond what the items' own noise explains; by their median, so that the climb to a peak
    counts as season.
    """
    jumps = np.abs(np.diff(log_index))[np.isfinite(variance[1:] + variance[:-1])]
    if not len(jumps):
        return _SHOCK**2
    spread = (1.4826 * float(np.median(jumps))) ** 2 / 2
    return max(_SHOCK**2, spread - float(np.median(variance[np.isfinite(variance)])))


def freak_limit(expected: Array) -> Array:
    """Return the units beyond which one week's demand counts as a freak order."""
    return _FREAK * (expected + np.sqrt(expected))


def log_profile(
    log_index: Array, variance: Array, place: NDArray[np.int64], parent: Array, ridge: float
) -> Array:
    """Return the log season by week of the year, shape (52,), its factors averaging 1.

    The posterior mean of a Gaussian model: drifting level, season around ``parent`` with sd
    ``ridge``, bends with sd 0.4, errors with ``variance``.
    """
    known = np.flatnonzero(np.isfinite(variance))
    n = len(log_index)
    size = n + WEEKS_OF_YEAR
    precision = np.zeros((size, size))
    right = np.zeros(size)
    weight = 1 / variance[known]
    level, season = known, n + place[known]
    np.add.at(precision, (level, level), weight)
    np.add.at(precision, (season, season), weight)
    np.add.at(precision, (level, season), weight)
    np.add.at(precision, (season, level), weight)
    residual = weight * (log_index[known] - parent[place[known]])
    np.add.at(right, level, residual)
    np.add.at(right, season, residual)
    drift = np.diff(np.eye(n), axis=0) / _DRIFT
    precision[:n, :n] += drift.T @ drift + 1e-9 * np.eye(n)
    circle = np.eye(WEEKS_OF_YEAR)
    bend = (np.roll(circle, 1, axis=1) - 2 * circle + np.roll(circle, -1, axis=1)) / _BEND
    precision[n:, n:] += circle / ridge**2 + bend.T @ bend
    effect = parent + np.linalg.solve(precision, right)[n:]
    return np.asarray(effect - np.log(np.exp(effect).mean()))
