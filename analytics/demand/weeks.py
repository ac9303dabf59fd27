"""The weekly panel that a forecast is made from."""

from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.demand.days import ObservedDays, observe
from analytics.demand.layers import (
    LAYERS,
    SMALLEST_SHARE,
    WHOLE,
    availability,
    by_week,
    steps,
    told,
    weeks_of,
)

__all__ = ["SMALLEST_SHARE", "STATES", "panel", "weekly"]
STATES = ("observed", "partial", "stockout", "unobserved")
Array = NDArray[np.float64]


def weekly(
    daily: pd.DataFrame,
    coverage: pd.DataFrame,
    items: pd.DataFrame,
    stock: pd.DataFrame,
    as_of: date,
    *,
    receipts: pd.DataFrame | None = None,
    item_coverage: pd.DataFrame | None = None,
    layers: Collection[str] = LAYERS,
) -> pd.DataFrame:
    """Return demand by item and week, every item over the same weeks.

    Arguments and errors are those of `observe`, columns those of `panel`.
    """
    days = observe(
        daily, coverage, items, stock, as_of, receipts=receipts, item_coverage=item_coverage
    )
    return panel(days, layers)


def panel(
    days: ObservedDays, layers: Collection[str] = LAYERS, *, uplift: Array | None = None
) -> pd.DataFrame:
    """Return demand by item and week, every item over the same weeks.

    Parameters
    ----------
    days : ObservedDays
        Sales by day.
    layers : collection of str
        The corrections to make, of `LAYERS`; the panel without one is the panel had it never been.
    uplift : ndarray, shape (n_items, n_weeks), optional
        Factor of promotions and events in each week, as `forecasting.uplifts` finds it. Not for a
        panel that goes into a forecast, which takes events out itself.

    Returns
    -------
    DataFrame
        ``sku``, ``market``, ``group`` (category), ``week`` (its Monday), ``units`` (demand of a
        whole week in stock; NaN = unobserved), ``sold`` (units as in the files), ``availability``
        (0 to 1: share of the week's usual demand that falls on observed days in stock), ``state``
        (one of `STATES`). Where the files tell of them: ``orders``, ``returned`` (units that came
        back in the week; they never lower demand), ``price`` (mean of the units sold) and
        ``discount`` (share). Sorted by item as in ``items``, then week; the last week holds
        ``as_of``.

    Notes
    -----
    ``units = (sold - freak orders) / availability / uplift``; missing where availability is below
    0.35, but for an item that began to sell in the last 28 days and has no better week. A day
    counts by its weekday's share of the market's demand, so that a lost Sunday is not a seventh
    where nobody buys on Sundays.
    """
    known = weeks_of(days)
    shape = known.sold.shape
    share = availability(known, layers)
    state = _state(share, known.lost, told(share, known.is_new))
    return pd.DataFrame(
        {
            **{name: _repeated(days.items[name], shape[1]) for name in ("sku", "market", "group")},
            "week": np.tile(days.weeks.astype("M8[us]"), shape[0]),
            "units": steps(known, layers, uplift)[-1][1].ravel(),
            "sold": known.sold.ravel(),
            "availability": share.ravel(),
            "state": pd.Categorical.from_codes(state, categories=pd.Index(STATES)),
            **{name: column.ravel() for name, column in _extras(days, shape).items()},
        }
    )


def _extras(days: ObservedDays, shape: tuple[int, int]) -> dict[str, Array]:
    total = {name: by_week(moved, shape) for name, moved in days.extras.items()}
    columns: dict[str, Array] = {}
    columns.update((name, total[name]) for name in ("orders", "returned") if name in total)
    for name, above, below in (("price", "paid", "priced"), ("discount", "reduced", "listed")):
        if above in total:
            some = total[below] > 0
            columns[name] = np.where(some, total[above] / np.where(some, total[below], 1.0), np.nan)
    return columns


def _repeated(column: pd.Series, times: int) -> pd.Categorical:
    codes, names = pd.factorize(column)
    return pd.Categorical.from_codes(np.repeat(codes, times), categories=names)


def _state(share: Array, lost: Array, known: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Return the row of `STATES` of each item and week, in the panel's order."""
    unseen = 1.0 - share
    state = np.where(lost >= unseen / 2, 2, 3)
    state = np.where(known, 1, state)
    return np.where(share >= WHOLE, 0, state).astype(np.int8).ravel()
