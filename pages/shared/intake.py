"""The Import page's moving parts: read in the background, preview and change, load, look back."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from analytics import jobs
from analytics.i18n import Translator
from analytics.schema import TABLES
from analytics.services import importing, workspaces
from pages.shared import plain, render, session

TYPES = ("csv", "tsv", "txt", "xlsx")
HISTORY = {
    "import_id": "number", "imported_at": "time", "file": "text", "sheet": "text", "kind": "text",
    "rows_read": "number", "rows_new": "number", "rows_updated": "number",
    "rows_identical": "number", "rows_rejected": "number", "rows_ignored": "number",
    "undone_at": "time",
}  # fmt: skip
REJECTS = {
    "file": "text", "sheet": "text", "row": "number", "column": "text", "value": "text",
    "reason": "wide",
}  # fmt: skip
ACCOUNT = tuple(name for name in HISTORY if name.startswith("rows_"))
_NO_COLUMN = -1
_HEAD_ROWS = 8


def files(t: Translator) -> list[UploadedFile]:
    """Draw the place to drop files; empty again after each import."""
    return st.file_uploader(
        t("import.drop"),
        TYPES,
        accept_multiple_files=True,
        key=f"files_{session.get('imports_done', 0)}",
        help=t("import.drop_help"),
    )


def staged(t: Translator, uploads: Sequence[UploadedFile]) -> importing.Staged | None:
    """Return what the files hold once they are read; show the progress until then."""
    key = tuple(upload.file_id for upload in uploads)
    if not uploads:
        return None
    if session.get("staged_files") != key:
        named = [importing.Upload(upload.name, upload.getvalue()) for upload in uploads]
        job = jobs.start(
            importing.stage,
            session.own_store(),
            named,
            name=uploads[0].name,
            today=datetime.now(UTC).date(),
        )
        session.keep(staged_files=key, staged=None, receipt=None, reading_job=job)
    if session.get("staged") is None:
        reading: jobs.Job[importing.Staged] = session.get("reading_job")
        if not reading.is_done:
            _watch(t, "import.reading", reading)
            return None
        session.keep(staged=reading.result())
    found: importing.Staged = session.get("staged")
    return found


@st.fragment(run_every=0.5)
def _watch(t: Translator, label: str, job: jobs.Job[Any]) -> None:
    """Draw a job's progress and a way to stop it, until it is over."""
    if job.is_done:
        st.rerun()
    done, total, item = job.progress
    text = t(label, item=plain.literal(item))
    if job.waits_for:
        text = t("import.waiting", name=plain.literal(job.waits_for))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(done / max(total, 1), text=text, width="stretch")
        st.button(t("import.stop"), on_click=job.cancel, icon=":material/stop_circle:")


def preview(t: Translator, found: importing.Staged) -> None:
    """Draw what was understood of each sheet, before the deed; take in what is changed."""
    for file, problem in found.problems:
        st.error(
            f"**{plain.literal(file)}** · {plain.sentence(t, problem)}", icon=":material/error:"
        )
    for index, sheet in enumerate(found.sheets):
        with st.container(border=True, key=f"sheet_{index}"):
            _account(t, sheet)
            revised = _choices(t, found, index)
            _look(t, sheet, index)
        if revised is not found:
            session.keep(staged=revised)
            st.rerun()


def _account(t: Translator, sheet: importing.StagedSheet) -> None:
    account, recognition = sheet.account, sheet.recognition
    st.markdown(f"#### {plain.literal(sheet.file)} · {plain.literal(sheet.sheet)}")
    kind, family = t(f"kind.{recognition.kind}"), sheet.family(t.language)
    st.markdown(t("import.understood_as", kind=kind, family=family))
    columns = (
        f"{t(f'column.{name}')} ← {plain.literal(recognition.headers[place])}"
        for name, place in recognition.columns.items()
    )
    st.caption(" · ".join(columns))
    if account.same_as:
        st.info(t("import.seen_before", import_id=account.same_as), icon=":material/task_alt:")
    if recognition.missing:
        missing = ", ".join(t(f"column.{name}") for name in recognition.missing)
        st.warning(t("import.columns_missing", columns=missing), icon=":material/rule:")
        return
    if sheet.problem:
        st.error(plain.sentence(t, sheet.problem), icon=":material/error:")
        return
    with st.container(horizontal=True):
        for name in ACCOUNT:
            label, how = t(f"column.{name}"), t(f"import.{name}_help")
            st.metric(label, t.number(getattr(account, name)), help=how)
    _remarks(t, sheet)


def _remarks(t: Translator, sheet: importing.StagedSheet) -> None:
    """Draw what is worth a second look before the deed."""
    account = sheet.account
    if account.rows_updated:
        count = t.number(account.rows_updated)
        st.warning(t("import.replaces", count=count), icon=":material/published_with_changes:")
    if sheet.recognition.kind == "events":
        st.caption(t("import.events_kept"))
    if not account.rows_read:
        st.caption(t("import.no_rows"))
    if account.covers_from:
        first, last = t.date(account.covers_from), t.date(account.covers_to)
        skus = t.number(importing.skus(sheet))
        st.caption(t("import.period", first=first, last=last, skus=skus))


