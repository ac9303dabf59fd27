"""Which sales are too high or too low to be chance, and which levels have drifted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics import alerts
from analytics.errors import OutOfBoundsError


def test_p15a_the_tails_of_the_negative_binomial():
    found = alerts.tails([62.0, 10.0], [35.0, 35.0], [2.2, 2.2])
    assert found.up[0] == pytest.approx(0.0041523127351704115, rel=1e-9)
    assert found.down[1] == pytest.approx(0.00021774011094435826, rel=1e-9)
    assert found.both[0] == pytest.approx(2 * 0.0041523127351704115, rel=1e-9)


def test_p15a_a_poisson_would_wake_everybody():
    found = alerts.tails([62.0], [35.0], [1.0])  # as even as can be: 1.05
    poisson = 2.3811110198738836e-05
    assert poisson < found.up[0] < 0.0041523127351704115 / 50


def test_p15a_the_robust_z_and_where_there_is_none():
    usual = [12, 9, 14, 11, 10, 13, 8, 12, 11, 40, 9, 12]
    assert alerts.robust_z(usual, 40.0) == pytest.approx(12.815305253725553, rel=1e-12)
    assert np.isnan(alerts.robust_z([0, 0, 0, 0, 7], 9.0))
    assert np.isnan(alerts.robust_z([], 9.0))


def test_p15a_benjamini_hochberg_rejects_three():
    p = np.array([0.0002, 0.004, 0.0101, 0.03, 0.04, 0.2, 0.5, 0.7, 0.9, 0.95])
    assert alerts.discoveries(p, 0.05).tolist() == [True] * 3 + [False] * 7
    assert alerts.discoveries(p[::-1], 0.05).tolist() == [False] * 7 + [True] * 3
    mixed = np.insert(p, 4, np.nan)
    assert alerts.discoveries(mixed, 0.05).sum() == 3
    assert not alerts.discoveries([], 0.05).any()
    with pytest.raises(OutOfBoundsError):
        alerts.discoveries(p, 5.0)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 200), st.floats(0.1, 150), st.floats(1.06, 9))
def test_the_tails_are_those_of_the_law(units, mean, ratio):
    size, chance = mean / (ratio - 1), 1 / ratio
    found = alerts.tails([units], [mean], [ratio])
    assert found.up[0] == pytest.approx(
        stats.nbinom.sf(units - 1, size, chance), rel=1e-6, abs=1e-12
    )
    assert found.down[0] == pytest.approx(
        stats.nbinom.cdf(units, size, chance), rel=1e-6, abs=1e-12
    )
    assert 0 < found.both[0] <= 1


def test_an_uncertain_level_makes_the_same_sales_less_surprising():
    sure = alerts.tails([62.0], [35.0], [2.2])
    unsure = alerts.tails([62.0], [35.0], [2.2], level_variance=[1.0])
    # 35 x 2.2 + 49 = 126, so the ratio is 3.6
    assert unsure.up[0] == pytest.approx(alerts.tails([62.0], [35.0], [3.6]).up[0])
    assert unsure.up[0] > sure.up[0]


def test_nothing_expected_and_something_sold_is_no_chance():
    found = alerts.tails([0.0, 1.0], [0.0, 0.0], [2.0, 2.0])
    assert found.both.tolist() == [1.0, 0.0]


def steady(rng, per_day, count, weeks=1, vmr=2.0):
    mean = 7 * per_day
    shape = (count,) if weeks == 1 else (count, weeks)
    return rng.negative_binomial(mean / (vmr - 1), 1 / vmr, shape).astype(np.float64)


def test_of_5_000_steady_items_at_most_half_a_per_cent_alarm_in_a_week():
    """Level and spread are estimated from 52 weeks of each item's own, as in use."""
    rng = np.random.default_rng(11)
    per_day = rng.choice([0.1, 0.3, 1.0, 3.0, 10.0, 30.0], 5_000)[:, None]
    history = rng.negative_binomial(7 * per_day, 0.5, (5_000, 52)).astype(np.float64)
    mean, variance = history.mean(axis=1), history.var(axis=1, ddof=1)
    ratio = alerts.dispersion(mean, variance, 7 * (history > 0).sum(axis=1), np.full(5_000, "all"))
    level = variance / 52 / 49  # of units per day
    for _ in range(4):
        week = rng.negative_binomial(7 * per_day[:, 0], 0.5).astype(np.float64)
        found = alerts.unusual(week, mean, ratio, level_variance=level)
        assert found.is_alarm.mean() <= 0.005


