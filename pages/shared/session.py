"""What one visit holds: language, workspace, assumptions, cached answers.

The only place that reads Streamlit's session state. Answers are cached by the workspace's data
version and the arguments, so teammates share them and a change of data makes them stale.
"""

import atexit
import gc
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar, cast
from urllib.parse import urlencode

import streamlit as st

from analytics.errors import AnalyticsError
from analytics.i18n import Translator, language_of
from analytics.scenario import Scenario
from analytics.services import (
    alerting,
    backups,
    buffers,
    catalogue,
    clearing,
    delays,
    evidence,
    forecasts,
    measuring,
    overview,
    planning,
    replenishment,
    sharing,
    tiering,
    workspaces,
)
from pages.shared import assumed, navigation, plain

# Streamlit collects garbage after every rerun, and walking the imported libraries costs four
# fifths of a rerun's time. What is imported by now never becomes garbage, so it is set aside.
gc.collect()
gc.freeze()
atexit.register(gc.unfreeze)  # so that extension modules can tidy up when the process ends

LANGUAGES = {"中文": "zh", "English": "en"}  # spelled in their own language in either language

_P = ParamSpec("_P")
_T = TypeVar("_T")


class _Workspace(NamedTuple):
    """What a run shows: asked once, for every question to the database takes its milliseconds."""

    store: workspaces.Store
    version: str
    is_sample: bool


def begin() -> Translator:
    """Open or go on with a visit; called by the frame alone, before anything is drawn."""
    st.session_state["framed"] = True
    if "link_problems" not in st.session_state:  # once: the first widget drops what it cannot use
        _, problems = Scenario.salvage(st.query_params.to_dict())
        st.session_state["link_problems"] = problems
        st.session_state["link_version"] = st.query_params.get("data_version", "")
    return translator()


def page() -> Translator:
    """Return the page's translator; every page's first line.

    Streamlit runs a page file by itself when its address is opened before anybody has opened the
    app, which would leave out the frame. Declaring the menu ends that, and the rerun starts over.
    """
    t = translator()
    if not st.session_state.pop("framed", False):
        navigation.declare()
        st.rerun()
    return t


def translator() -> Translator:
    """Return the reader's words: as chosen, else as the link says, else as the browser asks."""
    chosen = st.session_state.get("lang") or st.query_params.get("lang", "")
    return Translator(LANGUAGES.get(chosen) or language_of(st.context.locale))


def open_workspace(t: Translator) -> None:
    """Choose what the visit works on, once per run, so that trouble is said before a page runs."""
    with st.spinner(t("app.opening"), show_time=False):
        own = own_store()
        is_sample = own.is_empty or _wants_sample()
        chosen = _sample_store() if is_sample else own
    st.session_state["workspace"] = _Workspace(chosen, chosen.version, is_sample)


def open_shared(share: sharing.Share) -> None:
    """Let a guest's run work on what the link shows, and on nothing that could be changed."""
    lent = _lent(_sample_store()) if share.is_sample else own_store()
    st.session_state["workspace"] = _Workspace(lent, lent.version, share.is_sample)


def guest() -> str | None:
    """Return the secret of a browser that came by a link; None for one of the team's."""
    secret = st.context.cookies.get(sharing.COOKIE)
    return secret if isinstance(secret, str) else None  # without a browser it is neither


class _OwnStore:
    """The team's own workspace, opened once per process; a guest gets one that only reads."""

    def __call__(self) -> workspaces.Store:
        """Return it as this visit may use it."""
        own = _opened_store()
        return own if guest() is None else _lent(own)

    def clear(self) -> None:
        """Forget it, so that the next visit opens another one."""
        _opened_store.clear()
        _lent.clear()


own_store = _OwnStore()


@st.cache_resource(max_entries=1, show_spinner=False, on_release=workspaces.Store.close)
def _opened_store() -> workspaces.Store:
    return workspaces.open_own()


@st.cache_resource(
    max_entries=2,
    show_spinner=False,
    hash_funcs={workspaces.Store: lambda store: str(store.folder)},
    on_release=workspaces.Store.close,
)
def _lent(store: workspaces.Store) -> workspaces.Store:
    return store.as_reader()


@st.cache_resource(max_entries=1, show_spinner=False)
def _sample_store() -> workspaces.Store:
    return workspaces.open_sample()


def _wants_sample() -> bool:
    asked = st.session_state.get("sample", st.query_params.get("sample") == "true")
    return bool(asked)


def _workspace() -> _Workspace:
    return cast("_Workspace", st.session_state["workspace"])


def store() -> workspaces.Store:
    """Return the workspace whose numbers are shown."""
    return _workspace().store


def version() -> str:
    """Return the data version that this run shows."""
    return _workspace().version


