"""The seller's files, written so that the same rows always give the same bytes."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

from data.sample.orders import Line
from data.sample.recipe import COUNTRY, CURRENCY, LAST_DAY, SEED, WARM_UP, Product
from data.sample.supply import PurchaseOrder, day_of

Cell = str | int | float | date | datetime | None

WRITTEN = datetime.combine(date(2026, 6, 1), time(9))
PENDING_FROM = datetime.combine(
    LAST_DAY, time(15)
)  # paid, not yet shipped when the report was made
ORDERS = (
    "订单号",
    "下单时间",
    "店铺",
    "站点",
    "商品编码",
    "商品名称",
    "数量",
    "单价",
    "币种",
    "订单状态",
)
PRODUCTS = (
    "SKU",
    "品名",
    "类目",
    "供应商",
    "采购成本",
    "币种",
    "起订量",
    "装箱数",
    "单箱体积(m³)",
    "单箱毛重(kg)",
    "上架日期",
    "仓储费",
    "残值",
)
ROUTES = (
    "国家",
    "运输方式",
    "生产天数",
    "生产最长天数",
    "质检天数",
    "质检最长天数",
    "订舱天数",
    "订舱最长天数",
    "运输天数",
    "运输最长天数",
    "清关天数",
    "清关最长天数",
    "上架天数",
    "上架最长天数",
    "每公斤运费",
    "每立方运费",
    "币种",
)
PURCHASE_ORDERS = (
    "采购单号",
    "SKU",
    "站点",
    "供应商",
    "运输方式",
    "采购数量",
    "已收数量",
    "采购单价",
    "币种",
    "下单日期",
    "预计到货日期",
    "完工日期",
    "发货日期",
    "到港日期",
    "清关日期",
    "入仓日期",
)
STATUS = {"sold": "已完成", "cancelled": "已取消", "returned": "已退货"}
SUPPLIER = {"深圳恒达五金": "HD", "宁波蓝湾家居": "LW", "义乌启明日用": "QM", "广州锦绣服饰": "JX"}
ROUTE = {"sea": "海运", "air": "空运", "rail": "铁路", "express": "快递"}
_AMAZON_HEADER = (
    "amazon-order-id merchant-order-id purchase-date last-updated-date order-status "
    "fulfillment-channel sales-channel order-channel url ship-service-level product-name sku asin "
    "item-status quantity currency item-price item-tax shipping-price shipping-tax gift-wrap-price "
    "gift-wrap-tax item-promotion-discount ship-promotion-discount ship-city ship-state "
    "ship-postal-code ship-country promotion-ids is-business-order purchase-order-number "
    "price-designation"
)
AMAZON = _AMAZON_HEADER.split()


def order_workbook(path: Path, lines: Sequence[Line], *, title: str = "") -> None:
    """Write an ERP's order export: Chinese headers, on request below a title row."""
    rows = [_order_row(line) for line in lines]
    workbook(path, "订单明细", ORDERS, rows, title=title)


def amazon_report(path: Path, lines: Iterable[Line]) -> None:
    """Write a marketplace's All Orders report: tabs, English headers, times in UTC."""
    random = np.random.default_rng([SEED, 1])
    rows = [_amazon_row(line, random) for line in lines if line.status != "returned"]
    delimited(path, AMAZON, rows, separator="\t", newline="\r\n")


def product_workbook(
    path: Path, products: Iterable[Product], fees: Callable[[Product], tuple[Cell, ...]]
) -> None:
    """Write the product list; costs are in CNY, ex works; ``fees`` are storage and salvage."""
    rows = [
        (
            p.sku,
            p.name_zh,
            p.category,
            p.supplier,
            p.unit_cost,
            "CNY",
            p.moq,
            p.carton_quantity,
            p.carton_volume_m3,
            p.carton_weight_kg,
            p.launched_on,
            *fees(p),
        )
        for p in products
    ]
    workbook(path, "商品资料", PRODUCTS, rows)


def purchase_order_workbook(path: Path, orders: Iterable[PurchaseOrder]) -> None:
    """Write the purchase orders; a stage that has not happened yet is empty."""
    ordered = sorted(orders, key=lambda order: (order.ordered, order.item.number, order.route))
    workbook(path, "采购单", PURCHASE_ORDERS, [_purchase_row(order) for order in ordered])


def route_workbook(path: Path, rows: Iterable[Sequence[Cell]]) -> None:
    """Write the ways from the factory to the shelf; the second cell of a row is a route's code."""
    spoken = [(market, ROUTE[str(route)], *rest) for market, route, *rest in rows]
    workbook(path, "物流时效", ROUTES, spoken)


