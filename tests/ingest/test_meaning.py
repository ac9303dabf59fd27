"""What rows mean beside their cells: orders over several lines, returns, keys, rows left out."""

from dataclasses import replace
from datetime import date

import pytest

from analytics.errors import SpanInNameError
from analytics.i18n import Translator
from analytics.ingest import clean, recognise
from tests.ingest.making import raw

HEAD = ["Order ID", "Date", "SKU", "Product Name", "Qty", "Country", "Status"]
SHOPIFY = ["Name", "Financial Status", "Created at", "Lineitem quantity", "Lineitem name"]
SHOPIFY += ["Lineitem sku", "Shipping Country", "Cancelled at"]


def read(*rows, **options):
    sheet = raw(list(rows))
    return clean(sheet, recognise(sheet), **options)


def notes(found):
    for code, facts in found.notes:
        for language in ("en", "zh"):
            assert Translator(language)(f"note.{code}", **facts)
    return dict(found.notes)


def test_merged_cells_belong_to_the_order_above():
    found = read(
        HEAD,
        ["1", "2026-06-01", "A", "", "2", "DE", "Shipped"],
        ["", "", "B", "", "3", "", ""],
        ["2", "2026-06-02", "A", "", "1", "FR", "Cancelled"],
        ["", "", "C", "", "4", "", ""],
    )
    assert found.rows["order_id"].to_pylist() == ["1", "1", "2", "2"]
    assert found.rows["market"].to_pylist() == ["DE", "DE", "FR", "FR"]
    assert found.rows["status"].to_pylist() == ["sold", "sold", "cancelled", "cancelled"]


def test_a_single_blank_cell_is_a_slip_and_no_merged_one():
    found = read(
        HEAD,
        ["1", "2026-06-01", "A", "", "2", "DE", "Shipped"],
        ["1", "", "B", "", "3", "DE", "Shipped"],
        ["1", "2026-06-01", "C", "", "3", "", "Shipped"],
    )
    assert found.issues["code"].tolist() == ["issue.missing_value"]
    assert found.rows["market"].to_pylist() == ["DE", "unspecified"]


def test_orders_whose_later_lines_are_blank_are_cancelled_and_refunded_as_a_whole():
    found = read(
        SHOPIFY,
        ["#1", "paid", "2026-06-01", "2", "Mug", "M", "DE", ""],
        ["#1", "", "", "1", "Lamp", "L", "", ""],
        ["#2", "paid", "2026-06-02", "2", "Mug", "M", "US", "2026-06-03"],
        ["#2", "", "", "1", "Lamp", "L", "", ""],
        ["#3", "refunded", "2026-06-04", "1", "Mug", "", "US", ""],
    )
    assert found.rows["status"].to_pylist() == ["sold"] * 2 + ["cancelled"] * 2 + ["returned"]
    assert found.rows["market"].to_pylist() == ["DE", "DE", "US", "US", "US"]
    assert found.rows["sku"].to_pylist() == ["M", "L", "M", "L", "Mug"]
    told = notes(found)["name_as_sku"]
    assert told == {"count": 1, "example": "Mug", "header": "Lineitem name"}


@pytest.mark.parametrize("header", ["SKU", "Colour"])
def test_a_name_stands_in_for_a_sku_that_nobody_knows(header):
    blank = "#N/A" if header == "SKU" else ""
    found = read(["Date", header, "Product Name", "Qty"], ["2026-06-01", blank, "Mug", "2"])
    assert found.rows["sku"].to_pylist() == ["Mug"]
    assert notes(found)["name_as_sku"]["count"] == 1


def test_a_line_that_came_back_as_a_whole_is_returned_one_in_part_is_sold():
    head = ["Order ID", "Date", "SKU", "Qty", "Returned Qty"]
    found = read(head, *([f"{n}", "2026-06-01", "A", "3", back] for n, back in enumerate("013")))
    assert found.rows["status"].to_pylist() == ["sold", "sold", "returned"]
    assert found.rows["quantity"].to_pylist() == [3.0, 3.0, 3.0]
    assert notes(found)["returned_units"] == {"count": 1, "units": 1}


def test_one_row_per_unit_needs_a_number_of_its_own_for_each():
    head = ["Order ID", "Order Item ID", "Date", "SKU"]
    found = read(head, ["1", "a", "2026-06-01", "A"], ["1", "b", "2026-06-01", "A"])
    assert found.rows["quantity"].to_pylist() == [1.0, 1.0]
    assert "one_per_row" in notes(found)
    assert recognise(raw([["Order ID", "Date", "SKU"], ["1", "2026-06-01", "A"]])).missing == (
        "quantity",
    )


