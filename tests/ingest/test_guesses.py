"""Sheets that no header explains, and such as hold no table."""

import pytest

from analytics.errors import NoTableError, UnneededReportError
from analytics.ingest import clean, problem_of, recognise
from analytics.ingest.headers import is_near
from tests.ingest.making import raw

BARE = [
    ["2026-06-01", "Red mug", "MUG-1", "3", "9.90"],
    ["2026-06-02", "Blue mug", "0042", "5", "9.90"],
    ["2026-06-03", "Desk lamp", "LAMP-7", "1", "24.00"],
]


def test_columns_are_told_by_what_they_hold():
    sheet = raw(BARE)
    told = recognise(sheet)
    assert (told.header_row, dict(told.columns)) == (-1, {"date": 0, "sku": 2, "quantity": 3})
    found = clean(sheet, told)
    assert found.rows["sku"].to_pylist() == ["MUG-1", "0042", "LAMP-7"]
    assert found.rows_read == found.rows.num_rows == 3
    assert ("no_header", {}) in found.notes


@pytest.mark.parametrize(
    "rows",
    [
        [["1", "2", "3"], ["4", "5", "6"]],
        [["a", "b", "c"], *BARE[:1]],
        [["2026-06-01", "2026-06-02"], ["2026-06-03", "2026-06-04"]],
        [["2026-06-01", "3", "9.90"]],
    ],
)
def test_what_cannot_be_told_is_not_guessed(rows):
    assert recognise(raw(rows)).header_row != -1


def test_the_user_names_the_header():
    rows = [["SKU", "Date", "Qty"], ["SKU", "Date", "Units"], ["A", "2026-06-01", "2"]]
    assert recognise(raw(rows), header_row=1).headers == ("SKU", "Date", "Units")
    assert recognise(raw(BARE), header_row=-1).header_row == -1
    assert recognise(raw(BARE), header_row=99).missing == ("date", "sku", "quantity")


@pytest.mark.parametrize(
    "rows",
    [
        [["说明"], ["请勿修改表头"], ["如有问题请联系运营"]],
        [["Field", "Meaning"], ["Colour", "of the mug"], ["Handle", "left or right"]],
        [["only one cell"]],
    ],
)
def test_a_page_of_notes_is_said_to_be_one(rows):
    sheet = raw(rows)
    told = recognise(sheet)
    assert told.content == "text"
    assert isinstance(problem_of(sheet, told), NoTableError)
    with pytest.raises(NoTableError, match="notes"):
        clean(sheet, told)


def test_a_known_report_of_other_things_is_refused_even_if_it_could_be_read_as_sales():
    header = ["return-date", "order-id", "sku", "quantity", "detailed-disposition", "reason"]
    row = ["2026-06-01", "1", "A", "1", "SELLABLE", "UNWANTED_ITEM"]
    sheet = raw([header, row], file="returns-2026-06-01.txt")
    told = recognise(sheet)
    assert (told.content, told.family) == ("other", "amazon_others")
    with pytest.raises(UnneededReportError, match="returns"):
        clean(sheet, told)
    assert recognise(sheet, kind="sales").content == "table"  # the user insists


def test_one_slip_in_a_long_header_is_forgiven():
    sheet = raw([["Date", "Prodcut Code", "Qunatity"], ["2026-06-01", "A", "2"]])
    assert dict(recognise(sheet).columns) == {"date": 0, "sku": 1, "quantity": 2}
    assert recognise(raw([["Date", "SKV", "Qyt"], ["2026-06-01", "A", "2"]])).missing


def test_a_slip_that_could_be_two_things_is_not():
    rows = [["Date", "SKU", "Quantiti", "Quantityy"], ["2026-06-01", "A", "2", "3"]]
    assert recognise(raw(rows)).missing == ("quantity",)


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("quantity", "quantity", False),
        ("quantit", "quantity", True),
        ("quantityy", "quantity", True),
        ("quentity", "quantity", True),
        ("uqantity", "quantity", True),
        ("quanttiy", "quantity", True),
        ("qauntiyt", "quantity", False),
        ("quan", "quantity", False),
    ],
)
def test_near(one, other, near):
    assert is_near(one, other) == is_near(other, one) == near
