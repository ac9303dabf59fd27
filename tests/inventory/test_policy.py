"""When and how much: worked numbers and invariants."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.inventory import (
    inventory_position,
    last_safe_day,
    order_quantity,
    rounded_quantity,
    units_past_saving,
    whole,
)


def test_p09c_minimum_and_cartons():
    assert rounded_quantity([137, 30, 144, 0, -5], 100, 24).tolist() == [144, 120, 144, 0, 0]


def test_without_minimum_and_carton_units_are_whole():
    assert rounded_quantity([2.2, np.nan], [np.nan, np.nan], [np.nan, 0]).tolist() == pytest.approx(
        [3.0, np.nan], nan_ok=True
    )


@given(st.floats(0.001, 1e6), st.integers(0, 1000), st.integers(1, 500))
def test_an_order_is_whole_cartons_enough_and_hardly_more(quantity, moq, carton):
    ordered = rounded_quantity(quantity, moq, carton)
    assert ordered % carton == 0
    assert ordered >= max(quantity, moq) - 1e-3
    assert ordered < max(quantity, moq) + carton


def test_announced_and_shipped_boxes_are_the_same_boxes():
    assert inventory_position(100, 50, 80, 20, 5) == 195
    assert inventory_position(100, 90, 80, 20, 5) == 205


def test_nothing_is_ordered_above_the_reorder_point():
    got = order_quantity([99, 100, 101, np.nan], 100, 150)
    assert got.tolist() == pytest.approx([51, 50, 0, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("position", "expected"),
    [(100, 0), (99, 0), (105, 0), (110, 1), (139, 3), (140, np.nan), (np.nan, np.nan)],
)
def test_the_last_day_on_which_the_position_is_not_below(position, expected):
    demand = [[10, 20, 30, 40]]
    assert last_safe_day([position], 100, demand)[0] == pytest.approx(expected, nan_ok=True)


@given(st.lists(st.floats(0, 50), min_size=2, max_size=30), st.floats(0, 500), st.floats(0, 500))
def test_the_last_safe_day_is_safe_and_the_next_is_not(daily, position, reorder_point):
    demand = np.cumsum(daily)
    day = last_safe_day([position], reorder_point, demand[None])[0]
    after = np.append(0.0, demand)
    if np.isnan(day):
        assert position - demand[-1] >= reorder_point - 1e-6
        return
    if position >= reorder_point:
        assert position - after[int(day)] >= reorder_point - 1e-6
    assert position - after[int(day) + 1] < reorder_point + 1e-6


def test_what_cannot_be_saved_is_what_stock_does_not_cover():
    assert units_past_saving([30, 80, -10], [50, 50, 50]).tolist() == [20, 0, 50]
    assert np.isnan(units_past_saving([np.nan], [50])[0])


def test_rounding_up_forgives_arithmetic():
    assert whole([3 * 0.1 / 0.1, 3.00001, 0.0, np.nan]).tolist() == pytest.approx(
        [3.0, 4.0, 0.0, np.nan], nan_ok=True
    )
