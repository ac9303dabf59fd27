"""How wrong the forecast has been, by horizon and size, and how wide it must therefore be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics import distributions
from analytics.forecasting.matrix import Array

HORIZONS = (1, 2, 4, 8, 13, 20, 26, 30)
SEASON_POWER = 1.5  # variance grows with the season's factor: between Poisson (1) and scale (2)
OWN_HORIZONS = (1, 4, 8)
_TARGET = 0.95
_ENOUGH = 24  # errors without which a horizon is not calibrated
_PRIOR = 10.0  # errors that the prior weighs, in every class of the level
_ORIGINS = 6  # origins without which it is not, either
_BIN = 0.7  # width of a class of log level
_GROWTH = 0.75  # power of time by which the sd grows, before anything is seen
_SLOPE = 1.5  # of log variance on log level, before anything is seen
_SMALLEST_LEVEL = 1e-3  # usual orders per week
_OWN = 13.0  # origins at which an item's own errors weigh as much as everybody's
_SAMPLE = 4_000
_CENTRES = np.log([0.05, 0.3, 1.5, 6.0, 25.0])  # usual orders: classes to check coverage by
_YOUNG = 26.0  # weeks below which the level itself is uncertain


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors of the forecasts made at past origins, for one horizon.

    Attributes
    ----------
    error : ndarray, shape (n_origins, n_items)
        Units, freak orders cut.
    actual, mean : ndarray, shape (n_origins, n_items)
        What came and what was forecast, units.
    level : ndarray, shape (n_origins, n_items)
        Units per usual week at the origin.
    size : ndarray, shape (n_items,)
        Units of a usual order.
    factor : ndarray, shape (n_origins, n_items)
        Mean season factor of the weeks.
    usable : ndarray of bool, shape (n_origins, n_items)
    """

    error: Array
    actual: Array
    mean: Array
    level: Array
    size: Array
    factor: Array
    usable: NDArray[np.bool_]


def is_enough(usable: NDArray[np.bool_]) -> bool:
    """Return whether a spread can be learnt from errors usable at (n_origins, n_items)."""
    return int(usable.sum()) >= _ENOUGH and int(usable.any(axis=1).sum()) >= _ORIGINS


@dataclass(frozen=True, slots=True)
class Law:
    """Variance of the error by horizon and level: ``log V/z² = a_h + b_h log level/z``.

    ``z`` is the size of an item's usual order, so that a product sold by the dozen is as hard to
    forecast as one sold singly, in dozens.

    Attributes
    ----------
    horizons : ndarray, shape (n_horizons,)
        Calibrated horizons, in weeks; empty if the history was too short.
    intercept, slope : ndarray, shape (n_horizons,)
    correction : ndarray, shape (n_horizons, n_classes)
        Log factor on the sd, by class of ``mean/z``, that makes 95 % be 95 %.
    """

    horizons: Array
    intercept: Array
    slope: Array
    correction: Array

    @property
    def growth(self) -> float:
        """Return the power of time by which the sd grows beyond the last calibrated horizon."""
        if len(self.horizons) < 2:
            return _GROWTH
        rise = (self.intercept[-1] - self.intercept[-2]) / 2
        return float(np.clip(rise / np.log(self.horizons[-1] / self.horizons[-2]), 0.5, 1.0))

    def log_variance(self, level: Array, size: Array, horizon: Array) -> Array:
        """Return log variance without correction; arguments broadcast."""
        orders = np.log(np.maximum(level / size, _SMALLEST_LEVEL))
        unit = 2 * np.log(size)
        if not len(self.horizons):
            return np.asarray(_log_prior(orders, horizon) + unit)
        known = np.log(self.horizons)
        inside = np.clip(np.log(horizon), 0.0, known[-1])
        a, b = np.interp(inside, known, self.intercept), np.interp(inside, known, self.slope)
        beyond = 2 * self.growth * np.maximum(np.log(horizon) - known[-1], 0.0)
        within = np.minimum(np.log(horizon), 0.0)  # a part of the first week
        return np.asarray(a + b * orders + unit + beyond + within)

    def variance(
        self, level: Array, size: Array, horizon: Array, mean: Array, usual: Array
    ) -> Array:
        """Return the calibrated variance of a forecast ``mean``; ``usual`` is out of season."""
        factor = np.maximum(mean / np.maximum(usual, 1e-9), 1e-3) ** SEASON_POWER
        log = self.log_variance(level, size, horizon)
        return np.asarray(np.exp(log + 2 * self.log_correction(mean / size, horizon)) * factor)

    def log_correction(self, orders: Array, horizon: Array) -> Array:
        """Return the log factor on the sd for a forecast of ``orders`` over ``horizon`` weeks."""
        if not len(self.horizons):
            return np.zeros(np.broadcast_shapes(orders.shape, horizon.shape))
        known = np.log(self.horizons)
        place, horizon = np.broadcast_arrays(np.log(np.maximum(orders, 1e-9)), horizon)
        at = np.clip(np.log(horizon), known[0], known[-1])
        by_class = [np.interp(at, known, column) for column in self.correction.T]
        return _between_classes(place, by_class)


