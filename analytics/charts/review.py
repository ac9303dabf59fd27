"""Pictures of a period looked back upon: sales, forecast, service, what decisions were worth."""

import altair as alt
import pandas as pd

from analytics.charts import theme
from analytics.i18n import Translator

PERIOD_COLOURS = {"last_period": theme.MUTED, "this_period": theme.ACCENT}
WORTH_COLOURS = {"better": theme.ACCENT, "worse": theme.WARNING}
TIERS = ("bestseller", "regular", "seasonal", "trial")
_SHOWN = 12  # bars of a picture; the table holds all


def periods(groups: pd.DataFrame, by: str, value: str) -> pd.DataFrame:
    """Return rows for `sales`: each group in this period and in the one before.

    Parameters
    ----------
    groups : DataFrame
        ``by``, ``group``, a value and the same as ``<value>_before``.
    by : str
        Which groups.
    value : str
        Name of the value.
    """
    rows = groups.loc[groups["by"] == by].sort_values(value, ascending=False, kind="stable")
    rows = rows.head(_SHOWN)
    parts = [
        pd.DataFrame({"group": rows["group"], "period": period, "value": rows[name]})
        for period, name in (("last_period", f"{value}_before"), ("this_period", value))
    ]
    return pd.concat(parts, ignore_index=True).dropna(subset="value").reset_index(drop=True)


def sales(t: Translator) -> alt.LayerChart:
    """Return the sales of each group in this period and in the one before.

    Data set ``groups``: group, period (``this_period``, ``last_period``), value (money or units).
    """
    colours = PERIOD_COLOURS
    base = (
        alt.Chart(alt.NamedData("groups"))
        .transform_calculate(
            spoken=theme.spoken(t, "datum.group", "tier", TIERS),
            told=theme.spoken(t, "datum.period", "review_period", colours),
        )
        .encode(
            y=alt.Y("spoken:N", sort=None)
            .title(None)
            .axis(labelLimit={"expr": "width < 400 ? 90 : 200"}, labelOverlap=False),
            yOffset=alt.YOffset("period:N", sort=list(reversed(colours))),
        )
    )
    bars = base.mark_bar(cornerRadiusEnd=2).encode(
        x=alt.X("value:Q").title(None).axis(labelExpr=theme.SHORT, grid=False, tickCount=6),
        color=alt.Color(
            "period:N",
            scale=theme.scale(colours),
            legend=theme.legend(t, "review_period", colours, symbol="square"),
        ),
        tooltip=[
            alt.Tooltip("spoken:N", title=t("chart.group")),
            alt.Tooltip("told:N", title=t("chart.period")),
            alt.Tooltip("value:Q", title=t("chart.value"), format=",.0f"),
        ],
    )
    return theme.picture(bars, height=220)


def farthest(items: pd.DataFrame) -> pd.DataFrame:
    """Return rows for `foreseen`: the items that were farthest off, each with a label."""
    rows = items.head(_SHOWN)
    return rows.assign(item=rows["sku"] + " · " + rows["market"])[
        ["item", "forecast", "low", "high", "actual"]
    ]


def foreseen(t: Translator) -> alt.LayerChart:
    """Return what was forecast of items, the range that four in five should end in, and what came.

    Data set ``items``: item, forecast, low, high, actual (units).
    """
    names = {"forecast": theme.MUTED, "actual": theme.ACCENT}
    base = alt.Chart(alt.NamedData("items")).encode(
        y=alt.Y("item:N", sort=None)
        .title(None)
        .axis(labelLimit={"expr": "width < 400 ? 100 : 200"}, labelOverlap=False),
        tooltip=[
            alt.Tooltip("item:N", title=t("chart.item")),
            alt.Tooltip("forecast:Q", title=t("column.forecast"), format=",.1f"),
            alt.Tooltip("low:Q", title=t("chart.low"), format=",.0f"),
            alt.Tooltip("high:Q", title=t("chart.high"), format=",.0f"),
            alt.Tooltip("actual:Q", title=t("column.actual"), format=",.1f"),
        ],
    )
    x = alt.X("low:Q").title(t("chart.units")).axis(labelExpr=theme.SHORT, grid=False, tickCount=8)
    band = base.mark_bar(color=theme.MUTED, opacity=0.3, size=12).encode(x=x, x2="high:Q")
    points = (
        base.transform_fold(list(names), as_=["what", "units"])
        .mark_point(filled=True, size=70, opacity=1)
        .encode(
            x=alt.X("units:Q"),
            color=alt.Color(
                "what:N", scale=theme.scale(names), legend=theme.legend(t, "column", names)
            ),
        )
    )
    return theme.picture(band, points, height=320)


