"""One item of the board, opened: its stock ahead, its routes side by side, its places and rules."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import inventory
from analytics.scenario import Scenario
from analytics.services import board, flying, planning, routing
from analytics.services.board import Supply
from analytics.services.levels import DAYS, SHOWN, Levels, levels
from analytics.services.planning import Basis, Note
from analytics.store import Store

Array = NDArray[np.float64]
PLACES = ("marketplace", "overseas", "local", "in_transit", "at_supplier", "central")
SPANS = ("past_saving", "avoidable")
_LEAST_DAYS = 90  # that are drawn
_AFTER = 45  # days drawn after the new order arrives
_SHORT = 0.005  # units a day below which nothing is short
_RULES = ("method", "measure", "service_level", "review_days", "order", "cover_days", "trigger",
          "cap_weeks", "by_profit")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Detail:
    """An item of the board, opened.

    Attributes
    ----------
    sku, market, name, currency : str
        The item; the base currency, of all amounts.
    course : DataFrame
        One row per day from the plan's day on: ``date``, ``on_hand`` (units at the end of the day
        if nothing is ordered), ``with_order`` (the same, if the board is followed), ``lost``,
        ``lost_with_order`` (demand of the day that finds no stock). Empty if stock is unknown.
    arrivals : DataFrame
        One row per arrival that is drawn: ``date``, ``units``, ``arrival`` (``placed``: an open
        order or what is announced; ``suggested``: the order, or the transfer, that the board
        suggests).
    spans : DataFrame
        Days without stock: ``starts_on``, ``ends_on`` (the first day with stock again), ``span``
        (``past_saving``: also if the board is followed; ``avoidable``), ``units`` (lost).
    routes : DataFrame
        One row per route, the item's default first: ``route``, ``is_default_route``,
        ``lead_time_mean``, ``lead_time_sd`` (days), ``order_quantity``, ``order_by``, ``ship_by``,
        ``arrives_on``, ``units_at_risk``, ``landed_value``, ``freight`` (per unit; NaN = unknown),
        ``premium`` (its freight less the default's, per unit), ``break_even_premium`` (what it may
        be per unit in a steady year), ``cost_per_unit`` (a year's freight, duty, capital, stock and
        lost margin by the units of the year).
    advice : (code, facts)
        Which route for today's order: see `flying.advice`.
    options : DataFrame
        What it was chosen from, see `flying.Advice`.
    steady : (code, facts)
        Which route costs least over a year: ``default_cheapest``, ``other_cheaper``, ``one_route``
        or ``unknown``.
    moved : float
        Units that the board moves from the central store first; drawn as coming with the order.
    places : DataFrame
        ``place`` (of `PLACES`), ``units``; ``central`` stands in nobody's position.
    tier : mapping
        ``tier``, ``evidence`` and the facts that its sentence names.
    rules : mapping
        The policy: ``method``, ``measure``, ``service_level``, ``service_source``,
        ``review_days``, ``order``, ``cover_days``, ``trigger``, ``cap_weeks`` (NaN = none),
        ``by_profit``.
    """

    sku: str
    market: str
    name: str
    currency: str
    course: pd.DataFrame
    arrivals: pd.DataFrame
    spans: pd.DataFrame
    routes: pd.DataFrame
    advice: Note
    options: pd.DataFrame
    steady: Note
    moved: float
    places: pd.DataFrame
    tier: Mapping[str, object]
    rules: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Opened:
    """An item by route: what the board knows of each."""

    basis: Basis
    needed: Levels
    supply: Supply
    lines: pd.DataFrame
    ahead: Array
    rows: NDArray[np.int64]  # of this item; the others are the SKU's in other markets


def detail(store: Store, scenario: Scenario, sku: str, market: str) -> Detail:
    """Return what stands behind one line of the board.

    Parameters
    ----------
    store : Store
        The workspace.
    scenario : Scenario
        Assumptions.
    sku, market : str
        The item.

    Raises
    ------
    UnknownItemError
        There is no such item.
    NoDataError, OutOfBoundsError
        As `replenishment.plan`.
    """
    basis = planning.under(store, scenario)
    row = basis.row(sku, market)
    opened = _opened(store, basis, scenario, row)
    routes = _routes(opened)
    found = flying.advice(
        opened.basis, opened.needed, opened.supply, opened.lines, opened.rows.tolist()
    )
    course, arrivals = _course(opened)
    listed = basis.outlook.items.iloc[row]
    return Detail(
        sku=str(listed["sku"]),
        market=str(listed["market"]),
        name=str(listed["name"]),
        currency=basis.currency,
        course=course,
        arrivals=arrivals,
        spans=_spans(course),
        routes=routes,
        advice=found.note,
        options=found.options,
        steady=_steady(routes),
        moved=float(opened.lines["transfer_quantity"].iloc[int(opened.rows[0])]),
        places=_places(basis, row),
        tier={str(name): fact for name, fact in basis.tiers.iloc[row].items()},
        rules=_rules(opened),
    )


def _opened(store: Store, basis: Basis, scenario: Scenario, row: int) -> _Opened:
    """Return the item on each of its routes; markets of one SKU share what stands centrally."""
    listed = basis.outlook.items
    same = np.flatnonzero((listed["sku"] == listed["sku"].iloc[row]).to_numpy())
    routed = routing.routed(store, basis, same.tolist())
    needed = levels(routed, scenario)
    ahead = needed.ahead
    return _Opened(
        basis=routed,
        needed=needed,
        supply=board.supply_of(routed, needed, ahead),
        lines=board.lines(routed, needed),
        ahead=ahead,
        rows=np.flatnonzero(routed.row_of_item == row),
    )


def _routes(opened: _Opened) -> pd.DataFrame:
    """Return the item's routes side by side."""
    rows, needed, worth = opened.rows, opened.needed, opened.basis.economics
    sold = DAYS * opened.ahead[rows, SHOWN - 1] / SHOWN
    missed = 1.0 - needed.fill_rate(needed.reorder_point)[rows]
    costs = inventory.route_costs(
        sold,
        freight=worth.freight[rows],
        duty=np.nan_to_num(worth.duty[rows]),
        unit_cost=worth.unit_cost[rows],
        capital_rate=opened.basis.assumed.capital_rate_pct / 100,
        lead_time_mean=needed.lead_time_mean[rows],
        holding_cost=worth.holding_cost[rows],
        safety_stock=needed.safety_stock[rows],
        order_size=needed.order_size[rows],
        lost_margin=np.nan_to_num(missed * sold * worth.stockout_cost[rows]),
    )
    each = [_of_route(costs, place) for place in range(len(rows))]
    even = [float(inventory.break_even_premium(each[0], one, sold[:1])[0]) for one in each]
    freight = worth.freight[rows]
    shown = opened.lines.iloc[rows][
        ["route", "is_default_route", "lead_time_mean", "lead_time_sd", "order_quantity",
         "order_by", "ship_by", "arrives_on", "units_at_risk", "landed_value"]
    ]  # fmt: skip
    default = shown["is_default_route"].to_numpy(dtype=bool)
    return shown.assign(
        freight=freight,
        premium=np.where(default, np.nan, freight - freight[0]),
        break_even_premium=np.where(default, np.nan, even),
        cost_per_unit=costs.per_unit,
    ).reset_index(drop=True)


