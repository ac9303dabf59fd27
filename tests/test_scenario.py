"""Scenarios: bounds, links there and back, files, and naming what cannot be used."""

import math
from datetime import date
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import NotADateError, OutOfBoundsError, UnknownFieldError
from analytics.scenario import Scenario, parameters_of

scenarios = st.builds(
    Scenario,
    lead_time_delay_days=st.integers(0, 90),
    lead_time_change_pct=st.integers(-50, 100),
    lead_time_spread_pct=st.integers(-100, 200),
    demand_change_pct=st.integers(-50, 100),
    service_level_pct=st.none() | st.floats(80, 99.9).map(lambda level: round(level, 1)),
    as_of=st.none() | st.dates(date(2015, 1, 1), date(2035, 12, 31)),
)


@given(scenarios)
def test_a_link_carries_every_field_there_and_back(scenario):
    query = scenario.to_query()
    assert list(query) == [
        "lead_time_delay_days",
        "lead_time_change_pct",
        "lead_time_spread_pct",
        "demand_change_pct",
        "service_level_pct",
        "as_of",
    ]
    assert Scenario.from_query(query) == scenario
    assert Scenario.from_link(f"http://127.0.0.1:8501/safety_stock?{urlencode(query)}") == scenario


def test_a_file_says_the_same(tmp_path):
    path = tmp_path / "late.toml"
    path.write_text("lead_time_delay_days = 21\nas_of = 2026-05-31\n", "utf-8")
    assert Scenario.from_file(path) == Scenario(lead_time_delay_days=21, as_of=date(2026, 5, 31))


@pytest.mark.parametrize("value", [-1, 91, math.nan, math.inf])
def test_a_value_out_of_bounds_is_refused_with_its_bounds(value):
    with pytest.raises(OutOfBoundsError, match="must lie between 0 and 90"):
        Scenario(lead_time_delay_days=value)


def test_what_cannot_be_used_is_named_and_the_rest_is_used():
    scenario, problems = Scenario.salvage(
        {
            "lead_time_delay_days": "999",
            "demand_change_pct": "10",
            "service_level_pct": "high",
            "as_of": "31/05/2026",
            "lead_time": "3",
            "lang": "中文",
            "sample": "true",
            "data_version": "abc",
        }
    )
    assert scenario == Scenario(demand_change_pct=10)
    assert [type(problem) for problem in problems] == [
        OutOfBoundsError,
        OutOfBoundsError,
        NotADateError,
        UnknownFieldError,
    ]
    assert str(problems[0]) == "lead_time_delay_days is 999; it must lie between 0 and 90."


def test_reading_strictly_refuses_the_first_of_them():
    with pytest.raises(OutOfBoundsError):
        Scenario.from_query({"lead_time_delay_days": "999"})


def test_rest_is_everything_but_the_day():
    assert Scenario(as_of=date(2026, 1, 1)).is_at_rest
    assert not Scenario(demand_change_pct=5).is_at_rest


def test_a_link_of_the_app_is_read_whatever_else_it_carries():
    link = (
        "http://127.0.0.1:8501/?lead_time_delay_days=14&item=KT101+%C2%B7+DE&sample=true"
        "&data_version=abc&lang=zh&utm_source=mail&UTM_medium=chat"
    )
    assert Scenario.from_link(link) == Scenario(lead_time_delay_days=14)
    facts = parameters_of(link)
    assert (facts["item"], facts["sample"]) == ("KT101 · DE", "true")
    with pytest.raises(UnknownFieldError, match="market"):
        Scenario.from_link("http://127.0.0.1:8501/?market=DE")
