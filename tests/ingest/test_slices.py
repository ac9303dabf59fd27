"""An xlsx sheet that is read slice by slice says what it says when it is read in one piece."""

import io
import re
import tempfile
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.ingest import slices, workbooks
from analytics.ingest.books import UncutError
from analytics.ingest.limits import Limits, RefusedError
from analytics.ingest.telling import Teller
from tests.ingest.making import as_raw, cells, read_here, repacked, workbook

SHEET = "xl__worksheets__sheet1.xml"
MOMENTS = st.integers(0, 10**8).map(lambda s: datetime(2020, 1, 1) + timedelta(seconds=s))  # noqa: DTZ001
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=6)
CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.floats(-1e9, 1e9), TEXT, MOMENTS
)
ROWS = st.lists(st.lists(CELLS, max_size=5), max_size=25)


WHOLE = partial(workbooks.read, kind="xlsx")


def by_xlsxwriter(rows, constant_memory):
    target = io.BytesIO()
    options = {"constant_memory": constant_memory, "default_date_format": "yyyy-mm-dd hh:mm"}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet()
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(i, j, cell)
                elif cell is not None:
                    sheet.write(i, j, cell)
    return target.getvalue()


def by_openpyxl(rows):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(
            [cell if cell is None or not isinstance(cell, str) else f"x{cell}" for cell in row]
        )
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read(content, reader, size=None):
    folder = Path(tempfile.mkdtemp())
    path = folder / "upload"
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        if size:
            patch.setattr(slices, "_FIRST_SLICE", size)
            patch.setattr(slices, "_SLICE", size)
            patch.setattr(workbooks, "read", None)  # so that nothing is read in one piece unseen
        found, skipped = reader(path, folder=folder, limits=Limits(), teller=Teller())
    return [cells(as_raw(sheet, folder, "a.xlsx", ())) for sheet in found], skipped


@given(ROWS, st.sampled_from(["shared", "inline", "openpyxl"]), st.sampled_from([1, 200, 2**20]))
@settings(max_examples=150, deadline=None)
def test_slices_say_what_the_whole_says(rows, how, size):
    content = by_openpyxl(rows) if how == "openpyxl" else by_xlsxwriter(rows, how == "inline")
    assert read(content, workbooks.read_sliced, size) == read(content, WHOLE)


def changed(pattern, replacement, rows=None):
    """Return a workbook whose sheet is written as other programs write it."""
    content = workbook(S=rows or [["sku", "name"], ["A", "mug"], [None, None], ["B", 2.5]])
    with openpyxl.reader.excel.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    altered = re.sub(pattern, replacement, sheet)
    assert altered != sheet
    return repacked(content, **{SHEET: altered.encode()})


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r'(<c r="\w+") t="s"', r'\1 t="s" s="0"'),
        (r'<row r="(\d+)"', r'<row spans="1:2" r="\1"'),
        (r"</row>", "</row>\n  "),
        (r"<row ", "<row\n "),
        (r"<sheetData>", '<sheetData xml:space="preserve" >'),
        (r'(<(?:row|c)) r="\w+"', r"\1"),
        (r'(<c) r="\w+"', r"\1"),
        (r'<dimension ref="[^"]*"/>', '<dimension ref="A1:XFD1048576"/>'),
    ],
)
@pytest.mark.parametrize("size", [1, 2**20])
def test_other_programs_spellings_are_cut_too(pattern, replacement, size):
    content = changed(pattern, replacement)
    assert read(content, workbooks.read_sliced, size) == read(content, WHOLE)


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r"<sheetData>", "<sheetData><!-- -->"),
        (r't="s"', "t='s'"),
        (r'<row r="4"', '<row r="1"'),
        (r'<row r="4"', "<row"),
        (r"<sheetData>", "<sheetData><?note?>"),
        (r'standalone="yes"\?>', "?><?xml-stylesheet?><!-- <sheetData> -->"),
    ],
)
def test_what_cannot_be_cut_is_read_whole(pattern, replacement):
    content = changed(pattern, replacement)
    [sheet] = read_here(content)
    assert [row for row in cells(sheet) if any(row)][-1] == ["B", "2.5"] or 'r="1"' in replacement


def test_sheets_with_a_prefix_are_read_whole():
    content = changed(r"(</?)(worksheet|sheetData|row|c|v)\b", r"\1x:\2")
    content = repacked(content, **{SHEET: _prefixed(content)})
    [sheet] = read_here(content)
    assert cells(sheet)[-1] == ["B", "2.5"]


def _prefixed(content):
    with openpyxl.reader.excel.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("xl/worksheets/sheet1.xml").replace(b"xmlns=", b"xmlns:x=", 1)


def test_rows_far_apart_cost_nothing():
    rows = [["sku", "quantity"], ["A", 1]]
    content = changed(r'r="([AB]?)2"', r'r="\g<1>1048576"', rows)
    [[*found]], _ = read(content, workbooks.read_sliced, 2**20)
    assert (len(found), found[0], found[-1]) == (1_048_576, ["sku", "quantity"], ["A", "1"])
    assert not any(map(any, found[1:-1]))


def test_texts_that_are_not_there_are_a_damage():
    content = changed(r"<v>3</v>", "<v>99</v>")
    with pytest.raises(RefusedError, match="damaged"):
        read(content, workbooks.read_sliced, 2**20)


def test_a_text_that_looks_like_a_place_stays_a_text():
    rows = [["sku", 't="s"><v>0'], ["<v>1", "\ue0011"]]
    assert read(by_xlsxwriter(rows, False), workbooks.read_sliced)[0] == [rows]
    assert read(by_xlsxwriter(rows, True), workbooks.read_sliced)[0] == [rows]


def test_a_changed_byte_is_noticed():
    """The archive's checksum is looked at, although the sheet could be read without."""
    content = bytearray(by_xlsxwriter([["sku", "quantity"], ["A", 1]], True))
    at = content.index(b"PK\x01\x02", content.index(b"xl/worksheets/sheet1.xml") + 60)
    while not content[at + 46 :].startswith(b"xl/worksheets/sheet1.xml"):
        at = content.index(b"PK\x01\x02", at + 4)
    content[at + 16] ^= 1
    with pytest.raises(RefusedError, match="damaged"):
        read(bytes(content), workbooks.read_sliced)


def test_a_book_without_its_parts_cannot_be_cut():
    content = repacked(workbook(S=[["a"]]), **{"xl__workbook.xml": b"<workbook"})
    with pytest.raises(RefusedError, match="damaged"):
        read(content, workbooks.read_sliced)
    assert issubclass(UncutError, Exception)
