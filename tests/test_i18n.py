"""Formats: thousands marks, currencies, shares, and a dash where there is nothing."""

import math
import pickle
import string
from datetime import date

import pandas as pd
import pytest

from analytics import words
from analytics.errors import AnalyticsError, OutOfBoundsError
from analytics.i18n import Translator, language_of


def placeholders_of(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


ZH, EN = Translator("zh"), Translator("en")


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234567.4, "1,234,567"), (-0.2, "0"), (-1500, "-1,500"), (None, "–"), (math.nan, "–")],
)
def test_numbers(value, text):
    assert EN.number(value) == text


def test_money_shares_and_dates():
    assert EN.money(1234.5, "CNY") == "CNY 1,234"
    assert EN.money(None, "CNY") == "–"
    assert EN.percent(0.954) == "95.4%"
    assert EN.date(date(2026, 5, 31)) == "2026-05-31"
    assert EN.date(pd.NaT) == "–"


@pytest.mark.parametrize(
    ("locale", "language"), [("zh-CN", "zh"), ("zh", "zh"), ("de", "en"), ("", "en"), (None, "en")]
)
def test_the_browser_is_greeted_in_its_language(locale, language):
    assert language_of(locale) == language


def test_an_error_names_its_field_as_the_reader_knows_it():
    error = OutOfBoundsError(name="lead_time_delay_days", value=999, low=0, high=90)
    assert ZH.error(error) == "交期延误（天）为 999，应在 0 到 90 之间。"
    assert EN.error(error) == "Lead-time delay (days) is 999; it must lie between 0 and 90."


@pytest.mark.parametrize("kind", AnalyticsError.family(), ids=lambda kind: kind.__name__)
def test_an_error_survives_the_way_out_of_a_worker(kind):
    facts = dict.fromkeys(sorted(placeholders_of(kind.template)), "x")
    error = kind(**facts)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.params) == (kind, str(error), facts)


def test_codes_are_spoken_and_sentences_filled_from_their_row():
    rows = pd.DataFrame({"status": ["covered", None], "reason": ["covered", "covered"]})
    spoken = words.worded(ZH, rows[["status"]], {"status": "status"}, rows)
    assert spoken["status"].tolist() == ["库存够用", "–"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.04, "0.0"), (12.0, "12"), (12.34, "12.3"), (1234.5, "1,235"), (pd.NaT, "–"), ("", "–")],
)
def test_facts_are_rounded_as_people_write_them(value, text):
    assert words.fact(EN, "units", value) == text
