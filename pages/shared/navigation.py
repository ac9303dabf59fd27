"""The menu: which pages exist, in which order, and which of them answer to a scenario."""

from urllib.parse import urlencode

import streamlit as st
from streamlit.navigation.page import Page
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx

from analytics.i18n import Translator
from analytics.services import serving

# Files; the first is the one that "/" opens. They go by their words alone: with pictures beside
# them not all find room on a narrow screen, and the last ones would be put away.
_PAGES = (
    "overview", "replenish", "delays", "forecast", "safety_stock", "tiers", "clearance", "review",
    "import", "settings", "team",
)  # fmt: skip
_WITH_SCENARIO = frozenset({"replenish", "delays", "forecast", "safety_stock"})
_WITHOUT_NUMBERS = frozenset({"import", "settings", "team"})


def menu(t: Translator) -> Page:
    """Draw the menu and return the page that the address asks for."""
    return st.navigation(
        [
            st.Page(
                f"pages/{name}.py",
                title=t(f"page.{name}"),
                help=t(f"page.{name}_help"),
                default=name == _PAGES[0],
            )
            for name in _PAGES
        ],
        position="top",
    )


def visit(t: Translator) -> Page:
    """Return the one page that a guest has, whatever address was asked for."""
    return st.navigation([st.Page("pages/visit.py", title=t("app.name"))], position="hidden")


def declare() -> None:
    """Tell Streamlit that the menu is ours, without drawing it (an icon would be fetched)."""
    st.navigation([st.Page(f"pages/{name}.py") for name in _PAGES], position="hidden")


def uses_scenario(page: Page) -> bool:
    """Return whether the page's numbers move with the sliders."""
    return page.url_path in _WITH_SCENARIO


def shows_numbers(page: Page) -> bool:
    """Return whether the page's numbers are of a day."""
    return page.url_path not in _WITHOUT_NUMBERS


def question(t: Translator, page: Page) -> str:
    """Return the question that the page answers."""
    return t(f"page.{page.url_path or _PAGES[0]}_help")


def send_to(path: str) -> None:
    """Let the browser leave this page for another one of this server."""
    context = get_script_run_ctx()
    if context is not None:
        message = ForwardMsg()
        message.auth_redirect.url = serving.base_path(st.get_option("server.baseUrlPath")) + path
        context.enqueue(message)


def enter(room_id: str) -> None:
    """Go to another room: the app is opened anew, so that nothing of this one is left."""
    send_to(f"/?{urlencode({'room': room_id})}")
