"""One item of the delay lab, day by day."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import distributions, inventory
from analytics.scenario import Scenario
from analytics.services import planning
from analytics.services.delay_actions import NOTHING
from analytics.services.delay_answers import Found, found
from analytics.services.delay_numbers import Incoming, Outcome
from analytics.services.delay_tables import (
    ACTIONS,
    CASES,
    HORIZON,
    MONEY_COLUMNS,
    PLANS,
    ItemImpact,
)
from analytics.store import Store

Array = NDArray[np.float64]
_LOW, _HIGH = 0.1, 0.9  # of demand: what one time in ten is undercut, and exceeded
_COURSE = ["day", "plan", "case", "on_hand", "low", "high", "arrivals", "lost"]
_ARRIVALS = ["date", "plan", "case", "units", "order_id", "route", "is_new"]
_OF_LINES = ("is_best", "route", "lands_on")
_COLUMNS = ["option", "route", "lands_on", "units", "cost", "saved_units", "saved_contribution",
            "earns", "is_best", "reason"]  # fmt: skip


def item(store: Store, scenario: Scenario, sku: str, market: str, *, money: bool) -> ItemImpact:
    """Return `delays.item`."""
    row = planning.basis(store, scenario.as_of).row(sku, market)
    known = found(store, scenario, HORIZON)
    line = known.line(row)
    actions = _actions(known, row, line)
    if not money:
        line = {name: value for name, value in line.items() if name not in MONEY_COLUMNS}
        actions = actions[[name for name in _COLUMNS if name not in MONEY_COLUMNS]]
    return ItemImpact(
        sku=str(line["sku"]),
        market=str(line["market"]),
        name=str(line["name"]),
        as_of=known.after.basis.outlook.as_of,
        currency=known.after.basis.currency if money else "",
        line=line,
        course=_course(known, row),
        arrivals=_arrivals(known, row),
        actions=actions,
        facts=_facts(known, row),
        notes=(("delay_lost_sales", {}), *known.after.needed.notes),
    )


def _course(known: Found, row: int) -> pd.DataFrame:
    """Return stock by day, by plan and case."""
    if np.isnan(known.after.on_hand[row]):
        return pd.DataFrame(columns=_COURSE)
    frames = [
        _days(one, row, getattr(one, come)).assign(plan=plan, case=case)
        for case, one in zip(CASES, (known.rest.outcome, known.after), strict=True)
        for plan, come in zip(PLANS, ("incoming", "planned"), strict=True)
    ]
    return pd.concat(frames, ignore_index=True)[_COURSE]


def _days(one: Outcome, row: int, incoming: Incoming) -> pd.DataFrame:
    rows = np.array([row])
    come = incoming.take(rows)
    paths = [one.demand[rows], *_spread(one, row)]
    middle, low, high = (
        inventory.project_by_day(one.on_hand[rows], path, come.expected, come.units)
        for path in paths
    )
    today = pd.Timestamp(one.basis.outlook.as_of)
    return pd.DataFrame(
        {
            "day": today + pd.to_timedelta(np.arange(1, one.horizon + 1), unit="D"),
            "on_hand": middle.on_hand[0],
            "low": low.on_hand[0],
            "high": high.on_hand[0],
            "arrivals": middle.arrivals[0],
            "lost": middle.lost[0],
        }
    )


def _spread(one: Outcome, row: int) -> tuple[Array, Array]:
    """Return cumulative demand that is seldom exceeded, and that is seldom undercut."""
    days = slice(0, one.horizon)
    mean, sd = one.basis.demand_by_day[row, days], one.basis.sd_by_day[row, days]
    found = distributions.quantiles(mean, sd, [_HIGH, _LOW])
    share = np.divide(found, mean[:, None], out=np.zeros_like(found), where=mean[:, None] > 0)
    paths = np.maximum.accumulate(share * one.demand[row][:, None], axis=0)
    return paths[None, :, 0], paths[None, :, 1]


def _arrivals(known: Found, row: int) -> pd.DataFrame:
    """Return what arrives within the horizon: open orders of each case, and those to come."""
    frames = []
    for case, one in zip(CASES, (known.rest.outcome, known.after), strict=True):
        frames += [_open(one, row).assign(case=case), _new(one, row).assign(case=case)]
    filled = [frame for frame in frames if len(frame)]
    return (pd.concat(filled) if filled else frames[0]).reset_index(drop=True)[_ARRIVALS]


def _open(one: Outcome, row: int) -> pd.DataFrame:
    here = (one.basis.arrivals["item"] == row).to_numpy()
    orders = one.basis.arrivals.loc[here]
    eta = one.orders.expected[here]
    today = pd.Timestamp(one.basis.outlook.as_of)
    frame = pd.DataFrame(
        {
            "date": today + pd.to_timedelta(eta, unit="D"),
            "plan": PLANS[0],
            "units": orders["units"].to_numpy(dtype=np.float64),
            "order_id": orders["order_id"].fillna("").astype(str).to_numpy(),
            "route": orders["route"].to_numpy(),
            "is_new": False,
        }
    )
    return frame.loc[eta <= one.horizon]


def _new(one: Outcome, row: int) -> pd.DataFrame:
    start = one.incoming.units.shape[1]
    eta, units = one.planned.expected[row, start:], one.planned.units[row, start:]
    some = np.flatnonzero((units > 0) & (eta <= one.horizon))
    today = pd.Timestamp(one.basis.outlook.as_of)
    return pd.DataFrame(
        {
            "date": today + pd.to_timedelta(eta[some], unit="D"),
            "plan": PLANS[1],
            "units": units[some],
            "order_id": "",
            "route": str(one.basis.lead_times.lines["route"].iloc[row]),
            "is_new": True,
        }
    )


def _actions(known: Found, row: int, line: Mapping[str, object]) -> pd.DataFrame:
    """Return what each action brings: units, cost, and what it saves."""
    lost = float(known.lines.number("units_short_more")[row])
    chosen = str(line["action"])
    ways = [_transfer(known, row), _flight(known, row), _expedite(known, row), _accept(lost)]
    frame = pd.DataFrame(ways, columns=[name for name in _COLUMNS if name not in _OF_LINES])
    nothing = not lost >= NOTHING
    if nothing:
        frame.loc[frame["option"] == ACTIONS[3], "reason"] = "nothing_lost"
    faster = frame["option"] == ACTIONS[1]
    return frame.assign(
        is_best=(frame["option"] == chosen) & (not nothing),
        route=np.where(faster, str(line["air_route"]), ""),
        lands_on=pd.Series(line["air_lands_on"], frame.index).where(faster),
    )[_COLUMNS]


class _Gain(NamedTuple):
    """Units of sales that an action saves, and what each brings in (NaN = not known)."""

    units: float
    worth: float


def _way(
    option: str, units: float, cost: float, saved: _Gain, reason: str = ""
) -> dict[str, object]:
    """Return one action's row; without a reason it is judged by its money."""
    brought = saved.units * saved.worth
    return {
        "option": option, "units": units, "cost": cost, "saved_units": saved.units,
        "saved_contribution": brought, "earns": brought - cost,
        "reason": reason or _judged(saved.units, brought, cost),
    }  # fmt: skip


