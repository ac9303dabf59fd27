"""How many alarms are false, and how soon a true one comes: sales simulated day by day.

They go through the service as anybody's do: weeks, shares, what was expected, spread.
"""

import numpy as np
import pandas as pd
import pytest

from analytics.demand import ObservedDays
from analytics.demand.movements import Movements
from analytics.services.unusual_sales import LEAST_UNITS, drifted, judged, weeks_of

N_ITEMS, N_WEEKS = 5_000, 60
RATIO = 2.0  # variance over mean of daily sales, and so of a week's
MONDAY = np.datetime64("2025-01-06")


def sold(rng, per_day, shape):
    """Negative binomial days of items that sell ``per_day``; ``shape``: items and weeks."""
    size = np.broadcast_to(per_day / (RATIO - 1), (shape[0], 1))
    return rng.negative_binomial(size, 1 / RATIO, (shape[0], 7 * shape[1])).astype(np.float64)


def known(units):
    """What the service makes of days on which everything was in stock and nothing happened."""
    n_items, n_days = units.shape
    item, day = np.nonzero(units)
    names = pd.DataFrame({"sku": np.arange(n_items).astype(str), "market": "US", "group": "all"})
    nothing = Movements.of(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    same = np.zeros(n_items, dtype=np.int64)
    return weeks_of(
        ObservedDays(
            items=names, first=MONDAY, as_of=MONDAY + n_days - 1,
            sales=Movements.of(item, day, units[item, day]), out=nothing, start=same, market=same,
            markets=("US",), reach=same, covered=np.ones((1, n_days), dtype=bool),
            shares=np.full((1, 7), 1 / 7),
        )
    )  # fmt: skip


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
        told = known(steady[:, 7 * (last - N_WEEKS) : 7 * last])
        shares.append((judged(told) != 0).mean())
    assert np.mean(shares) <= 0.005
    assert max(shares) <= 0.0075  # of 5,000 at 0.5 %, 25 with an sd of 5: no week has 38


def test_a_doubling_at_ten_a_day_is_found_within_seven_days(steady):
    """Each is the only one of a catalogue that else does what it always did."""
    rng = np.random.default_rng(21)
    many = sold(rng, 10.0, (400, N_WEEKS))
    many[:, -7:] = sold(rng, 20.0, (400, 1))
    told = known(np.vstack([steady[:1_000, : 7 * N_WEEKS], many]))
    alone = [judged(told.of(np.append(np.arange(1_000), row)))[-1] for row in range(1_000, 1_400)]
    assert np.mean(np.array(alone) == 1) >= 0.95


def test_a_level_that_has_doubled_is_found_within_four_weeks():
    """5 to 20 a week: half of them, as the plan's document asks."""
    rng = np.random.default_rng(22)
    per_day = rng.uniform(5, 20, (2_000, 1)) / 7
    units = sold(rng, per_day, (2_000, N_WEEKS))
    units[:, -28:] = sold(rng, 2 * per_day, (2_000, 4))
    found, slowly = np.zeros((2, 2_000), dtype=bool)
    for last in range(N_WEEKS - 3, N_WEEKS + 1):
        told = known(units[:, : 7 * last])
        found |= judged(told) == 1
        slowly |= drifted(told) == 1
    assert slowly.mean() >= 0.5
    assert found.mean() >= 0.65


def test_few_units_wake_nobody():
    """Two sold where none ever were is no chance, and no business of anybody's either."""
    units = np.zeros((1, 7 * N_WEEKS))
    units[0, -1] = LEAST_UNITS - 1
    assert judged(known(units)).tolist() == [0]
    units[0, -1] = LEAST_UNITS + 1
    assert judged(known(units)).tolist() == [1]
