"""What a model's errors still hold, as codes and facts."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.cases import filled
from analytics.forecasting.matrix import Array

LEAST = 20  # residuals; below, tests say nothing
_LAG = 8
_RECENT = 13
_ARCH_LAGS = 4
_LEVEL = 0.05  # of every test
_OUTLYING = 4.0  # robust standard deviations
_MAD = 1.4826  # of a normal variable: sd over median absolute deviation
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked for.

    Attributes
    ----------
    code : str
        What was found; see `diagnosis`.
    is_notable : bool
        Whether it is a reason for doubt.
    facts : mapping
        The numbers of the sentence.
    """

    code: str
    is_notable: bool
    facts: Mapping[str, Any] = field(default_factory=dict)


def diagnosis(
    residuals: Array,
    weeks: NDArray[np.datetime64],
    *,
    units: Array,
    fitted: Array,
    season_length: int = 52,
) -> tuple[Finding, ...]:
    """Return what the errors of a week ahead still hold.

    Parameters
    ----------
    residuals : ndarray, shape (n_weeks,)
        Errors on the model's own scale; NaN = none.
    weeks : ndarray of datetime64[D], shape (n_weeks,)
        Mondays.
    units, fitted : ndarray, shape (n_weeks,)
        What sold and what was expected, units/week; NaN = unobserved.
    season_length : int
        Weeks of a cycle.

    Returns
    -------
    tuple of Finding
        One per check; the notable code first:
        ``residuals_correlated`` / ``residuals_uncorrelated``: ``lag``, ``statistic``, ``p``
        (Ljung & Box 1978), ``first`` (autocorrelation of neighbours);
        ``season_left`` / ``no_season_left``: the same at the season (only with two cycles),
        ``first`` being the autocorrelation a cycle apart;
        ``residuals_skewed`` / ``residuals_normal``: ``statistic``, ``p`` (Jarque & Bera 1980),
        ``skew``, ``kurtosis`` (3 = normal);
        ``variance_changes`` / ``variance_steady``: ``statistic``, ``p`` (Engle 1982, 4 lags),
        ``ratio`` (variance of the newer half over the older);
        ``too_low_lately`` or ``too_high_lately`` / ``unbiased_lately``: ``weeks``, ``bias`` (share
        of the units sold in them; negative = expected too little), ``t``, ``p``;
        ``outliers`` / ``no_outliers``: ``count``, ``weeks`` (up to five Mondays, the farthest
        first), ``limit`` (robust standard deviations).
        With fewer than 20 errors, or none that differ, ``too_few_residuals``: ``count``.
    """
    known = ~np.isnan(residuals)
    count = int(known.sum())
    if count < LEAST or np.nanstd(residuals) < 1e-9:
        return (Finding("too_few_residuals", is_notable=False, facts={"count": count}),)
    whole = filled(residuals)[np.flatnonzero(known)[0] :]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = [_correlation(whole, _LAG, 1, "residuals_correlated", "residuals_uncorrelated")]
        if len(whole) >= 2 * season_length:
            codes = ("season_left", "no_season_left")
            found.append(_correlation(whole, season_length, season_length, *codes))
        found += [_shape(residuals[known]), _variance(whole)]
    found += [_bias(units, fitted), _outliers(residuals, weeks)]
    return tuple(found)


def _finding(facts: dict[str, Any], code: str, other: str) -> Finding:
    is_notable = bool(facts["p"] < _LEVEL)
    return Finding(code if is_notable else other, is_notable, facts)


def _correlation(whole: Array, lag: int, first: int, code: str, other: str) -> Finding:
    from statsmodels.stats.diagnostic import acorr_ljungbox  # noqa: PLC0415 - takes seconds

    test = acorr_ljungbox(whole, lags=[min(lag, len(whole) // 2)])
    centred = whole - whole.mean()
    facts = {
        "lag": int(test.index[0]),
        "statistic": float(test["lb_stat"].iloc[0]),
        "p": float(test["lb_pvalue"].iloc[0]),
        "first": float(centred[first:] @ centred[:-first] / (centred @ centred)),
    }
    return _finding(facts, code, other)


def _shape(errors: Array) -> Finding:
    from statsmodels.stats.stattools import jarque_bera  # noqa: PLC0415

    names = ("statistic", "p", "skew", "kurtosis")
    facts = dict(zip(names, map(float, jarque_bera(errors)), strict=True))
    return _finding(facts, "residuals_skewed", "residuals_normal")


def _variance(whole: Array) -> Finding:
    from statsmodels.stats.diagnostic import het_arch  # noqa: PLC0415

    statistic, p, *_ = het_arch(whole, nlags=_ARCH_LAGS)
    older, newer = np.array_split(whole, 2)
    ratio = float(newer.var() / older.var()) if older.var() > 0 else np.inf
    facts = {"statistic": float(statistic), "p": float(p), "ratio": ratio}
    return _finding(facts, "variance_changes", "variance_steady")


def _bias(units: Array, fitted: Array) -> Finding:
    from scipy import stats  # noqa: PLC0415

    error = (fitted - units)[-_RECENT:]
    error = error[~np.isnan(error)]
    sold = float(np.nansum(units[-_RECENT:]))
    spread = error.std(ddof=1) / np.sqrt(len(error)) if len(error) > 1 else 0.0
    t = float(error.mean() / spread) if spread > 0 else 0.0
    p = float(2 * stats.t.sf(abs(t), len(error) - 1)) if spread > 0 else 1.0
    bias = float(error.sum() / sold) if sold > 0 else np.nan
    facts = {"weeks": len(error), "bias": bias, "t": t, "p": p}
    return _finding(facts, "too_low_lately" if t < 0 else "too_high_lately", "unbiased_lately")


def _outliers(residuals: Array, weeks: NDArray[np.datetime64]) -> Finding:
    centre = np.nanmedian(residuals)
    scale = _MAD * np.nanmedian(np.abs(residuals - centre))
    if scale <= 0:
        scale = np.nanstd(residuals)
    distance = np.nan_to_num(np.abs(residuals - centre) / scale)
    order = np.argsort(-distance, kind="stable")
    far = order[distance[order] > _OUTLYING]
    shown = tuple(weeks[far[:_SHOWN]].astype("M8[D]").tolist())
    facts = {"count": len(far), "weeks": shown, "limit": _OUTLYING}
    return Finding("outliers" if len(far) else "no_outliers", bool(len(far)), facts)
