"""What the sections of the Settings page share: tables to edit, saving, taking back."""

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from analytics.errors import AnalyticsError
from analytics.i18n import MISSING, Translator
from analytics.services import settling
from pages.shared import plain, render, session, working

VIEWS = ("policies", "items", "routes", "money", "calendars", "alarm_rules", "workspace")
_SAID = {"about": "text", "part": "text", "value": "wide", "who": "text", "made_at": "time"}


def is_open(t: Translator) -> bool:
    """Return whether this visit may change what is assumed; say why not on the sample."""
    if not session.may("editor"):  # the frame says who may
        return False
    if session.shows_sample():
        st.caption(f":material/lock: {t('settings.sample_reads_only')}")
        return False
    return True


def tiers_apart(t: Translator) -> None:
    """Draw that which product is in which tier is settled elsewhere, and the way there."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("settings.tiers_apart"), width="content")
        st.page_link("pages/tiers.py", label=t("page.tiers"), icon=":material/stacks:")


def editor(
    t: Translator,
    present: pd.DataFrame,
    key: str,
    config: Mapping[str, ColumnConfig],
    *,
    rows: Literal["fixed", "dynamic"] = "fixed",
    locked: Iterable[str] = (),
) -> pd.DataFrame:
    """Draw a table to edit; return it as it stands. Who may only look cannot edit it."""
    reads_only = session.reads_only()
    if reads_only and present.empty:  # a table without rows says so in English alone
        st.caption(t("settings.nothing_typed"))
        return present
    edited: pd.DataFrame = st.data_editor(
        present,
        num_rows="fixed" if reads_only else rows,
        hide_index=True,
        placeholder=MISSING,
        column_config={
            **render.labels(t, [name for name in map(str, present) if name not in config]),
            **config,
        },
        disabled=True if reads_only else list(locked),
        key=f"{key}_{zlib.crc32(present.to_csv().encode())}",
    )
    return edited


def save(t: Translator, key: str, *, is_changed: bool) -> bool:
    """Draw the button that saves; return whether it was pressed."""
    if session.reads_only():
        return False
    return st.button(
        t("settings.save"), key=f"save_{key}", disabled=not is_changed, icon=":material/save:"
    )


def change(
    t: Translator,
    check: Callable[[], object],
    work: Callable[..., object],
    *arguments: object,
    name: str,
    done: str,
) -> None:
    """Start a change, unless ``check`` refuses what was typed: then say what to mend."""
    try:
        check()
    except AnalyticsError as problem:
        st.error(plain.sentence(t, problem), icon=":material/error:")
        return
    working.change(settling.apply, work, *arguments, name=name, label="settings.saving", done=done)


def said(
    t: Translator, rows: pd.DataFrame, name: str, take_back: Callable[[Mapping[str, Any]], None]
) -> None:
    """Draw what was changed, by whom and when; the chosen line can be taken back.

    ``rows`` has ``judgement_id``, ``about``, ``part``, ``value`` (words), ``who``, ``made_at``.
    """
    st.markdown(f"**{t('settings.said')}**")
    if rows.empty:
        st.caption(t("settings.nothing_said"))
        return
    identity: Sequence[str] = ("judgement_id", "part")
    choose = render.offered("settings.choose_said")
    chosen = render.table(t, rows, _SAID, f"leeway-{name}", choose=choose, identity=identity)
    if chosen and st.button(
        t("settings.take_back"), key=f"take_back_{name}", icon=":material/undo:"
    ):
        take_back(chosen)


def nothing() -> None:
    """Check nothing: what is taken back was once accepted."""


def amount(t: Translator, value: object) -> str:
    """Return a number that was typed, with as many digits as it has, up to four."""
    text = t.number(float(value), 4)  # type: ignore[arg-type]
    return text.rstrip("0").rstrip(".") if "." in text else text
