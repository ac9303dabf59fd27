"""Typed rows, a reason for every row that is not among them, and what sales lines mean."""

import json
from datetime import date

import pyarrow as pa
import pytest

from analytics.i18n import Translator, catalog
from analytics.ingest import clean, recognise, sku_key
from analytics.schema import TABLES, Status
from tests.ingest.making import raw

HEADER = [
    "Order ID",
    "Date",
    "SKU",
    "Product Name",
    "Quantity",
    "Unit Price",
    "Currency",
    "Country",
    "Status",
]


def sales(*rows, header=HEADER, **options):
    sheet = raw([header, *rows])
    return clean(sheet, recognise(sheet, kind="sales"), **options)


def line(
    order="1",
    day="2024-01-05",
    sku="A",
    name="Mug",
    quantity="2",
    price="9.90",
    currency="USD",
    country="US",
    status="Shipped",
):
    return [order, day, sku, name, quantity, price, currency, country, status]


def column(cleaned, name):
    return cleaned.rows[name].to_pylist()


def account(cleaned):
    return cleaned.rows_read, cleaned.rows.num_rows, len(cleaned.issues), cleaned.rows_ignored


def test_rows_have_every_canonical_column_typed():
    found = sales(line())
    row = found.rows.to_pylist()[0]
    assert row == {
        "row_no": 2,
        "date": date(2024, 1, 5),
        "sku": "A",
        "sku_key": "a",
        "quantity": 2.0,
        "market": "US",
        "shop": None,
        "channel": None,
        "order_id": "1",
        "line_id": None,
        "name": "Mug",
        "customer": None,
        "unit_price": 9.9,
        "currency": "USD",
        "status": "sold",
        "discount": None,
        "grain": "line",
    }
    assert found.rows.schema.field("date").type == pa.date32()
    assert found.rows.schema.field("discount").type == pa.float64()
    assert found.rows.schema.field("row_no").type == pa.int32()


@pytest.mark.parametrize("kind", TABLES)
def test_an_empty_sheet_has_all_columns_of_its_kind_too(kind):
    names = [one.name for one in TABLES[kind].columns]
    sheet = raw([names])
    found = clean(sheet, recognise(sheet))
    assert {"row_no", *names} <= set(found.rows.column_names)
    assert account(found) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"day": ""}, ("date", "", "issue.missing_value")),
        ({"day": "soon"}, ("date", "soon", "issue.not_a_date")),
        ({"day": "1888-05-01"}, ("date", "1888-05-01", "issue.date_out_of_range")),
        ({"sku": " ", "name": ""}, ("sku", "", "issue.missing_value")),
        ({"sku": "#N/A", "name": ""}, ("sku", "#N/A", "issue.missing_value")),
        ({"quantity": "two"}, ("quantity", "two", "issue.not_a_number")),
        ({"quantity": "1e309"}, ("quantity", "1e309", "issue.not_a_number")),
        ({"quantity": "NaN"}, ("quantity", "NaN", "issue.missing_value")),
        ({"day": "soon", "quantity": "two"}, ("date", "soon", "issue.not_a_date")),
    ],
)
def test_a_row_is_rejected_with_its_first_fault(changes, fault):
    found = sales(line(), line(**changes))
    assert account(found) == (2, 1, 1, 0)
    issue = found.issues.iloc[0]
    assert (issue["column"], issue["value"], issue["code"]) == fault
    assert issue["row"] == 3
    facts = json.loads(issue["facts"])
    assert facts["value"] == fault[1]
    for language in ("zh", "en"):
        assert Translator(language)(issue["code"], **facts)


