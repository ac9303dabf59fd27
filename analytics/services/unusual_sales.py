"""Which sales of the last seven days are no chance, and which levels have drifted.

Weeks are counted back from the plan's day, so that each holds every weekday once. What a week
should have sold is told by the weeks before it alone: the stored forecast knows the week already.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analytics import alerts
from analytics.demand import ObservedDays
from analytics.demand.movements import Movements
from analytics.forecasting.matrix import week_of_year
from analytics.services import alert_causes
from analytics.services.alert_rules import Seen, rows_of
from analytics.services.prospects import Outlook
from analytics.services.supplies import short_if_more

Array = NDArray[np.float64]
WINDOWS = 60  # weeks that are looked back on
LEAST_UNITS = 3.0  # fewer above or below are nobody's business
_JUDGED = 52  # of them tell an item's spread
_RECENT = 4  # weeks that do not: what has just changed must not excuse itself
_DRIFT = 13  # weeks over which a level may drift
_LEAST_SHARE = 0.35  # of a week's demand that must fall on days in stock
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Weeks:
    """Each item's last weeks, the oldest first; shape (n_items, n_weeks) each.

    Attributes
    ----------
    sold : ndarray
        Units as in the files.
    freak : ndarray
        Units of single orders far beyond the usual among them.
    share : ndarray
        Share of a week's usual demand that fell on days in stock that files cover.
    lost : ndarray
        Share that fell on days without stock.
    expected : ndarray
        Units, by the weeks before; NaN = not to be told.
    ratio : ndarray, shape (n_items,)
        Variance over mean of a week's sales around what was expected.
    """

    sold: Array
    freak: Array
    share: Array
    lost: Array
    expected: Array
    ratio: Array

    def of(self, rows: NDArray[np.int64]) -> "Weeks":
        """Return the weeks of some items."""
        parts = (self.sold, self.freak, self.share, self.lost, self.expected, self.ratio)
        return Weeks(*(part[rows] for part in parts))


def weeks(outlook: Outlook) -> Weeks:
    """Return the last 60 weeks, and what was expected of each; see `weeks_of`.

    The season and the known events are those of the forecast's own background.
    """
    return weeks_of(outlook.days, _factors(outlook, _count(outlook.days)))


def weeks_of(days: ObservedDays, factor: ArrayLike = 1.0) -> Weeks:
    """Return the last 60 weeks of some days, and what was expected of each.

    Parameters
    ----------
    days : ObservedDays
        Sales by day, and what is known of the days without.
    factor : array_like, shape (n_items, n_weeks) or any that fits it
        Season and known events of each week; 1 = usual.

    Notes
    -----
    ``expected`` by `alerts.expected_before`. Spread: one-week-ahead errors of the 52 weeks before
    the last four, shrunk to the category's median by `alerts.dispersion`.
    """
    count = _count(days)
    share, lost = _shares(days, count)
    sold = _by_week(days.sales, days, count)
    told = np.where(share >= _LEAST_SHARE, share, 0.0)
    usual = np.broadcast_to(np.asarray(factor, dtype=np.float64), sold.shape)
    due = alerts.expected_before(sold, told, usual)
    past = slice(max(count - _RECENT - _JUDGED, 0), max(count - _RECENT, 0))
    mean, error = _mean(due[:, past]), _mean((sold[:, past] - due[:, past]) ** 2)
    first = days.covered.shape[1] - _WEEK * count
    selling = np.bincount(days.sales.item[days.sales.day >= first], minlength=len(sold))
    ratio = alerts.dispersion(
        np.nan_to_num(mean), np.nan_to_num(error), selling, days.items["group"].astype(str)
    )
    freak = _by_week(days.freaks.movements, days, count)
    return Weeks(sold, freak, share, lost, due, ratio)


def _count(days: ObservedDays) -> int:
    return min(WINDOWS, int(days.covered.shape[1]) // _WEEK)


def _mean(values: Array) -> Array:
    """Return the mean of what is known of each row; NaN where nothing is."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def _by_week(movements: Movements, days: ObservedDays, count: int) -> Array:
    first = days.covered.shape[1] - _WEEK * count
    here = movements.day >= first
    cell = movements.item[here] * count + (movements.day[here] - first) // _WEEK
    shape = (len(days.items), count)
    total = np.bincount(cell, weights=movements.units[here], minlength=shape[0] * shape[1])
    return np.asarray(total.reshape(shape), dtype=np.float64)


