"""The normal method: tables, textbook examples, limits (inventory.md P02, P03, P04, P12c)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from analytics.inventory import (
    normal_loss,
    normal_loss_inverse,
    normal_second_loss,
    order_up_to_normal,
    protection_sd,
    reorder_point_normal,
    safety_stock_normal,
)


def test_p02_z_loss_and_inverse():
    assert safety_stock_normal([0.9, 0.95, 0.98, 0.99], 1) == pytest.approx(
        [1.2815515655446004, 1.6448536269514722, 2.0537489106318225, 2.3263478740408408], rel=1e-12
    )
    assert normal_loss([-1, 0, 0.5, 1, 2, 3]) == pytest.approx(
        [
            1.0833154705876864,
            0.3989422804014327,
            0.1977965574013061,
            0.0833154705876863,
            0.0084907026168297,
            0.000382154317048,
        ],
        rel=1e-12,
    )
    assert normal_loss_inverse([0.5, 0.01]) == pytest.approx(
        [-0.1880492599880986, 1.938356307290103], rel=1e-10
    )


def test_p03_the_dell_example():
    """Chopra and Meindl (2016), ch. 12."""
    assert protection_sd(500, 7, 2500, 7) == pytest.approx(17549.928774784243, rel=1e-12)
    safety_stock = safety_stock_normal(0.9, protection_sd(500, 7, 2500, 7))
    assert safety_stock == pytest.approx(22491.138696520975, rel=1e-9)
    point = reorder_point_normal(2500, 500, 7, 0.9, lead_time_sd=7)
    assert point == pytest.approx(39991.138696520975, rel=1e-9)
    assert safety_stock_normal(0.9, protection_sd(500, 7)) == pytest.approx(
        1695.3333673682528, rel=1e-9
    )


def test_p03b_the_distributor():
    """Simchi-Levi: the television distributor, per week."""
    sd = protection_sd(32.08, 2)
    assert sd == pytest.approx(45.36797108092889, rel=1e-12)
    assert safety_stock_normal(0.97, sd) == pytest.approx(85.32779002380185, rel=1e-9)
    assert reorder_point_normal(44.58, 32.08, 2, 0.97) == pytest.approx(174.48779002380184)
    assert 1.9 * sd == pytest.approx(86.19914505, rel=1e-8)


def test_p04_periodic_review():
    """Chopra and Meindl, periodic review, per week."""
    sd = protection_sd(500, 2, review=4)
    assert sd == pytest.approx(1224.744871391589, rel=1e-12)
    assert safety_stock_normal(0.9, sd) == pytest.approx(1569.5737073246112, rel=1e-9)
    level = order_up_to_normal(2500, 500, 2, 0.9, review=4)
    assert level == pytest.approx(16569.573707324613, rel=1e-9)


def test_p12c_a_delay_and_its_extra_stock():
    def both(mean_days, variance):
        point = reorder_point_normal(8, 5, mean_days, 0.95, lead_time_sd=variance**0.5)
        return point - 8 * mean_days, point

    base, late = both(35, 36), both(46.5, 104.16)
    assert base == pytest.approx((92.74115936610517, 372.7411593661052), rel=1e-9)
    assert late == pytest.approx((145.5369240461503, 517.5369240461503), rel=1e-9)
    assert late[0] - base[0] == pytest.approx(52.79576468004513, rel=1e-8)


def test_second_loss_by_integration():
    x = np.linspace(-12, 12, 400_001)
    for k in (-2.0, -0.3, 0.0, 1.5, 4.0):
        exact = np.trapezoid(np.maximum(x - k, 0) ** 2 * stats.norm.pdf(x), x)
        assert 2 * normal_second_loss(k) == pytest.approx(exact, rel=1e-6)


@given(st.floats(-30, 6.5))
def test_the_inverse_undoes_the_loss(k):
    assert normal_loss_inverse(normal_loss(k)) == pytest.approx(k, rel=1e-9, abs=1e-9)


def test_far_out_digits_are_kept_and_nothing_overflows():
    far = normal_loss([10.0, 38.0, -400.0])
    assert far[0] == pytest.approx(special.ndtr(-10) * 10 * 0.00971, rel=0.01)
    assert far[2] == 400
    assert np.isfinite(normal_second_loss([-1e3, 0, 40])).all()
    assert np.isfinite(normal_loss_inverse([0.0, -1.0, 1e9])).all()
    assert np.isnan(normal_loss_inverse(np.nan))


def test_without_spread_there_is_no_buffer():
    assert reorder_point_normal(5, 0, 10, 0.99) == 50
    assert safety_stock_normal([0.2, 0.99], 0.0).tolist() == [0, 0]
