"""复盘 · Review: did we decide well?"""

from pages.shared import controls, replaying, reviewing, session

t = session.page()
view = controls.view(t, reviewing.VIEWS)
if view == "replay":
    replaying.replayed(t)
elif view == "stock_take":
    reviewing.take(t)
else:
    reviewing.show(t, view)
