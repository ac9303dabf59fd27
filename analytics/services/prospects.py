"""Demand as it was and as it will be: what a plan of some day knows."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import demand, inventory
from analytics.demand import ObservedDays
from analytics.errors import NoDataError, OutOfBoundsError
from analytics.forecasting import Background, ForecastResult
from analytics.progress import Progress, silent
from analytics.services import judged, outlooks
from analytics.store import Store


@dataclass(frozen=True, slots=True)
class Outlook:
    """Demand as it was and as it will be.

    Attributes
    ----------
    as_of : date
        The last day known.
    items : DataFrame
        `Store.items`, texts filled (no category = empty, no name = the SKU).
    orders : DataFrame
        `Store.purchase_orders`.
    snapshots : DataFrame
        `Store.stock_history`.
    coverage, item_coverage : DataFrame
        `Store.coverage`, `Store.item_coverage`.
    days : ObservedDays
        Sales by day.
    panel : DataFrame
        Demand by week.
    events : DataFrame
        Known events, past and to come, see `analytics.calendars.event_frame`.
    background : Background
        What all items taught: seasons, uplifts, and how far ahead the spread was judged.
    numbers : ForecastResult
        Thirty weeks by the numbers alone; rows as in ``items``.
    forecast : ForecastResult
        The same as people judged it: what every plan stands on.
    source : ndarray of str, shape (n_items,)
        Whose word an item's forecast is: one of `judged.SOURCES`.
    launched : DataFrame
        Where the levels of new items are from.
    """

    as_of: date
    items: pd.DataFrame
    orders: pd.DataFrame
    snapshots: pd.DataFrame
    coverage: pd.DataFrame
    item_coverage: pd.DataFrame
    days: ObservedDays
    panel: pd.DataFrame
    events: pd.DataFrame
    background: Background
    numbers: ForecastResult
    forecast: ForecastResult
    source: NDArray[np.object_]
    launched: pd.DataFrame

    @property
    def is_observed(self) -> NDArray[np.bool_]:
        """Return whether anything is known of each item's demand, shape (n_items,)."""
        known = self.panel["units"].notna().to_numpy()
        return np.asarray(known.reshape(len(self.items), len(self.days.weeks)).any(axis=1))


class Covered(NamedTuple):
    """The days that sales cover, as an answer that is kept."""

    first: date
    last: date

    @property
    def nbytes(self) -> int:
        """Return about how much memory it holds."""
        return 1


def period(store: Store) -> tuple[date, date]:
    """Return the first and the last day that any market's sales cover.

    Raises
    ------
    NoDataError
        No sales have been imported.
    """
    return _period(store.coverage())


def _period(coverage: pd.DataFrame) -> tuple[date, date]:
    if coverage.empty:
        raise NoDataError
    return coverage["starts_on"].min().date(), coverage["ends_on"].max().date()


def outlook(store: Store, as_of: date | None = None, *, progress: Progress = silent) -> Outlook:
    """Return history and forecast; arguments and errors are those of `planning.basis`.

    The forecast is read from the workspace if it was made for the same history, day and engine;
    else it is made. That of the last day is stored, unless the workspace only reads: a look at
    other days must not push it out.
    """
    coverage, item_coverage = store.coverage(), store.item_coverage()
    day = _day(coverage, as_of)
    progress(0, 2, "")  # at each step of some length: who wants to stop need not wait
    listed = _filled(store.items(day))
    orders, snapshots = store.purchase_orders(), store.stock_history()
    moved = _moved(store)
    progress(0, 2, "")
    days = demand.observe(
        moved, coverage, listed, snapshots, day,
        receipts=inventory.receipts(orders), item_coverage=item_coverage,
    )  # fmt: skip
    progress(0, 2, "")
    panel = demand.panel(days)
    task = outlooks.task(store, panel, days)
    keep = not store.read_only and day == _day(coverage, None)
    numbers, background = outlooks.answer(store, task, keep=keep, progress=progress)
    share = np.array([task.shares[str(market)] for market in listed["market"]])
    known = judged.Known(numbers, panel, listed, background.seasons, day, share)
    seen = judged.judged(store, known)
    return Outlook(
        as_of=day,
        items=listed,
        orders=orders,
        snapshots=snapshots,
        coverage=coverage,
        item_coverage=item_coverage,
        days=days,
        panel=panel,
        events=task.events,
        background=background,
        numbers=numbers,
        forecast=seen.forecast,
        source=seen.source,
        launched=seen.launched,
    )


def _moved(store: Store) -> pd.DataFrame:
    """Return what sold and what came back, by item and day."""
    returns = store.daily_returns()
    sales = store.daily_sales()
    return (
        pd.concat([sales, returns.assign(units=0.0)], ignore_index=True) if len(returns) else sales
    )


def _filled(listed: pd.DataFrame) -> pd.DataFrame:
    texts = {
        name: listed[name].astype(object).where(listed[name].notna(), "")
        for name in (
            "category",
            "supplier",
            "tier",
            "currency",
            "price_currency",
            "storage_currency",
            "salvage_currency",
            "predecessor",
        )
    }
    name = listed["name"].astype(object).where(listed["name"].notna(), listed["sku"])
    return listed.assign(name=name, **texts).reset_index(drop=True)


def _day(coverage: pd.DataFrame, as_of: date | None) -> date:
    return within(Covered(*_period(coverage)), as_of)


def within(covered: Covered, as_of: date | None) -> date:
    """Return the day asked for, else the last one covered.

    Raises
    ------
    OutOfBoundsError
        The sales do not cover that day.
    """
    first, last = covered
    day = as_of or last
    if not first <= day <= last:
        raise OutOfBoundsError(name="as_of", value=day, low=first, high=last)
    return day
