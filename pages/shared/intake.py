"""Files on their way in: read in the background, loaded on the user's word, accounted for."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from analytics import jobs, templates
from analytics.errors import AnalyticsError
from analytics.i18n import Translator
from analytics.schema import TABLES
from analytics.services import importing, workspaces
from pages.shared import plain, preview, session, working

TYPES = ("csv", "tsv", "txt", "xlsx", "xlsm", "xls", "xlsb", "ods", "parquet", "zip")


def files(t: Translator) -> list[UploadedFile]:
    """Draw the place to drop files; empty again after each import."""
    if not session.may("editor"):  # the frame says who may
        return []
    return st.file_uploader(
        t("import.drop"),
        TYPES,
        accept_multiple_files=True,
        key=f"files_{session.get('imports_done', 0)}",
        help=t("import.drop_help"),
    )


def staged(t: Translator, uploads: Sequence[UploadedFile]) -> importing.Staged | None:
    """Return what the files hold once they are read; until then, show what is seen of them."""
    key = tuple(upload.file_id for upload in uploads)
    if not uploads:
        _stop_reading()
        return None
    if session.get("staged_files") != key:
        _read(uploads, key)
    if session.get("staged") is None:
        reading: jobs.Job[importing.Staged] = session.get("reading_job")
        if not working.is_done_soon(reading):
            glimpses: list[importing.Glimpse] = session.get("glimpses")
            working.watch(t, "import.reading", reading, partial(preview.glimpses, t, glimpses))
            return None
        session.keep(glimpses=[])
        try:
            session.keep(staged=reading.result(), staged_before=None, reading_job=None)
        except AnalyticsError as problem:
            return _as_before(t, problem)
    found: importing.Staged = session.get("staged")
    return found


def _as_before(t: Translator, problem: AnalyticsError) -> importing.Staged | None:
    """Say why nothing was read, and show what there was before, or a way to begin anew."""
    st.error(plain.sentence(t, problem), icon=":material/error:")
    before: importing.Staged | None = session.get("staged_before")
    if before is None:
        again = partial(session.keep, staged_files=None)
        st.button(t("import.again"), on_click=again, icon=":material/refresh:")
    session.keep(staged=before)
    return before


def _stop_reading() -> None:
    """Stop the reading of files that nobody waits for any more, and let go of what was read."""
    job: jobs.Job[importing.Staged] | None = session.get("reading_job")
    if job is not None:
        job.cancel()
    session.keep(reading_job=None, staged=None, staged_before=None, staged_files=None, glimpses=[])


def _read(uploads: Sequence[UploadedFile], key: tuple[str, ...]) -> None:
    """Start reading, and collect what is seen of the sheets before all of them are read."""
    _stop_reading()
    glimpses: list[importing.Glimpse] = []
    job = jobs.start(
        importing.stage,
        session.own_store(),
        [importing.Upload(upload.name, upload.getvalue()) for upload in uploads],
        name=importing.display_name(uploads[0].name),
        lane="filing",
        room=working.room(),
        today=datetime.now(UTC).date(),
        look=glimpses.append,
    )
    session.keep(staged_files=key, staged=None, receipt=None, reading_job=job, glimpses=glimpses)


def load(t: Translator, found: importing.Staged) -> None:
    """Draw what waits, and the button that does the deed."""
    usable = [sheet for sheet in found.sheets if sheet.is_ready]
    fresh = sum(sheet.account.rows_new + sheet.account.rows_updated for sheet in usable)
    with st.container(horizontal=True, vertical_alignment="center", key="deed"):
        label = t("import.do", count=t.number(fresh))
        if st.button(label, type="primary", disabled=not fresh, icon=":material/done_all:"):
            name = ", ".join(sheet.file for sheet in usable)
            working.change(workspaces.load_and_forecast, found, name=name, label="import.loading")
        st.markdown(_summary(t, found, usable, fresh), width="stretch")


def _summary(
    t: Translator, found: importing.Staged, usable: Sequence[importing.StagedSheet], fresh: int
) -> str:
    """Return in one line what the button will do."""
    if not usable:
        return t("import.nothing_usable")
    if not fresh:
        return t("import.nothing_new")
    counts = {
        "sheets": t.number(len(usable)),
        "all": t.number(len(found.sheets) + len(found.problems)),
        "rejected": t.number(sum(sheet.account.rows_rejected for sheet in usable)),
    }
    return t("import.summary", **counts)


def receipt(t: Translator) -> None:
    """Draw what the last import of this visit did, and the way on."""
    accounts = session.get("receipt")
    if not accounts:
        return
    added = sum(account.rows_new + account.rows_updated for account in accounts)
    st.success(t("import.done", count=t.number(added)), icon=":material/check_circle:")
    with st.container(horizontal=True):
        st.page_link(
            "pages/replenish.py", label=t("import.go_plan"), icon=":material/shopping_cart:"
        )
        st.page_link(
            "pages/forecast.py", label=t("import.go_forecast"), icon=":material/trending_up:"
        )


def template_files(t: Translator) -> None:
    """Draw an empty workbook per table, for those who begin from nothing."""
    if not session.may("editor"):
        return
    with st.popover(t("import.templates"), icon=":material/draft:"):
        st.caption(t("import.templates_help"))
        for kind in TABLES:
            st.download_button(
                t(f"kind.{kind}"),
                partial(templates.workbook, t, kind),
                f"leeway-{kind}.xlsx",
                key=f"template_{kind}",
                type="tertiary",
                icon=":material/download:",
                on_click="ignore",
            )
