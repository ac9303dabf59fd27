"""清仓 · Clearance: what is stuck, and what do I do with it?"""

from pages.shared import assuming, clearing, clearing_terms, controls, session, working

t = session.page()
is_changing = working.changing(t)
clearing.follow()
view = controls.view(t, clearing.VIEWS)
if is_changing:
    pass
elif view == "overview":
    clearing.overview(t, session.clearance())
elif view == "item":
    clearing.item(t, session.clearance())
else:
    clearing_terms.one_fee(t)
    clearing_terms.fees(t)
    clearing_terms.ageing(t)
    clearing_terms.elasticities(t)
    clearing_terms.in_force(t)
    assuming.said(t, *clearing_terms.HEADS)
