"""How many alarms are false, and how soon a true one comes: simulated sales, and the sample."""

import numpy as np
import pytest

from analytics import alerts
from analytics.services.unusual_sales import LEAST_UNITS, Weeks, drifted, judged

N_ITEMS, N_WEEKS = 5_000, 61
RATIO = 2.0  # variance over mean of daily sales, and so of a week's


def sold(rng, per_day, shape):
    """Negative binomial weeks of items that sell ``per_day``."""
    return rng.negative_binomial(7 * per_day / (RATIO - 1), 1 / RATIO, shape).astype(np.float64)


def known(units):
    """What the service makes of weeks in which everything was in stock and nothing happened."""
    one = np.ones_like(units)
    due = alerts.expected_before(units, one, one)
    past = slice(8, units.shape[1] - 4)
    mean, error = due[:, past].mean(axis=1), ((units - due)[:, past] ** 2).mean(axis=1)
    days = np.minimum(7 * (units > 0).sum(axis=1), 7 * units.shape[1])
    ratio = alerts.dispersion(mean, error, days, np.full(len(units), "all"))
    return Weeks(units, 0 * one, one, 0 * one, due, ratio)


@pytest.fixture(scope="module")
def steady():
    """5,000 items of a tenth of a unit to 30 a day, that do nothing but sell."""
    rng = np.random.default_rng(20)
    per_day = rng.choice([0.1, 0.3, 1.0, 3.0, 10.0, 30.0], N_ITEMS)
    return sold(rng, per_day[:, None], (N_ITEMS, N_WEEKS + 8))


def test_at_most_half_a_per_cent_of_5_000_steady_items_alarm_in_a_week(steady):
    """Unusual weeks and drifts together, level and spread learnt from each item's own past."""
    shares = []
    for last in range(N_WEEKS, N_WEEKS + 8):
        told = known(steady[:, last - N_WEEKS : last])
        shares.append((judged(told) != 0).mean())
    assert np.mean(shares) <= 0.005
    assert max(shares) <= 0.0075  # of 5,000 at 0.5 %, 25 with an sd of 5: no week has 38


def test_a_doubling_at_ten_a_day_is_found_within_seven_days(steady):
    """Each is the only one of a catalogue that else does what it always did."""
    rng = np.random.default_rng(21)
    many = sold(rng, 10.0, (400, N_WEEKS))
    many[:, -1] = sold(rng, 20.0, 400)
    told = known(np.vstack([steady[:1_000, :N_WEEKS], many]))
    alone = [judged(told.of(np.append(np.arange(1_000), row)))[-1] for row in range(1_000, 1_400)]
    assert np.mean(np.array(alone) == 1) >= 0.95


def test_a_level_that_has_doubled_is_found_within_four_weeks():
    """5 to 20 a week: half of them, as the plan's document asks."""
    rng = np.random.default_rng(22)
    weekly = rng.uniform(5, 20, 2_000)
    units = sold(rng, weekly[:, None] / 7, (2_000, N_WEEKS))
    units[:, -4:] = sold(rng, 2 * weekly[:, None] / 7, (2_000, 4))
    found, slowly = np.zeros((2, 2_000), dtype=bool)
    for last in range(N_WEEKS - 3, N_WEEKS + 1):
        told = known(units[:, :last])
        found |= judged(told) == 1
        slowly |= drifted(told) == 1
    assert slowly.mean() >= 0.5
    assert found.mean() >= 0.65


def test_few_units_wake_nobody():
    """Two sold where none ever were is no chance, and no business of anybody's either."""
    units = np.zeros((1, N_WEEKS))
    units[0, -1] = LEAST_UNITS - 1
    assert judged(known(units)).tolist() == [0]
    units[0, -1] = LEAST_UNITS + 1
    assert judged(known(units)).tolist() == [1]
