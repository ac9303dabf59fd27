"""Every import of the workspace, and the way back from each."""

import pandas as pd
import streamlit as st

from analytics.i18n import Translator
from analytics.services import importing, workspaces
from pages.shared import plain, render, session, working

COLUMNS = {
    "import_id": "number", "imported_at": "time", "who": "text", "file": "text", "sheet": "text",
    "kind": "text", "rows_read": "number", "rows_new": "number", "rows_updated": "number",
    "rows_identical": "number", "rows_rejected": "number", "rows_ignored": "number",
    "undone_at": "time",
}  # fmt: skip
_REJECTS = {"row": "number", "column": "text", "value": "text", "reason": "wide"}


def show(t: Translator) -> None:
    """Draw every import, newest first; the chosen one opens, and can be taken back."""
    past = session.own_store().imports()
    render.section(t("import.history"), t("import.history_help"))
    if past.empty:
        st.caption(t("import.no_history"))
        return
    chosen = render.table(
        t,
        past,
        COLUMNS,
        "leeway-imports",
        codes={"kind": "kind"},
        choose="import.choose_import",
        identity=("import_id",),
    )
    if chosen:
        _open(t, chosen)


def _open(t: Translator, entry: render.Row) -> None:
    import_id = int(str(entry["import_id"]))
    with st.container(border=True, key="import"):
        file, sheet = plain.literal(str(entry["file"])), plain.literal(str(entry["sheet"]))
        title = t("import.number", import_id=import_id)
        st.subheader(f"{title} · {file} · {sheet}", anchor=False)
        st.caption(t("import.fingerprint", sha256=entry["sha256"]))
        if not session.may("editor"):
            pass
        elif entry["undone_at"] is pd.NaT:
            st.caption(t("import.undo_help"))
            if st.button(t("import.undo"), icon=":material/undo:", key="undo"):
                working.change(
                    workspaces.take_back,
                    import_id,
                    name=str(entry["file"]),
                    label="import.undoing",
                    done="import.undone",
                )
        else:
            st.caption(t("import.redo_help", who=plain.literal(str(entry["undone_by"] or "–"))))
            if st.button(t("import.redo"), icon=":material/redo:", key="redo"):
                working.change(
                    workspaces.bring_back,
                    import_id,
                    name=str(entry["file"]),
                    label="import.redoing",
                    done="import.redone",
                )
        rejects = session.own_store().rejects(import_id)
        if len(rejects):
            listed = importing.worded_issues(t, rejects)
            name = f"leeway-rejected-{import_id}"
            render.table(t, listed, _REJECTS, name, codes={"column": "column"})