def test_rows_that_the_family_leaves_out_are_ignored_and_told():
    head = ["Date", "MSKU", "Disposition", "Ending Warehouse Balance", "Location"]
    row = ["06/13/2026", "A", "SELLABLE", "11", "US"]
    damaged = ["06/13/2026", "A", "WAREHOUSE_DAMAGED", "2", "US"]
    found = read(head, row, damaged, row)
    assert found.rows["on_hand"].to_pylist() == [11.0]
    assert found.rows["market"].to_pylist() == ["US"]
    assert (found.rows_read, found.rows_ignored) == (3, 2)
    told = notes(found)
    assert told["left_out_rows"] == {
        "count": 1,
        "header": "Disposition",
        "values": "WAREHOUSE_DAMAGED",
    }
    assert told["repeated_rows"] == {"count": 1}


def test_numbers_of_several_columns_are_added_up():
    head = ["sku", "fnsku", "afn-fulfillable-quantity", "afn-inbound-working-quantity"]
    head += ["afn-inbound-shipped-quantity", "afn-inbound-receiving-quantity"]
    found = read(
        head,
        ["A", "X", "5", "1", "2", "4"],
        ["B", "X", "5", "", "", ""],
        ["C", "X", "5", "1", "?", "4"],
    )
    assert found.rows["inbound"].to_pylist() == [7.0, None, None]
    assert notes(found)["left_blank"]["count"] == 1


def test_the_quantity_counts_the_units_of_the_sku_that_is_read():
    both = ["订单编号", "付款时间", "SKU", "平台SKU", "平台SKU数量", "商品数量"]
    found = read(both, ["1", "2026-06-01", "A", "2X-A", "1", "2"])
    assert (found.rows["sku"].to_pylist(), found.rows["quantity"].to_pylist()) == (["A"], [2.0])
    found = read([one for one in both if one != "SKU"], ["1", "2026-06-01", "2X-A", "1", "2"])
    assert (found.rows["sku"].to_pylist(), found.rows["quantity"].to_pylist()) == (["2X-A"], [1.0])


def test_the_users_market_goes_before_the_familys_and_a_currency_fills_gaps():
    head = [
        "Nomor Pesanan",
        "Waktu Pesanan Dibuat",
        "Nama Panggilan Toko BigSeller",
        "SKU",
        "Jumlah",
    ]
    sheet = raw([head, ["1", "2026-06-01", "Toko", "A", "2"]])
    told = recognise(sheet)
    assert clean(sheet, told).rows["market"].to_pylist() == ["ID"]
    assert clean(sheet, told, market="MY").rows["market"].to_pylist() == ["MY"]
    plain = raw([HEAD, ["1", "2026-06-01", "A", "", "2", "DE", ""]])
    told = replace(recognise(plain), currency="EUR")
    assert clean(plain, told).rows["currency"].to_pylist() == ["EUR"]


def test_a_period_in_the_name_dates_a_sheet_without_dates():
    sheet = raw([["SKU", "Qty"], ["A", "2"]], file="2026-05-01_2026-05-31.csv")
    found = clean(sheet, recognise(sheet))
    assert found.rows["grain"].to_pylist() == ["month"]
    assert notes(found)["month_by_name"] == {"date": "2026-05-01"}
    sheet = raw([["SKU", "Qty"], ["A", "2"]], file="2026-05-01_2026-06-17.csv")
    assert recognise(sheet).missing == ("date",)


REPORT = ["(Child) ASIN", "Title", "Units Ordered", "Ordered Product Sales"]


def test_a_report_of_days_that_are_no_period_is_dated_by_the_user():
    sheet = raw([REPORT, ["B1", "Mug", "3", "30"]], file="BusinessReport-20261101-20261121.csv")
    with pytest.raises(SpanInNameError, match="2026-11-01 to 2026-11-21"):
        clean(sheet, recognise(sheet))
    found = clean(sheet, recognise(sheet), file_date=date(2026, 11, 1))
    assert found.rows["date"].to_pylist() == [date(2026, 11, 1)]
    sheet = raw([REPORT, ["B1", "Mug", "3", "30"]], file="BusinessReport-11-21-26.csv")
    assert clean(sheet, recognise(sheet)).rows["date"].to_pylist() == [date(2026, 11, 21)]


