"""What shoppers would buy if the shelf were never empty: units per item and day.

``rate = level x profile x season of the category x sales days x weekday x promotion``; the units
are negative binomial around it. A freak bulk order stands beside, as it is no shopper's demand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from data.sample.recipe import AHEAD, DAYS, FIRST_DAY, LAST_DAY, Item

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

VARIANCE_TO_MEAN = 2.2  # of a day's units
EID = ("2024-04-10", "2025-03-31", "2026-03-21", "2027-03-10")  # Indonesia
# (market, first day, last day, factor): days on which whole markets buy
SALES_DAYS = [
    *(
        (market, *days)
        for market in ("US", "DE")
        for days in (
            ("2024-07-16", "2024-07-17", 2.4),
            ("2025-07-08", "2025-07-11", 2.2),
            ("2026-06-23", "2026-06-26", 2.2),
            ("2024-11-29", "2024-12-02", 2.3),
            ("2025-11-28", "2025-12-01", 2.3),
        )
    ),
    *(
        ("ID", f"{year}-{day}", f"{year}-{day}", 2.6)
        for year in (2024, 2025)
        for day in ("11-11", "12-12")
    ),
]
WEEKDAY = {  # Monday to Sunday; each averages 1
    "US": (1.12, 1.08, 1.05, 1.0, 0.93, 0.88, 0.94),
    "DE": (1.15, 1.06, 1.02, 1.0, 0.9, 0.85, 1.02),
    "ID": (0.95, 0.93, 0.95, 0.97, 1.02, 1.1, 1.08),
}
FREAK_ORDERS = {("KT103", "DE"): (date(2025, 9, 16), 240)}
PROMOTED = frozenset({"steady", "growing", "summer"})


@dataclass(frozen=True, slots=True)
class Promotion:
    """A price cut of one item, both days included."""

    first: date
    last: date
    discount: float
    uplift: float


@dataclass(frozen=True, slots=True)
class Demand:
    """One item's demand over `recipe.DAYS`; ``expected`` looks on over `recipe.AHEAD`."""

    units: Ints
    freak: Ints
    expected: Floats
    promotions: tuple[Promotion, ...]


def demand(item: Item) -> Demand:
    """Return what shoppers want of ``item``, day by day."""
    random = item.stream(0)
    offers = promotions(item, random)
    wander = np.cumsum(random.normal(0, 0.035, len(AHEAD) // 7 + 1)).repeat(7)[: len(AHEAD)]
    rate = item.rate * np.exp(wander - wander.mean()) * _shape(item)
    for offer in offers:
        rate[_between(offer.first, offer.last)] *= 1 + offer.uplift
    rate[np.datetime64(item.product.launched_on) > AHEAD] = 0
    mean = rate[: len(DAYS)]
    size = np.maximum(mean, 1e-9) / (VARIANCE_TO_MEAN - 1)
    units = random.negative_binomial(size, 1 / VARIANCE_TO_MEAN)
    return Demand(np.where(mean > 0, units, 0), _freak(item), rate, offers)


def promotions(item: Item, random: np.random.Generator) -> tuple[Promotion, ...]:
    """Return the item's price cuts: three in the past, one to come for what sells most."""
    if item.product.profile not in PROMOTED or item.rate < 1:
        return ()
    span = (LAST_DAY - FIRST_DAY).days - 60
    starts = np.sort(random.choice(span // 30, 3, replace=False)) * 30 + random.integers(0, 20, 3)
    dates = [np.datetime64(FIRST_DAY) + int(start) for start in starts]
    if item.rate >= 6:
        dates.append(np.datetime64(LAST_DAY) + 10)
    return tuple(_promotion(first.astype(date), random) for first in dates)


def _promotion(first: date, random: np.random.Generator) -> Promotion:
    discount = float(random.choice([0.1, 0.15, 0.2]))
    length = int(random.integers(5, 10))
    last = (np.datetime64(first) + length - 1).astype(date)
    return Promotion(first, last, discount, round(discount * float(random.uniform(5, 8)), 1))


def _freak(item: Item) -> Ints:
    day, units = FREAK_ORDERS.get((item.product.sku, item.market), (FIRST_DAY, 0))
    return np.where(np.datetime64(day) == DAYS, units, 0)


def _shape(item: Item) -> Floats:
    weekdays = np.array(WEEKDAY[item.market])[(AHEAD.astype("int64") + 3) % 7]
    shape: Floats = _PROFILES[item.product.profile](_years()) * _category(item) * weekdays
    for market, first, last, factor in SALES_DAYS:
        if market == item.market:
            shape[_between(first, last)] *= factor
    return shape


def _category(item: Item) -> Floats:
    """Return the season that the products of a category share in a market."""
    if item.product.profile in {"christmas", "ramadan"}:
        return np.ones(len(AHEAD))
    return 1 + _SEASONS[item.product.category](item.market)


def _years() -> Floats:
    """Return the time since FIRST_DAY in years."""
    return (AHEAD - np.datetime64(FIRST_DAY)).astype("float64") / 365.25


def _bump(day: str, width: float) -> Floats:
    """Return bells of height 1 around ``day`` (month-day) of every year; ``width`` in days."""
    years = range(2023, 2028)
    return _bells([np.datetime64(f"{year}-{day}") for year in years], width)


def _before_eid(width: float) -> Floats:
    return _bells([np.datetime64(day) - 15 for day in EID], width)


def _bells(centres: list[np.datetime64], width: float) -> Floats:
    away = np.array([(AHEAD - centre).astype("float64") for centre in centres])
    return np.asarray(np.exp(-0.5 * (away / width) ** 2).sum(axis=0))


def _between(first: date | str, last: date | str) -> NDArray[np.bool_]:
    return (np.datetime64(first) <= AHEAD) & (np.datetime64(last) >= AHEAD)


def _after_holiday(shape: Floats, days: list[str]) -> Floats:
    """Return ``shape`` cut short for three weeks from each of ``days``: the feast is over."""
    shape = shape.copy()
    for day in days:
        shape[_between(day, str(np.datetime64(day) + 20))] *= 0.12
    return shape


def _christmas(_: Floats) -> Floats:
    ends = [f"{year}-12-21" for year in range(2023, 2027)]
    return _after_holiday(0.025 + _bump("12-03", 17), ends)


def _ramadan(_: Floats) -> Floats:
    return _after_holiday(0.05 + _before_eid(12), list(EID))


def _storage(market: str) -> Floats:
    if market == "DE":
        return 0.4 * _bump("01-14", 24) + 0.25 * _bump("09-01", 22)
    return 0.5 * _before_eid(16)


_SEASONS: dict[str, Callable[[str], Floats]] = {
    "厨房用品": lambda _: 0.55 * _bump("12-06", 24),
    "宠物用品": lambda _: 0.2 * _bump("12-08", 20),
    "家居收纳": _storage,
    "节庆装饰": lambda _: 1.2 * _bump("12-10", 16),
    "穆斯林用品": lambda _: 1.5 * _before_eid(14),
}
_PROFILES: dict[str, Callable[[Floats], Floats]] = {
    "steady": np.ones_like,
    "young": np.ones_like,
    "intermittent": np.ones_like,
    "growing": lambda years: np.exp(0.35 * years),
    "declining": lambda years: np.exp(-0.4 * years),
    "dying": lambda years: np.exp(-1.7 * np.maximum(years - 0.3, 0)),
    "summer": lambda _: 0.6 + 1.1 * _bump("07-10", 32),
    "christmas": _christmas,
    "ramadan": _ramadan,
}
