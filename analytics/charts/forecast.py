"""Pictures of what will sell."""

import altair as alt

from analytics.charts import theme
from analytics.i18n import Translator

_STRIP = 82  # pixels above the data that the names of events stand in
_APART = 13  # pixels between two names, below which the second is left to its tooltip
_DAY = "%Y-%m-%d"
_HALF_WEEK = 302_400_000  # milliseconds: a week's point stands on its Monday, in the band's middle
SHAPES = {
    "stockouts": "circle",
    "partial": "square",
    "freak_orders": "diamond",
    "promotions": "triangle-up",
}
_PARTS = ("trend", "season", "rest")
_GAP = 24  # pixels above each row, for its name


def fan(t: Translator) -> alt.LayerChart:
    """Return history and forecast of one item, with the ranges that demand should fall into.

    Data set ``history``: week, demand (units, corrected; none where unobserved), raw (units sold,
    as in the files).
    Data set ``corrections``: week, layer (stockouts, partial, freak_orders, promotions; others are
    not drawn), units_before, units_after (none = unobserved), label (the reason, in words).
    Data set ``fan``: week, mean, q05, q20, q80, q95.
    Data set ``before``: week, mean (without what people judged).
    Data set ``events``: starts_on, ends_on (both included, within the weeks shown), label, side
    (demand, supply), uplift (share; none = unknown). A band covers every week that it touches.
    """
    layers = [
        _band(t, "q05", "q95", 0.16),
        _band(t, "q20", "q80", 0.28),
        *_events(t),
        _sold(t),
        _history(t),
        *_corrections(t),
        _before(t),
        _mean(t),
    ]
    return theme.picture(*layers, height=400)


def season(t: Translator) -> alt.LayerChart:
    """Return how far each week of the year lies above or below a usual one.

    Data set ``season``: week_of_year (1 to 52), factor (1 = a usual week), date (a day of that
    week, in one year), is_now (whether the plan's day lies in it).
    """
    base = alt.Chart(alt.NamedData("season")).transform_calculate(change="datum.factor - 1")
    month = t("chart.month_format")
    axis = alt.Axis(format=month, grid=False, tickCount="month", labelOverlap=True)
    x = alt.X("date:T", axis=axis).title(None)
    y = alt.Y("change:Q").title(t("chart.against_usual_week"))
    y = y.axis(format="+.0%", tickCount=5, labelExpr="datum.value == 0 ? '0%' : datum.label")
    tooltip = [
        alt.Tooltip("date:T", title=t("chart.week"), format="%m-%d"),
        alt.Tooltip("change:Q", title=t("chart.against_usual_week"), format="+.0%"),
    ]
    area = base.mark_area(color=theme.ACCENT, opacity=0.2, interpolate="monotone")
    line = base.mark_line(
        color=theme.ACCENT, interpolate="monotone", point={"opacity": 0, "size": 60}
    )
    zero = base.mark_rule(color=theme.MUTED).encode(y=alt.datum(0))
    now = base.transform_filter("datum.is_now")
    day = now.mark_rule(color=theme.LABEL, strokeDash=[4, 3]).encode(x=x)
    word = now.mark_text(color=theme.LABEL, align="left", dx=4, dy=6, fontSize=12, baseline="top")
    return theme.picture(
        area.encode(x=x, y=y, y2=alt.datum(0)),
        zero,
        day,
        line.encode(x=x, y=y, tooltip=tooltip),
        word.encode(x=x, y=alt.value(0), text=alt.value(t("chart.now"))),
        height=240,
    )


def trend(t: Translator) -> alt.LayerChart:
    """Return what of the history is trend, season and rest, one below the other.

    Data set ``parts``: week, part (trend, season, rest), value (units/week).
    """
    rows = [_part(t, part, place) for place, part in enumerate(_PARTS)]
    return theme.picture(*rows, height=380).resolve_scale(y="independent")


def _part(t: Translator, part: str, place: int) -> alt.Chart:
    top = f"height * {place} / {len(_PARTS)} + {_GAP}"
    bottom = {"expr": f"height * {place + 1} / {len(_PARTS)}"}
    scale = alt.Scale(range=[bottom, {"expr": top}], zero=part != "trend", nice=False)
    rows = alt.Chart(alt.NamedData("parts")).transform_filter(
        alt.FieldEqualPredicate(field="part", equal=part)
    )
    name = t(f"chart.{part}")
    axis = alt.Axis(
        orient="left",
        tickCount=3,
        labelExpr=theme.SHORT,
        titleAngle=0,
        titleAlign="left",
        titleAnchor="end",
        titleX=0,
        titleY={"expr": f"{top} - 10"},
    )
    tooltip = [
        alt.Tooltip("week:T", title=t("chart.week"), format=_DAY),
        alt.Tooltip("value:Q", title=name, format=",.1f"),
    ]
    y = alt.Y("value:Q", scale=scale, axis=axis).title(name)
    if part == "rest":
        rule = rows.mark_rule(color=theme.MUTED, strokeWidth=2)
        return rule.encode(x=_x(), y=y, y2=alt.datum(0), tooltip=tooltip)
    line = rows.mark_line(color=theme.ACCENT, point={"opacity": 0, "size": 60})
    return line.encode(x=_x(), y=y, tooltip=tooltip)


