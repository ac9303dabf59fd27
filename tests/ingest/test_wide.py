"""Wide tables come to the same rows as long ones, and say so."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import MoneyTableError
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
    stock = recognise(raw([head, row], file="库存.csv", sheet="Sheet1"))
    assert (stock.kind, stock.across.role) == ("stock", "market")
    sheet = raw(
        [["SKU", "FBA US", "Yiwu", "30日销量"], ["A-1", "5", "7", "9"]],
        file="inventory.csv",
        sheet="Sheet1",
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


def cleaned(file, *lines):
    """Return a sheet of comma-separated lines as it is understood, and what it comes to."""
    sheet = raw([line.split(",") for line in lines], file=file, sheet="Sheet1")
    told = recognise(sheet)
    return told, None if told.missing else clean(sheet, told)


def notes_of(found):
    return dict(found.notes)


@pytest.mark.parametrize(
    ("header", "on_hand"),
    [
        ("SKU,Name,On Hand,Safety,Age,Reorder Point,Lead Time", "On Hand"),
        ("SKU,品名,库存,安全库存,库龄,批次,上限", "库存"),
        ("SKU,On Hand,Par Level,Shelf", "On Hand"),
        ("SKU,期初库存,本期入库,本期出库,期末库存", "期末库存"),
        ("序号,货号,品名,账面数量,盘点数量,差异", "盘点数量"),
        ("SKU,Name,Count,Reorder Point,Bin", "Count"),
        ("SKU,品名,可用库存,海外仓待上架,国内仓待发", "可用库存"),
    ],
)
def test_a_stock_list_with_its_own_count_has_no_warehouses_across(header, on_hand):
    names = header.split(",")
    row = ["A-1" if name in ("SKU", "货号") else f"{n}" for n, name in enumerate(names)]
    told, found = cleaned("inventory 2026-06-30.csv", header, ",".join(row))
    assert (told.kind, told.across, told.headers[told.columns["on_hand"]]) == (
        "stock",
        None,
        on_hand,
    )
    assert found.rows["on_hand"].to_pylist() == [float(names.index(on_hand))]


def test_figures_that_name_no_place_are_no_warehouses():
    told, _ = cleaned("inventory.csv", "SKU,Safety,Age,Shelf", "A-1,5,30,8")
    assert told.across is None
    told, _ = cleaned("库存.csv", "SKU,深圳仓,美西仓,安全库存,仓储费", "A-1,5,6,7,8")
    assert told.across.columns == (1, 2)


def test_what_is_on_its_way_counts_once_beside_warehouses():
    told, found = cleaned(
        "库存 2026-06-30.csv",
        "SKU,品名,深圳仓,美西仓,FBA US,在途,合计",
        "A1,杯,10,20,30,5,60",
        "B2,盘,,20,30,7,50",
    )
    assert told.across.role == "warehouse"
    assert found.rows["on_hand"].to_pylist() == [10.0, 20.0, 30.0, 20.0, 30.0]
    assert found.rows["inbound"].to_pylist() == [5.0, None, None, 7.0, None]


def test_what_is_on_its_way_is_left_out_beside_countries_and_named():
    told, found = cleaned(
        "库存 2026-06-30.csv", "SKU,美国,德国,在途,占用", "A1,10,20,5,1", "B2,1,2,7,1"
    )
    assert told.across.role == "market"
    assert found.rows["inbound"].null_count == found.rows["reserved"].null_count == 4
    assert notes_of(found)["not_split"] == {"headers": "在途, 占用"}


def test_a_total_of_money_says_nothing_of_one_months_price():
    told, found = cleaned("x.csv", "SKU,金额,2026-01,2026-02", "A1,900,1,2")
    assert not told.line_totals
    assert found.rows["unit_price"].null_count == 2


@pytest.mark.parametrize(
    "lines",
    [
        ["SKU,Jan,,Feb,", ",Amount,Qty,Amount,Qty", "A1,99,3,50,2"],
        [",Jan,,Feb,", "SKU,Amount,Qty,Amount,Qty", "A1,99,3,50,2"],
        ["SKU,Jan,,Feb,", ",Sales,Units,Sales,Units", "A1,99,3,50,2"],
        ["SKU,Amount,,Qty,", ",Jan,Feb,Jan,Feb", "A1,99,50,3,2"],
        ["SKU,Jan Revenue,Jan Units,Feb Revenue,Feb Units", "A1,99,3,50,2"],
        ["SKU,1月销售额,1月销量,2月销售额,2月销量", "A1,99,3,50,2"],
    ],
)
def test_beside_money_only_the_units_count(lines):
    told, found = cleaned("sales 2026.csv", *lines)
    assert found.rows["quantity"].to_pylist() == [3.0, 2.0]
    assert [f"{day}" for day in found.rows["date"].to_pylist()] == ["2026-01-01", "2026-02-01"]
    assert notes_of(found)["no_units_across"]["count"] == 2
    assert told.kind == "sales"


@pytest.mark.parametrize(
    ("file", "lines"),
    [
        ("2026.csv", ["SKU,Jan Sales,Feb Sales", "A1,$99.50,$50"]),
        ("2026年销售额.xlsx", ["SKU,1月,2月", "A1,¥99,¥50"]),
        ("2026.csv", ["SKU,1月,2月,3月", "A1,99,¥50,80"]),
        ("2026年销售额.xlsx", ["SKU,1月,2月", "A1,99,50"]),
        ("2026.csv", ["2026 GMV,,", "SKU,1月,2月", "A1,99,50"]),
        ("2026.csv", ["SKU,品名,1月金额,2月金额", "A1,杯,99,50"]),
        ("sales 2026.csv", ["SKU,Jan Revenue,Feb Revenue", "A1,99,50"]),
        ("sales 2026-05.csv", ["SKU,US,DE", "A1,€99,€50"]),
        ("2026.csv", ["日期,A-1,B-2", "2026-06-01,99元,50元"]),
        ("2026.csv", ["SKU,指标,2026-01,2026-02", "A1,Revenue,9,5"]),
    ],
)
def test_money_across_is_refused_and_said(file, lines):
    sheet = raw([line.split(",") for line in lines], file=file, sheet="Sheet1")
    told = recognise(sheet)
    assert (told.content, told.across) == ("money", None)
    with pytest.raises(MoneyTableError, match="money"):
        clean(sheet, told)


def test_a_count_in_the_header_outdoes_money_in_the_name():
    _, found = cleaned("2026年销售额.xlsx", "SKU,1月销量,2月销量", "A1,9,5")
    assert found.rows["quantity"].to_pylist() == [9.0, 5.0]


def test_broken_figures_among_units_are_said():
    _, found = cleaned("x.csv", "SKU,2026-01,2026-02", "A1,9.95,5", "B1,3.50,4")
    assert notes_of(found)["broken_units"] == {"count": 2, "example": 9.95}
    _, found = cleaned("x.csv", "SKU,2026-01,2026-02", "A1,9,5")
    assert "broken_units" not in notes_of(found)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Metric", ["Units", "Revenue", "Returns"]),
        ("指标", ["销量", "销售额", "退货"]),
        ("数据类型", ["销量", "销售额", "库存"]),
        ("类型", ["销售数量", "金额", "订单数"]),
        ("", ["Qty", "Amount", "Refunds"]),
    ],
)
def test_of_several_metrics_only_the_units_count(header, words):
    rows = [f"A1,{word},{n},{n + 1}" for n, word in enumerate(words, 5)]
    _, found = cleaned("x.csv", f"SKU,{header},2026-01,2026-02", *rows)
    assert found.rows["quantity"].to_pylist() == [5.0, 6.0]
    assert notes_of(found)["left_out_rows"]["count"] == 4
    assert found.rows_read == found.rows.num_rows + found.rows_ignored


def test_a_column_of_types_of_goods_is_no_metric():
    _, found = cleaned("x.csv", "SKU,类型,2026-01,2026-02", "A1,鞋,5,6", "B1,帽,7,8")
    assert found.rows.num_rows == 4


@pytest.mark.parametrize(
    ("file", "header", "row"),
    [
        ("sales.csv", "Date,Gross,Discounts,Returns,Net,Shipping,Taxes", "1,2,3,4,5,6"),
        ("销售日报.csv", "日期,成交件数,退款件数,客单价,转化", "1,2,3,4"),
        ("sales.csv", "Date,Re-orders,Pre-tax,Add-ons", "1,2,3"),
        ("sales.csv", "Date,Net,Total 7d", "1,2"),
    ],
)
def test_the_columns_of_a_finance_report_are_no_skus(file, header, row):
    told, _ = cleaned(file, header, f"2026-06-01,{row}")
    assert told.across is None
    assert "sku" in told.missing


@pytest.mark.parametrize(
    ("headers", "days"),
    [
        ("11月,12月,1月,2月", ["2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01"]),
        ("W51,W52,W1", ["2025-12-15", "2025-12-22", "2025-12-29"]),
        ("12月31日,1月1日", ["2025-12-31", "2026-01-01"]),
        ("12/30,12/31,1/1", ["2025-12-30", "2025-12-31", "2026-01-01"]),
    ],
)
def test_months_without_a_year_run_over_new_year(headers, days):
    row = ",".join("7" for _ in headers.split(","))
    _, found = cleaned("2026 销量.csv", f"SKU,{headers}", f"A1,{row}")
    assert [f"{day}" for day in found.rows["date"].to_pylist()] == days
    assert notes_of(found)["over_new_year"] == {"first": days[0], "last": days[-1]}


def test_virtual_columns_do_not_outdo_real_ones():
    told, _ = cleaned("库存.csv", "SKU,仓库,在库,深圳仓,美西仓", "A1,x,5,1,2")
    assert told.across is None
