"""Words of status and type columns: what they mean, negated ones, and columns that mean none."""

import pytest

from analytics.i18n import Translator
from analytics.ingest import clean, recognise
from analytics.ingest.formats import format_of
from analytics.ingest.statuses import meaning
from tests.ingest.making import raw

DAY = "2026-06-01"


def read(header, *rows):
    sheet = raw([header, *rows])
    return clean(sheet, recognise(sheet))


def notes(found):
    for code, facts in found.notes:
        for language in ("en", "zh"):
            assert Translator(language)(f"note.{code}", **facts)
    return dict(found.notes)


def lines(found):
    quantities, statuses = (found.rows[name].to_pylist() for name in ("quantity", "status"))
    return list(zip(quantities, statuses, strict=True))


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Not cancelled", "sold"),
        ("NOT_CANCELLED", "sold"),
        ("Cancellation rejected", "sold"),
        ("Return request declined", "sold"),
        ("Non-returned", "sold"),
        ("unreturned", "sold"),
        ("No refund", "sold"),
        ("取消失败", "sold"),
        ("取消申请已被拒绝", "sold"),
        ("未退货", "sold"),
        ("退款关闭", "sold"),
        ("拒绝退款", "sold"),
        ("Canceled - no refund", "cancelled"),
        ("未退款，已取消", "cancelled"),
        ("Cancelled / failed", "cancelled"),
        ("Cancelled by buyer", "cancelled"),
        ("Returned, not refunded", "returned"),
    ],
)
def test_a_negated_word_says_the_opposite(word, status):
    assert meaning(word, format_of("plain", "sales").words).status == status


def test_words_of_which_only_a_part_is_known_are_told():
    found = read(
        ["Date", "SKU", "Qty", "Status"],
        [DAY, "A", "1", "Cancelled by buyer"],
        [DAY, "A", "2", "Cancellation rejected"],
        [DAY, "A", "3", "Shipped"],
    )
    assert lines(found) == [(1, "cancelled"), (2, "sold"), (3, "sold")]
    assert notes(found) == {
        "status_by_part_cancelled": {"header": "Status", "values": "Cancelled by buyer"},
        "status_by_part_sold": {"header": "Status", "values": "Cancellation rejected"},
    }


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (["日期", "SKU", "类型", "数量"], ["销售", "退货", "赠品", "采购入库", "取消"]),
        (["日期", "SKU", "业务类型", "数量"], ["销售出库", "销售退货", "零售", "调拨出库", "作废"]),
        (["Date", "SKU", "Type", "Qty"], ["Sale", "Return", "Order", "Transfer", "Cancelled"]),
        (
            ["Date", "SKU", "Movement Type", "Qty"],
            ["Shipment", "Customer return", "Sale", "Purchase receipt", "Void"],
        ),
    ],
)
def test_what_moved_goods_tells_sales_from_all_else(header, words):
    cells = zip(words, ["5", "2", "1", "100", "7"], strict=True)
    found = read(header, *([DAY, "A", word, units] for word, units in cells))
    assert lines(found) == [(5, "sold"), (-2, "returned"), (1, "sold"), (7, "cancelled")]
    assert found.rows_ignored == 1
    assert notes(found) == {"left_out_rows": {"count": 1, "header": header[2], "values": words[3]}}


def test_the_type_of_a_product_is_no_status():
    rows = [[DAY, "A", "Mug", "5"], [DAY, "B", "Transfer", "2"], [DAY, "C", "Poster", "1"]]
    found = read(["Date", "SKU", "Type", "Qty"], *rows)
    assert lines(found) == [(5, "sold"), (2, "sold"), (1, "sold")]
    assert found.notes == ()


def test_a_word_for_a_movement_is_no_status_of_an_order():
    found = read(["Date", "SKU", "Qty", "Order Status"], [DAY, "A", "5", "Purchase"])
    assert lines(found) == [(5, "sold")]
    assert notes(found)["unknown_status"]["values"] == "Purchase"


def test_an_unknown_word_among_movements_is_told():
    rows = [[DAY, "A", "Sale", "5"], [DAY, "A", "Return", "2"], [DAY, "A", "Zork", "1"]]
    found = read(["Date", "SKU", "Type", "Qty"], *rows)
    assert lines(found) == [(5, "sold"), (-2, "returned"), (1, "sold")]
    assert notes(found)["unknown_status"] == {"header": "Type", "values": "Zork"}
