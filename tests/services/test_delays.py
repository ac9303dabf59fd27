"""The delay lab's answers: the plan at rest, more delay never loses less, each figure by hand."""

import pickle
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import inventory
from analytics.errors import UnknownItemError
from analytics.scenario import Scenario
from analytics.services import (
    board,
    delay_answers,
    delays,
    flying,
    planning,
    replenishment,
    routing,
)
from analytics.services.delay_numbers import Incoming, fate
from analytics.services.levels import levels
from analytics.store import Store
from tests.services.odd import odd
from tests.services.shops import LAST

LATE = Scenario(lead_time_delay_days=14)
STRUCK = Scenario(lead_time_delay_days=3, disruption_chance_pct=30, disruption_days=20)
KEYS = ["sku", "market"]
SAME = ("reorder_point", "safety_stock", "order_quantity", "order_by", "on_hand",
        "inventory_position")  # fmt: skip
NEVER_FALL = ("units_short",)


def keyed(lines):
    return lines.set_index(KEYS).sort_index()


@pytest.fixture(scope="module")
def rest(sample_store):
    return delays.impact(sample_store)


@pytest.fixture(scope="module")
def late(sample_store):
    return delays.impact(sample_store, LATE)


@pytest.fixture(scope="module")
def strange(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("odd") / "own") as opened:
        odd(opened)
        yield opened


# What the columns are.


@pytest.mark.parametrize("scenario", [Scenario(), LATE, STRUCK])
def test_tables_have_the_columns_that_are_named(sample_store, scenario):
    found = delays.impact(sample_store, scenario)
    for table, columns in (
        (found.totals, delays.TOTALS), (found.needs, delays.NEEDS), (found.lines, delays.LINES),
        (found.orders, delays.ORDERS), (found.timeline, delays.TIMELINE),
    ):  # fmt: skip
        assert tuple(table.columns) == columns
    assert set(found.lines["action"]) <= set(delays.ACTIONS)
    assert set(found.totals["plan"]) == set(delays.PLANS)
    assert set(found.totals["case"]) == set(delays.CASES)


# At rest.


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario(),
        Scenario(only_route="air", hits_from=LAST),
        Scenario(disruption_days=60, only_stage="transit"),
        Scenario(disruption_chance_pct=0),
    ],
)
def test_at_rest_the_lines_are_the_plan(sample_store, scenario):
    lines = keyed(delays.impact(sample_store, scenario).lines)
    plan = keyed(replenishment.plan(sample_store).lines)
    for name in SAME:
        pd.testing.assert_series_equal(lines[name], plan[name])
        if f"{name}_before" in lines:
            pd.testing.assert_series_equal(lines[f"{name}_before"], plan[name], check_names=False)
    assert (lines["days_earlier"].dropna() == 0).all()
    more = ["units_short_more", "revenue_at_risk", "contribution_at_risk", "extra_safety_stock",
            "extra_cash", "left_at_risk"]  # fmt: skip
    assert (lines[more].dropna() == 0).all().all()
    assert (lines["action"] == "none").all()
    assert not lines["is_hit"].any()


def test_at_rest_both_cases_are_one(rest, sample_store):
    for table in (rest.totals, rest.needs, rest.timeline):
        cases = [
            table.loc[table["case"] == case].drop(columns="case").reset_index(drop=True)
            for case in delays.CASES
        ]
        pd.testing.assert_frame_equal(*cases)
    plan = replenishment.plan(sample_store)
    need = rest.needs.iloc[0]
    assert need["order_value"] == pytest.approx(plan.order_value)
    assert need["order_now"] == replenishment.summary(plan).order_now
    assert rest.orders.empty


@pytest.mark.parametrize(
    "scenario",
    [
        replace(LATE, only_supplier="nobody at all"),
        replace(STRUCK, only_orders=("no such order",)),
        replace(LATE, hits_until=LAST - timedelta(days=900)),
    ],
)
def test_what_hits_nothing_changes_nothing(sample_store, rest, scenario):
    found = delays.impact(sample_store, scenario)
    pd.testing.assert_frame_equal(keyed(found.lines), keyed(rest.lines))
    assert found.checksum == rest.checksum


