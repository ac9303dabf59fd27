"""What a route costs a year, what air may cost more, and how much to fly when the sea is too slow.

Money is in one currency, rates are per year, lead times in days.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Array = NDArray[np.float64]
_YEAR = 365.0


class DemandLaw(Protocol):
    """Demand over some days, for each item: what a distribution of it must answer."""

    def quantile(self, probability: Array) -> Array:
        """Return the units that demand stays within with that probability."""

    def probability(self, units: Array) -> Array:
        """Return the probability that demand is at most so many units."""

    def loss(self, units: Array) -> Array:
        """Return the expected demand beyond so many units."""


@dataclass(frozen=True, slots=True)
class NormalDemand:
    """Demand of which only the moments are known; shape (n_items,), in units.

    Examples
    --------
    >>> round(float(NormalDemand(np.array([0.0]), np.array([1.0])).loss(np.array([1.0]))[0]), 12)
    0.083315470588
    """

    mean: Array
    sd: Array

    def quantile(self, probability: Array) -> Array:
        """Return the units that demand stays within with that probability."""
        return np.asarray(self.mean + self.sd * special.ndtri(probability))

    def probability(self, units: Array) -> Array:
        """Return the probability that demand is at most so many units."""
        return np.asarray(special.ndtr((units - self.mean) / self._spread))

    def loss(self, units: Array) -> Array:
        """Return the expected demand beyond so many units."""
        k = (units - self.mean) / self._spread
        density = np.exp(-0.5 * k**2) / np.sqrt(2.0 * np.pi)
        return np.asarray(self._spread * (density - k * special.ndtr(-k)))

    @property
    def _spread(self) -> Array:
        return np.maximum(self.sd, 1e-9)  # demand that is sure is a law too


@dataclass(frozen=True, slots=True)
class RouteCosts:
    """What it costs to bring an item in by one route, per year; all of one shape.

    Attributes
    ----------
    freight, duty : ndarray
        For all units of a year.
    pipeline : ndarray
        Capital in goods that are paid and under way.
    stock : ndarray
        Holding the safety stock and half an order.
    lost : ndarray
        Margin of what is not sold for want of stock.
    total : ndarray
        All of it.
    per_unit : ndarray
        ``total`` by units; NaN where nothing sells.
    """

    freight: Array
    duty: Array
    pipeline: Array
    stock: Array
    lost: Array
    total: Array
    per_unit: Array


def route_costs(
    units: ArrayLike,
    *,
    freight: ArrayLike,
    unit_cost: ArrayLike,
    capital_rate: ArrayLike,
    lead_time_mean: ArrayLike,
    holding_cost: ArrayLike,
    safety_stock: ArrayLike,
    order_size: ArrayLike,
    duty: ArrayLike = 0.0,
    lost_margin: ArrayLike = 0.0,
) -> RouteCosts:
    """Return what a route costs in a year of steady sales; the arguments broadcast.

    Parameters
    ----------
    units : array_like
        Sold in a year.
    freight, duty : array_like
        Per unit.
    unit_cost : array_like
        Paid per unit before it is shipped.
    capital_rate : array_like
        Cost of capital, 0.2 = 20 % a year.
    lead_time_mean : array_like
        Days from order to shelf.
    holding_cost : array_like
        Per unit and year: capital and storage.
    safety_stock, order_size : array_like
        Units by this route; a negative safety stock saves nothing.
    lost_margin : array_like
        Expected margin lost in a year.

    Notes
    -----
    ``D f + D c i L / 365 + h (SS + Q / 2) + duty + lost``. Orders of one route only; a mix of
    both is for the simulation.

    Examples
    --------
    >>> cost = route_costs(
    ...     1000, freight=2, unit_cost=10, capital_rate=0.2, lead_time_mean=73,
    ...     holding_cost=3, safety_stock=100, order_size=200,
    ... )
    >>> float(cost.pipeline), float(cost.stock), float(cost.per_unit)
    (400.0, 600.0, 3.0)
    """
    sold = np.asarray(units, dtype=np.float64)
    carried = sold * np.asarray(freight, dtype=np.float64)
    duties = sold * np.asarray(duty, dtype=np.float64)
    paid = sold * np.asarray(unit_cost) * np.asarray(capital_rate)
    pipeline = paid * np.asarray(lead_time_mean) / _YEAR
    held = np.maximum(safety_stock, 0.0) + np.asarray(order_size, dtype=np.float64) / 2.0
    stock = np.asarray(holding_cost) * held
    lost = np.asarray(lost_margin, dtype=np.float64)
    total = carried + duties + pipeline + stock + lost
    sold = np.broadcast_to(sold, total.shape)
    per_unit = np.divide(total, sold, out=np.full(total.shape, np.nan), where=sold > 0)

    def whole(part: Array) -> Array:
        return np.broadcast_to(part, total.shape)

    return RouteCosts(
        freight=whole(carried),
        duty=whole(duties),
        pipeline=whole(pipeline),
        stock=whole(stock),
        lost=whole(lost),
        total=total,
        per_unit=per_unit,
    )


def break_even_premium(slow: RouteCosts, fast: RouteCosts, units: ArrayLike) -> Array:
    """Return what the fast route's freight may cost more per unit before it no longer pays.

    Parameters
    ----------
    slow, fast : RouteCosts
        Of the same items and units.
    units : array_like
        Sold in a year.

    Returns
    -------
    ndarray
        ``c i (L_slow - L_fast) / 365 + h (SS_slow - SS_fast) / D + h (Q_slow - Q_fast) / (2 D)``
        and the differences of duty and lost margin by D; NaN where nothing sells.

    Examples
    --------
    >>> common = dict(unit_cost=10, capital_rate=0.2, holding_cost=3)
    >>> sea = route_costs(1000, freight=2, lead_time_mean=73, safety_stock=100, order_size=200,
    ...                   **common)
    >>> air = route_costs(1000, freight=5, lead_time_mean=0, safety_stock=50, order_size=100,
    ...                   **common)
    >>> round(float(break_even_premium(sea, air, 1000)), 9)  # .4 pipeline, .15 safety, .15 cycle
    0.7
    """
    saved = (slow.total - slow.freight) - (fast.total - fast.freight)
    saved, sold = np.broadcast_arrays(saved, np.asarray(units, dtype=np.float64))
    return np.asarray(np.divide(saved, sold, out=np.full(saved.shape, np.nan), where=sold > 0))


@dataclass(frozen=True, slots=True)
class AirTopUp:
    """What to fly before a slower shipment arrives; all of shape (n_items,).

    Attributes
    ----------
    units : ndarray
        Worth flying, not rounded; 0 where air costs more than a sale brings.
    saved_units : ndarray
        Sales that they are expected to save.
    saved : ndarray
        Their margin less the premium of all units flown, in money.
    first_unit_premium : ndarray
        Premium up to which at least one unit is worth flying, in money per unit.
    past_saving : ndarray
        Units expected to be short before anything can land.
    """

    units: Array
    saved_units: Array
    saved: Array
    first_unit_premium: Array
    past_saving: Array


def air_top_up(
    until_slow: DemandLaw,
    supply: ArrayLike,
    *,
    margin: ArrayLike,
    premium: ArrayLike,
    until_fast: DemandLaw | None = None,
    supply_until_fast: ArrayLike | None = None,
) -> AirTopUp:
    """Return how many units to fly so that sales until a slower shipment arrives are worth it.

    Parameters
    ----------
    until_slow : DemandLaw
        Demand from today until the slow route's next order can be sold.
    supply : array_like, shape (n_items,)
        Stock on hand and all that arrives before then.
    margin : array_like, shape (n_items,)
        Contribution of a sale, and goodwill, per unit.
    premium : array_like, shape (n_items,)
        What flying a unit costs more.
    until_fast : DemandLaw, optional
        Demand from today until what is flown can be sold; none = it could land at once.
    supply_until_fast : array_like, optional
        Stock on hand and what arrives before that; none = ``supply``.

    Notes
    -----
    A flown unit saves a sale if demand before the slow arrival exceeds supply:
    ``A = F⁻¹(1 - premium / margin) - supply``. Demand that finds no stock before the plane lands is
    lost whatever is flown, and takes no supply: its expectation u counts as supply, so only the
    window between the two arrivals gains. ``saved = m [E(s + u) - E(s + u + A)] - premium A``,
    E the expected demand beyond.

    Examples
    --------
    >>> law = NormalDemand(np.array([280.0]), np.array([56.382621436]))
    >>> found = air_top_up(law, [220.0], margin=[12.0], premium=[4.5])
    >>> round(float(found.units[0]), 5), round(float(found.first_unit_premium[0]), 5)
    (77.96572, 10.27646)
    """
    held = np.maximum(np.asarray(supply, dtype=np.float64), 0.0)
    early = held if supply_until_fast is None else np.maximum(supply_until_fast, 0.0)
    gone = np.zeros_like(held) if until_fast is None else until_fast.loss(np.asarray(early))
    gain, extra = (np.asarray(x, dtype=np.float64) + np.zeros_like(held) for x in (margin, premium))
    pays = (gain > 0) & (extra < gain)
    ratio = np.divide(extra, gain, out=np.ones_like(held), where=pays)
    start = held + gone
    # A free flight would be worth any number of units.
    wanted = until_slow.quantile(np.clip(1.0 - ratio, 0.0, 1.0 - 1e-6)) - start
    units = np.where(pays, np.maximum(wanted, 0.0), 0.0)
    saved = until_slow.loss(start) - until_slow.loss(start + units)
    first = np.maximum(gain, 0.0) * (1.0 - until_slow.probability(start))
    return AirTopUp(units, saved, gain * saved - extra * units, first, gone)