def test_optional_values_that_cannot_be_read_are_left_blank_and_counted():
    found = sales(
        line(price="gratis"), line(price="free"), line(currency="shells"), line(country="Oz")
    )
    assert account(found) == (4, 4, 0, 0)
    assert column(found, "unit_price") == [None, None, 9.9, 9.9]
    assert column(found, "currency") == ["USD", "USD", None, "USD"]
    assert column(found, "market") == ["US", "US", "US", "unspecified"]
    assert dict(found.notes) == {
        "left_blank": {"header": "Currency", "count": 1, "example": "shells"},
        "unknown_country": {"header": "Country", "count": 1, "example": "Oz"},
    } | {"left_blank": found.notes[-1][1]}
    assert ("left_blank", {"header": "Unit Price", "count": 2, "example": "gratis"}) in found.notes


@pytest.mark.parametrize(
    ("written", "shown", "key"),
    [
        ("21844.0", "21844", "21844"),
        ("007", "007", "007"),
        (" ab   12 ", "ab 12", "ab 12"),
        ("ＡＢ－１２", "AB-12", "ab-12"),
        ('="00123"', "00123", "00123"),
        ("'=SUM(A1)", "=SUM(A1)", "=sum(a1)"),
        ("85014D", "85014D", "85014d"),
        ("Straße", "Straße", "strasse"),
        ("A\u200bB\t", "AB", "ab"),
    ],
)
def test_a_sku_is_text_shown_as_written_and_compared_without_case(written, shown, key):
    found = sales(line(sku=written))
    assert (column(found, "sku"), column(found, "sku_key")) == ([shown], [key])
    assert sku_key(written.strip("'").removeprefix('="').strip('"')) == key


def test_order_numbers_lose_the_point_of_a_numeric_cell_and_keep_their_digits():
    found = sales(line(order="490397.0"), line(order="578460000000000123\t"), line(order="C489449"))
    assert column(found, "order_id") == ["490397", "578460000000000123", "C489449"]


def test_skus_that_a_program_rounded_are_named():
    assert ("rounded_skus", {"count": 1, "example": "1.23457E+12"}) in sales(
        line(sku="1.23457E+12")
    ).notes


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Shipped", "sold"),
        ("已完成", "sold"),
        ("待发货", "sold"),
        ("Partially refunded", "sold"),
        ("部分退款", "sold"),
        ("", "sold"),
        ("Cancelled", "cancelled"),
        ("Canceled by buyer", "cancelled"),
        ("已取消", "cancelled"),
        ("交易关闭", "cancelled"),
        ("VOIDED", "cancelled"),
        ("买家取消", "cancelled"),
        ("Refunded", "returned"),
        ("已退款", "returned"),
        ("退货退款", "returned"),
        ("Whatever", "sold"),
    ],
)
def test_what_status_words_mean(word, status):
    found = sales(line(status=word))
    assert column(found, "status") == [status]
    unknown = ("unknown_status", {"header": "Status", "values": "Whatever"})
    assert (unknown in found.notes) == (word == "Whatever")


def test_a_negative_quantity_is_a_cancellation_unless_it_is_a_return():
    found = sales(line(quantity="-2"), line(quantity="(3)", status="Refunded"), line(quantity="0"))
    assert column(found, "status") == ["cancelled", "returned", "sold"]
    assert column(found, "quantity") == [-2, -3, 0]


def test_lines_that_are_no_product_stay_and_say_so():
    lines = [
        line(sku="POST"),
        line(sku="运费"),
        line(name="Postage"),
        line(sku="ADJUST", quantity="-1"),
        line(),
    ]
    found = sales(*lines)
    assert column(found, "status") == [*[Status.NOT_PRODUCT] * 4, Status.SOLD]
    assert ("not_product", {"count": 4}) in found.notes


def test_an_invoice_that_begins_with_c_is_a_cancellation_in_its_family_only():
    header = ["Invoice", "StockCode", "Quantity", "InvoiceDate"]
    found = sales(
        ["C489449", "22087", "12", "2009-12-01"], ["489450", "M", "1", "2009-12-01"], header=header
    )
    assert column(found, "status") == ["cancelled", "not_product"]
    assert column(sales(line(order="C489449"), line(sku="M")), "status") == ["sold", "sold"]


