"""The measures of the shop month by month."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import kpi, tiers
from analytics.forecasting.matrix import week_of_year
from analytics.services import assumptions, past_stock
from analytics.services.planning import Basis, Outlook

Array = NDArray[np.float64]
MONTHS = 12
TREND = (
    "inventory_turnover",
    "days_of_inventory",
    "slow_share",
    "slow_share_stocked",
    "slow_share_value",
    "stockout_share",
    "stockout_demand_share",
    "in_stock_rate",
    "stock_value",
)  # the measures that have a course
_LOOK = 90  # days in stock that tell how fast an item sold
_BACK = 2 * _LOOK  # days within which they are looked for
_AHEAD = 17 * 7  # days before a season in which its stock stands on purpose
_YEAR = 52 * 7
_MONTH = 31  # days, at most
_COLUMNS = ["month", "measure", "value", "days"]


def starts_on(seen: Outlook) -> date:
    """Return the first day that a course of twelve months looks at."""
    return past_stock.period(seen, length=(MONTHS + 1) * _MONTH + _BACK)[0]


def trend(basis: Basis, ledger: kpi.Ledger) -> pd.DataFrame:
    """Return the measures of the last twelve whole months that the files tell of.

    Parameters
    ----------
    basis : Basis
        What the plan stands on.
    ledger : Ledger
        The days from `starts_on` to the plan's.

    Returns
    -------
    DataFrame
        ``month`` (its first day), ``measure`` (one of `TREND`), ``value`` (what cannot be said is
        left out), ``days``.

    Notes
    -----
    A month's turnover is made a year's. Whether stock was slow at the end of a past month goes by
    the rule of today, with the sales of the 90 days in stock before it, and the season that was
    learnt since, in place of the forecast of the time.
    """
    seen, start = basis.outlook, starts_on(basis.outlook)
    rule = Rule.of(basis)
    rows = []
    for begins, ends in _months(*past_stock.period(seen, length=(MONTHS + 1) * _MONTH)):
        low, high = (begins - start).days, (ends - start).days + 1
        made_of = kpi.inputs(ledger.between(low, high), slow(rule, ledger, high, ends))
        found = kpi.totals(kpi.parts(made_of, high - low))
        rows += [(pd.Timestamp(begins), code, found[code], high - low) for code in TREND]
    table = pd.DataFrame(rows, columns=_COLUMNS).astype({"month": "datetime64[us]"})
    return table.dropna(subset="value").reset_index(drop=True)


def _months(first: date, last: date) -> list[tuple[date, date]]:
    """Return first and last day of the whole months within a period, at most the last twelve."""
    found: list[tuple[date, date]] = []
    ends = last if (last + timedelta(days=1)).day == 1 else last.replace(day=1) - timedelta(days=1)
    while len(found) < MONTHS and ends.replace(day=1) >= first:
        found.append((ends.replace(day=1), ends))
        ends = ends.replace(day=1) - timedelta(days=1)
    return found[::-1]


@dataclass(frozen=True, slots=True)
class Rule:
    """What tells slow stock from the rest; shape (n_items,) each, as of the plan's day.

    Attributes
    ----------
    as_of : date
        The plan's day.
    season : ndarray, shape (n_items, 52)
        Factor on demand by week of the year.
    age_days : ndarray
        Days since an item could first be bought; NaN = longer than anyone knows.
    tier : ndarray of str
        Each item's.
    peak_ahead : ndarray
        Days until its season; NaN = it has none.
    thresholds : Thresholds
        Where slow begins.
    """

    as_of: date
    season: Array
    age_days: Array
    tier: NDArray[np.object_]
    peak_ahead: Array
    thresholds: tiers.Thresholds

    @classmethod
    def of(cls, basis: Basis) -> Self:
        """Return the rule that a plan's tiers go by."""
        seen, known = basis.outlook, basis.outlook.background.seasons
        belief = seen.forecast.items["season_strength"].to_numpy(dtype=np.float64)
        log_season = known.log_profile[known.pools.of_item] * np.nan_to_num(belief)[:, None]
        ahead = pd.to_datetime(basis.tiers["peak_on"]) - pd.Timestamp(seen.as_of)
        return cls(
            as_of=seen.as_of,
            season=np.exp(log_season),
            age_days=basis.tiers["age_days"].to_numpy(dtype=np.float64),
            tier=basis.tiers["tier"].to_numpy(dtype=object),
            peak_ahead=np.asarray(ahead.dt.days, dtype=np.float64),
            thresholds=assumptions.thresholds(basis.assumed),
        )


def slow(rule: Rule, ledger: kpi.Ledger, high: int, day: date) -> NDArray[np.bool_]:
    """Return which items were slow or dead at the end of a day of the past.

    Parameters
    ----------
    rule : Rule
        What tells.
    ledger : Ledger
        Days up to that one at least; 180 before it say all.
    high : int
        How many of them lie up to that day.
    day : date
        The day itself.
    """
    recent = ledger.between(max(high - _BACK, 0), high)
    served = recent.is_active & ~recent.is_out
    rank = served[:, ::-1].cumsum(axis=1)[:, ::-1]  # 1 = the latest day in stock
    used = served & (rank <= _LOOK)
    sold = np.where(used.any(axis=1), np.where(used, recent.sold, 0.0).sum(axis=1), np.nan)
    n_days = rule.thresholds.slow_days
    stock, since = recent.last_stock, (rule.as_of - day).days
    expected = sold * _ahead_over(rule.season, used, day, n_days)
    lasts = np.where(expected > 0, n_days * stock / np.maximum(expected, 1e-9), np.inf)
    came = recent.received[:, max(recent.n_days - n_days, 0) :].sum(axis=1)
    status = tiers.status(
        tiers.Stock(
            on_hand=stock,
            cover_days=lasts,
            aged_units=np.maximum(stock - came, 0.0),
            surcharge=np.zeros(len(stock), dtype=bool),
        ),
        sold,
        rule.age_days - since,
        rule.tier,
        before_season=np.mod(rule.peak_ahead + since, _YEAR) <= _AHEAD,  # a year is like the next
        thresholds=rule.thresholds,
    )
    return np.isin(status, past_stock.STANDS_STILL)


def _ahead_over(season: Array, used: NDArray[np.bool_], day: date, n_days: int) -> Array:
    """Return the demand of the days to come per unit sold on the days in stock before."""
    before = np.datetime64(day, "D") - np.arange(used.shape[1])[::-1]
    after = np.datetime64(day, "D") + np.arange(1, n_days + 1)
    was, starts = _weeks(before)
    sold = np.add.reduceat(used, starts, axis=1, dtype=np.float64)
    will, begins = _weeks(after)
    days = np.diff(begins, append=len(after))
    return kpi.ratio((season[:, will] * days).sum(axis=1), (season[:, was] * sold).sum(axis=1))


def _weeks(days: NDArray[np.datetime64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the weeks that days lie in, by their place in the year, and where each begins."""
    number = days.astype("M8[D]").astype(np.int64)
    mondays = number - (number + 3) % 7  # day 0 was a Thursday
    starts = np.flatnonzero(np.diff(mondays, prepend=mondays[0] - 1))
    return week_of_year(mondays[starts].astype("M8[D]")), starts
