"""Overrides: sums by hand, consistency of weekly and cumulative, and their later score."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.forecasting.overrides import KINDS, apply_overrides, forecast_value_added
from tests.forecasting.panels import weeks

WEEKS = weeks(8)
FIRST = WEEKS[0].item()
ITEMS = pd.DataFrame({"sku": ["A", "B", "C"], "market": "US", "group": ["mats", "mats", "tents"]})


def figures(mean=((10.0,) * 8, (30.0,) * 8, (5.0,) * 8)):
    mean = np.array(mean)
    return mean, 0.5 * mean, mean.cumsum(axis=1), 0.3 * mean.cumsum(axis=1)


def override(kind, value, first=0, last=7, **scope):
    """An override from the Monday of week ``first`` to the Sunday of week ``last``."""
    return scope | {
        "starts_on": FIRST + timedelta(weeks=first),
        "ends_on": FIRST + timedelta(weeks=last, days=6),
        "kind": kind,
        "value": value,
    }


def put(*overrides, start=None, **options):
    frame = pd.DataFrame(list(overrides))
    return apply_overrides(start or figures(), ITEMS, WEEKS, frame, **options)


def test_a_constant_percentage_scales_everything_alike():
    result = put(override("percent", 20, sku="A"))
    mean, sd, cumulative_mean, cumulative_sd = figures()
    for changed, plain in zip(
        (result.mean, result.sd, result.cumulative_mean, result.cumulative_sd),
        (mean, sd, cumulative_mean, cumulative_sd),
        strict=True,
    ):
        assert changed[0] == pytest.approx(1.2 * plain[0])
        assert np.array_equal(changed[1:], plain[1:])
    assert result.touched.any(axis=1).tolist() == [True, False, False]


def test_part_of_a_week_counts_by_its_days():
    row = override("percent", 70, 2, 2, sku="A") | {"ends_on": FIRST + timedelta(days=16)}
    result = put(row)
    assert result.mean[0, 2] == pytest.approx(10 * (1 + 0.7 * 3 / 7))
    assert result.mean[0, 3] == 10.0


def test_units_of_a_scope_are_shared_out_as_forecast():
    a_week = put(override("units_per_week", 80, 1, 2, group="mats"))
    assert a_week.mean[:2, 1].tolist() == [20.0, 60.0]
    assert a_week.mean[2].tolist() == [5.0] * 8
    total = put(override("units_total", 800, 0, 3, group="mats"))
    assert total.mean[:2, :4].sum() == pytest.approx(800)
    assert total.mean[0, 0] == pytest.approx(50.0)
    assert total.mean[0, 4] == 10.0


def test_units_where_nothing_was_expected_are_shared_evenly_and_poisson():
    nothing = tuple(np.zeros((3, 8)) for _ in range(4))
    result = put(override("units_total", 48, 0, 3, group="mats"), start=nothing)
    assert result.mean[:2, :4].tolist() == [[6.0] * 4] * 2
    assert result.sd[0, 0] == pytest.approx(np.sqrt(6))
    assert result.cumulative_sd[0, -1] == pytest.approx(np.sqrt(24))


def test_of_a_total_only_the_days_ahead_are_left():
    row = override("units_total", 56, 0, 1, sku="A")
    result = put(row, first_day=FIRST + timedelta(days=4))  # 10 of 14 days are left
    assert result.mean[0, :2].sum() == pytest.approx(40.0)
    weekly = put(override("units_per_week", 14, 0, 1, sku="A"), first_day=FIRST + timedelta(days=4))
    assert weekly.mean[0, :2].tolist() == [6.0, 14.0]  # the first week has three days left


def test_overrides_come_one_after_the_other():
    result = put(override("units_per_week", 20, 0, 0, sku="A"), override("percent", 50, 0, 1))
    assert result.mean[0, :3].tolist() == [30.0, 15.0, 10.0]


def test_what_is_over_or_nobodys_changes_nothing():
    result = put(override("percent", 50, sku="nobody"), override("percent", 50, -9, -2))
    assert np.array_equal(result.mean, figures()[0])
    assert not result.touched.any()
    empty = apply_overrides(
        figures(), ITEMS, WEEKS, pd.DataFrame(columns=["starts_on", "ends_on", "kind", "value"])
    )
    assert np.array_equal(empty.cumulative_sd, figures()[3])


rows = st.builds(
    lambda kind, value, first, length, sku: override(kind, value, first, first + length, sku=sku),
    st.sampled_from(KINDS),
    st.floats(-200, 1e4),
    st.integers(-3, 9),
    st.integers(0, 9),
    st.sampled_from(["", "A", "B"]),
)


@given(
    st.lists(rows, min_size=1, max_size=4),
    st.lists(st.floats(0, 1e4), min_size=24, max_size=24),
    st.integers(0, 6),
)
def test_any_override_leaves_a_sane_forecast(overrides, mean, gone):
    start = figures(np.array(mean).reshape(3, 8))
    result = put(*overrides, start=start, first_day=FIRST + timedelta(days=gone))
    parts = (result.mean, result.sd, result.cumulative_mean, result.cumulative_sd)
    for part in parts:
        assert np.isfinite(part).all()
        assert (part >= 0).all()
    assert (np.diff(result.cumulative_sd) >= 0).all()
    assert result.cumulative_mean == pytest.approx(result.mean.cumsum(axis=1))
    assert np.array_equal(result.mean[2, ~result.touched[2]], start[0][2, ~result.touched[2]])


def truth(units, count=4):
    return pd.DataFrame(
        {
            "sku": np.repeat(["A", "B"], count),
            "market": "US",
            "week": np.tile(WEEKS[:count].astype("M8[us]"), 2),
            "units": np.repeat(units, count),
        }
    )


def test_the_later_score_by_hand():
    """Base 10 a week, override +50 %, truth 14: the error falls from 4 to 1 a week."""
    base = truth([10.0, 10.0]).rename(columns={"units": "mean"})
    table = pd.DataFrame(
        [
            override("percent", 50, 0, 3, sku="A") | {"reason": "promotion"},
            override("percent", 50, 0, 3, sku="B") | {"reason": "hunch"},
        ]
    )
    scores = forecast_value_added(table, base, truth([14.0, 10.0]))
    assert scores["error_without"].tolist() == [16.0, 0.0]
    assert scores["error_with"].tolist() == [4.0, 20.0]
    assert scores["change_units"].tolist() == [-12.0, 20.0]
    assert scores["change_points"].tolist() == pytest.approx([-100 * 12 / 56, 50.0])
    assert scores["is_better"].tolist() == [True, False]
    assert scores["reason"].tolist() == ["promotion", "hunch"]


@given(st.lists(st.tuples(rows, st.integers(0, 4)), min_size=1, max_size=6), st.integers(0, 99))
def test_many_with_forecasts_of_their_own_are_scored_as_each_alone(told, seed):
    """Each override has an item and a first week of its own, and holes in the truth."""
    rng = np.random.default_rng(seed)
    frames = []
    table = pd.DataFrame([row | {"sku": row["sku"] or "C"} for row, _ in told])
    for place, (_, first) in enumerate(told):
        own = pd.DataFrame(
            {"week": WEEKS[first:].astype("M8[us]"), "mean": rng.gamma(2, 9, 8 - first)}
        )
        frames.append(own.assign(override=place, sku=table["sku"].iloc[place], market="US"))
    units = np.where(rng.random(24) < 0.2, np.nan, rng.poisson(15, 24))
    actual = pd.DataFrame({"sku": np.repeat(["A", "B", "C"], 8), "market": "US",
                           "week": np.tile(WEEKS.astype("M8[us]"), 3), "units": units})  # fmt: skip
    together = forecast_value_added(table, pd.concat(frames), actual)
    for place, own in enumerate(frames):
        truth_of = actual.loc[actual["sku"] == own["sku"].iloc[0]].set_index("week")["units"]
        mean = own["mean"].to_numpy()[None]
        put = apply_overrides(
            (mean, mean, mean, mean), own[["sku", "market"]].iloc[:1],
            own["week"].to_numpy(dtype="M8[D]"), table.iloc[[place]],
        )  # fmt: skip
        sold = truth_of.reindex(own["week"]).to_numpy()
        cells = put.touched[0] & ~np.isnan(sold)
        got = together.iloc[place]
        assert got["weeks"] == cells.sum()
        if cells.any():
            assert got["with"] == pytest.approx(put.mean[0, cells].sum())
            assert got["error_without"] == pytest.approx(abs((mean[0] - sold)[cells].sum()))
            assert got["error_with"] == pytest.approx(abs((put.mean[0] - sold)[cells].sum()))
        else:
            assert np.isnan(got["change_units"])


def test_a_whole_group_is_scored_item_by_item():
    """20 + 60 units a week shared out of 10 + 30; one item came true, one did not."""
    base = truth([10.0, 30.0]).rename(columns={"units": "mean"}).assign(group="mats")
    table = pd.DataFrame([override("units_per_week", 80, 0, 3, group="mats")])
    [scored] = forecast_value_added(table, base, truth([20.0, 30.0])).to_dict("records")
    assert (scored["items"], scored["weeks"]) == (2, 4)
    assert (scored["error_without"], scored["error_with"]) == (40.0, 120.0)


def test_what_cannot_be_judged_yet_is_unknown():
    base = truth([10.0, 10.0]).rename(columns={"units": "mean"})
    table = pd.DataFrame([override("percent", 50, 0, 3, sku="A")])
    scores = forecast_value_added(table, base, truth([np.nan, 10.0]))
    assert scores["weeks"].tolist() == [0]
    assert np.isnan(scores["change_units"].iloc[0])
    later = pd.DataFrame([override("percent", 50, 6, 7, sku="A")])
    assert forecast_value_added(later, base, truth([9.0, 10.0]))["items"].tolist() == [0]


def test_days_may_come_as_dates_or_timestamps():
    row = override("percent", 20, sku="A")
    stamped = row | {name: pd.Timestamp(row[name]) for name in ("starts_on", "ends_on")}
    assert isinstance(row["starts_on"], date)
    assert np.array_equal(put(row).mean, put(stamped).mean)
