"""The league's own arithmetic: what it measures must be right before it says that we are."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analytics import distributions
from benchmarks.forecast import competitions, measures, rows, stockouts, synthetic
from benchmarks.forecast.cells import Cell
from benchmarks.forecast.league import series
from benchmarks.forecast.sets import WEEK, Panel, since_first_sale


@pytest.fixture
def panel():
    rng = np.random.default_rng(1)
    units = rng.poisson(5.0, (40, 90)).astype(float)
    units[3, 10:20] = np.nan
    weeks = np.datetime64("2024-01-01", "D") + np.arange(90) * WEEK
    items = pd.DataFrame({"sku": [f"s{k}" for k in range(40)], "market": "US", "group": ""})
    return Panel("made", items, weeks, units, (13, 26), 25)


# Cells


def test_no_week_of_the_future_reaches_a_forecast(panel):
    other = Panel(panel.name, panel.items, panel.weeks, panel.units.copy(), panel.histories, 25)
    cell = Cell(panel, 26)
    for trial in cell.trials():
        other.units[:] = panel.units
        other.units[:, trial.origin :] = 999.0
        (same,) = (t for t in Cell(other, 26).trials() if t.origin == trial.origin)
        assert np.array_equal(same.panel.units, trial.panel.units, equal_nan=True)
        assert trial.panel.weeks[-1] + WEEK == panel.weeks[trial.origin]
        came = panel.units[:, trial.origin : trial.origin + 13]
        assert trial.actual.sum(axis=1) == pytest.approx(
            came[trial.judged].sum(axis=1), nan_ok=True
        )


def test_origins_are_spread_and_leave_history_and_horizon_whole(panel):
    origins = Cell(panel, 26).origins()
    assert (origins[0], origins[-1], len(origins)) == (26, 90 - 13, 5)


def test_young_items_keep_only_their_last_weeks_and_the_others_keep_all(panel):
    (trial, *_) = Cell(panel, 52, 13).trials()
    known = ~np.isnan(trial.panel.units)
    young = np.zeros(len(known), dtype=bool)
    young[trial.judged] = True
    assert known[young].sum(axis=1).max() == 13
    assert (known[~young].sum(axis=1) >= 42).sum() >= 15


def test_no_more_items_are_judged_than_the_set_says(panel):
    assert all(len(trial.judged) == 25 for trial in Cell(panel, 13).trials())


def test_peers_get_series_from_the_first_observed_week_with_gaps_bridged():
    table = series(np.array([[np.nan, 2.0, np.nan, 4.0], [1.0, 1.0, 1.0, 1.0]]))
    assert table.query("unique_id == 0")["y"].tolist() == [2.0, 3.0, 4.0]
    assert table.query("unique_id == 1")["ds"].tolist() == [0, 1, 2, 3]


def test_weeks_before_the_first_sale_are_unobserved_and_later_ones_zeros():
    found = since_first_sale(np.array([[np.nan, 0.0, 3.0, np.nan, 2.0]]))
    assert np.array_equal(found, [[np.nan, np.nan, 3.0, 0.0, 2.0]], equal_nan=True)


# Measures


def test_wape_leaves_unobserved_weeks_out():
    actual = np.array([[10.0, np.nan, 20.0]])
    parts = measures.wape_parts(actual, np.array([[8.0, 100.0, 25.0]]))
    assert parts == {"weekly": 7.0, "total": 3.0, "bias": 3.0, "units": 30.0}


def test_rmsse_of_the_naive_forecast_in_sample_is_one():
    history = np.array([[3.0, 5.0, 4.0, 8.0]])
    steps = np.diff(history, axis=1)
    assert measures.rmsse(steps, np.zeros_like(steps), history) == pytest.approx(1.0)


def test_ties_are_shared_so_that_a_perfect_forecast_covers_what_it_says():
    """Counting "at or below" gives the same perfect forecast 97 instead of 80."""
    k = np.arange(200.0)[None, :]
    mean, sd = 0.7, 1.1
    chance = np.diff(np.r_[0.0, distributions.cdf(k[0], mean, sd)])
    full = np.broadcast_to(mean, k.shape), np.broadcast_to(sd, k.shape)
    fair = measures.fair_shares(k, *full)
    assert chance @ fair == pytest.approx([0.8, 0.95, 0.99], abs=1e-6)
    upper = np.broadcast_to(distributions.quantiles(mean, sd, measures.TARGETS), (1, 200, 3))
    assert (chance @ measures.plain_shares(k, upper))[0] > 0.82


def test_ties_do_not_matter_where_demand_is_large():
    q = np.array([0.79, 0.81, 0.94, 0.96])
    mean, sd = np.full((1, 4), 400.0), np.full((1, 4), 60.0)
    actual = distributions.quantiles(400.0, 60.0, q)[None, :]
    assert measures.fair_shares(actual, mean, sd).sum(axis=0).tolist() == [1.0, 3.0, 4.0]


def test_pinball_is_the_expected_loss():
    actual = np.array([[5.0]])
    fan = np.full((1, 1, 9), 3.0)
    history = np.array([[1.0, 2.0, 3.0]])
    expected = np.mean([2 * q for q in measures.QUANTILES.values()])
    assert measures.scaled_pinball(actual, fan, history) == pytest.approx(expected)


def test_a_row_is_met_only_if_every_number_is():
    assert rows.Row("x", (1.0, 1.2), (1.02, 1.15), (0.97, 1.05)).verdict == "NO"
    assert rows.Row("x", (1.0, 1.1), (1.02, 1.15), (0.97, 1.05)).verdict == "yes"
    assert rows.Row("x", (0.9, 1.0), (1.02, 1.15), (0.97, 1.05)).verdict == "aim"


# Stock-outs


@pytest.mark.parametrize("shelf", [stockouts.by_chance, stockouts.by_demand])
def test_planted_stockouts_only_take_away(panel, shelf):
    sold, share = shelf(panel.units, np.random.default_rng(3))
    known = ~np.isnan(panel.units)
    assert np.array_equal(known, ~np.isnan(sold))
    assert (sold[known] <= panel.units[known]).all()
    assert ((share[known] >= 0) & (share[known] <= 1)).all()
    assert 0.03 < 1 - sold[known].sum() / panel.units[known].sum() < 0.4
    whole = share == 1
    assert np.array_equal(sold[whole], panel.units[whole])


# Competitions


def test_naive2_of_a_seasonal_series_repeats_its_season():
    season = np.array([0.5, 0.8, 1.2, 1.5])
    y = 100 * np.tile(season, 8)
    assert competitions.naive2(y, 6, 4) == pytest.approx(100 * np.tile(season, 2)[:6])
    noise = (
        50 + stats.norm.ppf(np.linspace(0.05, 0.95, 19))[np.random.default_rng(0).permutation(19)]
    )
    assert competitions.naive2(noise, 3, 4).tolist() == [noise[-1]] * 3


def test_smape_and_mase_by_hand():
    actual, mean = np.array([[100.0, 110.0]]), np.array([[110.0, 100.0]])
    assert competitions.smape(actual, mean) == pytest.approx(200 * 10 / 210)
    assert competitions.mase(actual, mean, [np.array([1.0, 6.0, 1.0])], 1) == pytest.approx(2.0)


# Synthetic families


@pytest.mark.parametrize("name", ["grocery", "drugstores", "departments", "webshop"])
def test_families_are_the_same_every_time_and_look_as_they_are_described(name):
    one, two = synthetic.FAMILIES[name](), synthetic.FAMILIES[name]()
    assert np.array_equal(one.units, two.units, equal_nan=True)
    known = one.units[~np.isnan(one.units)]
    assert (known >= 0).all()
    assert np.array_equal(known, known.round())
    zeros = (known == 0).mean()
    assert (zeros > 0.35) if name == "grocery" else (zeros < 0.15)
