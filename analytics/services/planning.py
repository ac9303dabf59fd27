"""Everything that a plan stands on and that no slider changes, computed once per data version."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import demand, distributions, inventory
from analytics.demand import ObservedDays
from analytics.distributions import Kernel
from analytics.errors import NoDataError, OutOfBoundsError, UnknownItemError
from analytics.forecasting import Background, ForecastResult
from analytics.inventory import LeadTimes
from analytics.progress import Progress, silent
from analytics.services import (
    assumptions,
    economics,
    judged,
    ledger,
    money,
    outlooks,
    policies,
    routes,
    warehouses,
)
from analytics.services.assumptions import Assumptions
from analytics.services.economics import Economics
from analytics.services.memory import Recent
from analytics.services.policies import Policies
from analytics.services.tiered import tiers_of
from analytics.store import Store

Array = NDArray[np.float64]
Note = tuple[str, Mapping[str, object]]
WINDOW = 90  # in-stock days that the max-average rule looks back on
ITEM_MARK = " · "
NOTES = (
    "coverage_behind",
    "lead_time_assumed",
    "lead_time_cut",
    "orders_central",
    "season_none",
    "shop_behind",
    "stock_central",
    "stock_later",
    "stock_rolled",
    "stock_unknown",
    "value_left_out",
)  # codes of what a plan assumes or leaves out
_MEMORY = 512 * 2**20


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


@dataclass(frozen=True, slots=True)
class Basis:
    """What every slider starts from; rows of everything are those of ``outlook.items``.

    Attributes
    ----------
    outlook : Outlook
        Items, history and forecast.
    kernel : Kernel
        Demand over 1 to 204 days.
    demand_by_day, sd_by_day : ndarray, shape (n_items, n_days)
        Demand up to the end of day 1, 2, ...: expected, and its sd.
    recent : DataFrame
        Demand per day in the last 90 days in stock.
    lead_times : LeadTimes
        By item, on its default route.
    by_route : LeadTimes
        By item and route, see `inventory.lead_times_by_route`.
    stages : DataFrame
        Days of each stage, by line of ``by_route.lines``.
    closures : ndarray of datetime64, shape (n_closures, 2)
        First and last days on which factories stand still.
    positions : DataFrame
        Stock by place, and open orders.
    central : Series of float, shape (n_items,)
        Units of the SKU in stores of no market; in nobody's position.
    arrivals : DataFrame
        Open orders and when each is expected.
    currency : str
        Base currency.
    rates : mapping
        Units of it per unit of each currency.
    tiers : DataFrame
        Each item's tier and what it rests on, see `tiered.tiers_of`.
    policies : Policies
        How each item is bought.
    economics : Economics
        The money of each item on its default route, in the base currency.
    assumed : Assumptions
        What holds for everything, as settled.
    decided : DataFrame
        What was decided of suggestions, see `ledger.lines`.
    notes : tuple of (code, facts)
        What was assumed, whatever the sliders say.
    row_of_item : ndarray of int, shape (n_rows,)
        Each row's item, as ``by_route`` and ``arrivals`` count them: its own number, unless the
        rows are items by route (`routing.routed`).
    is_observed : ndarray of bool, shape (n_rows,)
        Whether anything is known of an item's demand.
    """

    outlook: Outlook
    kernel: Kernel
    demand_by_day: Array
    sd_by_day: Array
    recent: pd.DataFrame
    lead_times: LeadTimes
    by_route: LeadTimes
    stages: pd.DataFrame
    closures: NDArray[np.datetime64]
    positions: pd.DataFrame
    central: pd.Series
    arrivals: pd.DataFrame
    currency: str
    rates: Mapping[str, float]
    tiers: pd.DataFrame
    policies: Policies
    economics: Economics
    assumed: Assumptions
    decided: pd.DataFrame
    notes: tuple[Note, ...]
    row_of_item: NDArray[np.int64]
    is_observed: NDArray[np.bool_]

    @property
    def nbytes(self) -> int:
        """Return about how much memory the basis holds."""
        frames = (self.outlook.panel, self.outlook.items, self.outlook.snapshots)
        tables = sum(int(frame.memory_usage().sum()) for frame in frames)
        forecast = 4 * self.outlook.forecast.mean.nbytes
        return self.kernel.nbytes + 2 * self.demand_by_day.nbytes + tables + forecast

    def row(self, sku: str, market: str) -> int:
        """Return the row of an item; the SKU is compared without case.

        Raises
        ------
        UnknownItemError
            There is no such item.
        """
        items = self.outlook.items
        wanted = sku.strip().casefold()
        same = (items["market"] == market) & (items["sku"].str.casefold() == wanted)
        rows = np.flatnonzero(same.to_numpy())
        if not len(rows):
            raise UnknownItemError(sku=sku, market=market)
        return int(rows[0])


class _Covered(NamedTuple):
    """The days that sales cover, as an answer that is kept."""

    first: date
    last: date

    @property
    def nbytes(self) -> int:
        return 1


_RECENT: Recent[Basis] = Recent(_MEMORY)
_COVERED: Recent[_Covered] = Recent(16)


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


def items(store: Store) -> list[str]:
    """Return every item as ``SKU · market``, what sold most first."""
    frame = store.items().sort_values("units", ascending=False, kind="stable")
    return (frame["sku"] + ITEM_MARK + frame["market"]).tolist()


def basis(store: Store, as_of: date | None = None, *, progress: Progress = silent) -> Basis:
    """Return what the plan of ``as_of`` stands on, kept in the process per data version.

    Parameters
    ----------
    store : Store
        The workspace.
    as_of : date, optional
        The plan's day; none = the last day that any market's sales cover.
    progress : Progress
        Told while a forecast that is not stored yet is made.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover that day.
    """
    version = store.version
    day = _within(_COVERED.answer(version, lambda: _Covered(*period(store))), as_of)
    return _RECENT.answer(
        (version, day), lambda: _basis(store, outlook(store, day, progress=progress))
    )


def _day(coverage: pd.DataFrame, as_of: date | None) -> date:
    return _within(_Covered(*_period(coverage)), as_of)


def _within(covered: "_Covered", as_of: date | None) -> date:
    first, last = covered
    day = as_of or last
    if not first <= day <= last:
        raise OutOfBoundsError(name="as_of", value=day, low=first, high=last)
    return day


def outlook(store: Store, as_of: date | None = None, *, progress: Progress = silent) -> Outlook:
    """Return history and forecast; arguments and errors are those of `basis`.

    The forecast is read from the workspace if it was made for the same history, day and engine;
    else it is made. That of the last day is stored, unless the workspace only reads: a look at
    other days must not push it out.
    """
    coverage, item_coverage = store.coverage(), store.item_coverage()
    day = _day(coverage, as_of)
    listed = _filled(store.items())
    orders, snapshots = store.purchase_orders(), store.stock_history()
    days = demand.observe(
        _moved(store), coverage, listed, snapshots, day,
        receipts=inventory.receipts(orders), item_coverage=item_coverage,
    )  # fmt: skip
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
        for name in ("category", "supplier", "tier", "currency", "price_currency", "predecessor")
    }
    name = listed["name"].astype(object).where(listed["name"].notna(), listed["sku"])
    return listed.assign(name=name, **texts).reset_index(drop=True)


def _basis(store: Store, seen: Outlook) -> Basis:
    days, forecast = seen.days, seen.forecast
    first_days = 7 - outlooks.first_weekday(days)
    mean = distributions.by_day(forecast.cumulative_mean, days.shares, days.market, first_days)
    variance = distributions.by_day(forecast.cumulative_sd**2, days.shares, days.market, first_days)
    sd = np.sqrt(variance)
    ways = routes.table(store)
    by_route = inventory.lead_times_by_route(seen.items, seen.orders, ways, seen.as_of)
    lead_times = inventory.default_route(by_route)
    places = store.stock_places()
    positions = inventory.stock_positions(
        seen.items, seen.snapshots, seen.orders, days, places=places, named=warehouses.named(store)
    )
    currency = assumptions.currency(store, seen.items)
    rates = money.rates_to(currency, store.rates(), seen.as_of)
    worth = economics.of(store, seen.items, lead_times.lines["route"].tolist(), seen.as_of)
    assumed = assumptions.of(store)
    tiers = tiers_of(
        seen,
        positions,
        rates,
        contribution=worth.contribution,
        thresholds=assumptions.thresholds(assumed),
    )
    return Basis(
        outlook=seen,
        kernel=distributions.kernel(mean, sd),
        demand_by_day=mean,
        sd_by_day=sd,
        recent=days.recent(WINDOW),
        lead_times=lead_times,
        by_route=by_route,
        stages=inventory.stage_days(by_route.lines, seen.orders, ways, seen.as_of),
        closures=inventory.factory_closures(seen.events),
        positions=positions,
        central=inventory.central_stock(seen.items, places, seen.as_of),
        arrivals=inventory.arrivals(
            seen.items, seen.orders, by_route, seen.as_of, positions=positions
        ),
        currency=currency,
        rates=rates,
        tiers=tiers,
        policies=policies.resolved(store, seen.items, tiers["tier"]),
        economics=worth,
        assumed=assumed,
        decided=_decided(store, seen.as_of),
        notes=tuple(_notes(seen, lead_times, positions)),
        row_of_item=np.arange(len(seen.items)),
        is_observed=seen.is_observed,
    )


def _decided(store: Store, as_of: date) -> pd.DataFrame:
    """Return what was decided up to a day: a look back knows no later word."""
    said = ledger.lines(store)
    return said.loc[said["decided_on"] <= pd.Timestamp(as_of)]


def _notes(seen: Outlook, lead_times: LeadTimes, positions: pd.DataFrame) -> list[Note]:
    notes: list[Note] = list(_behind(seen))
    if not seen.background.seasons.is_learnt:
        notes.append(("season_none", {}))
    assumed = int((lead_times.lines["lead_time_source"] == "assumed").sum())
    if assumed:
        notes.append(("lead_time_assumed", {"items": assumed}))
    return [*notes, *_stock_notes(positions), *_central(seen)]


def _behind(seen: Outlook) -> Iterator[Note]:
    """Say which markets' sales end before the plan's day, and which shops' before the market's."""
    today = pd.Timestamp(seen.as_of)
    ends = seen.coverage.groupby("market")["ends_on"].max()
    for market, end in ends[ends < today].items():
        yield "coverage_behind", {"market": market, "ends_on": end.date()}
    shops = seen.item_coverage.groupby(["market", "shop"], as_index=False)["ends_on"].max()
    late = shops["ends_on"] < shops["market"].map(ends).clip(upper=today)
    for _, row in shops[late].iterrows():
        facts = {"shop": row["shop"], "market": row["market"], "ends_on": row["ends_on"].date()}
        yield "shop_behind", facts


def _stock_notes(positions: pd.DataFrame) -> Iterator[Note]:
    unknown = int(positions["on_hand"].isna().sum())
    if unknown:
        yield "stock_unknown", {"items": unknown}
    rolled = positions.loc[positions["stock_age"] >= 1, "stock_date"]
    if len(rolled):
        yield "stock_rolled", {"items": len(rolled), "oldest": rolled.min().date()}
    early = positions.loc[positions["stock_age"] < 0, "stock_date"]
    if len(early):
        yield "stock_later", {"items": len(early), "latest": early.max().date()}


def _central(seen: Outlook) -> Iterator[Note]:
    """Say what stock and which open orders belong to no market."""
    central = seen.snapshots.loc[seen.snapshots["market"].isna()]
    if len(central):
        yield "stock_central", {"skus": int(central["sku"].nunique())}
    orders = seen.orders
    loose = orders.loc[orders["market"].isna() & (orders["open_quantity"] > 0)]
    if len(loose):
        units = float(loose["open_quantity"].sum())
        yield "orders_central", {"skus": int(loose["sku"].nunique()), "units": units}
