"""Every row of every file is loaded, rejected or ignored: the account closes, whatever the file."""

import csv
import io
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics.ingest import clean, recognise
from analytics.schema import TABLES
from tests.ingest.making import cells, raw, read_here

HEADERS = ["Order ID", "Date", "SKU", "Quantity", "Country", "Status", "Note"]
TEXT = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12),
    st.text('ab1,;|\t\r\n "\x27', max_size=12),
)
GOOD = st.tuples(
    st.integers(1, 99).map(str),
    st.dates(max_value=date(2400, 1, 1)).map(str),  # later years are read as Thai ones
    st.sampled_from(["A", "b 1", "POST", "007"]),
    st.integers(-5, 50).map(str),
    st.sampled_from(["US", "德国", "", "Oz"]),
    st.sampled_from(["Shipped", "已取消", "", "odd"]),
    TEXT,
)
MESSY = st.one_of(
    GOOD.map(list),
    st.lists(
        st.one_of(TEXT, st.sampled_from(["", "合计", "Total", "nan", "1e309", "2024-13-13", "-"])),
        max_size=9,
    ),
    st.just([]),
    st.just(HEADERS),
)
CELL = st.one_of(
    TEXT,
    st.floats().map(str),
    st.datetimes().map(str),
    st.sampled_from(["", "海运", "US", "-1", "50%", "1.234,5", "03/04/2024", "2024-W60", "'=1"]),
)
ROWS = st.lists(MESSY, max_size=25)


def is_closed(sheet, cleaned, header_row):
    return (
        cleaned.rows_read
        == sheet.rows - header_row - 1
        == cleaned.rows.num_rows + len(cleaned.issues) + cleaned.rows_ignored
    )


@settings(max_examples=60, deadline=None)
@given(ROWS, st.sampled_from([",", ";", "|"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_a_text_files_rows_are_all_accounted_for(rows, separator, encoding):
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=separator, lineterminator="\r\n").writerows([HEADERS, *rows])
    text = target.getvalue()
    independent = sum(1 for _ in csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    [sheet] = read_here(text.encode(encoding))
    assert sheet.rows == independent
    recognition = recognise(sheet, kind="sales")
    assert recognition.header_row == 0
    assert is_closed(sheet, clean(sheet, recognition), 0)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(TABLES)), st.lists(st.lists(CELL, max_size=25), max_size=12))
def test_any_cells_under_any_tables_headers_are_accounted_for(kind, rows):
    sheet = raw([[column.name for column in TABLES[kind].columns], *rows])
    assert is_closed(sheet, clean(sheet, recognise(sheet, kind=kind)), 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(GOOD, min_size=1, max_size=20))
def test_good_rows_are_never_lost_nor_changed(rows):
    sheet = raw([HEADERS, *map(list, rows)])
    cleaned = clean(sheet, recognise(sheet))
    wanted = [row for row in rows if "1990" <= row[1] < "2101"]
    assert cleaned.rows["quantity"].to_pylist() == [float(row[3]) for row in wanted]
    assert [f"{day}" for day in cleaned.rows["date"].to_pylist()] == [row[1] for row in wanted]
    assert cleaned.rows["sku"].to_pylist() == [row[2] for row in wanted]
    assert len(cleaned.issues) == len(rows) - len(wanted)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=15))
@example([["\r", ";", ";;;"]])
def test_what_a_csv_writer_quotes_is_read_again(rows):
    rows = [["name", "text", "more"], *rows]
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    [sheet] = read_here(target.getvalue().encode())
    assert sheet.rows == len(rows)


@pytest.mark.parametrize(
    "content", [b"date,sku,quantity", b"date,sku,quantity\n", b"\n\ndate,sku,quantity\n\n\n"]
)
def test_a_file_without_data_has_an_account_too(content):
    [sheet] = read_here(content)
    recognition = recognise(sheet)
    assert is_closed(sheet, clean(sheet, recognition), recognition.header_row)
    assert any(cells(sheet))
