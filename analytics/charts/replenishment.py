"""Pictures of the order board."""

import altair as alt

from analytics.charts import theme
from analytics.i18n import Translator


def calendar(t: Translator) -> alt.LayerChart:
    """Return what has to be ordered by when, as bars per week.

    Data set ``weeks``: week (Monday), status (order_now, order_later), items, units, value.
    """
    statuses = theme.STATUS_COLOURS
    base = alt.Chart(alt.NamedData("weeks")).transform_calculate(
        spoken=theme.spoken(t, "datum.status", "status", statuses)
    )
    x = alt.X("week:O", timeUnit="yearmonthdate").title(t("chart.order_week"))
    bars = base.mark_bar(cornerRadiusEnd=3).encode(
        x=x.axis(format="%m-%d", labelAngle=0, labelOverlap=True),
        y=alt.Y("items:Q", stack=True).title(t("chart.items")).axis(tickMinStep=1),
        color=alt.Color(
            "status:N", scale=theme.scale(statuses), legend=theme.legend(t, "status", statuses)
        ),
        tooltip=[
            alt.Tooltip("week:T", title=t("chart.order_week"), format="%Y-%m-%d"),
            alt.Tooltip("spoken:N", title=t("chart.status")),
            alt.Tooltip("items:Q", title=t("chart.items"), format=",d"),
            alt.Tooltip("units:Q", title=t("chart.units"), format=",d"),
            alt.Tooltip("value:Q", title=t("chart.value"), format=",.0f"),
        ],
    )
    return theme.picture(bars, height=280)


def stock(t: Translator) -> alt.LayerChart:
    """Return an item's stock ahead: without an order, and as the board suggests.

    Data set ``course``: date, on_hand (nothing is ordered), with_order, lost.
    Data set ``spans``: starts_on, ends_on, span (past_saving, avoidable), units.
    Data set ``arrivals``: date, units, arrival (placed, suggested).
    """
    x = alt.X("date:T").title(None).axis(format="%m-%d", labelOverlap=True, grid=False)
    course = alt.Chart(alt.NamedData("course"))
    tooltip = [
        alt.Tooltip("date:T", title=t("chart.day"), format="%Y-%m-%d"),
        alt.Tooltip("with_order:Q", title=t("chart.with_order"), format=",.0f"),
        alt.Tooltip("on_hand:Q", title=t("chart.without_order"), format=",.0f"),
        alt.Tooltip("lost:Q", title=t("chart.lost"), format=",.1f"),
    ]
    without = course.mark_line(
        color=theme.MUTED, strokeDash=[5, 4], strokeWidth=2, interpolate="step-after"
    ).encode(x=x, y=alt.Y("on_hand:Q"))
    followed = course.mark_area(
        line={"color": theme.ACCENT, "strokeWidth": 2},
        color=theme.ACCENT,
        opacity=0.16,
        interpolate="step-after",
    ).encode(x=x, y=alt.Y("with_order:Q").title(t("chart.stock")), tooltip=tooltip)
    return theme.picture(_short(t), followed, without, *_coming(t), height=300)


def _short(t: Translator) -> alt.Chart:
    """Return the days without stock as bands, from top to bottom."""
    spans = theme.SPAN_COLOURS
    return (
        alt.Chart(alt.NamedData("spans"))
        .transform_calculate(spoken=theme.spoken(t, "datum.span", "span", spans))
        .mark_rect(opacity=0.25)
        .encode(
            x=alt.X("starts_on:T"),
            x2="ends_on:T",
            color=alt.Color(
                "span:N",
                scale=theme.scale(spans),
                legend=theme.legend(t, "span", spans, symbol="square"),
            ),
            tooltip=[
                alt.Tooltip("spoken:N", title=t("chart.status")),
                alt.Tooltip("starts_on:T", title=t("chart.from"), format="%Y-%m-%d"),
                alt.Tooltip("ends_on:T", title=t("chart.until"), format="%Y-%m-%d"),
                alt.Tooltip("units:Q", title=t("chart.lost"), format=",.0f"),
            ],
        )
    )


def _coming(t: Translator) -> tuple[alt.Chart, alt.Chart]:
    """Return what arrives, as marks on the ground and lines up from them."""
    kinds = theme.ARRIVAL_COLOURS
    base = (
        alt.Chart(alt.NamedData("arrivals"))
        .transform_calculate(spoken=theme.spoken(t, "datum.arrival", "arrival", kinds))
        .encode(
            x=alt.X("date:T"),
            stroke=alt.Stroke(
                "arrival:N", scale=theme.scale(kinds), legend=theme.legend(t, "arrival", kinds)
            ),
            tooltip=[
                alt.Tooltip("spoken:N", title=t("chart.status")),
                alt.Tooltip("date:T", title=t("chart.day"), format="%Y-%m-%d"),
                alt.Tooltip("units:Q", title=t("chart.units"), format=",.0f"),
            ],
        )
    )
    lines = base.mark_rule(strokeWidth=1.5, strokeDash=[2, 3])
    marks = base.mark_point(shape="triangle-up", size=130, filled=False, strokeWidth=2).encode(
        y=alt.YDatum(0)
    )
    return lines, marks


def payments(t: Translator) -> alt.LayerChart:
    """Return what has to be paid in which week.

    Data set ``weeks``: week (Monday), payment (deposit, balance, placed), value (base currency).
    """
    kinds = theme.PAYMENT_COLOURS
    bars = (
        alt.Chart(alt.NamedData("weeks"))
        .transform_calculate(spoken=theme.spoken(t, "datum.payment", "payment", kinds))
        .mark_bar(cornerRadiusEnd=3)
        .encode(
            x=alt.X("week:O", timeUnit="yearmonthdate")
            .title(t("chart.payment_week"))
            .axis(format="%m-%d", labelAngle=0, labelOverlap=True),
            y=alt.Y("value:Q", stack=True).title(t("chart.value")).axis(labelExpr=theme.SHORT),
            color=alt.Color(
                "payment:N", scale=theme.scale(kinds), legend=theme.legend(t, "payment", kinds)
            ),
            tooltip=[
                alt.Tooltip("week:T", title=t("chart.payment_week"), format="%Y-%m-%d"),
                alt.Tooltip("spoken:N", title=t("chart.status")),
                alt.Tooltip("value:Q", title=t("chart.value"), format=",.0f"),
            ],
        )
    )
    return theme.picture(bars, height=280)
