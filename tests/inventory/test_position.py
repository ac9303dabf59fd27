"""Stock on the plan's day: which list counts, rolled forward, and what is under way."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import demand
from analytics.inventory import receipts, stock_positions

TODAY = pd.Timestamp("2026-06-30")
STOCK = ["sku", "market", "date", "on_hand", "inbound", "reserved"]
DATES = ("ordered_on", "shipped_on", "arrived_on", "cleared_on", "received_on")


def ago(days):
    return TODAY - pd.Timedelta(days=days)


def observed(sales=()):
    """Days of items A, B and C in the US; sales as (sku, days ago, units)."""
    daily = pd.DataFrame(
        [(sku, "US", ago(days), units) for sku, days, units in (*sales, ("A", 100, 1.0))],
        columns=["sku", "market", "date", "units"],
    )
    items = pd.DataFrame({"sku": ["A", "B", "C"], "market": "US", "first_sale": ago(100)})
    coverage = pd.DataFrame({"market": ["US"], "starts_on": [ago(200)], "ends_on": [TODAY]})
    nothing = stock().astype({"sku": object, "market": object, "on_hand": float})
    return items, demand.observe(daily, coverage, items, nothing, TODAY.date())


def stock(*rows):
    frame = pd.DataFrame(rows, columns=STOCK)
    return frame.astype({"date": "M8[us]"})


def orders(*records):
    columns = ["sku", "market", "quantity", "quantity_received", "open_quantity", *DATES]
    frame = pd.DataFrame(list(records), columns=columns)
    return frame.astype(dict.fromkeys(DATES, "M8[us]")).astype(
        dict.fromkeys(["quantity", "quantity_received", "open_quantity"], float)
    )


def order(sku="A", open_quantity=0.0, **more):
    return {"sku": sku, "market": "US", "quantity": 100.0, "open_quantity": open_quantity,
            "ordered_on": ago(60), **more}  # fmt: skip


def positions(snapshots, purchase_orders=None, sales=(), places=None):
    items, days = observed(sales)
    purchase_orders = orders() if purchase_orders is None else purchase_orders
    return stock_positions(items, snapshots, purchase_orders, days, places=places)


PLACES = ("at_marketplace", "at_overseas", "at_local")


def by_place(*rows):
    """Counts that hold: (sku, market, warehouse, date, units)."""
    frame = pd.DataFrame(rows, columns=["sku", "market", "warehouse", "date", "on_hand"])
    return frame.assign(until=pd.NaT, reserved=0.0).astype({"date": "M8[us]", "until": "M8[us]"})


def test_the_latest_list_up_to_the_day_counts():
    found = positions(
        stock(
            ("A", "US", ago(30), 5, 0, 0),
            ("A", "US", ago(0), 80, 10, 3),
            ("A", "US", ago(-3), 999, 0, 0),
        )
    )
    assert found["on_hand"].tolist() == pytest.approx([80, np.nan, np.nan], nan_ok=True)
    assert found.loc[0, "inventory_position"] == 87
    assert found.loc[0, "stock_date"] == TODAY


def test_else_the_first_one_within_a_fortnight_after_it():
    found = positions(
        stock(
            ("A", "US", ago(-9), 7, 0, 0),
            ("A", "US", ago(-4), 8, 0, 0),
            ("B", "US", ago(-15), 9, 0, 0),
        )
    )
    assert found["on_hand"].tolist() == pytest.approx([8, np.nan, np.nan], nan_ok=True)
    assert found.loc[0, "stock_age"] == -4


def test_a_list_without_a_date_is_of_the_day():
    found = positions(stock(("A", "US", pd.NaT, 12, 0, 0)), sales=[("A", 1, 5.0)])
    assert found.loc[0, "on_hand"] == 12
    assert found.loc[0, "stock_date"] == TODAY


def test_an_older_list_is_rolled_forward_by_sales_and_receipts():
    arrived = orders(order(received_on=ago(5), quantity_received=40.0))
    found = positions(
        stock(("A", "US", ago(10), 50, 60, 0)), arrived, [("A", 10, 9.0), ("A", 4, 20.0)]
    )
    assert found.loc[0, "on_hand"] == 50 - 20 + 40  # the sale of the list's own day is in it
    assert found.loc[0, "inbound"] == 60 - 40


def test_a_list_of_yesterday_is_rolled_forward_too():
    arrived = orders(order(received_on=ago(0), quantity=900.0))
    found = positions(stock(("A", "US", ago(1), 100, 0, 0)), arrived, [("A", 0, 30.0)])
    assert found.loc[0, "on_hand"] == 100 + 900 - 30
    assert found.loc[0, "inventory_position"] == 970


def test_what_arrived_before_a_later_list_is_in_it():
    arrived = orders(
        order(received_on=ago(-3), quantity_received=70.0, open_quantity=30.0, shipped_on=ago(9)),
        order(received_on=ago(-4), quantity=20.0),
        order(received_on=ago(-5), quantity=5.0),
        order("B", received_on=ago(-3), quantity=8.0),
    )
    found = positions(stock(("A", "US", ago(-4), 500, 0, 0)), arrived)
    assert found.loc[0, ["inbound", "on_order"]].tolist() == [30.0, 5.0]
    assert found.loc[0, "inventory_position"] == 500 + 30 + 5
    assert found.loc[1, "on_order"] == 8.0  # no list holds it


def test_stock_does_not_fall_below_zero():
    found = positions(stock(("A", "US", ago(10), 5, 0, 0)), sales=[("A", 4, 20.0)])
    assert found.loc[0, "on_hand"] == 0


def test_a_central_store_is_in_nobodys_position():
    assert positions(stock(("A", None, ago(0), 500, 0, 0)))["on_hand"].isna().all()


def test_open_orders_count_once_by_how_far_they_are():
    found = positions(
        stock(("A", "US", ago(0), 10, 70, 0)),
        orders(
            order(open_quantity=100.0),
            order(open_quantity=50.0, shipped_on=ago(20)),
            order(open_quantity=30.0, arrived_on=ago(2)),
        ),
    )
    assert found.loc[0, ["inbound", "on_order"]].tolist() == [80.0, 100.0]
    assert found.loc[0, "inventory_position"] == 10 + 80 + 100


def test_on_an_earlier_day_later_receipts_were_still_under_way():
    later = orders(
        order(received_on=ago(-5), quantity_received=100.0, shipped_on=ago(9)),
        order(received_on=ago(-6)),
        order(ordered_on=ago(-1), open_quantity=100.0),
    )
    found = positions(stock(("A", "US", ago(0), 0, 0, 0)), later)
    assert found.loc[0, ["inbound", "on_order"]].tolist() == [100.0, 100.0]


def test_receipts_without_a_quantity_are_the_whole_order():
    arrived = receipts(orders(order(received_on=ago(1)), order(open_quantity=5.0)))
    assert arrived["units"].tolist() == [100.0]


def test_each_unit_stands_in_one_place():
    found = positions(
        stock(("A", "US", ago(0), 100, 70, 10)),
        orders(order(open_quantity=100.0), order(open_quantity=50.0, shipped_on=ago(20))),
        places=by_place(("A", "US", "FBA", ago(0), 30.0), ("A", "US", "海外仓", ago(0), 70.0)),
    ).loc[0]
    assert found[list(PLACES)].tolist() == [30, 70, 0]
    assert found[["in_transit", "at_supplier", "announced_only"]].tolist() == [70, 100, 20]
    everywhere = found[[*PLACES, "in_transit", "at_supplier"]].sum()
    assert everywhere - found["reserved"] == found["inventory_position"]


def test_what_sold_since_the_count_left_where_it_sells_first():
    held = by_place(("A", "US", "FBA", ago(10), 30.0), ("A", "US", "3PL", ago(10), 70.0))
    count = stock(("A", "US", ago(10), 100, 0, 0))
    some = positions(count, sales=[("A", 4, 20.0)], places=held).loc[0]
    more = positions(count, sales=[("A", 4, 45.0)], places=held).loc[0]
    assert some[list(PLACES)].tolist() == [10, 70, 0]
    assert more[list(PLACES)].tolist() == [0, 55, 0]
    arrived = orders(order(received_on=ago(5), quantity_received=40.0))
    grown = positions(count, arrived, places=held).loc[0]
    assert grown[list(PLACES)].tolist() == [70, 70, 0]


def test_without_places_all_of_it_stands_where_it_sells():
    found = positions(stock(("A", "US", ago(0), 100, 0, 0)))
    assert found.loc[0, list(PLACES)].tolist() == [100, 0, 0]
    assert found.loc[1, list(PLACES)].isna().all()
    assert found[["in_transit", "at_supplier", "announced_only"]].notna().all(axis=None)


@settings(deadline=None, max_examples=20)
@given(
    counts=st.lists(st.integers(0, 90), min_size=3, max_size=3),
    sold=st.integers(0, 300), arrived=st.integers(1, 200), days_ago=st.integers(0, 20),
    inbound=st.integers(0, 80), shipped=st.integers(0, 80), ordered=st.integers(0, 80),
)  # fmt: skip
def test_places_always_add_up(counts, sold, arrived, days_ago, inbound, shipped, ordered):
    names = ("FBA", "海外仓", "深圳仓")
    held = by_place(*(("A", "US", name, ago(days_ago), float(count))
                      for name, count in zip(names, counts, strict=True)))  # fmt: skip
    found = positions(
        stock(("A", "US", ago(days_ago), sum(counts), inbound, 0)),
        orders(
            order(received_on=ago(2), quantity_received=float(arrived)),
            order(open_quantity=float(shipped), shipped_on=ago(9)),
            order(open_quantity=float(ordered)),
        ),
        [("A", 1, float(sold))],
        held,
    ).loc[0]
    assert found[list(PLACES)].sum() == pytest.approx(found["on_hand"])
    assert (found[list(PLACES)] >= 0).all()
    everywhere = found[[*PLACES, "in_transit", "at_supplier"]].sum() - found["reserved"]
    assert everywhere == pytest.approx(found["inventory_position"])
