"""Pictures of how much buffer, what it costs, why so much, and how it would have done."""

import altair as alt

from analytics.charts import theme
from analytics.i18n import Translator

_KINDS = {"adds": theme.ACCENT, "takes": theme.WARNING, "total": theme.MUTED}


def exceedance(t: Translator) -> alt.LayerChart:
    """Return the chance that demand until the next delivery exceeds a stock, per method a line.

    Data set ``curve``: units, exceedance (0 to 1).
    Data set ``methods``: method, reorder_point (units), cycle_service, fill_rate (0 to 1).
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
                alt.Tooltip("cycle_service:Q", title=t("measure.cycle"), format=".1%"),
                alt.Tooltip("fill_rate:Q", title=t("measure.fill"), format=".1%"),
            ],
        )
    )
    return theme.picture(area, line, rules, height=300)


def waterfall(t: Translator) -> alt.LayerChart:
    """Return the bars that a reorder point is made of, one upon the other.

    Data set ``bars``: bar, units (signed), starts_at, ends_at (units), kind (``adds``, ``takes``,
    ``total``).
    """
    names = (
        "lead_time_demand", "review_demand", "uncertain_demand", "uncertain_lead_time", "sliders",
        "rounding", "reorder_point",
    )  # fmt: skip
    base = (
        alt.Chart(alt.NamedData("bars"))
        .transform_calculate(
            spoken=theme.spoken(t, "datum.bar", "explain", names),
            right="max(datum.starts_at, datum.ends_at)",
            signed="format(datum.units, datum.kind == 'total' ? ',.0f' : '+,.1f')",
        )
        .encode(
            y=alt.Y("spoken:N", sort=None)
            .title(None)
            .axis(labelLimit={"expr": "width < 400 ? 120 : 280"}, labelOverlap=False)
        )
    )
    bars = base.mark_bar(cornerRadius=2, height={"band": 0.62}).encode(
        x=alt.X("starts_at:Q").title(t("chart.units")).axis(format=",d", grid=False),
        x2="ends_at:Q",
        color=alt.Color("kind:N", scale=theme.scale(_KINDS), legend=None),
        tooltip=[
            alt.Tooltip("spoken:N", title=t("explain.part")),
            alt.Tooltip("signed:N", title=t("chart.units")),
        ],
    )
    labels = base.mark_text(align="left", dx=5, color=theme.LABEL).encode(
        x=alt.X("right:Q"), text="signed:N"
    )
    return theme.picture(bars, labels, height=240)


def cash(t: Translator) -> alt.LayerChart:
    """Return the cash that the safety stock of the catalogue ties up, by method.

    Data set ``totals``: method, cash, currency, items_costed (that the sum holds), fill_rate and
    cycle_service (0 to 1).
    """
    methods = {**theme.METHOD_COLOURS, "policy": theme.RULE_COLOURS["policy"]}
    base = (
        alt.Chart(alt.NamedData("totals"))
        .transform_calculate(spoken=theme.spoken(t, "datum.method", "method", methods))
        .encode(
            y=alt.Y("spoken:N", sort=None).title(None).axis(labelOverlap=False),
            x=alt.X("cash:Q").title(t("chart.cash")).axis(labelExpr=theme.SHORT, grid=False),
        )
    )
    bars = base.mark_bar(cornerRadiusEnd=3, height={"band": 0.6}).encode(
        color=alt.Color("method:N", scale=theme.scale(methods), legend=None),
        tooltip=[
            alt.Tooltip("spoken:N", title=t("chart.method")),
            alt.Tooltip("cash:Q", title=t("chart.cash"), format=",.0f"),
            alt.Tooltip("currency:N", title=t("chart.currency")),
            alt.Tooltip("cycle_service:Q", title=t("measure.cycle"), format=".1%"),
            alt.Tooltip("fill_rate:Q", title=t("measure.fill"), format=".1%"),
            alt.Tooltip("items_costed:Q", title=t("chart.items"), format=",d"),
        ],
    )
    return theme.picture(bars, height=180)


def frontier(t: Translator) -> alt.LayerChart:
    """Return what service costs: the cash of each promise as a line, and where the methods stand.

    Data set ``frontier``: service_level (promised), reached (0 to 1), cash.
    Data set ``points``: method, reached, cash, drawn_at (cash up to the picture's edge), is_beyond.
    """
    methods = {**theme.METHOD_COLOURS, "policy": theme.RULE_COLOURS["policy"]}
    x = (
        alt.X("reached:Q", scale=alt.Scale(zero=False, nice=False, padding=12))
        .title(t("chart.reached"))
        .axis(format=".0%", grid=False, tickCount=8)
    )
    curve = alt.Chart(alt.NamedData("frontier"))
    line = curve.mark_line(
        color=theme.MUTED, strokeWidth=2, point={"color": theme.MUTED, "size": 22}
    ).encode(
        x=x,
        y=alt.Y("cash:Q").title(t("chart.cash")).axis(labelExpr=theme.SHORT),
        tooltip=[
            alt.Tooltip("service_level:Q", title=t("chart.promised"), format=".1%"),
            alt.Tooltip("reached:Q", title=t("chart.reached"), format=".1%"),
            alt.Tooltip("cash:Q", title=t("chart.cash"), format=",.0f"),
        ],
    )
    points = (
        alt.Chart(alt.NamedData("points"))
        .transform_calculate(spoken=theme.spoken(t, "datum.method", "method", methods))
        .mark_point(filled=True, size=130, opacity=1)
        .encode(
            x=x,
            y=alt.Y("drawn_at:Q"),
            color=alt.Color(
                "method:N", scale=theme.scale(methods), legend=theme.legend(t, "method", methods)
            ),
            shape=alt.Shape(
                "is_beyond:N",
                scale=alt.Scale(domain=[False, True], range=["circle", "triangle-up"]),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("spoken:N", title=t("chart.method")),
                alt.Tooltip("reached:Q", title=t("chart.reached"), format=".1%"),
                alt.Tooltip("cash:Q", title=t("chart.cash"), format=",.0f"),
            ],
        )
    )
    return theme.picture(line, points, height=300)


def replayed(t: Translator) -> alt.LayerChart:
    """Return what each rule promised and reached in the past year, over the stock that it held.

    Data set ``rules``: rule, target, reached (0 to 1), average_stock, units_lost (units).
    """
    rules = theme.RULE_COLOURS
    base = (
        alt.Chart(alt.NamedData("rules"))
        .transform_calculate(spoken=theme.spoken(t, "datum.rule", "method", rules))
        .encode(
            x=alt.X("average_stock:Q", scale=alt.Scale(zero=True))
            .title(t("column.average_stock"))
            .axis(labelExpr=theme.SHORT, grid=False),
            color=alt.Color(
                "rule:N", scale=theme.scale(rules), legend=theme.legend(t, "method", rules)
            ),
            tooltip=[
                alt.Tooltip("spoken:N", title=t("replay.rule")),
                alt.Tooltip("target:Q", title=t("chart.promised"), format=".1%"),
                alt.Tooltip("reached:Q", title=t("chart.reached"), format=".1%"),
                alt.Tooltip("average_stock:Q", title=t("column.average_stock"), format=",.0f"),
                alt.Tooltip("units_lost:Q", title=t("column.units_lost"), format=",.0f"),
            ],
        )
    )
    y = alt.Y("reached:Q", scale=alt.Scale(zero=False, padding=14)).title(t("chart.reached"))
    gap = base.mark_rule(strokeWidth=1.5, opacity=0.6).encode(y=y, y2="target:Q")
    promised = base.mark_tick(orient="horizontal", thickness=2.5, size=26).encode(
        y=alt.Y("target:Q")
    )
    reached = base.mark_point(filled=True, size=130, opacity=1).encode(y=y.axis(format=".0%"))
    return theme.picture(gap, promised, reached, height=300)


def course(t: Translator) -> alt.LayerChart:
    """Return one item's days in the replay: stock, and the units that found none.

    Data set ``days``: date, on_hand, lost (units at the end of, and during, a day).
    """
    base = alt.Chart(alt.NamedData("days")).encode(
        x=alt.X("date:T").title(None).axis(format=t("chart.month_format"), grid=False),
        tooltip=[
            alt.Tooltip("date:T", title=t("column.date"), format="%Y-%m-%d"),
            alt.Tooltip("on_hand:Q", title=t("column.on_hand"), format=",.0f"),
            alt.Tooltip("lost:Q", title=t("column.units_lost"), format=",.0f"),
        ],
    )
    stock = base.mark_area(
        color=theme.ACCENT, opacity=0.35, interpolate="step-after", line={"color": theme.ACCENT}
    ).encode(y=alt.Y("on_hand:Q").title(t("chart.units")))
    lost = base.mark_bar(color=theme.DANGER, width=2).encode(y=alt.Y("lost:Q"))
    return theme.picture(stock, lost, height=220)
