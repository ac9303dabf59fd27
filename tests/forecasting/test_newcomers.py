"""New items: posteriors by hand, curves and levels planted in simulated accounts."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.forecasting.curves import Curve, flat_curve, launch_curve
from analytics.forecasting.likeness import levels, like_items
from analytics.forecasting.newcomers import gamma, launches
from tests.forecasting.panels import panel, weeks

AHEAD = weeks(120)[104:117]


def plan(**columns):
    return pd.DataFrame([{"sku": "NEW", "market": "US"} | columns])


def account(n_items=10, level=20.0, count=104):
    return panel(np.full((n_items, count), level), group="mats")


def test_the_posterior_by_hand():
    """Gamma(20, 5) and 2 sales in 4 weeks: Gamma(22, 9)."""
    after = gamma(20.0, 5.0).updated([2.0], [4.0])
    assert after.mean[0] == pytest.approx(22 / 9)
    assert after.sd[0] == pytest.approx(np.sqrt(22) / 9)


def test_the_prediction_is_negative_binomial():
    mean, sd = gamma(22.0, 9.0).sales([[3.0]])
    law = stats.nbinom(22.0, 9.0 / (9.0 + 3.0))
    assert mean[0, 0] == pytest.approx(law.mean())
    assert sd[0, 0] == pytest.approx(law.std())


def test_the_posterior_is_the_truth_of_a_simulation():
    """Of all items whose first four weeks sold 11, the level is what the posterior says."""
    rng = np.random.default_rng(3)
    level = rng.gamma(3.0, 1.0, 400_000)
    chosen = level[rng.poisson(4 * level) == 11]
    after = gamma(3.0, 1.0).updated([11.0], [4.0])
    assert after.mean[0] == pytest.approx(chosen.mean(), rel=0.01)
    assert after.sd[0] == pytest.approx(chosen.std(), rel=0.02)


def test_noisy_sales_say_less():
    calm, wild = (gamma(3.0, 1.0, d).updated([40.0], [4.0]) for d in (1.0, 4.0))
    assert calm.mean[0] > wild.mean[0]
    assert calm.rate[0] == 5.0
    assert wild.rate[0] == 2.0


@given(
    st.floats(0.1, 100), st.floats(0.01, 100), st.floats(1, 20), st.floats(0, 1e4), st.floats(0, 60)
)
def test_any_evidence_gives_a_sane_level(shape, rate, dispersion, units, exposure):
    after = gamma(shape, rate, dispersion).updated([units], [exposure])
    mean, sd = after.sales(np.arange(1.0, 6.0)[None])
    assert np.isfinite(mean).all()
    assert (mean > 0).all()
    assert (np.diff(sd[0]) > 0).all()
    assert (sd**2 >= mean * (1 - 1e-12)).all()


def test_a_new_item_borrows_the_level_of_a_like_item():
    result = launches(account(), plan(like_sku="S001", multiplier=1.5), weeks=AHEAD)
    row = result.table.iloc[0]
    assert (row["source"], row["like_sku"]) == ("like", "S001")
    assert result.mean[0] == pytest.approx(30.0)
    assert row["own_share"] == 0.0
    assert result.cumulative_mean[0, -1] == pytest.approx(13 * 30.0)
    # Known level: only Poisson noise; unknown level with a shape of 3: mean + mean²/3.
    assert result.cumulative_sd[0, -1] ** 2 == pytest.approx(390 + 390**2 / 3)


def test_the_users_word_goes_before_and_the_category_comes_last():
    stated = launches(account(), plan(like_sku="S001", units_per_week=7.0), weeks=AHEAD)
    assert stated.table["source"].iloc[0] == "stated"
    assert stated.mean[0, 0] == pytest.approx(7.0)
    pooled = launches(account(), plan(group="mats"), weeks=AHEAD)
    assert pooled.table["source"].iloc[0] == "category"
    assert pooled.mean[0, 0] == pytest.approx(20.0)
    alone = launches(account(2), plan(group="mats"), weeks=AHEAD)
    assert alone.table["source"].iloc[0] == "account"


def test_a_category_whose_items_differ_says_less():
    spread = panel(np.repeat([[2.0], [5.0], [10.0], [40.0], [80.0]], 104, axis=1), group="mats")
    wide = launches(spread, plan(group="mats"), weeks=AHEAD).table.iloc[0]
    assert wide["borrowed"] == pytest.approx(27.4)
    cv = np.std([2, 5, 10, 40, 80], ddof=1) / 27.4
    assert wide["strength"] == pytest.approx(1 / cv**2 / 27.4)


def test_own_sales_take_over():
    own = panel(np.r_[np.full(92, np.nan), np.full(12, 50.0)][None], names=["NEW"])
    before = launches(account(), plan(like_sku="S001"), weeks=AHEAD)
    after = launches(pd.concat([account(), own]), plan(like_sku="S001"), weeks=AHEAD)
    row = after.table.iloc[0]
    assert row["weeks_seen"] == 12
    assert row["units_seen"] == 600
    assert row["level"] == pytest.approx((3 + 600) / (3 / 20 + 12))
    assert row["own_share"] > 0.98
    assert after.cumulative_sd[0, -1] < before.cumulative_sd[0, -1] * 3


def test_weeks_out_of_stock_count_as_little_as_they_showed():
    own = panel(np.r_[np.full(100, np.nan), np.full(4, 50.0)][None], names=["NEW"])
    half = own.assign(availability=0.5)
    whole, part = (
        launches(pd.concat([account(), o]), plan(like_sku="S001"), weeks=AHEAD).table.iloc[0]
        for o in (own, half)
    )
    assert part["exposure_seen"] == whole["exposure_seen"] / 2
    assert part["own_share"] < whole["own_share"]


def test_a_launch_week_counts_by_its_days_once():
    """On sale from a Friday on: the week's weight says 3/7 already, and so do the units seen."""
    units = np.r_[np.full(100, np.nan), np.full(4, 70.0)]
    own = panel(units[None], names=["NEW"]).assign(
        availability=np.r_[np.zeros(100), 3 / 7, np.ones(3)]
    )
    friday = weeks(104)[100].item() + timedelta(days=4)
    asked = plan(like_sku="S001", starts_on=friday)
    row = launches(pd.concat([account(), own]), asked, weeks=AHEAD).table.iloc[0]
    assert row["exposure_seen"] == pytest.approx(3 + 3 / 7)
    assert row["units_seen"] == pytest.approx(70 * (3 + 3 / 7))


