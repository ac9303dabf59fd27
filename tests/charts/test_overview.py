"""The morning page's pictures: both languages, on the usual, the one-row and the empty frame."""

import pandas as pd
import pytest

from analytics.charts import bind, overview
from analytics.i18n import LANGUAGES, Translator
from tests.charts.test_charts import WEEKS

GONE = pd.DataFrame(
    {
        "step": [0, 2, 2],
        "label": ["now", "06-08", "06-08"],
        "tier": ["bestseller", "regular", "trial"],
        "rescue": ["too_late", "too_late", "in_time"],
        "items": [3, 1, 2],
        "value": [900.0, None, 40],
    }
)
SERIES = pd.DataFrame(
    {"week": WEEKS, "series": ["actual", "forecast", "actual"], "units": [9.0, 8, 7]}
)
GROUPS = pd.DataFrame(
    {"label": ["US", "DE", "–"], "value": [0.4, 0.2, None], "shown": ["40.0%", "20.0%", "–"]}
)
CHARTS = [
    (overview.runs_out, {"weeks": GONE}),
    (overview.against, {"weeks": SERIES}),
    (overview.groups_in_shares, {"groups": GROUPS}),
    (overview.groups_in_numbers, {"groups": GROUPS}),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("draw", "frames"), CHARTS, ids=lambda case: getattr(case, "__name__", ""))
@pytest.mark.parametrize("rows", [3, 1, 0])
def test_a_chart_binds_its_rows_and_names_only_their_columns(draw, frames, language, rows):
    shown = {name: frame.head(rows) for name, frame in frames.items()}
    spec = bind(draw(Translator(language)), **shown).to_dict()
    (name,) = shown
    assert len(spec["datasets"][name]) == rows
    described = draw.__doc__
    assert all(column in described for column in frames[name].columns)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_no_order_can_save_is_told_apart_by_colour_and_by_word(language):
    spec = overview.runs_out(Translator(language)).to_dict()
    colours = spec["layer"][0]["encoding"]["color"]["scale"]
    assert colours["domain"] == ["too_late", "in_time"]
    assert len(set(colours["range"])) == 2
    legend = spec["layer"][0]["encoding"]["color"]["legend"]["labelExpr"]
    assert Translator(language)("rescue.too_late") in legend
