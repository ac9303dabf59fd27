"""How likely stock runs out: on which day early, and before the next order arrives."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics import distributions, inventory
from analytics.distributions import Mixture
from analytics.services import demand_ahead
from analytics.services.delay_numbers import Outcome
from analytics.services.planning import Basis

Array = NDArray[np.float64]
Days = NDArray[np.int64]
EARLY = 0.2  # chance of being out from which a day is said to be early
_MANY = 100_000  # more than the days of any age
_KNOTS = np.array([1, 2, 3, 5, 7, 10, 14, 21, 28, 35, 45, 60, 75, 90, 120, 150, 180])


def high_demand(basis: Basis, horizon: int) -> Array:
    """Return how many times its mean demand is that 1 - `EARLY` of futures do not exceed.

    Returns
    -------
    ndarray, shape (n_items, horizon)
        Up to the end of day 1, 2, ...; worked out on some days, straight lines between them.
    """
    knots = np.append(_KNOTS[horizon > _KNOTS], horizon)
    mean, sd = basis.demand_by_day[:, knots - 1], basis.sd_by_day[:, knots - 1]
    high = distributions.quantiles(mean.ravel(), sd.ravel(), [1 - EARLY]).reshape(mean.shape)
    share = np.divide(high, mean, out=np.zeros_like(high), where=mean > 0)
    day = np.arange(1, horizon + 1)
    above = np.clip(np.searchsorted(knots, day), 1, len(knots) - 1)
    part = (day - knots[above - 1]) / (knots[above] - knots[above - 1])
    return np.asarray(share[:, above - 1] * (1 - part) + share[:, above] * part)


def early_days(one: Outcome, high: Array) -> Array:
    """Return the first day by which the chance of being out is `EARLY`, shape (n_items,).

    NaN = none within the horizon. ``high`` is `high_demand`; open orders take the mean delay. Never
    after the day on which the forecast itself is short.
    """
    demand = np.maximum.accumulate(high * one.demand, axis=1)
    found = inventory.project(one.on_hand, demand, one.incoming.expected, one.incoming.units)
    return np.asarray(np.fmin(found.stockout_day, one.current.first))


class _Next(NamedTuple):
    """The first open order of each item that has one; shape (n_waiting,) each."""

    item: Days
    order: Days  # row of the basis' arrivals


def stockout_probability(one: Outcome) -> Array:
    """Return how likely stock does not last until the next arrival, shape (n_items,); NaN unknown.

    Demand up to the day before the item's first open order arrives, given how long that has been
    under way; of an item without any, demand until an order of today could be sold.
    """
    first, chance = _first(one), np.empty(len(one.on_hand))
    has = np.zeros(len(chance), dtype=bool)
    has[first.item] = True
    alone = np.flatnonzero(~has)
    law = one.needed.lead.take(alone)
    chance[alone] = 1.0 - law.probability(np.nan_to_num(one.on_hand[alone]))
    if len(first.item):
        weights, waits = _waiting(one, first)
        held = np.maximum(np.nan_to_num(one.on_hand), 0.0)[first.item] / _growth(one, first)
        chance[first.item] = waits * (1.0 - _at_most(one.basis, first.item, weights, held))
    return np.where(np.isnan(one.on_hand), np.nan, np.clip(chance, 0.0, 1.0))


def _at_most(basis: Basis, rows: Days, weights: Array, units: Array) -> Array:
    """Return `Kernel.probability` of some items, of the two levels around the units alone."""
    kernel = basis.kernel
    grid = kernel.units[rows]
    high = np.clip((grid < units[:, None]).sum(axis=1), 1, grid.shape[1] - 1)
    every = np.arange(len(rows))
    pair = np.stack([high - 1, high], axis=1)
    cdf = np.einsum("npb,nb->np", kernel.table[rows[:, None], pair], weights)
    around, nothing = cdf.astype(np.float32), np.zeros(len(rows))
    law = Mixture(grid[every[:, None], pair], around, nothing, nothing, around)
    return law.probability(units)


def _first(one: Outcome) -> _Next:
    item = one.basis.arrivals["item"].to_numpy(dtype=np.int64)
    some = np.flatnonzero(item < len(one.on_hand))
    order = some[np.lexsort((one.orders.expected[some], item[some]))]
    item, place = np.unique(item[order], return_index=True)
    return _Next(item, order[place])


def _growth(one: Outcome, first: _Next) -> Array:
    """Return the factor on demand until the order comes: on the units, one over it."""
    day = np.clip(one.orders.expected[first.order] - 2, 0, one.needed.ahead.shape[1] - 1)
    now, rest = (
        cumulative[first.item, day] for cumulative in (one.needed.ahead, one.basis.demand_by_day)
    )
    factor = demand_ahead.ratio(now, rest, one.needed.growth[first.item])
    return np.asarray(np.maximum(factor, 1e-9))


def _waiting(one: Outcome, first: _Next) -> tuple[Array, Array]:
    """Return the kernel's weights of the days before each order, and how likely there are any."""
    orders = one.basis.arrivals
    law, eta, days = (
        orders[name].fillna(0).to_numpy(dtype=np.int64)[first.order]
        for name in ("law", "eta", "age")
    )
    age = np.where(law >= 0, days, eta)
    later = one.orders.calm[first.order] - eta
    struck = one.orders.disrupted[first.order] > one.orders.calm[first.order]
    code = (((law + 1) * _MANY + age) * _MANY + later + _MANY // 2) * 2 + struck
    _, where, place = np.unique(code, return_index=True, return_inverse=True)
    left = _left(one.basis, law[where], age[where])
    free = later[where] - 1
    waits = _moved(left, free)
    if one.incoming.chance:
        longer = one.needed.scenario.disruption_days * struck[where]
        waits += one.incoming.chance * (_moved(left, free + longer) - waits)
    known = waits.sum(axis=1)
    weights = distributions.bin_weights(waits / np.maximum(known, 1e-12)[:, None])
    return weights[place.reshape(-1)], known[place.reshape(-1)]


def _left(basis: Basis, law: Days, age: Days) -> Array:
    """Return what orders still take; what is only announced takes the days said."""
    every = basis.by_route.probabilities
    left = inventory.remaining(every[np.maximum(law, 0)], np.where(law >= 0, age, 0))
    told = np.flatnonzero(law < 0)
    left[told] = 0.0
    left[told, np.clip(age[told], 1, left.shape[1]) - 1] = 1.0
    return left


def _moved(probabilities: Array, days: Days) -> Array:
    """Return the law of each row so many days later; what falls before day 1 is left out."""
    rows, longest = probabilities.shape
    day = np.minimum(np.arange(longest) + days[:, None], longest - 1)
    row, kept = np.nonzero(day >= 0)
    cell = row * longest + day[row, kept]
    moved = np.bincount(cell, probabilities[row, kept], minlength=rows * longest)
    return np.asarray(moved.reshape(rows, longest), dtype=np.float64)
