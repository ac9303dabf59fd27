"""Which dates count: built-in events switched and judged, the seller's own typed."""

import shutil
from datetime import date

import numpy as np
import pytest

from analytics.errors import NotASkuError, OutOfBoundsError, UnknownMarketError
from analytics.services import event_dates, judgements, outlooks, workspaces
from analytics.services.event_dates import Event
from analytics.store import Store
from tests.services.shops import sales
from tests.store.sheets import sheet

STRIKE = Event("Port strike", date(2026, 6, 1), date(2026, 6, 9), "US", delay_days=9.0)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A small workspace, made once and copied for every test."""
    folder = tmp_path_factory.mktemp("shop") / "own"
    with Store.open(folder) as made:
        made.load([sales(days=9), sales(days=9, market="DE")])
    return folder


@pytest.fixture
def store(shop, tmp_path):
    shutil.copytree(shop, tmp_path / "own")
    with Store.open(tmp_path / "own") as opened:
        yield opened


def test_events_of_the_planned_markets_stand_at_their_next_date(store):
    found = event_dates.builtin(store)
    assert set(found["market"]) == {"", "US", "DE"}
    assert not found.duplicated(["code", "market"]).any()
    dates = found.set_index(["code", "market"])["starts_on"].astype(str)
    assert dates["black_friday", "US"] == "2026-11-27"  # the fourth Thursday and a day
    assert dates["golden_week_closure", ""] == "2026-10-01"
    assert found["counts"].all()
    assert found["uplift_pct"].isna().all()
    assert found["side"].is_monotonic_increasing


def test_countries_that_are_pooled_keep_their_events(store):
    store.load([sheet({"country": "DE", "market": "EU"}, kind="markets")])
    assert {"US", "DE", "EU", ""} >= set(event_dates.builtin(store)["market"]) >= {"US", "DE"}


def test_an_event_is_switched_off_judged_and_left_to_the_numbers_again(store):
    seen = event_dates.builtin(store)
    row = seen.index[(seen["code"] == "prime_day") & (seen["market"] == "US")][0]
    off = seen["code"] == "golden_week_closure"
    wanted = seen.assign(counts=~off)
    wanted.loc[row, "uplift_pct"] = 60.0
    event_dates.save(store, seen, wanted, who="Ann")
    assert judgements.event_edits(store) == {
        ("prime_day", "US"): 60.0,
        ("golden_week_closure", ""): None,
    }
    assert "golden_week_closure" not in set(outlooks.events(store)["code"])
    now = event_dates.builtin(store)
    assert now.loc[row, "uplift_pct"] == 60.0
    event_dates.save(store, now, now.assign(counts=True, uplift_pct=np.nan))
    assert judgements.event_edits(store) == {}


def test_an_uplift_that_cannot_be_meant_is_refused_and_nothing_is_noted(store):
    seen = event_dates.builtin(store)
    wanted = seen.assign(uplift_pct=5000.0, counts=[False, *[True] * (len(seen) - 1)])
    with pytest.raises(OutOfBoundsError):
        event_dates.save(store, seen, wanted)
    assert judgements.event_edits(store) == {}


def test_an_own_event_counts_until_its_import_is_taken_back(store):
    event_dates.add(store, STRIKE, who="Ann")
    event_dates.add(store, Event("Sale", date(2026, 7, 1), date(2026, 7, 3), sku="MUG",
                                 uplift_pct=40.0))  # fmt: skip
    told = event_dates.own(store)
    assert told["name"].tolist() == ["Sale", "Port strike"]
    assert told["who"].tolist() == ["", "Ann"]
    assert told["delay_days"].tolist()[1] == 9.0
    known = outlooks.events(store)
    assert known.loc[known["name"] == "Port strike", "side"].tolist() == ["supply"]
    workspaces.take_back(store, int(told["import_id"].iloc[1]))
    assert event_dates.own(store)["name"].tolist() == ["Sale"]


def test_the_same_event_said_again_is_corrected(store):
    event_dates.add(store, STRIKE)
    event_dates.add(store, Event("Port strike", date(2026, 6, 1), date(2026, 6, 20), "US",
                                 delay_days=14.0))  # fmt: skip
    assert event_dates.own(store)[["delay_days"]].to_numpy().tolist() == [[14.0]]


def test_events_of_files_are_told_apart_from_typed_ones(store):
    record = {"name": "Fair", "starts_on": "2026-06-01", "ends_on": "2026-06-02", "market": "US",
              "demand_uplift_pct": 10.0}  # fmt: skip
    store.load([sheet(record, kind="events")])
    told = event_dates.own(store)
    assert told["import_id"].isna().all()
    assert told["name"].tolist() == ["Fair"]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"name": " "}, NotASkuError),
        ({"ends_on": date(2026, 5, 1)}, OutOfBoundsError),
        ({"uplift_pct": 900.0}, OutOfBoundsError),
        ({"delay_days": -1.0}, OutOfBoundsError),
    ],
)
def test_an_event_that_cannot_be_meant_is_refused(change, kind):
    whole = {"name": "Sale", "starts_on": date(2026, 6, 1), "ends_on": date(2026, 6, 2)}
    with pytest.raises(kind):
        Event(**(whole | change))


def test_an_event_in_no_market_is_refused(store):
    with pytest.raises(UnknownMarketError):
        event_dates.add(store, Event("Sale", date(2026, 6, 1), date(2026, 6, 2), "Atlantis"))


def test_an_empty_workspace_has_the_events_of_every_market(tmp_path):
    with Store.open(tmp_path / "none") as empty:
        assert set(event_dates.builtin(empty)["market"]) == {""}
        assert event_dates.own(empty).empty
