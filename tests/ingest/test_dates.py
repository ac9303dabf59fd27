"""Dates: every way of writing that exports use, and the order of day and month by the column."""

import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import UnknownTimeZoneError
from analytics.i18n import Translator
from analytics.ingest import clean, recognise
from analytics.ingest.dates import FIRST, LAST, date_in_name, dates_alone, days, reading
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
    "٢٠٢٤-٠١-٠٥": (2024, 1, 5),
    "\u200e2024\u200e-\u200e01-05": (2024, 1, 5),
    '="2024-01-05"': (2024, 1, 5),
    "'2024-01-05": (2024, 1, 5),
    "45321,604": (2024, 1, 30),
    "2024-Jan-05": (2024, 1, 5),
    "Jun 13, 2026, 2:30:05 PM": (2026, 6, 13),
    "1 Jan 2026 14:30:33 GMT+1": (2026, 1, 1),
    "1 janv. 2026 14:30:33 UTC": (2026, 1, 1),
    "Jan. 5, 2026 2:30:33 p.m. PST": (2026, 1, 5),
    "2026/01/05 14:30:33JST": (2026, 1, 5),
    "01.01.2026 14:30 Uhr": (2026, 1, 1),
    "14:30 13/06/2026": (2026, 6, 13),
    "2024年1月5日(金)": (2024, 1, 5),
    "2024年1月5日 金曜日": (2024, 1, 5),
    "2024年1月5日 下午3:20": (2024, 1, 5),
    "2024年1月5日 10点20分": (2024, 1, 5),
    "2024-W12-3": (2024, 3, 20),
    "13 Juni 2026 14.30 WIB": (2026, 6, 13),
    "Jumat, 13 Maret 2026": (2026, 3, 13),
    "13 Agustus 2026": (2026, 8, 13),
    "13 มิถุนายน 2567": (2024, 6, 13),
    "13 มิ.ย. 2567 14:30 น.": (2024, 6, 13),
    "13 มี.ค. 67": (2024, 3, 13),
    "13 ม.ค. 67": (2024, 1, 13),
    "13 ม.ค. 2024": (2024, 1, 13),
    "วันศุกร์ที่ 13 กุมภาพันธ์ พ.ศ. 2569": (2026, 2, 13),
    "๑๓/๐๖/๒๕๖๗": (2024, 6, 13),
    "13/06/2567": (2024, 6, 13),
    "2567-06-13": (2024, 6, 13),
    "25670613": (2024, 6, 13),
    "29/02/2567": (2024, 2, 29),
    "13 tháng 6, 2026": (2026, 6, 13),
    "13 thg 6 2026": (2026, 6, 13),
    "Ngày 13 tháng 6 năm 2026": (2026, 6, 13),
    "5. Dez. 2024": (2024, 12, 5),
    "Mi., 5. Juni 2024": (2024, 6, 5),
    "Mittwoch, 5. Juni 2024": (2024, 6, 5),
    "1er août 2024": (2024, 8, 1),
    "mar. 13 févr. 2024": (2024, 2, 13),
    "vendredi 13 décembre 2024 14h30": (2024, 12, 13),
    "13 de junio de 2026": (2026, 6, 13),
    "13 de setiembre del 2026": (2026, 9, 13),
    "13 ene 2026": (2026, 1, 13),
    "1º giugno 2026": (2026, 6, 1),
    "venerdì 13 gennaio 2026": (2026, 1, 13),
    "5 de jan. de 2026": (2026, 1, 5),
    "13 de março de 2026": (2026, 3, 13),
    "5agosto2024": (2024, 8, 5),
}
PERIODS = {
    "2024-05": ((2024, 5, 1), "month"),
    "2024年5月": ((2024, 5, 1), "month"),
    "202405": ((2024, 5, 1), "month"),
    "Mar 2024": ((2024, 3, 1), "month"),
    "2024-W12": ((2024, 3, 18), "week"),
    "2024年第12周": ((2024, 3, 18), "week"),
    "2024W12": ((2024, 3, 18), "week"),
    "Week 12, 2024": ((2024, 3, 18), "week"),
    "KW 12/2024": ((2024, 3, 18), "week"),
    "2024-03-18 ~ 2024-03-24": ((2024, 3, 18), "week"),
    "2024/03/18-2024/03/24": ((2024, 3, 18), "week"),
    "2024-03-18 至 2024-03-24": ((2024, 3, 18), "week"),
    "2024-02-01 - 2024-02-29": ((2024, 2, 1), "month"),
    "05/2024": ((2024, 5, 1), "month"),
    "Mei 2024": ((2024, 5, 1), "month"),
    "junio de 2024": ((2024, 6, 1), "month"),
    "มิ.ย. 2567": ((2024, 6, 1), "month"),
    "tháng 6 năm 2024": ((2024, 6, 1), "month"),
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
    "2024-03-18 ~ 2024-04-05",
    "2024-03-24 ~ soon",
    "Total 2024",
    "13 Brumaire 2024",
    "2024-13-01",
    "13/2024",
    "14:30",
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
    assert notes["dates_mended"] == {
        "header": "Date",
        "example": "2024-01-05",
        "reads": "2024-05-01",
    }
    assert dates_of(*kept, "2024-01-15", *mistaken)[0][4:] == [
        date(2024, 1, 5),
        date(2024, 2, 5),
        date(2024, 12, 5),
    ]


@pytest.mark.parametrize("time", ["", " 00:00:00", " 10:11:12"])
def test_two_exports_put_together_are_nothing_to_mend(time):
    iso = [f"2026-06-{day:02}{time}" for day in range(1, 5)]
    slashed = [f"{day}/05/2026 10:00" for day in range(28, 32)]
    found, notes = dates_of(*iso, *slashed)
    assert found == [date(2026, 6, day) for day in range(1, 5)] + [
        date(2026, 5, day) for day in range(28, 32)
    ]
    assert "dates_mended" not in notes


def test_a_time_of_day_and_a_persons_word_speak_against_mending():
    kept = ["13/05/2024", "14/05/2024", "25/05/2024"]
    taken = ["2024-01-05", "2024-02-05", "2024-12-05"]
    as_written = [date.fromisoformat(text) for text in taken]
    assert dates_of(*kept, *(f"{text} 10:11" for text in taken))[0][3:] == as_written
    assert "dates_mended" in dates_of(*kept, *(f"{text} 00:00:00" for text in taken))[1]
    sheet = raw([["Date", "SKU", "Qty"], *([text, "A", "1"] for text in kept + taken)])
    chosen = replace(recognise(sheet), day_first=True)
    assert clean(sheet, chosen).rows["date"].to_pylist()[3:] == as_written


@pytest.mark.parametrize("text", ["6月4日", "6月", "06/04", "4 Jun", "June 4th"])
def test_a_date_without_a_year_is_told_so(text):
    sheet = raw([["Date", "SKU", "Qty"], ["2026-06-01", "A", "1"], [text, "A", "1"]])
    [issue] = clean(sheet, recognise(sheet)).issues.to_dict("records")
    assert (issue["code"], issue["value"]) == ("issue.no_year", text)
    for language in ("en", "zh"):
        assert text in Translator(language)("issue.no_year", value=text)


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


CLOCKS = ["", " 0:05", " 14:30", "T14:30:05", " 14:30:05.25", " 9:05 PM PDT", "\t23:59:59 +0400"]
CLOCKS += ["T08:04:21+00:00", "T08:04:21Z", " 下午 3:20", " 3:20:30 pm", " 14:30 soon", "::", ":1"]
TIMED = st.builds(
    "{}{}".format,
    st.sampled_from(["2026-04-05", "4/5/2026", "5 Mai 2026", "2026年4月5日", "x", "1"]),
    st.sampled_from(CLOCKS),
)


@given(st.lists(TIMED | st.text(max_size=12), max_size=40))
def test_times_are_set_aside_without_changing_any_date(texts):
    """What is read of rows split before the hour is what is read of each text alone."""
    found = days(pa.array(texts, pa.large_string()))
    read = [found.texts[place] for place in found.places.to_pylist()]
    plain = [unicodedata.normalize("NFKC", text).strip() for text in texts]
    assert read == dates_alone(pa.array(plain, pa.large_string())).to_pylist()


WRITTEN_AT = [  # how exports write a moment, and the offset that they name
    ("%Y-%m-%dT%H:%M:%S", "+00:00"),
    ("%Y-%m-%dT%H:%M:%S", "Z"),
    ("%Y-%m-%d %H:%M:%S ", "+0400"),
    ("%d/%m/%Y %H:%M ", "-03:30"),
    ("%b %d, %Y %I:%M:%S %p ", "PDT"),
    ("%d %b %Y %I:%M%p ", "GMT+9"),
]
HOURS = {"+00:00": 0, "Z": 0, "+0400": 4, "-03:30": -3.5, "PDT": -7, "GMT+9": 9}
MOMENTS = st.integers(0, 15 * 365 * 1440).map(
    lambda minute: datetime(2015, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)


@given(
    st.lists(st.tuples(MOMENTS, st.sampled_from(WRITTEN_AT)), min_size=1, max_size=20),
    st.sampled_from(["America/Los_Angeles", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]),
)
def test_a_moment_falls_on_the_day_of_the_chosen_zone(moments, zone):
    texts, expected = ["25/05/2024"], [date(2024, 5, 25)]
    for moment, (style, offset) in moments:
        texts.append(moment.strftime(style) + offset)
        instant = moment - timedelta(hours=HOURS[offset])
        expected.append(instant.astimezone(ZoneInfo(zone)).date())
    found = days(pa.array(texts, pa.large_string())).decided(day_first=True)
    assert found.values_in(zone).to_pylist() == expected


def dated(*texts, **changes):
    sheet = raw([["Date", "SKU", "Quantity"], *([text, "A", "1"] for text in texts)])
    cleaned = clean(sheet, replace(recognise(sheet), **changes))
    return [f"{day}" for day in cleaned.rows["date"].to_pylist()], dict(cleaned.notes)


def test_offsets_are_told_and_a_time_zone_moves_days():
    texts = ["2026-03-01T03:00:00+00:00", "2026-03-01T12:00:00Z", "2026-03-02", "2026-03-02 01:00"]
    found, notes = dated(*texts)
    assert found == ["2026-03-01", "2026-03-01", "2026-03-02", "2026-03-02"]
    assert notes == {"offsets": {"header": "Date", "offsets": "+00:00, Z"}}
    found, notes = dated(*texts, time_zone="America/Los_Angeles")
    assert found == ["2026-02-28", "2026-03-01", "2026-03-02", "2026-03-02"]
    facts = {"header": "Date", "zone": "America/Los_Angeles", "count": 1}
    assert notes == {"time_zone": facts}
    for language in ("zh", "en"):
        assert "Los_Angeles" in Translator(language)("note.time_zone", **facts)
        assert "+04" in Translator(language)("note.offsets", header="Date", offsets="+0400")
    assert dated("2026-03-01 03:00", time_zone="Asia/Tokyo") == (["2026-03-01"], {})


def test_an_afternoon_in_front_of_the_hour_counts():
    texts = ["2026-03-01 下午 9:30 +08:00", "2026-03-01 上午 9:30 +08:00"]
    assert dated(*texts, time_zone="Asia/Tokyo")[0] == ["2026-03-01", "2026-03-01"]
    assert dated(*texts, time_zone="Pacific/Auckland")[0] == ["2026-03-02", "2026-03-01"]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "/etc"])
def test_an_unknown_time_zone_is_refused(zone):
    with pytest.raises(UnknownTimeZoneError):
        dated("2026-03-01T03:00:00Z", time_zone=zone)
