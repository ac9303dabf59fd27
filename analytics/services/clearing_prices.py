"""How demand answered to the prices that buyers paid, promotions among them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from analytics import clearance
from analytics.clearance import elasticity
from analytics.demand.movements import Movements
from analytics.demand.reading import day_numbers
from analytics.forecasting.matrix import week_of_year
from analytics.services.memory import Recent
from analytics.services.planning import Basis
from analytics.services.prospects import Outlook
from analytics.store import Store

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
_LOOK = 104  # weeks
_USUAL = 6  # weeks on either side whose median price is the usual one
_NEAR = 4  # weeks on either side that tell how fast an item sells at it
_SAME = 7  # days from a sale for which its price is taken to hold
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Answers:
    """What prices taught; shape (n_items,) each.

    Attributes
    ----------
    value : ndarray
        % more units per % less price, of the item's category.
    changes : ndarray of int
        Price changes of the category behind it.
    is_learnt : ndarray of bool
        Whether they say enough; where they do not the default is to be used.
    """

    value: Array
    changes: Ints
    is_learnt: Flags

    @property
    def nbytes(self) -> int:
        """Return about how much memory it holds."""
        return self.value.nbytes + self.changes.nbytes + self.is_learnt.nbytes


_RECENT: Recent[Answers] = Recent(2**22)


def answers(store: Store, basis: Basis) -> Answers:
    """Return what every change of price in the last two years taught, category by category.

    Notes
    -----
    A price is compared with the median of the weeks around it, and what sold on a day with what
    would have sold at the usual price: the speed of the weeks around it on days at the usual price,
    by the forecast's season and the day of the week. Days without stock, days of market-wide events
    and single freak orders teach nothing. What is left is `elasticity.learnt`.
    """
    key = (store.version, basis.outlook.as_of)
    return _RECENT.answer(key, lambda: learnt(basis.outlook))


def learnt(seen: Outlook) -> Answers:
    """Return what prices taught by some day; see `answers`."""
    group, names = pd.factorize(seen.items["category"].astype(str))
    sold, price = _sold(seen), _paid(seen)
    if price is None:
        nothing = np.zeros(len(group))
        return Answers(nothing + clearance.ELASTICITY, nothing.astype(np.int64), nothing > 0)
    shift = np.log(_held(price) / np.repeat(_usual(price), _WEEK, axis=1)[:, : price.shape[1]])
    base = _base(seen, sold, shift)
    found = elasticity.learnt(
        sold, base, shift, group, len(names), prior=float(clearance.ELASTICITY)
    )
    return Answers(found.value[group], found.changes[group], found.is_learnt[group])


def _first(seen: Outlook) -> int:
    """Return the Monday from which days count, as `ObservedDays` counts them."""
    return max(0, len(seen.days.weeks) - _LOOK) * _WEEK


def _dense(moved: Movements, seen: Outlook, empty: float = 0.0) -> Array:
    low = _first(seen)
    days = seen.days.covered.shape[1] - low
    return moved.since(low).dense(np.arange(len(seen.items)), days, empty)


def _sold(seen: Outlook) -> Array:
    freaks = _dense(seen.days.freaks.movements, seen)
    return np.asarray(np.maximum(_dense(seen.days.sales, seen) - freaks, 0.0))


def _paid(seen: Outlook) -> Array | None:
    """Return the mean price by item and day; NaN = nothing sold, or no price is told."""
    if "paid" not in seen.days.extras:
        return None
    paid, units = (_dense(seen.days.extras[name], seen) for name in ("paid", "priced"))
    is_told = (units > 0) & (paid > 0)
    return np.where(is_told, paid / np.where(is_told, units, 1.0), np.nan)


def _held(price: Array, reach: int = _SAME) -> Array:
    """Return prices in which days without a sale have that of the nearest one, if it is near."""
    at = np.arange(price.shape[1])
    known = ~np.isnan(price)
    far = 10 * price.shape[1] + reach
    before = np.maximum.accumulate(np.where(known, at, -far), axis=1)
    after = np.minimum.accumulate(np.where(known, at, far)[:, ::-1], axis=1)[:, ::-1]
    nearest = np.where(at - before <= after - at, before, after)
    gap = np.abs(nearest - at)
    near = np.take_along_axis(price, np.clip(nearest, 0, len(at) - 1), axis=1)
    return np.where(gap <= reach, near, np.nan)


def _by_week(daily: Array) -> Array:
    """Return sums by week, shape (n_items, n_weeks); the last one may be short."""
    return np.add.reduceat(daily, np.arange(0, daily.shape[1], _WEEK), axis=1)


def _usual(price: Array) -> Array:
    """Return the median price of the weeks around each, shape (n_items, n_weeks)."""
    known = ~np.isnan(price)
    total, count = _by_week(np.nan_to_num(price)), _by_week(known.astype(np.float64))
    weekly = np.where(count > 0, total / np.where(count > 0, count, 1.0), np.nan)
    filled = _held(weekly, reach=weekly.shape[1])
    wide = np.pad(filled, ((0, 0), (_USUAL, _USUAL)), mode="edge")
    return np.asarray(np.median(sliding_window_view(wide, 2 * _USUAL + 1, axis=1), axis=2))


def _base(seen: Outlook, sold: Array, shift: Array) -> Array:
    """Return what would have sold at the usual price; NaN where a day teaches nothing."""
    days, low = seen.days, _first(seen)
    n_days = sold.shape[1]
    at = np.arange(n_days)
    expected = _season(seen)[:, at // _WEEK] * days.shares[days.market][:, at % _WEEK]
    is_there = _dense(days.missing, seen, 1.0) > 0
    tells = days.covered[days.reach, low:] & is_there & (low + at >= days.start[:, None])
    tells &= ~_events(seen, low, n_days)
    is_usual = tells & (np.abs(np.nan_to_num(shift)) < -np.log1p(-elasticity.SHIFT))
    some, usual = (_around(np.where(is_usual, part, 0.0)) for part in (sold, expected))
    level = np.where(usual >= 1, some / np.maximum(usual, 1.0), np.nan)
    return np.where(tells, level[:, at // _WEEK] * expected, np.nan)


def _around(daily: Array) -> Array:
    """Return sums of the weeks around each, shape (n_items, n_weeks)."""
    wide = np.pad(_by_week(daily), ((0, 0), (_NEAR, _NEAR)))
    return np.asarray(sliding_window_view(wide, 2 * _NEAR + 1, axis=1).sum(axis=2))


def _season(seen: Outlook) -> Array:
    """Return the forecast's season, shape (n_items, n_weeks)."""
    known = seen.background.seasons
    belief = seen.forecast.items["season_strength"].to_numpy(dtype=np.float64)
    log_season = known.log_profile[known.pools.of_item] * np.nan_to_num(belief)[:, None]
    weeks = seen.days.weeks[_first(seen) // _WEEK :]
    return np.asarray(np.exp(log_season)[:, week_of_year(weeks)])


def _events(seen: Outlook, low: int, n_days: int) -> Flags:
    """Return the days of events that are not of single items: prices fall on them everywhere."""
    found = np.zeros((len(seen.items), n_days), dtype=np.bool_)
    told = seen.events
    told = told.loc[(told["side"] == "demand") & (told["sku"] == "")]
    market, group = (seen.items[name].astype(str).to_numpy() for name in ("market", "category"))
    begins, ends = (day_numbers(told[name], seen.days.first) - low for name in
                    ("starts_on", "ends_on"))  # fmt: skip
    near = (ends >= 0) & (begins < n_days)
    rows = zip(told["market"][near], told["group"][near], begins[near], ends[near], strict=True)
    for where, kind, start, end in rows:
        own = ((market == where) | (where == "")) & ((group == kind) | (kind == ""))
        found[own, max(start, 0) : end + 1] = True
    return found
