"""Pictures of an upload."""

import altair as alt

from analytics.charts import theme
from analytics.i18n import Translator

_COLOURS = {"sold": theme.ACCENT, "returned": theme.WARNING, "cancelled": theme.MUTED}


def weeks(t: Translator) -> alt.LayerChart:
    """Return the units that a sheet tells of, as bars per week: gaps and jumps show at a glance.

    Data set ``weeks``: week (Monday, none left out), status (sold, returned, cancelled), units.
    """
    base = alt.Chart(alt.NamedData("weeks")).transform_calculate(
        spoken=theme.spoken(t, "datum.status", "sale", _COLOURS)
    )
    bars = base.mark_bar().encode(
        x=alt.X("week:O", timeUnit="utcyearmonthdate")
        .title(None)
        .axis(format="%Y-%m-%d", labelAngle=0, labelOverlap=True, ticks=False),
        y=alt.Y("units:Q", stack=True).title(t("chart.units_per_week")).axis(tickCount=3),
        color=alt.Color(
            "status:N", scale=theme.scale(_COLOURS), legend=theme.legend(t, "sale", _COLOURS)
        ),
        tooltip=[
            alt.Tooltip("week:T", title=t("chart.week"), format="%Y-%m-%d"),
            alt.Tooltip("spoken:N", title=t("chart.status")),
            alt.Tooltip("units:Q", title=t("chart.units"), format=",.0f"),
        ],
    )
    return theme.picture(bars, height=150)
