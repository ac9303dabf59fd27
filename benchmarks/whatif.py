"""A slider's recompute, beside stockpyl's, and its whole answer in the delay lab."""

import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analytics import distributions, inventory
from analytics.charts.delays import ranked
from analytics.distributions import Kernel
from analytics.policy import Measure
from analytics.scenario import Scenario
from analytics.services import delays, forecasts, importing, planning, workspaces
from analytics.services.levels import levels
from benchmarks import catalogue as invented

ITEMS = 5_000
LAWS = 12  # suppliers and routes
ORDERS = 3  # open orders of an item
HORIZON = 180  # days
REVIEW = 7  # days
MOVES = 21  # of the slider
SHOWN = 200  # rows of the list that are drawn
# What the ranking of the items is drawn of.
RANKED = (
    "sku", "market", "name", "stake", "unit_contribution", "units_short_before", "units_short",
    "replanned_short_before", "replanned_short",
)  # fmt: skip
ASKED = 40  # items whose reorder points stockpyl is asked for
BARS_MS = {1_000: 30.0, 5_000: 100.0, 20_000: 400.0}  # of the planner's recompute, by items

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What no slider changes; shape (n_items,) unless said otherwise."""

    kernel: Kernel
    demand_by_day: Array  # cumulative, (n_items, n_days)
    daily_sd: Array
    probabilities: Array  # (n_laws, 196)
    law: NDArray[np.int64]
    age: NDArray[np.int64]  # days since the next open order was placed
    on_hand: Array
    eta: Array  # (n_items, n_orders)
    quantity: Array
    measure: NDArray[np.object_]
    unit_cost: Array
    price: Array


@dataclass(frozen=True, slots=True)
class Answer:
    """What a slider shows; shape (n_items,) each."""

    reorder_point: Array
    safety_stock: Array
    cash: Array
    stockout_probability: Array  # before the next order arrives
    stockout_day: Array
    units_short: Array
    revenue_at_risk: Array


def catalogue(n_items: int = ITEMS, seed: int = 7) -> Catalogue:
    """Return an invented catalogue with a season, open orders and a dozen of lead times."""
    rng = np.random.default_rng(seed)
    level = rng.lognormal(0.5, 1.2, n_items)
    season = 1 + 0.4 * np.sin(2 * np.pi * (np.arange(210) / 365 + rng.random((n_items, 1))))
    mean = np.cumsum(level[:, None] * season, axis=1)
    sd = np.sqrt(mean * rng.uniform(1, 4, (n_items, 1)) + (0.25 * mean) ** 2)
    lead_mean = rng.uniform(12, 65, LAWS)
    law = rng.integers(0, LAWS, n_items)
    quantity = np.round(level[:, None] * rng.uniform(10, 40, (n_items, ORDERS)))
    return Catalogue(
        kernel=distributions.kernel(mean, sd),
        demand_by_day=mean[:, :HORIZON],
        daily_sd=np.sqrt(level * 2),
        probabilities=inventory.lead_time_probabilities(lead_mean, 0.2 * lead_mean),
        law=law,
        age=rng.integers(0, 30, n_items),
        on_hand=np.round(level * rng.uniform(5, 60, n_items)),
        eta=rng.integers(1, 90, (n_items, ORDERS)).astype(np.float64),
        quantity=quantity,
        measure=np.where(rng.random(n_items) < 0.5, Measure.CYCLE.value, Measure.FILL.value).astype(
            object
        ),
        unit_cost=rng.lognormal(2, 0.7, n_items),
        price=rng.lognormal(3, 0.7, n_items),
    )


def recomputed(given: Catalogue, delay: int, service_level: float) -> Answer:
    """Return everything that moves with a slider."""
    late = inventory.delayed(
        given.probabilities, shift_days=delay, chance=0.15, delay_mean=20, delay_sd=8
    )
    longer = inventory.shifted(late, REVIEW, longest=distributions.LAST_DAY)
    lead = given.kernel.mixed(distributions.bin_weights(late)[given.law])
    protection = given.kernel.mixed(distributions.bin_weights(longer)[given.law])
    per_day = given.demand_by_day[:, 90] / 91
    point = inventory.reorder_levels(
        lead,
        protection,
        given.measure,
        service_level,
        order_size=30 * per_day,
        review_mean=REVIEW * per_day,
        review_sd=np.sqrt(REVIEW) * given.daily_sd,
    )
    safety_stock = point - protection.mean
    until_next = given.kernel.mixed(_waiting(given, late))
    held = inventory.project(given.on_hand, given.demand_by_day, given.eta + delay, given.quantity)
    return Answer(
        reorder_point=np.ceil(point),
        safety_stock=safety_stock,
        cash=np.maximum(safety_stock, 0.0) * given.unit_cost,
        stockout_probability=1 - until_next.probability(given.on_hand),
        stockout_day=held.stockout_day,
        units_short=held.lost,
        revenue_at_risk=held.lost * given.price,
    )


def _waiting(given: Catalogue, late: Array) -> Array:
    """Return the days until each item's next order arrives, on the kernel's bins."""
    pairs, place = np.unique(1_000 * given.law + given.age, return_inverse=True)
    left = inventory.remaining(late[pairs // 1_000], pairs % 1_000)
    return np.asarray(distributions.bin_weights(left)[place])


def main() -> None:
    """Print what a slider's move costs: as the planner's recompute, then in the delay lab.

    The recompute is reorder points, safety stock, its cash, chance and day of running out, units
    short and revenue at risk of every item; the lab compares two cases of it, weighs what can be
    done, ranks and draws. ``python -m benchmarks.whatif [ITEMS ...]`` asks for other sizes.
    """
    sizes = [int(word) for word in sys.argv[1:]] or list(BARS_MS)
    for items in sizes:
        _recompute(catalogue(items))
    _beside_stockpyl(catalogue())
    for items in sizes:
        with tempfile.TemporaryDirectory() as folder:
            _in_the_delay_lab(Path(folder), items)


def _recompute(given: Catalogue) -> None:
    items = len(given.on_hand)
    recomputed(given, 0, 0.95)  # the first one sets up what later ones reuse
    bar = BARS_MS.get(items, math.nan)
    _say(f"recompute, {items:,} items", lambda move: recomputed(given, move, 0.95), bar)


def _in_the_delay_lab(folder: Path, items: int) -> None:
    """Print how long the page waits for its answer: every move is a scenario never asked before.

    The first screen is all that the page reads before anybody scrolls; the whole, which a download
    or a frozen link asks for, is every row of every table.
    """
    uploads = [importing.Upload(path.name, path) for path in invented.write(folder, items)]
    with workspaces.open_own(folder / "workspace") as store:
        importing.load(store, importing.stage(store, uploads))
        forecasts.catalogue(store)
        basis = planning.basis(store)
        delays.impact(store, _scenario(0))  # at rest, once per data version
        levels(basis, _scenario(0))
        _say(
            f"delay lab, {items:,} items, first screen",
            lambda move: _first_screen(delays.impact(store, _scenario(move))),
            math.nan,
        )
        _say(
            "  with all rows of all tables",
            lambda move: _whole(delays.impact(store, _scenario(MOVES + move))),
            math.nan,
        )
        _say("  of it the levels", lambda move: levels(basis, _scenario(move)), math.nan)


def _first_screen(impact: delays.Impact) -> tuple[object, ...]:
    """Return what the page draws before anybody scrolls, and the checksum beneath its list."""
    figures = (impact.totals, impact.needs, impact.worth_expediting, impact.timeline)
    return (*figures, ranked(impact.part(RANKED)), impact.first(SHOWN), impact.checksum)


def _whole(impact: delays.Impact) -> tuple[object, ...]:
    return (*_first_screen(impact), impact.lines, impact.orders)


def _scenario(move: int) -> Scenario:
    """Return a strike on top of so many days."""
    return Scenario(
        lead_time_delay_days=move, disruption_chance_pct=15 if move else 0, disruption_days=20
    )


def _say(what: str, answer: Callable[[int], object], bar: float) -> None:
    """Print the median and the worst of the slider's moves."""
    times, work = [], []
    for move in range(1, MOVES + 1):
        started, busy = time.perf_counter(), time.process_time()
        answer(move)
        times.append(1_000 * (time.perf_counter() - started))
        work.append(1_000 * (time.process_time() - busy))
    median = statistics.median(times)
    verdict = "met" if median < bar else "MISSED"
    judged = "" if math.isnan(bar) else f"; bar: median < {bar:.0f} ms, {verdict}"
    print(
        f"{what}: median {median:.0f} ms, worst {max(times):.0f} ms "
        f"(processor: {statistics.median(work):.0f} ms{judged})"
    )


