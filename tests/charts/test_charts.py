"""Charts: both languages, on the usual, the one-row and the empty frame."""

import pandas as pd
import pytest

from analytics.charts import bind, buffers, forecast, importing, replenishment
from analytics.i18n import LANGUAGES, Translator, catalog

WEEKS = pd.date_range("2026-05-04", periods=3, freq="7D")
CALENDAR = pd.DataFrame(
    {"week": WEEKS, "status": "order_now", "items": 2, "units": 500.0, "value": 1e4}
)
HISTORY = pd.DataFrame(
    {"week": WEEKS, "units": [5.0, 0, 7], "demand": [5.0, None, 7], "state": "stockout"}
)
FAN = pd.DataFrame({"week": WEEKS, "mean": 5.0} | {f"q{q:02d}": float(q) for q in (5, 20, 80, 95)})
CURVE = pd.DataFrame({"units": [0.0, 50, 100], "exceedance": [1.0, 0.5, 0]})
METHODS = pd.DataFrame(
    {"method": ["quantile", "max_average"], "reorder_point": [80.0, 90], "service_level": [0.95, 1]}
)
TOTALS = pd.DataFrame(
    {"method": ["quantile", "max_average"], "cash": [1e4, 2e4], "items": 3, "currency": "CNY"}
)

UPLOAD = pd.DataFrame({"week": WEEKS, "status": "sold", "units": [5.0, 7, 9]})

CASES = {
    "weeks": (importing.weeks, {"weeks": UPLOAD}),
    "calendar": (replenishment.calendar, {"weeks": CALENDAR}),
    "fan": (forecast.fan, {"history": HISTORY, "fan": FAN}),
    "exceedance": (buffers.exceedance, {"curve": CURVE, "methods": METHODS}),
    "cash": (buffers.cash, {"totals": TOTALS}),
}


def texts(node):
    """Every title and label of a specification."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("title", "labelExpr", "calculate") and isinstance(value, str):
                yield value
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rows", [None, 1, 0])
def test_a_chart_is_valid_and_declares_the_rows_it_gets(name, language, rows):
    draw, frames = CASES[name]
    frames = {
        key: frame.head(len(frame) if rows is None else rows) for key, frame in frames.items()
    }
    spec = bind(draw(Translator(language)), **frames).to_dict()
    assert set(spec["datasets"]) == set(frames)
    for key, frame in frames.items():
        assert len(spec["datasets"][key]) == len(frame)


@pytest.mark.parametrize("name", CASES)
def test_a_chart_reads_only_columns_that_its_frames_have(name):
    draw, frames = CASES[name]
    spec = draw(Translator("en")).to_dict()
    known = {column for frame in frames.values() for column in frame} | {"spoken"}

    def fields(node):
        if isinstance(node, dict):
            if isinstance(node.get("field"), str):
                yield node["field"]
            for value in node.values():
                yield from fields(value)
        elif isinstance(node, list):
            for value in node:
                yield from fields(value)

    assert set(fields(spec)) <= known


@pytest.mark.parametrize("name", CASES)
def test_a_chart_speaks_one_language(name):
    draw, _ = CASES[name]
    english = " ".join(texts(draw(Translator("en")).to_dict()))
    chinese = " ".join(texts(draw(Translator("zh")).to_dict()))
    assert not any("一" <= letter <= "鿿" for letter in english)
    assert english != chinese
    assert catalog("zh")["chart.week"]  # the catalogue is the only source of words
