"""Charts: both languages, on the usual, the one-row and the empty frame."""

import inspect
import re

import pandas as pd
import pytest

from analytics import demand
from analytics.charts import bind, buffers, delays, forecast, importing, replenishment, theme
from analytics.i18n import LANGUAGES, Translator, catalog

WEEKS = pd.date_range("2026-05-04", periods=3, freq="7D")
CALENDAR = pd.DataFrame(
    {"week": WEEKS, "status": "order_now", "items": 2, "units": 500.0, "value": 1e4}
)
AHEAD = pd.DataFrame({"date": WEEKS, "on_hand": [9.0, 4, 0], "with_order": [9.0, 4, 50],
                       "lost": [0.0, 0, 5]})  # fmt: skip
SPANS = pd.DataFrame(
    {
        "starts_on": WEEKS,
        "ends_on": WEEKS + pd.Timedelta(days=2),
        "span": ["past_saving", "avoidable", "avoidable"],
        "units": [5.0, 7, 9],
    }
)
ARRIVALS = pd.DataFrame(
    {"date": WEEKS, "units": 50.0, "arrival": ["placed", "placed", "suggested"]}
)
PAYMENTS = pd.DataFrame(
    {"week": WEEKS, "payment": ["deposit", "balance", "placed"], "value": [3e3, 7e3, 1e3]}
)
HISTORY = pd.DataFrame({"week": WEEKS, "demand": [5.0, None, 7], "raw": [5.0, 0, 9]})
CORRECTIONS = pd.DataFrame(
    {
        "week": WEEKS,
        "layer": ["stockouts", "freak_orders", "returns"],
        "units_before": [0.0, 9, 5],
        "units_after": [None, 7, 5],
        "label": "one order, far larger than usual",
    }
)
EVENTS = pd.DataFrame(
    {
        "starts_on": WEEKS,
        "ends_on": WEEKS + pd.Timedelta(days=2),
        "label": ["Sale", "Fair", "Holiday"],
        "side": ["demand", "demand", "supply"],
        "uplift": [0.4, None, None],
    }
)
FAN = pd.DataFrame({"week": WEEKS, "mean": 5.0} | {f"q{q:02d}": float(q) for q in (5, 20, 80, 95)})
CURVE = pd.DataFrame({"units": [0.0, 50, 100], "exceedance": [1.0, 0.5, 0]})
METHODS = pd.DataFrame(
    {
        "method": ["quantile", "normal", "max_average"],
        "reorder_point": [80.0, 75, 90],
        "cycle_service": [0.95, 0.9, 1],
        "fill_rate": [0.99, 0.97, 1],
    }
)
TOTALS = METHODS.assign(cash=[1e4, 9e3, 2e4], items_costed=3, currency="CNY")
BARS = pd.DataFrame(
    {
        "bar": ["lead_time_demand", "uncertain_demand", "reorder_point"],
        "units": [80.0, -5, 75],
        "starts_at": [0.0, 80, 0],
        "ends_at": [80.0, 75, 75],
        "kind": ["adds", "takes", "total"],
    }
)
FRONTIER = pd.DataFrame(
    {"service_level": [0.8, 0.95, 0.99], "reached": [0.81, 0.95, 0.99], "cash": [-5.0, 10, 40]}
)
POINTS = pd.DataFrame(
    {
        "method": ["quantile", "policy", "max_average"],
        "reached": [0.95, 0.96, 1],
        "cash": [10.0, 12, 400],
        "drawn_at": [10.0, 12, 50],
        "is_beyond": [False, False, True],
    }
)
RULES = pd.DataFrame(
    {
        "rule": ["quantile", "policy", "proposed"],
        "target": 0.95,
        "reached": [0.94, 0.95, 0.97],
        "average_stock": [100.0, 110, 130],
        "units_lost": [9.0, 8, 4],
    }
)
COURSE = pd.DataFrame({"date": WEEKS, "on_hand": [5.0, 0, 9], "lost": [0.0, 2, 0]})

SEASON = pd.DataFrame(
    {
        "week_of_year": [1, 2, 3],
        "factor": [0.8, 1, 1.2],
        "date": WEEKS,
        "is_now": [False, True, False],
    }
)
PARTS = pd.DataFrame({"week": WEEKS, "part": ["trend", "season", "rest"], "value": [5.0, 1, -1]})
OFF = pd.DataFrame({"label": ["ours", "last year", "mean"], "off": [0.18, 0.31, None]})
RIVALS = OFF.assign(method=["ours", "last_year", "moving_average"], is_ours=[True, False, False])
FITTED = OFF.assign(member=["ours", "ets", "stl"], is_champion=[False, True, False])
UPLOAD = pd.DataFrame({"week": WEEKS, "status": "sold", "units": [5.0, 7, 9]})

LOSING = pd.DataFrame(
    {
        "item": ["A · US", "B · DE", "C · DE"],
        "name": "Kettle",
        "stake": ["current", "current", "replanned"],
        "before": [50.0, 0, 9],
        "scenario": [80.0, 30, 9],
        "replanned": [20.0, 0, 0],
        "more": [30.0, 30, 0],
        "starts_at": [50.0, 0, 0],
    }
)
RUN_OUT = pd.DataFrame(
    {"week": WEEKS, "case": ["baseline", "scenario", "replanned"], "items_out": [1, 3, 2]}
)
AT_RISK = pd.DataFrame(
    {
        "case": ["baseline", "scenario", "scenario"],
        "service_level": [0.9, 0.9, 0.95],
        "cash": [50.0, 70, 90],
        "contribution_at_risk": [9.0, 12, 5],
    }
)
DELAYED = pd.DataFrame(
    {
        "date": WEEKS,
        "case": ["baseline", "scenario", "replanned"],
        "on_hand": [9.0, 4, 6],
        "low": [7.0, 0, 2],
        "high": [11.0, 8, 9],
        "lost": [0.0, 2, 0],
    }
)
COMING = pd.DataFrame(
    {"date": WEEKS, "case": ["baseline", "scenario", "replanned"], "units": 50.0, "order_id": "P-7"}
)
LATE = pd.DataFrame(
    {
        "order": ["P-7 · A", "P-8 · B", "P-9 · C"],
        "market": "US",
        "saved": [900.0, 300, 20],
        "cost": [400.0, None, 60],
        "days_late": 14,
        "units": 500.0,
        "pays": [True, False, False],
    }
)

