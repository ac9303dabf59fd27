"""分享与团队 · Share & team: who sees what, who may do what, and who did?"""

from pages.shared import acting, auditing, controls, membering, rooming, session, sharing

t = session.page()
view = controls.view(t, acting.VIEWS)
if view == "sent":
    sharing.sent(t)
elif view == "members":
    membering.show(t)
elif view == "rooms":
    rooming.show(t)
else:
    auditing.show(t)
