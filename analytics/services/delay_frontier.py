"""What cash in safety stock saves, at rest and under a scenario."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import inventory
from analytics.policy import Measure
from analytics.services.delay_numbers import Outcome
from analytics.services.frontier import SERVICES
from analytics.services.levels import DAYS, Levels

Array = NDArray[np.float64]
COLUMNS = ("case", "service_level", "reached", "cash", "contribution_at_risk")


def curve(one: Outcome, case: str) -> pd.DataFrame:
    """Return cash and what is at risk at each service that could be promised of every item.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, one row per service of `frontier.SERVICES`, by the quantile method and
        the measure of each item's policy. ``reached``: fill rate of the catalogue, 0 to 1;
        ``cash``: safety stock at landed cost; ``contribution_at_risk``: of a year's demand that
        finds no stock, ``(1 - fill) demand contribution``. Both in the base currency; items whose
        cost or contribution is not known are left out of the money.
    """
    needed, worth = one.needed, one.basis.economics
    per_day = needed.demand_mean / needed.protected_days
    rows: list[dict[str, object]] = []
    known = ~np.isnan(worth.contribution) & ~np.isnan(worth.landed_cost)
    for service in SERVICES if known.any() else ():
        point = _points(needed, service)
        filled = np.nan_to_num(needed.fill_rate(inventory.whole(point)), nan=1.0)
        lost = DAYS * per_day * (1.0 - filled)
        at_risk = lost * np.maximum(worth.contribution, 0.0)
        weight = per_day if per_day.sum() > 0 else np.ones(len(per_day))
        rows.append(
            {
                "case": case,
                "service_level": service,
                "reached": float(np.average(filled, weights=weight)) if len(filled) else 1.0,
                "cash": float(np.nansum((point - needed.demand_mean) * worth.landed_cost)),
                "contribution_at_risk": float(np.nansum(at_risk)),
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _points(needed: Levels, service: float) -> Array:
    """Return the reorder points of a promise, each by the measure of its item's policy."""
    cycle = needed.protection.quantile(service)
    filled = inventory.reorder_point_fill_of(
        needed.lead,
        service,
        order_size=needed.order_size,
        review_mean=needed.review_mean,
        review_sd=needed.review_sd,
    )
    by_fill = needed.target.measure == Measure.FILL.value
    return np.maximum(np.where(by_fill, filled, cycle), 0.0)
