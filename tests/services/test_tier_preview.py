"""Tiers set by hand, and thresholds: who moves is shown first, and comes so."""

import shutil

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.errors import ReadOnlyWorkspaceError, UnknownFieldError
from analytics.schema import Tier
from analytics.services import masterdata, replenishment, tiering
from analytics.store import Store
from analytics.tiers import Thresholds
from tests.services import catalogues


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Forty products with a stock, made once and copied for whoever changes it."""
    return catalogues.prepared(tmp_path_factory.mktemp("forty") / "own")


@pytest.fixture
def forty(made, tmp_path):
    shutil.copytree(made, tmp_path / "forty")
    with Store.open(tmp_path / "forty") as opened:
        yield opened


@pytest.fixture(scope="module")
def reader(made):
    """The same forty, for those who only look."""
    with Store.open(made, read_only=True) as opened:
        yield opened


def line(store, sku):
    return replenishment.plan(store).lines.set_index("sku").loc[sku]


PROMISE = ["tier", "tier_evidence", "service_level", "service_measure", "order_policy"]


def test_a_tier_set_by_hand_reaches_the_board_and_is_taken_back(forty):
    before = line(forty, "S39")
    assert before["tier"] != "trial"
    tiering.override(forty, [("S39", "US"), ("S38", "US")], "trial", reason="relaunch", who="Ann")
    after = line(forty, "S39")
    assert after[PROMISE].tolist() == ["trial", "stated", 0.90, "cycle", "batch"]
    assert after["reorder_point"] != before["reorder_point"]
    assert line(forty, "S38")["tier"] == "trial"
    assert line(forty, "S37")["tier"] != "trial"
    tiering.release(forty, [("S39", "US")], who="Bo")
    pd.testing.assert_series_equal(line(forty, "S39"), before)
    told = tiering.said(forty)
    assert told[["sku", "market", "tier", "reason", "who"]].to_numpy().tolist() == [
        ["S38", "US", "trial", "relaunch", "Ann"]
    ]


def test_a_reason_outlives_what_others_say_of_the_same_item(forty):
    masterdata.change(forty, {("S01", "US"): {"moq": 10}}, who="Cy")
    tiering.override(forty, [("S01", "US")], "seasonal", reason="圣诞", who="Ann")
    masterdata.change(forty, {("S01", "US"): {"note": "blue"}}, who="Bo")
    told = tiering.said(forty).iloc[0]
    assert told[["tier", "reason", "who"]].tolist() == ["seasonal", "圣诞", "Ann"]
    tiering.override(forty, [("S01", "US")], "regular", who="Bo")
    told = tiering.said(forty).iloc[0]
    assert told[["tier", "reason", "who"]].tolist() == ["regular", "", "Bo"]
    tiering.release(forty, [("S01", "US"), ("S02", "US")])
    assert tiering.said(forty).empty
    assert set(masterdata.edits(forty)["part"]) == {"moq", "note"}


def test_what_cannot_be_meant_is_refused(forty, reader):
    with pytest.raises(UnknownFieldError):
        tiering.override(forty, [("S01", "US")], "super")
    assert tiering.said(forty).empty
    for change in (
        lambda: tiering.override(reader, [("S01", "US")], "trial"),
        lambda: tiering.set_thresholds(reader, Thresholds(new_days=30)),
    ):
        with pytest.raises(ReadOnlyWorkspaceError):
            change()


CHANGES = (
    {"class_a_pct": 50.0, "class_b_pct": 60.0},
    {"steady": 0.1, "class_x": 0.1},
    {"peak_share_pct": 20.0, "peak_weeks": 12},
    {"new_weeks": 26, "new_days": 365, "sold_weeks": 13},
    {"slow_days": 30, "surcharge_days": 30},
)


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_who_moves_is_shown_before_saving_exactly_as_it_comes(forty, change):
    before, wanted = tiering.table(forty), Thresholds(**change)
    version = forty.version
    shown = tiering.preview(forty, wanted)
    assert forty.version == version
    tiering.set_thresholds(forty, wanted, who="Ann")
    after = tiering.table(forty)
    moves = (before["tier"] != after["tier"]) | (before["status"] != after["status"])
    came = pd.DataFrame(
        {
            "sku": after["sku"], "market": after["market"],
            "tier_before": before["tier"], "tier_after": after["tier"],
            "status_before": before["status"], "status_after": after["status"],
            "reason": after["evidence"],
        }
    )[moves]  # fmt: skip
    told = shown[came.columns].sort_values("sku", ignore_index=True)
    pd.testing.assert_frame_equal(told, came.sort_values("sku", ignore_index=True))
    assert tiering.preview(forty, wanted).empty


def test_the_first_and_the_fourth_of_those_changes_really_move_somebody(reader):
    for change in (CHANGES[0], CHANGES[4]):
        assert len(tiering.preview(reader, Thresholds(**change)))
    assert tiering.preview(reader, Thresholds()).empty


@settings(max_examples=25, deadline=None, suppress_health_check=[*HealthCheck])
@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.integers(int(low), int(high))
            if isinstance(getattr(Thresholds(), name), int)
            else st.floats(low, high)
            for name, (low, high) in Thresholds.limits().items()
            if name not in ("class_b_pct", "class_y")
        },
    )
)
def test_whatever_is_asked_for_moves_nobody_twice(reader, numbers):
    wanted = Thresholds(class_b_pct=99.9, class_y=5.0).changed(numbers)
    moved = tiering.preview(reader, wanted)
    assert not moved.duplicated(["sku", "market"]).any()
    same = (moved["tier_before"] == moved["tier_after"]) & (
        moved["status_before"] == moved["status_after"]
    )
    assert not same.any()
    assert moved["value"].is_monotonic_decreasing


def test_what_a_person_said_moves_with_no_threshold(forty):
    tiering.override(forty, [("S39", "US")], "seasonal")
    moved = tiering.preview(forty, Thresholds(new_weeks=26, new_days=365, class_a_pct=30.0))
    assert "S39" not in set(moved.loc[moved["tier_before"] != moved["tier_after"], "sku"])


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 40),
        ({"search": "s0 cups"}, 5),
        ({"search": "S0", "markets": ["US"]}, 10),
        ({"markets": ["DE"]}, 0),
        ({"search": "."}, 0),
    ],
)
def test_products_are_found_by_word_and_by_kind(reader, wanted, count):
    table = tiering.table(reader)
    assert len(tiering.found(table, **wanted)) == count
    for tier in Tier:
        found = tiering.found(table, tiers=[tier.value], **wanted)
        assert set(found["tier"]) <= {tier.value}