def test_the_first_stock_out_is_the_boards(sample_store, rest):
    lines = keyed(rest.lines)
    plan = keyed(replenishment.plan(sample_store).lines)
    within = plan["stockout_on"] <= pd.Timestamp(rest.as_of) + pd.Timedelta(days=rest.horizon)
    pd.testing.assert_series_equal(
        lines["stockout_on"], plan["stockout_on"].where(within), check_names=False
    )
    assert (lines["stockout_early_on"] <= lines["stockout_on"])[within].all()


# Worked numbers.


@pytest.mark.parametrize(
    ("later", "first", "days", "lost"), [(0, 36, 4, 40), (7, 21, 11, 110), (14, 21, 18, 180)]
)
def test_open_orders_late_by_some_days(later, first, days, lost):
    demand = np.cumsum(np.full((1, 60), 10.0), axis=1)
    eta = np.array([[18, 40]]) + later
    held, units = np.array([200.0]), np.array([[150.0, 300.0]])
    found = fate(held, demand, Incoming(eta, eta, eta, units, 0.0))
    assert (found.first[0], found.days[0], found.lost[0]) == (first, days, lost)
    course = inventory.project_by_day(held, demand, eta, units)
    assert course.lost.sum() == pytest.approx(lost)


def test_a_disruption_hits_all_open_orders_together(sample_store):
    """What is lost is the mean of two scenarios that are sure."""
    whole = Scenario(disruption_chance_pct=100, disruption_days=20)
    parts = [delays.impact(sample_store, scenario).lines for scenario in (Scenario(), whole)]
    mixed = delays.impact(sample_store, replace(whole, disruption_chance_pct=30)).lines
    calm, sure, told = (keyed(lines)["units_short"] for lines in (*parts, mixed))
    assert sure.sum() > calm.sum()
    pd.testing.assert_series_equal(told, 0.7 * calm + 0.3 * sure, check_names=False)


def test_totals_are_the_sums_of_the_lines(late):
    total = late.totals.set_index(["plan", "case"])
    for plan, case, name in (
        ("current", "baseline", "units_short_before"), ("current", "scenario", "units_short"),
        ("replanned", "baseline", "replanned_short_before"),
        ("replanned", "scenario", "replanned_short"),
    ):  # fmt: skip
        assert total.loc[(plan, case), "units_short"] == pytest.approx(late.lines[name].sum())
    at_risk = total.loc["current", "contribution_at_risk"]
    more = late.lines["units_short"] - late.lines["units_short_before"]
    assert at_risk["scenario"] - at_risk["baseline"] == pytest.approx(
        (more * late.lines["unit_contribution"]).sum()
    )
    out = (late.lines["stockout_on"] - pd.Timestamp(late.as_of)).dt.days
    for days in (30, 60, 90):
        assert total.loc[("current", "scenario"), f"out_{days}"] == (out <= days).sum()
    last = late.timeline.loc[late.timeline["week"] == late.timeline["week"].max()]
    ended = last.set_index(["plan", "case"])["items_out"]
    assert ended["current", "scenario"] == (out <= 90).sum()


def test_what_is_at_risk_is_by_the_plan_that_loses_more(late):
    """KT101 US: with nothing ordered any longer, all days out move, none is added."""
    lines = late.lines
    by_a = lines["units_short"] - lines["units_short_before"]
    by_b = lines["replanned_short"] - lines["replanned_short_before"]
    assert lines["units_short_more"].to_numpy() == pytest.approx(np.maximum(by_a, by_b))
    given_back = (by_a < 0.5) & (by_b > 10)
    assert given_back.any()
    assert (lines.loc[given_back, "action"] != "none").all()


