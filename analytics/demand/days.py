"""Which days of which item were observed, and what sold on them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.demand.freaks import Freaks, freaks
from analytics.demand.movements import Movements
from analytics.demand.reading import day_numbers, extras_of, movements_of, positions, sales_of
from analytics.demand.silences import Silences, silences
from analytics.demand.stockouts import stockout_days
from analytics.demand.weekdays import weekday_shares

LONGEST_HISTORY = 156  # weeks; three cycles of a season, older sales say little about today
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class ObservedDays:
    """Sales by day, beside what is known of the days without sales.

    Day 0 is the Monday ``first``; the last day is ``as_of``. Items are numbered as in ``items``.

    Attributes
    ----------
    items : DataFrame
        ``sku``, ``market`` and ``group`` (the category; empty if none), one row per item.
    first, as_of : datetime64[D]
        The first Monday and the last day.
    sales : Movements
        Units sold by item and day.
    out : Movements
        Item-days without stock, as counts of stock prove: missing, not zero.
    start : ndarray, shape (n_items,)
        Day from which an item is on sale.
    market : ndarray, shape (n_items,)
        Each item's row in ``shares``.
    markets : tuple of str
        Names of those rows.
    reach : ndarray, shape (n_items,)
        Each item's row in ``covered``.
    covered : ndarray of bool, shape (n_reaches, n_days)
        Whether the files cover the day: one row per market, and per set of shops that sell there.
    shares : ndarray, shape (n_markets, 7)
        Share of a week's demand by weekday, Monday first; rows add up to 1.
    silences : Silences
        Runs of days that, where no stock is known, were most likely without it.
    freaks : Freaks
        Single orders far beyond the usual.
    extras : mapping of str to Movements
        What else the files tell by item and day, see `reading.extras_of`.
    """

    items: pd.DataFrame
    first: np.datetime64
    as_of: np.datetime64
    sales: Movements
    out: Movements
    start: NDArray[np.int64]
    market: NDArray[np.int64]
    markets: tuple[str, ...]
    reach: NDArray[np.int64]
    covered: NDArray[np.bool_]
    shares: NDArray[np.float64]
    silences: Silences = field(default_factory=Silences.none)
    freaks: Freaks = field(default_factory=Freaks.none)
    extras: Mapping[str, Movements] = field(default_factory=dict)

    @property
    def missing(self) -> Movements:
        """Return every item-day without stock, certain or likely."""
        likely = self.silences.days
        return Movements.of(
            np.concatenate([self.out.item, likely.item]),
            np.concatenate([self.out.day, likely.day]),
            np.concatenate([self.out.units, likely.units]),
        )

    @property
    def weeks(self) -> NDArray[np.datetime64]:
        """Return the Monday of every week, shape (n_weeks,); the last one holds ``as_of``."""
        return self.first + np.arange(0, self.covered.shape[1], 7) * _DAY

    def recent(self, window: int = 90) -> pd.DataFrame:
        """Return demand per day over each item's last ``window`` days in stock.

        Parameters
        ----------
        window : int
            In-stock days to look back on. A fixed number, because a maximum grows with the length
            of the history that it is taken from.

        Returns
        -------
        DataFrame
            One row per item: ``demand_days`` (days found, at most ``window``), ``demand_mean``,
            ``demand_max``, ``demand_sd`` (units/day; NaN without any day).
        """
        n_items, n_days = len(self.items), self.covered.shape[1]
        missing = self.missing
        frames = [
            self._recent(np.arange(low, min(low + 2_000, n_items)), missing, n_days, window)
            for low in range(0, n_items, 2_000)
        ]
        columns = ["demand_days", "demand_mean", "demand_max", "demand_sd"]
        values = np.concatenate(frames) if frames else np.empty((0, 4))
        return pd.DataFrame(values, columns=columns)

    def _recent(
        self, rows: NDArray[np.int64], missing: Movements, n_days: int, window: int
    ) -> NDArray[np.float64]:
        back = min(n_days, 4 * window)  # long stock-outs need a longer look than the window
        low = n_days - back
        observed = self.covered[self.reach[rows], low:].copy()
        observed &= np.arange(low, n_days) >= self.start[rows, None]
        observed &= missing.since(low).dense(rows, back, 1.0) > 0
        units = self.sales.since(low).dense(rows, back, 0.0)
        units -= self.freaks.movements.since(low).dense(rows, back, 0.0)
        rank = observed[:, ::-1].cumsum(axis=1)[:, ::-1]  # 1 = the latest day in stock
        kept = observed & (rank <= window)
        days = kept.sum(axis=1)
        units = np.where(kept, units, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = units.sum(axis=1) / days
            variance = ((units**2).sum(axis=1) - days * mean**2) / np.maximum(days - 1, 1)
        largest = np.where(days > 0, units.max(axis=1, initial=0.0), np.nan)
        return np.column_stack([days, mean, largest, np.sqrt(np.maximum(variance, 0.0))])


def observe(
    daily: pd.DataFrame,
    coverage: pd.DataFrame,
    items: pd.DataFrame,
    stock: pd.DataFrame,
    as_of: date,
    *,
    receipts: pd.DataFrame | None = None,
    item_coverage: pd.DataFrame | None = None,
) -> ObservedDays:
    """Return sales by day with the days that no file covers, or that had no stock, set apart.

    Parameters
    ----------
    daily : DataFrame
        ``sku``, ``market``, ``date``, ``units``: sales by day, rows only where something sold or
        came back. Optionally, missing where not known: ``orders`` (their number), ``largest``
        (units of the largest single order), ``returned`` (units that came back that day), ``price``
        (mean price of a unit, net of discounts), ``discount`` (share of the price taken off).
    coverage : DataFrame
        ``market``, ``starts_on``, ``ends_on``: ranges that the sales files cover.
    items : DataFrame
        ``sku``, ``market``, ``first_sale``; optionally ``launched_on``, ``category``.
    stock : DataFrame
        ``sku``, ``market``, ``date``, ``on_hand``: snapshots; empty if there are none.
    as_of : date
        The last day to look at.
    receipts : DataFrame, optional
        ``sku``, ``market``, ``date``, ``units``: what arrived, to roll snapshots forward with.
    item_coverage : DataFrame, optional
        ``sku``, ``market``, ``shop``, ``starts_on``, ``ends_on``: ranges that the files of the
        shops in which an item sells cover; an item without any has those of its market.

    Raises
    ------
    InvalidPanelError
        Units are negative or no numbers, or sales belong to no item.
    """
    until = np.datetime64(as_of, "D")
    first = _first_monday(coverage, until)
    markets, market_row = np.unique(items["market"].to_numpy(dtype=object), return_inverse=True)
    days = int((until - first) / _DAY) + 1
    row = {str(name): index for index, name in enumerate(markets)}
    by_market = _covered(coverage, coverage["market"].map(row), len(row), first, days)
    keys = pd.MultiIndex.from_arrays([items["sku"].astype(object), items["market"].astype(object)])
    sales = sales_of(daily, keys, first, until)
    snapshots = movements_of(stock, keys, "on_hand", first, until)
    arrived = movements_of(receipts, keys, "units", first, until)
    start = _start(items, first)
    extras = extras_of(daily, keys, first, until)
    reach, by_shops = _by_shops(item_coverage, keys, market_row, first, days)
    covered = np.concatenate([by_market, by_shops])
    return ObservedDays(
        items=_described(items),
        first=first,
        as_of=until,
        sales=sales,
        out=stockout_days(sales, snapshots, arrived, days),
        start=start,
        market=market_row.astype(np.int64),
        markets=tuple(str(name) for name in markets),
        reach=reach,
        covered=covered,
        shares=weekday_shares(sales, start, market_row, by_market),
        silences=silences(sales, snapshots, reach, covered),
        freaks=freaks(sales, extras.get("largest"), market_row, start),
        extras=extras,
    )


def _described(items: pd.DataFrame) -> pd.DataFrame:
    group = items["category"].fillna("") if "category" in items else ""
    return items[["sku", "market"]].assign(group=group).reset_index(drop=True)


def _first_monday(coverage: pd.DataFrame, until: np.datetime64) -> np.datetime64:
    earliest = until - LONGEST_HISTORY * 7 * _DAY
    if len(coverage):
        earliest = max(earliest, coverage["starts_on"].min().to_datetime64().astype("M8[D]"))
    earliest = min(earliest, until)
    return monday(earliest)


def monday(day: np.datetime64) -> np.datetime64:
    """Return the Monday of the week that holds ``day``.

    >>> str(monday(np.datetime64("2026-05-31")))
    '2026-05-25'
    """
    number = day.astype("M8[D]").astype(np.int64)
    return np.datetime64(int(number - (number + 3) % 7), "D")  # 1970-01-01 was a Thursday


def _covered(
    ranges: pd.DataFrame, rows: pd.Series, n_rows: int, first: np.datetime64, days: int
) -> NDArray[np.bool_]:
    """Return the days within each row's ranges, shape (n_rows, days); a missing row is left out."""
    covered = np.zeros((n_rows, days), dtype=bool)
    known = rows.notna()
    for row, low, high in zip(
        rows[known].astype(np.int64),
        day_numbers(ranges.loc[known, "starts_on"], first),
        day_numbers(ranges.loc[known, "ends_on"], first),
        strict=True,
    ):
        covered[row, max(int(low), 0) : max(int(high) + 1, 0)] = True
    return covered


