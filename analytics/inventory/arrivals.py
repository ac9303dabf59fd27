"""When each open order is expected, given that it has not arrived yet."""

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.inventory.durations import moments, remaining
from analytics.inventory.history import DEFAULT_ROUTE, route_codes, suppliers
from analytics.inventory.lead_time import LeadTimes
from analytics.inventory.position import open_lines
from analytics.inventory.stages import STAGES

Array = NDArray[np.float64]
CHECK_IN = 7  # days until what is announced without an order can be sold, assumed
_LATE = 0.95  # share of a route's orders that had arrived by now, if an open one is late
_COLUMNS = (
    "item", "line", "order_id", "supplier", "market", "route", "units", "ordered_on", "is_shipped",
    "shipped_on", "stage", "age", "law", "eta", "eta_on", "expected_on", "is_overdue",
)  # fmt: skip
# What has happened to an order once a date has passed, the latest first: the stage it is in.
_REACHED = (("cleared_on", "check_in"), ("arrived_on", "customs"), ("shipped_on", "transit"),
            ("ready_on", "quality_check"))  # fmt: skip


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
        ``line`` (of ``lead_times.lines``, the default route's where the order's is none of the
        item's; -1 = only announced), ``order_id`` (missing = only announced), ``supplier`` (the
        item's where the order names none), ``market``, ``route``, ``units``, ``ordered_on``,
        ``is_shipped``, ``shipped_on`` (NaT = not yet, or not known), ``stage`` (one of `STAGES`,
        in which it is as far as its dates tell), ``age`` (days since ordered), ``law`` (row of
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
    placed = placed.assign(route=route_codes(placed["route"]))
    lines = lead_times.lines
    line = _lines(placed, lines)
    law = lead_times.row[line]
    age = (today - placed["ordered_on"]).dt.days.to_numpy(dtype=np.int64)
    left, _ = moments(remaining(lead_times.probabilities[law], age))
    by_now = _by(lead_times.probabilities, law, age)
    passed = (placed["expected_on"] < today).to_numpy()
    known = placed.assign(
        line=line, supplier=_suppliers(placed, lines, line), age=age, law=law,
        shipped_on=placed["shipped_on"].where(placed["shipped_on"] <= today),
        stage=_stage(placed, today), eta=np.maximum(np.round(left), 1.0).astype(np.int64),
        is_overdue=passed | (by_now >= _LATE),
    )  # fmt: skip
    every = known[[name for name in _COLUMNS if name != "eta_on"]]
    if positions is not None and (positions["announced_only"] > 0).any():
        every = pd.concat([every, _announced(positions, lines)], ignore_index=True)
    every = every.assign(eta_on=today + pd.to_timedelta(every["eta"], unit="D"))
    every = every.sort_values(["item", "eta"], kind="stable", ignore_index=True)
    return every[list(_COLUMNS)]


def _lines(placed: pd.DataFrame, lines: pd.DataFrame) -> NDArray[np.int64]:
    """Return the line of each order's item and route; of its default route where there is none."""
    place = pd.Series(np.arange(len(lines)), lines["item"].astype(str) + " " + lines["route"])
    chosen = lines["is_default"].to_numpy(dtype=bool)
    default = pd.Series(np.flatnonzero(chosen), lines.loc[chosen, "item"])
    found = (placed["item"].astype(str) + " " + placed["route"]).map(place)
    return found.fillna(placed["item"].map(default)).to_numpy(dtype=np.int64)


def _suppliers(
    placed: pd.DataFrame, lines: pd.DataFrame, line: NDArray[np.int64]
) -> NDArray[np.object_]:
    """Return who delivers: as the order says, else whom the item is bought from."""
    named = placed["supplier"].notna() & (placed["supplier"].astype(object) != "")
    own = lines["supplier"].to_numpy(dtype=object)[line]
    return np.where(named, suppliers(placed).to_numpy(dtype=object), own)


def _stage(placed: pd.DataFrame, today: pd.Timestamp) -> NDArray[np.object_]:
    """Return the stage that each order is in by its dates."""
    reached = [(name, stage) for name, stage in _REACHED if name in placed]
    passed = [(placed[name] <= today).to_numpy(dtype=bool) for name, _ in reached]
    return np.select(passed, [stage for _, stage in reached], STAGES[0]).astype(object)


def _by(probabilities: Array, law: NDArray[np.int64], age: NDArray[np.int64]) -> Array:
    """Return the probability that an order has arrived by its age."""
    below = probabilities.cumsum(axis=1)
    last = probabilities.shape[1] - 1
    return np.where(age > 0, below[law, np.clip(age - 1, 0, last)], 0.0)


def _announced(positions: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Return what warehouses announce and no open order explains: soon there, by no known order."""
    units = positions["announced_only"].to_numpy(dtype=np.float64)
    rows = np.flatnonzero(units > 0)
    chosen = lines.loc[lines["is_default"]].set_index("item")
    default, market = chosen["route"], chosen["market"]
    return pd.DataFrame(
        {
            "item": rows,
            "line": -1,
            "market": pd.Series(rows).map(market).to_numpy(dtype=object),
            "stage": STAGES[-1],
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
    number = numbered(item)
    width = int(number.max(initial=-1)) + 1
    eta = np.ones((n_items, width), dtype=np.int64)
    quantity = np.zeros((n_items, width))
    eta[item, number] = arrivals["eta"].to_numpy(dtype=np.int64)
    quantity[item, number] = arrivals["units"].to_numpy(dtype=np.float64)
    return eta, quantity


def numbered(item: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of each order among those of its item, from 0, in the order given.

    >>> numbered(np.array([4, 4, 2, 4, 2])).tolist()
    [0, 1, 0, 2, 1]
    """
    order = np.argsort(item, kind="stable")
    first = np.flatnonzero(np.diff(item[order], prepend=-1))
    places = np.empty(len(item), dtype=np.int64)
    places[order] = np.arange(len(item)) - np.repeat(first, np.diff(first, append=len(item)))
    return places
