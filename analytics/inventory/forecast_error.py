"""Spread of a forecast's error over a lead time: what a safety stock has to cover."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
ENOUGH_ORIGINS = 12  # past forecasts below which their errors say too little


def direct_error_sd(actual: ArrayLike, forecast: ArrayLike) -> Array:
    """Return the root mean square error of forecasts of the whole horizon.

    Parameters
    ----------
    actual, forecast : array_like, shape (n_items, n_origins)
        Demand over the horizon after each origin, in units, and what was forecast for it; NaN where
        unknown. Origins should overlap little.

    Returns
    -------
    ndarray, shape (n_items,)
        Units; NaN with fewer than 12 origins, for which one of the closed forms stands in.

    Notes
    -----
    ``σ_H = RMSE(Σ y - Σ ŷ)``. The one-step error times √H is too small wherever errors last.

    Examples
    --------
    >>> direct_error_sd([[10.0, 14.0] * 6, [9.0] * 12], 12.0).tolist()
    [2.0, 3.0]
    """
    error = np.asarray(actual, dtype=np.float64) - np.asarray(forecast, dtype=np.float64)
    known = ~np.isnan(error)
    count = known.sum(axis=-1)
    total = np.where(known, error, 0.0) ** 2
    mean = total.sum(axis=-1) / np.maximum(count, 1)
    return np.asarray(np.where(count >= ENOUGH_ORIGINS, np.sqrt(mean), np.nan))


def ses_error_sd(one_step_sd: ArrayLike, smoothing: ArrayLike, horizon: ArrayLike) -> Array:
    """Return the sd of the error over ``horizon`` periods of simple exponential smoothing.

    Parameters
    ----------
    one_step_sd : array_like
        Sd of the error one period ahead, in units.
    smoothing : array_like
        α per period, 0 to 1.
    horizon : array_like
        Periods.

    Notes
    -----
    ``σ₁² H (1 + α (H-1) + α² (H-1)(2H-1)/6)`` (Hyndman et al., 2008, ch. 6).

    Examples
    --------
    >>> (ses_error_sd(1, [0.1, 0.2, 0.3], 12) / 12**0.5).round(2).tolist()
    [1.59, 2.21, 2.85]
    """
    alpha, h = np.asarray(smoothing, dtype=np.float64), np.asarray(horizon, dtype=np.float64)
    later = np.maximum(h - 1, 0.0)
    grown = 1 + alpha * later + alpha**2 * later * (2 * h - 1) / 6
    return np.asarray(np.asarray(one_step_sd, dtype=np.float64) * np.sqrt(h * grown))


def autocorrelated_error_sd(sd: ArrayLike, autocorrelation: ArrayLike, horizon: ArrayLike) -> Array:
    """Return the sd over ``horizon`` periods of errors that follow an AR(1).

    Parameters
    ----------
    sd : array_like
        Sd of one period's error (not of the innovation), in units.
    autocorrelation : array_like
        φ, above -1 and below 1.
    horizon : array_like
        Periods.

    Notes
    -----
    ``σ² (H + 2 Σ_{k=1}^{H-1} (H-k) φ^k)``, summed in closed form:
    ``H (1+φ)/(1-φ) - 2φ (1-φ^H)/(1-φ)²``.

    Examples
    --------
    >>> float((autocorrelated_error_sd(1, 0.4, 30) / 30**0.5).round(2))
    1.5
    """
    phi, h = np.asarray(autocorrelation, dtype=np.float64), np.asarray(horizon, dtype=np.float64)
    total = h * (1 + phi) / (1 - phi) - 2 * phi * (1 - phi**h) / (1 - phi) ** 2
    return np.asarray(np.asarray(sd, dtype=np.float64) * np.sqrt(np.maximum(total, 0.0)))


def level_error_sd(demand_sd: ArrayLike, days: ArrayLike, horizon: ArrayLike) -> Array:
    """Return the sd over ``horizon`` days that comes from not knowing the mean itself.

    Parameters
    ----------
    demand_sd : array_like
        Of daily demand, in units/day.
    days : array_like
        In-stock days from which the mean was estimated; at least 1 is taken.
    horizon : array_like
        Days.

    Notes
    -----
    ``H σ_d / √n`` (Prak, Teunter and Syntetos, 2017): it grows with H, not with its root.

    Examples
    --------
    >>> float(level_error_sd(5, 100, 40))
    20.0
    """
    n = np.maximum(np.asarray(days, dtype=np.float64), 1.0)
    h = np.asarray(horizon, dtype=np.float64)
    return np.asarray(h * np.asarray(demand_sd, dtype=np.float64) / np.sqrt(n))


def combined_sd(*parts: ArrayLike) -> Array:
    """Return the sd of independent parts: the root of the sum of their squares.

    With a random lead time, ``σ_X² = σ_H² + (d σ_L)²``.

    >>> float(combined_sd(3.0, 4.0))
    5.0
    """
    total = sum((np.asarray(part, dtype=np.float64) ** 2 for part in parts), np.zeros(()))
    return np.asarray(np.sqrt(total))
