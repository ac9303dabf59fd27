"""What one visit holds: language, workspace, assumptions, cached answers.

The only place that reads Streamlit's session state. Answers are cached by the workspace's data
version and the arguments, so teammates share them and a change of data makes them stale. A visit is
of one room, from its first run to its last: another one is entered by opening the app anew, so
that nothing of the one is left when the other is worked on.
"""

import atexit
import gc
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar, cast

import streamlit as st
from streamlit.navigation.page import Page

from analytics.actor import reaches
from analytics.errors import NotAllowedError
from analytics.i18n import NAMES, Translator, language_of
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
    hosting,
    measuring,
    overview,
    planning,
    replenishment,
    serving,
    sharing,
    tiering,
    workspaces,
)
from pages.shared import assumed, navigation, opened, seats
from pages.shared.opened import sample as _sample_store
from pages.shared.seats import Seat, Stool

# To collect garbage means to walk through all there is, and the imported libraries are most of it.
# What is imported by now never becomes garbage, so it is set aside.
gc.collect()
gc.freeze()
atexit.register(gc.unfreeze)  # so that extension modules can tidy up when the process ends

LANGUAGES = {name: language for language, name in NAMES.items()}

_FRESH = 1.0  # seconds that an answer who is here holds within a run
_ROOM, _GUEST_OF = "room", "guest_of"  # what a visit is bound to: the one or the other

kept = opened.kept

_P = ParamSpec("_P")
_T = TypeVar("_T")


class _Shown(NamedTuple):
    """What a run shows: asked once, for every question to the database takes its milliseconds.

    The workspace itself is not held: a tab that nobody looks at must not keep its file open.
    """

    version: str
    is_sample: bool


def begin() -> Translator:
    """Open or go on with a visit; called by the frame alone, before anything is drawn."""
    if "link_problems" not in st.session_state:  # once: the first widget drops what it cannot use
        _, problems = Scenario.salvage(st.query_params.to_dict())
        keep(link_problems=problems, link_version=st.query_params.get("data_version", ""))
    if guest() is None:
        _settle_in()
    return translator()


def run(page: Page) -> None:
    """Let a page run within the frame."""
    st.session_state["framed"] = True
    page.run()


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
    st.session_state["workspace"] = _Shown(chosen.version, is_sample)


def open_shared(share: sharing.Share) -> None:
    """Let a guest's run work on what the link shows, and on nothing that could be changed."""
    lent = _sample_store() if share.is_sample else own_store()
    st.session_state["workspace"] = _Shown(lent.version, share.is_sample)


# Who is here, and in which room


def look() -> Seat | None:
    """Look up who is here and what they may.

    None for a guest, for a visit that has ended or has no such room, and for one that began as
    another's: it is of the room, or of the link, of its first run, whatever cookies come later.
    """
    carried = _carried()
    found, lent = (_found_seat(), None) if guest() is None else (None, _found_stool())
    keep(seat=found, stool=lent, looked_for=carried, looked_at=time.monotonic())
    return found


def look_at_link() -> sharing.Share | None:
    """Look up which link the visit came by; None if it is not open, or not this visit's."""
    look()
    found = cast("Stool | None", st.session_state["stool"])
    return None if found is None else found.share


def _found_seat() -> Seat | None:
    hosted = hosting.settings()
    visitor = hosting.visitor(hosted, _cookie(serving.SESSION), datetime.now(UTC))
    if visitor is None or _GUEST_OF in st.session_state:
        return None
    rooms = hosting.rooms_of(hosted, visitor)
    if _ROOM not in st.session_state and rooms:
        st.session_state[_ROOM] = _first_room([room.workspace_id for room, _ in rooms])
    return seats.by_session(hosted, visitor, rooms, st.session_state.get(_ROOM, ""))


def _found_stool() -> Stool | None:
    found = seats.by_link(hosting.settings(), guest() or "")
    if found is None or _ROOM in st.session_state:
        return None
    if _GUEST_OF not in st.session_state:
        st.session_state[_GUEST_OF] = found.place
    return found if st.session_state[_GUEST_OF] == found.place else None


