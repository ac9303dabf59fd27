"""Dates: every way of writing that exports use, and the order of day and month by the column."""

from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.ingest import clean, recognise
from analytics.ingest.dates import FIRST, LAST, date_in_name, days, reading
from tests.ingest.making import raw

WRITTEN = {
    "2024-01-05": (2024, 1, 5),
    "2024-01-05 10:20:30": (2024, 1, 5),
    "2017-06-17T08:04:21+00:00": (2017, 6, 17),
    "2024-01-05T10:20:30.123Z": (2024, 1, 5),
    "2026-04-05 21:06:21 +0400": (2026, 4, 5),
    "2024/1/5": (2024, 1, 5),
    "2024.1.5": (2024, 1, 5),
    "2024年1月5日": (2024, 1, 5),
    "2024年1月5日 10时20分": (2024, 1, 5),
    "2024-01-05 星期五": (2024, 1, 5),
    "2024/01/05 下午 3:20": (2024, 1, 5),
    "20240105": (2024, 1, 5),
    "05.01.2024": (2024, 1, 5),
    "13/06/2026 14:30:05\t": (2026, 6, 13),
    "13 Jun 2026 14:30": (2026, 6, 13),
    "Jul-21-25": (2025, 7, 21),
    "21-Jul-25": (2025, 7, 21),
    "Jul-21-25 10:03 PM PDT": (2025, 7, 21),
    "June 13, 2026": (2026, 6, 13),
    "Sat, 13th June 2026": (2026, 6, 13),
    "5. März 2024": (2024, 3, 5),
    "2-Jun-06": (2006, 6, 2),
    "45321": (2024, 1, 30),
    "45321.604": (2024, 1, 30),
    "１３/０６/２０２４": (2024, 6, 13),
}
PERIODS = {
    "2024-05": ((2024, 5, 1), "month"),
    "2024年5月": ((2024, 5, 1), "month"),
    "202405": ((2024, 5, 1), "month"),
    "Mar 2024": ((2024, 3, 1), "month"),
    "2024-W12": ((2024, 3, 18), "week"),
    "2024年第12周": ((2024, 3, 18), "week"),
}
NOT_DATES = [
    "",
    "soon",
    "2024-02-30",
    "30/02/2024",
    "31/31/2024",
    "Date Not Captured",
    "12",
    "2024-W60",
    "1718000000",
]


def read(*texts, day_first=True):
    column = pa.array(texts, pa.large_string()).dictionary_encode()
    found = days(column.dictionary, column.indices)
    order = found.evidence.order
    return found.decided(day_first=day_first if order is None else order)


@pytest.mark.parametrize("text", WRITTEN)
def test_a_date_is_read_however_it_is_written(text):
    assert read(text).values().to_pylist() == [date(*WRITTEN[text])]


@pytest.mark.parametrize("text", PERIODS)
def test_a_period_is_named_by_its_first_day(text):
    day, grain = PERIODS[text]
    found = read(text)
    assert (found.values().to_pylist(), found.grains().to_pylist()) == ([date(*day)], [grain])


@pytest.mark.parametrize("text", NOT_DATES)
def test_what_is_no_date_is_none(text):
    assert read(text).values().to_pylist() == [None]


def test_a_date_outside_of_this_trade_is_told_from_no_date_at_all():
    found = read("1888-01-01", "2101-01-01", "soon", "2024-01-01")
    assert found.are_out_of_range().to_pylist() == [True, True, False, False]
    assert found.values().to_pylist() == [None, None, None, date(2024, 1, 1)]


def test_one_value_above_twelve_decides_the_column():
    assert read("03/04/2024", "25/04/2024").values().to_pylist() == [
        date(2024, 4, 3),
        date(2024, 4, 25),
    ]
    assert read("03/04/2024", "04/25/2024").values().to_pylist() == [
        date(2024, 3, 4),
        date(2024, 4, 25),
    ]


def dates_of(*texts, **columns):
    header = ["Date", "SKU", "Quantity", *columns]
    rows = [
        [text, "A", "1", *(column[i] for column in columns.values())]
        for i, text in enumerate(texts)
    ]
    sheet = raw([header, *rows])
    cleaned = clean(sheet, recognise(sheet))
    return cleaned.rows["date"].to_pylist(), dict(cleaned.notes)


