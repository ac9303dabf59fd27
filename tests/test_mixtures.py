"""Demand over an uncertain lead time, and units short: worked numbers, exact mixtures, limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.distributions import (
    LAST_DAY,
    Mixture,
    bin_weights,
    cdf,
    kernel,
    level_of_loss,
    loss,
    second_loss,
)

DAYS = np.arange(1, LAST_DAY + 1)


# inventory.md P06: closed forms, also in scipy and stockpyl


def test_gamma_losses_of_p06a():
    sd = 1460**0.5
    assert loss([200, 208.19855442239592], 140, sd) == pytest.approx(
        [1.5854718365702247, 1.0984442432337165], rel=1e-9
    )
    assert level_of_loss(0.03 * 300, 140, sd) == pytest.approx(155.97847155311257, rel=1e-9)
    assert level_of_loss(9, 147, 1495**0.5) == pytest.approx(163.47441630384682, rel=1e-9)


def test_negative_binomial_losses_of_p06b():
    assert loss([20, 22], 12, 30**0.5) == pytest.approx(
        [0.301601131105063, 0.1706039720369327], rel=1e-9
    )


def test_poisson_loss_is_the_sum_over_whole_units():
    k = np.arange(200)
    mass = stats.poisson.pmf(k, 4)
    for level in (0, 1, 3.5, 9):
        above = np.maximum(k - level, 0)
        assert loss(level, 4, 2) == pytest.approx((mass * above).sum(), rel=1e-9)
        assert second_loss(level, 4, 2) == pytest.approx((mass * above**2).sum(), rel=1e-9)


@pytest.mark.parametrize(("mean", "sd", "level"), [(12, 30**0.5, 17), (12, 30**0.5, 3.25)])
def test_second_loss_of_the_negative_binomial(mean, sd, level):
    k = np.arange(2000)
    mass = stats.nbinom.pmf(k, 8, 0.4)
    exact = (mass * np.maximum(k - level, 0) ** 2).sum()
    assert second_loss(level, mean, sd) == pytest.approx(exact, rel=1e-9)


def test_second_loss_of_gamma_by_integration():
    law = stats.gamma(140**2 / 1460, scale=1460 / 140)
    x = np.linspace(170, 900, 400_001)
    exact = np.trapezoid((x - 170) ** 2 * law.pdf(x), x)
    assert second_loss(170, 140, 1460**0.5) == pytest.approx(exact, rel=1e-7)


def test_without_spread_or_demand_a_loss_is_what_is_missing():
    assert loss([-5, 0, 40, 60], [50, 0, 50, 50], 0).tolist() == [55, 0, 10, 0]
    assert second_loss([40, 60], 50, 0).tolist() == [100, 0]
    assert level_of_loss([10, 60], 50, 0).tolist() == [40, -10]
    assert level_of_loss([0, 3], 0, 0).tolist() == [0, -3]


@given(
    mean=st.just(0.0) | st.floats(1e-6, 1e5),
    cv=st.just(0.0) | st.floats(0.01, 6),
    share=st.floats(0.001, 1.5),
    more=st.floats(0, 2),
)
@settings(max_examples=80, deadline=None)
def test_losses_fall_and_levels_answer_them(mean, cv, share, more):
    sd = mean * cv
    level = level_of_loss(share * mean, mean, sd)
    assert np.isfinite(level)
    assert loss(level, mean, sd) <= share * mean * (1 + 1e-6) + 1e-9
    assert loss(level + more * (mean + 1), mean, sd) <= loss(level, mean, sd) + 1e-9
    assert second_loss(level, mean, sd) >= loss(level, mean, sd) ** 2 * (1 - 1e-6)


# inventory.md P12a: a daily law over random lead times by exact convolution


def p12a():
    daily, total, mixed = np.array([0.5, 0.3, 0.2]), np.array([1.0]), np.zeros(20)
    for day in range(1, 7):
        total = np.convolve(total, daily)
        mixed[: len(total)] += {1: 0.6, 3: 0.3, 6: 0.1}.get(day, 0.0) * total
    return mixed


def test_p12a_through_a_mixture():
    mixed = p12a()
    assert mixed[:5] == pytest.approx([0.3390625, 0.253125, 0.2176875, 0.0801, 0.0544875])
    law = Mixture.of_whole_units(mixed[None])
    assert law.mean[0] == pytest.approx(1.47, rel=1e-9)
    assert law.sd[0] ** 2 == pytest.approx(2.5011, rel=1e-9)
    assert law.loss(3)[0] == pytest.approx(0.211125, rel=1e-6)
    whole = [np.ceil(law.quantile(q)[0] - 1e-6) for q in (0.9, 0.95, 0.99)]
    assert whole == [4, 5, 7]
    assert np.ceil(law.level_of_loss(0.211126)[0]) == 3
    exact = (mixed * np.maximum(np.arange(20) - 3, 0) ** 2).sum()
    assert law.second_loss(3)[0] == pytest.approx(exact, rel=1e-5)


def test_the_kernel_sums_over_whole_units_where_its_grid_is_whole():
    mean, sd = 0.7 * DAYS, np.sqrt(2.0 * DAYS)  # negative binomial
    mixture = kernel(mean[None] / 8, sd[None] / 8**0.5).mixed(bin_weights(_point(44)))
    exact = loss(np.arange(12), mean[43] / 8, sd[43] / 8**0.5)
    got = [mixture.loss(level)[0] for level in range(12)]
    assert got == pytest.approx(exact, rel=2e-4)


def _point(day):
    probabilities = np.zeros((1, LAST_DAY))
    probabilities[0, day - 1] = 1.0
    return probabilities


def some(n=200, seed=3):
    rng = np.random.default_rng(seed)
    rate = np.exp(rng.normal(-0.5, 1.8, n))[:, None]
    mean = rate * DAYS
    sd = np.sqrt(mean * rng.uniform(1, 8, (n, 1)) + (0.15 * mean) ** 2)
    return rate[:, 0], mean, sd


RATE, MEAN, SD = some()
KERNEL = kernel(MEAN, SD)


@pytest.mark.parametrize(("day", "spread"), [(30, 6), (45, 8), (52, 10), (70, 15)])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.98])
def test_the_mixture_agrees_with_the_exact_one(day, spread, level):
    probabilities = np.exp(-0.5 * ((DAYS - day) / spread) ** 2)
    probabilities /= probabilities.sum()
    mixture = KERNEL.mixed(bin_weights(probabilities)[0])
    units = np.round(mixture.quantile(level))
    exact, second = (
        (probabilities * law(units[:, None], MEAN, SD)).sum(axis=1) for law in (loss, second_loss)
    )
    month = 30 * RATE
    assert (np.abs(mixture.loss(units) - exact) <= 0.0014 * np.maximum(month, 1)).all()
    assert (np.abs(mixture.second_loss(units) - second) <= 0.01 * mixture.sd**2).all()
    reached = (probabilities * cdf(units[:, None], MEAN, SD)).sum(axis=1)
    assert mixture.probability(units) == pytest.approx(reached, abs=4e-3)


@pytest.mark.parametrize("level", [0.9, 0.95, 0.98])
def test_reorder_points_are_within_a_hundredth_of_the_exact_mixture(level):
    """A lead time of 49 days, 69 one time in seven: a disruption."""
    usual, late = (np.exp(-0.5 * ((DAYS - day) / 9) ** 2) for day in (49, 69))
    probabilities = 0.85 * usual / usual.sum() + 0.15 * late / late.sum()
    mixture = KERNEL.mixed(bin_weights(probabilities)[0])
    low, high = np.zeros(len(RATE)), mixture.units[:, -1].astype(float)
    for _ in range(40):
        middle = (low + high) / 2
        reached = (probabilities * cdf(middle[:, None], MEAN, SD)).sum(axis=1) >= level
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    large = high >= 20
    units = mixture.quantile(level)
    assert units[large] == pytest.approx(high[large], rel=8e-3)
    assert units[~large] == pytest.approx(high[~large], abs=0.2)


def test_a_long_tail_of_short_waits_does_not_thicken_that_of_long_ones():
    """A law of three days, cut at 256 units, once left its rest on every longer wait."""
    mean, sd = 8.0 * DAYS, np.sqrt(24.0 * DAYS + (1.2 * DAYS) ** 2)
    mixture = kernel(mean[None], sd[None]).mixed(bin_weights(_point(44)))
    exact = second_loss(460, mean[43], sd[43])
    assert mixture.second_loss(460)[0] == pytest.approx(exact, rel=0.05)


@given(
    row=st.integers(0, len(RATE) - 1),
    day=st.integers(1, 190),
    level=st.floats(-50, 2000),
    more=st.floats(0, 500),
)
@settings(max_examples=100, deadline=None)
def test_losses_of_a_mixture_never_rise_and_start_at_the_mean(row, day, level, more):
    mixture = KERNEL.take(row).mixed(bin_weights(_point(day)))
    at, after = mixture.loss(level)[0], mixture.loss(level + more)[0]
    tiny = 1e-5 * (1 + mixture.mean[0])
    assert after <= at + tiny
    assert at >= max(mixture.mean[0] - level, 0) - 0.01 * mixture.sd[0] - tiny
    assert mixture.second_loss(level + more)[0] <= mixture.second_loss(level)[0] * (1 + 1e-5) + tiny
    assert mixture.loss(0)[0] == pytest.approx(mixture.mean[0], rel=1e-5)


@given(row=st.integers(0, len(RATE) - 1), day=st.integers(1, 190), share=st.floats(0.002, 3))
@settings(max_examples=100, deadline=None)
def test_a_level_of_loss_answers_the_loss(row, day, share):
    mixture = KERNEL.take(row).mixed(bin_weights(_point(day)))
    target = share * mixture.mean
    level = mixture.level_of_loss(target)
    assert mixture.loss(level)[0] == pytest.approx(target[0], rel=1e-4, abs=1e-5)


def test_an_undershoot_moves_the_moments_and_a_factor_the_units():
    mixture = KERNEL.mixed(bin_weights(_point(44))[0])
    late = mixture.with_undershoot(RATE, 4 * RATE)
    assert late.mean == pytest.approx(mixture.mean + RATE)
    assert late.sd**2 == pytest.approx(mixture.sd**2 + 4 * RATE)
    assert late.loss(0) == pytest.approx(late.mean, rel=0.02)
    shift, ratio = mixture.undershoot_stretch(RATE, 4 * RATE)
    level = 40 * RATE
    assert late.loss(level) == pytest.approx(
        ratio * mixture.loss((level - shift) / ratio), rel=1e-3, abs=1e-4
    )
    double = mixture.scaled(2.0)
    assert double.quantile(0.95) == pytest.approx(2 * mixture.quantile(0.95), rel=1e-6)
    assert double.loss(2 * level) == pytest.approx(2 * mixture.loss(level), rel=1e-5, abs=1e-6)


def test_a_gamma_with_undershoot_is_near_p06a():
    """P06a: with E[U] 7 and Var[U] 35, fill rate 97 % and batches of 300 need 163.47."""
    mean, sd = 10.0 * DAYS, np.sqrt(40.0 * DAYS + 900 * (DAYS / 14) ** 2)
    mixture = kernel(mean[None], sd[None]).mixed(bin_weights(_point(15)))
    assert mixture.mean[0] == pytest.approx(150)
    late = mixture.with_undershoot(7, 35)
    exact = level_of_loss(9, 157, np.sqrt(mixture.sd[0] ** 2 + 35))
    assert late.level_of_loss(9)[0] == pytest.approx(exact, rel=8e-3)


def test_what_never_sells_loses_nothing():
    mixture = kernel(np.zeros((2, LAST_DAY)), np.zeros((2, LAST_DAY))).mixed(
        bin_weights(_point(40))[0]
    )
    for one in (mixture, mixture.scaled(0.0), KERNEL.take([0, 1]).mixed(
        bin_weights(_point(40))[0]
    ).scaled(0.0)):  # fmt: skip
        assert one.loss([0, 5]).tolist() == [0, 0]
        assert one.second_loss(0).tolist() == [0, 0]
        assert one.quantile(0.99).tolist() == [0, 0]
        assert one.level_of_loss([0.0, 2.0]).tolist() == [0, -2]
        assert one.probability([0, -1]).tolist() == [1, 0]
        assert one.with_undershoot(0, 0).loss(0).tolist() == [0, 0]


def test_some_items_of_a_mixture_answer_like_all():
    mixture = KERNEL.mixed(bin_weights(_point(60))[0])
    assert len(mixture.take([7, 3])) == 2
    assert mixture.take([7, 3]).loss(5).tolist() == mixture.loss(5)[[7, 3]].tolist()
