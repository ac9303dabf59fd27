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
