"""Which orders a scenario hits, how long they take then, and when open ones are expected."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import inventory
from analytics.scenario import DISRUPTION_CV, Scenario

if TYPE_CHECKING:
    from analytics.services.planning import Basis

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]
_HALF_DAYS = 1_000  # more half days than any stage is made longer or shorter by


@dataclass(frozen=True, slots=True)
class OpenOrders:
    """When open orders are expected; shape (n_arrivals,) each, rows as in ``Basis.arrivals``.

    Attributes
    ----------
    calm, disrupted : ndarray of int
        Days from today without and with the disruption: it strikes all that are hit at once.
    expected : ndarray of int
        The mean of both by the disruption's chance, in whole days.
    is_hit : ndarray of bool
        Whether the scenario makes the order later or sooner; none where it moves no lead time.
    """

    calm: Rows
    disrupted: Rows
    expected: Rows
    is_hit: Flags


def hits_order_of_today(basis: "Basis", scenario: Scenario) -> Flags:
    """Return whether an order of today would be in scope, shape (n_rows,).

    Its route, supplier and market are those asked for, no open orders are chosen, and the window
    holds the day on which it is placed or shipped. A stage never excludes it.
    """
    lines = basis.lead_times.lines
    if scenario.only_orders:
        return np.zeros(len(lines), dtype=bool)
    hit = _in_scope(lines, scenario)
    if _has_window(scenario):
        before = np.round(_stages(basis)[:, : inventory.AFTER_SHIPPING].sum(axis=1))
        late = before if scenario.hits == "shipped" else np.zeros(len(lines))
        today = np.datetime64(basis.outlook.as_of, "D")
        hit &= _in_window(today + late.astype("m8[D]"), scenario)
    return hit


def hits_open_orders(basis: "Basis", scenario: Scenario) -> Flags:
    """Return whether each open order is in scope, shape (n_arrivals,).

    Its route, supplier, market and number are those asked for, the window holds the day on which
    it was placed, or was or will be shipped, and the stage asked for is not behind it. What is only
    announced never is.
    """
    orders = basis.arrivals
    hit = np.asarray(orders["law"].to_numpy(dtype=np.int64) >= 0)
    if not hit.any():
        return hit
    hit &= _in_scope(orders, scenario)
    if scenario.only_orders:
        wanted = {number.strip().casefold() for number in scenario.only_orders}
        hit &= _matches(orders["order_id"], wanted)
    if _has_window(scenario):
        named = "shipped_on" if scenario.hits == "shipped" else "ordered_on"
        days = _shipped_on(basis) if named == "shipped_on" else orders[named].to_numpy("M8[D]")
        hit &= _in_window(days, scenario)
    if scenario.only_stage:
        place = orders["stage"].map({name: at for at, name in enumerate(inventory.STAGES)})
        hit &= (place <= inventory.STAGES.index(scenario.only_stage)).to_numpy(dtype=bool)
    return hit


def etas(basis: "Basis", scenario: Scenario) -> OpenOrders:
    """Return when every open order is expected, given that it has not come yet.

    Notes
    -----
    What an order has waited for says which lead time it has, and the scenario makes that one
    longer: no delay can make an order come sooner, as it could if the law were delayed before the
    order's age is held against it.
    """
    orders = basis.arrivals
    calm = orders["eta"].to_numpy(dtype=np.int64).copy()
    hit = np.zeros(len(orders), dtype=bool)
    if scenario.changes_lead_times:
        hit = hits_open_orders(basis, scenario)
    if hit.any():
        calm[hit] = np.maximum(np.round(_still_to_go(basis, scenario, hit)), 1.0).astype(np.int64)
    chance = scenario.disruption_chance_pct / 100
    days = np.where(hit & (chance > 0), scenario.disruption_days, 0)
    mean = np.floor(chance * days + 0.5).astype(np.int64)
    return OpenOrders(calm=calm, disrupted=calm + days, expected=calm + mean, is_hit=hit)


def laws(basis: "Basis", scenario: Scenario) -> tuple[Array, Rows, Flags]:
    """Return lead times of orders of today, each row's, and whether the scenario moves it.

    Returns
    -------
    probabilities : ndarray, shape (n_laws, 196)
        One row per law, and per what the scenario makes of it.
    row : ndarray of int, shape (n_rows,)
        Each row's law.
    is_hit : ndarray of bool, shape (n_rows,)
        None where the scenario moves no lead time.
    """
    known = basis.lead_times
    if not scenario.changes_lead_times:
        return known.probabilities, known.row, np.zeros(len(known.row), dtype=bool)
    hit = hits_order_of_today(basis, scenario)
    half = np.round(2 * stage_shift(basis, scenario)).astype(np.int64)
    code = np.where(hit, half + _HALF_DAYS, -1) + 4 * _HALF_DAYS * known.row
    some, row = np.unique(code, return_inverse=True)
    law, told = (some + 1) // (4 * _HALF_DAYS), (some + 1) % (4 * _HALF_DAYS) - 1
    out = known.probabilities[law]
    for half_days in np.unique(told[told >= 0]).tolist():
        here = told == half_days
        out[here] = delayed(out[here], scenario, more_days=(half_days - _HALF_DAYS) / 2)
    return out, row.reshape(-1), hit


def laws_by_route(basis: "Basis", scenario: Scenario) -> tuple[Array, Rows]:
    """Return lead times of orders of today by each route of each item; rows as ``by_route``.

    The basis has one row per item.
    """
    item = basis.by_route.lines["item"].to_numpy(dtype=np.int64)
    every = replace(basis, lead_times=basis.by_route, row_of_item=item)
    return laws(every, scenario)[:2]


def delayed(probabilities: Array, scenario: Scenario, *, more_days: float = 0.0) -> Array:
    """Return what the scenario makes of lead times in scope; ``more_days`` of a stage alone."""
    return inventory.delayed(
        probabilities,
        shift_days=scenario.lead_time_delay_days + more_days,
        scale=scale(scenario),
        spread=1 + scenario.lead_time_spread_pct / 100,
        chance=scenario.disruption_chance_pct / 100,
        delay_mean=scenario.disruption_days,
        delay_sd=DISRUPTION_CV * scenario.disruption_days,
    )


def scale(scenario: Scenario) -> float:
    """Return what whole lead times in scope are multiplied by; a single stage moves none."""
    return 1.0 if scenario.only_stage else 1 + scenario.lead_time_change_pct / 100


def stage_shift(basis: "Basis", scenario: Scenario) -> Array:
    """Return the days, in halves, that the change of one stage makes of each row's lead time."""
    if not scenario.only_stage or not scenario.lead_time_change_pct:
        return np.zeros(len(basis.lead_times.lines))
    return _of_stage(_stages(basis), scenario)


