"""Which table a sheet is, by its headers, in two languages and wherever they stand."""

import pytest

from analytics.errors import NotUnderstoodError
from analytics.ingest import clean, family_title, recognise
from analytics.ingest.formats import formats
from analytics.ingest.headers import bare, fingerprint, normalised
from analytics.schema import TABLES
from tests.ingest.making import raw

SHEETS = {
    "订单号,下单时间,付款时间,店铺,站点,SKU,商品名称,数量,单价,币种,订单状态": (
        "sales",
        "order_id,date,,shop,market,sku,name,quantity,unit_price,currency,status",
    ),
    "国家,商品编码,商品名称,销量,日期": ("sales", "market,sku,name,quantity,date"),
    "Order ID,Order Date,Product Code,Qty,Country,Unit Price,Order Status": (
        "sales",
        "order_id,date,sku,quantity,market,unit_price,status",
    ),
    "Month,SKU,Units Sold": ("sales", "date,sku,quantity"),
    "SKU,商品名称,类目,供应商,采购成本,币种,起订量,装箱数,单箱体积（m³）,单箱毛重(kg),上架日期": (
        "products",
        "sku,name,category,supplier,unit_cost,currency,moq,carton_quantity,carton_volume_m3,"
        "carton_weight_kg,launched_on",
    ),
    "Item Code,Title,Vendor,Cost Price,MOQ,Units per Carton,Retail Price": (
        "products",
        "sku,name,supplier,unit_cost,moq,carton_quantity,price",
    ),
    "SKU,仓库,可用库存,在途,预留,日期": ("stock", "sku,warehouse,on_hand,inbound,reserved,date"),
    "Seller SKU,Warehouse,On Hand,In Transit,Reserved Quantity": (
        "stock",
        "sku,warehouse,on_hand,inbound,reserved",
    ),
    "采购单号,SKU,供应商,运输方式,采购数量,采购单价,下单日期,完工日期,发货日期,到港日期,清关日期,"
    "入库日期,预计到货日期,已收数量": (
        "purchase_orders",
        "order_id,sku,supplier,route,quantity,unit_cost,ordered_on,ready_on,shipped_on,arrived_on,"
        "cleared_on,received_on,expected_on,quantity_received",
    ),
    "采购单号,SKU,数量,下单日期,备好日期,发货日期,上架日期": (
        "purchase_orders",
        "order_id,sku,quantity,ordered_on,ready_on,shipped_on,received_on",
    ),
    "PO Number,Item,Order Qty,PO Date,Vendor,Ship Mode,ETA,Received Date": (
        "purchase_orders",
        "order_id,sku,quantity,ordered_on,supplier,route,expected_on,received_on",
    ),
    "活动名称,开始日期,结束日期,国家,需求增幅(%)": (
        "events",
        "name,starts_on,ends_on,market,demand_uplift_pct",
    ),
    "Event,Start Date,End Date,Country,Delay Days": (
        "events",
        "name,starts_on,ends_on,market,delay_days",
    ),
    "币种,日期,汇率": ("rates", "currency,date,rate"),
    "Currency,Effective Date,Exchange Rate": ("rates", "currency,date,rate"),
    "目的国,运输方式,生产天数,运输天数,运输天数最长,清关天数,每公斤运费": (
        "routes",
        "market,route,production_days,transit_days,transit_days_worst,customs_days,cost_per_kg",
    ),
}


@pytest.mark.parametrize("header", SHEETS)
def test_plain_sheets_are_recognised_by_their_headers(header):
    kind, names = SHEETS[header]
    headers = header.split(",")
    found = recognise(raw([headers, ["x"] * len(headers)]))
    wanted = {name: i for i, name in enumerate(names.split(",")) if name}
    assert (found.kind, found.family, dict(found.columns)) == (kind, "plain", wanted)
    assert found.missing == ()


@pytest.mark.parametrize("kind", TABLES)
def test_the_canonical_names_are_headers_too(kind):
    names = [column.name for column in TABLES[kind].columns]
    found = recognise(raw([names, ["x"] * len(names)]))
    vague = {"name"} if kind == "sales" else set()  # the product's or the buyer's?
    assert found.kind == kind
    assert list(found.columns) == [name for name in names if name not in vague]


