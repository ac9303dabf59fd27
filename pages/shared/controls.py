"""Widgets that return analytics values. The frame draws the scenario's, a page its item's."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analytics.errors import UnknownItemError
from analytics.i18n import Translator, language_of
from analytics.services import planning, replenishment
from pages.shared import assumption_bar, linking, plain, session


def scenario(t: Translator) -> None:
    """Draw the assumptions in the side bar; `session.scenario` reads what they hold."""
    assumption_bar.draw(t)


def by_status(t: Translator, lines: pd.DataFrame) -> pd.DataFrame:
    """Draw the choice among the statuses that occur; return the lines that have the chosen one."""
    counts = lines["status"].value_counts()
    chosen = st.pills(
        t("column.status"),
        [status for status in replenishment.STATUSES if status in counts],
        format_func=lambda status: f"{t(f'status.{status}')} {t.number(counts[status])}",
        key="status",
        label_visibility="collapsed",
    )
    return lines if chosen is None else lines[lines["status"] == chosen]


def language(t: Translator) -> None:
    """Draw the switch between the languages, each called by its own name."""
    names = list(session.LANGUAGES)
    greeted = language_of(st.context.locale)
    st.segmented_control(
        t("app.language"),
        names,
        default=next(name for name in names if session.LANGUAGES[name] == greeted),
        key="lang",
        bind="query-params",
        required=True,
        label_visibility="collapsed",
    )


def sample_switch(t: Translator) -> None:
    """Draw the switch to the sample seller for those who have data of their own."""
    if not session.own_store().is_empty:
        st.toggle(t("app.sample_switch"), key="sample", bind="query-params")


def view(t: Translator, views: Sequence[str]) -> str:
    """Draw the switch between the views of a page; return the one that is shown."""
    return st.segmented_control(
        t("app.view"),
        views,
        default=views[0],
        format_func=lambda name: t(f"view.{name}"),
        key="view",
        required=True,
        label_visibility="collapsed",
    )


def item(t: Translator) -> tuple[str, str]:
    """Draw the item picker; return the SKU and the market."""
    options = session.items()
    asked = st.query_params.get("item")
    if "item" not in st.session_state and asked and asked not in options:
        sku, _, market = asked.partition(planning.ITEM_MARK)
        problem = UnknownItemError(sku=sku, market=market or "–")
        linking.report(problem)
        st.warning(plain.sentence(t, problem), icon=":material/link_off:")
    label = st.selectbox(t("app.item"), options, key="item", bind="query-params", width=420)
    sku, _, market = label.rpartition(planning.ITEM_MARK)
    return sku, market
