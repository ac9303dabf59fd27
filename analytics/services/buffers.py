"""How much buffer, and what does it cost? Two methods side by side, per item and in all."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import inventory
from analytics.scenario import Scenario
from analytics.services import money, planning
from analytics.services.levels import REVIEW_PERIOD, Levels, levels
from analytics.services.planning import WINDOW, Basis, Note
from analytics.store import Store

Array = NDArray[np.float64]
METHODS = ("quantile", "max_average")
_CURVE = 120  # points
_SHOWN_TO = 0.999  # probability up to which the curve is drawn
_STRETCH = 2.5  # times the larger reorder point: a long tail must not push the rest to the edge


@dataclass(frozen=True, slots=True)
class Buffers:
    """Safety stock of every item by each method.

    Attributes
    ----------
    as_of : date
        The day the plan is made on.
    currency : str
        Base currency; empty if no cost is known.
    lines : DataFrame
        One row per item, best sellers first: ``sku``, ``market``,
        ``name``, ``category``, ``supplier``, ``tier``,
        ``route``, ``demand_mean``, ``demand_max`` (units/day in the last 90 days in stock),
        ``demand_days`` (days found), ``lead_time_mean``, ``lead_time_max`` (days; last 12 months'
        receipts), ``lead_time_source``, ``lead_time_receipts``, ``review_period`` (days),
        ``service_level`` (target, 0 to 1), ``lead_time_demand_mean``, ``lead_time_demand_sd``
        (units over lead time and review period), ``unit_cost``, ``currency``; and for each method
        ``m`` in `METHODS` ``m_safety_stock`` (signed units, not rounded), ``m_reorder_point``,
        ``m_warning_line`` (whole units), ``m_service_level`` (implied, 0 to 1), ``m_days`` (days
        of expected demand that the safety stock covers), ``m_cash`` (in ``currency``; NaN = cost
        unknown). The max-average columns are NaN for an item that was never seen in stock.
    totals : DataFrame
        One row per (method, currency): ``method``, ``currency``, ``items``, ``safety_stock``
        (units), ``cash``. Items whose cost is unknown stand in a row with an empty currency.
    base_totals : DataFrame
        One row per method, none if no cost is known: ``method``, ``cash`` (in the base currency),
        ``items`` counted, ``items_left_out`` (no cost, or no rate for it), ``currency``.
    notes : tuple of (code, facts)
        What was assumed or left out; texts ``note.<code>``.
    """

    as_of: date
    currency: str
    lines: pd.DataFrame
    totals: pd.DataFrame
    base_totals: pd.DataFrame
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class MethodBuffer:
    """What one method says of one item.

    Attributes
    ----------
    method : str
        One of `METHODS`.
    safety_stock : float
        Units, signed, not rounded.
    reorder_point, warning_line : float
        Whole units.
    service_level : float
        Cycle service that the reorder point gives, 0 to 1.
    cash : float
        Safety stock at unit cost; NaN = cost unknown.
    days : float
        Days of expected demand that the safety stock covers.
    """

    method: str
    safety_stock: float
    reorder_point: float
    warning_line: float
    service_level: float
    cash: float
    days: float


@dataclass(frozen=True, slots=True)
class ItemBuffer:
    """Buffers of one item, with the curve that they are read from.

    Attributes
    ----------
    sku, market, name : str
        The item.
    as_of : date
        The day the plan is made on.
    currency : str
        Currency of the item's cost; empty if unknown.
    curve : DataFrame
        ``units`` (ascending), ``exceedance`` (probability, 0 to 1, that demand over lead time and
        review period exceeds them).
    methods : DataFrame
        One row per method: the fields of `MethodBuffer`.
    facts : mapping
        Every column of this item's line in `Buffers.lines`, and ``window_days``.
    """

    sku: str
    market: str
    name: str
    as_of: date
    currency: str
    curve: pd.DataFrame
    methods: pd.DataFrame
    facts: Mapping[str, object]

    def by_method(self, method: str) -> MethodBuffer:
        """Return what ``method`` says."""
        row = self.methods.loc[self.methods["method"] == method].iloc[0]
        _, *figures = (field.name for field in fields(MethodBuffer))
        return MethodBuffer(method, *(float(row[name]) for name in figures))


def max_average(
    demand_max: float, lead_time_max: float, demand_mean: float, lead_time_mean: float
) -> float:
    """Return safety stock in units by the max-average rule, for numbers of one's own.

    Raises
    ------
    NegativeInputError
        A demand or a lead time is negative.

    Examples
    --------
    >>> max_average(demand_max=20, lead_time_max=21, demand_mean=10, lead_time_mean=14)
    280.0
    """
    units = inventory.safety_stock_max_average(
        demand_max, lead_time_max, demand_mean, lead_time_mean
    )
    return float(units)


def catalogue(store: Store, scenario: Scenario | None = None) -> Buffers:
    """Return the safety stock of every item by each method, and the cash that it ties up.

    Parameters
    ----------
    store : Store
        The workspace.
    scenario : Scenario, optional
        Assumptions; with none changed the quantile method is the plan's.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover the scenario's day.
    """
    assumed = scenario or Scenario()
    basis = planning.basis(store, assumed.as_of)
    needed = levels(basis, assumed)
    lines = _lines(basis, needed)
    long = _by_method(lines)
    return Buffers(
        as_of=basis.outlook.as_of,
        currency=basis.currency,
        lines=lines.iloc[_best_sellers_first(basis)].reset_index(drop=True),
        totals=_totals(long),
        base_totals=_base_totals(long, basis),
        notes=(*basis.notes, *needed.notes),
    )


def _best_sellers_first(basis: Basis) -> NDArray[np.intp]:
    """Return an order of the items that no slider changes."""
    sold = basis.outlook.items["units"].to_numpy(dtype=np.float64, na_value=0.0)
    return np.argsort(-sold, kind="stable")


def item(store: Store, scenario: Scenario, sku: str, market: str) -> ItemBuffer:
    """Return the buffers of one item under ``scenario``.

    Raises
    ------
    NoDataError
        No sales have been imported.
    UnknownItemError
        There is no such item.
    """
    basis = planning.basis(store, scenario.as_of)
    row = basis.row(sku, market)
    needed = levels(basis, scenario)
    line = _lines(basis, needed).iloc[[row]]
    facts = {str(name): value for name, value in line.iloc[0].items()}
    return ItemBuffer(
        sku=str(facts["sku"]),
        market=str(facts["market"]),
        name=str(facts["name"]),
        as_of=basis.outlook.as_of,
        currency=str(facts["currency"]),
        curve=_curve(basis, needed, row, line),
        methods=_by_method(line)[[field.name for field in fields(MethodBuffer)]],
        facts=facts | {"window_days": WINDOW},
    )


def _lines(basis: Basis, needed: Levels) -> pd.DataFrame:
    listed, lead = basis.outlook.items, basis.lead_times.lines
    described = listed[["sku", "market", "name", "category", "supplier", "tier"]]
    cost = listed["unit_cost"].to_numpy(dtype=np.float64)
    inputs = pd.DataFrame(
        {
            "route": lead["route"],
            "demand_mean": needed.growth * basis.recent["demand_mean"],
            "demand_max": needed.growth * basis.recent["demand_max"],
            "demand_days": basis.recent["demand_days"],
            "lead_time_mean": lead["lead_time_usual"] + needed.delay,
            "lead_time_max": lead["lead_time_max"] + needed.delay,
            "lead_time_source": lead["lead_time_source"],
            "lead_time_receipts": lead["lead_time_receipts"],
            "review_period": REVIEW_PERIOD,
            "service_level": needed.service_level,
            "lead_time_demand_mean": needed.demand_mean,
            "lead_time_demand_sd": needed.demand_sd,
            "unit_cost": cost,
            "currency": listed["currency"],
        }
    )
    by_rule = (
        inventory.safety_stock_max_average(
            inputs["demand_max"], inputs["lead_time_max"],
            inputs["demand_mean"], inputs["lead_time_mean"],
        ),
        inventory.reorder_point_max_average(inputs["demand_max"], inputs["lead_time_max"]),
    )  # fmt: skip
    methods = {"quantile": (needed.safety_stock, needed.reorder_point), "max_average": by_rule}
    figures = [
        _method(name, *methods[name], basis=basis, needed=needed, cost=cost) for name in METHODS
    ]
    return pd.concat([described, inputs, *figures], axis=1)


def _method(
    name: str,
    safety_stock: Array,
    reorder_point: Array,
    *,
    basis: Basis,
    needed: Levels,
    cost: Array,
) -> pd.DataFrame:
    """Return one method's columns; the service is that of the whole units that would be used."""
    level = inventory.whole(reorder_point)
    reached = basis.kernel.probability(needed.weights, level / needed.growth)
    per_day = needed.demand_mean / (needed.lead_time_mean + REVIEW_PERIOD)
    days = np.where(per_day > 0, safety_stock / np.where(per_day > 0, per_day, 1.0), 0.0)
    columns = {
        "safety_stock": safety_stock,
        "reorder_point": level,
        "warning_line": inventory.whole(inventory.warning_line(safety_stock, reorder_point)),
        "service_level": np.where(np.isnan(level), np.nan, reached),
        "days": np.where(np.isnan(level), np.nan, days),
        "cash": safety_stock * cost,
    }
    return pd.DataFrame({f"{name}_{column}": value for column, value in columns.items()})


