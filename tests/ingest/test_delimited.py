"""The fast reader of separated text says what the careful one says, however the file is cut."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics.ingest import blocks, delimited
from analytics.ingest.charsets import Charset
from analytics.ingest.limits import Limits
from analytics.ingest.quotes import Layout
from tests.ingest.making import as_raw, cells, read_here

LAYOUT = Layout(",", 3, 3)
PIECES = [
    "a",
    "b c",
    "1.5",
    ",",
    ",",
    ",",
    '"',
    '"',
    '""',
    "\n",
    "\n",
    "\r\n",
    "\r",
    " ",
    "订单",
    "é",
    "\t",
    ";",
]
SOUND = st.sampled_from(
    ["a", '"b, c"', '"say ""x"""', '""', '"two\nlines"', "", "订单", " d ", '"\r\n"', '6"']
)
rows_of_cells = st.lists(st.lists(SOUND, min_size=0, max_size=4), max_size=12)


def read(text, layout=LAYOUT, fast=True, first=2**20, piece=2**23):
    folder = Path(tempfile.mkdtemp())
    path = folder / "upload"
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "layout_of", lambda sample: layout)
        patch.setattr(delimited, "_FIRST_PIECE", first)
        patch.setattr(delimited, "_PIECE", piece)
        if not fast:
            patch.setattr(blocks, "split", lambda *_, **__: None)
        sheet, repairs = delimited.read(path, Charset("utf-8"), folder, Limits())
    return cells(as_raw(sheet, folder, "a.csv", ())), repairs.count


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@settings(max_examples=300, deadline=None)
@example('a,"b\nc",d\n"x')
@example("a\r")
@example('a,""""\n')
@example('"a"\r\r\n"b"')
def test_anything_is_read_alike_fast_or_carefully(text):
    careful = read(text, fast=False)
    assert read(text) == careful
    assert read(text, first=7, piece=5)[0] == careful[0]
    assert read(text, first=7, piece=5, fast=False)[0] == careful[0]


@given(rows_of_cells, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from([",", "\t"]))
@settings(max_examples=300, deadline=None)
def test_tables_are_read_alike_fast_or_carefully(rows, end, separator):
    text = end.join(separator.join(row).replace(", ", separator) for row in rows)
    layout = Layout(separator, 3, 4)
    careful = read(text, layout, fast=False)
    assert read(text, layout) == careful
    assert read(text, layout, first=11, piece=9)[0] == careful[0]


def test_a_well_formed_file_is_read_fast():
    found = blocks.split(b'1,"a, ""b"""\n2,c\n' * 1_000, Layout(",", 2, 2), 500, is_last=True)
    assert found is not None
    assert (found.rows, found.columns[1][0].as_py()) == (2_000, 'a, "b"')


@pytest.mark.parametrize(
    "content",
    [
        b'1,6" mug\n',  # a quote within a cell
        b'1,"a" mug\n',  # text behind a quote
        b'1,"a\n2,b\n',  # a quote that is never closed
        b'1,"a\n2",b,c\n',  # a row that would be wider than rows are
        b'"' + b"x\n" * 200 + b'",1\n',  # a cell of too many lines
        b"1," * 600 + b"\n",  # too many columns: whether they are blank, it cannot say
    ],
)
def test_what_needs_thought_is_left_to_the_careful_reader(content):
    assert blocks.split(content, Layout(",", 2, 2), 500, is_last=True) is None


def test_tabs_within_quotes_are_left_to_the_careful_reader():
    content = b'1\t"a\n2\tb"\n'
    assert blocks.split(content, Layout("\t", 2, 2), 500, is_last=True) is None


def test_quotes_that_mean_nothing_are_characters():
    rows = "".join(f'{i},"mug {i}\n' for i in range(30_000))
    sheet, repaired = read(rows, Layout(",", 2, 2), piece=2**16)
    assert (len(sheet), sheet[-1]) == (30_000, ["29999", '"mug 29999'])
    assert repaired > 10_000


def test_18000_blank_rows_at_the_end_are_counted():
    [sheet] = read_here(b"sku,quantity\nA,1\n" + b",\n" * 9_000 + b"\n" * 9_000)
    assert (sheet.rows, sheet.width) == (18_002, 2)


