"""What is due of each supplier, whether it reaches the smallest order, and what fills it up.

A supplier's minimum is noted in `analytics.services.minimums`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.scenario import Scenario
from analytics.services import (
    cartons,
    containers,
    demand_ahead,
    minimums,
    money,
    planning,
    replenishment,
)
from analytics.services.planning import Basis
from analytics.store import Store

Array = NDArray[np.float64]
STATUSES = ("ready", "below_minimum", "later", "nothing")
SOON = 28  # days in which an order falls due that could be brought forward
_ITEMS = (
    "supplier", "sku", "market", "name", "route", "is_due", "order_quantity", "cartons",
    "volume_m3", "weight_kg", "order_value", "currency", "base_value", "order_by",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suppliers:
    """What is due, by supplier.

    Attributes
    ----------
    as_of : date
        The day the plan is made on.
    currency : str
        Base currency; empty if no cost is known.
    lines : DataFrame
        One row per supplier, the most urgent first: ``supplier`` (empty = not known), ``status``
        (one of `STATUSES`), ``items``, ``order_quantity`` (units), ``cartons``, ``volume_m3``,
        ``weight_kg`` (of what is due; cartons that state neither are left out),
        ``unmeasured`` (items due whose cartons state no volume or weight), ``order_value`` (in
        ``currency``, the supplier's; costs or rates that are not known are left out),
        ``base_value`` (in the base currency), ``order_by`` (the day by which one order for all of
        it must be out; of a supplier with nothing due, for what is due first), ``items_soon`` (due
        within `SOON` days), ``minimum_value`` (in ``currency``), ``base_minimum``,
        ``minimum_units`` (NaN = none), and ``short_value``, ``short_units``: what is due lacks to
        them, 0 = reached.
    items : DataFrame
        One row per item that is due or will be soon: ``supplier``, ``sku``, ``market``, ``name``,
        ``route``, ``is_due``, ``order_quantity``, ``cartons``, ``volume_m3``, ``weight_kg``,
        ``order_value``, ``currency``, ``base_value``, ``order_by``; NaN where unknown.
    """

    as_of: date
    currency: str
    lines: pd.DataFrame
    items: pd.DataFrame


@dataclass(frozen=True, slots=True)
class FillUp:
    """What to add to an order so that it reaches the supplier's minimum.

    Attributes
    ----------
    currency : str
        Base currency.
    lines : DataFrame
        ``sku``, ``market``, ``name``, ``route``, ``cartons``, ``order_quantity`` (units),
        ``base_value``, ``earns`` (both in the base currency; what it earns may be negative),
        ``days_covered`` (that the position covers with it and with what is due, at most 204).
    base_value, earns : float
        Of all of them.
    is_enough : bool
        Whether the minimum is reached.
    """

    currency: str
    lines: pd.DataFrame
    base_value: float
    earns: float
    is_enough: bool


def suppliers(store: Store, scenario: Scenario | None = None) -> Suppliers:
    """Return what is due of each supplier, beside the smallest order that it takes.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover the scenario's day.
    """
    assumed = scenario or Scenario()
    basis = planning.under(store, assumed)
    items = _items(basis, replenishment.plan(store, assumed).lines)
    lines = _lines(basis, items, minimums.table(store))
    return Suppliers(basis.outlook.as_of, basis.currency, lines, items)


def _items(basis: Basis, board: pd.DataFrame) -> pd.DataFrame:
    """Return the board's lines that are due or will be soon, with what they take.

    What somebody decided not to order is not due.
    """
    measures = ["sku", "market", "carton_volume_m3", "carton_weight_kg"]
    board = board.loc[~board["is_skipped"].astype(bool)]
    due = board["order_quantity"] > 0
    last = pd.Timestamp(basis.outlook.as_of) + pd.Timedelta(days=SOON)
    soon = ~due & board["order_by"].notna() & (board["order_by"] <= last)
    lines = board.loc[due | soon].merge(
        basis.outlook.items[measures], on=["sku", "market"], how="left", sort=False
    )
    packed = np.ceil(lines["order_quantity"] / lines["carton_quantity"].fillna(1).clip(lower=1))
    value = lines["order_quantity"] * lines["unit_cost"]
    lines = lines.assign(
        supplier=lines["supplier"].astype(object).where(lines["supplier"].notna(), ""),
        is_due=lines["order_quantity"] > 0,
        cartons=packed,
        volume_m3=packed * lines["carton_volume_m3"],
        weight_kg=packed * lines["carton_weight_kg"],
        order_value=value,
        base_value=money.in_base(value, lines["currency"], basis.rates),
    )
    return lines[list(_ITEMS)].reset_index(drop=True)


def _lines(basis: Basis, items: pd.DataFrame, least: pd.DataFrame) -> pd.DataFrame:
    listed = basis.outlook.items
    names = listed["supplier"].astype(object)
    every = pd.DataFrame({"supplier": sorted(names.where(names.notna(), "").unique())})
    currency = {name: _currency(listed.loc[names == name], basis) for name in every["supplier"]}
    due, soon = items.loc[items["is_due"]], items.loc[~items["is_due"]]
    due = due.assign(
        unmeasured=due[["volume_m3", "weight_kg"]].isna().any(axis=1),
        order_value=_converted(due, due["supplier"].map(currency), basis.rates),
    )
    summed = due.groupby("supplier", as_index=False).agg(
        items=("sku", "size"),
        unmeasured=("unmeasured", "sum"),
        order_by=("order_by", "min"),
        **{
            name: (name, "sum")
            for name in ("order_quantity", "cartons", "volume_m3", "weight_kg", "order_value",
                         "base_value")
        },
    )  # fmt: skip
    later = soon.groupby("supplier", as_index=False).agg(
        items_soon=("sku", "size"), next_order_by=("order_by", "min")
    )
    lines = every.merge(summed, on="supplier", how="left").merge(later, on="supplier", how="left")
    lines = lines.assign(
        currency=lines["supplier"].map(currency),
        order_by=lines["order_by"].fillna(lines.pop("next_order_by")),
    )
    counted = ["items", "unmeasured", "items_soon", "order_quantity", "cartons", "volume_m3",
               "weight_kg", "order_value", "base_value"]  # fmt: skip
    lines[counted] = lines[counted].astype(np.float64).fillna(0.0)
    lines = _measured(lines, least, basis.rates)
    rank = lines["status"].map({status: place for place, status in enumerate(STATUSES)})
    urgent = lines.assign(rank=(rank > 1).astype(int)).sort_values(
        ["rank", "order_by", "base_value", "supplier"],
        ascending=[True, True, False, True],
        kind="stable",
    )
    return urgent.drop(columns="rank").reset_index(drop=True)


def _currency(own: pd.DataFrame, basis: Basis) -> str:
    """Return the commonest currency of the supplier's costs, else the base currency."""
    stated = own.loc[own["unit_cost"].notna() & (own["currency"].astype(str) != ""), "currency"]
    return str(stated.mode().min()) if len(stated) else basis.currency


def _converted(
    lines: pd.DataFrame, wanted: pd.Series, rates: Mapping[str, float]
) -> "pd.Series[float]":
    """Return the value of lines in the wanted currencies; NaN where a rate is not known."""
    other = money.in_base(lines["order_value"], lines["currency"], rates)
    rate = wanted.astype(object).map(lambda code: rates.get(str(code), np.nan)).astype(np.float64)
    return lines["order_value"].where(lines["currency"] == wanted, other / rate)


def _measured(lines: pd.DataFrame, least: pd.DataFrame, rates: Mapping[str, float]) -> pd.DataFrame:
    """Return the lines with each supplier's minimum, what lacks to it, and a status."""
    said = least.set_index("supplier").reindex(lines["supplier"]).reset_index(drop=True)
    typed_in = said["currency"].astype(object).where(said["currency"].notna(), "")
    typed_in = typed_in.where(typed_in != "", lines["currency"])
    frame = pd.DataFrame({"order_value": said["minimum_value"], "currency": typed_in})
    value = _converted(frame, lines["currency"], rates)
    short_value = (value - lines["order_value"]).clip(lower=0.0).fillna(0.0)
    short_units = (said["minimum_units"] - lines["order_quantity"]).clip(lower=0.0).fillna(0.0)
    has = lines["items"] > 0
    short = has & ((short_value > 0) | (short_units > 0))
    status = np.select([short, has, lines["items_soon"] > 0], ["below_minimum", "ready", "later"],
                       "nothing")  # fmt: skip
    return lines.assign(
        status=status.astype(object),
        minimum_value=value,
        base_minimum=money.in_base(value, lines["currency"], rates),
        minimum_units=said["minimum_units"],
        short_value=short_value.where(has, 0.0),
        short_units=short_units.where(has, 0.0),
    )


def fill_up(store: Store, scenario: Scenario, supplier: str) -> FillUp:
    """Return the cartons that reach a supplier's minimum and cost least, or earn most, per money.

    Raises
    ------
    NoDataError
        No sales have been imported.

    Notes
    -----
    Cartons beyond what is due are bought in the order of what they earn per unit cost, see
    `analytics.services.cartons.worth`, until value and units reach the minimum. They are units that
    would be ordered later anyhow: what they cost is mostly that they are held longer.
    """
    basis = planning.under(store, scenario)
    found = suppliers(store, scenario)
    line = found.lines.loc[found.lines["supplier"] == supplier].iloc[0]
    listed = basis.outlook.items
    rows = np.flatnonzero((listed["supplier"].astype(object) == supplier).to_numpy())
    due = _due(listed.iloc[rows], found.items)
    by = basis.lead_times.lines["route"].to_numpy(dtype=object)[rows].tolist()
    told = cartons.worth(
        store, basis, scenario, rows, by,
        interval_days=containers.INTERVAL, more=due, looks_far=True,
    )  # fmt: skip
    rate = basis.rates.get(str(line["currency"]), np.nan)
    short = float(line["short_value"]) * (rate if line["short_value"] > 0 else 1.0)
    bought, is_enough = _reached(told, short, float(line["short_units"]))
    lots = np.bincount(told.pieces.item[bought], told.pieces.cartons[bought], len(rows))
    earns = np.bincount(told.pieces.item[bought], told.pieces.value[bought], len(rows))
    some = lots > 0
    units = lots * told.lot * told.carton
    ahead = demand_ahead.ahead(basis, scenario)[rows]
    lines = pd.DataFrame(
        {
            **{
                name: listed[name].to_numpy(dtype=object)[rows]
                for name in ("sku", "market", "name")
            },
            "route": by,
            "cartons": lots * told.lot,
            "order_quantity": units,
            "base_value": lots * told.needs.cash,
            "earns": earns,
            "days_covered": days_covered(np.nan_to_num(told.position) + units, ahead),
        }
    )
    lines = lines.loc[some].sort_values("base_value", ascending=False, kind="stable")
    return FillUp(
        basis.currency,
        lines.reset_index(drop=True),
        float(lines["base_value"].sum()),
        float(lines["earns"].sum()),
        is_enough,
    )


def order(found: Suppliers, supplier: str, more: FillUp | None = None) -> pd.DataFrame:
    """Return what is due of a supplier, and what fills it up, as one order.

    Returns
    -------
    DataFrame
        One row per item and route: ``sku``, ``market``, ``name``, ``route``, ``order_by``,
        ``suggested_quantity`` (what is due; NaN = nothing is), ``order_quantity`` (with what fills
        it up).
    """
    own = found.items.loc[found.items["is_due"] & (found.items["supplier"] == supplier)]
    names = ["sku", "market", "name", "route"]
    due = own[[*names, "order_by", "order_quantity"]].assign(
        suggested_quantity=own["order_quantity"]
    )
    parts = [due] if more is None else [due, more.lines[[*names, "order_quantity"]]]
    filled = [part for part in parts if len(part)]
    if not filled:
        return due
    both = pd.concat(filled, ignore_index=True)
    return both.groupby(names, sort=False, as_index=False).agg(
        order_by=("order_by", "min"),
        suggested_quantity=("suggested_quantity", lambda units: units.sum(min_count=1)),
        order_quantity=("order_quantity", "sum"),
    )


def _due(listed: pd.DataFrame, items: pd.DataFrame) -> Array:
    keys = ["sku", "market"]
    both = listed[keys].merge(items[[*keys, "order_quantity"]], on=keys, how="left", sort=False)
    return both["order_quantity"].fillna(0.0).to_numpy(dtype=np.float64)


def _reached(
    told: cartons.CartonWorth, value: float, units: float
) -> tuple[NDArray[np.bool_], bool]:
    """Return which pieces reach a value and a number of units, the best per money first."""
    pieces = told.pieces
    cash = told.needs.cash[pieces.item] * pieces.cartons
    count = (told.lot * told.carton)[pieces.item] * pieces.cartons
    known = np.isfinite(cash)
    per = np.divide(pieces.value, cash, out=np.full(len(cash), np.inf), where=known & (cash > 0))
    order = np.lexsort((pieces.rank, pieces.item, -np.where(known, per, -np.inf)))
    spent, got = np.where(known, cash, 0.0)[order].cumsum(), count[order].cumsum()
    enough = (spent >= value - 1e-6) & (got >= units - 1e-6) & np.isfinite(value)
    last = int(enough.argmax()) + 1 if enough.any() else len(order)
    bought = np.zeros(len(order), dtype=bool)
    if value > 0 or units > 0:
        bought[order[:last]] = True
    return bought & known, bool(enough.any()) or not (value > 0 or units > 0)


def days_covered(units: Array, ahead: Array) -> Array:
    """Return the days that units cover of the expected demand, at most those that are expected.

    >>> days_covered(np.array([5.0, 99.0]), np.array([[2.0, 4, 6], [2, 4, 6]])).tolist()
    [2.0, 3.0]
    """
    return np.asarray((ahead <= units[:, None] + 1e-9).sum(axis=1), dtype=np.float64)
