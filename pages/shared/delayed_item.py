"""Delay lab: one item, day by day, and what can be done about it."""

import math
from datetime import date

import pandas as pd
import streamlit as st

from analytics import words
from analytics.charts import delays as charts
from analytics.i18n import MISSING, Translator
from analytics.services.delays import ItemImpact
from pages.shared import plain, render

_ACTIONS = {
    "option": "text", "is_best": "text", "quantity": "number", "route": "text",
    "air_lands_on": "date", "action_cost": "number", "saved_units": "decimal",
    "saved_contribution": "number", "action_earns": "number", "reason": "wide",
}  # fmt: skip
_BOTH = ("_before", "")
_CODES = {"option": "action", "reason": "action_reason", "route": "route"}
_ARRIVALS = {
    "date": "date", "case": "text", "quantity": "number", "order_id": "text", "route": "text",
    "is_new": "text",
}  # fmt: skip
_SHOWN_AS = {"units": "quantity", "cost": "action_cost", "earns": "action_earns",
             "lands_on": "air_lands_on"}  # fmt: skip
_FACTS = {"lead_time_source": "lead_time_source"}


def item(t: Translator, answer: ItemImpact) -> None:
    """Draw an item's stock ahead in each case, what it loses, and the actions with their money."""
    render.subtitle(answer.name)
    render.chart(
        t,
        charts.course,
        "delay_course",
        course=charts.courses(answer.course),
        arrivals=charts.arriving(answer.arrivals),
    )
    if len(answer.course):
        render.reading(t("delays.course_reading"))
    _figures(t, answer)
    _actions(t, answer)
    _arrivals(t, answer)
    with st.expander(t("app.how"), icon=":material/calculate:"):
        st.markdown(t("delays.item_how", **words.facts(t, answer.facts, _FACTS)))
    render.notes(t, answer.notes)


def _figures(t: Translator, answer: ItemImpact) -> None:
    line = answer.line
    early = _day(t, line["stockout_early_on"])
    replanned = t.number(_number(line["replanned_short"]))
    with st.container(horizontal=True):
        _moved(t, "runs_out", *(_day(t, line[f"stockout_{case}"]) for case in ("before", "on")),
               early=early)  # fmt: skip
        _moved(t, "not_lasting", *(t.percent(_number(line[f"stockout_probability{case}"]), 0)
                                   for case in _BOTH))  # fmt: skip
        _moved(t, "item_short", *(t.number(_number(line[f"units_short{case}"])) for case in _BOTH),
               replanned=replanned)  # fmt: skip
        _moved(t, "item_order_by", *(_day(t, line[f"order_by{case}"]) for case in _BOTH))
        if "contribution_at_risk" in line:
            amount = t.money(_number(line["contribution_at_risk"]), answer.currency)
            _moved(t, "item_at_risk", amount, amount)


def _moved(t: Translator, word: str, before: str, after: str, **facts: str) -> None:
    """Draw a figure under the scenario, and what it was."""
    st.metric(
        t(f"delays.{word}"),
        after,
        None if before == after else t("delays.from", before=before),
        delta_color="off",
        delta_arrow="off",
        help=t(f"delays.{word}_help", **facts),
        border=True,
        height="stretch",
    )


def _day(t: Translator, day: object) -> str:
    return t.date(pd.Timestamp(day)) if isinstance(day, date) else MISSING


def _number(value: object) -> float:
    return math.nan if value is None else float(str(value))


def _actions(t: Translator, answer: ItemImpact) -> None:
    """Draw what to do, in the order in which it is asked whether it pays."""
    told = {"currency": answer.currency or MISSING}
    render.section(t("delays.actions"), t("delays.actions_help", **told))
    st.markdown(_advice(t, answer))
    shown = answer.actions.rename(columns=_SHOWN_AS)
    shown["is_best"] = shown["is_best"].map({True: "✓", False: ""})
    columns = {name: kind for name, kind in _ACTIONS.items() if name in shown}
    render.table(t, shown, columns, "leeway-delay-actions", codes=_CODES)


def _advice(t: Translator, answer: ItemImpact) -> str:
    """Return the recommended action in a sentence, with its money."""
    best = answer.actions[answer.actions["is_best"].astype(bool)]
    if best.empty:
        return t("action_advice.none") + _even_so(t, answer)
    row = best.iloc[0]
    earns = _number(row.get("earns"))
    order = str(answer.line.get("expedite_order") or MISSING)
    said = t(
        f"action_advice.{row['option']}",
        units=t.number(_number(row["units"])),
        saved_units=t.number(_number(row["saved_units"])),
        order=plain.literal(order),
        route=words.by_route(t, str(row["route"]), plain.literal),
    )
    if pd.notna(row["lands_on"]):
        said += t("action_advice.lands", day=_day(t, row["lands_on"]))
    if not math.isfinite(earns) or row["option"] == "accept":
        return said
    return said + t("action_advice.earns", earns=t.money(earns, answer.currency))


def _even_so(t: Translator, answer: ItemImpact) -> str:
    """Return what sending faster earns of an item that loses nothing by the scenario."""
    earns = _number(answer.line.get("air_earns"))
    if not earns > 0:
        return ""
    units = t.number(_number(answer.line["air_units"]))
    return t("action_advice.none_but_faster", units=units, earns=t.money(earns, answer.currency))


def _arrivals(t: Translator, answer: ItemImpact) -> None:
    """Draw what arrives when, in each case."""
    shown = charts.arriving(answer.arrivals).rename(columns=_SHOWN_AS)
    if shown.empty:
        return
    with st.expander(t("delays.arrivals"), icon=":material/directions_boat:"):
        new = shown["is_new"].map({True: "✓", False: ""})
        render.table(
            t,
            shown.assign(is_new=new),
            _ARRIVALS,
            "leeway-delay-arrivals",
            codes={"case": "case", "route": "route"},
        )
