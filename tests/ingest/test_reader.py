"""Good files of every kind come out of the child process as the text that was meant."""

import errno
import os
import subprocess
import sys
import time
from datetime import date, datetime
from pathlib import Path

import pytest

from analytics import errors
from analytics.errors import Cancelled
from analytics.ingest import Limits, display_name, read, unpacked, worker
from analytics.ingest.reader import sheets_in
from tests.ingest.making import cells, read_here, sheets_of, workbook
from tests.ingest.spreadsheets import ods_of, parquet

MOMENT = datetime(2024, 5, 1, 10, 30)  # noqa: DTZ001 - a cell knows no time zone
ORDERS = [
    ["订单号", "下单时间", "商品编码", "商品名称", "数量"],
    ["A-1", "2024-01-05", "SKU-1", "蓝色水杯", "3"],
]
GERMAN = [["Bestellnummer", "Datum", "Größe", "Menge"], ["1", "05.01.2024", "groß", "3"]]
JAPANESE = [
    ["注文番号", "購入日", "商品名", "数量"],
    ["250-1", "2024/01/05", "青いマグカップ", "3"],
]


def text(rows, separator=",", end="\n"):
    return end.join(separator.join(row) for row in rows) + end


@pytest.mark.parametrize(
    ("rows", "encoding"),
    [
        (ORDERS, name)
        for name in ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be")
    ]
    + [(GERMAN, "cp1252"), (JAPANESE, "shift_jis")],
)
def test_encodings(rows, encoding):
    [sheet] = read_here(text(rows).encode(encoding))
    assert cells(sheet) == rows
    legacy = encoding in ("gb18030", "cp1252", "shift_jis")
    assert [code for code, _ in sheet.notes] == (["encoding"] if legacy else [])


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(separator, end):
    rows = [["date", "sku", "price"], ["2024-01-05", "A", "1.5"], ["2024-01-06", "B", "2.5"]]
    [sheet] = read_here(text(rows, separator, end).encode())
    assert cells(sheet) == rows
    assert (sheet.rows, sheet.width) == (3, 3)


def test_rows_of_any_length_blank_lines_and_a_declared_separator():
    content = b"sep=;\nReport 1,5\n\ndate;sku;quantity\n2024-01-05;A\n2024-01-06;B;2;;;\n\n"
    [sheet] = read_here(content)
    assert [row[:3] for row in cells(sheet)] == [
        ["sep=", "", ""],
        ["Report 1,5", "", ""],
        ["", "", ""],
        ["date", "sku", "quantity"],
        ["2024-01-05", "A", ""],
        ["2024-01-06", "B", "2"],
        ["", "", ""],
    ]
    assert sheet.width == 3


def test_a_row_that_is_wider_than_all_before_is_kept_whole():
    rows = [
        ["date", "sku", "quantity"],
        *[["2024-01-05", "A", "1"]] * 12_000,
        ["2024-01-06", *"ABCDE"],
    ]
    [sheet] = read_here(text(rows).encode())
    assert (sheet.rows, sheet.width) == (12_002, 6)
    assert cells(sheet)[-1] == ["2024-01-06", "A", "B", "C", "D", "E"]


def test_no_quotation_mark_swallows_a_row():
    content = (
        b'id\tname\tquantity\n1\t"5 inch mug\t2\n2\t"two\nlines"\t3\n'
        b'3\tmug 6"\t4\n4\t"Best" mug\t5\n'
    )
    [sheet] = read_here(content)
    assert cells(sheet)[1:] == [
        ["1", '"5 inch mug', "2"],
        ["2", "two\nlines", "3"],
        ["3", 'mug 6"', "4"],
        ["4", "Best mug", "5"],
    ]
    assert ("unclosed_quotes", {"count": 1}) in sheet.notes