def test_the_marketplace_report_takes_the_worse_status_and_the_address_else_the_channel():
    header = [
        *("amazon-order-id", "purchase-date", "order-status", "sales-channel", "sku"),
        *("item-status", "quantity", "currency", "item-price", "ship-country"),
    ]
    found = sales(
        [
            "1",
            "2024-01-05T23:00:00+00:00",
            "Shipped",
            "Amazon.de",
            "A",
            "Shipped",
            "2",
            "EUR",
            "20.00",
            "AT",
        ],
        [
            "2",
            "2024-01-05T23:00:00+00:00",
            "Shipped",
            "Amazon.de",
            "A",
            "Cancelled",
            "0",
            "EUR",
            "",
            "DE",
        ],
        [
            "3",
            "2024-01-05T23:00:00+00:00",
            "Cancelled",
            "Amazon.de",
            "A",
            "Shipped",
            "1",
            "EUR",
            "9",
            "DE",
        ],
        [
            "4",
            "2024-01-05T23:00:00+00:00",
            "Pending",
            "Amazon.co.uk",
            "A",
            "Unshipped",
            "1",
            "",
            "",
            "",
        ],
        header=header,
    )
    assert column(found, "status") == ["sold", "cancelled", "cancelled", "sold"]
    assert column(found, "market") == ["AT", "DE", "DE", "GB"]
    assert column(found, "unit_price") == [10.0, None, 9.0, None]
    assert set(column(found, "channel")) == {"amazon"}


@pytest.mark.parametrize(
    ("market", "found"),
    [
        (None, ["DE", "unspecified"]),
        ("auto", ["DE", "unspecified"]),
        ("fr", ["DE", "FR"]),
        ("EU", ["DE", "EU"]),
    ],
)
def test_the_market_of_rows_that_name_none(market, found):
    assert (
        column(sales(line(country="Germany"), line(country=""), market=market), "market") == found
    )


def test_buyers_are_hashed_with_the_salt_and_never_clear():
    header = [*HEADER, "Customer ID", "Buyer Name"]
    rows = [[*line(), "12395", "Ann"], [*line(), "12395.0", "Ann"], [*line(), "", "Bob"]]
    one = column(sales(*rows, header=header, salt="a"), "customer")
    other = column(sales(*rows, header=header, salt="b"), "customer")
    assert one[2] is None
    assert one[0] == one[1] != other[0]
    assert "12395" not in str(one)
    assert "Ann" not in str(sales(*rows, header=header).rows.to_pydict())


def test_rows_that_are_no_data_are_ignored():
    found = sales(
        ["Platform order number", "必填", "", "", "必填", "", "", "", ""],
        line(),
        [""] * 9,
        HEADER,
        ["合计", "", "", "", "12", "99.00", "", "", ""],
        ["", "", "Total", "", "12", "", "", "", ""],
        line(sku="B"),
        ["83 record(s) downloaded", *[""] * 8],
        ["Printed by Ann", *[""] * 8],
    )
    assert account(found) == (9, 2, 0, 7)
    assert column(found, "row_no") == [3, 8]


def test_a_broken_line_of_data_is_rejected_and_never_ignored():
    broken = [
        ["", "", "A", "", "", "", "", "", ""],
        ["7", "2024-01-05", "A", "Total mug", "", "", "", "", ""],
        ["", "2024-01-0", "", "", "", "", "", "", ""],
    ]
    assert account(sales(line(), *broken)) == (4, 1, 3, 0)


def test_totals_of_a_stock_list_are_not_a_sku():
    sheet = raw([["SKU", "可用库存"], ["A", "5"], ["合计", "5"]])
    found = clean(sheet, recognise(sheet))
    assert (account(found), column(found, "sku")) == ((2, 1, 0, 1), ["A"])


