"""What goes into the next container? What earns most under its room, its weight and the cash."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.inventory.allocation import Allocation, Caps, allocate
from analytics.scenario import Scenario
from analytics.services import (
    assumptions,
    cartons,
    containers,
    demand_ahead,
    minimums,
    money,
    planning,
    supplying,
)
from analytics.services.cartons import CartonWorth
from analytics.services.containers import LOOSE, Request
from analytics.services.planning import Basis
from analytics.store import Store

Array = NDArray[np.float64]
LIMITED = ("cash", "volume", "weight")
REASONS = (*cartons.LEFT_OUT, "size_unknown")  # why an item was not looked at
_STEPS = {"cash": 1_000.0, "volume": 1.0, "weight": 100.0}
_TINY = 1e-9
_SMALL = 20.0  # a step of cash is no more than one part in so many of the limit


@dataclass(frozen=True, slots=True)
class Choices:
    """What a shipment can be asked for.

    Attributes
    ----------
    routes : dict of str to tuple of str
        Routes by market, the usual one first; the market that sells most first.
    currency : str
        Base currency.
    cash : float, optional
        The cash limit as assumed.
    """

    routes: dict[str, tuple[str, ...]]
    currency: str
    cash: float | None


@dataclass(frozen=True, slots=True)
class Upgrade:
    """The next larger container instead.

    Attributes
    ----------
    container : str
        One of `CONTAINERS`.
    count : int
        Containers of it.
    earns : float
        What the goods in it earn more, in the base currency, before the container is paid.
    costs : float
        What it costs more; NaN = not said.
    """

    container: str
    count: int
    earns: float
    costs: float


@dataclass(frozen=True, slots=True)
class Shipment:
    """A shipment as it earns most.

    Attributes
    ----------
    request : Request
        As asked.
    as_of : date
        The day the plan is made on.
    currency : str
        Base currency; all money is in it.
    lines : DataFrame
        One row per item that is shipped, in the order of the list: ``sku``, ``market``, ``name``,
        ``supplier``, ``route``, ``cartons``, ``order_quantity`` (units), ``moq``,
        ``carton_quantity``, ``volume_m3``, ``weight_kg`` (NaN = not known), ``base_value`` (goods,
        ex works), ``earns``, ``inventory_position``, ``days_covered`` (from today, at most 204),
        ``units_at_risk`` (of demand before the arrival), ``expected_on``.
    ranked : DataFrame
        The purchase list, what is worth most for what it takes first: ``place`` (1 is first),
        ``sku``, ``market``, ``name``, ``cartons``, ``order_quantity``, ``base_value``,
        ``volume_m3``, ``weight_kg``, ``earns``, ``earning_rate`` (what it earns for each
        unit of money that its need of the limits is worth, 1 at the cut line; where no limit binds,
        for each that it costs; NaN = it takes nothing that is scarce), ``is_bought``,
        ``is_above_cut``, and summed over what is bought so far ``spent``, ``earned``.
    cut : DataFrame
        ``earning_rate`` of the cut line: one row, none where no limit binds.
    limits : DataFrame
        One row per limit: ``limit`` (of `LIMITED`), ``used``, ``cap``, ``share`` (used of it, 0 to
        1), ``step`` (as many more of it), ``step_earns`` (would earn so much; 0 = it does not
        bind).
    value : float
        What the goods are expected to earn.
    cost : float
        Of the containers; 0 for a loose shipment, whose freight is in the goods; NaN = not said.
    upgrade : Upgrade, optional
        None for a loose shipment.
    fits : str
        The smallest type of container, one of it, that takes all this; empty = none does, or the
        size of something is not known.
    left_out : DataFrame
        ``sku``, ``market``, ``name``, ``reason`` (of `REASONS`).
    refused : tuple of str
        Suppliers of whom nothing is bought because their minimum is not worth it, or does not fit.
    short_of_units : tuple of str
        Suppliers of whom fewer units are bought than they take.
    unsaved : float
        Units of demand that come before this shipment can.
    lead_time : float
        Days until it arrives, on average.
    """

    request: Request
    as_of: date
    currency: str
    lines: pd.DataFrame
    ranked: pd.DataFrame
    cut: pd.DataFrame
    limits: pd.DataFrame
    value: float
    cost: float
    upgrade: Upgrade | None
    fits: str
    left_out: pd.DataFrame
    refused: tuple[str, ...]
    short_of_units: tuple[str, ...]
    unsaved: float
    lead_time: float


@dataclass(frozen=True, slots=True)
class _Case:
    """One market's items, and what they are worth on one route."""

    basis: Basis
    listed: pd.DataFrame
    told: CartonWorth
    supplier: NDArray[np.int64]
    names: NDArray[np.object_]
    least: pd.DataFrame  # by row of names: value in the base currency, units

    def bought(self, caps: Caps) -> Allocation:
        return allocate(
            self.told.pieces,
            self.told.needs,
            caps,
            supplier=self.supplier,
            supplier_minimum=self.least["value"].to_numpy(np.float64),
        )


