"""Measures against the competitions' definitions, and the backtest against truths planted in it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from analytics.forecasting import accuracy
from analytics.forecasting.backtest import METHODS, backtest, rolling
from analytics.forecasting.benchmarks import (
    Past,
    ets,
    last_year,
    moving_average,
    seasonal_naive,
)
from analytics.forecasting.contest import origins_of
from tests.forecasting.panels import panel, sellers, weeks


def past(units, origins, horizon=4):
    return Past(np.atleast_2d(np.asarray(units, dtype=float)), np.asarray(origins), horizon)


def test_measures_leave_out_what_is_not_known():
    actual, outlook = [10, np.nan, 30], [8, 100, 34]
    assert float(accuracy.wape(actual, outlook)) == pytest.approx(6 / 40)
    assert float(accuracy.bias(actual, outlook)) == pytest.approx(2 / 40)
    assert float(accuracy.wape_total([actual], [outlook])) == pytest.approx(2 / 40)
    assert float(accuracy.coverage(actual, outlook)) == 0.5


def test_nothing_known_is_nan_and_nothing_sold_is_infinite():
    assert np.isnan(accuracy.wape([np.nan], [1.0]))
    assert np.isnan(accuracy.wape([0.0], [0.0]))
    assert np.isinf(accuracy.wape([0.0], [1.0]))
    assert np.isnan(accuracy.wape_total([[np.nan, np.nan]], [[1.0, 1.0]]))
    assert np.isnan(accuracy.rmsse([1.0], [1.0], [np.nan, np.nan]))


def test_price_weighs_the_catalogue():
    actual, outlook = [[10.0], [10.0]], [[10.0], [5.0]]
    assert float(accuracy.wape(actual, outlook, weights=[[1.0], [3.0]], axis=None)) == 15 / 40


def test_mase_of_the_naive_forecast_in_sample_is_one():
    y = np.random.default_rng(1).poisson(20, 200).astype(float)
    assert float(accuracy.mase(y[1:], y[:-1], y)) == pytest.approx(1.0)
    assert float(accuracy.mase(y[52:], y[:-52], y, season=52)) == pytest.approx(1.0)
    assert float(accuracy.rmsse(y[1:], y[:-1], y)) == pytest.approx(1.0)


def test_weeks_before_the_first_sale_do_not_make_the_scale_small():
    assert accuracy.rmsse([5.0], [4.0], [0, 0, 0, 1, 3]) == accuracy.rmsse([5.0], [4.0], [1, 3])


def test_pinball_is_least_at_the_true_quantile():
    y = np.random.default_rng(2).normal(100, 10, 20_000)
    losses = {q: float(accuracy.pinball(y, q, 0.9)) for q in (105, 109, 112.8, 117, 121)}
    assert min(losses, key=losses.get) == 112.8  # 100 + 1.28 x 10
    # E loss at the quantile: sd x density = 10 x 0.17550
    assert losses[112.8] == pytest.approx(1.755, rel=0.02)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20), st.floats(0.01, 100))
def test_measures_do_not_depend_on_the_unit(values, unit):
    actual = np.array(values)
    outlook = actual[::-1] + 1
    for measure in (accuracy.wape, accuracy.bias):
        first, second = measure(actual, outlook), measure(actual * unit, outlook * unit)
        assert np.array_equal(np.isfinite(first), np.isfinite(second))
        if np.isfinite(first) and actual.sum() > 1e-3:
            assert float(first) == pytest.approx(float(second), rel=1e-6)


def test_origins_leave_the_horizon_and_enough_past():
    assert origins_of(130, count=2, every=13, horizon=13).tolist() == [103, 116]
    assert origins_of(40).tolist() == [25, 31]
    assert origins_of(20).tolist() == []


def test_the_plain_methods_are_what_they_say():
    y = np.arange(60.0)
    assert moving_average(past(y, [59]))[0, 0].tolist() == [55.5] * 4
    assert seasonal_naive(past(y, [59]))[0, 0].tolist() == [8.0, 9.0, 10.0, 11.0]
    assert seasonal_naive(past(y[:30], [29]))[0, 0].tolist() == [25.5] * 4  # no year ago
    doubled = np.concatenate([np.full(52, 10.0), np.full(52, 20.0)])
    assert last_year(past(doubled, [103]))[0, 0].tolist() == [40.0] * 4
    assert last_year(past(np.zeros(104), [103]))[0, 0].tolist() == [0.0] * 4


def test_the_plain_methods_skip_holes():
    y = np.r_[np.full(40, 4.0), np.full(20, np.nan)]
    assert moving_average(past(y, [59]))[0, 0, 0] == 4.0
    assert ets(past(y, [59]))[0, 0, 0] == pytest.approx(4.0)
    assert moving_average(past(np.full(20, np.nan), [19]))[0, 0, 0] == 0.0


def test_ets_knows_only_the_past():
    y = sellers(5, 80)
    changed = y.copy()
    changed[:, 61:] = 999
    assert np.array_equal(ets(past(y, [60, 70]))[0], ets(past(changed, [60, 70]))[0])


def test_ets_is_near_what_maximum_likelihood_finds():
    """The chosen grid point loses at most 1 % of the sum of squares of statsmodels' optimum."""
    rng = np.random.default_rng(5)
    for alpha in (0.1, 0.3, 0.7):
        shocks = rng.normal(0, 5, 156)
        level = 100 + np.concatenate([[0], (alpha * shocks).cumsum()[:-1]])
        y = level + shocks
        fit = ETSModel(y, error="add", initialization_method="heuristic").fit(disp=False)
        ours = ets(past(y, [155], 1))[0, 0, 0]
        assert ours == pytest.approx(float(fit.forecast(1)[0]), abs=0.5 * 5)


