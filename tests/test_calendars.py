"""The built-in dates, against the rules and announcements that they follow."""

from datetime import date, timedelta
from itertools import pairwise

import pandas as pd
import pytest

from analytics.calendars import builtin
from analytics.i18n import LANGUAGES, Translator

YEARS = range(2024, 2029)
# First day of the first month of the Chinese calendar (Hong Kong Observatory).
NEW_YEAR = [
    date(2024, 2, 10),
    date(2025, 1, 29),
    date(2026, 2, 17),
    date(2027, 2, 6),
    date(2028, 1, 26),
]


def days(code: str, market: str = "") -> list[tuple[date, date]]:
    events = builtin()
    own = events[(events["code"] == code) & (events["market"] == market)]
    return list(zip(own["starts_on"].dt.date, own["ends_on"].dt.date, strict=True))


def thanksgiving(year: int) -> date:
    thursdays = [d for d in (date(year, 11, n) for n in range(1, 31)) if d.weekday() == 3]
    return thursdays[3]


def test_black_friday_follows_the_fourth_thursday_of_november():
    friday = [thanksgiving(year) + timedelta(days=1) for year in YEARS]
    assert days("black_friday", "US") == [(d, d) for d in friday]
    monday = [d + timedelta(days=3) for d in friday]
    assert days("cyber_monday", "DE") == [(d, d) for d in monday]


@pytest.mark.parametrize(
    ("market", "year", "first", "eid"),
    [  # as announced in each country
        ("SA", 2025, date(2025, 3, 1), date(2025, 3, 30)),
        ("SA", 2026, date(2026, 2, 18), date(2026, 3, 20)),
        ("AE", 2024, date(2024, 3, 11), date(2024, 4, 10)),
        ("ID", 2024, date(2024, 3, 12), date(2024, 4, 10)),
        ("ID", 2025, date(2025, 3, 1), date(2025, 3, 31)),
        ("ID", 2026, date(2026, 2, 19), date(2026, 3, 21)),
        ("MY", 2025, date(2025, 3, 2), date(2025, 3, 31)),
        ("TR", 2026, date(2026, 2, 19), date(2026, 3, 20)),
    ],
)
def test_ramadan_and_eid_by_market(market, year, first, eid):
    ramadan = next(pair for pair in days("ramadan", market) if pair[0].year == year)
    feast = next(pair for pair in days("eid_al_fitr", market) if pair[0].year == year)
    assert ramadan[0] == first
    assert feast[0] == eid


def test_a_month_of_the_moon_has_29_or_30_days_and_eid_follows():
    events = builtin()
    for market in events[events["code"] == "ramadan"]["market"].unique():
        for month, feast in zip(days("ramadan", market), days("eid_al_fitr", market), strict=True):
            assert (month[1] - month[0]).days + 1 in {29, 30}
            assert feast[0] == month[1] + timedelta(days=1)


def test_the_moon_years_are_354_or_355_days_apart():
    for market in ("SA", "ID"):
        starts = [first for first, _ in days("ramadan", market)]
        assert {(b - a).days for a, b in pairwise(starts)} <= {354, 355}


def test_factories_close_around_chinese_new_year_until_the_lantern_festival():
    expected = [(d - timedelta(days=10), d + timedelta(days=14)) for d in NEW_YEAR]
    assert days("cny_closure") == expected


def test_tet_begins_on_the_eve_of_the_same_new_moon():
    assert [first for first, _ in days("tet", "VN")] == [d - timedelta(days=1) for d in NEW_YEAR]


@pytest.mark.parametrize(
    ("code", "market", "first", "last"),
    [
        ("prime_day", "US", date(2024, 7, 16), date(2024, 7, 17)),
        ("prime_day", "DE", date(2025, 7, 8), date(2025, 7, 11)),
        ("prime_day", "US", date(2026, 6, 23), date(2026, 6, 26)),
        ("diwali", "IN", date(2025, 10, 18), date(2025, 10, 20)),
        ("diwali", "IN", date(2026, 11, 6), date(2026, 11, 8)),
        ("songkran", "TH", date(2026, 4, 13), date(2026, 4, 15)),
        ("golden_week_closure", "", date(2025, 10, 1), date(2025, 10, 8)),
        ("double_11", "ID", date(2025, 11, 11), date(2025, 11, 11)),
        ("double_12", "ID", date(2025, 12, 12), date(2025, 12, 12)),
        ("shopping_618", "CN", date(2026, 6, 18), date(2026, 6, 18)),
    ],
)
def test_known_dates(code, market, first, last):
    assert (first, last) in days(code, market)


def test_a_prime_day_that_nobody_announced_is_left_out():
    assert {first.year for first, _ in days("prime_day", "US")} == {2024, 2025, 2026}


def test_the_moon_of_years_to_come_is_marked_as_estimated():
    events = builtin()
    sighted = events[events["code"].isin(["ramadan", "eid_al_fitr"]) & (events["market"] == "ID")]
    assert sighted["estimated"].tolist() == [d.year >= 2027 for d in sighted["starts_on"]]
    assert not events[events["code"] == "black_friday"]["estimated"].any()


def test_rows_are_whole_unique_and_in_order():
    events = builtin()
    assert (events["ends_on"] >= events["starts_on"]).all()
    assert set(events["side"]) == {"demand", "supply"}
    assert not events.duplicated(["code", "market", "starts_on"]).any()
    assert events["starts_on"].is_monotonic_increasing
    assert events["market"].str.fullmatch("|[A-Z]{2}").all()


def test_a_caller_cannot_change_the_calendar():
    first = builtin()
    first.loc[0, "code"] = "changed"
    pd.testing.assert_frame_equal(builtin(), builtin())
    assert builtin().loc[0, "code"] != "changed"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_has_a_name(language):
    translator = Translator(language)
    assert all(translator.has(f"event.{code}") for code in builtin()["code"].unique())
