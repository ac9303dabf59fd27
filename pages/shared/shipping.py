"""What goes into the next container: what is asked, what is found, and what each limit is worth."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from analytics.charts import shipments as charts
from analytics.i18n import Translator
from analytics.services import shipments
from analytics.services.containers import BOUNDS, CONTAINERS, LOOSE, Request
from analytics.services.shipments import Shipment
from pages.shared import deciding_orders, plain, render, session

_LINES = {
    "sku": "text", "market": "text", "name": "text", "supplier": "text", "cartons": "number",
    "order_quantity": "number", "volume_m3": "decimal", "weight_kg": "number",
    "base_value": "number", "earns": "number", "inventory_position": "number",
    "days_covered": "number", "units_at_risk": "number", "expected_on": "date",
}  # fmt: skip
_RANKED = {
    "place": "number", "sku": "text", "name": "text", "cartons": "number",
    "order_quantity": "number", "base_value": "number", "volume_m3": "decimal",
    "weight_kg": "number", "earns": "number", "earning_rate": "decimal", "spent": "number",
    "earned": "number", "bought": "text",
}  # fmt: skip
_LEFT = {"sku": "text", "market": "text", "name": "text", "reason": "text"}

_built = session.kept(shipments.build)
_choices = session.kept(shipments.choices)


def show(t: Translator) -> None:
    """Draw what is asked of a shipment, and the shipment."""
    scenario = session.scenario()
    offered: shipments.Choices = _choices(session.store(), session.version(), scenario.as_of)
    request = _request(t, offered)
    found: Shipment = _built(session.store(), session.version(), scenario, request)
    _figures(t, found)
    if len(found.limits):
        render.chart(t, charts.fill, "fill", limits=found.limits)
    _prices(t, found)
    if found.lines.empty:
        st.info(t("shipment.nothing"), icon=":material/inbox:")
    else:
        render.chart(t, charts.purchase_list, "purchase_list", ranked=found.ranked, cut=found.cut)
        render.reading(t("shipment.reading"))
        render.table(t, found.lines, _LINES, "leeway-shipment")
    _list(t, found)
    _left_out(t, found)
    if len(found.lines):
        name = f"shipment_{request.market}_{request.route}"
        deciding_orders.form(t, found.lines.to_dict("records"), key=name)


def _request(t: Translator, offered: shipments.Choices) -> Request:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        market = st.selectbox(t("column.market"), [*offered.routes], key="ship_market", width=130)
        route = st.selectbox(
            t("column.route"),
            offered.routes[market],
            format_func=lambda code: t(f"route.{code}") if t.has(f"route.{code}") else code,
            key="ship_route",
            width=150,
        )
        container = st.segmented_control(
            t("shipment.container"),
            CONTAINERS,
            default="20",
            format_func=lambda code: t(f"container.{code}"),
            key="ship_container",
            required=True,
        )
        cash = st.number_input(
            t("shipment.cash", currency=offered.currency),
            *BOUNDS["cash"],
            offered.cash,
            1000.0,
            "%.0f",
            key="ship_cash",
            placeholder=t("shipment.no_limit"),
            help=t("shipment.cash_help"),
            width=200,
        )
    asked = Request(market=market, route=route, container=container, cash=cash)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        room = _loose(t) if container == LOOSE else _box(t)
        return replace(asked, **room, interval_days=_interval(t))


def _box(t: Translator) -> dict[str, Any]:
    low, high = BOUNDS["count"]
    count = st.number_input(
        t("shipment.count"), int(low), int(high), 1, key="ship_count", width=150
    )
    low, high = BOUNDS["fill_pct"]
    share = st.number_input(
        t("shipment.fill_pct"),
        low,
        high,
        high,
        5.0,
        "%.0f",
        key="ship_fill",
        help=t("shipment.fill_pct_help"),
        width=170,
    )
    return {"count": count, "fill_pct": share}


def _loose(t: Translator) -> dict[str, Any]:
    return {
        name: st.number_input(
            t(f"shipment.{name}"),
            *BOUNDS[name],
            None,
            1.0,
            "%.1f",
            key=f"ship_{name}",
            placeholder=t("shipment.no_limit"),
            width=170,
        )
        for name in ("volume_m3", "weight_kg")
    }


def _interval(t: Translator) -> int:
    low, high = BOUNDS["interval_days"]
    return st.number_input(
        t("shipment.interval"),
        int(low),
        int(high),
        Request(market="").interval_days,
        key="ship_interval",
        help=t("shipment.interval_help"),
        width=200,
    )


def _figures(t: Translator, found: Shipment) -> None:
    used = {row["limit"]: row for row in found.limits.to_dict("records")}
    goods = float(found.lines["base_value"].sum())
    cartons = int(found.lines["cartons"].sum())
    entries = [
        (t("shipment.earns"), t.money(found.value, found.currency), t("shipment.earns_help")),
        (t("shipment.goods"), t.money(goods, found.currency), t("shipment.goods_help")),
        (t("column.cartons"), t.number(cartons), t("shipment.cartons_help")),
    ]
    if "volume" in used:
        room = used["volume"]
        amounts = {name: t.number(room[name], 1) for name in ("used", "cap")}
        help_ = t("shipment.used_help", **amounts)
        entries.append((t("shipment.volume_used"), t.percent(room["share"], 0), help_))
    entries.append((t("shipment.late"), t.number(found.unsaved), t("shipment.late_help")))
    render.figures(entries)


def _prices(t: Translator, found: Shipment) -> None:
    """Say what more of each limit would earn, and whether another container pays."""
    sentences = [_price(t, found, row) for row in found.limits.to_dict("records")]
    sentences += [*_container(t, found), *_suppliers(t, found)]
    if sentences:
        render.section(t("shipment.prices"), t("shipment.prices_help"))
        st.markdown("\n".join(f"* {sentence}" for sentence in sentences))


def _price(t: Translator, found: Shipment, row: Mapping[Any, Any]) -> str:
    limit = str(row["limit"])
    facts = {
        "step": t.number(row["step"]),
        "earns": t.money(row["step_earns"], found.currency),
        "left": t.number(row["cap"] - row["used"], 1 if limit == "volume" else 0),
        "currency": found.currency,
    }
    if row["step_earns"] > 0:
        return t(f"shipment.price_{limit}", **facts)
    return t(f"shipment.slack_{limit}", **facts)


def _container(t: Translator, found: Shipment) -> list[str]:
    asked, more = found.request, found.upgrade
    if more is None or found.lines.empty:
        return []
    said = []
    now, next_ = t(f"container.{asked.container}"), t(f"container.{more.container}")
    next_ = next_ if more.count == 1 else f"{more.count} × {next_}"
    facts = {
        "container": next_,
        "now": now if asked.count == 1 else f"{asked.count} × {now}",
        "earns": t.money(more.earns, found.currency),
        "costs": t.money(more.costs, found.currency),
        "value": t.money(found.value, found.currency),
        "cost": t.money(found.cost, found.currency),
        "net": t.money(found.value - found.cost, found.currency),
    }
    said.append(t("shipment.freight_open" if math.isnan(found.cost) else "shipment.net", **facts))
    if found.fits and (found.fits != asked.container or asked.count > 1):
        said.append(t("shipment.fits", fits=t(f"container.{found.fits}"), **facts))
    if more.earns <= 0:
        said.append(t("shipment.upgrade_nothing", **facts))
    elif math.isnan(more.costs):
        said.append(t("shipment.upgrade_open", **facts))
    else:
        pays = "shipment.upgrade_pays" if more.earns > more.costs else "shipment.upgrade_not"
        said.append(t(pays, **facts))
    return said


def _suppliers(t: Translator, found: Shipment) -> list[str]:
    said = []
    for code, names in (("refused", found.refused), ("short_of_units", found.short_of_units)):
        if names:
            listed = t("format.list").join(plain.literal(name or "–") for name in names)
            said.append(t(f"shipment.{code}", suppliers=listed))
    return said


def _list(t: Translator, found: Shipment) -> None:
    if found.ranked.empty:
        return
    with st.expander(t("shipment.list"), icon=":material/format_list_numbered:"):
        st.caption(t("shipment.list_help"))
        codes = found.ranked["is_bought"].map({True: "true", False: "false"})
        shown = found.ranked.assign(bought=codes)
        render.table(t, shown, _RANKED, "leeway-purchase-list", codes={"bought": "bought"})


def _left_out(t: Translator, found: Shipment) -> None:
    if found.left_out.empty:
        return
    label = t("shipment.left_out", items=t.number(len(found.left_out)))
    with st.expander(label, icon=":material/info:"):
        st.caption(t("shipment.left_out_help"))
        render.table(t, found.left_out, _LEFT, "leeway-left-out", codes={"reason": "left_out"})
