"""The sheet for a stock take: what each SKU should have had in a month, and what was counted."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import inventory
from analytics.demand.movements import Movements
from analytics.demand.reading import movements_of
from analytics.errors import OutOfBoundsError
from analytics.services import planning
from analytics.services.planning import Basis
from analytics.services.prospects import Outlook
from analytics.services.review_periods import Period
from analytics.store import Store

Array = NDArray[np.float64]
_KEYS = ["sku", "market"]
_COLUMNS = ["sku", "market", "name", "opening", "opened_on", "received", "sold", "returned",
            "expected_closing", "counted_on", "expected_then", "counted", "difference",
            "difference_value", "currency"]  # fmt: skip
_PLACES = ["sku", "market", "warehouse", "counted_on", "counted", "reserved"]
_LEAST = 0.5  # units: less is no difference


@dataclass(frozen=True, slots=True)
class StockTake:
    """A month's sheet.

    Attributes
    ----------
    period : Period
        The month, or as much of it as the sales cover.
    currency : str
        The base currency.
    items : DataFrame
        One row per SKU and market, the largest difference in money first: ``sku``, ``market``,
        ``name``; ``opening`` (units at the end of the day before the month), ``opened_on`` (day of
        the count it rests on); ``received``, ``sold``, ``returned`` (units in the month);
        ``expected_closing``; ``counted_on``, ``counted`` (the month's last count),
        ``expected_then`` (at the end of that day), ``difference`` (counted less expected then),
        ``difference_value`` (at landed cost, in ``currency``). NaN = not known; blank to be filled
        in by hand.
    places : DataFrame
        What was counted last by the end of the month in each warehouse: ``sku``, ``market``
        (missing = a central store), ``warehouse`` (empty = all of them), ``counted_on``,
        ``counted``, ``reserved``.
    """

    period: Period
    currency: str
    items: pd.DataFrame
    places: pd.DataFrame

    def totals(self) -> dict[str, float]:
        """Return how far it was counted, and what it differs by.

        Returns
        -------
        dict
            ``items_counted``, ``items_differ``, ``difference_value`` (what is missing and what is
            too many, set off), ``missing_value``: money, NaN = nothing that was counted has a cost.
        """
        more, money = self.items["difference"], self.items["difference_value"].dropna()
        return {
            "items_counted": float(self.items["counted"].notna().sum()),
            "items_differ": float((more.abs() >= _LEAST).sum()),
            "difference_value": float(money.sum()) if len(money) else np.nan,
            "missing_value": float(money[money < 0].sum()) if len(money) else np.nan,
        }


def months(store: Store, as_of: date | None = None) -> list[date]:
    """Return the first day of every month that the sales cover, the newest first.

    Raises
    ------
    NoDataError
        No sales have been imported.
    """
    first, last = planning.period(store)
    found = pd.period_range(first, min(as_of or last, last), freq="M")
    return [month.start_time.date() for month in found[::-1]]


def sheet(store: Store, month: date, as_of: date | None = None) -> StockTake:
    """Return what each SKU should have had at the end of a month, and what was counted.

    Parameters
    ----------
    store : Store
        The workspace.
    month : date
        Any day of the month.
    as_of : date, optional
        The last day known; none = the last day that any market's sales cover.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales cover no day of that month.

    Notes
    -----
    ``expected_closing = opening + received - sold``; below nothing it stays so, for it says that
    something is amiss. The opening stock is the last count before the month, less what sold
    since, plus what arrived; counts within the month do not enter into it, else they could not be
    checked. Units that came back are listed and not added: nobody says which can be sold again.
    """
    basis = planning.basis(store, as_of)
    period = _period(basis, month)
    places = _places(store.stock_places(), period)
    return StockTake(period, basis.currency, _items(basis, period), places)


def _period(basis: Basis, month: date) -> Period:
    seen = basis.outlook
    first = month.replace(day=1)
    last = (pd.Timestamp(first) + pd.offsets.MonthEnd(0)).date()
    known = seen.coverage["starts_on"].min().date()
    if last < known or first > seen.as_of:
        raise OutOfBoundsError(name="month", value=first, low=known, high=seen.as_of)
    return Period(first, min(last, seen.as_of))


def _items(basis: Basis, period: Period) -> pd.DataFrame:
    seen = basis.outlook
    moved = _Moved.of(seen)
    eve, last = moved.number(period.eve), moved.number(period.ends_on)
    opening, opened = _counts(moved, -(10**6), eve)
    opening = opening + moved.came(opened, eve) - moved.sold(opened, eve)
    counted, counted_at = _counts(moved, eve + 1, last)
    start, end = np.full(len(seen.items), eve), np.full(len(seen.items), last)
    received, sold = moved.came(start, end), moved.sold(start, end)
    until = np.where(np.isnan(counted), last, counted_at)
    then = opening + moved.came(start, until) - moved.sold(start, until)
    difference = counted - then
    frame = seen.items[[*_KEYS, "name"]].assign(
        opening=opening,
        opened_on=moved.dates(opened, ~np.isnan(opening)),
        received=received,
        sold=sold,
        returned=moved.total(seen.days.extras.get("returned", Movements.none()), start, end),
        expected_closing=opening + received - sold,
        counted_on=moved.dates(counted_at, ~np.isnan(counted)),
        expected_then=np.where(np.isnan(counted), np.nan, then),
        counted=counted,
        difference=difference,
        difference_value=difference * basis.economics.landed_cost,
        currency=basis.currency,
    )
    size = pd.DataFrame({"value": frame["difference_value"], "units": frame["difference"]}).abs()
    rank = size.fillna(-1.0).sort_values(["value", "units"], ascending=False, kind="stable").index
    return frame.loc[rank, _COLUMNS].reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class _Moved:
    """Everything that moved, by item and day; days are counted from the history's first Monday."""

    seen: Outlook
    counts: Movements
    receipts: Movements

    @classmethod
    def of(cls, seen: Outlook) -> "_Moved":
        keys = pd.MultiIndex.from_frame(seen.items[_KEYS].astype(object))
        span = (seen.days.first, seen.days.as_of)
        dated = seen.snapshots.assign(date=seen.snapshots["date"].fillna(pd.Timestamp(seen.as_of)))
        arrived = inventory.receipts(seen.orders)
        return cls(
            seen,
            movements_of(dated, keys, "on_hand", *span),
            movements_of(arrived, keys, "units", *span),
        )

    def number(self, day: date) -> int:
        return int((np.datetime64(day, "D") - self.seen.days.first).astype(np.int64))

    def dates(self, numbers: NDArray[np.int64], known: NDArray[np.bool_]) -> pd.Series:
        days = pd.Timestamp(self.seen.days.first) + pd.to_timedelta(numbers, unit="D")
        return pd.Series(days).where(known)

    def sold(self, after: NDArray[np.int64] | int, until: NDArray[np.int64] | int) -> Array:
        return self.total(self.seen.days.sales, after, until)

    def came(self, after: NDArray[np.int64] | int, until: NDArray[np.int64] | int) -> Array:
        return self.total(self.receipts, after, until)

    def total(
        self, moved: Movements, after: NDArray[np.int64] | int, until: NDArray[np.int64] | int
    ) -> Array:
        """Return the units of each item after a day, up to the end of another."""
        n_items = len(self.seen.items)
        first, last = (np.broadcast_to(np.asarray(part), n_items) for part in (after, until))
        here = (moved.day > first[moved.item]) & (moved.day <= last[moved.item])
        total = np.bincount(moved.item[here], weights=moved.units[here], minlength=n_items)
        return total.astype(np.float64)


def _counts(moved: _Moved, low: int, high: int) -> tuple[Array, NDArray[np.int64]]:
    """Return each item's last count in some days (NaN = none), and its day."""
    counts, n_items = moved.counts, len(moved.seen.items)
    here = np.flatnonzero((counts.day >= low) & (counts.day <= high))
    units, day = np.full(n_items, np.nan), np.full(n_items, high)
    units[counts.item[here]] = counts.units[here]  # in order of days: the last one stays
    day[counts.item[here]] = counts.day[here]
    return units, day


def _places(places: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return each warehouse's last count that stood at the end of the month."""
    last = pd.Timestamp(period.ends_on)
    known = places.assign(counted_on=places["date"].fillna(last))
    known = known.loc[known["counted_on"] <= last].sort_values("counted_on", kind="stable")
    newest = known.drop_duplicates([*_KEYS, "warehouse"], keep="last")
    newest = newest.loc[newest["until"].isna() | (newest["until"] > last)]
    return (
        newest.rename(columns={"on_hand": "counted"})
        .sort_values([*_KEYS, "warehouse"], kind="stable", ignore_index=True)[_PLACES]
        .astype({"warehouse": object})
    )
