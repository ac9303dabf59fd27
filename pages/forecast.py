"""预测 · Forecast: what will sell?"""

from analytics.charts import forecast as charts
from pages.shared import controls, render, session

COLUMNS = {
    "week": "date", "mean": "decimal", "q05": "number", "q20": "number", "q50": "number",
    "q80": "number", "q95": "number", "cumulative_mean": "number", "cumulative_q95": "number",
}  # fmt: skip

t = session.page()
sku, market = controls.item(t)
item = session.forecast_item(session.scenario(), sku, market)
facts = item.facts

render.subtitle(item.name)
render.figures(
    [
        (t("forecast.next_13"), t.number(facts["mean_13_weeks"]), t("forecast.next_13_help")),
        (t("forecast.last_13"), t.number(facts["units_last_13_weeks"]), t("forecast.last_13_help")),
        (
            t("forecast.demand_13"),
            t.number(facts["demand_last_13_weeks"]),
            t("forecast.demand_13_help"),
        ),
        (t("forecast.stockouts"), t.number(facts["weeks_stockout"]), t("forecast.stockouts_help")),
    ]
)
render.chart(t, charts.fan, "fan", history=item.history, fan=item.fan)
render.reading(t("forecast.reading"))
render.explain(t, "forecast", facts)
render.table(t, item.fan, COLUMNS, f"leeway-forecast-{sku}-{market}")