@pytest.mark.parametrize(
    ("above", "header_row"),
    [
        ([], 0),
        ([["订单导出 2024-01-01 至 2024-01-31"]], 1),
        ([["sep=,"], [""], ["Sales report"], ["Printed on", "2024-02-01"]], 4),
        ([[f"note {i}"] for i in range(38)], 38),
    ],
)
def test_the_header_is_found_below_titles_and_blank_lines(above, header_row):
    rows = [*above, ["Order date", "SKU", "Quantity"], ["2024-01-05", "A", "1"]]
    assert recognise(raw(rows)).header_row == header_row


def test_headers_are_compared_without_case_width_blanks_breaks_and_units():
    assert normalised(" Order\n-ID*") == normalised("ＯＲＤＥＲ ID") == "orderid"
    assert bare("采购成本（￥）") == "采购成本"
    header = ["*sku\n(必填)", "ORDER   DATE", "数量（件）"]
    found = recognise(raw([header, ["A", "2024-01-05", "1"]]))
    assert dict(found.columns) == {"sku": 0, "date": 1, "quantity": 2}


def test_of_two_equal_headers_the_first_counts_and_the_best_alias_wins():
    header = ["付款时间", "产品名称", "产品名称", "下单时间", "SKU", "数量"]
    found = recognise(raw([header, ["x"] * 6]))
    assert (found.columns["date"], found.columns["name"]) == (3, 1)


def test_a_familys_telling_headers_outweigh_everything_plain():
    header = [
        "Invoice",
        "StockCode",
        "Description",
        "Quantity",
        "InvoiceDate",
        "Price",
        "Customer ID",
        "Country",
    ]
    found = recognise(raw([header, ["x"] * 8]))
    assert (found.kind, found.family, found.grain) == ("sales", "online_retail", "line")
    assert dict(found.columns) == {
        "date": 4,
        "sku": 1,
        "quantity": 3,
        "market": 7,
        "order_id": 0,
        "name": 2,
        "customer": 6,
        "unit_price": 5,
    }


def test_the_marketplace_report_has_two_columns_for_status_and_market():
    header = [
        *("amazon-order-id", "purchase-date", "order-status", "sales-channel", "product-name"),
        *("sku", "item-status", "quantity", "currency", "item-price", "ship-country"),
    ]
    found = recognise(raw([header, ["x"] * len(header)]))
    assert found.family == "amazon_all_orders"
    assert (found.also["status"], found.also["market"]) == ((2,), (3,))
    assert found.line_totals == {"unit_price": 9}
    # A change of another column on the preview leaves their meaning alone.
    changed = recognise(raw([header, ["x"] * len(header)]), columns={**found.columns, "name": 5})
    assert (changed.also, changed.line_totals) == (found.also, found.line_totals)
    changed = recognise(raw([header, ["x"] * len(header)]), columns={"status": 2, "unit_price": 9})
    assert (changed.also, changed.line_totals) == ({}, {})


@pytest.mark.parametrize(
    ("header", "grain"),
    [
        ("Order ID,Date,SKU,Qty", "line"),
        ("Date,SKU,Qty", "day"),
        ("Week,SKU,Qty", "week"),
        ("月份,SKU,销量", "month"),
    ],
)
def test_what_a_row_stands_for(header, grain):
    assert recognise(raw([header.split(","), ["x"] * 4])).grain == grain


def test_the_users_word_overrules():
    sheet = raw([["date", "a", "b"], ["2024-01-05", "A", "1"]])
    found = recognise(sheet)
    assert set(found.missing) == {"sku", "quantity"}
    with pytest.raises(NotUnderstoodError, match="sku, quantity"):
        clean(sheet, found)
    found = recognise(sheet, columns={"date": 0, "sku": 1, "quantity": 2, "market": 99})
    assert (found.missing, dict(found.columns)) == ((), {"date": 0, "sku": 1, "quantity": 2})
    assert clean(sheet, found).rows.num_rows == 1
    assert recognise(sheet, kind="stock", columns={"sku": 1, "on_hand": 2}).kind == "stock"


def test_a_sheet_of_anything_is_recognised_as_nothing_without_an_error():
    for rows in ([["hello"], ["world"]], [["1", "2"], ["3", "4"]]):
        assert recognise(raw(rows)).missing == ("date", "sku", "quantity")


def test_files_of_one_shape_share_a_fingerprint():
    assert fingerprint(["Order ID", "数量（件）"]) == fingerprint(["order-id", "数量(件)"])
    assert fingerprint(["a", "b"]) != fingerprint(["b", "a"])


