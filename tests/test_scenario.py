"""Scenarios: bounds, links there and back, files, and naming what cannot be used."""

import math
from dataclasses import dataclass, fields
from datetime import date
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import (
    EndsBeforeItStartsError,
    NotADateError,
    OutOfBoundsError,
    TooLongTextError,
    UnknownCodeError,
    UnknownFieldError,
)
from analytics.scenario import STAGES, Bounds, Scenario, parameters_of

days = st.none() | st.dates(date(2015, 1, 1), date(2035, 12, 31))
windows = st.tuples(days, days).map(
    lambda pair: pair if None in pair else tuple(sorted(pair))  # a window ends after it starts
)
# What a file may call a route, a supplier, an order: any letters, no blanks around them.
names = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="|"), max_size=20
).map(str.strip)
scenarios = st.builds(
    lambda hit, demand, **values: Scenario(
        hits_from=hit[0],
        hits_until=hit[1],
        demand_from=demand[0],
        demand_until=demand[1],
        **values,
    ),
    windows,
    windows,
    lead_time_delay_days=st.integers(0, 90),
    lead_time_change_pct=st.integers(-50, 100),
    lead_time_spread_pct=st.integers(-100, 200),
    disruption_chance_pct=st.integers(0, 100),
    disruption_days=st.integers(1, 90),
    hits=st.sampled_from(["shipped", "ordered"]),
    only_route=names,
    only_supplier=names,
    only_market=names,
    only_stage=st.sampled_from(["", *STAGES]),
    only_orders=st.lists(names.filter(bool), max_size=4).map(tuple),
    ship_by=names,
    demand_change_pct=st.integers(-50, 100),
    demand_window_pct=st.integers(-100, 200),
    price_change_pct=st.integers(-50, 50),
    service_level_pct=st.none() | st.floats(80, 99.9).map(lambda level: round(level, 1)),
    freight_change_pct=st.integers(-50, 300),
    currency_change_pct=st.integers(-30, 30),
    as_of=days,
)
ALL_MOVED = Scenario(
    lead_time_delay_days=12,
    lead_time_change_pct=25,
    lead_time_spread_pct=-20,
    disruption_chance_pct=15,
    disruption_days=21,
    hits="ordered",
    hits_from=date(2026, 6, 1),
    hits_until=date(2026, 7, 31),
    only_route="sea",
    only_supplier="宁波蓝湾家居",
    only_market="DE",
    only_stage="transit",
    only_orders=("PO-7", "PO 8/a"),
    ship_by="air",
    demand_change_pct=10,
    demand_window_pct=-40,
    demand_from=date(2026, 11, 20),
    demand_until=date(2026, 11, 30),
    price_change_pct=-5,
    service_level_pct=97.5,
    freight_change_pct=60,
    currency_change_pct=-3,
    as_of=date(2026, 5, 31),
)
# A link as it was spelled when each field came to be: it must be read so for ever.
SPELLED = (
    "lead_time_delay_days=12&lead_time_change_pct=25&lead_time_spread_pct=-20"
    "&disruption_chance_pct=15&disruption_days=21&hits=ordered&hits_from=2026-06-01"
    "&hits_until=2026-07-31&only_route=sea&only_supplier=%E5%AE%81%E6%B3%A2%E8%93%9D%E6%B9%BE"
    "%E5%AE%B6%E5%B1%85&only_market=DE&only_stage=transit&only_orders=PO-7%7CPO+8%2Fa&ship_by=air"
    "&demand_change_pct=10&demand_window_pct=-40&demand_from=2026-11-20&demand_until=2026-11-30"
    "&price_change_pct=-5&service_level_pct=97.5&freight_change_pct=60&currency_change_pct=-3"
    "&as_of=2026-05-31"
)
SPELLED_WITH_SIX_FIELDS = (
    "http://127.0.0.1:8501/safety_stock?lead_time_delay_days=14&lead_time_change_pct=0"
    "&lead_time_spread_pct=0&demand_change_pct=5&service_level_pct=&as_of=2026-05-31"
    "&data_version=4f2c&item=KT101+%C2%B7+DE&sample=true"
)


@given(scenarios)
def test_a_link_carries_every_field_there_and_back(scenario):
    query = scenario.to_query()
    assert list(query) == [field.name for field in fields(Scenario)]
    assert Scenario.from_query(query) == scenario
    assert Scenario.from_link(f"http://127.0.0.1:8501/safety_stock?{urlencode(query)}") == scenario


@given(scenarios)
def test_a_file_carries_every_field_there_and_back(scenario):
    assert Scenario.from_toml(scenario.to_toml()) == scenario


def test_every_field_is_in_the_golden_link_and_moved():
    query = dict(parse_qsl(SPELLED))
    assert set(query) == {field.name for field in fields(Scenario)}
    for field in fields(Scenario):
        assert getattr(ALL_MOVED, field.name) != field.default, field.name


