"""Safety stock: the article's numbers, signs, and what the quantile promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.distributions import LAST_DAY, bin_weights, kernel, quantiles
from analytics.errors import NegativeInputError
from analytics.inventory import (
    reorder_point_max_average,
    safety_stock_max_average,
    safety_stock_quantile,
    warning_line,
)

DAYS = np.arange(1, LAST_DAY + 1)


def test_p01_the_article():
    assert safety_stock_max_average(20, 21, 10, 14) == 280
    assert reorder_point_max_average(20, 21) == 420
    assert warning_line(280, 420) == 560
    assert warning_line(150, 420) == 420


@given(*(st.floats(0, 1e4) for _ in range(4)))
def test_max_average_adds_up_to_its_reorder_point(mean, more, days, longer):
    safety_stock = safety_stock_max_average(mean + more, days + longer, mean, days)
    assert safety_stock >= -1e-6 * (1 + mean * days)
    point = reorder_point_max_average(mean + more, days + longer)
    assert safety_stock + mean * days == pytest.approx(point)


def test_negative_demand_is_refused():
    with pytest.raises(NegativeInputError, match="demand_max is -1"):
        safety_stock_max_average(-1, 21, 10, 14)


def test_the_quantile_method_is_the_quantile_less_the_mean():
    built = kernel(10.0 * DAYS[None], np.sqrt(40.0 * DAYS)[None])
    point = np.zeros((1, LAST_DAY))
    point[0, 43] = 1.0  # 44 days, a bin
    safety_stock, reorder_point = safety_stock_quantile(built.mixed(bin_weights(point)), 0.95)
    exact = quantiles(440.0, np.sqrt(1760.0), [0.95])[0]
    assert reorder_point[0] == pytest.approx(exact, rel=2e-3)
    assert safety_stock[0] == pytest.approx(reorder_point[0] - 440.0)


def test_rare_lumpy_demand_may_need_no_buffer():
    built = kernel(0.001 * DAYS[None], np.sqrt(0.05 * DAYS)[None])
    point = np.zeros((1, LAST_DAY))
    point[0, 43] = 1.0
    safety_stock, reorder_point = safety_stock_quantile(built.mixed(bin_weights(point)), 0.9)
    assert reorder_point[0] == 0
    assert safety_stock[0] == pytest.approx(-0.044)
