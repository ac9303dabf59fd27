"""总览 · Overview: how are we doing, and what needs me today?"""

from pages.shared import controls, measuring, overviewing, session

t = session.page()
view = controls.view(t, overviewing.VIEWS)
if view == "today":
    overviewing.headline(t)
    measuring.row(t)
    overviewing.inbox(t)
    overviewing.pictures(t)
    overviewing.data(t)
elif view == "measures":
    measuring.show(t)
else:
    overviewing.alarms(t)
