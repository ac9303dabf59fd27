"""The coming season of an item that is bought once: when, how much, and by when to order."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.distributions import quantiles

Array = NDArray[np.float64]
SELLING_DAYS = 14  # days of season that must be left when the last order arrives
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Season:
    """The coming season of every item; days count from today, day 1 is tomorrow; (n_items,) each.

    Attributes
    ----------
    start, end : ndarray
        First and last day; NaN where nothing is expected to sell.
    served_from : ndarray
        First day of it that an order of today can still serve; beyond ``end`` if none.
    mean, sd : ndarray
        Demand from ``served_from`` to ``end``, in units; 0 where no day of it can be served.
    before : ndarray
        Expected demand from tomorrow up to the day before ``served_from``, in units.
    order_by : ndarray
        Last day on which an order still arrives before the season starts: 0 = today, negative = so
        many days ago.
    stop_day : ndarray
        Last day on which an order still arrives with `SELLING_DAYS` of the season left (all of it,
        if it is shorter); negative = too late for this season.
    is_cut : ndarray of bool
        The season may last beyond the days that were forecast.
    """

    start: Array
    end: Array
    served_from: Array
    mean: Array
    sd: Array
    before: Array
    order_by: Array
    stop_day: Array
    is_cut: NDArray[np.bool_]


def season_ahead(
    cumulative_mean: ArrayLike,
    cumulative_sd: ArrayLike,
    lead_time: ArrayLike,
    *,
    selling_days: int = SELLING_DAYS,
) -> Season:
    """Return every item's coming season.

    Parameters
    ----------
    cumulative_mean, cumulative_sd : array_like, shape (n_items, n_days)
        Demand up to the end of day 1, 2, ...: expected, and its sd, in units.
    lead_time : array_like, shape () or (n_items,)
        Days until an order of today can be sold. For a date that holds, give a late one (say, nine
        in ten arrive by then), not the mean.
    selling_days : int
        Days of season that must be left when the last order arrives.

    Notes
    -----
    The season is the run of weeks around the busiest one that each sell more than the average week
    of the days given. Its variance is that of demand up to its end less that of demand up to the
    day before its start: not below the truth as long as errors before it and in it go the same way.
    """
    total = _from_zero(cumulative_mean)
    variance = _from_zero(cumulative_sd) ** 2
    n_items, n_days = total.shape[0], total.shape[1] - 1
    late = np.ceil(np.broadcast_to(np.asarray(lead_time, dtype=np.float64), n_items) - 1e-9)
    first, last = _peak_weeks(total)
    start, end = first * _WEEK + 1, np.minimum((last + 1) * _WEEK, n_days)
    served = np.maximum(start, np.minimum(np.nan_to_num(late, posinf=n_days), n_days) + 1)
    rows = np.arange(n_items)
    opening = np.minimum(served - 1, end).astype(np.int64)
    mean = total[rows, end] - total[rows, opening]
    spread = np.sqrt(np.maximum(variance[rows, end] - variance[rows, opening], 0.0))
    sells = total[:, -1] > 0
    room = np.minimum(selling_days, end - start + 1)

    def known(values: NDArray[np.generic]) -> Array:
        return np.where(sells, values, np.nan)

    return Season(
        start=known(start),
        end=known(end),
        served_from=known(served),
        mean=np.where(sells, np.maximum(mean, 0.0), 0.0),
        sd=np.where(sells & (mean > 0), spread, 0.0),
        before=np.where(sells, total[rows, opening], 0.0),
        order_by=known(start - 1 - late),
        stop_day=known(end - room - late),
        is_cut=sells & (end >= n_days - (n_days % _WEEK)),
    )


def season_quantity(season: Season, position: ArrayLike, critical_ratio: ArrayLike) -> Array:
    """Return what to order for the season: ``Q*`` less what is left of the position by then.

    Parameters
    ----------
    season : Season
        Of the items.
    position : array_like, shape (n_items,)
        Inventory position, in units; NaN = unknown.
    critical_ratio : array_like, shape () or (n_items,)
        Share of seasons in which it should suffice, 0 to 1; see `critical_ratio`.

    Returns
    -------
    ndarray, shape (n_items,)
        Units, not rounded; NaN where position or ratio are unknown. 0 once the stop day has passed.

    Notes
    -----
    ``Q*`` is the quantile of gamma or negative binomial demand; the position first serves what is
    asked for before.
    """
    held = np.broadcast_to(np.asarray(position, dtype=np.float64), len(season.mean))
    ratio = np.broadcast_to(np.asarray(critical_ratio, dtype=np.float64), len(season.mean))
    wanted = season_target(season, ratio)
    left = np.maximum(held - season.before, 0.0)
    gap = np.where(season.stop_day >= 0, np.maximum(wanted - left, 0.0), 0.0)
    return np.where(np.isnan(held) | np.isnan(ratio), np.nan, gap)


def season_target(season: Season, critical_ratio: ArrayLike) -> Array:
    """Return ``Q*``: the demand of the season that suffices with ``critical_ratio``, in units.

    Parameters
    ----------
    season : Season
        Of the items.
    critical_ratio : array_like, shape () or (n_items,)
        0 to 1; at 0 nothing is stocked.

    Returns
    -------
    ndarray, shape (n_items,)
        Units, not rounded; 0 where the ratio is 0 or unknown.
    """
    ratio = np.broadcast_to(np.asarray(critical_ratio, dtype=np.float64), len(season.mean))
    chance = np.clip(np.nan_to_num(ratio), 0.0, 0.999)
    wanted = quantiles(season.mean, season.sd, chance[:, None])[:, 0]
    return np.where(chance > 0, wanted, 0.0)


def _from_zero(cumulative: ArrayLike) -> Array:
    """Return a cumulative figure with its zero before day 1."""
    figure = np.atleast_2d(np.asarray(cumulative, dtype=np.float64))
    return np.column_stack([np.zeros(len(figure)), figure])


def _peak_weeks(total: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and last week of the run around the busiest that outsells the average."""
    ends = np.arange(0, total.shape[1], _WEEK)
    ends = ends if len(ends) > 1 else np.array([0, total.shape[1] - 1])
    weekly = np.diff(total[:, ends], axis=1)
    n_weeks = weekly.shape[1]
    week = np.arange(n_weeks)
    peak = weekly.argmax(axis=1)[:, None]
    quiet = (weekly <= weekly.mean(axis=1, keepdims=True)) & (week != peak)
    before = np.where(quiet & (week < peak), week, -1).max(axis=1)
    after = np.where(quiet & (week > peak), week, n_weeks).min(axis=1)
    return before + 1, after - 1
