"""安全库存 · Safety stock: how much buffer, and what does it cost?"""

from analytics.charts import buffers as charts
from pages.shared import controls, render, session

METHOD_COLUMNS = {
    "method": "text", "safety_stock": "number", "reorder_point": "number",
    "warning_line": "number", "service_level": "percent", "days": "decimal", "cash": "number",
}  # fmt: skip
ITEM_COLUMNS = {
    "sku": "text", "market": "text", "name": "text", "route": "text",
    "quantile_safety_stock": "number", "quantile_reorder_point": "number",
    "quantile_cash": "number", "max_average_safety_stock": "number",
    "max_average_reorder_point": "number", "max_average_cash": "number",
    "max_average_service_level": "percent", "currency": "text", "demand_mean": "decimal",
    "demand_max": "number", "lead_time_mean": "decimal", "lead_time_max": "number",
}  # fmt: skip

t = session.page()
scenario = session.scenario()
sku, market = controls.item(t)
item = session.buffer_item(scenario, sku, market)
quantile, rule = item.by_method("quantile"), item.by_method("max_average")

render.subtitle(item.name)
render.figures(
    [
        (
            t("buffers.safety_stock"),
            render.needed(t, quantile.safety_stock),
            t("buffers.safety_stock_help"),
        ),
        (
            t("buffers.reorder_point"),
            t.number(quantile.reorder_point),
            t("buffers.reorder_point_help"),
        ),
        (t("buffers.cash"), t.money(quantile.cash, item.currency), t("buffers.cash_help")),
        (t("buffers.rule"), render.needed(t, rule.safety_stock), t("buffers.rule_help")),
        (t("buffers.rule_cash"), t.money(rule.cash, item.currency), t("buffers.rule_cash_help")),
    ]
)
render.chart(t, charts.exceedance, "exceedance", curve=item.curve, methods=item.methods)
render.reading(t("buffers.reading"))
render.table(t, item.methods, METHOD_COLUMNS, "leeway-methods", codes={"method": "method"})
render.explain(t, "buffers", item.facts)
render.calculator(t)
catalogue = session.buffer_catalogue(scenario)
help_key = "buffers.catalogue_help" if catalogue.currency else "buffers.catalogue_no_cost"
render.section(t("buffers.catalogue"), t(help_key, currency=catalogue.currency))
render.chart(t, charts.cash, "cash", totals=catalogue.base_totals)
render.table(t, catalogue.lines, ITEM_COLUMNS, "leeway-safety-stock", codes={"route": "route"})
render.notes(t, catalogue.notes)
