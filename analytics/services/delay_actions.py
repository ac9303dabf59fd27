"""What can be done about what a scenario takes: move, fly, expedite, or accept it."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import inventory
from analytics.services.delay_numbers import MOVED, Incoming, Outcome, lost_of, transfer_days
from analytics.services.delay_tables import ACTIONS
from analytics.services.delay_ways import Flights, Ways, on_time

Array = NDArray[np.float64]
Days = NDArray[np.int64]
Flags = NDArray[np.bool_]
NOTHING = 0.5  # units below which nothing is lost more than at rest


@dataclass(frozen=True, slots=True)
class Expedited:
    """Open order lines that are hit, and what each would save on time; shape (n_hit,) each.

    Attributes
    ----------
    row : ndarray of int
        Row of the basis' arrivals.
    item : ndarray of int
        Row of the item.
    saved : ndarray
        Units of sales, if this order came as at rest and all others late; NaN = stock unknown.
    contribution : ndarray
        Their contribution and goodwill; NaN = not known.
    cost : ndarray
        Of the faster route, for all its units; NaN = it is shipped, or no faster route is known.
    """

    row: Days
    item: Days
    saved: Array
    contribution: Array
    cost: Array

    @property
    def earns(self) -> Array:
        """Return the contribution saved less the cost; NaN = not known."""
        return self.contribution - self.cost


@dataclass(frozen=True, slots=True)
class Moves:
    """What the central store could send now; shape (n_items,) each.

    Attributes
    ----------
    units : ndarray
        Whole cartons of it.
    saved : ndarray
        Units of sales that they save.
    earns : ndarray
        Their contribution and goodwill; NaN = not known. Moving them costs nothing beyond what a
        sale pays for anyway: freight and duty are in its landed cost.
    """

    units: Array
    saved: Array
    earns: Array


@dataclass(frozen=True, slots=True)
class Choice:
    """What to do; shape (n_items,) each.

    Attributes
    ----------
    action : ndarray of int
        Place in `ACTIONS`.
    earns, saved : ndarray
        Money, and units of sales.
    order : ndarray of int
        Row of `Expedited` of the order that earns most, else saves most; -1 = none.
    """

    action: Days
    earns: Array
    saved: Array
    order: Days


class Done(NamedTuple):
    """All that can be done, and what should be."""

    moves: Moves
    flights: Flights
    expedited: Expedited
    choice: Choice


def done(before: Outcome, after: Outcome, flown: Flights, known: Ways) -> Done:
    """Return what can be done about what a scenario takes, and what should be."""
    moved, sped = moves(before, after), expedited(before, after, known)
    return Done(moved, flown, sped, chosen(before, after, moved, flown, sped))


def more_lost(before: Outcome, after: Outcome) -> Array:
    """Return the units lost more than at rest, shape (n_items,); NaN = unknown.

    By plan A or by plan B, whichever loses more: with nothing ordered any longer, what a late order
    takes first it gives back at the horizon's end, so plan A alone can miss it.
    """
    return np.maximum(*_more(before, after))


def by_plan_b(before: Outcome, after: Outcome) -> Flags:
    """Return where plan B loses more than at rest, and more so than plan A, shape (n_items,)."""
    current, replanned = _more(before, after)
    return np.asarray(replanned > current)


def _more(before: Outcome, after: Outcome) -> tuple[Array, Array]:
    """Return what is lost more by plan A and by plan B."""
    return (
        after.current.lost - before.current.lost,
        after.replanned.lost - before.replanned.lost,
    )


class _Stake(NamedTuple):
    """What arrives, and is lost, by the plan of which an item loses more; shape (n_rows,)."""

    incoming: Incoming
    lost: Array


def _stake(before: Outcome, after: Outcome, rows: Days) -> _Stake:
    """Return what is at stake of some items; what they have on order comes first in each row."""
    by_b = by_plan_b(before, after)[rows]
    planned = after.planned.take(rows)
    units = planned.units.copy()
    units[~by_b, after.incoming.units.shape[1] :] = 0.0
    lost = np.where(by_b, after.replanned.lost[rows], after.current.lost[rows])
    return _Stake(replace(planned, units=units), lost)


def expedited(before: Outcome, after: Outcome, known: Ways) -> Expedited:
    """Return what each open order that is hit would save if it came on time."""
    orders, basis = after.basis.arrivals, after.basis
    item = orders["item"].to_numpy(dtype=np.int64)
    late = after.orders.disrupted > before.orders.expected
    row = np.flatnonzero(after.orders.is_hit & late & (item < len(after.on_hand)))
    number = inventory.numbered(item)[row]
    of = item[row]
    saved = np.zeros(len(row))
    some = np.flatnonzero(~(more_lost(before, after)[of] <= 0))
    if len(some):
        on_time = before.orders.expected[row[some]]
        stake = _stake(before, after, of[some])
        come = stake.incoming.moved(number[some], on_time)
        then = lost_of(after, of[some], come)
        saved[some] = np.maximum(stake.lost - then, 0.0)
    return Expedited(
        row=row,
        item=of,
        saved=saved,
        contribution=saved * basis.economics.stockout_cost[of],
        cost=_expediting_cost(after, known, row, of, before.orders.expected),
    )


def _expediting_cost(after: Outcome, known: Ways, row: Days, item: Days, expected: Days) -> Array:
    """Return what the cheapest route that is still on time costs more, for all units of an order.

    Where none is, by the fastest route.
    """
    orders = after.basis.arrivals
    own = orders["line"].to_numpy(dtype=np.int64)[row]
    mean, default = known.mean, known.own
    # An item's own route may be its fastest, and its order under way by a slower one.
    first = np.append(known.faster, np.full((len(default), 1), -1), axis=1)[item, 0]
    fast = on_time(known, item, expected[row].astype(np.float64))
    fast = np.where(fast >= 0, fast, np.where(first >= 0, first, default[item]))
    sooner = (own >= 0) & (mean[fast] < mean[np.maximum(own, 0)])
    more = known.freight[fast] - known.freight[np.maximum(own, 0)]
    cost = np.maximum(more, 0.0) * orders["units"].to_numpy(dtype=np.float64)[row]
    shipped = orders["is_shipped"].to_numpy(dtype=bool)[row]
    return np.where(sooner & ~shipped, cost, np.nan)


def moves(before: Outcome, after: Outcome) -> Moves:
    """Return what the central store could send to items that lose more than at rest."""
    n_items = len(after.on_hand)
    central = after.basis.central.to_numpy(dtype=np.float64)
    rows = np.flatnonzero((central > 0) & (more_lost(before, after) >= NOTHING))
    units, saved = np.zeros(n_items), np.zeros(n_items)
    if len(rows):
        stake = _without_moves(after, _stake(before, after, rows), rows)
        units[rows] = _from_central(after, rows, central[rows], stake.lost)
        come = stake.incoming.with_more(
            transfer_days(after.basis, after.needed)[rows, None], units[rows, None]
        )
        then = lost_of(after, rows, come)
        saved[rows] = np.maximum(stake.lost - then, 0.0)
    return Moves(units, saved, saved * after.basis.economics.stockout_cost)


def _without_moves(after: Outcome, stake: _Stake, rows: Days) -> _Stake:
    """Return what is at stake if plan B moved nothing: no unit of a store is sent twice."""
    units = stake.incoming.units.copy()
    units[:, after.incoming.units.shape[1] + MOVED] = 0.0
    incoming = replace(stake.incoming, units=units)
    return _Stake(incoming, lost_of(after, rows, incoming))


def _from_central(after: Outcome, rows: NDArray[np.int64], central: Array, lost: Array) -> Array:
    """Return what each item gets of its SKU's central stock, the first to run out first."""
    listed = after.basis.outlook.items
    box = listed["carton_quantity"].to_numpy(dtype=np.float64, na_value=np.nan)[rows]
    box = np.maximum(np.nan_to_num(box), 1.0)
    wanted = np.ceil(lost / box - 1e-6) * box
    sku, _ = pd.factorize(listed["sku"].iloc[rows])
    order = np.lexsort((np.nan_to_num(after.current.first[rows], nan=np.inf), sku))
    taken = np.cumsum(wanted[order]) - wanted[order]
    start = np.flatnonzero(np.diff(sku[order], prepend=-1))
    before = taken - np.repeat(taken[start], np.diff(start, append=len(rows)))
    units = np.zeros(len(rows))
    units[order] = np.clip(central[order] - before, 0.0, wanted[order])
    return np.asarray(np.floor(units / box + 1e-6) * box)