def shows_sample() -> bool:
    """Return whether the numbers are the sample seller's."""
    return _workspace().is_sample


def scenario() -> Scenario:
    """Return the assumptions that the frame's widgets hold."""
    return assumed.scenario()


def bounds(name: str) -> tuple[int, int]:
    """Return the ends of a slider that moves in whole steps."""
    of_slider = Scenario.bounds()[name]
    return int(of_slider.low), int(of_slider.high)


def data_day() -> date:
    """Return the last day that the sales cover: the plan's day unless another is chosen."""
    return period()[1]


def follow_data_day(first: date, last: date) -> None:
    """Move the plan's day along with the data, unless the reader has chosen another one."""
    chosen = st.session_state.get("as_of")
    untouched = chosen == st.session_state.get("data_day")
    if chosen is not None and (untouched or not first <= chosen <= last):
        st.session_state["as_of"] = last
    st.session_state["data_day"] = last


def link() -> str:
    """Return an address with every assumption spelled out, which outlives a change of default."""
    fixed = replace(scenario(), as_of=scenario().as_of or data_day())
    query = fixed.to_query() | {"data_version": version()}
    if item := st.session_state.get("item"):
        query["item"] = item
    if shows_sample():
        query["sample"] = "true"
    return f"{(st.context.url or '').split('?')[0]}?{urlencode(query)}"


def link_notes(t: Translator) -> list[str]:
    """Return what could not be used of the link that opened this visit, in words."""
    notes = [plain.sentence(t, problem) for problem in st.session_state.get("link_problems", [])]
    made_on = st.session_state.get("link_version", "")
    if made_on and made_on != version():
        notes.append(t("link.data_moved"))
    return notes


def report_link_problem(problem: AnalyticsError) -> None:
    """Remember that a part of the link could not be used."""
    st.session_state["link_problems"] = [*st.session_state.get("link_problems", []), problem]


def forget_link_notes() -> None:
    """Drop the notes once they are read."""
    st.session_state["link_problems"] = []
    st.session_state["link_version"] = ""


def recovery() -> backups.Recovery | None:
    """Return what was wrong with the workspace's file; asked once per visit."""
    if "recovery" not in st.session_state:
        st.session_state["recovery"] = own_store().recovery
    return cast("backups.Recovery | None", st.session_state["recovery"])


def forget_recovery() -> None:
    """Note that somebody has read what was wrong."""
    own_store().forget_recovery()
    st.session_state["recovery"] = None


def get(name: str, default: Any = None) -> Any:  # noqa: ANN401 - whatever was kept
    """Return what this visit kept under ``name``."""
    return st.session_state.get(name, default)


def keep(**values: object) -> None:
    """Keep values for this visit: a running job, what it found."""
    for name, value in values.items():
        st.session_state[name] = value


def kept(service: Callable[..., _T], max_entries: int = 64) -> Callable[..., _T]:
    """Return ``service`` with its answers kept: ``(store, data version, *its other arguments)``."""

    @wraps(service)  # Streamlit tells functions apart by name: without it services share answers
    def answer(_store: workspaces.Store, version: str, *args: object) -> _T:  # noqa: ARG001 - a key
        return service(_store, *args)

    del answer.__wrapped__  # Streamlit would read the service's signature in place of this one
    answer.__annotations__ = {}
    return st.cache_data(max_entries=max_entries, show_spinner=False)(answer)


def _cached(service: Callable[Concatenate[workspaces.Store, _P], _T]) -> Callable[_P, _T]:
    """Return ``service`` asked about the run's workspace."""
    answers = kept(service)

    def ask(*args: object) -> _T:
        return answers(store(), version(), *args)

    return cast("Callable[_P, _T]", ask)


def _asked(service: Callable[..., _T]) -> Callable[..., _T]:
    """Return ``service``, which keeps its own answers, asked about the run's workspace.

    Streamlit would copy an answer of thousands of rows each time it is shown.
    """

    def ask(*args: object) -> _T:
        return service(store(), *args)

    return ask


plan = _cached(replenishment.plan)
forecast_item = _cached(forecasts.item)
forecast_catalogue = _cached(catalogue.overview)
forecast_scores = _cached(catalogue.scores)
buffer_catalogue = _cached(buffers.catalogue)
buffer_item = _cached(buffers.item)
buffer_service_cost = _cached(buffers.service_cost)
buffer_evidence = _cached(evidence.evidence)
impact = _asked(delays.impact)
measures = _asked(measuring.measures)
alerts = _asked(alerting.alerts)
tiers = _asked(tiering.table)
clearance = _asked(clearing.clearance)
morning = _asked(overview.overview)
impact_item = _cached(delays.item)
delay_frontier = _cached(delays.frontier)
period = _cached(planning.period)
items = _cached(planning.items)
