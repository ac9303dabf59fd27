"""Twelve weeks of orders and payments: by hand on a small shop, by sums on the sample."""

import numpy as np
import pandas as pd
import pytest

from analytics.scenario import Scenario
from analytics.services import assumptions, ledger, replenishment
from analytics.services.orders_ahead import PAYMENTS, WEEKS, orders_ahead
from analytics.store import Store
from tests.services.shops import LAST, products, receipts, sales, stock
from tests.services.test_replenishment import COST, bought

TODAY = pd.Timestamp(LAST)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


@pytest.fixture(scope="module")
def ahead(sample_store):
    return orders_ahead(sample_store)


def test_an_order_is_paid_in_two_parts_and_followed_by_the_next(store):
    """4 a day: an order of 30 days of cover is followed by another a month after."""
    store.load([sales(), stock(("MUG", 150)), receipts(), products(COST)])
    bought(store)
    line = replenishment.plan(store).lines.iloc[0]
    found = orders_ahead(store)
    first, second = found.orders.iloc[0], found.orders.iloc[1]
    assert (first["order_by"], first["order_quantity"]) == (TODAY, line["order_quantity"])
    assert (first["ship_by"], first["arrives_on"]) == (line["ship_by"], line["arrives_on"])
    value = 2.5 * line["order_quantity"]
    assert (first["deposit"], first["balance"]) == pytest.approx((0.3 * value, 0.7 * value))
    spare = 150 + line["order_quantity"] - line["reorder_point"]
    assert (second["order_by"] - TODAY).days == pytest.approx(spare / 4, abs=1.5)
    assert second["is_repeat"]
    assert not first["is_repeat"]
    assert second["order_quantity"] % 48 == 0
    due = found.payments.groupby("payment")["value"].sum()
    assert due["deposit"] == pytest.approx(0.3 * found.orders["base_value"].sum())
    assert due["balance"] + found.later == pytest.approx(0.7 * found.orders["base_value"].sum())


def test_the_share_that_is_paid_at_once_is_the_sellers(store):
    store.load([sales(), stock(("MUG", 150)), receipts(), products(COST)])
    bought(store)
    assumptions.settle(store, {"deposit_pct": 100.0})
    found = orders_ahead(store)
    assert set(found.payments["payment"]) == {"deposit"}
    assert found.paid == pytest.approx(found.orders["base_value"].sum())
    assert found.later == 0


def test_the_balance_of_an_order_that_is_placed_is_still_due(store):
    store.load([sales(), stock(("MUG", 150)), receipts(), products(COST)])
    bought(store)
    before = orders_ahead(store)
    units = before.orders["order_quantity"].iloc[0]
    ledger.decide(store, [ledger.Decision(sku="MUG", market="US", quantity=units)], decided_on=LAST)
    after = orders_ahead(store)
    placed = after.payments.query("payment == 'placed'")
    assert placed["value"].sum() == pytest.approx(0.7 * 2.5 * units)
    assert after.orders["order_by"].iloc[0] == before.orders["order_by"].iloc[1]


def test_what_has_no_cost_stands_in_the_list_and_in_no_sum(store):
    store.load([sales(), stock(("MUG", 10)), receipts()])
    bought(store)
    found = orders_ahead(store)
    assert len(found.orders) == found.left_out > 0
    assert found.orders["base_value"].isna().all()
    assert found.payments.empty
    assert found.weeks.empty
    assert found.paid == found.later == 0
    assert dict(found.notes)["value_left_out"] == {"items": found.left_out}


def test_nothing_to_order_is_an_empty_calendar(store):
    store.load([sales(), stock(("MUG", 90_000)), receipts(), products(COST)])
    found = orders_ahead(store)
    assert found.orders.empty
    assert found.suppliers.empty
    assert list(found.payments) == ["paid_on", "week", "payment", "supplier", "value"]


def test_sums_agree_by_week_by_supplier_and_in_all(ahead):
    assert ahead.paid == pytest.approx(ahead.payments["value"].sum())
    assert ahead.paid == pytest.approx(ahead.weeks["value"].sum())
    assert ahead.paid == pytest.approx(ahead.suppliers["paid"].sum())
    assert len(ahead.orders) == ahead.suppliers["orders"].sum()
    assert ahead.orders["base_value"].sum() == pytest.approx(ahead.suppliers["base_value"].sum())
    parts = ahead.orders["deposit"] + ahead.orders["balance"]
    assert parts.to_numpy() == pytest.approx(ahead.orders["base_value"].to_numpy())
    assert set(ahead.payments["payment"]) <= set(PAYMENTS)
    assert (ahead.payments["value"] > 0).all()


def test_everything_lies_within_the_weeks_and_in_order(ahead):
    last = TODAY + pd.Timedelta(weeks=WEEKS)
    orders = ahead.orders
    assert orders["order_by"].between(TODAY, last, inclusive="left").all()
    assert ahead.payments["paid_on"].between(TODAY, last, inclusive="left").all()
    assert set(ahead.weeks["week"].dt.day_of_week) == {0}
    gaps = ahead.weeks["week"].drop_duplicates().diff().dropna()
    assert set(gaps) == {pd.Timedelta(days=7)}
    assert (orders["order_by"] <= orders["ship_by"]).all()
    assert (orders["ship_by"] <= orders["arrives_on"]).all()


def test_the_first_orders_are_the_boards_and_follow_ups_are_what_suppliers_take(
    sample_store, ahead
):
    plan = replenishment.plan(sample_store).lines
    now = plan.loc[plan["status"] == "order_now"].set_index(["sku", "market"]).sort_index()
    first = ahead.orders.loc[~ahead.orders["is_repeat"]].set_index(["sku", "market"]).sort_index()
    assert not first.index.duplicated().any()
    assert first.loc[now.index, "order_quantity"].equals(now["order_quantity"])
    every = ahead.orders.merge(plan[["sku", "market", "moq", "carton_quantity"]])
    assert (every["order_quantity"] % every["carton_quantity"].fillna(1) == 0).all()
    assert (every["order_quantity"] >= every["moq"].fillna(0)).all()
    days = ahead.orders.groupby(["sku", "market"])["order_by"].apply(
        lambda d: d.is_monotonic_increasing
    )
    assert days.all()


@pytest.mark.parametrize(
    "scenario", [Scenario(lead_time_delay_days=90), Scenario(demand_change_pct=100)]
)
def test_any_assumption_leaves_whole_numbers(sample_store, scenario):
    found = orders_ahead(sample_store, scenario)
    assert np.isfinite(found.orders["base_value"]).all()
    assert (found.orders["order_quantity"] > 0).all()
    assert np.isfinite(found.paid)
