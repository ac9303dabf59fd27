"""What each further carton of an item earns, if it comes with the next shipment."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import distributions
from analytics.distributions import Mixture
from analytics.inventory.allocation import Needs
from analytics.inventory.durations import moments, shifted
from analytics.inventory.segments import Segments, carton_losses, carton_values, segments
from analytics.policy import Order
from analytics.scenario import Scenario
from analytics.services import assumptions, economics, scenes
from analytics.services.demand_ahead import Expected
from analytics.services.economics import DAYS
from analytics.services.planning import Basis
from analytics.store import Store

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
LEFT_OUT = (
    "discontinued",
    "no_route",
    "stock_unknown",
    "money_unknown",
)  # why, the first that holds
_STEPS = (1, 2, 4)  # intervals after which it is asked what is left
_MOST = 60  # pieces per item; where more are wanted, several cartons make one
_SURE = 0.9995  # probability of demand beyond which no carton is looked at


@dataclass(frozen=True, slots=True)
class CartonWorth:
    """What further cartons earn; shape (n_rows,) each unless said otherwise.

    Attributes
    ----------
    rows : ndarray of int
        Rows of the plan's items.
    left_out : ndarray of str
        One of `LEFT_OUT`; empty = the item is valued.
    pieces : Segments
        What can be bought, ``item`` counted within ``rows``, ``cartons`` in lots.
    needs : Needs
        Unit costs in the base currency, m3 and kg of a lot; NaN = not known.
    lot : ndarray of int
        Cartons of a lot.
    carton : ndarray
        Units of a carton; 1 where none is stated.
    position : ndarray
        Units that the first carton is added to; NaN = unknown.
    unsaved : ndarray
        Units of demand before the arrival that nothing ordered today can save.
    demand_mean : ndarray
        Units until the shipment after this one arrives.
    lead_time_mean : ndarray
        Days.
    """

    rows: Counts
    left_out: NDArray[np.object_]
    pieces: Segments
    needs: Needs
    lot: Counts
    carton: Array
    position: Array
    unsaved: Array
    demand_mean: Array
    lead_time_mean: Array


@dataclass(frozen=True, slots=True)
class _Money:
    """Per unit, in the base currency; shape (n_rows,) each."""

    cost: Array
    underage: Array
    write_down: Array
    holding: Array  # per day

    @property
    def is_known(self) -> NDArray[np.bool_]:
        parts = (self.cost, self.underage, self.write_down, self.holding)
        return np.asarray(np.isfinite(np.sum(parts, axis=0)))


@dataclass(frozen=True, slots=True)
class _Span:
    """Demand up to some day, and what a unit costs that is left then; (n_rows,) each."""

    demand: Mixture
    overage: Array


def worth(
    store: Store,
    basis: Basis,
    scenario: Scenario,
    rows: Counts,
    by: Sequence[str],
    *,
    interval_days: int,
    more: Array | None = None,
    freight_is_paid: bool = False,
    looks_far: bool = False,
) -> CartonWorth:
    """Return what each further carton of some items earns.

    Parameters
    ----------
    store : Store
        The workspace.
    basis : Basis
        What the plan stands on.
    scenario : Scenario
        Moves lead times and demand.
    rows : ndarray of int, shape (n_rows,)
        Rows of the plan's items.
    by : sequence of str, shape (n_rows,)
        Route of each.
    interval_days : int
        Days until the shipment after this one.
    more : ndarray, shape (n_rows,), optional
        Units ordered besides, on top of the position: of these items the minimum is met.
    freight_is_paid : bool
        The container is paid as a whole: freight is no part of what a unit costs.
    looks_far : bool
        Cartons are valued as far as the forecast reaches, not only as far as demand before the next
        shipment might: more than that may have to be bought.

    Notes
    -----
    ``v = Cu Δsold - Σ h Δleft``: demand until the next shipment arrives is served or lost (Cu, the
    stock-out cost); what is left is held (h) until it is sold, which is asked after 1, 2 and 4
    intervals and where the forecast ends; what is left there is written down to its salvage value.
    What is bought once for a season is written down after the first interval. Demand before the
    arrival that stock cannot serve is lost whatever is ordered, so the position is lifted by it,
    unless `Assumptions.order_lost_demand` says that buyers wait.
    """
    listed = basis.outlook.items.iloc[rows].reset_index(drop=True)
    laws = _lead_times(basis, scenario, rows, by)
    money = _money(store, basis, listed, by, freight_is_paid=freight_is_paid)
    position = basis.positions["inventory_position"].to_numpy(np.float64)[rows]
    position = position if more is None else position + more
    left_out = _left_out(listed, position, money, laws)
    is_valued = left_out == ""
    laws, money = _filled(laws), _known(money, is_valued)
    kernel, expected = basis.kernel.take(rows), Expected.of(basis, scenario).take(rows)

    def demand(probabilities: Array) -> Mixture:
        return expected.mixed(kernel, probabilities, np.arange(len(rows)))

    stock, unsaved = _served(store, demand(laws), np.where(is_valued, position, 0.0))
    is_season = basis.policies.order[rows] == Order.SEASON.value
    spans = [*_spans(demand, laws, money, is_season, interval_days)]
    carton = _at_least_one(listed, "carton_quantity")
    least = np.ceil(_at_least_one(listed, "moq") / carton)
    least = least if more is None else np.where(more > 0, 1.0, least)  # that order holds it
    most = spans[-1 if looks_far else 0].demand.quantile(_SURE)
    wanted = np.ceil((most - stock) / carton)
    wanted = np.where(is_valued, np.maximum(wanted, least), 1.0)
    lot = np.maximum(np.ceil(wanted / _MOST), 1.0).astype(np.int64)
    values = _values(spans, stock, carton * lot, money, int(np.ceil(wanted / lot).max(initial=1)))
    block = np.where(is_valued, np.ceil(least / lot), values.shape[1] + 1).astype(np.int64)
    return CartonWorth(
        rows=rows,
        left_out=left_out,
        pieces=segments(values, block),
        needs=Needs(
            cash=money.cost * carton * lot,
            volume=_numbers(listed, "carton_volume_m3") * lot,
            weight=_numbers(listed, "carton_weight_kg") * lot,
        ),
        lot=lot,
        carton=carton,
        position=position,
        unsaved=np.where(is_valued, unsaved, np.nan),
        demand_mean=spans[0].demand.mean,
        lead_time_mean=moments(laws)[0],
    )


def _lead_times(basis: Basis, scenario: Scenario, rows: Counts, by: Sequence[str]) -> Array:
    """Return lead-time probabilities by row and day; NaN where the route is none of the item's."""
    lines = basis.by_route.lines
    laws, each = scenes.laws_by_route(basis, scenario)
    place = {
        (int(item), str(route)): law
        for item, route, law in zip(lines["item"], lines["route"], each, strict=True)
    }
    found = [place.get((int(row), route), -1) for row, route in zip(rows, by, strict=True)]
    law = np.array(found, dtype=np.int64)
    return np.where((law >= 0)[:, None], laws[law], np.nan)


