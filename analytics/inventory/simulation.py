"""Stock day by day under a rule for ordering: what would have been sold, and what was missed.

On every day first what is due arrives, then the position is looked at and an order may be placed,
then buyers come; what they do not find is lost. So an order with a lead time of L days has to last
for the demand of L days, and with a review every R days a position has to last for L + R.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.errors import NegativeInputError

Array = NDArray[np.float64]
Days = NDArray[np.int64]
_TINY = 1e-9
_NOTHING = 0.5  # units that no order is placed for


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When to order, and how much; numbers, shape (n_items,), or by day, shape (n_items, n_days).

    Attributes
    ----------
    reorder_point : array_like
        An order is placed when the position is not above it. Infinite = at every review: (R, S).
    order_up_to : array_like, optional
        Position after the order: (R, s, S), and (R, S).
    batch : array_like, optional
        As many whole batches as lift the position above the reorder point: (s, Q), in units.
        With ``order_up_to``: the order is rounded up to whole batches, such as cartons.
    minimum : array_like, optional
        The smallest order, in units.
    review_days : array_like of int
        Days from one look to the next; 1 = every day: (s, Q) and (s, S).
    is_smallest : array_like of bool
        With ``order_up_to``: whatever is lacking, an order is the smallest that there is.
    ceiling : array_like
        Position above which no order lifts it: fewer batches, none if less than the minimum.
    season_target, season_before : array_like
        Units that suffice for a season (0 = no order for one is due), and what sells before: what
        the position less that lacks of the target is ordered, above the reorder point, too.
    """

    reorder_point: ArrayLike
    order_up_to: ArrayLike | None = None
    batch: ArrayLike | None = None
    minimum: ArrayLike = 0.0
    review_days: ArrayLike = 1
    is_smallest: ArrayLike = False
    ceiling: ArrayLike = np.inf
    season_target: ArrayLike = 0.0
    season_before: ArrayLike = 0.0

    def __post_init__(self) -> None:
        if self.order_up_to is None and self.batch is None:
            raise ValueError("a rule needs a level to order up to, or a batch")


@dataclass(frozen=True)
class Simulation:
    """What happened, item by item and day by day; shape (n_items, n_days) unless said otherwise.

    Attributes
    ----------
    opening : ndarray, shape (n_items,)
        On hand before the first day.
    demand, received, sold, ordered, closing : ndarray
        Units; ``opening + received - sold = closing``, every day.
    on_order : ndarray
        Ordered and not received at the end of the day.
    orders : ndarray of bool
        Whether an order was placed.
    """

    opening: Array
    demand: Array
    received: Array
    sold: Array
    ordered: Array
    closing: Array
    on_order: Array
    orders: NDArray[np.bool_]

    @property
    def lost(self) -> Array:
        """Return units that buyers asked for and did not find."""
        return self.demand - self.sold

    def since(self, day: int) -> "Simulation":
        """Return what happened from a day on (0 = the first), as if it had opened there."""
        opening = self.closing[:, day - 1] if day else self.opening
        parts = (
            getattr(self, name)[:, day:]
            for name in (
                "demand", "received", "sold", "ordered", "closing", "on_order", "orders",
            )
        )  # fmt: skip
        return Simulation(opening, *parts)

    def of(self, rows: ArrayLike) -> "Simulation":
        """Return what happened to some items."""
        kept = np.asarray(rows, dtype=np.int64)
        return Simulation(*(getattr(self, part.name)[kept] for part in fields(self)))

    @cached_property
    def units_lost(self) -> Array:
        """Return the units lost, shape (n_items,)."""
        return np.asarray(self.lost.sum(axis=1))

    @property
    def fill_rate(self) -> Array:
        """Return the share of the units asked for that were sold; NaN if none were, (n_items,)."""
        return _share(self.sold.sum(axis=1), self.demand.sum(axis=1))

    @property
    def cycle_service(self) -> Array:
        """Return the share of cycles without a lost sale, shape (n_items,).

        A cycle runs from one arrival to the next; the days before the first and after the last
        count as cycles, too.
        """
        number = (self.received > 0).cumsum(axis=1)
        n_items, n_days = number.shape
        if not n_days:
            return np.ones(n_items)
        flat = (np.arange(n_items)[:, None] * (n_days + 1) + number).ravel()
        size = n_items * (n_days + 1)
        short = np.bincount(flat, weights=(self.lost > _TINY).ravel(), minlength=size) > 0
        seen = np.bincount(flat, minlength=size) > 0
        bad = short.reshape(n_items, -1).sum(axis=1)
        return np.asarray(1 - bad / seen.reshape(n_items, -1).sum(axis=1))

    @property
    def average_stock(self) -> Array:
        """Return the mean of the days' stock on hand, in units, shape (n_items,)."""
        return np.asarray(self.closing.mean(axis=1)) if self.closing.size else self.opening

    def cash(self, unit_cost: ArrayLike) -> Array:
        """Return the money in stock and on order by day, all items together, shape (n_days,)."""
        cost = np.asarray(unit_cost, dtype=np.float64)
        return np.asarray(cost @ (self.closing + self.on_order))

    def cash_peak(self, unit_cost: ArrayLike) -> float:
        """Return the most money that was in stock and on order on any day."""
        return float(self.cash(unit_cost).max(initial=0.0))


