"""Presets: what they assume on any day, and that they have words."""

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import presets
from analytics.errors import UnknownCodeError
from analytics.i18n import Translator
from analytics.scenario import Scenario

days = st.dates(date(2015, 1, 1), date(2040, 12, 31))
codes = st.sampled_from(presets.PRESETS)
# First days of the Chinese year, from the Hong Kong Observatory's tables.
NEW_YEARS = [
    date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26),
    date(2029, 2, 13), date(2030, 2, 3), date(2031, 1, 23), date(2032, 2, 11), date(2033, 1, 31),
]  # fmt: skip


@given(codes, days)
def test_a_preset_moves_something_and_goes_through_a_link(code, as_of):
    scenario = presets.scenario(code, as_of)
    assert not scenario.is_at_rest
    assert scenario.as_of == as_of
    assert Scenario.from_query(scenario.to_query()) == scenario
    assert Scenario.from_toml(scenario.to_toml()) == scenario


@given(codes, days)
def test_a_preset_is_known_again_whatever_day_is_said(code, as_of):
    scenario = presets.scenario(code, as_of)
    assert presets.matching(scenario, as_of) == code
    assert presets.matching(replace(scenario, as_of=None), as_of) == code
    assert presets.matching(replace(scenario, currency_change_pct=1), as_of) == ""


@given(codes, days)
def test_no_window_has_passed_when_it_is_chosen(code, as_of):
    until = presets.scenario(code, as_of).hits_until
    assert until is None or until > as_of


@given(st.dates(date(2023, 3, 15), date(2033, 1, 31)))
def test_the_window_of_the_closure_holds_the_next_new_year_or_the_one_just_gone(as_of):
    scenario = presets.scenario("chinese_new_year", as_of)
    inside = [day for day in NEW_YEARS if scenario.hits_from < day < scenario.hits_until]
    ahead = next(day for day in NEW_YEARS if day >= as_of)
    assert inside == [ahead] or (inside[0] < as_of <= scenario.hits_until)
    assert len(inside) == 1
    assert scenario.hits_until - as_of < timedelta(400)
    assert scenario.hits == "ordered"


def test_a_preset_that_is_none_is_named():
    with pytest.raises(UnknownCodeError, match="preset is meteor; choose one of red_sea"):
        presets.scenario("meteor", date(2026, 5, 31))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("code", presets.PRESETS)
def test_its_words_name_the_numbers_that_it_sets(code, language):
    t = Translator(language)
    scenario = presets.scenario(code, date(2026, 5, 31))
    first, last = t.date(scenario.hits_from), t.date(scenario.hits_until)
    text = t(f"preset.{code}_help", first=first, last=last)
    for name in ("lead_time_delay_days", "disruption_chance_pct", "freight_change_pct"):
        if value := getattr(scenario, name):
            assert str(value) in text, name
    for day in (scenario.hits_from, scenario.hits_until):
        assert day is None or f"{day}" in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_assumption_has_a_name_and_a_help(language):
    t = Translator(language)
    for field in fields(Scenario):
        assert t.has(f"scenario.{field.name}"), field.name
        assert t.has(f"scenario.{field.name}_help"), field.name
