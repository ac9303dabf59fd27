"""The rules, in order, and the second look that a change must stand."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.schema import Tier
from analytics.tiers.seasonality import YEAR, Peak, best_share, peak, seasonal_strength
from analytics.tiers.segments import Texts, weekly_variation, xyz
from analytics.tiers.thresholds import Thresholds

Array = NDArray[np.float64]
RECENT = 13  # in-stock weeks that say whether an item still sells


@dataclass(frozen=True, slots=True)
class Review:
    """What one look at the shop found; shape (n_items,) each.

    Attributes
    ----------
    tier, evidence : ndarray of str
        By the rules alone, and the code of the rule.
    abc, xyz : ndarray of str
        Classes by value and by steadiness.
    variation : ndarray
        Weekly coefficient of variation without season and events; NaN = nothing known.
    weeks_in_stock, weeks_sold : ndarray
        All that are known, and those of the last 13 in which something sold.
    strength : ndarray
        Of the season, 0 to 1; 0 where its best weeks hold too little to matter.
    season : Peak
        The best weeks of the year.
    """

    tier: Texts
    evidence: Texts
    abc: Texts
    xyz: Texts
    variation: Array
    weeks_in_stock: Array
    weeks_sold: Array
    strength: Array
    season: Peak


def review(
    units: Array,
    classes: Texts,
    age_days: Array,
    *,
    season: Array | None = None,
    uplift: Array | None = None,
    thresholds: Thresholds | None = None,
) -> Review:
    """Return the tier that the rules give each item: the first that fits.

    Parameters
    ----------
    units : ndarray, shape (n_items, n_weeks)
        Demand by week; NaN = not in stock or not observed.
    classes : ndarray of str, shape (n_items,)
        Class by value, see `abc`.
    age_days : ndarray, shape (n_items,)
        Days since it could first be bought; NaN = longer than anyone knows.
    season, uplift : ndarray, shape (n_items, n_weeks), optional
        Factors of the season and of events in the demand, 1 = usual.
    thresholds : Thresholds, optional
        Where one tier ends and the next begins.

    Notes
    -----
    1. trial: younger than 90 days, or fewer than 8 weeks in stock (``trial_age``, ``trial_weeks``).
    2. seasonal: a year or more, at least 60 units a year, and the best 8 weeks hold 40 % of them at
       the same time of each year (``seasonal_peak``); or two years, and a strong season whose best
       weeks hold 25 % (``seasonal_strength``).
    3. bestseller: A, and X, or Y with a variation of at most 0.7, sold in 11 of the last 13 weeks
       in stock (``bestseller``).
    4. regular: the rest (``regular``); A and volatile is ``regular_hot``: not yet to be chased; A
       and steady with gaps is ``regular_gaps``.
    """
    limits = thresholds or Thresholds()
    lately = slice(max(units.shape[1] - YEAR, 0), None)
    variation = weekly_variation(_without(units[:, lately], lately, season, uplift))
    known = ~np.isnan(units)
    found = Review(
        tier=np.full(len(units), "", dtype=object),
        evidence=np.full(len(units), "", dtype=object),
        abc=classes,
        xyz=xyz(variation, limits.class_x, limits.class_y),
        variation=variation,
        weeks_in_stock=known.sum(axis=1).astype(np.float64),
        weeks_sold=last_in_stock(units)[1],
        strength=_strength(units, season, uplift, limits),
        season=peak(units, limits.peak_weeks),
    )
    return _ruled(found, units, age_days, limits)


def last_in_stock(units: Array, weeks: int = RECENT) -> tuple[Array, Array]:
    """Return units sold in the last weeks in stock, and in how many of them anything sold.

    Parameters
    ----------
    units : ndarray, shape (n_items, n_weeks)
        Units by week; NaN = not in stock.
    weeks : int
        Weeks in stock to look back on, however long ago they were.

    Returns
    -------
    total, sold : ndarray, shape (n_items,)
        Units, and weeks.
    """
    known = ~np.isnan(units)
    place = known[:, ::-1].cumsum(axis=1, dtype=np.int32)[:, ::-1]
    kept = np.where(known & (place <= weeks), units, 0.0)
    return kept.sum(axis=1), (kept > 0).sum(axis=1).astype(np.float64)


def _ruled(found: Review, units: Array, age: Array, limits: Thresholds) -> Review:
    """Fill in tier and evidence."""
    young = age < limits.new_days
    few = found.weeks_in_stock < limits.new_weeks
    history = _history(units)
    best = found.season
    peaked = (
        (history >= YEAR)
        & (best.units >= limits.peak_units)
        & (best.share >= limits.peak_share_pct / 100)
    )
    strong = (
        (history >= 2 * YEAR)
        & (best.units >= limits.peak_units)
        & (found.strength >= limits.strength)
    )
    is_a = found.abc == "A"
    steady = found.variation <= max(limits.class_x, limits.steady)
    sells = found.weeks_sold >= limits.sold_weeks
    cases = [
        (young, Tier.TRIAL, "trial_age"),
        (few, Tier.TRIAL, "trial_weeks"),
        (peaked, Tier.SEASONAL, "seasonal_peak"),
        (strong, Tier.SEASONAL, "seasonal_strength"),
        (is_a & steady & sells, Tier.BESTSELLER, "bestseller"),
        (is_a & ~steady, Tier.REGULAR, "regular_hot"),
        (is_a, Tier.REGULAR, "regular_gaps"),
    ]
    fits = [case for case, _, _ in cases]
    found.tier[:] = np.select(fits, [tier.value for _, tier, _ in cases], Tier.REGULAR.value)
    found.evidence[:] = np.select(fits, [code for _, _, code in cases], "regular")
    return found


def _history(units: Array) -> Array:
    """Return the weeks from an item's first known week to the last."""
    n_weeks = units.shape[1]
    known = ~np.isnan(units)
    if not n_weeks:
        return np.zeros(len(units))
    return np.where(known.any(axis=1), n_weeks - known.argmax(axis=1), 0).astype(np.float64)