def test_a_workbooks_cells_are_what_was_meant():
    rows = [
        ["sku", "order", "price", "date", "moment", "yes", "nothing"],
        [21844, 490397, 2.95, date(2024, 5, 1), MOMENT, True, None],
        ["007", 578460000000123, -3, None, None, False, "x"],
    ]
    [sheet] = read_here(workbook(Orders=rows), "orders.xlsx")
    assert cells(sheet)[1:] == [
        ["21844", "490397", "2.95", "2024-05-01", "2024-05-01 10:30:00", "TRUE", ""],
        ["007", "578460000000123", "-3", "", "", "FALSE", "x"],
    ]


def test_sheets_that_hold_nothing_are_left_out_and_named():
    content = workbook(First=[["sku"], ["A"]], Empty=[], Second=[[None, None], [None, "b"]])
    first, second = read_here(content, "Book.xlsx")
    assert [first.sheet, second.sheet] == ["First", "Second"]
    assert cells(second) == [["", ""], ["", "b"]]  # rows and columns stay those of the sheet
    assert first.notes == (("skipped_sheets", {"sheets": "Empty"}),)


def test_the_kind_is_told_by_the_bytes_not_by_the_name(tmp_path):
    [sheet] = sheets_of(workbook(S=[["sku"], ["A"]]), "orders.csv", folder=tmp_path)
    assert cells(sheet) == [["sku"], ["A"]]
    [sheet] = sheets_of(b"sku,quantity\nA,1\n", "orders.xlsx", folder=tmp_path)
    assert cells(sheet) == [["sku", "quantity"], ["A", "1"]]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\orders\\may.xlsx", "may.xlsx"),
        ("a\0b\u202ecsv.exe", "abcsv.exe"),
        ("x" * 300, "x" * 120),
        ("\n", "-"),
        ("订单 5 月.xlsx", "订单 5 月.xlsx"),
    ],
)
def test_a_name_is_for_display_and_never_a_path(name, shown):
    assert display_name(name) == shown


def test_a_file_beyond_the_size_limit_says_both_sizes(tmp_path):
    with pytest.raises(errors.FileTooBigError) as refused:
        sheets_of(b"a,b\n" * 2**20, folder=tmp_path, limits=Limits(file_bytes=2**20))
    assert refused.value.params == {"file": "orders.csv", "value": "4 MB", "limit": "1 MB"}


def test_the_user_can_stop_a_file_that_is_being_read(tmp_path):
    def stop(done, total, item):
        raise Cancelled

    path = tmp_path / "upload"
    path.write_bytes(b"a,b\n1,2\n")
    with pytest.raises(Cancelled):
        read(path, "orders.csv", workdir=tmp_path, progress=stop)


def test_a_file_that_takes_too_long_is_given_up(tmp_path):
    with pytest.raises(errors.TooSlowFileError):
        sheets_of(b"a,b\n1,2\n", folder=tmp_path, limits=Limits(seconds=0))


def test_a_child_that_asks_for_too_much_dies_alone(tmp_path):
    cell = (
        '<table:table-cell office:value-type="string" table:number-columns-repeated="20">'
        "<text:p>text</text:p>"
    )
    row = f'<table:table-row table:number-rows-repeated="500000">{cell}</table:table-cell>'
    limits = Limits(memory_bytes=200 * 2**20)
    [small] = sheets_of(b"a,b\n1,2\n", folder=tmp_path, limits=limits)
    assert small.rows == 2
    with pytest.raises(errors.TooMuchMemoryError):
        sheets_of(ods_of(f"{row}</table:table-row>"), folder=tmp_path, limits=limits)


def test_rows_and_cells_have_limits():
    with pytest.raises(errors.TooManyRowsError):
        read_here(b"a,b\n" * 101, limits=Limits(rows=100))
    with pytest.raises(errors.TooManyRowsError):
        read_here(b"a,b\n" * 101, limits=Limits(cells=200))


def test_the_child_starts_without_pandas(tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(workbook(S=[["sku"], ["A"]]))
    code = (
        "import sys; from analytics.ingest import worker\n"
        f"worker.main('read', {str(path)!r}, {str(tmp_path)!r}, '{{}}')\n"
        "print(*(name for name in ('pandas', 'duckdb', 'streamlit') if sys.modules.get(name)))"
    )
    root = Path(__file__).parents[2]
    heavy = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=root)
    assert heavy.stdout.split() == []


