"""The batched forecast: sane on any history, better than plain methods, honest about its spread."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import distributions
from analytics.errors import InvalidPanelError
from analytics.forecasting import background, forecast, uncertainty
from tests.forecasting.panels import christmas, panel, sellers, weeks

FIGURES = ("mean", "sd", "cumulative_mean", "cumulative_sd")


def assert_sane(result):
    for name in FIGURES:
        values = getattr(result, name)
        assert np.isfinite(values).all()
        assert (values >= 0).all()
    assert (np.diff(result.cumulative_sd, axis=1) >= 0).all()
    assert result.cumulative_mean == pytest.approx(result.mean.cumsum(axis=1))
    assert np.allclose(result.weights.sum(axis=1), 1.0, atol=1e-5)
    for frame in (result.weekly, result.cumulative):
        bands = frame.filter(regex="^q").to_numpy()
        assert np.isfinite(bands).all()
        assert (bands >= 0).all()
        assert (np.diff(bands, axis=1) >= 0).all()


@pytest.mark.parametrize(
    "units",
    [
        [[3.0]],
        [[0.0] * 60],
        [[np.nan] * 60],
        [[0.0] * 59 + [1e6]],
        [[1e6] + [0.0] * 59],
        [[np.nan] * 30 + [5.0] * 2],
        [[2.0, np.nan] * 40],
        [[1e-9] * 50],
    ],
    ids=["one week", "zeros", "unknown", "bulk at the end", "bulk first", "young", "holes", "dust"],
)
def test_any_history_gives_a_sane_forecast(units):
    assert_sane(forecast(panel(units)))


@given(
    st.integers(1, 4).flatmap(
        lambda rows: st.lists(
            st.lists(st.one_of(st.just(np.nan), st.floats(0, 1e5)), min_size=20, max_size=20),
            min_size=rows,
            max_size=rows,
        )
    )
)
@settings(max_examples=25, deadline=None)
def test_hypothesis_finds_no_history_that_breaks_it(units):
    assert_sane(forecast(panel(units), horizon=30))


@given(st.integers(1, 130), st.integers(1, 12), st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_nor_any_length_of_it(count, rows, seed):
    rng = np.random.default_rng(seed)
    units = sellers(rows, count, seed)
    units[rng.random(units.shape) < rng.uniform(0, 0.7)] = np.nan
    units *= 10.0 ** rng.integers(-3, 5)
    assert_sane(forecast(panel(units), horizon=30))


def test_weeks_far_apart_are_no_error():
    far = panel([[4.0, 5.0]])
    far["week"] = pd.to_datetime(["2010-01-04", "2026-01-05"])
    assert_sane(forecast(far, horizon=30))


def test_a_spike_of_the_whole_account_does_not_last():
    """Half a year that ends in a rush, and no season to know it by."""
    units = sellers(60, 26, season=False, rate=20.0)
    units[:, -4:] *= 4
    total = forecast(panel(units)).mean[:, :8].sum(axis=1)
    assert total.mean() < 1.7 * 8 * 20.0  # smoothing says 2 to 4 times


@pytest.mark.parametrize("count", [30, 40, 58, 104])
def test_steady_growth_of_the_whole_account_is_no_spike_and_no_season(count):
    rng = np.random.default_rng(6)
    units = rng.poisson(20.0 * 1.03 ** np.arange(count), (60, count)).astype(float)
    total = forecast(panel(units)).mean[:, :8].sum(axis=1)
    assert total.mean() > 0.8 * 8 * units[:, -1].mean()


@pytest.mark.parametrize("items", [1, 5, 25])
def test_a_small_account_is_forecast_no_worse_than_by_smoothing(items):
    """Against the best single smoothing speed, chosen afterwards, over six accounts."""
    ours, theirs = 0.0, np.zeros(7)
    for seed in range(6):
        units = sellers(items, 112, seed, season=False, rate=15.0)
        past, future = units[:, :104], units[:, 104:].sum(axis=1)
        ours += np.abs(forecast(panel(past), horizon=8).mean.sum(axis=1) - future).sum()
        for place, alpha in enumerate((0.02, 0.05, 0.1, 0.2, 0.35, 0.6, 0.85)):
            level = past[:, :8].mean(axis=1)
            for week in past.T:
                level = level + alpha * (week - level)
            theirs[place] += np.abs(8 * level - future).sum()
    assert ours <= 1.03 * np.median(theirs)


def test_a_catalogue_with_everything_in_it_stays_sane():
    units = sellers(40, 110)
    units[0] = 0
    units[1, 40] = 1e6
    units[2, :100] = np.nan
    units[3, 30:] = 0
    assert_sane(forecast(panel(units)))


def test_a_history_of_unknown_weeks_alone_is_no_error():
    assert forecast(panel([[np.nan] * 3, [np.nan] * 3])).mean.sum() == 0


def test_an_empty_panel_gives_an_empty_forecast():
    empty = panel(np.ones((1, 1))).iloc[:0]
    assert forecast(empty).mean.shape == (0, 13)


def test_no_number_is_random():
    units = panel(sellers(30, 110))
    first, second = forecast(units), forecast(units)
    for name in FIGURES:
        assert np.array_equal(getattr(first, name), getattr(second, name))


def test_it_beats_plain_methods_where_a_season_is_shared():
    units = sellers(60, 161)
    change = np.exp(np.random.default_rng(5).normal(0, 0.4, (60, 1)))
    units[:, 110:] = np.round(units[:, 110:] * change)  # last year is no guide to the level
    past, future = units[:, :148], units[:, 148:]  # the peak is ahead
    total = forecast(panel(past)).mean[:, :13].sum(axis=1)
    recent_mean = 13 * past[:, -8:].mean(axis=1)
    last_year = past[:, -52:-39].sum(axis=1)

    def wape(guess):
        return np.abs(guess - future.sum(axis=1)).sum() / future.sum()

    assert wape(total) < 0.5 * min(wape(recent_mean), wape(last_year))
    assert abs(total.sum() / future.sum() - 1) < 0.06


def test_a_young_item_borrows_the_season():
    units = sellers(60, 98)
    young = np.full((1, 98), np.nan)
    young[0, -10:] = 20.0 * christmas(98)[-10:]  # launched two months before the peak is over
    both = pd.concat([panel(units), panel(young, names=["young"])])
    after = forecast(both).mean[-1, :13]
    expected = 20.0 * christmas(98 + 13)[98:]
    assert np.abs(after - expected).sum() / expected.sum() < 0.2


def test_an_item_of_two_days_is_forecast_by_them():
    known = panel(sellers(1, 30, season=False, rate=28.0)).assign(availability=1.0)
    first = np.full((1, 30), np.nan)
    first[0, -1] = 350.0
    young = panel(first, names=["young"]).assign(availability=2 / 7)
    made = forecast(pd.concat([known, young]))
    assert made.mean[1, 0] == pytest.approx(350.0, rel=0.01)


def test_a_dead_item_decays_to_nearly_nothing():
    units = sellers(40, 110, season=False, rate=30.0)
    units[0, 60:] = 0
    assert forecast(panel(units)).mean[0, 0] < 1.0


def test_an_item_that_rarely_sells_is_not_taken_for_dead():
    rng = np.random.default_rng(4)
    units = rng.binomial(1, 0.05, (200, 104)).astype(float)
    result = forecast(panel(units))
    assert result.mean[:, 0].mean() == pytest.approx(0.05, rel=0.3)
    quiet = units[:, -13:].sum(axis=1) == 0
    assert result.mean[quiet, 0].mean() > 0.02


def test_one_bulk_order_does_not_lift_the_forecast():
    units = sellers(40, 110, season=False, rate=10.0)
    bulk = units.copy()
    bulk[0, 100] += 2000
    plain, lifted = forecast(panel(units)), forecast(panel(bulk))
    assert lifted.mean[0].sum() < 1.3 * plain.mean[0].sum()


def beside_others(own, *, others=40):
    """The first item's units among items of about ten a week."""
    units = np.vstack([np.full(60, np.nan), sellers(others, 60, season=False, rate=10.0)])
    units[0, -len(own) :] = own
    return panel(units, group="mugs")