def _by_shops(
    ranges: pd.DataFrame | None,
    keys: pd.MultiIndex,
    market: NDArray[np.int64],
    first: np.datetime64,
    days: int,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return each item's row of coverage, and the rows that follow those of the markets.

    Items that sell in the same shops of a market share a row.
    """
    reach = market.astype(np.int64)
    if ranges is None or ranges.empty:
        return reach, np.zeros((0, days), dtype=bool)
    known = ranges.assign(item=positions(ranges, keys)).query("item >= 0")
    sold_in = known.drop_duplicates(["item", "shop"]).sort_values(["item", "shop"])
    shops = sold_in.groupby("item")["shop"].agg(tuple)
    pairs = list(zip(market[shops.index].tolist(), shops, strict=True))
    code, names = pd.factorize(pd.Series(pairs, dtype=object))
    n_markets = int(market.max()) + 1
    reach[shops.index] = n_markets + code
    one = pd.Series(code, shops.index).drop_duplicates()  # an item of each row, to read it from
    rows = known["item"].map(one)
    return reach, _covered(known, rows, len(names), first, days)


def _start(items: pd.DataFrame, first: np.datetime64) -> NDArray[np.int64]:
    """Return the day of launch, or of the first sale if that is earlier or all that is known."""
    start = items["first_sale"]
    if "launched_on" in items:
        launched = items["launched_on"].astype("datetime64[us]")
        start = (
            start.astype("datetime64[us]")
            .fillna(launched)
            .where(launched.isna() | ~(launched < start), launched)
        )
    never = np.iinfo(np.int64).max // 2
    known = start.notna().to_numpy()
    numbers = np.full(len(items), never)
    numbers[known] = day_numbers(start[known], first)
    return numbers
