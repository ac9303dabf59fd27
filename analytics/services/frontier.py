"""What would more service cost? Cash in safety stock against service, over the whole catalogue."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import inventory
from analytics.distributions import Mixture
from analytics.policy import Measure
from analytics.services.levels import Levels

Array = NDArray[np.float64]
_EDGE = 1.25  # times the dearest promise, up to which a method is drawn where it stands
SERVICES = (0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999)  # promised of every item


def frontier(needed: Levels, cost: Array) -> pd.DataFrame:
    """Return the cash that the catalogue's safety stock ties up at each service.

    Parameters
    ----------
    needed : Levels
        Demand and lead times under a scenario.
    cost : ndarray, shape (n_items,)
        Per unit in one currency; NaN = unknown, and the item is left out.

    Returns
    -------
    DataFrame
        One row per service promised of every item by the quantile method, each by the measure of
        its policy: ``service_level`` (promised), ``reached`` (by whole reorder points, weighted by
        expected demand), both 0 to 1, ``cash``; empty if no cost is known.
    """
    some = np.flatnonzero(~np.isnan(cost))
    if not len(some):
        return pd.DataFrame(columns=["service_level", "reached", "cash"], dtype=np.float64)
    per_day = (needed.demand_mean / needed.protected_days)[some]
    weight = per_day if per_day.sum() > 0 else np.ones(len(some))
    by_fill = (needed.target.measure == Measure.FILL.value)[some]
    parts = [_Part.of(needed, part) for part in (some[~by_fill], some[by_fill]) if len(part)]
    paid = np.concatenate([cost[part.rows] for part in parts])
    mean = np.concatenate([needed.demand_mean[part.rows] for part in parts])
    weight = np.concatenate([weight[~by_fill], weight[by_fill]])
    rows = []
    for service in SERVICES:
        found = [part.promised(service) for part in parts]
        point, reached = (np.concatenate(column) for column in zip(*found, strict=True))
        rows.append(
            {
                "service_level": service,
                "reached": float(np.average(reached, weights=weight)),
                "cash": float((point - mean) @ paid),
            }
        )
    return pd.DataFrame(rows)


@dataclass(frozen=True, slots=True)
class _Part:
    """The items of one measure, so that only that one is worked out."""

    rows: NDArray[np.intp]
    measure: str
    lead: Mixture
    protection: Mixture
    orders: dict[str, Array]

    @classmethod
    def of(cls, needed: Levels, rows: NDArray[np.intp]) -> Self:
        """Return the part of some items, all of one measure."""
        measure = str(needed.target.measure[rows[0]])
        names = ("order_size", "review_mean", "review_sd")
        return cls(
            rows=rows,
            measure=measure,
            lead=needed.lead.take(rows),
            protection=needed.protection.take(rows),
            orders={name: getattr(needed, name)[rows] for name in names},
        )

    def promised(self, service: float) -> tuple[Array, Array]:
        """Return the reorder points of a promise by the quantile method, and what they reach."""
        if self.measure == Measure.CYCLE.value:
            point = np.maximum(self.protection.quantile(service), 0.0)
            return point, inventory.cycle_service(self.protection, inventory.whole(point))
        filled = inventory.reorder_point_fill_of(self.lead, service, **self.orders)
        point = np.maximum(filled, 0.0)
        return point, inventory.fill_rate_of(self.lead, inventory.whole(point), **self.orders)


def marked(totals: pd.DataFrame, curve: pd.DataFrame) -> pd.DataFrame:
    """Return where each method stands beside the frontier.

    Parameters
    ----------
    totals : DataFrame
        ``method``, ``reached``, ``cash``.
    curve : DataFrame
        See `frontier`.

    Returns
    -------
    DataFrame
        ``method``, ``reached``, ``cash``, ``drawn_at``, ``is_beyond``: a method that ties up far
        more than the dearest promise is drawn at the edge, or it would flatten all the rest.
    """
    points = totals.loc[totals["cash"].notna() & bool(len(curve)), ["method", "reached", "cash"]]
    edge = _EDGE * float(curve["cash"].max()) if len(curve) else 0.0
    beyond = points["cash"] > max(edge, 0.0)
    return points.assign(
        drawn_at=points["cash"].where(~beyond, max(edge, 0.0)), is_beyond=beyond
    ).reset_index(drop=True)