@pytest.mark.parametrize("own", [[9000], [9000, 0, 0], [9000, 4, 6], [3, 9000]])
def test_one_huge_order_of_a_new_item_is_drawn_to_its_category(own):
    mean = forecast(beside_others(own)).mean[0]
    assert 0.5 < mean.max() < 30.0


@pytest.mark.parametrize("own", [[9000, 8000], [9000, 0, 7000], [8000, 9000, 7000, 9000]])
def test_what_comes_again_is_demand_however_new_the_item_is(own):
    assert forecast(beside_others(own)).mean[0].min() > 1000.0


def test_a_new_item_that_sells_well_is_believed_at_once():
    assert forecast(beside_others([45])).mean[0].min() > 30.0


def test_where_nothing_tells_what_is_usual_a_first_order_is_believed():
    assert forecast(beside_others([9000], others=2)).mean[0].min() > 1000.0


def test_units_do_not_matter():
    """Selling by the dozen is the same forecast in dozens, but for chance in single units."""
    units = sellers(60, 110) * 50
    one, dozen = forecast(panel(units)), forecast(panel(12 * units))
    assert dozen.mean == pytest.approx(12 * one.mean, rel=1e-6)
    assert dozen.cumulative_sd == pytest.approx(12 * one.cumulative_sd, rel=0.02)


