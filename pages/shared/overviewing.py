"""The morning page: what today is like, what needs somebody, three pictures, the data."""

import math
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from analytics.charts import measures as measure_charts
from analytics.charts import overview as charts
from analytics.i18n import Translator
from analytics.services import overview as overviews
from analytics.services.overview import Against, Overview
from pages.shared import alerting, plain, render, session, working

if TYPE_CHECKING:
    from analytics import jobs

VIEWS = ("today", "measures", "alerts")
_MOST = 5  # alarms on the morning page: as many as a glance takes in
_EVEN = 0.005  # a bias that nobody would call one
_ICONS = {
    "missing": ":red[:material/error:]",
    "stale": ":orange[:material/schedule:]",
    "partial": ":orange[:material/rule:]",
    "fine": ":green[:material/check_circle:]",
}


def headline(t: Translator) -> None:
    """Draw what today is like in one line, and the way to the order board."""
    morning = session.morning()
    with st.container(key="headline"):
        st.markdown(f"#### {_today(t, morning)}")


def _today(t: Translator, morning: Overview) -> str:
    facts = morning.facts
    if facts["items"] and facts["stock_unknown"] == facts["items"]:
        return t("overview.no_stock")
    if not (facts["out"] or facts["too_late"] or facts["order_now"]):
        return t("overview.calm")
    numbers = {name: f"**{t.number(facts[name])}**" for name in ("out", "too_late", "order_now")}
    for name in ("out", "too_late"):
        if facts[name]:
            numbers[name] = f":red[{numbers[name]}]"
    worth = ""
    if facts["order_value"] > 0:
        worth = t("overview.worth", value=t.money(facts["order_value"], morning.currency))
    return t("overview.today", **numbers) + worth


def inbox(t: Translator) -> None:
    """Draw the alarms that cost most per day of waiting, and the ways on."""
    st.subheader(t("overview.inbox"), anchor=False, divider="gray")
    alerting.inbox(t, session.alerts(), most=_MOST)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            t("overview.all_alerts"),
            icon=":material/inbox:",
            on_click=partial(session.keep, view="alerts"),
        )
        label = t("overview.board")
        st.page_link("pages/replenish.py", label=label, icon=":material/shopping_cart:")


def alarms(t: Translator) -> None:
    """Draw every alarm, also those at rest, and what was done about them."""
    alerting.inbox(t, session.alerts(), most=None)
    alerting.history(t)


def pictures(t: Translator) -> None:
    """Draw what runs out when, how old the stock is, and whether the forecast was right."""
    for place, draw in zip(st.columns(3), (_runs_out, _ages, _against), strict=True):
        with place.container(border=True, height="stretch"):
            draw(t)


def _runs_out(t: Translator) -> None:
    morning = session.morning()
    st.markdown(f"**{t('overview.runs_out')}**")
    weeks = morning.runs_out
    labels = [
        t("overview.now") if step == 0 else f"{week:%m-%d}"
        for step, week in zip(weeks["step"], weeks["week"], strict=True)
    ]
    render.chart(t, charts.runs_out, "runs_out", weeks=weeks.assign(label=labels))
    if weeks.empty:
        return
    told = {name: t.number(morning.facts[name]) for name in ("lasting", "items")}
    text = t("overview.runs_out_reading", **told, weeks=t.number(overviews.WEEKS))
    if unknown := morning.facts["stock_unknown"]:
        text += t("overview.runs_out_unknown", unknown=t.number(unknown))
    render.reading(text)


def _ages(t: Translator) -> None:
    st.markdown(f"**{t('overview.ages')}**")
    found = session.measures()
    render.chart(t, measure_charts.ages, "ages", ages=found.cash_ages)
    old = overviews.aged(found.cash_ages)
    if math.isnan(old.share):
        return
    told = {"share": t.percent(old.share, 0), "value": t.money(old.value, found.currency)}
    text = t("overview.ages_reading", **told, days=t.number(overviews.AGED))
    if old.unknown > _EVEN:
        text += " " + t("overview.ages_unknown", share=t.percent(old.unknown, 0))
    render.reading(text)


def _against(t: Translator) -> None:
    st.markdown(f"**{t('overview.against')}**")
    found = _looked_back(t)
    if found is None:
        return
    weeks = found.weeks.melt("week", ["actual", "forecast"], "series", "units")
    render.chart(t, charts.against, "against", weeks=weeks)
    if len(weeks):
        ahead = t.number(found.facts["ahead"])
        st.caption(_how_right(t, found), help=t("overview.against_help", ahead=ahead))


def _looked_back(t: Translator) -> Against | None:
    """Return forecast against actual; while it is worked out, draw how far that is.

    Nothing waits for it, for the rest of the page is what somebody came for.
    """
    store = session.store()
    if overviews.is_judged(store):
        return overviews.against(store)
    key = (session.version(), "against")
    if session.get("against_key") != key:
        work = partial(overviews.against, store)
        working.begin("against", key, work, t("overview.against"))
    job: jobs.Job[Against] | None = session.get("against_job")
    if job is not None and not job.is_done:
        working.watch(t, "overview.judging", job)
        return None
    found: Against | None = working.outcome(t, "against", key, "overview.judging")
    return found


def _how_right(t: Translator, found: Against) -> str:
    facts = found.facts
    bias = facts["bias"]
    code = "too_low" if bias < 0 else "too_high"
    if math.isnan(bias) or abs(bias) < _EVEN:
        code = "spot_on"
    said = t(f"overview.{code}", share=t.percent(abs(bias)))
    told = {"off": t.percent(facts["off"]), "horizon": t.number(facts["horizon"])}
    return t("overview.against_reading", bias=said, **told)


def data(t: Translator) -> None:
    """Draw what data are missing or stale, one line each, and the way to bring them."""
    tables = session.morning().freshness
    bad = tables.loc[tables["state"] != "fine"]
    if len(bad):
        render.section(t("overview.data"), t("overview.data_help"))
    for row in bad.to_dict("records"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{_ICONS[row['state']]} {_said(t, row)}", width="stretch")
            st.page_link("pages/import.py", label=t("overview.import"))
    fine = tables.loc[tables["state"] == "fine"]
    if len(fine):
        code = "data_fine" if len(bad) else "data_all_fine"
        names = t("overview.between").join(_named(t, row) for row in fine.to_dict("records"))
        st.markdown(f"{_ICONS['fine']} {t(f'overview.{code}', tables=names)}")


def _said(t: Translator, row: Mapping[Any, Any]) -> str:
    facts = {
        "market": plain.literal(str(row["market"])),
        "day": t.date(row["last_on"]),
        "days": t.number(row["days_old"]),
        "items": t.number(row["items"]),
    }
    table, state = row["table"], row["state"]
    return f"**{t(f'kind.{table}')}** · {t(f'freshness.{table}_{state}', **facts)}"


def _named(t: Translator, row: Mapping[Any, Any]) -> str:
    name = t(f"kind.{row['table']}")
    last = row["last_on"]
    if not isinstance(last, pd.Timestamp):
        return name
    return t("overview.fine_on", table=name, day=t.date(last))
