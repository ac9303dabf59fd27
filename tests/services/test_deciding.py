"""A judgement is noted, followed by its forecast, and copied for those who only read."""

import shutil
from datetime import date, timedelta

import numpy as np
import pytest

from analytics import sample
from analytics.errors import (
    NoDataError,
    OutOfBoundsError,
    ReadOnlyWorkspaceError,
    UnknownJudgementError,
)
from analytics.scenario import Scenario
from analytics.services import catalogue, deciding, judgements, planning, workspaces
from analytics.services.judgements import Launch, Override
from analytics.store import Store
from tests.services import catalogues, midweek
from tests.services.catalogues import SKUS, TOMORROW

ITEMS = [(SKUS[3], "US"), (SKUS[20], "US")]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return catalogues.prepared(tmp_path_factory.mktemp("made") / "own")


@pytest.fixture
def store(made, tmp_path):
    with Store.open(shutil.copytree(made, tmp_path / "own")) as opened:
        yield opened


def half_more(first=0, days=28):
    start = TOMORROW + timedelta(days=first)
    return Override("percent", 50.0, start, start + timedelta(days=days - 1), "listing")


def test_an_override_keeps_the_forecast_that_it_is_scored_against(store):
    numbers = planning.outlook(store).numbers
    deciding.override(store, ITEMS, half_more(first=3, days=14), who="Ann")
    stands = judgements.overrides(store)
    assert stands["who"].tolist() == ["Ann", "Ann"]
    touched = [f"{TOMORROW + timedelta(days=7 * week)}" for week in range(3)]
    for row, before in zip((3, 20), stands["before"], strict=True):
        assert list(before) == touched
        assert list(before.values()) == pytest.approx(numbers.mean[row, :3], abs=1e-4)


def test_an_override_of_an_override_is_scored_against_the_numbers_alone(store):
    numbers = planning.outlook(store).numbers
    deciding.override(store, ITEMS[:1], half_more())
    deciding.override(store, ITEMS[:1], half_more(days=7))
    last = judgements.overrides(store)["before"].iloc[-1]
    assert list(last.values()) == pytest.approx(numbers.mean[3, :1], abs=1e-4)


def test_those_who_only_read_find_the_forecast_that_was_decided(store, tmp_path):
    deciding.override(store, ITEMS, half_more())
    with workspaces.reader(tmp_path / "own") as reading:
        mine, theirs = planning.outlook(store), planning.outlook(reading)
    assert mine.forecast.mean.tobytes() == theirs.forecast.mean.tobytes()
    assert (theirs.source == "override").sum() == 2


def test_progress_is_told_and_events_are_noted(store):
    told = []
    deciding.events(store, {("prime_day", "US"): 40.0, ("christmas", ""): None},
                    who="Ben", progress=lambda *step: told.append(step))  # fmt: skip
    assert judgements.event_edits(store) == {("prime_day", "US"): 40.0, ("christmas", ""): None}
    assert told[-1][0] == told[-1][1]


def test_several_are_withdrawn_at_once(store):
    deciding.override(store, ITEMS, half_more())
    numbers = judgements.overrides(store)["judgement_id"].tolist()
    deciding.withdraw(store, numbers, who="Ben")
    assert judgements.overrides(store).empty
    with pytest.raises(UnknownJudgementError):
        deciding.withdraw(store, numbers)


def test_of_several_to_withdraw_none_is_if_one_does_not_stand(store):
    deciding.override(store, ITEMS, half_more())
    numbers = judgements.overrides(store)["judgement_id"].tolist()
    with pytest.raises(UnknownJudgementError):
        deciding.withdraw(store, [*numbers, 10**6])
    assert judgements.overrides(store)["judgement_id"].tolist() == numbers
    deciding.withdraw(store, [numbers[0], numbers[0]])  # said twice, meant once
    assert judgements.overrides(store)["judgement_id"].tolist() == numbers[1:]


def test_of_several_events_none_is_noted_if_one_is_refused(store):
    with pytest.raises(OutOfBoundsError):
        deciding.events(store, {("prime_day", "US"): 40.0, ("christmas", "US"): 9e9})
    assert judgements.event_edits(store) == {}


def test_a_launch_is_followed_by_the_overview(store):
    store.load([catalogues.sheet({"sku": "NEW", "on_hand": 5.0}, kind="stock", market="US")])
    deciding.launch(store, "NEW", "US", Launch(SKUS[39]))
    line = catalogue.overview(store, Scenario()).set_index("sku").loc["NEW"]
    assert line["source"] == "launch"
    assert line["mean_13_weeks"] > 13 * 40


def test_without_sales_there_is_nothing_to_override(tmp_path):
    with Store.open(tmp_path / "empty") as empty, pytest.raises(NoDataError):
        deciding.override(empty, ITEMS, half_more())


def test_the_sample_can_be_judged_by_nobody(sample_store):
    tomorrow = sample.LAST_DAY + timedelta(days=1)
    said = Override("percent", 50.0, tomorrow, tomorrow, "other")
    for judge in (
        lambda: deciding.override(sample_store, [("KT101", "US")], said),
        lambda: deciding.pin(sample_store, "KT101", "US", "ets"),
        lambda: deciding.launch(sample_store, "KT101", "US", Launch()),
        lambda: deciding.withdraw(sample_store, [1]),
    ):
        with pytest.raises(ReadOnlyWorkspaceError):
            judge()


# In mid-week: sales end on a Friday


@pytest.fixture(scope="module")
def on_friday(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("friday") / "own") as opened:
        midweek.sell(opened)
        yield opened


def weeks_before(store, first, last):
    said = Override("percent", 20.0, midweek.FRIDAY + timedelta(days=first),
                    midweek.FRIDAY + timedelta(days=last), "other")  # fmt: skip
    deciding.override(store, [("MUG", "US")], said)
    return judgements.overrides(store)["before"].iloc[-1]


def test_a_week_that_has_begun_is_not_scored_against_its_rest(on_friday):
    numbers = planning.outlook(on_friday).numbers
    row = int(np.flatnonzero(numbers.items["sku"] == "MUG")[0])
    before = weeks_before(on_friday, 1, 16)
    assert list(before) == ["2026-06-01", "2026-06-08"]
    assert list(before.values()) == pytest.approx(numbers.mean[row, 1:3], abs=1e-4)


def test_an_override_of_the_begun_week_alone_keeps_all_of_the_week(on_friday):
    before = weeks_before(on_friday, 1, 2)
    assert list(before) == [f"{date(2026, 5, 25)}"]
    assert list(before.values()) == pytest.approx([70.0], rel=0.1)
