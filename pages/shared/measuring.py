"""The measures: a row of figures, and each of them opened."""

import math
from functools import partial

import pandas as pd
import streamlit as st

from analytics import words
from analytics.charts import measures as measure_charts
from analytics.charts import overview as charts
from analytics.i18n import MISSING, Translator
from analytics.services import measuring
from analytics.services.measuring import Measures
from pages.shared import plain, render, session

_SHOWN = (*measuring.ARTICLE, "stock_value")
_KINDS = {"share": "percent", "money": "number", "days": "number"}
_MONEY = ("inventory_turnover", "days_of_inventory", "slow_share_value", "gmroi", "stock_value")
_TALL = 176  # pixels of a figure: scripts of different height make no steps in the row
_MOST_GROUPS = 15  # bars that can be read
_MOST_ITEMS = 200
_NAMES = {"sku": "text", "market": "text", "name": "text", "tier": "text"}
_GOODS = {"cost_of_goods": "number", "mean_value": "number"}
_AGE = {"status": "text", "cover_left": "number", "stock_now": "number"}
_OUT = {"days_out": "number", "days_known": "number"}
_DEMAND = {**_OUT, "demand_out": "number", "demand_known": "number"}
_BEHIND = {
    "inventory_turnover": _GOODS,
    "days_of_inventory": _GOODS,
    "slow_share": _AGE,
    "stockout_rate": {"sold": "number"},
    "slow_share_stocked": _AGE,
    "slow_share_value": {**_AGE, "value_now": "number"},
    "stockout_share": _OUT,
    "stockout_demand_share": _DEMAND,
    "in_stock_rate": _DEMAND,
    "gmroi": {"revenue": "number", **_GOODS},
    "sell_through": {"opening": "number", "received": "number", "sold": "number"},
    "weeks_of_cover": {"stock_now": "number", "demand_ahead": "decimal"},
    "stock_value": {"stock_now": "number", "unit_cost": "decimal", "value_now": "number"},
}  # what stands behind a measure, item by item
_FLAGS = ("slow_share", "slow_share_stocked", "stock_value")  # an item's own says nothing new


def row(t: Translator) -> None:
    """Draw the article's four measures and the money in stock, with their course."""
    found = session.measures()
    with st.container(horizontal=True, key="measures"):
        for code in _SHOWN:
            with st.container(width="stretch"):
                _figure(t, found, _shown_for(found, code), code)


def _shown_for(found: Measures, code: str) -> str:
    """Return the measure, or the one that stands in where it cannot be said."""
    other = measuring.STANDS_IN.get(code, code)
    return other if math.isnan(found.value(code)) else code


def _figure(t: Translator, found: Measures, code: str, asked: str) -> None:
    """Draw one measure with its definition and its course, and the way to what is behind it."""
    value, how = found.value(code), t(f"kpi_help.{code}")
    if code != asked:
        how = f"{t('overview.stands_in', name=t(f'kpi.{asked}'))} {how}"
    lacks = t("overview.between").join(t(f"kind.{name}") for name in found.missing[code])
    st.metric(
        t(f"kpi.{code}"),
        _worded(t, code, value, found.currency),
        t("overview.needs", tables=lacks) if lacks and math.isnan(value) else None,
        delta_color="off",
        delta_arrow="off",
        help=how,
        border=True,
        height=_TALL,
        chart_data=_course(found, code)["value"].tolist() or None,
        chart_type="line",
    )
    st.button(
        t("overview.open"),
        key=f"open_{asked}",
        type="tertiary",
        icon=":material/arrow_forward:",
        on_click=partial(session.keep, view="measures", measure=code),
    )


def _course(found: Measures, code: str) -> pd.DataFrame:
    mine = found.trend.loc[found.trend["measure"] == code]
    return mine.dropna(subset="value")


def _worded(t: Translator, code: str, value: float, currency: str) -> str:
    return words.measured(t, value, measuring.UNITS[code], currency)


def show(t: Translator) -> None:
    """Draw one measure opened, and all of them in a table."""
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        code = st.selectbox(
            t("overview.measure"),
            measuring.MEASURES,
            format_func=lambda name: t(f"kpi.{name}"),
            key="measure",
        )
    with right:
        by = st.segmented_control(
            t("overview.by"),
            [name for name in measuring.BY if name],
            default="market",
            format_func=lambda name: t(f"column.{name}"),
            key="measured_by",
            required=True,
        )
    found = session.measures(None, by)
    _opened(t, found, code)
    _groups(t, found, code)
    _behind(t, found, code)
    _others(t, found)
    _notes(t, found)