def test_a_mark_in_the_middle_and_nul_bytes_are_no_text():
    content = b'\xef\xbb\xbf\xef\xbb\xbfsku,quantity\n\xef\xbb\xbf"A\0B",1\n'
    [sheet] = read_here(content)
    assert cells(sheet) == [["sku", "quantity"], ["AB", "1"]]


def test_a_long_preamble_does_not_hide_the_table():
    preamble = "".join(f"Line {i} of the terms, as agreed\n" for i in range(300))
    table = "date;sku;quantity;price\n" + "2024-01-05;A;1;2,50\n" * 500
    [sheet] = read_here((preamble + table).encode())
    assert cells(sheet)[-1] == ["2024-01-05", "A", "1", "2,50"]
    assert sheet.rows == 801


def test_mixed_line_ends_and_a_blank_line_above_the_header():
    [sheet] = read_here(b"\r\n\nsku,quantity\r\nA,1\nB,2\rC,3")
    assert cells(sheet) == [["", ""]] * 2 + [
        ["sku", "quantity"],
        ["A", "1"],
        ["B", "2"],
        ["C", "3"],
    ]


def test_a_row_that_grows_wider_late_is_kept(monkeypatch):
    monkeypatch.setattr(delimited, "_FIRST_PIECE", 64)
    monkeypatch.setattr(delimited, "_PIECE", 64)
    rows = [["a"] * width for width in (2, 3, 5, 9, 17, 33, 2)]
    [sheet] = read_here("\n".join(",".join(row) for row in rows for _ in range(10)).encode())
    assert (sheet.rows, sheet.width) == (70, 33)
    assert [len("".join(row)) for row in cells(sheet)[::10]] == [2, 3, 5, 9, 17, 33, 2]
    assert len(sheet.head[0]) == 33


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_that_are_quoted_as_a_whole_are_read_cell_by_cell(end):
    rows = ['"Date,SKU,Product Name,Qty"', '"2026-06-01,A,""Mug, red"",5"', '"2026-06-02,B,Lamp,3"']
    for content in (end.join(rows), "\ufeff" + end.join([*rows, ""])):
        [sheet] = read_here(content.encode())
        assert cells(sheet) == [
            ["Date", "SKU", "Product Name", "Qty"],
            ["2026-06-01", "A", "Mug, red", "5"],
            ["2026-06-02", "B", "Lamp", "3"],
        ]


def test_a_big_file_of_wholly_quoted_rows_is_read_to_its_end():
    lines = ["Date,SKU,Qty", *(f"2026-06-01,A-{i},{i}" for i in range(120_000))]
    [sheet] = read_here("\n".join(f'"{line}"' for line in lines).encode())
    assert [",".join(row) for row in cells(sheet)] == lines


def test_quoted_sentences_in_one_column_stay_whole():
    rows = ["Remark", "Sent on Monday, as asked", "Paid, sent, and received"]
    [sheet] = read_here("\n".join(f'"{row}"' for row in rows).encode())
    assert cells(sheet) == [[row] for row in rows]


@pytest.mark.parametrize("separator", [",", "|", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_within_quotes_do_not_pass_for_those_between_cells(separator, end):
    rows = [["name", "text", "more"], ["x", ";", ";;;"], ["y", "red;blue;green", "a;b;c;d"]]
    target = io.StringIO(newline="")
    form = {"delimiter": separator, "lineterminator": end, "quoting": csv.QUOTE_ALL}
    csv.writer(target, **form).writerows(rows)
    [sheet] = read_here(target.getvalue().encode())
    assert cells(sheet) == rows


def test_a_quoted_carriage_return_starts_no_row():
    [sheet] = read_here(b'"name","text","more"\n"\r",";",";;;"\n')
    assert cells(sheet) == [["name", "text", "more"], ["", ";", ";;;"]]


def test_quotes_that_mean_inches_do_not_decide_on_the_separator():
    rows = ["SKU,Name,Qty", 'A,5" screen; black; new,3', 'B,"7" screen; white; new,4']
    [sheet] = read_here("\n".join(rows).encode())
    assert [row[2] for row in cells(sheet)] == ["Qty", "3", "4"]
