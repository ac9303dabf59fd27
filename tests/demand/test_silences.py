"""Stock-outs seen from the pattern alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.demand.movements import Movements
from analytics.demand.silences import Silences, silences

DAYS = 730


def called(units, snapshots=None):
    """Silences among daily units, shape (n_items, n_days)."""
    item, day = np.nonzero(units)
    sales = Movements.of(item, day, units[item, day].astype(float))
    counts = snapshots or Movements.none()
    n_items, n_days = units.shape
    everywhere = np.ones((1, n_days), dtype=bool)
    return silences(sales, counts, np.zeros(n_items, dtype=np.int64), everywhere)


def demand(rng, n_items, kind):
    rate = np.exp(rng.uniform(np.log(0.03), np.log(8), n_items))[:, None]
    weekday = np.array([1.15, 1.1, 1.05, 1.0, 0.9, 0.85, 0.95])
    mean = rate * weekday[np.arange(DAYS) % 7]
    if kind == "poisson":
        return rng.poisson(mean)
    shocks = rng.gamma(1 / 0.09, 0.09, (n_items, DAYS // 7 + 1)).repeat(7, axis=1)[:, :DAYS]
    season = np.exp(0.6 * np.sin(2 * np.pi * (np.arange(DAYS) / 365 + rng.random((n_items, 1)))))
    mean = mean * shocks * season
    return rng.negative_binomial(mean / 1.2, 1 / 2.2)


@pytest.mark.parametrize("kind", ["poisson", "negative binomial"])
def test_items_that_never_ran_out_are_hardly_ever_accused(kind):
    units = demand(np.random.default_rng(7), 1_500, kind)
    assert len(called(units).days.day) / units.size < 0.001  # the bar is a hundredth


def test_long_gaps_of_what_sells_daily_are_found():
    rng = np.random.default_rng(3)
    units = rng.poisson(4.0, (200, DAYS))
    low, length = rng.integers(100, 500, 200), rng.integers(8, 40, 200)
    out = (np.arange(DAYS) >= low[:, None]) & (np.arange(DAYS) < (low + length)[:, None])
    found = called(np.where(out, 0, units))
    hit = np.zeros_like(out)
    hit[found.days.item, found.days.day] = True
    assert (hit & out).sum() / out.sum() > 0.95
    assert (hit & ~out).sum() / hit.sum() < 0.02


def test_zeros_of_a_slow_seller_are_normal():
    units = np.zeros((1, DAYS), dtype=int)
    units[0, ::30] = 1
    units[0, 200:320] = 0
    assert len(called(units).item) == 0


def test_the_end_of_a_season_is_no_stockout():
    units = np.zeros((1, DAYS), dtype=int)
    for peak in (250, 615):
        units[0, peak - 40 : peak] = 9
    units[0, ::45] = 1
    found = called(units)
    assert len(found.days.day) == 0


def test_a_short_silence_up_to_today_is_a_stockout_and_a_long_one_may_be_the_end():
    units = np.full((2, DAYS), 5)
    units[0, -14:] = 0
    units[1, -60:] = 0
    found = called(units)
    assert found.item.tolist() == [0, 1]
    assert found.is_end.tolist() == [False, True]
    assert set(found.days.item.tolist()) == {0}
    assert len(found.expanded(ended=True).day) == 60


def test_what_came_back_from_long_silences_before_is_expected_back():
    units = np.full((1, DAYS), 5)
    units[0, 300:335] = 0
    units[0, -60:] = 0
    assert called(units).is_end.tolist() == [False, False]


def test_where_stock_was_counted_the_counts_decide():
    units = np.full((2, DAYS), 5)
    units[:, 300:320] = 0
    counted = Movements.of(np.array([0]), np.array([305]), np.array([40.0]))
    assert set(called(units, counted).item.tolist()) == {1}


def test_days_that_no_file_covers_are_no_silence():
    units = np.full((1, DAYS), 5)
    units[0, 300:320] = 0
    item, day = np.nonzero(units)
    covered = np.ones((1, DAYS), dtype=bool)
    covered[0, 300:320] = False
    sales = Movements.of(item, day, units[item, day].astype(float))
    assert len(silences(sales, Movements.none(), np.zeros(1, dtype=np.int64), covered).item) == 0


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 1.0))
def test_a_silence_never_holds_a_sale(seed, busy):
    rng = np.random.default_rng(seed)
    units = (rng.random((3, 200)) < busy) * rng.integers(1, 5, (3, 200))
    units[0, 80:120] = 0
    found = called(units)
    for part in (found.days, found.expanded(ended=True)):
        assert not units[part.item, part.day].any()
    assert ((found.chance >= 0) & (found.chance <= 1e-3)).all()


def test_nothing_sold_is_no_silence():
    assert len(Silences.none().days.day) == 0
    assert len(called(np.zeros((2, 50), dtype=int)).item) == 0
