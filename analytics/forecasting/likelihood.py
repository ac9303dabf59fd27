"""The contestants that statsmodels fits to one item by maximum likelihood.

All of them are linear with additive normal errors on their scale: a path is the mean plus the
shocks so far, each weighted by how long it lasts. So one set of draws serves every model.
"""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from analytics.forecasting.arima import sarimax
from analytics.forecasting.cases import Case, Linear, Member, Outlook, filled, or_worst, outlook_of
from analytics.forecasting.matrix import Array

ELASTIC = ("price", "discount")  # regressors that are logarithms themselves
MEMBERS = ("ets", "stl", "sarimax")
LEAST_WEEKS = 12  # observed; statsmodels' starting values need ten
_MOST_GAPS = 0.4  # share of weeks that may be interpolated
_SKEWED = 1.0  # sample skewness from which logarithms fit better
_ZEROS = 0.2  # share of weeks without a sale up to which logarithms are taken
_ITERATIONS = 200
_FAILURES = (
    ArithmeticError,
    IndexError,
    MemoryError,
    RuntimeError,
    ValueError,
    np.linalg.LinAlgError,
)


def fitted(name: str, case: Case) -> Member:
    """Return one contestant, fitted to ``case``; whatever goes wrong is a code, never an error.

    Parameters
    ----------
    name : str
        ``ets``: exponential smoothing with additive errors, damped trend or none by AICc, a season
        where two cycles resemble each other. ``stl``: the same without season on what robust STL
        leaves, its last cycle put back; needs two cycles. ``sarimax``: regression on events, price
        and two yearly waves (where two cycles exist) with ARIMA errors, differenced if KPSS says
        so, the order by AICc among four.
    case : Case
        The history.

    Notes
    -----
    On logarithms of units + 1 where the history is skewed and seldom zero; in units where that
    explodes. Moments come from 2,000 fixed, whitened, antithetic paths ``mean + Σ ψ_j e``, cut to
    0 .. 4 times the best week. Hyndman et al. (2008), Forecasting with Exponential Smoothing,
    chapter 6; Cleveland et al. (1990); Hyndman & Khandakar (2008).
    """
    if fault := _unfit(name, case):
        return Member(name, fault)
    best_week = float(np.nanmax(case.units))
    exploded = False
    for scale in scales(case.units):
        linear = _tried(name, case, scale)
        if linear is None:
            return Member(name, "failed")
        outlook = outlook_of(linear, scale, best_week)
        if outlook is not None:
            return _member(name, case, scale, linear, outlook, exploded_on_logs=exploded)
        exploded = True
    return Member(name, "exploded")


def _unfit(name: str, case: Case) -> str:
    count = int(case.observed.sum())
    if count < LEAST_WEEKS:
        return "too_short"
    if np.nanmax(case.units) <= 0:
        return "no_sales"
    if name == "stl" and not case.has_two_cycles:
        return "no_two_cycles"
    if name != "sarimax" and count < (1 - _MOST_GAPS) * len(case.units):
        return "too_many_gaps"
    return ""


def scales(units: Array) -> tuple[str, ...]:
    """Return the scales to try: ``log`` first where the history is skewed and seldom zero."""
    seen = units[~np.isnan(units)]
    spread = seen.std()
    skew = ((seen - seen.mean()) ** 3).mean() / spread**3 if spread > 0 else 0.0
    logs = skew > _SKEWED and (seen == 0).mean() < _ZEROS
    return ("log", "units") if logs else ("units",)


def _tried(name: str, case: Case, scale: str) -> Linear | None:
    y = np.log1p(case.units) if scale == "log" else case.units
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # no convergence and the like are facts of the result
        try:
            return _FITS[name](case, y)
        except _FAILURES:
            return None


def _member(
    name: str, case: Case, scale: str, linear: Linear, outlook: Outlook, *, exploded_on_logs: bool
) -> Member:
    y = np.log1p(case.units) if scale == "log" else case.units
    seen = np.where(case.observed, linear.fitted, np.nan)
    units = np.expm1(np.minimum(seen, 50.0)) if scale == "log" else seen
    facts = linear.facts | {"scale": scale, "has_exploded_on_logs": exploded_on_logs}
    facts |= {"interpolated": 0 if name == "sarimax" else int((~case.observed).sum())}
    if "effects" in facts:
        facts["effects"] = {
            of: _share(of, effect, scale) for of, effect in facts["effects"].items()
        }
    return Member(name, "", outlook, np.maximum(units, 0.0), y - seen, facts)


