"""Routes in money: a year's costs, what air may cost more, and what to fly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.inventory.routes import NormalDemand, air_top_up, break_even_premium, route_costs

SEA = {"freight": 1.0, "lead_time_mean": 45, "safety_stock": 300, "order_size": 400, "duty": 0.5}
AIR = {"freight": 4.0, "lead_time_mean": 10, "safety_stock": 120, "order_size": 100, "duty": 0.7}
ITEM = {"unit_cost": 8.0, "capital_rate": 0.15, "holding_cost": 2.4}


def normal(mean, sd):
    return NormalDemand(np.array([float(mean)]), np.array([float(sd)]))


def test_p15d_what_to_fly_before_the_sea_arrives():
    found = air_top_up(normal(280, 56.382621436), [220], margin=[12], premium=[4.5])
    assert found.units[0] == pytest.approx(77.96572263302448, rel=1e-6)
    assert found.first_unit_premium[0] == pytest.approx(10.276456369556906, rel=1e-6)
    assert 220 + found.units[0] == pytest.approx(297.9657226330245, rel=1e-6)


def test_what_flying_saves_is_what_draws_say():
    rng = np.random.default_rng(3)
    demand = rng.normal(280, 56.382621436, 400_000)
    found = air_top_up(normal(280, 56.382621436), [220], margin=[12], premium=[4.5])
    units = found.units[0]
    more = np.maximum(demand - 220, 0) - np.maximum(demand - 220 - units, 0)
    assert found.saved_units[0] == pytest.approx(more.mean(), rel=0.01)
    assert found.saved[0] == pytest.approx(12 * more.mean() - 4.5 * units, rel=0.02)


def test_the_amount_is_the_best_one():
    law = normal(280, 56.382621436)
    best = air_top_up(law, [220], margin=[12], premium=[4.5])

    def worth(units):
        supply = np.array([220.0])
        saved = law.loss(supply) - law.loss(supply + units)
        return float((12 * saved - 4.5 * units)[0])

    assert worth(best.units[0]) == pytest.approx(best.saved[0])
    assert all(worth(best.units[0] + step) < best.saved[0] for step in (-10, -1, 1, 10))


def test_nothing_flies_where_it_costs_a_sale_or_enough_is_there():
    found = air_top_up(
        NormalDemand(np.full(4, 280.0), np.full(4, 50.0)), [220, 220, 600, 220],
        margin=[4, 4, 12, -1], premium=[4, 9, 1, 2],
    )  # fmt: skip
    assert found.units.tolist() == [0, 0, 0, 0]
    assert found.saved.tolist() == [0, 0, 0, 0]
    assert found.first_unit_premium[3] == 0


def test_demand_that_is_sure_and_a_free_flight_are_finite():
    sure = air_top_up(normal(100, 0), [60], margin=[5], premium=[2])
    assert sure.units[0] == pytest.approx(40)
    assert sure.saved[0] == pytest.approx(5 * 40 - 2 * 40)
    assert sure.first_unit_premium[0] == 5
    assert np.isfinite(air_top_up(normal(100, 10), [60], margin=[5], premium=[0]).units[0])


def test_what_is_lost_before_it_lands_is_not_flown_for():
    sea, air = normal(450, 60), normal(100, 20)
    free = air_top_up(sea, [50], margin=[12], premium=[4])
    found = air_top_up(sea, [50], margin=[12], premium=[4], until_fast=air)
    gone = stats.norm.expect(lambda x: np.maximum(x - 50, 0), loc=100, scale=20)
    assert found.past_saving[0] == pytest.approx(gone, rel=1e-3)
    assert free.units[0] - found.units[0] == pytest.approx(gone, rel=1e-3)
    assert found.saved[0] < free.saved[0]
    later = air_top_up(sea, [250], margin=[12], premium=[4], until_fast=air, supply_until_fast=[50])
    assert later.past_saving[0] == pytest.approx(gone, rel=1e-3)


@settings(deadline=None, max_examples=60)
@given(
    st.floats(0, 500), st.floats(5, 100), st.floats(0, 600), st.floats(0.1, 30), st.floats(0, 30)
)
def test_flying_never_loses_money_by_its_own_count(mean, sd, supply, margin, premium):
    found = air_top_up(normal(mean, sd), [supply], margin=[margin], premium=[premium])
    assert np.isfinite([found.units[0], found.saved[0], found.first_unit_premium[0]]).all()
    assert found.units[0] >= 0
    assert found.saved[0] >= -1e-6
    assert found.saved_units[0] >= -1e-9


def test_a_years_costs_are_its_parts():
    cost = route_costs([1000.0], **SEA, **ITEM, lost_margin=90.0)
    assert cost.freight.tolist() == [1000]
    assert cost.duty.tolist() == [500]
    assert cost.pipeline[0] == pytest.approx(1000 * 8 * 0.15 * 45 / 365)
    assert cost.stock[0] == pytest.approx(2.4 * (300 + 200))
    parts = cost.freight + cost.duty + cost.pipeline + cost.stock + cost.lost
    assert cost.total == pytest.approx(parts)
    assert cost.per_unit[0] == pytest.approx(cost.total[0] / 1000)


def test_the_break_even_premium_is_the_formula_and_makes_both_routes_equal():
    sea = route_costs(1000.0, **SEA, **ITEM, lost_margin=90.0)
    air = route_costs(1000.0, **AIR, **ITEM, lost_margin=30.0)
    premium = float(break_even_premium(sea, air, 1000.0))
    by_hand = 8 * 0.15 * 35 / 365 + 2.4 * 180 / 1000 + 2.4 * 300 / 2000 - 0.2 + 0.06
    assert premium == pytest.approx(by_hand)
    even = route_costs(1000.0, **AIR | {"freight": 1 + premium}, **ITEM, lost_margin=30.0)
    assert even.total == pytest.approx(sea.total)


def test_nothing_sold_costs_nothing_per_unit_that_can_be_said():
    none = route_costs([0.0], **SEA, **ITEM)
    assert np.isnan(none.per_unit).all()
    assert np.isfinite(none.total).all()
    assert np.isnan(break_even_premium(none, none, [0.0])).all()
    assert route_costs([10.0], **SEA | {"safety_stock": -50.0}, **ITEM).stock[0] == 2.4 * 200
