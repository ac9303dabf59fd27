"""补货 · Replenish: what do I order, by when, and why?"""

from analytics.charts import replenishment as charts
from analytics.services import replenishment
from pages.shared import controls, render, session

COLUMNS = {
    "status": "text", "sku": "text", "market": "text", "name": "text", "order_quantity": "number",
    "order_by": "date", "route": "text", "reason": "wide", "inventory_position": "number",
    "reorder_point": "number", "safety_stock": "number", "order_up_to_level": "number",
    "demand_mean": "decimal", "lead_time_mean": "decimal", "order_value": "number",
    "currency": "text", "supplier": "text", "on_hand": "number", "inbound": "number",
    "on_order": "number", "moq": "number", "carton_quantity": "number", "units_at_risk": "number",
}  # fmt: skip
CODES = {"status": "status", "route": "route", "reason": "reason"}

t = session.page()
plan = session.plan(session.scenario())
summary = replenishment.summary(plan)

render.figures(
    [
        (t("replenish.order_now"), t.number(summary.order_now), t("replenish.order_now_help")),
        (t("replenish.units"), t.number(summary.units), t("replenish.units_help")),
        (
            t("replenish.value"),
            t.money(plan.order_value, plan.currency),
            t("replenish.value_help", left_out=t.number(plan.left_out)),
        ),
        (t("replenish.at_risk"), t.number(summary.units_at_risk), t("replenish.at_risk_help")),
        (t("replenish.unknown"), t.number(summary.stock_unknown), t("replenish.unknown_help")),
    ]
)
render.chart(t, charts.calendar, "calendar", weeks=summary.calendar)
lines = controls.by_status(t, plan.lines)
chosen = render.table(t, lines, COLUMNS, "leeway-plan", codes=CODES, choose="replenish.choose_line")
render.explain(t, "plan_line", chosen)
render.notes(t, plan.notes)
