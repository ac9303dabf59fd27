"""Pictures of how much buffer, and what it costs."""

import altair as alt

from analytics.charts import theme
from analytics.i18n import Translator


def exceedance(t: Translator) -> alt.LayerChart:
    """Return the chance that demand until the next delivery exceeds a stock, per method a line.

    Data set ``curve``: units, exceedance (0 to 1).
    Data set ``methods``: method, reorder_point (units), service_level (0 to 1).
    """
    methods = theme.METHOD_COLOURS
    curve = alt.Chart(alt.NamedData("curve"))
    x = alt.X("units:Q").title(t("chart.units_over_lead_time")).axis(grid=False, format=",d")
    y = alt.Y("exceedance:Q", scale=alt.Scale(domain=[0, 1])).title(t("chart.exceedance"))
    area = curve.mark_area(color=theme.MUTED, opacity=0.16).encode(x=x, y=y.axis(format="%"))
    line = curve.mark_line(color=theme.MUTED, strokeWidth=2).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("units:Q", title=t("chart.units"), format=",.0f"),
            alt.Tooltip("exceedance:Q", title=t("chart.exceedance"), format=".1%"),
        ],
    )
    rules = (
        alt.Chart(alt.NamedData("methods"))
        .transform_calculate(spoken=theme.spoken(t, "datum.method", "method", methods))
        .mark_rule(strokeWidth=2.5)
        .encode(
            x=alt.X("reorder_point:Q"),
            color=alt.Color(
                "method:N", scale=theme.scale(methods), legend=theme.legend(t, "method", methods)
            ),
            tooltip=[
                alt.Tooltip("spoken:N", title=t("chart.method")),
                alt.Tooltip("reorder_point:Q", title=t("column.reorder_point"), format=",.0f"),
                alt.Tooltip("service_level:Q", title=t("chart.service_level"), format=".1%"),
            ],
        )
    )
    return theme.picture(area, line, rules, height=300)


def cash(t: Translator) -> alt.LayerChart:
    """Return the cash that the safety stock of the catalogue ties up, by method.

    Data set ``totals``: method, cash, currency, items (that the sum holds).
    """
    methods = theme.METHOD_COLOURS
    base = (
        alt.Chart(alt.NamedData("totals"))
        .transform_calculate(spoken=theme.spoken(t, "datum.method", "method", methods))
        .encode(
            y=alt.Y("spoken:N", sort=None).title(None),
            x=alt.X("cash:Q").title(t("chart.cash")).axis(format="~s", grid=False),
        )
    )
    bars = base.mark_bar(cornerRadiusEnd=3, height={"band": 0.6}).encode(
        color=alt.Color("method:N", scale=theme.scale(methods), legend=None),
        tooltip=[
            alt.Tooltip("spoken:N", title=t("chart.method")),
            alt.Tooltip("cash:Q", title=t("chart.cash"), format=",.0f"),
            alt.Tooltip("currency:N", title=t("chart.currency")),
            alt.Tooltip("items:Q", title=t("chart.items"), format=",d"),
        ],
    )
    return theme.picture(bars, height=120)