def _without(units: Array, weeks: slice, *factors: Array | None) -> Array:
    """Return the units of some weeks without the factors that are in them."""
    for factor in factors:
        if factor is not None:
            units = units / factor[:, weeks]
    return units


def _strength(
    units: Array, season: Array | None, uplift: Array | None, limits: Thresholds
) -> Array:
    """Return the strength of each season whose best weeks hold enough to matter; else 0."""
    out = np.zeros(len(units))
    if season is None:
        return out
    most = best_share(season[:, -YEAR:], limits.peak_weeks)
    rows = np.flatnonzero(most >= limits.strength_share_pct / 100)
    plain = units[rows] if uplift is None else units[rows] / uplift[rows]
    out[rows] = seasonal_strength(plain, season[rows])
    return out


def settled(reviews: NDArray[np.object_]) -> Texts:
    """Return the tier that stands: a change counts when a second review finds it, too.

    Parameters
    ----------
    reviews : ndarray of str, shape (n_items, n_reviews)
        What up to three reviews found, the newest first.

    Returns
    -------
    ndarray of str, shape (n_items,)
        Leaving ``trial`` needs no second look: age does not waver.

    Examples
    --------
    >>> found = [["regular", "bestseller", "bestseller"], ["regular", "regular", "bestseller"],
    ...          ["regular", "trial", "trial"]]
    >>> settled(np.array(found, dtype=object)).tolist()
    ['bestseller', 'regular', 'regular']
    """
    if reviews.shape[1] == 1:
        return np.asarray(reviews[:, 0])
    now, last, before = reviews[:, 0], reviews[:, 1], reviews[:, min(2, reviews.shape[1] - 1)]
    last = np.where(last == Tier.TRIAL, now, last)
    before = np.where(before == Tier.TRIAL, last, before)
    agreed = np.where(last == before, last, before)
    return np.where((now == last) | (now == before), now, agreed).astype(object)