CASES = {
    "tornado": (delays.tornado, {"items": LOSING}),
    "tornado_units": (delays.tornado_units, {"items": LOSING}),
    "timeline": (delays.timeline, {"weeks": RUN_OUT}),
    "delay_frontier": (delays.frontier, {"frontier": AT_RISK}),
    "delay_course": (delays.course, {"course": DELAYED, "arrivals": COMING}),
    "late_orders": (delays.orders, {"orders": LATE}),
    "late_orders_units": (delays.orders_units, {"orders": LATE.drop(columns="cost")}),
    "weeks": (importing.weeks, {"weeks": UPLOAD}),
    "calendar": (replenishment.calendar, {"weeks": CALENDAR}),
    "stock": (
        replenishment.stock,
        {"course": AHEAD, "spans": SPANS, "arrivals": ARRIVALS},
    ),
    "payments": (replenishment.payments, {"weeks": PAYMENTS}),
    "fan": (
        forecast.fan,
        {
            "history": HISTORY,
            "corrections": CORRECTIONS,
            "fan": FAN,
            "before": FAN[["week", "mean"]],
            "events": EVENTS,
        },
    ),
    "season": (forecast.season, {"season": SEASON}),
    "trend": (forecast.trend, {"parts": PARTS}),
    "methods": (forecast.methods, {"methods": RIVALS}),
    "contest": (forecast.contest, {"contest": FITTED}),
    "contest_fan": (
        forecast.contest_fan,
        {"history": HISTORY, "fan": FAN, "ours": FAN[["week", "mean"]]},
    ),
    "exceedance": (buffers.exceedance, {"curve": CURVE, "methods": METHODS}),
    "cash": (buffers.cash, {"totals": TOTALS}),
    "waterfall": (buffers.waterfall, {"bars": BARS}),
    "frontier": (buffers.frontier, {"frontier": FRONTIER, "points": POINTS}),
    "replayed": (buffers.replayed, {"rules": RULES}),
    "course": (buffers.course, {"days": COURSE}),
}


def held(node, *keys):
    """Every text that a specification holds under ``keys``."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in keys and isinstance(value, str):
                yield value
            yield from held(value, *keys)
    elif isinstance(node, list):
        for value in node:
            yield from held(value, *keys)


def texts(spec):
    """Every title and label of a specification."""
    return held(spec, "title", "labelExpr", "calculate", "format", "value")


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
    known = {column for frame in frames.values() for column in frame}
    known |= set(held(spec, "as"))  # what the picture itself works out
    read = set(held(spec, "field"))
    formulas = " ".join(held(spec, "calculate", "filter", "test"))
    read |= set(re.findall(r"datum\.(?!label|value)(\w+)", formulas))
    assert read <= known


@pytest.mark.parametrize("name", CASES)
def test_a_chart_says_which_rows_it_takes(name):
    draw, frames = CASES[name]
    spec = draw(Translator("en")).to_dict()
    assert set(held(spec, "name")) & set(frames) == set(frames)
    for key, frame in frames.items():
        assert f"``{key}``" in inspect.getdoc(draw)
        drawn = set(held(spec, "field")) & set(frame)
        assert all(column in inspect.getdoc(draw) for column in drawn)


@pytest.mark.parametrize("name", CASES)
def test_a_chart_speaks_one_language(name):
    draw, _ = CASES[name]
    english = " ".join(texts(draw(Translator("en")).to_dict()))
    chinese = " ".join(texts(draw(Translator("zh")).to_dict()))
    assert not any("一" <= letter <= "鿿" for letter in english)
    assert english != chinese
    assert catalog("zh")["chart.week"]  # the catalogue is the only source of words


def test_a_correction_of_every_layer_has_a_colour_and_a_shape():
    drawn = set(theme.LAYER_COLOURS)
    assert drawn == set(demand.LAYERS) == set(forecast.SHAPES)
    assert len({*theme.LAYER_COLOURS.values()}) == len({*forecast.SHAPES.values()}) == len(drawn)


def test_colours_stand_out_from_both_backgrounds():
    colours = {theme.ACCENT, theme.MUTED, theme.LABEL, theme.WARNING, theme.DANGER}
    colours |= {*theme.LAYER_COLOURS.values(), *theme.SIDE_COLOURS.values()}
    colours |= {*theme.SPAN_COLOURS.values(), *theme.ARRIVAL_COLOURS.values()}
    colours |= set(theme.PAYMENT_COLOURS.values())
    colours |= {*theme.RULE_COLOURS.values(), *theme.CASE_COLOURS.values()}
    for colour in colours:
        assert contrast(colour, "#ffffff") >= 3
        assert contrast(colour, "#10181d") >= 3
    assert min(contrast(theme.LABEL, back) for back in ("#ffffff", "#10181d")) >= 4


def contrast(one, other):
    """Relative luminances compared, as WCAG 2.1 defines it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
