"""A past year again under three methods: service reached beside the promise, and the stock held.

The sample is run twice: every item by the same promise, and each by its policy, tier by tier.

``python -m benchmarks.replay [--data FOLDER]``; with a folder also Dominick's orange juice, of
which every third item is run, by sea.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from analytics.inventory import lead_time_probabilities
from analytics.policy import Measure, Method, Order, Trigger
from analytics.services import hindsight, planning, replay, workspaces
from analytics.services.past import Past, Terms, World
from benchmarks.forecast import sets

TARGETS = (0.90, 0.95, 0.98)
LEAD_TIME = (35.0, 8.0)  # days: mean and sd, of the set that has none
COVER, REVIEW = 30, 7  # days
_SHARE = 3


def main() -> None:
    """Print service and stock by set, promise and method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    folder = parser.parse_args().data
    with workspaces.open_sample() as store:
        basis = planning.basis(store)
        found = replay.replay(store)
    _by_tier(found, basis.tiers["tier"].to_numpy())
    lead = basis.lead_times
    longest = lead.lines["lead_time_max"].to_numpy(np.float64)
    world = World(probabilities=lead.probabilities, row=lead.row, longest=longest)
    _measure("sample", replay.past(basis), world, bar=2.0)
    if folder is not None:
        past = orange_juice(folder)
        n_items = len(past.keys)
        row = np.zeros(n_items, dtype=np.int64)
        law = lead_time_probabilities([LEAD_TIME[0]], [LEAD_TIME[1]])
        longest = np.full(n_items, LEAD_TIME[0] + 2 * LEAD_TIME[1])
        _measure("orange juice", past, World(probabilities=law, row=row, longest=longest), bar=4.0)


def _by_tier(found: replay.Replay, tier: np.ndarray) -> None:
    """Print what each rule reached under the policies of the tiers."""
    items = found.items.assign(tier=tier[found.items["row"].to_numpy(dtype=np.int64)])
    by_fill = items["measure"] == Measure.FILL.value
    items["reached"] = items["fill_rate"].where(by_fill, items["cycle_service"])
    print(f"sample by its policies: {found.facts['items']} items, {found.facts['weeks']} weeks")
    print(f"  {'method':12} {'tier':12} items promise reached   fill  cycle   lost    stock")
    for (rule, name), some in items.groupby(["rule", "tier"], sort=False):
        asked = some["demand"].to_numpy(dtype=np.float64)
        promise, reached = (np.average(some[part], weights=asked) for part in ("target", "reached"))
        fill = 1 - some["units_lost"].sum() / asked.sum()
        days = some["average_stock"].sum() / (asked.sum() / (7 * found.facts["weeks"]))
        print(
            f"  {rule:12} {name:12} {len(some):5d} {100 * promise:7.1f} {100 * reached:7.1f} "
            f"{100 * fill:6.1f} {100 * some['cycle_service'].mean():6.1f} "
            f"{some['units_lost'].sum():6,.0f} {days:5.0f} days"
        )


def orange_juice(folder: Path) -> Past:
    """Return the orange juice as a past; units of a week are spread evenly over its days."""
    whole = sets.orange_juice(folder)
    panel = whole.rows(np.arange(0, len(whole.items), _SHARE))
    n_items, n_weeks = panel.units.shape
    known = ~np.isnan(panel.units)
    weekly = replay.bridged(panel.units)
    total = np.floor(np.repeat(weekly / 7, 7, axis=1).cumsum(axis=1) + 0.5)
    frame = panel.items.loc[panel.items.index.repeat(n_weeks)].reset_index(drop=True)
    frame = frame.assign(
        week=np.tile(panel.weeks.astype("M8[us]"), n_items), units=panel.units.ravel()
    )
    nothing = np.zeros(n_items)
    return Past(
        panel=frame,
        events=None,
        keys=tuple(panel.items["sku"] + " · " + panel.items["market"]),
        demand=np.diff(total, axis=1, prepend=0.0),
        in_stock=np.repeat(known, 7, axis=1),
        shares=np.full((1, 7), 1 / 7),
        market=np.zeros(n_items, dtype=np.int64),
        start=7 * np.argmax(known, axis=1),
        minimum=nothing,
        carton=nothing,
        unit_cost=nothing,
    )


def _terms(n_items: int, method: str, measure: str, level: float) -> Terms:
    def every(code: str) -> np.ndarray:
        return np.full(n_items, code, dtype=object)

    unknown = np.full(n_items, np.nan)
    return Terms(
        method=every(method),
        measure=every(measure),
        service_level=np.full(n_items, level),
        review_days=np.full(n_items, REVIEW),
        cover_days=np.full(n_items, COVER),
        by_profit=np.zeros(n_items, dtype=np.bool_),
        holding_cost=unknown,
        stockout_cost=unknown,
        season_ratio=unknown,
        order=every(Order.COVER.value),
        trigger=every(Trigger.REORDER_POINT.value),
        cap_weeks=unknown,
    )


def _measure(name: str, past: Past, world: World, bar: float) -> None:
    n_items = len(past.keys)
    rules = {
        (method.value, measure.value, level): (
            _terms(n_items, method.value, measure.value, level),
            world,
        )
        for method in (Method.QUANTILE, Method.NORMAL)
        for measure in (Measure.FILL, Measure.CYCLE)
        for level in TARGETS
    }
    rules[Method.MAX_AVERAGE.value, "-", np.nan] = (
        _terms(n_items, Method.MAX_AVERAGE.value, Measure.FILL.value, 0.95),
        world,
    )
    when = hindsight.span(past.n_weeks, n_items)
    started = time.perf_counter()
    expected = {origin: hindsight.expected_at(past, origin) for origin in when.origins}
    found = hindsight.courses(past, world, rules, when, expected)
    spent = time.perf_counter() - started
    rows = np.flatnonzero(past.start < 7 * when.first)
    print(f"{name}: {len(rows)} items, {when.weeks} weeks, {len(rules)} rules: {spent:.0f} s")
    print(f"  {'method':12} {'promise':>12}   fill  cycle   lost    stock")
    for (method, measure, level), course in found.items():
        asked, lost = course.demand[rows].sum(), course.units_lost[rows].sum()
        fill, cycle = 1 - lost / asked, course.cycle_service[rows].mean()
        days = course.average_stock[rows].sum() / (asked / len(course.cash))
        off = 100 * abs(fill - level)
        judged = method == Method.QUANTILE.value and measure == Measure.FILL.value
        verdict = f"  off {off:.1f} (bar {bar:.0f})" if judged else ""
        promise = "none" if np.isnan(level) else f"{measure} {100 * level:.0f} %"
        print(
            f"  {method:12} {promise:>12} {100 * fill:6.1f} {100 * cycle:6.1f} "
            f"{lost:9,.0f} {days:5.0f} days{verdict}"
        )


if __name__ == "__main__":
    main()
