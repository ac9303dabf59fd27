"""The weekly panel that a forecast is made from."""

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.demand.days import ObservedDays, observe

STATES = ("observed", "partial", "stockout", "unobserved")
SMALLEST_SHARE = 0.35  # a week seen less than this says too little to be scaled up
_FIRST_SHARE = 0.05  # unless it is all that is known of a new item that sells
_NEW = 28  # days since the start
_WHOLE = 0.999


def weekly(
    daily: pd.DataFrame,
    coverage: pd.DataFrame,
    items: pd.DataFrame,
    stock: pd.DataFrame,
    as_of: date,
    *,
    receipts: pd.DataFrame | None = None,
    item_coverage: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return demand by item and week, every item over the same weeks.

    Arguments and errors are those of `observe`.

    Returns
    -------
    DataFrame
        ``sku``, ``market``, ``group`` (category), ``week`` (its Monday), ``units`` (demand of a
        whole week in stock; NaN = unobserved), ``sold`` (units as in the files), ``availability``
        (0 to 1: share of the week's usual demand that falls on observed days in stock), ``state``
        (one of `STATES`). Sorted by item as in ``items``, then week; the last week holds ``as_of``.

    Notes
    -----
    ``units = sold / availability``; missing where availability is below 0.35, but for an item that
    began to sell in the last 28 days and has no better week. A day counts by its weekday's share of
    the market's demand, so that a lost Sunday is not a seventh where nobody buys on Sundays.
    """
    days = observe(
        daily, coverage, items, stock, as_of, receipts=receipts, item_coverage=item_coverage
    )
    return panel(days)


def panel(days: ObservedDays) -> pd.DataFrame:
    """Return the weekly panel of ``days``; see `weekly`."""
    weeks = days.weeks
    shape = (len(days.items), len(weeks))
    cell = days.sales.item * shape[1] + days.sales.day // 7
    sold = np.bincount(cell, weights=days.sales.units, minlength=shape[0] * shape[1]).reshape(shape)
    on_sale, lost = _shares(days, shape)
    availability = np.clip(on_sale - lost, 0.0, 1.0)
    new = days.start >= days.covered.shape[1] - _NEW
    told = _told(availability, new & (sold.sum(axis=1) > 0))
    state = _state(availability, lost, told)
    with np.errstate(divide="ignore", invalid="ignore"):
        units = np.where(told, sold / availability, np.nan)
    return pd.DataFrame(
        {
            **{name: _repeated(days.items[name], shape[1]) for name in ("sku", "market", "group")},
            "week": np.tile(weeks.astype("M8[us]"), shape[0]),
            "units": units.ravel(),
            "sold": sold.ravel(),
            "availability": availability.ravel(),
            "state": pd.Categorical.from_codes(state, categories=pd.Index(STATES)),
        }
    )


def _repeated(column: pd.Series, times: int) -> pd.Categorical:
    codes, names = pd.factorize(column)
    return pd.Categorical.from_codes(np.repeat(codes, times), categories=names)


def _shares(
    days: ObservedDays, shape: tuple[int, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each week's share that was on sale and covered, and the part lost without stock."""
    n_days = days.covered.shape[1]
    place, rows = np.unique(np.column_stack([days.reach, days.market]), axis=0, return_inverse=True)
    row = rows.reshape(-1)
    share = np.zeros((len(place), shape[1] * 7))
    share[:, :n_days] = (
        days.covered[place[:, 0]] * days.shares[place[:, 1]][:, np.arange(n_days) % 7]
    )
    total = np.column_stack([np.zeros(len(share)), share.cumsum(axis=1)])
    low = np.clip(days.start, 0, shape[1] * 7)
    week = np.arange(shape[1]) * 7
    begin = np.maximum(week, np.minimum(low[:, None], week + 7))
    on_sale = total[row[:, None], week + 7] - total[row[:, None], begin]
    out = days.out
    part = share[row[out.item], out.day] * (out.day >= days.start[out.item])
    cell = out.item * shape[1] + out.day // 7
    lost = np.bincount(cell, weights=part, minlength=shape[0] * shape[1]).reshape(shape)
    return on_sale, lost.astype(np.float64)


def _told(availability: NDArray[np.float64], new: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return whether each week says something of its item's demand, shape (n_items, n_weeks)."""
    told = availability >= SMALLEST_SHARE
    alone = new & ~told.any(axis=1)
    return np.asarray(told | (alone[:, None] & (availability >= _FIRST_SHARE)))


def _state(
    availability: NDArray[np.float64], lost: NDArray[np.float64], told: NDArray[np.bool_]
) -> NDArray[np.int8]:
    """Return the row of `STATES` of each item and week, in the panel's order."""
    unseen = 1.0 - availability
    state = np.where(lost >= unseen / 2, 2, 3)
    state = np.where(told, 1, state)
    return np.where(availability >= _WHOLE, 0, state).astype(np.int8).ravel()
