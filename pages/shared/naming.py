"""Small tables of names that mean the same, open to editing."""

import zlib

import streamlit as st

from analytics.errors import AnalyticsError
from analytics.i18n import Translator
from analytics.services import naming
from pages.shared import plain, render, session, working


def tables(t: Translator) -> None:
    """Draw aliases, bundles and pooled markets; save what is changed."""
    render.section(t("settings.names"), t("settings.names_help"))
    for kind, tab in zip(
        naming.KINDS, st.tabs([t(f"kind.{kind}") for kind in naming.KINDS]), strict=True
    ):
        with tab:
            st.caption(t(f"settings.{kind}_help"))
            _table(t, kind)


def _table(t: Translator, kind: str) -> None:
    own = session.own_store()
    present = naming.table(own, kind)
    edited = st.data_editor(
        present,
        num_rows="dynamic" if session.may("editor") else "fixed",
        hide_index=True,
        column_config={**render.labels(t, map(str, present))},
        disabled=not session.may("editor"),
        key=f"names_{kind}_{zlib.crc32(present.to_csv().encode())}",
    )
    if session.may("editor") and st.button(
        t("settings.save"),
        key=f"save_{kind}",
        disabled=edited.equals(present),
        icon=":material/save:",
    ):
        try:
            naming.check(edited, kind)
        except AnalyticsError as problem:
            st.error(plain.sentence(t, problem), icon=":material/error:")
            return
        name = t(f"kind.{kind}")
        working.change(
            naming.save,
            kind,
            present,
            edited,
            name=name,
            label="settings.saving",
            done="settings.saved",
        )
