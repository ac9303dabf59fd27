"""What a little more cash would earn in the next orders: the price of cash on the order board."""

from dataclasses import dataclass

import numpy as np

from analytics.inventory.allocation import Caps, allocate
from analytics.scenario import Scenario
from analytics.services import cartons, containers
from analytics.services.planning import Basis
from analytics.store import Store

MOST_PCT = 1_000.0  # a year; what earns more is not believed
_YEAR = 365.0


@dataclass(frozen=True, slots=True)
class CashPrice:
    """What the next unit of cash earns.

    Attributes
    ----------
    earns : float
        Per unit of money, once; 0 = the cash limit leaves nothing out.
    days : float
        That it is bound: until an order arrives and the one after it.
    annual_pct : float
        Of a year, at most 1,000; NaN = no cash limit is settled.
    """

    earns: float
    days: float
    annual_pct: float


def cash_price(store: Store, basis: Basis) -> CashPrice:
    """Return what more cash would earn if everything is ordered loose on its default route.

    ``(1 + earns)^(365 / days) - 1``: ``earns`` is the dual of the cash limit in the linear
    programme over all further cartons (`analytics.inventory.allocation.allocate`), ``days`` the
    mean lead time of what is bought and the interval after it, weighted by money.
    """
    limit = basis.assumed.cash_limit
    rows = np.arange(len(basis.outlook.items))
    if limit is None or not len(rows):
        return CashPrice(np.nan, np.nan, np.nan)
    told = cartons.worth(
        store, basis, Scenario(), rows, basis.lead_times.lines["route"].tolist(),
        interval_days=containers.INTERVAL,
    )  # fmt: skip
    found = allocate(told.pieces, told.needs, Caps(cash=limit))
    earns = max(float(found.duals["cash"]), 0.0)
    spent = np.nan_to_num(found.cartons * told.needs.cash)
    lead = told.lead_time_mean
    mean = float(spent @ lead / spent.sum()) if spent.sum() > 0 else float(lead.mean())
    days = mean + containers.INTERVAL
    most = float(np.log1p(MOST_PCT / 100))
    annual = 100 * float(np.expm1(min(np.log1p(earns) * _YEAR / days, most)))
    return CashPrice(earns, days, min(annual, MOST_PCT))
