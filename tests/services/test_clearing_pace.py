"""What comes to another market sells as that market's forecast and season say."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.services import clearing_places, planning
from analytics.services.clearing_pace import Pace

FLAT = Pace(np.arange(101.0)[None] * 2.0, np.array([2.0]))


def test_steady_demand_sells_at_its_speed_for_ever():
    assert FLAT.days(np.array([50.0])).tolist() == [25.0]
    assert FLAT.until(np.array([25.0])).tolist() == [50.0]
    assert FLAT.days(np.array([300.0])).tolist() == [150.0]
    assert FLAT.until(np.array([150.0])).tolist() == [300.0]


@given(
    units=st.floats(0.5, 500),
    by_day=st.lists(st.floats(0.1, 9), min_size=10, max_size=60),
)
def test_days_and_units_undo_one_another(units, by_day):
    pace = Pace(np.concatenate([[0.0], np.cumsum(by_day)])[None], np.array([1.5]))
    days = pace.days(np.array([units]))
    assert pace.until(days)[0] == pytest.approx(units, rel=1e-6)


def test_stock_waits_for_its_turn_and_misses_what_was_asked_for_on_its_way():
    # Two a day; 60 stand there: their last is sold on day 30, and 20 more sell in ten days.
    turn = clearing_places._walked(FLAT, np.array([60.0]), np.array([20.0]), np.array([20.0]))
    assert [float(part[0]) for part in turn] == pytest.approx([30.0, 2.0])
    # A peak of ten a day until day 40, then one a day: what takes 40 days comes too late for it.
    peak = Pace(np.concatenate([np.arange(41) * 10.0, 400.0 + np.arange(1, 400)])[None],
                np.array([1.0]))  # fmt: skip
    for takes, speed in ((0.0, 10.0), (40.0, 1.0)):
        _, demand = clearing_places._walked(peak, np.zeros(1), np.array([takes]), np.array([100.0]))
        assert demand[0] == pytest.approx(speed)


def test_what_is_never_sold_or_not_known_has_no_speed():
    none = Pace(np.zeros((1, 50)), np.zeros(1))
    _, demand = clearing_places._walked(none, np.array([5.0]), np.array([30.0]), np.array([9.0]))
    assert demand.tolist() == [0.0]
    wait, _ = clearing_places._walked(FLAT, np.array([np.nan]), np.array([9.0]), np.array([9.0]))
    assert np.isnan(wait).all()


def test_a_decoration_for_christmas_waits_until_the_other_market_has_sold_its_own(sample_store):
    """FD408 sells for Christmas; DE's own 99 are not gone before its forecast says so."""
    basis = planning.basis(sample_store)
    listed = basis.outlook.items
    row = np.flatnonzero((listed["sku"] == "FD408") & (listed["market"] == "DE"))
    pace = Pace.of(basis, row)
    stock = basis.positions["inventory_position"].to_numpy(dtype=np.float64)[row]
    wait = pace.days(stock)
    n_days = basis.demand_by_day.shape[1]
    assert wait[0] <= n_days
    at = int(np.searchsorted(basis.demand_by_day[row[0]], stock[0])) + 1
    assert wait[0] == pytest.approx(at, abs=1.0)
    # Half a year after the forecast is no season of it: far below the mean with the peak in it.
    begins = pd.Timestamp(basis.outlook.as_of) + pd.Timedelta(days=n_days)
    low = (pd.Timestamp(begins.year + 1, 6, 1) - begins).days if begins.month > 6 else 30
    slow = pace.until(np.array([n_days + low + 28.0])) - pace.until(np.array([n_days + low + 0.0]))
    assert slow[0] / 28 < 0.7 * basis.demand_by_day[row[0], -1] / n_days
