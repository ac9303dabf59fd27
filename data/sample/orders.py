"""Order lines out of units per day, the way marketplaces and ERPs list them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import numpy as np

from data.sample.demand import Demand
from data.sample.recipe import DAYS, FIRST_DAY, LAST_DAY, SEED, SHOPS, Item
from data.sample.supply import Shelf

BIGGEST_LINE = 14  # more units of an item on a day come as several orders
CANCELLED, RETURNED = 0.015, 0.01  # per line


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order; a return is a line of its own with a negative quantity."""

    item: Item
    at: datetime
    quantity: int
    price: float  # list price per unit
    discount: float  # share of the price
    shop: str
    status: str  # sold, cancelled, returned
    order: int = 0  # counts the orders of a market and day


def lines(item: Item, demand: Demand, shelf: Shelf) -> list[Line]:
    """Return the lines of one item from FIRST_DAY on, in order of time."""
    random = item.stream(2)
    sold = list(_sold(item, demand, shelf, random))
    extra = [other for line in sold for other in _mishaps(line, random)]
    return sorted(sold + extra, key=lambda line: line.at)


def number_orders(market_lines: list[Line]) -> list[Line]:
    """Return the lines of one market in order of time, numbered per day; some orders hold two."""
    random = np.random.default_rng([SEED, len(market_lines)])
    numbered: list[Line] = []
    for line in sorted(market_lines, key=lambda line: (line.at, line.item.number)):
        last = numbered[-1] if numbered else None
        if last is None or last.at.date() != line.at.date():
            numbered.append(replace(line, order=1))
        elif random.random() < 0.08 and _fit(last, line):
            numbered.append(replace(line, order=last.order, at=last.at))
        else:
            numbered.append(replace(line, order=last.order + 1))
    return numbered


def _fit(one: Line, other: Line) -> bool:
    """Whether two lines can be one order."""
    shared = one.shop == other.shop and one.status == other.status == "sold"
    return shared and one.item.number != other.item.number


def _sold(item: Item, demand: Demand, shelf: Shelf, random: np.random.Generator) -> Iterator[Line]:
    discounts = discount_by_day(demand)
    first = int((np.datetime64(FIRST_DAY) - DAYS[0]).astype(int))
    for day in range(first, len(DAYS)):
        freak = int(min(demand.freak[day], shelf.sold[day]))
        parts = _parts(int(shelf.sold[day]) - freak, random)
        for quantity in [*parts, freak] if freak else parts:
            yield _line(item, day, quantity, float(discounts[day]), random)


def _parts(units: int, random: np.random.Generator) -> list[int]:
    """Split a day's units of an item into orders."""
    count = -(-units // BIGGEST_LINE)
    if count < 2:
        return [units] * count
    parts = 1 + random.multinomial(units - count, np.full(count, 1 / count))
    return [int(part) for part in parts]


def _line(
    item: Item, day: int, quantity: int, discount: float, random: np.random.Generator
) -> Line:
    minutes = 5 * int(random.integers(7 * 12, 23 * 12))
    shops = SHOPS[item.market]
    shop, _ = shops[random.choice(len(shops), p=[share for *_, share in shops])]
    at = datetime.combine(DAYS[day].astype(date), time()) + timedelta(minutes=minutes)
    return Line(item, at, quantity, item.price, discount, shop, "sold")


def _mishaps(line: Line, random: np.random.Generator) -> Iterator[Line]:
    """Yield a cancelled order beside ``line``, or the return of it weeks later, now and then."""
    chance = random.random()
    if chance < CANCELLED:
        yield replace(line, at=line.at + timedelta(minutes=3), quantity=1, status="cancelled")
    elif chance > 1 - RETURNED:
        at = line.at + timedelta(days=int(random.integers(9, 26)))
        if at.date() <= LAST_DAY:
            yield replace(line, at=at, quantity=-1, status="returned")


def discount_by_day(demand: Demand) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the share of the price that a promotion takes off, per day of the sample."""
    discounts = np.zeros(len(DAYS))
    for offer in demand.promotions:
        on = (np.datetime64(offer.first) <= DAYS) & (np.datetime64(offer.last) >= DAYS)
        discounts[on] = offer.discount
    return discounts
