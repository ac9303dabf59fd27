"""Pictures of what will sell."""

import altair as alt

from analytics.charts import theme
from analytics.i18n import Translator

_STATES = {"stockout": theme.WARNING, "partial": theme.MUTED}


def fan(t: Translator) -> alt.LayerChart:
    """Return history and forecast of one item, with the ranges that demand should fall into.

    Data set ``history``: week, units (sold), demand (units, stock-outs made up for; none where
    unobserved), state (observed, stockout, partial, unobserved).
    Data set ``fan``: week, mean, q05, q20, q80, q95.
    """
    layers = [
        _band(t, "q05", "q95", 0.16),
        _band(t, "q20", "q80", 0.28),
        _history(t),
        _corrected(t),
        _mean(t),
    ]
    return theme.picture(*layers, height=340)


def _x() -> alt.X:
    return alt.X("week:T").title(None).axis(format="%Y-%m", grid=False, tickCount=9)


def _band(t: Translator, low: str, high: str, opacity: float) -> alt.Chart:
    return (
        alt.Chart(alt.NamedData("fan"))
        .mark_area(color=theme.ACCENT, opacity=opacity, interpolate="monotone")
        .encode(x=_x(), y=alt.Y(f"{low}:Q").title(t("chart.units_per_week")), y2=f"{high}:Q")
    )


def _history(t: Translator) -> alt.Chart:
    return (
        alt.Chart(alt.NamedData("history"))
        .mark_line(color=theme.MUTED, strokeWidth=1.6, interpolate="monotone")
        .encode(x=_x(), y=alt.Y("demand:Q").title(t("chart.units_per_week")))
    )


def _corrected(t: Translator) -> alt.Chart:
    return (
        alt.Chart(alt.NamedData("history"))
        .transform_filter(alt.FieldOneOfPredicate(field="state", oneOf=list(_STATES)))
        .transform_calculate(spoken=theme.spoken(t, "datum.state", "week_state", _STATES))
        .mark_point(filled=True, size=34)
        .encode(
            x=_x(),
            y=alt.Y("units:Q").title(t("chart.units_per_week")),
            color=alt.Color(
                "state:N",
                scale=theme.scale(_STATES),
                legend=theme.legend(t, "week_state", _STATES),
            ),
            tooltip=[
                alt.Tooltip("week:T", title=t("chart.week"), format="%Y-%m-%d"),
                alt.Tooltip("units:Q", title=t("chart.sold"), format=",.0f"),
                alt.Tooltip("spoken:N", title=t("chart.status")),
            ],
        )
    )


def _mean(t: Translator) -> alt.Chart:
    return (
        alt.Chart(alt.NamedData("fan"))
        .mark_line(color=theme.ACCENT, strokeWidth=2.2, interpolate="monotone", point={"size": 22})
        .encode(
            x=_x(),
            y=alt.Y("mean:Q").title(t("chart.units_per_week")),
            tooltip=[
                alt.Tooltip("week:T", title=t("chart.week"), format="%Y-%m-%d"),
                alt.Tooltip("mean:Q", title=t("chart.expected"), format=",.1f"),
                alt.Tooltip("q05:Q", title=t("column.q05"), format=",.0f"),
                alt.Tooltip("q20:Q", title=t("column.q20"), format=",.0f"),
                alt.Tooltip("q80:Q", title=t("column.q80"), format=",.0f"),
                alt.Tooltip("q95:Q", title=t("column.q95"), format=",.0f"),
            ],
        )
    )