def test_an_order_saves_what_a_projection_without_its_delay_keeps(sample_store, late):
    basis = planning.basis(sample_store)
    today = pd.Timestamp(late.as_of)
    lines = keyed(late.lines)
    by_a = lines["units_short"] - lines["units_short_before"] == lines["units_short_more"]
    told = late.orders.loc[by_a.loc[late.orders.set_index(KEYS).index].to_numpy()]
    line = told.sort_values("saved_units").iloc[-1]
    assert line["saved_units"] > 0
    row = basis.row(line["sku"], line["market"])
    open_ = basis.arrivals.loc[basis.arrivals["item"] == row]
    demand = basis.demand_by_day[[row], : late.horizon]
    stock = basis.positions.iloc[row]
    held = [stock["on_hand"] - np.nan_to_num(stock["reserved"])]
    delayed = open_["eta"].to_numpy() + 14
    on_time = np.where(open_["order_id"] == line["order_id"], open_["eta"], delayed)
    units = open_[["units"]].to_numpy(dtype=float).T
    lost = [inventory.project(held, demand, [eta], units).lost[0] for eta in (delayed, on_time)]
    assert line["saved_units"] == pytest.approx(lost[0] - lost[1])
    assert line["saved_units"] > 1
    assert line["eta_on"] - line["eta_before"] == pd.Timedelta(days=14)
    assert line["eta_before"] > today


def test_orders_are_ranked_by_what_they_save_for_their_money(late):
    rate = late.orders["saved_per_money"].dropna()
    assert rate.is_monotonic_decreasing
    known = late.orders["expedite_cost"].notna()
    assert not late.orders.loc[~known, "pays"].any()
    assert not late.orders.loc[known, "is_shipped"].any()
    pays = late.orders["saved_contribution"] > late.orders["expedite_cost"]
    assert (late.orders["pays"] == pays).all()


def test_the_first_action_that_earns_is_taken(late):
    lines = late.lines
    options = lines[["transfer_earns", "air_earns", "expedite_earns"]].to_numpy(dtype=float)
    pays = np.nan_to_num(options) > 0
    first = np.where(pays.any(axis=1), pays.argmax(axis=1), 3)
    expected = np.array(delays.ACTIONS)[first]
    lost = (lines["units_short_more"] >= 0.5).to_numpy()
    assert (lines["action"] == np.where(lost, expected, "none")).all()
    assert {"split_by_air", "none"} <= set(lines["action"])
    assert (lines["left_at_risk"] <= lines["contribution_at_risk"] + 1e-9).all()
    assert (lines["left_at_risk"] >= -1e-9).all()


def test_re_planning_never_loses_more_than_waiting(late):
    lines = late.lines
    assert (lines["replanned_short"] <= lines["units_short"] + 1e-9).all()
    assert (lines["replanned_short_before"] <= lines["units_short_before"] + 1e-9).all()
    assert lines["replanned_short_before"].sum() < lines["units_short_before"].sum()


# More delay never loses less (decision 22).

MORE = st.fixed_dictionaries(
    {
        "lead_time_delay_days": st.integers(0, 30),
        "lead_time_change_pct": st.integers(0, 20).map(lambda steps: 5 * steps),
        "disruption_chance_pct": st.integers(0, 20).map(lambda steps: 5 * steps),
    }
)
SCOPES = st.sampled_from([{}, {"only_route": "sea"}, {"only_stage": "transit"}])


def never_falls(store, less, more, scope):
    both = [
        keyed(delays.impact(store, Scenario(**values, **scope)).lines)
        for values in (less, {name: max(less[name], more[name]) for name in less})
    ]
    for name in NEVER_FALL:
        fell = (both[0][name] - both[1][name]).dropna()
        assert (fell <= 1e-6).all(), fell[fell > 1e-6]
    assert (both[0]["reorder_point"] <= both[1]["reorder_point"]).all()


@settings(max_examples=8)
@given(MORE, MORE, SCOPES)
def test_more_delay_never_loses_less(sample_store, less, more, scope):
    never_falls(sample_store, less, more, scope)


@settings(max_examples=8)
@given(MORE, MORE)
def test_more_delay_never_loses_less_of_an_odd_catalogue(strange, less, more):
    never_falls(strange, less, more, {})


def test_a_day_more_and_a_day_less_is_where_it_began(sample_store, late):
    delays.impact(sample_store, replace(LATE, lead_time_delay_days=15))
    again = delays.impact(sample_store, LATE)
    pd.testing.assert_frame_equal(again.lines, late.lines)
    assert again.checksum == late.checksum