def _shares(days: ObservedDays, count: int) -> tuple[Array, Array]:
    """Return the share of each week in stock, and the share without.

    Of the newest week only counts of stock prove that there was none: an item that falls silent
    is the very thing to be told.
    """
    n_days = days.covered.shape[1]
    first, shape = n_days - _WEEK * count, (len(days.items), count, _WEEK)
    weekday = np.arange(first, n_days) % _WEEK
    on = days.covered[days.reach, first:] * days.shares[days.market][:, weekday]
    on[np.arange(first, n_days) < days.start[:, None]] = 0.0
    before = on.copy()
    silent, out = days.silences.days, days.out
    for item, day in (
        (out.item, out.day),
        (silent.item[silent.day < n_days - _WEEK], silent.day[silent.day < n_days - _WEEK]),
    ):
        on[item[day >= first], day[day >= first] - first] = 0.0
    share = on.reshape(shape).sum(axis=2)
    return np.minimum(share, 1.0), np.clip(before.reshape(shape).sum(axis=2) - share, 0.0, 1.0)


def _factors(outlook: Outlook, count: int) -> Array:
    """Return season and known events of each week counted back from the plan's day."""
    days, known = outlook.days, outlook.background
    log_season = known.seasons.log_profile[known.seasons.pools.of_item]
    belief = np.nan_to_num(outlook.forecast.items["season_strength"].to_numpy(dtype=np.float64))
    factor = np.exp(log_season * belief[:, None])[:, week_of_year(days.weeks)]
    if known.effects is not None:
        factor = factor * known.effects.history
    n_days = days.covered.shape[1]
    first = n_days - _WEEK * count
    monday = first // _WEEK + np.arange(count)
    later = np.minimum(monday + 1, factor.shape[1] - 1)
    part = (first % _WEEK) / _WEEK
    return np.asarray((1 - part) * factor[:, monday] + part * factor[:, later])


def found(seen: Seen, known: Weeks | None = None) -> pd.DataFrame:
    """Return every unusual sale of the last seven days and every drift, explained or not.

    Returns
    -------
    DataFrame
        Columns of `alert_rules.COLUMNS` and ``is_alarm``: not explained, and worth somebody's time.
        ``kind`` is ``sales_up``, ``sales_down`` or ``sales_drift``. ``money_per_day``: of low
        sales the contribution missed; of high ones what would run short before an order of today
        arrives if it goes on, at what a unit short costs, per day until then: what was gained
        waits for nobody. ``gain_per_day``: the contribution gained or missed.
    """
    told = weeks(seen.basis.outlook) if known is None else known
    if not told.sold.shape[1]:
        return rows_of(
            seen, np.empty(0, object), np.empty(0, np.int64), money=np.empty(0),
            units=np.empty(0), action=np.empty(0, object), facts=pd.DataFrame(),
        ).assign(is_alarm=pd.Series(dtype=bool), gain_per_day=pd.Series(dtype=float))  # fmt: skip
    direction = judged(told)
    is_drift = _unusual(told) == 0
    return _table(seen, told, np.flatnonzero(direction != 0), direction, is_drift=is_drift)


def judged(told: Weeks) -> NDArray[np.int64]:
    """Return whose last week is no chance, or whose level has drifted: 1 up, -1 down, 0 neither.

    What is off by less than three units is left alone: in a week, or in the mean of the last four.
    """
    week = _unusual(told)
    direction = np.where(week != 0, week, drifted(told))
    return np.where(_gap(told, week) >= LEAST_UNITS, direction, 0)


