"""Smoothing: the textbook recursions, to the ninth digit, and what missing weeks may do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel

from analytics.forecasting import smoothing

EVERY = np.arange(60)


@pytest.fixture(scope="module")
def demand():
    return 50 + 10 * np.random.default_rng(3).normal(size=60)


def column(values):
    return np.asarray(values, dtype=float)[:, None]


@pytest.mark.parametrize("alpha", [0.02, 0.1, 0.35, 0.85])
def test_simple_smoothing_is_that_of_statsmodels(demand, alpha):
    model = ETSModel(demand, error="add", initialization_method="known", initial_level=41.0)
    theirs = model.smooth([alpha]).level
    ours = smoothing.exponential(
        column(demand), column(np.ones(60)), (alpha,), EVERY, start=np.array([41.0])
    )
    assert ours[:, 0, 0] == pytest.approx(theirs, rel=1e-9)


def test_with_a_fixed_season_too(demand):
    season = np.array([0.5, 0.8, 1.2, 1.5])
    factor = np.tile(season, 15)
    model = ETSModel(
        demand * factor,
        error="mul",
        seasonal="mul",
        seasonal_periods=4,
        initialization_method="known",
        initial_level=48.0,
        initial_seasonal=season,
    )
    theirs = model.smooth([0.2, 0.0]).level
    ours = smoothing.exponential(
        column(demand * factor / factor), column(np.ones(60)), (0.2,), EVERY, start=np.array([48.0])
    )
    assert ours[:, 0, 0] == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("phi", [0.9, 0.98])
def test_damped_trend_is_that_of_statsmodels(demand, phi):
    model = ETSModel(
        demand,
        error="add",
        trend="add",
        damped_trend=True,
        initialization_method="known",
        initial_level=41.0,
        initial_trend=0.7,
    )
    fit = model.smooth([0.2, 0.02, phi])
    level, growth = smoothing.damped_trend(
        column(demand),
        column(np.ones(60)),
        EVERY,
        smoothing=(0.2, 0.02, phi),
        start=(np.array([41.0]), np.array([0.7])),
    )
    assert level[:, 0] == pytest.approx(fit.level, rel=1e-9)
    assert growth[:, 0] == pytest.approx(fit.slope, rel=1e-9)
    built = phi * (1 - phi ** np.arange(1, 9)) / (1 - phi)
    assert level[-1, 0] + growth[-1, 0] * built == pytest.approx(fit.forecast(8), rel=1e-9)


def test_the_line_is_the_drift_of_theta(demand):
    fit = ThetaModel(demand, period=1, deseasonalize=False, use_test=False).fit(use_mle=False)
    slope = smoothing.line(column(demand), column(np.ones(60)), np.array([59]))
    assert slope[0, 0] == pytest.approx(fit.params["b0"], rel=1e-9)


def test_without_a_start_it_is_the_discounted_mean(demand):
    level = smoothing.exponential(column(demand), column(np.ones(60)), (0.1,), np.array([59]))
    weight = 0.9 ** np.arange(59, -1, -1)
    assert level[0, 0, 0] == pytest.approx(weight @ demand / weight.sum(), rel=1e-12)


def test_four_weeks_at_a_time_is_smoothing_of_their_totals(demand):
    level = smoothing.exponential(
        column(demand), column(np.ones(60)), (0.2,), np.array([59]), every=4
    )
    months = demand.reshape(15, 4).sum(axis=1)
    weight = 0.8 ** np.arange(14, -1, -1)
    assert level[0, 0, 0] == pytest.approx(weight @ months / weight.sum() / 4, rel=1e-9)


def test_a_chance_times_a_size_is_the_mean_of_steady_sales():
    sales = np.tile([6.0, 0.0], 200)
    level = smoothing.rare_sales(column(sales), column(np.ones(400)), (0.05, 0.02), np.array([399]))
    assert level[0, 0] == pytest.approx(3.0, rel=0.05)


def test_a_chance_times_a_size_at_one_speed_is_nothing_but_the_smoothed_mean(demand):
    rare = column(np.where(np.arange(60) % 3, 0.0, demand))
    at, gain = np.array([20, 59]), column(np.ones(60))
    twin = smoothing.exponential(rare, gain, (0.1,), at)[:, 0]
    assert smoothing.rare_sales(rare, gain, (0.1, 0.1), at) == pytest.approx(twin, rel=1e-12)
    large = rare.copy()
    large[57] *= 10  # one large sale says little of the next one's size
    slow, fast = (smoothing.rare_sales(large, gain, (0.1, a), at)[-1, 0] for a in (0.03, 0.1))
    assert slow < 0.8 * fast


def test_what_has_stopped_selling_fades():
    sales = np.r_[np.full(50, 6.0), np.zeros(50)]
    level = smoothing.rare_sales(
        column(sales), column(np.ones(100)), (0.1, 0.03), np.array([49, 99])
    )
    assert level[1, 0] < 0.01 * level[0, 0]


def test_the_middle_does_not_see_a_spike(demand):
    spiked = demand.copy()
    spiked[50:55] *= 8
    plain, lifted = (
        smoothing.middle(column(x), column(np.ones(60)), np.array([59]), 26)[0, 0]
        for x in (demand, spiked)
    )
    assert lifted < 1.25 * plain


@pytest.mark.parametrize("age", [1, 2, 5, 12])
def test_an_item_that_has_just_begun_is_what_it_sold_so_far(age):
    gain = np.zeros((60, 1))
    gain[-age:] = 0.4
    values, at = 30.0 * (gain > 0), np.array([40, 59])
    level, growth = smoothing.damped_trend(values, gain, at, smoothing=(0.2, 0.02, 0.9))
    assert growth == pytest.approx(0.0, abs=1e-9)
    for found in (
        level,
        smoothing.middle(values, gain, at, 26),
        smoothing.rare_sales(values, gain, (0.1, 0.03), at),
        smoothing.exponential(values, gain, (0.2,), at, every=4)[:, 0],
    ):
        assert found[:, 0] == pytest.approx([0.0, 30.0], abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=3, max_size=40), st.integers(0, 2**32 - 1))
def test_an_unobserved_week_teaches_nothing(values, seed):
    values = column(values)
    gain = (np.random.default_rng(seed).random(values.shape) < 0.6).astype(float)
    at = np.arange(len(values))
    wild = np.where(gain > 0, values, 1e9)
    for function in (
        lambda x: smoothing.exponential(x, gain, (0.1, 0.6), at),
        lambda x: np.stack(smoothing.damped_trend(x, gain, at, smoothing=(0.2, 0.02, 0.9))),
        lambda x: smoothing.line(x, gain, at),
    ):
        assert np.allclose(function(values), function(wild), rtol=1e-9, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40))
def test_a_level_lies_among_what_was_seen(values):
    level = smoothing.exponential(
        column(values), np.ones((len(values), 1)), (0.02, 0.85), np.arange(len(values))
    )
    assert (level >= min(values) - 1e-6).all()
    assert (level <= max(values) * (1 + 1e-9) + 1e-6).all()


@pytest.mark.parametrize("count", [1, 3, 300])
def test_rows_are_summed_to_the_last_bit_as_numpy_sums_columns(count):
    values = np.random.default_rng(count).random((40, count))
    for some in (values, np.asfortranarray(values), values[::-1], values > 0.5):
        assert np.array_equal(smoothing.summed(some), some.cumsum(axis=0, dtype=float))


def test_totals_of_a_month_are_those_of_its_weeks(demand):
    total = smoothing.running_total(column(demand), 4)[:, 0]
    assert total == pytest.approx([demand[max(0, t - 3) : t + 1].sum() for t in range(60)])
