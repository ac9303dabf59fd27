"""Which of these what-ifs is the worst, and for whom? Up to five scenarios side by side."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

import pandas as pd

from analytics.errors import TooManyScenariosError
from analytics.scenario import Scenario
from analytics.services import delays
from analytics.services.planning import Note
from analytics.store import Store

MOST = 5  # scenarios beside the plan at rest: more cannot be told apart at a glance
AT_REST = "at_rest"
CASES = (AT_REST, *(f"c{place}" for place in range(MOST)))

# What is compared, in the order it is shown, and what it is counted in.
MEASURES = MappingProxyType(
    {
        "out_30": "items",
        "out_60": "items",
        "out_90": "items",
        "units_short": "units",
        "replanned_short": "units",
        "stockout_days": "days",
        "revenue_at_risk": "money",
        "contribution_at_risk": "money",
        "replanned_contribution": "money",
        "safety_stock": "units",
        "safety_stock_cash": "money",
        "order_now": "items",
        "order_quantity": "units",
        "order_value": "money",
        "items_hit": "items",
        "orders_hit": "orders",
        "items_earlier": "items",
        "median_days_earlier": "days",
        "units_to_fly": "units",
    }
)
# What an item's lines hold beside its identity, and where its state at rest stands.
_LINE = MappingProxyType(
    {
        "stockout_on": "stockout_before",
        "units_short": "units_short_before",
        "replanned_short": "replanned_short_before",
        "contribution_at_risk": None,
        "safety_stock": "safety_stock_before",
        "reorder_point": "reorder_point_before",
        "order_by": "order_by_before",
        "order_quantity": "order_quantity_before",
    }
)
_IDENTITY = ("sku", "market", "name")
_REPLANNED = MappingProxyType(
    {"replanned_short": "units_short", "replanned_contribution": "contribution_at_risk"}
)


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Scenarios beside the plan at rest, all on one day.

    Attributes
    ----------
    as_of : date
        The day that all of them start from.
    currency : str
        Of every amount.
    horizon : int
        Days ahead that losses and stock-outs are counted over.
    names : tuple of str
        Of the scenarios ``c0``, ``c1`` and so on, each once.
    scenarios : tuple of Scenario
        What they assume.
    differences : DataFrame
        One row per measure of `MEASURES`: ``measure``, ``unit`` (items, orders, units, days,
        money), ``at_rest`` and a column per scenario.
    lines : DataFrame
        One row per item and case: ``sku``, ``market``, ``name``, ``case``, ``stockout_on`` (NaT =
        not within the horizon), ``units_short`` (with the open orders alone), ``replanned_short``
        (with the orders that the policy places), ``contribution_at_risk`` (of what is short beyond
        the plan at rest), ``safety_stock``, ``reorder_point``, ``order_by``, ``order_quantity``.
    series : DataFrame
        ``case``, ``week``, ``plan``, ``items_out``.
    notes : tuple of (code, facts)
        What was assumed or left out.

    Without money its columns and measures are absent.
    """

    as_of: date
    currency: str
    horizon: int
    names: tuple[str, ...]
    scenarios: tuple[Scenario, ...]
    differences: pd.DataFrame
    lines: pd.DataFrame
    series: pd.DataFrame
    notes: tuple[Note, ...]

    @property
    def cases(self) -> tuple[str, ...]:
        """Return the cases that are compared, the plan at rest first."""
        return CASES[: len(self.names) + 1]

    def item(self, sku: str, market: str) -> pd.DataFrame:
        """Return what changes for one item: its lines, one per case in their order."""
        lines = self.lines
        return lines.loc[(lines["sku"] == sku) & (lines["market"] == market)].reset_index(drop=True)


def compare(
    store: Store,
    scenarios: Sequence[tuple[str, Scenario]],
    *,
    as_of: date | None = None,
    money: bool = True,
) -> Comparison:
    """Return what each scenario does to the catalogue, beside the plan at rest.

    Parameters
    ----------
    store : Store
        The workspace.
    scenarios : sequence of (name, Scenario)
        One to `MOST` of them; names that occur twice are numbered.
    as_of : date, optional
        The day that all start from; none = the day that all of them name, if they agree, else the
        last day that the sales cover. Numbers of different days cannot be compared.
    money : bool
        Without it every column and measure of money is absent.

    Raises
    ------
    TooManyScenariosError
        More than `MOST`, or none.
    NoDataError
        No sales have been imported.
    """
    if not 1 <= len(scenarios) <= MOST:
        raise TooManyScenariosError(value=len(scenarios), limit=MOST)
    day = _common_day([scenario for _, scenario in scenarios]) if as_of is None else as_of
    fixed = tuple(replace(scenario, as_of=day) for _, scenario in scenarios)
    names = _told_apart([name for name, _ in scenarios])
    impacts = [delays.impact(store, scenario, money=money) for scenario in fixed]
    first = impacts[0]
    moved = [
        name
        for name, (_, scenario) in zip(names, scenarios, strict=True)
        if scenario.as_of not in (None, first.as_of)
    ]
    return Comparison(
        as_of=first.as_of,
        currency=first.currency,
        horizon=first.horizon,
        names=names,
        scenarios=fixed,
        differences=differences(impacts),
        lines=_lines(impacts),
        series=_series(impacts),
        notes=_notes(impacts, moved),
    )


