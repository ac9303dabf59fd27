"""When each open order is expected, given that it has not arrived yet."""

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.inventory.durations import moments, remaining
from analytics.inventory.history import DEFAULT_ROUTE, route_codes, suppliers
from analytics.inventory.lead_time import LeadTimes
from analytics.inventory.position import open_lines

Array = NDArray[np.float64]
CHECK_IN = 7  # days until what is announced without an order can be sold, assumed
_LATE = 0.95  # share of a route's orders that had arrived by now, if an open one is late
_COLUMNS = (
    "item", "order_id", "supplier", "route", "units", "ordered_on", "is_shipped", "age", "law",
    "eta", "eta_on", "expected_on", "is_overdue",
)  # fmt: skip


def arrivals(
    items: pd.DataFrame,
    orders: pd.DataFrame,
    lead_times: LeadTimes,
    as_of: date,
    *,
    positions: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return every open order of the items, and the day on which it is expected.

    Parameters
    ----------
    items : DataFrame
        ``sku``, ``market``; rows are counted from 0.
    orders : DataFrame
        Purchase orders, one row per receipt, as for `stock_positions`.
    lead_times : LeadTimes
        Of all routes, see `lead_times_by_route`.
    as_of : date
        The plan's day.
    positions : DataFrame, optional
        `stock_positions` of the same items: what a later stock list holds is there, and what is
        announced beyond the open orders arrives too.

    Returns
    -------
    DataFrame
        One row per open order line, in order of item and arrival: ``item`` (row of ``items``),
        ``order_id`` (missing = only announced), ``supplier``, ``route``, ``units``, ``ordered_on``,
        ``is_shipped``, ``age`` (days since ordered), ``law`` (row of
        ``lead_times.probabilities``; -1 = only announced), ``eta`` (day expected, 1 = tomorrow),
        ``eta_on`` (its date), ``expected_on`` (as the file says), ``is_overdue`` (the file's day
        has passed, or 19 in 20 orders of that route had arrived by now).

    Notes
    -----
    ``eta`` is the mean of the law given that the order is older than its age, see `remaining`.
    """
    today = pd.Timestamp(as_of)
    counted = None if positions is None else positions["stock_date"]
    placed = open_lines(items, orders, today, counted)
    placed = placed.assign(supplier=suppliers(placed), route=route_codes(placed["route"]))
    route = placed["item"].astype(str) + " " + placed["route"]
    lines = lead_times.lines
    of = pd.Series(lead_times.row, index=lines["item"].astype(str) + " " + lines["route"])
    default = pd.Series(lead_times.row[lines["is_default"]], lines.loc[lines["is_default"], "item"])
    law = route.map(of).fillna(placed["item"].map(default)).to_numpy(dtype=np.int64)
    age = (today - placed["ordered_on"]).dt.days.to_numpy(dtype=np.int64)
    left, _ = moments(remaining(lead_times.probabilities[law], age))
    by_now = _by(lead_times.probabilities, law, age)
    passed = (placed["expected_on"] < today).to_numpy()
    known = placed.assign(
        age=age, law=law, eta=np.maximum(np.round(left), 1.0).astype(np.int64),
        is_overdue=passed | (by_now >= _LATE),
    )  # fmt: skip
    every = known[[name for name in _COLUMNS if name != "eta_on"]]
    if positions is not None and (positions["announced_only"] > 0).any():
        every = pd.concat([every, _announced(positions, lines)], ignore_index=True)
    every = every.assign(eta_on=today + pd.to_timedelta(every["eta"], unit="D"))
    every = every.sort_values(["item", "eta"], kind="stable", ignore_index=True)
    return every[list(_COLUMNS)]


def _by(probabilities: Array, law: NDArray[np.int64], age: NDArray[np.int64]) -> Array:
    """Return the probability that an order has arrived by its age."""
    below = probabilities.cumsum(axis=1)
    last = probabilities.shape[1] - 1
    return np.where(age > 0, below[law, np.clip(age - 1, 0, last)], 0.0)


def _announced(positions: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Return what warehouses announce and no open order explains: soon there, by no known order."""
    units = positions["announced_only"].to_numpy(dtype=np.float64)
    rows = np.flatnonzero(units > 0)
    default = lines.loc[lines["is_default"]].set_index("item")["route"]
    return pd.DataFrame(
        {
            "item": rows,
            "route": pd.Series(rows).map(default).fillna(DEFAULT_ROUTE).to_numpy(dtype=object),
            "units": units[rows],
            "is_shipped": True,
            "law": -1,
            "eta": CHECK_IN,
            "is_overdue": False,
        }
    )


def eta_and_quantity(arrivals: pd.DataFrame, n_items: int) -> tuple[NDArray[np.int64], Array]:
    """Return the arrivals as arrays, one row per item, for `project`.

    Returns
    -------
    eta : ndarray of int, shape (n_items, n_orders)
        Days of arrival; where an item has fewer orders, day 1 of no units.
    quantity : ndarray, shape (n_items, n_orders)
        Units.
    """
    item = arrivals["item"].to_numpy(dtype=np.int64)
    number = arrivals.groupby("item").cumcount().to_numpy(dtype=np.int64)
    width = int(number.max(initial=-1)) + 1
    eta = np.ones((n_items, width), dtype=np.int64)
    quantity = np.zeros((n_items, width))
    eta[item, number] = arrivals["eta"].to_numpy(dtype=np.int64)
    quantity[item, number] = arrivals["units"].to_numpy(dtype=np.float64)
    return eta, quantity
