"""How much buffer, and what does it cost? Three methods side by side, per item and in all."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import inventory
from analytics.scenario import Scenario
from analytics.services import holding, planning
from analytics.services.explaining import Explained, alone, explained
from analytics.services.frontier import SERVICES, frontier, marked
from analytics.services.holding import METHODS, POLICY
from analytics.services.levels import Levels, levels
from analytics.services.memory import Recent
from analytics.services.planning import WINDOW, Basis, Note
from analytics.store import Store

__all__ = ["METHODS", "POLICY", "SERVICES", "Buffers", "ItemBuffer", "MethodBuffer", "ServiceCost"]
Array = NDArray[np.float64]
_CURVE = 120  # points
_MEMORY = 64 * 2**20
_SHOWN_TO = 0.999  # probability up to which the curve is drawn
_STRETCH = 2.5  # times the larger reorder point: a long tail must not push the rest to the edge


@dataclass(frozen=True, slots=True)
class Buffers:
    """Safety stock of every item by each method.

    Attributes
    ----------
    as_of : date
        The day the plan is made on.
    currency : str
        Base currency; empty if no cost is known.
    lines : DataFrame
        One row per item, best sellers first: ``sku``, ``market``, ``name``, ``category``,
        ``supplier``, ``tier``, ``route``, ``demand_mean``, ``demand_max`` (units/day in the last 90
        days in stock), ``demand_days`` (days found), ``lead_time_mean``, ``lead_time_max`` (days;
        last 12 months' receipts), ``lead_time_source``, ``lead_time_receipts``, ``review_period``
        (days), ``measure``, ``service_level`` (what is promised, 0 to 1), ``target_source`` (see
        `levels.Target`), ``method`` (whose reorder point is used), ``order_size`` (units),
        ``demand_per_day`` (expected, units/day), ``lead_time_demand_mean``,
        ``lead_time_demand_sd`` (units over lead time and review period), ``cost_per_unit``,
        ``cost_basis`` (``landed``; ``landed_partial``: freight is not or only partly known;
        ``unit_cost``: ex works, for want of an exchange rate; ``unknown``), ``currency``; and for
        each method ``m`` in `METHODS` ``m_safety_stock`` (signed units, not rounded),
        ``m_reorder_point``, ``m_warning_line`` (whole units), ``m_cycle_service``, ``m_fill_rate``
        (what the whole reorder point gives, 0 to 1), ``m_days`` (days of expected demand that the
        safety stock covers), ``m_cash`` (in ``currency``; NaN = cost unknown). The max-average
        columns are NaN for an item that was never seen in stock.
    totals : DataFrame
        One row per method and one for `POLICY`: ``method``, ``items``, ``safety_stock`` (units,
        signed), ``days`` (of all their demand), ``cash`` (base currency; NaN = no cost is known),
        ``currency``, ``items_costed``, ``items_left_out`` (no cost, or no rate for it),
        ``service_level`` (promised), ``reached`` (by the measure of each item's policy),
        ``cycle_service``, ``fill_rate`` (0 to 1, weighted by expected demand).
    notes : tuple of (code, facts)
        What was assumed or left out; texts ``note.<code>``.
    """

    as_of: date
    currency: str
    lines: pd.DataFrame
    totals: pd.DataFrame
    notes: tuple[Note, ...]

    @property
    def is_costed(self) -> bool:
        """Return whether any item's cost is known in the base currency."""
        return bool(self.totals["items_costed"].gt(0).any())


@dataclass(frozen=True, slots=True)
class ServiceCost:
    """Cash against service, over the whole catalogue.

    Attributes
    ----------
    curve : DataFrame
        By the quantile method, see `frontier`; empty if no cost is known.
    points : DataFrame
        Where each method and the policies stand beside it, see `frontier.marked`.
    """

    curve: pd.DataFrame
    points: pd.DataFrame


@dataclass(frozen=True, slots=True)
class MethodBuffer:
    """What one method says of one item.

    Attributes
    ----------
    method : str
        One of `METHODS`.
    safety_stock : float
        Units, signed, not rounded.
    reorder_point, warning_line : float
        Whole units.
    cycle_service, fill_rate : float
        What the reorder point gives, 0 to 1.
    days : float
        Days of expected demand that the safety stock covers.
    cash : float
        Safety stock at cost; NaN = cost unknown.
    """

    method: str
    safety_stock: float
    reorder_point: float
    warning_line: float
    cycle_service: float
    fill_rate: float
    days: float
    cash: float


@dataclass(frozen=True, slots=True)
class ItemBuffer:
    """Buffers of one item, with the curve that they are read from.

    Attributes
    ----------
    sku, market, name : str
        The item.
    as_of : date
        The day the plan is made on.
    currency : str
        Currency of the item's cost; empty if unknown.
    curve : DataFrame
        ``units`` (ascending), ``exceedance`` (probability, 0 to 1, that demand over lead time and
        review period exceeds them).
    methods : DataFrame
        One row per method: the fields of `MethodBuffer`, and ``is_used`` (by the item's policy).
    facts : mapping
        Every column of this item's line in `Buffers.lines`, and ``window_days``.
    why : Explained
        How the reorder point comes about.
    """

    sku: str
    market: str
    name: str
    as_of: date
    currency: str
    curve: pd.DataFrame
    methods: pd.DataFrame
    facts: Mapping[str, object]
    why: Explained

    @property
    def used(self) -> MethodBuffer:
        """Return what the method of the item's policy says."""
        return self.by_method(str(self.facts["method"]))

    def by_method(self, method: str) -> MethodBuffer:
        """Return what ``method`` says."""
        row = self.methods.loc[self.methods["method"] == method].iloc[0]
        _, *figures = (field.name for field in fields(MethodBuffer))
        return MethodBuffer(method, *(float(row[name]) for name in figures))


def max_average(
    demand_max: float, lead_time_max: float, demand_mean: float, lead_time_mean: float
) -> float:
    """Return safety stock in units by the max-average rule, for numbers of one's own.

    Raises
    ------
    NegativeInputError
        A demand or a lead time is negative.

    Examples
    --------
    >>> max_average(demand_max=20, lead_time_max=21, demand_mean=10, lead_time_mean=14)
    280.0
    """
    units = inventory.safety_stock_max_average(
        demand_max, lead_time_max, demand_mean, lead_time_mean
    )
    return float(units)


def catalogue(store: Store, scenario: Scenario | None = None) -> Buffers:
    """Return the safety stock of every item by each method, and the cash that it ties up.

    Parameters
    ----------
    store : Store
        The workspace.
    scenario : Scenario, optional
        Assumptions; with none changed the method of each item's policy gives the plan.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover the scenario's day.
    """
    known = _known(store, scenario or Scenario())
    basis = known.basis
    notes: list[Note] = [*basis.notes, *known.needed.notes]
    if left_out := int(np.isnan(holding.in_base(basis, known.lines)).sum()):
        notes.append(("buffer_left_out", {"items": left_out}))
    return Buffers(
        as_of=basis.outlook.as_of,
        currency=basis.currency,
        lines=known.lines.iloc[_best_sellers_first(basis)].reset_index(drop=True),
        totals=known.totals,
        notes=tuple(notes),
    )


def service_cost(store: Store, scenario: Scenario | None = None) -> ServiceCost:
    """Return what more service would cost; arguments and errors are those of `catalogue`."""
    known = _known(store, scenario or Scenario())
    curve = frontier(known.needed, holding.in_base(known.basis, known.lines))
    return ServiceCost(curve=curve, points=marked(known.totals, curve))


@dataclass(frozen=True, slots=True)
class _Known:
    """What both questions about the catalogue stand on."""

    basis: Basis
    needed: Levels
    lines: pd.DataFrame
    totals: pd.DataFrame

    @property
    def nbytes(self) -> int:
        laws = (self.needed.lead, self.needed.protection)
        grids = sum(3 * law.cdf.nbytes for law in laws)
        return grids + int(self.lines.memory_usage().sum())


_RECENT: Recent[_Known] = Recent(_MEMORY)


def _known(store: Store, scenario: Scenario) -> _Known:
    """Return the levels of a scenario, kept for the second question about it."""

    def known() -> _Known:
        basis = planning.under(store, scenario)
        needed = levels(basis, scenario)
        lines = holding.lines(basis, needed)
        return _Known(basis, needed, lines, holding.totals(basis, needed, lines))

    return _RECENT.answer((store.version, scenario), known)


def _best_sellers_first(basis: Basis) -> NDArray[np.intp]:
    """Return an order of the items that no slider changes."""
    sold = basis.outlook.items["units"].to_numpy(dtype=np.float64, na_value=0.0)
    return np.argsort(-sold, kind="stable")


def item(store: Store, scenario: Scenario, sku: str, market: str) -> ItemBuffer:
    """Return the buffers of one item under ``scenario``.

    Raises
    ------
    NoDataError
        No sales have been imported.
    UnknownItemError
        There is no such item.
    """
    row = planning.basis(store, scenario.as_of).row(sku, market)

    def under(assumed: Scenario) -> Basis:
        return alone(planning.under(store, assumed), row)

    one = under(scenario)
    needed = levels(one, scenario)
    line = holding.lines(one, needed)
    facts = {str(name): value for name, value in line.iloc[0].items()}
    return ItemBuffer(
        sku=str(facts["sku"]),
        market=str(facts["market"]),
        name=str(facts["name"]),
        as_of=one.outlook.as_of,
        currency=str(facts["currency"]),
        curve=_curve(needed, line),
        methods=_by_method(line),
        facts=facts | {"window_days": WINDOW},
        why=explained(under(Scenario(as_of=scenario.as_of)), scenario, under=under),
    )


def _by_method(line: pd.DataFrame) -> pd.DataFrame:
    """Return an item's line as one row per method, the columns without its name."""
    names = [field.name for field in fields(MethodBuffer)][1:]
    one = line.iloc[0]
    rows = [
        {"method": method, "is_used": method == one["method"]}
        | {name: float(one[f"{method}_{name}"]) for name in names}
        for method in METHODS
    ]
    return pd.DataFrame(rows, columns=["method", *names, "is_used"])


def _curve(needed: Levels, line: pd.DataFrame) -> pd.DataFrame:
    """Return how likely demand until the next delivery exceeds each level of stock."""
    law = needed.protection
    likely = float(law.quantile(_SHOWN_TO)[0])
    marks = line[[f"{name}_reorder_point" for name in METHODS]].to_numpy(dtype=np.float64)
    highest = float(np.nanmax(marks))
    top = max(min(likely, _STRETCH * highest), 1.05 * highest, 1.0)
    units = np.linspace(0.0, top, _CURVE)
    reached = law.take(np.zeros(_CURVE, dtype=np.int64)).probability(units)
    return pd.DataFrame({"units": units, "exceedance": 1 - reached})
