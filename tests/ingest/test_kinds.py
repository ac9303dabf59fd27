"""Every kind of spreadsheet gives the same text; what is none gets the sentence that helps."""

import datetime as dt
import gzip
import io
import tarfile
from decimal import Decimal

import pyarrow as pa
import pytest

from analytics import errors
from analytics.ingest import Limits
from tests.ingest.making import cells, read_here, repacked, workbook
from tests.ingest.spreadsheets import archive, biff, compound, ods, ods_of, parquet, xls, xlsb

ROWS = [["sku", "名称", "quantity"], ["A-1", "蓝色水杯", 3], ["B", None, 2.5], ["0012", "x", -1]]
TEXTS = [
    ["sku", "名称", "quantity"],
    ["A-1", "蓝色水杯", "3"],
    ["B", "", "2.5"],
    ["0012", "x", "-1"],
]
BOOKS = {
    "xlsx": workbook(Orders=ROWS),
    "xlsm": repacked(workbook(Orders=ROWS), **{"xl__vbaProject.bin": b"macros"}),
    "xls": xls(Orders=ROWS),
    "xlsb": xlsb(ROWS),
    "ods": ods(ROWS),
}


@pytest.mark.parametrize("kind", BOOKS)
def test_every_kind_of_workbook_gives_the_same_text(kind):
    [sheet] = read_here(BOOKS[kind], "orders.csv")
    assert (sheet.sheet, cells(sheet)) == ("Orders", TEXTS)
    assert sheet.notes == ((("has_macros", {}),) if kind == "xlsm" else ())


def test_macros_of_an_old_workbook_are_noted_too():
    content = compound(Workbook=biff({"Orders": ROWS}), _VBA_PROJECT_CUR=b"macros")
    [sheet] = read_here(content)
    assert (cells(sheet), sheet.notes) == (TEXTS, (("has_macros", {}),))


def test_old_workbooks_with_several_sheets():
    first, second = read_here(xls(May=ROWS, June=ROWS[:2], Empty=[]))
    assert [first.sheet, second.sheet, second.rows] == ["May", "June", 2]
    assert first.notes == (("skipped_sheets", {"sheets": "Empty"}),)


def test_repeated_cells_of_an_honest_ods():
    cell = '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
    filler = (
        '<table:table-row table:number-rows-repeated="1048570">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    twice = cell.replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="2"')
    [sheet] = read_here(ods_of(f"<table:table-row>{twice}</table:table-row>{filler}"))
    assert cells(sheet) == [["x", "x"]]


def test_parquet_columns_of_every_type():
    moment = dt.datetime(2024, 5, 1, 10, 30)  # noqa: DTZ001
    content = parquet(
        sku=pa.array(["007", None, "蓝"]),
        quantity=pa.array([3, None, -1]),
        price=pa.array([2.5, float("nan"), 3.0]),
        cost=pa.array([Decimal("1.10"), None, Decimal("2.00")]),
        day=pa.array([dt.date(2024, 5, 1), None, dt.date(2024, 5, 2)]),
        moment=pa.array([moment, None, moment.replace(hour=0, minute=0)], pa.timestamp("ns")),
        zoned=pa.array([moment, None, moment], pa.timestamp("us", "UTC")),
        sold=pa.array([True, None, False]),
        shop=pa.array(["a", None, "b"]).dictionary_encode(),
        raw=pa.array([b"abc", None, b"\xff"]),
        tags=pa.array([["x", "y"], None, []]),
    )
    [sheet] = read_here(content, "orders.parquet")
    header, first, blank, last = cells(sheet)
    assert header[:3] == ["sku", "quantity", "price"]
    assert first == ["007", "3", "2.5", "1.10", "2024-05-01", "2024-05-01 10:30:00",
                     "2024-05-01 10:30:00+00:00", "TRUE", "a", "abc", '["x", "y"]']  # fmt: skip
    assert blank == [""] * 11
    assert last[1:6] == ["-1", "3", "2.00", "2024-05-02", "2024-05-01"]
    assert last[7:] == ["FALSE", "b", "\ufffd", "[]"]


def test_parquet_has_limits():
    wide = parquet(**{f"c{i}": [1] for i in range(501)})
    with pytest.raises(errors.TooManyColumnsError):
        read_here(wide)
    with pytest.raises(errors.TooManyRowsError):
        read_here(parquet(a=[1] * 101), limits=Limits(rows=100))
    with pytest.raises(errors.LongCellError):
        read_here(parquet(a=["x" * 40_000]))


def tar(content):
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as out:
        about = tarfile.TarInfo("a.csv")
        about.size = len(content)
        out.addfile(about, io.BytesIO(content))
    return target.getvalue()


XML_2003 = (
    b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet/></Workbook>'
)


@pytest.mark.parametrize(
    ("content", "error", "found"),
    [
        (gzip.compress(b"a,b\n1,2\n" * 90), errors.PackedFileError, "gzip"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(90), errors.PackedFileError, "7z"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(90), errors.PackedFileError, "rar"),
        (b"BZh91AY&SY" + bytes(90), errors.PackedFileError, "bzip2"),
        (tar(b"a,b\n1,2\n"), errors.PackedFileError, "tar"),
        (XML_2003, errors.UnsupportedFormatError, "XML Spreadsheet 2003"),
        (b"\x09\x04\x06\x00" + bytes(90), errors.UnsupportedFormatError, "Excel 4"),
        (archive({"Index/Document.iwa": b"x"}), errors.UnsupportedFormatError, "Numbers"),
        (compound(WordDocument=b"x"), errors.NotASpreadsheetError, "OLE"),
        (b'[\n{"sku": "A"}]', errors.NotASpreadsheetError, "JSON"),
        (b"<?xml version='1.0'?><orders/>", errors.NotASpreadsheetError, "XML"),
        (b"{\\rtf1 text}", errors.NotASpreadsheetError, "RTF"),
    ],
)
def test_other_files_say_what_they_are(content, error, found):
    with pytest.raises(error) as refused:
        read_here(content, "orders.csv")
    assert refused.value.params["found"] == found


@pytest.mark.parametrize("letters", ["MZ-Nr", "BZh-Nr", "RIFF", "GIF8", "7z", "PAR", "II"])
def test_a_header_may_start_with_any_letters(letters):
    [sheet] = read_here(f"{letters},sku\n1,A\n".encode())
    assert cells(sheet)[0] == [letters, "sku"]


def test_locked_workbooks_are_told_from_broken_ones():
    for content in (
        compound(EncryptedPackage=b"x", EncryptionInfo=b"y"),
        compound(Workbook=biff({"S": ROWS}, extra=b"\x2f\x00\x06\x00" + b"\1" * 6)),
        ods(ROWS, manifest="<manifest:encryption-data/>"),
        b"PARE" + bytes(90),
    ):
        with pytest.raises(errors.EncryptedFileError):
            read_here(content)
