"""Pictures of tiers: both languages, the usual rows, one and none."""

import inspect
import re

import pandas as pd
import pytest

from analytics.charts import bind, tiers
from analytics.i18n import LANGUAGES, Translator
from tests.charts.test_charts import held, texts

MATRIX = pd.DataFrame(
    {
        "abc": ["A", "A", "C"],
        "xyz": ["X", "Z", "Y"],
        "items": [17, 0, 4],
        "value_share": [0.66, 0.0, 0.001],
    }
)
SHARES = pd.DataFrame(
    {
        "tier": ["bestseller", "regular", "seasonal", "trial"],
        "items": [1, 2, 0, 1],
        "item_share": [0.25, 0.5, 0.0, 0.25],
        "value_share": [0.9, 0.08, 0.0, 0.02],
    }
)
STANDING = pd.DataFrame(
    {"tier": ["bestseller", "regular"], "status": ["none", "dead"], "items": [3, 1]}
)
CASES = {
    "matrix": (tiers.matrix, {"matrix": MATRIX}),
    "shares": (tiers.shares, {"shares": SHARES}),
    "standing": (tiers.standing, {"standing": STANDING}),
}


@pytest.mark.parametrize("rows", [None, 1, 0], ids=["usual", "one", "none"])
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picture_is_valid_and_says_what_it_is_and_what_to_do_without_rows(name, language, rows):
    draw, frames = CASES[name]
    t = Translator(language)
    shown = {key: frame if rows is None else frame.head(rows) for key, frame in frames.items()}
    spec = bind(draw(t), **shown).to_dict()
    assert set(spec["datasets"]) == set(frames)
    assert t(f"alt.tier_{name}") != t(f"empty.tier_{name}")


@pytest.mark.parametrize("name", CASES)
def test_a_picture_reads_only_columns_that_it_says_it_takes(name):
    draw, frames = CASES[name]
    spec = draw(Translator("en")).to_dict()
    made = {*held(spec, "as"), "kind", "share"}  # the two that shares are folded into
    known = {column for frame in frames.values() for column in frame} | made
    formulas = " ".join(held(spec, "calculate"))
    read = set(held(spec, "field")) | set(re.findall(r"datum\.(?!label|value\b)(\w+)", formulas))
    assert read <= known
    told = inspect.getdoc(draw)
    assert all(f"``{key}``" in told for key in frames)
    assert all(column in told for column in read - made)


@pytest.mark.parametrize("name", CASES)
def test_a_picture_speaks_one_language(name):
    draw, _ = CASES[name]
    english, chinese = (" ".join(texts(draw(Translator(code)).to_dict())) for code in ("en", "zh"))
    assert not any("一" <= letter <= "鿿" for letter in english)
    assert english != chinese
