"""The season ahead: its window, its deadlines, its quantity."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.distributions import LAST_DAY, quantiles
from analytics.inventory import season_ahead, season_quantity, season_target

N_DAYS = LAST_DAY


def daily(*weeks, rate=10.0, quiet=0.1):
    """Return cumulative demand by day that sells ``rate`` a day in the weeks named."""
    demand = np.full(N_DAYS, quiet)
    for week in weeks:
        demand[7 * (week - 1) : 7 * week] = rate
    return demand.cumsum()[None]


SEASON = daily(*range(12, 20))
SD = np.sqrt(2 * SEASON)


def test_window_demand_and_deadlines():
    season = season_ahead(SEASON, SD, 45.0)
    assert (season.start[0], season.end[0]) == (78, 133)  # weeks 12 to 19
    assert season.served_from[0] == 78
    assert season.mean[0] == pytest.approx(8 * 7 * 10)
    assert season.sd[0] == pytest.approx(np.sqrt(2 * 560))
    assert season.before[0] == pytest.approx(77 * 0.1)
    assert season.order_by[0] == 77 - 45  # arrives on day 77, sells from day 78
    assert season.stop_day[0] == 133 - 14 - 45  # fourteen days of season are left
    assert not season.is_cut[0]


def test_an_order_of_today_that_comes_late_serves_what_is_left():
    season = season_ahead(SEASON, SD, 99.2)
    assert season.served_from[0] == 101
    assert season.mean[0] == pytest.approx(33 * 10)
    assert season.order_by[0] == 77 - 100
    assert season.stop_day[0] == 133 - 14 - 100
    gone = season_ahead(SEASON, SD, 150)
    assert (gone.mean[0], gone.sd[0]) == (0, 0)
    assert gone.stop_day[0] < 0
    assert season_quantity(gone, [0.0], 0.9).tolist() == [0]


def test_the_quantity_fills_up_what_the_position_leaves():
    season = season_ahead(SEASON, SD, 45.0)
    target = quantiles(560.0, np.sqrt(1120.0), [0.8])[0]
    assert season_target(season, 0.8)[0] == pytest.approx(target)
    assert season_quantity(season, [0.0], 0.8)[0] == pytest.approx(target)
    assert season_quantity(season, [107.7], 0.8)[0] == pytest.approx(target - 100)
    assert season_quantity(season, [1e6], 0.8)[0] == 0
    assert season_quantity(season, [0.0], 0.0)[0] == 0
    assert np.isnan(season_quantity(season, [np.nan], 0.8)[0])


def test_a_season_at_either_end_of_the_forecast():
    now = season_ahead(daily(1, 2, 3), SD, 10.0)
    assert (now.start[0], now.order_by[0]) == (1, -10)
    last = season_ahead(daily(27, 28, 29), SD, 10.0)
    assert last.end[0] == 203
    assert last.is_cut[0]


def test_what_never_sells_has_no_season():
    season = season_ahead(np.zeros((2, N_DAYS)), np.zeros((2, N_DAYS)), 45)
    assert np.isnan(season.start).all()
    assert np.isnan(season.order_by).all()
    assert season_quantity(season, [0.0, 5.0], 0.9).tolist() == [0, 0]


@given(
    weeks=st.lists(st.floats(0, 50), min_size=29, max_size=29),
    lead=st.floats(0, 250),
    position=st.floats(-10, 1e4),
    ratio=st.floats(0, 1),
)
@settings(max_examples=80, deadline=None)
def test_the_window_holds_the_peak_and_everything_is_finite(weeks, lead, position, ratio):
    demand = np.repeat(weeks, 7)
    total = demand.cumsum()[None]
    season = season_ahead(total, np.sqrt(3 * total), lead)
    if demand.sum() == 0:
        return
    peak = 7 * int(np.argmax(np.diff(np.r_[0, total[0, 6::7]]))) + 1
    assert season.start[0] <= peak <= season.end[0]
    assert 0 <= season.mean[0] <= demand.sum() * (1 + 1e-9)
    assert np.isfinite([season.sd[0], season.before[0], season.stop_day[0]]).all()
    assert season.order_by[0] <= season.stop_day[0] + 7 * 2
    quantity = season_quantity(season, [position], ratio)[0]
    assert np.isfinite(quantity)
    assert quantity >= 0
