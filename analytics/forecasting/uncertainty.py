"""How wrong the forecast has been, by horizon and size, and how wide it must therefore be."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from analytics import distributions
from analytics.forecasting.errors import Errors, is_enough
from analytics.forecasting.matrix import Array

SEASON_POWER = 1.5  # variance grows with the season's factor: between Poisson (1) and scale (2)
OWN_HORIZONS = (1, 4, 8)
_TARGETS = np.array([0.8, 0.95, 0.99])
_TOLERANCE = np.array([0.06, 0.04, 0.025])  # of the coverage of each
_FACTORS = np.linspace(np.log(0.4), np.log(2.5), 6)  # on the sd, to try
_PRIOR = 10.0  # errors that the prior weighs, in every class of the level
_BIN = 0.7  # width of a class of log level
_GROWTH = 0.75  # power of time by which the sd grows, before anything is seen
_SLOPE = 1.5  # of log variance on log level, before anything is seen
_SMALLEST_LEVEL = 1e-3  # usual orders per week
_EXTREME = 25.0  # times the expected squared error that one error can count
_OWN = 26.0  # origins at which an item's own errors weigh as much as everybody's
_SAMPLE = 1_200
_HESITATION = 0.5  # on the squared log factor: a correction has to earn what it changes
_UNDECIDED = 0.3  # squared gaps, over what may be tolerated, that hardly tell factors apart
_CENTRES = np.log([0.05, 0.3, 1.5, 6.0, 25.0])  # usual orders: classes to check coverage by
_FEW = 300.0  # errors at which a class is believed as much as all of them
_WINDOWS = 8.0  # windows apart from each other that must agree before a spread is narrowed
_FEWEST = 30  # errors without which nothing is corrected
_YOUNG = 26.0  # weeks below which the level itself is uncertain


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
        Log factor on the sd, by class of ``mean/z``, that makes 80, 95 and 99 % be that.
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
        found = rise / np.log(self.horizons[-1] / self.horizons[-2])
        return float(np.clip((found + _GROWTH) / 2, 0.5, 1.0))

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


@dataclass(frozen=True, slots=True)
class Spread:
    """How far off the forecast has been: of demand from the origin on, and of single weeks."""

    cumulative: Law
    weekly: Law

    @classmethod
    def unknown(cls) -> "Spread":
        """Return the spread before any error was seen."""
        none = np.zeros(0)
        law = Law(none, none, none, np.zeros((0, len(_CENTRES))))
        return cls(law, law)


def spread(total: dict[int, Errors], later: dict[int, Errors]) -> Spread:
    """Return the laws that past errors obey, calibrated.

    ``total`` holds the errors of totals by horizon, ``later`` those of single weeks beyond the
    first, whose errors are the totals' of one week.
    """
    first = _law(total)
    halves = _own_by_halves(total, first)
    cumulative = _calibrated(total, first, halves)
    single = {1: total[1]} | later
    known = {1: cumulative.correction[0]} if 1 in first.horizons else {}
    weekly = _calibrated(single, _law(single), halves, known)
    return Spread(_rounded(cumulative), _rounded(weekly))


def _rounded(law: Law) -> Law:
    return replace(
        law,
        intercept=np.round(law.intercept, 2),
        slope=np.round(law.slope, 2),
        correction=np.round(law.correction, 2),
    )


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


def _law(errors: dict[int, Errors]) -> Law:
    """Return the law that past errors obey, not calibrated."""
    usable = [horizon for horizon in sorted(errors) if is_enough(errors[horizon].usable)]
    fits = [_fit(errors[horizon], horizon) for horizon in usable]
    return Law(
        np.asarray(usable, dtype=np.float64),
        np.asarray([fit[0] for fit in fits]),
        np.asarray([fit[1] for fit in fits]),
        np.zeros((len(usable), len(_CENTRES))),
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
    wide = weight @ (x - middle) ** 2
    slope = (weight @ ((x - middle) * (y - height)) + stiff * _SLOPE) / (wide + stiff)
    return float(height - slope * middle), float(slope)


def own_ratio(errors: dict[int, Errors], found: Law) -> Array:
    """Return each item's squared errors over the law's, drawn to 1, shape (n_items,)."""
    n_items = errors[OWN_HORIZONS[0]].error.shape[1]
    total, count = np.zeros(n_items), np.zeros(n_items)
    for horizon in OWN_HORIZONS:
        these = errors[horizon]
        if horizon not in found.horizons or not len(these.error):
            continue
        expected = np.exp(found.log_variance(these.level, these.size, np.array(float(horizon))))
        expected *= np.maximum(these.factor, 1e-6) ** SEASON_POWER
        ratio = np.where(these.usable, these.error**2 / expected, 0.0)
        total = total + np.minimum(ratio, _EXTREME).sum(axis=0)
        count = count + these.usable.sum(axis=0)
    share = len(OWN_HORIZONS)  # errors of several horizons at one origin are no new evidence
    return np.asarray((total / share + _OWN) / (count / share + _OWN))


def _own_by_halves(errors: dict[int, Errors], found: Law) -> tuple[Array, Array]:
    """Return items' own ratios by the newer half of the origins, and by the older."""
    halves: list[dict[int, Errors]] = [{}, {}]
    for horizon, these in errors.items():
        newer = np.arange(len(these.error)) >= len(these.error) // 2
        halves[0][horizon], halves[1][horizon] = these.take(newer), these.take(~newer)
    return own_ratio(halves[0], found), own_ratio(halves[1], found)


