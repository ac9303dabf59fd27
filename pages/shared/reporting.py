"""Buttons that hand out a report of the delay lab; nothing is made before one is pressed."""

from collections.abc import Callable

import streamlit as st

from analytics import reporting
from analytics.i18n import Translator
from analytics.services import delays, workspaces
from analytics.services.delays import Impact, ItemImpact
from pages.shared import handing, session

_NAME = "leeway-delays"


def buttons(
    t: Translator,
    impact: Impact,
    *,
    made_on: str = "",
    name: str = "",
    item: ItemImpact | None = None,
) -> None:
    """Draw the downloads of a report: one page of HTML, and a workbook.

    Parameters
    ----------
    t : Translator
        The reader's words, and the report's.
    impact : Impact
        What is reported; without its columns of money no amount is in the files.
    made_on : str
        The data version of a frozen answer: then nothing is asked of today's data. Empty = the
        answer is that of the data that the page shows.
    name : str
        Of the scenario, if it has one.
    item : ItemImpact, optional
        The item that a frozen answer holds, to draw its days; else the one that loses most is.
    """
    made = reporting.Made(
        version=made_on or session.version(), name=name, is_sample=session.shows_sample()
    )
    store = None if made_on else session.store()
    with st.container(horizontal=True):
        _button(
            t("report.html"),
            lambda: _page(t, impact, made, item, store),
            f"{_NAME}.html",
            "text/html",
            help_text=t("report.help"),
        )
        _button(t("report.xlsx"), lambda: reporting.delay_xlsx(t, impact, made), f"{_NAME}.xlsx")


def _button(
    label: str,
    content: Callable[[], bytes],
    file: str,
    kind: str | None = None,
    help_text: str | None = None,
) -> None:
    st.download_button(
        label,
        handing.noted(content, file),
        file,
        kind,
        key=f"report_{file}",
        icon=":material/download:",
        on_click="ignore",
        help=help_text,
    )


def _page(
    t: Translator,
    impact: Impact,
    made: reporting.Made,
    item: ItemImpact | None,
    store: workspaces.Store | None,
) -> bytes:
    """Return the page; it runs outside the visit, from which nothing may be read."""
    drawn = item if store is None else _worst(store, impact)
    return reporting.delay_html(t, impact, made, drawn).encode()


def _worst(store: workspaces.Store, impact: Impact) -> ItemImpact | None:
    """Return the days of the item that loses most, if any does."""
    found = reporting.worst(impact.lines)
    if found is None:
        return None
    return delays.item(store, impact.scenario, *found, money="currency" in impact.lines)
