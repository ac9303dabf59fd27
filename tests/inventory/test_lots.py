"""Order quantities: worked examples (inventory.md P09), whole cartons, limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.inventory import (
    LONG_COVER,
    cover_quantity,
    days_of_cover,
    economic_lot,
    lot_cost,
    lot_present_value,
    price_break_lot,
    rounded_quantity,
)

BREAKS, PRICES = [0, 500, 1000], [0.30, 0.29, 0.28]


def test_p09a_with_and_without_waiting():
    """Snyder and Shen (2019), examples 3.1 and 3.8."""
    lot = economic_lot(1300, 8, 0.225)
    assert lot.quantity == pytest.approx(304.0467800264368, rel=1e-9)
    assert lot.cost == pytest.approx(68.41052550594829, rel=1e-9)
    assert lot.backordered_share == 0
    wait = economic_lot(1300, 8, 0.225, backorder_cost=5)
    assert wait.quantity == pytest.approx(310.81255515896464, rel=1e-9)
    assert wait.cost == pytest.approx(66.92136355097325, rel=1e-9)
    assert wait.backordered_share == pytest.approx(0.0430622009569378, rel=1e-9)


def test_p09b_price_breaks():
    """Nahmias: trash bags."""
    each = [economic_lot(600, 8, 0.2 * price).quantity for price in PRICES]
    assert each == pytest.approx([400, 406.83810217, 414.03933561])
    costs = [
        price * 600 + lot_cost(q, 600, 8, 0.2 * price)
        for q, price in zip((400, 500, 1000), PRICES, strict=True)
    ]
    assert costs == pytest.approx([204.00, 198.10, 200.80])
    lot = price_break_lot(600, 8, 0.2, BREAKS, PRICES)
    assert (lot.quantity, lot.price) == (500, 0.29)
    assert lot.cost == pytest.approx(198.10)


def test_p09c_minimum_and_carton():
    assert rounded_quantity([137, 30, 144, 0, -5], 100, 24).tolist() == [144, 120, 144, 0, 0]


@given(
    demand=st.floats(1, 5000),
    rate=st.floats(0.01, 1),
    moq=st.integers(1, 600),
    carton=st.integers(1, 48),
)
@settings(max_examples=60, deadline=None)
def test_no_whole_carton_costs_less(demand, rate, moq, carton):
    lot = price_break_lot(demand, 8, rate, BREAKS, PRICES, moq=moq, carton=carton)
    every = np.arange(1, 12_000 // carton + 1) * carton
    every = every[every >= moq]
    price = np.select([every >= 1000, every >= 500], [0.28, 0.29], 0.30)
    best = (price * demand + lot_cost(every, demand, 8, rate * price)).min()
    assert lot.quantity % carton == 0
    assert lot.quantity >= moq
    assert lot.cost == pytest.approx(best, rel=1e-9)


def test_breaks_by_item_and_steps_that_are_missing():
    lot = price_break_lot(
        [600, 600, 0],
        8,
        0.2,
        [[0, 500, 1000], [0, np.nan, np.nan], [0, 500, 1000]],
        [PRICES, [0.30, np.nan, np.nan], PRICES],
    )
    assert lot.quantity.tolist() == [500, 400, 0]
    assert np.isnan(lot.price[2])
    none = price_break_lot(600, 8, 0.2, [np.nan], [np.nan])
    assert (none.quantity, none.cost) == (0, 0)


def test_lots_without_cost_or_demand_stay_finite():
    lot = economic_lot([0, 100, 100, 100], [8, 0, 8, 8], [1, 1, 0, 1], backorder_cost=[5, 5, 5, 0])
    assert np.isfinite(lot.quantity).all()
    assert np.isfinite(lot.cost).all()
    assert lot.quantity[:3].tolist() == [0, 0, 100]
    assert lot_cost(0, 100, 8, 1) == 0


def test_a_big_minimum_is_valued_not_rounded_up_in_silence():
    assert days_of_cover([600, 90, 5], [0.5, 1, 0])[:2].tolist() == [1200, 90]
    assert days_of_cover(600, 0.5) > LONG_COVER
    terms = {"contribution": 13, "storage": 0.02, "capital_rate": 0.4}
    value = lot_present_value(600, 0.5, cost=0, **terms)
    assert value == pytest.approx(-424.149441, abs=1e-6)  # inventory.md P15b, whole lot kept
    assert lot_present_value(600, 0, cost=3, **terms) == -1800
    no_interest = lot_present_value(60, 1, contribution=10, cost=4, storage=0.1)
    assert no_interest == pytest.approx(60 * 6 - 0.1 * 60 * 30)
    little = lot_present_value(60, 1, contribution=10, cost=4, storage=0.1, capital_rate=1e-7)
    assert little == pytest.approx(no_interest, rel=1e-6)


def test_cover_lasts_a_review_at_least():
    assert cover_quantity([4, 4, 0], 7, [30, 1, 30]).tolist() == [120, 28, 0]
