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
from analytics.services.board import Supply, Today
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
    def of(cls, basis: Basis, orders: OpenOrders, supply: Supply, chance: float) -> Self:
        """Return the open orders of a basis, one row per item; ``supply``: as expected."""
        mean, units = supply.eta, supply.units
        if (orders.disrupted == orders.calm).all():
            return cls(mean, mean, mean, units, 0.0)
        calm, late = (board.arrivals_of(basis, eta)[0] for eta in (orders.calm, orders.disrupted))
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

    def shortened(self) -> Self:
        """Return the same without the columns in which nothing comes."""
        used = self.units.any(axis=0)
        if used.all():
            return self
        grids = {name: getattr(self, name)[:, used] for name in ("calm", "disrupted", "expected")}
        return replace(self, **grids, units=self.units[:, used])

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
    come = incoming.shortened()
    late = inventory.project(on_hand, demand, come.disrupted, come.units)
    if come.chance == 0.0:
        return Fate(late.lost, late.stockout_days, late.stockout_day)
    # Who loses nothing although all of it is late loses nothing if it comes sooner.
    rows = np.flatnonzero(late.lost > 0)
    held, sold, some = on_hand[rows], demand[rows], come.take(rows)
    calm = inventory.project(held, sold, some.calm, some.units)
    lost, days, first = late.lost.copy(), late.stockout_days.copy(), late.stockout_day.copy()
    # Written as a difference, so that equal branches give exactly one of them.
    lost[rows] = calm.lost + come.chance * (lost[rows] - calm.lost)
    days[rows] = calm.stockout_days + come.chance * (days[rows] - calm.stockout_days)
    first[rows] = inventory.project(held, sold, some.expected, some.units).stockout_day
    return Fate(lost, days, first)


def lost_of(one: "Outcome", rows: NDArray[np.int64], incoming: Incoming) -> Array:
    """Return the units that some items lose within the horizon, see `fate`, shape (n_rows,)."""
    come, held = incoming.shortened(), one.on_hand[rows]
    last = np.full(len(rows), one.horizon)
    calm, late = (
        replanning.lost_by(held, one.demand, eta, come.units, last, rows=rows)
        for eta in ([come.calm, come.disrupted] if come.chance else [come.calm] * 2)
    )
    return calm + come.chance * (late - calm)


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
    today : board.Today
        What the plan does today.
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
    today: Today
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
        return laws + self.needed.ahead.nbytes + 6 * self.planned.units.nbytes


def outcome(basis: Basis, scenario: Scenario, horizon: int) -> Outcome:
    """Return what becomes of every item of a basis under a scenario within a horizon."""
    needed = levels(basis, scenario)
    orders = scenes.etas(basis, scenario)
    supply = board.supplied(basis, needed, orders.expected, needed.ahead)
    today = board.today(basis, needed, supply)
    on_hand = board.sellable(basis)
    demand = needed.ahead[:, :horizon]
    incoming = Incoming.of(basis, orders, supply, scenario.disruption_chance_pct / 100)
    skipped = _skipped(basis, today)
    plan = _Plan(basis, needed, supply, today, skipped)
    planned = _planned(plan, on_hand, incoming, horizon)
    return Outcome(
        basis=basis,
        needed=needed,
        supply=supply,
        today=today,
        is_skipped=skipped,
        orders=orders,
        on_hand=on_hand,
        demand=demand,
        incoming=incoming,
        planned=planned,
        current=fate(on_hand, demand, incoming),
        replanned=fate(on_hand, demand, planned),
    )


def _skipped(basis: Basis, today: Today) -> Flags:
    """Return whether the seller skipped the suggestion of today, shape (n_items,)."""
    if not len(basis.decided):
        return np.zeros(len(today.status), dtype=bool)
    as_of, listed = basis.outlook.as_of, basis.outlook.items
    suggested = pd.DataFrame(
        {
            "sku": listed["sku"],
            "market": listed["market"],
            "route": basis.lead_times.lines["route"].to_numpy(),
            "order_quantity": today.quantity,
            "order_by": pd.Timestamp(as_of) + pd.to_timedelta(today.order_by, unit="D"),
        }
    )
    return ledger.silenced(basis.decided, suggested, as_of=as_of)


class _Plan(NamedTuple):
    """The plan of today."""

    basis: Basis
    needed: Levels
    supply: Supply
    today: Today
    is_skipped: Flags


def transfer_days(basis: Basis, needed: Levels) -> Days:
    """Return the days until units of the central store can be sold, shape (n_items,)."""
    stages = scenes.stages_under(basis, needed.scenario, needed.lead_time_mean)
    days = np.ceil(np.nan_to_num(stages[:, _BOOKING:].sum(axis=1)) - 1e-9)
    return np.asarray(np.maximum(days, 1.0).astype(np.int64))


def _planned(plan: _Plan, on_hand: Array, incoming: Incoming, horizon: int) -> Incoming:
    """Return what arrives by plan B: today's orders and moves, then those of the policies."""
    basis, needed = plan.basis, plan.needed
    stands = np.where(plan.is_skipped, 0.0, 1.0)
    ordered = stands * np.nan_to_num(plan.today.quantity)
    moved = stands * np.nan_to_num(plan.today.from_local)
    arrival = np.maximum(np.ceil(plan.supply.arrival - 1e-9), 1.0).astype(np.int64)
    season_day, season_units = _season(plan, arrival)
    with_today = incoming.with_more(
        np.column_stack([arrival, transfer_days(basis, needed), season_day]),
        np.column_stack([ordered, moved, stands * season_units]),
    )
    new = replanning.orders_of_policy(
        basis.positions["inventory_position"].to_numpy(dtype=np.float64) + ordered + moved,
        needed.ahead,
        _policy(plan),
        on_hand=on_hand,
        eta=with_today.expected,
        quantity=with_today.units,
        horizon=horizon,
    )
    return with_today.with_more(new.eta, new.units)


def _season(plan: _Plan, arrival: Days) -> tuple[Days, Array]:
    """Return day of arrival and units of a season's one order, where it is not due yet."""
    once = plan.basis.policies.order == Order.SEASON.value
    days = np.floor(plan.today.order_by)
    known = once & board.has_status(plan.today, ["order_later"]) & ~np.isnan(days)
    units = np.where(known, np.nan_to_num(plan.today.later), 0.0)
    return arrival + np.where(known, days, 0.0).astype(np.int64), units


def _policy(plan: _Plan) -> replanning.Policy:
    rules, needed = plan.basis.policies, plan.needed
    stopped = board.has_status(plan.today, _NOT_ORDERED) | plan.is_skipped
    moq, carton = board.packing(plan.basis)
    return replanning.Policy(
        reorder_point=bounds(plan.basis, needed)[0],
        protected_days=needed.protected_days,
        cover_days=rules.cover_days.astype(np.float64),
        arrival=plan.supply.arrival,
        moq=moq,
        carton=carton,
        in_batches=np.asarray(rules.order == Order.BATCH.value),
        once=np.asarray((rules.order == Order.SEASON.value) | stopped),
    )
