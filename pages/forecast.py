"""预测 · Forecast: what will sell?"""

from pages.shared import controls, judging, league, outlook, render, session, working

t = session.page()
is_changing = working.changing(t)
if controls.view(t, ("item", "catalogue")) == "catalogue":
    league.catalogue(t)
else:
    sku, market = controls.item(t)
    layers = outlook.layers(t)
    item = session.forecast_item(session.scenario(), sku, market, layers)

    render.subtitle(item.name)
    outlook.figures(t, item)
    outlook.picture(t, item)
    render.explain(t, f"forecast_{item.facts['source']}", item.facts)
    outlook.table(t, item)
    outlook.evidence(t, item)
    league.closer_look(t, item)

    render.section(t("forecast.judge"), t("forecast.judge_help"))
    may_judge = outlook.can_judge(t)
    if not is_changing:
        judging.standing(t, item)
    if may_judge and not is_changing:
        own, new = outlook.two(t)
        with own:
            judging.override(t, [(sku, market)], item.as_of)
        with new:
            judging.launch(t, item, outlook.others(sku, market))
