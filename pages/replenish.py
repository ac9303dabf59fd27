"""补货 · Replenish: what do I order, by when, by which route, and why?"""

from pages.shared import (
    controls,
    deciding_orders,
    ordering,
    session,
    shipping,
    supplying,
    working,
)

t = session.page()
is_changing = working.changing(t)
view = controls.view(t, ordering.VIEWS)
if is_changing:
    pass
elif view == "board":
    ordering.board(t)
elif view == "suppliers":
    supplying.show(t)
elif view == "shipment":
    shipping.show(t)
elif view == "calendar":
    ordering.calendar(t)
else:
    deciding_orders.show(t)
