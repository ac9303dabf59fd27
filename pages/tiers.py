"""分层 · Tiers: which product gets which treatment?"""

from pages.shared import controls, policing, session, tier_limits, tiering, working

t = session.page()
is_changing = working.changing(t)
view = controls.view(t, tiering.VIEWS)
if is_changing:
    pass
elif view == "overview":
    table = session.tiers()
    tiering.pictures(t, table)
    tiering.held(t, table)
    tiering.products(t, table)
elif view == "by_hand":
    tiering.by_hand(t)
    tiering.said(t)
elif view == "thresholds":
    tier_limits.thresholds(t)
    tier_limits.said(t)
else:
    tiering.practice(t)
    policing.tiers(t)
    policing.said(t)