def _filled(laws: Array) -> Array:
    """Return the laws with one day where there is none: those items are left out anyhow."""
    day = np.zeros(laws.shape[1])
    day[0] = 1.0
    return np.where(np.isnan(laws), day, laws)


def _money(
    store: Store, basis: Basis, listed: pd.DataFrame, by: Sequence[str], *, freight_is_paid: bool
) -> _Money:
    told = economics.of(store, listed, by, basis.outlook.as_of, basis.changes)
    lost = np.maximum(told.contribution, 0.0)
    goodwill = told.stockout_cost - lost
    freight = np.nan_to_num(told.freight) if freight_is_paid else 0.0
    return _Money(
        cost=told.unit_cost,
        underage=np.maximum(told.contribution + freight, 0.0) + goodwill,
        write_down=np.maximum(told.landed_cost - freight - told.salvage, 0.0),
        holding=told.holding_cost / DAYS,
    )


def _known(money: _Money, is_valued: NDArray[np.bool_]) -> _Money:
    """Return the money with nothing where an item is left out, so that sums stay sums."""
    return _Money(
        cost=money.cost,
        underage=np.where(is_valued, money.underage, 0.0),
        write_down=np.where(is_valued, money.write_down, 0.0),
        holding=np.where(is_valued, money.holding, 0.0),
    )


def _left_out(
    listed: pd.DataFrame, position: Array, money: _Money, laws: Array
) -> NDArray[np.object_]:
    gone = listed["discontinued"].fillna(value=False).astype(bool).to_numpy()
    reasons = (gone, np.isnan(laws).any(axis=1), np.isnan(position), ~money.is_known)
    return np.asarray(np.select(reasons, list(LEFT_OUT), ""), dtype=object)


def _served(store: Store, before: Mixture, position: Array) -> tuple[Array, Array]:
    """Return the stock that the shipment adds to, and the units that it comes too late for."""
    unsaved = before.loss(np.maximum(position, 0.0))
    if assumptions.of(store).order_lost_demand:
        return position, unsaved
    return position + before.loss(position), unsaved


def _spans(
    demand: Callable[[Array], Mixture],
    laws: Array,
    money: _Money,
    is_season: NDArray[np.bool_],
    interval_days: int,
) -> Iterator[_Span]:
    """Yield demand up to each day at which it is asked what is left, and what that costs.

    Between two such days what is left counts as the mean of both.
    """
    end = np.maximum(distributions.LAST_DAY - moments(laws)[0], interval_days + 1.0)
    days = [step * interval_days for step in _STEPS]
    days = [day for day in days if day == interval_days or day < end.min()]
    ends = [*(np.full(len(end), float(day)) for day in days), end]
    last = np.zeros((1, distributions.LAST_DAY))
    last[0, -1] = 1.0
    for place, day in enumerate(ends):
        is_last = place == len(ends) - 1
        before = ends[place - 1] if place else -day  # all of the first interval
        after = day if is_last else ends[place + 1]
        held = money.holding * (after - before) / 2
        later = np.where(is_season, 0.0, held + (money.write_down if is_last else 0.0))
        once = money.holding * interval_days + money.write_down
        overage = later if place else np.where(is_season, once, held)
        law = np.repeat(last, len(end), axis=0) if is_last else None
        span = shifted(laws, days[place], longest=distributions.LAST_DAY) if law is None else law
        yield _Span(demand(span), overage)


def _values(spans: Sequence[_Span], stock: Array, unit: Array, money: _Money, count: int) -> Array:
    """Return what each next lot earns, shape (n_rows, count); it never rises."""
    nothing = np.zeros(len(stock))
    total = np.zeros((len(stock), count))
    for place, span in enumerate(spans):
        losses = carton_losses(span.demand.loss, stock, unit, count)
        underage = nothing if place else money.underage
        total += carton_values(losses, unit, underage, span.overage)
    return total


def _numbers(listed: pd.DataFrame, name: str) -> Array:
    return listed[name].to_numpy(dtype=np.float64, na_value=np.nan)


def _at_least_one(listed: pd.DataFrame, name: str) -> Array:
    return np.maximum(np.nan_to_num(_numbers(listed, name), nan=1.0), 1.0)
