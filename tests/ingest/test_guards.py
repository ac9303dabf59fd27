"""Guards of cleaning: buyers' names, slips of dates and signs, columns and markets in doubt."""

import json
from datetime import date

import pytest

from analytics.errors import UnknownMarketError
from analytics.i18n import Translator
from analytics.ingest import clean, recognise
from tests.ingest.making import raw
from tests.ingest.test_cleaning import account, column, line, sales


@pytest.mark.parametrize("header", ["Name", "Title", "NAME", "Name (buyer)", "Account", "账号"])
def test_a_column_that_may_name_the_buyer_is_not_read(header):
    sheet = raw(
        [
            ["date", "sku", "quantity", header, "address", "phone"],
            ["2026-01-05", "A", "1", "Ann Smith", "1 High Street", "555-0101"],
            ["2026-01-06", "A", "2", "Bo Li", "2 High Street", "555-0102"],
        ]
    )
    recognition = recognise(sheet)
    assert recognition.kind == "sales"
    assert set(recognition.columns) == {"date", "sku", "quantity"}
    cells = [cell for row in clean(sheet, recognition).rows.to_pylist() for cell in row.values()]
    assert not {"Ann Smith", "Bo Li", "555-0101"} & {cell for cell in cells if cell}


def test_a_name_that_changes_with_every_line_of_a_sku_is_left_out():
    buyers = sales(*(line(order=f"{i}", sku="A", name=f"Buyer {i}") for i in range(8)))
    assert set(column(buyers, "name")) == {None}
    assert ("name_left_out", {"header": "Product Name"}) in buyers.notes
    for language in ("zh", "en"):
        assert Translator(language)("note.name_left_out", header="Product Name")


@pytest.mark.parametrize("spellings", [1, 3])
def test_a_name_that_is_spelt_in_few_ways_is_kept(spellings):
    found = sales(*(line(order=f"{i}", name=f"Mug {i % spellings}") for i in range(8)))
    assert set(column(found, "name")) == {f"Mug {i}" for i in range(spellings)}
    assert not found.notes


def test_names_of_skus_that_sell_rarely_prove_nothing():
    found = sales(*(line(order=f"{i}", name=f"Mug {i}") for i in range(4)))
    assert None not in column(found, "name")


TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(("day", "is_kept"), [("2026-06-02", True), ("2026-06-03", False)])
def test_a_sale_later_than_tomorrow_is_a_slip(day, is_kept):
    found = sales(line(), line(order="2", day=day), today=TODAY)
    assert account(found) == (2, 1 + is_kept, 1 - is_kept, 0)
    codes = found.issues[["row", "column", "value", "code"]].to_numpy().tolist()
    assert codes == ([] if is_kept else [[3, "date", day, "issue.future_date"]])
    assert account(sales(line(day=day)))[1] == 1  # nobody said which day it is


def test_stock_of_the_future_is_rejected_and_undated_stock_is_not():
    rows = [["SKU", "On Hand", "Date"], ["A", "4", "2099-05-01"], ["B", "5", ""]]
    sheet = raw(rows, file="stock.csv")
    found = clean(sheet, recognise(sheet, kind="stock"), today=TODAY)
    assert column(found, "sku") == ["B"]
    assert found.issues["code"].tolist() == ["issue.future_date"]
    facts = json.loads(found.issues["facts"][0])
    assert "2099-05-01" in Translator("en")("issue.future_date", **facts)


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        (
            "purchase_orders",
            [
                ["sku", "quantity", "ordered_on", "expected_on"],
                ["A", "9", "2026-05-01", "2026-08-01"],
            ],
        ),
        ("events", [["name", "starts_on", "ends_on"], ["Sale", "2026-11-11", "2026-11-12"]]),
    ],
)
def test_what_is_planned_may_lie_in_the_future(kind, rows):
    sheet = raw(rows)
    assert clean(sheet, recognise(sheet, kind=kind), today=TODAY).rows.num_rows == 1


@pytest.mark.parametrize(
    ("kind", "header", "value"),
    [
        ("products", "unit_cost", "-3"),
        ("products", "price", "-0.5"),
        ("products", "moq", "-100"),
        ("products", "carton_quantity", "-24"),
        ("stock", "inbound", "-5"),
        ("stock", "reserved", "-5"),
    ],
)
def test_what_cannot_be_negative_is_rejected_with_its_row(kind, header, value):
    others = ["on_hand"] if kind == "stock" else ["name"]
    sheet = raw([["sku", *others, header], ["A", "1", "1"], ["B", "2", value], ["C", "3", ""]])
    found = clean(sheet, recognise(sheet, kind=kind))
    assert column(found, "sku") == ["A", "C"]
    [issue] = found.issues.to_dict("records")
    assert (issue["row"], issue["column"], issue["value"]) == (3, header, value)
    assert issue["code"] == "issue.negative"


def test_oversold_stock_counts_as_none():
    sheet = raw([["sku", "on_hand"], ["A", "-3"], ["B", "2"], ["C", "-1"]])
    found = clean(sheet, recognise(sheet, kind="stock"))
    assert column(found, "on_hand") == [0.0, 2.0, 0.0]
    facts = {"count": 2, "example": "-3"}
    assert ("negative_stock", facts) in found.notes
    for language in ("zh", "en"):
        assert Translator(language)("note.negative_stock", **facts)


def test_a_known_report_has_no_second_column_that_could_be_meant():
    header = ["Sales Record Number", "Order Number", "Item Number", "Item Title", "Custom Label"]
    header += ["Quantity", "Sold For", "Sale Date", "Paid On Date", "Ship To Country"]
    row = ["1", "2-3", "110", "Kettle", "K-1", "3", "$9.90", "May-03-26", "May-04-26", "Germany"]
    sheet = raw([header, row])
    recognition = recognise(sheet)
    assert recognition.family == "ebay"
    assert recognition.rivals
    codes = {code for code, _ in clean(sheet, recognition).notes}
    assert "also_found" not in codes


def test_a_second_column_that_could_be_meant_is_named():
    header = ["Date", "SKU", "Qty", "Quantity Sold", "Quantity", "Price"]
    sheet = raw([header, ["2026-01-05", "A", "1", "2", "3", "9.9"]])
    recognition = recognise(sheet)
    found = clean(sheet, recognition)
    assert column(found, "quantity") == [3.0]
    [facts] = [facts for code, facts in found.notes if code == "also_found"]
    assert facts == {"header": "Quantity", "others": "Qty, Quantity Sold"}
    for language in ("zh", "en"):
        assert "Qty" in Translator(language)("note.also_found", **facts)
    chosen = recognise(sheet, kind="sales", columns={**recognition.columns, "quantity": 2})
    assert column(clean(sheet, chosen), "quantity") == [1.0]


@pytest.mark.parametrize("market", ["Germany", "德国", "DE", "de", "auto", "", None])
def test_a_market_is_named_by_country_or_code(market):
    found = sales(line(country=""), market=market)
    assert column(found, "market") == ["DE" if market and market != "auto" else "unspecified"]


def test_an_unknown_market_is_refused_where_rows_have_one():
    with pytest.raises(UnknownMarketError, match="Gremany"):
        sales(line(), market="Gremany")
    sheet = raw([["sku", "name"], ["A", "Mug"]])
    products = clean(sheet, recognise(sheet, kind="products"), market="Gremany")
    assert column(products, "market") == [None]
