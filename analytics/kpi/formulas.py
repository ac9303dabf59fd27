"""The formulas of the measures.

Every ratio is NaN where its denominator is nothing or unknown: no figure is better than a wrong
one. Money is in one currency, stock is valued at landed cost.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
YEAR = 365.0  # days
BANDS = (90.0, 180.0, 270.0, 365.0)  # days of age at which a band of stock ends


def ratio(above: ArrayLike, below: ArrayLike) -> Array:
    """Return ``above / below``; NaN where ``below`` is not above zero or either is unknown."""
    top, bottom = np.broadcast_arrays(
        np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)
    )
    told = bottom > 0
    return np.asarray(np.where(told, top / np.where(told, bottom, 1.0), np.nan))


def inventory_turnover(
    cost_of_goods: ArrayLike, mean_inventory: ArrayLike, days: float = YEAR
) -> Array:
    """Return how often the stock is sold in a year: ``COGS 365 / days / mean inventory``.

    Parameters
    ----------
    cost_of_goods : array_like
        Landed cost of what was sold in the period. Not revenue, which is larger by the margin.
    mean_inventory : array_like
        Mean of the daily stock at the same cost. Not the mean of first and last day, between which
        a container may have come and gone.
    days : float
        Length of the period.

    Examples
    --------
    >>> float(inventory_turnover(730_000, 125_000))
    5.84
    """
    return ratio(np.asarray(cost_of_goods, dtype=np.float64) * YEAR / days, mean_inventory)


def days_of_inventory(turnover: ArrayLike) -> Array:
    """Return the days in which the stock turns once: ``365 / turnover``.

    >>> float(days_of_inventory(5.84))
    62.5
    """
    return ratio(YEAR, turnover)


def gmroi(
    revenue: ArrayLike, cost_of_goods: ArrayLike, mean_inventory: ArrayLike, days: float = YEAR
) -> Array:
    """Return the gross margin of a year per unit of money in stock.

    >>> float(gmroi(1_180_000, 730_000, 125_000))
    3.6
    """
    margin = np.asarray(revenue, dtype=np.float64) - np.asarray(cost_of_goods, dtype=np.float64)
    return ratio(margin * YEAR / days, mean_inventory)


def slow_moving_share(slow: ArrayLike, all_of_them: ArrayLike) -> Array:
    """Return slow items over all items, or their stock over all stock, 0 to 1.

    >>> float(slow_moving_share(18, 240))
    0.075
    """
    return ratio(slow, all_of_them)


def stockout_rate(orders_hit: ArrayLike, orders: ArrayLike) -> Array:
    """Return orders that met no stock over all orders, 0 to 1.

    Marketplaces do not log the order that was not placed; where the hit ones are unknown,
    `stockout_share` stands in.

    Examples
    --------
    >>> round(float(stockout_rate(46, 3_120)) * 100, 10)
    1.4743589744
    """
    return ratio(orders_hit, orders)


def stockout_share(
    days_out: ArrayLike, days_active: ArrayLike, weight: ArrayLike | None = None
) -> float:
    """Return the share of item-days without stock, 0 to 1.

    Parameters
    ----------
    days_out, days_active : array_like, shape (n_items,)
        Days without stock, and days on which the item was on sale at all.
    weight : array_like, shape (n_items,), optional
        Demand per day in stock: then it is the share of demand that met no stock, and one less it
        is the in-stock rate. Without it a slow seller counts as much as a bestseller.

    Examples
    --------
    >>> stockout_share([9, 0], [90, 90]), stockout_share([9, 0], [90, 90], [9.0, 1.0])
    (0.05, 0.09)
    """
    out, active = (np.asarray(part, dtype=np.float64) for part in (days_out, days_active))
    each = np.ones_like(active) if weight is None else np.asarray(weight, dtype=np.float64)
    known = ~np.isnan(out * active * each)
    return float(ratio((out * each)[known].sum(), (active * each)[known].sum()))


def sell_through(opening: ArrayLike, received: ArrayLike, sold: ArrayLike) -> Array:
    """Return units sold over all that could have been sold in the period, 0 to 1.

    >>> float(sell_through(200, 600, 640))
    0.8
    """
    could = np.asarray(opening, dtype=np.float64) + np.asarray(received, dtype=np.float64)
    return ratio(sold, could)


def weeks_of_supply(on_hand: ArrayLike, per_week: ArrayLike) -> Array:
    """Return stock over weekly demand.

    >>> float(weeks_of_supply(900, 75)), float(weeks_of_supply(900, 75)) * 7
    (12.0, 84.0)
    """
    return ratio(on_hand, per_week)


def days_of_cover(on_hand: ArrayLike, demand_by_day: ArrayLike) -> Array:
    """Return the first day by whose end the forecast exceeds the stock, shape (n_items,).

    With a season ahead this is far from stock over mean demand. inf = beyond the forecast.

    Parameters
    ----------
    on_hand : array_like, shape (n_items,)
        Units; NaN = unknown.
    demand_by_day : array_like, shape (n_items, n_days)
        Expected demand up to the end of day 1, 2, ...; never falls.

    Examples
    --------
    >>> days_of_cover([3.0, 9.0], [[1, 2, 3, 4], [1, 2, 3, 4]]).tolist()
    [4.0, inf]
    """
    stock = np.asarray(on_hand, dtype=np.float64)
    total = np.asarray(demand_by_day, dtype=np.float64)
    covered = (total <= stock[:, None]).sum(axis=1)
    days = np.where(covered == total.shape[1], np.inf, covered + 1.0)
    return np.where(np.isnan(stock), np.nan, days)


def stock_by_age(age_days: ArrayLike, value: ArrayLike, unknown: float = 0.0) -> pd.DataFrame:
    """Return the money in stock by age.

    Parameters
    ----------
    age_days, value : array_like, shape (n_layers,)
        Age and value of each layer of stock, see `inventory.layers`.
    unknown : float
        Value of the stock whose age nobody knows.

    Returns
    -------
    DataFrame
        ``over`` (days above which the band begins; NaN = age unknown), ``up_to`` (inf = no end),
        ``value``, ``share`` (0 to 1).

    Examples
    --------
    >>> stock_by_age([10, 45, 100, 200], [120, 200, 150, 30])["value"].tolist()
    [320.0, 150.0, 30.0, 0.0, 0.0, 0.0]
    """
    age = np.asarray(age_days, dtype=np.float64)
    band = np.searchsorted(BANDS, age, side="left")
    weights = np.asarray(value, dtype=np.float64)
    total = np.append(np.bincount(band, weights=weights, minlength=len(BANDS) + 1), unknown)
    return pd.DataFrame(
        {
            "over": [0.0, *BANDS, np.nan],
            "up_to": [*BANDS, np.inf, np.nan],
            "value": total,
            "share": ratio(total, total.sum()),
        }
    )
