"""What stood and what sold, day by day, and the measures of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analytics.kpi.formulas import YEAR, Array, ratio

MEASURES = (
    "inventory_turnover",
    "days_of_inventory",
    "slow_share",
    "stockout_rate",
    "slow_share_stocked",
    "slow_share_value",
    "stockout_share",
    "stockout_demand_share",
    "in_stock_rate",
    "gmroi",
    "sell_through",
    "weeks_of_cover",
    "stock_value",
)

NUMBERS = (  # of `inputs`, those that `parts` reads
    "sold", "cost_of_goods", "revenue", "mean_value", "stock_now", "value_now", "is_slow",
    "is_counted", "days_known", "days_out", "demand_known", "demand_out", "opening", "received",
    "demand_ahead", "orders", "orders_hit",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ledger:
    """What stood and what sold in a period, day by day.

    Attributes
    ----------
    on_hand : ndarray, shape (n_items, n_days)
        Units that can be sold, at the end of the day; NaN = unknown.
    sold, received : ndarray, shape (n_items, n_days)
        Units; received NaN = no file tells.
    is_active : ndarray of bool, shape (n_items, n_days)
        Whether the item was on sale at all, and somebody looked.
    is_out : ndarray of bool, shape (n_items, n_days)
        Whether there was nothing to sell, all day long.
    unit_cost : ndarray, shape (n_items,)
        Landed; NaN = unknown.
    price : ndarray, shape (n_items,)
        What a unit brought; NaN = unknown.
    is_slow : ndarray of bool, shape (n_items,)
        Whether the stock is slow or dead.
    demand_rate : ndarray, shape (n_items,)
        Units per day in stock; NaN = unknown.
    demand_ahead : ndarray, shape (n_items,)
        Units per week that the forecast expects; NaN = unknown.
    orders, orders_hit : ndarray, shape (n_items,)
        Orders, and those that met no stock; NaN = unknown.
    """

    on_hand: Array
    sold: Array
    received: Array
    is_active: NDArray[np.bool_]
    is_out: NDArray[np.bool_]
    unit_cost: Array
    price: Array
    is_slow: NDArray[np.bool_]
    demand_rate: Array
    demand_ahead: Array
    orders: Array
    orders_hit: Array

    @property
    def n_days(self) -> int:
        """Return the length of the period."""
        return int(self.on_hand.shape[1])

    @property
    def last_stock(self) -> Array:
        """Return each item's stock on the last day, units; NaN = unknown."""
        return self.on_hand[:, -1] if self.n_days else np.full(len(self.on_hand), np.nan)

    def between(self, low: int, high: int) -> Self:
        """Return the days from ``low`` to before ``high``."""
        by_day = ("on_hand", "sold", "received", "is_active", "is_out")
        return replace(self, **{name: getattr(self, name)[:, low:high] for name in by_day})


