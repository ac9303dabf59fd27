"""Wide tables come to the same rows as long ones, and say so."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.ingest import clean, recognise
from tests.ingest.making import raw

SKUS = ["A-1", "B-2", "C 3", "0042"]
MONTHS = ["2026-01", "2026-02", "2026-03"]
CELLS = st.one_of(st.just(""), st.just("-"), st.integers(0, 5000).map(str))


def rows_of(sheet, **changes):
    told = replace(recognise(sheet), **changes)
    found = clean(sheet, told)
    names = ["sku", "date", "quantity", "grain"]
    return [tuple(row.values()) for row in found.rows.select(names).to_pylist()], found


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=4, max_size=4).filter(
        lambda grid: all(any(c.isdigit() for c in column) for column in zip(*grid, strict=True))
    ),
    st.booleans(),
)
def test_a_wide_table_is_the_long_one(grid, has_total):
    head = ["SKU", "Name", *MONTHS, *(["Total"] if has_total else [])]
    body = [
        [sku, "x", *cells, *(["9"] if has_total else [])]
        for sku, cells in zip(SKUS, grid, strict=True)
    ]
    wide, found = rows_of(raw([head, *body]))
    long = [
        (sku, date.fromisoformat(f"{month}-01"), float(cell), "month")
        for sku, cells in zip(SKUS, grid, strict=True)
        for month, cell in zip(MONTHS, cells, strict=True)
        if cell.isdigit()
    ]
    assert wide == long
    assert found.rows_read == len(long)


@pytest.mark.parametrize(
    ("headers", "grain", "first"),
    [
        (["2026-01-01", "2026-02-01", "2026-03-01"], "month", "2026-01-01"),
        (["2026-02-01 00:00:00", "2026-03-01 00:00:00"], "month", "2026-02-01"),
        (["2026-01-05", "2026-01-12", "2026-01-19"], "week", "2026-01-05"),
        (["2026-01-01", "2026-01-02", "2026-01-03"], "day", "2026-01-01"),
        (["05/01/2026", "06/01/2026", "07/01/2026"], "day", "2026-01-05"),
        (["01/05/2026", "01/12/2026", "01/19/2026"], "week", "2026-01-05"),
        (["Jan-26", "Feb-26"], "month", "2026-01-01"),
        (["2026年1月", "2026年2月"], "month", "2026-01-01"),
        (["2026-W02", "2026-W03"], "week", "2026-01-05"),
        (["2026-01 销量", "2026-02 销量"], "month", "2026-01-01"),
        (["Units Sold Jan 2026", "Units Sold Feb 2026"], "month", "2026-01-01"),
    ],
)
def test_what_lies_across_is_told_by_all_headers_together(headers, grain, first):
    found, _ = rows_of(raw([["SKU", *headers], ["A-1", *("7" for _ in headers)]]))
    assert found[0] == ("A-1", date.fromisoformat(first), 7.0, grain)


@pytest.mark.parametrize(
    ("file", "headers", "first", "grain"),
    [
        ("sales 2026.csv", ["Jan", "Feb"], "2026-01-01", "month"),
        ("2026年销量.csv", ["1月", "2月"], "2026-01-01", "month"),
        ("2026 weekly sales.csv", ["W2", "W3"], "2026-01-05", "week"),
        ("2026 销量.csv", ["5月1日", "5月2日"], "2026-05-01", "day"),
        ("sales 2026.csv", ["5/1", "5/2", "5/3"], "2026-05-01", "day"),
        ("2026年5月.csv", [f"{n}日" for n in range(1, 32)], "2026-05-01", "day"),
    ],
)
def test_the_year_or_month_stands_in_the_files_name(file, headers, first, grain):
    sheet = raw([["SKU", *headers], ["A-1", *("7" for _ in headers)]], file=file)
    found, _ = rows_of(sheet)
    assert found[0] == ("A-1", date.fromisoformat(first), 7.0, grain)
    assert len(found) == len(headers)


def test_without_a_year_months_are_not_placed():
    sheet = raw([["SKU", "Jan", "Feb"], ["A-1", "1", "2"]], file="units.csv")
    assert "date" in recognise(sheet).missing


def test_a_cell_that_is_no_number_is_named_by_its_row_and_column():
    sheet = raw([["SKU", *MONTHS], ["A-1", "1", "oops", "3"], ["B-2", "4", "5", "6"]])
    _, found = rows_of(sheet)
    [issue] = found.issues.to_dict("records")
    assert (issue["row"], issue["value"]) == (2, "oops")
    assert json.loads(issue["facts"])["header"] == "2026-02"
    assert (found.rows_read, found.rows.num_rows, len(found.issues)) == (6, 5, 1)


def test_the_row_of_totals_at_the_bottom_is_left_out():
    sheet = raw(
        [["日期", "A-1", "B-2", "合计"], ["2026-06-01", "1", "2", "3"], ["合计", "1", "2", "3"]]
    )
    found, cleaned = rows_of(sheet)
    assert [row[:1] + row[2:3] for row in found] == [("A-1", 1.0), ("B-2", 2.0)]
    assert cleaned.rows_ignored == 2


def test_other_figures_beside_dates_are_not_taken_for_skus():
    sheet = raw(
        [["Date", "Sessions", "Conversion"], ["2026-06-01", "100", "3"]], file="traffic.csv"
    )
    assert set(recognise(sheet).missing) == {"sku", "quantity"}


def test_countries_and_warehouses_across():
    head, row = ["SKU", "商品名称", "美国", "DE"], ["A-1", "Mug", "5", "7"]
    stock = recognise(raw([head, row], file="库存.csv"))
    assert (stock.kind, stock.across.role) == ("stock", "market")
    sheet = raw(
        [["SKU", "FBA US", "Yiwu", "30日销量"], ["A-1", "5", "7", "9"]], file="inventory.csv"
    )
    found = clean(sheet, recognise(sheet))
    assert found.rows["warehouse"].to_pylist() == ["FBA US", "Yiwu"]
    assert found.rows["on_hand"].to_pylist() == [5.0, 7.0]


def test_a_name_that_says_stock_makes_days_across_counts():
    sheet = raw([["SKU", "2026-01-31", "2026-02-28"], ["A-1", "5", "7"]], file="月末库存.xlsx")
    found = clean(sheet, recognise(sheet))
    assert [f"{day}" for day in found.rows["date"].to_pylist()] == ["2026-01-31", "2026-02-28"]


def test_the_users_columns_make_it_a_long_table_again():
    sheet = raw([["SKU", *MONTHS], ["A-1", "1", "2", "3"]], file="2026-01.csv")
    told = recognise(sheet, columns={"sku": 0, "quantity": 1})
    assert (told.across, told.grain, told.missing) == (None, "month", ())
    kept = recognise(sheet, columns=recognise(sheet).columns)
    assert kept.across == recognise(sheet).across


def test_two_rows_can_make_one_header():
    rows = [
        ["", "品名", "2026年", "", ""],
        ["SKU", "", "11月", "12月", ""],
        ["A-1", "x", "3", "4", ""],
    ]
    found, _ = rows_of(raw(rows))
    assert [row[1:3] for row in found] == [(date(2026, 11, 1), 3.0), (date(2026, 12, 1), 4.0)]