def test_a_link_and_a_file_give_the_same_numbers(sample_store, late):
    for scenario in (Scenario.from_query(LATE.to_query()), Scenario.from_toml(LATE.to_toml())):
        assert delays.impact(sample_store, scenario).checksum == late.checksum


# What a page shows first, before the tables are made.


@pytest.mark.parametrize("money", [True, False])
def test_what_is_shown_first_is_the_head_of_the_whole(sample_store, money):
    asked = replace(LATE, lead_time_delay_days=16 + money)
    waits = delays.impact(sample_store, asked, money=money)
    first, chosen = waits.first(5), waits.first(3, action="accept")
    part, paying, many = waits.part(["sku", "action_earns"]), waits.worth_expediting, waits.n_items
    made = pickle.loads(pickle.dumps(waits))
    for whole in (waits, made):
        pd.testing.assert_frame_equal(whole.lines.head(5), first)
        accepted = whole.lines[whole.lines["action"] == "accept"].head(3)
        pd.testing.assert_frame_equal(accepted.reset_index(drop=True), chosen)
        pd.testing.assert_frame_equal(whole.lines[[*part]], part)
        assert ("action_earns" in part) == money
        assert paying == (int(whole.orders["pays"].sum()) if money else None)
        assert many == len(whole.lines)
        assert (whole.checksum, whole.scenario) == (waits.checksum, asked)
    pd.testing.assert_frame_equal(made.first(5), first)
    pd.testing.assert_frame_equal(made.first(3, action="accept"), chosen)
    pd.testing.assert_frame_equal(made.part([*part]), part)
    assert (made.worth_expediting, made.n_items) == (paying, many)


def test_the_numbers_of_today_are_those_of_the_board(sample_store):
    basis = planning.basis(sample_store)
    needed = levels(basis, LATE)
    supply = board.supply_of(basis, needed, needed.ahead)
    today, lines = board.today(basis, needed, supply), board.lines(basis, needed, supply)
    assert [board.STATUSES[place] for place in today.status] == lines["status"].tolist()
    assert today.quantity.tolist() == lines["order_quantity"].tolist()
    due = board.has_status(today, ["order_now", "decide"])
    assert due.tolist() == lines["status"].isin(["order_now", "decide"]).tolist()


# Money.


def test_hidden_money_is_absent(sample_store, late):
    shown = delays.impact(sample_store, LATE, money=False)
    for table in (shown.totals, shown.needs, shown.lines, shown.orders, shown.timeline):
        assert not set(table.columns) & set(delays.MONEY_COLUMNS)
    assert not shown.currency
    assert shown.checksum == late.checksum
    short = shown.lines["units_short_more"]
    assert short.is_monotonic_decreasing
    pd.testing.assert_frame_equal(keyed(shown.lines), keyed(late.lines)[keyed(shown.lines).columns])
    one = delays.item(sample_store, LATE, *shown.lines.iloc[0][KEYS], money=False)
    assert not (set(one.line) | set(one.actions.columns)) & set(delays.MONEY_COLUMNS)


def test_another_answer_has_another_checksum(rest, late):
    assert rest.checksum != late.checksum


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario(), LATE, STRUCK, Scenario(demand_change_pct=-50, lead_time_change_pct=-50),
        Scenario(ship_by="air", freight_change_pct=100, currency_change_pct=-30),
        Scenario(demand_window_pct=-100), Scenario(price_change_pct=50, service_level_pct=99.9),
    ],
)  # fmt: skip
def test_nothing_impossible_of_an_odd_catalogue(strange, scenario):
    found = delays.impact(strange, scenario)
    known = found.lines.loc[found.lines["on_hand"].notna()]
    numbers = ["units_short", "units_short_before", "replanned_short", "stockout_days",
               "stockout_probability", "stockout_probability_before"]  # fmt: skip
    assert np.isfinite(known[numbers]).all().all()
    assert (known[numbers] >= 0).all().all()
    assert (known[["stockout_probability", "stockout_probability_before"]] <= 1).all().all()
    assert (found.lines[["air_units", "transfer_units"]] >= 0).all().all()
    assert not np.isinf(found.lines.select_dtypes("number")).any().any()
    assert not np.isinf(found.orders.select_dtypes("number")).any().any()
    left_out = int(found.lines["on_hand"].isna().sum())
    assert (found.totals["items_left_out"] == left_out).all()
    assert np.isfinite(found.totals.select_dtypes("number")).all().all()
    assert np.isfinite(found.needs.select_dtypes("number")).all().all()
    for sku, market in found.lines[KEYS].itertuples(index=False):
        one = delays.item(strange, scenario, sku, market)
        assert np.isfinite(one.course.select_dtypes("number")).all().all()
        assert (one.course.select_dtypes("number") >= 0).all().all()
    assert not delays.frontier(strange, scenario).isna().any().any()


