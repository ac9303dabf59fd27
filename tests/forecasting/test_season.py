"""The pooled season: recovered, drawn together, and not invented."""

import numpy as np
import pandas as pd
import pytest

from analytics.forecasting import cross_check, own_season, seasons_of
from analytics.forecasting.matrix import week_of_year
from tests.forecasting.panels import christmas, panel, sellers, weeks


def profile(seasons, pool=-1):
    return np.exp(seasons.log_profile[pool])


def truth(n_weeks=104):
    factor = christmas(n_weeks)[:52]
    return factor / factor.mean()


@pytest.mark.parametrize(("items", "count"), [(60, 104), (60, 156), (5, 104), (1, 156)])
def test_a_season_without_noise_is_recovered(items, count):
    season = truth()
    level = np.geomspace(5, 500, items)
    units = level[:, None] * season[week_of_year(weeks(count))]
    assert profile(seasons_of(panel(units))) == pytest.approx(season, rel=1e-6)


def test_many_noisy_items_agree_on_their_season():
    found = profile(seasons_of(panel(sellers(80, 110))))
    expected = np.ones(52)
    expected[week_of_year(weeks(52))] = truth()
    assert np.corrcoef(found, expected)[0, 1] > 0.98


def test_a_short_account_has_no_season():
    seasons = seasons_of(panel(sellers(80, 39)))
    assert not seasons.is_learnt
    assert (seasons.log_profile == 0).all()


def test_a_small_pool_believes_less():
    peak = [profile(seasons_of(panel(sellers(n, 56, rate=20.0)))).max() for n in (3, 10, 200)]
    assert peak == sorted(peak)


def test_noise_alone_makes_hardly_a_season():
    found = profile(seasons_of(panel(sellers(80, 110, season=False))))
    assert found == pytest.approx(np.ones(52), abs=0.15)


def test_categories_differ_where_they_are_large_enough():
    flat, peaked = sellers(30, 110, 1, season=False), sellers(30, 110, 2)
    few = sellers(9, 110, 3)
    both = pd.concat(
        [
            panel(flat, group="Mugs", names=[f"M{i}" for i in range(30)]),
            panel(peaked, group="Lights", names=[f"L{i}" for i in range(30)]),
            panel(few, group="Rest", names=[f"R{i}" for i in range(9)]),
        ]
    )
    seasons = seasons_of(both)
    names = [pool.name for pool in seasons.pools.pools]
    assert names == ["account", "market:US", "category:US:Lights", "category:US:Mugs"]
    assert profile(seasons, 2).max() > 1.5 * profile(seasons, 3).max()
    assert set(seasons.pools.names[-9:]) == {"market:US"}  # nine SKUs are too few


def test_a_category_too_small_in_one_market_learns_from_the_others():
    peaked, flat = sellers(24, 110, 2), sellers(24, 110, 1, season=False)
    both = pd.concat(
        [
            panel(rows, market=market, group=group, names=[f"{group}{k}" for k in range(6)])
            for group, units in (("Lights", peaked), ("Mugs", flat))
            for market, rows in zip(("DE", "FR", "IT", "US"), np.split(units, 4), strict=True)
        ]
    )
    seasons = seasons_of(both)
    top = seasons.log_profile[seasons.pools.of_item].max(axis=1)
    height = dict(zip(seasons.pools.names, top, strict=True))
    assert set(height) == {"category:*:Lights", "category:*:Mugs"}
    assert np.exp(height["category:*:Lights"]) > 1.5 * np.exp(height["category:*:Mugs"])


def test_a_season_is_judged_by_weeks_that_did_not_teach_it():
    seasons = seasons_of(panel(sellers(40, 110)))
    assert [tuple(block) for block in seasons.blocks] == [(97, 110), (84, 97), (71, 84), (58, 71)]
    place = week_of_year(weeks(110))
    judged = seasons.judged(place)
    assert judged[:, :58] == pytest.approx(seasons.log_profile[:, place[:58]])
    assert not np.allclose(judged[:, 97:], seasons.log_profile[:, place[97:]])


def test_one_freak_order_makes_no_season():
    units = sellers(40, 110, season=False)
    units[3, 30] = 1e5
    assert profile(seasons_of(panel(units))).max() < 1.3


def test_unobserved_weeks_teach_nothing():
    units = sellers(60, 110)
    holes = units.copy()
    holes[::2, 20:30] = np.nan
    assert profile(seasons_of(panel(holes))) == pytest.approx(
        profile(seasons_of(panel(units))), rel=0.15
    )


def test_statsmodels_finds_the_same_season():
    check = cross_check(panel(sellers(80, 130)))
    assert check["group"].tolist() == ["account", "market:US"]
    assert (check["correlation"] > 0.97).all()
    assert (check["difference"] < 0.1).all()
    assert check["items"].tolist() == [80, 80]


def test_nothing_to_check_before_two_cycles():
    assert cross_check(panel(sellers(20, 90))).empty


def test_the_weeks_of_a_year_have_52_places():
    every = week_of_year(weeks(600))
    assert (every.min(), every.max()) == (0, 51)
    steps = np.diff(every)
    assert set(steps.tolist()) <= {0, 1, -51}


def test_an_items_own_season_counts_neighbouring_weeks_of_every_year():
    rng = np.random.default_rng(4)
    units, usual = rng.poisson(3.0, (80, 2)).astype(float), rng.uniform(1, 5, (80, 2))
    place, use = (np.arange(80) + 20) % 52, rng.random(80) < 0.9
    share = {0: 1.0, 1: 0.8, 2: 0.5, 3: 0.25}
    sold, due = np.zeros((52, 2)), np.zeros((52, 2))
    for of_year in range(52):
        for week in np.flatnonzero(use):
            apart = abs(of_year - place[week])
            weight = share.get(int(min(apart, 52 - apart)), 0.0)
            sold[of_year] += weight * units[week]
            due[of_year] += weight * usual[week]
    ratio, variance = own_season.evidence(units, usual, place, use)
    drawn = 0.5 * usual[use].sum(axis=0) / use.sum()
    assert ratio == pytest.approx(np.log((sold + drawn) / (due + drawn)))
    assert (variance > 0).all()
