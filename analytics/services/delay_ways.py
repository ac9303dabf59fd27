"""Faster ways than an item's own: what they cost more, and what flying now would save."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics import inventory
from analytics.inventory import LeadTimes
from analytics.inventory.replanning import lost_by
from analytics.scenario import Scenario
from analytics.services import board, economics, scenes
from analytics.services.delay_numbers import Outcome
from analytics.services.demand_ahead import Expected, has_window
from analytics.services.memory import Recent
from analytics.services.planning import Basis
from analytics.store import Store

Array = NDArray[np.float64]
Days = NDArray[np.int64]
Rows = NDArray[np.int64]
_QUIET = ("discontinued", "stock_unknown", "too_new", "no_demand")  # statuses without an order
_UNLIKELY = 0.01  # chance of a shortage below which no flight is looked at


@dataclass(frozen=True, slots=True)
class Ways:
    """The routes of every item, by line of the basis' routes.

    Attributes
    ----------
    freight, mean : ndarray, shape (n_lines,)
        What freight costs per unit (NaN = not known), and the mean lead time at rest, in days.
    own : ndarray of int, shape (n_items,)
        Each item's line of its own route.
    faster : ndarray of int, shape (n_items, n_routes)
        The lines that are faster than that by their mean, the fastest first; -1 where an item has
        fewer.
    """

    freight: Array
    mean: Array
    own: Rows
    faster: Rows

    @property
    def nbytes(self) -> int:
        """Return the memory it holds."""
        return 2 * self.freight.nbytes + self.own.nbytes + self.faster.nbytes


_RECENT: Recent[Ways] = Recent(16 * 2**20)


def ways(store: Store, version: str, basis: Basis, code: str) -> Ways:
    """Return every route of every item; ``code``: the route that is asked for."""
    key = (version, basis.outlook.as_of, code, basis.changes)
    return _RECENT.answer(key, lambda: _ways(store, basis))


def _ways(store: Store, basis: Basis) -> Ways:
    lines, seen = basis.by_route.lines, basis.outlook
    items = seen.items.iloc[lines["item"].to_numpy(dtype=np.int64)].reset_index(drop=True)
    routes = lines["route"].tolist()
    freight = economics.of(store, items, routes, seen.as_of, basis.changes).freight
    mean = lines["lead_time_mean"].to_numpy(dtype=np.float64)
    own = np.flatnonzero(lines["is_default"].to_numpy(dtype=bool))
    return Ways(freight, mean, own, _faster(basis, mean, own))


def _faster(basis: Basis, mean: Array, own: Rows) -> Rows:
    """Return `Ways.faster`."""
    item = basis.by_route.lines["item"].to_numpy(dtype=np.int64)
    usual = np.empty(len(basis.outlook.items))
    usual[item[own]] = mean[own]
    some = np.flatnonzero(mean < usual[item])
    some = some[np.lexsort((mean[some], item[some]))]
    place = inventory.numbered(item[some])
    found = np.full((len(usual), int(place.max(initial=-1)) + 1), -1, dtype=np.int64)
    found[item[some], place] = some
    return found


@dataclass(frozen=True, slots=True)
class Flights:
    """What is worth flying now; shape (n_items,) each, NaN = not known or no faster way.

    Attributes
    ----------
    units : ndarray
        Worth flying, whole cartons; 0 = none.
    premium : ndarray
        What flying a unit costs more.
    break_even : ndarray
        Premium up to which the first unit pays.
    saved : ndarray
        Units of sales that they are expected to save.
    earns : ndarray
        Contribution (and goodwill) saved, less the premium of all units flown.
    has_way : ndarray of bool
        Whether a faster route is known.
    line : ndarray of int
        Of the basis' lines by route, by which what is worth flying comes; -1 where nothing is.
    landing : ndarray
        Day on which it can be sold; NaN where nothing is worth flying.
    """

    units: Array
    premium: Array
    break_even: Array
    saved: Array
    earns: Array
    has_way: NDArray[np.bool_]
    line: Rows
    landing: Array


class _Pair(NamedTuple):
    """Items, and a faster line of each."""

    item: Rows
    line: Rows


def on_time(known: Ways, item: Rows, days: Array) -> Rows:
    """Return the cheapest faster line that takes at most so many days; -1 = none does.

    ``item`` and ``days`` are of one shape (n,); what freight is not known of comes last.
    """
    lines = known.faster[item]
    if not lines.shape[1]:
        return np.full(len(item), -1, dtype=np.int64)
    fits = (lines >= 0) & (known.mean[lines] <= days[:, None])
    cost = np.where(fits, np.nan_to_num(known.freight[lines], nan=np.finfo(float).max), np.inf)
    best = cost.argmin(axis=1)
    return np.where(fits.any(axis=1), lines[np.arange(len(item)), best], -1)


def flights(one: Outcome, known: Ways) -> Flights:
    """Return what is worth flying of every item, as `flying.advice` has it of one.

    Of several faster routes the one that earns most is taken, else the fastest. Where no unit can
    pay, ``break_even`` is a bound: demand that is lost before anything can land is not taken off.
    """
    basis, n_items = one.basis, len(one.on_hand)
    lines = known.faster
    item, place = np.nonzero(lines >= 0)
    pair = _Pair(item, lines[item, place])
    premium = known.freight[pair.line] - known.freight[known.own][item]
    raced = _worth_racing(one, pair, premium)
    quiet = board.has_status(one.today, _QUIET)
    margin = basis.economics.stockout_cost
    looked = (~quiet & ~np.isnan(margin) & ~np.isnan(one.on_hand))[item]
    earns = np.where(looked & ~np.isnan(premium), raced.earns, np.nan)
    # The best of an item is written last: what earns most, of equals the fastest.
    order = np.lexsort((-place, np.nan_to_num(earns, nan=-1.0), item))
    last = order[np.flatnonzero(np.diff(item[order], append=-1))]
    has = np.zeros(n_items, dtype=bool)
    has[item] = True

    def of_item(values: Array, missing: float) -> Array:
        out = np.full(n_items, missing)
        out[item[last]] = values[last]
        return out

    units = of_item(raced.units, 0.0)
    line = np.full(n_items, -1, dtype=np.int64)
    line[item[last]] = pair.line[last]
    return Flights(
        units=units,
        premium=of_item(premium, np.nan),
        break_even=of_item(np.where(looked, raced.break_even, np.nan), np.nan),
        saved=of_item(raced.saved, 0.0),
        earns=of_item(earns, np.nan),
        has_way=has,
        line=np.where(units > 0, line, -1),
        landing=np.where(units > 0, of_item(raced.landing, np.nan), np.nan),
    )


def _worth_racing(one: Outcome, pair: _Pair, premium: Array) -> "_Raced":
    """Return what each faster line is worth; only those are raced that could be worth anything."""
    margin = one.basis.economics.stockout_cost[pair.item]
    chance = _chance_of_shortage(one)[pair.item]
    quiet = board.has_status(one.today, _QUIET)[pair.item]
    looked = ~quiet & ~np.isnan(margin) & ~np.isnan(one.on_hand[pair.item])
    bound = np.maximum(margin, 0.0) * chance
    may_pay = (chance > _UNLIKELY) & ~(bound <= premium)
    short = np.nan_to_num(one.supply.before.lost)[pair.item] > 0
    some = np.flatnonzero(looked & (may_pay | short))
    zeros = np.zeros(len(premium))
    out = _Raced(zeros.copy(), zeros.copy(), zeros.copy(), bound, zeros + np.nan)
    if len(some):
        raced = _raced(one, _Pair(pair.item[some], pair.line[some]), margin[some], premium[some])
        for whole, part in zip(out, raced, strict=True):
            whole[some] = part
    return out


def _chance_of_shortage(one: Outcome) -> Array:
    """Return how likely demand before an order of today arrives exceeds what is there by then."""
    until = _there_by(one, np.arange(len(one.on_hand)), one.supply.arrival)
    return np.asarray(1.0 - one.needed.lead.probability(np.nan_to_num(until)))


def _there_by(one: Outcome, rows: Rows, day: Array) -> Array:
    """Return what is on hand and arrives before some day."""
    supply = one.supply
    came = np.where(supply.eta[rows] < day[:, None], supply.units[rows], 0.0).sum(axis=1)
    return np.asarray(np.maximum(one.on_hand[rows], 0.0) + came)


class _Raced(NamedTuple):
    units: Array
    saved: Array
    earns: Array
    break_even: Array
    landing: Array


def _raced(one: Outcome, pair: _Pair, margin: Array, premium: Array) -> _Raced:
    """Return what the faster line of some items is worth."""
    rows = pair.item
    fast = _fast_basis(one.basis, pair)
    laws, law, _ = scenes.laws(fast, one.needed.scenario)
    mean, _ = inventory.moments(laws)
    landing = _arrival(fast, one.needed.scenario, mean[law])
    slow = one.supply.arrival[rows]
    demand = _demand(one, rows)
    until_fast = demand.mixed(one.basis.kernel.look(rows), laws, law)
    held = one.on_hand[rows]
    eta, units = one.supply.eta[rows], one.supply.units[rows]
    by_then = lost_by(held, one.needed.ahead, eta, units, landing - 1, rows=rows)
    lost = one.supply.before.lost[rows] - by_then
    gap = np.where(landing < slow, np.maximum(lost, 0.0), 0.0)
    until_slow = one.needed.lead.take(rows)
    supply = _there_by(one, rows, slow)
    gain = np.maximum(margin, 0.0)
    top = inventory.air_top_up(
        until_slow,
        supply,
        margin=gain,
        premium=np.maximum(np.nan_to_num(premium), 0.0),
        until_fast=until_fast,
        supply_until_fast=_there_by(one, rows, landing),
    )
    start = supply + top.past_saving
    wanted = np.where(landing < slow, np.maximum(top.units, gap), 0.0)
    flown = np.where(np.isnan(premium) | (premium >= gain), 0.0, wanted)
    best = np.zeros((3, len(rows)))  # units, saved, earns
    base = until_slow.loss(start)
    for units in _options(one, rows, flown):
        saved = np.maximum(base - until_slow.loss(start + units), np.minimum(units, gap))
        earns = gain * saved - np.nan_to_num(premium) * units
        best = np.where((earns > best[2]) & (units > 0), np.stack([units, saved, earns]), best)
    first = np.where(gap >= 1, gain, top.first_unit_premium)
    return _Raced(best[0], best[1], best[2], np.where(landing < slow, first, 0.0), landing)


def _demand(one: Outcome, rows: Rows) -> Expected:
    """Return the demand of some items; its days only where the scenario moves them."""
    if has_window(one.needed.scenario):
        return Expected.of(one.basis, one.needed.scenario).take(rows)
    none = np.empty((len(rows), 0))
    return Expected(one.needed.growth[rows], none, none, is_reshaped=False)


def _options(one: Outcome, rows: Rows, wanted: Array) -> list[Array]:
    """Return how many units might fly: whole cartons around what is worth it, or today's order."""
    moq, carton = (part[rows] for part in board.packing(one.basis))
    quantity = np.nan_to_num(one.today.quantity[rows])
    box = np.maximum(np.nan_to_num(carton), 1.0)
    alone = inventory.rounded_quantity(wanted, moq, carton)
    ordered = quantity > 0
    boxes = [np.floor(wanted / box) * box, np.ceil(wanted / box) * box]
    options = [np.where(ordered, np.minimum(units, quantity), alone) for units in boxes]
    return [*options, np.where(ordered & (wanted > 0), quantity, alone)]


def _fast_basis(basis: Basis, pair: _Pair) -> Basis:
    """Return as much of the basis as a faster line's lead time needs."""
    every = basis.by_route
    chosen = every.lines.iloc[pair.line].reset_index(drop=True)
    return replace(
        basis,
        lead_times=LeadTimes(chosen, every.probabilities, every.row[pair.line]),
        stages=basis.stages.iloc[pair.line].reset_index(drop=True),
        row_of_item=pair.item,
    )


def _arrival(basis: Basis, scenario: Scenario, mean: Array) -> Array:
    """Return the day on which an order of today can be sold: closures make it later."""
    stages = scenes.stages_under(basis, scenario, mean)
    today = np.full(len(mean), np.datetime64(basis.outlook.as_of, "D"))
    free = np.asarray(inventory.arrival_day(today, stages), dtype="M8[D]")
    late = np.asarray(inventory.arrival_day(today, stages, basis.closures), dtype="M8[D]")
    return np.asarray(np.ceil(mean + (late - free).astype(np.float64) - 1e-9))
