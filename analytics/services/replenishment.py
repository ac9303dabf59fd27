"""What do I order, by when? The plan of every item on its default route."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import inventory
from analytics.scenario import Scenario
from analytics.services import money, planning
from analytics.services.levels import DEFAULT_SERVICE_LEVEL_PCT, REVIEW_PERIOD, Levels, levels
from analytics.services.planning import Basis, Note
from analytics.store import Store

__all__ = [
    "COLUMNS",
    "DEFAULT_SERVICE_LEVEL_PCT",
    "REASONS",
    "STATUSES",
    "Plan",
    "Summary",
    "plan",
    "summary",
]

Array = NDArray[np.float64]
STATUSES = ("order_now", "order_later", "covered", "stock_unknown", "too_new", "no_demand")
COLUMNS = (
    "sku", "market", "name", "category", "supplier", "tier", "status",
    "on_hand", "inbound", "on_order", "reserved", "inventory_position", "stock_date",
    "demand_mean", "demand_sd", "lead_time_mean", "lead_time_sd", "lead_time_source", "route",
    "review_period", "service_level", "lead_time_demand_mean", "lead_time_demand_sd",
    "safety_stock", "reorder_point", "warning_line", "order_up_to_level", "order_quantity",
    "order_by", "units_at_risk", "moq", "carton_quantity", "unit_cost", "currency", "order_value",
    "reason",
)  # fmt: skip
_COVER = 30  # days of forecast that an order covers beyond the reorder point
_SHOWN = 91  # days that demand per day is the mean of
_CALENDAR = 13  # weeks
_NOTHING = 0.5  # units below which no demand is expected
REASONS = {
    "order_now": "below_reorder_point",
    "order_later": "above_reorder_point",
    "covered": "covered",
    "stock_unknown": "stock_unknown",
    "too_new": "too_new",
    "no_demand": "no_demand",
}


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
        One row per item, columns `COLUMNS`, most urgent first. ``status``: one of `STATUSES`.
        ``reason`` is a code whose text ``reason.<code>`` is filled with columns of the row.
        ``order_quantity``, ``order_value`` and the stock columns are NaN and the dates NaT where
        stock is unknown; ``inbound`` is what the marketplace announces or what is shipped,
        whichever is larger; ``on_order`` is ordered and not shipped; ``demand_mean`` and
        ``demand_sd`` are units/day over the next 13 weeks; ``lead_time_demand_mean`` and
        ``lead_time_demand_sd`` are units over lead time and review period; ``service_level`` is
        0 to 1; ``safety_stock`` is signed and not rounded, the other levels are whole units.
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


def plan(store: Store, scenario: Scenario | None = None) -> Plan:
    """Return what to order of every item, by when, and why.

    Parameters
    ----------
    store : Store
        The workspace.
    scenario : Scenario, optional
        Assumptions; with none changed, this is the plan itself.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover the scenario's day.

    Notes
    -----
    Reorder point: quantile (95 %) of demand over lead time and a review period of 7 days. Target:
    reorder point + forecast of the next 30 days. Quantity: target - position where the position is
    at or below the reorder point, then minimum order and cartons. Order by: the last day on which
    the position, less the forecast, is not below the reorder point.
    """
    assumed = scenario or Scenario()
    basis = planning.basis(store, assumed.as_of)
    needed = levels(basis, assumed)
    lines = _lines(basis, needed)
    totals = _totals(lines, basis.rates)
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
        calendar=_calendar(lines, basis),
        totals=totals,
        order_value=float(totals["base_value"].sum()),
        left_out=int(left_out.sum()),
        notes=(*basis.notes, *needed.notes, *_left_out(int(left_out.sum()))),
    )


def summary(board: Plan) -> Summary:
    """Return ``board`` in a few figures."""
    status = board.lines["status"]
    now = status == "order_now"
    return Summary(
        order_now=int(now.sum()),
        order_later=int((status == "order_later").sum()),
        stock_unknown=int((status == "stock_unknown").sum()),
        units=float(board.lines.loc[now, "order_quantity"].sum()),
        units_at_risk=float(board.lines["units_at_risk"].sum()),
        calendar=board.calendar,
    )


def _lines(basis: Basis, needed: Levels) -> pd.DataFrame:
    """Return the board in the order of the items, with ``rank`` and ``later_quantity`` beside."""
    listed = basis.outlook.items
    ahead = needed.growth * basis.demand_by_day
    needs = _needs(basis, needed, ahead)
    position = basis.positions["inventory_position"].to_numpy(dtype=np.float64)
    orders = _orders(basis, position, needs, ahead)
    described = listed[["sku", "market", "name", "category", "supplier", "tier", "currency"]]
    numbers = listed[["unit_cost", "moq", "carton_quantity"]].astype(np.float64)
    frame = pd.concat([described, numbers, basis.positions, needs, orders], axis=1)
    return frame.assign(order_value=frame["order_quantity"] * frame["unit_cost"])


def _needs(basis: Basis, needed: Levels, ahead: Array) -> pd.DataFrame:
    """Return what is expected and what a promise needs, whatever stands in stock."""
    weekly_sd = basis.outlook.forecast.sd[:, 1 : 1 + _SHOWN // 7]  # the first week is a rest of one
    daily_sd = np.sqrt((weekly_sd**2).mean(axis=1) / 7)
    lead = basis.lead_times.lines
    return pd.DataFrame(
        {
            "demand_mean": ahead[:, _SHOWN - 1] / _SHOWN,
            "demand_sd": needed.growth * daily_sd,
            "lead_time_mean": needed.lead_time_mean,
            "lead_time_sd": needed.lead_time_sd,
            "lead_time_source": lead["lead_time_source"],
            "route": lead["route"],
            "review_period": REVIEW_PERIOD,
            "service_level": needed.service_level,
            "lead_time_demand_mean": needed.demand_mean,
            "lead_time_demand_sd": needed.demand_sd,
            "safety_stock": needed.safety_stock,
            "reorder_point": inventory.whole(needed.reorder_point),
            "warning_line": inventory.whole(
                inventory.warning_line(needed.safety_stock, needed.reorder_point)
            ),
            "order_up_to_level": inventory.whole(needed.reorder_point + ahead[:, _COVER - 1]),
        }
    )


def _orders(basis: Basis, position: Array, needs: pd.DataFrame, ahead: Array) -> pd.DataFrame:
    """Return quantity, last safe day, status and reason of every item."""
    listed, as_of = basis.outlook.items, basis.outlook.as_of
    reorder_point, target = (
        needs[name].to_numpy(dtype=np.float64) for name in ("reorder_point", "order_up_to_level")
    )
    moq, carton = (listed[name].to_numpy(np.float64) for name in ("moq", "carton_quantity"))
    idle = target < _NOTHING
    wanted = np.where(idle, 0.0, inventory.order_quantity(position, reorder_point, target))
    quantity = inventory.rounded_quantity(wanted, moq, carton)
    searched = ahead[:, : inventory.SEARCHED_DAYS + 1]
    days = np.where(idle, np.nan, inventory.last_safe_day(position, reorder_point, searched))
    status = _status(position, quantity, days, idle)
    status[idle & ~basis.outlook.is_observed] = "too_new"
    arrival = needs["lead_time_mean"].to_numpy(dtype=np.float64)
    late = inventory.units_past_saving(position, _demand_by(ahead, arrival))
    late = np.where(np.isnan(position), np.nan, np.where(quantity > 0, late, 0.0))
    reason = pd.Series(status).map(REASONS).where((status != "order_now") | (late < 1), "too_late")
    return pd.DataFrame(
        {
            "status": status,
            "order_quantity": quantity,
            "order_by": pd.Timestamp(as_of) + pd.to_timedelta(days, unit="D"),
            "units_at_risk": late,
            "reason": reason,
            "rank": pd.Series(status).map({name: rank for rank, name in enumerate(STATUSES)}),
            "later_quantity": inventory.rounded_quantity(target - reorder_point, moq, carton),
        }
    )


def _status(
    position: Array, quantity: Array, days: Array, idle: NDArray[np.bool_]
) -> NDArray[np.object_]:
    choices = [idle, np.isnan(position), quantity > 0, ~np.isnan(days)]
    names = np.array(["no_demand", "stock_unknown", "order_now", "order_later"], dtype=object)
    return np.asarray(np.select(choices, list(names), "covered"), dtype=object)


def _demand_by(ahead: Array, days: Array) -> Array:
    """Return expected demand up to a day that need not be whole."""
    whole = np.clip(np.floor(days).astype(np.int64), 1, ahead.shape[1] - 1)
    rows = np.arange(len(ahead))
    low, high = ahead[rows, whole - 1], ahead[rows, whole]
    return np.asarray(low + np.clip(days - whole, 0.0, 1.0) * (high - low))


def _totals(lines: pd.DataFrame, rates: Mapping[str, float]) -> pd.DataFrame:
    """Return the orders of today by the currency of their cost."""
    ordered = lines.loc[lines["order_quantity"] > 0]
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
    due = lines.loc[lines["status"].isin(["order_now", "order_later"])]
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
