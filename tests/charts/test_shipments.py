"""Pictures of suppliers and shipments: both languages, many rows, one and none."""

import inspect
import re

import pandas as pd
import pytest

from analytics.charts import bind, shipments
from analytics.i18n import LANGUAGES, Translator
from tests.charts.test_charts import held, texts

DAYS = pd.date_range("2026-06-01", periods=2, freq="7D")
SUPPLIERS = pd.DataFrame(
    {
        "supplier": ["Acme", "宁波"],
        "status": ["ready", "below_minimum"],
        "base_value": [1e4, 2e3],
        "base_minimum": [None, 5e3],
        "items": [3, 1],
        "order_by": DAYS,
    }
)
LIMITS = pd.DataFrame(
    {
        "limit": ["cash", "volume"],
        "share": [0.99, 0.2],
        "used": [99.0, 5],
        "cap": [100.0, 28],
        "step_earns": [3.0, 0],
    }
)
RANKED = pd.DataFrame(
    {
        "place": [1, 2],
        "sku": ["A", "B"],
        "name": ["Mug", "Cup"],
        "order_quantity": [40.0, 20],
        "base_value": [160.0, 80],
        "earns": [300.0, 10],
        "earning_rate": [3.0, None],
        "is_bought": [True, False],
    }
)
ORDERS = pd.DataFrame(
    {
        "expected_on": DAYS,
        "order_id": ["LW1", "LW2"],
        "supplier": ["Acme", None],
        "market": "US",
        "open_quantity": [40.0, 20],
        "order_value": [160.0, None],
        "currency": ["USD", None],
    }
)
CASES = {
    "due": (shipments.due, {"suppliers": SUPPLIERS}),
    "fill": (shipments.fill, {"limits": LIMITS}),
    "purchase_list": (
        shipments.purchase_list,
        {"ranked": RANKED, "cut": pd.DataFrame({"earning_rate": [1.0]})},
    ),
    "arrivals": (shipments.arrivals, {"orders": ORDERS}),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rows", [2, 1, 0])
def test_a_picture_is_valid_and_says_what_it_is_and_what_to_do_without_rows(name, language, rows):
    draw, frames = CASES[name]
    t = Translator(language)
    spec = bind(draw(t), **{key: frame.head(rows) for key, frame in frames.items()}).to_dict()
    assert set(spec["datasets"]) == set(frames)
    assert t(f"alt.{name}") != t(f"empty.{name}")


@pytest.mark.parametrize("name", CASES)
def test_a_picture_reads_only_columns_that_it_says_it_takes(name):
    draw, frames = CASES[name]
    spec = draw(Translator("en")).to_dict()
    known = {column for frame in frames.values() for column in frame} | set(held(spec, "as"))
    formulas = " ".join(held(spec, "calculate", "filter", "test"))
    read = set(held(spec, "field")) | set(re.findall(r"datum\.(?!label|value)(\w+)", formulas))
    assert read <= known
    told = inspect.getdoc(draw)
    assert all(f"``{key}``" in told for key in frames)
    assert all(column in told for column in read - set(held(spec, "as")))


@pytest.mark.parametrize("name", CASES)
def test_a_picture_speaks_one_language(name):
    draw, _ = CASES[name]
    english, chinese = (" ".join(texts(draw(Translator(code)).to_dict())) for code in ("en", "zh"))
    assert not any("一" <= letter <= "鿿" for letter in english)
    assert english != chinese
