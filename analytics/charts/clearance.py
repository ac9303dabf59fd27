"""Pictures of stuck stock: what clearing it gains, how old it is, and what a discount does.

The functions beside the pictures turn a service's frames into the data sets that are drawn.
"""

import altair as alt
import numpy as np
import pandas as pd

from analytics.charts import theme
from analytics.i18n import Translator

SHOWN = 20  # items in a ranking
_ROW = 24  # pixels
_ROOM = "width < 360 ? 2 : width < 620 ? 3 : 0"  # columns of a legend with long words
_OPTIONS = {
    "discount": theme.WARNING, "transfer": theme.ACCENT, "keep_some": "#9a6fb8",
    "liquidate": theme.DANGER, "scrap": theme.MUTED,
}  # fmt: skip
_STATUSES = {"dead": theme.DANGER, "slow": theme.WARNING, "ageing": theme.ACCENT}
_WAYS = {"discount": theme.MUTED, "keep_some": theme.ACCENT}
_PLANS = {"keep": theme.MUTED, "advised": theme.ACCENT}
_STEPS = (90, 180, 270, 365)  # days


def gains(lines: pd.DataFrame, *, shown: int = SHOWN) -> pd.DataFrame:
    """Return the items whose clearance gains most, for `ranking`.

    Parameters
    ----------
    lines : DataFrame
        Of `analytics.services.clearing.Clearance`.
    shown : int
        How many at most.

    Returns
    -------
    DataFrame
        ``item``, ``name``, ``option``, ``gain``, ``cash_released`` (money), ``keep_units``,
        ``clear_units``.
    """
    found = lines.loc[lines["gain"] > 0].head(shown)
    columns = ["name", "option", "gain", "cash_released", "keep_units", "clear_units"]
    rows = found[columns].assign(item=found["sku"] + " · " + found["market"])
    return rows.reset_index(drop=True)


