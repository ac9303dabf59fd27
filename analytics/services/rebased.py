"""The basis of a plan as another route, dearer freight, other exchange rates or prices make it."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import inventory
from analytics.inventory import LeadTimes
from analytics.scenario import Scenario
from analytics.services import economics
from analytics.services.economics import Changes, Economics
from analytics.services.memory import Recent
from analytics.store import Store

if TYPE_CHECKING:
    from analytics.services.planning import Basis

Rows = NDArray[np.int64]
_MEMORY = 32 * 2**20


class _Ways(NamedTuple):
    """Lead times with another default route."""

    lead_times: LeadTimes
    by_route: LeadTimes
    stages: pd.DataFrame
    arrivals: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is other than at rest; the rest of the basis is not kept twice."""

    ways: _Ways | None
    worth: Economics

    @property
    def nbytes(self) -> int:
        money = 12 * (self.worth.price.nbytes + 8 * len(self.worth.price))
        if self.ways is None:
            return money
        frames = (self.ways.by_route.lines, self.ways.stages, self.ways.arrivals)
        return money + sum(int(frame.memory_usage().sum()) for frame in frames)


_RECENT: Recent[_Parts] = Recent(_MEMORY)


def rebased(store: Store, basis: "Basis", scenario: Scenario) -> "Basis":
    """Return the basis under a scenario's route, freight, currencies and prices.

    The basis itself where none of them is set. What is worked out is kept per data version.
    """
    changes = changed(scenario)
    code = scenario.ship_by.strip().casefold()
    if changes == Changes() and not code:
        return basis
    parts = _RECENT.answer(
        (store.version, basis.outlook.as_of, code, changes),
        lambda: _parts(store, basis, code, changes),
    )
    moved = replace(
        basis,
        rates=changes.rates(basis.currency, basis.rates),
        economics=parts.worth,
        changes=changes,
    )
    return moved if parts.ways is None else replace(moved, **parts.ways._asdict())


def changed(scenario: Scenario) -> Changes:
    """Return what the scenario makes of freight, currencies and prices."""
    return Changes(
        freight=1 + scenario.freight_change_pct / 100,
        currency=1 + scenario.currency_change_pct / 100,
        price=1 + scenario.price_change_pct / 100,
    )


def _parts(store: Store, basis: "Basis", code: str, changes: Changes) -> _Parts:
    ways = _shipped_by(basis, code) if code else None
    chosen = basis.lead_times if ways is None else ways.lead_times
    seen = basis.outlook
    by = chosen.lines["route"].tolist()
    return _Parts(ways, economics.of(store, seen.items, by, seen.as_of, changes))


def _shipped_by(basis: "Basis", code: str) -> _Ways | None:
    """Return lead times whose default is another route where an item has it; None = none has."""
    every = basis.by_route
    route, item = every.lines["route"].to_numpy(dtype=object), every.lines["item"].to_numpy()
    asked = np.array([str(name).casefold() == code for name in route], dtype=bool)
    has = np.isin(item, item[asked])
    default = np.where(has, asked, every.lines["is_default"].to_numpy(dtype=bool))
    if (default == every.lines["is_default"].to_numpy(dtype=bool)).all():
        return None
    order = np.lexsort((np.arange(len(item)), ~default, item))
    lines = every.lines.assign(is_default=default).iloc[order].reset_index(drop=True)
    by_route = LeadTimes(lines, every.probabilities, every.row[order])
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    line = basis.arrivals["line"].to_numpy(dtype=np.int64)
    moved = np.where(line >= 0, place[np.maximum(line, 0)], line)
    return _Ways(
        lead_times=inventory.default_route(by_route),
        by_route=by_route,
        stages=basis.stages.iloc[order].reset_index(drop=True),
        arrivals=basis.arrivals.assign(line=moved),
    )
