"""The batched forecast: level times pooled season, with errors measured on the past."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.forecasting.groups import pools
from analytics.forecasting.matrix import Array, Matrix, matrix, week_of_year
from analytics.forecasting.result import ForecastResult
from analytics.forecasting.season import Seasons, seasons
from analytics.forecasting.selection import Sums, rolling_losses, sums, weights
from analytics.forecasting.settings import ENGINE, Settings
from analytics.forecasting.smoothing import levels, without_freaks
from analytics.forecasting.uncertainty import (
    HORIZONS,
    Errors,
    Law,
    is_enough,
    law,
    own_ratio,
    young_variance,
)
from analytics.progress import Progress, silent

_WEEK = np.timedelta64(7, "D")
_STEPS = 5
_OLDER_ORIGINS = 13  # every second week before the newest origins, to judge long horizons
_SEEN = 4  # weeks that an item was observed in before its errors count


@dataclass(frozen=True, slots=True)
class _Past:
    """Forecasts as they would have been made at past origins."""

    origins: NDArray[np.int64]
    levels: NDArray[np.float32]  # (n_origins, n_strengths, n_items, n_alphas)
    totals: Sums  # freak orders cut
    actual: Sums
    believed: Array  # strengths, (n_strengths,)
    variance: Array  # of an item's weekly demand, (n_items,)
    size: Array  # of an item's usual order, units, (n_items,)


@dataclass(frozen=True, slots=True)
class _Spread:
    """How far off the forecast has been."""

    cumulative: Law
    weekly: Law
    own: Array


@dataclass(frozen=True, slots=True)
class _Fit:
    """What the past taught."""

    past: _Past
    mix: Array  # weight of each candidate, (n_items, n_candidates)
    spread: _Spread


def forecast(
    panel: pd.DataFrame,
    *,
    horizon: int = 30,
    first_week: date | None = None,
    first_week_share: Mapping[str, float] | None = None,
    settings: Settings | None = None,
    progress: Progress = silent,
) -> ForecastResult:
    """Return the demand to expect of every item, week by week, with its uncertainty.

    Parameters
    ----------
    panel : DataFrame
        ``sku``, ``market``, ``week`` (Monday), ``units`` (NaN = unobserved); optionally ``group``
        and ``availability`` (0 to 1), as `analytics.demand.weekly` returns it.
    horizon : int
        Weeks ahead, 1 to 30.
    first_week : date, optional
        Monday of the first week to forecast; none = the week after the last one in ``panel``.
    first_week_share : mapping, optional
        Share of that week's demand that still lies ahead, by market; 1 where not given.
    settings : Settings, optional
        What the engine assumes.
    progress : Progress
        Told after each step.

    Raises
    ------
    InvalidPanelError
        A column is missing, a week is no Monday or stands twice, units are negative or infinite.

    Notes
    -----
    Candidates are exponentially smoothed levels at six speeds, times the group's season at three
    strengths; each item mixes them by ``exp(-8 log-loss)`` of its rolling 1-, 4- and 8-week totals,
    drawn to its group's. Spread: errors of cumulative demand at past origins, by level, scaled to
    the item and calibrated to cover 95 %; beyond the last horizon that the history can judge it
    grows by a power of time. No number is random.
    """
    assumed = settings or Settings()
    data = matrix(panel)
    ahead = _ahead(data, horizon, first_week, first_week_share)
    if data.items.empty:
        return _nothing(ahead)
    groups = pools(data, assumed)
    season = seasons(data, groups, assumed)
    progress(1, _STEPS, "season")
    past = _past(data, season, assumed)
    progress(2, _STEPS, "level")
    newest = past.origins >= len(data.weeks) - 1 - assumed.origins
    judged = rolling_losses(past.totals, past.levels[newest], past.origins[newest])
    mix = weights(*judged, past.variance, groups.of_item, strengths=past.believed, settings=assumed)
    progress(3, _STEPS, "choice")
    fit = _Fit(past, mix, _spread(past, mix))
    progress(4, _STEPS, "spread")
    result = _result(data, season, fit, ahead, assumed)
    progress(_STEPS, _STEPS, "forecast")
    return result


@dataclass(frozen=True, slots=True)
class Background:
    """What a panel teaches apart from its items' levels.

    Attributes
    ----------
    seasons : Seasons
        The season of every pool.
    calibrated_weeks : int
        Longest horizon that the history can judge, in weeks; 0 = none.
    """

    seasons: Seasons
    calibrated_weeks: int


def background(panel: pd.DataFrame, settings: Settings | None = None) -> Background:
    """Return seasons and calibrated horizon of ``panel``, as `forecast` finds them."""
    assumed = settings or Settings()
    data = matrix(panel)
    season = seasons(data, pools(data, assumed), assumed)
    origins = _origins(len(data.weeks), assumed.origins)
    seen = sums(data.units, data.observed, np.ones((1, *data.units.shape)))
    enough = [h for h in HORIZONS if is_enough(_usable(seen, origins, h))]
    return Background(season, max(enough, default=0))


def _usable(totals: Sums, origins: NDArray[np.int64], horizon: int) -> NDArray[np.bool_]:
    """Return where ``horizon`` weeks after an origin, and the weeks before it, were observed."""
    here = origins[origins + horizon < totals.units.shape[1] - 1]
    known = totals.weeks[:, here + 1].T >= _SEEN
    return np.asarray(totals.over(here, horizon)[3] & known)


def _past(data: Matrix, season: Seasons, settings: Settings) -> _Past:
    """Forecast at past origins, with a season that the newest weeks did not teach."""
    n_weeks = len(data.weeks)
    honest = int(data.observed.any(axis=0).sum()) >= settings.honest_from
    strengths = np.asarray(settings.strengths if season.is_learnt else (0.0,))
    believed = strengths if honest else strengths * settings.early_trust
    taught = season
    if honest:
        taught = seasons(data, season.pools, settings, until=n_weeks - settings.origins)
    factors = _factors(taught, data.week_of_year, believed)
    units = without_freaks(data.units, data.observed, factors[-1])
    origins = _origins(n_weeks, settings.origins)
    grown = [levels(units, data.weight, factor, settings.alphas, origins) for factor in factors]
    return _Past(
        origins,
        np.stack(grown, axis=1),
        sums(units, data.observed, factors),
        sums(data.units, data.observed, factors[:1]),
        believed,
        _noise(units, data.observed),
        _order_size(units, factors[-1]),
    )


def _order_size(units: Array, factor: Array) -> Array:
    """Return the size of a usual order: demand weighted by itself, ``Σ y²/s / Σ y``."""
    total = units.sum(axis=1)
    weighted = (units**2 / np.maximum(factor, 1e-6)).sum(axis=1)
    return np.asarray(np.where(total > 0, weighted / np.where(total > 0, total, 1.0), 1.0))


def _noise(units: Array, observed: NDArray[np.bool_]) -> Array:
    count = np.maximum(observed.sum(axis=1), 1)
    mean = units.sum(axis=1) / count
    return np.asarray((units**2).sum(axis=1) / count - mean**2)


def _factors(season: Seasons, place: NDArray[np.int64], strengths: Array) -> Array:
    """Return season factors, shape (n_strengths, n_items, n_weeks)."""
    rows = season.pools.of_item
    return np.stack([season.factors(place, float(strength))[rows] for strength in strengths])


def _origins(n_weeks: int, newest: int) -> NDArray[np.int64]:
    """Return the weeks after which a forecast is tried: the newest, and every second one before."""
    last = n_weeks - 2
    recent = np.arange(last, last - newest, -1)
    older = np.arange(last - newest - 1, last - newest - 1 - 2 * _OLDER_ORIGINS, -2)
    origins = np.sort(np.concatenate([recent, older]))
    return origins[origins >= 0]


def _spread(past: _Past, mix: Array) -> _Spread:
    n_strengths, n_items = past.levels.shape[1:3]
    share = mix.reshape(n_items, n_strengths, -1).astype(np.float32)
    by_strength = np.einsum("osna,nsa->osn", past.levels, share).astype(np.float64)
    total = {h: _errors(past, by_strength, h, skip=0) for h in HORIZONS}
    single = {h: _errors(past, by_strength, 1, skip=h - 1) for h in HORIZONS}
    own = own_ratio(total, law(total))
    return _Spread(law(total, own), law(single, own), own)


def _errors(past: _Past, by_strength: Array, horizon: int, *, skip: int) -> Errors:
    """Return the errors of the totals of ``horizon`` weeks that begin ``skip`` weeks ahead."""
    here = past.origins + horizon + skip < past.totals.units.shape[1] - 1
    origins, level = past.origins[here], by_strength[here]
    units, weeks, season, usable = past.totals.over(origins, horizon, skip=skip)
    mean = (level * np.swapaxes(season, 0, 1)).sum(axis=1)
    usual = level.sum(axis=1)
    known = past.totals.weeks[:, origins + 1].T >= _SEEN
    at = np.maximum(usual * weeks, 1e-9)
    return Errors(
        error=units - mean,
        actual=past.actual.over(origins, horizon, skip=skip)[0],
        mean=mean,
        level=usual,
        size=past.size,
        factor=np.where(usual > 0, mean / at, 1.0),
        usable=usable & known,
    )


@dataclass(frozen=True, slots=True)
class _Ahead:
    """The weeks to forecast, and how much of the first one is left for each item."""

    weeks: NDArray[np.datetime64]
    share: Array  # (n_items, n_weeks): 1 but for the first week

    @property
    def elapsed(self) -> Array:
        """Return the weeks from the origin to the end of each, shape (n_items, n_weeks)."""
        return np.maximum(self.share, 1e-3).cumsum(axis=1)


def _ahead(
    data: Matrix, horizon: int, first_week: date | None, shares: Mapping[str, float] | None
) -> _Ahead:
    after = data.weeks[-1] + _WEEK if len(data.weeks) else np.datetime64("1970-01-05", "D")
    first = np.datetime64(first_week, "D") if first_week else after
    share = np.ones((len(data.items), horizon))
    left = shares or {}
    share[:, 0] = [float(left.get(str(market), 1.0)) for market in data.items["market"]]
    return _Ahead(first + np.arange(horizon) * _WEEK, share)


def _nothing(ahead: _Ahead) -> ForecastResult:
    columns = ("sku", "market", "group", "season_strength", "member")
    items = pd.DataFrame({name: [] for name in columns}, dtype=object)
    none = ahead.share
    return ForecastResult(items, ahead.weeks, none, none, none, none)


def _result(
    data: Matrix, season: Seasons, fit: _Fit, ahead: _Ahead, settings: Settings
) -> ForecastResult:
    strengths = fit.past.believed
    factors = _factors(season, data.week_of_year, strengths)
    units = without_freaks(data.units, data.observed, factors[-1])
    last = np.array([len(data.weeks) - 1])
    share = fit.mix.reshape(len(fit.mix), len(strengths), -1)
    grown = [levels(units, data.weight, factor, settings.alphas, last)[0] for factor in factors]
    level = np.stack([(g * share[:, k]).sum(axis=1) for k, g in enumerate(grown)])
    path = _factors(season, week_of_year(ahead.weeks), strengths)
    mean = (level[:, :, None] * path).sum(axis=0) * ahead.share
    seen = data.observed.sum(axis=1).astype(np.float64)
    sd, cumulative_sd = _sds(mean, level.sum(axis=0), seen, fit, ahead)
    return ForecastResult(
        items=_described(data, season, strengths, share, settings),
        weeks=ahead.weeks,
        mean=mean,
        sd=sd,
        cumulative_mean=mean.cumsum(axis=1),
        cumulative_sd=cumulative_sd,
        facts=_facts(data, season, fit.spread),
    )


def _sds(mean: Array, level: Array, seen: Array, fit: _Fit, ahead: _Ahead) -> tuple[Array, Array]:
    """Return the sd of each week and of the demand up to its end, shape (n_items, n_weeks) each."""
    spread, elapsed = fit.spread, ahead.elapsed
    lead = np.arange(1.0, mean.shape[1] + 1)[None, :]
    whole_week = mean / np.maximum(ahead.share, 1e-3)
    total = mean.cumsum(axis=1)
    usual, size, own = level[:, None], fit.past.size[:, None], spread.own[:, None]
    cumulative = own * spread.cumulative.variance(usual, size, elapsed, total, usual * elapsed)
    single = own * spread.weekly.variance(usual, size, lead, whole_week, usual) * ahead.share
    one = np.exp(spread.cumulative.log_variance(level, fit.past.size, np.array(1.0))) * spread.own
    cumulative += young_variance(one, seen, elapsed)
    single += young_variance(one, seen, ahead.share)
    some = usual > 0
    sd = np.sqrt(np.where(some, np.maximum(single, mean), 0.0))
    whole = np.sqrt(np.where(some, np.maximum(cumulative, total), 0.0))
    return sd, np.maximum.accumulate(whole, axis=1)


def _described(
    data: Matrix, season: Seasons, strengths: Array, share: Array, settings: Settings
) -> pd.DataFrame:
    strength = share.sum(axis=2) @ strengths
    names = np.array([f"ses_{round(100 * alpha):02d}" for alpha in settings.alphas], dtype=object)
    return data.items[["sku", "market"]].assign(
        group=season.pools.names,
        season_strength=strength.round(3),
        member=names[share.sum(axis=1).argmax(axis=1)],
    )


def _facts(data: Matrix, season: Seasons, spread: _Spread) -> dict[str, object]:
    known = spread.cumulative.horizons
    return {
        "engine": ENGINE,
        "weeks": len(data.weeks),
        "calibrated_weeks": int(known[-1]) if len(known) else 0,
        "growth": spread.cumulative.growth,
        "season_source": "own" if season.is_learnt else "none",
        "pools": len(season.pools.pools),
    }
