"""Demand out of sales: what would have sold on the days that were covered and in stock.

Units sold are not demand: a day without stock sells nothing, a day that no file covers is unknown,
and a week that has only begun is not a small one. Everything here takes frames and returns frames.
"""

from analytics.demand.days import ObservedDays, observe
from analytics.demand.weeks import STATES, panel, weekly

__all__ = ["STATES", "ObservedDays", "observe", "panel", "weekly"]
