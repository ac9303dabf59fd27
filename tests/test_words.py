"""What a scenario is called in words: every assumption, alone and together, in both languages."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import words
from analytics.i18n import LANGUAGES, Translator
from analytics.scenario import STAGES, Bounds, Scenario

EN, ZH = Translator("en"), Translator("zh")
LATE = Scenario(lead_time_delay_days=14)
SCOPE = {
    "only_route": "sea",
    "only_supplier": "Ningbo",
    "only_market": "DE",
    "only_stage": "customs",
    "only_orders": ("P-1", "P-2"),
    "hits_from": date(2026, 6, 1),
    "hits_until": date(2026, 7, 1),
}


def moved():
    """Every number, out of its rest."""
    for name, form in Scenario.bounds().items():
        if isinstance(form, Bounds) and name != "disruption_days":
            yield name, type(form.step)(form.high)
    yield "ship_by", "air"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "value"), [*moved()], ids=str)
def test_no_assumption_goes_without_words(language, name, value):
    t = Translator(language)
    told = words.scenario(t, Scenario(**{name: value}))
    assert told != words.scenario(t, Scenario())
    assert "{" not in told
    if isinstance(value, int | float):
        assert f"{value:g}" in told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCOPE)
def test_a_scope_is_told_with_what_becomes_of_it(language, name):
    t = Translator(language)
    told = words.scenario(t, replace(LATE, **{name: SCOPE[name]}))
    assert told != words.scenario(t, LATE)
    assert words.scenario(t, Scenario(**{name: SCOPE[name]})) == words.scenario(t, Scenario())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stage_has_a_name_within_a_sentence(language):
    t = Translator(language)
    told = {words.scenario(t, replace(LATE, only_stage=stage)) for stage in STAGES}
    assert len(told) == len(STAGES)


def test_scenarios_as_people_say_them():
    strike = Scenario(only_route="sea", disruption_chance_pct=40, disruption_days=20)
    assert words.scenario(EN, strike) == (
        "Shipments by sea: a 40% chance of a disruption that costs 20 days on average"
    )
    assert words.scenario(ZH, strike) == "走海运的货物：有 40% 的可能再遇中断，平均耽误 20 天"
    both = Scenario(lead_time_delay_days=14, demand_change_pct=20, price_change_pct=-5)
    assert words.scenario(EN, both) == "All shipments: 14 days later; demand +20%; prices -5%"
    assert words.scenario(ZH, both) == "所有货物：晚到 14 天；需求 +20%；售价 -5%"


def test_of_many_orders_three_are_named():
    many = replace(LATE, only_orders=tuple(f"P-{number}" for number in range(9)))
    assert "P-0, P-1, P-2 and 6 more" in words.scenario(EN, many)


def test_a_route_of_ones_own_is_called_by_its_name():
    own = replace(LATE, only_route="Truck [x](y)")
    assert "Truck [x](y)" in words.scenario(EN, own)
    assert "Truck _" in words.scenario(EN, own, lambda text: re.sub(r"\W+", " _", text))


def test_how_much_is_hit_is_told_of_lead_times_alone():
    counts = {"items": 1128, "items_hit": 31, "orders_hit": 12}
    told = words.impact(EN, LATE, **counts)
    assert told == "All shipments: 14 days later. Hit: 31 of 1,128 items, 12 open order lines."
    demand = Scenario(demand_change_pct=10)
    assert words.impact(EN, demand, **counts) == "Demand +10%."
    nothing = words.impact(ZH, LATE, items=9, items_hit=0, orders_hit=0)
    assert nothing == f"{words.scenario(ZH, LATE)}。{ZH('said.nothing_hit', scenario='')[1:]}"


def test_a_route_stands_within_a_sentence():
    assert [words.by_route(EN, route) for route in ("Rail", "Truck")] == ["by rail", "by Truck"]
    assert [words.by_route(ZH, route) for route in ("rail", "中欧班列")] == [
        "走铁路",
        "走 中欧班列",
    ]


@given(
    days=st.integers(0, 90),
    chance=st.sampled_from([0, 5, 100]),
    text=st.text(max_size=60),
    language=st.sampled_from(LANGUAGES),
)
def test_no_name_out_of_the_data_breaks_a_sentence(days, chance, text, language):
    told = Scenario(
        lead_time_delay_days=days,
        disruption_chance_pct=chance,
        only_supplier=text,
        only_route=text,
        ship_by=text,
    )
    assert words.scenario(Translator(language), told)