def test_a_launch_week_ahead_is_forecast_from_its_day_on():
    friday = AHEAD[2].item() + timedelta(days=4)
    result = launches(account(), plan(units_per_week=70.0, starts_on=friday), weeks=AHEAD)
    assert result.mean[0, :4] == pytest.approx([0.0, 0.0, 30.0, 70.0])


def test_season_curve_and_start_shape_the_weeks():
    season = pd.DataFrame(
        {
            "market": "US",
            "group": "",
            "week_of_year": np.arange(1, 53),
            "factor": np.where(np.arange(1, 53) == 4, 2.0, 1.0),
        }
    )
    starts = AHEAD[1].item()
    result = launches(
        account(),
        plan(units_per_week=10.0, starts_on=starts),
        weeks=AHEAD,
        season=season,
        curve=Curve(np.array([0.5, 0.8]), "learnt", 1),
    )
    first = AHEAD.astype("M8[D]")
    of_year = ((first + 3) - (first + 3).astype("M8[Y]").astype("M8[D]")).astype(int) // 7 + 1
    expected = 10 * np.where(of_year == 4, 2.0, 1.0)
    expected[:3] *= [0.0, 0.5, 0.8]
    assert (of_year == 4).sum() == 1
    assert result.mean[0] == pytest.approx(expected)
    assert result.sd[0, 0] == 0.0


def test_an_ended_borrowing_is_said():
    ended = launches(account(), plan(until=weeks(104)[-1].item()), weeks=AHEAD)
    open_ = launches(account(), plan(until=AHEAD[3].item()), weeks=AHEAD)
    assert ended.table["is_ended"].tolist() == [True]
    assert open_.table["is_ended"].tolist() == [False]