def _log_prior(orders: Array, horizon: Array | float) -> Array:
    """Return log variance, in usual orders squared, before any error was seen.

    ``V = o (1-o)+ + 0.09 o²`` for ``o`` orders a week, times ``h^1.5``: rare orders come by chance,
    regular ones are a third off.
    """
    often = np.exp(orders)
    first = often * np.maximum(1 - often, 0.0) + 0.09 * often**2
    return np.asarray(np.log(first) + 2 * _GROWTH * np.log(horizon))


def _between_classes(size: Array, by_class: list[Array]) -> Array:
    """Interpolate between classes of the mean; constant beyond the first and the last."""
    step = np.interp(size, _CENTRES, np.arange(len(_CENTRES)))
    total = np.zeros(size.shape)
    for index, value in enumerate(by_class):
        total += np.maximum(1 - np.abs(step - index), 0.0) * value
    return total


def law(errors: dict[int, Errors], own: Array | None = None) -> Law:
    """Return the law that past errors obey.

    Parameters
    ----------
    errors : dict of int to Errors
        By horizon.
    own : ndarray, shape (n_items,), optional
        Each item's own variance over the law's; with it the correction is calibrated.
    """
    usable = [horizon for horizon in sorted(errors) if is_enough(errors[horizon].usable)]
    fits = [_fit(errors[horizon], horizon) for horizon in usable]
    found = Law(
        np.asarray(usable, dtype=np.float64),
        np.asarray([fit[0] for fit in fits]),
        np.asarray([fit[1] for fit in fits]),
        np.zeros((len(usable), len(_CENTRES))),
    )
    if own is None:
        return found
    correction = [_corrections(errors[horizon], found, horizon, own) for horizon in usable]
    return Law(
        found.horizons,
        found.intercept,
        found.slope,
        np.asarray(correction).reshape(found.correction.shape),
    )


def _fit(errors: Errors, horizon: int) -> tuple[float, float]:
    """Fit log mean squared error on log level, over classes of the level; drawn to the prior."""
    some = errors.usable
    size = np.log(np.maximum((errors.level / errors.size)[some], _SMALLEST_LEVEL))
    scaled = (errors.error / errors.size)[some] ** 2
    squared = scaled / np.maximum(errors.factor[some], 1e-6) ** SEASON_POWER
    place = np.floor((size - size.min()) / _BIN).astype(np.int64)
    count = np.bincount(place)
    centre = np.bincount(place, weights=size) / np.maximum(count, 1)
    prior = _PRIOR * np.exp(_log_prior(centre, float(horizon)))
    mean = (np.bincount(place, weights=squared) + prior) / (count + _PRIOR)
    used = count >= min(30, count.max())
    weight = np.sqrt(count[used])
    x, y = centre[used], np.log(mean[used])
    middle, height = np.average(x, weights=weight), np.average(y, weights=weight)
    stiff = 0.5 * weight.sum()
    spread = weight @ (x - middle) ** 2
    slope = (weight @ ((x - middle) * (y - height)) + stiff * _SLOPE) / (spread + stiff)
    return float(height - slope * middle), float(slope)


