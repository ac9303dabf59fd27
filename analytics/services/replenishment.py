"""What do I order, by when? The plan of every item on its default route, or on each route."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.scenario import Scenario
from analytics.services import board, ledger, money, planning, routing
from analytics.services.board import ALERTS, STATUSES
from analytics.services.levels import levels
from analytics.services.planning import Basis, Note
from analytics.store import Store

__all__ = ["ALERTS", "COLUMNS", "STATUSES", "Plan", "Summary", "plan", "summary"]

Array = NDArray[np.float64]
COLUMNS = (
    "sku", "market", "name", "category", "supplier", "tier", "tier_evidence", "status", "alert",
    "on_hand", "inbound", "on_order", "reserved", "inventory_position", "stock_date",
    "at_marketplace", "at_overseas", "at_local", "in_transit", "at_supplier",
    "demand_mean", "demand_sd", "lead_time_mean", "lead_time_sd", "lead_time_source", "route",
    "is_default_route", "review_period", "service_level", "service_measure", "service_source",
    "method", "order_policy", "cap_weeks", "lead_time_demand_mean", "lead_time_demand_sd",
    "safety_stock", "reorder_point", "warning_line", "order_up_to_level", "order_quantity",
    "order_by", "ship_by", "arrives_on", "stockout_on", "cover_after_arrival", "units_at_risk",
    "transfer_quantity", "replenish_quantity", "moq", "carton_quantity", "unit_cost", "currency",
    "order_value", "landed_value", "is_skipped", "reason",
)  # fmt: skip
_CALENDAR = 13  # weeks


@dataclass(frozen=True, slots=True)
class Plan:
    """The replenishment board.

    Attributes
    ----------
    as_of : date
        The day the plan is made on.
    currency : str
        Base currency; empty if no cost is known.
    lines : DataFrame
        One row per item (or item and route), columns `COLUMNS`, most urgent first.
        ``status``: one of `STATUSES`, what to do; ``alert``: one of `ALERTS`, what threatens,
        whatever is suggested. ``reason`` is a code whose text ``reason.<code>`` is filled with
        columns of the row. Units: ``on_hand`` (all places of the market), ``inbound`` (what the
        marketplace announces or what is shipped, whichever is larger), ``on_order`` (ordered, not
        shipped), and the same by place; NaN where stock is unknown. ``demand_mean``, ``demand_sd``:
        units/day over the next 13 weeks; ``lead_time_demand_mean``, ``lead_time_demand_sd``: units
        over lead time and review period. ``service_level`` (0 to 1) is of ``service_measure``, and
        ``service_source`` says whose word it is. ``safety_stock`` is signed and not rounded, the
        other levels are whole units. ``order_by`` and ``ship_by``: last safe days;
        ``arrives_on``: of an order of today, or by ``order_by``; ``stockout_on``: first day on
        which demand is not met if nothing is ordered; ``cover_after_arrival`` (days);
        ``units_at_risk``: demand that no order of today can save; ``transfer_quantity`` (from the
        central store) and ``replenish_quantity`` (from overseas to the marketplace) come before
        any purchase. ``order_value``: ex works, in ``currency``; ``landed_value``: in the base
        currency, with freight and duty as far as they are known. ``is_skipped``: the seller
        skipped this very suggestion; it counts nowhere below.
    calendar : DataFrame
        One row per week and status with something to order in the next 13 weeks, and a row of
        zeros for each other week; empty if nothing can be dated: ``week`` (Monday), ``status``
        (``order_now``, ``order_later``), ``items``, ``units`` (of later orders: what lifts the
        reorder point to the target), ``value`` (base currency; without costs or rates left out).
    totals : DataFrame
        One row per currency of the orders of today: ``currency``, ``items``, ``order_quantity``,
        ``order_value``, ``base_value`` (NaN = no cost or no rate). Orders whose cost is unknown
        stand in a row with an empty currency.
    order_value : float
        Value of the orders of today in the base currency, of those that can be expressed in it.
    left_out : int
        Orders of today that ``order_value`` does not hold.
    notes : tuple of (code, facts)
        What was assumed or left out; texts ``note.<code>``.
    """

    as_of: date
    currency: str
    lines: pd.DataFrame
    calendar: pd.DataFrame
    totals: pd.DataFrame
    order_value: float
    left_out: int
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """The board in a few figures.

    Attributes
    ----------
    order_now, order_later, stock_unknown : int
        Items.
    units : float
        To order now.
    units_at_risk : float
        Of demand that comes before any order of today can.
    calendar : DataFrame
        `Plan.calendar`.
    """

    order_now: int
    order_later: int
    stock_unknown: int
    units: float
    units_at_risk: float
    calendar: pd.DataFrame


def plan(store: Store, scenario: Scenario | None = None, *, by_route: bool = False) -> Plan:
    """Return what to order of every item, by when, and why.

    Parameters
    ----------
    store : Store
        The workspace.
    scenario : Scenario, optional
        Assumptions; with none changed, this is the plan itself.
    by_route : bool
        One line per item and route, in place of one per item on its default route; what is counted
        and added up beside the lines stays that of the default routes.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover the scenario's day.

    Notes
    -----
    Every item is bought by the policy of its tier, or its own (`analytics.policy`). Reorder point:
    what the policy's service needs of the demand over lead time and review period. Target: reorder
    point + forecast of the days that an order covers, those after lead time and review. Quantity:
    target - position where the position is at or below the reorder point, less what can no longer
    be saved and what stands in the central store; then minimum order and cartons, then the cap. A
    seasonal item is bought once, for the demand of its season, before it starts; a new one in the
    smallest batches. Order by: the last day on which the position, less the forecast, is not below
    the reorder point; earlier if its production would cross a factory's closure.
    """
    assumed = scenario or Scenario()
    basis = planning.under(store, assumed)
    rows = routing.routed(store, basis) if by_route else basis
    needed = levels(rows, assumed)
    lines = _with_skipped(board.lines(rows, needed), rows)
    chosen = lines.loc[lines["is_default_route"]]  # an item is bought once, not by every route
    totals = _totals(chosen, basis.rates)
    left_out = totals.loc[totals["base_value"].isna(), "items"]
    ranked = lines.sort_values(
        ["rank", "order_by", "units_at_risk", "order_quantity", "reorder_point", "sku", "market"],
        ascending=[True, True, False, False, False, True, True],
        kind="stable",
    )
    return Plan(
        as_of=basis.outlook.as_of,
        currency=basis.currency,
        lines=ranked[list(COLUMNS)].reset_index(drop=True),
        calendar=_calendar(chosen, basis),
        totals=totals,
        order_value=float(totals["base_value"].sum()),
        left_out=int(left_out.sum()),
        notes=(*basis.notes, *needed.notes, *_left_out(int(left_out.sum()))),
    )


def summary(board: Plan) -> Summary:
    """Return ``board`` in a few figures."""
    lines = board.lines.loc[board.lines["is_default_route"]]
    status = lines["status"].where(~lines["is_skipped"], "skipped")
    now = status == "order_now"
    return Summary(
        order_now=int(now.sum()),
        order_later=int((status == "order_later").sum()),
        stock_unknown=int((status == "stock_unknown").sum()),
        units=float(lines.loc[now, "order_quantity"].sum()),
        units_at_risk=float(lines["units_at_risk"].sum()),
        calendar=board.calendar,
    )


def _with_skipped(lines: pd.DataFrame, basis: Basis) -> pd.DataFrame:
    """Return the lines, marked where the seller skipped this very suggestion."""
    skipped = np.zeros(len(lines), dtype=bool)
    if len(basis.decided):
        skipped = ledger.silenced(basis.decided, lines, as_of=basis.outlook.as_of)
    return lines.assign(is_skipped=skipped)


def _totals(lines: pd.DataFrame, rates: Mapping[str, float]) -> pd.DataFrame:
    """Return the orders of today by the currency of their cost."""
    ordered = lines.loc[(lines["order_quantity"] > 0) & ~lines["is_skipped"]]
    known = ordered["unit_cost"].notna()
    frame = ordered.assign(
        currency=ordered["currency"].where(known, ""),
        base_value=money.in_base(ordered["order_value"], ordered["currency"], rates),
    )
    return frame.groupby("currency", as_index=False).agg(
        items=("sku", "size"),
        order_quantity=("order_quantity", "sum"),
        order_value=("order_value", _sum),
        base_value=("base_value", _sum),
    )


def _sum(values: pd.Series) -> float:
    """Return the sum; NaN if any part of it is unknown."""
    return float(values.sum(skipna=False))


def _calendar(lines: pd.DataFrame, basis: Basis) -> pd.DataFrame:
    """Return what is to be ordered in which week."""
    stands = ~lines["is_skipped"]
    due = lines.loc[stands & lines["status"].isin(["order_now", "order_later"])]
    now = due["status"] == "order_now"
    units = due["order_quantity"].where(now, due["later_quantity"])
    day = due["order_by"].fillna(pd.Timestamp(basis.outlook.as_of))
    value = money.in_base(units * due["unit_cost"], due["currency"], basis.rates)
    frame = pd.DataFrame(
        {
            "week": day - pd.to_timedelta(day.dt.day_of_week, unit="D"),
            "status": due["status"],
            "units": units,
            "value": value.fillna(0.0),
        }
    )
    last = pd.Timestamp(basis.outlook.as_of) + pd.Timedelta(weeks=_CALENDAR)
    weeks = (
        frame.loc[frame["week"] < last]
        .groupby(["week", "status"], as_index=False)
        .agg(items=("units", "size"), units=("units", "sum"), value=("value", "sum"))
    )
    return weeks if weeks.empty else _with_idle_weeks(weeks, last)


def _with_idle_weeks(weeks: pd.DataFrame, last: pd.Timestamp) -> pd.DataFrame:
    """Return ``weeks`` with a row of zeros for each week that has nothing to order."""
    monday = last - pd.Timedelta(weeks=_CALENDAR, days=last.day_of_week)
    every = pd.date_range(monday, last, freq="7D", inclusive="left").as_unit("us")
    idle = every[~every.isin(weeks["week"])]
    zeros = pd.DataFrame({"week": idle, "status": "order_later"}).assign(
        items=0, units=0.0, value=0.0
    )
    return pd.concat([weeks, zeros]).sort_values(["week", "status"], ignore_index=True)


def _left_out(items: int) -> list[Note]:
    return [("value_left_out", {"items": items})] if items else []
