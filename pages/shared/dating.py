"""Which dates count: built-in events, factory closures, and the seller's own."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from analytics.errors import AnalyticsError
from analytics.i18n import Translator
from analytics.services import event_dates, journal, standing, workspaces
from analytics.services.event_dates import Event
from analytics.services.judgements import UPLIFTS
from pages.shared import plain, render, session, settling, working

_OWN = {
    "name": "wide", "starts_on": "date", "ends_on": "date", "market": "text", "category": "text",
    "sku": "text", "demand_uplift_pct": "decimal", "delay_days": "number", "who": "text",
    "imported_at": "time",
}  # fmt: skip


def builtin(t: Translator) -> None:
    """Draw the built-in events, then the factory closures, to switch off and to judge."""
    present = event_dates.builtin(session.store())
    demand = present.loc[present["side"] == "demand"].reset_index(drop=True)
    closures = present.loc[present["side"] == "supply"].reset_index(drop=True)
    render.section(t("settings.events"), t("settings.events_help"))
    _table(t, demand, "events")
    render.section(t("settings.closures"), t("settings.closures_help"))
    _table(t, closures, "closures")


def _table(t: Translator, rows: pd.DataFrame, name: str) -> None:
    present = rows.assign(
        event=[t(f"event.{code}") if t.has(f"event.{code}") else code for code in rows["code"]],
        market=[market or t("settings.every_market") for market in rows["market"]],
    )
    columns = ["event", "market", "starts_on", "ends_on", "estimated", "counts"]
    columns += ["uplift_pct"] if name == "events" else []
    config = {
        day: st.column_config.DateColumn(t(f"column.{day}"), format="YYYY-MM-DD")
        for day in ("starts_on", "ends_on")
    }
    if name == "events":
        low, high = UPLIFTS
        config["uplift_pct"] = st.column_config.NumberColumn(
            t("column.uplift_pct"), min_value=low, max_value=high
        )
    edited = settling.editor(t, present[columns], name, config, locked=columns[:5])
    wanted = rows.assign(**{part: edited[part] for part in columns[5:]})
    if settling.save(t, name, is_changed=not wanted.equals(rows)):
        settling.change(
            t,
            lambda: event_dates.changes(rows, wanted),
            event_dates.save,
            rows,
            wanted,
            name=t("view.calendars"),
            done="settings.calendar_saved",
        )


def said(t: Translator) -> None:
    """Draw what was said of built-in events; it can be taken back."""
    if session.shows_sample():
        return
    rows = standing.events(session.store())
    shown = rows.assign(
        about=[t(f"event.{code}") if t.has(f"event.{code}") else code for code in rows["code"]],
        part=[market or t("settings.every_market") for market in rows["market"]],
        value=[
            t.percent(uplift) if counts else t("forecast.event_ignored")
            for uplift, counts in zip(rows["uplift"], rows["counts"], strict=True)
        ],
    )
    settling.said(t, shown, "events", lambda row: _unsay(t, row))


def _unsay(t: Translator, row: Mapping[str, Any]) -> None:
    settling.change(
        t,
        settling.nothing,
        journal.take_back,
        [int(row["judgement_id"])],
        name=str(row["about"]),
        done="settings.taken_back",
    )


def own(t: Translator) -> None:
    """Draw the seller's own events, the form that adds one, and the way to take one back."""
    render.section(t("settings.own_events"), t("settings.own_events_help"))
    rows = event_dates.own(session.store())
    if len(rows):
        chosen = render.table(
            t,
            rows,
            _OWN,
            "leeway-events",
            choose=render.offered("settings.choose_event"),
            identity=("name", "starts_on", "market", "category", "sku"),
        )
        if chosen and chosen["import_id"] == chosen["import_id"] and not session.reads_only():
            _take_back(t, int(float(str(chosen["import_id"]))))
    if settling.is_open(t):
        _add(t)


def _take_back(t: Translator, import_id: int) -> None:
    if st.button(t("settings.take_back"), key="take_back_event", icon=":material/undo:"):
        working.change(
            workspaces.take_back,
            import_id,
            name=t("view.calendars"),
            label="settings.saving",
            done="settings.taken_back",
        )


def _add(t: Translator) -> None:
    with (
        st.form("own_event", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        name = st.text_input(t("settings.event_name"), max_chars=120, width=240)
        days = st.date_input(t("settings.event_days"), [], format="YYYY-MM-DD", width=240)
        markets = ["", *event_dates.markets(session.store())]
        market = st.selectbox(
            t("column.market"),
            markets,
            format_func=lambda code: code or t("settings.every_market"),
            width=160,
        )
        uplift = st.number_input(t("column.demand_uplift_pct"), *UPLIFTS, None, width=160)
        delay = st.number_input(t("column.delay_days"), 0.0, 180.0, None, 1.0, width=160)
        pressed = st.form_submit_button(t("settings.add_event"), icon=":material/add:")
    if pressed and isinstance(days, tuple) and len(days) == 2:
        try:
            event = Event(name, *days, market=market, uplift_pct=uplift, delay_days=delay)
        except AnalyticsError as problem:
            st.error(plain.sentence(t, problem), icon=":material/error:")
            return
        settling.change(
            t,
            settling.nothing,
            event_dates.add,
            event,
            name=plain.literal(name),
            done="settings.calendar_saved",
        )
