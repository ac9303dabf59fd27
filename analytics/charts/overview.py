"""Pictures of the morning page."""

import altair as alt

from analytics.charts import theme
from analytics.i18n import Translator

_HEIGHT = 240
RESCUE_COLOURS = {"too_late": theme.DANGER, "in_time": theme.ACCENT}
SERIES_COLOURS = {"actual": theme.MUTED, "forecast": theme.ACCENT}


def runs_out(t: Translator) -> alt.LayerChart:
    """Return how many items run out in which week if nothing is ordered.

    Data set ``weeks``: step (0 = out by now), label (the week, as it is to be read), tier, rescue
    (too_late, in_time), items, value (what they sell in a week).
    """
    base = alt.Chart(alt.NamedData("weeks")).transform_calculate(
        spoken=theme.spoken(t, "datum.rescue", "rescue", RESCUE_COLOURS),
        order="datum.rescue == 'too_late' ? 0 : 1",
    )
    x = alt.X("label:N", sort=alt.EncodingSortField("step", op="min", order="ascending"))
    bars = base.mark_bar(cornerRadiusEnd=2).encode(
        x=x.title(t("chart.runs_out_week")).axis(labelAngle=0, labelOverlap=True, ticks=False),
        y=alt.Y("sum(items):Q", stack=True)
        .title(t("chart.items"))
        .axis(tickMinStep=1, tickCount=4),
        color=alt.Color(
            "rescue:N",
            scale=theme.scale(RESCUE_COLOURS),
            legend=theme.legend(t, "rescue", RESCUE_COLOURS, symbol="square"),
        ),
        order=alt.Order("order:Q"),
        tooltip=[
            alt.Tooltip("label:N", title=t("chart.week")),
            alt.Tooltip("spoken:N", title=t("chart.status")),
            alt.Tooltip("sum(items):Q", title=t("chart.items"), format=",d"),
            alt.Tooltip("sum(value):Q", title=t("chart.sells_a_week"), format=",.0f"),
        ],
    )
    return theme.picture(bars, height=_HEIGHT)


def against(t: Translator) -> alt.LayerChart:
    """Return what the weeks asked for beside what was forecast of them.

    Data set ``weeks``: week (Monday), series (actual, forecast), units.
    """
    base = alt.Chart(alt.NamedData("weeks")).transform_calculate(
        spoken=theme.spoken(t, "datum.series", "series", SERIES_COLOURS)
    )
    axis = alt.Axis(format="%m-%d", grid=False, labelOverlap=True, tickCount=6)
    line = base.mark_line(strokeWidth=2.2, interpolate="monotone", point={"size": 26}).encode(
        x=alt.X("week:T", axis=axis).title(None),
        y=alt.Y("units:Q", scale=alt.Scale(zero=True))
        .title(t("chart.units_per_week"))
        .axis(labelExpr=theme.SHORT, tickCount=4),
        color=alt.Color(
            "series:N",
            scale=theme.scale(SERIES_COLOURS),
            legend=theme.legend(t, "series", SERIES_COLOURS, symbol="stroke"),
        ),
        tooltip=[
            alt.Tooltip("week:T", title=t("chart.week"), format="%Y-%m-%d"),
            alt.Tooltip("spoken:N", title=t("chart.what")),
            alt.Tooltip("units:Q", title=t("chart.units"), format=",.0f"),
        ],
    )
    return theme.picture(line, height=_HEIGHT)


def groups_in_shares(t: Translator) -> alt.LayerChart:
    """Return a measure that is a share, group by group.

    Data set ``groups``: label (the group's name), value (0 to 1), shown (it in words).
    """
    return _groups(t, "format(datum.value, '.0%')")


def groups_in_numbers(t: Translator) -> alt.LayerChart:
    """Return a measure that is no share, group by group.

    Data set ``groups``: label (the group's name), value, shown (it in words).
    """
    return _groups(t, theme.SHORT)


def _groups(t: Translator, axis: str) -> alt.LayerChart:
    base = (
        alt.Chart(alt.NamedData("groups"))
        .transform_filter("isValid(datum.value)")
        .encode(
            y=alt.Y("label:N", sort=alt.EncodingSortField("value", op="max", order="descending"))
            .title(None)
            .axis(labelLimit=180, ticks=False, domain=False),
            x=alt.X("value:Q", scale=alt.Scale(zero=True, range=[0, {"expr": "width - 90"}]))
            .title(None)
            .axis(labelExpr=axis, grid=False, tickCount=4),
            tooltip=[
                alt.Tooltip("label:N", title=t("chart.group")),
                alt.Tooltip("shown:N", title=t("chart.measured")),
            ],
        )
    )
    bars = base.mark_bar(color=theme.ACCENT, cornerRadiusEnd=3, size=16)
    values = base.mark_text(align="left", dx=5, fontSize=12, color=theme.LABEL)
    return theme.picture(bars, values.encode(text="shown:N"), height=_HEIGHT)
