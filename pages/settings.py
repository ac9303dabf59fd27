"""设置 · Settings: what do we assume, and how does everything come back?"""

from pages.shared import (
    alert_settings,
    assuming,
    controls,
    dating,
    keeping,
    listing,
    naming,
    policing,
    routing,
    session,
    settling,
    working,
)

t = session.page()
is_changing = working.changing(t)
view = controls.view(t, settling.VIEWS)
if is_changing:
    pass
elif view == "policies":
    settling.tiers_apart(t)
    policing.tiers(t)
    policing.own(t)
    policing.said(t)
elif view == "items":
    listing.items(t)
    listing.said(t)
elif view == "routes":
    routing.ways(t)
    routing.places(t)
    assuming.said(t, "route", "warehouse")
elif view == "money":
    assuming.money(t)
    assuming.by_market(t)
    assuming.containers(t)
    assuming.rates(t)
    assuming.said(t)
elif view == "calendars":
    dating.builtin(t)
    dating.said(t)
    dating.own(t)
elif view == "alarm_rules":
    alert_settings.rules(t)
    alert_settings.daily(t)
else:
    naming.tables(t)
    keeping.readings(t)
    keeping.copies(t)
