"""Sheets that write what leaves as negative, and sheets in which nothing is sold."""

import pytest

from analytics.i18n import Translator
from analytics.ingest import clean, recognise
from tests.ingest.making import raw

DAY = "2026-06-01"


def read(header, *rows, file="出库.csv"):
    sheet = raw([header, *rows], file=file)
    return clean(sheet, recognise(sheet))


def notes(found):
    for code, facts in found.notes:
        for language in ("en", "zh"):
            assert Translator(language)(f"note.{code}", **facts)
    return dict(found.notes)


def lines(found):
    quantities, statuses = (found.rows[name].to_pylist() for name in ("quantity", "status"))
    return list(zip(quantities, statuses, strict=True))


def test_sales_that_are_negative_throughout_are_turned():
    found = read(["日期", "SKU", "数量"], *([DAY, "A", units] for units in ("-5", "-3", "-2")))
    assert lines(found) == [(5, "sold"), (3, "sold"), (2, "sold")]
    facts = {"header": "数量", "count": 3, "example": "-5", "reads": "5"}
    assert notes(found) == {"signs_turned": facts}


def test_amounts_of_turned_lines_are_prices_above_zero():
    rows = (
        [DAY, "A", units, amount] for units, amount in (("-5", "-10"), ("-3", "6"), ("-2", "4"))
    )
    found = read(["日期", "SKU", "数量", "金额"], *rows)
    assert found.rows["unit_price"].to_pylist() == [2, 2, 2]


@pytest.mark.parametrize("column", ["订单号", "订单状态"])
def test_negative_lines_of_orders_take_sales_back(column):
    word = "1" if column == "订单号" else "已完成"
    rows = ([DAY, "A", units, word] for units in ("-5", "-3", "-2"))
    found = read(["日期", "SKU", "数量", column], *rows)
    assert {status for _, status in lines(found)} == {"cancelled"}
    assert notes(found) == {"no_demand": {"count": 3}}


def test_some_negative_lines_among_sales_are_corrections():
    rows = ([DAY, "A", units] for units in ("-5", "3", "2", "-1"))
    found = read(["日期", "SKU", "数量"], *rows)
    assert [status for _, status in lines(found)] == ["cancelled", "sold", "sold", "cancelled"]
    assert notes(found) == {}


def test_a_ledger_of_movements_books_sales_as_negative():
    words = ["销售出库", "采购入库", "调拨出库", "销售退货"]
    rows = zip(words, ["-5", "100", "-7", "2"], strict=True)
    found = read(["日期", "SKU", "业务类型", "数量"], *([DAY, "A", *row] for row in rows))
    assert lines(found) == [(5, "sold"), (-2, "returned")]
    assert notes(found)["signs_turned"]["count"] == 1
    assert notes(found)["left_out_rows"]["count"] == 2


@pytest.mark.parametrize("word", ["采购入库", "取消"])
def test_a_sheet_without_any_sale_says_so(word):
    found = read(["日期", "SKU", "类型", "数量"], [DAY, "A", word, "5"], [DAY, "A", word, "2"])
    assert notes(found)["no_demand"] == {"count": 2}
