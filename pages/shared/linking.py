"""The address of what is shown, and what could not be used of the one that was opened."""

from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from analytics.errors import AnalyticsError
from analytics.i18n import Translator
from pages.shared import attending, plain, session


def address() -> str:
    """Return an address with every assumption spelled out, which outlives a change of default."""
    scenario = session.scenario()
    fixed = replace(scenario, as_of=scenario.as_of or session.data_day())
    query = fixed.to_query() | {"data_version": session.version()}
    if item := session.get("item"):
        query["item"] = item
    if session.shows_sample():
        query["sample"] = "true"
    if len(session.seat().rooms) > 1:
        query["room"] = session.seat().room.workspace_id
    return f"{(st.context.url or '').split('?')[0]}?{urlencode(query)}"


def notes(t: Translator) -> list[str]:
    """Return what could not be used of the link that opened this visit, in words."""
    said = [plain.sentence(t, problem) for problem in session.get("link_problems", [])]
    made_on = session.get("link_version", "")
    if made_on and made_on != session.version():
        said.append(t("link.data_moved"))
    if session.get("room_refused"):
        name = attending.room_name(t, session.seat().room)
        said.append(t("link.room_refused", room=name))
    return said


def report(problem: AnalyticsError) -> None:
    """Remember that a part of the link could not be used."""
    session.keep(link_problems=[*session.get("link_problems", []), problem])


def forget() -> None:
    """Drop the notes once they are read."""
    session.keep(link_problems=[], link_version="", room_refused=False)
