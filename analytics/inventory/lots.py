"""How much to order at once: economic quantities, price breaks, cover, and big minimums."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.inventory.policy import rounded_quantity

Array = NDArray[np.float64]
LONG_COVER = 180  # days of cover above which a minimum should not be rounded up to in silence
_YEAR = 365.0


@dataclass(frozen=True, slots=True)
class EconomicLot:
    """An order quantity that costs least, per item; shape (n_items,) each.

    Attributes
    ----------
    quantity : ndarray
        Units, not rounded; 0 where nothing sells.
    cost : ndarray
        Of ordering, holding and waiting, money per year; without the goods.
    backordered_share : ndarray
        Share of the units for which buyers wait, 0 to 1.
    """

    quantity: Array
    cost: Array
    backordered_share: Array


@dataclass(frozen=True, slots=True)
class BreakLot:
    """An order quantity under all-units price breaks, per item; shape (n_items,) each.

    Attributes
    ----------
    quantity : ndarray
        Units: whole cartons, the minimum at least; 0 where nothing sells or no price is known.
    price : ndarray
        Money per unit at that quantity; NaN where there is none.
    cost : ndarray
        Goods, ordering and holding, money per year.
    """

    quantity: Array
    price: Array
    cost: Array


def economic_lot(
    demand: ArrayLike,
    order_cost: ArrayLike,
    holding_cost: ArrayLike,
    *,
    backorder_cost: ArrayLike = np.inf,
) -> EconomicLot:
    """Return the economic order quantity.

    Parameters
    ----------
    demand : array_like, shape (n_items,)
        Units per year.
    order_cost : array_like, shape (n_items,)
        Money per order.
    holding_cost, backorder_cost : array_like, shape (n_items,)
        Money per unit and year; infinite backorder cost = nobody waits.

    Returns
    -------
    EconomicLot
        With no holding cost a year's demand, since no quantity would be the best.

    Notes
    -----
    ``Q = √(2 K D / h) √((h + b) / b)``, cost ``√(2 K D h) √(b / (h + b))``, share waiting
    ``h / (h + b)`` (Harris, 1913; Silver, Pyke and Thomas, 2017, ch. 4).

    Examples
    --------
    >>> lot = economic_lot(1300, 8, 0.225)
    >>> round(float(lot.quantity), 6), round(float(lot.cost), 6)
    (304.04678, 68.410526)
    """
    d, k, h, b = _arrays(demand, order_cost, holding_cost, backorder_cost)
    yearly = np.maximum(d, 0.0) * np.maximum(k, 0.0)
    held = h > 0
    wait = np.where(np.isinf(b), 0.0, h / np.where(h + b > 0, h + b, 1.0))
    wait = np.clip(np.where(held, wait, 0.0), 0.0, 1 - 1e-9)
    safe = np.where(held, h, 1.0)
    quantity = np.sqrt(2 * yearly / safe) / np.sqrt(1 - wait)
    quantity = np.where(held, quantity, np.maximum(d, 0.0))
    cost = np.where(held, np.sqrt(2 * yearly * safe) * np.sqrt(1 - wait), np.maximum(k, 0.0))
    return EconomicLot(np.asarray(quantity), np.where(quantity > 0, cost, 0.0), wait)


def lot_cost(
    quantity: ArrayLike, demand: ArrayLike, order_cost: ArrayLike, holding_cost: ArrayLike
) -> Array:
    """Return what ordering and holding cost per year, ``K D / Q + h Q / 2``, shape (n_items,).

    >>> float(lot_cost(400, 600, 8, 0.06))
    24.0
    """
    q, d, k, h = _arrays(quantity, demand, order_cost, holding_cost)
    some = q > 0
    return np.where(some, k * d / np.where(some, q, 1.0) + h * q / 2, 0.0)


def price_break_lot(
    demand: ArrayLike,
    order_cost: ArrayLike,
    holding_rate: ArrayLike,
    breaks: ArrayLike,
    prices: ArrayLike,
    *,
    moq: ArrayLike = 1.0,
    carton: ArrayLike = 1.0,
    storage: ArrayLike = 0.0,
) -> BreakLot:
    """Return the order quantity that costs least where a larger order makes every unit cheaper.

    Parameters
    ----------
    demand, order_cost : array_like, shape (n_items,)
        Units per year; money per order.
    holding_rate : array_like, shape (n_items,)
        Cost of capital, share of the price per year.
    breaks, prices : array_like, shape (n_items, n_breaks) or (n_breaks,)
        Quantity from which each price holds, ascending (the first is 0 or 1), and the price per
        unit; NaN = no such step.
    moq, carton : array_like, shape (n_items,)
        Minimum order and units per carton; NaN or below 1 = none, and single units.
    storage : array_like, shape (n_items,)
        Money per unit and year on top of capital.

    Notes
    -----
    For every price the economic quantity is clipped to where that price holds, and both
    neighbouring whole cartons are tried: ``c D + K D / Q + (i c + f) Q / 2``.

    Examples
    --------
    >>> lot = price_break_lot(600, 8, 0.2, [1, 500, 1000], [0.30, 0.29, 0.28])
    >>> float(lot.quantity), round(float(lot.cost), 2)
    (500.0, 198.1)
    """
    d, k, i, least, box, f = (
        v[..., None] for v in _arrays(demand, order_cost, holding_rate, moq, carton, storage)
    )
    start, price = np.broadcast_arrays(
        np.asarray(breaks, dtype=np.float64), np.asarray(prices, dtype=np.float64)
    )
    sells = np.maximum(np.nan_to_num(d), 0.0)
    tried = _candidates(sells, np.maximum(k, 0.0), i * price + f, start)
    pack = np.maximum(np.nan_to_num(box, nan=1.0), 1.0)
    tried = np.concatenate([np.floor(tried / pack) * pack, tried], axis=-1)
    tried = rounded_quantity(np.maximum(np.nan_to_num(tried), 1.0), least, box)
    paid = _price_at(tried, start, price)
    cost = paid * sells + lot_cost(tried, sells, k, i * paid + f)
    cost = np.where(np.isnan(cost), np.inf, cost)
    best = np.argmin(cost, axis=-1)[..., None]
    quantity, unit, total = (
        np.take_along_axis(np.broadcast_to(v, cost.shape), best, axis=-1)[..., 0]
        for v in (tried, paid, cost)
    )
    some = (sells[..., 0] > 0) & np.isfinite(total)
    return BreakLot(
        np.where(some, quantity, 0.0), np.where(some, unit, np.nan), np.where(some, total, 0.0)
    )


def cover_quantity(demand_mean: ArrayLike, review: ArrayLike, cover: ArrayLike) -> Array:
    """Return ``d max(R, cover)``: some days of demand, one review period's at least.

    Parameters
    ----------
    demand_mean : array_like, shape (n_items,)
        Units/day.
    review, cover : array_like, shape (n_items,)
        Days.

    Examples
    --------
    >>> cover_quantity(4.0, 7, [30, 1]).tolist()
    [120.0, 28.0]
    """
    d, r, days = _arrays(demand_mean, review, cover)
    return np.asarray(np.maximum(d, 0.0) * np.maximum(r, days))


def days_of_cover(quantity: ArrayLike, demand_mean: ArrayLike) -> Array:
    """Return for how many days a quantity lasts; NaN where nothing sells, shape (n_items,).

    >>> days_of_cover([90.0, 5.0], [0.5, 0.0]).tolist()
    [180.0, nan]
    """
    q, d = _arrays(quantity, demand_mean)
    return np.where(d > 0, q / np.where(d > 0, d, 1.0), np.nan)


def lot_present_value(
    quantity: ArrayLike,
    demand_mean: ArrayLike,
    *,
    contribution: ArrayLike,
    cost: ArrayLike,
    storage: ArrayLike = 0.0,
    capital_rate: ArrayLike = 0.0,
) -> Array:
    """Return the present value of an order that is sold off at a steady pace; 0 is to skip it.

    Parameters
    ----------
    quantity : array_like, shape (n_items,)
        Units, say a minimum of more than `LONG_COVER` days of cover.
    demand_mean : array_like, shape (n_items,)
        Units/day.
    contribution : array_like, shape (n_items,)
        Money that a unit brings when it is sold: net price, cost of goods not taken off.
    cost : array_like, shape (n_items,)
        Landed, per unit, paid today.
    storage : array_like, shape (n_items,)
        Money per unit and day.
    capital_rate : array_like, shape (n_items,)
        Per year, 0.4 = 40 %.

    Returns
    -------
    ndarray, shape (n_items,)
        Money; ``-cost Q`` where nothing sells.

    Notes
    -----
    ``m λ (1 - e^{-ρT})/ρ - f (Q/ρ - λ/ρ² (1 - e^{-ρT})) - c Q``; ``T = Q/λ``, ``ρ = ln(1+i)/365``;
    ``m Q - f Q T/2 - c Q`` without interest.

    Examples
    --------
    Sold in 1,200 days at 20 less 15 % and 4 each, storage 0.02 a day, 40 % a year.

    >>> float(lot_present_value(600, 0.5, contribution=13, cost=0, storage=0.02,
    ...                         capital_rate=0.4).round(6))
    -424.149441
    """
    q, d, m, c, f, i = _arrays(quantity, demand_mean, contribution, cost, storage, capital_rate)
    n, sells = np.maximum(q, 0.0), d > 0
    rate = np.log1p(np.maximum(i, 0.0)) / _YEAR
    days = n / np.where(sells, d, 1.0)
    x = rate * days
    some = x > 1e-6
    safe = np.where(some, x, 1.0)
    first = np.where(some, -np.expm1(-safe) / safe, 1 - x / 2)  # mean discount over the sales
    held = np.where(some, (1 - first) / safe, 0.5 - x / 6)  # mean discounted share on hand
    worth = m * n * first - f * n * days * held - c * n
    return np.where(sells, worth, -c * n)


def _candidates(demand: Array, order_cost: Array, holding: Array, start: Array) -> Array:
    """Return the economic quantity of every price, clipped to where that price holds."""
    held = holding > 0
    free = np.sqrt(2 * order_cost * demand / np.where(held, holding, 1.0))
    best = np.where(held, free, np.maximum(demand, 1.0))
    end = np.concatenate([start[..., 1:], np.full_like(start[..., :1], np.nan)], axis=-1)
    end = np.where(np.isnan(end), np.inf, end)
    return np.asarray(np.clip(best, np.nan_to_num(start), np.maximum(end, np.nan_to_num(start))))


def _price_at(quantity: Array, start: Array, price: Array) -> Array:
    """Return the price per unit at each quantity; NaN below the first step."""
    known = ~(np.isnan(start) | np.isnan(price))
    paid = np.full(np.broadcast_shapes(quantity.shape, (*start.shape[:-1], 1)), np.nan)
    for step in range(start.shape[-1]):
        at = np.s_[..., step : step + 1]
        reached = known[at] & ((quantity >= start[at]) | (step == 0))
        paid = np.where(reached, price[at], paid)
    return np.asarray(paid)


def _arrays(*values: ArrayLike) -> list[Array]:
    return list(np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in values)))
