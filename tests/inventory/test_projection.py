"""Stock to come: worked numbers, the same as a loop over days, and never better for being late."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.inventory.projection import project, project_by_day


def steady(rate, days, items=1):
    return np.cumsum(np.full((items, days), float(rate)), axis=1)


@pytest.mark.parametrize(
    ("late", "first", "days", "lost", "left"),
    [(0, 36, 4, 40, 90), (7, 21, 11, 110, 160), (14, 21, 18, 180, 230)],
)
def test_p13_two_orders_that_come_late(late, first, days, lost, left):
    found = project([200], steady(10, 60), [[18 + late, 40 + late]], [[150, 300]])
    assert found.stockout_day.tolist() == [first]
    assert found.stockout_days.tolist() == [days]
    assert found.lost.tolist() == [lost]
    assert found.end_stock.tolist() == [left]


def loop(on_hand, demand, eta, quantity):
    """Receipt, demand, lost sale, day by day; without stock until something arrives."""
    stock, lost, first, out, days = max(on_hand, 0.0), 0.0, None, False, 0
    for day, wanted in enumerate(demand, start=1):
        arrived = sum(q for e, q in zip(eta, quantity, strict=True) if max(e, 1) == day)
        stock += arrived
        sold = min(stock, wanted)
        out = (out and arrived == 0) or wanted - sold > 0
        stock, lost, days = stock - sold, lost + wanted - sold, days + out
        first = day if out and first is None else first
    return first, days, lost, stock


units = st.integers(0, 40).map(float)


@settings(deadline=None, max_examples=150)
@given(
    on_hand=units,
    demand=st.lists(st.integers(0, 9).map(float), min_size=1, max_size=30),
    orders=st.lists(st.tuples(st.integers(-3, 35), units), max_size=4),
)
def test_it_is_what_a_loop_over_days_finds(on_hand, demand, orders):
    eta, quantity = [e for e, _ in orders], [q for _, q in orders]
    cumulative = np.cumsum([demand], axis=1)
    found = project([on_hand], cumulative, [eta], [quantity])
    first, days, lost, left = loop(on_hand, demand, eta, quantity)
    assert found.stockout_day.tolist() == pytest.approx([first or np.nan], nan_ok=True)
    assert found.lost.tolist() == [lost]
    assert found.end_stock.tolist() == [left]
    course = project_by_day([on_hand], cumulative, [eta], [quantity])
    assert course.lost.sum() == pytest.approx(lost)
    assert course.on_hand[0, -1] == left
    if not (0.0 in demand or 0.0 in quantity):
        assert found.stockout_days.tolist() == [days]


@settings(deadline=None, max_examples=60)
@given(
    on_hand=units,
    demand=st.lists(st.integers(0, 9).map(float), min_size=5, max_size=30),
    eta=st.integers(1, 30),
    later=st.integers(0, 20),
    quantity=units,
)
def test_a_later_order_never_loses_less(on_hand, demand, eta, later, quantity):
    cumulative = np.cumsum([demand, demand], axis=1)
    both = project([on_hand] * 2, cumulative, [[eta], [eta + later]], [[quantity]] * 2)
    assert both.lost[1] >= both.lost[0]


@settings(deadline=None, max_examples=60)
@given(
    on_hand=units,
    demand=st.lists(st.floats(0, 9), min_size=1, max_size=30),
    orders=st.lists(st.tuples(st.integers(1, 30), units), max_size=4),
)
def test_every_day_adds_up(on_hand, demand, orders):
    cumulative = np.cumsum([demand], axis=1)
    course = project_by_day(
        [on_hand], cumulative, [[e for e, _ in orders]], [[q for _, q in orders]]
    )
    before = np.concatenate([[on_hand], course.on_hand[0, :-1]])
    sold = np.array(demand) - course.lost[0]
    assert course.on_hand[0] == pytest.approx(before + course.arrivals[0] - sold, abs=1e-9)
    assert (course.on_hand >= 0).all()
    assert (course.lost >= -1e-9).all()


def test_what_is_not_known_stays_unknown_and_nothing_is_below_zero():
    found = project([np.nan, -5.0, 0.0], steady(1, 10, 3), [[3]] * 3, [[np.nan], [4], [0]])
    assert np.isnan([found.stockout_day[0], found.lost[0], found.end_stock[0]]).all()
    assert found.stockout_day[1:].tolist() == [1, 1]
    assert found.lost[1:].tolist() == [6, 10]
    assert found.end_stock[1:].tolist() == [0, 0]


def test_no_demand_no_orders_and_no_items():
    quiet = project([3.0], steady(0, 10), np.empty((1, 0)), np.empty((1, 0)))
    assert np.isnan(quiet.stockout_day).all()
    assert (quiet.lost[0], quiet.stockout_days[0], quiet.end_stock[0]) == (0, 0, 3)
    none = project([], np.empty((0, 10)), np.empty((0, 2)), np.empty((0, 2)))
    assert none.lost.shape == none.end_stock.shape == (0,)


def test_demand_that_meets_stock_to_the_unit_is_no_stockout():
    assert np.isnan(project([20], steady(10, 2), [[9]], [[5]]).stockout_day).all()


def test_orders_may_stand_in_any_order_and_a_chart_starts_with_what_arrives():
    forth = project([15], steady(10, 30), [[9, 4]], [[100, 20]])
    back = project([15], steady(10, 30), [[4, 9]], [[20, 100]])
    assert (forth.lost, forth.stockout_day) == (back.lost, back.stockout_day)
    course = project_by_day([15], steady(10, 4), [[0, 2, 99]], [[5, 7, 1000]])
    assert course.arrivals.tolist() == [[5, 7, 0, 0]]


def test_a_thousand_random_cases_are_what_a_loop_over_days_finds_exactly():
    """Whole units, so that no rounding hides anything; 80 days, up to five orders, some overdue."""
    rng = np.random.default_rng(6)
    items, days, orders = 1_000, 80, 5
    busy = rng.random((items, days)) < rng.choice([0.2, 0.7, 1.0], (items, 1))
    demand = (1 + rng.poisson(rng.uniform(0.1, 12, (items, 1)), (items, days))) * busy
    on_hand = rng.integers(-5, 300, items)
    eta = rng.integers(-10, days + 20, (items, orders))
    quantity = rng.integers(0, 200, (items, orders)) * (rng.random((items, orders)) < 0.7)
    cumulative = demand.cumsum(axis=1).astype(float)
    found = project(on_hand, cumulative, eta, quantity)
    course = project_by_day(on_hand, cumulative, eta, quantity)
    for row in range(items):
        first, unmet, lost, stock = played(on_hand[row], demand[row], eta[row], quantity[row])
        assert found.lost[row] == lost.sum()
        assert found.end_stock[row] == stock[-1]
        assert course.lost[row].tolist() == lost.tolist()
        assert course.on_hand[row].tolist() == stock.tolist()
        assert np.array_equal(found.stockout_day[row], first, equal_nan=True)
        assert found.stockout_days[row] >= unmet
        if demand[row].all():  # else days that nobody asks on are without stock, too
            assert found.stockout_days[row] == unmet


def played(on_hand, demand, eta, quantity):
    """Return first day, days with unmet demand, and lost and held units by day: receipt first."""
    stock, lost, held = max(on_hand, 0), [], []
    for day, wanted in enumerate(demand, start=1):
        stock += quantity[np.maximum(eta, 1) == day].sum()
        sold = min(stock, wanted)
        stock -= sold
        lost.append(wanted - sold)
        held.append(stock)
    out = np.flatnonzero(lost) + 1
    return (out[0] if len(out) else np.nan), len(out), np.array(lost), np.array(held)


def test_losing_nothing_now_and_everything_later_is_told_apart():
    """P13 once more, both orders in any row order, and as a course of days."""
    for late, lost, first in ((0, 40, 36), (7, 110, 21), (14, 180, 21)):
        course = project_by_day([200], steady(10, 60), [[40 + late, 18 + late]], [[300, 150]])
        assert course.lost.sum() == lost
        assert np.flatnonzero(course.lost[0])[0] + 1 == first
