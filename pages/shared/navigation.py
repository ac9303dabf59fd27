"""The menu: which pages exist, in which order, and which of them answer to a scenario."""

import streamlit as st
from streamlit.navigation.page import Page

from analytics.i18n import Translator

# file, icon; the first is the one that "/" opens
_PAGES = (
    ("overview", ":material/space_dashboard:"),
    ("replenish", ":material/shopping_cart:"),
    ("delays", ":material/directions_boat:"),
    ("forecast", ":material/trending_up:"),
    ("safety_stock", ":material/shield:"),
    ("tiers", ":material/stacks:"),
    ("clearance", ":material/sell:"),
    ("review", ":material/history:"),
    ("import", ":material/upload_file:"),
    ("settings", ":material/settings:"),
)
_WITH_SCENARIO = frozenset({"replenish", "delays", "forecast", "safety_stock"})
_WITHOUT_NUMBERS = frozenset({"import", "settings"})


def menu(t: Translator) -> Page:
    """Draw the menu and return the page that the address asks for."""
    return st.navigation(
        [
            st.Page(
                f"pages/{name}.py",
                title=t(f"page.{name}"),
                icon=icon,
                help=t(f"page.{name}_help"),
                default=name == _PAGES[0][0],
            )
            for name, icon in _PAGES
        ],
        position="top",
    )


def visit(t: Translator) -> Page:
    """Return the one page that a guest has, whatever address was asked for."""
    return st.navigation([st.Page("pages/visit.py", title=t("app.name"))], position="hidden")


def declare() -> None:
    """Tell Streamlit that the menu is ours, without drawing it (an icon would be fetched)."""
    st.navigation([st.Page(f"pages/{name}.py") for name, _ in _PAGES], position="hidden")


def uses_scenario(page: Page) -> bool:
    """Return whether the page's numbers move with the sliders."""
    return page.url_path in _WITH_SCENARIO


def shows_numbers(page: Page) -> bool:
    """Return whether the page's numbers are of a day."""
    return page.url_path not in _WITHOUT_NUMBERS


def question(t: Translator, page: Page) -> str:
    """Return the question that the page answers."""
    return t(f"page.{page.url_path or _PAGES[0][0]}_help")
