"""What holds of any catalogue: what a scenario does not hit stays as it is, to the unit."""

from dataclasses import fields
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.scenario import Scenario
from analytics.services import (
    board,
    planning,
    scenes,
)
from analytics.services.levels import levels
from analytics.store import Store
from tests.services.odd import odd, strange
from tests.services.shops import LAST


@pytest.fixture(scope="module")
def any_basis(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("odd") / "own") as store:
        odd(store)
        yield planning.basis(store)


seeds = st.integers(0, 10_000)
SCOPES = st.sampled_from([
    {"only_route": "camel"}, {"only_market": "XX"}, {"only_supplier": "nobody"},
    {"only_orders": ("nothing",)},
    {"hits": "ordered", "hits_until": date(2001, 1, 1)},
    {"hits_from": LAST + timedelta(days=900)},
])  # fmt: skip
LATE = {"lead_time_delay_days": 20, "lead_time_change_pct": 35, "disruption_chance_pct": 40,
        "lead_time_spread_pct": 50}  # fmt: skip


def drawn(basis, **changes):
    needed = levels(basis, Scenario(**changes))
    return needed, board.lines(basis, needed)


def same(first, then):
    """Whether two answers are the same to the unit."""
    pd.testing.assert_frame_equal(first[1], then[1])
    for method, points in first[0].reorder_points.items():
        np.testing.assert_array_equal(points, then[0].reorder_points[method])


@given(seed=seeds, scope=SCOPES)
@settings(max_examples=8, deadline=None)
def test_a_scope_of_nothing_is_rest(any_basis, seed, scope):
    shop = strange(any_basis, seed)
    rest = drawn(shop)
    same(rest, drawn(shop, **LATE, **scope))
    same(rest, drawn(shop, **scope))


@given(seed=seeds, days=st.integers(1, 90))
@settings(max_examples=8, deadline=None)
def test_a_disruption_without_a_chance_and_windows_alone_are_rest(any_basis, seed, days):
    shop = strange(any_basis, seed)
    rest = drawn(shop)
    same(rest, drawn(shop, disruption_days=days, only_stage="transit", hits_from=LAST))
    same(rest, drawn(shop, demand_from=LAST, demand_until=LAST + timedelta(days=days)))
    found = scenes.etas(shop, Scenario(disruption_days=days))
    for branch in fields(found)[:3]:
        assert (getattr(found, branch.name) == shop.arrivals["eta"].to_numpy()).all()


@given(seed=seeds)
@settings(max_examples=5, deadline=None)
def test_a_day_more_and_a_day_less_is_where_it_was(any_basis, seed):
    shop = strange(any_basis, seed)
    rest = drawn(shop)
    drawn(shop, lead_time_delay_days=1, demand_window_pct=30, disruption_chance_pct=5)
    same(rest, drawn(shop, lead_time_delay_days=0))


@given(
    seed=seeds,
    delay=st.integers(0, 60),
    change=st.sampled_from([0, 5, 70]),
    stage=st.sampled_from(["", "production", "transit", "check_in"]),
    route=st.sampled_from(["", "sea"]),
)
@settings(max_examples=15, deadline=None)
def test_no_delay_makes_an_open_order_sooner_and_none_that_is_not_hit_moves(
    any_basis, seed, delay, change, stage, route
):
    shop = strange(any_basis, seed)
    scenario = Scenario(lead_time_delay_days=delay, lead_time_change_pct=change, only_stage=stage,
                        only_route=route, disruption_chance_pct=25)  # fmt: skip
    found, rest = scenes.etas(shop, scenario), shop.arrivals["eta"].to_numpy()
    assert (found.calm >= rest).all()
    assert (found.disrupted >= found.expected).all()
    assert (found.expected >= found.calm).all()
    assert (found.disrupted[~found.is_hit] == rest[~found.is_hit]).all()
    assert (found.disrupted - found.calm == 14 * found.is_hit).all()


@given(
    scenario=st.builds(
        Scenario,
        lead_time_delay_days=st.integers(0, 90),
        disruption_chance_pct=st.integers(0, 100),
        only_stage=st.sampled_from(["", "transit"]),
        only_orders=st.sampled_from([(), ("a", "B")]),
        demand_window_pct=st.integers(-100, 200),
        demand_until=st.sampled_from([None, LAST + timedelta(days=40)]),
    )
)
@settings(max_examples=8, deadline=None)
def test_a_link_and_a_file_give_the_same_numbers(any_basis, scenario):
    told = levels(any_basis, scenario)
    first = told, board.lines(any_basis, told)
    for other in (Scenario.from_query(scenario.to_query()), Scenario.from_toml(scenario.to_toml())):
        needed = levels(any_basis, other)
        same(first, (needed, board.lines(any_basis, needed)))