def methods(t: Translator) -> alt.LayerChart:
    """Return how far off in total each method would have been, the nearest first.

    Data set ``methods``: method, label (its name, in words), off (share of what sold), is_ours.
    """
    return _bars(t, "methods", "is_ours")


def contest(t: Translator) -> alt.LayerChart:
    """Return how far off in total each contestant was on one item, the nearest first.

    Data set ``contest``: member, label (its name, in words), off (share of what sold),
    is_champion.
    """
    return _bars(t, "contest", "is_champion")


def _bars(t: Translator, name: str, chosen: str) -> alt.LayerChart:
    room = alt.Scale(zero=True, range=[0, {"expr": "width - 36"}])  # for the longest bar's value
    base = (
        alt.Chart(alt.NamedData(name))
        .transform_filter("isValid(datum.off) && isFinite(datum.off)")
        .encode(
            y=alt.Y("label:N", sort=alt.EncodingSortField("off", op="min", order="ascending"))
            .title(None)
            .axis(labelLimit=190, ticks=False, domain=False),
            x=alt.X("off:Q", scale=room)
            .title(t("chart.off_in_total"))
            .axis(format=".0%", grid=False, tickCount=4),
            tooltip=[
                alt.Tooltip("label:N", title=t("chart.method")),
                alt.Tooltip("off:Q", title=t("chart.off_in_total"), format=".1%"),
            ],
        )
    )
    colour = alt.when(f"datum.{chosen}").then(alt.value(theme.ACCENT))
    bars = base.mark_bar(cornerRadiusEnd=3, size=20).encode(
        color=colour.otherwise(alt.value(theme.MUTED))
    )
    values = base.mark_text(align="left", dx=5, fontSize=12, color=theme.LABEL).encode(
        text=alt.Text("off:Q", format=".0%")
    )
    return theme.picture(bars, values, height=190)


def contest_fan(t: Translator) -> alt.LayerChart:
    """Return what the chosen contestant expects, and our mean beside it.

    Data set ``history``: week, demand (units; none where unobserved).
    Data set ``fan``: week, mean, q05, q20, q80, q95 (the contestant's).
    Data set ``ours``: week, mean.
    """
    ours = alt.Chart(alt.NamedData("ours")).mark_line(
        color=theme.WARNING, strokeWidth=2, strokeDash=[6, 4], interpolate="monotone"
    )
    layers = [
        _band(t, "q05", "q95", 0.16, strip=0),
        _band(t, "q20", "q80", 0.28, strip=0),
        _history(t, strip=0),
        ours.encode(
            x=_x(),
            y=_y(t, "mean", strip=0),
            tooltip=[
                alt.Tooltip("week:T", title=t("chart.week"), format=_DAY),
                alt.Tooltip("mean:Q", title=t("chart.ours"), format=",.1f"),
            ],
        ),
        _mean(t, strip=0),
    ]
    return theme.picture(*layers, height=300)


def _x(format_: str = "%Y-%m") -> alt.X:
    axis = alt.Axis(format=format_, grid=False, tickCount=9, labelOverlap=True)
    return alt.X("week:T", axis=axis).title(None)


def _y(t: Translator, field: str, *, strip: int = _STRIP) -> alt.Y:
    """Return the axis of units, which leaves a strip above the data."""
    scale = alt.Scale(range=[{"expr": "height"}, strip], zero=True)
    return alt.Y(f"{field}:Q", scale=scale).title(t("chart.units_per_week"))


def _band(t: Translator, low: str, high: str, opacity: float, *, strip: int = _STRIP) -> alt.Chart:
    return (
        alt.Chart(alt.NamedData("fan"))
        .mark_area(color=theme.ACCENT, opacity=opacity, interpolate="monotone")
        .encode(x=_x(), y=_y(t, low, strip=strip), y2=f"{high}:Q")
    )