def test_missing_weeks_do_not_pull_the_level_down():
    units = sellers(60, 110, season=False, rate=20.0)
    holes = units.copy()
    holes[:, 90:108] = np.nan
    assert forecast(panel(holes)).mean[:, 0] == pytest.approx(20.0, rel=0.25)


@pytest.mark.parametrize(("weeks_ahead", "seed"), [(4, 1), (8, 2), (13, 3)])
def test_ninety_five_per_cent_is_ninety_five_per_cent(weeks_ahead, seed):
    units = np.concatenate([sellers(150, 120, seed), sellers(150, 120, seed + 10, rate=0.6)])
    past, future = units[:, : 120 - weeks_ahead], units[:, 120 - weeks_ahead :].sum(axis=1)
    result = forecast(panel(past))
    bound = distributions.quantiles(
        result.cumulative_mean[:, weeks_ahead - 1], result.cumulative_sd[:, weeks_ahead - 1], [0.95]
    )[:, 0]
    assert (future <= bound).mean() == pytest.approx(0.96, abs=0.035)


def test_a_spread_that_is_too_narrow_is_widened_and_one_too_wide_narrowed():
    rng = np.random.default_rng(3)
    mean, actual = np.full(900, 20.0), rng.negative_binomial(4, 4 / 24, 900).astype(float)
    part = np.zeros(900, dtype=np.int64)
    true = np.sqrt(20 + 20**2 / 4)
    for belief in (0.7, 1.0, 1.5):
        place = uncertainty._places(actual, mean, np.full(900, belief * true))
        assert uncertainty._best(place, part)[0] == pytest.approx(-np.log(belief), abs=0.15)


def test_the_first_week_can_be_the_rest_of_one():
    units = panel(sellers(20, 60, season=False, rate=70.0))
    last = weeks(60)[-1].astype(object)
    whole = forecast(units, first_week=last)
    rest = forecast(units, first_week=last, first_week_share={"US": 0.25})
    assert rest.weeks[0] == np.datetime64(last)
    assert rest.mean[:, 0] == pytest.approx(0.25 * whole.mean[:, 0])
    assert rest.mean[:, 1] == pytest.approx(whole.mean[:, 1])
    assert (rest.cumulative_sd[:, 0] < whole.cumulative_sd[:, 0]).all()


def test_beyond_what_history_can_judge_the_spread_grows_by_a_power_of_time():
    result = forecast(panel(sellers(60, 60, season=False, rate=40.0)), horizon=30)
    known = result.facts["calibrated_weeks"]
    assert known == 30
    short = forecast(panel(sellers(60, 30, season=False, rate=40.0)), horizon=30)
    known = short.facts["calibrated_weeks"]
    assert 0 < known < 30
    ratio = short.cumulative_sd[:, 29] / short.cumulative_sd[:, known - 1]
    expected = (30 / known) ** short.facts["growth"]
    assert np.median(ratio) == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("count", [1, 12, 30, 60, 110])
def test_the_calibrated_horizon_is_known_without_a_forecast(count):
    units = panel(sellers(50, count))
    learnt = background(units)
    facts = forecast(units).facts
    assert learnt.calibrated_weeks == facts["calibrated_weeks"]
    assert learnt.seasons.is_learnt == (facts["season_source"] == "own")


def test_frames_say_item_and_week():
    made = forecast(panel(sellers(3, 50)), horizon=4)
    assert made.weekly.columns.tolist()[:5] == ["sku", "market", "week", "mean", "q05"]
    assert made.cumulative["mean"].to_numpy()[:4] == pytest.approx(made.mean[0].cumsum())
    assert made.weekly["week"].iloc[0] == pd.Timestamp(weeks(51)[-1])


def broken(**changes):
    return panel(sellers(2, 10)).assign(**changes)


@pytest.mark.parametrize(
    ("bad", "column"),
    [
        (broken(units=-1.0), "units"),
        (broken(units=np.inf), "units"),
        (broken(week=pd.Timestamp(date(2026, 1, 6))), "week"),
        (broken(sku="one"), "week"),
        (broken().drop(columns="market"), "market"),
    ],
    ids=["negative", "infinite", "a Tuesday", "two rows for one week", "no market"],
)
def test_a_panel_that_cannot_be_is_refused(bad, column):
    with pytest.raises(InvalidPanelError, match=column):
        forecast(bad)


def test_the_argument_is_left_alone():
    units = panel(sellers(5, 50))
    before = units.copy(deep=True)
    forecast(units)
    assert units.equals(before)
