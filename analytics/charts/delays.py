"""Pictures of what a delay does: baseline in grey, the scenario in colour, re-planned in green.

The functions beside the pictures turn a service's frames into the data sets that are drawn.
"""

import altair as alt
import pandas as pd

from analytics.charts import theme
from analytics.i18n import Translator

SHOWN = 20  # items or orders in a ranking
_ROW, _BAR, _LINE = 24, 12, 4  # pixels that each takes, its bar, and the line beneath
_CASES = theme.CASE_COLOURS
_UNPRICED = 0.45  # opacity of what may pay, for all that is known
# Where lines run together the one below shows through.
_DASHED = alt.condition("datum.case == 'replanned'", alt.value([7, 4]), alt.value([1, 0]))
# What an item loses by each plan, as it was and in the scenario.
_PAIRS = {
    "current": ("units_short_before", "units_short"),
    "replanned": ("replanned_short_before", "replanned_short"),
}


def ranked(lines: pd.DataFrame, *, shown: int = SHOWN) -> pd.DataFrame:
    """Return the items that lose most, for `tornado` where a margin is known, else in units.

    Parameters
    ----------
    lines : DataFrame
        Of `analytics.services.delays.Impact`; with ``unit_contribution`` the losses are amounts of
        money.
    shown : int
        How many at most.

    Returns
    -------
    DataFrame
        ``item``, ``name``, ``stake`` (the plan that loses more by the scenario: ``before`` and
        ``scenario`` are what it loses), ``before``, ``scenario``, ``replanned``, ``more``,
        ``starts_at`` (where the scenario's bar begins), all in units or in money. What the scenario
        costs most comes first; then what it saves most, then what loses most anyway.
    """
    worth = lines["unit_contribution"].clip(lower=0) if in_money(lines) else 1.0
    rows = pd.DataFrame(
        {
            "item": lines["sku"] + " · " + lines["market"],
            "name": lines["name"],
            "stake": lines["stake"],
            "before": _at_stake(lines, 0) * worth,
            "scenario": _at_stake(lines, 1) * worth,
            "replanned": lines["replanned_short"] * worth,
        }
    )
    rows["more"] = rows["scenario"] - rows["before"]
    rows["starts_at"] = rows["before"].where(rows["more"] > 0, 0.0)
    losing = rows[rows[["before", "scenario"]].max(axis=1) > 0]
    ranks = losing.assign(costs=losing["more"].clip(lower=0), moves=losing["more"].abs())
    by = ranks.sort_values(["costs", "moves", "scenario"], ascending=False, kind="stable")
    return by[list(rows)].head(shown).reset_index(drop=True)


def _at_stake(lines: pd.DataFrame, case: int) -> pd.Series:
    """Return the units lost by the plan at stake, as it was (0) or in the scenario (1)."""
    current, replanned = (_PAIRS[plan][case] for plan in ("current", "replanned"))
    return lines[replanned].where(lines["stake"] == "replanned", lines[current])


def in_money(lines: pd.DataFrame) -> bool:
    """Return whether what an item loses can be said in money."""
    return "unit_contribution" in lines and bool(lines["unit_contribution"].notna().any())


def weekly(timeline: pd.DataFrame) -> pd.DataFrame:
    """Return ``week``, ``case`` and ``items_out`` out of an impact's timeline, for `timeline`."""
    return _cases(timeline)[["week", "case", "items_out"]]


def courses(course: pd.DataFrame) -> pd.DataFrame:
    """Return an item's days by case out of its ``course``, for the picture of that name."""
    return _cases(course.rename(columns={"day": "date"}))


def arriving(arrivals: pd.DataFrame) -> pd.DataFrame:
    """Return what arrives by case: new orders stand in the re-planned case alone."""
    return _cases(arrivals)


