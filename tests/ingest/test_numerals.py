"""Numbers: currencies, signs, thousands, and the decimal mark by the whole column."""

import math
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.ingest import clean, recognise
from analytics.ingest.numerals import figures
from tests.ingest.making import raw

PLAIN = {
    "12": 12,
    "1,234.50": 1234.5,
    "1,234": 1234,
    "1,23,456.7": 123456.7,
    "0.125": 0.125,
    ".5": 0.5,
    "5.": 5,
    "+5": 5,
    "(8.00)": -8,
    "-$8.00": -8,
    "$-8.00": -8,
    "8.00-": -8,
    "−8": -8,
    "($1,433.66)": -1433.66,
    "$1,433.66": 1433.66,
    "US$5": 5,
    "CNY 12": 12,
    "￥1,200": 1200,
    "¥99": 99,
    "12.5元": 12.5,
    "€ 12.50": 12.5,
    "12.50 EUR": 12.5,
    "฿1,234.00": 1234,
    "R$5.50": 5.5,
    "RM12.00": 12,
    "kr 5": 5,
    "£3": 3,
    "$.50": 0.5,
    "８９．５": 89.5,
    "１，２３４": 1234,
    "1 234.5": 1234.5,
    "1\u00a0234.5": 1234.5,
    "1'234.50": 1234.5,
    "12%": 0.12,
    "12 pcs": 12,
    "3件": 3,
    "1.5万": 15000,
    "-2万件": -20000,
    "1.2億円": 120000000,
    "¥3万": 30000,
    "5 kg": 5,
    "0.04 m³": 0.04,
    "1e5": 100000,
    "1.2E+05": 120000,
    "٨٩٫٥": 89.5,
    "١٬٢٣٤٬٥٦٧": 1234567,
    "۱۲۳": 123,
    "๑๒๓.๕": 123.5,
    "\u200e12.50\u200f": 12.5,
    '="00123"': 123,
    "'-5": -5,
    "1\u202f234\u202f567.5": 1234567.5,
    "1\u2009234.50": 1234.5,
    "1’234’567.89": 1234567.89,
    "（8.00）": -8,
    "(฿1,234.00)": -1234,
    "1,234.50-": -1234.5,
    "5.-": 5,
    "CHF 5.–": 5,
    "US $5.00": 5,
    "$ 1,433.66 USD": 1433.66,
    "S$12.90": 12.9,
    "NT$1,200": 1200,
    "HK$99.00": 99,
    "₱1,299.00": 1299,
    "₫1.250.000": 1250000,
    "１２．５％": 0.125,
    "12.5 %": 0.125,
}
EUROPEAN = {
    "1.234,56": 1234.56,
    "12,5": 12.5,
    "0,5": 0.5,
    "1.234.567": 1234567,
    "89.000": 89000,
    "1 234,50": 1234.5,
    "1\u202f234,50 €": 1234.5,
    "1.234,56-": -1234.56,
    "-1.234,56 EUR": -1234.56,
    "(1.234,56)": -1234.56,
    "Rp 89.000,00": 89000,
    "Rp89.000,-": 89000,
    "R$ 1.234,50": 1234.5,
    "12,5%": 0.125,
}
NOT_NUMBERS = [
    "",
    "-",
    "abc",
    "nan",
    "inf",
    "-Infinity",
    "1e309",
    "1,2,3",
    "1.2.3",
    "05.01.2024",
    "--5",
    "5-5",
    "12abc",
    "1,23.4,5",
    "0x10",
    "NaN",
    "1e",
    "٣x",
    "$",
    "%",
    "N/A",
    "1/2",
]


def numbers(*texts, mark=None, percent_is_unit=False):
    found = figures(pa.array(texts, pa.large_string()))
    chosen = mark or found.evidence.mark or "."
    return found.values(chosen, percent_is_unit=percent_is_unit).to_pylist()


@pytest.mark.parametrize("text", PLAIN)
def test_a_number_is_read_however_it_is_written(text):
    assert numbers(text) == [pytest.approx(PLAIN[text])]


def test_decimal_commas():
    assert numbers(*EUROPEAN) == [pytest.approx(value) for value in EUROPEAN.values()]


@pytest.mark.parametrize("text", NOT_NUMBERS)
def test_what_is_no_finite_number_is_none(text):
    assert numbers(text) == [None]


def test_percent_is_a_share_unless_the_column_is_in_percent():
    assert numbers("12%", "-5 %") == [0.12, -0.05]
    assert numbers("12%", percent_is_unit=True) == [12]


