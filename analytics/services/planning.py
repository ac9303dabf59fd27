"""Everything that a plan stands on and that no slider changes, computed once per data version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import distributions, inventory
from analytics.distributions import Kernel
from analytics.errors import UnknownItemError
from analytics.inventory import LeadTimes
from analytics.progress import Progress, silent
from analytics.scenario import Scenario
from analytics.services import (
    assumptions,
    demand_ahead,
    economics,
    ledger,
    money,
    outlooks,
    plan_notes,
    policies,
    rebased,
    routes,
    warehouses,
)
from analytics.services.assumptions import Assumptions
from analytics.services.economics import Changes, Economics
from analytics.services.memory import Recent
from analytics.services.plan_notes import NOTES, Note
from analytics.services.policies import Policies
from analytics.services.prospects import Covered, Outlook, outlook, period, within
from analytics.services.tiered import tiers_of
from analytics.store import Store

__all__ = [
    "ITEM_MARK", "NOTES", "WINDOW", "Basis", "Note", "Outlook", "basis", "items", "outlook",
    "period", "under",
]  # fmt: skip
Array = NDArray[np.float64]
WINDOW = 90  # in-stock days that the max-average rule looks back on
ITEM_MARK = " · "
_MEMORY = 512 * 2**20


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
        Open orders and when each is expected, see `inventory.arrivals`.
    order_stages : ndarray, shape (n_arrivals, 6)
        Days of each stage of each open order's route, adding up to its mean lead time.
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
    elasticity : ndarray, shape (n_rows,)
        Per cent of demand lost per per cent of price, never below 0; 0 where nothing was learnt.
    changes : Changes
        What is other than stated of freight, currencies and prices: nothing, at rest.
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
    order_stages: Array
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
    elasticity: Array
    changes: Changes

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


_RECENT: Recent[Basis] = Recent(_MEMORY)
_COVERED: Recent[Covered] = Recent(16)


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
    day = within(_COVERED.answer(version, lambda: Covered(*period(store))), as_of)
    return _RECENT.answer(
        (version, day), lambda: _basis(store, outlook(store, day, progress=progress))
    )


def under(store: Store, scenario: Scenario, *, progress: Progress = silent) -> Basis:
    """Return the basis of the scenario's day as its route, freight, currency and prices make it.

    At rest the very basis that `basis` returns; errors are its, too.

    Notes
    -----
    Items that have the route ``ship_by`` are bought by it: lead time, stages and freight are that
    route's. Tiers and policies stay as they are at rest.
    """
    return rebased.rebased(store, basis(store, scenario.as_of, progress=progress), scenario)


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
    stages = inventory.stage_days(by_route.lines, seen.orders, ways, seen.as_of)
    arrivals = inventory.arrivals(
        seen.items, seen.orders, by_route, seen.as_of, positions=positions
    )
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
        stages=stages,
        closures=inventory.factory_closures(seen.events),
        positions=positions,
        central=inventory.central_stock(seen.items, places, seen.as_of),
        arrivals=arrivals,
        order_stages=_order_stages(arrivals, by_route.lines, stages),
        currency=currency,
        rates=rates,
        tiers=tiers,
        policies=policies.resolved(store, seen.items, tiers["tier"]),
        economics=worth,
        assumed=assumed,
        decided=_decided(store, seen.as_of),
        notes=tuple(plan_notes.notes(seen, lead_times, positions)),
        row_of_item=np.arange(len(seen.items)),
        is_observed=seen.is_observed,
        elasticity=demand_ahead.elasticities(seen.background, len(seen.items)),
        changes=Changes(),
    )


def _order_stages(orders: pd.DataFrame, lines: pd.DataFrame, stages: pd.DataFrame) -> Array:
    """Return the stages of each open order's route; of what is only announced those of the first.

    ``stages`` stand in the rows of ``lines``.
    """
    line = np.maximum(orders["line"].to_numpy(dtype=np.int64), 0)
    days = stages[list(inventory.STAGES)].to_numpy(dtype=np.float64)[line]
    mean = lines["lead_time_mean"].to_numpy(dtype=np.float64)[line]
    return inventory.scaled_stages(days, mean)


def _decided(store: Store, as_of: date) -> pd.DataFrame:
    """Return what was decided up to a day: a look back knows no later word."""
    said = ledger.lines(store)
    return said.loc[said["decided_on"] <= pd.Timestamp(as_of)]