def test_totals_per_week_and_month_say_so():
    months = sales(["2024-05", "A", "30"], ["2024年6月", "A", "40"], header=["Date", "SKU", "Qty"])
    assert column(months, "grain") == ["month", "month"]
    assert column(months, "date") == [date(2024, 5, 1), date(2024, 6, 1)]
    assert column(sales(["2024-05-06", "A", "30"], header=["Week", "SKU", "Qty"]), "grain") == [
        "week"
    ]
    assert column(sales(["2024-05-06", "A", "30"], header=["Date", "SKU", "Qty"]), "grain") == [
        "day"
    ]


def test_stock_without_a_date_takes_it_from_the_files_name():
    sheet = raw([["SKU", "On hand"], ["A", "5"]], file="stock_20240531.csv")
    found = clean(sheet, recognise(sheet))
    assert column(found, "date") == [date(2024, 5, 31)]
    assert found.notes == (("dated_by_name", {"date": "2024-05-31"}),)
    assert column(clean(sheet, recognise(sheet), file_date=date(2024, 6, 1)), "date") == [
        date(2024, 6, 1)
    ]
    undated = raw([["SKU", "On hand"], ["A", "5"]])
    assert column(clean(undated, recognise(undated)), "date") == [None]


def test_purchase_orders_routes_and_markets():
    header = ["PO Number", "SKU", "Qty", "PO Date", "运输方式", "国家", "Received Date"]
    sheet = raw(
        [
            header,
            ["1", "A", "500", "2024-01-05", "海运", "美国站", "2024-03-05"],
            ["2", "A", "-5", "2024-01-05", "空派", "德国", ""],
            ["3", "A", "5", "2024-01-05", "Drone", "", "n/a"],
            ["4", "A", "5", "", "", "", ""],
        ]
    )
    found = clean(sheet, recognise(sheet))
    assert column(found, "route") == ["sea", "drone"]
    assert column(found, "market") == ["US", None]
    assert found.issues["code"].tolist() == ["issue.negative", "issue.missing_value"]


def test_events_rates_and_routes():
    events = raw(
        [
            ["name", "starts_on", "ends_on", "demand_uplift_pct", "delay_days"],
            ["Sale", "2024-01-05", "2024-01-08", "50%", ""],
            ["Wrong", "2024-01-05", "2024-01-01", "", "5"],
        ]
    )
    found = clean(events, recognise(events))
    assert column(found, "demand_uplift_pct") == [50.0]
    assert found.issues["code"].tolist() == ["issue.ends_before_start"]
    rates = raw(
        [["币种", "日期", "汇率"], ["美元", "2024-01-05", "7.1"], ["欧元", "2024-01-05", "0"]]
    )
    found = clean(rates, recognise(rates))
    assert column(found, "currency") == ["USD"]
    assert found.issues["code"].tolist() == ["issue.not_positive"]
    routes = raw([["market", "route", "transit_days"], ["美国", "海运", "30"], ["Oz", "sea", "30"]])
    found = clean(routes, recognise(routes))
    assert column(found, "transit_days") == [30.0]
    assert found.issues["code"].tolist() == ["issue.unknown_country"]


def test_products_apply_to_all_markets_unless_they_name_one():
    sheet = raw(
        [
            ["SKU", "Country", "MOQ", "Unit Cost", "Tier", "Currency"],
            ["A", "", "100", "¥12.5", "爆款", "RMB"],
            ["B", "DE", "99.5", "3", "unheard of", "€"],
        ]
    )
    found = clean(sheet, recognise(sheet), market="US")
    assert column(found, "market") == [None, "DE"]
    assert column(found, "moq") == [100.0, None]
    assert column(found, "tier") == ["bestseller", None]
    assert column(found, "currency") == ["CNY", "EUR"]


def test_every_issue_and_note_has_its_words():
    assert {"missing_value", "not_a_date", "not_a_number", "negative"} <= {
        key.removeprefix("issue.") for key in catalog("en") if key.startswith("issue.")
    }
    for language in ("zh", "en"):
        t = Translator(language)
        for code, facts in (
            *sales(line(status="?!x"), line(country="Oz"), line(sku="POST")).notes,
        ):
            assert t(f"note.{code}", **facts)