def chosen(
    before: Outcome, after: Outcome, moved: Moves, flown: Flights, sped: Expedited
) -> Choice:
    """Return the first of the actions that earns money, where more is lost than at rest.

    An action whose cost or contribution is not known is never chosen.
    """
    order = _best_order(sped, len(after.on_hand))
    has = order >= 0
    by_order = {
        name: np.where(has, getattr(sped, name)[order], missing) if len(sped.row) else
        np.full(len(order), missing)
        for name, missing in (("saved", 0.0), ("earns", np.nan))
    }  # fmt: skip
    options = [(moved.earns, moved.saved), (flown.earns, flown.saved),
               (by_order["earns"], by_order["saved"])]  # fmt: skip
    lost = more_lost(before, after) >= NOTHING
    pays = [lost & (np.nan_to_num(earns) > 0) for earns, _ in options]
    cases = [*pays, lost]
    return Choice(
        action=np.select(cases, range(len(cases)), len(ACTIONS) - 1).astype(np.int64),
        earns=np.select(pays, [earns for earns, _ in options], 0.0),
        saved=np.select(pays, [saved for _, saved in options], 0.0),
        order=order,
    )


def _best_order(sped: Expedited, n_items: int) -> Days:
    """Return the order of each item that earns most; of those not known the one that saves most."""
    best = np.full(n_items, -1, dtype=np.int64)
    some = np.flatnonzero(np.nan_to_num(sped.saved) > 0)
    earns = np.where(np.isnan(sped.earns), -np.inf, sped.earns)
    rank = some[np.lexsort((sped.saved[some], earns[some]))]
    best[sped.item[rank]] = rank  # the best of an item is written last
    return best


def ranked(before: Outcome, after: Outcome, sped: Expedited) -> pd.DataFrame:
    """Return `delay_tables.ORDERS`: what saves most for its money first."""
    listed = after.basis.outlook.items.iloc[sped.item].reset_index(drop=True)
    orders = after.basis.arrivals.iloc[sped.row].reset_index(drop=True)
    today = pd.Timestamp(after.basis.outlook.as_of)
    eta_before, eta = before.orders.expected[sped.row], after.orders.expected[sped.row]
    paid = np.where(sped.cost > 0, sped.cost, np.nan)
    return orders[["order_id", "supplier", "route", "units", "ordered_on", "is_shipped"]].assign(
        **{name: listed[name] for name in ("sku", "market", "name")},
        is_shipped=orders["is_shipped"].astype(bool),
        eta_before=today + pd.to_timedelta(eta_before, unit="D"),
        eta_on=today + pd.to_timedelta(eta, unit="D"),
        days_late=(eta - eta_before).astype(np.int64),
        saved_units=np.nan_to_num(sped.saved),
        saved_contribution=sped.contribution,
        expedite_cost=sped.cost,
        saved_per_money=sped.contribution / paid,
        pays=np.nan_to_num(sped.earns) > 0,
    )