def _common_day(scenarios: Sequence[Scenario]) -> date | None:
    days = {scenario.as_of for scenario in scenarios}
    return days.pop() if len(days) == 1 else None


def _told_apart(names: Sequence[str]) -> tuple[str, ...]:
    """Return ``names`` with a number behind those that stand there already.

    >>> _told_apart(["Strike", "Strike", "Detour"])
    ('Strike', 'Strike (2)', 'Detour')
    """
    taken = ["measure", "unit", AT_REST]  # what stands beside them in a table
    for name in names:
        number, candidate = 2, name
        while candidate in taken:
            candidate, number = f"{name} ({number})", number + 1
        taken.append(candidate)
    return tuple(taken[3:])


def differences(impacts: Sequence[delays.Impact]) -> pd.DataFrame:
    """Return every measure of `MEASURES` that the answers hold, one row each.

    Parameters
    ----------
    impacts : sequence of Impact
        Of scenarios on one day; the first one's baseline is the plan at rest.

    Returns
    -------
    DataFrame
        ``measure``, ``unit``, ``at_rest``, then ``c0``, ``c1`` and so on; NaN = not known.
    """
    answers = {AT_REST: _answers(impacts[0], "baseline")}
    answers |= {
        case: _answers(impact, "scenario") for case, impact in zip(CASES[1:], impacts, strict=False)
    }
    shown = [measure for measure in MEASURES if measure in answers[AT_REST]]
    columns = {
        case: pd.Series([found[measure] for measure in shown], dtype=float)
        for case, found in answers.items()
    }
    units = [MEASURES[measure] for measure in shown]
    return pd.DataFrame({"measure": shown, "unit": units, **columns})


def _answers(impact: delays.Impact, case: str) -> dict[str, float]:
    """Return every measure of one case that is there."""
    totals = impact.totals.loc[impact.totals["case"] == case].set_index("plan").to_dict("index")
    needs = impact.needs.loc[impact.needs["case"] == case].to_dict("records")[0]
    replanned = totals["replanned"]
    found: dict[Hashable, Any] = {**needs, **totals["current"]}
    for name, column in _REPLANNED.items():
        if column in replanned:
            found[name] = replanned[column]
    return {measure: float(found[measure]) for measure in MEASURES if measure in found}


def _lines(impacts: Sequence[delays.Impact]) -> pd.DataFrame:
    parts = [_at_rest(impacts[0].lines)]
    parts += [
        _part(impact.lines, case, {name: name for name in _LINE})
        for case, impact in zip(CASES[1:], impacts, strict=False)
    ]
    columns = parts[-1].columns
    return pd.concat(parts, ignore_index=True)[columns]


def _at_rest(lines: pd.DataFrame) -> pd.DataFrame:
    known = {name: before for name, before in _LINE.items() if before is not None}
    part = _part(lines, AT_REST, known)
    if "contribution_at_risk" not in lines:
        return part
    return part.assign(contribution_at_risk=0.0)  # of what is short beyond the plan at rest


def _part(lines: pd.DataFrame, case: str, sources: Mapping[str, str]) -> pd.DataFrame:
    present = {name: source for name, source in sources.items() if source in lines}
    own = {name: lines[source].to_numpy() for name, source in present.items()}
    return lines[[*_IDENTITY]].reset_index(drop=True).assign(case=case, **own)


def _series(impacts: Sequence[delays.Impact]) -> pd.DataFrame:
    first = impacts[0].timeline
    parts = [first.loc[first["case"] == "baseline"].assign(case=AT_REST)]
    parts += [
        impact.timeline.loc[impact.timeline["case"] == "scenario"].assign(case=case)
        for case, impact in zip(CASES[1:], impacts, strict=False)
    ]
    return pd.concat(parts, ignore_index=True)[["case", "week", "plan", "items_out"]]


def _notes(impacts: Sequence[delays.Impact], moved: Sequence[str]) -> tuple[Note, ...]:
    """Return what any of them notes, each once, and whose own day was left aside."""
    notes = {repr(note): note for impact in impacts for note in impact.notes}
    if not moved:
        return tuple(notes.values())
    facts = {"day": impacts[0].as_of, "scenarios": [*moved]}
    return (*notes.values(), ("compared_on_one_day", facts))
