"""Widgets that return analytics values. The frame draws the scenario's, a page its item's."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date

import pandas as pd
import streamlit as st

from analytics.errors import NotADateError, OutOfBoundsError, UnknownItemError
from analytics.i18n import Translator, language_of
from analytics.scenario import Scenario
from analytics.services import planning, replenishment
from pages.shared import plain, session

# Where each slider rests; an assumption without a default of its own rests where the policy is.
_REST = {
    field.name: 95.0 if field.default is None else field.default
    for field in fields(Scenario)
    if field.name in Scenario.bounds()
}


def scenario(t: Translator) -> None:
    """Draw the assumptions in the side bar; `session.scenario` reads what they hold."""
    with st.sidebar:
        st.subheader(t("scenario.title"), anchor=False)
        for name in Scenario.bounds():
            if name != "service_level_pct" or _own_target(t):
                _slider(t, name)
        _as_of(t)
        st.button(
            t("scenario.reset"),
            on_click=_reset,
            disabled=session.scenario() == Scenario(),
            icon=":material/restart_alt:",
            width="stretch",
        )
        st.caption(t("scenario.note"))


def _slider(t: Translator, name: str) -> None:
    bounds = Scenario.bounds()[name]
    st.slider(
        t(f"scenario.{name}"),
        bounds.low,
        bounds.high,
        _REST[name],
        bounds.step,
        "%.1f" if isinstance(bounds.step, float) else None,
        key=name,
        bind="query-params",
        help=t(f"scenario.{name}_help"),
    )


def _own_target(t: Translator) -> bool:
    """Draw the switch between each policy's service and one for all; a link with one turns it."""
    if "own_target" not in st.session_state and st.query_params.get("service_level_pct"):
        st.session_state["own_target"] = True
    return st.toggle(
        t("scenario.own_target"),
        key="own_target",
        bind="query-params",
        help=t("scenario.own_target_help"),
    )


def _as_of(t: Translator) -> None:
    first, last = session.period()
    _check_asked_day(first, last)
    session.follow_data_day(first, last)
    st.date_input(
        t("scenario.as_of"),
        last,
        first,
        last,
        key="as_of",
        bind="query-params",
        format="YYYY-MM-DD",
        help=t("scenario.as_of_help", last=t.date(last)),
    )


def _check_asked_day(first: date, last: date) -> None:
    """Report a link's day outside the data: the widget alone would fall back in silence."""
    if "as_of" in st.session_state or "as_of" not in st.query_params:
        return
    try:
        asked, _ = Scenario.salvage({"as_of": st.query_params["as_of"]})
    except NotADateError:
        return  # reported when the visit began
    if asked.as_of and not first <= asked.as_of <= last:
        problem = OutOfBoundsError(name="as_of", value=asked.as_of, low=first, high=last)
        session.report_link_problem(problem)


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


def _reset() -> None:
    for name, value in _REST.items():
        st.session_state[name] = value
    st.session_state["own_target"] = False
    st.session_state["as_of"] = session.data_day()


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
        st.sidebar.toggle(t("app.sample_switch"), key="sample", bind="query-params")


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
        session.report_link_problem(problem)
        st.warning(plain.sentence(t, problem), icon=":material/link_off:")
    label = st.selectbox(t("app.item"), options, key="item", bind="query-params", width=420)
    sku, _, market = label.rpartition(planning.ITEM_MARK)
    return sku, market