def choices(store: Store, as_of: date | None = None) -> Choices:
    """Return what a shipment can be asked for.

    Raises
    ------
    NoDataError
        No sales have been imported.
    """
    basis = planning.basis(store, as_of)
    sold = basis.outlook.items.groupby("market")["units"].sum()
    best = sold.sort_values(ascending=False, kind="stable").index
    lines = basis.by_route.lines
    found = {}
    for market in best:
        own = lines.loc[lines["market"] == market]
        usual = own.loc[own["is_default"], "route"].mode()
        found[str(market)] = tuple(dict.fromkeys(str(code) for code in [*usual, *own["route"]]))
    return Choices(found, basis.currency, assumptions.of(store).cash_limit)


def build(store: Store, scenario: Scenario, request: Request) -> Shipment:
    """Return the shipment that earns most under its limits.

    Parameters
    ----------
    store : Store
        The workspace.
    scenario : Scenario
        Moves lead times and demand.
    request : Request
        Market, route, container, cash.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover the scenario's day.

    Notes
    -----
    Each further carton of each item is worth what it earns until the next shipment arrives, see
    `analytics.services.cartons.worth`; `analytics.inventory.allocation.allocate` buys by linear
    programme. A container is paid as a whole, so its freight is not in the goods' values but stands
    against their sum; loose cargo pays its freight by the carton. What more of a limit would earn
    is found by asking once more with more of it.
    """
    request = request if request.cash is not None else _with_cash(store, request)
    case = _case(store, scenario, request)
    caps = containers.caps(store, request)
    found = case.bought(caps)
    chosen = found.lines.loc[found.lines["is_bought"]]
    lines = _lines(case, scenario, request, found)
    left = case.told.left_out.copy()
    left[(left == "") & found.unknown] = "size_unknown"
    out = left != ""
    names = case.listed.loc[out, ["sku", "market", "name"]].reset_index(drop=True)
    spent = pd.Series(case.supplier[chosen["item"]]).unique()
    units = lines.groupby("supplier")["order_quantity"].sum()
    asked = case.least["units"].to_numpy(np.float64)
    return Shipment(
        request=request,
        as_of=case.basis.outlook.as_of,
        currency=case.basis.currency,
        lines=lines,
        ranked=_ranked(case, found),
        cut=pd.DataFrame({"earning_rate": [1.0] if _binds(found) else []}, dtype=np.float64),
        limits=_limits(case, caps, found),
        value=found.value,
        cost=_cost(store, case, request),
        upgrade=_upgrade(store, case, request, found),
        fits=containers.smallest(store, request, lines),
        left_out=names.assign(reason=left[out]),
        refused=tuple(str(case.names[row]) for row in found.short),
        short_of_units=tuple(
            str(case.names[row]) for row in spent if units.get(case.names[row], 0.0) < asked[row]
        ),
        unsaved=float(np.nansum(case.told.unsaved)),
        lead_time=float(case.told.lead_time_mean.mean()) if len(case.listed) else float("nan"),
    )


def _with_cash(store: Store, request: Request) -> Request:
    return replace(request, cash=assumptions.of(store).cash_limit)


def _case(store: Store, scenario: Scenario, request: Request) -> _Case:
    basis = planning.under(store, scenario)
    everything = basis.outlook.items
    rows = np.flatnonzero((everything["market"] == request.market).to_numpy())
    listed = everything.iloc[rows].reset_index(drop=True)
    told = cartons.worth(
        store, basis, scenario, rows, [request.route] * len(rows),
        interval_days=request.interval_days, freight_is_paid=request.container != LOOSE,
    )  # fmt: skip
    supplier, names = pd.factorize(listed["supplier"].astype(object))
    said = minimums.table(store).set_index("supplier").reindex(names)
    currency = said["currency"].astype(object).where(said["currency"].notna(), "")
    currency = currency.where(currency != "", basis.currency)
    value = money.in_base(said["minimum_value"], currency, basis.rates)
    least = pd.DataFrame({"value": value.fillna(0.0), "units": said["minimum_units"].fillna(0.0)})
    return _Case(basis, listed, told, supplier, np.asarray(names, dtype=object), least)


