"""One line of the order board, opened."""

import math
from collections.abc import Mapping

import streamlit as st

from analytics import words
from analytics.charts import replenishment as charts
from analytics.i18n import MISSING, Translator
from analytics.services import ordering
from analytics.services.ordering import Detail
from pages.shared import plain, render, session

_ROUTES = {
    "route": "text", "order_quantity": "number", "order_by": "date", "ship_by": "date",
    "arrives_on": "date", "lead_time_mean": "decimal", "lead_time_sd": "decimal",
    "units_at_risk": "number", "landed_value": "number", "freight": "decimal",
    "premium": "decimal", "break_even_premium": "decimal", "cost_per_unit": "decimal",
}  # fmt: skip
_OPTIONS = {
    "option": "text", "slow_units": "number", "fast_units": "number", "saved_units": "decimal",
    "extra_freight": "number", "saved_margin": "number", "earns": "number",
}  # fmt: skip
_PLACES = {"stock_place": "text", "stands": "number"}
_MONEY = frozenset({"premium", "break_even", "earns", "cost", "other_cost", "more", "less"})
_FLOWN = ("split", "fast", "top_up")
_SMALL = 1000  # amounts of money below are said with two decimals
_CODES = {
    "slow": "route", "fast": "route", "other": "route", "route": "route", "alert": "alert",
    "service_measure": "measure", "method": "method", "order_policy": "order",
    "lead_time_source": "lead_time_source", "tier": "tier", "measure": "measure",
    "order": "order", "trigger": "trigger", "service_source": "target", "proposed": "tier",
}  # fmt: skip
_NAMES = ("sku", "market", "name")

_detail = session.kept(ordering.detail)


def detail(t: Translator, line: Mapping[str, object]) -> None:
    """Draw what stands behind a line: stock ahead, routes, rules, places, and the arithmetic."""
    sku, market = str(line["sku"]), str(line["market"])
    found: Detail = _detail(session.store(), session.version(), session.scenario(), sku, market)
    title = " · ".join(plain.literal(text) for text in (sku, market, found.name))
    render.section(title, t("replenish.course_help"))
    render.chart(
        t, charts.stock, "stock", course=found.course, spans=found.spans, arrivals=found.arrivals
    )
    if len(found.course):
        render.reading(t("replenish.course_reading"))
    _how(t, line)
    _routes(t, found)
    left, right = st.columns(2)
    with left:
        _rules(t, found)
    with right:
        _places(t, found)


def _how(t: Translator, line: Mapping[str, object]) -> None:
    """Draw how the line's numbers come about."""
    safe = {name: plain.literal(str(line[name])) for name in _NAMES}
    facts = words.facts(t, {**line, **safe}, _CODES)
    with st.expander(t("app.how"), icon=":material/calculate:"):
        st.markdown(t("explain.plan_line", **facts))


def _routes(t: Translator, found: Detail) -> None:
    """Draw the routes side by side: what to do today, and what costs least in a year."""
    told = {"currency": found.currency or MISSING}
    render.section(t("replenish.routes"), t("replenish.routes_help", **told))
    code, facts = found.advice
    st.markdown(t(f"route_advice.{code}", **_said(t, facts, found.currency)))
    if found.moved > 0 and code in _FLOWN:
        st.markdown(t("replenish.fly_local", transfer_quantity=t.number(found.moved)))
    render.table(t, found.routes, _ROUTES, "leeway-routes", codes={"route": "route"})
    code, facts = found.steady
    if t.has(f"route_year.{code}"):
        st.markdown(t(f"route_year.{code}", **_said(t, facts, found.currency)))
    if len(found.options):
        with st.expander(t("replenish.options_how"), icon=":material/compare_arrows:"):
            st.markdown(t("replenish.options_text", **_said(t, found.advice[1], found.currency)))
            codes = {"option": "flying"}
            render.table(t, found.options, _OPTIONS, "leeway-route-options", codes=codes)


def _said(t: Translator, facts: Mapping[str, object], currency: str) -> dict[str, str]:
    """Return facts in words, amounts of money with their currency."""
    amounts = {
        name: _amount(t, float(str(value)), currency)
        for name, value in facts.items()
        if name in _MONEY
    }
    return {**words.facts(t, facts, _CODES), **amounts}


def _amount(t: Translator, value: float, currency: str) -> str:
    return f"{currency} {t.number(value, 2 if abs(value) < _SMALL else 0)}".strip()


def _rules(t: Translator, found: Detail) -> None:
    """Draw the item's tier with what it rests on, and its policy."""
    st.markdown(f"**{t('replenish.rules')}**")
    rules, tier = words.facts(t, found.rules, _CODES), words.facts(t, found.tier, _CODES)
    cap = t("replenish.no_cap")
    if not math.isnan(float(str(found.rules["cap_weeks"]))):
        cap = t("replenish.cap", cap_weeks=rules["cap_weeks"])
    evidence = t(f"tier_reason.{found.tier['evidence']}", **tier)
    told = {**rules, "tier": tier["tier"], "evidence": evidence, "cap": cap}
    st.markdown(t("replenish.rules_text", **told))


def _places(t: Translator, found: Detail) -> None:
    """Draw where the item's units stand."""
    st.markdown(f"**{t('replenish.places')}**")
    shown = found.places.rename(columns={"place": "stock_place", "units": "stands"})
    codes = {"stock_place": "stock_place"}
    render.table(t, shown, _PLACES, "leeway-places", codes=codes)
