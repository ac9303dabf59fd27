"""Pictures of scenarios side by side: both languages, many rows, one and none."""

import inspect
import re

import pandas as pd
import pytest

from analytics.charts import bind, comparing
from analytics.i18n import LANGUAGES, Translator
from tests.charts.test_charts import held, texts

WEEKS = pd.date_range("2026-06-01", periods=3, freq="7D")
BARS = pd.DataFrame(
    {
        "scenario": ["As it was", "<script>alert(1)</script>", "=HYPERLINK(1)"],
        "case": ["baseline", "scenario", "scenario"],
        "value": [10.0, 20, None],
        "spoken": ["10", "20", "–"],
        "ceiling": 29.0,
    }
)
OUT = pd.DataFrame(
    {
        "week": WEEKS,
        "case": ["baseline", "scenario", "replanned"],
        "items_out": [3, 5, 4],
        "ceiling": 9.0,
    }
)
CASES = {
    "measure": (comparing.measure, {"bars": BARS}),
    "weeks": (comparing.weeks, {"weeks": OUT}),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rows", [None, 1, 0])
def test_a_chart_is_valid_and_gets_its_rows(name, language, rows):
    draw, frames = CASES[name]
    frames = {
        key: frame.head(len(frame) if rows is None else rows) for key, frame in frames.items()
    }
    spec = bind(draw(Translator(language)), **frames).to_dict()
    assert {key: len(spec["datasets"][key]) for key in frames} == {
        key: len(frame) for key, frame in frames.items()
    }


@pytest.mark.parametrize("name", CASES)
def test_a_chart_reads_only_what_it_says_that_it_reads(name):
    draw, frames = CASES[name]
    spec = draw(Translator("en")).to_dict()
    known = {column for frame in frames.values() for column in frame} | set(held(spec, "as"))
    read = set(held(spec, "field"))
    read |= set(re.findall(r"datum\.(?!label|value)(\w+)", " ".join(held(spec, "calculate"))))
    assert read <= known
    told = inspect.getdoc(draw)
    assert all(column in told for column in read - set(held(spec, "as")))
    assert all(f"``{key}``" in told for key in frames)


@pytest.mark.parametrize("name", CASES)
def test_a_chart_speaks_one_language(name):
    draw, _ = CASES[name]
    english, chinese = (
        " ".join(texts(draw(Translator(code)).to_dict())) for code in LANGUAGES[::-1]
    )
    assert not any("一" <= letter <= "鿿" for letter in english)
    assert any("一" <= letter <= "鿿" for letter in chinese)