def _of_route(costs: inventory.RouteCosts, place: int) -> inventory.RouteCosts:
    """Return the costs of one route; freight that is not known takes no part in a break-even."""
    part = {
        name: np.asarray(getattr(costs, name))[place : place + 1]
        for name in ("freight", "duty", "pipeline", "stock", "lost", "total", "per_unit")
    }
    other = part["duty"] + part["pipeline"] + part["stock"] + part["lost"]
    known = np.nan_to_num(part["freight"])
    return inventory.RouteCosts(**{**part, "freight": known, "total": known + other})


def _steady(routes: pd.DataFrame) -> Note:
    """Return which route costs least in a steady year."""
    if len(routes) == 1:
        return "one_route", {"slow": str(routes["route"].iloc[0])}
    cost = routes["cost_per_unit"].to_numpy(dtype=np.float64)
    default = {"slow": str(routes["route"].iloc[0]), "cost": float(cost[0])}
    if np.isnan(cost[0]) or np.isnan(cost[1:]).all():
        return "unknown", default
    best = int(np.nanargmin(cost))
    if best == 0:
        other = int(np.nanargmin(cost[1:])) + 1
        more = float(cost[other] - cost[0])
        return "default_cheapest", {**default, "other": str(routes["route"][other]), "more": more}
    less = float(cost[0] - cost[best])
    other_cost = {"other": str(routes["route"][best]), "other_cost": float(cost[best])}
    return "other_cheaper", {**default, **other_cost, "less": less}


