"""Delay lab: saved scenarios beside the one on the sliders, and beside the plan as it was."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from analytics import reporting, words
from analytics.charts import comparing as charts
from analytics.i18n import Translator
from analytics.scenario import Scenario
from analytics.services import comparing, saved, workspaces
from analytics.services.comparing import AT_REST, Comparison
from pages.shared import controls, handing, keeping_scenarios, plain, render, session

# What is drawn as a small picture each; without money the next ones take its place.
_DRAWN = ("out_90", "units_short", "contribution_at_risk", "safety_stock_cash", "replanned_short",
          "safety_stock")  # fmt: skip
_PICTURES = 4
_FILE = "leeway-compare.xlsx"
_BESIDE = 1.45  # times the longest bar: room for its number
_LEAST = 0.05  # units, days or money: nearer together is the same
_ITEM = {
    "scenario": "text", "stockout_on": "date", "units_short": "number",
    "replanned_short": "number", "contribution_at_risk": "number", "order_by": "date",
    "order_quantity": "number", "reorder_point": "number", "safety_stock": "number",
}  # fmt: skip


def show(t: Translator) -> None:
    """Draw the scenarios side by side: choose, save, pictures, table, one item."""
    known = keeping_scenarios.saved_ones()
    chosen = _chosen(t, known)
    keeping_scenarios.form(t)
    if chosen:
        day = session.scenario().as_of
        compared = _compared(session.store(), session.version(), chosen, day)
        _moved(t, known)
        _pictures(t, compared)
        _table(t, compared)
        _weeks(t, compared)
        _item(t, compared)
        render.notes(t, compared.notes)
    else:
        st.info(t("compare.nothing"), icon=":material/compare_arrows:")
    keeping_scenarios.own(t, known)


def _compare(
    store: workspaces.Store, scenarios: Sequence[tuple[str, Scenario]], as_of: date | None
) -> Comparison:
    return comparing.compare(store, scenarios, as_of=as_of)


_compared = session.kept(_compare)


def _chosen(t: Translator, known: pd.DataFrame) -> tuple[tuple[str, Scenario], ...]:
    """Draw the choice among the saved scenarios; return them after the one on the sliders."""
    now = session.scenario()
    own = () if now.is_at_rest else ((t("compare.sliders"), now),)
    if known.empty:
        return own
    names = dict(zip(known["scenario_id"], known["name"], strict=True))
    picked = st.multiselect(
        t("compare.choose"),
        list(names),
        format_func=lambda number: names.get(number, ""),
        key="compared",
        max_selections=comparing.MOST - 1,
        help=t("compare.choose_help"),
    )
    queries = dict(zip(known["scenario_id"], known["query"], strict=True))
    return own + tuple((names[number], saved.read(queries[number])) for number in picked)


def _moved(t: Translator, known: pd.DataFrame) -> None:
    """Say which of the chosen ones were saved on other data than are shown."""
    is_chosen = known["scenario_id"].isin(session.get("compared") or [])
    is_old = ~known["data_version"].isin(["", session.version()])
    names = known.loc[is_chosen & is_old, "name"].tolist()
    if names:
        st.caption(t("compare.data_moved", names=plain.literal(t("format.list").join(names))))


def _names(t: Translator, compared: Comparison) -> dict[str, str]:
    return dict(zip(compared.cases, (t("compare.at_rest"), *compared.names), strict=True))


def _pictures(t: Translator, compared: Comparison) -> None:
    """Draw what each scenario assumes, and a small picture per measure."""
    told = {"day": t.date(compared.as_of), "horizon": compared.horizon}
    has_money = bool(compared.currency)
    key = "compare.differences_help" if has_money else "compare.differences_no_money"
    render.section(
        t("compare.differences"), t(key, **told, currency=plain.literal(compared.currency))
    )
    for name, scenario in zip(compared.names, compared.scenarios, strict=True):
        assumed = words.scenario(t, scenario, plain.literal)
        st.markdown(t("compare.assumes", name=f"**{plain.literal(name)}**", scenario=assumed))
    known = compared.differences.dropna().set_index("measure").to_dict("index")
    shown = [code for code in _DRAWN if code in known][:_PICTURES]
    places = st.columns(2)
    for number, code in enumerate(shown):
        with places[number % 2]:
            st.markdown(f"**{t(f'compared.{code}')}**")
            bars = _bars(t, compared, known[code])
            render.chart(t, charts.measure, "compared", place=code, bars=bars)


def _bars(t: Translator, compared: Comparison, row: Mapping[Any, Any]) -> pd.DataFrame:
    values = pd.Series([row[case] for case in compared.cases], dtype=float)
    unit = str(row["unit"])
    return pd.DataFrame(
        {
            "scenario": list(_names(t, compared).values()),
            "case": ["baseline" if case == AT_REST else "scenario" for case in compared.cases],
            "value": values,
            "spoken": [
                reporting.spoken(t, value, unit, compared.currency) for value in values.tolist()
            ],
            "ceiling": max(values.max(), 0.0) * _BESIDE,
        }
    )


def _table(t: Translator, compared: Comparison) -> None:
    """Draw every measure of every scenario, and hand all of it out."""
    headings = reporting.headings(t, compared.names)
    shown = reporting.worded(t, compared)
    st.dataframe(
        shown,
        hide_index=True,
        column_config={
            name: st.column_config.TextColumn(heading, pinned=name == "measure")
            for name, heading in headings.items()
            if name in shown
        },
        key="table_compared",
        alt=t("compare.differences"),
    )
    st.caption(t("compare.table_help"))
    st.download_button(
        t("compare.download"),
        handing.noted(partial(reporting.comparison_xlsx, t, compared), _FILE),
        _FILE,
        key="xlsx_compare",
        type="tertiary",
        icon=":material/download:",
        on_click="ignore",
    )


def _weeks(t: Translator, compared: Comparison) -> None:
    """Draw a small picture per scenario, all to one scale."""
    render.section(t("compare.weeks"), t("compare.weeks_help"))
    series = compared.series
    ceiling = max(float(series["items_out"].max()), 1.0) if len(series) else 1.0
    is_current = series["plan"] == "current"
    rest = series.loc[(series["case"] == AT_REST) & is_current].assign(case="baseline")
    places = st.columns(2 if len(compared.names) > 1 else 1)
    for number, (case, name) in enumerate(zip(compared.cases[1:], compared.names, strict=True)):
        own = series.loc[series["case"] == case]
        told = own.assign(case=own["plan"].map({"current": "scenario", "replanned": "replanned"}))
        weeks = pd.concat([rest, told]).assign(ceiling=ceiling)
        with places[number % len(places)]:
            st.markdown(f"**{plain.literal(name)}**")
            render.chart(
                t, charts.weeks, "compared_weeks", place=case, weeks=weeks.drop(columns="plan")
            )


def _item(t: Translator, compared: Comparison) -> None:
    """Draw what the scenarios change for one item."""
    render.section(t("compare.item"), t("compare.item_help"))
    lines = compared.item(*controls.item(t))
    if lines.empty:
        st.info(t("compare.item_nothing"), icon=":material/inbox:")
        return
    render.subtitle(str(lines["name"].iloc[0]))
    if _is_same(lines):
        st.caption(t("compare.same"))
    told = lines.assign(scenario=lines["case"].map(_names(t, compared)))
    columns = {name: kind for name, kind in _ITEM.items() if name in told}
    render.table(t, told, columns, "leeway-compare-item")


def _is_same(lines: pd.DataFrame) -> bool:
    """Return whether an item's lines say the same in every case."""
    told = lines.drop(columns=["sku", "market", "name", "case"])
    numbers = told.select_dtypes("number")
    spread = (numbers.max() - numbers.min()).fillna(0.0)
    days = told.select_dtypes(exclude="number").astype("str")
    return bool((spread <= _LEAST).all() and (days == days.iloc[0]).all(axis=None))