def spread(basis: "Basis", scenario: Scenario, is_hit: Flags) -> Array:
    """Return the sd of lead times under the scenario, in days, as if none were ever cut.

    A disruption that is nearly certain spreads them less than one that may come or not, yet is no
    reason to hold less: its spread counts as that of the chance at which it is widest.
    """
    known = basis.lead_times
    mean, sd = inventory.moments(known.probabilities)
    chance = min(scenario.disruption_chance_pct / 100, (1 + DISRUPTION_CV**2) / 2)
    _, moved = inventory.delayed_moments(
        mean,
        sd,
        shift_days=scenario.lead_time_delay_days,
        scale=scale(scenario),
        spread=1 + scenario.lead_time_spread_pct / 100,
        chance=chance,
        delay_mean=scenario.disruption_days,
        delay_sd=DISRUPTION_CV * scenario.disruption_days,
    )
    return np.where(is_hit, moved[known.row], sd[known.row])


def stretched(basis: "Basis", scenario: Scenario, is_hit: Flags) -> tuple[Array, Array]:
    """Return usual and longest lead time under the scenario, for the max-average rule.

    A disruption adds to both what it costs on average: chance times days.
    """
    lines = basis.lead_times.lines
    usual = lines["lead_time_usual"].to_numpy(np.float64)
    longest = lines["lead_time_max"].to_numpy(np.float64)
    wide = 1 + scenario.lead_time_spread_pct / 100
    shift = scenario.lead_time_delay_days + stage_shift(basis, scenario)
    shift = shift + scenario.disruption_chance_pct / 100 * scenario.disruption_days
    wider, times = usual + wide * (longest - usual), scale(scenario)
    return (
        np.where(is_hit, np.maximum(times * usual + shift, 1.0), usual),
        np.where(is_hit, np.maximum(times * wider + shift, 1.0), longest),
    )


