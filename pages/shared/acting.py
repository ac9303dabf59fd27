"""Deeds of the team page: done before the page is drawn, told once on it."""

from collections.abc import Callable
from datetime import MINYEAR, datetime
from typing import Any

import pandas as pd
import streamlit as st

from analytics.errors import AnalyticsError
from analytics.i18n import Translator
from analytics.services import hosting
from pages.shared import plain, session

VIEWS = ("sent", "members", "rooms", "audit")


def do(work: Callable[[], object], done: str, **facts: object) -> None:
    """Do something, and keep what is to be said of it: the text ``done``, or what hindered it."""
    session.keep(team_done=None, team_problem=None)
    try:
        work()
    except AnalyticsError as problem:
        session.keep(team_problem=problem)
    else:
        session.keep(team_done=(done, facts))


def here(work: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401 - whatever it answers
    """Ask a service of the host about the room of this visit, in the visitor's name."""
    seat = session.seat()
    return work(hosting.settings(), seat.visitor, seat.room.workspace_id, *arguments)


def at(moment: datetime | None) -> pd.Timestamp:
    """Return a moment as tables show times: UTC, without saying so; none if nobody noted it."""
    if moment is None or moment.year == MINYEAR:
        return pd.NaT  # type: ignore[return-value]
    return pd.Timestamp(moment).tz_localize(None)


def told(t: Translator) -> None:
    """Draw what became of the last deed, once."""
    if (problem := session.get("team_problem")) is not None:
        st.error(plain.sentence(t, problem), icon=":material/error:")
    elif (said := session.get("team_done")) is not None:
        done, facts = said
        safe = {name: plain.literal(str(value)) for name, value in facts.items()}
        st.success(t(done, **safe), icon=":material/check_circle:")
    session.keep(team_done=None, team_problem=None)


def owned(t: Translator, otherwise: str = "team.only_owner") -> bool:
    """Return whether the visitor owns the workspace; say who may what, if not."""
    if session.may("owner"):
        return True
    st.caption(f":material/lock: {t(otherwise)}")
    return False
