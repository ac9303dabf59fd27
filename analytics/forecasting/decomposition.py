"""What of one item's history is trend, what is season, and what is left."""

import warnings

import numpy as np
import pandas as pd

from analytics.forecasting.cases import Case, filled
from analytics.forecasting.likelihood import decomposed, scales
from analytics.forecasting.matrix import Array, week_of_year

_WINDOW = 13  # weeks whose median is the level where two cycles are not there


def decomposition(case: Case, season: Array | None = None) -> pd.DataFrame:
    """Return trend, season and rest of each week; they add up to the units.

    Parameters
    ----------
    case : Case
        The history; holes are interpolated for the trend and have no rest.
    season : ndarray, shape (52,), optional
        Factor per week of the year (1 = a usual week), as the item's group has it. Used where the
        item has not seen two cycles of its own.

    Returns
    -------
    DataFrame
        ``week``, ``units`` (NaN = unobserved), ``trend`` (units/week), ``season`` (units/week above
        or below the trend), ``rest`` (units/week), ``source`` of the season: ``own`` (robust STL),
        ``group``, ``none``.

    Notes
    -----
    STL (Cleveland et al. 1990), of logarithms where the history is skewed and seldom zero. Without
    two cycles the trend is the running median of 13 deseasonalised weeks, as robust as STL is.
    """
    if not case.observed.any():
        return _frame(case, np.full(len(case.units), np.nan), np.zeros(len(case.units)), "none")
    if case.has_two_cycles:
        return _frame(case, *_own(case), "own")
    if season is None:
        return _frame(case, *_level(case, np.ones(len(case.units))), "none")
    factors = np.asarray(season, dtype=np.float64)[week_of_year(case.weeks)]
    return _frame(case, *_level(case, factors), "group")


def _own(case: Case) -> tuple[Array, Array]:
    logs = scales(case.units)[0] == "log"
    series = filled(np.log1p(case.units) if logs else case.units)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        parts = decomposed(series, case.season_length)
    trend, season = np.asarray(parts.trend), np.asarray(parts.seasonal)
    if not logs:
        return trend, season
    return np.expm1(trend), np.expm1(trend + season) - np.expm1(trend)


def _level(case: Case, factors: Array) -> tuple[Array, Array]:
    level = pd.Series(case.units / np.maximum(factors, 0.05))
    running = level.rolling(_WINDOW, center=True, min_periods=1).median().to_numpy(dtype=np.float64)
    trend = filled(running)
    return trend, trend * (factors - 1.0)


def _frame(case: Case, trend: Array, season: Array, source: str) -> pd.DataFrame:
    columns = {"trend": trend, "season": season, "rest": case.units - trend - season}
    week = case.weeks.astype("M8[us]")
    return pd.DataFrame({"week": week, "units": case.units, **columns, "source": source})
