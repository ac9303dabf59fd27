"""What people judge better than the numbers: forms, and what stands."""

from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd
import streamlit as st

from analytics.errors import AnalyticsError
from analytics.i18n import Translator
from analytics.services import deciding
from analytics.services import standing as notes
from analytics.services.forecasts import ItemForecast
from analytics.services.judgements import (
    KINDS,
    MULTIPLIERS,
    OVERRIDE_LIMITS,
    REASONS,
    UPLIFTS,
    Item,
    Launch,
    Override,
)
from pages.shared import plain, render, session, working

_RESTING = {"percent": 20.0, "units_per_week": 0.0, "units_total": 0.0}
_STANDING = {
    "starts_on": "date", "ends_on": "date", "kind": "text", "value": "decimal", "reason": "text",
    "note": "wide", "who": "text", "made_at": "time",
}  # fmt: skip
_EVENTS = {
    "event": "text", "market": "text", "status": "text", "uplift": "percent", "who": "text",
    "made_at": "time",
}  # fmt: skip
_SCORES = {
    "sku": "text", "market": "text", "starts_on": "date", "ends_on": "date", "reason": "text",
    "units": "number", "without": "number", "with": "number", "change_units": "number",
    "change_points": "decimal", "who": "text",
}  # fmt: skip


def override(t: Translator, items: Sequence[Item], as_of: date) -> None:
    """Draw the form that overrides the forecast of ``items``."""
    with st.form("override", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            kind = st.selectbox(
                t("forecast.override_kind"), KINDS, format_func=lambda k: t(f"override_kind.{k}")
            )
            low, high = OVERRIDE_LIMITS["percent"][0], OVERRIDE_LIMITS["units_total"][1]
            value = st.number_input(t("forecast.override_value"), low, high, _RESTING["percent"])
        days = st.date_input(
            t("forecast.override_days"),
            (as_of + timedelta(days=1), as_of + timedelta(days=28)),
            min_value=as_of + timedelta(days=1),
            max_value=as_of + timedelta(days=210),
            format="YYYY-MM-DD",
        )
        reason = st.selectbox(
            t("forecast.override_reason"), REASONS, format_func=lambda r: t(f"override_reason.{r}")
        )
        note = st.text_input(t("forecast.override_note"), max_chars=200)
        label = t("forecast.override_save", count=t.number(len(items)))
        pressed = st.form_submit_button(label, icon=":material/edit_note:", disabled=not items)
    if pressed and isinstance(days, tuple) and len(days) == 2:
        _note(t, items, {"kind": kind, "value": value, "reason": reason, "note": note}, days)


def _note(
    t: Translator, items: Sequence[Item], said: dict[str, object], days: tuple[date, date]
) -> None:
    try:
        wanted = Override(starts_on=days[0], ends_on=days[1], **said)  # type: ignore[arg-type]
    except AnalyticsError as problem:
        st.error(plain.sentence(t, problem), icon=":material/error:")
        return
    _change(deciding.override, list(items), wanted, name=items[0][0])


def _change(work: working.Change, *arguments: object, name: str) -> None:
    working.change(work, *arguments, name=name, label="forecast.deciding", done="forecast.decided")


_events_said = session.kept(notes.events)
_launch_said = session.kept(notes.launch)


def standing(t: Translator, item: ItemForecast) -> None:
    """Draw what stands of an item and of events; who may change it can withdraw it."""
    _overrides(t, item)
    _pin(t, item)
    _launch(t, item)
    _events(t)


def _overrides(t: Translator, item: ItemForecast) -> None:
    if item.overrides.empty:
        return
    chosen = render.table(
        t,
        item.overrides,
        _STANDING,
        f"leeway-overrides-{item.sku}-{item.market}",
        codes={"kind": "override_kind", "reason": "override_reason"},
        choose=render.offered("forecast.choose_override"),
        identity=("judgement_id",),
    )
    if chosen and st.button(t("forecast.withdraw"), icon=":material/undo:"):
        _change(deciding.withdraw, [chosen["judgement_id"]], name=item.sku)


def _pin(t: Translator, item: ItemForecast) -> None:
    member = item.facts["pinned"]
    if not member:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        name = t(f"member.{member}") if t.has(f"member.{member}") else plain.literal(str(member))
        st.markdown(t("forecast.pin_stands", member=name))
        if not session.may("editor"):
            return
        if st.button(t("forecast.unpin"), icon=":material/keep_off:", key="unpin_standing"):
            _change(deciding.withdraw, [item.facts["pin_id"]], name=item.sku)


def _launch(t: Translator, item: ItemForecast) -> None:
    said = _launch_said(session.store(), session.version(), item.sku, item.market)
    if not said:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        like = plain.literal(said["like_sku"]) if said["like_sku"] else t("forecast.like_category")
        shown = {
            "multiplier": t.number(said["multiplier"], 2),
            "units": t.number(said["units_per_week"], 1),
            "until": t.date(said["until"]),
        }
        st.markdown(t("forecast.launch_stands", like=like, **shown))
        if not session.may("editor"):
            return
        if st.button(t("forecast.launch_withdraw"), icon=":material/undo:"):
            _change(deciding.withdraw, [said["judgement_id"]], name=item.sku)


def _events(t: Translator) -> None:
    """Draw what is said of events anywhere; one that does not count is in no other table."""
    said = _events_said(session.store(), session.version())
    if said.empty:
        return
    known = [t(f"event.{code}") if t.has(f"event.{code}") else code for code in said["code"]]
    state = [
        t("forecast.event_holds") if counts else t("forecast.event_ignored")
        for counts in said["counts"]
    ]
    st.markdown(f"**{t('forecast.events_stand')}**")
    chosen = render.table(
        t,
        said.assign(event=known, status=state),
        _EVENTS,
        "leeway-events-said",
        choose=render.offered("forecast.choose_event"),
        identity=("judgement_id",),
    )
    if chosen and st.button(t("forecast.withdraw"), icon=":material/undo:", key="withdraw_event"):
        _change(deciding.withdraw, [chosen["judgement_id"]], name=str(chosen["event"]))


def launch(t: Translator, item: ItemForecast, others: Sequence[str]) -> None:
    """Draw the form that lets a new item borrow its level from another one."""
    with st.form("launch", border=False):
        options = ["", *others]
        like = st.selectbox(
            t("forecast.like"),
            options,
            format_func=lambda sku: sku or t("forecast.like_category"),
            help=t("forecast.like_help"),
        )
        with st.container(horizontal=True):
            multiplier = st.number_input(t("forecast.multiplier"), *MULTIPLIERS, 1.0, 0.1)
            until = st.date_input(
                t("forecast.until"), item.as_of + timedelta(days=182), format="YYYY-MM-DD"
            )
        save = t("forecast.launch_save")
        pressed = st.form_submit_button(save, icon=":material/rocket_launch:")
    if pressed:
        said = Launch(like_sku=like, multiplier=multiplier, until=until)
        _change(deciding.launch, item.sku, item.market, said, name=item.sku)


def event(t: Translator, item: ItemForecast) -> None:
    """Draw the form that says what a built-in event does to demand, or that it does nothing."""
    every = item.events.loc[item.events["side"] == "demand", "code"].drop_duplicates()
    codes = [code for code in every if t.has(f"event.{code}")]
    if not codes or session.reads_only():
        return
    with st.form("event", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        code = st.selectbox(
            t("column.event"), codes, format_func=lambda name: t(f"event.{name}"), width=240
        )
        uplift = st.number_input(t("forecast.event_uplift"), *UPLIFTS, 0.0, 5.0, width=200)
        counts = st.checkbox(t("forecast.event_counts"), value=True)
        pressed = st.form_submit_button(t("forecast.event_save"), icon=":material/event:")
    if pressed:
        said = {(code, item.market): uplift if counts else None}
        _change(deciding.events, said, name=t(f"event.{code}"))


def scores(t: Translator, scored: pd.DataFrame) -> None:
    """Draw what overrides were worth once their weeks were over."""
    judged = scored.loc[scored["weeks"] > 0] if len(scored) else scored
    if judged.empty:
        st.caption(t("forecast.no_scores"))
        return
    helped = int(judged["is_better"].astype(bool).sum())
    st.markdown(t("forecast.scores", helped=t.number(helped), count=t.number(len(judged))))
    render.table(t, judged, _SCORES, "leeway-overrides-scored", codes={"reason": "override_reason"})


def pin(t: Translator, item: ItemForecast, member: str) -> None:
    """Draw the button that pins a method to an item, or takes the pin out."""
    if session.reads_only():
        return
    if item.facts["pinned"] == member:
        if st.button(t("forecast.unpin"), icon=":material/keep_off:"):
            _change(deciding.withdraw, [item.facts["pin_id"]], name=item.sku)
    elif st.button(t("forecast.pin", member=t(f"member.{member}")), icon=":material/keep:"):
        _change(deciding.pin, item.sku, item.market, member, name=item.sku)