def _judged(saved: float, brought: float, cost: float) -> str:
    """Return the code of what speaks for an action, or against it."""
    if not saved > 0:
        return "saves_nothing"
    if np.isnan(brought):
        return "margin_unknown"
    if np.isnan(cost):
        return "cost_unknown"
    return "earns" if brought > cost else "costs_more"


def _worth(known: Found, row: int) -> float:
    return float(known.after.basis.economics.stockout_cost[row])


def _transfer(known: Found, row: int) -> dict[str, object]:
    units, saved = float(known.done.moves.units[row]), float(known.done.moves.saved[row])
    reason = "" if units > 0 else "nothing_to_move"
    return _way(ACTIONS[0], units, 0.0, _Gain(saved, _worth(known, row)), reason)


def _flight(known: Found, row: int) -> dict[str, object]:
    flown = known.done.flights
    units, premium = float(flown.units[row]), float(flown.premium[row])
    reason = "" if flown.has_way[row] else "no_faster_route"
    if flown.has_way[row] and np.isnan(premium):
        reason = "cost_unknown"
    elif flown.has_way[row] and not units > 0:
        reason = "costs_more" if flown.break_even[row] > 0 else "saves_nothing"
    cost = units * premium if units > 0 else 0.0
    return _way(ACTIONS[1], units, cost, _Gain(float(flown.saved[row]), _worth(known, row)), reason)


def _expedite(known: Found, row: int) -> dict[str, object]:
    place = int(known.done.choice.order[row])
    if place < 0:
        hit = bool((known.done.expedited.item == row).any())
        reason = "saves_nothing" if hit else "no_open_order"
        return _way(ACTIONS[2], 0.0, 0.0, _Gain(0.0, _worth(known, row)), reason)
    sped, orders = known.done.expedited, known.after.basis.arrivals
    order = orders.iloc[int(sped.row[place])]
    saved, cost = float(sped.saved[place]), float(sped.cost[place])
    reason = "already_shipped" if bool(order["is_shipped"]) else ""
    return _way(ACTIONS[2], float(order["units"]), cost, _Gain(saved, _worth(known, row)), reason)


def _accept(lost: float) -> dict[str, object]:
    return _way(ACTIONS[3], max(float(np.nan_to_num(lost)), 0.0), 0.0, _Gain(0.0, 0.0), "remains")


def _facts(known: Found, row: int) -> dict[str, object]:
    """Return what the figures stand on."""
    after = known.after
    lead = after.basis.lead_times.lines.iloc[row]
    here = (after.basis.arrivals["item"] == row).to_numpy()
    return {
        "lead_time_source": str(lead["lead_time_source"]),
        "lead_time_receipts": int(np.nan_to_num(float(lead["lead_time_receipts"]))),
        "lead_time_open": int(np.nan_to_num(float(lead["lead_time_open"]))),
        "lead_time_before": float(known.rest.outcome.needed.lead_time_mean[row]),
        "lead_time": float(after.needed.lead_time_mean[row]),
        "open_orders": int(here.sum()),
        "orders_hit": int((here & after.orders.is_hit).sum()),
        "horizon": after.horizon,
    }
