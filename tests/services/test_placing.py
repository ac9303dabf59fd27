"""Decisions: what is ordered is on order at once, and whatever is noted can be taken back."""

import io
from datetime import date

import pandas as pd
import pytest

from analytics import paperwork
from analytics.errors import OutOfBoundsError, UnknownFieldError
from analytics.services import ledger, placing, replenishment
from analytics.store import Store
from tests.services import shops

GOODS = {
    "sku": "MUG", "market": "US", "unit_cost": 4.0, "currency": "USD", "price": 12.0,
    "carton_quantity": 20.0, "moq": 40.0, "supplier": "Acme", "carton_volume_m3": 0.05,
    "carton_weight_kg": 8.0,
}  # fmt: skip


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        opened.load([shops.sales(), shops.receipts(), shops.products(GOODS)])
        opened.load([shops.stock(("MUG", 50))])
        yield opened


def board(store):
    return replenishment.plan(store).lines.set_index("sku").loc["MUG"]


def suggested(store):
    lines = replenishment.plan(store).lines
    return placing.expected(store, lines).to_dict("records")


def test_what_is_accepted_is_on_order_and_no_longer_suggested(store):
    before = board(store)
    said = placing.decisions(suggested(store), [before["order_quantity"]], reason="", note="go")
    assert [decision.act for decision in said] == ["accept"]
    placing.decide(store, said, shops.LAST, who="Ann")
    after = board(store)
    assert after["order_quantity"] == 0
    assert after["inventory_position"] == before["inventory_position"] + before["order_quantity"]
    [order] = ledger.orders(store).to_dict("records")
    assert (order["supplier"], order["status"]) == ("Acme", "open")
    assert order["cartons"] == before["order_quantity"] / 20
    assert order["expected_on"] == pd.Timestamp(shops.LAST) + pd.Timedelta(days=30)
    assert ledger.lines(store)["who"].tolist() == ["Ann"]


@pytest.mark.parametrize("language", placing.LANGUAGES)
def test_an_order_is_handed_out_in_the_suppliers_language(store, language):
    said = placing.decisions(suggested(store), [120.0])
    placing.decide(store, said, shops.LAST)
    number = ledger.orders(store)["order_id"].iloc[0]
    paper = io.BytesIO(paperwork.purchase_order_xlsx(store, number, language))
    sheet = pd.read_excel(paper, engine="calamine")
    [line, total] = sheet.to_numpy(dtype=object).tolist()
    assert {number, "MUG", 120, 6} <= set(line)  # six cartons of twenty
    assert {120, 6, 480} <= set(total)
    assert any("一" <= letter <= "鿿" for letter in "".join(sheet.columns)) == (language == "zh")


def test_a_changed_quantity_a_skip_and_taking_them_back(store):
    before = board(store)
    placing.decide(store, placing.decisions(suggested(store), [60.0]), shops.LAST)
    skip = placing.decisions(suggested(store), [0.0], reason="cash", note="next month")
    placing.decide(store, skip, shops.LAST, who="Bo")
    lines = ledger.lines(store)
    assert lines["act"].tolist() == ["skip", "change"]
    assert lines["reason"].tolist() == ["cash", ""]
    placing.take_back(store, lines["line_id"].tolist(), who="Bo")
    assert board(store)["inventory_position"] == before["inventory_position"]
    acts = placing.acts(store)
    assert acts["act"].tolist() == ["take_back", "take_back"]
    assert acts["sku"].tolist() == ["MUG", "MUG"]
    placing.undo(store, acts["act_id"].tolist())
    assert placing.acts(store).empty
    assert board(store)["inventory_position"] == before["inventory_position"] + 60


def test_the_open_balance_stays_until_it_came_or_was_closed(store):
    placing.decide(store, placing.decisions(suggested(store), [100.0]), shops.LAST)
    [number] = ledger.lines(store)["line_id"]
    placing.ship(store, [number], shops.LAST)
    placing.receive(store, {number: 60.0}, shops.LAST)
    [line] = ledger.lines(store).to_dict("records")
    assert (line["status"], line["open_quantity"]) == ("open", 40.0)
    placing.close(store, [number], "short", "the rest is cancelled", shops.LAST, who="Ann")
    [line] = ledger.lines(store).to_dict("records")
    assert (line["status"], line["open_quantity"]) == ("closed", 0.0)
    assert line["close_reason"] == "short"


def test_suggestions_of_every_view_are_understood():
    lines = [
        {"sku": "A", "market": "US", "order_quantity": 40.0,
         "arrives_on": pd.Timestamp("2026-07-01")},
        {"sku": "B", "market": "US", "order_quantity": 60.0, "suggested_quantity": 40.0,
         "route": "air", "order_by": pd.Timestamp("2026-06-02"), "expected_on": pd.NaT},
        {"sku": "C", "market": "US", "order_quantity": 20.0, "suggested_quantity": float("nan")},
    ]  # fmt: skip
    told = placing.decisions(lines, [40.0, 60.0, 20.0])
    assert [decision.act for decision in told] == ["accept", "change", "change"]
    assert [decision.route for decision in told] == ["sea", "air", "sea"]
    assert [decision.expected_on for decision in told] == [date(2026, 7, 1), None, None]
    assert told[1].order_by == date(2026, 6, 2)
    assert told[2].suggested_quantity is None


def test_a_quantity_or_a_reason_that_cannot_be_meant_is_refused(store):
    lines = suggested(store)
    with pytest.raises(OutOfBoundsError):
        placing.decisions(lines, [-1.0])
    with pytest.raises(UnknownFieldError):
        placing.decisions(lines, [1.0], reason="whim")
