"""Texts that identify: the quick way and the thorough one agree, and exports come back."""

import csv
import io
import unicodedata

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import export
from analytics.ingest import clean, identifiers, recognise
from analytics.ingest.identifiers import sku_key, sku_keys, sku_text, skus, tidied
from tests.ingest.making import raw
from tests.test_export import HARMLESS, PAYLOADS

CODES = st.from_regex(r"[A-Z]{2}-[0-9]{3,18}(\.0)?", fullmatch=True)
ODD = st.sampled_from(['="00123"', "'=1+1", "'007", "a  b", " a", "21844.0", "ＡＢ", "a\x00b", "é"])
TEXTS = st.lists(CODES | ODD | st.text(max_size=12), max_size=30)


def column(texts):
    return pa.array(texts, pa.large_string())


@given(TEXTS)
def test_a_look_at_the_bytes_changes_no_answer(texts):
    assert tidied(column(texts)).to_pylist() == identifiers._tidied(column(texts)).to_pylist()
    numbers = identifiers.numbered(column(texts))
    assert numbers.to_pylist() == identifiers._numbered(column(texts)).to_pylist()
    shown = skus(column(texts)).to_pylist()
    assert shown == [sku_text(text) for text in tidied(column(texts)).to_pylist()]
    assert sku_keys(pa.array(shown, pa.string())).to_pylist() == [sku_key(sku) for sku in shown]


@given(TEXTS, st.integers(0, 5))
def test_a_slice_of_a_column_is_cleaned_as_itself(texts, start):
    sliced = column(texts).slice(min(start, len(texts)))
    assert tidied(sliced).to_pylist() == tidied(column(texts[start:])).to_pylist()


def test_keys_of_skus_leave_what_is_missing_missing():
    assert sku_keys(pa.array(["Ab", None, "É"])).to_pylist() == ["ab", None, "é"]
    assert sku_keys(pa.array(["Ab", None])).to_pylist() == ["ab", None]
    assert sku_keys(pa.array([None], pa.string())).to_pylist() == [None]


def test_the_guard_knows_every_sign_that_starts_a_formula():
    signs = {
        chr(i) for i in range(0x110000) if unicodedata.normalize("NFKC", chr(i))[:1] in "=+-@|%"
    }
    guarded = tidied(column([f"'{sign}1" for sign in sorted(signs)])).to_pylist()
    assert guarded == [f"{sign}1" for sign in sorted(signs)]


def reimported(frame):
    """Return what import makes of our own export: its csv, read by another reader."""
    text = export.csv(frame).decode("utf-8-sig")
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    sheet = raw(rows, file="products.csv")
    return clean(sheet, recognise(sheet, kind="products")).rows


@pytest.mark.parametrize("text", [*PAYLOADS, *HARMLESS])
def test_what_was_exported_comes_back_as_it_was_kept(text):
    kept = tidied(column([text]))[0].as_py()  # as import had stored it
    frame = pd.DataFrame({"sku": ["A", "B"], "name": [kept, "'=1+1"], "category": ["x", kept]})
    found = reimported(frame)
    assert found["name"].to_pylist() == [kept or None, "'=1+1"]
    assert found["category"].to_pylist() == ["x", kept or None]


@pytest.mark.parametrize("text", [text for text in PAYLOADS if sku_text(text) == text])
def test_a_sku_that_looks_like_a_formula_comes_back(text):
    assert reimported(pd.DataFrame({"sku": [text], "name": ["x"]}))["sku"].to_pylist() == [text]


def test_equal_buyers_have_equal_hashes_and_another_salt_gives_others():
    first = identifiers.hashed(column(["Ann", "Bo", "Ann"]), "salt").to_pylist()
    assert first[0] == first[2] != first[1]
    assert len(first[0]) == 32
    assert identifiers.hashed(column(["Ann"]), "other").to_pylist()[0] != first[0]


FIRST_ID = 576460752303423487
STEPS = [i * 7919 for i in range(12)]


@pytest.mark.parametrize(
    "numbers",
    [
        [str(int(float(FIRST_ID + step))) for step in STEPS],
        [f"{int(str(FIRST_ID + step * 1000)[:15])}000" for step in STEPS],
        ["5.76460752303423E+17"],
    ],
    ids=["doubles", "fifteen digits", "scientific"],
)
def test_order_numbers_that_lost_digits_are_known(numbers):
    assert identifiers.rounded_numbers(pa.array([*numbers, None])).to_pylist() == numbers
    sheet = raw(
        [["Date", "SKU", "Qty", "Order ID"], *(["2026-06-01", "A", "1", one] for one in numbers)]
    )
    notes = dict(clean(sheet, recognise(sheet)).notes)
    assert notes["rounded_orders"] == {"count": len(numbers), "example": numbers[0]}


@pytest.mark.parametrize(
    "numbers",
    [
        [str(FIRST_ID + step) for step in STEPS],
        [str((491_165_025_343 + step) << 22) for step in STEPS],  # a time, a machine, a count
        ["5764607523034230", "5764607523034240"],  # two may well end in zeros
        [f"ORD-{FIRST_ID}0000"],
        [f"20260601{step:06}" for step in STEPS],
        [],
    ],
)
def test_long_order_numbers_may_be_whole(numbers):
    found = identifiers.rounded_numbers(pa.array(numbers, pa.string()))
    assert found.to_pylist() == []
