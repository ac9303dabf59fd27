"""Pictures of suppliers' orders and of shipments."""

import altair as alt

from analytics.charts import theme
from analytics.i18n import Translator

_BOUGHT = {"true": theme.ACCENT, "false": theme.MUTED}
_DUE = {"ready": theme.ACCENT, "below_minimum": theme.WARNING}


def due(t: Translator) -> alt.LayerChart:
    """Return what is due of each supplier, beside the smallest order that it takes.

    Data set ``suppliers``: supplier, status, base_value, base_minimum (base currency), items,
    order_by.
    """
    base = alt.Chart(alt.NamedData("suppliers")).encode(
        y=alt.Y("supplier:N", sort=None).title(None).axis(labelLimit=160, labelOverlap=False)
    )
    bars = (
        base.transform_calculate(spoken=theme.spoken(t, "datum.status", "supplier_status", _DUE))
        .mark_bar(cornerRadiusEnd=3, height={"band": 0.6})
        .encode(
            x=alt.X("base_value:Q").title(t("chart.value")).axis(labelExpr=theme.SHORT, grid=False),
            color=alt.Color(
                "status:N",
                scale=theme.scale(_DUE),
                legend=theme.legend(t, "supplier_status", _DUE),
            ),
            tooltip=[
                alt.Tooltip("supplier:N", title=t("column.supplier")),
                alt.Tooltip("spoken:N", title=t("chart.status")),
                alt.Tooltip("items:Q", title=t("chart.items"), format=",d"),
                alt.Tooltip("base_value:Q", title=t("chart.value"), format=",.0f"),
                alt.Tooltip("base_minimum:Q", title=t("column.minimum_value"), format=",.0f"),
                alt.Tooltip("order_by:T", title=t("column.order_by"), format="%Y-%m-%d"),
            ],
        )
    )
    least = base.mark_tick(color=theme.DANGER, thickness=3, height={"band": 0.8}).encode(
        x=alt.X("base_minimum:Q")
    )
    return theme.picture(bars, least, height=200).properties(height=alt.Step(32))


def fill(t: Translator) -> alt.LayerChart:
    """Return how much of each limit a shipment uses.

    Data set ``limits``: limit, share (0 to 1), used, cap, step_earns.
    """
    limits = ("cash", "volume", "weight")
    base = (
        alt.Chart(alt.NamedData("limits"))
        .transform_calculate(spoken=theme.spoken(t, "datum.limit", "limit", limits))
        .encode(
            y=alt.Y("spoken:N", sort=[t(f"limit.{code}") for code in limits])
            .title(None)
            .axis(labelLimit=160, labelOverlap=False)
        )
    )
    tooltip = [
        alt.Tooltip("spoken:N", title=t("chart.limit")),
        alt.Tooltip("used:Q", title=t("chart.used"), format=",.1f"),
        alt.Tooltip("cap:Q", title=t("chart.cap"), format=",.1f"),
        alt.Tooltip("share:Q", title=t("chart.share"), format=".1%"),
    ]
    x = alt.X("share:Q", scale=alt.Scale(domain=[0, 1])).title(None).axis(format="%", grid=False)
    bars = base.mark_bar(cornerRadiusEnd=3, height={"band": 0.55}).encode(
        x=x,
        color=alt.condition(
            "datum.step_earns > 0", alt.value(theme.WARNING), alt.value(theme.ACCENT)
        ),
        tooltip=tooltip,
    )
    rail = base.mark_bar(cornerRadiusEnd=3, height={"band": 0.55}, opacity=0.18).encode(
        x=alt.XDatum(1), color=alt.value(theme.MUTED)
    )
    return theme.picture(rail, bars, height=130)


def purchase_list(t: Translator) -> alt.LayerChart:
    """Return the purchase list, the best first, with the line that the limits draw.

    Data set ``ranked``: place (1 is first), sku, name, order_quantity, base_value, earns,
    earning_rate, is_bought.
    Data set ``cut``: earning_rate of the line.
    """
    bars = (
        alt.Chart(alt.NamedData("ranked"))
        .transform_calculate(code="toString(datum.is_bought)")
        .transform_calculate(bought=theme.spoken(t, "datum.code", "bought", _BOUGHT))
        .mark_bar()
        .encode(
            x=alt.X("place:O").title(t("chart.place")).axis(labelOverlap=True, labelAngle=0),
            y=alt.Y("earning_rate:Q", scale=alt.Scale(type="symlog"), stack=None).title(
                t("column.earning_rate")
            ),
            color=alt.Color(
                "code:N",
                scale=theme.scale(_BOUGHT),
                legend=theme.legend(t, "bought", _BOUGHT),
            ),
            tooltip=[
                alt.Tooltip("sku:N", title=t("column.sku")),
                alt.Tooltip("name:N", title=t("column.name")),
                alt.Tooltip("bought:N", title=t("chart.status")),
                alt.Tooltip("order_quantity:Q", title=t("chart.units"), format=",d"),
                alt.Tooltip("base_value:Q", title=t("chart.value"), format=",.0f"),
                alt.Tooltip("earns:Q", title=t("column.earns"), format=",.0f"),
                alt.Tooltip("earning_rate:Q", title=t("column.earning_rate"), format=",.2f"),
            ],
        )
    )
    line = (
        alt.Chart(alt.NamedData("cut"))
        .mark_rule(color=theme.DANGER, strokeWidth=2, strokeDash=[6, 4])
        .encode(y=alt.Y("earning_rate:Q"))
    )
    return theme.picture(bars, line, height=240)


def arrivals(t: Translator) -> alt.LayerChart:
    """Return what is on order, by the day on which it is expected.

    Data set ``orders``: expected_on, order_id, supplier, market, open_quantity, order_value,
    currency.
    """
    bars = (
        alt.Chart(alt.NamedData("orders"))
        .mark_bar(width={"band": 0.5}, color=theme.ACCENT)
        .encode(
            x=alt.X("expected_on:O", timeUnit="yearmonthdate")
            .title(t("column.expected_on"))
            .axis(format="%m-%d", labelAngle=0, labelOverlap=True),
            y=alt.Y("open_quantity:Q", stack=True).title(t("column.open_quantity")),
            tooltip=[
                alt.Tooltip("order_id:N", title=t("column.order_id")),
                alt.Tooltip("supplier:N", title=t("column.supplier")),
                alt.Tooltip("market:N", title=t("column.market")),
                alt.Tooltip("expected_on:T", title=t("column.expected_on"), format="%Y-%m-%d"),
                alt.Tooltip("open_quantity:Q", title=t("column.open_quantity"), format=",d"),
                alt.Tooltip("order_value:Q", title=t("column.order_value"), format=",.0f"),
                alt.Tooltip("currency:N", title=t("chart.currency")),
            ],
        )
    )
    return theme.picture(bars, height=200)
