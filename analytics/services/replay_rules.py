"""What a replay starts from: demand by day as it was, and the rules that are tried on it."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import distributions, inventory
from analytics.policy import Method
from analytics.scenario import Scenario
from analytics.services import planning
from analytics.services.past import Array, Past, Terms, World

CURRENT = "current"  # each item by the method of its policy
PROPOSED = "proposed"  # the same, as a scenario has it
METHODS = (Method.QUANTILE.value, Method.NORMAL.value, Method.MAX_AVERAGE.value)
_NEAR = 8  # weeks on either side from which a week without any day in stock is filled


def past(basis: planning.Basis) -> Past:
    """Return demand by day as it was, in whole weeks, corrected for days without stock."""
    seen = basis.outlook
    days, listed = seen.days, seen.items
    n_weeks = days.covered.shape[1] // 7
    monday = pd.Timestamp(days.first) + pd.Timedelta(weeks=n_weeks)
    panel = seen.panel.loc[seen.panel["week"] < monday]
    demand, in_stock = _by_day(seen, n_weeks)
    return Past(
        panel=panel,
        events=seen.events,
        keys=tuple(listed["sku"] + planning.ITEM_MARK + listed["market"]),
        demand=demand,
        in_stock=in_stock,
        shares=days.shares,
        market=days.market,
        start=days.start,
        minimum=_units(listed["moq"]),
        carton=_units(listed["carton_quantity"]),
        unit_cost=np.nan_to_num(basis.economics.landed_cost),
    )


def _units(column: pd.Series) -> Array:
    return np.asarray(np.nan_to_num(column.to_numpy(dtype=np.float64, na_value=np.nan)))


def _by_day(seen: planning.Outlook, n_weeks: int) -> tuple[Array, NDArray[np.bool_]]:
    """Return whole units asked for by day, and whether the day was covered and in stock.

    A day that was not has its share of the week's demand as corrected; a week of which nothing is
    known has the mean of the weeks around it. Units are made whole so that sums stay.
    """
    days = seen.days
    n_items, n_days = len(seen.items), 7 * n_weeks
    every = np.arange(n_items)
    length = days.covered.shape[1]
    sold = days.sales.dense(every, length, 0.0) - days.freaks.movements.dense(every, length, 0.0)
    in_stock = days.covered[days.reach] & (days.missing.dense(every, length, 1.0) > 0)
    count = seen.panel["week"].nunique()
    weekly = seen.panel["units"].to_numpy(dtype=np.float64).reshape(n_items, count)[:, :n_weeks]
    weekly = bridged(weekly)
    share = np.tile(days.shares[days.market], (1, n_weeks))
    usual = np.repeat(weekly, 7, axis=1) * share
    sold, in_stock = np.maximum(sold[:, :n_days], 0.0), in_stock[:, :n_days]
    asked = np.where(in_stock, sold, np.maximum(usual, sold))
    asked = np.where(np.arange(n_days) >= days.start[:, None], asked, 0.0)
    total = np.floor(asked.cumsum(axis=1) + 0.5)
    return np.diff(total, axis=1, prepend=0.0), in_stock


def bridged(weekly: Array) -> Array:
    """Return weekly demand, unknown weeks filled with the mean of those around them; else 0."""
    known = ~np.isnan(weekly)
    reach = 2 * _NEAR + 1
    wide = np.pad(np.nan_to_num(weekly), ((0, 0), (_NEAR, _NEAR)))
    count = np.pad(known.astype(np.float64), ((0, 0), (_NEAR, _NEAR)))
    near, seen = (
        np.lib.stride_tricks.sliding_window_view(part, reach, axis=1).sum(axis=2)
        for part in (wide, count)
    )
    mean = np.divide(near, seen, out=np.zeros_like(near), where=seen > 0)
    return np.asarray(np.where(known, weekly, mean))


def rules(
    basis: planning.Basis, scenario: Scenario
) -> tuple[dict[str, tuple[Terms, World]], World]:
    """Return every rule with what it believes of lead times, and the lead times as they come."""
    lead = basis.lead_times
    longest = lead.lines["lead_time_max"].to_numpy(dtype=np.float64)
    believed = World(probabilities=lead.probabilities, row=lead.row, longest=longest)
    scale = 1 + scenario.lead_time_change_pct / 100
    delayed = inventory.delayed(
        lead.probabilities,
        shift_days=scenario.lead_time_delay_days,
        scale=scale,
        spread=1 + scenario.lead_time_spread_pct / 100,
    )
    later = scale * longest + scenario.lead_time_delay_days
    world = World(probabilities=delayed, row=lead.row, longest=later)
    current = _terms(basis)
    found = {name: (_by(current, name), believed) for name in METHODS}
    found[CURRENT] = (current, believed)
    if scenario != replace(Scenario(), as_of=scenario.as_of):
        found[PROPOSED] = (_promised(current, scenario), world)
    return found, world


def _terms(basis: planning.Basis) -> Terms:
    policies, worth = basis.policies, basis.economics
    goodwill = np.maximum(worth.stockout_cost - np.maximum(worth.contribution, 0.0), 0.0)
    return Terms(
        method=policies.method,
        measure=policies.measure,
        service_level=policies.service_level,
        by_profit=policies.by_profit,
        holding_cost=worth.holding_cost,
        stockout_cost=worth.stockout_cost,
        season_ratio=inventory.critical_ratio(
            worth.net_price, worth.landed_cost, worth.salvage, goodwill=goodwill
        ),
        review_days=policies.review_days.astype(np.int64),
        cover_days=np.minimum(policies.cover_days, distributions.LAST_DAY).astype(np.int64),
        order=policies.order,
        trigger=policies.trigger,
        cap_weeks=policies.cap_weeks,
    )


def _by(terms: Terms, method: str) -> Terms:
    return replace(terms, method=np.full(len(terms.method), method, dtype=object))


def _promised(terms: Terms, scenario: Scenario) -> Terms:
    if scenario.service_level_pct is None:
        return terms
    told = np.full(len(terms.method), scenario.service_level_pct / 100)
    return replace(terms, service_level=told, by_profit=np.zeros(len(told), dtype=np.bool_))
