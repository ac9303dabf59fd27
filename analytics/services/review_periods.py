"""The days that a review looks at, and what buyers asked for on them."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from analytics.demand import SMALLEST_SHARE
from analytics.demand.movements import Movements
from analytics.errors import UnknownFieldError
from analytics.services.prospects import Outlook
from analytics.services.replay_rules import bridged

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
SPANS = ("week", "month")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, the first and the last included.

    Attributes
    ----------
    starts_on, ends_on : date
        Its first and its last day.
    """

    starts_on: date
    ends_on: date

    @property
    def days(self) -> int:
        """Return how many days it has.

        >>> Period(date(2026, 5, 1), date(2026, 5, 31)).days
        31
        """
        return (self.ends_on - self.starts_on).days + 1

    @property
    def eve(self) -> date:
        """Return the day before it begins: the last that a forecast of it may know."""
        return self.starts_on - _DAY


def last_whole(as_of: date, span: str) -> Period:
    """Return the last whole week (Monday to Sunday) or calendar month that is over by a day.

    Parameters
    ----------
    as_of : date
        The last day known; a period that ends on it is over.
    span : str
        One of `SPANS`.

    Raises
    ------
    UnknownFieldError
        There is no such span.

    Examples
    --------
    >>> last_whole(date(2026, 5, 30), "week")  # a Saturday
    Period(starts_on=datetime.date(2026, 5, 18), ends_on=datetime.date(2026, 5, 24))
    >>> last_whole(date(2026, 5, 31), "month")
    Period(starts_on=datetime.date(2026, 5, 1), ends_on=datetime.date(2026, 5, 31))
    """
    if span not in SPANS:
        raise UnknownFieldError(name=span)
    tomorrow = as_of + _DAY
    if span == "week":
        monday = tomorrow - timedelta(days=tomorrow.weekday())
        return Period(monday - timedelta(days=7), monday - _DAY)
    first = tomorrow.replace(day=1)
    return Period((first - _DAY).replace(day=1), first - _DAY)


