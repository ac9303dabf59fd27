"""Laws of lead times: moved by a scenario, and what is left of them for an order under way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.inventory.durations import (
    delayed,
    delayed_moments,
    lead_time_probabilities,
    moments,
    remaining,
    shifted,
)

SCENARIO = {"shift_days": 5, "scale": 1.1, "chance": 0.15, "delay_mean": 20, "delay_sd": 8}
laws = st.tuples(st.floats(2, 90), st.floats(0, 30)).map(
    lambda pair: lead_time_probabilities([pair[0]], [pair[1]])
)


def below(law):
    return law.cumsum(axis=1)


def test_p12b_the_moments_of_a_scenario():
    mean, sd = delayed_moments(35.0, 6.0, **SCENARIO)
    assert float(mean) == pytest.approx(46.5, rel=1e-12)
    assert float(sd**2) == pytest.approx(104.16, rel=1e-12)


def test_p12b_the_law_of_a_scenario():
    mean, sd = moments(delayed(lead_time_probabilities([35.0], [6.0]), **SCENARIO))
    assert mean[0] == pytest.approx(46.5, abs=0.01)
    assert sd[0] ** 2 == pytest.approx(104.16, rel=0.006)  # days are whole: 1/12 and 1/6 more


def test_the_law_is_that_of_draws():
    rng = np.random.default_rng(5)
    n = 200_000
    drawn = 1.1 * rng.gamma((35 / 6) ** 2, 36 / 35, n) + 5
    drawn += (rng.random(n) < 0.15) * rng.gamma((20 / 8) ** 2, 64 / 20, n)
    law = delayed(lead_time_probabilities([35.0], [6.0]), **SCENARIO)
    seen = np.searchsorted(np.sort(drawn), np.arange(1, 197) + 0.5) / n
    assert np.abs(below(law)[0] - seen).max() < 0.006


@settings(deadline=None)
@given(laws)
def test_at_rest_nothing_changes_to_the_last_bit(law):
    assert delayed(law) is law
    assert (delayed(law, chance=0.0, delay_mean=20.0, delay_sd=5.0) == law).all()
    assert (delayed(law, chance=0.5, delay_mean=0.0) == law).all()


@settings(deadline=None, max_examples=60)
@given(
    law=laws,
    shift=st.tuples(st.integers(0, 40), st.integers(0, 40)),
    scale=st.tuples(st.floats(0.5, 2), st.floats(0, 1)),
    chance=st.tuples(st.floats(0, 0.5), st.floats(0, 0.5)),
    spread=st.floats(0, 3),
)
def test_more_delay_is_never_earlier(law, shift, scale, chance, spread):
    common = {"spread": spread, "delay_mean": 15.0, "delay_sd": 6.0}
    less = delayed(law, shift_days=shift[0], scale=scale[0], chance=chance[0], **common)
    for more in (
        {"shift_days": sum(shift), "scale": scale[0], "chance": chance[0]},
        {"shift_days": shift[0], "scale": sum(scale), "chance": chance[0]},
        {"shift_days": shift[0], "scale": scale[0], "chance": sum(chance)},
    ):
        later = delayed(law, **more, **common)
        assert later.sum() == pytest.approx(1)
        assert (later >= 0).all()
        assert (below(later) <= below(less) + 1e-9).all()


def test_spread_moves_the_sd_and_not_the_mean():
    law = lead_time_probabilities([60.0], [8.0])
    _, at_rest = moments(law)
    for factor in (0.5, 1.5, 2.0):
        mean, sd = moments(delayed(law, spread=factor))
        assert mean[0] == pytest.approx(60.0, abs=0.02)
        assert sd[0] == pytest.approx(factor * at_rest[0], rel=0.02)
    mean, sd = moments(delayed(law, spread=0.0))
    assert (mean[0], sd[0]) == (pytest.approx(60.0, abs=0.02), pytest.approx(0.0, abs=0.5))


def test_whole_days_of_delay_are_what_shifted_gives():
    law = lead_time_probabilities([45.0, 180.0], [9.0, 20.0])
    assert delayed(law, shift_days=14) == pytest.approx(shifted(law, 14))


def test_a_disruption_of_a_sure_length():
    law = np.zeros((1, 196))
    law[0, 39] = 1.0
    found = delayed(law, chance=0.25, delay_mean=10.0)
    assert found[0, 39] == 0.75
    assert found[0, 49] == 0.25
    assert delayed(law, chance=1.0, delay_mean=300.0, delay_sd=20.0)[0, -1] == pytest.approx(1)


def test_an_order_under_way_is_conditional_on_its_age():
    law = lead_time_probabilities([45.0], [9.0])
    left = remaining(law, [50])
    assert left[0, :10] == pytest.approx(law[0, 50:60] / law[0, 50:].sum())
    assert (remaining(law, [0]) == law / law.sum()).all()


@settings(deadline=None)
@given(laws, st.integers(0, 400))
def test_what_is_left_is_a_law_and_at_least_a_day(law, age):
    left = remaining(law, [age])
    assert left.sum() == pytest.approx(1)
    assert (left >= 0).all()
    assert moments(left)[0][0] >= 1


def test_an_order_older_than_anything_seen_is_still_expected():
    law = lead_time_probabilities([40.0], [10.0])
    mean, _ = moments(remaining(law, [190]))
    assert mean[0] == pytest.approx(10**2 / 40, rel=0.02)  # a gamma's tail: one more scale
    sure = lead_time_probabilities([40.0], [0.0])
    assert moments(remaining(sure, [40]))[0].tolist() == [1.0]


@given(st.floats(2, 120), st.floats(0, 40))
def test_probabilities_add_up_and_keep_the_mean(mean, sd):
    p = lead_time_probabilities([mean], [sd])
    assert p.sum() == pytest.approx(1)
    assert (p >= 0).all()
    got, spread = moments(p)
    if mean - 3 * sd > 1 and mean + 5 * sd < 196:
        assert got[0] == pytest.approx(mean, abs=0.05)
        assert spread[0] == pytest.approx(max(sd, 0), abs=0.6)


def test_a_delay_moves_every_day_and_the_last_one_keeps_what_is_cut():
    p = lead_time_probabilities([186.0], [5.0])
    later = shifted(p, 14)
    assert later.sum() == pytest.approx(1)
    assert later[0, :14].sum() == 0
    assert later[0, -1] > 0.5
    assert shifted(p, 0).tolist() == p.tolist()
    assert shifted(p, 300)[0, -1] == pytest.approx(1)


def test_fifteen_weeks_and_ninety_days_of_delay_fit():
    late = shifted(lead_time_probabilities([105.0], [0.0]), 90)
    assert moments(late)[0] == pytest.approx(195.0)