def stages_of(basis: "Basis") -> Array:
    """Return days of each stage of every row's route, shape (n_rows, 6)."""
    days = np.column_stack([basis.stages[name].to_numpy(np.float64) for name in inventory.STAGES])
    if len(days) != len(basis.row_of_item):
        days = days[basis.by_route.lines["is_default"].to_numpy(dtype=bool)]
    return days


def stages_under(basis: "Basis", scenario: Scenario, lead_time_mean: Array) -> Array:
    """Return the stages of an order of today as the scenario has them, shape (n_rows, 6).

    They add up to its mean lead time: a scenario of one stage makes that one longer, any other all
    of them in proportion.
    """
    rest = stages_of(basis)
    if scenario.only_stage and scenario.changes_lead_times:
        rest = _stages(basis)
        place = inventory.STAGES.index(scenario.only_stage)
        rest[:, place] = np.maximum(rest[:, place] + lead_time_mean - rest.sum(axis=1), 0.0)
    return inventory.scaled_stages(rest, lead_time_mean)


def _stages(basis: "Basis") -> Array:
    """Return stages that add up to the mean lead time at rest of each row."""
    mean = basis.lead_times.lines["lead_time_mean"].to_numpy(dtype=np.float64)
    return inventory.scaled_stages(stages_of(basis), mean)


def _of_stage(stages: Array, scenario: Scenario) -> Array:
    days = stages[:, inventory.STAGES.index(scenario.only_stage)]
    return np.asarray(np.round(2 * scenario.lead_time_change_pct / 100 * days) / 2)


def _in_scope(frame: pd.DataFrame, scenario: Scenario) -> Flags:
    """Return where route, supplier and market are those asked for."""
    hit = np.ones(len(frame), dtype=bool)
    for name in ("route", "supplier", "market"):
        wanted = getattr(scenario, f"only_{name}").strip().casefold()
        if wanted:
            hit &= _matches(frame[name], {wanted})
    return hit


def _matches(texts: pd.Series, wanted: set[str]) -> Flags:
    """Return where a text is one of some, case apart; each distinct text is looked at once."""
    place, names = pd.factorize(texts.astype(object))
    same = np.array([str(name).strip().casefold() in wanted for name in names] + [False])
    return np.asarray(same[place])


def _has_window(scenario: Scenario) -> bool:
    return scenario.hits_from is not None or scenario.hits_until is not None


def _in_window(days: NDArray[np.datetime64], scenario: Scenario) -> Flags:
    inside = ~np.isnat(days)
    if scenario.hits_from is not None:
        inside &= days >= np.datetime64(scenario.hits_from, "D")
    if scenario.hits_until is not None:
        inside &= days <= np.datetime64(scenario.hits_until, "D")
    return np.asarray(inside)


def _shipped_on(basis: "Basis") -> NDArray[np.datetime64]:
    """Return the day on which each open order was or will be shipped."""
    orders, today = basis.arrivals, np.datetime64(basis.outlook.as_of, "D")
    before = np.round(basis.order_stages[:, : inventory.AFTER_SHIPPING].sum(axis=1))
    usual = orders["ordered_on"].to_numpy("M8[D]") + before.astype("m8[D]")
    gone = orders["is_shipped"].to_numpy(dtype=bool)
    day = np.where(gone, np.minimum(usual, today), np.maximum(usual, today + 1))
    known = orders["shipped_on"].to_numpy("M8[D]")
    return np.asarray(np.where(gone & ~np.isnat(known), known, day))


def _still_to_go(basis: "Basis", scenario: Scenario, hit: Flags) -> Array:
    """Return the days that the open orders that are hit still take on average, but for chance."""
    orders = basis.arrivals
    code = orders.loc[hit, ["law", "age"]].to_numpy(dtype=np.int64)
    pairs, place = np.unique(code[:, 0] * 10**6 + code[:, 1], return_inverse=True)
    law, age = pairs // 10**6, pairs % 10**6
    spread = Scenario(lead_time_spread_pct=scenario.lead_time_spread_pct)
    known = delayed(basis.by_route.probabilities, spread)[law]
    left, _ = inventory.moments(inventory.remaining(known, age))
    usual, _ = inventory.moments(known)
    more = (scale(scenario) - 1) * (np.minimum(age, usual) + left)
    days = (left + more)[place.reshape(-1)] + scenario.lead_time_delay_days
    if scenario.only_stage:
        days = days + _of_stage(basis.order_stages[hit], scenario)
    return np.asarray(days)
