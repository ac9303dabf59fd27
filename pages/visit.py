"""分享 · Visit: what a link shows to a guest."""

from pages.shared import controls, delaying, session, visiting

t = session.page()
share = visiting.share()
view = controls.view(t, visiting.views(share))
if view == "overview":
    delaying.overview(t, visiting.impact(share), visiting.frontier(share), opens=False)
elif view == "item":
    delaying.item(t, visiting.item(t, share))
else:
    delaying.orders(t, visiting.impact(share))
visiting.proof(t, share)
