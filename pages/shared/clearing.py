"""Clearance: what is stuck, what to do with each item, and one item in full."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from analytics import words
from analytics.charts import clearance as charts
from analytics.errors import AnalyticsError
from analytics.i18n import MISSING, Translator
from analytics.services import clearing
from analytics.services.clearing import Clearance, ItemClearance
from analytics.services.planning import ITEM_MARK
from pages.shared import plain, render, session

VIEWS = ("overview", "item", "assumptions")
_LINES = {
    "sku": "text", "market": "text", "name": "text", "option": "text", "keep_units": "number",
    "offer_price": "decimal", "discount": "percent", "clear_units": "number", "exit": "text",
    "transfer_market": "text", "act_by": "date", "gain": "number", "cash_soon": "number",
    "cash_released": "number", "reason": "wide", "status": "text", "on_hand": "number",
    "aged_units": "number", "oldest_days": "number", "age_unknown": "number",
    "age_fee_source": "text", "days_to_sell": "number", "price": "decimal",
    "price_floor": "decimal", "offer_price_local": "decimal", "price_currency": "text",
    "daily_sales": "decimal", "speed": "decimal", "speed_low": "decimal",
    "speed_high": "decimal", "elasticity": "decimal", "elasticity_source": "text",
    "break_even_elasticity": "decimal", "regret_low": "number", "regret_high": "number",
    "value_keep": "number", "value_discount": "number", "value_transfer": "number",
    "value_liquidate": "number", "value_scrap": "number", "value_keep_some": "number",
    "transfer_cost": "decimal", "book_value": "number", "book_loss": "number", "tier": "text",
    "category": "text", "supplier": "text",
}  # fmt: skip
_CODES = {
    "option": "clearance_option", "exit": "clearance_option", "status": "standstill",
    "tier": "tier", "reason": "clearance_reason", "elasticity_source": "clearance_source",
    "age_fee_source": "clearance_source",
}  # fmt: skip
_LAYERS = {"sku": "text", "market": "text", "age": "number", "units": "number"}
_WAYS = {"option": "text", "present_value": "number"}
_SPEEDS = {
    "speed_case": "text", "units_per_day": "decimal", "option": "text", "best": "number",
    "plan_value": "number", "regret": "number",
}  # fmt: skip
_OWN_LAYERS = {"age": "number", "received_on": "date", "units_left": "number"}
_FIGURES = ("gain", "cash_soon", "cash_released", "book_value", "book_loss")
_MOST = 200


def follow() -> None:
    """Go to the item that was chosen in the table, before anything is drawn."""
    asked = session.get("asked_stuck")
    if asked:
        session.keep(asked_stuck=None, view="item", stuck=asked)


def overview(t: Translator, found: Clearance) -> None:
    """Draw what clearing gains and by which items, how old stock is, and what to do with each."""
    if found.lines.empty:
        st.info(t("clearance.nothing_stuck"), icon=":material/inbox:")
        return
    st.markdown(f"##### {_headline(t, found)}", help=t("clearance.items_help"))
    _figures(t, found)
    left, right = st.columns(2)
    with left:
        render.section(t("clearance.gains"), t("clearance.gains_help"))
        gaining = charts.gains(found.lines)
        if len(gaining):
            render.chart(t, charts.ranking, "clearance_gains", items=gaining)
        else:
            st.info(t("empty.clearance_gains"), icon=":material/check:")
    with right:
        render.section(t("clearance.ages"), t("clearance.ages_help"))
        aged = charts.by_age(found.layers, found.lines)
        render.chart(t, charts.ages, "clearance_ages", ages=aged)
    _actions(t, found)
    render.notes(t, found.notes)


def _headline(t: Translator, found: Clearance) -> str:
    clears = found.lines.loc[~found.lines["option"].isin(["keep", ""])]
    key = "clearance.headline" if len(clears) else "clearance.headline_keep"
    return t(
        key,
        items=t.number(len(found.lines)),
        clears=t.number(len(clears)),
        gain=plain.literal(t.money(found.totals["gain"], found.currency)),
        rate=t.number(found.rate.annual_pct, 1).removesuffix(".0"),
        rate_source=t(f"clearance.rate_{found.rate.source}"),
    )


def _figures(t: Translator, found: Clearance) -> None:
    totals = found.totals
    entries = [
        (t("clearance.aged_units"), t.number(totals["aged_units"]), t("clearance.aged_units_help")),
        *(
            (t(f"clearance.{name}"), t.money(totals[name], found.currency),
             t(f"clearance.{name}_help"))
            for name in _FIGURES
        ),
    ]  # fmt: skip
    render.figures(entries)


def _actions(t: Translator, found: Clearance) -> None:
    """Draw every item with what to do about it; a chosen one leads to its own view."""
    currency = plain.literal(found.currency)
    render.section(t("clearance.actions"), t("clearance.actions_help", currency=currency))
    shown = _by_option(t, found.lines)
    shown = shown.assign(transfer_market=shown["transfer_market"].replace("", None))
    layers = found.layers[list(_LAYERS)].rename(columns={"units": "units_left"})
    chosen = render.table(
        t, shown, _LINES, "leeway-clearance", codes=_CODES, choose="clearance.open_item",
        most=_MOST,
        beside=lambda: {"leeway-layers": layers.rename(columns=render.labels(t, map(str, layers)))},
    )  # fmt: skip
    if chosen is not None:
        session.keep(asked_stuck=f"{chosen['sku']}{ITEM_MARK}{chosen['market']}")
        st.rerun()


def _by_option(t: Translator, lines: pd.DataFrame) -> pd.DataFrame:
    counts = lines["option"].value_counts()
    chosen = st.pills(
        t("column.option"),
        [option for option in clearing.OPTIONS if option in counts],
        format_func=lambda option: f"{t(f'clearance_option.{option}')} {t.number(counts[option])}",
        key="clearance_option",
        label_visibility="collapsed",
    )
    return lines if chosen is None else lines[lines["option"] == chosen]


def item(t: Translator, found: Clearance) -> None:
    """Draw one stuck item: the ways to go, discounts, layers, fees to come, other speeds."""
    lines = found.lines.loc[found.lines["option"] != ""]
    if lines.empty:
        st.info(t("clearance.nothing_stuck"), icon=":material/inbox:")
        return
    names = (lines["sku"] + ITEM_MARK + lines["market"]).tolist()
    if session.get("stuck") not in names:
        session.keep(stuck=names[0])
    label = str(st.selectbox(t("clearance.stuck_item"), names, key="stuck", width=420))
    sku, _, market = label.rpartition(ITEM_MARK)
    try:
        _opened(t, clearing.item(session.store(), sku, market))
    except AnalyticsError as problem:
        render.error(t, problem)


def _opened(t: Translator, own: ItemClearance) -> None:
    line = own.line
    render.subtitle(str(line["name"]))
    st.markdown(words.worded(t, pd.DataFrame([line]), _CODES)["reason"].iloc[0])
    _item_figures(t, own)
    render.section(t("clearance.discounts"), t("clearance.discounts_help", **_facts(t, line)))
    render.chart(t, charts.discounts, "clearance_discounts", curve=charts.by_way(own.curve))
    left, right = st.columns(2)
    with left:
        render.section(t("clearance.ways"), t("clearance.ways_help"))
        ways = own.options.rename(columns={"value": "present_value"})
        render.table(t, ways, _WAYS, "leeway-clearance-ways", codes=_CODES)
    with right:
        render.section(t("clearance.speeds"), t("clearance.speeds_help"))
        rows = own.regret.rename(columns={"speed": "speed_case", "value": "plan_value"})
        codes = {**_CODES, "speed_case": "clearance_speed"}
        render.table(t, rows, _SPEEDS, "leeway-clearance-speeds", codes=codes)
    _age(t, own)
    with st.expander(t("app.how"), icon=":material/calculate:"):
        st.markdown(t("clearance.how", **_facts(t, line)))


def _item_figures(t: Translator, own: ItemClearance) -> None:
    line, currency = own.line, own.currency

    def exact(amount: float) -> str:
        told = t.number(amount, 2)
        return told if told == MISSING else f"{currency} {told}"

    entries = [
        (t("column.on_hand"), t.number(line["on_hand"]), t("clearance.on_hand_help")),
        *(
            (t(f"column.{name}"), t.money(line[name], currency), t(f"clearance.{name}_help"))
            for name in ("gain", "cash_soon", "cash_released")
        ),
        (t("column.price_floor"), exact(line["price_floor"]), t("clearance.floor_help")),
        (
            t("column.break_even_elasticity"),
            t.number(line["break_even_elasticity"], 1),
            t("clearance.break_even_help", **_facts(t, line)),
        ),
    ]
    render.figures(entries)


def _facts(t: Translator, line: Mapping[str, Any]) -> dict[str, str]:
    """Return what the texts of an item name, as the reader writes it."""
    rate = session.clearance().rate
    return {
        "elasticity": t.number(line["elasticity"], 2),
        "elasticity_source": t(f"clearance_source.{line['elasticity_source']}"),
        "price_changes": t.number(line["price_changes"]),
        "at": t.percent(line["break_even_discount"], 0),
        "price": plain.literal(f"{line['currency']} {t.number(line['price'], 2)}"),
        "speed": t.number(line["speed"], 2),
        "storage_fee": plain.literal(f"{line['currency']} {t.number(line['storage_fee'], 3)}"),
        "rate": t.number(rate.annual_pct, 1).removesuffix(".0"),
    }


def _age(t: Translator, own: ItemClearance) -> None:
    left, right = st.columns(2)
    with left:
        render.section(t("clearance.layers"), t("clearance.layers_help"))
        known = own.layers.loc[own.layers["age"].notna()]
        render.chart(t, charts.layers, "clearance_layers", layers=known)
        rows = own.layers.rename(columns={"units": "units_left"})
        render.table(t, rows, _OWN_LAYERS, "leeway-clearance-layers")
    with right:
        render.section(t("clearance.charges"), t("clearance.charges_help"))
        is_known = own.line["age_fee_source"] != "unknown"
        if not is_known:
            st.warning(t("clearance.age_fee_unknown"), icon=":material/rule:")
        if own.charges["fee"].sum() > 0:
            render.chart(t, charts.charges, "clearance_charges", charges=own.charges)
        elif is_known:
            st.info(t("empty.clearance_charges"), icon=":material/check:")