def by_age(layers: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Return what stuck stock would sell for by age and status, for `ages`.

    Returns
    -------
    DataFrame
        ``place`` (0 = the youngest, the last = unknown), ``up_to`` (days; empty = older, or
        unknown), ``over``, ``status``, ``units``, ``value`` (price x units; NaN prices count as
        nothing).
    """
    told = lines[["sku", "market", "status", "price"]]
    rows = layers.merge(told, on=["sku", "market"], how="left")
    place = np.searchsorted(_STEPS, rows["age"].fillna(0.0).to_numpy(dtype=np.float64))
    place = np.where(rows["age"].isna(), len(_STEPS) + 1, place)
    rows = rows.assign(place=place, value=rows["units"] * rows["price"].fillna(0.0))
    found = rows.groupby(["place", "status"], as_index=False)[["units", "value"]].sum()
    begins = [0, *(step + 1 for step in _STEPS[:-1])]
    names = [f"{low}–{high}" for low, high in zip(begins, _STEPS, strict=True)]
    names += [f"> {_STEPS[-1]}", "?"]
    return found.assign(age=[names[int(row)] for row in found["place"]])


def by_way(curve: pd.DataFrame) -> pd.DataFrame:
    """Return an item's value by discount and way out of its ``curve``, for `discounts`."""
    parts = []
    for way, name in (("discount", "value"), ("keep_some", "value_keep_some")):
        part = curve[["discount", "offer_price", "days_to_sell"]]
        parts.append(part.assign(way=way, value=curve[name], keep_units=curve["keep_units"]))
    return pd.concat(parts, ignore_index=True)


def ranking(t: Translator) -> alt.LayerChart:
    """Return the items whose clearance gains most over keeping them, by what is done.

    Data set ``items``: item, name, option, gain, cash_released (base currency), keep_units,
    clear_units.
    """
    colour = alt.Color(
        "option:N", scale=theme.scale(_OPTIONS),
        legend=theme.legend(
            t, "clearance_option", _OPTIONS, symbol="square", columns=_ROOM
        ),
    )  # fmt: skip
    bars = (
        alt.Chart(alt.NamedData("items"))
        .transform_calculate(spoken=theme.spoken(t, "datum.option", "clearance_option", _OPTIONS))
        .mark_bar(height=14)
        .encode(
            y=alt.Y("item:N", sort=None)
            .title(None)
            .axis(labelLimit={"expr": "width < 400 ? 110 : 220"}, labelOverlap=False),
            x=alt.X("gain:Q")
            .title(t("chart.clearance_gain"))
            .axis(labelExpr=theme.SHORT, tickCount=6),
            color=colour,
            tooltip=[
                alt.Tooltip("item:N", title=t("chart.item")),
                alt.Tooltip("name:N", title=t("column.name")),
                alt.Tooltip("spoken:N", title=t("column.option")),
                alt.Tooltip("gain:Q", title=t("chart.clearance_gain"), format=",.0f"),
                alt.Tooltip("cash_released:Q", title=t("column.cash_released"), format=",.0f"),
                alt.Tooltip("keep_units:Q", title=t("column.keep_units"), format=",.0f"),
                alt.Tooltip("clear_units:Q", title=t("column.clear_units"), format=",.0f"),
            ],
        )
    )
    return theme.picture(bars, height=_ROW).properties(height=alt.Step(_ROW))


def _drawn(t: Translator, section: str, codes: dict[str, str]) -> alt.Legend:
    return theme.legend(t, section, codes, symbol="square")


def ages(t: Translator) -> alt.LayerChart:
    """Return what stuck stock would sell for, by its age and whether it still sells.

    Data set ``ages``: place, age (words), status, units, value (base currency).
    """
    colour = alt.Color(
        "status:N", scale=theme.scale(_STATUSES), legend=_drawn(t, "clearance_status", _STATUSES)
    )
    bars = (
        alt.Chart(alt.NamedData("ages"))
        .transform_calculate(spoken=theme.spoken(t, "datum.status", "clearance_status", _STATUSES))
        .mark_bar()
        .encode(
            x=alt.X("age:N", sort=alt.EncodingSortField("place", op="min"))
            .title(t("chart.age_days"))
            .axis(labelAngle=0, labelExpr=f"datum.label == '?' ? '{t('chart.age_unknown')}'"
                  f" : {theme.band()}"),
            y=alt.Y("value:Q").title(t("chart.at_price")).axis(labelExpr=theme.SHORT, tickCount=5),
            color=colour,
            tooltip=[
                alt.Tooltip("age:N", title=t("chart.age_days")),
                alt.Tooltip("spoken:N", title=t("column.status")),
                alt.Tooltip("units:Q", title=t("chart.units"), format=",.0f"),
                alt.Tooltip("value:Q", title=t("chart.at_price"), format=",.0f"),
            ],
        )
    )  # fmt: skip
    return theme.picture(bars, height=280)


def discounts(t: Translator) -> alt.LayerChart:
    """Return what an item's stock is worth by discount: all sold so, or some let go at once.

    Data set ``curve``: discount (0 to 1), way, value, offer_price (base currency), keep_units,
    days_to_sell.
    """
    base = (
        alt.Chart(alt.NamedData("curve"))
        .transform_calculate(spoken=theme.spoken(t, "datum.way", "clearance_way", _WAYS))
        .encode(
            x=alt.X("discount:Q")
            .title(t("column.discount"))
            .axis(format="%", grid=False, tickCount=8),
            y=alt.Y("value:Q", scale=alt.Scale(zero=False))
            .title(t("chart.present_value"))
            .axis(labelExpr=theme.SHORT, tickCount=6),
            color=alt.Color(
                "way:N", scale=theme.scale(_WAYS),
                legend=theme.legend(t, "clearance_way", _WAYS, symbol="stroke"),
            ),
            tooltip=[
                alt.Tooltip("spoken:N", title=t("column.option")),
                alt.Tooltip("discount:Q", title=t("column.discount"), format=".0%"),
                alt.Tooltip("offer_price:Q", title=t("column.offer_price"), format=",.2f"),
                alt.Tooltip("value:Q", title=t("chart.present_value"), format=",.0f"),
                alt.Tooltip("keep_units:Q", title=t("column.keep_units"), format=",.0f"),
                alt.Tooltip("days_to_sell:Q", title=t("column.days_to_sell"), format=",.0f"),
            ],
        )
    )  # fmt: skip
    lines = base.mark_line(strokeWidth=2.5)
    points = base.mark_point(filled=True, size=40, opacity=1)
    return theme.picture(lines, points, height=300)


def layers(t: Translator) -> alt.LayerChart:
    """Return an item's units by the receipt that they came with.

    Data set ``layers``: age (days), received_on, units.
    """
    bars = (
        alt.Chart(alt.NamedData("layers"))
        .mark_bar(color=theme.ACCENT, size=18)
        .encode(
            x=alt.X("age:Q").title(t("chart.age_days")).axis(grid=False, format=",d"),
            y=alt.Y("units:Q").title(t("column.on_hand")).axis(format=",d", tickMinStep=1),
            tooltip=[
                alt.Tooltip("age:Q", title=t("chart.age_days"), format=",d"),
                alt.Tooltip("received_on:T", title=t("column.received_on"), format="%Y-%m-%d"),
                alt.Tooltip("units:Q", title=t("column.on_hand"), format=",.0f"),
            ],
        )
    )
    return theme.picture(bars, height=240)


def charges(t: Translator) -> alt.LayerChart:
    """Return what an item's age is charged each month, if kept and if the advice is followed.

    Data set ``charges``: date, plan, units (left), fee (base currency).
    """
    bars = (
        alt.Chart(alt.NamedData("charges"))
        .transform_calculate(spoken=theme.spoken(t, "datum.plan", "clearance_plan", _PLANS))
        .mark_line(strokeWidth=2.5, interpolate="step-after", point=True)
        .encode(
            x=alt.X("date:T").title(None).axis(format="%y-%m", grid=False, labelOverlap=True),
            y=alt.Y("fee:Q").title(t("column.fee")).axis(labelExpr=theme.SHORT, tickCount=5),
            color=alt.Color(
                "plan:N", scale=theme.scale(_PLANS),
                legend=theme.legend(t, "clearance_plan", _PLANS, symbol="stroke"),
            ),
            tooltip=[
                alt.Tooltip("date:T", title=t("chart.day"), format="%Y-%m-%d"),
                alt.Tooltip("spoken:N", title=t("column.plan")),
                alt.Tooltip("units:Q", title=t("chart.units_left"), format=",.0f"),
                alt.Tooltip("fee:Q", title=t("column.fee"), format=",.2f"),
            ],
        )
    )  # fmt: skip
    return theme.picture(bars, height=240)