def inputs(ledger: Ledger, is_slow: NDArray[np.bool_] | None = None) -> dict[str, Array]:
    """Return what the measures are made of, item by item.

    Parameters
    ----------
    ledger : Ledger
        The period.
    is_slow : ndarray of bool, shape (n_items,), optional
        Whether the stock was slow or dead at the end of it; none = as the ledger says.

    Returns
    -------
    dict of str to ndarray, shape (n_items,)
        ``sold`` (units), ``cost_of_goods``, ``revenue`` (money), ``mean_stock`` (units, mean of the
        days; before an item was on sale it had none), ``mean_value`` (the same at cost),
        ``stock_now``, ``value_now``, ``is_slow``, ``is_counted`` (sold or stood in stock in the
        period), ``days_active``, ``days_known`` (active days whose stock is known), ``days_out``
        (those of them without stock), ``demand_rate`` (units per day in stock), ``demand_known``,
        ``demand_out`` (units that the rate says of the known days, and of those without stock),
        ``opening``, ``received`` (units, from the first day whose stock is known),
        ``demand_ahead`` (units per week), ``unit_cost``, ``price``, ``orders``, ``orders_hit``.
        NaN = unknown.

    Notes
    -----
    The mean stock of the days known stands for all days on which the item was on sale: ``mean x
    active days / days of the period``. Where every day is known it is the plain mean of the days.
    """
    known = ~np.isnan(ledger.on_hand)
    told = known & ledger.is_active
    stock = np.where(told, ledger.on_hand, 0.0).sum(axis=1)
    active, days = ledger.is_active.sum(axis=1), max(ledger.n_days, 1)
    mean = ratio(stock, told.sum(axis=1)) * active / days
    sold = ledger.sold.sum(axis=1)
    out = (told & ledger.is_out).sum(axis=1)
    rate = _rate(ledger, told)
    opening, received = _opening(ledger, known)
    return {
        "sold": sold,
        "cost_of_goods": sold * ledger.unit_cost,
        "revenue": sold * ledger.price,
        "mean_stock": mean,
        "mean_value": mean * ledger.unit_cost,
        "stock_now": ledger.last_stock,
        "value_now": ledger.last_stock * ledger.unit_cost,
        "is_slow": ledger.is_slow if is_slow is None else is_slow,
        "is_counted": (sold > 0) | (np.where(known, ledger.on_hand, 0.0) > 0).any(axis=1),
        "days_active": active,
        "days_known": told.sum(axis=1),
        "days_out": out,
        "demand_rate": rate,
        "demand_known": rate * told.sum(axis=1),
        "demand_out": rate * out,
        "opening": opening,
        "received": received,
        "demand_ahead": ledger.demand_ahead,
        "unit_cost": ledger.unit_cost,
        "price": ledger.price,
        "orders": ledger.orders,
        "orders_hit": ledger.orders_hit,
    }


def _rate(ledger: Ledger, told: NDArray[np.bool_]) -> Array:
    """Return units per day in stock in the period; where it had no such day, what is known else."""
    served = told & ~ledger.is_out
    own = ratio(np.where(served, ledger.sold, 0.0).sum(axis=1), served.sum(axis=1))
    return np.where(np.isnan(own), ledger.demand_rate, own)


