"""The order board, and what it asks for in the next twelve weeks."""

import pandas as pd
import streamlit as st

from analytics.charts import replenishment as charts
from analytics.i18n import Translator
from analytics.services import orders_ahead, replenishment
from analytics.services.replenishment import Plan
from pages.shared import boarding, controls, deciding_orders, render, session

VIEWS = ("board", "suppliers", "shipment", "calendar", "decisions")
_COLUMNS = {
    "status": "text", "alert": "text", "sku": "text", "market": "text", "name": "text",
    "order_quantity": "number", "order_by": "date", "ship_by": "date", "arrives_on": "date",
    "cover_after_arrival": "number", "route": "text", "reason": "wide",
    "units_at_risk": "number", "stockout_on": "date", "transfer_quantity": "number",
    "replenish_quantity": "number", "tier": "text", "inventory_position": "number",
    "reorder_point": "number", "warning_line": "number", "safety_stock": "number",
    "order_up_to_level": "number", "service_level": "percent", "service_measure": "text",
    "demand_mean": "decimal", "lead_time_mean": "decimal", "order_value": "number",
    "currency": "text", "landed_value": "number", "supplier": "text", "on_hand": "number",
    "inbound": "number", "on_order": "number", "reserved": "number", "moq": "number",
    "carton_quantity": "number",
}  # fmt: skip
_CODES = {
    "status": "status", "alert": "alert", "route": "route", "reason": "reason", "tier": "tier",
    "service_measure": "measure",
}  # fmt: skip
_SKIPPED = {
    "sku": "text", "market": "text", "name": "text", "order_quantity": "number",
    "order_by": "date", "reason": "wide", "supplier": "text",
}  # fmt: skip
_ORDERS = {
    "order_by": "date", "ship_by": "date", "arrives_on": "date", "supplier": "text", "sku": "text",
    "market": "text", "name": "text", "route": "text", "order_quantity": "number",
    "base_value": "number", "deposit": "number", "balance": "number", "is_repeat": "text",
}  # fmt: skip
_SUPPLIERS = {
    "supplier": "text", "paid": "number", "orders": "number", "order_quantity": "number",
    "base_value": "number", "order_by": "date",
}  # fmt: skip
_PAYMENTS = {"paid_on": "date", "payment": "text", "supplier": "text", "value": "number"}

_ahead = session.kept(orders_ahead.orders_ahead)


def board(t: Translator) -> None:
    """Draw the board: figures, calendar, lines; a chosen one opens, several can be decided."""
    plan: Plan = session.plan(session.scenario())
    summary = replenishment.summary(plan)
    _figures(t, plan, summary)
    render.chart(t, charts.calendar, "calendar", weeks=summary.calendar)
    skipped = plan.lines["is_skipped"].to_numpy(dtype=bool)
    lines = controls.by_status(t, plan.lines[~skipped])
    chosen = render.choices(
        t, lines, _COLUMNS, "leeway-plan", codes=_CODES, choose="replenish.choose_lines"
    )
    if len(chosen) == 1:
        boarding.detail(t, chosen[0])
    deciding_orders.form(t, [dict(row) for row in chosen], key="board")
    _skipped(t, plan.lines[skipped])
    render.notes(t, plan.notes)


def _figures(t: Translator, plan: Plan, summary: replenishment.Summary) -> None:
    threatened = int(plan.lines["alert"].isin(["out", "runs_out"]).sum())
    left_out = t.number(plan.left_out)
    entries = [
        (t("replenish.order_now"), t.number(summary.order_now), t("replenish.order_now_help")),
        (t("replenish.units"), t.number(summary.units), t("replenish.units_help")),
        (
            t("replenish.value"),
            t.money(plan.order_value, plan.currency),
            t("replenish.value_help", left_out=left_out),
        ),
        (t("replenish.threatened"), t.number(threatened), t("replenish.threatened_help")),
        (t("replenish.at_risk"), t.number(summary.units_at_risk), t("replenish.at_risk_help")),
    ]
    if summary.stock_unknown:
        unknown, how = t("replenish.unknown"), t("replenish.unknown_help")
        entries.append((unknown, t.number(summary.stock_unknown), how))
    render.figures(entries)


def _skipped(t: Translator, lines: pd.DataFrame) -> None:
    """Draw what the seller decided not to order, apart from what is due."""
    if lines.empty:
        return
    title = t("replenish.skipped", items=t.number(len(lines)))
    with st.expander(title, icon=":material/block:"):
        st.caption(t("replenish.skipped_help"))
        render.table(t, lines, _SKIPPED, "leeway-skipped", codes={"reason": "reason"})


def calendar(t: Translator) -> None:
    """Draw what has to be ordered and paid in the next twelve weeks."""
    found: orders_ahead.Ahead = _ahead(session.store(), session.version(), session.scenario())
    _ahead_figures(t, found)
    if found.orders.empty and found.payments.empty:
        st.info(t("replenish.nothing_ahead"), icon=":material/check:")
        render.notes(t, found.notes)
        return
    render.chart(t, charts.payments, "payments", weeks=found.weeks)
    told = {"currency": found.currency or "–"}
    render.section(t("replenish.ahead_suppliers"), t("replenish.ahead_suppliers_help", **told))
    render.table(t, found.suppliers, _SUPPLIERS, "leeway-calendar-suppliers")
    render.section(t("replenish.ahead_list"), t("replenish.ahead_list_help", **told))
    yes_no = found.orders["is_repeat"].map({True: t("settings.yes"), False: ""})
    orders = found.orders.assign(is_repeat=yes_no)
    render.table(t, orders, _ORDERS, "leeway-calendar", codes={"route": "route"})
    with st.expander(t("replenish.ahead_payments"), icon=":material/payments:"):
        codes = {"payment": "payment"}
        render.table(t, found.payments, _PAYMENTS, "leeway-payments", codes=codes)
    render.notes(t, found.notes)


def _ahead_figures(t: Translator, found: orders_ahead.Ahead) -> None:
    now = int((found.orders["order_by"] <= pd.Timestamp(found.as_of)).sum())
    entries = [
        (
            t("replenish.ahead_paid"),
            t.money(found.paid, found.currency),
            t("replenish.ahead_paid_help", share=t.percent(found.deposit_share)),
        ),
        (
            t("replenish.ahead_orders"),
            t.number(len(found.orders)),
            t("replenish.ahead_orders_help"),
        ),
        (t("replenish.ahead_now"), t.number(now), t("replenish.ahead_now_help")),
        (
            t("replenish.ahead_later"),
            t.money(found.later, found.currency),
            t("replenish.ahead_later_help"),
        ),
    ]
    if found.left_out:
        unknown, how = t("replenish.ahead_unknown"), t("replenish.ahead_unknown_help")
        entries.append((unknown, t.number(found.left_out), how))
    render.figures(entries)