def _share(name: str, effect: dict[str, float], scale: str) -> dict[str, float]:
    if scale != "log" or name in ELASTIC:
        return effect
    return {key: float(np.expm1(min(value, 50.0))) for key, value in effect.items()}


def _ets(case: Case, y: Array) -> Linear:
    series = filled(y)
    period = case.season_length if _repeats(series, case.season_length) else 0
    result = _best_ets(series, period)
    mean = np.asarray(result.forecast(case.horizon))
    facts = _ets_facts(result) | {"is_seasonal": period > 0}
    psi = response(facts["parameters"], case.horizon, period)
    return Linear(mean, psi, float(result.mse), np.asarray(result.fittedvalues), facts)


def _repeats(series: Array, period: int) -> bool:
    """Return whether the detrended cycles resemble each other more than chance does at 5 %."""
    pairs = len(series) - period
    if pairs < period:
        return False
    place = np.arange(len(series))
    rest = series - np.polyval(np.polyfit(place, series, 1), place)
    if rest[:-period].std() <= 0 or rest[period:].std() <= 0:
        return False
    return bool(np.corrcoef(rest[:-period], rest[period:])[0, 1] > 2 / np.sqrt(pairs))


def _best_ets(series: Array, period: int) -> Any:  # noqa: ANN401 - statsmodels is untyped
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel  # noqa: PLC0415 - takes seconds

    season = {"seasonal": "add", "seasonal_periods": period} if period else {}
    trends: list[dict[str, Any]] = [{}, {"trend": "add", "damped_trend": True}]
    results = [
        ETSModel(series, error="add", initialization_method="heuristic", **season, **trend).fit(
            disp=False, maxiter=_ITERATIONS
        )
        for trend in trends
    ]
    return min(results, key=lambda result: or_worst(result.aicc))


def _ets_facts(result: Any) -> dict[str, Any]:  # noqa: ANN401
    names = [name for name in result.param_names if not name.startswith("initial_")]
    parameters = dict(zip(names, map(float, result.params), strict=False))
    return {
        "parameters": parameters,
        "trend": "damped" if "damping_trend" in parameters else "none",
        "aicc": float(result.aicc),
        "has_converged": bool(result.mle_retvals["converged"]),
    }


def response(parameters: Mapping[str, float], horizon: int, period: int) -> Array:
    """Return ``ψ_j = α + β (φ + ... + φ^j) + γ [j mod m = 0]``, ``ψ_0 = 1``."""
    step = np.arange(1, horizon)
    damping = parameters.get("damping_trend", 0.0) ** step
    psi = parameters["smoothing_level"] + np.zeros(len(step))
    psi += parameters.get("smoothing_trend", 0.0) * damping.cumsum()
    if period:
        psi += parameters["smoothing_seasonal"] * (step % period == 0)
    return np.concatenate([[1.0], psi])


def _stl(case: Case, y: Array) -> Linear:
    series = filled(y)
    period = case.season_length
    season = np.asarray(decomposed(series, period).seasonal)
    result = _best_ets(series - season, 0)
    again = season[len(season) - period + np.arange(case.horizon) % period]
    facts = _ets_facts(result) | {"is_seasonal": True}
    psi = response(facts["parameters"], case.horizon, 0)
    mean = np.asarray(result.forecast(case.horizon)) + again
    variance = float(result.mse) * len(series) / (len(series) - period)  # a mean per week is spent
    return Linear(mean, psi, variance, result.fittedvalues + season, facts)


def decomposed(series: Array, period: int) -> Any:  # noqa: ANN401 - statsmodels is untyped
    """Return statsmodels' robust STL of a series without holes.

    A constant in each week of the year (degree 0): a line through two or three cycles would follow
    every one of them.
    """
    from statsmodels.tsa.seasonal import STL  # noqa: PLC0415

    return STL(series, period=period, seasonal=13, seasonal_deg=0, robust=True).fit()


_FITS: dict[str, Callable[[Case, Array], Linear]] = {
    "ets": _ets,
    "stl": _stl,
    "sarimax": sarimax,
}