def tiers(service: pd.DataFrame) -> pd.DataFrame:
    """Return rows for `kept`: the tiers whose service is known."""
    rows = service.loc[(service["tier"] != "") & service["in_stock"].notna()]
    return rows[["tier", "target", "in_stock", "in_stock_before"]].reset_index(drop=True)


def kept(t: Translator) -> alt.LayerChart:
    """Return the service promised and kept, by tier.

    Data set ``tiers``: tier, target, in_stock, in_stock_before (0 to 1).
    """
    base = (
        alt.Chart(alt.NamedData("tiers"))
        .transform_calculate(spoken=theme.spoken(t, "datum.tier", "tier", TIERS))
        .encode(
            y=alt.Y("spoken:N", sort=None).title(None).axis(labelOverlap=False),
            tooltip=[
                alt.Tooltip("spoken:N", title=t("column.tier")),
                alt.Tooltip("target:Q", title=t("column.target"), format=".1%"),
                alt.Tooltip("in_stock:Q", title=t("column.in_stock"), format=".1%"),
                alt.Tooltip("in_stock_before:Q", title=t("column.in_stock_before"), format=".1%"),
            ],
        )
    )
    scale = alt.Scale(zero=False, padding=14)
    gap = base.mark_rule(strokeWidth=1.5, color=theme.MUTED).encode(
        x=alt.X("in_stock:Q", scale=scale)
        .title(None)
        .axis(format=".0%", grid=False, tickCount=6, tickMinStep=0.01),
        x2="target:Q",
    )
    promised = base.mark_tick(thickness=2.5, size=22, color=theme.LABEL).encode(x="target:Q")
    reached = base.mark_point(filled=True, size=120, opacity=1, color=theme.ACCENT).encode(
        x="in_stock:Q"
    )
    return theme.picture(gap, promised, reached, height=170)


def weighed(decisions: pd.DataFrame) -> pd.DataFrame:
    """Return rows for `worth`: the judged decisions that mattered most, each with a label."""
    told = decisions.loc[decisions["worth"].notna() & (decisions["worth"].abs() > 0)]
    order = told["worth"].abs().sort_values(ascending=False, kind="stable").index[:_SHOWN]
    rows = told.loc[order].sort_values("worth", ascending=False, kind="stable")
    day = pd.to_datetime(rows["decided_on"]).dt.strftime("%Y-%m-%d")
    return pd.DataFrame(
        {
            "label": rows["sku"] + " · " + rows["market"] + " · " + day,
            "worth": rows["worth"],
            "units": rows["units_gained"],
            "side": rows["worth"].gt(0).map({True: "better", False: "worse"}),
        }
    ).reset_index(drop=True)


def worth(t: Translator) -> alt.LayerChart:
    """Return what decisions against advice were worth: to the right, better than the advice.

    Data set ``decisions``: label, worth (money), units (sold beyond the advice), side (``better``,
    ``worse``).
    """
    sides = WORTH_COLOURS
    base = alt.Chart(alt.NamedData("decisions")).encode(
        y=alt.Y("label:N", sort=None)
        .title(None)
        .axis(labelLimit={"expr": "width < 400 ? 120 : 260"}, labelOverlap=False),
        tooltip=[
            alt.Tooltip("label:N", title=t("chart.item")),
            alt.Tooltip("worth:Q", title=t("column.worth"), format="+,.0f"),
            alt.Tooltip("units:Q", title=t("column.units_gained"), format="+,.0f"),
        ],
    )
    bars = base.mark_bar(cornerRadiusEnd=2, height={"band": 0.6}).encode(
        x=alt.X("worth:Q").title(t("column.worth")).axis(labelExpr=theme.SHORT, grid=False),
        color=alt.Color(
            "side:N", scale=theme.scale(sides), legend=theme.legend(t, "review_worth", sides)
        ),
    )
    return theme.picture(bars, height=260)
