"""Pictures of stuck stock: both languages, on the usual, the one-row and the empty frame."""

import altair as alt
import numpy as np
import pandas as pd
import pytest

from analytics.charts import bind, clearance
from analytics.i18n import LANGUAGES, Translator

LINES = pd.DataFrame(
    {
        "sku": ["A", "B", "C"],
        "market": "US",
        "name": ["one", "two", "three"],
        "status": ["dead", "slow", "ageing"],
        "option": ["liquidate", "transfer", "keep"],
        "gain": [90.0, 40.0, 0.0],
        "cash_released": [50.0, 60.0, 0.0],
        "keep_units": [0.0, 0.0, 8.0],
        "clear_units": [5.0, 6.0, 0.0],
        "price": [10.0, np.nan, 2.0],
    }
)
LAYERS = pd.DataFrame(
    {
        "sku": ["A", "A", "B", "C", "C"],
        "market": "US",
        "age": [400.0, 90.0, 91.0, np.nan, 181.0],
        "units": [3.0, 2.0, 6.0, 1.0, 7.0],
    }
)
CURVE = pd.DataFrame(
    {
        "discount": [0.0, 0.1],
        "offer_price": [10.0, 9.0],
        "value": [80.0, 85.0],
        "value_keep_some": [82.0, 86.0],
        "keep_units": [4.0, 5.0],
        "days_to_sell": [30.0, 25.0],
    }
)
OWN = pd.DataFrame(
    {"age": [102.0, 2.0], "received_on": pd.to_datetime(["2026-02-18", "2026-05-29"]),
     "units": [14.0, 75.0]}
)  # fmt: skip
CHARGES = pd.DataFrame(
    {"date": pd.to_datetime(["2026-06-15"] * 2), "plan": ["keep", "advised"], "units": [9.0, 0.0],
     "fee": [3.0, 0.0]}
)  # fmt: skip
PICTURES = {
    "clearance_gains": (clearance.ranking, {"items": clearance.gains(LINES)}),
    "clearance_ages": (clearance.ages, {"ages": clearance.by_age(LAYERS, LINES)}),
    "clearance_discounts": (clearance.discounts, {"curve": clearance.by_way(CURVE)}),
    "clearance_layers": (clearance.layers, {"layers": OWN}),
    "clearance_charges": (clearance.charges, {"charges": CHARGES}),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rows", [None, 1, 0])
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_drawn_and_said_in_words(name, rows, language):
    t = Translator(language)
    draw, frames = PICTURES[name]
    some = {key: frame.head(len(frame) if rows is None else rows) for key, frame in frames.items()}
    spec = bind(draw(t), **some).to_dict()
    alt.LayerChart.from_dict(spec)
    assert {key: len(spec["datasets"][key]) for key in some} == {
        key: len(frame) for key, frame in some.items()
    }
    assert t(f"alt.{name}")
    assert t(f"empty.{name}")


def test_only_what_gains_is_ranked():
    rows = clearance.gains(LINES)
    assert rows["item"].tolist() == ["A · US", "B · US"]
    assert clearance.gains(LINES, shown=1)["gain"].tolist() == [90.0]


def test_every_unit_is_in_one_band_of_age_and_a_price_that_is_unknown_counts_nothing():
    rows = clearance.by_age(LAYERS, LINES)
    told = {(row.age, row.status): (row.units, row.value) for row in rows.itertuples()}
    assert told == {
        ("0–90", "dead"): (2.0, 20.0),
        ("91–180", "slow"): (6.0, 0.0),
        ("181–270", "ageing"): (7.0, 14.0),
        ("> 365", "dead"): (3.0, 30.0),
        ("?", "ageing"): (1.0, 2.0),
    }
    assert rows["units"].sum() == LAYERS["units"].sum()


def test_a_discount_has_a_value_for_either_way():
    rows = clearance.by_way(CURVE)
    assert rows.loc[rows["way"] == "discount", "value"].tolist() == [80.0, 85.0]
    assert rows.loc[rows["way"] == "keep_some", "value"].tolist() == [82.0, 86.0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_has_no_age_is_said_in_words(language):
    t = Translator(language)
    assert t("chart.age_unknown") in str(clearance.ages(t).to_dict())