def workbook(
    path: Path,
    sheet: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    title: str = "",
) -> None:
    """Write one sheet; text stays text, dates are dates."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )
    book.set_properties({"created": WRITTEN})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    page = book.add_worksheet(sheet)
    top = 0
    if title:
        page.write_string(0, 0, title)
        top = 1
    page.write_row(top, 0, header, book.add_format({"bold": True}))
    page.freeze_panes(top + 1, 0)
    page.set_column(0, len(header) - 1, 14)
    for number, row in enumerate(rows, start=top + 1):
        for column, cell in enumerate(row):
            page.write(number, column, cell, moment if isinstance(cell, datetime) else None)
    book.close()
    path.write_bytes(_packed(buffer))


def delimited(
    path: Path,
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    separator: str = ",",
    newline: str = "\n",
) -> None:
    """Write a text table in UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=separator, lineterminator=newline)
        writer.writerow(header)
        writer.writerows(rows)


def truth(path: Path, frame: pd.DataFrame) -> None:
    """Write what only tests may know."""
    frame.to_parquet(path, compression="zstd", index=False)


def _packed(book: io.BytesIO) -> bytes:
    """Return the workbook zipped as tightly as zlib can; the sample travels with the source."""
    packed = io.BytesIO()
    with zipfile.ZipFile(book) as loose, zipfile.ZipFile(packed, "w") as tight:
        for part in loose.infolist():
            tight.writestr(part, loose.read(part), zipfile.ZIP_DEFLATED, compresslevel=9)
    return packed.getvalue()


def _order_row(line: Line) -> tuple[Cell, ...]:
    market, product = line.item.market, line.item.product
    price = round(line.price * (1 - line.discount), 2)
    return (
        f"{market}{line.at:%y%m%d}{line.order:03d}",
        line.at,
        line.shop,
        COUNTRY[market],
        product.sku,
        product.name_zh,
        line.quantity,
        price,
        CURRENCY[market],
        STATUS[line.status],
    )


def _amazon_row(line: Line, random: np.random.Generator) -> list[Cell]:
    """Return a row without a buyer; as in the report, item-price is the line's total."""
    product = line.item.product
    order_status, item_status = _amazon_status(line)
    cells: dict[str, Cell] = dict.fromkeys(AMAZON, "")
    cells |= {
        "amazon-order-id": _amazon_number(line),
        "purchase-date": _utc(line.at, random),
        "last-updated-date": _utc(line.at + timedelta(days=1), random),
        "order-status": order_status,
        "fulfillment-channel": "Amazon",
        "sales-channel": line.shop,
        "ship-service-level": "Expedited",
        "product-name": product.name_en,
        "sku": product.sku,
        "asin": f"B0{product.sku}LW1",
        "item-status": item_status,
        "quantity": 0 if order_status == "Cancelled" else line.quantity,
        "currency": CURRENCY["US"],
        "ship-country": "US",
        "is-business-order": "false",
    }
    if order_status == "Shipped":  # the report has no price before that
        total = line.price * line.quantity
        cells["item-price"] = f"{total:.2f}"
        cells["item-promotion-discount"] = f"{total * line.discount:.2f}" if line.discount else ""
    return [cells[name] for name in AMAZON]


def _amazon_status(line: Line) -> tuple[str, str]:
    if line.status == "cancelled":
        return "Cancelled", "Cancelled"
    if line.at >= PENDING_FROM:
        return "Pending", "Unshipped"
    return "Shipped", "Shipped"


def _amazon_number(line: Line) -> str:
    """Return an order number that the lines of one order share."""
    random = np.random.default_rng([SEED, line.at.toordinal(), line.order])
    number = int(random.integers(10**14))
    return f"11{number % 10}-{number // 10**7:07d}-{number % 10**7:07d}"


def _utc(at: datetime, random: np.random.Generator) -> str:
    return f"{at:%Y-%m-%dT%H:%M}:{random.integers(60):02d}+00:00"


def _purchase_row(order: PurchaseOrder) -> tuple[Cell, ...]:
    product, market = order.item.product, order.item.market
    stages = [day_of(day) for day in order.stages]
    expected = WARM_UP + timedelta(days=order.expected)
    return (
        _purchase_number(order),
        product.sku,
        COUNTRY[market],
        product.supplier,
        ROUTE[order.route],
        order.quantity,
        order.quantity if stages[-1] else 0,
        product.unit_cost,
        "CNY",
        day_of(order.ordered),
        expected,
        *stages,
    )


def _purchase_number(order: PurchaseOrder) -> str:
    """Return the number that one supplier's units for one market and route of a day share."""
    supplier = SUPPLIER[order.item.product.supplier]
    return f"PO{day_of(order.ordered):%y%m%d}{supplier}{order.item.market}{order.route[0].upper()}"
