"""Suppliers: what is due adds up to the board, minimums are noted, and filling up reaches them."""

import numpy as np
import pytest

from analytics.errors import OutOfBoundsError, UnknownFieldError
from analytics.scenario import Scenario
from analytics.services import minimums, placing, replenishment, supplying
from analytics.store import Store
from tests.services import shops

REST = Scenario()
GOODS = {"market": "US", "currency": "USD", "price": 12.0, "carton_quantity": 20.0, "moq": 40.0}


@pytest.fixture
def store(tmp_path):
    """Two products of one supplier, one of which is due, and one of nobody."""
    with Store.open(tmp_path / "own") as opened:
        rows = [
            {"sku": "MUG", "unit_cost": 4.0, "supplier": "Acme", **GOODS},
            {"sku": "CUP", "unit_cost": 2.0, "supplier": "Acme", **GOODS},
            {"sku": "PAN", "unit_cost": 2.0, **GOODS},
        ]
        opened.load([shops.sales(), shops.sales("CUP"), shops.sales("PAN"), shops.receipts()])
        opened.load([shops.products(*rows), shops.stock(("MUG", 50), ("CUP", 900), ("PAN", 900))])
        yield opened


def line(found, supplier="Acme"):
    return found.lines.set_index("supplier").loc[supplier]


def test_the_sums_are_those_of_the_board(sample_store):
    found = supplying.suppliers(sample_store)
    board = replenishment.plan(sample_store)
    due = board.lines.loc[board.lines["order_quantity"] > 0]
    assert found.lines["items"].sum() == len(due)
    assert found.lines["order_quantity"].sum() == due["order_quantity"].sum()
    assert found.lines["base_value"].sum() == pytest.approx(board.order_value)
    assert found.lines["supplier"].is_unique
    numbers = found.lines.select_dtypes("number").drop(
        columns=["minimum_value", "minimum_units", "base_minimum"]
    )
    assert np.isfinite(numbers).all(axis=None)
    assert set(found.lines["status"]) <= set(supplying.STATUSES)
    first = due.groupby("supplier")["order_by"].min()
    told = found.lines.set_index("supplier")["order_by"]
    assert (told[first.index] == first).all()


def test_a_supplier_is_ready_below_its_minimum_or_has_nothing_due(store):
    found = supplying.suppliers(store)
    assert line(found)["status"] == "ready"
    assert line(found, "")["status"] == "nothing"
    due = line(found)["order_quantity"]
    minimums.settle(store, "Acme", value=line(found)["order_value"] + 100.0, currency="USD")
    short = line(supplying.suppliers(store))
    assert (short["status"], short["short_value"]) == ("below_minimum", pytest.approx(100.0))
    minimums.settle(store, "Acme", units=due + 30)
    assert line(supplying.suppliers(store))["short_units"] == 30
    minimums.settle(store, "Acme", value=10.0)
    assert line(supplying.suppliers(store))["status"] == "ready"


def test_a_minimum_in_another_currency_is_compared_by_the_rates(store):
    store.load([shops.rates(("USD", 3, 7.0), ("CNY", 3, 1.0))])
    minimums.settle(store, "Acme", value=7_000.0, currency="CNY")
    rate = line(supplying.suppliers(store))["minimum_value"]
    assert rate == pytest.approx(
        7_000.0
    )  # the base is USD: a rate says the price of one unit in it
    minimums.settle(store, "Acme", value=7_000.0, currency="EUR")
    unknown = line(supplying.suppliers(store))
    assert np.isnan(unknown["minimum_value"])
    assert unknown["short_value"] == 0


def test_filling_up_reaches_the_minimum_with_what_is_best_per_money(store):
    due = line(supplying.suppliers(store))
    minimums.settle(store, "Acme", value=due["order_value"] + 150.0, currency="USD")
    more = supplying.fill_up(store, REST, "Acme")
    assert more.is_enough
    assert 150.0 <= more.base_value < 150.0 + 80.0 + 1e-6  # one carton more at the most
    assert (more.lines["order_quantity"] % 20 == 0).all()
    assert more.earns == pytest.approx(more.lines["earns"].sum())
    order = supplying.order(supplying.suppliers(store), "Acme", more).set_index("sku")
    total = (order["order_quantity"] * order.index.map({"MUG": 4.0, "CUP": 2.0})).sum()
    assert total >= due["order_value"] + 150.0
    assert order.loc["MUG", "suggested_quantity"] == due["order_quantity"]


def test_nothing_lacks_and_nothing_is_filled_up(store):
    more = supplying.fill_up(store, REST, "Acme")
    assert more.is_enough
    assert more.lines.empty
    order = supplying.order(supplying.suppliers(store), "Acme")
    assert (order["order_quantity"] == order["suggested_quantity"]).all()
    assert supplying.order(supplying.suppliers(store), "").empty


def test_a_minimum_beyond_every_carton_is_said_not_to_be_reached(store):
    minimums.settle(store, "Acme", value=1e9, currency="USD")
    assert not supplying.fill_up(store, REST, "Acme").is_enough


def test_minimums_are_noted_by_somebody_replaced_and_taken_back(store):
    minimums.settle(store, "Acme", value=500.0, units=10.0, currency="usd", who="Ann")
    [row] = minimums.table(store).to_dict("records")
    assert (row["supplier"], row["minimum_value"], row["minimum_units"]) == ("Acme", 500.0, 10.0)
    assert (row["currency"], row["who"]) == ("USD", "Ann")
    minimums.settle(store, "Acme:HK", units=3.0)
    assert minimums.table(store)["supplier"].tolist() == ["Acme", "Acme:HK"]
    minimums.settle(store, "Acme")
    minimums.settle(store, "Acme:HK", value=0.0)
    assert minimums.table(store).empty


def test_a_minimum_that_cannot_be_meant_is_refused(store):
    with pytest.raises(OutOfBoundsError):
        minimums.settle(store, "Acme", value=-1.0)
    with pytest.raises(UnknownFieldError):
        minimums.settle(store, "Acme", value=1.0, currency="dollars")
    assert minimums.table(store).empty


def test_what_was_skipped_is_not_due(store):
    lines = replenishment.plan(store).lines
    due = lines.loc[lines["order_quantity"] > 0].to_dict("records")
    placing.decide(store, placing.decisions(due, [0.0] * len(due)), shops.LAST)
    found = supplying.suppliers(store)
    assert line(found)["items"] == 0
    assert not found.items["is_due"].any()