def test_rupiah_dots_are_thousands():
    assert numbers("Rp 89.000", "Rp1.250.000") == [89000, 1250000]
    assert numbers("89.000", "1.250.000") == [89000, 1250000]


def prices(*texts, **columns):
    header = ["Date", "SKU", "Quantity", "Price", *columns]
    rows = [
        ["2024-01-05", "A", "1", text, *(column[i] for column in columns.values())]
        for i, text in enumerate(texts)
    ]
    sheet = raw([header, *rows])
    cleaned = clean(sheet, recognise(sheet))
    return cleaned.rows["unit_price"].to_pylist(), dict(cleaned.notes)


def test_an_open_decimal_mark_follows_the_sheet_then_the_currency_and_is_noted():
    assert prices("89.000", Discount=["1.000,50"])[0] == [89000]
    found, notes = prices("89.000", "125.500", Currency=["IDR", "IDR"])
    assert found == [89000, 125500]
    facts = {"header": "Price", "example": "89.000", "reads": "89000", "other": "89"}
    assert notes == {"decimal_mark_ambiguous": facts}
    found, notes = prices("89.000", "1.234,50")
    assert (found, list(notes)) == ([89000, 1234.5], ["decimal_mark"])
    found, notes = prices("89.125")
    assert (found, list(notes)) == ([89.125], ["decimal_mark_ambiguous"])
    assert prices("89.125", "1.5") == ([89.125, 1.5], {})


def test_the_currency_that_was_chosen_stands_where_rows_name_none_and_tells_the_custom():
    header = ["Date", "SKU", "Quantity", "Price", "Currency"]
    rows = [["2024-01-05", "A", "1", "89.000", code] for code in ("", "USD", "")]
    sheet = raw([header, *rows])
    found = clean(sheet, replace(recognise(sheet), currency="IDR"))
    assert found.rows["currency"].to_pylist() == ["IDR", "USD", "IDR"]
    sheet = raw([row[:4] for row in (header, *rows)])
    found = clean(sheet, replace(recognise(sheet), currency="IDR"))
    assert found.rows["unit_price"].to_pylist() == [89000.0] * 3
    assert clean(sheet, recognise(sheet)).rows["unit_price"].to_pylist() == [89.0] * 3


@pytest.mark.parametrize(
    ("written", "price", "read"),
    [
        (["2.824", "15"], "9.90", [2824, 15]),  # no shop sells 2.824 pieces
        (["2,824", "15"], "9,90", [2824, 15]),
        (["1.000", "2.500"], "9.90", [1000, 2500]),
        (["1.000", "2.000"], "9.90", [1, 2]),  # as ERP programs write pieces
        (["1,000", "2,000"], "9,90", [1, 2]),
        (["1,000", "2,000"], "9.90", [1000, 2000]),
        (["1.5", "2.824"], "9.90", [1.5, 2.824]),
    ],
)
def test_pieces_are_whole_if_that_decides_the_mark(written, price, read):
    header = ["Date", "SKU", "Quantity", "Price"]
    sheet = raw([header, *(["2024-01-05", "A", text, price] for text in written)])
    cleaned = clean(sheet, recognise(sheet))
    assert cleaned.rows["quantity"].to_pylist() == read


def grouped(value, digits, thousands, mark):
    return f"{value:,.{digits}f}".translate({ord(","): thousands, ord("."): mark})


FINITE = st.floats(-1e9, 1e9).map(lambda value: round(value, 2))


@given(FINITE)
def test_what_python_writes_is_read_again(value):
    assert numbers(repr(value)) == [value]


@settings(max_examples=50)
@given(
    st.lists(FINITE, min_size=1, max_size=20),
    st.sampled_from(
        [(",", "."), (".", ","), (" ", ","), ("\u202f", ","), ("'", "."), ("", "."), ("", ",")]
    ),
    st.sampled_from(["{}", "${}", "€ {}", "{} CNY", "\t{} "]),
)
def test_a_column_with_one_telling_value_is_read_as_written(values, marks, style):
    values = [*values, 1234567.89]
    texts = [style.format(grouped(value, 2, *marks)) for value in values]
    assert numbers(*texts) == [pytest.approx(value) for value in values]


@given(st.integers(0, 10**12), st.sampled_from([",", ".", " "]))
def test_whole_numbers_in_groups(value, thousands):
    if thousands == "." and value < 10**6:
        value += 10**6  # two groups at least: one alone could be decimals
    assert numbers(f"{value:,}".replace(",", thousands)) == [value]


@given(st.text(max_size=15))
def test_no_text_breaks_the_reader_and_nothing_is_infinite(text):
    [value] = numbers(text)
    assert value is None or math.isfinite(value)
