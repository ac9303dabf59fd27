"""Saved scenarios: keep the one on the sliders, take one up again, forget one."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pandas as pd
import streamlit as st

from analytics import words
from analytics.errors import AnalyticsError, TakenNameError, UnknownScenarioError
from analytics.i18n import Translator
from analytics.services import saved
from pages.shared import assumed, plain, render, session


def saved_ones() -> pd.DataFrame:
    """Return the scenarios that one's own workspace keeps, whoever's numbers are shown."""
    return saved.table(session.own_store())


def form(t: Translator) -> None:
    """Draw the form that saves the scenario on the sliders."""
    if not session.may("editor"):  # the frame says who may
        return
    with st.expander(t("compare.save"), icon=":material/bookmark_add:"):
        st.caption(t("compare.save_help"))
        now = session.scenario()
        if now.is_at_rest:
            st.caption(t("compare.save_at_rest"))
            return
        st.markdown(f"{words.scenario(t, now, plain.literal)}")
        with st.form("save_scenario", border=False):
            st.text_input(
                t("compare.name"),
                key="scenario_name",
                max_chars=saved.LONGEST_NAME,
                placeholder=t("compare.name_example"),
            )
            st.text_input(t("compare.note"), key="scenario_note", max_chars=saved.LONGEST_NOTE)
            st.form_submit_button(t("compare.keep"), on_click=_save, icon=":material/bookmark_add:")
        _told(t)


def _save(*, replaces: bool = False) -> None:
    """Save what is on the sliders; what hinders it is said when the form is drawn again."""
    name = session.get("scenario_name", "")
    session.keep(scenario_saved="", scenario_trouble=None)
    try:
        saved.save(
            session.own_store(),
            name,
            session.scenario(),
            author=session.who(),
            note=session.get("scenario_note", ""),
            data_version=session.version(),
            replaces=replaces,
        )
    except AnalyticsError as problem:
        session.keep(scenario_trouble=problem)
    else:
        session.keep(scenario_saved=name, scenario_name="", scenario_note="")


def _told(t: Translator) -> None:
    """Say once that it is saved, or why it is not, and how it can be."""
    if name := session.get("scenario_saved"):
        st.success(t("compare.saved", name=plain.literal(name)), icon=":material/check_circle:")
    problem: AnalyticsError | None = session.get("scenario_trouble")
    session.keep(scenario_saved="", scenario_trouble=None)
    if problem is None:
        return
    st.warning(plain.sentence(t, problem), icon=":material/bookmark:")
    if isinstance(problem, TakenNameError):
        st.button(t("compare.replace_it"), on_click=_save, kwargs={"replaces": True})


def own(t: Translator, known: pd.DataFrame) -> None:
    """Draw what is saved: by whom, when, why, and what it assumes."""
    if known.empty:
        return
    render.section(t("compare.own"), t("compare.own_help"))
    for row in known.to_dict("records"):
        number = int(row["scenario_id"])
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(_about(t, row), width="stretch")
            st.button(
                t("compare.take"),
                on_click=_take,
                args=(number,),
                icon=":material/tune:",
                key=f"take_{number}",
            )
            if session.may("editor"):
                st.button(
                    t("compare.remove"),
                    on_click=_remove,
                    args=(number,),
                    icon=":material/delete:",
                    key=f"remove_{number}",
                )


def _about(t: Translator, row: Mapping[Any, Any]) -> str:
    """Return a saved scenario in words."""
    author = plain.literal(str(row["author"] or t("compare.unnamed")))
    by = t("compare.by", author=author, day=t.date(pd.Timestamp(str(row["created_at"])).date()))
    assumed_words = words.scenario(t, saved.read(str(row["query"])), plain.literal)
    note = str(row["note"] or "")
    lines = [f"**{plain.literal(str(row['name']))}** :gray[{by}]", assumed_words]
    return "  \n".join([*lines, *([plain.literal(note)] if note else [])])


def _take(number: int) -> None:
    """Put a scenario on the sliders, unless somebody has just forgotten it."""
    with suppress(UnknownScenarioError):
        assumed.take(saved.scenario(session.own_store(), number))


def _remove(number: int) -> None:
    """Forget a scenario, also as one of those that are compared."""
    left = [chosen for chosen in session.get("compared", []) if chosen != number]
    session.keep(compared=left)
    with suppress(UnknownScenarioError):
        saved.remove(session.own_store(), number, who=session.who())
