"""延误推演 · Delay lab: what if the ship is late, and what do we do about it?"""

from pages.shared import comparing, controls, delaying, reporting, session, sharing

t = session.page()
delaying.follow()
view = controls.view(t, delaying.VIEWS)
scenario = session.scenario()
if view == "overview":
    impact = session.impact(scenario)
    delaying.overview(t, impact, delaying.frontier)
    reporting.buttons(t, impact)
elif view == "item":
    sku, market = controls.item(t)
    delaying.item(t, session.impact_item(scenario, sku, market))
elif view == "orders":
    delaying.orders(t, session.impact(scenario))
elif view == "compare":
    comparing.show(t)
else:
    sharing.links(t)
