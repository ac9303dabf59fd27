"""Slow, fast or both: which route today's order takes, in money."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import inventory
from analytics.distributions import Mixture
from analytics.services.board import Supply
from analytics.services.levels import Levels
from analytics.services.planning import Basis, Note

Array = NDArray[np.float64]
ADVICE = (
    "slow", "split", "fast", "top_up", "not_needed", "one_route", "fastest", "freight_unknown",
    "margin_unknown", "stock_unknown", "nothing_expected", "discontinued",
)  # fmt: skip
OPTIONS = ("slow", "split", "fast")
_QUIET = ("discontinued", "stock_unknown", "too_new", "no_demand")  # statuses without an order


@dataclass(frozen=True, slots=True)
class Advice:
    """By which route today's order comes.

    Attributes
    ----------
    note : (code, facts)
        One of `ADVICE`. Facts: ``slow``, ``fast`` (routes), ``fast_units``, ``slow_units``,
        ``saved_units`` (sales expected to be saved), ``past_saving`` (units short before anything
        can land), ``premium``, ``break_even`` (freight per unit: the difference, and up to which
        the first unit pays), ``earns`` (margin of the saved sales less the premium).
    options : DataFrame
        One row per way to do it: ``option`` (of `OPTIONS`), ``slow_units``, ``fast_units``,
        ``saved_units``, ``extra_freight``, ``saved_margin``, ``earns``, ``is_best``. Empty where
        nothing can be compared.
    """

    note: Note
    options: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Race:
    """Two routes of one item: what each could still save."""

    law: Mixture  # demand until the slow order can be sold
    start: float  # units that serve it, and what is past saving
    past_saving: float
    gap: float  # units short by the forecast after the fast order could land, before the slow one
    margin: float
    premium: float
    wanted: float  # units worth flying, not rounded
    break_even: float
    quantity: float  # of today's order
    moq: float
    carton: float
    orders_lost: bool  # whether the order holds what it comes too late for

    def saved(self, units: float) -> float:
        """Return the sales that so many flown units are expected to save."""
        before, after = (self.law.loss([level])[0] for level in (self.start, self.start + units))
        return max(float(before - after), min(units, self.gap))

    def slow_units(self, units: float) -> float:
        """Return what is still to come the slow way, in whole cartons."""
        more = 0.0 if self.orders_lost else self.saved(units)
        left = self.quantity - units + min(more, units)
        return float(max(np.floor(left / self.carton + 1e-9), 0.0) * self.carton)

    def option(self, name: str, fast: float, slow: float) -> dict[str, object]:
        saved = self.saved(fast)
        margin, freight = self.margin * saved, self.premium * fast
        return {
            "option": name, "slow_units": slow, "fast_units": fast, "saved_units": saved,
            "extra_freight": freight, "saved_margin": margin, "earns": margin - freight,
        }  # fmt: skip


def advice(
    basis: Basis, needed: Levels, supply: Supply, lines: pd.DataFrame, rows: Sequence[int]
) -> Advice:
    """Return which of an item's routes today's order takes.

    Parameters
    ----------
    basis : Basis
        One row per item and route, see `routing.routed`.
    needed : Levels
        What is promised.
    supply : Supply
        What is there and what comes.
    lines : DataFrame
        `board.lines` of the same rows.
    rows : sequence of int
        The item's rows, its default route first.

    Notes
    -----
    A unit by the faster route saves a sale if demand before the slower order arrives exceeds
    supply: `inventory.air_top_up`. That formula does not see that an open order can come too late
    for a gap before it; what the forecast alone has short in the window between the two routes
    counts as saved, too. Compared are all of the order by the default route, all of it by
    the faster one, and the units worth flying with the rest by the default route, in whole cartons.
    Of several faster routes the one that earns most is taken.
    """
    slow = rows[0]
    status, route = str(lines["status"].iloc[slow]), str(lines["route"].iloc[slow])
    if status in _QUIET:
        code = status if status in ADVICE else "nothing_expected"
        return _said(code, {"slow": route})
    if len(rows) == 1:
        return _said("one_route", {"slow": route})
    faster = [row for row in rows[1:] if supply.arrival[row] < supply.arrival[slow]]
    if not faster:
        return _said("fastest", {"slow": route})
    found = [_raced(basis, needed, supply, lines, (slow, row)) for row in faster]
    return max(found, key=_earned)


def _earned(found: Advice) -> float:
    """Rank what is known above what is not; among equals the first counts."""
    earns = found.options["earns"].max() if len(found.options) else -np.inf
    return float(earns)


def _said(code: str, facts: dict[str, object]) -> Advice:
    return Advice((code, facts), pd.DataFrame())


def _raced(
    basis: Basis, needed: Levels, supply: Supply, lines: pd.DataFrame, pair: tuple[int, int]
) -> Advice:
    """Return what the faster of two routes is worth today."""
    slow, fast = pair
    names: dict[str, object] = {
        "slow": str(lines["route"].iloc[slow]), "fast": str(lines["route"].iloc[fast])
    }  # fmt: skip
    worth = basis.economics
    margin = float(worth.stockout_cost[slow])
    premium = float(worth.freight[fast] - worth.freight[slow])
    if np.isnan(margin):
        return _said("margin_unknown", names)
    race = _race(basis, needed, supply, lines, pair)
    facts = {**names, "past_saving": race.past_saving, "break_even": race.break_even}
    if np.isnan(premium):
        return _said("freight_unknown", facts)
    options = _options(race)
    best = options.loc[options["is_best"]].iloc[0]
    told = {
        name: float(best[name]) for name in ("slow_units", "fast_units", "saved_units", "earns")
    }
    return Advice((_code(race, best), {**facts, **told, "premium": premium}), options)


def _code(race: _Race, best: pd.Series) -> str:
    if not best["fast_units"]:
        return "slow" if race.quantity > 0 else "not_needed"
    if not race.quantity:
        return "top_up"
    return "split" if best["slow_units"] > 0 else "fast"


def _options(race: _Race) -> pd.DataFrame:
    """Return the ways to do it, and mark the one that earns most; the slow one where they tie."""
    ways = [race.option("slow", 0.0, race.quantity)]
    name = "split" if race.quantity > 0 else "fast"
    flown = [race.option(name, units, race.slow_units(units)) for units in _worth_flying(race)]
    if flown:
        ways.append(max(flown, key=lambda way: float(str(way["earns"]))))
    if race.quantity > 0:
        ways.append(race.option("fast", race.quantity, 0.0))
    frame = pd.DataFrame(ways)
    best = int(frame["earns"].to_numpy(dtype=np.float64).argmax())
    return frame.assign(is_best=np.arange(len(frame)) == best)


def _worth_flying(race: _Race) -> list[float]:
    """Return how many units might fly: whole cartons around what is worth it."""
    if race.wanted <= 0 or race.premium >= race.margin:
        return []
    if not race.quantity:
        return [float(inventory.rounded_quantity([race.wanted], [race.moq], [race.carton])[0])]
    boxes = np.array([np.floor(race.wanted / race.carton), np.ceil(race.wanted / race.carton)])
    units = np.unique(np.minimum(boxes * race.carton, race.quantity))
    return [float(many) for many in units if 0 < many < race.quantity]


def _race(
    basis: Basis, needed: Levels, supply: Supply, lines: pd.DataFrame, pair: tuple[int, int]
) -> _Race:
    """Return the two routes with what is there until each can deliver."""
    slow, fast = pair
    worth, listed = basis.economics, basis.outlook.items
    stock = basis.positions.iloc[slow]
    held = max(float(stock["on_hand"]) - float(np.nan_to_num(stock["reserved"])), 0.0)
    until = [
        held + float(supply.units[slow][supply.eta[slow] < supply.arrival[row]].sum())
        for row in (slow, fast)
    ]
    margin = max(float(worth.stockout_cost[slow]), 0.0)
    premium = float(worth.freight[fast] - worth.freight[slow])
    law = needed.lead.take([slow])
    found = inventory.air_top_up(
        law,
        [until[0]],
        margin=[margin],
        premium=[max(float(np.nan_to_num(premium)), 0.0)],
        until_fast=needed.lead.take([fast]),
        supply_until_fast=[until[1]],
    )
    gap = float(supply.before.lost[slow] - supply.before.lost[fast])
    box = float(np.nan_to_num(listed["carton_quantity"].astype(np.float64).iloc[slow]))
    return _Race(
        law=law,
        start=until[0] + float(found.past_saving[0]),
        past_saving=float(found.past_saving[0]),
        gap=max(gap, 0.0),
        margin=margin,
        premium=premium,
        wanted=max(float(found.units[0]), gap),
        break_even=margin if gap >= 1 else float(found.first_unit_premium[0]),
        quantity=float(np.nan_to_num(lines["order_quantity"].iloc[slow])),
        moq=float(np.nan_to_num(listed["moq"].astype(np.float64).iloc[slow])),
        carton=max(box, 1.0),
        orders_lost=basis.assumed.order_lost_demand,
    )