def _opening(ledger: Ledger, known: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Return stock before the first day known, and what came from then on."""
    if not ledger.n_days:
        return (np.full(len(known), np.nan),) * 2
    first, row = known.argmax(axis=1), np.arange(len(known))
    since = np.arange(ledger.n_days) >= first[:, None]
    opening = ledger.on_hand[row, first] + ledger.sold[row, first] - ledger.received[row, first]
    came = np.where(since, ledger.received, 0.0).sum(axis=1)
    told = known.any(axis=1)
    return np.where(told, np.maximum(opening, 0.0), np.nan), np.where(told, came, np.nan)


def parts(items: Mapping[str, ArrayLike], days: int) -> dict[str, tuple[Array, Array]]:
    """Return each measure's two sides, item by item: a measure is the ratio of their sums.

    Parameters
    ----------
    items : mapping of str to array_like
        See `inputs`; a frame of its columns will do.
    days : int
        Length of the period.

    Returns
    -------
    dict
        By code of `MEASURES`: what stands above the line and what below, shape (n_items,) each;
        NaN = the item is left out, above and below together. Stock value has nothing below.
    """
    of = {name: np.asarray(items[name], dtype=np.float64) for name in NUMBERS}
    goods, held = of["cost_of_goods"] * YEAR / days, of["mean_value"]
    stocked = np.where(of["stock_now"] > 0, 1.0, 0.0)
    unknown = np.isnan(of["stock_now"])
    counted = np.where((of["is_counted"] > 0) & ~unknown, 1.0, np.nan)
    margin = (of["revenue"] - of["cost_of_goods"]) * YEAR / days
    watched = np.where(of["days_known"] > 0, of["days_known"], np.nan)
    could = np.maximum(of["opening"] + of["received"], of["sold"])  # what sold had been there
    sides = {
        "inventory_turnover": (goods, held),
        "days_of_inventory": (held, goods / YEAR),
        "slow_share": (of["is_slow"] * counted, counted),
        "stockout_rate": (of["orders_hit"], of["orders"]),
        "slow_share_stocked": (
            of["is_slow"] * stocked, np.where(unknown, np.nan, stocked)
        ),
        "slow_share_value": (of["value_now"] * of["is_slow"], of["value_now"]),
        "stockout_share": (of["days_out"], watched),
        "stockout_demand_share": (of["demand_out"], of["demand_known"]),
        "in_stock_rate": (of["demand_known"] - of["demand_out"], of["demand_known"]),
        "gmroi": (margin, held),
        "sell_through": (of["sold"], could),
        "weeks_of_cover": (of["stock_now"], of["demand_ahead"]),
        "stock_value": (of["value_now"], np.ones_like(held)),
    }  # fmt: skip
    return {code: _together(*pair) for code, pair in sides.items()}


def _together(above: Array, below: Array) -> tuple[Array, Array]:
    unknown = np.isnan(above + below)
    return np.where(unknown, np.nan, above), np.where(unknown, np.nan, below)


def totals(sides: Mapping[str, tuple[Array, Array]]) -> dict[str, float]:
    """Return the measures of all items together; NaN = cannot be said."""
    return {code: _total(code, *pair) for code, pair in sides.items()}


def _total(code: str, above: Array, below: Array) -> float:
    known = ~np.isnan(above)
    if not known.any():
        return float("nan")
    top = above[known].sum()
    return float(top if code == "stock_value" else ratio(top, below[known].sum()))


def summed(sides: Mapping[str, tuple[Array, Array]], group: ArrayLike) -> pd.DataFrame:
    """Return the measures of all items (first row, ``group`` empty), then of each group.

    Parameters
    ----------
    sides : dict
        See `parts`.
    group : array_like of str, shape (n_items,)
        Whose measures are asked for.

    Returns
    -------
    DataFrame
        ``group``, ``items``, the codes of `MEASURES` (NaN = cannot be said), ``items_left_out``
        (of turnover: no cost, or no stock known).
    """
    names, code = np.unique(np.asarray(group).astype(str), return_inverse=True)
    rows: dict[str, object] = {"group": ["", *names], "items": _sums(np.ones(len(code)), code)}
    for measure, (above, below) in sides.items():
        top, bottom = _sums(above, code), _sums(below, code)
        known = _sums(np.where(np.isnan(above), 0.0, 1.0), code) > 0
        value = top if measure == "stock_value" else ratio(top, bottom)
        rows[measure] = np.where(known, value, np.nan)
    turned = sides["inventory_turnover"][0]
    rows["items_left_out"] = _sums(np.isnan(turned).astype(np.float64), code).astype(np.int64)
    return pd.DataFrame(rows).astype({"items": "int64"})


def _sums(values: Array, code: NDArray[np.int64]) -> Array:
    """Return the sum of all, then of each group; what is unknown counts nothing."""
    known = np.nan_to_num(values)
    by_group = np.bincount(code, weights=known, minlength=int(code.max(initial=-1)) + 1)
    return np.concatenate([[known.sum()], by_group])


def measures(ledger: Ledger, group: ArrayLike) -> pd.DataFrame:
    """Return the measures of each group of items, and of all (``group`` empty) in the first row.

    Parameters
    ----------
    ledger : Ledger
        The period.
    group : array_like of str, shape (n_items,)
        Market, category, tier, supplier: whose measures are asked for.

    Returns
    -------
    DataFrame
        See `summed`.

    Notes
    -----
    Turnover and GMROI leave an item out above and below the line together: cost of goods without
    the stock behind them would make the shop look fast.
    """
    return summed(parts(inputs(ledger), max(ledger.n_days, 1)), group)
