"""New items: a borrowed level, the group's season, a launch curve, and sales that take over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analytics.forecasting.curves import Curve, flat_curve
from analytics.forecasting.likeness import Levels, factors_of, levels
from analytics.forecasting.matrix import Array, matrix, week_of_year

LIKE_SHAPE = 3.0  # a like item's level is off by a factor with a cv of 0.58
STATED_SHAPE = 4.0  # so is the user's word, by 0.5
_SHAPES = (0.5, 10.0)  # of a prior learnt from a category's spread
_LEAST_LEVELS = 5  # items that tell a category's level
_DISPERSION = (1.0, 20.0)
_WEEK = np.timedelta64(7, "D")


@dataclass(frozen=True, slots=True)
class Gamma:
    """What is believed of the weekly level of items, each of shape (n_items,).

    Attributes
    ----------
    shape, rate : ndarray
        Of a gamma distribution: mean ``shape / rate`` units/week, ``rate`` weeks of evidence.
    dispersion : ndarray
        Variance of a week's sales over their mean, given the level; 1 = Poisson.
    """

    shape: Array
    rate: Array
    dispersion: Array

    @property
    def mean(self) -> Array:
        """Return the level to expect, units/week."""
        return np.asarray(self.shape / self.rate)

    @property
    def sd(self) -> Array:
        """Return the sd of the level, units/week."""
        return np.asarray(np.sqrt(self.shape) / self.rate)

    def updated(self, units: ArrayLike, exposure: ArrayLike) -> "Gamma":
        """Return the belief after sales.

        Parameters
        ----------
        units : array_like, shape (n_items,)
            Sold.
        exposure : array_like, shape (n_items,)
            Weeks that they took, each counted by its season, launch factor and share in stock.

        Notes
        -----
        Gamma-Poisson: ``shape + u``, ``rate + e`` (Gelman et al. 2013, section 2.6). Sales with
        variance ``d`` times their mean say ``1/d`` as much: ``shape + u/d``, ``rate + e/d``.

        Examples
        --------
        >>> after = gamma(20.0, 5.0).updated([10.0], [5.0])
        >>> after.mean.tolist(), after.rate.tolist()
        ([3.0], [10.0])
        """
        u, e = np.asarray(units, dtype=np.float64), np.asarray(exposure, dtype=np.float64)
        d = self.dispersion
        return Gamma(self.shape + u / d, self.rate + e / d, d)

    def sales(self, exposure: ArrayLike) -> tuple[Array, Array]:
        """Return mean and sd of sales over an exposure, negative binomial.

        Parameters
        ----------
        exposure : array_like, shape (n_items, ...)
            Weeks, each counted by its season and launch factor.

        Notes
        -----
        ``mean = e s/r``; ``variance = d mean + mean²/s``: over several weeks the level is the same
        unknown, so its part of the variance grows with the square.

        Examples
        --------
        >>> mean, sd = gamma(20.0, 5.0).sales([[1.0, 10.0]])
        >>> mean.tolist(), (sd**2).round(9).tolist()
        ([[4.0, 40.0]], [[4.8, 120.0]])
        """
        e = np.asarray(exposure, dtype=np.float64)
        wide = (slice(None), *[None] * (e.ndim - 1))
        mean = e * self.mean[wide]
        variance = self.dispersion[wide] * mean + mean**2 / self.shape[wide]
        return np.asarray(mean), np.asarray(np.sqrt(variance))


def gamma(shape: ArrayLike, rate: ArrayLike, dispersion: ArrayLike = 1.0) -> Gamma:
    """Return a belief; the arguments broadcast to shape (n_items,)."""
    parts = (
        np.atleast_1d(np.asarray(part, dtype=np.float64)) for part in (shape, rate, dispersion)
    )
    return Gamma(*np.broadcast_arrays(*parts))


@dataclass(frozen=True, slots=True)
class Launches:
    """The demand to expect of new items.

    Attributes
    ----------
    weeks : ndarray of datetime64[D], shape (n_weeks,)
        Mondays ahead.
    mean, sd, cumulative_mean, cumulative_sd : ndarray, shape (n_plans, n_weeks)
        Units, as in `ForecastResult`; 0 before the launch.
    table : DataFrame
        One row per plan, in its order: ``sku``, ``market``, ``group``, ``source`` of the level
        (``stated``, ``like``, ``category``, ``market``, ``account``, ``nothing``), ``like_sku``,
        ``borrowed`` (units/week, multiplied), ``strength`` (weeks of evidence that it counts as),
        ``units_seen``, ``weeks_seen``, ``exposure_seen`` (since the launch), ``level``,
        ``level_sd`` (units/week now), ``own_share`` (0 to 1: of the evidence, what its own sales
        are), ``dispersion``, ``is_ended`` (``until`` is over: the item's own forecast holds).
    curve : Curve
        The launch curve that was used.
    """

    weeks: NDArray[np.datetime64]
    mean: Array
    sd: Array
    cumulative_mean: Array
    cumulative_sd: Array
    table: pd.DataFrame
    curve: Curve


def launches(
    panel: pd.DataFrame,
    plans: pd.DataFrame,
    *,
    weeks: NDArray[np.datetime64],
    season: pd.DataFrame | None = None,
    curve: Curve | None = None,
) -> Launches:
    """Return what new items will sell.

    Parameters
    ----------
    panel : DataFrame
        As `analytics.forecasting.forecast` takes it: the items to borrow from, and what the new
        ones have sold so far.
    plans : DataFrame
        One row per new item: ``sku``, ``market``; optionally ``group``, ``starts_on`` (none = its
        first sale, else the first week ahead), ``like_sku`` (in the same market, else anywhere),
        ``multiplier`` (1), ``until`` (day up to which the level is borrowed; none = for ever),
        ``units_per_week`` (the mature level in the user's own word; it goes before all others).
    weeks : ndarray of datetime64, shape (n_weeks,)
        Mondays to forecast, without gaps.
    season : DataFrame, optional
        ``market``, ``group``, ``week_of_year`` (1 to 52), ``factor``; the rows with an empty group
        are the market's, with an empty market the account's. None = no season.
    curve : Curve, optional
        Share of the mature level in each week since the launch; none = mature from the start.

    Notes
    -----
    Level: gamma prior with the borrowed mean and a shape of 3 (like item), 4 (stated) or that of
    the category's items (``1/cv²``, 0.5 to 10; at least 5 of them, else the market's, else the
    account's), updated by `Gamma.updated` with the item's own sales, each week counted by season,
    launch factor and share in stock. What is not known is carried by the spread.
    """
    known = levels(panel, season)
    asked = _asked(plans, panel, weeks)
    prior, evidence = _priors(asked, known)
    shape_of_curve = curve or flat_curve()
    units, seen, exposure = _seen(panel, asked, season, shape_of_curve)
    posterior = prior.updated(units, exposure)
    ahead = _exposure(asked, weeks, season, shape_of_curve) * _on_sale(asked, weeks)
    mean, sd = posterior.sales(ahead)
    total, total_sd = posterior.sales(ahead.cumsum(axis=1))
    ended = asked["until"].notna() & (asked["until"].to_numpy() < weeks[:1].astype("M8[us]"))
    table = asked[["sku", "market", "group"]].assign(
        **evidence,
        strength=prior.rate,
        units_seen=units,
        weeks_seen=seen,
        exposure_seen=exposure,
        level=posterior.mean,
        level_sd=posterior.sd,
        own_share=1 - prior.rate / posterior.rate,
        dispersion=prior.dispersion,
        is_ended=ended.to_numpy(dtype=bool),
    )
    return Launches(weeks, mean, sd, total, total_sd, table, shape_of_curve)


_DEFAULTS: Mapping[str, Any] = {
    "group": "",
    "starts_on": pd.NaT,
    "like_sku": "",
    "multiplier": 1.0,
    "until": pd.NaT,
    "units_per_week": np.nan,
}


def _asked(plans: pd.DataFrame, panel: pd.DataFrame, weeks: NDArray[np.datetime64]) -> pd.DataFrame:
    asked = plans.reset_index(drop=True)
    for name, usual in _DEFAULTS.items():
        if name not in asked:
            asked[name] = usual
    texts = {name: asked[name].fillna("") for name in ("group", "like_sku")}
    days = {name: pd.to_datetime(asked[name]).astype("M8[us]") for name in ("starts_on", "until")}
    asked = asked.assign(**texts, **days, multiplier=asked["multiplier"].fillna(1.0).clip(lower=0))
    sold = panel[panel["units"] > 0].groupby(["sku", "market"])["week"].min()
    first = sold.reindex(pd.MultiIndex.from_frame(asked[["sku", "market"]])).to_numpy("M8[us]")
    start = asked["starts_on"].to_numpy(dtype="M8[us]").copy()
    start = np.where(np.isnat(start), first, start)
    start = np.where(np.isnat(start), weeks[:1].astype("M8[us]"), start)
    return asked.assign(starts_on=start)


def _priors(asked: pd.DataFrame, known: Levels) -> tuple[Gamma, dict[str, list[Any]]]:
    rows = [_prior(plan, known) for plan in asked.to_dict("records")]
    names = ("borrowed", "shape", "dispersion", "source", "like_sku")
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    mean = np.maximum(np.array(columns["borrowed"], dtype=np.float64), 1e-6)
    shape = np.array(columns.pop("shape"), dtype=np.float64)
    dispersion = np.clip(np.array(columns.pop("dispersion"), dtype=np.float64), *_DISPERSION)
    return Gamma(shape, shape / mean, dispersion), columns


def _prior(plan: Mapping[Any, Any], known: Levels) -> tuple[float, float, float, str, str]:
    """Return level, shape, dispersion, source and like item of one plan."""
    like = known.like(plan["like_sku"], plan["market"]) if plan["like_sku"] else None
    pool, source = known.pool(plan["group"], plan["market"], least=_LEAST_LEVELS)
    noise = known.dispersion(pool)
    if not np.isnan(plan["units_per_week"]):
        return float(plan["units_per_week"]) * plan["multiplier"], STATED_SHAPE, noise, "stated", ""
    if like is not None:
        level, own_noise = like
        return level * plan["multiplier"], LIKE_SHAPE, own_noise, "like", plan["like_sku"]
    level, cv = known.spread(pool)
    shape = float(np.clip(1 / max(cv, 1e-6) ** 2, *_SHAPES))
    return level * plan["multiplier"], shape, noise, source, ""


def _launch_week(asked: pd.DataFrame) -> NDArray[np.datetime64]:
    day = asked["starts_on"].to_numpy(dtype="M8[D]")
    return np.asarray(day - (day.astype(np.int64) + 3) % 7 * np.timedelta64(1, "D"))


def _exposure(
    asked: pd.DataFrame,
    weeks: NDArray[np.datetime64],
    season: pd.DataFrame | None,
    curve: Curve,
) -> Array:
    """Return what each whole week counts, shape (n_plans, n_weeks); 0 before the launch's."""
    monday = weeks.astype("M8[D]")
    factor = factors_of(asked, season)[:, week_of_year(monday)]
    since = (monday - _launch_week(asked)[:, None]) // _WEEK
    return np.asarray(factor * curve.at(since) * (since >= 0))


def _on_sale(asked: pd.DataFrame, weeks: NDArray[np.datetime64]) -> Array:
    """Return the share of each week from the day of launch on, shape (n_plans, n_weeks)."""
    day = asked["starts_on"].to_numpy(dtype="M8[D]")[:, None]
    gone = np.clip((day - weeks.astype("M8[D]")).astype(np.int64), 0, 7)
    return np.asarray(1 - gone / 7)


def _seen(
    panel: pd.DataFrame, asked: pd.DataFrame, season: pd.DataFrame | None, curve: Curve
) -> tuple[Array, NDArray[np.int64], Array]:
    """Return units, weeks and exposure of each plan's own sales since its launch."""
    data = matrix(panel)
    place = pd.MultiIndex.from_frame(data.items[["sku", "market"]].astype(object))
    row = place.get_indexer(pd.MultiIndex.from_frame(asked[["sku", "market"]].astype(object)))
    if not len(data.weeks):
        return np.zeros(len(row)), np.zeros(len(row), dtype=np.int64), np.zeros(len(row))
    # the weight of the launch week is its share since the start already
    counts = _exposure(asked, data.weeks, season, curve) * data.weight[row] * (row >= 0)[:, None]
    units = np.where(counts > 0, data.units[row] * data.weight[row], 0.0)
    return units.sum(axis=1), (counts > 0).sum(axis=1), counts.sum(axis=1)
