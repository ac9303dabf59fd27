"""Slow work beside the page: started here, watched until it is over."""

from collections.abc import Callable
from typing import Any, Concatenate

import streamlit as st

from analytics import jobs
from analytics.i18n import Translator
from analytics.services import importing, workspaces
from pages.shared import plain, session

AT_ONCE = 0.4  # seconds that are waited before any progress is drawn

Change = Callable[Concatenate[workspaces.Store, ...], list[importing.SheetAccount]]


def nothing() -> None:
    """Draw nothing beside the progress; the default."""


@st.fragment(run_every=0.5)
def watch(
    t: Translator, label: str, job: jobs.Job[Any], beside: Callable[[], None] = nothing
) -> None:
    """Draw a job's progress and a way to stop it, until it is over."""
    if job.is_done:
        st.rerun()
    done, total, item = job.progress
    text = t(label, item=plain.literal(item or job.name))
    if job.waits_for:
        text = t("import.waiting", name=plain.literal(job.waits_for))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(done / max(total, 1), 1.0), text=text, width="stretch")
        st.button(t("import.stop"), on_click=job.cancel, icon=":material/stop_circle:")
    beside()


def read_again(found: importing.Staged, index: int, **changes: Any) -> None:  # noqa: ANN401 - as `importing.revise` takes them
    """Start reading one sheet as the user says; the page shows the preview again after it."""
    name = found.sheets[index].file
    job = jobs.start(importing.revise, session.own_store(), found, index, name=name, **changes)
    session.keep(staged=None, reading_job=job, glimpses=[])
    st.rerun()


def change(work: Change, *arguments: object, name: str, label: str, done: str = "") -> None:
    """Start a change of the workspace; the page starts over after it, and says that it is done."""
    who = workspaces.local_user()
    job = jobs.start(work, session.own_store(), *arguments, name=name, who=who)
    session.keep(loading_job=job, loading_label=label, done_label=done, told="")
    st.rerun()


def changing(t: Translator) -> bool:
    """Draw the change that is under way; once it is over, keep what it did. Return if it goes on.

    It is asked first of all, for the reader may have been on another page when it ended.
    """
    job: jobs.Job[list[importing.SheetAccount]] | None = session.get("loading_job")
    if job is None:
        return False
    if job.is_done_within(AT_ONCE):
        _settle(job)
    watch(t, session.get("loading_label"), job)
    return True


def _settle(job: jobs.Job[list[importing.SheetAccount]]) -> None:
    done = session.get("imports_done", 0) + 1
    session.keep(loading_job=None, receipt=None, staged=None, staged_files=None, imports_done=done)
    session.keep(receipt=job.result(), told=session.get("done_label"))  # or the error that ended it
    st.rerun()


def told(t: Translator) -> None:
    """Draw that the last change of this visit is done."""
    if done := session.get("told"):
        st.success(t(done), icon=":material/check_circle:")
