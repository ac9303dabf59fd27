"""The board on the sample: by invariants, under every assumption."""

from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.i18n import LANGUAGES, Translator
from analytics.policy import POLICIES
from analytics.scenario import Scenario
from analytics.services import board, planning, replenishment
from analytics.services.levels import demand_after, demand_by, levels
from analytics.services.replenishment import ALERTS, COLUMNS, STATUSES
from analytics.words import worded
from tests.services.shops import LAST
from tests.services.test_replenishment import OPTIONAL, UNKNOWN

REASONS = (
    "below_reorder_point", "below_warning_line", "batch", "too_late", "capped", "transfer_part",
    "season_due", "season_late", "season_later", "season_over", "cap_below_minimum",
    "transfer_covers", "replenish", "above_reorder_point", "watch", "covered", "stock_unknown",
    "too_new", "no_demand", "discontinued",
)  # fmt: skip


@pytest.fixture(scope="module")
def plan(sample_store):
    return replenishment.plan(sample_store)


@pytest.fixture(scope="module")
def routed(sample_store):
    return replenishment.plan(sample_store, by_route=True)


def by_item(board):
    return board.lines.set_index(["sku", "market"]).sort_index()


def test_the_board_has_its_columns_and_no_impossible_number(plan, routed):
    for lines in (plan.lines, routed.lines):
        assert tuple(lines.columns) == COLUMNS
        assert set(lines["status"]) <= set(STATUSES)
        assert set(lines["alert"]) <= set(ALERTS)
        numbers = lines.select_dtypes("number").drop(columns=[*UNKNOWN, *OPTIONAL])
        assert np.isfinite(numbers).all().all()  # the sample knows all its stock and costs
        assert (numbers.drop(columns="safety_stock") >= 0).all().all()
    assert not plan.lines.duplicated(["sku", "market"]).any()
    assert not routed.lines.duplicated(["sku", "market", "route"]).any()


def test_the_usual_route_says_the_same_alone_and_beside_the_others(plan, routed):
    usual = routed.lines.loc[routed.lines["is_default_route"]]
    assert len(routed.lines) > len(plan.lines)
    left, right = by_item(plan), usual.set_index(["sku", "market"]).sort_index()
    pd.testing.assert_frame_equal(left, right[left.columns], check_exact=False, rtol=1e-9)


def test_a_faster_route_is_never_safe_to_order_by_an_earlier_day(routed):
    lines = routed.lines.loc[routed.lines["status"] != "order_now"]
    far = pd.Timestamp("2100-01-01")
    sea = lines.loc[lines["route"] == "sea"].set_index(["sku", "market"])["order_by"].fillna(far)
    air = lines.loc[lines["route"] == "express"].set_index(["sku", "market"])["order_by"]
    both = sea.to_frame("sea").join(air.fillna(far).rename("air"), how="inner")
    other = lines["order_policy"] == "season"  # ordered by its season, not by its stock
    other |= lines["transfer_quantity"] > 0  # moved, by the usual route alone
    named = pd.MultiIndex.from_frame(lines.loc[other, ["sku", "market"]])
    plain = both.loc[~both.index.isin(named)]
    assert len(plain) > 20
    assert (plain["air"] >= plain["sea"]).all()


