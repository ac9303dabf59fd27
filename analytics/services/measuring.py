"""How the shop runs: the measures, what each is made of, and the items behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import kpi
from analytics.kpi import MEASURES
from analytics.services import holding_cash, measured_trend, paid_prices, past_stock, planning
from analytics.services.memory import Recent
from analytics.services.planning import Basis, Note
from analytics.store import Store

__all__ = [
    "ARTICLE", "BY", "MEASURES", "MISSING", "NOTES", "STANDS_IN", "TREND", "UNITS", "Fact",
    "Measures", "items_behind", "measures",
]  # fmt: skip

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Sides = Mapping[str, tuple[Array, Array]]
ARTICLE = MEASURES[:4]  # as the article defines them; the others are their honest variants
BY = ("", "market", "category", "tier", "supplier")
TREND = measured_trend.TREND
UNITS: Mapping[str, str] = {
    "inventory_turnover": "times",
    "days_of_inventory": "days",
    "gmroi": "times",
    "weeks_of_cover": "weeks",
    "stock_value": "money",
    **{
        code: "share"
        for code in MEASURES
        if code.endswith("share") or code.startswith(("slow_share", "stockout", "in_stock", "sell"))
    },
}  # what a measure is counted in
STANDS_IN = {"stockout_rate": "stockout_demand_share"}  # what to show where the first is unknown
MISSING = ("stock", "products", "purchase_orders", "orders")  # tables that a measure may lack
NOTES = (
    "annualised", "cost_left_out", "freight_left_out", "price_listed", "rate_left_out",
    "stock_part", "trend_by_sales",
)  # fmt: skip
_HALF = 0.5  # of the days, below which a mean of the stock is said to be of a part of them
_MEMORY = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Fact:
    """What one measure is made of.

    Attributes
    ----------
    value, numerator, denominator : float
        NaN = cannot be said.
    items_used, items_left_out : int
        Items in the sums, and items of which something is not known.
    days_used : int
        Days of the period.
    """

    value: float
    numerator: float
    denominator: float
    items_used: int
    items_left_out: int
    days_used: int


@dataclass(frozen=True, slots=True)
class Measures:
    """The measures of the shop over a period.

    Attributes
    ----------
    as_of, starts_on : date
        Last and first day of the period.
    days : int
        Its length; a shorter one than a year is made a year where a measure is per year.
    currency : str
        Base currency; empty = none is known.
    by : str
        What the groups are, one of `BY`.
    table : DataFrame
        First all items (``is_all``), then each group: ``group`` (empty = of no group), ``items``,
        the codes of `MEASURES` (NaN = cannot be said), ``items_left_out`` (of turnover).
    trend : DataFrame
        ``month`` (its first day), ``measure`` (one of `TREND`), ``value``, ``days``: the last 12
        whole months, turnover of each made a year's.
    items : DataFrame
        One row per item: ``sku``, ``market``, ``name``, ``category``, ``supplier``, ``tier``,
        ``status``, ``cover_days`` and the columns of `analytics.kpi.inputs`.
    cash_places : DataFrame
        ``market`` (empty = of no market), ``place``, ``units``, ``value``, ``is_on_hand``,
        ``items_left_out``: the stock at its places, and beside it what is under way and on order.
    cash_ages : DataFrame
        ``over``, ``up_to`` (days; NaN = age unknown), ``tier``, ``units``, ``value``.
    facts : mapping of str to Fact
        By measure, of all items.
    missing : mapping of str to tuple of str
        By measure the tables (`MISSING`) that it lacks; empty = none.
    notes : tuple of (code, facts)
        What was assumed or left out; codes of `NOTES`.
    """

    as_of: date
    starts_on: date
    days: int
    currency: str
    by: str
    table: pd.DataFrame
    trend: pd.DataFrame
    items: pd.DataFrame
    cash_places: pd.DataFrame
    cash_ages: pd.DataFrame
    facts: Mapping[str, Fact]
    missing: Mapping[str, tuple[str, ...]]
    notes: tuple[Note, ...]

    @property
    def nbytes(self) -> int:
        """Return about how much memory it holds."""
        frames = (self.table, self.trend, self.items, self.cash_places, self.cash_ages)
        return sum(int(frame.memory_usage().sum()) for frame in frames)

    def value(self, measure: str) -> float:
        """Return a measure of all items; NaN = cannot be said."""
        return self.facts[measure].value


_RECENT: Recent[Measures] = Recent(_MEMORY)


def measures(store: Store, as_of: date | None = None, by: str = "", *, days: int = 365) -> Measures:
    """Return the measures of the shop over the days up to the plan's, kept per data version.

    Parameters
    ----------
    store : Store
        The workspace.
    as_of : date, optional
        The last day; none = the last one that sales cover.
    by : str
        One of `BY`: the groups of the table; empty = all items alone.
    days : int
        Length of the period; shorter where the files do not go back so far.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover that day.

    Notes
    -----
    ``turnover = cost of goods x 365 / days / mean of the daily stock at cost``, turnover days
    ``365 / turnover``, slow share ``slow or dead items / items that sold or stood in stock``.
    The article's stock-out rate counts orders that met no stock. No file tells of an order that
    was never placed, and a sale on a day that a count calls empty proves that something was there:
    it cannot be told from a backorder. So it stays unknown, and the share of demand that fell on
    days without stock stands in for it.
    """
    basis = planning.basis(store, as_of)
    key = (store.version, basis.outlook.as_of, days)
    whole = _RECENT.answer((*key, ""), lambda: _measures(store, basis, days))
    return _RECENT.answer((*key, by), lambda: _grouped(whole, by)) if by else whole


def _measures(store: Store, basis: Basis, days: int) -> Measures:
    seen = basis.outlook
    first, last = past_stock.period(seen, length=days)
    starts_on = min(first, measured_trend.starts_on(seen))
    book = past_stock.days(basis, starts_on=starts_on)
    ledger = book.between((first - starts_on).days, book.n_days)
    paid = paid_prices.of(store, basis, first, last)
    ledger = replace(ledger, price=np.where(np.isnan(paid), ledger.price, paid))
    made_of = kpi.inputs(ledger)
    items, sides = _items(basis, made_of), kpi.parts(made_of, ledger.n_days)
    values = kpi.totals(sides)
    found = Measures(
        as_of=last,
        starts_on=first,
        days=ledger.n_days,
        currency=basis.currency,
        by="",
        table=_table(sides, np.full(len(items), "", dtype=object)).iloc[:1],
        trend=measured_trend.trend(basis, book),
        items=items,
        cash_places=holding_cash.places(basis),
        cash_ages=holding_cash.ages(basis),
        facts=_facts(sides, values, ledger.n_days),
        missing=_missing(basis),
        notes=(),
    )
    return replace(found, notes=tuple(_notes(basis, found, days, np.isnan(paid))))


def _grouped(whole: Measures, by: str) -> Measures:
    sides = _sides(whole)
    return replace(whole, by=by, table=_table(sides, whole.items[by].to_numpy(dtype=object)))


def _sides(whole: Measures) -> Sides:
    return kpi.parts({name: whole.items[name].to_numpy() for name in kpi.NUMBERS}, whole.days)


def _table(sides: Sides, group: NDArray[np.object_]) -> pd.DataFrame:
    table = kpi.summed(sides, group)
    return table.assign(is_all=np.arange(len(table)) == 0)


def _items(basis: Basis, made_of: Mapping[str, Array]) -> pd.DataFrame:
    listed = basis.outlook.items[["sku", "market", "name", "category", "supplier"]]
    judged = basis.tiers[["tier", "status", "cover_days"]].reset_index(drop=True)
    return pd.concat([listed.reset_index(drop=True), judged, pd.DataFrame(made_of)], axis=1)


def _facts(sides: Sides, values: Mapping[str, float], days: int) -> dict[str, Fact]:
    found = {}
    for code, (above, below) in sides.items():
        known = ~np.isnan(above)
        used = int(known.sum())
        found[code] = Fact(
            value=values[code],
            numerator=float(above[known].sum()) if used else float("nan"),
            denominator=float(below[known].sum()) if used else float("nan"),
            items_used=used,
            items_left_out=len(above) - used,
            days_used=days,
        )
    return found


def _missing(basis: Basis) -> dict[str, tuple[str, ...]]:
    """Return the tables without which a measure says nothing."""
    seen = basis.outlook
    lacks = {
        "stock": seen.snapshots.empty,
        "products": bool(np.isnan(basis.economics.unit_cost).all()),
        "purchase_orders": seen.orders.empty,
        "orders": True,
    }
    return {code: tuple(table for table in _NEEDS[code] if lacks[table]) for code in MEASURES}


_NEEDS: Mapping[str, tuple[str, ...]] = {
    "inventory_turnover": ("stock", "products"),
    "days_of_inventory": ("stock", "products"),
    "slow_share": ("stock",),
    "stockout_rate": ("orders",),
    "slow_share_stocked": ("stock",),
    "slow_share_value": ("stock", "products"),
    "stockout_share": ("stock",),
    "stockout_demand_share": ("stock",),
    "in_stock_rate": ("stock",),
    "gmroi": ("stock", "products"),
    "sell_through": ("stock", "purchase_orders"),
    "weeks_of_cover": ("stock",),
    "stock_value": ("stock", "products"),
}


def _notes(basis: Basis, found: Measures, asked: int, is_listed: Flags) -> Iterator[Note]:
    if found.days < asked:
        yield "annualised", {"days": found.days}
    known, active = (float(found.items[name].sum()) for name in ("days_known", "days_active"))
    if 0 < known < _HALF * active:
        yield "stock_part", {"share": known / active}
    if len(found.trend):
        yield "trend_by_sales", {}
    for code, rows in _left_out(basis, found.items, is_listed):
        if rows.any():
            yield code, {"items": int(rows.sum())}


def _left_out(basis: Basis, items: pd.DataFrame, is_listed: Flags) -> Iterator[tuple[str, Flags]]:
    """Yield of which items some amount is not known, or not from where it should be."""
    money = basis.economics
    counts = items["is_counted"].to_numpy(dtype=bool)
    stated = basis.outlook.items["unit_cost"].notna().to_numpy()
    unknown = np.isnan(money.landed_cost)
    sold = (items["sold"] > 0).to_numpy() & items["price"].notna().to_numpy()
    yield "price_listed", sold & is_listed
    yield "cost_left_out", counts & ~stated
    yield "rate_left_out", counts & stated & unknown
    yield "freight_left_out", counts & np.isnan(money.freight) & ~unknown


def items_behind(measures: Measures, code: str) -> pd.DataFrame:
    """Return the items behind a measure, what contributes most first.

    Parameters
    ----------
    measures : Measures
        The answer.
    code : str
        One of `MEASURES`.

    Returns
    -------
    DataFrame
        The columns of ``measures.items``, then ``above``, ``below`` (what the item adds to the two
        sides of the ratio) and ``value`` (the item's own ratio; NaN = below is nothing). Items that
        are left out come last.
    """
    above, below = _sides(measures)[code]
    own = above if code == "stock_value" else kpi.ratio(above, below)
    found = measures.items.assign(above=above, below=below, value=own)
    rank = np.nan_to_num(below if code in _BY_HELD else above, nan=-np.inf)
    order = np.argsort(-rank, kind="stable")
    return found.iloc[order].reset_index(drop=True)


_BY_HELD = ("inventory_turnover", "gmroi")  # what holds the money comes first
