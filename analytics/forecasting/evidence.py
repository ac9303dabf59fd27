"""What the effects of events and prices are believed from, as a table."""

import numpy as np
import pandas as pd

from analytics.forecasting.campaigns import Campaigns
from analytics.forecasting.design import Nodes
from analytics.forecasting.exposure import Calendar
from analytics.forecasting.feasts import Feasts
from analytics.forecasting.matrix import Array
from analytics.forecasting.season import Seasons

PRICE = "price"
_EIGHTY = 1.2815515655446004  # standard deviations that hold 80 %
_Row = tuple[object, ...]
_COLUMNS = {
    "code": object,
    "market": object,
    "group": object,
    "uplift": np.float64,
    "low": np.float64,
    "high": np.float64,
    "weeks": np.int64,
    "items": np.int64,
    "source": object,
    "elasticity": np.float64,
}


def evidence(
    dates: Calendar, groups: Nodes, alone: Campaigns, shared: Feasts, season: Seasons
) -> pd.DataFrame:
    """Return one row per kind of event and scope, and one per scope for the price elasticity.

    Returns
    -------
    DataFrame
        The columns of `Uplifts.table`; where an event concerns both single items and whole markets,
        what it was seen of most.
    """
    rows = [*_wide(dates, shared, season), *_single(dates, groups, alone), *_prices(groups, alone)]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)
    most = frame.sort_values("weeks", ascending=False, kind="stable")
    once = most.drop_duplicates(["code", "market", "group"])
    return once.sort_values(["code", "market", "group"], kind="stable", ignore_index=True)


def _wide(dates: Calendar, found: Feasts, season: Seasons) -> list[_Row]:
    named = {code for code, single in _kinds(dates) if not single}
    rows: list[_Row] = []
    for index, pool in enumerate(season.pools.pools):
        _, market, group = (*pool.name.split(":", 2), "", "")[:3]
        for code, name in enumerate(dates.codes):
            if name not in named or (index and not found.weeks[index, code]):
                continue
            centre = found.base[code] + found.effect[index, code]
            count = found.weeks[index, code], found.items[index, code]
            rows.append(
                (name, market, group, *_band(centre, found.sd[index, code]), *count,
                 _source(dates, code, count[0]), np.nan)
            )  # fmt: skip
    return rows


def _single(dates: Calendar, groups: Nodes, found: Campaigns) -> list[_Row]:
    named = {code for code, single in _kinds(dates) if single and code}
    rows: list[_Row] = []
    for node, (market, group) in enumerate(zip(groups.market, groups.group, strict=True)):
        if node and (market, group) in {
            (groups.market[up], groups.group[up]) for up in range(node)
        }:
            continue
        for code, name in enumerate(dates.codes):
            if name not in named or (node and not found.weeks[node, code]):
                continue
            with_price = found.effect[node, -1] * found.price[code]
            centre = found.base[code] + found.effect[node, code] + with_price
            count = found.weeks[node, code], found.items[node, code]
            rows.append(
                (name, market, group, *_band(centre, found.sd[node, code]), *count,
                 _source(dates, code, count[0]), np.nan)
            )  # fmt: skip
    return rows


def _prices(groups: Nodes, found: Campaigns) -> list[_Row]:
    rows: list[_Row] = []
    for node, (market, group) in enumerate(zip(groups.market, groups.group, strict=True)):
        seen = found.weeks[node, -1]
        if node and (not seen or (not group and market and _has_twin(groups, node))):
            continue
        centre, sd = found.effect[node, -1], found.sd[node, -1]
        source = "estimated" if seen else "prior"
        low, high = centre - _EIGHTY * sd, centre + _EIGHTY * sd
        count = seen, found.items[node, -1]
        rows.append((PRICE, market, group, np.nan, low, high, *count, source, centre))
    return rows


def _kinds(dates: Calendar) -> set[tuple[str, bool]]:
    """Return every code with whether it concerns single items, or whole markets."""
    events = dates.events
    single = (events["sku"] != "") | (events["group"] != "")
    if "price_pct" in events:
        single |= events["price_pct"].notna()
    return set(zip(events["code"], single, strict=True))


def _has_twin(groups: Nodes, node: int) -> bool:
    return (groups.market[node], groups.group[node]) in zip(
        groups.market[:node], groups.group[:node], strict=True
    )


def _source(dates: Calendar, code: int, weeks: int) -> str:
    if weeks:
        return "estimated"
    return "prior" if np.isnan(dates.stated[code]) else "stated"


def _band(centre: float, sd: float) -> Array:
    """Return the uplift, and where 80 % of what is likely begins and ends."""
    return np.expm1(np.clip(centre + np.array([0.0, -_EIGHTY, _EIGHTY]) * sd, -3.0, 3.0))
