"""How far off a forecast was, in the field's measures, for whole catalogues at once.

Arrays hold weeks (or totals) on the last axis. A cell counts where actual and forecast are both
known; a measure without any such cell, or with nothing to compare with, is NaN.
"""

import numpy as np
from numpy.typing import ArrayLike

from analytics.forecasting.matrix import Array

Axis = int | tuple[int, ...] | None


def wape(
    actual: ArrayLike, forecast: ArrayLike, *, weights: ArrayLike = 1.0, axis: Axis = -1
) -> Array:
    """Return the weighted absolute percentage error: absolute errors over actual demand.

    Parameters
    ----------
    actual, forecast : array_like, shape (..., n_weeks)
        Units; they broadcast. NaN = unobserved.
    weights : array_like
        What a unit counts, a price for example.
    axis : int or tuple of int, optional
        What is summed; None = everything.

    Returns
    -------
    ndarray
        Share: 0.2 = 20 %. Infinite where nothing sold and something was expected.

    Notes
    -----
    ``Σ w |f - a| / Σ w a`` (Kolassa & Schütz 2007). Unlike MAPE it is defined with zeros in the
    history; like every absolute error it is least at the median, so judge bias beside it.

    Examples
    --------
    >>> float(wape([10, 0, 30], [8, 2, 34]))
    0.2
    """
    a, f, w = _known(actual, forecast, weights)
    return _ratio(np.nansum(w * np.abs(f - a), axis=axis), np.nansum(w * a, axis=axis))


def wape_total(
    actual: ArrayLike, forecast: ArrayLike, *, weights: ArrayLike = 1.0, axis: Axis = None
) -> Array:
    """Return `wape` of the totals over the last axis: the error that decides an order.

    Parameters
    ----------
    actual, forecast : array_like, shape (..., n_weeks)
        Units; weeks that are not known in both are left out of both totals.
    weights : array_like, shape (...)
        What a unit counts.
    axis : int or tuple of int, optional
        Which totals are summed, after the last axis is gone.

    Examples
    --------
    >>> float(wape_total([[10, 10], [5, 5]], [[12, 9], [5, 4]]))
    0.06666666666666667
    """
    a, f, _ = _known(actual, forecast, 1.0)
    nothing = np.isnan(a).all(axis=-1)
    total_a = np.where(nothing, np.nan, np.nansum(a, axis=-1))
    return wape(total_a, np.nansum(f, axis=-1), weights=weights, axis=axis)


def bias(
    actual: ArrayLike, forecast: ArrayLike, *, weights: ArrayLike = 1.0, axis: Axis = -1
) -> Array:
    """Return the signed error over actual demand; 0.1 = forecast 10 % too high.

    ``Σ w (f - a) / Σ w a``.

    Examples
    --------
    >>> float(bias([10, 0, 30], [8, 2, 34]))
    0.1
    """
    a, f, w = _known(actual, forecast, weights)
    return _ratio(np.nansum(w * (f - a), axis=axis), np.nansum(w * a, axis=axis))


def rmsse(actual: ArrayLike, forecast: ArrayLike, history: ArrayLike) -> Array:
    """Return the root mean squared scaled error; 1 = as far off as "same as last week" was.

    Parameters
    ----------
    actual, forecast : array_like, shape (..., n_weeks)
        Units.
    history : array_like, shape (..., n_past_weeks)
        What was known when the forecast was made.

    Notes
    -----
    ``sqrt(mean (f - a)² / mean (y_t - y_(t-1))²)``, weeks before the first sale left out of the
    scale (Makridakis et al. 2022, the M5 competition's measure).

    Examples
    --------
    >>> float(rmsse([5, 5], [4, 6], [1, 2, 3, 4]))
    1.0
    """
    a, f, _ = _known(actual, forecast, 1.0)
    return np.asarray(np.sqrt(_ratio(_mean((f - a) ** 2), _mean(_changes(history, 1) ** 2))))


def mase(actual: ArrayLike, forecast: ArrayLike, history: ArrayLike, *, season: int = 1) -> Array:
    """Return the mean absolute scaled error; 1 = as far off as the naive forecast was.

    ``mean |f - a| / mean |y_t - y_(t-season)|`` (Hyndman & Koehler 2006); arguments as `rmsse`.

    Examples
    --------
    >>> float(mase([5, 5], [4, 7], [1, 2, 3, 4]))
    1.5
    """
    a, f, _ = _known(actual, forecast, 1.0)
    return _ratio(_mean(np.abs(f - a)), _mean(np.abs(_changes(history, season))))


def pinball(actual: ArrayLike, quantile: ArrayLike, probability: ArrayLike) -> Array:
    """Return the mean quantile loss over the last axis, in units.

    ``max(p (a - q), (p - 1) (a - q))`` (Koenker & Bassett 1978); least at the true quantile.

    Examples
    --------
    >>> round(float(pinball([10, 20], [15, 15], 0.9)), 9)
    2.5
    """
    a, q, p = _known(actual, quantile, probability)
    return _mean(np.maximum(p * (a - q), (p - 1) * (a - q)))


def coverage(actual: ArrayLike, quantile: ArrayLike, *, axis: Axis = -1) -> Array:
    """Return the share of actuals that do not exceed a forecast quantile; 95 % should, at 0.95.

    Examples
    --------
    >>> float(coverage([10, 20, 30, 40], [25, 25, 25, 45]))
    0.75
    """
    a, q, _ = _known(actual, quantile, 1.0)
    known = ~np.isnan(a)
    return _ratio((known & (a <= q)).sum(axis=axis), known.sum(axis=axis))


def _known(actual: ArrayLike, forecast: ArrayLike, weights: ArrayLike) -> tuple[Array, ...]:
    a, f, w = np.broadcast_arrays(
        *(np.asarray(values, dtype=np.float64) for values in (actual, forecast, weights))
    )
    unknown = np.isnan(a) | np.isnan(f)
    return np.where(unknown, np.nan, a), np.where(unknown, np.nan, f), w


def _changes(history: ArrayLike, season: int) -> Array:
    y = np.asarray(history, dtype=np.float64)
    started = np.maximum.accumulate(np.nan_to_num(y) > 0, axis=-1)
    y = np.where(started, y, np.nan)
    return np.asarray(y[..., season:] - y[..., :-season])


def _mean(values: Array) -> Array:
    return _ratio(np.nansum(values, axis=-1), (~np.isnan(values)).sum(axis=-1))


def _ratio(above: ArrayLike, below: ArrayLike) -> Array:
    """Return the quotient; 0 / 0 is NaN, anything else over 0 infinite."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.asarray(np.asarray(above, dtype=np.float64) / np.asarray(below, dtype=np.float64))
