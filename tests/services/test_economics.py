"""The money of an item, against sums done by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.services import assumptions, economics, fees
from analytics.store import Store
from tests.services.shops import LAST, products, rates, sales
from tests.store.sheets import sheet

MUG = {"sku": "MUG", "unit_cost": 20.0, "currency": "CNY", "carton_quantity": 40.0,
       "carton_volume_m3": 0.08, "carton_weight_kg": 16.0, "storage_fee": 0.6}  # fmt: skip


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


def shop(store, product=MUG):
    """A product that sells at 20 USD, and a dollar worth 7."""
    lines = (
        {"sku": "MUG", "quantity": 4.0, "date": f"2026-05-{day}", "unit_price": 20.0}
        for day in range(27, 32)
    )
    paid = sheet(*lines, currency="USD")
    store.load([paid, products(product), rates(("USD", 10, 7.0))])
    return store


def money_of(store, route="sea", as_of=LAST):
    items = store.items()
    return economics.of(store, items, [route] * len(items), as_of)


def fee_line(**parts):
    blank = dict.fromkeys(fees.PARTS, float("nan"))
    line = {"market": "US", "starts_on": pd.Timestamp("2026-01-01"), "currency": "USD"}
    return pd.DataFrame([{**line, **blank, **parts}])[list(fees.COLUMNS)]


def test_a_unit_is_followed_from_the_factory_to_the_buyer(store):
    shop(store)
    store.load([sheet({"market": "US", "route": "sea", "cost_per_m3": 1500.0, "cost_per_kg": 2.0,
                       "currency": "CNY"}, kind="routes")])  # fmt: skip
    said = fee_line(referral_pct=15.0, fulfilment_fee=4.0, advertising_pct=5.0, return_pct=2.0,
                    duty_pct=10.0)  # fmt: skip
    fees.save(store, fees.table(store), said)
    assumptions.settle(store, {"capital_rate_pct": 20.0, "goodwill_pct": 3.0})
    found = money_of(store)
    assert found.currency == "CNY"
    by_hand = {
        "freight": 1500 * 0.08 / 40,  # 3.00 by room, 0.80 by weight
        "duty": 2.0,
        "landed_cost": 25.0,
        "price": 140.0,
        "net_price": 140 * (1 - 0.22) - 28,
        "contribution": 81.2 - 25,
        "holding_cost": 0.2 * 25 + 0.6 * 365 / 30,
        "stockout_cost": 56.2 + 4.2,
        "salvage": 140 * 0.06,
    }
    for name, value in by_hand.items():
        assert getattr(found, name)[0] == pytest.approx(value), name
    assert found.sources["landed_cost"].tolist() == ["setting"]
    assert found.sources["contribution"].tolist() == ["setting"]
    assert found.sources["freight"].tolist() == ["stated"]
    assert found.sources["salvage"].tolist() == ["default"]


def test_the_cash_of_a_sale_is_the_worked_one(store):
    """P15b: price 20, share of the shop 15 %, fulfilment 4 leave 13."""
    shop(store)
    fees.save(store, fees.table(store), fee_line(referral_pct=15.0, fulfilment_fee=4.0))
    assert money_of(store).net_price[0] / 7.0 == pytest.approx(13.0)


def test_what_nobody_stated_is_called_so(store):
    shop(store, {"sku": "MUG", "unit_cost": 20.0, "currency": "CNY"})
    found = money_of(store)
    assert np.isnan(found.freight[0])
    assert found.landed_cost[0] == 20.0
    told = {name: source[0] for name, source in found.sources.items()}
    assert told["unit_cost"] == told["price"] == "stated"
    assert told["freight"] == "unknown"
    assert told["landed_cost"] == told["holding_cost"] == "partial"
    assert told["net_price"] == "default"
    assert told["storage_fee"] == "unknown"


def test_an_item_of_which_nothing_is_known_has_no_money(store):
    store.load([sales(days=5)])
    found = money_of(store)
    for name, source in found.sources.items():
        assert np.isnan(getattr(found, name)).all(), name
        assert source.tolist() == ["unknown"]


def test_an_unknown_rate_leaves_an_amount_unknown(store):
    shop(store, {**MUG, "currency": "THB"})
    assumptions.settle(store, {"base_currency": "CNY"})
    found = money_of(store)
    assert np.isnan(found.unit_cost[0])
    assert found.price[0] == 140.0
    assert found.sources["contribution"].tolist() == ["unknown"]


def test_amounts_without_any_currency_are_taken_as_they_are(store):
    store.load([sales(days=5), products({"sku": "MUG", "unit_cost": 3.0, "price": 9.0})])
    found = money_of(store)
    assert (found.currency, found.unit_cost[0], found.price[0]) == ("", 3.0, 9.0)


def test_a_price_below_cost_never_makes_a_stock_out_a_gain(store):
    shop(store, {**MUG, "unit_cost": 500.0})
    found = money_of(store)
    assert found.contribution[0] < 0
    assert found.stockout_cost[0] == 0.0


def test_a_stated_salvage_value_goes_before_the_share_of_the_price(store):
    shop(store, {**MUG, "salvage_value": 5.0})
    found = money_of(store)
    assert found.salvage[0] == 5.0
    assert found.sources["salvage"].tolist() == ["stated"]


def test_an_amount_keeps_the_currency_of_the_row_that_states_it(store):
    """A cost for all markets in CNY; for the US a salvage value and a storage fee in USD alone."""
    paid = sheet({"sku": "MUG", "quantity": 4.0, "date": "2026-05-27", "unit_price": 20.0},
                 currency="USD")  # fmt: skip
    everywhere = {"sku": "MUG", "unit_cost": 20.0, "currency": "CNY"}
    own = {"sku": "MUG", "market": "US", "salvage_value": 3.0, "storage_fee": 0.5,
           "currency": "USD"}  # fmt: skip
    store.load([paid, products(everywhere), products(own), rates(("USD", 10, 7.0))])
    found = money_of(store)
    assert (found.currency, found.unit_cost[0]) == ("CNY", 20.0)
    assert (found.salvage[0], found.storage_fee[0]) == (21.0, 3.5)


def test_each_route_of_an_item_has_its_freight(store):
    shop(store)
    ways = [{"market": "US", "route": "sea", "cost_per_m3": 1500.0, "currency": "CNY"},
            {"market": "US", "route": "air", "cost_per_kg": 6.0, "currency": "USD"}]  # fmt: skip
    store.load([sheet(*ways, kind="routes")])
    item = store.items()
    twice = pd.concat([item, item, item], ignore_index=True)
    found = economics.of(store, twice, ["sea", "Air", "rail"], LAST)
    assert found.freight[:2].tolist() == [3.0, pytest.approx(6 * 7 * 16 / 40)]
    assert np.isnan(found.freight[2])
    assert found.sources["freight"].tolist() == ["stated", "stated", "unknown"]


def test_the_tariff_of_the_day_counts(store):
    shop(store)
    fees.save(store, fees.table(store), fee_line(duty_pct=25.0))
    assert money_of(store).duty[0] == 5.0
    assert money_of(store, as_of=date(2025, 12, 31)).duty[0] == 0.0


def test_no_items_have_no_money(store):
    found = economics.of(store, store.items(), [], LAST)
    assert found.landed_cost.shape == (0,)


@given(cost=st.floats(0, 1e4), price=st.floats(0.01, 1e4))
@settings(max_examples=25, deadline=None)
def test_amounts_add_up_whatever_they_are(workshop, cost, price):
    item = workshop.items().assign(unit_cost=cost, price=price, price_currency="CNY")
    found = economics.of(workshop, item, ["sea"], LAST)
    assert found.landed_cost[0] == pytest.approx(cost * 1.075)
    assert found.contribution[0] == pytest.approx(found.net_price[0] - found.landed_cost[0])
    assert found.net_price[0] <= price
    assert found.stockout_cost[0] >= 0
    assert found.holding_cost[0] >= 0


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("workshop") / "own") as opened:
        assumptions.settle(opened, {"duty_pct": 7.5, "capital_rate_pct": 20.0})
        yield shop(opened, {"sku": "MUG", "unit_cost": 1.0, "currency": "CNY"})
