"""What people judge better than the numbers: what is noted, what is refused, what stands."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics.errors import OutOfBoundsError, UnknownFieldError, UnknownJudgementError
from analytics.i18n import Translator
from analytics.services import judgements
from analytics.services.judgements import Launch, Override
from analytics.store import Store

SPRING = date(2026, 6, 1)
CUP, PAN = ("CUP", "US"), ("PAN", "DE")


def said(kind="percent", value=20.0, days=27, **more):
    return Override(kind, value, SPRING, SPRING + timedelta(days=days), "promotion", **more)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("percent", -100.1),
        ("percent", 901.0),
        ("units_per_week", -1.0),
        ("units_per_week", 1e6 + 1),
        ("units_total", -0.5),
        ("percent", float("nan")),
        ("units_total", float("inf")),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_override_out_of_bounds_is_refused_with_a_sentence(kind, value, language):
    with pytest.raises(OutOfBoundsError) as refused:
        said(kind, value)
    low, high = judgements.OVERRIDE_LIMITS[kind]
    sentence = Translator(language).error(refused.value)
    assert str(low) in sentence
    assert str(high) in sentence
    assert "override_value" not in sentence  # the field is called as the reader knows it


@pytest.mark.parametrize(
    ("kind", "value"), [("percent", -100.0), ("percent", 900.0), ("units_total", 0.0)]
)
def test_the_bounds_themselves_are_taken(kind, value):
    assert said(kind, value).value == value


def test_days_that_end_before_they_begin_are_refused():
    with pytest.raises(OutOfBoundsError, match="ends_on"):
        said(days=-1)


@pytest.mark.parametrize("multiplier", [0.0, 0.04, 20.1, float("nan")])
def test_a_multiplier_out_of_bounds_is_refused(multiplier):
    with pytest.raises(OutOfBoundsError):
        Launch("CUP", multiplier)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_override_lasts_as_far_as_is_forecast(language):
    assert said(days=judgements.LONGEST - 1).ends_on
    for days in (judgements.LONGEST, 5000):
        with pytest.raises(OutOfBoundsError) as refused:
            said(days=days)
        last = SPRING + timedelta(days=judgements.LONGEST - 1)
        assert f"{last}" in Translator(language).error(refused.value)


@pytest.mark.parametrize(
    ("kind", "reason"), [("guess", "other"), ("percent", "mood"), ("percent", "")]
)
def test_words_that_do_not_exist_are_refused_with_a_sentence(kind, reason):
    with pytest.raises(UnknownFieldError) as refused:
        Override(kind, 20.0, SPRING, SPRING, reason)
    for language in ("zh", "en"):
        sentence = Translator(language).error(refused.value)
        assert (kind if kind == "guess" else reason) in sentence


@pytest.mark.parametrize("level", [-50.0, 1e6 + 1, float("nan")])
def test_a_level_out_of_bounds_is_refused(level):
    with pytest.raises(OutOfBoundsError, match="units_per_week"):
        Launch(units_per_week=level)


def test_a_level_borrowed_until_before_the_start_is_refused():
    with pytest.raises(OutOfBoundsError, match="until"):
        Launch("CUP", starts_on=SPRING, until=SPRING - timedelta(days=1))
    assert Launch("CUP", starts_on=SPRING, until=SPRING).until == SPRING


@pytest.mark.parametrize("uplift", [-91.0, 901.0, float("nan")])
def test_an_uplift_out_of_bounds_is_refused_and_nothing_is_noted(store, uplift):
    with pytest.raises(OutOfBoundsError):
        judgements.event(store, "prime_day", "US", uplift)
    assert judgements.event_edits(store) == {}


def test_an_override_is_read_as_it_was_said(store):
    before = pd.DataFrame(
        {"sku": ["CUP", "PAN"], "market": ["US", "DE"], "week": pd.Timestamp(SPRING),
         "mean": [12.34567, 8.0]}
    )  # fmt: skip
    spoken = said(note="“Käse” 促销 {x}")
    numbers = judgements.override(store, [CUP, PAN], spoken, before=before, who="Ann")
    stands = judgements.overrides(store)
    assert stands["judgement_id"].tolist() == numbers
    assert stands[["sku", "market"]].apply(tuple, axis=1).tolist() == [CUP, PAN]
    first = stands.iloc[0]
    assert (first["kind"], first["value"], first["who"]) == ("percent", 20.0, "Ann")
    assert (first["reason"], first["note"]) == ("promotion", "“Käse” 促销 {x}")
    assert (first["starts_on"], first["ends_on"]) == (
        pd.Timestamp(SPRING),
        pd.Timestamp(spoken.ends_on),
    )
    assert stands["before"].tolist() == [{"2026-06-01": 12.3457}, {"2026-06-01": 8.0}]


def test_each_item_keeps_its_own_forecast_however_many_there_are(store):
    items = [(f"S{number}", market) for number in range(50) for market in ("US", "DE")]
    before = pd.DataFrame(
        [
            (sku, market, pd.Timestamp(SPRING + timedelta(days=7 * week)), place + week / 10)
            for week in range(3)
            for place, (sku, market) in enumerate(items)
        ],
        columns=["sku", "market", "week", "mean"],
    )
    judgements.override(store, items, said(), before=before)
    kept = judgements.overrides(store)["before"]
    assert [list(path.values()) for path in kept] == [
        [place, place + 0.1, place + 0.2] for place in range(len(items))
    ]


def test_the_last_word_on_the_same_days_of_an_item_stands(store):
    judgements.override(store, [CUP], said(value=20.0))
    judgements.override(store, [CUP], said(value=30.0))
    judgements.override(store, [CUP], said(value=10.0, days=6))
    assert judgements.overrides(store)["value"].tolist() == [30.0, 10.0]


def test_what_was_withdrawn_stands_no_longer_and_cannot_be_withdrawn_again(store):
    [number] = judgements.override(store, [CUP], said())
    judgements.withdraw(store, number, who="Ben")
    assert judgements.overrides(store).empty
    with pytest.raises(UnknownJudgementError):
        judgements.withdraw(store, number)
    kept = store.all_judgements().iloc[0]  # what was once said is history
    assert kept["withdrawn_by"] == "Ben"


def test_the_number_is_taken_out_of_the_table_as_it_stands(store):
    judgements.override(store, [CUP], said())
    number = judgements.overrides(store)["judgement_id"].iloc[0]
    assert isinstance(number, np.integer)  # which the database does not know
    judgements.withdraw(store, number)
    assert judgements.overrides(store).empty


def test_a_pin_a_launch_and_an_event_are_read_as_they_were_said(store):
    number = judgements.pin(store, "CUP", "US", "ets")
    assert judgements.pins(store) == {CUP: ("ets", number)}
    judgements.launch(store, "NEW", "US", Launch("CUP", 1.5, until=SPRING))
    planned = judgements.launches(store).iloc[0]
    assert planned[["sku", "market", "like_sku", "multiplier"]].tolist() == [
        "NEW", "US", "CUP", 1.5,
    ]  # fmt: skip
    assert planned["until"] == pd.Timestamp(SPRING)
    assert planned[["starts_on", "units_per_week"]].isna().all()
    judgements.event(store, "prime_day", "US", 40.0)
    judgements.event(store, "ramadan", "", None)
    assert judgements.event_edits(store) == {("prime_day", "US"): 40.0, ("ramadan", ""): None}


def test_every_word_moves_the_version_of_the_data(store):
    versions = [store.version]

    def moves(word, *arguments):
        word(store, *arguments)
        versions.append(store.version)

    moves(judgements.override, [CUP], said())
    moves(judgements.pin, "CUP", "US", "ets")
    moves(judgements.launch, "NEW", "US", Launch("CUP"))
    moves(judgements.event, "prime_day", "US", 40.0)
    moves(judgements.withdraw, 1)
    assert len(set(versions)) == len(versions)


def test_nothing_said_is_an_empty_table_with_its_columns(store):
    assert judgements.overrides(store).empty
    assert {"sku", "starts_on", "value", "before"} <= set(judgements.overrides(store))
    assert judgements.launches(store).empty
    assert judgements.pins(store) == judgements.event_edits(store) == {}
