"""安全库存 · Safety stock: how much buffer, and what does it cost?"""

from analytics.charts import buffers as charts
from pages.shared import buffering, controls, render, replaying, session

t = session.page()
view = controls.view(t, buffering.VIEWS)
if view == "item":
    sku, market = controls.item(t)
    item = session.buffer_item(session.scenario(), sku, market)
    render.subtitle(item.name)
    render.chart(t, charts.exceedance, "exceedance", curve=item.curve, methods=item.methods)
    render.reading(t("buffers.reading"))
    buffering.figures(t, item)
    buffering.methods(t, item)
    buffering.why(t, item)
    render.calculator(t)
elif view == "catalogue":
    buffering.catalogue(t, session.buffer_catalogue(session.scenario()))
else:
    replaying.replayed(t)
