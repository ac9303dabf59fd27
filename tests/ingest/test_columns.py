"""A column's texts, kept once each or as they are: every question has one answer."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given
from hypothesis import strategies as st

from analytics.ingest import columns
from analytics.ingest.columns import Texts

WORDS = st.lists(st.sampled_from(["", "-", "n/a", "a", "b", "Ab", "é"]) | st.text(max_size=4))


def both(texts):
    whole = pa.array(texts, pa.large_string())
    return Texts(whole.dictionary_encode()), Texts(whole)


@given(WORDS, st.data())
def test_both_ways_to_keep_a_column_answer_alike(texts, data):
    encoded, plain = both(texts)
    assert encoded.is_encoded > plain.is_encoded
    assert encoded.distinct.to_pylist() == plain.distinct.to_pylist()
    assert encoded.places.to_pylist() == plain.places.to_pylist()
    for ask in (
        lambda one: one.each(pc.utf8_upper).to_pylist(),
        lambda one: one.said(pc.utf8_upper).to_pylist(),
        lambda one: one.where(str.isalpha).tolist(),
        lambda one: one.unreadable(pa.array([None] * len(texts), pa.float64())).tolist(),
        lambda one: one.unreadable(pa.array([1.0] * len(texts))).tolist(),
    ):
        assert ask(encoded) == ask(plain)
    places = st.lists(st.integers(0, len(texts) - 1)) if texts else st.just([])
    rows = np.array(data.draw(places), np.int64)
    assert encoded.at(rows).to_pylist() == plain.at(rows).to_pylist()
    assert encoded.at(rows).type == plain.at(rows).type
    assert encoded.only(rows).each(pc.utf8_upper).to_pylist() == [
        texts[row].upper() for row in rows
    ]


def test_a_column_of_nearly_distinct_texts_is_kept_as_it_is(monkeypatch):
    monkeypatch.setattr(columns, "_MANY", 10)
    numbers = pa.chunked_array([[f"{i}" for i in range(8)], [f"{i}" for i in range(8, 16)]])
    assert not Texts.of(numbers).is_encoded
    assert Texts.of(numbers).each(pc.utf8_length).to_pylist() == [1] * 10 + [2] * 6
    assert Texts.of(pa.array([f"{i % 3}" for i in range(16)])).is_encoded
    assert Texts.of(pa.array([f"{i}" for i in range(9)])).is_encoded


def test_a_column_that_says_the_same_in_every_row():
    texts = Texts.constant("DE", 3)
    assert texts.each(pc.utf8_lower).to_pylist() == ["de"] * 3
    assert texts.distinct.to_pylist() == ["DE"]
