"""Make the sample seller's files: ``python -m data.sample.generate [FOLDER]``, from the checkout.

Everything is invented, and drawn from seeded streams: the same versions of numpy, xlsxwriter and
pyarrow give the same bytes. What shoppers wanted before stock-outs goes to ``truth/``, for tests.
"""

import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from data.sample import files, places
from data.sample.demand import Demand, demand
from data.sample.orders import Line, discount_by_day, lines, number_orders
from data.sample.recipe import (
    DAYS,
    ERP_ENDS,
    FIRST_DAY,
    FOLDER,
    LAST_DAY,
    MARKETS,
    SEED,
    Item,
    Product,
    items,
    products,
)
from data.sample.supply import PurchaseOrder, Shelf, shelf

STOCK = ("date", "sku", "market", "on_hand", "inbound", "warehouse")
EVENTS = (
    "name",
    "market",
    "sku",
    "starts_on",
    "ends_on",
    "demand_uplift_pct",
    "delay_days",
    "route",
)
CNY_PER_UNIT = {"USD": 7.18, "EUR": 7.86, "IDR": 0.000442}  # about; a month's rate wanders


@dataclass(frozen=True, slots=True)
class Story:
    """One item from the first day to the last."""

    item: Item
    demand: Demand
    shelf: Shelf


def main(folder: Path = FOLDER) -> None:
    """Write every file into ``folder``."""
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    stories = [tell(item) for item in items()]
    files.product_workbook(folder / "products.xlsx", products(), _fees)
    write_orders(folder, stories)
    files.delimited(folder / "stock.csv", STOCK, stock_rows(stories))
    files.purchase_order_workbook(folder / "purchase_orders.xlsx", purchase_orders(stories))
    files.route_workbook(folder / "routes.xlsx", places.route_rows())
    files.delimited(folder / "events.csv", EVENTS, event_rows(stories))
    files.delimited(folder / "rates.csv", ("currency", "date", "rate"), rate_rows())
    files.truth(folder / "truth" / "demand.parquet", truth(stories))


def tell(item: Item) -> Story:
    """Return what happens to ``item``."""
    wanted = demand(item)
    return Story(item, wanted, shelf(item, wanted))


def write_orders(folder: Path, stories: list[Story]) -> None:
    """Write the orders as a seller has them: two ERP exports, and a marketplace's report."""
    by_market: dict[str, list[Line]] = {market: [] for market in MARKETS}
    for story in stories:
        by_market[story.item.market] += lines(story.item, story.demand, story.shelf)
    numbered = {market: number_orders(own) for market, own in by_market.items()}
    abroad = sorted(numbered["DE"] + numbered["ID"], key=lambda line: line.at)
    title = f"订单导出 {FIRST_DAY} 至 {LAST_DAY}"
    files.order_workbook(folder / "orders_de_id.xlsx", abroad, title=title)
    old = [line for line in numbered["US"] if line.at.date() <= ERP_ENDS]
    files.order_workbook(folder / "orders_us.xlsx", old)
    files.amazon_report(folder / "amazon_us.txt", numbered["US"][len(old) :])


def stock_rows(stories: list[Story]) -> list[tuple[files.Cell, ...]]:
    """Return each item's stock on Mondays and on the last day, at the end of the day."""
    rows: list[tuple[files.Cell, ...]] = []
    for day in _snapshots():
        for story in stories:
            if story.demand.expected[day] > 0:
                rows += _counts(story, day)
    for product in products():
        cartons = places.CENTRAL_CARTONS.get(product.sku, 0)
        if cartons:
            units = cartons * product.carton_quantity
            rows.append((DAYS[-1], product.sku, "", units, 0, places.CENTRAL))
    return rows


def _counts(story: Story, day: int) -> list[tuple[files.Cell, ...]]:
    """Return an item's stock by warehouse; what is under way goes to the first of them."""
    item = story.item
    counted = places.counts(
        item.product.sku, item.market, DAYS[day].astype(date), int(story.shelf.on_hand[day])
    )
    under_way = [int(story.shelf.inbound[day]), 0]
    return [
        (DAYS[day], item.product.sku, item.market, on_hand, inbound, warehouse)
        for (on_hand, warehouse), inbound in zip(counted, under_way, strict=False)
    ]


def _fees(product: Product) -> tuple[files.Cell, ...]:
    return places.storage_fee(product), places.salvage_value(product)


def purchase_orders(stories: list[Story]) -> list[PurchaseOrder]:
    """Return the orders that were still open on FIRST_DAY, and all later ones."""
    first = _first()
    return [order for story in stories for order in story.shelf.orders if order.received >= first]


def event_rows(stories: list[Story]) -> list[tuple[files.Cell, ...]]:
    """Return the seller's promotions and one delay, in order of time."""
    rows: list[tuple[files.Cell, ...]] = [
        ("鹿特丹港拥堵", "DE", "", date(2026, 4, 1), date(2026, 6, 20), "", 17, "sea"),
    ]
    for story in stories:
        sku, market = story.item.product.sku, story.item.market
        for offer in story.demand.promotions:
            name = f"限时折扣 {sku} {round(offer.discount * 100)}%"
            uplift = round(offer.uplift * 100)
            rows.append((name, market, sku, offer.first, offer.last, uplift, "", ""))
    return sorted(rows, key=lambda row: (str(row[3]), row[:2]))


def rate_rows() -> list[tuple[files.Cell, ...]]:
    """Return CNY per unit of each currency, on the first of each month."""
    random = np.random.default_rng([SEED, 2])
    months = pd.date_range(FIRST_DAY, LAST_DAY, freq="MS")
    rows: list[tuple[files.Cell, ...]] = []
    for currency, usual in CNY_PER_UNIT.items():
        path = usual * np.exp(np.cumsum(random.normal(0, 0.006, len(months))))
        rows += [
            (currency, month.date(), f"{rate:.4g}")
            for month, rate in zip(months, path, strict=True)
        ]
    return rows


def truth(stories: list[Story]) -> pd.DataFrame:
    """Return one row per item and day since the item's launch.

    ``demand`` is what shoppers wanted (promotions included, the freak order not), ``sold`` what
    they and the freak order got, ``stocked_out`` whether the shelf failed them that day.
    """
    return pd.concat([_truth(story) for story in stories], ignore_index=True)


def _truth(story: Story) -> pd.DataFrame:
    first = max(_first(), int((story.demand.expected > 0).argmax()))
    days = slice(first, len(DAYS))
    return pd.DataFrame(
        {
            "sku": pd.Categorical([story.item.product.sku] * (len(DAYS) - first)),
            "market": pd.Categorical([story.item.market] * (len(DAYS) - first)),
            "date": DAYS[days].astype("datetime64[ms]"),
            "demand": story.demand.units[days].astype("int16"),
            "freak": story.demand.freak[days].astype("int16"),
            "sold": story.shelf.sold[days].astype("int16"),
            "stocked_out": story.shelf.stocked_out[days],
            "promotion": discount_by_day(story.demand)[days] > 0,
        }
    )


def _snapshots() -> list[int]:
    return [*range(_first(), len(DAYS) - 1, 7), len(DAYS) - 1]


def _first() -> int:
    return int((np.datetime64(FIRST_DAY) - DAYS[0]).astype(int))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