def test_the_backtest_finds_what_was_planted():
    """Last year comes again 10 % larger: seasonal naive is 1/11 too low, growth makes it right."""
    year = 20 + 10 * np.sin(np.arange(52))
    units = np.tile(np.concatenate([year, 1.1 * year, 1.21 * year[:26]]), (3, 1))
    result = backtest(panel(units), methods=METHODS[1:])
    row = result.catalogue.set_index("method")
    assert row.loc["seasonal_naive", "wape_total"] == pytest.approx(1 / 11)
    assert row.loc["seasonal_naive", "bias"] == pytest.approx(-1 / 11)
    assert row.loc["last_year", "wape_weekly"] == pytest.approx(0, abs=1e-9)
    assert result.facts["weeks"] == 26
    assert result.facts["origins"] == 4
    assert result.facts["off"]["seasonal_naive"] == pytest.approx(1 / 11)
    assert result.facts["same_week_known"] == 1.0
    assert result.facts["ends_on"] == weeks(130)[-1].astype("M8[D]").item()


def test_the_catalogue_is_weighted_by_value():
    units = np.vstack([np.full(60, 10.0), np.r_[np.full(52, 10.0), np.full(8, 20.0)]])
    frame = panel(units)
    plain = backtest(frame, origins=1, methods=("moving_average",))
    frame["price"] = np.where(frame["sku"] == "S000", 9.0, 1.0)
    dear = backtest(frame, origins=1, methods=("moving_average",))
    assert plain.catalogue["wape_total"].iloc[0] == pytest.approx(80 / 240)
    assert dear.catalogue["wape_total"].iloc[0] == pytest.approx(80 / (720 + 160))
    assert (plain.facts["weighted_by"], dear.facts["weighted_by"]) == ("units", "value")
    assert dear.items["error_value"].tolist() == [0.0, 80.0]


def test_ours_beats_the_plain_methods_on_seasonal_sellers():
    frame = panel(sellers(60, 130))
    result = backtest(frame, origins=2, every=13)
    off = result.facts["off"]
    assert list(off) == list(METHODS)
    assert off["ours"] < min(off["moving_average"], off["ets"])
    assert result.items.loc[result.items["method"] == "ours", "coverage_95"].between(0, 1).all()
    assert 0.8 <= result.catalogue["coverage_95"].iloc[0] <= 1.0


def test_our_past_forecasts_know_only_the_past():
    frame = panel(sellers(12, 70))
    later = frame.assign(
        units=np.where(frame["week"] > frame["week"].max() - pd.Timedelta(weeks=8), 5e3, 1)
        * frame["units"]
    )
    first, second = (rolling(f, origins=1) for f in (frame, later))
    assert np.array_equal(first.mean, second.mean)
    looks = first.of("S003", "US")
    assert list(looks) == [weeks(70)[61].astype("M8[D]").item()]
    assert looks[weeks(70)[61].item()].mean.shape == (8,)
    assert first.of("nobody", "US") == {}


@pytest.mark.parametrize("count", [1, 5, 20])
def test_a_short_history_has_nothing_to_judge(count):
    result = backtest(panel(np.ones((2, count))), methods=METHODS[1:])
    assert result.facts["origins"] == 0
    assert result.items.empty
    assert result.catalogue["items"].tolist() == [0] * 4


def test_an_item_that_was_never_seen_is_not_judged():
    units = np.vstack([np.full(60, 5.0), np.full(60, np.nan), np.r_[np.full(58, np.nan), 3.0, 4.0]])
    result = backtest(panel(units))
    assert set(result.items["sku"]) == {"S000"}
    assert np.isfinite(result.catalogue.loc[0, ["wape_total", "bias"]].astype(float)).all()