def _course(opened: _Opened) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return stock day by day on the default route, with and without the suggestion."""
    row, today = int(opened.rows[0]), pd.Timestamp(opened.basis.outlook.as_of)
    stock = opened.basis.positions.iloc[row]
    held = float(stock["on_hand"]) - float(np.nan_to_num(stock["reserved"]))
    if np.isnan(held):
        return _empty_course(), _empty_arrivals()
    eta, units = opened.supply.eta[row], opened.supply.units[row]
    days, moved = _suggested(opened, row, opened.lines.iloc[row])
    last = int(np.clip(max([_LEAST_DAYS, *(days + _AFTER)]), 1, opened.ahead.shape[1]))
    demand = opened.ahead[row : row + 1, :last]
    alone = inventory.project_by_day([held], demand, eta[None], units[None])
    both = inventory.project_by_day(
        [held], demand, np.append(eta, days)[None], np.append(units, moved)[None]
    )
    date = today + pd.to_timedelta(np.arange(1, last + 1), unit="D")
    course = pd.DataFrame(
        {
            "date": date,
            "on_hand": alone.on_hand[0],
            "with_order": both.on_hand[0],
            "lost": alone.lost[0],
            "lost_with_order": both.lost[0],
        }
    )
    coming = {"placed": (eta, units), "suggested": (days, moved)}
    return course, _drawn(coming, today, last)


def _drawn(
    coming: Mapping[str, tuple[NDArray[np.int64], Array]], today: pd.Timestamp, last: int
) -> pd.DataFrame:
    """Return what comes within some days, summed by day and kind."""
    frames = [
        pd.DataFrame({"day": day, "units": units}).assign(arrival=kind)
        for kind, (day, units) in coming.items()
    ]
    every = pd.concat(frames, ignore_index=True)
    shown = every.loc[(every["units"] > 0) & (every["day"] <= last)]
    summed = pd.DataFrame(shown.groupby(["day", "arrival"], as_index=False)["units"].sum())
    dated = summed.assign(date=today + pd.to_timedelta(summed["day"], unit="D"))
    return dated[["date", "units", "arrival"]]


def _suggested(opened: _Opened, row: int, line: pd.Series) -> tuple[NDArray[np.int64], Array]:
    """Return day and units of what the board suggests: an order, now or later, and a transfer."""
    arrival = int(opened.supply.arrival[row])
    if line["order_quantity"] > 0 or line["transfer_quantity"] > 0:
        many = float(np.nansum([line["order_quantity"], line["transfer_quantity"]]))
        return np.array([arrival]), np.array([many])
    if line["status"] == "order_later" and pd.notna(line["arrives_on"]):
        today = pd.Timestamp(opened.basis.outlook.as_of)
        return np.array([(line["arrives_on"] - today).days]), np.array([line["later_quantity"]])
    return np.array([], dtype=np.int64), np.array([])


def _empty_course() -> pd.DataFrame:
    names = ("on_hand", "with_order", "lost", "lost_with_order")
    numbers = dict.fromkeys(names, pd.Series(dtype=np.float64))
    return pd.DataFrame({"date": pd.Series(dtype="datetime64[us]"), **numbers})


def _empty_arrivals() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "date": pd.Series(dtype="datetime64[us]"),
            "units": pd.Series(dtype=np.float64),
            "arrival": pd.Series(dtype=object),
        }
    )


def _spans(course: pd.DataFrame) -> pd.DataFrame:
    """Return the days without stock, as spans."""
    short = course["lost_with_order"] > _SHORT
    only = (course["lost"] > _SHORT) & ~short
    kind = np.select([short, only], list(SPANS), "")
    frame = pd.DataFrame(
        {"date": course["date"], "span": kind, "units": course["lost"].to_numpy(np.float64)}
    )
    frame["number"] = (frame["span"] != frame["span"].shift()).cumsum()
    spans = (
        frame.loc[frame["span"] != ""]
        .groupby(["number", "span"], as_index=False)
        .agg(starts_on=("date", "min"), ends_on=("date", "max"), units=("units", "sum"))
    )
    spans["ends_on"] += pd.Timedelta(days=1)
    return spans[["starts_on", "ends_on", "span", "units"]]


def _places(basis: Basis, row: int) -> pd.DataFrame:
    """Return where the item's units stand."""
    stock = basis.positions.iloc[row]
    names = ("at_marketplace", "at_overseas", "at_local", "in_transit", "at_supplier")
    units = [*(float(stock[name]) for name in names), float(basis.central.iloc[row])]
    return pd.DataFrame({"place": list(PLACES), "units": units})


def _rules(opened: _Opened) -> dict[str, object]:
    """Return the policy of the item, and whose word it is."""
    row = int(opened.rows[0])
    target = opened.needed.target
    rules = {name: getattr(opened.basis.policies, name)[row] for name in _RULES}
    rules |= {name: float(rules[name]) for name in ("review_days", "cover_days", "cap_weeks")}
    return {
        **rules,
        "by_profit": bool(rules["by_profit"]),
        "method": str(opened.needed.method[row]),
        "measure": str(target.measure[row]),
        "service_level": float(target.service_level[row]),
        "service_source": str(target.source[row]),
        "policy_source": str(opened.basis.policies.source[row]),
    }
