"""Who the invented seller is: products, markets, dates. `recipe.csv` holds the products."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
SEED = 20260531

FIRST_DAY = date(2024, 4, 1)
LAST_DAY = date(2026, 5, 31)
WARM_UP = date(2023, 11, 6)  # a Monday; the stock has found its rhythm by FIRST_DAY
ERP_ENDS = date(2026, 2, 28)  # from the next day on, US orders come from the marketplace's report

DAYS = np.arange(np.datetime64(WARM_UP), np.datetime64(LAST_DAY) + 1)
AHEAD = np.arange(np.datetime64(WARM_UP), np.datetime64(LAST_DAY) + 181)  # what planners look at

MARKETS = ("US", "DE", "ID")
CURRENCY = {"US": "USD", "DE": "EUR", "ID": "IDR"}
COUNTRY = {"US": "美国", "DE": "德国", "ID": "印度尼西亚"}
# (shop, share of the orders)
SHOPS = {
    "US": [("Amazon.com", 1.0)],
    "DE": [("Amazon.de", 1.0)],
    "ID": [("Shopee ID", 0.6), ("TikTok Shop ID", 0.4)],
}


@dataclass(frozen=True, slots=True)
class Product:
    """One row of `recipe.csv`; the rates are units per day, in the season where there is one."""

    sku: str
    name_zh: str
    name_en: str
    category: str
    supplier: str
    unit_cost: float
    price_usd: float
    moq: int
    carton_quantity: int
    carton_volume_m3: float
    carton_weight_kg: float
    launched_on: date
    profile: str
    rates: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A product in a market; ``number`` seeds its own random stream."""

    number: int
    product: Product
    market: str
    rate: float

    @property
    def price(self) -> float:
        """Usual selling price in the market's currency."""
        if self.market == "US":
            return self.product.price_usd
        if self.market == "DE":
            return int(self.product.price_usd * 0.95) + 0.99
        return int(self.product.price_usd * 9.4) * 1000 + 900

    def stream(self, purpose: int) -> np.random.Generator:
        """Return a random stream of this item's own: other items do not disturb it."""
        return np.random.default_rng([SEED, self.number, purpose])


def products() -> list[Product]:
    """Return the products in the order of the recipe."""
    with (FOLDER / "recipe.csv").open(encoding="utf-8", newline="") as file:
        return [_product(row) for row in csv.DictReader(file)]


def items() -> Iterator[Item]:
    """Yield every product in every market where it sells."""
    for row, product in enumerate(products()):
        for column, market in enumerate(MARKETS):
            if product.rates[column] > 0:
                yield Item(row * len(MARKETS) + column, product, market, product.rates[column])


def _product(row: dict[str, str]) -> Product:
    return Product(
        sku=row["sku"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        category=row["category"],
        supplier=row["supplier"],
        unit_cost=float(row["unit_cost"]),
        price_usd=float(row["price_usd"]),
        moq=int(row["moq"]),
        carton_quantity=int(row["carton_quantity"]),
        carton_volume_m3=float(row["carton_volume_m3"]),
        carton_weight_kg=float(row["carton_weight_kg"]),
        launched_on=date.fromisoformat(row["launched_on"]),
        profile=row["profile"],
        rates=tuple(float(row[f"rate_{market.lower()}"]) for market in MARKETS),
    )
