"""The seller's own ordering, and what it does to the stock: one item, day by day.

The policy, on purpose no better than a busy person with a spreadsheet: on Mondays a planner guesses
the units that the next days need, half from the last four weeks, half from knowing the season, with
an error. If stock and open orders do not last for the sea lead time and a little more, the planner
orders by sea for the lead time and `COVER` days, in whole cartons and at least the MOQ; if the
shelf will be empty before anything arrives, sometimes by air too.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from data.sample.demand import Demand, Ints
from data.sample.recipe import DAYS, Item

SEA_DAYS = {"US": 45, "DE": 47, "ID": 40}  # usual, from order to shelf
AIR_DAYS = 10
COVER = 42
SEASONAL = frozenset({"christmas", "ramadan"})

# Usual days per stage: made, booked, on the way, through customs, on the shelf.
STAGES = {
    ("US", "sea"): (14, 5, 18, 3, 5),
    ("DE", "sea"): (12, 5, 24, 2, 4),
    ("ID", "sea"): (12, 5, 13, 5, 5),
    "air": (3, 1, 3, 1, 2),
}
SPREAD = (0.2, 0.3, 0.12, 0.5, 0.3)  # standard deviation over mean, per stage
FACTORY_CLOSED = [  # Chinese New Year: ten days before to the Lantern Festival
    ("2024-01-31", "2024-02-24"),
    ("2025-01-19", "2025-02-12"),
    ("2026-02-07", "2026-03-03"),
]
PEAK_SHIPPING = [("2024-08-25", "2024-11-25"), ("2025-08-25", "2025-11-25")]
RUSH_BEFORE_NEW_YEAR = [
    ("2024-01-05", "2024-01-31"),
    ("2024-12-20", "2025-01-19"),
    ("2026-01-08", "2026-02-07"),
]
# A port stood still: what sailed to Germany on these days came 17 days later.
CONGESTION = ("2026-04-01", "2026-05-10", 17)


@dataclass(slots=True)
class PurchaseOrder:
    """An order with a supplier; days are indices into `recipe.DAYS` and may lie beyond its end."""

    item: Item
    route: str
    quantity: int
    ordered: int
    stages: tuple[int, ...]  # ready, shipped, arrived, cleared, received
    expected: int

    @property
    def received(self) -> int:
        """Day on which the units can be sold."""
        return self.stages[-1]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What happened to one item over `recipe.DAYS`."""

    sold: Ints
    on_hand: Ints  # at the end of the day
    inbound: Ints  # shipped, not yet received
    stocked_out: NDArray[np.bool_]
    orders: tuple[PurchaseOrder, ...]


def shelf(item: Item, demand: Demand) -> Shelf:
    """Let the seller live through the days: receive, sell, and on Mondays order."""
    planner = _Planner(item, demand)
    wanted = demand.units + demand.freak
    on_hand, sold = np.zeros_like(wanted), np.zeros_like(wanted)
    stock = planner.opening()
    for day in range(len(DAYS)):
        stock += sum(order.quantity for order in planner.orders if order.received == day)
        sold[day] = min(wanted[day], stock)
        stock -= int(sold[day])
        on_hand[day] = stock
        planner.review(day, stock, sold)
    launched = demand.expected[: len(DAYS)] > 0
    empty = launched & ((sold < wanted) | ((on_hand == 0) & (sold == 0)))
    return Shelf(sold, on_hand, _inbound(planner.orders), empty, tuple(planner.orders))


