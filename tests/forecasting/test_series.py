"""Independent series: a season and a trend of their own, found and carried on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.forecasting import forecast_series


def test_a_season_is_carried_on():
    season = np.array([0.5, 0.6, 0.8, 1.0, 1.1, 1.2, 1.4, 1.5, 1.3, 1.1, 0.8, 0.7])
    made = forecast_series([100 * np.tile(season, 8)[:-5]], season_length=12, horizon=5)
    assert made[0] == pytest.approx(100 * season[-5:], rel=1e-6)


def test_a_trend_is_carried_on():
    made = forecast_series([100.0 + 2 * np.arange(80)], season_length=1, horizon=6)
    assert made[0] == pytest.approx(100.0 + 2 * np.arange(80, 86), rel=0.04)


def test_a_constant_stays():
    assert forecast_series([np.full(40, 7.0)], season_length=12, horizon=3)[0] == pytest.approx(7.0)


def test_lengths_may_differ_and_the_order_does_not_matter():
    rng = np.random.default_rng(2)
    series = [50 + rng.normal(size=n).cumsum() for n in (30, 90, 200)]
    made = forecast_series(series, season_length=12, horizon=6)
    again = forecast_series(series[::-1], season_length=12, horizon=6)
    assert made.shape == (3, 6)
    assert made == pytest.approx(again[::-1])


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.lists(st.floats(0, 1e6), min_size=1, max_size=40), min_size=1, max_size=3),
    st.sampled_from([1, 4, 12]),
)
def test_any_series_has_a_finite_forecast(series, length):
    made = forecast_series([np.array(one) for one in series], season_length=length, horizon=5)
    assert np.isfinite(made).all()
    assert (made >= 0).all()