def test_links_that_were_sent_still_mean_the_same():
    assert Scenario.from_link(f"http://127.0.0.1:8501/?{SPELLED}") == ALL_MOVED
    assert urlencode(ALL_MOVED.to_query()) == SPELLED
    assert Scenario.from_link(SPELLED_WITH_SIX_FIELDS) == Scenario(
        lead_time_delay_days=14, demand_change_pct=5, as_of=date(2026, 5, 31)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherDefaults(Scenario):
    """What the dataclass may look like one day."""

    lead_time_delay_days: Annotated[int, Bounds(0, 90, 1)] = 7
    disruption_days: Annotated[int, Bounds(1, 90, 1)] = 21
    hits: str = "ordered"
    demand_change_pct: Annotated[int, Bounds(-50, 100, 5)] = 5
    freight_change_pct: Annotated[int, Bounds(-50, 300, 5)] = 10


@given(scenarios)
def test_a_link_outlives_a_change_of_the_defaults(scenario):
    assert OtherDefaults().lead_time_delay_days == 7
    read = OtherDefaults.from_query(scenario.to_query())
    assert read.to_query() == scenario.to_query()


def test_a_file_says_the_same(tmp_path):
    path = tmp_path / "late.toml"
    path.write_text("lead_time_delay_days = 21\nas_of = 2026-05-31\n", "utf-8")
    assert Scenario.from_file(path) == Scenario(lead_time_delay_days=21, as_of=date(2026, 5, 31))


@pytest.mark.parametrize("value", [-1, 91, math.nan, math.inf])
def test_a_value_out_of_bounds_is_refused_with_its_bounds(value):
    with pytest.raises(OutOfBoundsError, match="must lie between 0 and 90"):
        Scenario(lead_time_delay_days=value)


@pytest.mark.parametrize("name", list(Scenario.bounds()))
def test_every_number_has_both_ends_and_no_more(name):
    low, high, step = Scenario.bounds()[name]
    for value in (low, high):
        assert getattr(Scenario(**{name: value}), name) == value
    for value in (low - step, high + step):
        with pytest.raises(OutOfBoundsError):
            Scenario(**{name: value})
    rest = getattr(Scenario(), name)
    assert rest is None or (rest - low) % step == 0


def test_what_cannot_be_used_is_named_and_the_rest_is_used():
    scenario, problems = Scenario.salvage(
        {
            "lead_time_delay_days": "999",
            "demand_change_pct": "10",
            "service_level_pct": "high",
            "as_of": "31/05/2026",
            "hits": "arrived",
            "only_stage": "Transit",
            "only_route": "r" * 61,
            "hits_from": "2026-06-30",
            "hits_until": "2026-06-01",
            "lead_time": "3",
            "lang": "中文",
            "sample": "true",
            "data_version": "abc",
        }
    )
    assert scenario == Scenario(demand_change_pct=10, hits_from=date(2026, 6, 30))
    assert [type(problem) for problem in problems] == [
        OutOfBoundsError,
        OutOfBoundsError,
        NotADateError,
        UnknownCodeError,
        UnknownCodeError,
        TooLongTextError,
        EndsBeforeItStartsError,
        UnknownFieldError,
    ]
    assert str(problems[0]) == "lead_time_delay_days is 999; it must lie between 0 and 90."
    assert str(problems[3]) == "hits is arrived; choose one of shipped, ordered."
    assert str(problems[6]) == (
        "hits_until is 2026-06-01, before the window starts on 2026-06-30; choose a later day."
    )


def test_reading_strictly_refuses_the_first_of_them():
    with pytest.raises(OutOfBoundsError):
        Scenario.from_query({"lead_time_delay_days": "999"})


def test_rest_is_everything_but_the_day():
    assert Scenario(as_of=date(2026, 1, 1)).is_at_rest
    assert not Scenario(demand_change_pct=5).is_at_rest


def test_where_and_when_alone_move_nothing():
    narrowed = Scenario(
        only_route="sea", only_stage="customs", hits_until=date(2026, 6, 30), disruption_days=30
    )
    assert narrowed.is_at_rest
    assert not narrowed.changes_lead_times


@pytest.mark.parametrize(
    ("moved", "lead_times"),
    [
        ({"disruption_chance_pct": 5}, True),
        ({"lead_time_spread_pct": -10}, True),
        ({"ship_by": "air"}, False),
        ({"price_change_pct": 3}, False),
        ({"demand_window_pct": 20}, False),
        ({"service_level_pct": 95.0}, False),
    ],
)
def test_what_moves_the_plan_and_what_moves_lead_times(moved, lead_times):
    scenario = Scenario(**moved)
    assert not scenario.is_at_rest
    assert scenario.changes_lead_times is lead_times


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
