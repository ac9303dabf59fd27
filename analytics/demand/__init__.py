"""Demand out of sales: what would have sold on the days that were covered and in stock.

Units sold are not demand: a day without stock sells nothing, a day that no file covers is unknown,
a week that has only begun is not a small one, and one buyer's freak order is nobody else's wish.
Each correction is a layer of its own (`LAYERS`), visible in `corrections` with its reason, and the
panel can be had without it. Everything here takes frames and returns frames.
"""

from analytics.demand.corrections import REASONS, corrections
from analytics.demand.days import ObservedDays, observe
from analytics.demand.layers import LAYERS
from analytics.demand.single import single
from analytics.demand.weeks import SMALLEST_SHARE, STATES, panel, weekly

__all__ = [
    "LAYERS",
    "REASONS",
    "SMALLEST_SHARE",
    "STATES",
    "ObservedDays",
    "corrections",
    "observe",
    "panel",
    "single",
    "weekly",
]
