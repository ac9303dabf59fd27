"""The tier that stands for each item, with what it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.schema import Tier
from analytics.tiers.rules import RECENT, Review, last_in_stock, review, settled
from analytics.tiers.segments import (
    Texts,
    Value,
    abc,
    demand_class,
    demand_intervals,
    value_of_sales,
)
from analytics.tiers.standstill import Stock, status
from analytics.tiers.thresholds import Thresholds

Array = NDArray[np.float64]
Rows = slice | NDArray[np.int64]
REVIEW_WEEKS = 4  # between two reviews
EVIDENCE = (
    "stated",
    "held",
    "trial_age",
    "trial_weeks",
    "seasonal_peak",
    "seasonal_strength",
    "bestseller",
    "regular",
    "regular_hot",
    "regular_gaps",
)
_SAID = ("new_days", "new_weeks", "peak_weeks", "slow_days")  # thresholds that reasons name
_YEAR = 52
_AHEAD = 17  # weeks before a season in which its stock stands on purpose
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class Shop:
    """What a shop's items did, week by week.

    Attributes
    ----------
    weeks : ndarray of datetime64[D], shape (n_weeks,)
        Mondays; the last week holds the day of the review.
    units : ndarray, shape (n_items, n_weeks)
        Demand; NaN = not in stock or not observed.
    sold : ndarray, shape (n_items, n_weeks)
        Units as in the files.
    first_day : ndarray of datetime64[D], shape (n_items,)
        When an item could first be bought; NaT = earlier than anyone knows.
    per_unit : mapping of str to ndarray of shape (n_items,)
        Code and value per unit of each measure of value, the best first; NaN = unknown.
    season, uplift : ndarray, shape (n_items, n_weeks), optional
        Factors of the season and of events in the demand, 1 = usual.
    """

    weeks: NDArray[np.datetime64]
    units: Array
    sold: Array
    first_day: NDArray[np.datetime64]
    per_unit: Mapping[str, Array]
    season: Array | None = None
    uplift: Array | None = None


@dataclass(frozen=True, slots=True)
class _Look:
    """One review, and what it saw."""

    review: Review
    value: Value
    age_days: Array


def tiers(
    items: pd.DataFrame,
    shop: Shop,
    as_of: date,
    *,
    stock: Stock | None = None,
    thresholds: Thresholds | None = None,
) -> pd.DataFrame:
    """Return every item's tier, and why.

    Parameters
    ----------
    items : DataFrame
        ``sku``, ``market``; optionally ``tier``: what a person said, which always counts.
    shop : Shop
        What the items did; rows as in ``items``.
    as_of : date
        The day of the review.
    stock : Stock, optional
        What stands there; none = no status.
    thresholds : Thresholds, optional
        Where one tier ends and the next begins.

    Returns
    -------
    DataFrame
        One row per item: ``sku``, ``market``, ``tier``, ``evidence`` (one of `EVIDENCE`),
        ``proposed`` (by the newest review alone) and ``proposed_evidence`` (its own reason, never
        ``stated`` or ``held``), ``status`` (one of `STATUSES`), and the facts:
        ``abc``, ``basis`` (code of the measure of value, or ``units``), ``value`` (earned in 13
        weeks), ``value_share`` (0 to 1), ``is_value_known``, ``xyz``, ``variation``,
        ``demand_class``, ``weeks_in_stock``, ``weeks_sold`` (of the last 13 in stock),
        ``age_days``, ``peak_share`` (0 to 1), ``peak_on`` (day on which the next season starts),
        ``years``, ``units_year``, ``strength`` (0 to 1), and the thresholds that the reasons name
        (``new_days``, ``new_weeks``, ``peak_weeks``, ``slow_days``).

    Notes
    -----
    Reviews are four weeks apart; the two before the newest are worked out from what was known then,
    so that a tier depends on the data and not on when anyone looked.
    """
    limits = thresholds or Thresholds()
    look = _look(shop, as_of, 0, limits)
    now = look.review
    stands = _stands(shop, as_of, now.tier, limits)
    said = _said(items)
    tier = np.where(said != "", said, stands).astype(object)
    evidence = np.where(stands == now.tier, now.evidence, "held")
    return pd.DataFrame(
        {
            "sku": items["sku"].to_numpy(),
            "market": items["market"].to_numpy(),
            "tier": tier,
            "evidence": np.where(said != "", "stated", evidence).astype(object),
            "proposed": now.tier,
            "proposed_evidence": now.evidence,
            "status": _status(shop, look, stock, tier, limits),
            **_facts(shop, look),
            **{name: getattr(limits, name) for name in _SAID},
        }
    )


def _stands(shop: Shop, day: date, now: Texts, limits: Thresholds) -> Texts:
    """Return the tier that stands; the oldest review is asked only where the newer two differ."""
    last = _look(shop, day, REVIEW_WEEKS, limits).review.tier
    before = last.copy()
    rows = np.flatnonzero(now != last)
    if len(rows):
        before[rows] = _look(shop, day, 2 * REVIEW_WEEKS, limits, rows).review.tier
    return settled(np.column_stack([now, last, before]))


def _look(
    shop: Shop, day: date, weeks_ago: int, limits: Thresholds, rows: Rows = slice(None)
) -> _Look:
    """Return the review of some weeks ago, of some items, from what was known then."""
    until = max(shop.units.shape[1] - weeks_ago, 0)
    sold = shop.sold[:, max(until - RECENT, 0) : until].sum(axis=1)
    value = value_of_sales(sold, tuple(shop.per_unit.items()))
    classes = abc(value.amount, limits.class_a_pct, limits.class_b_pct)
    then = pd.Timestamp(day - timedelta(weeks=weeks_ago))
    age = (then - pd.Series(shop.first_day)).dt.days.to_numpy(dtype=np.float64)
    found = review(
        shop.units[rows, :until],
        classes[rows],
        age[rows],
        season=None if shop.season is None else shop.season[rows, :until],
        uplift=None if shop.uplift is None else shop.uplift[rows, :until],
        thresholds=limits,
    )
    return _Look(found, value, age)


def _said(items: pd.DataFrame) -> Texts:
    """Return the tier that a person gave each item; empty = none."""
    if "tier" not in items:
        return np.full(len(items), "", dtype=object)
    words = items["tier"].astype(object)
    return np.where(words.isin([tier.value for tier in Tier]), words, "").astype(object)


def _status(shop: Shop, look: _Look, stock: Stock | None, tier: Texts, limits: Thresholds) -> Texts:
    if stock is None:
        return np.full(len(tier), "none", dtype=object)
    ahead = _YEAR - look.review.season.weeks_ago
    units, _ = last_in_stock(shop.units)
    return status(
        stock, units, look.age_days, tier,
        before_season=ahead <= _AHEAD, thresholds=limits,
    )  # fmt: skip


def _facts(shop: Shop, look: _Look) -> dict[str, object]:
    found, value = look.review, look.value
    interval, variation = demand_intervals(shop.units[:, -_YEAR:])
    total = float(np.maximum(value.amount, 0.0).sum())
    return {
        "abc": found.abc,
        "basis": value.basis,
        "value": value.amount,
        "value_share": value.amount / total if total > 0 else np.zeros(len(value.amount)),
        "is_value_known": value.is_known,
        "xyz": found.xyz,
        "variation": found.variation,
        "demand_class": demand_class(interval, variation),
        "weeks_in_stock": found.weeks_in_stock,
        "weeks_sold": found.weeks_sold,
        "age_days": look.age_days,
        "peak_share": found.season.share,
        "peak_on": _next_peak(shop, look),
        "years": found.season.years,
        "units_year": found.season.units,
        "strength": found.strength,
    }


def _next_peak(shop: Shop, look: _Look) -> NDArray[np.datetime64]:
    """Return the Monday on which the best weeks of the year come round again."""
    ago = look.review.season.weeks_ago
    known = ~np.isnan(ago)
    ahead = (_YEAR + 1 - np.where(known, ago, 0)).astype(np.int64)
    last = shop.weeks[-1].astype("M8[D]") if len(shop.weeks) else np.datetime64("NaT", "D")
    return np.where(known, last + ahead * 7 * _DAY, np.datetime64("NaT", "D")).astype("M8[us]")
