"""What each method holds of every item, what that costs, and what it reaches."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import inventory
from analytics.policy import Measure, Method
from analytics.services import money
from analytics.services.levels import Levels
from analytics.services.planning import Basis

Array = NDArray[np.float64]
METHODS = (Method.QUANTILE.value, Method.NORMAL.value, Method.MAX_AVERAGE.value)
POLICY = "policy"  # each item by the method of its policy


def lines(basis: Basis, needed: Levels) -> pd.DataFrame:
    """Return every item by every method, see `buffers.Buffers`; rows as in the basis."""
    listed, lead = basis.outlook.items, basis.lead_times.lines
    described = listed[["sku", "market", "name", "category", "supplier"]]
    cost = _cost(basis)
    inputs = pd.DataFrame(
        {
            "tier": basis.tiers["tier"].to_numpy(dtype=object),
            "route": lead["route"],
            "demand_mean": needed.swelling * basis.recent["demand_mean"],
            "demand_max": needed.swelling * basis.recent["demand_max"],
            "demand_days": basis.recent["demand_days"],
            "lead_time_mean": needed.lead_time_usual,
            "lead_time_max": needed.lead_time_max,
            "lead_time_source": lead["lead_time_source"],
            "lead_time_receipts": lead["lead_time_receipts"],
            "review_period": needed.review_days,
            "measure": needed.target.measure,
            "service_level": needed.target.service_level,
            "target_source": needed.target.source,
            "method": needed.method,
            "order_size": needed.order_size,
            "demand_per_day": needed.demand_mean / needed.protected_days,
            "lead_time_demand_mean": needed.demand_mean,
            "lead_time_demand_sd": needed.demand_sd,
        }
    )
    figures = [
        _method(name, needed, safety_stock, cost["cost_per_unit"].to_numpy())
        for name, safety_stock in _safety_stocks(inputs, needed).items()
    ]
    return pd.concat([described, inputs, cost, *figures], axis=1)


def _cost(basis: Basis) -> pd.DataFrame:
    """Return ``cost_per_unit``, ``cost_basis`` and ``currency``: landed where it is known.

    A cost in a currency without an exchange rate stays in that currency, ex works.
    """
    worth, listed = basis.economics, basis.outlook.items
    landed = worth.landed_cost
    stated = listed["unit_cost"].to_numpy(dtype=np.float64, na_value=np.nan)
    own = listed["currency"].astype(object).to_numpy()
    in_part = np.isin(worth.sources["freight"], ("partial", "unknown"))
    known = ~np.isnan(landed)
    return pd.DataFrame(
        {
            "cost_per_unit": np.where(known, landed, stated),
            "cost_basis": np.select(
                [known & ~in_part, known, ~np.isnan(stated)],
                ["landed", "landed_partial", "unit_cost"],
                "unknown",
            ),
            "currency": np.where(known, basis.currency, np.where(np.isnan(stated), "", own)),
        }
    )


def _safety_stocks(inputs: pd.DataFrame, needed: Levels) -> dict[str, Array]:
    """Return each method's safety stock; the rule has a notion of usual demand of its own."""
    rule = inventory.safety_stock_max_average(
        inputs["demand_max"], inputs["lead_time_max"],
        inputs["demand_mean"], inputs["lead_time_mean"],
    )  # fmt: skip
    points = needed.reorder_points
    return {
        name: rule if name == Method.MAX_AVERAGE.value else points[name] - needed.demand_mean
        for name in METHODS
    }


def _method(name: str, needed: Levels, safety_stock: Array, cost: Array) -> pd.DataFrame:
    """Return one method's columns; the service is that of the whole units that would be used."""
    reorder_point = needed.reorder_points[name]
    level = inventory.whole(reorder_point)
    per_day = needed.demand_mean / needed.protected_days
    days = np.where(per_day > 0, safety_stock / np.where(per_day > 0, per_day, 1.0), 0.0)
    columns = {
        "safety_stock": safety_stock,
        "reorder_point": level,
        "warning_line": inventory.whole(inventory.warning_line(safety_stock, reorder_point)),
        "cycle_service": needed.cycle_service(level),
        "fill_rate": needed.fill_rate(level),
        "days": np.where(np.isnan(level), np.nan, days),
        "cash": safety_stock * cost,
    }
    return pd.DataFrame({f"{name}_{column}": value for column, value in columns.items()})


def in_base(basis: Basis, lines: pd.DataFrame) -> Array:
    """Return the cost per unit in the base currency, NaN where it is unknown."""
    value = money.in_base(lines["cost_per_unit"], lines["currency"], basis.rates)
    return np.asarray(value.to_numpy(dtype=np.float64))


def totals(basis: Basis, needed: Levels, lines: pd.DataFrame) -> pd.DataFrame:
    """Return the sums of `lines` by method and by `POLICY`, see `buffers.Buffers`."""
    cost = in_base(basis, lines)
    rows = [
        _total(name, _columns(lines, name), needed, cost) | {"currency": basis.currency}
        for name in (*METHODS, POLICY)
    ]
    return pd.DataFrame(rows)


def _columns(lines: pd.DataFrame, method: str) -> dict[str, Array]:
    """Return a method's columns, of `POLICY` those of each item's own method."""
    names = ("safety_stock", "cycle_service", "fill_rate")
    if method != POLICY:
        return {name: lines[f"{method}_{name}"].to_numpy(dtype=np.float64) for name in names}
    used = [(lines["method"] == one).to_numpy() for one in METHODS]
    return {
        name: np.select(used, [lines[f"{one}_{name}"].to_numpy() for one in METHODS], np.nan)
        for name in names
    }


def _total(
    method: str, columns: Mapping[str, Array], needed: Levels, cost: Array
) -> dict[str, object]:
    held = columns["safety_stock"]
    per_day = needed.demand_mean / needed.protected_days
    known = ~np.isnan(held)
    sold = float(per_day[known].sum())
    weight = np.where(known, per_day if sold > 0 else 1.0, 0.0)
    costed = known & ~np.isnan(cost)
    by_fill = needed.target.measure == Measure.FILL.value

    def average(values: Array) -> float:
        return float(np.average(np.nan_to_num(values), weights=weight)) if known.any() else np.nan

    return {
        "method": method,
        "items": int(known.sum()),
        "safety_stock": float(held[known].sum()),
        "days": float(held[known].sum() / sold) if sold > 0 else 0.0,
        "cash": float((held * cost)[costed].sum()) if costed.any() else np.nan,
        "items_costed": int(costed.sum()),
        "items_left_out": int((known & ~costed).sum()),
        "service_level": average(needed.target.service_level),
        "reached": average(np.where(by_fill, columns["fill_rate"], columns["cycle_service"])),
        "cycle_service": average(columns["cycle_service"]),
        "fill_rate": average(columns["fill_rate"]),
    }
