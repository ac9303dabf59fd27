"""How far off a forecast was. Arrays are (n_items, n_weeks); NaN in what came is unobserved."""

import numpy as np
from numpy.typing import NDArray

from analytics import distributions
from benchmarks.forecast.sets import Array

SUMMED = 8  # weeks of the total that is judged, and of the weekly WAPE
TARGETS = (0.8, 0.95, 0.99)
QUANTILES = {
    "q05": 0.05,
    "q10": 0.1,
    "q20": 0.2,
    "q50": 0.5,
    "q80": 0.8,
    "q90": 0.9,
    "q95": 0.95,
    "q975": 0.975,
    "q99": 0.99,
}


def wape_parts(actual: Array, mean: Array) -> dict[str, float]:
    """Return sums from which a cell's WAPE and bias follow: weekly and of the total, 8 weeks."""
    came, said = actual[:, :SUMMED], mean[:, :SUMMED]
    known = ~np.isnan(came)
    total = np.where(known, came, 0.0).sum(axis=1)
    guess = np.where(known, said, 0.0).sum(axis=1)
    return {
        "weekly": float(np.nansum(np.abs(came - said))),
        "total": float(np.abs(total - guess).sum()),
        "bias": float((guess - total).sum()),
        "units": float(total.sum()),
    }


def naive_scale(history: Array, power: float) -> Array:
    """Return the mean of ``|y_t - y_(t-1)|^power`` of each item, NaN where nothing moved."""
    steps = np.abs(np.diff(history, axis=1)) ** power
    known = ~np.isnan(steps)
    mean = np.where(known, steps, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.where(mean > 0, mean, np.nan)


def rmsse(actual: Array, mean: Array, history: Array) -> Array:
    """Return the root mean squared scaled error of each item (Hyndman and Koehler 2006)."""
    squared = (actual - mean) ** 2
    known = ~np.isnan(squared)
    error = np.where(known, squared, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.asarray(np.sqrt(error / naive_scale(history, 2)))


def scaled_pinball(actual: Array, quantiles: Array, history: Array) -> Array:
    """Return the pinball loss of each item over the mean absolute naive step.

    ``quantiles`` has shape (n_items, n_weeks, 9), in the order of `QUANTILES`.
    """
    q = np.array(list(QUANTILES.values()))
    error = actual[:, :, None] - quantiles
    loss = np.maximum(q * error, (q - 1) * error).mean(axis=2)
    return np.asarray(np.nanmean(loss, axis=1) / naive_scale(history, 1))


def fair_shares(actual: Array, mean: Array, sd: Array) -> NDArray[np.float64]:
    """Return the chance that each actual lies within each target quantile, ties shared fairly.

    The smallest whole number that reaches 95 % usually exceeds it, so that counting "at or below"
    flatters a forecast of few units. Here an actual ``y`` stands for a place drawn evenly between
    ``F(y - 1)`` and ``F(y)``, and its chance to lie below the target is counted (the expectation of
    the randomised probability integral transform, so that no random number is needed). From a mean
    of 30 on demand is continuous and counts as 0 or 1. Shape (n_known, 3).
    """
    known = ~np.isnan(actual)
    y, mu, sigma = actual[known], mean[known], sd[known]
    upper = distributions.cdf(y, mu, sigma)[:, None]
    lower = distributions.cdf(y - 1, mu, sigma)[:, None]
    target = np.array(TARGETS)
    shared = np.clip((target - lower) / np.maximum(upper - lower, 1e-12), 0.0, 1.0)
    plain = (upper <= target).astype(np.float64)
    return np.where((mu < distributions.laws.GAMMA_FROM)[:, None], shared, plain)


def plain_shares(actual: Array, upper: Array) -> NDArray[np.float64]:
    """Return whether each actual lies at or below each upper quantile, shape (n_known, n_upper)."""
    known = ~np.isnan(actual)
    return (actual[known][:, None] <= upper[known]).astype(np.float64)


def whole_totals(actual: Array) -> Array:
    """Return the sum of the first 8 weeks, NaN unless all were observed, shape (n_items, 1)."""
    return np.asarray(actual[:, :SUMMED].sum(axis=1, keepdims=True))
