"""What becomes of every item at rest and under a scenario: the numbers of the delay lab."""

from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import inventory
from analytics.inventory import replanning
from analytics.policy import Order
from analytics.scenario import Scenario
from analytics.services import board, ledger, scenes
from analytics.services.board import Supply
from analytics.services.levels import Levels, levels
from analytics.services.planning import Basis
from analytics.services.scenes import OpenOrders
from analytics.services.wishes import bounds

Array = NDArray[np.float64]
Days = NDArray[np.int64]
Flags = NDArray[np.bool_]
_BOOKING = 2  # of the stages, the first that units in the central store still have ahead
MOVED = 1  # place of what plan B moves from the central store, behind the open orders
_NOT_ORDERED = ("discontinued", "too_new", "no_demand", "stock_unknown", "decide")  # statuses


@dataclass(frozen=True, slots=True)
class Incoming:
    """What arrives, one row per item; shape (n_items, n_orders) unless said otherwise.

    Attributes
    ----------
    calm, disrupted, expected : ndarray of int
        Day on which each order is expected: without the scenario's disruption, with it, on average.
    units : ndarray
        What each brings.
    chance : float
        Of the disruption, 0 to 1: it hits all of them together.
    """

    calm: Days
    disrupted: Days
    expected: Days
    units: Array
    chance: float

    @classmethod
    def of(cls, basis: Basis, orders: OpenOrders, chance: float) -> Self:
        """Return the open orders of a basis, one row per item."""
        calm, units = board.arrivals_of(basis, orders.calm)
        if orders.disrupted is orders.calm or (orders.disrupted == orders.calm).all():
            return cls(calm, calm, calm, units, 0.0)
        late, mean = (
            board.arrivals_of(basis, eta)[0] for eta in (orders.disrupted, orders.expected)
        )
        return cls(calm, late, mean, units, chance)

    def take(self, rows: NDArray[np.int64]) -> Self:
        """Return what arrives of some items; a row may repeat."""
        grids = {name: getattr(self, name)[rows] for name in ("calm", "disrupted", "expected")}
        return replace(self, **grids, units=self.units[rows])

    def with_more(self, eta: Days, units: Array) -> Self:
        """Return the same and more, shape (n_items, n_more), that no disruption hits."""
        return replace(
            self,
            calm=np.concatenate([self.calm, eta], axis=1),
            disrupted=np.concatenate([self.disrupted, eta], axis=1),
            expected=np.concatenate([self.expected, eta], axis=1),
            units=np.concatenate([self.units, units], axis=1),
        )

    def moved(self, number: Days, eta: Days) -> Self:
        """Return the same with one order of each item, ``number``, on another day."""
        rows = np.arange(len(self.units))
        grids = {name: getattr(self, name).copy() for name in ("calm", "disrupted", "expected")}
        for grid in grids.values():
            grid[rows, number] = eta
        return replace(self, **grids)


class Fate(NamedTuple):
    """What becomes of stock within the horizon; shape (n_items,) each, NaN = stock unknown."""

    lost: Array  # units, expected over calm and disrupted
    days: Array  # without stock, likewise
    first: Array  # day on which stock first does not suffice, by the mean delay; NaN = none


