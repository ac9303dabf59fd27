"""What if the ship is late? What it costs over the whole catalogue, and what helps.

Everything stands twice: at rest, which is the plan itself, and under a scenario.
"""

import pandas as pd

from analytics.scenario import Scenario
from analytics.services import delay_answers, delay_item
from analytics.services.delay_tables import (
    ACTION_REASONS,
    ACTIONS,
    CASES,
    HORIZON,
    LINES,
    MONEY_COLUMNS,
    NEEDS,
    ORDERS,
    PLANS,
    TIMELINE,
    TOTALS,
    Impact,
    ItemImpact,
)
from analytics.store import Store

__all__ = [
    "ACTIONS", "ACTION_REASONS", "CASES", "HORIZON", "LINES", "MONEY_COLUMNS", "NEEDS", "ORDERS",
    "PLANS", "TIMELINE", "TOTALS", "Impact", "ItemImpact", "frontier", "impact", "item",
]  # fmt: skip


def impact(
    store: Store,
    scenario: Scenario | None = None,
    *,
    horizon: int = HORIZON,
    money: bool = True,
) -> Impact:
    """Return what a scenario does to the whole catalogue.

    Parameters
    ----------
    store : Store
        The workspace.
    scenario : Scenario, optional
        Assumptions; none = at rest, where nothing is lost more than the plan itself loses.
    horizon : int
        Days looked ahead, 1 to 180.
    money : bool
        Whether amounts of money are in the answer; without, their columns are absent and lines are
        ranked by units.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover the scenario's day.

    Notes
    -----
    Plan A (``current``): open orders as late as the scenario has them, and no order after today.
    Plan B (``replanned``): the orders that the plan suggests today under the scenario, and those
    that its policies would place in the days after.
    What finds no stock is lost: ``lost(t) = max(0, max over u <= t of D(u) - A(u))``, A what was
    there or has arrived. A disruption of chance p hits all open orders in scope together:
    ``lost = (1 - p) lost(calm) + p lost(disrupted)``; dates are those of the mean delay.
    """
    return delay_answers.impact(store, scenario or Scenario(), horizon=horizon, money=money)


def item(
    store: Store, scenario: Scenario, sku: str, market: str, *, money: bool = True
) -> ItemImpact:
    """Return what a scenario does to one item, day by day; errors also those of `impact`.

    Raises
    ------
    UnknownItemError
        There is no such item.
    """
    return delay_item.item(store, scenario, sku, market, money=money)


def frontier(store: Store, scenario: Scenario | None = None) -> pd.DataFrame:
    """Return what cash in safety stock saves.

    Returns
    -------
    DataFrame
        One row per case and service promised of every item: ``case``, ``service_level``,
        ``reached`` (fill rate, 0 to 1), ``cash`` that the safety stock ties up, and
        ``contribution_at_risk``: what a year is expected to lose all the same, both in the base
        currency.
    """
    return delay_answers.frontier(store, scenario or Scenario())
