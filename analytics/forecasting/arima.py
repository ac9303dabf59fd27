"""Regression on events, price and yearly waves, with ARIMA errors."""

from typing import Any

import numpy as np

from analytics.forecasting.cases import Case, Linear, filled, or_worst
from analytics.forecasting.matrix import Array

_ITERATIONS = 200
_KPSS_5_PCT = 0.463  # Kwiatkowski et al. (1992), table 1, level stationarity
_WAVES = 2
_OBSERVED_PER_REGRESSOR = 8
_ORDERS = {
    False: ((0, 0), (1, 0), (2, 0), (1, 1)),
    True: ((0, 1), (1, 0), (1, 1), (0, 2)),
}


def sarimax(case: Case, y: Array) -> Linear:
    """Return a regression on events, price and yearly waves, with ARIMA errors.

    Parameters
    ----------
    case : Case
        The history with its regressors.
    y : ndarray, shape (n_weeks,)
        Demand on the model's scale; NaN = unobserved, which the Kalman filter skips.

    Notes
    -----
    Two sine-cosine pairs where two cycles exist; differenced if KPSS refuses a level (5 %) of what
    the regressors leave; then the order with the least AICc of four (Hyndman & Khandakar 2008;
    Hyndman & Athanasopoulos 2021, section 10.5). Price beyond the history stays as it is.
    """
    from statsmodels.tsa.statespace.sarimax import SARIMAX  # noqa: PLC0415

    past = len(y)
    names, used = _usable(case)
    centre, width = float(np.nanmean(y)), float(np.nanstd(y)) or 1.0
    z = (y - centre) / width
    difference = _is_wandering(filled(z), used[:past])
    orders = [(p, int(difference), q) for p, q in _ORDERS[difference]]
    design = used[:past] if len(names) else None
    results = [
        SARIMAX(
            z, exog=design, order=order, trend="n" if difference else "c", concentrate_scale=True
        ).fit(disp=False, maxiter=_ITERATIONS)
        for order in orders
    ]
    chosen = min(range(len(orders)), key=lambda i: or_worst(results[i].aicc))
    result = results[chosen]
    ahead = used[past:] if len(names) else None
    mean = centre + width * np.asarray(result.forecast(case.horizon, exog=ahead))
    response = np.ravel(result.impulse_responses(case.horizon - 1))
    facts = _sarimax_facts(case, result, names, width) | {"order": orders[chosen]}
    fitted_ = centre + width * np.asarray(result.fittedvalues)
    if difference:
        fitted_[0] = np.nan
    return Linear(mean, response, float(result.scale) * width**2, fitted_, facts)


def _usable(case: Case) -> tuple[tuple[str, ...], Array]:
    """Return the regressors that the history can teach, events and price before the waves.

    An event must have been seen in two observed weeks and missed in two; a price must have moved;
    every regressor must say something new, and have eight observed weeks to itself.
    """
    rows = len(case.units) + case.horizon
    wave = _waves(rows, case.season_length) if case.has_two_cycles else np.empty((rows, 0))
    columns = np.column_stack([case.regressors[:rows], wave])
    names = (*case.names, *(f"wave_{i + 1}" for i in range(wave.shape[1])))
    seen = case.observed
    most = int(seen.sum()) // _OBSERVED_PER_REGRESSOR
    kept: list[int] = []
    for column, name in enumerate(names):
        trial = columns[: len(seen)][seen][:, [*kept, column]]
        if len(kept) < most and _says_something(trial, is_wave=name.startswith("wave_")):
            kept.append(column)
    return tuple(names[i] for i in kept), columns[:, kept]


def _says_something(design: Array, *, is_wave: bool) -> bool:
    newest = design[:, -1]
    if not np.isfinite(newest).all() or newest.std() < 0.01:
        return False
    usual = np.median(newest)
    if not is_wave and (np.abs(newest - usual) > 1e-9).sum() < 2:
        return False
    centred = (design - design.mean(axis=0)) / design.std(axis=0)
    return bool(np.linalg.matrix_rank(centred, tol=1e-6 * len(centred)) == centred.shape[1])


def _waves(rows: int, period: int) -> Array:
    angle = 2 * np.pi * np.arange(rows)[:, None] * np.arange(1, _WAVES + 1) / period
    return np.column_stack([np.sin(angle), np.cos(angle)])


def _is_wandering(z: Array, design: Array) -> bool:
    """Return whether KPSS refuses a constant level of what the regressors leave, at 5 %."""
    from statsmodels.tsa.stattools import kpss  # noqa: PLC0415

    full = np.column_stack([np.ones(len(z)), design])
    rest = z - full @ np.linalg.lstsq(full, z, rcond=None)[0]
    if rest.std() < 1e-9:
        return False
    return bool(kpss(rest, regression="c", nlags="auto")[0] > _KPSS_5_PCT)


def _sarimax_facts(case: Case, result: Any, names: tuple[str, ...], width: float) -> dict[str, Any]:  # noqa: ANN401
    start = 1 if "intercept" in result.param_names else 0
    errors = np.asarray(result.bse)
    effects = {
        name: _effect(float(result.params[start + i]) * width, float(errors[start + i]) * width)
        for i, name in enumerate(names)
        if not name.startswith("wave_")
    }
    return {
        "parameters": dict(zip(result.param_names, map(float, result.params), strict=True)),
        "effects": effects,
        "unused": tuple(name for name in case.names if name not in names),
        "is_seasonal": any(name.startswith("wave_") for name in names),
        "aicc": float(result.aicc),
        "has_converged": bool(result.mle_retvals["converged"]),
    }


def _effect(value: float, error: float) -> dict[str, float]:
    reach = 1.96 * error if np.isfinite(error) else np.inf
    return {"effect": value, "low": value - reach, "high": value + reach}