def _unusual(told: Weeks) -> NDArray[np.int64]:
    return alerts.unusual(told.sold[:, -1], told.expected[:, -1], told.ratio).direction


def _gap(told: Weeks, direction: NDArray[np.int64]) -> Array:
    """Return by how many units a week's sales are off: of a drift in the mean of four weeks."""
    off = told.sold - told.expected
    week, level = np.nan_to_num(off[:, -1]), np.nan_to_num(_mean(off[:, -_RECENT:]))
    return np.abs(np.where(direction != 0, week, level))


def drifted(told: Weeks) -> NDArray[np.int64]:
    """Return which levels crossed the line this week: 1 up, -1 down, 0 neither."""
    last = slice(-_DRIFT, None)
    found_ = np.zeros(len(told.sold), dtype=np.int64)
    for change, sign in ((alerts.UP, 1), (alerts.DOWN, -1)):
        total = alerts.drift(told.sold[:, last], told.expected[:, last], told.ratio, change)
        before = total[:, -2] if total.shape[1] > 1 else np.zeros(len(total))
        found_ = np.where((total[:, -1] >= alerts.DRIFT) & (before < alerts.DRIFT), sign, found_)
    return found_


def _table(
    seen: Seen, told: Weeks, rows: NDArray[np.int64], direction: NDArray[np.int64], *,
    is_drift: NDArray[np.bool_],
) -> pd.DataFrame:  # fmt: skip
    up, drifts = direction[rows] > 0, is_drift[rows]
    cause = alert_causes.causes(seen.basis, told, rows, direction[rows])
    off = _gap(told, np.where(is_drift, 0, direction))[rows]
    gain = off * np.maximum(seen.basis.economics.contribution[rows], 0.0) / _WEEK
    once = np.where(cause == "one_order", told.freak[rows, -1], 0.0)
    short, exposed = _exposed(seen, rows, np.where(up, np.maximum(off - once, 0.0), 0.0) / _WEEK)
    span = np.where(drifts, _RECENT, 1)
    since = seen.today - pd.to_timedelta(_WEEK * span - 1, unit="D")
    usual = np.where(drifts, _mean(told.expected[:, -_RECENT:])[rows], told.expected[rows, -1])
    now = np.where(drifts, _mean(told.sold[:, -_RECENT:])[rows], told.sold[rows, -1])
    kind = np.where(drifts, "sales_drift", np.where(up, "sales_up", "sales_down"))
    runs_short = (kind == "sales_up") & (np.nan_to_num(short) >= 1)
    facts = pd.DataFrame(
        {"says": np.where(runs_short, "sales_up_short", kind), "sold": now, "expected": usual,
         "weeks": span, "change": now / np.where(usual > 0, usual, np.nan) - 1,
         "lost_share": told.lost[rows, -1], "short": short, "cause": cause},
    )  # fmt: skip
    action = np.where(up, "raise_order", np.where(drifts, "hold_order", "check_listing"))
    table = rows_of(
        seen, kind, rows, money=np.where(up, exposed, gain), units=off,
        action=np.where(cause == "one_order", "look", action), facts=facts,
        since_on=pd.Series(since), cause=cause,
    )  # fmt: skip
    enough = np.isnan(gain) | (_WEEK * gain >= seen.rules.least_money)
    is_alarm = enough & ~np.isin(cause.astype(str), alert_causes.EXPLAINS)
    return table.assign(is_alarm=is_alarm, gain_per_day=gain)


def _exposed(seen: Seen, rows: NDArray[np.int64], extra: Array) -> tuple[Array, Array]:
    """Return the units short before an order of today arrives if so many more a day are sold.

    And what they cost, per day until then.
    """
    short = short_if_more(seen.basis, seen.supply, seen.needed.ahead, rows, extra)
    days = np.maximum(seen.supply.arrival[rows], 1.0)
    return short, short * seen.basis.economics.stockout_cost[rows] / days
