"""What stands of events and launches, and how it is taken back."""

from datetime import date

import pandas as pd
import pytest

from analytics.services import judgements, standing
from analytics.services.judgements import Launch
from analytics.store import Store


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


def test_an_event_that_does_not_count_stands_as_such_until_it_is_taken_back(store):
    assert standing.events(store).empty
    judgements.event(store, "prime_day", "DE", 40.0, who="Ann")
    judgements.event(store, "black_friday", "US", None, who="Bo")
    stands = standing.events(store)
    assert stands["code"].tolist() == ["prime_day", "black_friday"]
    assert stands["market"].tolist() == ["DE", "US"]
    assert stands["counts"].tolist() == [True, False]
    assert stands["uplift"].iloc[0] == 0.4
    assert pd.isna(stands["uplift"].iloc[1])
    judgements.withdraw(store, stands["judgement_id"].iloc[1])
    assert standing.events(store)["code"].tolist() == ["prime_day"]
    assert ("black_friday", "US") not in judgements.event_edits(store)


def test_a_launch_is_its_items_alone(store):
    said = Launch(like_sku="MUG", multiplier=1.5, until=date(2026, 5, 1))
    number = judgements.launch(store, "NEW", "US", said)
    assert standing.launch(store, "NEW", "DE") == {}
    stands = standing.launch(store, "NEW", "US")
    assert (stands["judgement_id"], stands["like_sku"]) == (number, "MUG")
    assert stands["multiplier"] == 1.5
    judgements.withdraw(store, stands["judgement_id"])
    assert standing.launch(store, "NEW", "US") == {}
