"""What every slider starts from: computed once, kept within bounds, told where it guesses."""

import threading
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pytest

from analytics import forecasting
from analytics.errors import NoDataError, UnknownItemError
from analytics.services import planning
from analytics.services.memory import Recent
from analytics.store import Store
from tests.services.shops import LAST, day, products, sales, stock
from tests.store.sheets import sheet


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


def test_the_period_is_what_any_market_covers(store):
    with pytest.raises(NoDataError):
        planning.period(store)
    store.load([sales(days=30), sales(market="DE", days=60)])
    assert planning.period(store) == (date.fromisoformat(day(59)), LAST)


def test_items_are_offered_by_what_sold_most(store):
    store.load([sales("SLOW", units=1.0), sales("FAST"), stock(("NEVER", 3))])
    assert planning.items(store) == ["FAST · US", "SLOW · US", "NEVER · US"]


def test_a_basis_is_made_once_per_version_and_day(store):
    store.load([sales()])
    first = planning.basis(store)
    assert planning.basis(store, LAST) is first
    store.load([stock(("MUG", 5))])
    assert planning.basis(store) is not first


@pytest.fixture
def learnt(monkeypatch):
    """Grows by one whenever a forecast is made, and not read."""
    calls = []
    learn = forecasting.learn

    def counted(*arguments, **options):
        calls.append(1)
        return learn(*arguments, **options)

    monkeypatch.setattr(forecasting, "learn", counted)
    return calls


def test_the_forecast_is_stored_and_read_back_alike(store, learnt):
    store.load([sales(), sales("CUP", "DE", 2.0)])
    made = planning.outlook(store).forecast
    read = planning.outlook(store).forecast
    assert len(learnt) == 1
    assert np.array_equal(made.cumulative_sd, read.cumulative_sd)
    pd.testing.assert_frame_equal(made.items, read.items)
    assert made.facts == read.facts
    store.load([stock(("MUG", 5))])
    planning.outlook(store)
    assert len(learnt) == 1  # a stock list changes no history


def test_a_workspace_that_only_reads_is_answered_too(store, tmp_path):
    store.load([sales()])
    written = planning.outlook(store).forecast
    store.close()
    with Store.open(tmp_path / "own", read_only=True) as reading:
        assert np.array_equal(planning.outlook(reading).forecast.mean, written.mean)
        assert planning.outlook(reading, date.fromisoformat(day(30))).forecast.mean.shape == (1, 30)


def test_an_item_is_found_without_regard_to_case(store):
    store.load([sales("Mug-01")])
    basis = planning.basis(store)
    assert basis.row(" mug-01", "US") == 0
    with pytest.raises(UnknownItemError, match="CUP in market US"):
        basis.row("CUP", "US")


def test_a_market_whose_files_end_earlier_is_told(store):
    early = sheet(
        *({"sku": "MUG", "quantity": 1.0, "date": day(n)} for n in range(9, 90)), market="DE"
    )
    store.load([sales(), early])
    notes = dict(planning.basis(store).notes)
    assert notes["coverage_behind"] == {"market": "DE", "ends_on": date.fromisoformat(day(9))}


def test_an_item_of_a_shop_whose_files_end_earlier_is_unknown_since_and_that_is_told(store):
    def shop(sku, first, name):
        rows = ({"sku": sku, "quantity": 10.0, "date": day(n)} for n in range(first, 210))
        return sheet(*rows, shop=name)

    store.load([shop("MUG", 0, "web"), shop("CUP", 28, "shelf")])
    basis = planning.basis(store)
    facts = {"shop": "shelf", "market": "US", "ends_on": date.fromisoformat(day(28))}
    assert [facts for code, facts in basis.notes if code == "shop_behind"] == [facts]
    assert basis.outlook.forecast.mean[:, 1] == pytest.approx([70.0, 70.0], rel=0.02)
    known = planning.outlook(store, date.fromisoformat(day(28)))
    assert known.forecast.mean[:, 1] == pytest.approx([70.0, 70.0], rel=0.02)


def test_a_look_at_other_days_does_not_push_out_the_forecast_of_the_last_one(store, learnt):
    store.load([sales()])
    planning.outlook(store)
    for ago in (7, 14, 21, 28, 35):
        planning.outlook(store, date.fromisoformat(day(ago)))
    assert len(learnt) == 6
    planning.outlook(store)
    assert len(learnt) == 6  # read, not made again


def test_a_stock_list_of_yesterday_is_told_to_be_rolled_forward(store):
    yesterday = sheet({"sku": "MUG", "on_hand": 9.0, "date": day(1), "market": "US"}, kind="stock")
    store.load([sales(), yesterday])
    notes = dict(planning.basis(store).notes)
    assert notes["stock_rolled"] == {"items": 1, "oldest": date.fromisoformat(day(1))}


def test_stock_that_names_no_market_is_told(store):
    central = sheet({"sku": "MUG", "on_hand": 9.0, "date": day(0)}, kind="stock", market=None)
    store.load([sales(), sales(market="DE"), central])
    assert dict(planning.basis(store).notes)["stock_central"] == {"skus": 1}


def test_texts_that_nobody_gave_are_empty_and_a_name_is_the_sku(store):
    store.load([sales(), products({"sku": "MUG", "category": "Cups"})])
    item = planning.basis(store).outlook.items.iloc[0]
    assert item[["name", "category", "supplier", "tier"]].tolist() == ["MUG", "Cups", "", ""]


def test_the_demand_by_day_adds_up_to_the_forecast(sample_store):
    basis = planning.basis(sample_store)
    forecast = basis.outlook.forecast
    assert basis.demand_by_day[:, -1] == pytest.approx(forecast.cumulative_mean[:, -1])
    assert (np.diff(basis.demand_by_day, axis=1) >= 0).all()
    assert basis.nbytes < 512 * 2**20


# Memory


@dataclass
class Block:
    nbytes: int


def test_memory_forgets_what_was_used_longest_ago():
    memory = Recent(100)
    made = []

    def block(name, size=40):
        return memory.answer(name, lambda: made.append(name) or Block(size))

    block("a"), block("b"), block("a"), block("c")
    assert memory.nbytes <= 100
    block("a"), block("b")
    assert made == ["a", "b", "c", "b"]
    assert block("huge", 1000).nbytes == 1000  # larger than the bound, and kept all the same
    assert block("huge") is block("huge")


def test_two_threads_make_one_answer():
    memory, made, start = Recent(100), [], threading.Barrier(4)

    def ask():
        start.wait()
        memory.answer("key", lambda: made.append(1) or Block(1))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]


def test_a_failed_answer_is_tried_again():
    memory = Recent(100)

    def fail():
        raise NoDataError

    with pytest.raises(NoDataError):
        memory.answer("key", fail)
    assert memory.answer("key", lambda: Block(1)).nbytes == 1


def test_memory_holds_nothing_of_what_was_only_asked_for():
    memory = Recent(100)
    memory.answer("kept", lambda: Block(1))
    memory.answer("kept", lambda: Block(1))
    with pytest.raises(ZeroDivisionError):
        memory.answer("failed", lambda: Block(1 // 0))
    assert not memory._underway