# One item.


def test_an_items_course_is_its_line(sample_store, late):
    line = late.lines.iloc[0]
    one = delays.item(sample_store, LATE, line["sku"].lower(), line["market"])
    course = one.course.groupby(["plan", "case"])
    assert (course.size() == late.horizon).all()
    lost = course["lost"].sum()
    assert lost["current", "scenario"] == pytest.approx(line["units_short"])
    assert lost["current", "baseline"] == pytest.approx(line["units_short_before"])
    assert lost["replanned", "scenario"] == pytest.approx(line["replanned_short"])
    assert (one.course["low"] <= one.course["on_hand"] + 1e-9).all()
    assert (one.course["on_hand"] <= one.course["high"] + 1e-9).all()
    arrived = one.arrivals.groupby(["plan", "case"])["units"].sum()
    brought = course["arrivals"].sum()
    for case in delays.CASES:
        assert brought["current", case] == pytest.approx(arrived["current", case])
        both = sum(arrived.get((plan, case), 0.0) for plan in delays.PLANS)
        assert brought["replanned", case] == pytest.approx(both)
    assert one.actions["option"].tolist() == list(delays.ACTIONS[:-1])
    assert one.actions.loc[one.actions["is_best"], "option"].tolist() == [line["action"]]
    assert set(one.actions["reason"]) <= set(delays.ACTION_REASONS)
    best = one.actions.loc[one.actions["is_best"]].iloc[0]
    assert best["earns"] == pytest.approx(line["action_earns"])


def test_an_item_that_is_not_there_is_named(sample_store):
    with pytest.raises(UnknownItemError):
        delays.item(sample_store, LATE, "no such thing", "US")


def test_more_cash_leaves_less_at_risk(sample_store):
    found = delays.frontier(sample_store, LATE)
    for _, curve in found.groupby("case"):
        assert curve["cash"].is_monotonic_increasing
        assert curve["contribution_at_risk"].is_monotonic_decreasing
    cash = found.pivot_table(index="service_level", columns="case", values="cash")
    assert (cash["scenario"] > cash["baseline"]).all()


def test_flights_are_those_that_routes_are_advised(sample_store, rest):
    """What is worth flying, by the route that earns most, is what the item's own page says."""
    basis = planning.basis(sample_store)
    rows = routing.routed(sample_store, basis)
    needed = levels(rows, Scenario())
    supply = board.supply_of(rows, needed, needed.ahead)
    lines = board.lines(rows, needed)
    told = keyed(rest.lines)
    items, compared = basis.outlook.items, 0
    for item in range(len(items)):
        own = np.flatnonzero(rows.row_of_item == item).tolist()  # the default route is the first
        code, facts = flying.advice(rows, needed, supply, lines, own).note
        flown = facts.get("fast_units", 0.0) if code in ("slow", "split", "fast", "top_up") else 0.0
        line = told.loc[tuple(items.loc[item, KEYS])]
        assert line["air_units"] == pytest.approx(flown)
        if flown > 0:
            assert line["air_earns"] == pytest.approx(facts["earns"])
        compared += flown > 0
    assert compared > 3


def test_the_case_at_rest_is_worked_out_once(sample_store):
    first, again = (
        delay_answers.found(sample_store, scenario, delays.HORIZON).rest
        for scenario in (LATE, STRUCK)
    )
    assert first is again
