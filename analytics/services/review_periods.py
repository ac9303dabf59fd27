"""The days that a review looks at, and what buyers asked for on them."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from analytics.demand.movements import Movements
from analytics.errors import UnknownFieldError
from analytics.services.prospects import Outlook
from analytics.services.replay_rules import bridged

Array = NDArray[np.float64]
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


def within(moved: Movements, seen: Outlook, period: Period) -> Array:
    """Return units by item and day of a period, shape (n_items, n_days); 0 where nothing moved."""
    low, _ = _ends(seen, period)
    return _dense(moved, len(seen.items), low, period.days, 0.0)


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
    sold = _dense(days.sales, n_items, low, period.days, 0.0)
    sold -= _dense(days.freaks.movements, n_items, low, period.days, 0.0)
    is_there = _dense(days.missing, n_items, low, period.days, 1.0) > 0
    in_stock = days.covered[days.reach][:, low:high] & is_there
    weekly = seen.panel["units"].to_numpy(dtype=np.float64).reshape(n_items, len(days.weeks))
    is_known = bridged(np.where(np.isnan(weekly), np.nan, 1.0)) > 0
    at = np.arange(low, high)
    share = days.shares[days.market][:, at % 7]
    usual = np.where(is_known, bridged(weekly), np.nan)[:, at // 7] * share
    units = np.where(in_stock, np.maximum(sold, 0.0), np.fmax(usual, sold))
    units = np.where(~in_stock & np.isnan(usual), np.nan, units)
    is_fresh = in_stock & (stock <= 0) & (sold <= 0)
    units = np.where(is_fresh, 7 * np.nan_to_num(rate)[:, None] * share, units)
    return np.where(at >= days.start[:, None], units, 0.0)


def _ends(seen: Outlook, period: Period) -> tuple[int, int]:
    """Return the first day of a period as the history counts, and the one after its last."""
    low = int((np.datetime64(period.starts_on, "D") - seen.days.first).astype(np.int64))
    return low, low + period.days


def _dense(moved: Movements, n_items: int, low: int, n_days: int, empty: float) -> Array:
    here = (moved.day >= low) & (moved.day < low + n_days)
    part = Movements(moved.item[here], moved.day[here] - low, moved.units[here])
    return part.dense(np.arange(n_items), n_days, empty)
