"""Whether an item's stock stands still, whatever its tier."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.schema import Tier
from analytics.tiers.segments import Texts
from analytics.tiers.thresholds import Thresholds

Array = NDArray[np.float64]
STATUSES = ("none", "ageing", "slow", "dead")


@dataclass(frozen=True, slots=True)
class Stock:
    """What is known of each item's stock; shape (n_items,) each.

    Attributes
    ----------
    on_hand : ndarray
        Units; NaN = unknown.
    cover_days : ndarray
        Days until the forecast has used it up; inf = never.
    aged_units : ndarray
        Units that are older than the slow threshold, first in first out; NaN = ages unknown.
    surcharge : ndarray of bool
        Whether some unit turns dear to store before it is sold.
    """

    on_hand: Array
    cover_days: Array
    aged_units: Array
    surcharge: NDArray[np.bool_]


def status(
    stock: Stock,
    units_sold: Array,
    age_days: Array,
    tier: Texts,
    *,
    before_season: NDArray[np.bool_],
    thresholds: Thresholds | None = None,
) -> Texts:
    """Return ``dead``, ``slow``, ``ageing`` or ``none`` of each item.

    Parameters
    ----------
    stock : Stock
        What stands there.
    units_sold : ndarray, shape (n_items,)
        Units in the last 90 days in stock.
    age_days : ndarray, shape (n_items,)
        Days since an item could first be bought; NaN = longer than anyone knows.
    tier : ndarray of str, shape (n_items,)
        New items have had no time yet.
    before_season : ndarray of bool, shape (n_items,)
        Whether a seasonal item's season is still to come: its stock waits on purpose.
    thresholds : Thresholds, optional
        ``slow_days``.

    Notes
    -----
    Dead: no sale. Slow: more than 90 days of cover, some of it older than that; where no ages are
    known, cover alone decides. Ageing: neither, and some unit will be surcharged before it sells.
    """
    limits = thresholds or Thresholds()
    old = np.isnan(age_days) | (age_days > limits.slow_days)
    waits = (tier == Tier.TRIAL) | ((tier == Tier.SEASONAL) & before_season)
    judged = (stock.on_hand > 0) & old & ~waits
    aged = np.isnan(stock.aged_units) | (stock.aged_units > 0)
    dead = judged & (units_sold <= 0)
    slow = judged & (stock.cover_days > limits.slow_days) & aged
    ageing = (stock.on_hand > 0) & ~waits & stock.surcharge
    return np.select([dead, slow, ageing], ["dead", "slow", "ageing"], "none").astype(object)
