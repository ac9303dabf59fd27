"""Stock levels under a scenario: one computation that plan and buffers both read."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics import distributions, inventory
from analytics.scenario import Scenario
from analytics.services.planning import Basis, Note

Array = NDArray[np.float64]
REVIEW_PERIOD = 7  # days between two looks at an item
_CUT = 0.01  # probability of the longest lead time above which it is said to be cut
DEFAULT_SERVICE_LEVEL_PCT = 95.0  # cycle service


@dataclass(frozen=True, slots=True)
class Levels:
    """What a promise needs, per item; shape (n_items,) each unless said otherwise.

    Attributes
    ----------
    growth : float
        Factor on all demand.
    delay : int
        Days on every lead time.
    weights : ndarray, shape (n_items, n_bins)
        Probabilities of lead time plus review period, on the kernel's bins.
    lead_time_mean, lead_time_sd : ndarray
        Days.
    service_level : ndarray
        Cycle service aimed at, 0 to 1.
    demand_mean, demand_sd : ndarray
        Units over lead time and review period.
    safety_stock, reorder_point : ndarray
        By the quantile of that demand; units, not rounded.
    notes : list of (code, facts)
        What these levels assume.
    """

    growth: float
    delay: int
    weights: Array
    lead_time_mean: Array
    lead_time_sd: Array
    service_level: Array
    demand_mean: Array
    demand_sd: Array
    safety_stock: Array
    reorder_point: Array
    notes: list[Note]


def levels(basis: Basis, scenario: Scenario) -> Levels:
    """Return the levels of every item under ``scenario``.

    Sliders touch the lead times' probabilities, the service level and a factor on units; the kernel
    stays as it is. At rest they touch nothing, so the plan itself comes out.
    """
    growth = 1 + scenario.demand_change_pct / 100
    delay = scenario.lead_time_delay_days
    lead = inventory.shifted(basis.lead_times.probabilities, delay)
    span = inventory.shifted(lead, REVIEW_PERIOD, longest=distributions.LAST_DAY)
    row = basis.lead_times.row
    weights = distributions.bin_weights(span)[row]
    mean_days, sd_days = inventory.moments(lead)
    service = (scenario.service_level_pct or DEFAULT_SERVICE_LEVEL_PCT) / 100
    service_level = np.full(len(row), service)
    mean, sd = basis.kernel.moments(weights)
    safety_stock, reorder_point = inventory.safety_stock_quantile(
        basis.kernel, weights, service_level
    )
    return Levels(
        growth=growth,
        delay=delay,
        weights=weights,
        lead_time_mean=mean_days[row],
        lead_time_sd=sd_days[row],
        service_level=service_level,
        demand_mean=growth * mean,
        demand_sd=growth * sd,
        safety_stock=growth * safety_stock,
        reorder_point=growth * reorder_point,
        notes=_notes(lead, basis),
    )


def _notes(lead: Array, basis: Basis) -> list[Note]:
    """Say where a lead time was cut at the longest that is planned for."""
    cut = lead[basis.lead_times.row, -1] > _CUT
    longest = inventory.LONGEST
    return [("lead_time_cut", {"items": int(cut.sum()), "days": longest})] if cut.any() else []