SCENARIOS = st.builds(
    Scenario,
    lead_time_delay_days=st.sampled_from([0, 3, 21, 90]),
    lead_time_change_pct=st.sampled_from([-50, 0, 40, 100]),
    lead_time_spread_pct=st.sampled_from([-100, 0, 200]),
    demand_change_pct=st.sampled_from([-50, 0, 100]),
    service_level_pct=st.sampled_from([None, 80.0, 95.0, 99.9]),
)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(SCENARIOS)
def test_every_order_is_one_that_the_supplier_takes_and_no_cap_is_exceeded(sample_store, scenario):
    basis = planning.basis(sample_store)
    needed = levels(basis, scenario)
    lines = board.lines(basis, needed)
    quantity = lines["order_quantity"]
    ordered = lines[quantity > 0]
    assert (ordered["order_quantity"] % ordered["carton_quantity"].fillna(1) == 0).all()
    assert (ordered["order_quantity"] >= ordered["moq"].fillna(0)).all()
    assert not basis.outlook.items.loc[quantity > 0, "discontinued"].fillna(value=False).any()
    weeks = basis.policies.cap_weeks
    ahead = needed.ahead
    most = demand_by(ahead, needed.protected_days) + demand_after(
        ahead, needed.protected_days, 7 * np.nan_to_num(weeks)
    )
    lifted = lines["inventory_position"] + lines["transfer_quantity"] + quantity
    capped = ~np.isnan(weeks) & (quantity > 0)
    assert (lifted[capped] <= most[capped] + 1e-6).all()
    none = np.isin(lines["status"], ["decide", "watch", "covered", "order_later", "no_demand"])
    assert (quantity[none] == 0).all()
    moved = lines.groupby(basis.outlook.items["sku"])["transfer_quantity"].sum()
    central = basis.central.groupby(basis.outlook.items["sku"]).first()
    assert (moved <= central + 1e-9).all()
    assert np.isfinite(lines[["order_quantity", "units_at_risk", "later_quantity"]]).all().all()


def test_what_can_no_longer_be_saved_grows_with_the_delay(sample_store):
    lost = [
        by_item(replenishment.plan(sample_store, Scenario(lead_time_delay_days=days)))
        for days in (0, 7, 14, 60)
    ]
    for before, after in pairwise(lost):
        assert (after["units_at_risk"] >= before["units_at_risk"] - 1e-9).all()
    assert lost[-1]["units_at_risk"].sum() > lost[0]["units_at_risk"].sum()


def test_an_alert_says_what_threatens_whatever_is_suggested(plan):
    lines = plan.lines
    threatened = lines["alert"].isin(["out", "runs_out"])
    dated = lines.loc[threatened].dropna(subset=["arrives_on"])
    assert (dated["stockout_on"] < dated["arrives_on"]).all()
    assert lines.loc[threatened, "stockout_on"].notna().all()
    late = lines["reason"] == "too_late"
    assert late.any()
    assert threatened[late].all()
    calm = lines.loc[lines["alert"] == "none"]
    assert (calm["inventory_position"] > calm["warning_line"]).all()


def test_an_order_is_shipped_after_it_is_placed_and_before_it_arrives(plan):
    dated = plan.lines.dropna(subset=["order_by", "ship_by", "arrives_on"])
    assert (dated["order_by"] <= dated["ship_by"]).all()
    assert (dated["ship_by"] <= dated["arrives_on"]).all()


def test_the_position_adds_up_by_state_and_by_place(plan):
    lines = plan.lines
    position = lines["on_hand"] + lines["inbound"] + lines["on_order"] - lines["reserved"]
    assert lines["inventory_position"].to_numpy() == pytest.approx(position.to_numpy())
    here = lines[["at_marketplace", "at_overseas", "at_local"]].sum(axis=1)
    assert here.to_numpy() == pytest.approx(lines["on_hand"].to_numpy())
    assert lines["in_transit"].equals(lines["inbound"].rename("in_transit"))
    assert lines["at_supplier"].equals(lines["on_order"].rename("at_supplier"))


def test_the_levels_add_up(plan):
    lines = plan.lines
    quantile = lines["lead_time_demand_mean"] + lines["safety_stock"]
    assert lines["reorder_point"].to_numpy() == pytest.approx(np.ceil(quantile - 1e-6))
    assert (lines["order_up_to_level"] >= lines["reorder_point"]).all()
    assert (lines["warning_line"] >= lines["reorder_point"]).all()


def test_the_most_urgent_stand_first(plan):
    ranks = plan.lines["status"].map(STATUSES.index)
    assert ranks.is_monotonic_increasing