def _by_method(lines: pd.DataFrame) -> pd.DataFrame:
    """Return one row per item and method, the method's columns without its name."""
    names = [field.name for field in fields(MethodBuffer)][1:]
    frames = [
        lines[["sku", "market", "currency", "unit_cost"]].assign(
            method=method, **{name: lines[f"{method}_{name}"] for name in names}
        )
        for method in METHODS
    ]
    return pd.concat(frames, ignore_index=True)


def _totals(long: pd.DataFrame) -> pd.DataFrame:
    known = long.assign(currency=long["currency"].where(long["unit_cost"].notna(), ""))
    return known.groupby(["method", "currency"], as_index=False, sort=False).agg(
        items=("safety_stock", "count"), safety_stock=("safety_stock", "sum"), cash=("cash", "sum")
    )


def _base_totals(long: pd.DataFrame, basis: Basis) -> pd.DataFrame:
    value = money.in_base(long["cash"], long["currency"], basis.rates)
    totals = (
        long.assign(cash=value)
        .groupby("method", as_index=False, sort=False)
        .agg(cash=("cash", "sum"), items=("cash", "count"), every=("sku", "size"))
    )
    left_out = totals["every"] - totals["items"]
    told = totals.assign(items_left_out=left_out, currency=basis.currency).drop(columns="every")
    return told.loc[told["items"] > 0]


def _curve(basis: Basis, needed: Levels, row: int, line: pd.DataFrame) -> pd.DataFrame:
    """Return how likely demand until the next delivery exceeds each level of stock."""
    kernel = basis.kernel.take([row])
    weights = needed.weights[[row]]
    likely = float(kernel.quantile(weights, _SHOWN_TO)[0]) * needed.growth
    marks = line[[f"{name}_reorder_point" for name in METHODS]].to_numpy(dtype=np.float64)
    highest = float(np.nanmax(marks))
    top = max(min(likely, _STRETCH * highest), 1.05 * highest, 1.0)
    units = np.linspace(0.0, top, _CURVE)
    reached = basis.kernel.take(np.full(_CURVE, row)).probability(
        np.repeat(weights, _CURVE, axis=0), units / needed.growth
    )
    return pd.DataFrame({"units": units, "exceedance": 1 - reached})
