"""What were an item's demand and lead time learnt from? Files, forecasts, and order lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from analytics.inventory.history import believed, order_lines, route_codes, since_change, suppliers
from analytics.scenario import Scenario
from analytics.services import forecasts, planning
from analytics.services.planning import Basis
from analytics.store import Store

_HALF = 8.0  # receipts at which an own history weighs as much as its pool's
_OWN, _POOL = ["supplier", "market", "route"], ["market", "route"]
_RECEIPTS = [
    "order_id",
    "sku",
    "supplier",
    "route",
    "ordered_on",
    "received_on",
    "days_taken",
    "is_open",
]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an item's demand and lead time were learnt from; no slider changes it.

    Attributes
    ----------
    sales : DataFrame
        One row per sheet of sales that counts, newest first: ``file``, ``sheet``, ``rows_new``,
        ``imported_at``.
    weeks : DataFrame
        What is expected, from the plan's day on: ``week``, ``mean``, ``cumulative_mean`` (units).
    receipts : DataFrame
        Order lines that the lead time is learnt from, the latest first: ``order_id``, ``sku``,
        ``supplier``, ``route``, ``ordered_on``, ``received_on`` (NaT = open), ``days_taken`` (or
        waited so far), ``is_open``. Empty where it is stated or assumed.
    facts : mapping
        ``source``, ``member``, ``group_level``, ``group``, ``weeks_observed``,
        ``weeks_stockout``, ``weeks_partial``, ``weeks_unobserved``, ``first_sale``, ``last_sale``
        (dates; None = none), ``files``; ``route``, ``supplier``, ``lead_time_source``,
        ``lead_time_receipts``, ``lead_time_open``, ``lead_time_first``, ``lead_time_last``,
        ``lead_time_since``, ``lead_time_mean``, ``lead_time_sd``, ``share`` (weight of the own
        receipts against the route's, 0 to 1).
    """

    sales: pd.DataFrame
    weeks: pd.DataFrame
    receipts: pd.DataFrame
    facts: Mapping[str, object]


def evidence(store: Store, as_of: date | None, sku: str, market: str) -> Evidence:
    """Return what an item's demand and lead time were learnt from.

    Raises
    ------
    NoDataError
        No sales have been imported.
    UnknownItemError
        There is no such item.
    """
    basis = planning.basis(store, as_of)
    row = basis.row(sku, market)
    seen = forecasts.item(store, Scenario(as_of=as_of), sku, market)
    listed = basis.outlook.items.iloc[row]
    imports = store.imports()
    sales = imports.loc[(imports["kind"] == "sales") & imports["undone_at"].isna()]
    known = {
        name: seen.facts[name]
        for name in (
            "source", "member", "group_level", "group", "weeks_observed", "weeks_stockout",
            "weeks_partial", "weeks_unobserved", "last_sale",
        )
    }  # fmt: skip
    first = listed["first_sale"]
    return Evidence(
        sales=sales[["file", "sheet", "rows_new", "imported_at"]].reset_index(drop=True),
        weeks=seen.fan[["week", "mean", "cumulative_mean"]],
        receipts=_receipts(basis, row),
        facts=known
        | _lead_time(basis, row)
        | {"files": len(sales), "first_sale": None if pd.isna(first) else first.date()},
    )


def _lead_time(basis: Basis, row: int) -> dict[str, object]:
    line = basis.lead_times.lines.iloc[row]
    days = {
        name: None if pd.isna(line[name]) else line[name].date()
        for name in ("lead_time_first", "lead_time_last", "lead_time_since")
    }
    counts = ("lead_time_receipts", "lead_time_open", "lead_time_mean", "lead_time_sd")
    number = float(line["lead_time_receipts"])
    return {
        "route": str(line["route"]),
        "supplier": str(basis.outlook.items["supplier"].iloc[row]),
        "lead_time_source": str(line["lead_time_source"]),
        **{name: float(line[name]) for name in counts},
        **days,
        "share": number / (number + _HALF) if line["lead_time_source"] == "own" else 0.0,
    }


def _receipts(basis: Basis, row: int) -> pd.DataFrame:
    """Return the order lines that the item's lead time is learnt from, the latest first."""
    line, seen = basis.lead_times.lines.iloc[row], basis.outlook
    keys = {"own": _OWN, "route_pool": _POOL}.get(str(line["lead_time_source"]))
    orders = seen.orders
    here = (orders["market"] == line["market"]) & (route_codes(orders["route"]) == line["route"])
    if keys is None:
        here &= False
    lines = order_lines(orders.loc[here], seen.as_of)
    lines = since_change(believed(lines, _POOL), _POOL)
    if keys is _OWN:
        lines = since_change(believed(lines, _OWN), _OWN)
        supplier = suppliers(seen.items.iloc[[row]]).iloc[0]
        lines = lines.loc[lines["supplier"] == supplier]
    latest = lines.sort_values(["received_on", "ordered_on"], ascending=False, kind="stable")
    told = latest.rename(columns={"line": "order_id", "days": "days_taken"})
    return told[_RECEIPTS].reset_index(drop=True)
