"""Saved scenarios mean tomorrow what they mean today."""

from datetime import date

import pytest

from analytics.errors import (
    EmptyNameError,
    ReadOnlyWorkspaceError,
    TakenNameError,
    TooLongTextError,
    UnknownScenarioError,
)
from analytics.scenario import Scenario
from analytics.services import saved
from analytics.store import Store

LATE = Scenario(
    lead_time_delay_days=14,
    disruption_chance_pct=30,
    only_orders=("PO-7, first", "PO-8"),
    only_supplier="海丰 & Söhne | 1",
    hits_from=date(2026, 3, 1),
    service_level_pct=97.5,
    as_of=date(2026, 5, 31),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("own")) as opened:
        yield opened


def test_a_scenario_comes_back_as_it_was(store):
    number = saved.save(store, "  Port   strike ", LATE, author="Lin", note=" June ")
    assert saved.scenario(store, number) == saved.named(store, "PORT strike") == LATE
    row = saved.table(store).set_index("scenario_id").loc[number]
    assert (row["name"], row["note"], row["author"]) == ("Port strike", "June", "Lin")
    assert Scenario.from_toml(row["toml"]) == LATE


def test_on_which_data_it_was_saved_is_told_and_follows_a_replacement(store):
    for version in ("before", "after"):
        number = saved.save(store, "On data", LATE, data_version=version, replaces=True)
        assert saved.table(store).set_index("scenario_id").loc[number, "data_version"] == version


def test_every_field_is_spelled_so_that_a_default_may_change(store):
    saved.save(store, "At rest", Scenario())
    query = saved.table(store).set_index("name").loc["At rest", "query"]
    assert all(f"{name}=" in query for name in Scenario.forms())


def test_a_name_is_asked_for_and_never_taken_in_silence(store):
    saved.save(store, "Twice", LATE)
    with pytest.raises(TakenNameError):
        saved.save(store, "twice", Scenario())
    number = saved.save(store, "twice", Scenario(), replaces=True)
    assert saved.scenario(store, number) == Scenario()
    with pytest.raises(EmptyNameError):
        saved.save(store, " \n ", LATE)
    with pytest.raises(TooLongTextError):
        saved.save(store, "x" * 81, LATE)
    with pytest.raises(TooLongTextError):
        saved.save(store, "x", LATE, note="x" * 501)


def test_what_is_not_there_is_named(store):
    number = saved.save(store, "Short-lived", LATE)
    saved.remove(store, number)
    with pytest.raises(UnknownScenarioError):
        saved.scenario(store, number)
    with pytest.raises(UnknownScenarioError, match="Nobody"):
        saved.named(store, "Nobody")
    with store.as_reader() as reader, pytest.raises(ReadOnlyWorkspaceError):
        saved.save(reader, "By a guest", LATE)