@pytest.mark.parametrize(
    ("header", "days", "grain"),
    [
        ("日期", ("2026-01-01", "2026-02-01", "2026-03-01"), "month"),
        ("Date", ("2026-06-01", "2026-06-08", "2026-06-15"), "week"),
        ("Date", ("2026-06-01", "2026-06-08"), "day"),  # two may be chance
        ("Date", ("2026-06-01", "2026-06-02", "2026-06-08"), "day"),
    ],
)
def test_days_a_week_or_month_apart_are_its_totals(header, days, grain):
    rows = [[day, sku, "5"] for sku in ("A", "B") for day in days]
    found = read([header, "SKU", "Qty"], *rows)
    assert set(found.rows["grain"].to_pylist()) == {grain}
    said = [code for code in notes(found) if code.endswith("_by_dates")]
    assert said == ([] if grain == "day" else [f"{grain}s_by_dates"])
    assert found.rows["date"].to_pylist() == [date.fromisoformat(row[0]) for row in rows]


def test_order_lines_and_what_the_user_says_keep_their_grain():
    days = ("2026-01-01", "2026-02-01", "2026-03-01")
    lines = read(["Order ID", "Date", "SKU", "Qty"], *([day, day, "A", "1"] for day in days))
    assert set(lines.rows["grain"].to_pylist()) == {"line"}
    sheet = raw([["Date", "SKU", "Qty"], *([day, "A", "1"] for day in days)])
    chosen = replace(recognise(sheet), grain="day", is_grain_told=True)
    assert set(clean(sheet, chosen).rows["grain"].to_pylist()) == {"day"}


def test_a_week_that_is_named_by_its_end_begins_six_days_before():
    found = read(["Week Ending", "SKU", "Units"], ["2026-06-06", "A", "7"])
    assert found.rows["date"].to_pylist() == [date(2026, 5, 31)]
    assert found.rows["grain"].to_pylist() == ["week"]
    assert notes(found)["week_ending"] == {"header": "Week Ending"}


VARIANTS = ["Handle", "Title", "Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value"]
VARIANTS += ["Option3 Name", "Option3 Value", "SKU", "HS Code", "COO", "Lisbon"]


def test_variants_without_a_sku_are_called_as_orders_call_them():
    found = read(
        VARIANTS,
        ["cup", "Cup", "Colour", "Red", "Size", "L", "", "", "", "", "", "4"],
        ["cup", "Cup", "Colour", "Red", "Size", "M", "", "", "", "", "", "5"],
        ["mug", "Mug", "Title", "Default Title", "", "", "", "", "", "", "", "6"],
        ["pot", "Pot", "Title", "Default Title", "", "", "", "", "P-1", "", "", "7"],
    )
    assert found.rows["sku"].to_pylist() == ["Cup - Red / L", "Cup - Red / M", "Mug", "P-1"]
    assert notes(found)["name_as_sku"]["count"] == 3
    sold = read(SHOPIFY, ["#1", "paid", "2026-06-01", "2", "Cup - Red / L", "", "DE", ""])
    assert sold.rows["sku_key"][0] == found.rows["sku_key"][0]


PRODUCTS = ["Handle", "Title", "Option1 Name", "Option1 Value", "Variant SKU"]
PRODUCTS += ["Variant Price", "Variant Inventory Qty", "Image Src"]


def test_variants_of_a_list_of_products_take_the_title_of_its_first_row():
    sheet = raw(
        [
            PRODUCTS,
            ["cup", "Cup", "Colour", "Red", "", "9", "4", "a.png"],
            ["cup", "", "", "Blue", "", "9", "5", "b.png"],
            ["cup", "", "", "", "", "", "", "c.png"],
        ]
    )
    found = clean(sheet, recognise(sheet))
    assert found.rows["sku"].to_pylist() == ["Cup - Red", "Cup - Blue"]
    assert notes(found)["stock_not_taken"] == {"header": "Variant Inventory Qty"}
    stock = clean(sheet, recognise(sheet, kind="stock"))
    assert stock.rows["on_hand"].to_pylist() == [4.0, 5.0]
    assert "stock_not_taken" not in notes(stock)


WOO = ["ID", "Type", "SKU", "Name", "Stock", "Regular price", "Tax class"]


@pytest.mark.parametrize(("stock", "is_said"), [("4", True), ("", False)])
def test_stock_beside_products_is_pointed_at(stock, is_said):
    found = read(WOO, ["1", "simple", "A", "Mug", stock, "9", ""])
    assert ("stock_not_taken" in notes(found)) == is_said