def has_begun() -> bool:
    """Return whether this visit was let in once."""
    return _ROOM in st.session_state or _GUEST_OF in st.session_state


def _first_room(granted: list[str]) -> str:
    """Return the room that the address asks for; the first one if it is not open to the visitor."""
    asked = st.query_params.get("room", "")
    st.session_state["room_refused"] = bool(asked) and asked not in granted
    return asked if asked in granted else granted[0]


def seat() -> Seat:
    """Return who of the team is here and where.

    Raises
    ------
    NotAllowedError
        The visit has ended, or is a guest's: nothing can be asked, and nothing done.
    """
    return cast("Seat", _taken("seat"))


def _taken(kind: str) -> Seat | Stool:
    """Return what was looked up a moment ago for what the browser carries now, else look."""
    is_fresh = time.monotonic() - st.session_state.get("looked_at", -_FRESH) < _FRESH
    if not is_fresh or st.session_state.get("looked_for") != _carried():
        look()
    found = cast("Seat | Stool | None", st.session_state[kind])
    if found is None:
        raise NotAllowedError(role="viewer")
    return found


def _carried() -> tuple[str, str]:
    return _cookie(serving.SESSION), _cookie(sharing.COOKIE)


def may(role: str) -> bool:
    """Return whether this visit may what takes a role; a guest may nothing."""
    return guest() is None and reaches(seat().role, role)


def need(role: str) -> None:
    """Refuse what takes a role, unless this visit has it: for what is done to no workspace.

    Raises
    ------
    NotAllowedError
        It has not.
    """
    if not may(role):
        raise NotAllowedError(role=role)


def reads_only() -> bool:
    """Return whether nothing can be changed here: by nobody, or not by this visitor."""
    return shows_sample() or not may("editor")


def who() -> str:
    """Return what the visitor is called, as histories name them."""
    return seat().visitor.name


def is_signed_in() -> bool:
    """Return whether the visitor said at the door who they are."""
    return not hosting.settings().is_open


enter, send_to = navigation.enter, navigation.send_to


def _settle_in() -> None:
    """Look who is here, and say in the address which room this is."""
    found = look()
    if found is not None and len(found.rooms) > 1:
        st.query_params["room"] = found.room.workspace_id


def _cookie(name: str) -> str:
    found = st.context.cookies.get(name)
    return found if isinstance(found, str) else ""  # without a browser it is neither


def guest() -> str | None:
    """Return what a browser carries that came by a link; None for one of the team's.

    Whoever carries it is a guest, here as at the guard: also one of the team, until they leave.
    """
    return _cookie(sharing.COOKIE) or None


# Workspaces


class _OwnStore:
    """The room's workspace, as this visit may use it: a guest and a viewer get one that reads."""

    def __call__(self) -> workspaces.Store:
        """Return it; whatever is done with it is done, and recorded, under the visitor's name."""
        hosted = hosting.settings()
        if guest() is not None:
            room_id = cast("Stool", _taken("stool")).room_id
            return opened.lent(opened.own(hosted, room_id, str(hosted.home)))
        here = seat()
        room_id = here.room.workspace_id
        return opened.own(hosted, room_id, str(hosted.home)).acting_for(here.actor)

    def clear(self) -> None:
        """Forget all that are open, so that the next visit opens others."""
        opened.own.clear()
        opened.lent.clear()
        for name in ("looked_at", _ROOM, _GUEST_OF):
            st.session_state.pop(name, None)


own_store = _OwnStore()


def _wants_sample() -> bool:
    return bool(st.session_state.get("sample", st.query_params.get("sample") == "true"))


def store() -> workspaces.Store:
    """Return the workspace whose numbers are shown; also the sample is for who may be here."""
    if not shows_sample():
        return own_store()
    is_lent = guest() is not None
    _taken("stool" if is_lent else "seat")
    return opened.lent(_sample_store()) if is_lent else _sample_store()


def _shown() -> _Shown:
    return cast("_Shown", st.session_state["workspace"])


def version() -> str:
    """Return the data version that this run shows."""
    return _shown().version


def shows_sample() -> bool:
    """Return whether the numbers are the sample seller's."""
    return _shown().is_sample


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