def _choices(t: Translator, found: importing.Staged, index: int) -> importing.Staged:
    """Draw what can be changed of one sheet; return the upload understood as chosen."""
    sheet = found.sheets[index]
    recognition, mark = sheet.recognition, f"{sheet.sha256[:12]}_{index}"
    missing = bool(recognition.missing)
    with st.expander(t("import.change"), icon=":material/tune:", expanded=missing):
        st.caption(t("import.choose"))
        with st.container(horizontal=True):
            kind = st.selectbox(
                t("column.kind"),
                list(TABLES),
                list(TABLES).index(recognition.kind),
                format_func=lambda name: t(f"kind.{name}"),
                key=f"kind_{mark}",
            )
            market, shop = _places(t, sheet, mark)
        columns = _columns(t, sheet, mark)
    own = session.own_store()
    if kind != recognition.kind:
        return importing.revise(own, found, index, kind=kind)
    if (columns, market, shop) == (dict(recognition.columns), sheet.market, sheet.shop):
        return found
    return importing.revise(own, found, index, columns=columns, market=market, shop=shop)


def _places(t: Translator, sheet: importing.StagedSheet, mark: str) -> tuple[str, str]:
    """Draw market and shop, for the tables whose rows need one; return what they hold."""
    market, shop = sheet.market, sheet.shop
    if sheet.recognition.kind in ("sales", "stock", "purchase_orders"):
        how = t("import.market_help")
        market = st.text_input(t("import.market"), market, key=f"market_{mark}", help=how)
    if sheet.recognition.kind == "sales":
        how = t("import.shop_help")
        shop = st.text_input(t("import.shop"), shop, key=f"shop_{mark}", help=how)
    return market.strip(), shop.strip()


def _columns(t: Translator, sheet: importing.StagedSheet, mark: str) -> dict[str, int]:
    """Draw one choice per canonical column; return those that are there."""
    recognition = sheet.recognition
    headers = {_NO_COLUMN: t("import.no_column")} | dict(enumerate(recognition.headers))
    places = st.columns(3)
    chosen = {}
    for position, column in enumerate(TABLES[recognition.kind].columns):
        star = " *" if column.required else ""
        with places[position % 3]:
            chosen[column.name] = st.selectbox(
                t(f"column.{column.name}") + star,
                list(headers),
                list(headers).index(recognition.columns.get(column.name, _NO_COLUMN)),
                format_func=lambda place: headers[place] or t("import.unnamed", number=place + 1),
                key=f"column_{mark}_{recognition.kind}_{column.name}",
            )
    return {name: place for name, place in chosen.items() if place != _NO_COLUMN}


def _look(t: Translator, sheet: importing.StagedSheet, index: int) -> None:
    render.notes(t, sheet.cleaned.notes)
    with st.expander(t("import.look"), icon=":material/table:"):
        start = sheet.recognition.header_row + 1
        rows = pd.DataFrame(sheet.raw.head[start : start + _HEAD_ROWS])
        rows.columns = [
            f"{place + 1} · {name}"
            for place, name in enumerate(sheet.recognition.headers[: rows.shape[1]])
        ]
        st.dataframe(rows, hide_index=True)
    _rejected(t, sheet, index)


def _rejected(t: Translator, sheet: importing.StagedSheet, index: int) -> None:
    """Draw the rows that cannot be used: where they stand, what they hold, and why."""
    rows = sheet.account.rejects
    if rows.empty:
        return
    place = {"file": sheet.file, "sheet": sheet.sheet}
    listed = importing.worded_issues(t, rows).assign(**place)[list(REJECTS)]
    with st.expander(t("import.rejected", count=t.number(len(rows))), icon=":material/rule:"):
        render.table(t, listed, REJECTS, f"leeway-rejected-{index + 1}")


def load(t: Translator, found: importing.Staged) -> None:
    """Draw the button that does the deed, and say so if there is nothing to do."""
    usable = [sheet for sheet in found.sheets if sheet.is_ready]
    fresh = sum(sheet.account.rows_new + sheet.account.rows_updated for sheet in usable)
    label = t("import.do", count=t.number(fresh))
    if st.button(label, type="primary", disabled=not fresh, icon=":material/done_all:"):
        name = ", ".join(sheet.file for sheet in usable)
        job = jobs.start(workspaces.load_and_forecast, session.own_store(), found, name=name)
        session.keep(loading_job=job)
        st.rerun()
    if not fresh:
        st.caption(t("import.nothing_new" if usable else "import.nothing_usable"))


def loading(t: Translator) -> bool:
    """Draw the load that is under way; once it is over, keep what it did. Return if it goes on.

    It is asked first of all, for the reader may have been on another page when it ended.
    """
    job: jobs.Job[Any] | None = session.get("loading_job")
    if job is None:
        return False
    if job.is_done:
        _settle(job)
    _watch(t, "import.loading", job)
    return True


def _settle(job: jobs.Job[Any]) -> None:
    done = session.get("imports_done", 0) + 1
    session.keep(loading_job=None, staged=None, staged_files=None, imports_done=done)
    session.keep(receipt=job.result())
    st.rerun()


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


def history(t: Translator) -> None:
    """Draw every import of the workspace, newest first."""
    past = session.own_store().imports()
    render.section(t("import.history"), t("import.history_help"))
    if past.empty:
        st.caption(t("import.no_history"))
        return
    render.table(t, past, HISTORY, "leeway-imports", codes={"kind": "kind"})