@pytest.mark.parametrize("one", formats(), ids=lambda one: f"{one.family}-{one.kind}")
def test_a_format_names_only_columns_that_exist(one):
    known = {column.name for column in TABLES[one.kind].columns}
    for part in (one.columns, one.also, one.line_totals, one.fixed):
        assert part.keys() <= known
    assert one.family == "plain" or one.requires


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_family_carries_its_own_name(language):
    families = {one.family for one in formats()}
    titles = {family: family_title(family, language) for family in families}
    assert all(titles.values())
    assert (
        titles["amazon_all_orders"]
        == {
            "en": "Amazon All Orders",
            "zh": "亚马逊 All Orders 报表",
        }[language]
    )


def test_a_family_without_a_title_is_called_by_its_name():
    assert family_title("some_marketplace", "zh") == "some marketplace"


def told(file, *rows, sheet=""):
    """Return how a sheet of some name is recognised."""
    return recognise(raw([row.split(",") for row in rows], file=file, sheet=sheet or file))


@pytest.mark.parametrize(
    ("file", "rows", "kind"),
    [
        ("6月销量 2026年.xlsx", ("SKU,美国,英国,总计", "A,3,4,7"), "sales"),
        ("sales by country.csv", ("SKU,US,GB", "A,3,4"), "sales"),
        ("库存2026-06-30.csv", ("SKU,数量", "A,3"), "stock"),
        ("库存.csv", ("日期,SKU,数量", "2026-06-30,A,3"), "stock"),
        ("inventory 2026-06-30.csv", ("Item Code,Description,Qty,Price", "A,Mug,3,2"), "stock"),
        ("销售与库存.xlsx / 库存", ("SKU,数量", "A,3"), "stock"),
        ("销售与库存 2026-06-30.xlsx / 销售", ("SKU,数量", "A,3"), "sales"),
        ("仓库出库明细.csv", ("日期,SKU,数量", "2026-06-30,A,3"), "sales"),
        ("仓库发货明细.csv", ("日期,SKU,数量", "2026-06-30,A,3"), "sales"),
        ("库存.csv", ("订单号,日期,SKU,数量", "1,2026-06-30,A,3"), "sales"),
        ("销售.csv", ("SKU,仓库,可用库存", "A,X,3"), "stock"),  # its own header says stock
        ("2026-06-30.csv", ("SKU,数量", "A,3"), "sales"),
        ("庫存.csv", ("商品編號,倉庫,數量", "A,X,3"), "stock"),
        ("在庫.csv", ("商品コード,商品名,数量", "A,M,3"), "stock"),
        ("銷量 2026-06.csv", ("貨號,數量", "A,3"), "sales"),
    ],
)
def test_the_name_tells_stock_from_sales_where_the_header_does_not(file, rows, kind):
    book, _, sheet = file.partition(" / ")
    assert told(book, *rows, sheet=sheet).kind == kind


def test_a_month_of_sales_across_markets_is_dated_by_its_name():
    found = told("6月销量 2026年.xlsx", "SKU,美国,英国,总计", "A,3,4,7", sheet="Sheet1")
    assert (found.kind, found.grain, found.missing) == ("sales", "month", ())
    assert (found.across.role, found.across.columns) == ("market", (1, 2))


def test_sales_across_markets_in_no_known_month_lack_their_date_alone():
    found = told("6月销量.xlsx", "SKU,美国,英国,总计", "A,3,4,7", sheet="Sheet1")
    assert (found.kind, found.across.role, found.missing) == ("sales", "market", ("date",))


@pytest.mark.parametrize(
    ("file", "header", "columns", "missing"),
    [
        (
            "销售出库单.csv",
            "单据日期,单据编号,客户,物料编码,物料名称,规格,实发数量,含税单价",
            {"date": 0, "order_id": 1, "sku": 3, "name": 4, "quantity": 6, "unit_price": 7},
            (),
        ),
        (
            "出库.csv",
            "出库日期,物料编号,物料名称,实发数量,客户",
            {"date": 0, "sku": 1, "name": 2, "quantity": 3},
            (),
        ),
        (
            "销量.csv",
            "商家编码,货品名称,销售数量,退货数量,净销量,统计日期",
            {"sku": 0, "name": 1, "quantity": 2, "date": 5},
            (),
        ),
        (
            "表1.csv",
            "订单号,商品编码,下单时间,单价",
            {"order_id": 0, "sku": 1, "date": 2, "unit_price": 3},
            ("quantity",),
        ),
        ("sales.csv", "SKU,Product Name,Price", {"sku": 0, "name": 1, "unit_price": 2}, None),
    ],
)
def test_a_sheet_of_sales_is_no_list_of_products(file, header, columns, missing):
    found = told(file, header, ",".join("x" * len(header.split(","))))
    assert found.kind == "sales"
    assert {name: found.columns.get(name) for name in columns} == columns
    assert missing is None or found.missing == missing


