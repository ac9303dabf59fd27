"""Why this reorder point? It as bars that add up, and what each of them stands on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import inventory
from analytics.inventory import LeadTimes
from analytics.policy import Method
from analytics.scenario import Scenario
from analytics.services import planning
from analytics.services.economics import Economics
from analytics.services.levels import Levels, levels
from analytics.services.planning import Basis
from analytics.services.policies import Policies
from analytics.store import Store

Array = NDArray[np.float64]
Under = Callable[[Scenario], Basis]
BARS = (
    "lead_time_demand",
    "review_demand",
    "uncertain_demand",
    "uncertain_lead_time",
    "sliders",
    "rounding",
)
# In the order in which their parts of the bar are told.
SLIDERS = (
    "ship_by",
    "demand_change_pct",
    "demand_window_pct",
    "price_change_pct",
    "freight_change_pct",
    "currency_change_pct",
    "lead_time_change_pct",
    "lead_time_delay_days",
    "lead_time_spread_pct",
    "disruption_chance_pct",
    "service_level_pct",
)
_TENTHS = 10  # bars are told in tenths of a unit, so that what is shown adds up as well
_SURE = -100  # change of the spread, in per cent, that leaves none


@dataclass(frozen=True, slots=True)
class Explained:
    """How one item's reorder point comes about.

    Attributes
    ----------
    method : str
        Whose reorder point it is, a code of `Method`.
    reorder_point : float
        Whole units; the bars add up to it.
    bars : DataFrame
        One row per bar, in the order of `BARS`: ``bar``, ``units`` (signed, in tenths),
        ``starts_at``, ``ends_at`` (what the bars before it, and with it, add up to).
    sliders : DataFrame
        One row per assumption that was moved: ``assumption`` (a field of `Scenario`), ``value``
        (NaN = no number), ``units`` (what it adds once those before it have moved, signed, in
        tenths; together the bar ``sliders``).
    facts : mapping
        What the bars are worked out from, at rest: ``method``; ``demand_per_day`` (over the lead
        time), ``lead_time_mean``, ``lead_time_sd``, ``review_days`` (days);
        ``lead_time_demand_mean``, ``lead_time_demand_sd``, ``protection_mean``, ``protection_sd``
        (units over the lead time, and with the review period), ``steady_sd`` (the latter if every
        order took the mean lead time); ``measure``, ``service_level``, ``target_source``,
        ``order_size`` (units), ``tier``; for the max-average rule ``demand_mean``, ``demand_max``
        (units/day), ``demand_days``, ``lead_time_usual``, ``lead_time_max`` (days),
        ``window_days``; and ``unrounded`` (units).
    """

    method: str
    reorder_point: float
    bars: pd.DataFrame
    sliders: pd.DataFrame
    facts: Mapping[str, object]

    @property
    def waterfall(self) -> pd.DataFrame:
        """Return the bars and their total: ``kind`` is ``adds``, ``takes`` or ``total``."""
        kind = np.where(self.bars["units"] < 0, "takes", "adds")
        total = {"bar": "reorder_point", "units": self.reorder_point, "starts_at": 0.0,
                 "ends_at": self.reorder_point, "kind": "total"}  # fmt: skip
        return pd.concat([self.bars.assign(kind=kind), pd.DataFrame([total])], ignore_index=True)


def alone(basis: Basis, row: int) -> Basis:
    """Return the basis of one item: what costs milliseconds for all costs nothing for one.

    ``outlook.days`` and ``outlook.panel`` stay those of all items.
    """
    seen, lead = basis.outlook, basis.lead_times
    some = [row]
    forecast = replace(
        seen.forecast,
        items=seen.forecast.items.iloc[some].reset_index(drop=True),
        **{
            name: getattr(seen.forecast, name)[some]
            for name in ("mean", "sd", "cumulative_mean", "cumulative_sd")
        },
    )
    return replace(
        basis,
        outlook=replace(
            seen,
            items=seen.items.iloc[some].reset_index(drop=True),
            forecast=forecast,
            source=seen.source[some],
        ),
        kernel=basis.kernel.take(some),
        demand_by_day=basis.demand_by_day[some],
        sd_by_day=basis.sd_by_day[some],
        recent=basis.recent.iloc[some].reset_index(drop=True),
        lead_times=LeadTimes(
            lead.lines.iloc[some].reset_index(drop=True),
            lead.probabilities[lead.row[some]],
            np.zeros(1, dtype=np.int64),
        ),
        stages=basis.stages.loc[basis.by_route.lines["is_default"].to_numpy()].iloc[some],
        positions=basis.positions.iloc[some].reset_index(drop=True),
        tiers=basis.tiers.iloc[some].reset_index(drop=True),
        policies=Policies(
            **{part.name: getattr(basis.policies, part.name)[some] for part in fields(Policies)}
        ),
        economics=_worth(basis.economics, some),
        row_of_item=basis.row_of_item[some],
        is_observed=basis.is_observed[some],
        elasticity=basis.elasticity[some],
    )


def _worth(every: Economics, some: list[int]) -> Economics:
    amounts = {
        part.name: getattr(every, part.name)[some]
        for part in fields(Economics)
        if part.name not in ("currency", "sources")
    }
    sources = {name: source[some] for name, source in every.sources.items()}
    return replace(every, sources=sources, **amounts)


def bars(basis: Basis, scenario: Scenario, *, under: Basis | None = None) -> pd.DataFrame:
    """Return every item's reorder point as bars that add up to it.

    Parameters
    ----------
    basis : Basis
        Of all items, or of one, see `alone`.
    scenario : Scenario
        Assumptions; the first four bars are those of the plan at rest.
    under : Basis, optional
        As the scenario's route, prices and freight make it; none = as it is.

    Returns
    -------
    DataFrame
        Rows as in ``basis.outlook.items``: ``sku``, ``market``, ``method``, `BARS` (signed units,
        in tenths), ``reorder_point`` (whole units, by the method of the item's policy).

    Notes
    -----
    Expected demand over the mean lead time and the review period, then the buffer as if every
    order took the mean lead time, then what its spread adds. By the max-average rule: usual demand
    over the usual lead time, the largest day in place of the usual one, the longest lead time in
    place of the usual one; it knows no review period.
    """
    rest = Scenario(as_of=scenario.as_of)
    moved = levels(basis if under is None else under, scenario)
    return _bars(basis, levels(basis, rest), _steady(basis), moved)


def _steady(basis: Basis) -> Levels:
    """Return the levels at rest if every order took the mean lead time."""
    return levels(basis, Scenario(as_of=basis.outlook.as_of, lead_time_spread_pct=_SURE))


def _bars(basis: Basis, still: Levels, sure: Levels, moved: Levels) -> pd.DataFrame:
    heights = np.column_stack(
        [*_built(basis, still, sure), moved.reorder_point, inventory.whole(moved.reorder_point)]
    )
    steps = np.diff(_tenths(heights), axis=1, prepend=0)
    listed = basis.outlook.items[["sku", "market"]].reset_index(drop=True)
    told = {name: steps[:, place] / _TENTHS for place, name in enumerate(BARS)}
    return listed.assign(method=moved.method, **told, reorder_point=heights[:, -1])


def _tenths(units: Array) -> NDArray[np.int64]:
    return np.asarray(np.floor(units * _TENTHS + 0.5).astype(np.int64))


def _built(basis: Basis, still: Levels, sure: Levels) -> list[Array]:
    """Return how high the first four bars reach, by the method of each item."""
    by_rule = still.method == Method.MAX_AVERAGE.value
    usual = np.nan_to_num(basis.recent["demand_mean"].to_numpy(np.float64))
    largest = np.nan_to_num(basis.recent["demand_max"].to_numpy(np.float64))
    without = np.select(
        [still.method == name for name in sure.reorder_points],
        list(sure.reorder_points.values()),
        np.nan,
    )
    start = np.where(by_rule, usual * still.lead_time_usual, still.lead.mean)
    return [
        start,
        np.where(by_rule, start, still.protection.mean),
        np.where(by_rule, largest * still.lead_time_usual, without),
        still.reorder_point,
    ]


def explained(one: Basis, scenario: Scenario, *, under: Under | None = None) -> Explained:
    """Return how the reorder point of one item comes about.

    Parameters
    ----------
    one : Basis
        Of the item at rest, see `alone`.
    scenario : Scenario
        Assumptions.
    under : callable, optional
        Returns the same as a scenario's route, prices and freight make it; none = as it is.
    """
    steps = _steps(one, scenario, under or (lambda _: one))
    still, sure, moved = steps[0][1], _steady(one), steps[-1][1]
    line = _bars(one, still, sure, moved).iloc[0]
    units = np.array([float(line[name]) for name in BARS])
    ends = np.round(units.cumsum(), 1)
    frame = pd.DataFrame(
        {"bar": BARS, "units": units, "starts_at": np.append(0.0, ends[:-1]), "ends_at": ends}
    )
    return Explained(
        method=str(line["method"]),
        reorder_point=float(line["reorder_point"]),
        bars=frame,
        sliders=_moved(steps, scenario),
        facts=_facts(one, still, sure, moved),
    )


def _steps(one: Basis, scenario: Scenario, under: Under) -> list[tuple[str, Levels]]:
    """Return the levels at rest, and with one slider after the other where it was moved.

    What says when and where something happens moves nothing by itself: it is there from the start.
    """
    rest = Scenario()
    step = replace(scenario, **{name: getattr(rest, name) for name in SLIDERS})
    found = [("", levels(one, step))]
    for name in SLIDERS:
        value = getattr(scenario, name)
        if value != getattr(step, name):
            step = replace(step, **{name: value})
            found.append((name, levels(under(step), step)))
    return found


def _moved(steps: list[tuple[str, Levels]], scenario: Scenario) -> pd.DataFrame:
    """Return what each slider adds to what those before it have."""
    heights = [int(_tenths(needed.reorder_point)[0]) for _, needed in steps]
    rows = [
        {
            "assumption": name,
            "value": _number(getattr(scenario, name)),
            "units": (heights[place] - heights[place - 1]) / _TENTHS,
        }
        for place, (name, _) in enumerate(steps)
        if name
    ]
    return pd.DataFrame(rows, columns=["assumption", "value", "units"])


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def _facts(one: Basis, still: Levels, sure: Levels, moved: Levels) -> dict[str, object]:
    numbers = {
        "demand_per_day": still.lead.mean / still.lead_time_mean,
        "lead_time_mean": still.lead_time_mean,
        "lead_time_sd": still.lead_time_sd,
        "lead_time_usual": still.lead_time_usual,
        "lead_time_max": still.lead_time_max,
        "review_days": still.review_days,
        "lead_time_demand_mean": still.lead.mean,
        "lead_time_demand_sd": still.lead.sd,
        "protection_mean": still.protection.mean,
        "protection_sd": still.protection.sd,
        "steady_sd": sure.protection.sd,
        "service_level": still.target.service_level,
        "order_size": still.order_size,
        "unrounded": moved.reorder_point,
    }
    recent = {
        name: float(one.recent[name].iloc[0])
        for name in ("demand_mean", "demand_max", "demand_days")
    }
    return {
        **{name: float(value[0]) for name, value in numbers.items()},
        **recent,
        "window_days": planning.WINDOW,
        "method": str(still.method[0]),
        "measure": str(still.target.measure[0]),
        "target_source": str(still.target.source[0]),
        "tier": str(one.tiers["tier"].iloc[0]),
    }


def table(store: Store, scenario: Scenario | None = None) -> pd.DataFrame:
    """Return `bars` of every item of a workspace, as the exported workbooks hold them.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover the scenario's day.
    """
    assumed = scenario or Scenario()
    basis = planning.basis(store, assumed.as_of)
    return bars(basis, assumed, under=planning.under(store, assumed))