def _events(t: Translator) -> tuple[alt.Chart, alt.Chart]:
    """Return the bands of events, and the names of those that have room for one."""
    sides = theme.SIDE_COLOURS
    base = (
        alt.Chart(alt.NamedData("events"))
        .transform_calculate(
            first=f"time({_monday('starts_on')}) - {_HALF_WEEK}",
            last=f"time({_monday('ends_on')}) + {_HALF_WEEK}",
            spoken=theme.spoken(t, "datum.side", "side", sides),
        )
        .transform_calculate(middle="(datum.first + datum.last) / 2")
    )
    is_supply = alt.when(alt.FieldEqualPredicate(field="side", equal="supply"))
    colour = is_supply.then(alt.value(sides["supply"])).otherwise(alt.value(sides["demand"]))
    tooltip = [
        alt.Tooltip("label:N", title=t("chart.event")),
        alt.Tooltip("starts_on:T", title=t("column.starts_on"), format=_DAY),
        alt.Tooltip("ends_on:T", title=t("column.ends_on"), format=_DAY),
        alt.Tooltip("uplift:Q", title=t("chart.uplift"), format="+.0%"),
        alt.Tooltip("spoken:N", title=t("chart.side")),
    ]
    bands = base.mark_rect(opacity=0.13).encode(
        x=alt.X("first:T"), x2="last:T", color=colour, tooltip=tooltip
    )
    gap = "scale('x', datum.middle) - scale('x', datum.previous)"
    has_room = alt.when(f"!isValid(datum.previous) || {gap} > {_APART}")
    names = base.transform_window(
        previous="lag(middle)", sort=[alt.SortField("middle"), alt.SortField("label")]
    ).mark_text(angle=270, align="right", baseline="middle", fontSize=11, limit=_STRIP - 4)
    placed = names.encode(
        x=alt.X("middle:T"),
        y=alt.value(2),
        text=alt.Text("label:N"),
        color=colour,
        opacity=has_room.then(alt.value(1)).otherwise(alt.value(0)),
        tooltip=tooltip,
    )
    return bands, placed


def _monday(field: str) -> str:
    """Return the Vega expression of the Monday of a day's week."""
    day = f"toDate(datum.{field})"
    return f"timeOffset('day', {day}, -((day({day}) + 6) % 7))"


def _sold(t: Translator) -> alt.Chart:
    return (
        alt.Chart(alt.NamedData("history"))
        .mark_line(color=theme.MUTED, opacity=0.55, strokeWidth=1, interpolate="monotone")
        .encode(x=_x(), y=_y(t, "raw"))
    )


def _history(t: Translator, *, strip: int = _STRIP) -> alt.Chart:
    tooltip = [
        alt.Tooltip("week:T", title=t("chart.week"), format=_DAY),
        alt.Tooltip("demand:Q", title=t("chart.demand"), format=",.1f"),
    ]
    if strip:
        tooltip.append(alt.Tooltip("raw:Q", title=t("chart.sold"), format=",.0f"))
    return (
        alt.Chart(alt.NamedData("history"))
        .mark_line(
            color=theme.MUTED,
            strokeWidth=1.6,
            interpolate="monotone",
            point={"opacity": 0, "size": 50},
        )
        .encode(x=_x(), y=_y(t, "demand", strip=strip), tooltip=tooltip)
    )


def _corrections(t: Translator) -> tuple[alt.Chart, alt.Chart]:
    """Return a mark at what was sold, and a line from there to what it was corrected to."""
    colours = theme.LAYER_COLOURS
    base = (
        alt.Chart(alt.NamedData("corrections"))
        .transform_filter(alt.FieldOneOfPredicate(field="layer", oneOf=list(colours)))
        .transform_calculate(spoken=theme.spoken(t, "datum.layer", "layer", colours))
    )
    legend = theme.legend(t, "layer", colours, symbol=None)
    colour = alt.Color("layer:N", scale=theme.scale(colours), legend=legend)
    rules = (
        base.transform_filter("isValid(datum.units_after)")
        .mark_rule(strokeWidth=1.4, opacity=0.8)
        .encode(x=_x(), y=_y(t, "units_before"), y2="units_after:Q", color=colour)
    )
    points = base.mark_point(filled=True, size=46, opacity=1).encode(
        x=_x(),
        y=_y(t, "units_before"),
        color=colour,
        shape=alt.Shape("layer:N", scale=theme.scale(SHAPES), legend=legend),
        tooltip=[
            alt.Tooltip("week:T", title=t("chart.week"), format=_DAY),
            alt.Tooltip("spoken:N", title=t("chart.correction")),
            alt.Tooltip("units_before:Q", title=t("chart.units_before"), format=",.0f"),
            alt.Tooltip("units_after:Q", title=t("chart.units_after"), format=",.1f"),
            alt.Tooltip("label:N", title=t("chart.why")),
        ],
    )
    return rules, points


def _before(t: Translator) -> alt.Chart:
    return (
        alt.Chart(alt.NamedData("before"))
        .mark_line(color=theme.ACCENT, strokeWidth=1.2, strokeDash=[5, 4], interpolate="monotone")
        .encode(x=_x(), y=_y(t, "mean"))
    )


def _mean(t: Translator, *, strip: int = _STRIP) -> alt.Chart:
    ranges = [
        alt.Tooltip(f"{name}:Q", title=t(f"column.{name}"), format=",.0f")
        for name in ("q05", "q20", "q80", "q95")
    ]
    return (
        alt.Chart(alt.NamedData("fan"))
        .mark_line(color=theme.ACCENT, strokeWidth=2.2, interpolate="monotone", point={"size": 22})
        .encode(
            x=_x(),
            y=_y(t, "mean", strip=strip),
            tooltip=[
                alt.Tooltip("week:T", title=t("chart.week"), format=_DAY),
                alt.Tooltip("mean:Q", title=t("chart.expected"), format=",.1f"),
                *ranges,
            ],
        )
    )