def test_a_doubling_at_ten_a_day_is_found_in_a_week_even_if_it_is_the_only_one():
    rng = np.random.default_rng(12)
    usual, doubled = steady(rng, 10.0, 999), steady(rng, 20.0, 300)
    found = [
        alerts.unusual(np.append(usual, units), np.full(1_000, 70.0), np.full(1_000, 2.0))
        for units in doubled
    ]
    assert np.mean([one.direction[-1] == 1 for one in found]) >= 0.95
    assert found[0].is_alarm[:-1].mean() <= 0.005


def test_drift_finds_what_no_single_week_shows():
    """A doubling of 5 to 20 a week is found within 4 weeks in half the cases."""
    rng = np.random.default_rng(13)
    mean, vmr = rng.uniform(5, 20, 4_000), 2.0
    ratio = np.full(4_000, vmr)

    def weeks(level, count):
        size = (level / (vmr - 1))[:, None]
        return rng.negative_binomial(np.broadcast_to(size, (4_000, count)), 1 / vmr).astype(float)

    due = np.repeat(mean[:, None], 26, axis=1)
    for change in (alerts.UP, alerts.DOWN):
        calm = alerts.drift(weeks(mean, 26), due, ratio, change)
        new = (calm[:, 1:] >= alerts.DRIFT) & (calm[:, :-1] < alerts.DRIFT)
        assert new.mean() <= 0.005
    grown = alerts.drift(weeks(2 * mean, 4), due[:, :4], ratio, alerts.UP)
    assert (grown.max(axis=1) >= alerts.DRIFT).mean() >= 0.5
    assert (grown >= 0).all()


def test_a_week_that_nobody_saw_leaves_the_sum_as_it_is():
    found = alerts.drift([[30.0, np.nan, 0.0]], [[10.0, 10.0, 10.0]], [2.0], 2.0)
    assert found[0, 0] == found[0, 1] == pytest.approx((30 * np.log(2) - 10) / 2)
    assert found[0, 2] == pytest.approx(max(0.0, found[0, 1] - 5.0))
    with pytest.raises(OutOfBoundsError):
        alerts.drift([[1.0]], [[1.0]], [2.0], 0.0)


def test_what_explains_a_direction_silences_it_and_is_said():
    causes = ["stockout", "stockout", "promotion", "price", "", "event"]
    high, low = 90.0, 8.0
    found = alerts.unusual(
        [low, high, high, low, high, np.nan], np.full(6, 35.0), np.full(6, 2.2),
        explained=np.array(causes, dtype=object),
    )  # fmt: skip
    assert found.direction.tolist() == [-1, 1, 1, -1, 1, 0]
    assert found.cause.tolist() == [
        "stockout",
        "unexplained",
        "promotion",
        "price",
        "unexplained",
        "",
    ]
    assert found.is_alarm.tolist() == [False, True, False, False, True, False]
    assert np.isnan(found.probability[5])


def test_money_filters_alarms_and_unknown_money_does_not():
    found = alerts.unusual(
        [90.0, 90.0, 90.0], [35.0] * 3, [2.2] * 3,
        contribution=[1.0, 2.0, np.nan], least_money=100.0,
    )  # fmt: skip
    assert found.money.tolist() == [55.0, 110.0, 0.0]
    assert found.is_alarm.tolist() == [False, True, True]
    fortnight = alerts.unusual([180.0], [70.0], [2.2], days=14, contribution=1.0)
    assert fortnight.money.tolist() == [55.0]  # per week


def test_spread_is_drawn_to_the_group_where_little_is_known():
    found = alerts.dispersion([10, 10, 10, 0], [20, 20, 80, 0], [0, 40, 1e9, 0], list("aaab"))
    assert found == pytest.approx([2.0, 2.0, 8.0, 1.05], rel=1e-6)


def test_an_order_is_overdue_by_its_own_lead_times():
    law = np.zeros((3, 60))
    law[:, 29], law[:, 49] = 0.9, 0.1  # 30 days, sometimes 50
    assert alerts.overdue(law, [29, 30, 400]).round(9).tolist() == [0.0, 0.9, 1.0]


def test_an_empty_shop_alarms_nobody():
    found = alerts.unusual([], [], [])
    assert found.is_alarm.tolist() == []
    assert alerts.dispersion([], [], [], []).tolist() == []
