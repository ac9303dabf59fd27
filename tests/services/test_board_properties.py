"""What holds of every order, whatever the catalogue: odd items, any demand, any scenario."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.scenario import STAGES, Scenario
from analytics.services import board, ledger, planning, replenishment
from analytics.services.levels import levels
from analytics.store import Store
from tests.services.odd import odd, strange
from tests.services.shops import LAST, day
from tests.store.sheets import sheet

TODAY = pd.Timestamp(LAST)
NUMBERS = [
    "demand_mean", "demand_sd", "lead_time_mean", "lead_time_sd", "safety_stock", "reorder_point",
    "warning_line", "order_up_to_level", "service_level", "transfer_quantity", "replenish_quantity",
]  # fmt: skip
STOCK = ["on_hand", "inventory_position", "order_quantity", "units_at_risk"]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("odd") / "own") as opened:
        odd(opened)
        yield opened


@pytest.fixture(scope="module")
def plan(store):
    return replenishment.plan(store)


@pytest.fixture(scope="module")
def basis(store):
    return planning.basis(store)


def of(lines, sku, market="US"):
    return lines.set_index(["sku", "market"]).loc[sku, market]


def check(lines, today=TODAY):
    """Nothing impossible stands on the board."""
    assert np.isfinite(lines[NUMBERS]).all().all()
    assert (lines[NUMBERS].drop(columns="safety_stock") >= 0).all().all()
    known = lines["inventory_position"].notna()
    buys = known | ~lines["status"].isin(["stock_unknown"])
    assert np.isfinite(lines.loc[known, STOCK]).all().all()
    assert lines.loc[buys, "order_quantity"].notna().all()
    assert (lines.loc[known, ["on_hand", "order_quantity", "units_at_risk"]] >= 0).all().all()
    ordered = lines.loc[lines["order_quantity"] > 0]
    assert set(ordered["status"]) <= {"order_now"}
    assert (lines.loc[lines["status"] == "order_now", "order_quantity"] > 0).all()
    assert (ordered["order_by"] == today).all()
    boxes = ordered["order_quantity"] / ordered["carton_quantity"].fillna(1.0).clip(lower=1.0)
    assert boxes.to_numpy() == pytest.approx(boxes.round().to_numpy(), abs=1e-9)
    assert (ordered["order_quantity"] >= ordered["moq"].fillna(0)).all()
    later = lines.loc[lines["status"] == "order_later"]
    assert (later["order_by"] > today).all()
    for name in ("order_by", "arrives_on", "stockout_on"):
        assert (lines[name].dropna() >= today).all()
    quiet = lines["status"].isin(["no_demand", "too_new", "discontinued"])
    assert set(lines.loc[quiet, "alert"]) <= {"none"}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"lead_time_delay_days": 90, "lead_time_change_pct": 100},
        {"lead_time_change_pct": -50, "lead_time_spread_pct": -100},
        {"lead_time_spread_pct": 200, "demand_change_pct": 100, "service_level_pct": 99.9},
        {"demand_change_pct": -50, "service_level_pct": 80.0},
    ],
    ids=["rest", "late", "sharp", "dear", "cheap"],
)
def test_nothing_impossible_stands_on_the_board(store, changes):
    for by_route in (False, True):
        check(replenishment.plan(store, Scenario(**changes), by_route=by_route).lines)


def test_nothing_impossible_stood_on_the_board_of_an_earlier_day(store):
    for ago in (60, 119):
        then = LAST - timedelta(days=ago)
        check(replenishment.plan(store, Scenario(as_of=then)).lines, pd.Timestamp(then))


def test_by_route_the_default_route_says_what_the_plan_says_and_nothing_is_counted_twice(
    store, plan
):
    routed = replenishment.plan(store, by_route=True)
    assert len(routed.lines) > len(plan.lines)
    keys = ["sku", "market"]
    default = routed.lines.loc[routed.lines["is_default_route"]].sort_values(keys)
    alone = plan.lines.sort_values(keys)
    for name in alone.columns.difference(["lead_time_mean", "lead_time_sd"]):
        assert default[name].reset_index(drop=True).equals(alone[name].reset_index(drop=True)), name
    assert routed.order_value == plan.order_value
    assert routed.totals.equals(plan.totals)
    assert routed.calendar.equals(plan.calendar)
    many, one = replenishment.summary(routed), replenishment.summary(plan)
    assert (many.order_now, many.units, many.units_at_risk) == (
        one.order_now, one.units, one.units_at_risk,
    )  # fmt: skip


def test_one_large_order_does_not_ask_for_a_thousand_times_what_ever_sold(plan):
    line = of(plan.lines, "LUMPY")
    assert line["service_measure"] == "fill"
    assert line["reorder_point"] < 20 * 52


def test_an_item_without_demand_or_a_future_threatens_nothing(plan):
    for sku in ("ONCE", "GONE"):
        assert of(plan.lines, sku)["alert"] == "none"
    assert of(plan.lines, "GONE")["units_at_risk"] == 0


def test_a_few_units_in_the_central_store_do_not_stand_for_a_whole_batch(plan):
    line = of(plan.lines, "BATCH")
    assert line["transfer_quantity"] == 30
    assert line["order_quantity"] >= 1


def test_the_target_is_what_the_quantity_lifts_to(plan):
    line = of(plan.lines, "FREE")
    gap = line["order_up_to_level"] - line["inventory_position"] - line["units_at_risk"]
    assert line["order_quantity"] == pytest.approx(np.ceil(gap - 1e-6))


def test_a_look_back_knows_nothing_that_came_later(tmp_path):
    """The board of a day is the same whether or not the files go on after it."""
    then = LAST - timedelta(days=30)
    rng = np.random.default_rng(5)
    sold = [(ago, float(units)) for ago in range(150) for units in rng.poisson(4, 1)]
    counts = [(ago, 90.0 + ago) for ago in range(0, 150, 14)]
    plans = []
    for name, from_ago in (("all", 0), ("then", 30)):
        rows = [{"sku": "A", "quantity": q, "date": day(ago)} for ago, q in sold if ago >= from_ago]
        held = [
            {"sku": "A", "on_hand": q, "date": day(ago)} for ago, q in counts if ago >= from_ago
        ]
        came = {"received_on": day(9), "quantity_received": 80.0} if from_ago == 0 else {}
        asked = [{"sku": "A", "order_id": "x", "quantity": 80.0, "ordered_on": day(50), **came}]
        if from_ago == 0:
            asked.append({"sku": "A", "order_id": "y", "quantity": 70.0, "ordered_on": day(3)})
        with Store.open(tmp_path / name) as store:
            store.load([sheet(*rows), sheet(*held, kind="stock", market="US"),
                        sheet(*asked, kind="purchase_orders", market="US")])  # fmt: skip
            if from_ago == 0:
                quantity = float(plans_quantity(store, then))
                skip = ledger.Decision(sku="A", market="US", quantity=0.0,
                                       suggested_quantity=quantity, order_by=then)  # fmt: skip
                ledger.decide(store, [skip], decided_on=LAST)
            plans.append(replenishment.plan(store, Scenario(as_of=then)).lines)
    assert plans[0].equals(plans[1])
    assert not plans[0]["is_skipped"].any()


def plans_quantity(store, then: date):
    return replenishment.plan(store, Scenario(as_of=then)).lines["order_quantity"].iloc[0]


# Any demand, lead time, stock, open order and policy, on the rows of the odd catalogue


def drawn(basis, **changes):
    scenario = Scenario(**changes)
    needed = levels(basis, scenario)
    return needed, board.lines(basis, needed)


seeds = st.integers(0, 10_000)


@given(seed=seeds, delay=st.integers(0, 90), change=st.sampled_from([-50, 0, 50, 100]))
@settings(max_examples=12, deadline=None)
def test_whatever_sells_and_however_it_is_bought_orders_are_possible(basis, seed, delay, change):
    needed, lines = drawn(
        strange(basis, seed), lead_time_delay_days=delay, demand_change_pct=change
    )
    check(lines)
    plain = (
        (lines["status"] == "order_now") & (lines["order_policy"] == "cover")
        & lines["cap_weeks"].isna() & lines["moq"].isna() & lines["carton_quantity"].isna()
    )  # fmt: skip
    gap = lines["order_up_to_level"] - lines["inventory_position"] - lines["units_at_risk"]
    assert lines.loc[plain, "order_quantity"].to_numpy() == pytest.approx(
        np.ceil(gap[plain] - 1e-6).to_numpy(), abs=1e-6
    )
    for points in needed.reorder_points.values():
        assert not np.isinf(points).any()


@given(seed=seeds)
@settings(max_examples=12, deadline=None)
def test_no_cap_is_exceeded(basis, seed):
    shop = strange(basis, seed)
    needed, lines = drawn(shop)
    day_of = np.minimum(np.ceil(needed.protected_days + 7 * shop.policies.cap_weeks), 10_000)
    capped = ~np.isnan(shop.policies.cap_weeks) & (lines["order_quantity"] > 0).to_numpy()
    last = shop.demand_by_day.shape[1]
    inside = capped & (day_of <= last)
    rows = np.flatnonzero(inside)
    most = shop.demand_by_day[rows, day_of[rows].astype(int) - 1]
    after = (lines["order_quantity"] + lines["inventory_position"]).to_numpy()[rows]
    assert (after <= most + 1e-6).all()


LADDERS = {
    "delay": ("lead_time_delay_days", (0, 1, 5, 30, 90)),
    "scale": ("lead_time_change_pct", (-50, -5, 0, 5, 50)),
    "chance": ("disruption_chance_pct", (0, 5, 40, 70, 100)),
    "days": ("disruption_days", (1, 5, 14, 40, 90)),
    "service": ("service_level_pct", (80.0, 90.0, 95.0, 99.0, 99.9)),
    "demand": ("demand_change_pct", (-50, -5, 0, 5, 100)),
}
SCENES = st.fixed_dictionaries(
    {},
    optional={
        "lead_time_delay_days": st.sampled_from([3, 20]),
        "disruption_chance_pct": st.sampled_from([10, 65]),
        "hits": st.sampled_from(["shipped", "ordered"]),
        "hits_from": st.sampled_from([LAST - timedelta(days=20), LAST + timedelta(days=15)]),
        "hits_until": st.sampled_from([LAST + timedelta(days=15), LAST + timedelta(days=40)]),
        "only_route": st.sampled_from(["sea", "AIR", "camel"]),
        "only_stage": st.sampled_from(STAGES),
        "only_orders": st.just(tuple(f"PO-{number}" for number in range(9))),
        "demand_window_pct": st.sampled_from([-100, -40, 200]),
        "demand_from": st.sampled_from([LAST + timedelta(days=1), LAST + timedelta(days=30)]),
        "demand_until": st.sampled_from([LAST + timedelta(days=31), LAST + timedelta(days=70)]),
        "price_change_pct": st.sampled_from([-20, 20]),
    },
)


@given(seed=seeds, ladder=st.sampled_from(list(LADDERS)), scene=SCENES)
@settings(max_examples=25, deadline=None)
def test_longer_waits_and_larger_promises_never_need_or_lose_less(basis, seed, ladder, scene):
    name, steps = LADDERS[ladder]
    shop = strange(basis, seed)
    chance = {"disruption_chance_pct": 30} if ladder == "days" else {}
    found = [drawn(shop, **{**scene, **chance, name: step}) for step in steps]
    for (before, first), (after, then) in pairwise(found):
        for method, points in before.reorder_points.items():
            assert_never_falls(points, after.reorder_points[method])
        assert_never_falls(first["units_at_risk"], then["units_at_risk"])
        if ladder not in ("service", "demand"):
            by_cycle = before.target.measure == "cycle"
            normal = [level.reorder_points["normal"] - level.protection.mean
                      for level in (before, after)]  # fmt: skip
            assert_never_falls(normal[0][by_cycle], normal[1][by_cycle])
            assert_come_no_sooner(shop, before, after)
            far = pd.Timestamp("2100-01-01")
            runs_out = [frame["stockout_on"].fillna(far) for frame in (first, then)]
            assert (runs_out[1] <= runs_out[0]).all()


def assert_come_no_sooner(shop, before, after):
    for branch in ("calm", "disrupted", "expected"):
        first, then = (
            board.supply_of(shop, level, level.ahead, etas=branch) for level in (before, after)
        )
        assert_never_falls(first.eta, then.eta)
        assert_never_falls(first.ahead.lost, then.ahead.lost)


def assert_never_falls(before, after):
    low, high = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    known = ~np.isnan(low)
    assert (high[known] >= low[known] - 1e-6 - 1e-4 * np.abs(low[known])).all()


@given(seed=seeds, start=st.integers(1, 60), length=st.integers(1, 30))
@settings(max_examples=10, deadline=None)
def test_a_closure_never_postpones_an_order_nor_hastens_its_arrival(basis, seed, start, length):
    shop = strange(basis, seed)
    shut = np.array([[start, start + length]]) + np.datetime64(LAST, "D").astype(int)
    now = replace(shop, closures=np.empty((0, 2), dtype="M8[D]"))
    then = replace(shop, closures=shut.astype("M8[D]"))
    (needed, free), (_, closed) = drawn(now), drawn(then)
    check(closed)
    both = free["order_by"].notna() & closed["order_by"].notna()
    assert (closed["order_by"][both] <= free["order_by"][both]).all()
    today = (free["status"] == "order_now") & (closed["status"] == "order_now")
    assert (closed["arrives_on"][today] >= free["arrives_on"][today]).all()
    later = (free["status"] == "order_later") & (closed["status"] == "order_later")
    gone = (closed["arrives_on"] - closed["order_by"]).dt.days[later]
    assert (gone >= np.floor(needed.lead_time_mean[later.to_numpy()] - 1)).all()


@given(seed=seeds)
@settings(max_examples=10, deadline=None)
def test_a_season_that_the_stock_covers_is_not_waited_for(basis, seed):
    shop = strange(basis, seed)
    _, lines = drawn(replace(shop, policies=replace(shop.policies, cap_weeks=np.full(
        len(lines_of(shop)), np.nan))))  # fmt: skip
    waits = lines["reason"] == "season_later"
    assert (lines.loc[waits, "later_quantity"] > 0).all()


def lines_of(shop):
    return shop.outlook.items