def _beside_stockpyl(given: Catalogue) -> None:
    """Print both times for reorder points that both know: normal demand, one lead time."""
    per_day = given.demand_by_day[:, 90] / 91
    days = (given.probabilities @ np.arange(1, 197))[given.law]
    started = time.perf_counter()
    ours = inventory.reorder_point_normal(per_day, given.daily_sd, days, 0.95)
    spent = 1_000 * (time.perf_counter() - started)
    try:
        from stockpyl.newsvendor import newsvendor_normal
        from stockpyl.rq import r_q_optimal_r_for_q
    except ImportError:
        print(f"  reorder points by the normal method: {spent:.1f} ms; stockpyl is not installed")
        return
    started, far = time.perf_counter(), 0.0
    for row in range(ASKED):  # its lead time excludes the period that is being ordered for
        told, _ = newsvendor_normal(0.05, 0.95, per_day[row], given.daily_sd[row], days[row] - 1)
        far = max(far, abs(told / ours[row] - 1))
    theirs = 1_000 * (time.perf_counter() - started) * ITEMS / ASKED
    started = time.perf_counter()
    for row in range(ASKED):
        batch, holding = 30 * float(per_day[row]), 0.2 / 365 * float(given.unit_cost[row])
        r_q_optimal_r_for_q(
            batch, holding, 19 * holding, per_day[row], given.daily_sd[row], days[row]
        )
    batches = 1_000 * (time.perf_counter() - started) * ITEMS / ASKED
    print(
        f"  {ITEMS:,} reorder points by the normal method: {spent:.1f} ms; stockpyl's "
        f"{theirs:,.0f} ms, at most {far:.1e} apart; best for a given batch: {batches:,.0f} ms"
    )


if __name__ == "__main__":
    main()
