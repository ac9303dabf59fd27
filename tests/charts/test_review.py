"""Pictures of a review: both languages, on the usual, the one-row and the empty frame."""

import pandas as pd
import pytest

from analytics.charts import bind, review
from analytics.i18n import LANGUAGES, Translator

GROUPS = pd.DataFrame(
    {
        "by": ["tier", "tier", "market"],
        "group": ["bestseller", "trial", "US"],
        "units_sold": [9.0, 2, 11],
        "units_sold_before": [7.0, None, 7],
    }
)
ITEMS = pd.DataFrame(
    {"sku": ["A", "B"], "market": "US", "forecast": [9.0, 4], "low": [5.0, 1], "high": [14.0, 8],
     "actual": [15.0, 4]}
)  # fmt: skip
SERVICE = pd.DataFrame(
    {"tier": ["", "regular", "trial"], "target": [0.95, 0.95, 0.9], "in_stock": [0.9, 0.97, None],
     "in_stock_before": [None, 0.9, None]}
)  # fmt: skip
DECISIONS = pd.DataFrame(
    {
        "decided_on": pd.to_datetime(["2026-04-01"] * 4),
        "sku": list("ABCD"),
        "market": "US",
        "units_gained": [-9.0, 4, 0, None],
        "worth": [-50.0, 20, 0, None],
    }
)
PICTURES = {
    "sales": (review.sales, {"groups": review.periods(GROUPS, "tier", "units_sold")}),
    "foreseen": (review.foreseen, {"items": review.farthest(ITEMS)}),
    "kept": (review.kept, {"tiers": review.tiers(SERVICE)}),
    "worth": (review.worth, {"decisions": review.weighed(DECISIONS)}),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rows", [None, 1, 0])
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_drawn_and_said_in_words(name, rows, language):
    t = Translator(language)
    draw, frames = PICTURES[name]
    some = {key: frame.head(len(frame) if rows is None else rows) for key, frame in frames.items()}
    spec = bind(draw(t), **some).to_dict()
    assert {key: len(frame) for key, frame in some.items()} == {
        key: len(spec["datasets"][key]) for key in some
    }
    assert t(f"alt.{name}")
    assert t(f"empty.{name}")


def test_a_group_stands_in_both_periods_where_it_was_known():
    rows = PICTURES["sales"][1]["groups"]
    assert rows["period"].value_counts().to_dict() == {"this_period": 2, "last_period": 1}


def test_only_tiers_whose_service_is_known_are_drawn():
    assert PICTURES["kept"][1]["tiers"]["tier"].tolist() == ["regular"]


def test_decisions_that_were_worth_nothing_or_are_not_judged_are_not_drawn():
    rows = PICTURES["worth"][1]["decisions"]
    assert rows["worth"].tolist() == [20.0, -50.0]
    assert rows["side"].tolist() == ["better", "worse"]
