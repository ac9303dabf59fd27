"""Which product gets which treatment: four tiers with their evidence, ABC-XYZ, and a status.

A tier is the first rule that fits (`review`), confirmed by a second review (`settled`); what a
person says goes before both. Whether stock stands still is another question (`status`): a
bestseller may be slow, too.
"""

from analytics.tiers.assignment import EVIDENCE, REVIEW_WEEKS, Shop, tiers
from analytics.tiers.rules import Review, review, settled
from analytics.tiers.seasonality import Peak, peak, seasonal_strength
from analytics.tiers.segments import (
    Value,
    abc,
    demand_class,
    demand_intervals,
    value_of_sales,
    weekly_variation,
    xyz,
)
from analytics.tiers.standstill import STATUSES, Stock, status
from analytics.tiers.thresholds import Thresholds
from analytics.tiers.trials import VERDICTS, Trial, trial

__all__ = [
    "EVIDENCE",
    "REVIEW_WEEKS",
    "STATUSES",
    "VERDICTS",
    "Peak",
    "Review",
    "Shop",
    "Stock",
    "Thresholds",
    "Trial",
    "Value",
    "abc",
    "demand_class",
    "demand_intervals",
    "peak",
    "review",
    "seasonal_strength",
    "settled",
    "status",
    "tiers",
    "trial",
    "value_of_sales",
    "weekly_variation",
    "xyz",
]
