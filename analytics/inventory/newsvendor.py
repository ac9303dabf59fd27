"""The single order of a season: how much pays best, and what it comes to."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.distributions import Mixture
from analytics.inventory.critical_ratio import HIGHEST_RATIO, critical_ratio
from analytics.inventory.demand_laws import Law, demand_quantile, units_short

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Newsvendor:
    """What a single order is expected to come to, per item; shape (n_items,) each.

    Attributes
    ----------
    quantity : ndarray
        Units ordered, not rounded.
    short, sales, left : ndarray
        Units asked for and missing, sold, and left over.
    profit : ndarray
        Money.
    fill_rate : ndarray
        Sales over demand, 0 to 1; 1 where nothing is asked for.
    """

    quantity: Array
    short: Array
    sales: Array
    left: Array
    profit: Array
    fill_rate: Array


def newsvendor(
    mean: ArrayLike,
    sd: ArrayLike,
    *,
    price: ArrayLike,
    cost: ArrayLike,
    salvage: ArrayLike = 0.0,
    goodwill: ArrayLike = 0.0,
    holding: ArrayLike = 0.0,
    law: Law = Law.DEMAND,
) -> Newsvendor:
    """Return the single order that earns most, and what it comes to.

    Parameters
    ----------
    mean, sd : array_like, shape (n_items,)
        Of the season's demand, in units.
    price, cost, salvage, goodwill, holding : array_like, shape (n_items,)
        As in `critical_ratio`.
    law : Law
        Of the season's demand.

    Examples
    --------
    O'Neill's wetsuit (Cachon and Terwiesch, 2013, ch. 12).

    >>> order = newsvendor(3192, 1181, price=190, cost=110, salvage=90, law=Law.NORMAL)
    >>> round(float(order.quantity), 6), round(float(order.profit), 4)
    (4185.954677, 222296.4972)
    """
    ratio = critical_ratio(price, cost, salvage, goodwill=goodwill, holding=holding)
    quantity = np.maximum(demand_quantile(ratio, mean, sd, law=law), 0.0)
    short = units_short(quantity, mean, sd, law=law)
    return outcome(
        quantity,
        mean,
        short,
        price=price,
        cost=cost,
        salvage=salvage,
        goodwill=goodwill,
        holding=holding,
    )


def newsvendor_of(
    demand: Mixture,
    *,
    price: ArrayLike,
    cost: ArrayLike,
    salvage: ArrayLike = 0.0,
    goodwill: ArrayLike = 0.0,
    holding: ArrayLike = 0.0,
) -> Newsvendor:
    """Return the single order that earns most against the demand of a mixture.

    Parameters
    ----------
    demand : Mixture
        Demand that the order is for.
    price, cost, salvage, goodwill, holding : array_like, shape (n_items,)
        As in `critical_ratio`.
    """
    ratio = critical_ratio(price, cost, salvage, goodwill=goodwill, holding=holding)
    quantity = np.maximum(np.where(ratio > 0, demand.quantile(ratio), 0.0), 0.0)
    return outcome(
        quantity,
        demand.mean,
        demand.loss(quantity),
        price=price,
        cost=cost,
        salvage=salvage,
        goodwill=goodwill,
        holding=holding,
    )


def outcome(
    quantity: ArrayLike,
    mean: ArrayLike,
    short: ArrayLike,
    *,
    price: ArrayLike,
    cost: ArrayLike,
    salvage: ArrayLike = 0.0,
    goodwill: ArrayLike = 0.0,
    holding: ArrayLike = 0.0,
) -> Newsvendor:
    """Return what an order of ``quantity`` comes to, if ``short`` units are expected to be missing.

    Parameters
    ----------
    quantity, mean, short : array_like, shape (n_items,)
        Units ordered, asked for, and asked for in vain.
    price, cost, salvage, goodwill, holding : array_like, shape (n_items,)
        As in `critical_ratio`.

    Notes
    -----
    ``profit = p sales + (v - h) left - c Q - g short``.
    """
    q, mu, missed, p, c, v, g, h = _arrays(
        quantity, mean, short, price, cost, salvage, goodwill, holding
    )
    sales = np.clip(mu - missed, 0.0, np.maximum(q, 0.0))
    left = np.maximum(q - sales, 0.0)
    profit = p * sales + (v - h) * left - c * q - g * missed
    served = np.where(mu > 0, sales / np.where(mu > 0, mu, 1.0), 1.0)
    return Newsvendor(q, missed, sales, left, np.asarray(profit), np.asarray(served))


def newsvendor_by_cost(
    mean: ArrayLike,
    sd: ArrayLike,
    *,
    holding: ArrayLike,
    shortage: ArrayLike,
    law: Law = Law.DEMAND,
) -> tuple[Array, Array]:
    """Return the level that costs least, and its cost: the newsvendor's cost form.

    Parameters
    ----------
    mean, sd : array_like, shape (n_items,)
        Of demand, in units.
    holding, shortage : array_like, shape (n_items,)
        Money per unit left over, and per unit short.
    law : Law
        Of demand.

    Returns
    -------
    level, cost : ndarray, shape (n_items,)
        The smallest S with ``F(S) >= p / (p + h)``; ``h E[(S-D)+] + p E[(D-S)+]``.

    Examples
    --------
    Snyder and Shen (2019), example 4.3.

    >>> level, cost = newsvendor_by_cost(50, 8, holding=0.18, shortage=0.70, law=Law.NORMAL)
    >>> float(level.round(8)), float(cost.round(8))
    (56.60395593, 1.99760519)
    """
    h, p = _arrays(holding, shortage)
    both = h + p
    ratio = np.where(both > 0, p / np.where(both > 0, both, 1.0), 0.0)
    level = demand_quantile(np.minimum(ratio, HIGHEST_RATIO), mean, sd, law=law)
    return level, cost_of_level(level, mean, sd, holding=h, shortage=p, law=law)


def cost_of_level(
    level: ArrayLike,
    mean: ArrayLike,
    sd: ArrayLike,
    *,
    holding: ArrayLike,
    shortage: ArrayLike,
    law: Law = Law.DEMAND,
) -> Array:
    """Return the expected cost of a stock level; see `newsvendor_by_cost`.

    >>> float(cost_of_level(60, 50, 8, holding=0.18, shortage=0.7, law=Law.NORMAL).round(8))
    2.15613155
    """
    s, mu, h, p = _arrays(level, mean, holding, shortage)
    short = units_short(s, mu, sd, law=law)
    return np.asarray(h * (s - mu + short) + p * short)


def _arrays(*values: ArrayLike) -> list[Array]:
    return list(np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in values)))