def _cases(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the current plan in both cases, and of the re-planned in the scenario.

    What is drawn last lies above: the scenario.
    """
    replanned = frame["plan"] == "replanned"
    cases = frame["case"]
    parts = [
        frame[replanned & (cases == "scenario")].assign(case="replanned"),
        *(frame[~replanned & (cases == case)] for case in ("baseline", "scenario")),
    ]
    return pd.concat(parts, ignore_index=True).drop(columns="plan")


def worth(orders: pd.DataFrame, *, shown: int = SHOWN) -> pd.DataFrame:
    """Return the open orders that save most if they come on time, for `orders`.

    Returns
    -------
    DataFrame
        ``order`` (number and item), ``saved``, ``cost`` (money; NaN = unknown, or, without money,
        units and no cost), ``days_late``, ``units``, ``pays``.
    """
    money = "saved_contribution" in orders and bool(orders["saved_contribution"].notna().any())
    saved = orders["saved_contribution" if money else "saved_units"]
    rows = pd.DataFrame(
        {
            "order": orders["order_id"].fillna("").astype(str) + " · " + orders["sku"],
            "market": orders["market"],
            "saved": saved,
            "cost": orders["expedite_cost"] if money else float("nan"),
            "days_late": orders["days_late"],
            "units": orders["units"],
            "pays": orders["pays"].astype(bool) if "pays" in orders else False,
        }
    )
    return rows[rows["saved"] > 0].head(shown).reset_index(drop=True)


def tornado(t: Translator) -> alt.LayerChart:
    """Return the items that lose most contribution: as it was, in the scenario, re-planned.

    Data set ``items``: item, name, stake, before, scenario, replanned, more, starts_at (base
    currency).
    """
    return _tornado(t, "chart.contribution_lost")


def tornado_units(t: Translator) -> alt.LayerChart:
    """Return the items that lose most units: as it was, in the scenario, re-planned.

    Data set ``items``: item, name, stake, before, scenario, replanned, more, starts_at (units).
    """
    return _tornado(t, "chart.units_lost")


def _tornado(t: Translator, title: str) -> alt.LayerChart:
    base = (
        alt.Chart(alt.NamedData("items"))
        .transform_calculate(reckoned=theme.spoken(t, "datum.stake", "compare_plan", _PAIRS))
        .encode(
            y=alt.Y("item:N", sort=None)
            .title(None)
            .axis(labelLimit={"expr": "width < 400 ? 110 : 220"}, labelOverlap=False),
            tooltip=[
                alt.Tooltip("item:N", title=t("chart.item")),
                alt.Tooltip("name:N", title=t("column.name")),
                alt.Tooltip("before:Q", title=t("case.baseline"), format=",.0f"),
                alt.Tooltip("scenario:Q", title=t("case.scenario"), format=",.0f"),
                alt.Tooltip("more:Q", title=t("chart.more_lost"), format="+,.0f"),
                alt.Tooltip("reckoned:N", title=t("column.stake")),
                alt.Tooltip("replanned:Q", title=t("case.replanned"), format=",.0f"),
            ],
        )
    )
    colour = _by_case(t, symbol="square")

    def marked(case: str) -> alt.Chart:
        return base.transform_calculate(case=f"'{case}'").encode(color=colour)

    x = alt.X("before:Q").title(t(title)).axis(labelExpr=theme.SHORT, tickCount=6)
    before = marked("baseline").mark_bar(height=_BAR, yOffset=-_LINE).encode(x=x)
    delayed = (
        marked("scenario")
        .mark_bar(height=_BAR, yOffset=-_LINE)
        .encode(x=alt.X("starts_at:Q"), x2="scenario:Q")
    )
    replanned = (
        marked("replanned")
        .mark_bar(height=_LINE, yOffset=_BAR / 2 + 1)
        .encode(x=alt.X("replanned:Q"))
    )
    return _listed(before, delayed, replanned)


def _listed(*layers: alt.Chart) -> alt.LayerChart:
    """Return a ranking that is as high as it has rows."""
    return theme.picture(*layers, height=_ROW).properties(height=alt.Step(_ROW))


def _by_case(
    t: Translator, *, symbol: str = "stroke", cases: tuple[str, ...] = tuple(_CASES)
) -> alt.Color:
    """Return the colour of each case, with a legend of those that are drawn."""
    legend = theme.legend(t, "case", _CASES, symbol=symbol)
    legend.values = list(cases)
    legend.symbolOpacity = 1  # whatever the mark's own
    return alt.Color("case:N", scale=theme.scale(_CASES), legend=legend)


def timeline(t: Translator) -> alt.LayerChart:
    """Return how many items have run out by the end of each week.

    Data set ``weeks``: week (Monday), case, items_out.
    """
    base = (
        alt.Chart(alt.NamedData("weeks"))
        .transform_calculate(spoken=theme.spoken(t, "datum.case", "case", _CASES))
        .encode(
            x=alt.X("week:T").title(None).axis(format="%m-%d", grid=False, labelOverlap=True),
            y=alt.Y("items_out:Q").title(t("chart.items_out")).axis(tickMinStep=1, format=",d"),
            color=_by_case(t),
            tooltip=[
                alt.Tooltip("week:T", title=t("chart.week"), format="%Y-%m-%d"),
                alt.Tooltip("spoken:N", title=t("chart.case")),
                alt.Tooltip("items_out:Q", title=t("chart.items_out"), format=",d"),
            ],
        )
    )
    lines = base.mark_line(strokeWidth=2.5, interpolate="monotone").encode(strokeDash=_DASHED)
    points = base.mark_point(filled=True, size=40, opacity=1)
    return theme.picture(lines, points, height=280)


def frontier(t: Translator) -> alt.LayerChart:
    """Return what more safety stock costs, and the contribution that it leaves at risk.

    Data set ``frontier``: case, service_level (0 to 1), cash, contribution_at_risk (base currency,
    a year).
    """
    base = (
        alt.Chart(alt.NamedData("frontier"))
        .transform_calculate(spoken=theme.spoken(t, "datum.case", "case", _CASES))
        .encode(
            x=alt.X("cash:Q", scale=alt.Scale(zero=False, nice=False, padding=12))
            .title(t("chart.cash"))
            .axis(labelExpr=theme.SHORT, grid=False, tickCount=5),
            y=alt.Y("contribution_at_risk:Q")
            .title(t("chart.at_risk_a_year"))
            .axis(labelExpr=theme.SHORT, tickCount=6),
            color=_by_case(t, cases=("baseline", "scenario")),
            order=alt.Order("service_level:Q"),
            tooltip=[
                alt.Tooltip("spoken:N", title=t("chart.case")),
                alt.Tooltip("service_level:Q", title=t("chart.promised"), format=".1%"),
                alt.Tooltip("cash:Q", title=t("chart.cash"), format=",.0f"),
                alt.Tooltip(
                    "contribution_at_risk:Q", title=t("chart.at_risk_a_year"), format=",.0f"
                ),
            ],
        )
    )
    lines = base.mark_line(strokeWidth=2)
    points = base.mark_point(filled=True, size=50, opacity=1)
    return theme.picture(lines, points, height=280)


def course(t: Translator) -> alt.LayerChart:
    """Return an item's stock ahead with its range, and what arrives.

    Data set ``course``: date, case, on_hand, low, high, lost (units).
    Data set ``arrivals``: date, case, units, order_id.
    """
    base = (
        alt.Chart(alt.NamedData("course"))
        .transform_calculate(spoken=theme.spoken(t, "datum.case", "case", _CASES))
        .encode(x=alt.X("date:T").title(None).axis(format="%m-%d", grid=False, labelOverlap=True))
    )
    bands = (
        base.transform_filter("datum.case != 'replanned'")  # three of them are no picture
        .mark_area(opacity=0.15, interpolate="step-after")
        .encode(y=alt.Y("low:Q").title(t("chart.stock")), y2="high:Q", color=_by_case(t))
    )
    lines = base.mark_line(strokeWidth=2.2, interpolate="step-after").encode(
        y=alt.Y("on_hand:Q"),
        color=_by_case(t),
        strokeDash=_DASHED,
        tooltip=[
            alt.Tooltip("date:T", title=t("chart.day"), format="%Y-%m-%d"),
            alt.Tooltip("spoken:N", title=t("chart.case")),
            alt.Tooltip("on_hand:Q", title=t("chart.stock"), format=",.0f"),
            alt.Tooltip("low:Q", title=t("chart.low"), format=",.0f"),
            alt.Tooltip("high:Q", title=t("chart.high"), format=",.0f"),
            alt.Tooltip("lost:Q", title=t("chart.lost_by_day"), format=",.0f"),
        ],
    )
    return theme.picture(bands, lines, _arrivals(t), height=340)


def _arrivals(t: Translator) -> alt.Chart:
    """Return what arrives, as marks on the ground."""
    return (
        alt.Chart(alt.NamedData("arrivals"))
        .transform_calculate(spoken=theme.spoken(t, "datum.case", "case", _CASES))
        .mark_point(shape="triangle-up", size=120, filled=True, opacity=0.9)
        .encode(
            x=alt.X("date:T"),
            y=alt.YDatum(0),
            color=_by_case(t),
            tooltip=[
                alt.Tooltip("spoken:N", title=t("chart.case")),
                alt.Tooltip("date:T", title=t("column.arrives_on"), format="%Y-%m-%d"),
                alt.Tooltip("units:Q", title=t("chart.units"), format=",.0f"),
                alt.Tooltip("order_id:N", title=t("column.order_id")),
            ],
        )
    )


def orders(t: Translator) -> alt.LayerChart:
    """Return the contribution that each late order would save on time, and what hurrying costs.

    Data set ``orders``: order, market, saved, cost (base currency), days_late, units, pays.
    """
    return _orders(t, "chart.contribution_saved", costs=True)


def orders_units(t: Translator) -> alt.LayerChart:
    """Return the units that each late order would save on time.

    Data set ``orders``: order, market, saved (units), days_late, units, pays.
    """
    return _orders(t, "column.saved_units", costs=False)


def _orders(t: Translator, title: str, *, costs: bool) -> alt.LayerChart:
    told = [
        alt.Tooltip("order:N", title=t("column.order_id")),
        alt.Tooltip("market:N", title=t("column.market")),
        alt.Tooltip("units:Q", title=t("chart.units"), format=",.0f"),
        alt.Tooltip("days_late:Q", title=t("column.days_late"), format=",d"),
        alt.Tooltip("saved:Q", title=t(title), format=",.0f"),
    ]
    if costs:
        told.append(alt.Tooltip("cost:Q", title=t("column.expedite_cost"), format=",.0f"))
    base = alt.Chart(alt.NamedData("orders")).encode(
        y=alt.Y("order:N", sort=None)
        .title(None)
        .axis(labelLimit={"expr": "width < 400 ? 120 : 260"}, labelOverlap=False),
        tooltip=told,
    )
    bars = base.mark_bar(cornerRadiusEnd=2, height={"band": 0.6}, color=theme.ACCENT).encode(
        x=alt.X("saved:Q").title(t(title)).axis(labelExpr=theme.SHORT, tickCount=6)
    )
    if not costs:
        return _listed(bars)
    bars = bars.encode(
        color=alt.condition(
            "datum.pays || !isValid(datum.cost)", alt.value(theme.ACCENT), alt.value(theme.MUTED)
        ),
        opacity=alt.condition("isValid(datum.cost)", alt.value(1), alt.value(_UNPRICED)),
    )
    price = base.mark_tick(thickness=3, size=18, color=theme.WARNING).encode(x=alt.X("cost:Q"))
    return _listed(bars, price)