@pytest.mark.parametrize(
    ("file", "header", "kind"),
    [
        ("sales.xlsx", "SKU,商品名称,采购成本,起订量", "products"),
        ("Book1.xlsx", "SKU,Product Name,Price", "products"),
        ("Book1.xlsx", "SKU,Product Name,Price,Order", "products"),
        ("采购订单.csv", "单据日期,单据编号,供应商,物料编码,数量", "purchase_orders"),
    ],
)
def test_lists_of_products_and_purchases_stay_what_they_are(file, header, kind):
    found = told(file, header, ",".join("x" * len(header.split(","))))
    assert (found.kind, found.missing) == (kind, ())


def test_states_under_region_are_no_countries():
    states = told("x.csv", "Date,SKU,Qty,Region", *(f"2026-06-01,A,1,{s}" for s in ("CA", "DE")))
    assert "market" not in states.columns
    named = told("x.csv", "Date,SKU,Qty,Country", *(f"2026-06-01,A,1,{s}" for s in ("TX", "NY")))
    assert "market" not in named.columns
    lands = told("x.csv", "Date,SKU,Qty,Region", *(f"2026-06-01,A,1,{s}" for s in ("GB", "DE")))
    assert lands.columns["market"] == 3
    chosen = recognise(
        raw([["Date", "SKU", "Qty", "Region"], ["2026-06-01", "A", "1", "CA"]]),
        columns={"date": 0, "sku": 1, "quantity": 2, "market": 3},
    )
    assert chosen.columns["market"] == 3


@pytest.mark.parametrize("line", ["Lineitem Quantity", "Item Qty", "SKU Qty"])
def test_a_lines_quantity_goes_before_the_orders(line):
    found = told("x.csv", f"Order ID,Date,SKU,Quantity,{line}", "1,2026-06-01,A,5,2")
    assert found.columns["quantity"] == 4


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("内部订单号,线上订单号,下单时间,商品编码,数量", "order_id,,date,sku,quantity"),
        ("increment_id,created_at,sku,qty_ordered", "order_id,date,sku,quantity"),
        ("訂單日期,商品編號,銷售數量", "date,sku,quantity"),
        ("貨號,日期,銷量", "sku,date,quantity"),
        (
            "注文番号,商品コード,商品名,数量,注文日,単価",
            "order_id,sku,name,quantity,date,unit_price",
        ),
        ("Trans. Date,Item Number,Item Qty", "date,sku,quantity"),
        ("Transaction Date,ASIN,Units", "date,sku,quantity"),
        ("Date,ASIN,SKU,Units", "date,,sku,quantity"),
        ("行标签,日期,求和项:数量", "sku,date,quantity"),
        ("Row Labels,Date,Sum of Qty", "sku,date,quantity"),
    ],
)
def test_everyday_headers_are_known(header, columns):
    found = told("x.csv", header, ",".join("x" * len(header.split(","))))
    wanted = {name: place for place, name in enumerate(columns.split(",")) if name}
    assert (found.kind, dict(found.columns), found.missing) == ("sales", wanted, ())


def test_a_business_reports_name_puts_the_month_first():
    header = "(Child) ASIN,SKU,Title,Units Ordered,Ordered Product Sales"
    day = told("BusinessReport-11-21-26.csv", header, "B1,A,Mug,3,30")
    assert (day.grain, day.missing) == ("day", ())
    whole = told("BusinessReport-20261101-20261130.csv", header, "B1,A,Mug,3,30")
    assert (whole.grain, whole.missing) == ("month", ())
    part = told("BusinessReport-20261101-20261121.csv", header, "B1,A,Mug,3,30")
    assert part.missing == ("date",)