def _limits(case: _Case, caps: Caps, found: Allocation) -> pd.DataFrame:
    rows = []
    for name, cap in caps.named.items():
        step = _step(name, cap)
        used, earns = found.used[name], 0.0
        if found.duals[name] > 0:
            more = case.bought(replace(caps, **{name: cap + step}))
            earns = max(more.bound - found.bound, 0.0)
        share = used / cap if cap else 1.0
        rows.append((name, used, cap, share, step, earns))
    return pd.DataFrame(rows, columns=["limit", "used", "cap", "share", "step", "step_earns"])


def _step(name: str, cap: float) -> float:
    """Return how much more of a limit is asked about: a round number, small beside it."""
    step = _STEPS[name]
    if name != "cash" or cap <= 0:
        return step
    return float(10.0 ** np.floor(np.log10(max(cap / _SMALL, 1.0))))


def _upgrade(store: Store, case: _Case, request: Request, found: Allocation) -> Upgrade | None:
    """Return what the next larger container would earn more; None if there is none."""
    larger = containers.larger(request)
    if larger is None:
        return None
    binds = found.duals.get("volume", 0.0) > 0 or found.duals.get("weight", 0.0) > 0
    more = case.bought(containers.caps(store, larger)).value if binds else found.value
    costs = _cost(store, case, larger) - _cost(store, case, request)
    return Upgrade(larger.container, larger.count, max(more - found.value, 0.0), costs)


def _cost(store: Store, case: _Case, request: Request) -> float:
    """Return what the containers cost under the scenario's change of freight."""
    return case.basis.changes.freight * containers.cost(store, request)


def _lines(case: _Case, scenario: Scenario, request: Request, found: Allocation) -> pd.DataFrame:
    told, listed = case.told, case.listed
    lots = found.cartons
    chosen = found.lines.loc[found.lines["is_bought"]]
    earns = np.bincount(chosen["item"], chosen["value"], minlength=len(listed))
    units = lots * told.lot * told.carton
    ahead = demand_ahead.ahead(case.basis, scenario)[told.rows]
    days = pd.to_timedelta(np.ceil(told.lead_time_mean), unit="D")
    frame = listed[["sku", "market", "name", "supplier", "moq", "carton_quantity"]].assign(
        route=request.route,
        cartons=lots * told.lot,
        order_quantity=units,
        volume_m3=lots * told.needs.volume,
        weight_kg=lots * told.needs.weight,
        base_value=lots * told.needs.cash,
        earns=earns,
        inventory_position=told.position,
        days_covered=supplying.days_covered(np.nan_to_num(told.position) + units, ahead),
        units_at_risk=told.unsaved,
        expected_on=pd.Timestamp(case.basis.outlook.as_of) + days,
    )
    first = found.lines.reset_index().groupby("item")["index"].min().reindex(range(len(listed)))
    frame = frame.assign(first=first.to_numpy()).loc[lots > 0]
    return frame.sort_values("first", kind="stable").drop(columns="first").reset_index(drop=True)


def _binds(found: Allocation) -> bool:
    return any(dual > 0 for dual in found.duals.values())


def _ranked(case: _Case, found: Allocation) -> pd.DataFrame:
    told, listed, lines = case.told, case.listed, found.lines
    item = lines["item"].to_numpy(dtype=np.int64)
    lots = lines["cartons"].to_numpy(dtype=np.float64)
    bought = lines["is_bought"].to_numpy(dtype=bool)
    price = lines["price"].to_numpy(dtype=np.float64)
    value = lines["value"].to_numpy(dtype=np.float64)
    cash = lots * told.needs.cash[item]
    scarce = price if _binds(found) else cash
    rate = np.divide(value, scarce, out=np.full(len(price), np.nan), where=scarce > _TINY)
    names = listed[["sku", "market", "name"]].iloc[item].reset_index(drop=True)
    return names.assign(
        place=np.arange(1, len(lines) + 1),
        cartons=lots * told.lot[item],
        order_quantity=lots * told.lot[item] * told.carton[item],
        base_value=cash,
        volume_m3=lots * told.needs.volume[item],
        weight_kg=lots * told.needs.weight[item],
        earns=value,
        earning_rate=rate,
        is_bought=bought,
        is_above_cut=np.arange(len(lines)) < found.cut,
        spent=np.where(bought, cash, 0.0).cumsum(),
        earned=np.where(bought, value, 0.0).cumsum(),
    )