def before(period: Period, span: str) -> Period:
    """Return the period that ended when this one began.

    >>> before(Period(date(2026, 3, 1), date(2026, 3, 31)), "month")
    Period(starts_on=datetime.date(2026, 2, 1), ends_on=datetime.date(2026, 2, 28))
    """
    return last_whole(period.eve, span)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What buyers asked for in a period, and how much of that is known; shape (n_items,) each.

    Attributes
    ----------
    units : ndarray
        As of `asked`; NaN = the files do not cover every day, the item stood without stock for most
        of the period, or nothing is known of it.
    imputed : ndarray
        Units of them that nobody sold: what was put in for days without stock.
    is_covered : ndarray of bool
        Whether the files cover every day.
    is_stocked : ndarray of bool
        Whether days in stock stand for `SMALLEST_SHARE` of the period's usual demand: below it a
        week is left out of the weekly panel too, and so of every other measure of the forecast.
    """

    units: Array
    imputed: Array
    is_covered: Flags
    is_stocked: Flags


def wanted(seen: Outlook, period: Period, rate: Array, stock: Array) -> Wanted:
    """Return what buyers asked for in a period by item; arguments are those of `asked`."""
    units = asked(seen, period, rate, stock)
    low, high = _ends(seen, period)
    sold, in_stock = _sold(seen, period), _in_stock(seen, period)
    days = seen.days
    at = np.arange(low, high)
    share = days.shares[days.market][:, at % 7] * (at >= days.start[:, None])
    stood = np.where(in_stock & ~_is_fresh(in_stock, stock, sold), share, 0.0).sum(axis=1)
    is_stocked = stood >= SMALLEST_SHARE * share.sum(axis=1)
    is_covered = covered(seen, period)
    known = is_covered & is_stocked
    more = np.maximum(np.nan_to_num(units) - np.maximum(sold, 0.0), 0.0).sum(axis=1)
    return Wanted(
        units=np.where(known, units.sum(axis=1), np.nan),
        imputed=np.where(known, more, 0.0),
        is_covered=is_covered,
        is_stocked=is_stocked,
    )


def covered(seen: Outlook, period: Period) -> Flags:
    """Return whether the files cover every day of a period, shape (n_items,)."""
    low, high = _ends(seen, period)
    return np.asarray(seen.days.covered[seen.days.reach, low:high].all(axis=1))


def gaps(seen: Outlook, period: Period) -> list[tuple[str, date]]:
    """Return the markets whose files do not cover a whole period, and the last day they do."""
    days, (low, high) = seen.days, _ends(seen, period)
    known = days.covered[: len(days.markets)]
    found = []
    for row, market in enumerate(days.markets):
        if not known[row, low:high].all() and known[row].any():
            last = days.first + np.flatnonzero(known[row])[-1] * np.timedelta64(1, "D")
            found.append((market, last.astype("M8[D]").item()))
    return found


def asked(seen: Outlook, period: Period, rate: Array, stock: Array) -> Array:
    """Return what buyers asked for by item and day, shape (n_items, n_days).

    Parameters
    ----------
    seen : Outlook
        What is known by now; the period has ended by its day.
    period : Period
        Days on or after the first that the files cover.
    rate : ndarray, shape (n_items,)
        Units per day in stock; NaN = not known.
    stock : ndarray, shape (n_items, n_days)
        Units at the end of each day; NaN = not known.

    Returns
    -------
    ndarray
        Sales without freak orders. Of a day without stock, or that no file covers, its weekday's
        share of the week's demand as corrected; of one that ran out since the last count, so that
        no correction knows of it yet, its weekday's share of the usual rate; sales if they are
        more. NaN where nothing is known of the week, nor of the weeks around it.
    """
    low, high = _ends(seen, period)
    days, n_items = seen.days, len(seen.items)
    sold, in_stock = _sold(seen, period), _in_stock(seen, period)
    weekly = seen.panel["units"].to_numpy(dtype=np.float64).reshape(n_items, len(days.weeks))
    is_known = bridged(np.where(np.isnan(weekly), np.nan, 1.0)) > 0
    at = np.arange(low, high)
    share = days.shares[days.market][:, at % 7]
    usual = np.where(is_known, bridged(weekly), np.nan)[:, at // 7] * share
    units = np.where(in_stock, np.maximum(sold, 0.0), np.fmax(usual, sold))
    units = np.where(~in_stock & np.isnan(usual), np.nan, units)
    is_fresh = _is_fresh(in_stock, stock, sold)
    units = np.where(is_fresh, 7 * np.nan_to_num(rate)[:, None] * share, units)
    return np.where(at >= days.start[:, None], units, 0.0)


def _sold(seen: Outlook, period: Period) -> Array:
    """Return sales without freak orders, shape (n_items, n_days)."""
    low, _ = _ends(seen, period)
    n_items, freaks = len(seen.items), seen.days.freaks.movements
    every = _dense(seen.days.sales, n_items, low, period.days, 0.0)
    return every - _dense(freaks, n_items, low, period.days, 0.0)


def _in_stock(seen: Outlook, period: Period) -> Flags:
    """Return the days that files cover and that no correction knows to be without stock."""
    low, high = _ends(seen, period)
    is_there = _dense(seen.days.missing, len(seen.items), low, period.days, 1.0) > 0
    return np.asarray(seen.days.covered[seen.days.reach, low:high] & is_there)


def _is_fresh(in_stock: Flags, stock: Array, sold: Array) -> Flags:
    """Return the days without stock that no correction knows of yet."""
    return np.asarray(in_stock & (stock <= 0) & (sold <= 0))


def _ends(seen: Outlook, period: Period) -> tuple[int, int]:
    """Return the first day of a period as the history counts, and the one after its last."""
    low = int((np.datetime64(period.starts_on, "D") - seen.days.first).astype(np.int64))
    return low, low + period.days


def _dense(moved: Movements, n_items: int, low: int, n_days: int, empty: float) -> Array:
    here = (moved.day >= low) & (moved.day < low + n_days)
    part = Movements(moved.item[here], moved.day[here] - low, moved.units[here])
    return part.dense(np.arange(n_items), n_days, empty)