class _Planner:
    """The person who orders one item."""

    def __init__(self, item: Item, demand: Demand) -> None:
        self.item, self.expected = item, demand.expected
        self.random = item.stream(1)
        self.bias = float(np.exp(self.random.normal(-0.03, 0.14)))
        self.launch = int((demand.expected > 0).argmax())
        self.orders: list[PurchaseOrder] = []

    def opening(self) -> int:
        """Return the stock of the first day: what an old item needs until sea orders arrive."""
        return 0 if self.launch else int(self.bias * self._known(0, 70))

    def review(self, day: int, stock: int, sold: Ints) -> None:
        """Order on Mondays; a new item first comes by air, ahead of its launch."""
        if day == self.launch - 28:
            self._order(day, self._known(self.launch, 60), "air")
        elif day % 7 == 0 and day >= self.launch:
            error = self.bias * float(np.exp(self.random.normal(0, 0.12)))
            self._reorder(day, stock, sold, error)

    def _reorder(self, day: int, stock: int, sold: Ints, error: float) -> None:
        open_orders = [order for order in self.orders if order.received > day]
        position = stock + sum(order.quantity for order in open_orders)
        lead_time = SEA_DAYS[self.item.market]
        if position < error * self._need(day, lead_time + 10, sold):
            gap = error * self._need(day, lead_time + 7 + COVER, sold) - position
            if self._worth_it(day, gap, sold):
                self._order(day, gap, "sea")
        due = [order for order in open_orders if day <= order.expected <= day + 18]
        short = error * self._need(day, 18, sold) - stock - sum(order.quantity for order in due)
        flying = any(order.route == "air" for order in open_orders)
        if short > 8 and not flying and self.random.random() < 0.4:
            self._order(day, short + error * self._need(day, 10, sold), "air")

    def _need(self, day: int, days: int, sold: Ints) -> float:
        known = self._known(day + 1, days)
        if self.item.product.profile in SEASONAL:
            return known
        return 0.5 * known + 0.5 * days * float(sold[max(day - 27, 0) : day + 1].mean())

    def _known(self, day: int, days: int) -> float:
        return float(self.expected[day : day + days].sum())

    def _worth_it(self, day: int, gap: float, sold: Ints) -> bool:
        """Whether a minimum order would be gone in a year."""
        return gap > 0 and self.item.product.moq <= self._need(day, 365, sold)

    def _order(self, day: int, units: float, route: str) -> None:
        carton, moq = self.item.product.carton_quantity, self.item.product.moq
        least = moq if route == "sea" else min(carton, moq)
        quantity = -(-max(int(units), least) // carton) * carton
        usual = SEA_DAYS[self.item.market] if route == "sea" else AIR_DAYS
        stages = _stages(self.item.market, route, day, self.random)
        self.orders.append(PurchaseOrder(self.item, route, quantity, day, stages, day + usual))


def _stages(market: str, route: str, day: int, random: np.random.Generator) -> tuple[int, ...]:
    """Return the days on which an order is ready, shipped, arrived, cleared and received."""
    usual = np.array(STAGES["air"] if route == "air" else STAGES[market, "sea"], dtype=float)
    spread = np.array(SPREAD)
    made, booked, sailed, cleared, stored = random.gamma(1 / spread**2, usual * spread**2)
    ready = _work(day, made * (1.25 if _within(day, RUSH_BEFORE_NEW_YEAR) else 1))
    shipped = ready + _whole(booked * (1.6 if _within(ready, RUSH_BEFORE_NEW_YEAR) else 1))
    peak = _within(shipped, PEAK_SHIPPING)
    arrived = shipped + _whole(sailed * (1.4 if peak else 1))
    if (market, route) == ("DE", "sea") and _within(shipped, [CONGESTION[:2]]):
        arrived += CONGESTION[2]
    received = _whole(cleared) + _whole(stored * (1.8 if peak else 1))
    return ready, shipped, arrived, arrived + _whole(cleared), arrived + received


def _work(day: int, days: float) -> int:
    """Return the day on which ``days`` of work are done that stand still over the New Year."""
    ready = day + _whole(days)
    for first, last in FACTORY_CLOSED:
        starts, ends = _index(first), _index(last)
        if day <= ends and ready >= starts:
            ready += ends - max(starts, day) + 1
    return ready


def _inbound(orders: list[PurchaseOrder]) -> Ints:
    """Return the units under way at the end of each day."""
    change = np.zeros(len(DAYS) + 1, dtype=np.int64)
    for order in orders:
        change[min(order.stages[1], len(DAYS))] += order.quantity
        change[min(order.received, len(DAYS))] -= order.quantity
    return np.cumsum(change)[: len(DAYS)]


def _within(day: int, spans: list[tuple[str, str]]) -> bool:
    return any(_index(first) <= day <= _index(last) for first, last in spans)


def _index(day: str) -> int:
    return int((np.datetime64(day) - DAYS[0]).astype(int))


def _whole(days: float) -> int:
    return max(1, round(days))


def day_of(index: int) -> date | None:
    """Return the date of a day's index; none once the sample is over."""
    return DAYS[index].astype(date) if index < len(DAYS) else None