def _calibrated(
    errors: dict[int, Errors],
    found: Law,
    halves: tuple[Array, Array],
    known: Mapping[int, Array] = MappingProxyType({}),
) -> Law:
    """Return the law with its corrections; those of some horizons may be ``known``."""
    rows = [
        known[h] if h in known else _corrections(errors[h], found, h, halves)
        for h in found.horizons.astype(np.int64).tolist()
    ]
    return replace(found, correction=np.asarray(rows).reshape(found.correction.shape))


def _corrections(errors: Errors, found: Law, horizon: int, halves: tuple[Array, Array]) -> Array:
    """Return the log factor on the sd by class of the mean, shape (n_classes,).

    Each half of the origins is judged by what the other half says of the items' own spread. Few
    windows that do not overlap: a spread is widened, and hardly narrowed, since the next one may
    hold what these did not.
    """
    row, column = np.nonzero(errors.usable & (errors.mean > 0.01 * errors.size))
    if len(row) < _FEWEST:
        return np.zeros(len(_CENTRES))
    some = np.linspace(0, len(row) - 1, min(len(row), _SAMPLE)).astype(np.int64)
    row, column = row[some], column[some]
    own = np.where(row < len(errors.error) // 2, halves[0][column], halves[1][column])
    mean, size = errors.mean[row, column], errors.size[column]
    log_sd = found.log_variance(errors.level[row, column], size, np.array(float(horizon))) / 2
    factor = np.maximum(errors.factor[row, column], 1e-6) ** (SEASON_POWER / 2)
    sd = np.exp(log_sd) * factor * np.sqrt(own)
    place = _places(np.floor(errors.actual[row, column]), mean, sd)
    edges = (_CENTRES[1:] + _CENTRES[:-1]) / 2
    part = np.searchsorted(edges, np.log(np.maximum(mean / size, 1e-9)))
    log = _best(place, part)
    windows = len(errors.error) / horizon
    return np.where(log < 0, log * windows / (windows + _WINDOWS), log)


def _places(actual: Array, mean: Array, sd: Array) -> Array:
    """Return where what came lies in the forecast's distribution, by factor on the sd.

    Shape (n_factors, n_errors). Whole units are spread evenly over their step of the distribution
    function, so that small means are judged as strictly as large ones.
    """
    evenly = (np.arange(1, len(actual) + 1) * 0.6180339887498949) % 1.0
    wide = np.maximum(sd * np.exp(_FACTORS)[:, None], np.sqrt(mean))
    same = np.zeros(wide.shape, dtype=bool)  # as narrow as can be: the next factor says as much
    same[:-1] = wide[:-1] == wide[1:]
    factor, error = np.nonzero(~same)
    a, mu, sigma = actual[error], mean[error], wide[factor, error]
    below = np.zeros(len(a))
    some = a > 0
    below[some] = distributions.cdf(a[some] - 1, mu[some], sigma[some])
    out = np.empty(wide.shape)
    out[factor, error] = below + evenly[error] * (distributions.cdf(a, mu, sigma) - below)
    for index in range(len(out) - 2, -1, -1):
        out[index] = np.where(same[index], out[index + 1], out[index])
    return out


def _best(place: Array, part: NDArray[np.int64]) -> Array:
    """Return the log factor at which 80, 95 and 99 % together are nearest to that, by class.

    The squared gaps of coverage, each over what may be tolerated; a class of few errors is drawn to
    all of them. Where demand is rare a wider distribution has a lower 80 % quantile, so that a
    narrow and a wide spread can do equally well: factors count by ``exp(-loss / 0.3)``, and no
    hair decides between them.
    """
    fine = np.linspace(_FACTORS[0], _FACTORS[-1], 8 * len(_FACTORS))

    def miss(these: NDArray[np.bool_]) -> Array:
        reached = (place[:, these, None] <= _TARGETS).mean(axis=1)
        curves = [np.interp(fine, _FACTORS, column) for column in reached.T]
        gaps = (np.stack(curves, axis=1) - _TARGETS) / _TOLERANCE
        return np.asarray((gaps**2).sum(axis=1))

    everything = miss(np.ones(len(part), dtype=bool))
    out = np.zeros(len(_CENTRES))
    for index in range(len(_CENTRES)):
        these = part == index
        share = these.sum() / (these.sum() + _FEW)
        loss = everything if share == 0 else share * miss(these) + (1 - share) * everything
        loss = loss + _HESITATION * fine**2
        count = np.exp((loss.min() - loss) / _UNDECIDED)
        out[index] = (count @ fine) / count.sum()
    return out


def young_variance(level_variance: Array, weeks: Array, horizon: Array) -> Array:
    """Return what an uncertain level adds, ``H² σ² (1/n - 1/26)``, for histories below 26 weeks."""
    lacking = np.maximum(1 / np.maximum(weeks, 1.0) - 1 / _YOUNG, 0.0)
    return np.asarray(horizon**2 * (level_variance * lacking)[:, None])
