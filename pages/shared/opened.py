"""What this process holds for all visits: open workspaces, and answers about them."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import streamlit as st

from analytics.services import hosting, workspaces

_T = TypeVar("_T")

_MOST = 16  # that are open at a time; one that is in use meanwhile stays open until it is not


def _stands(store: workspaces.Store) -> bool:
    """Return whether a kept workspace is still there; one that came back is opened anew."""
    return not store.is_retired


@st.cache_resource(
    max_entries=_MOST,
    show_spinner=False,
    validate=_stands,
    on_release=workspaces.Store.close,
)
def own(_hosted: hosting.Hosting, room_id: str, home: str) -> workspaces.Store:  # noqa: ARG001 - a key
    """Return a room's workspace, as nobody in particular; see `session.own_store`."""
    return hosting.open_room(_hosted, room_id)


@st.cache_resource(
    max_entries=_MOST,
    show_spinner=False,
    validate=_stands,
    hash_funcs={workspaces.Store: lambda store: str(store.folder)},
    on_release=workspaces.Store.close,
)
def lent(store: workspaces.Store) -> workspaces.Store:
    """Return a workspace for guests, who can change nothing in it."""
    return store.as_reader()


@st.cache_resource(max_entries=1, show_spinner=False)
def sample() -> workspaces.Store:
    """Return the sample seller's workspace."""
    return workspaces.open_sample()


def kept(service: Callable[..., _T], max_entries: int = 64) -> Callable[..., _T]:
    """Return ``service`` with its answers kept: ``(store, data version, *its other arguments)``."""

    @wraps(service)  # Streamlit tells functions apart by name: without it services share answers
    def answer(_store: workspaces.Store, version: str, *args: object) -> _T:  # noqa: ARG001 - a key
        return service(_store, *args)

    del answer.__wrapped__  # Streamlit would read the service's signature in place of this one
    answer.__annotations__ = {}
    return st.cache_data(max_entries=max_entries, show_spinner=False)(answer)
