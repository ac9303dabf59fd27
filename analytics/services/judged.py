"""The forecast as people judged it: pinned methods, borrowed levels, overrides."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.forecasting import ForecastResult, Seasons
from analytics.forecasting.cases import Outlook
from analytics.forecasting.curves import launch_curve
from analytics.forecasting.newcomers import launches
from analytics.forecasting.overrides import apply_overrides
from analytics.services import judgements
from analytics.services.outlooks import FIGURES, begun
from analytics.store import Store

Array = NDArray[np.float64]
SOURCES = ("numbers", "pin", "launch", "override")  # whose word a forecast is, the last one said
_PATIENCE = 8  # weeks on sale without a single one, after which nobody wants it
_YOUNG = 26  # weeks of sales up to which a named predecessor lends its level


@dataclass(frozen=True, slots=True)
class Judged:
    """A forecast, and what of it is somebody's judgement.

    Attributes
    ----------
    forecast : ForecastResult
        With everything that was judged.
    source : ndarray of str, shape (n_items,)
        One of `SOURCES`.
    launched : DataFrame
        Where the levels of new items are from, see `forecasting.newcomers.Launches.table`.
    """

    forecast: ForecastResult
    source: NDArray[np.object_]
    launched: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Known:
    """What judgements are put on.

    Attributes
    ----------
    numbers : ForecastResult
        By the league alone, pinned methods included.
    panel, listed : DataFrame
        Demand by week, and what is planned; items as in ``numbers``.
    seasons : Seasons
        What new items borrow.
    as_of : date
        The plan's day; overrides hold from the day after.
    share : ndarray, shape (n_items,)
        Share of the first week that lies ahead.
    """

    numbers: ForecastResult
    panel: pd.DataFrame
    listed: pd.DataFrame
    seasons: Seasons
    as_of: date
    share: Array


def judged(store: Store, known: Known) -> Judged:
    """Return the forecast with what people judged better than the numbers."""
    numbers = known.numbers
    source = np.full(len(numbers.items), "numbers", dtype=object)
    if pinned := judgements.pins(store):
        items = zip(*(numbers.items[name] for name in ("sku", "market", "member")), strict=True)
        held = [pinned.get((sku, market), ("",))[0] == used for sku, market, used in items]
        source[np.array(held, dtype=bool)] = "pin"  # a method that failed left the league's
    found, launched = _launched(known, _plans(store, known), source)
    return Judged(_overridden(store, known, found, source), source, launched)


def _overridden(
    store: Store, known: Known, found: ForecastResult, source: NDArray[np.object_]
) -> ForecastResult:
    said = judgements.overrides(store)
    if said.empty:
        return found
    figures = (found.mean, found.sd, found.cumulative_mean, found.cumulative_sd)
    items = known.listed[["sku", "market"]].assign(group=known.listed["category"])
    tomorrow = known.as_of + timedelta(days=1)
    put = apply_overrides(figures, items, found.weeks, said, first_day=tomorrow)
    source[put.touched.any(axis=1)] = "override"
    return replace(
        found,
        mean=put.mean,
        sd=put.sd,
        cumulative_mean=put.cumulative_mean,
        cumulative_sd=put.cumulative_sd,
    )


def _plans(store: Store, known: Known) -> pd.DataFrame:
    """Return the launches that somebody planned, and those that a product list tells of.

    It names a predecessor, or a day of launch, and then the category lends its level. A product
    with half a year of sales speaks for itself, and so does one that nobody bought in eight weeks.
    """
    planned, listed = judgements.launches(store), known.listed
    weeks = known.panel["units"].notna().to_numpy().reshape(len(listed), -1).sum(axis=1)
    heirs = listed.loc[(listed["predecessor"] != "") & (weeks < _YOUNG)]
    said = _pairs(planned)
    named = heirs[["sku", "market"]].assign(
        like_sku=heirs["predecessor"], multiplier=1.0, starts_on=heirs["launched_on"]
    )
    patience = np.where(listed["first_sale"].isna(), _PATIENCE, _YOUNG)
    fresh = listed.loc[listed["launched_on"].notna() & (weeks < patience)]
    coming = fresh[["sku", "market"]].assign(multiplier=1.0, starts_on=fresh["launched_on"])
    coming = coming.loc[~_pairs(coming).isin(_pairs(named))]
    parts = [planned, *(part.loc[~_pairs(part).isin(said)] for part in (named, coming))]
    parts = [part for part in parts if len(part)]
    frame = pd.concat(parts, ignore_index=True) if parts else planned
    place = _pairs(listed).get_indexer(_pairs(frame))
    here = frame.loc[place >= 0]
    return here.assign(group=listed["category"].to_numpy(dtype=object)[place[place >= 0]])


def _pairs(frame: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame[["sku", "market"]].astype(object))


def _launched(
    known: Known, plans: pd.DataFrame, source: NDArray[np.object_]
) -> tuple[ForecastResult, pd.DataFrame]:
    numbers = known.numbers
    if plans.empty:
        return numbers, pd.DataFrame()
    season = season_table(known.seasons)
    curve = launch_curve(known.panel, season)
    found = launches(known.panel, plans, weeks=numbers.weeks, season=season, curve=curve)
    used = ~found.table["is_ended"].to_numpy(dtype=bool)
    rows = _pairs(numbers.items).get_indexer(_pairs(plans))[used]
    whole = Outlook(*(getattr(found, name)[used] for name in FIGURES))
    rest = begun(whole, known.share[rows])
    figures = {name: getattr(numbers, name).copy() for name in FIGURES}
    for name, values in figures.items():
        values[rows] = getattr(rest, name)
    source[rows] = "launch"
    return replace(numbers, **figures), found.table.loc[used].reset_index(drop=True)


def season_table(seasons: Seasons) -> pd.DataFrame:
    """Return the seasons as a table, as `forecasting.newcomers` reads it.

    Returns
    -------
    DataFrame
        ``market``, ``group`` (empty = wider), ``week_of_year`` (1 to 52), ``factor``.
    """
    frames = []
    for pool, profile in zip(seasons.pools.pools, seasons.log_profile, strict=True):
        _, market, group = (*pool.name.split(":", 2), "", "")[:3]
        columns = {
            "market": "" if market == "*" else market,
            "group": group,
            "week_of_year": np.arange(1, len(profile) + 1),
            "factor": np.exp(profile),
        }
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)
