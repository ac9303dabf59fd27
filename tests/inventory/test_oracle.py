"""Beside stockpyl, one item at a time as it works, wherever it can be asked the same question."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import distributions
from analytics.distributions.losses import loss, second_loss
from analytics.inventory import (
    economic_lot,
    newsvendor,
    newsvendor_by_cost,
    normal_loss,
    normal_second_loss,
    order_up_to_normal,
    price_break_lot,
    reorder_point_normal,
    units_short_normal,
)
from analytics.inventory.demand_laws import Law

with warnings.catch_warnings():  # its own; ours are errors
    warnings.simplefilter("ignore")
    pytest.importorskip("stockpyl")
    from stockpyl import eoq, loss_functions
    from stockpyl import newsvendor as single

pytestmark = pytest.mark.filterwarnings("ignore")
EXAMPLES = settings(max_examples=30, deadline=None)
mean = st.floats(0.5, 500)
ratio = st.floats(0.5, 0.995)
cost = st.floats(0.05, 50)


@EXAMPLES
@given(st.floats(-3, 4))
def test_the_normal_loss(k):
    theirs = loss_functions.standard_normal_loss(k)[0]
    assert normal_loss(k) == pytest.approx(theirs, rel=1e-6, abs=1e-9)
    second = loss_functions.standard_normal_second_loss(k)[0]
    assert normal_second_loss(k) == pytest.approx(second, rel=1e-6, abs=1e-9)


@EXAMPLES
@given(mean, st.floats(0.1, 1.0), st.floats(0.3, 2.0))
def test_units_short_under_normal_demand(mu, spread, level):
    theirs = loss_functions.normal_loss(level * mu, mu, spread * mu)[0]
    ours = units_short_normal(level * mu, mu, spread * mu)
    assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-9 * mu)


@EXAMPLES
@given(st.floats(40, 500), st.floats(0.2, 0.8), st.floats(0.3, 2.0))
def test_units_short_under_gamma_demand(mu, spread, level):
    shape, scale = spread**-2, mu * spread**2
    theirs = loss_functions.gamma_loss(level * mu, shape, scale)[0]
    assert loss(level * mu, mu, spread * mu) == pytest.approx(theirs, rel=1e-5, abs=1e-7 * mu)
    second = loss_functions.gamma_second_loss(level * mu, shape, scale)[0]
    ours = second_loss(level * mu, mu, spread * mu)  # theirs is half of it
    assert ours == pytest.approx(2 * second, rel=1e-4)


@EXAMPLES
@given(st.floats(1, 25), st.floats(1.2, 5), st.integers(1, 40))
def test_units_short_under_negative_binomial_demand(mu, dispersion, level):
    sd = np.sqrt(mu * dispersion)
    theirs = loss_functions.negative_binomial_loss(level, mean=mu, sd=sd)[0]
    assert loss(level, mu, sd) == pytest.approx(theirs, rel=1e-5, abs=1e-8)


@EXAMPLES
@given(st.floats(1, 25), st.integers(1, 40))
def test_units_short_under_poisson_demand(mu, level):
    theirs = loss_functions.poisson_loss(level, mu)[0]
    assert loss(level, mu, np.sqrt(mu)) == pytest.approx(theirs, rel=1e-6, abs=1e-9)


@EXAMPLES
@given(mean, st.floats(0.05, 1.0), st.integers(1, 80), ratio)
def test_reorder_points_of_normal_demand(mu, spread, days, service):
    """Its lead time leaves out the period that is being ordered for."""
    sd = spread * mu
    theirs, _ = single.newsvendor_normal(1 - service, service, mu, sd, days - 1)
    assert reorder_point_normal(mu, sd, days, service) == pytest.approx(theirs, rel=1e-9)
    level, _ = single.newsvendor_normal(1 - service, service, mu, sd, days + 6)
    assert order_up_to_normal(mu, sd, days, service, review=7) == pytest.approx(level, rel=1e-9)


@EXAMPLES
@given(mean, st.floats(0.05, 0.5), cost, cost)
def test_a_single_order_by_its_costs(mu, spread, holding, shortage):
    theirs = single.newsvendor_normal(holding, shortage, mu, spread * mu)
    ours = newsvendor_by_cost(mu, spread * mu, holding=holding, shortage=shortage, law=Law.NORMAL)
    assert [float(part) for part in ours] == [pytest.approx(part, rel=1e-6) for part in theirs]


@EXAMPLES
@given(st.integers(1, 25), cost, cost)
def test_a_single_order_of_poisson_demand(mu, holding, shortage):
    theirs = single.newsvendor_poisson(holding, shortage, mu)
    level, spent = newsvendor_by_cost(mu, np.sqrt(mu), holding=holding, shortage=shortage)
    assert float(level) == theirs[0]
    assert float(spent) == pytest.approx(theirs[1], rel=1e-6)


@EXAMPLES
@given(mean, st.floats(0.05, 0.5), cost, st.floats(0.1, 0.9), st.floats(0.0, 0.9))
def test_a_single_order_by_price_and_salvage(mu, spread, price, share, left):
    bought = share * price
    salvage = left * bought
    theirs, profit = single.newsvendor_normal_explicit(price, bought, salvage, mu, spread * mu)
    ours = newsvendor(mu, spread * mu, price=price, cost=bought, salvage=salvage, law=Law.NORMAL)
    assert float(ours.quantity) == pytest.approx(theirs, rel=1e-6, abs=1e-6)
    if ours.quantity > 0:
        assert float(ours.profit) == pytest.approx(profit, rel=1e-5, abs=1e-5 * price * mu)


@EXAMPLES
@given(st.floats(10, 5_000), cost, cost, cost)
def test_economic_lots(demand, order, holding, waiting):
    quantity, spent = eoq.economic_order_quantity(order, holding, demand)
    lot = economic_lot(demand, order, holding)
    assert (float(lot.quantity), float(lot.cost)) == (pytest.approx(quantity), pytest.approx(spent))
    quantity, short, spent = eoq.economic_order_quantity_with_backorders(
        order, holding, waiting, demand
    )
    lot = economic_lot(demand, order, holding, backorder_cost=waiting)
    assert (float(lot.quantity), float(lot.cost)) == (pytest.approx(quantity), pytest.approx(spent))
    assert float(lot.backordered_share) == pytest.approx(short)


@EXAMPLES
@given(st.integers(100, 3_000), st.integers(2, 60), st.floats(0.1, 0.4), st.floats(0.5, 0.99))
def test_price_breaks(demand, order, rate, cheaper):
    prices = [1.0, cheaper, cheaper**2]
    breaks = [0, 300, 900]
    theirs = eoq.economic_order_quantity_with_all_units_discounts(
        order, rate, demand, breaks, prices
    )
    lot = price_break_lot(demand, order, rate, [1, 300, 900], prices)
    assert float(lot.cost) == pytest.approx(theirs[2], rel=2e-3)  # ours is in whole units
    assert float(lot.cost) >= theirs[2] * (1 - 1e-9)


def test_the_kernel_at_one_lead_time_is_the_gamma_that_it_knows():
    days = np.arange(1, distributions.LAST_DAY + 1)
    built = distributions.kernel(10.0 * days[None], np.sqrt(40.0 * days)[None])
    point = np.zeros((1, distributions.LAST_DAY))
    point[0, 43] = 1.0  # 44 days, a bin
    mixed = built.mixed(distributions.bin_weights(point))
    for level in (400.0, 480.0, 540.0):
        theirs = loss_functions.gamma_loss(level, 110.0, 4.0)[0]
        assert mixed.loss([level])[0] == pytest.approx(theirs, abs=0.0014 * 30)  # of a fill rate
