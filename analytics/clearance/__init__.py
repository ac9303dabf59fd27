"""What stuck stock is worth: kept, discounted, moved, liquidated or scrapped.

Every figure is the present value of what is still to come, per item, in one currency. What the
stock was bought for is spent and enters nowhere. Time is in days; r is the continuous rate per day
(`daily_rate`), m the cash that a unit sold brings, lambda units sold per day, h the fee of storing
a unit for a day.
"""

from analytics.clearance.ageing import Ageing
from analytics.clearance.decision import (
    DISCOUNTS,
    OPTIONS,
    Decision,
    decide,
    value_here,
    value_of_keeping_some,
)
from analytics.clearance.risk import break_even_elasticity, likely_speeds, value_of_plan
from analytics.clearance.values import (
    ELASTICITY,
    PAID_AFTER,
    RECOVERY,
    REFERRAL,
    Elsewhere,
    Stuck,
    daily_rate,
    kept_units,
    liquidation_value,
    present_value,
    value_of_discount,
    value_of_transfer,
)

__all__ = [
    "DISCOUNTS",
    "ELASTICITY",
    "OPTIONS",
    "PAID_AFTER",
    "RECOVERY",
    "REFERRAL",
    "Ageing",
    "Decision",
    "Elsewhere",
    "Stuck",
    "break_even_elasticity",
    "daily_rate",
    "decide",
    "kept_units",
    "likely_speeds",
    "liquidation_value",
    "present_value",
    "value_here",
    "value_of_discount",
    "value_of_keeping_some",
    "value_of_plan",
    "value_of_transfer",
]
