"""The one distribution: worked numbers, limits, and the kernel against the exact mixture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.distributions import BINS, LAST_DAY, bin_weights, by_day, cdf, kernel, quantiles
from analytics.distributions.laws import wide_binomial_cdf

DAYS = np.arange(1, LAST_DAY + 1)


def point(day, days=LAST_DAY):
    probabilities = np.zeros((1, days))
    probabilities[0, day - 1] = 1.0
    return probabilities


# inventory.md P06: closed forms, also in scipy and stockpyl


@pytest.mark.parametrize(
    ("level", "units"),
    [(0.9, 190.65473312462248), (0.95, 208.19855442239592), (0.98, 229.1513353352932)],
)
def test_gamma_quantiles_of_p06a(level, units):
    assert quantiles(140.0, 1460**0.5, [level])[0] == pytest.approx(units, rel=1e-9)


def test_negative_binomial_of_p06b():
    sd = 30**0.5
    assert cdf(0, 12, sd) == pytest.approx(0.00065536, rel=1e-9)
    assert cdf(20, 12, sd) == pytest.approx(0.925990185750702, rel=1e-12)
    assert quantiles(12.0, sd, [0.9, 0.95, 0.99]).tolist() == [19, 22, 28]


def test_a_variance_like_the_mean_is_poisson():
    from scipy import stats

    assert cdf([0, 3, 9], 4, 2.0) == pytest.approx(stats.poisson.cdf([0, 3, 9], 4), rel=1e-12)


def test_without_spread_or_demand_there_is_no_doubt():
    assert quantiles([0.0, 50.0], [0.0, 0.0], [0.01, 0.99]).tolist() == [[0, 0], [50, 50]]
    assert cdf([-1, 0, 49, 50], [0, 0, 50, 50], 0.0).tolist() == [0, 1, 0, 1]


@given(
    mean=st.just(0.0) | st.floats(1e-9, 1e6),  # the square of less is no number any more
    cv=st.just(0.0) | st.floats(0.001, 8),
    levels=st.lists(st.floats(0.001, 0.999), min_size=2, max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_quantiles_are_finite_ordered_and_reach_their_level(mean, cv, levels):
    levels = np.sort(levels)
    units = quantiles(mean, mean * cv, levels)
    assert np.isfinite(units).all()
    assert (units >= 0).all()
    assert (np.diff(units) >= 0).all()
    assert (cdf(units, mean, mean * cv) >= levels - 1e-9).all()


def test_the_wide_form_stays_within_a_thousandth():
    rng = np.random.default_rng(0)
    ratio = np.exp(rng.uniform(np.log(18), np.log(5000), 5000))  # variance over mean
    mean = np.exp(rng.uniform(np.log(0.01), np.log(30), 5000))
    x = np.concatenate([np.zeros(500), np.exp(rng.uniform(np.log(2), np.log(20 * ratio[500:])))])
    exact = cdf(x, mean, np.sqrt(ratio * mean))
    assert wide_binomial_cdf(x, mean, ratio * mean) == pytest.approx(exact, abs=1e-3)


def test_days_add_up_to_weeks_and_follow_the_weekday():
    shares = np.array([[0.1, 0.1, 0.1, 0.1, 0.1, 0.25, 0.25]])
    daily = by_day([[50.0, 150.0, 250.0]], shares, np.array([0]), first_days=2)
    assert daily.shape == (1, 16)
    assert daily[0, [1, 8, 15]].tolist() == [50.0, 150.0, 250.0]
    assert daily[0, 0] == 25.0  # Saturday and Sunday are alike
    assert np.diff(daily[0])[[1, 6]] == pytest.approx([10.0, 25.0])


def test_a_rest_of_a_week_that_never_sells_is_spread_evenly():
    shares = np.array([[0.2, 0.2, 0.2, 0.2, 0.2, 0.0, 0.0]])
    assert by_day([[4.0, 4.0]], shares, np.array([0]), 2)[0, :2].tolist() == [2.0, 4.0]


def test_lead_times_between_bins_count_for_both_neighbours():
    weights = bin_weights(point(4))[0]
    assert weights[[2, 3]].tolist() == [0.5, 0.5]  # bins of 3 and 5 days
    assert bin_weights(point(500, 600))[0, -1] == 1.0
    assert BINS[-1] == LAST_DAY


# inventory.md P12a: exact convolution of a daily law over random lead times


def test_p12a_moments_are_exact_and_quantiles_agree():
    mean, sd = 0.7 * DAYS, np.sqrt(0.61 * DAYS)
    probabilities = np.zeros((1, 6))
    probabilities[0, [0, 2, 5]] = 0.6, 0.3, 0.1
    built = kernel(mean[None], sd[None])
    exact = 0.6 * 0.7 + 0.3 * 2.1 + 0.1 * 4.2
    weights = bin_weights(probabilities)
    got_mean, got_sd = built.moments(weights)
    assert exact == pytest.approx(1.47)
    assert got_mean[0] == pytest.approx(1.47, rel=1e-12)
    # day 6 lies between the bins 5 and 7: the split adds its own spread, 0.1 * 0.7²
    assert got_sd[0] ** 2 == pytest.approx(2.5011 + 0.1 * 0.7**2, rel=1e-9)
    rounded = [np.ceil(built.quantile(weights, q)[0] - 1e-6) for q in (0.9, 0.95, 0.99)]
    assert rounded == [4, 5, 7]


def test_p06a_through_the_kernel():
    mean, variance = 10.0 * DAYS, 40.0 * DAYS
    built = kernel(mean[None], np.sqrt(variance)[None])
    weights = bin_weights(point(13))  # a bin
    exact = quantiles(130.0, np.sqrt(520.0), [0.95])[0]
    assert built.quantile(weights, 0.95)[0] == pytest.approx(exact, rel=2e-3)
    assert built.probability(weights, [exact])[0] == pytest.approx(0.95, abs=5e-3)


def some_kernel(n=80, seed=3):
    rng = np.random.default_rng(seed)
    rate = np.exp(rng.normal(-1, 2, n))[:, None]
    mean = rate * DAYS
    sd = np.sqrt(mean * rng.uniform(1, 30, (n, 1)) + (0.2 * mean) ** 2)
    return kernel(mean, sd), mean, sd


def test_the_kernel_agrees_with_the_exact_mixture():
    built, mean, sd = some_kernel()
    probabilities = np.exp(-0.5 * ((DAYS - 52) / 10) ** 2)[None]
    probabilities /= probabilities.sum()
    units = built.quantile(np.repeat(bin_weights(probabilities), len(mean), axis=0), 0.95)
    exact = (probabilities * cdf(units[:, None], mean, sd)).sum(axis=1)
    large = units > 5
    assert exact[large] == pytest.approx(np.full(large.sum(), 0.95), abs=4e-3)


@given(
    day=st.integers(8, 150),
    delay=st.integers(0, 50),
    level=st.floats(0.8, 0.99),
    more=st.floats(0, 0.009),
)
@settings(max_examples=40, deadline=None)
def test_a_quantile_never_falls_when_the_wait_or_the_promise_grows(day, delay, level, more):
    built, mean, _ = _SHARED
    now = np.repeat(bin_weights(point(day)), len(mean), axis=0)
    later = np.repeat(bin_weights(point(day + delay)), len(mean), axis=0)
    units = built.quantile(now, level)
    assert (built.quantile(later, level) >= units - 1e-6 * units).all()
    assert (built.quantile(now, level + more) >= units - 1e-6 * units).all()


_SHARED = some_kernel(40, 5)


def test_what_never_sells_needs_nothing():
    built = kernel(np.zeros((2, LAST_DAY)), np.zeros((2, LAST_DAY)))
    weights = np.repeat(bin_weights(point(40)), 2, axis=0)
    assert built.quantile(weights, 0.99).tolist() == [0, 0]
    assert built.probability(weights, [0, -1]).tolist() == [1, 0]


def test_a_look_at_some_items_copies_no_table_and_answers_like_a_copy():
    built, _, _ = some_kernel(150, 4)
    rows = np.arange(149, -1, -1).repeat(2)
    weights = bin_weights(np.full((1, 40), 1 / 40))
    looked, taken = built.look(rows), built.take(rows)
    assert looked.table is built.table
    mixed = [one.mixed(weights) for one in (looked, taken, looked.take(np.arange(300)))]
    for other in mixed[1:]:
        assert (mixed[0].cdf == other.cdf).all()
        assert (mixed[0].lumps == other.lumps).all()
        assert (mixed[0].mean == other.mean).all()


def test_some_items_of_a_kernel_answer_like_all():
    built, mean, _ = _SHARED
    weights = np.repeat(bin_weights(point(60)), len(mean), axis=0)
    every = built.quantile(weights, 0.95)
    assert built.take([7, 3]).quantile(weights[:2], 0.95).tolist() == every[[7, 3]].tolist()
    assert built.nbytes < 15_000 * len(mean)