def test_an_order_that_is_shown_is_noted_and_one_that_is_guessed_too():
    found, notes = dates_of("03/04/2024", "25/04/2024")
    assert notes == {
        "date_order": {
            "header": "Date",
            "example": "03/04/2024",
            "reads": "2024-04-03",
            "other": "2024-03-04",
        }
    }
    assert found[0] == date(2024, 4, 3)
    _, notes = dates_of("03/04/2024")
    assert list(notes) == ["date_order_ambiguous"]
    assert dates_of("2024-04-03", "25/04/2024")[1] == {}


def test_a_guess_takes_the_order_whose_days_lie_together_or_the_regions_custom():
    assert dates_of("01/05/2024", "02/05/2024", "03/05/2024")[0][0] == date(2024, 5, 1)
    assert dates_of("05/01/2024", "05/02/2024", "05/03/2024")[0][0] == date(2024, 5, 1)
    assert dates_of("03/04/2024", Country=["US"])[0] == [date(2024, 3, 4)]
    assert dates_of("03/04/2024", Country=["DE"])[0] == [date(2024, 4, 3)]


def test_an_open_column_follows_the_others_of_its_sheet():
    header = ["PO Number", "SKU", "Qty", "PO Date", "Received Date"]
    sheet = raw(
        [header, ["1", "A", "5", "03/04/2024", "06/05/2024"], ["2", "A", "5", "04/25/2024", ""]]
    )
    cleaned = clean(sheet, recognise(sheet))
    assert cleaned.rows["ordered_on"].to_pylist() == [date(2024, 3, 4), date(2024, 4, 25)]
    assert cleaned.rows["received_on"].to_pylist() == [date(2024, 6, 5), None]


def test_dates_that_a_program_mistook_are_swapped_back():
    kept = ["13/05/2024", "14/05/2024", "25/05/2024"]  # stayed text, for there is no month 13
    mistaken = ["2024-01-05", "2024-02-05", "2024-12-05"]  # were 01/05, 02/05 and 12/05
    found, notes = dates_of(*kept, *mistaken)
    assert found[3:] == [date(2024, 5, 1), date(2024, 5, 2), date(2024, 5, 12)]
    assert "dates_mended" in notes
    assert dates_of(*kept, "2024-01-15", *mistaken)[0][4:] == [
        date(2024, 1, 5),
        date(2024, 2, 5),
        date(2024, 12, 5),
    ]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("BusinessReport-20260401-20260430.csv", date(2026, 4, 30)),
        ("库存_2024-05-31_全部.xlsx", date(2024, 5, 31)),
        ("stock 20241399.csv", None),
        ("order1202405310.csv", None),
        ("stock.csv", None),
    ],
)
def test_the_day_in_a_files_name(name, day):
    assert date_in_name(name) == day


STYLES = [
    "{0:%Y-%m-%d}",
    "{0:%Y-%m-%d} 23:59:59",
    "{0:%Y/%m/%d}",
    "{0:%Y%m%d}",
    "{0:%d.%m.%Y}",
    "{0:%d %b %Y}",
    "{0:%b-%d-%y}",
    "{0:%B} {0.day}, {0:%Y}",
    "{0.year}年{0.month}月{0.day}日",
    "{0:%Y-%m-%d}T00:00:00+08:00",
]
AROUND_NOW = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@given(st.dates(FIRST, LAST), st.sampled_from(STYLES))
def test_what_is_written_in_any_style_is_read_again(day, style):
    if "%y" in style and not date(1970, 1, 1) <= day < date(2070, 1, 1):
        day = day.replace(year=2024, day=min(day.day, 28))
    assert reading_of(style.format(day)) == day


def reading_of(text):
    return read(text).values().to_pylist()[0]


@settings(max_examples=50)
@given(st.lists(AROUND_NOW, min_size=1, max_size=30), st.booleans(), st.sampled_from(["/", "-"]))
def test_a_column_with_one_telling_day_is_read_as_written(found, day_first, mark):
    found = [*found, date(2024, 5, 25)]
    style = f"%d{mark}%m{mark}%Y" if day_first else f"%m{mark}%d{mark}%Y"
    assert (
        read(*(f"{day:{style}}" for day in found), day_first=not day_first).values().to_pylist()
        == found
    )


@given(st.integers(32_874, 73_415))
def test_excels_serial_numbers(serial):
    assert reading(str(serial)).day == date(1899, 12, 30) + timedelta(days=serial)


@given(st.text(max_size=20))
def test_no_text_breaks_the_reader(text):
    read(text).values()
