"""The server's door: the pages of ``app.py``, behind our middleware. Run by ``leeway serve``."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.routing import Route
from streamlit.proto.AuthRedirect_pb2 import AuthRedirect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime

from analytics import logs, upkeep, web
from analytics.errors import AnalyticsError
from analytics.i18n import Translator, language_of
from analytics.services import hosting, serving, wellbeing, workspaces
from analytics.services.host_settings import refuse_unsafe
from pages.shared import leaving, plain, wire

logs.set_up()
_log = logging.getLogger("leeway")


def _explain(error: Exception) -> bool:
    """Say what was refused; log a bug in full and show one sentence with the reference to it."""
    t = Translator(language_of(st.context.locale))
    if isinstance(error, AnalyticsError):  # what a widget's callback was refused
        st.error(plain.sentence(t, error), icon=":material/error:")
        return True
    reference = secrets.token_hex(4)
    _log.error("Unexpected error", extra={"reference": reference}, exc_info=error)
    st.error(t("error.unexpected", reference=reference), icon=":material/error:")
    return True


@asynccontextmanager
async def _holding_the_workspace(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Keep the workspace open from the first second, so that no second process slips in.

    While it is open, every workspace of the host is copied each night, and each team that asked for
    one gets the day's message.
    """
    logs.set_up()  # again: the server adds its own while it starts
    held: AbstractContextManager[object] = nullcontext()
    try:
        held = workspaces.open_own()
    except AnalyticsError as problem:  # the pages say so; the server stays up to say it
        _log.warning("%s", problem)
    watches = upkeep.watches(_hosting)
    for watch in watches:
        watch.start()
    tidying = asyncio.create_task(leaving.tidy())
    with held:
        try:
            yield {}
        finally:
            tidying.cancel()
            for watch in watches:
                await asyncio.to_thread(watch.stop)
            hosting.close(_hosting)


def _held() -> dict[str, int]:
    """Return how many bytes of uploads are in memory, by the tab that sent them."""
    if not Runtime.exists():
        return {}
    kept: Any = Runtime.instance().uploaded_file_mgr  # in memory: a mapping by tab and file
    return {
        tab: sum(len(file.data) for file in list(files.values()))
        for tab, files in list(kept.file_storage.items())
    }


_hosting = hosting.settings()
_address = st.get_option("server.address")
refuse_unsafe(_hosting, _address)  # whoever started this without `leeway serve`
_base = serving.base_path(st.get_option("server.baseUrlPath"))
_page = Path(st.__file__).with_name("static").joinpath("index.html").read_text("utf-8")
_farewell = ForwardMsg(auth_redirect=AuthRedirect(url=f"{_base}/"))  # the door decides on the rest
_health = web.health(partial(wellbeing.ailment, _hosting))

app = st.App(
    "app.py",
    lifespan=_holding_the_workspace,
    routes=[
        *(Route(path, _health) for path in dict.fromkeys(("/healthz", f"{_base}/healthz"))),
        *web.doors(_hosting, base=_base),
        *web.links(
            partial(hosting.enter_link, _hosting),
            partial(hosting.leave_link, _hosting),
            base=_base,
            is_served=not _hosting.is_open or serving.is_loopback(_address),
            is_secure=_hosting.public_url.startswith("https:"),
        ),
    ],
    middleware=web.stack(
        _hosting,
        base=_base,
        page=_page,
        farewell=_farewell.SerializeToString(),
        told=wire.told,
        asked=wire.asked,
        held=_held,
    ),
    on_script_error=_explain,
)
