"""Fill rates: textbook examples (inventory.md P05, P06), undershoot, limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from analytics.inventory import (
    fill_rate,
    fill_rate_normal,
    order_up_to_fill_normal,
    protection_sd,
    reorder_point_fill,
    reorder_point_fill_normal,
    safety_stock_fill_normal,
    undershoot_moments,
    units_short_normal,
)


def test_p05a_both_ways():
    """Chopra and Meindl (2016), ch. 12, per week; no undershoot."""
    sd = protection_sd(500, 2)
    assert sd == pytest.approx(707.1067811865476)
    assert special.ndtr(1000 / sd) == pytest.approx(0.9213503964748574)
    assert units_short_normal(6000, 5000, sd) == pytest.approx(25.127270830006143, rel=1e-9)
    assert fill_rate_normal(6000, 10000, 5000, sd) == pytest.approx(0.9974872729169993, rel=1e-9)
    assert safety_stock_fill_normal(0.975, 10000, sd) == pytest.approx(66.69755794644234, rel=1e-9)
    assert safety_stock_fill_normal(0.975, 10000, sd) / sd == pytest.approx(0.09432459102502415)


def test_p05b_exercise():
    sd = protection_sd(150, 2)
    assert units_short_normal(600, 500, sd) == pytest.approx(43.86125881265186, rel=1e-9)
    assert fill_rate_normal(600, 1000, 500, sd) == pytest.approx(0.9561387411873481, rel=1e-6)


def test_p06a_with_and_without_undershoot():
    assert reorder_point_fill(0.97, 300, 140, 1460**0.5) == pytest.approx(
        155.97847155311257, rel=1e-9
    )
    undershoot = undershoot_moments(10, 40**0.5)
    assert [float(part) for part in undershoot] == pytest.approx([7, 35])
    late = reorder_point_fill(0.97, 300, 140, 1460**0.5, undershoot=undershoot)
    assert late == pytest.approx(163.47441630384682, rel=1e-9)


def test_undershoot_of_whole_units_by_enumeration():
    """Renewal theory: the undershoot is u with probability P(D > u) / E[D]."""
    k = np.arange(400)
    mass = special.comb(k + 1, k) * 0.4**2 * 0.6**k  # negative binomial, mean 3, variance 7.5
    mass /= mass.sum()
    chance = (1 - mass.cumsum()) / 3
    mean = (chance * k).sum()
    got, variance = undershoot_moments(3, 7.5**0.5, whole_units=True)
    assert got == pytest.approx(mean, rel=1e-6)
    assert variance == pytest.approx((chance * k**2).sum() - mean**2, rel=0.15)  # gamma's third


def test_periodic_review_is_between_its_two_intervals():
    level = order_up_to_fill_normal(0.97, 10, 6, 30, review=14, lead_time_sd=5)
    before, until = protection_sd(6, 30, 10, 5), protection_sd(6, 30, 10, 5, 14)
    short = units_short_normal(level, 440, until) - units_short_normal(level, 300, before)
    assert short == pytest.approx(0.03 * 140, rel=1e-6)


@given(
    beta=st.floats(0.5, 0.999),
    more=st.floats(0, 0.0009),
    mean=st.just(0.0) | st.floats(1e-6, 1e4),
    cv=st.just(0.0) | st.floats(0.05, 3),
    cover=st.floats(0.05, 10),
)
@settings(max_examples=80, deadline=None)
def test_levels_keep_their_promise_and_rise_with_it(beta, more, mean, cv, cover):
    size, sd = cover * mean + 1, cv * mean
    for level_of, reached in (
        (reorder_point_fill_normal, fill_rate_normal),
        (reorder_point_fill, fill_rate),
    ):
        level = level_of(beta, size, mean, sd)
        assert np.isfinite(level)
        assert reached(level, size, mean, sd) >= beta - 1e-6
        assert level_of(beta + more, size, mean, sd) >= level - 1e-6 * (1 + abs(level))


def test_nothing_sells_nothing_is_short():
    assert [float(part) for part in undershoot_moments(0, 0)] == [0, 0]
    assert fill_rate([0, 0], [10, 0], 0, 0).tolist() == [1, 0]
    assert reorder_point_fill_normal(0.9, 10, 0, 0) == pytest.approx(-1)
    assert np.isfinite(reorder_point_fill_normal([1.0, 0.9], [10, 0], 5, 2)).all()
