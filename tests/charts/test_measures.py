"""The pictures of the measures: both languages, on the usual, the one-row and the empty frame."""

import inspect

import altair as alt
import numpy as np
import pandas as pd
import pytest

from analytics.charts import bind, measures
from analytics.i18n import LANGUAGES, Translator

MONTHS = pd.DataFrame(
    {"month": pd.date_range("2026-03-01", periods=3, freq="MS"), "value": [4.0, 5, 6], "days": 30}
)
AGES = pd.DataFrame(
    {
        "over": [0.0, 90, 365, np.nan],
        "up_to": [90.0, 180, np.inf, np.nan],
        "tier": ["bestseller", "regular", "seasonal", "trial"],
        "units": [5.0, 4, 3, 2],
        "value": [50.0, 40, 30, 20],
    }
)
CASES = {
    measures.trend: ("months", MONTHS),
    measures.trend_in_shares: ("months", MONTHS),
    measures.ages: ("ages", AGES),
}


@pytest.mark.parametrize("draw", CASES, ids=lambda draw: draw.__name__)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rows", [4, 1, 0])
def test_a_chart_is_valid_and_says_which_rows_it_takes(draw, language, rows):
    name, frame = CASES[draw]
    spec = bind(draw(Translator(language)), **{name: frame.head(rows)}).to_dict()
    alt.LayerChart.from_dict(spec)
    assert len(spec["datasets"][name]) == len(frame.head(rows))
    assert f"``{name}``" in inspect.getdoc(draw)
    assert all(column in inspect.getdoc(draw) for column in frame)


def test_bands_of_age_have_their_ends_in_words():
    text = str(measures.ages(Translator("zh")).to_dict())
    assert "未知" in text
    assert "datum.up_to" in text
