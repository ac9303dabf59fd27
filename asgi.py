"""The server's door: the pages of ``app.py``, behind our middleware. Run by ``leeway serve``."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route

from analytics import upkeep, web
from analytics.errors import AnalyticsError
from analytics.i18n import Translator, language_of
from analytics.services import backups, serving, sharing, workspaces

_log = logging.getLogger("leeway")


def _explain(error: Exception) -> bool:
    """Log a bug in full and show the visitor one sentence with the reference to it."""
    reference = secrets.token_hex(4)
    _log.error("Unexpected error %s", reference, exc_info=error)
    t = Translator(language_of(st.context.locale))
    st.error(t("error.unexpected", reference=reference), icon=":material/error:")
    return True


@asynccontextmanager
async def _holding_the_workspace(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Keep the workspace open from the first second, so that no second process slips in.

    While it is open, a copy of it is taken every night, and the day's message goes out if the team
    asked for one.
    """
    held: AbstractContextManager[object] = nullcontext()
    try:
        held = workspaces.open_own()
    except AnalyticsError as problem:  # the pages say so; the server stays up to say it
        _log.warning("%s", problem)
    watches = (backups.Nightly(), upkeep.Daily())
    for watch in watches:
        watch.start()
    with held:
        try:
            yield {}
        finally:
            for watch in watches:
                await asyncio.to_thread(watch.stop)


def _enter(token: str) -> str | None:
    with workspaces.open_own() as store:
        return sharing.enter(store, token)


def _leave(secret: str) -> None:
    with workspaces.open_own() as store:
        sharing.leave(store, secret)


app = st.App(
    "app.py",
    lifespan=_holding_the_workspace,
    routes=[
        Route("/healthz", web.health(workspaces.answers)),
        *web.links(
            _enter,
            _leave,
            base=serving.base_path(st.get_option("server.baseUrlPath")),
            is_served=serving.is_loopback(st.get_option("server.address")),
        ),
    ],
    middleware=[Middleware(web.Headers), Middleware(web.Guests)],
    on_script_error=_explain,
)