def test_an_account_without_mature_items_has_nothing_to_lend():
    young = panel(np.ones((3, 5)))
    result = launches(young, plan(), weeks=weeks(6)[5:])
    assert result.table["source"].tolist() == ["nothing"]
    assert np.isfinite(result.sd).all()
    assert result.mean.max() < 1e-3


def test_the_planted_launch_curve_comes_back():
    rng = np.random.default_rng(8)
    truth = np.r_[np.linspace(0.3, 1.0, 10), np.ones(60)]
    units = np.full((60, 104), np.nan)
    for row in range(60):
        start = 10 + row % 40
        level = rng.uniform(20, 80)
        units[row, :start] = 0
        units[row, start:] = rng.poisson(level * np.resize(truth, 104 - start))
        units[row, start + 50 :] = level
    curve = launch_curve(panel(units))
    assert (curve.source, curve.launches) == ("learnt", 60)
    weight = 60 * 0.9 / (60 * 0.9 + 8)
    assert curve.factors[2:12] == pytest.approx(1 + weight * (truth[2:12] - 1), abs=0.05)
    assert curve.factors[0] == curve.factors[1]


def test_an_account_without_launches_has_a_flat_curve():
    assert launch_curve(account()).source == "flat"
    assert launch_curve(account().iloc[:0]).factors.tolist() == [1.0] * 13
    assert flat_curve().at(np.array([-3, 0, 40])).tolist() == [1.0, 1.0, 1.0]


def test_levels_are_without_season():
    factor = np.where(np.arange(1, 53) > 40, 3.0, 0.5)
    of_year = (np.arange(104) % 52).clip(0, 51)
    season = pd.DataFrame(
        {"market": "US", "group": "", "week_of_year": np.arange(1, 53), "factor": factor}
    )
    first = weeks(104)
    day = (first + 3) - (first + 3).astype("M8[Y]").astype("M8[D]")
    of_year = np.minimum(day.astype(int) // 7, 51)
    known = levels(panel(10 * factor[of_year][None]), season)
    assert known.items["level"].tolist() == pytest.approx([10.0])


def test_candidates_are_ranked_by_likeness():
    units = panel(np.full((5, 60), 5.0), names=["OLD", "NEAR", "FAR", "OTHER", "NONE"])
    products = pd.DataFrame(
        {
            "sku": ["NEW", "OLD", "NEAR", "FAR", "OTHER"],
            "category": ["mats", "tents", "mats", "mats", "tents"],
            "price": [20.0, 90.0, 22.0, 60.0, 21.0],
            "predecessor": ["OLD", "", "", "", ""],
        }
    )
    found = like_items(products, levels(units), sku="NEW", market="US")
    assert found["sku"].tolist() == ["OLD", "NEAR", "FAR", "OTHER", "NONE"]
    assert found["reason"].tolist() == ["predecessor", "category", "category", "price", "market"]
    assert found["price_ratio"].iloc[1] == pytest.approx(1.1)


def test_other_markets_lend_only_within_the_category():
    units = pd.concat(
        [panel(np.full((1, 60), 5.0), market=m, names=[s]) for m, s in (("DE", "A"), ("DE", "B"))]
    )
    products = pd.DataFrame({"sku": ["NEW", "A"], "category": ["mats", "mats"]})
    found = like_items(products, levels(units), sku="NEW", market="US")
    assert found["sku"].tolist() == ["A"]
    assert like_items(products.iloc[:0], levels(units), sku="NEW", market="US").empty


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.one_of(st.just(np.nan), st.floats(0, 1e5)), min_size=1, max_size=30),
    st.floats(0, 10),
)
def test_any_history_of_a_new_item_is_sane(units, multiplier):
    own = panel(np.array([units]), names=["NEW"])
    ahead = weeks(45)[len(units) : len(units) + 13]
    result = launches(
        pd.concat([account(count=len(units)), own]), plan(multiplier=multiplier), weeks=ahead
    )
    for figure in (result.mean, result.sd, result.cumulative_mean, result.cumulative_sd):
        assert np.isfinite(figure).all()
        assert (figure >= 0).all()
    assert (np.diff(result.cumulative_sd) >= 0).all()
    assert result.cumulative_mean == pytest.approx(result.mean.cumsum(axis=1))
