"""Pictures of scenarios side by side: one small picture per measure, and one per scenario."""

import altair as alt

from analytics.charts import theme
from analytics.i18n import Translator

_CASES = theme.CASE_COLOURS
_NARROW = {"expr": "width < 260 ? 70 : 150"}  # a phone cuts long names, which the tooltip holds


def measure(t: Translator) -> alt.LayerChart:
    """Return one measure as a bar per scenario, the plan at rest above them in grey.

    Data set ``bars``: scenario (its name), case (``baseline`` = at rest, ``scenario``), value,
    spoken (the value as it is read), ceiling (beyond the largest, as room for the words beside it).
    """
    base = alt.Chart(alt.NamedData("bars")).encode(
        y=alt.Y("scenario:N", sort=None)
        .title(None)
        .axis(labelLimit=_NARROW, labelOverlap=False, ticks=False, domain=False),
        tooltip=[
            alt.Tooltip("scenario:N", title=t("compare.scenario")),
            alt.Tooltip("spoken:N", title=t("compare.value")),
        ],
    )
    x = alt.X("value:Q").title(None).axis(None)
    room = base.mark_point(opacity=0, size=1).encode(x=alt.X("ceiling:Q").axis(None))
    bars = base.mark_bar(cornerRadiusEnd=3, height={"band": 0.62}).encode(
        x=x, color=alt.Color("case:N", scale=theme.scale(_CASES), legend=None)
    )
    words = base.mark_text(align="left", dx=5, color=theme.LABEL).encode(x=x, text="spoken:N")
    return theme.picture(room, bars, words, height=150)


def weeks(t: Translator) -> alt.LayerChart:
    """Return how many items have run out by the end of each week, in one scenario.

    Data set ``weeks``: week, case (``baseline``, ``scenario`` = open orders alone, ``replanned``),
    items_out, ceiling (the most of all scenarios, so that their pictures can be compared).
    """
    base = (
        alt.Chart(alt.NamedData("weeks"))
        .transform_calculate(spoken=theme.spoken(t, "datum.case", "case", _CASES))
        .encode(
            x=alt.X("week:T").title(None).axis(format="%m-%d", grid=False, labelOverlap=True),
            tooltip=[
                alt.Tooltip("week:T", title=t("chart.week"), format="%Y-%m-%d"),
                alt.Tooltip("spoken:N", title=t("chart.case")),
                alt.Tooltip("items_out:Q", title=t("chart.items_out"), format=",d"),
            ],
        )
    )
    colour = alt.Color(
        "case:N", scale=theme.scale(_CASES), legend=theme.legend(t, "case", _CASES, symbol="stroke")
    )
    y = alt.Y("items_out:Q").title(t("chart.items_out")).axis(tickMinStep=1, format=",d")
    room = base.mark_point(opacity=0, size=1).encode(y=alt.Y("ceiling:Q"))
    lines = base.mark_line(strokeWidth=2.5, interpolate="monotone").encode(y=y, color=colour)
    spots = base.mark_point(filled=True, size=90, opacity=0).encode(y=y)
    return theme.picture(room, lines, spots, height=190)
