"""Pictures of the measures: their course over the months, and how old the stock is."""

import json

import altair as alt

from analytics.charts import theme
from analytics.i18n import Translator

TIER_COLOURS = {
    "bestseller": theme.ACCENT,
    "regular": theme.MUTED,
    "seasonal": "#9a6fb8",
    "trial": theme.WARNING,
}
_HEIGHT = 240


def trend(t: Translator) -> alt.LayerChart:
    """Return the course of a measure that is a number: times a year, days, money.

    Data set ``months``: month (its first day), value, days (of the month that were counted).
    """
    return _trend(t, axis=theme.SHORT, spoken=",.2f")


def trend_in_shares(t: Translator) -> alt.LayerChart:
    """Return the course of a measure that is a share.

    Data set ``months``: month (its first day), value (0 to 1), days (of the month that were
    counted).
    """
    return _trend(t, axis="format(datum.value, '~%')", spoken=".1%")


def _trend(t: Translator, *, axis: str, spoken: str) -> alt.LayerChart:
    base = alt.Chart(alt.NamedData("months")).encode(
        x=alt.X("month:T")
        .title(None)
        .axis(format=t("chart.month_format"), grid=False, labelOverlap=True, tickCount="month"),
        y=alt.Y("value:Q", scale=alt.Scale(zero=True))
        .title(None)
        .axis(labelExpr=axis, tickCount=4),
        tooltip=[
            alt.Tooltip("month:T", title=t("chart.month"), format="%Y-%m"),
            alt.Tooltip("value:Q", title=t("chart.value"), format=spoken),
            alt.Tooltip("days:Q", title=t("chart.days"), format=",d"),
        ],
    )
    line = base.mark_line(
        color=theme.ACCENT, strokeWidth=2.2, point={"color": theme.ACCENT, "size": 34}
    )
    return theme.picture(line, height=_HEIGHT)


def ages(t: Translator) -> alt.LayerChart:
    """Return the money in stock by age, split by tier.

    Data set ``ages``: over, up_to (days: the ends of the band; nothing = age unknown, or no end),
    tier, units, value.
    """
    unknown = json.dumps(t("chart.age_unknown"), ensure_ascii=False)
    known, ends = "isValid(datum.over)", "isValid(datum.up_to) && datum.up_to < 1e6"
    begins = "(datum.over > 0 ? datum.over + 1 : 0)"
    band = f"({ends}) ? {begins} + '–' + datum.up_to : '> ' + datum.over"
    bars = (
        alt.Chart(alt.NamedData("ages"))
        .transform_calculate(
            band=f"{known} ? ({band}) : {unknown}",
            place=f"{known} ? datum.over : 1e6",
            spoken=theme.spoken(t, "datum.tier", "tier", TIER_COLOURS),
        )
        .mark_bar(width={"band": 0.72})
        .encode(
            x=alt.X("band:N", sort=alt.EncodingSortField("place", op="min", order="ascending"))
            .title(t("chart.age_days"))
            .axis(labelAngle=0, labelOverlap=False, labelExpr=theme.band(), ticks=False),
            y=alt.Y("value:Q", stack="zero")
            .title(t("chart.stock_value"))
            .axis(labelExpr=theme.SHORT, tickCount=4),
            color=alt.Color(
                "tier:N",
                scale=theme.scale(TIER_COLOURS),
                legend=theme.legend(t, "tier", TIER_COLOURS, symbol="square"),
            ),
            tooltip=[
                alt.Tooltip("band:N", title=t("chart.age_days")),
                alt.Tooltip("spoken:N", title=t("column.tier")),
                alt.Tooltip("value:Q", title=t("chart.stock_value"), format=",.0f"),
                alt.Tooltip("units:Q", title=t("chart.units"), format=",.0f"),
            ],
        )
    )
    return theme.picture(bars, height=_HEIGHT)