def simulate(
    demand: ArrayLike,
    rule: Rule,
    lead_time: ArrayLike,
    *,
    opening: ArrayLike,
    arrivals: ArrayLike = 0.0,
    first_review: ArrayLike = 0,
    express: Rule | None = None,
    express_lead_time: ArrayLike = 1,
) -> Simulation:
    """Return what a rule would have sold, held and missed; what is not in stock is lost.

    Parameters
    ----------
    demand : array_like, shape (n_items, n_days)
        Units that buyers ask for.
    rule : Rule
        When to order, and how much.
    lead_time : array_like of int, shape (n_items,) or (n_items, n_days)
        Days from an order of that day until it can be sold, at least 1. A later order may
        arrive first. See `drawn`.
    opening : array_like, shape (n_items,)
        On hand before the first day.
    arrivals : array_like, shape () or (n_items, n_days)
        Units of orders placed before the first day, by the day on which they arrive.
    first_review : array_like of int, shape () or (n_items,)
        Day of the first look, 0 = the first day.
    express : Rule, optional
        A second, faster way: after the first one's order, what is on hand and due within the
        express lead time is compared with the express rule.
    express_lead_time : array_like of int
        As ``lead_time``.

    Raises
    ------
    NegativeInputError
        Demand, stock or an arrival is negative, or a lead time is below 1 day.

    Examples
    --------
    Ten a day, a lead time of 3 days: with orders of 50 at a position of 30 nothing is ever lost.

    >>> steady = np.full((1, 20), 10.0)
    >>> rule = Rule(reorder_point=30.0, batch=50.0)
    >>> simulate(steady, rule, [3], opening=[40.0]).units_lost.tolist()
    [0.0]
    >>> simulate(steady, rule, [5], opening=[40.0]).units_lost.tolist()
    [60.0]
    """
    asked = _known("demand", demand)
    n_items, n_days = asked.shape
    due = np.zeros((n_items, n_days + 1))  # the last column holds what arrives too late to matter
    due[:, :n_days] = _known("arrivals", arrivals)
    ways = [_Way.of(rule, lead_time, (n_items, n_days), None)]
    if express is not None:
        ways.append(_Way.of(express, express_lead_time, (n_items, n_days), due))
    stock = np.broadcast_to(_known("opening", opening), n_items).copy()
    coming = due[:, :n_days].sum(axis=1)
    start = np.broadcast_to(np.asarray(first_review, dtype=np.int64), n_items)
    out = {name: np.zeros((n_items, n_days)) for name in ("received", "sold", "closing", "ahead")}
    ordered = np.zeros((n_items, n_days))
    for day in range(n_days):
        arrived = due[:, day]
        stock += arrived
        coming -= arrived
        for way in ways:
            units = way.order(day, stock, coming, start)
            rows = np.flatnonzero(units > 0)
            landing = np.minimum(day + way.lead_time[rows, day], n_days)
            np.add.at(due, (rows, landing), units[rows])
            coming += units
            ordered[:, day] += units
        sold = np.minimum(asked[:, day], stock)
        stock -= sold
        for name, values in (
            ("received", arrived), ("sold", sold), ("closing", stock), ("ahead", coming),
        ):  # fmt: skip
            out[name][:, day] = values
    begun = np.broadcast_to(_known("opening", opening), n_items).copy()
    return Simulation(
        begun, asked, out["received"], out["sold"], ordered, out["closing"],
        np.maximum(out["ahead"], 0.0), ordered > 0,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Way:
    """A rule ready to be asked day by day."""

    reorder_point: Array
    order_up_to: Array | None
    batch: Array | None
    minimum: Array
    review_days: Days
    is_smallest: NDArray[np.bool_]
    ceiling: Array
    season_target: Array
    season_before: Array
    lead_time: Days
    due: Array | None  # of a faster way: what is under way, by day

    @classmethod
    def of(
        cls, rule: Rule, lead_time: ArrayLike, shape: tuple[int, int], due: Array | None
    ) -> "_Way":
        def by_day(value: ArrayLike) -> Array:
            given = np.asarray(value, dtype=np.float64)
            return np.broadcast_to(given[:, None] if given.ndim == 1 else given, shape)

        days = by_day(lead_time)
        if days.size and days.min() < 1:
            raise NegativeInputError(name="lead_time - 1", value=float(days.min()) - 1)
        return cls(
            by_day(rule.reorder_point),
            None if rule.order_up_to is None else by_day(rule.order_up_to),
            None if rule.batch is None else by_day(rule.batch),
            by_day(rule.minimum),
            np.maximum(by_day(rule.review_days), 1).astype(np.int64),
            by_day(rule.is_smallest) > 0,
            by_day(rule.ceiling),
            by_day(rule.season_target),
            by_day(rule.season_before),
            days.astype(np.int64),
            due,
        )

    def order(self, day: int, stock: Array, coming: Array, start: Days) -> Array:
        """Return what is ordered that morning, in units, shape (n_items,)."""
        position = stock + (coming if self.due is None else self._soon(day))
        looked = (day >= start) & ((day - start) % self.review_days[:, day] == 0)
        low = position <= self.reorder_point[:, day] + _TINY
        wanted = np.where(low, self._lacking(day, position), 0.0)
        wanted = np.where(looked, np.maximum(wanted, self._for_season(day, position)), 0.0)
        return self._capped(day, position, self._rounded(day, wanted))

    def _lacking(self, day: int, position: Array) -> Array:
        """Return the units that an item lacks at or below its reorder point."""
        if self.order_up_to is None:
            lacking = self.reorder_point[:, day] - position
            units = (np.floor((lacking + _TINY) / self._size(day)) + 1) * self._size(day)
        else:
            units = self.order_up_to[:, day] - position
            units = np.where(self.is_smallest[:, day], np.minimum(units, 1.0), units)
        return np.where(np.isfinite(units) & (units > _TINY), units, 0.0)

    def _for_season(self, day: int, position: Array) -> Array:
        lacking = self.season_target[:, day]
        lacking = lacking - np.maximum(position - self.season_before[:, day], 0.0)
        return np.where(lacking >= _NOTHING, lacking, 0.0)

    def _rounded(self, day: int, wanted: Array) -> Array:
        """Return the minimum at least; under an order-up-to level, whole batches."""
        units = np.maximum(wanted, self.minimum[:, day])
        if self.batch is not None and self.order_up_to is not None:
            units = np.ceil(units / self._size(day) - _TINY) * self._size(day)
        return np.where(wanted > 0, units, 0.0)

    def _capped(self, day: int, position: Array, units: Array) -> Array:
        room = np.maximum(self.ceiling[:, day] - position, 0.0)
        over = units > room + _TINY
        if not over.any():
            return units
        if self.batch is not None:
            room = np.floor(room / self._size(day) + _TINY) * self._size(day)
        return np.where(over, np.where(room >= self.minimum[:, day], room, 0.0), units)

    def _size(self, day: int) -> Array:
        assert self.batch is not None  # noqa: S101 - `Rule` needs a batch or a level
        return np.maximum(self.batch[:, day], _TINY)

    def _soon(self, day: int) -> Array:
        """Return what arrives within the lead time of an order of that day."""
        assert self.due is not None  # noqa: S101 - only a faster way asks
        longest = int(self.lead_time[:, day].max(initial=0))
        ahead = self.due[:, day + 1 : min(day + 1 + longest, self.due.shape[1] - 1)]
        within = np.arange(1, ahead.shape[1] + 1) <= self.lead_time[:, day, None]
        return np.asarray(np.where(within, ahead, 0.0).sum(axis=1))


def uniforms(keys: Sequence[str], n_days: int, *, path: int = 0) -> Array:
    """Return numbers between 0 and 1 that depend on an item's key, the day and the path alone.

    Parameters
    ----------
    keys : sequence of str, length n_items
        Such as ``SKU · market``.
    n_days : int
        Days.
    path : int
        Number of the future.

    Returns
    -------
    ndarray, shape (n_items, n_days)
        The same whatever other items, rules or scenarios are looked at: differences between two
        rules are theirs and no luck (common random numbers).
    """
    out = np.empty((len(keys), n_days))
    for row, key in enumerate(keys):
        digest = hashlib.blake2b(f"{path}\0{key}".encode(), digest_size=8).digest()
        rng = np.random.Generator(np.random.SFC64(int.from_bytes(digest, "little")))
        out[row] = rng.random(n_days)
    return out


def drawn(probabilities: ArrayLike, row: ArrayLike, chance: ArrayLike) -> Days:
    """Return the lead time that an order of each day would have.

    Parameters
    ----------
    probabilities : array_like, shape (n_distributions, n_lengths)
        Probability of 1, 2, ... days.
    row : array_like of int, shape (n_items,)
        Each item's distribution.
    chance : array_like, shape (n_items, n_days)
        Numbers between 0 and 1, see `uniforms`: a larger one never gives a shorter lead time.

    Returns
    -------
    ndarray of int, shape (n_items, n_days)
        Days.

    Examples
    --------
    >>> drawn([[0.25, 0.5, 0.25]], [0], [[0.1, 0.3, 0.7, 0.9]]).tolist()
    [[1, 2, 2, 3]]
    """
    total = np.asarray(probabilities, dtype=np.float64).cumsum(axis=1)
    which, u = np.asarray(row, dtype=np.int64), np.asarray(chance, dtype=np.float64)
    out = np.empty(u.shape, dtype=np.int64)
    for number in np.unique(which):
        mine = which == number
        length = np.searchsorted(total[number], u[mine] * total[number, -1], side="left") + 1
        out[mine] = np.minimum(length, total.shape[1])
    return out


def _share(part: Array, whole: Array) -> Array:
    return np.asarray(np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0))


def _known(name: str, value: ArrayLike) -> Array:
    array = np.asarray(value, dtype=np.float64)
    if (array < 0).any():
        raise NegativeInputError(name=name, value=float(np.nanmin(array)))
    return array