def big(rows):
    table = "".join(f"A-{i},2024-01-05,SKU-{i % 97},{i % 7}\n" for i in range(rows))
    return f"order,date,sku,quantity\n{table}".encode()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_the_first_rows_are_shown_once_before_the_file_is_read(kind, tmp_path):
    rows = [line.split(",") for line in big(60_000).decode().splitlines()]
    contents = {
        "csv": lambda: big(400_000),
        "xlsx": lambda: workbook(Orders=rows, More=rows[:50]),
        "parquet": lambda: parquet(**{name: [row[0] for row in rows[1:]] for name in rows[0]}),
    }
    looks = []
    path = tmp_path / "upload"
    path.write_bytes(contents[kind]())
    sheets = read(path, f"orders.{kind}", workdir=tmp_path, first_look=looks.append)
    assert [(one.file, one.sheet) for one in looks] == [(one.file, one.sheet) for one in sheets]
    assert [one.head for one in looks] == [one.head for one in sheets]
    assert [one.width for one in looks] == [one.width for one in sheets]
    assert 40 <= looks[0].rows < sheets[0].rows
    assert looks[0].head[0] == ("order", "date", "sku", "quantity")


def test_progress_tells_how_far_the_file_is_read(tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(workbook(Orders=[["sku", "quantity", "a", "b", "c"]] * 80_000))
    told = []
    read(path, "orders.xlsx", workdir=tmp_path, progress=lambda *step: told.append(step))
    assert {step[1:] for step in told} == {(1000, "orders.xlsx")}
    done = [step[0] for step in told]
    assert done == sorted(done)
    assert len([one for one in done if 0 < one < 1000]) >= 2


def test_stopping_ends_the_child_at_once(tmp_path):
    def stop(done, total, item):
        if done:
            raise Cancelled

    path = tmp_path / "upload"
    path.write_bytes(big(1_000_000))
    with pytest.raises(Cancelled):
        read(path, "orders.csv", workdir=tmp_path, progress=stop)
    sizes = [file.stat().st_size for file in tmp_path.rglob("*.arrow")]
    time.sleep(0.5)
    assert [file.stat().st_size for file in tmp_path.rglob("*.arrow")] == sizes


def test_time_grows_with_the_file():
    limits = Limits()
    assert limits.seconds_for(0) == 8  # a small hostile file is answered within ten seconds
    assert limits.seconds_for(30 * 2**20) == 98  # a million honest rows may take a busy core
    assert limits.seconds_for(2**40) == 120
    assert limits.clock_for(2**40) == 120  # whatever else the machine does


def test_a_full_disk_says_so(tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(big(10))
    (tmp_path / "sheet-0.arrow").symlink_to("/dev/full")
    found = worker.answer("read", path, tmp_path, Limits())
    assert found == {"refused": "write_failed", "facts": {"errno": errno.ENOSPC}}
    with pytest.raises(errors.WriteFailedError) as refused:
        sheets_in(found, tmp_path, "orders.csv")
    assert refused.value.params["reason"] == os.strerror(errno.ENOSPC)


def test_a_disk_that_is_full_to_the_last_word_says_so_too(tmp_path, monkeypatch):
    """The child has no room for its summary either; its exit code is the answer."""
    path = tmp_path / "upload"
    path.write_bytes(big(10))
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / worker.SUMMARY).symlink_to("/dev/full")
    monkeypatch.setattr("tempfile.mkdtemp", lambda dir: str(folder))  # noqa: A006
    with pytest.raises(errors.WriteFailedError) as refused:
        read(path, "orders.csv", workdir=tmp_path)
    assert refused.value.params["reason"] == os.strerror(errno.ENOSPC)


def test_a_folder_that_cannot_be_written_says_so(tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(big(10))
    missing = tmp_path / "none"
    for ask in (read, unpacked):
        if ask is unpacked:
            path.write_bytes(b"PK\x05\x06" + bytes(18))
        with pytest.raises(errors.WriteFailedError) as refused:
            ask(path, "orders.csv", workdir=missing)
        assert str(missing) in refused.value.params["path"]