def _opened(t: Translator, found: Measures, code: str) -> None:
    """Draw a measure's value, how it is worked out, and its course."""
    figure, course = st.columns([2, 3])
    with figure:
        value = _worded(t, code, found.value(code), found.currency)
        st.metric(t(f"kpi.{code}"), value, border=True)
        st.markdown(t(f"kpi_help.{code}"))
        if found.missing[code]:
            render.empty(t, " ".join(t(f"missing.{table}") for table in found.missing[code]))
            _instead(t, code)
        else:
            _formula(t, found, code)
    with course:
        st.markdown(f"**{t('overview.over_time')}**")
        months = _course(found, code)
        if months.empty:
            st.caption(t("overview.few_months"))
        else:
            is_share = measuring.UNITS[code] == "share"
            draw = measure_charts.trend_in_shares if is_share else measure_charts.trend
            render.chart(t, draw, "measured", months=months[["month", "value", "days"]])


def _instead(t: Translator, code: str) -> None:
    if other := measuring.STANDS_IN.get(code):
        label = t("overview.instead", name=t(f"kpi.{other}"))
        st.button(
            label, icon=":material/arrow_forward:", on_click=partial(session.keep, measure=other)
        )


def _formula(t: Translator, found: Measures, code: str) -> None:
    """Draw the formula with its inputs filled in."""
    fact = found.facts[code]
    coin = found.currency if code in _MONEY else None
    text = t(
        f"kpi_formula.{code}",
        numerator=t.money(fact.numerator, coin),
        denominator=t.money(fact.denominator, coin),
        value=f"**{_worded(t, code, fact.value, found.currency)}**",
        items=t.number(fact.items_used),
    )
    st.markdown(f"**{t('overview.how')}**")
    st.markdown(text)
    days = {"days": t.number(fact.days_used), "day": t.date(found.as_of)}
    used = t("overview.used", items=t.number(fact.items_used), **days)
    if fact.items_left_out:
        used += " " + t("overview.left_out", items=t.number(fact.items_left_out))
    st.caption(used)


def _groups(t: Translator, found: Measures, code: str) -> None:
    """Draw the measure group by group."""
    by = t(f"overview.by_{found.by}")
    render.section(t("overview.groups"), t("overview.groups_help", by=by))
    rows = found.table.loc[~found.table["is_all"]]
    rows = rows.assign(
        label=[_named(t, found.by, name) for name in rows["group"]],
        value=rows[code],
        shown=[_worded(t, code, value, found.currency) for value in rows[code]],
    ).sort_values("value", ascending=False, kind="stable", na_position="last")
    draw = charts.groups_in_shares if measuring.UNITS[code] == "share" else charts.groups_in_numbers
    bars = rows.dropna(subset="value").head(_MOST_GROUPS)
    render.chart(t, draw, "groups", groups=bars[["label", "value", "shown"]])
    table = rows.assign(group=rows["label"], measured=rows["value"])
    columns = {"group": "text", "items": "number", "measured": _kind(code)}
    render.table(t, table, columns, f"leeway-{code}-{found.by}")


def _named(t: Translator, by: str, name: str) -> str:
    if not name:
        return t("overview.no_group")
    return t(f"tier.{name}") if by == "tier" else name


def _kind(code: str) -> str:
    return _KINDS.get(measuring.UNITS[code], "decimal")


def _behind(t: Translator, found: Measures, code: str) -> None:
    """Draw the items behind a measure, what moves it most first."""
    coin = t("app.money_in", currency=plain.literal(found.currency or MISSING))
    render.section(t("overview.behind"), f"{t('overview.behind_help')} {coin}")
    items = measuring.items_behind(found, code)
    items = items.assign(cover_left=items["cover_days"], measured=items["value"])
    own = {} if code in _FLAGS else {"measured": _kind(code)}
    columns = {**_NAMES, **own, **_BEHIND[code]}
    codes = {"tier": "tier", "status": "stock_status"}
    known = {name: section for name, section in codes.items() if name in columns}
    render.table(t, items, columns, f"leeway-{code}-items", codes=known, most=_MOST_ITEMS)


def _others(t: Translator, found: Measures) -> None:
    """Draw all measures with what each tells."""
    render.section(t("overview.others"), t("overview.others_help"))
    every = pd.DataFrame(
        {
            "indicator": [t(f"kpi.{code}") for code in measuring.MEASURES],
            "says": [
                _worded(t, code, found.value(code), found.currency) for code in measuring.MEASURES
            ],
            "definition": [t(f"kpi_help.{code}") for code in measuring.MEASURES],
        }
    )
    columns = {"indicator": "text", "says": "text", "definition": "wide"}
    render.table(t, every, columns, "leeway-measures")


def _notes(t: Translator, found: Measures) -> None:
    """Draw what was assumed or left out."""
    if found.notes:
        with st.expander(t("app.notes"), icon=":material/info:"):
            for code, facts in found.notes:
                st.markdown(f"* {t(f'kpi_note.{code}', **words.facts(t, facts))}")