def fate(on_hand: Array, demand: Array, incoming: Incoming) -> Fate:
    """Return what becomes of the stock of each item, see `inventory.project`.

    Examples
    --------
    Two hundred units, ten a day, orders due on days 18 and 40, one time in two both a week late:

    >>> demand = np.cumsum(np.full((1, 60), 10.0), axis=1)
    >>> day = np.array([[18, 40]])
    >>> units = np.array([[150.0, 300.0]])
    >>> found = fate(np.array([200.0]), demand, Incoming(day, day + 7, day + 4, units, 0.5))
    >>> float(found.lost[0]), float(found.days[0]), float(found.first[0])  # 40 and 110 units
    (75.0, 7.5, 21.0)
    """
    calm = inventory.project(on_hand, demand, incoming.calm, incoming.units)
    if incoming.chance == 0.0:
        return Fate(calm.lost, calm.stockout_days, calm.stockout_day)
    late = inventory.project(on_hand, demand, incoming.disrupted, incoming.units)
    mean = inventory.project(on_hand, demand, incoming.expected, incoming.units)
    # Written as a difference, so that equal branches give exactly one of them.
    lost = calm.lost + incoming.chance * (late.lost - calm.lost)
    days = calm.stockout_days + incoming.chance * (late.stockout_days - calm.stockout_days)
    return Fate(lost, days, mean.stockout_day)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case: at rest, or as a scenario has it.

    Attributes
    ----------
    basis : Basis
        As the scenario makes it.
    needed : Levels
        What the promise needs.
    supply : Supply
        What is there, what comes, and when an order of today could.
    lines : DataFrame
        `board.lines`, rows as in the basis.
    is_skipped : ndarray of bool
        Whether the seller skipped the suggestion of today.
    orders : OpenOrders
        When each open order is expected, rows as in the basis' arrivals.
    on_hand : ndarray, shape (n_items,)
        Units that can be sold; NaN = unknown.
    demand : ndarray, shape (n_items, horizon)
        Expected up to the end of each day.
    incoming, planned : Incoming
        Open orders, and those with the orders of plan B behind them.
    current, replanned : Fate
        By plan A and plan B.
    """

    basis: Basis
    needed: Levels
    supply: Supply
    lines: pd.DataFrame
    is_skipped: Flags
    orders: OpenOrders
    on_hand: Array
    demand: Array
    incoming: Incoming
    planned: Incoming
    current: Fate
    replanned: Fate

    @property
    def horizon(self) -> int:
        """Return the days looked ahead."""
        return int(self.demand.shape[1])

    @property
    def nbytes(self) -> int:
        """Return about how much memory the case holds beside its basis."""
        laws = 3 * (self.needed.lead.cdf.nbytes + self.needed.protection.cdf.nbytes)
        return laws + self.needed.ahead.nbytes + int(self.lines.memory_usage().sum())


def outcome(basis: Basis, scenario: Scenario, horizon: int) -> Outcome:
    """Return what becomes of every item of a basis under a scenario within a horizon."""
    needed = levels(basis, scenario)
    supply = board.supply_of(basis, needed, needed.ahead)
    lines = board.lines(basis, needed, supply)
    stock = basis.positions
    on_hand = (stock["on_hand"] - stock["reserved"].fillna(0.0)).to_numpy(dtype=np.float64)
    demand = needed.ahead[:, :horizon]
    orders = scenes.etas(basis, scenario)
    incoming = Incoming.of(basis, orders, scenario.disruption_chance_pct / 100)
    skipped = np.zeros(len(lines), dtype=bool)
    if len(basis.decided):
        skipped = ledger.silenced(basis.decided, lines, as_of=basis.outlook.as_of)
    planned = _planned(_Today(basis, needed, supply, lines, skipped), on_hand, incoming, horizon)
    return Outcome(
        basis=basis,
        needed=needed,
        supply=supply,
        lines=lines,
        is_skipped=skipped,
        orders=orders,
        on_hand=on_hand,
        demand=demand,
        incoming=incoming,
        planned=planned,
        current=fate(on_hand, demand, incoming),
        replanned=fate(on_hand, demand, planned),
    )


class _Today(NamedTuple):
    """The plan of today."""

    basis: Basis
    needed: Levels
    supply: Supply
    lines: pd.DataFrame
    is_skipped: Flags

    def column(self, name: str) -> Array:
        return self.lines[name].to_numpy(dtype=np.float64, na_value=np.nan)


def transfer_days(basis: Basis, needed: Levels) -> Days:
    """Return the days until units of the central store can be sold, shape (n_items,)."""
    stages = scenes.stages_under(basis, needed.scenario, needed.lead_time_mean)
    days = np.ceil(np.nan_to_num(stages[:, _BOOKING:].sum(axis=1)) - 1e-9)
    return np.asarray(np.maximum(days, 1.0).astype(np.int64))


def _planned(today: _Today, on_hand: Array, incoming: Incoming, horizon: int) -> Incoming:
    """Return what arrives by plan B: today's orders and moves, then those of the policies."""
    basis, needed = today.basis, today.needed
    stands = np.where(today.is_skipped, 0.0, 1.0)
    ordered = stands * np.nan_to_num(today.column("order_quantity"))
    moved = stands * np.nan_to_num(today.column("transfer_quantity"))
    arrival = np.maximum(np.ceil(today.supply.arrival - 1e-9), 1.0).astype(np.int64)
    season_day, season_units = _season(today, arrival)
    with_today = incoming.with_more(
        np.column_stack([arrival, transfer_days(basis, needed), season_day]),
        np.column_stack([ordered, moved, stands * season_units]),
    )
    new = replanning.orders_of_policy(
        today.column("inventory_position") + ordered + moved,
        needed.ahead,
        _policy(today),
        on_hand=on_hand,
        eta=with_today.expected,
        quantity=with_today.units,
        horizon=horizon,
    )
    return with_today.with_more(new.eta, new.units)


def _season(today: _Today, arrival: Days) -> tuple[Days, Array]:
    """Return day of arrival and units of a season's one order, where it is not due yet."""
    once = today.basis.policies.order == Order.SEASON.value
    waits = once & (today.lines["status"] == "order_later").to_numpy()
    as_of = pd.Timestamp(today.basis.outlook.as_of)
    days = (today.lines["order_by"] - as_of).dt.days.to_numpy(dtype=np.float64, na_value=np.nan)
    known = waits & ~np.isnan(days)
    units = np.where(known, np.nan_to_num(today.column("later_quantity")), 0.0)
    return arrival + np.where(known, days, 0.0).astype(np.int64), units


def _policy(today: _Today) -> replanning.Policy:
    rules, needed = today.basis.policies, today.needed
    stopped = today.lines["status"].isin(_NOT_ORDERED).to_numpy() | today.is_skipped
    return replanning.Policy(
        reorder_point=bounds(today.basis, needed)[0],
        protected_days=needed.protected_days,
        cover_days=rules.cover_days.astype(np.float64),
        arrival=today.supply.arrival,
        moq=today.column("moq"),
        carton=today.column("carton_quantity"),
        in_batches=np.asarray(rules.order == Order.BATCH.value),
        once=np.asarray((rules.order == Order.SEASON.value) | stopped),
    )
