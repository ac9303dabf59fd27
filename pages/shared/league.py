"""How good the forecast has been: the catalogue's record, and a closer look at one item."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from analytics import words
from analytics.charts import forecast as charts
from analytics.i18n import Translator
from analytics.services import accuracy, closer
from analytics.services.accuracy import Accuracy
from analytics.services.closer import DeepFit
from analytics.services.forecasts import QUANTILES, ItemForecast
from pages.shared import judging, render, session, working

_CATALOGUE = {
    "sku": "text", "market": "text", "name": "text", "mean_13_weeks": "number",
    "demand_13_weeks": "number", "change": "percent", "off": "percent", "last_year": "percent",
    "error_value": "number", "value": "number", "currency": "text", "source": "text",
    "member": "text",
}  # fmt: skip
_CONTEST = {
    "member": "text", "wape_total_8": "percent", "wape_weekly": "percent", "bias": "percent",
    "coverage_95": "percent", "origins": "number",
}  # fmt: skip
OURS = "ours"


def record(t: Translator) -> Accuracy | None:
    """Return the forecast's record; while it is worked out, draw how far that is."""
    day = session.scenario().as_of
    if accuracy.is_known(session.store(), day):
        return accuracy.accuracy(session.store(), day)
    key = (session.version(), day)
    if session.get("record_key") != key:
        work = partial(accuracy.accuracy, session.store(), day)
        working.begin("record", key, work, t("forecast.record"))
    known: Accuracy | None = working.outcome(t, "record", key, "forecast.judging")
    if known is None and session.get("record_job") is None and _asks_again(t):
        session.keep(record_key=None)
        st.rerun()
    return known


def _asks_again(t: Translator) -> bool:
    return st.button(t("forecast.try_again"), icon=":material/refresh:", key="record_again")


def sentence(t: Translator, known: Accuracy) -> str:
    """Return in one sentence how far off the forecast would have been."""
    facts = known.facts
    if not facts.get("origins"):
        return t("forecast.record_short")
    shown = {"weeks": t.number(facts["weeks"]), "off": t.percent(facts["off"])}
    if "rival" not in facts:
        return t("forecast.record_alone", **shown)
    rival = t(f"benchmark.{facts['rival']}")
    rival_off = t.percent(facts["rival_off"])
    return t("forecast.record_sentence", **shown, rival=rival, rival_off=rival_off)


def catalogue(t: Translator) -> None:
    """Draw the record, every item by what its error costs, and what overrides were worth."""
    known = record(t)
    lines = session.forecast_catalogue(session.scenario())
    if known is not None:
        st.markdown(f"**{sentence(t, known)}**")
        bars = known.methods.assign(
            label=[t(f"benchmark.{name}") for name in known.methods["method"]],
            is_ours=known.methods["method"] == OURS,
        )
        render.chart(t, charts.methods, "methods", methods=bars)
        render.reading(t("forecast.methods_reading", horizon=t.number(known.facts["horizon"])))
        lines = _by_worth(lines, known)
    render.section(t("forecast.catalogue"), t("forecast.catalogue_help"))
    chosen = render.choices(
        t,
        lines.reindex(columns=[*_CATALOGUE]),
        _CATALOGUE,
        "leeway-forecast-catalogue",
        choose=render.offered("forecast.choose_items"),
        codes={"source": "source", "member": "member"},
    )
    if chosen and not session.reads_only():
        items = [(str(row["sku"]), str(row["market"])) for row in chosen]
        judging.override(t, items, session.scenario().as_of or session.data_day())
    render.section(t("forecast.added"), t("forecast.added_help"))
    judging.scores(t, session.forecast_scores())


def _by_worth(lines: pd.DataFrame, known: Accuracy) -> pd.DataFrame:
    judged = known.items[["sku", "market", "off", "last_year", "error_value", "error_units"]]
    both = lines.merge(judged, on=["sku", "market"], how="left")
    return both.sort_values(
        ["error_value", "error_units", "value"], ascending=False, na_position="last", kind="stable",
        ignore_index=True,
    )  # fmt: skip


def closer_look(t: Translator, item: ItemForecast) -> None:
    """Draw the way to a closer look at one item, and what it found."""
    render.section(t("forecast.closer"), t("forecast.closer_help"))
    key = (session.version(), item.sku, item.market, item.as_of)
    found: DeepFit | None = working.outcome(t, "look", key, "forecast.looking")
    if found is not None:
        _found(t, item, found)
        return
    is_asked = working.is_under_way("look", key)
    if not is_asked and st.button(t("forecast.look"), icon=":material/troubleshoot:"):
        asked = (session.store(), item.sku, item.market)
        work = partial(closer.look, *asked, as_of=session.scenario().as_of)
        working.begin("look", key, work, item.sku)
        st.rerun()


def _found(t: Translator, item: ItemForecast, found: DeepFit) -> None:
    table = found.contest.table
    told = table.assign(
        label=[t(f"member.{name}") for name in table["member"]],
        off=table["wape_total_8"],
        is_champion=table["member"] == found.contest.champion,
    )
    champion = found.contest.champion
    st.markdown(t(f"champion.{found.contest.reason}", member=t(f"member.{champion}")))
    render.chart(t, charts.contest, "contest", contest=told)
    names = [member.name for member in found.members if member.outlook is not None]
    shown = st.segmented_control(
        t("forecast.method_shown"),
        names,
        default=champion if champion in names else names[0],
        format_func=lambda name: t(f"member.{name}"),
        key="look_member",
        required=True,
    )
    render.chart(
        t,
        charts.contest_fan,
        "contest_fan",
        history=item.history,
        fan=found.fan(shown, QUANTILES),
        ours=item.fan[["week", "mean"]],
    )
    if shown != OURS or item.facts["pinned"]:
        judging.pin(t, item, shown if shown != OURS else str(item.facts["pinned"]))
    _diagnosis(t, found)
    render.table(
        t, table, _CONTEST, f"leeway-contest-{item.sku}-{item.market}", codes={"member": "member"}
    )


def _diagnosis(t: Translator, found: DeepFit) -> None:
    """Draw what is left unexplained, in words, and the parts that the history consists of."""
    lines = [_line(t, finding.code, finding.facts) for finding in found.findings]
    lines += [
        t("fit.left_out", member=t(f"member.{member.name}"), why=t(f"fit.{member.code}"))
        for member in found.members
        if member.code
    ]
    with st.expander(t("forecast.diagnosis"), icon=":material/stethoscope:"):
        if found.diagnosed:
            st.caption(t("forecast.diagnosed", member=t(f"member.{found.diagnosed}")))
        for line in lines:
            st.markdown(f"* {line}")
        parts = found.decomposition.melt(
            "week", ["trend", "season", "rest"], var_name="part", value_name="value"
        )
        render.chart(t, charts.trend, "trend", parts=parts)


def _line(t: Translator, code: str, facts: Mapping[str, Any]) -> str:
    return t(f"finding.{code}", **words.facts(t, dict(facts)))
