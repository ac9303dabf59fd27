"""Plain forecasts that anyone could make by hand or buy, for a whole catalogue at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.matrix import Array

_YEAR = 52
_RECENT = 8
_GROWTH_WEEKS = 13
_GROWTH = (0.25, 4.0)
_ALPHAS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.55, 0.7, 0.85, 0.99)
_TREND_ALPHAS = (0.05, 0.1, 0.2, 0.4, 0.7)
_TREND_BETAS = (0.05, 0.2)  # share of alpha
_DAMPINGS = (0.85, 0.95)
_STARTING = 4  # observed weeks whose mean the smoothing starts from


@dataclass(frozen=True, slots=True)
class Past:
    """What was known at each origin.

    Attributes
    ----------
    units : ndarray, shape (n_items, n_weeks)
        Demand; NaN = unobserved.
    origins : ndarray of int, shape (n_origins,)
        Last known weeks.
    horizon : int
        Weeks ahead.
    """

    units: Array
    origins: NDArray[np.int64]
    horizon: int

    def a_year_ago(self) -> Array:
        """Return units 52 weeks before each week ahead, shape (n_origins, n_items, horizon)."""
        then = self.origins[:, None] + np.arange(1, self.horizon + 1) - _YEAR
        known = self.units[:, np.maximum(then, 0)].transpose(1, 0, 2)
        return np.where((then >= 0)[:, None, :], known, np.nan)

    def mean_of(self, last: int, *, ago: int = 0) -> Array:
        """Return the mean of ``last`` weeks that end ``ago`` weeks before each origin.

        Shape (n_origins, n_items); NaN where none of them was observed.
        """
        weeks = self.origins[:, None] - ago - np.arange(last)
        window = self.units[:, np.maximum(weeks, 0)].transpose(1, 0, 2)
        window = np.where((weeks >= 0)[:, None, :], window, np.nan)
        count = (~np.isnan(window)).sum(axis=2)
        mean = np.nansum(window, axis=2) / np.maximum(count, 1)
        return np.where(count > 0, mean, np.nan)

    def flat(self, level: Array) -> Array:
        """Return ``level`` of each origin and item for every week ahead."""
        return np.repeat(level[..., None], self.horizon, axis=2)


def moving_average(past: Past) -> Array:
    """Return the mean of the last 8 weeks; of all weeks where none of those was observed.

    Shape (n_origins, n_items, horizon), as of all functions here.
    """
    recent = past.mean_of(_RECENT)
    ever = past.mean_of(past.units.shape[1])
    return past.flat(np.nan_to_num(np.where(np.isnan(recent), ever, recent)))


def seasonal_naive(past: Past) -> Array:
    """Return the same week a year ago; the moving average where that is not known."""
    then = past.a_year_ago()
    return np.where(np.isnan(then), moving_average(past), then)


def last_year(past: Past) -> Array:
    """Return the same week a year ago, times this year's growth.

    Growth is the mean of the last 13 weeks over that of the same weeks a year before, 1/4 to 4; the
    moving average stands where a year ago is not known.
    """
    now, then = past.mean_of(_GROWTH_WEEKS), past.mean_of(_GROWTH_WEEKS, ago=_YEAR)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        growth = np.nan_to_num(now / then, nan=1.0, posinf=_GROWTH[1])
    grown = past.a_year_ago() * np.clip(growth, *_GROWTH)[..., None]
    return np.where(np.isnan(grown), moving_average(past), grown)


def ets(past: Past) -> Array:
    """Return exponential smoothing without season, its parameters chosen by one-step errors.

    Notes
    -----
    Additive errors; no trend or a damped one: ``ETS(A,N,N)`` and ``ETS(A,Ad,N)`` of Hyndman et al.
    (2008) on a grid of 11 and 20 parameter sets instead of a continuous search, started from the
    mean of the first four observed weeks. Per item and origin the set with the least AICc
    ``n log(SSE/n) + 2k + 2k(k+1)/(n-k-1)``, k = 3 and 6. So it does nearly what AutoETS with a
    season length of 1 does, at a thousandth of its cost; like it, it knows neither seasons nor
    events.
    """
    runs = [_smoothed(past, *parameters) for parameters in _grid()]
    best = np.full(runs[0][0].shape, np.inf)
    mean = np.zeros((*best.shape, past.horizon))
    for criterion, outlook in runs:
        better = criterion < best
        best = np.where(better, criterion, best)
        mean = np.where(better[..., None], outlook, mean)
    return np.maximum(mean, 0.0)


def _grid() -> list[tuple[float, float, float]]:
    flat = [(alpha, 0.0, 0.0) for alpha in _ALPHAS]
    return flat + [
        (alpha, alpha * share, damping)
        for alpha in _TREND_ALPHAS
        for share in _TREND_BETAS
        for damping in _DAMPINGS
    ]


def _smoothed(past: Past, alpha: float, beta: float, damping: float) -> tuple[Array, Array]:
    """Return AICc (n_origins, n_items) and outlook (n_origins, n_items, horizon) of one set."""
    units = past.units.T
    observed = ~np.isnan(units)
    y = np.nan_to_num(units)
    level, trend = _start(units), np.zeros(units.shape[1])
    squared, count = np.zeros(units.shape[1]), np.zeros(units.shape[1])
    factor = (damping ** np.arange(1, past.horizon + 1)).cumsum()
    criteria, outlooks = [], []
    places = set(past.origins.tolist())
    for week in range(int(past.origins[-1]) + 1 if len(past.origins) else 0):
        ahead = level + damping * trend
        error = np.where(observed[week], y[week] - ahead, 0.0)
        level, trend = ahead + alpha * error, damping * trend + beta * error
        squared += error**2
        count += observed[week]
        if week in places:
            criteria.append(_aicc(squared, count, 3 if beta == 0 else 6))
            outlooks.append(level[:, None] + trend[:, None] * factor)
    shape = (0, units.shape[1])
    if not criteria:
        return np.empty(shape), np.empty((*shape, past.horizon))
    return np.stack(criteria), np.stack(outlooks)


def _start(units: Array) -> Array:
    """Return the mean of each item's first observed weeks, shape (n_items,)."""
    observed = ~np.isnan(units)
    first = observed & (observed.cumsum(axis=0) <= _STARTING)
    return np.asarray(np.where(first, units, 0.0).sum(axis=0) / np.maximum(first.sum(axis=0), 1))


def _aicc(squared: Array, count: Array, parameters: int) -> Array:
    room = count - parameters - 1
    penalty = 2 * parameters + 2 * parameters * (parameters + 1) / np.maximum(room, 1)
    criterion = count * np.log(squared / np.maximum(count, 1) + 1e-9) + penalty
    worst = 1e12 * parameters  # where there is no room for either form, the simpler one
    return np.asarray(np.where(room > 0, criterion, worst + squared))


BENCHMARKS: Mapping[str, Callable[[Past], Array]] = {
    "seasonal_naive": seasonal_naive,
    "last_year": last_year,
    "moving_average": moving_average,
    "ets": ets,
}