def test_with_every_slider_at_rest_it_is_the_plan_exactly(sample_store, plan):
    _, last = planning.period(sample_store)
    for scenario in (Scenario(), Scenario(as_of=last)):
        assert replenishment.plan(sample_store, scenario).lines.equals(plan.lines)


def test_each_tier_is_bought_by_its_own_policy(plan):
    lines = plan.lines
    for tier, policy in POLICIES.items():
        own = lines.loc[lines["tier"] == tier.value]
        assert len(own), tier
        assert set(own["order_policy"]) == {policy.order.value}
        assert set(own["review_period"]) == {policy.review_days}
        if not policy.by_profit:
            assert set(own["service_level"].round(9)) == {policy.service_level_pct / 100}
    told = lines.loc[lines["tier"] == "seasonal"]
    assert "profit" in set(told["service_source"])


@pytest.mark.parametrize(
    "changes",
    [
        [{"lead_time_delay_days": days} for days in (0, 1, 7, 30, 90)],
        [{"service_level_pct": level} for level in (80.0, 90.0, 95.0, 99.0, 99.9)],
        [{"demand_change_pct": change} for change in (-50, 0, 50, 100)],
    ],
    ids=["delay", "service", "demand"],
)
def test_reorder_points_never_fall_when_the_wait_or_the_promise_grows(sample_store, changes):
    points = [
        by_item(replenishment.plan(sample_store, Scenario(**change)))["reorder_point"]
        for change in changes
    ]
    for before, after in pairwise(points):
        assert (after >= before).all()
    assert points[-1].sum() > points[0].sum()


def test_a_delay_shows_in_the_lead_time_and_never_postpones_an_order(sample_store, plan):
    late = by_item(replenishment.plan(sample_store, Scenario(lead_time_delay_days=10)))
    now = by_item(plan)
    assert (late["lead_time_mean"] - now["lead_time_mean"]).to_numpy() == pytest.approx(10, abs=0.2)
    far = pd.Timestamp("2100-01-01")
    assert (late["order_by"].fillna(far) <= now["order_by"].fillna(far)).all()


def test_an_earlier_day_does_not_know_what_came_later(sample_store):
    day_before = date(2026, 2, 28)
    plan = replenishment.plan(sample_store, Scenario(as_of=day_before))
    assert plan.as_of == day_before
    assert plan.lines["stock_date"].max() < pd.Timestamp(day_before)
    assert plan.lines["order_by"].dropna().ge(pd.Timestamp(day_before)).all()


def test_the_summary_and_the_calendar_agree_with_the_board(plan):
    summary = replenishment.summary(plan)
    now = plan.lines[plan.lines["status"] == "order_now"]
    assert summary.order_now == len(now)
    assert summary.units == now["order_quantity"].sum()
    due = summary.calendar.query("status == 'order_now'")
    assert due["items"].sum() == len(now)
    assert due["units"].sum() == summary.units
    assert due["value"].sum() == pytest.approx(plan.order_value)
    assert set(summary.calendar["week"].dt.day_of_week) == {0}
    assert plan.left_out == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_a_sentence_with_its_numbers(plan, language):
    t = Translator(language)
    texts = worded(t, plan.lines, {"reason": "reason"})["reason"]
    assert not texts.str.contains("[{}]|nan|NaT|_").any()
    for code in REASONS:
        assert t.has(f"reason.{code}")
    assert set(plan.lines["reason"]) <= set(REASONS)
    for section, codes in (("status", STATUSES), ("alert", ALERTS)):
        assert all(t.has(f"{section}.{code}") for code in codes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_note_has_its_words(language):
    t = Translator(language)
    facts = {"items": 3, "market": "DE", "ends_on": LAST, "oldest": LAST, "latest": LAST, "skus": 2,
             "days": 196, "shop": "web", "units": 9.0}  # fmt: skip
    for code in planning.NOTES:
        assert "{" not in t(f"note.{code}", **facts)
