"""How much stock a promise needs, and when to order it.

Time is in days, day 1 is tomorrow. A lead time runs from the order to the day its units can be
sold. The reorder point is compared with the inventory **position** (on hand, under way and on
order, less what is reserved), never with stock on hand alone.
"""

from analytics.inventory.lead_time import (
    DEFAULT_ROUTE,
    LONGEST,
    LeadTimes,
    lead_time_probabilities,
    lead_times,
    moments,
    shifted,
)
from analytics.inventory.policy import (
    SEARCHED_DAYS,
    inventory_position,
    last_safe_day,
    order_quantity,
    rounded_quantity,
    units_past_saving,
    whole,
)
from analytics.inventory.position import receipts, stock_positions
from analytics.inventory.safety_stock import (
    reorder_point_max_average,
    safety_stock_max_average,
    safety_stock_quantile,
    warning_line,
)

__all__ = [
    "DEFAULT_ROUTE",
    "LONGEST",
    "SEARCHED_DAYS",
    "LeadTimes",
    "inventory_position",
    "last_safe_day",
    "lead_time_probabilities",
    "lead_times",
    "moments",
    "order_quantity",
    "receipts",
    "reorder_point_max_average",
    "rounded_quantity",
    "safety_stock_max_average",
    "safety_stock_quantile",
    "shifted",
    "stock_positions",
    "units_past_saving",
    "warning_line",
    "whole",
]
