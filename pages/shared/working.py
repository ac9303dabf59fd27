"""Slow work beside the page: started here, watched until it is over, told once it is."""

from collections.abc import Callable
from typing import Any, Concatenate

import streamlit as st

from analytics import jobs
from analytics.errors import AnalyticsError
from analytics.i18n import Translator
from analytics.services import importing, workspaces
from pages.shared import plain, session, turns

_AT_ONCE = 0.4  # seconds that are waited before any progress is drawn

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
    elif job.waits_for_others:
        text = t("import.waiting_others")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(done / max(total, 1), 1.0), text=text, width="stretch")
        st.button(t("import.stop"), on_click=job.cancel, icon=":material/stop_circle:")
    beside()


def room() -> str:
    """Return what turns are taken within: nobody waits for another room's work by name."""
    return str(session.own_store().folder)


def begin(name: str, key: tuple[object, ...], work: Callable[..., object], label: str) -> None:
    """Start reading what ``name`` stands for; what it was reading before is wanted no longer.

    ``key`` is what the answer depends on, ``label`` what the job is called.
    """
    before: jobs.Job[object] | None = session.get(f"{name}_job")
    if before is not None:
        before.cancel()
    job = jobs.start(work, name=label, lane="reading", room=room())
    session.keep(**{f"{name}_job": job, f"{name}_key": key})


def is_under_way(name: str, key: tuple[object, ...]) -> bool:
    """Return whether what ``name`` stands for is being read, or was, for this ``key``."""
    return session.get(f"{name}_job") is not None and bool(session.get(f"{name}_key") == key)


def is_done_soon(job: jobs.Job[Any]) -> bool:
    """Wait a moment, for a quick one needs no progress drawn; return whether the job is over."""
    if job.is_done:
        return True
    with turns.aside():
        return job.is_done_within(_AT_ONCE)


def outcome(t: Translator, name: str, key: tuple[object, ...], label: str) -> Any:  # noqa: ANN401 - whatever was read
    """Return what was read, if it is; draw how far that is, or why there is nothing."""
    if not is_under_way(name, key):
        return None
    job: jobs.Job[Any] = session.get(f"{name}_job")
    if not is_done_soon(job):
        watch(t, label, job)
        return None
    if job.state != "done":  # forgotten first: it can be asked for again, and a bug is told once
        session.keep(**{f"{name}_job": None})
    try:
        return job.result()
    except AnalyticsError as problem:
        st.warning(plain.sentence(t, problem), icon=":material/error:")
        return None


def read_again(found: importing.Staged, index: int, **changes: Any) -> None:  # noqa: ANN401 - as `importing.revise` takes them
    """Start reading one sheet as the user says; the page shows the preview again after it."""
    asked = {"name": found.sheets[index].file, "lane": "filing", "room": room()} | changes
    job = jobs.start(importing.revise, session.own_store(), found, index, **asked)
    session.keep(staged=None, staged_before=found, reading_job=job, glimpses=[])
    st.rerun()


def change(work: Change, *arguments: object, name: str, label: str, done: str = "") -> None:
    """Start a change of the workspace; the page starts over after it, and says that it is done.

    ``label`` is the text beside the progress, ``done`` the one that says so; a change without one
    is an import, which hands out its receipt and uses up what was staged.
    """
    who = session.who()
    store = session.own_store()
    job = jobs.start(work, store, *arguments, name=name, room=room(), who=who)
    session.keep(change_job=job, change_label=label, change_done=done, told="", trouble=None)
    st.rerun()


def changing(t: Translator) -> bool:
    """Draw the change that is under way; once it is over, keep what it did. Return if it goes on.

    It is asked first of all, for the reader may have been on another page when it ended.
    """
    job: jobs.Job[list[importing.SheetAccount]] | None = session.get("change_job")
    if job is None:
        _tell(t)
        return False
    if is_done_soon(job):
        _settle(job)
        st.rerun()
    watch(t, session.get("change_label"), job)
    return True


def _settle(job: jobs.Job[list[importing.SheetAccount]]) -> None:
    """Keep what a change did; one that failed leaves the preview as it was."""
    session.keep(change_job=None)
    try:
        accounts = job.result()
    except AnalyticsError as problem:
        session.keep(trouble=problem)
        return
    session.keep(changes_done=session.get("changes_done", 0) + 1)
    if done := session.get("change_done"):
        session.keep(told=done, receipt=None)
    else:
        session.keep(receipt=accounts, staged=None, staged_files=None)
        session.keep(imports_done=session.get("imports_done", 0) + 1)


def _tell(t: Translator) -> None:
    """Draw that the last change of this visit is done, or why it is not."""
    trouble: AnalyticsError | None = session.get("trouble")
    if trouble is not None:
        st.error(plain.sentence(t, trouble), icon=":material/error:")
    elif done := session.get("told"):
        st.success(t(done), icon=":material/check_circle:")
