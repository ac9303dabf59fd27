"""How the shop runs: turnover, slow stock, stock-outs, margin on stock, and their honest variants.

Every ratio is NaN where its denominator is nothing or unknown: no figure is better than a wrong
one. Money is in one currency, stock is valued at landed cost.
"""

from analytics.kpi.formulas import (
    BANDS,
    YEAR,
    days_of_cover,
    days_of_inventory,
    gmroi,
    inventory_turnover,
    ratio,
    sell_through,
    slow_moving_share,
    stock_by_age,
    stockout_rate,
    stockout_share,
    weeks_of_supply,
)
from analytics.kpi.ledgers import MEASURES, NUMBERS, Ledger, inputs, measures, parts, summed, totals
from analytics.kpi.rolling import LATER, rolled

__all__ = [
    "BANDS", "LATER", "MEASURES", "NUMBERS", "YEAR", "Ledger", "days_of_cover",
    "days_of_inventory", "gmroi", "inputs", "inventory_turnover", "measures", "parts", "ratio",
    "rolled", "sell_through", "slow_moving_share", "stock_by_age", "stockout_rate",
    "stockout_share", "summed", "totals", "weeks_of_supply",
]  # fmt: skip
