"""Critical ratios and single orders: worked examples (inventory.md P07, P08), limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.distributions import LAST_DAY, bin_weights, kernel
from analytics.inventory import (
    Law,
    cost_of_level,
    critical_ratio,
    critical_ratio_backorders,
    critical_ratio_lost_sales,
    demand_quantile,
    newsvendor,
    newsvendor_by_cost,
    newsvendor_of,
    outcome,
    second_order_ratio,
    units_short,
)

DAYS = np.arange(1, LAST_DAY + 1)


def test_p07_cost_form():
    """Snyder and Shen (2019), example 4.3 and following."""
    level, cost = newsvendor_by_cost(50, 8, holding=0.18, shortage=0.70, law=Law.NORMAL)
    assert level == pytest.approx(56.60395592743389, rel=1e-9)
    assert cost == pytest.approx(1.9976051931766445, rel=1e-9)
    at_60 = cost_of_level(60, 50, 8, holding=0.18, shortage=0.70, law=Law.NORMAL)
    assert at_60 == pytest.approx(2.156131552870387, rel=1e-9)
    level, cost = newsvendor_by_cost(50, 0, holding=0.18, shortage=0.70, law=Law.POISSON)
    assert (level, cost) == (56, pytest.approx(1.7972352118091788, rel=1e-9))
    level, cost = newsvendor_by_cost(120, 10, holding=2, shortage=18, law=Law.NORMAL)
    assert level == pytest.approx(132.815515655446, rel=1e-9)
    assert cost == pytest.approx(35.09966638649737, rel=1e-9)


HAMMER = {"price": 190, "cost": 110, "salvage": 90}


def test_p08_salvage_form():
    """O'Neill's Hammer 3/2: Cachon and Terwiesch (2013), ch. 12."""
    order = newsvendor(3192, 1181, **HAMMER, law=Law.NORMAL)
    assert critical_ratio(190, 110, 90) == pytest.approx(0.8)
    assert order.quantity == pytest.approx(4185.954676849612, rel=1e-9)
    assert order.short == pytest.approx(131.84409263169917, rel=1e-9)
    assert order.sales == pytest.approx(3060.1559073683006, rel=1e-9)
    assert order.left == pytest.approx(1125.7987694813114, rel=1e-9)
    assert order.profit == pytest.approx(222296.49719983793, rel=1e-9)
    assert order.fill_rate == pytest.approx(0.9586954597018486, rel=1e-9)
    at_4196 = outcome(4196, 3192, units_short(4196, 3192, 1181, law=Law.NORMAL), **HAMMER)
    assert at_4196.profit == pytest.approx(222295.30401265365, rel=1e-9)


def test_a_lognormal_season_by_integration():
    mean, sd, level = 100.0, 60.0, 140.0
    s = np.sqrt(np.log1p(0.36))
    law = stats.lognorm(s, scale=np.exp(np.log(mean) - s**2 / 2))
    x = np.linspace(level, 20_000, 1_000_001)
    exact = np.trapezoid((x - level) * law.pdf(x), x)
    assert units_short(level, mean, sd, law=Law.LOGNORMAL) == pytest.approx(exact, rel=1e-5)
    assert demand_quantile(0.8, mean, sd, law=Law.LOGNORMAL) == pytest.approx(law.ppf(0.8))


@pytest.mark.parametrize("law", list(Law))
def test_no_quantity_nearby_earns_more(law):
    terms = {"price": 25.0, "cost": 12.0, "salvage": 4.0, "goodwill": 1.0, "holding": 0.5}
    best = newsvendor(60, 60**0.5, **terms, law=law)
    for other in best.quantity + np.array([-9.0, -2.0, 2.0, 9.0]):
        short = units_short(other, 60, 60**0.5, law=law)
        assert outcome(other, 60, short, **terms).profit <= best.profit + 1e-9


def test_a_mixture_answers_like_its_law():
    mean, sd = 10.0 * DAYS, np.sqrt(40.0 * DAYS)
    weights = bin_weights(np.eye(1, LAST_DAY, 43))
    got = newsvendor_of(kernel(mean[None], sd[None]).mixed(weights), **HAMMER)
    exact = newsvendor(440, 1760**0.5, **HAMMER)
    assert got.quantity[0] == pytest.approx(exact.quantity, rel=2e-3)
    assert got.profit[0] == pytest.approx(exact.profit, rel=2e-3)


def test_repeat_items_by_hand():
    assert critical_ratio_backorders(300, 2, 8, 1200) == pytest.approx(1 - 600 / 9600)
    assert critical_ratio_lost_sales(300, 2, 8, 1200) == pytest.approx(1 - 600 / 10200)


def test_what_does_not_pay_is_not_stocked():
    too_dear = critical_ratio_backorders([300, 300, 0, 300], 2, [0.2, 0, 1, np.nan], [100, 5, 0, 5])
    assert too_dear[:3].tolist() == [0, 0, 0]  # Q h > B D; costless to be short; nothing sells
    assert np.isnan(too_dear[3])
    assert np.isnan(critical_ratio([190, 190], [110, np.nan], [np.nan, 90])).all()
    assert critical_ratio_lost_sales([300, 0, 10], [2, 0, 0], [0, 0, 4], 100).tolist() == [0, 0, 1]
    below_cost = newsvendor([50, 50], 8, price=[100, np.nan], cost=110, salvage=90)
    assert (below_cost.quantity[0], below_cost.profit[0]) == (0, 0)
    assert np.isnan(below_cost.quantity[1])
    assert critical_ratio(0, 0) == 0


@given(
    mean=st.just(0.0) | st.floats(1e-6, 1e5),
    cv=st.just(0.0) | st.floats(0.05, 3),
    price=st.floats(0, 100),
    cost=st.floats(0, 100),
    salvage=st.floats(-20, 120),
    law=st.sampled_from(list(Law)),
)
@settings(max_examples=150, deadline=None)
def test_single_orders_are_finite_and_add_up(mean, cv, price, cost, salvage, law):
    order = newsvendor(mean, mean * cv, price=price, cost=cost, salvage=salvage, law=law)
    for part in (order.quantity, order.short, order.sales, order.left, order.profit):
        assert np.isfinite(part)
    assert min(order.quantity, order.sales, order.left) >= 0
    assert order.sales + order.left == pytest.approx(order.quantity, rel=1e-9, abs=1e-6)
    assert 0 <= order.fill_rate <= 1 + 1e-9


def test_a_top_up_pays_less_than_the_first_order():
    assert second_order_ratio(12, 4.5) == pytest.approx(0.625)  # inventory.md P15d
    assert second_order_ratio([3, 0, 5], [4.5, 1, 0]).tolist() == [0, 0, 1]