def own_ratio(errors: dict[int, Errors], found: Law) -> Array:
    """Return each item's squared errors over the law's, drawn to 1, shape (n_items,)."""
    n_items = errors[OWN_HORIZONS[0]].error.shape[1]
    total, count = np.zeros(n_items), np.zeros(n_items)
    for horizon in OWN_HORIZONS:
        if horizon not in errors or horizon not in found.horizons:
            continue
        these = errors[horizon]
        expected = np.exp(found.log_variance(these.level, these.size, np.array(float(horizon))))
        expected *= np.maximum(these.factor, 1e-6) ** SEASON_POWER
        ratio = np.where(these.usable, these.error**2 / expected, 0.0)
        limit = np.quantile(ratio[these.usable], 0.995)
        total = total + np.minimum(ratio, limit).sum(axis=0)
        count = count + these.usable.sum(axis=0)
    share = len(OWN_HORIZONS)  # errors of several horizons at one origin are no new evidence
    return (total / share + _OWN) / (count / share + _OWN)


def _corrections(errors: Errors, found: Law, horizon: int, own: Array) -> Array:
    """Return the log factor on the sd by class of the mean, shape (n_classes,)."""
    row, column = np.nonzero(errors.usable & (errors.mean > 0.01 * errors.size))
    step = max(1, len(row) // _SAMPLE)
    row, column = row[::step], column[::step]
    mean = errors.mean[row, column]
    size = errors.size[column]
    level = errors.level[row, column]
    log_sd = found.log_variance(level, size, np.array(float(horizon))) / 2
    factor = np.maximum(errors.factor[row, column], 1e-6) ** (SEASON_POWER / 2)
    sd = np.exp(log_sd) * factor * np.sqrt(own[column])
    actual = np.floor(errors.actual[row, column])
    everything = _solve(actual, mean, sd, prior=0.0)
    edges = (_CENTRES[1:] + _CENTRES[:-1]) / 2
    place = np.searchsorted(edges, np.log(np.maximum(mean / size, 1e-9)))
    return np.asarray(
        [
            _solve(actual[place == k], mean[place == k], sd[place == k], prior=everything)
            for k in range(len(_CENTRES))
        ]
    )


def _solve(actual: Array, mean: Array, sd: Array, prior: float) -> float:
    """Return the log factor on the sd at which 95 % of what came lies below the 95 % quantile.

    Whole units are spread evenly over their step of the distribution function, so that small means
    are judged as strictly as large ones. Few errors: drawn to ``prior``.
    """
    if len(actual) < 30:
        return prior
    spread = (np.arange(1, len(actual) + 1) * 0.6180339887498949) % 1.0
    low, high = np.log(0.4), np.log(2.5)
    for _ in range(7):
        middle = (low + high) / 2
        wide = np.maximum(sd * np.exp(middle), np.sqrt(mean))
        below = distributions.cdf(actual - 1, mean, wide)
        place = below + spread * (distributions.cdf(actual, mean, wide) - below)
        if (place <= _TARGET).mean() < _TARGET:
            low = middle
        else:
            high = middle
    share = len(actual) / (len(actual) + 300)
    return float(share * (low + high) / 2 + (1 - share) * prior)


def young_variance(level_variance: Array, weeks: Array, horizon: Array) -> Array:
    """Return what an uncertain level adds, ``H² σ² (1/n - 1/26)``, for histories below 26 weeks."""
    lacking = np.maximum(1 / np.maximum(weeks, 1.0) - 1 / _YOUNG, 0.0)
    return np.asarray(horizon**2 * (level_variance * lacking)[:, None])
