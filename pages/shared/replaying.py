"""The past year again, under other rules: a button, its progress, and what came of it."""

from collections.abc import Iterator
from functools import partial

import pandas as pd
import streamlit as st

from analytics.charts import buffers as charts
from analytics.i18n import Translator
from analytics.services import planning, replay
from analytics.services.replay import CURRENT, PROPOSED, Replay
from pages.shared import render, session, working

_RULES = {
    "rule": "text", "target": "percent", "reached": "percent", "fill_rate": "percent",
    "cycle_service": "percent", "units_lost": "number", "average_stock": "number",
    "stock_value": "number", "cash_peak": "number",
}  # fmt: skip
_ITEMS = {
    "sku": "text", "market": "text", "rule": "text", "measure": "text", "target": "percent",
    "fill_rate": "percent", "cycle_service": "percent", "demand": "number", "units_lost": "number",
    "average_stock": "number",
}  # fmt: skip
_POLICY = "policy"  # what the page calls the rule `CURRENT`


def replayed(t: Translator) -> None:
    """Draw the way to the replay, and once it has run what each rule would have reached."""
    render.section(t("replay.title"), t("replay.question"))
    scenario = session.scenario()
    key = (session.version(), scenario)
    if replay.is_known(session.store(), scenario):
        _found(t, replay.replay(session.store(), scenario))
        return
    found: Replay | None = working.outcome(t, "replay", key, "replay.running")
    if found is not None:
        session.keep(replay_job=None)  # the answer is kept with the data
        _found(t, found)
        return
    if working.is_under_way("replay", key):
        return
    st.markdown(t("replay.assumes"))
    if st.button(t("replay.run"), icon=":material/replay:", type="primary"):
        work = partial(replay.replay, session.store(), scenario)
        working.begin("replay", key, work, "replay")
        st.rerun()


def _found(t: Translator, found: Replay) -> None:
    facts = found.facts
    if not facts["weeks"] or not facts["items"]:
        render.empty(t, t("replay.too_short"))
        return
    rules = _named(found.rules)
    shown = {
        "weeks": t.number(facts["weeks"]),
        "starts_on": t.date(facts["starts_on"]),
        "ends_on": t.date(facts["ends_on"]),
        "items": t.number(facts["items"]),
    }
    st.markdown(f"**{_sentence(t, rules, shown)}**")
    render.chart(t, charts.replayed, "replayed", rules=rules)
    render.reading(t("replay.reading"))
    codes = {"rule": "method", "measure": "measure"}
    if facts["currency"]:
        st.caption(
            t("replay.money", currency=facts["currency"], items=t.number(facts["cost_unknown"]))
        )
    render.table(t, rules, _RULES, "leeway-replay", codes={"rule": "method"})
    _course(t, found)
    with st.expander(t("replay.by_item"), icon=":material/table_rows:"):
        render.table(t, _named(found.items), _ITEMS, "leeway-replay-items", codes=codes)
    with st.expander(t("app.notes"), icon=":material/info:", expanded=True):
        st.markdown("\n\n".join(_notes(t, found)))


def _notes(t: Translator, found: Replay) -> Iterator[str]:
    """Say what the replay assumed and left out."""
    facts = found.facts
    yield t("replay.assumes")
    yield t("replay.details", warm_up=t.number(facts["warm_up"]), every=t.number(facts["every"]))
    if PROPOSED in set(found.rules["rule"]):
        yield t("replay.moved")
    if facts["left_out"]:
        yield t("replay.left_out", items=t.number(facts["left_out"]))


def _sentence(t: Translator, rules: pd.DataFrame, shown: dict[str, str]) -> str:
    own = next(row for row in rules.to_dict("records") if row["rule"] == _POLICY)
    return t(
        "replay.sentence",
        **shown,
        target=t.percent(own["target"]),
        reached=t.percent(own["reached"]),
        units_lost=t.number(own["units_lost"]),
    )


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(rule=frame["rule"].replace({CURRENT: _POLICY}))


def _course(t: Translator, found: Replay) -> None:
    """Draw one item's days under one rule."""
    render.section(t("replay.course"), t("replay.course_help"))
    items = found.items.drop_duplicates("row")
    places = dict(
        zip(items["sku"] + planning.ITEM_MARK + items["market"], items["row"], strict=True)
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.selectbox(t("app.item"), list(places), key="replay_item", width=420)
        rule = st.selectbox(
            t("replay.rule"),
            list(found.rules["rule"]),
            index=list(found.rules["rule"]).index(CURRENT),
            format_func=lambda name: t(f"method.{_POLICY if name == CURRENT else name}"),
            key="replay_rule",
            width=280,
        )
    render.chart(t, charts.course, "course", days=found.course(int(places[label]), rule))
