"""Which tier an item gets, why, and when it changes."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analytics import tiers, words
from analytics.errors import OutOfBoundsError, UnknownFieldError
from analytics.i18n import LANGUAGES, Translator
from analytics.schema import Tier
from analytics.tiers import Shop, Stock, Thresholds

TODAY = date(2026, 5, 31)
LONG_AGO = np.datetime64("2020-01-01", "D")
NEVER = np.datetime64("NaT", "D")


def shop(units, *, first=None, price=None, season=None, uplift=None):
    units = np.atleast_2d(np.asarray(units, dtype=np.float64))
    n, weeks = units.shape
    return Shop(
        weeks=np.datetime64("2026-05-25", "D") - np.arange(weeks)[::-1] * np.timedelta64(7, "D"),
        units=units,
        sold=np.nan_to_num(units),
        first_day=np.array([LONG_AGO] * n if first is None else first, dtype="M8[D]"),
        per_unit={"revenue": np.ones(n) if price is None else np.asarray(price, dtype=float)},
        season=season,
        uplift=uplift,
    )


def listed(n, **columns):
    frame = {"sku": [f"S{row}" for row in range(n)], "market": ["US"] * n}
    return pd.DataFrame({**frame, **columns})


def tiers_of(units, **options):
    known = shop(units, **options)
    return tiers.tiers(listed(len(known.units)), known, TODAY)


def year(peak_week=30, peak=10.0, usual=1.0, length=8):
    weeks = np.full(52, usual)
    weeks[peak_week : peak_week + length] = peak
    return weeks


def test_the_shop_s_biggest_steady_items_are_bestsellers():
    rng = np.random.default_rng(1)
    units = rng.poisson([[100.0], [1.0], [1.0]], (3, 60))
    found = tiers_of(units)
    assert found["tier"].tolist() == ["bestseller", "regular", "regular"]
    assert found["evidence"].tolist() == ["bestseller", "regular", "regular"]
    assert found["abc"].tolist() == ["A", "C", "C"]
    assert found["xyz"].iloc[0] == "X"
    assert found["weeks_sold"].iloc[0] == 13
    assert found["basis"].unique().tolist() == ["revenue"]


def test_a_hit_that_is_not_yet_stable_is_not_chased():
    units = np.ones((2, 60))
    units[0] = 2.0
    units[0, ::4] = 200.0  # one wild week in four: CV 1.7
    found = tiers_of(units)
    assert found[["abc", "tier", "evidence"]].iloc[0].tolist() == ["A", "regular", "regular_hot"]


def test_a_steady_a_that_skipped_three_weeks_has_gaps():
    units = np.full((1, 60), 20.0)
    units[0, -12:-9] = 0.0
    found = tiers_of(units)
    assert found[["tier", "evidence"]].iloc[0].tolist() == ["regular", "regular_gaps"]
    assert found["weeks_sold"].iloc[0] == 10


def test_weeks_without_stock_are_no_weeks_without_sales():
    units = np.full((1, 60), 20.0)
    units[0, -12:-2] = np.nan
    assert tiers_of(units)["tier"].iloc[0] == "bestseller"


def test_new_is_younger_than_90_days_or_seen_for_less_than_8_weeks():
    units = np.full((4, 60), 5.0)
    units[3, :53] = np.nan
    first = ["2026-03-03", "2026-03-02", NEVER, NEVER]  # 89 days, 90 days
    found = tiers_of(units, first=first)
    assert found["evidence"].tolist() == ["trial_age", "bestseller", "bestseller", "trial_weeks"]
    assert found["age_days"].iloc[:2].tolist() == [89.0, 90.0]
    assert np.isnan(found["age_days"].iloc[2])


def test_new_comes_before_seasonal_and_what_a_person_says_before_all():
    units = np.tile(year(), 2)[None]
    assert tiers_of(units)["tier"].iloc[0] == "seasonal"
    assert tiers_of(units, first=["2026-05-01"])["tier"].iloc[0] == "trial"
    said = listed(1, tier=["bestseller"])
    found = tiers.tiers(said, shop(units, first=["2026-05-01"]), TODAY).iloc[0]
    assert found[["tier", "evidence", "proposed"]].tolist() == ["bestseller", "stated", "trial"]


def test_an_unknown_word_is_nobody_s_tier():
    found = tiers.tiers(listed(1, tier=["超级"]), shop(np.full((1, 60), 5.0)), TODAY).iloc[0]
    assert found[["tier", "evidence"]].tolist() == ["bestseller", "bestseller"]


def test_a_season_of_eight_weeks_is_told_with_its_share_and_its_next_start():
    found = tiers_of(np.tile(year(peak_week=30), 2)[None]).iloc[0]
    assert found["evidence"] == "seasonal_peak"
    assert found["peak_share"] == pytest.approx(80 / 124)  # 8 x 10 of 8 x 10 + 44
    assert found["years"] == 2
    assert found["units_year"] == pytest.approx(124)
    assert found["peak_on"] == pd.Timestamp("2025-12-29") + pd.Timedelta(weeks=52)


@pytest.mark.parametrize("moved", [0, 1, 2])
def test_a_feast_may_move_by_two_weeks(moved):
    units = np.concatenate([year(20), year(20 - moved)])[None]
    assert tiers_of(units)["tier"].iloc[0] == "seasonal"


def test_a_peak_that_does_not_come_back_at_the_same_time_is_no_season():
    assert tiers_of(np.concatenate([year(5), year(35)])[None])["tier"].iloc[0] != "seasonal"
    assert tiers_of(np.concatenate([np.ones(52), year(35)])[None])["tier"].iloc[0] != "seasonal"


def test_a_season_over_new_year_is_one():
    units = np.tile(np.roll(year(22), 26), 2)[None]  # weeks 48 to 51 and 0 to 3
    assert tiers_of(units)["peak_share"].iloc[0] == pytest.approx(80 / 124)


def test_few_units_a_year_may_peak_by_chance():
    assert tiers_of(np.tile(year(peak=7.0, usual=0.0), 2)[None])["tier"].iloc[0] != "seasonal"
    assert tiers_of(np.tile(year(peak=8.0, usual=0.0), 2)[None])["tier"].iloc[0] == "seasonal"


def test_a_year_with_a_long_gap_in_stock_says_nothing_of_a_season():
    units = np.tile(year(), 2)
    units[:20] = np.nan
    found = tiers_of(units[None]).iloc[0]
    assert (found["years"], found["tier"]) == (1, "seasonal")
    steady = np.ones(60)
    steady[-52:-30] = np.nan
    assert tiers_of(steady[None])["tier"].iloc[0] != "seasonal"


@pytest.mark.parametrize("per_day", [0.3, 1.0, 10.0])
@pytest.mark.parametrize("weeks", [52, 104, 156])
def test_flat_items_are_seasonal_in_at_most_three_of_a_thousand_cases(per_day, weeks):
    rng = np.random.default_rng(7)
    mean, vmr = 7 * per_day, 2.0
    units = rng.negative_binomial(mean / (vmr - 1), 1 / vmr, (4_000, weeks)).astype(np.float64)
    found = tiers_of(units)
    assert (found["tier"] == "seasonal").mean() <= 0.003


def wave(weeks, height):
    return 1 + height * np.sin(2 * np.pi * np.arange(weeks) / 52)[None]


def test_a_broad_strong_season_counts_from_two_years_on():
    rng = np.random.default_rng(2)
    for weeks, tier in ((108, "seasonal"), (103, "bestseller")):  # two reviews, one review
        season = wave(weeks, 0.9)
        units = rng.poisson(50 * season).astype(np.float64)
        found = tiers_of(units, season=season).iloc[0]
        assert (found["tier"], found["peak_share"] < 0.4) == (tier, True)
        assert found["strength"] > 0.9


def test_a_clean_season_of_a_few_per_cent_is_no_reason_to_buy_once_a_year():
    rng = np.random.default_rng(2)
    season = wave(104, 0.3)
    units = rng.poisson(5_000 * season).astype(np.float64)
    assert float(tiers.seasonal_strength(units, season)[0]) > 0.95
    assert tiers_of(units, season=season)["tier"].iloc[0] == "bestseller"


def test_steadiness_is_that_of_sales_without_season_and_events():
    season, uplift = wave(104, 0.7), np.ones((1, 104))
    uplift[0, ::13] = 4.0
    units = np.full((1, 104), 20.0) * season * uplift
    assert tiers_of(units)["xyz"].iloc[0] == "Y"
    found = tiers_of(units, season=season, uplift=uplift).iloc[0]
    assert found["variation"] == pytest.approx(0.0, abs=1e-9)


def test_what_the_newest_review_alone_says_comes_with_its_own_reason():
    units = np.full((2, 90), 20.0)
    units[0, -3:] = 0.0  # silent for 3 weeks: held
    said = listed(2, tier=[None, "seasonal"])
    found = tiers.tiers(said, shop(units), TODAY)
    assert found["evidence"].tolist() == ["held", "stated"]
    assert found["proposed"].tolist() == ["regular", "bestseller"]
    assert found["proposed_evidence"].tolist() == ["regular_gaps", "bestseller"]


def test_a_change_stands_after_a_second_review_four_weeks_later():
    """An A that fell silent: 3 weeks ago it is held, 7 weeks ago it has changed."""
    for silent, tier, evidence in ((3, "bestseller", "held"), (7, "regular", "regular_gaps")):
        units = np.full((1, 90), 20.0)
        units[0, -silent:] = 0.0
        found = tiers_of(units).iloc[0]
        assert (found["tier"], found["evidence"]) == (tier, evidence)
        assert found["proposed"] == "regular"


tier_words = st.sampled_from([tier.value for tier in Tier])


@given(st.lists(st.tuples(tier_words, tier_words, tier_words), min_size=1, max_size=20))
def test_what_stands_was_found_by_a_review_and_agreement_decides(rows):
    found = np.array(rows, dtype=object).reshape(-1, 3)
    stands = tiers.settled(found)
    for (now, last, before), tier in zip(rows, stands, strict=True):
        assert tier in {now, last, before}
        if now == last or last == "trial":
            assert tier == now
        elif last == before:
            assert tier == last


@given(st.lists(st.floats(-10, 1e6), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_classes_by_value_do_not_depend_on_the_order(values, random):
    value = np.array(values)
    classes = tiers.abc(value)
    assert set(classes) <= {"A", "B", "C"}
    if value.max() > 0:
        assert classes[value.argmax()] == "A"
    assert (classes[value <= 0] == "C").all()
    distinct = len(set(values)) == len(values)
    if distinct:
        order = list(range(len(values)))
        random.shuffle(order)
        assert tiers.abc(value[order]).tolist() == classes[order].tolist()
    gain = np.maximum(value, 0)
    outside = gain[classes != "A"].sum()
    assert outside <= 0.2 * gain.sum() * (1 + 1e-6) + 1e-9


def test_value_falls_back_from_margin_to_revenue_to_units_and_says_so():
    units = np.array([50.0, 45.0, 5.0])
    margin, revenue = np.array([1.0, np.nan, 1.0]), np.array([2.0, 4.0, np.nan])
    ranked = tiers.value_of_sales(units, [("margin", margin), ("revenue", revenue)])
    assert ranked.basis == "revenue"
    assert ranked.amount.tolist() == [100.0, 180.0, 15.0]  # the median of 2 and 4
    assert ranked.is_known.tolist() == [True, True, False]
    assert tiers.value_of_sales(units, [("margin", margin)]).basis == "units"
    assert tiers.value_of_sales(np.zeros(3), [("margin", margin)]).amount.tolist() == [0, 0, 0]


def test_syntetos_boylan_classes_of_the_lines_themselves():
    found = tiers.demand_class(np.array([1.319, 1.32, np.nan]), np.array([0.489, 0.49, 0.0]))
    assert found.tolist() == ["smooth", "lumpy", ""]


def stocked(on_hand=10.0, cover=200.0, aged=5.0, *, surcharge=False):
    return Stock(
        np.array([on_hand]), np.array([cover]), np.array([aged]), np.array([surcharge], dtype=bool)
    )


def status(stock, sold=1.0, age=400.0, tier="regular", *, ahead=False):
    return tiers.status(
        stock, np.array([sold]), np.array([age]), np.array([tier], dtype=object),
        before_season=np.array([ahead]),
    )[0]  # fmt: skip


def test_stock_is_dead_slow_or_ageing_whatever_the_tier():
    assert status(stocked(), sold=0.0) == "dead"
    assert status(stocked()) == "slow"
    assert status(stocked(), tier="bestseller") == "slow"
    assert status(stocked(), age=np.nan) == "slow"
    assert status(stocked(aged=np.nan)) == "slow"
    assert status(stocked(cover=90.0, surcharge=True)) == "ageing"
    assert status(stocked(cover=90.0)) == "none"
    assert status(stocked(aged=0.0)) == "none"


def test_no_stock_new_items_and_stock_that_waits_for_its_season_do_not_stand_still():
    assert status(stocked(on_hand=0.0), sold=0.0) == "none"
    assert status(stocked(on_hand=np.nan), sold=0.0) == "none"
    assert status(stocked(), age=90.0) == "none"
    assert status(stocked(surcharge=True), tier="trial") == "none"
    assert status(stocked(surcharge=True), sold=0.0, tier="seasonal", ahead=True) == "none"
    assert status(stocked(), tier="seasonal") == "slow"


def test_a_new_item_goes_on_or_stops_by_the_chance_that_it_pays():
    found = tiers.trial([3.0, 0.0, 12.0], [20.0, 60.0, 20.0], 0.2, prior_mean=0.2)
    posterior = stats.gamma([4.0, 1.0, 13.0], scale=1 / (5 + np.array([20.0, 60.0, 20.0])))
    assert found.chance == pytest.approx(posterior.sf(0.2), rel=1e-9)
    assert found.rate == pytest.approx(posterior.mean())
    assert found.verdict.tolist() == ["wait", "stop", "go"]
    assert tiers.trial([0.0], [0.0], 0.0, prior_mean=0.0).verdict.tolist() == ["go"]


def test_thresholds_move_items_and_refuse_what_makes_no_sense():
    units = np.tile(year(), 2)[None]
    strict = Thresholds().changed({"peak_share_pct": 70})
    found = tiers.tiers(listed(1), shop(units), TODAY, thresholds=strict)
    assert found["tier"].iloc[0] != "seasonal"
    with pytest.raises(OutOfBoundsError):
        Thresholds(new_days=0)
    with pytest.raises(OutOfBoundsError):
        Thresholds(steady=float("nan"))
    with pytest.raises(UnknownFieldError):
        Thresholds().changed({"colour": 1})


@pytest.mark.parametrize(
    ("numbers", "name"),
    [
        ({"class_a_pct": 90.0, "class_b_pct": 85.0}, "class_b_pct"),
        ({"class_x": 1.2}, "class_y"),
    ],
)
def test_a_later_class_ends_no_earlier_than_the_one_before(numbers, name):
    with pytest.raises(OutOfBoundsError) as refused:
        Thresholds().changed(numbers)
    assert refused.value.params["name"] == name
    for language in LANGUAGES:
        assert name not in Translator(language).error(refused.value)


@pytest.mark.parametrize("weeks", [0, 1, 13, 60, 160])
@pytest.mark.parametrize("value", [0.0, np.nan])
def test_nothing_sold_and_nothing_known_give_a_tier_all_the_same(weeks, value):
    found = tiers_of(np.full((2, weeks), value))
    wanted = "regular" if value == 0 and weeks >= 8 else "trial"
    assert found["tier"].tolist() == [wanted] * 2
    numbers = found.drop(columns=["variation", "peak_share"]).select_dtypes("number")
    assert np.isfinite(numbers.to_numpy()).all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_and_status_is_a_sentence_filled_from_its_row(language):
    found = tiers_of(np.tile(year(), 2)[None])
    t = Translator(language)
    codes = {"evidence": "tier_reason", "status": "standstill", "proposed": "tier"}
    for column, known in (("evidence", tiers.EVIDENCE), ("status", tiers.STATUSES)):
        rows = pd.concat([found.assign(**{column: code}) for code in known], ignore_index=True)
        spoken = words.worded(t, rows, codes)[column]
        assert spoken.nunique() == len(known)
        assert not spoken.str.contains(r"[{}]").any()


def test_an_empty_shop_has_no_tiers():
    found = tiers_of(np.empty((0, 60)))
    assert found.empty
    assert {"tier", "evidence", "status", "abc"} <= set(found.columns)
