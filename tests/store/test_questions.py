"""What the store answers, on small tables worked out by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analytics.errors import UnknownJudgementError
from analytics.store import Store

from .sheets import cell, counts, order, sheet


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path) as opened:
        yield opened


def change(store, *statements):
    with store._database.transaction() as cursor:
        for statement in statements:
            cursor.execute(statement)


def part(bundle, sku, quantity):
    return {"bundle": bundle, "sku": sku, "quantity": float(quantity)}


def units(store):
    frame = store.daily_sales()
    return {(row.sku, row.market, f"{row.date:%m-%d}"): row.units for row in frame.itertuples()}


def days(store):
    return [
        (row.market, f"{row.starts_on:%m-%d}", f"{row.ends_on:%m-%d}")
        for row in store.coverage().itertuples()
    ]


def test_what_was_sent_back_was_demand_and_what_was_cancelled_was_not(store):
    store.load(
        [
            sheet(
                order("1", "A", 5, unit_price=10.0),
                order("2", "A", 3, status="cancelled"),
                order("3", "A", -2, status="returned"),
                order("4", "A", 0),
                order("5", "A", 7, day="2026-01-09", status="returned", unit_price=10.0),
                order("6", "POST", 1, status="not_product"),
            )
        ]
    )
    assert units(store) == {("A", "US", "01-05"): 5.0, ("A", "US", "01-09"): 7.0}
    [item] = store.items().to_dict("records")
    assert (item["units"], item["price"]) == (12.0, 10.0)
    assert item["last_sale"] == pd.Timestamp("2026-01-09")


def test_a_reversal_within_a_week_takes_one_sale_of_that_customer_back(store):
    store.load(
        [
            sheet(
                order("1", "A", 5, day="2026-01-01", customer="c1"),
                order("2", "A", 5, day="2026-01-03", customer="c1"),
                order("3", "A", 5, day="2026-01-03", customer="c2"),
                order("C1", "A", -5, day="2026-01-08", customer="c1", status="cancelled"),
            )
        ]
    )
    assert units(store) == {("A", "US", "01-01"): 5.0, ("A", "US", "01-03"): 5.0}


def test_a_reversal_needs_the_opposite_quantity_the_same_sku_and_seven_days(store):
    store.load(
        [
            sheet(
                order("1", "A", 5, day="2026-01-01", customer="c1"),
                order("2", "B", 3, day="2026-01-06", customer="c1"),
                order("3", "C", 2, day="2026-01-09", customer="c1"),
                order("C1", "A", -5, day="2026-01-09", customer="c1", status="cancelled"),
                order("C2", "B", -2, day="2026-01-09", customer="c1", status="cancelled"),
                order("C3", "C", -2, day="2026-01-08", customer="c1", status="cancelled"),
                order("C4", "C", -2, day="2026-01-09", customer=None, status="cancelled"),
            )
        ]
    )
    assert len(units(store)) == 3


def test_a_reversal_in_another_import_counts_by_order_and_goes_with_its_import(store):
    store.load([sheet(order("1", "A", 5), order("2", "A", 1))])
    store.load([sheet(order("1", "a", -5, day="2026-01-07", status="returned"))])
    assert units(store) == {("A", "US", "01-05"): 1.0}  # the return replaced the order's line
    store.undo(2)
    assert units(store) == {("A", "US", "01-05"): 6.0}


def test_totals_of_weeks_and_months_are_spread_over_their_days(store):
    store.load([sheet(cell("A", 14, day="2026-01-05"), grain="week")])
    store.load([sheet(cell("B", 28, day="2026-02-10"), grain="month")])
    frame = store.daily_sales()
    per_sku = frame.groupby("sku")["units"].agg(["count", "sum", "max"]).to_numpy().tolist()
    assert per_sku == [[7, 14.0, 2.0], [28, 28.0, 1.0]]
    assert days(store) == [("US", "01-05", "01-11"), ("US", "02-01", "02-28")]


def test_the_finer_total_wins_where_it_covers_the_same_sku(store):
    store.load([sheet(cell("A", 310), cell("B", 31), grain="month", shop="s")])
    daily = [cell("A", 1, day=f"2026-01-{day}") for day in (16, 17, 31)]
    store.load([sheet(*daily, grain="day", shop="s")])
    store.load([sheet(order("1", "A", 3, day="2026-01-17"), shop="s")])
    frame = store.daily_sales().set_index(["sku", "date"])["units"]
    a = frame["A"]
    assert a[:"2026-01-15"].tolist() == [10.0] * 15
    assert a["2026-01-16":].to_dict() == {
        pd.Timestamp("2026-01-16"): 1.0,
        pd.Timestamp("2026-01-17"): 3.0,
        pd.Timestamp("2026-01-31"): 1.0,
    }
    assert frame["B"].sum() == 31.0


def test_a_file_covers_all_its_days_for_each_market_it_holds(store):
    store.load(
        [
            sheet(
                order("1", "A", 1, day="2026-01-05"),
                order("2", "A", 1, day="2026-01-09", market="DE"),
                order("3", "POST", 1, day="2026-01-10", market="FR", status="not_product"),
            )
        ]
    )
    store.load([sheet(order("4", "A", 1, day="2026-01-11"))])
    store.load([sheet(order("5", "A", 1, day="2026-02-01"))])
    assert days(store) == [
        ("DE", "01-05", "01-10"),
        ("US", "01-05", "01-11"),
        ("US", "02-01", "02-01"),
    ]
    store.undo(2)
    assert days(store)[1] == ("US", "01-05", "01-10")


def test_an_item_is_covered_by_the_files_of_the_shops_in_which_it_sold(store):
    store.load(
        [
            sheet(
                order("1", "A", 1, day="2026-01-05"),
                order("2", "B", 1, day="2026-01-09", market="FR"),
                order("3", "C", 1, day="2026-01-08", status="cancelled"),
                shop="web",
            ),
            sheet(order("4", "A", 1, day="2026-01-10"), shop="web"),
            sheet(order("5", "a", 1, day="2026-02-01"), shop="shelf"),
        ]
    )
    store.load([sheet({"country": "FR", "market": "US"}, kind="markets")])
    found = [
        (row.sku, row.market, row.shop, f"{row.starts_on:%m-%d}", f"{row.ends_on:%m-%d}")
        for row in store.item_coverage().itertuples()
    ]
    assert found == [
        ("A", "US", "shelf", "02-01", "02-01"),
        ("A", "US", "web", "01-05", "01-10"),
        ("B", "US", "web", "01-05", "01-10"),
    ]


def test_pooled_markets_aliases_and_bundles_apply_on_read(store):
    store.load(
        [
            sheet(
                order("1", "A", 1, market="DE", unit_price=10.0),
                order("2", "A-old", 2, market="FR", unit_price=20.0),
                order("3", "Set", 3, market="DE", unit_price=99.0),
            )
        ]
    )
    pooled = [{"country": "DE", "market": "EU"}, {"country": "FR", "market": "EU"}]
    parts = [part("Set", "A", 2), part("Set", "Cup", 1)]
    store.load(
        [
            sheet(*pooled, kind="markets"),
            sheet({"alias": "A-OLD", "sku": "A"}, kind="aliases"),
            sheet(*parts, kind="bundles"),
        ]
    )
    assert units(store) == {("A", "EU", "01-05"): 9.0, ("Cup", "EU", "01-05"): 3.0}
    assert days(store) == [("EU", "01-05", "01-05")]
    items = store.items().set_index("sku")
    assert items["market"].tolist() == ["EU", "EU"]
    assert items.loc["A", "price"] == pytest.approx(50 / 3)  # a bundle's price is no part's
    assert np.isnan(items.loc["Cup", "price"])
    for number in (2, 3, 4):
        store.undo(number)
    assert units(store) == {
        ("A", "DE", "01-05"): 1.0,
        ("A-old", "FR", "01-05"): 2.0,
        ("Set", "DE", "01-05"): 3.0,
    }


def test_order_lines_that_a_newer_file_no_longer_holds_are_told(store):
    store.load([sheet(order("1", "A", 2), order("1", "A", 1), order("2", "B", 4))])
    [account] = store.load([sheet(order("1", "A", 2))])
    assert counts(account) == (0, 0, 1, 0, 0)
    assert account.remarks == (("lines_gone", {"lines": 1, "orders": 1}),)
    assert store.daily_sales()["units"].sum() == 2 + 4
    [again] = store.load([sheet(order("1", "A", 3), order("2", "B", 4))])
    assert (counts(again), again.remarks) == ((0, 1, 1, 0, 0), ())


def test_names_are_followed_to_the_end_and_circles_are_said(store):
    store.load([sheet(order("1", "A", 1), order("2", "X", 2), order("3", "Z", 4))])
    chain = [
        {"alias": "A", "sku": "B"},
        {"alias": "B", "sku": "C"},
        {"alias": "X", "sku": "Y"},
        {"alias": "Y", "sku": "X"},
        {"alias": "Z", "sku": "Q"},
        {"alias": "Z", "sku": "Z2"},
    ]
    [account] = store.load([sheet(*chain, kind="aliases")])
    assert counts(account) == (6, 0, 0, 0, 0)
    assert account.remarks == (("aliases_in_circles", {"count": 2, "example": "x"}),)
    assert units(store) == {
        ("C", "US", "01-05"): 1.0,
        ("X", "US", "01-05"): 2.0,
        ("Z2", "US", "01-05"): 4.0,
    }
    [account] = store.load([sheet({"alias": "y", "sku": "B"}, kind="aliases")])
    assert (counts(account), account.remarks) == ((0, 1, 0, 0, 0), ())
    assert units(store)["C", "US", "01-05"] == 3.0
    [account] = store.load([sheet(*chain[:2], kind="aliases")])
    assert counts(account) == (0, 0, 2, 0, 0)


def test_the_newest_file_that_names_a_bundle_says_all_that_it_holds(store):
    store.load([sheet(order("1", "Set", 1), order("2", "Old set", 10))])
    store.load(
        [sheet(part("Set", "A", 2), part("Set", "Pair", 1), part("Pair", "B-1", 2), kind="bundles")]
    )
    store.load(
        [sheet({"alias": "Old set", "sku": "Set"}, {"alias": "B-1", "sku": "B"}, kind="aliases")]
    )
    assert units(store) == {("A", "US", "01-05"): 22.0, ("B", "US", "01-05"): 22.0}
    [account] = store.load([sheet(part("Set", "A", 3), kind="bundles")])
    assert counts(account) == (0, 1, 0, 0, 0)
    assert units(store) == {("A", "US", "01-05"): 33.0}
    [account] = store.load([sheet(part("Set", "Pair", 1), part("Pair", "Set", 1), kind="bundles")])
    assert account.remarks == (("bundles_in_circles", {"count": 2, "example": "pair"}),)
    assert units(store) == {("Set", "US", "01-05"): 11.0}
    [account] = store.load([sheet(part("Set", "Set", 1), kind="bundles")])
    assert account.remarks == ()  # it was taken back
    assert units(store) == {("Set", "US", "01-05"): 11.0}


def test_an_item_is_sold_or_stocked_or_ordered_in_a_market(store):
    store.load(
        [
            sheet(order("1", "Sold", 1), order("2", "Gone", 1, status="cancelled")),
            sheet(
                {"sku": "Stocked", "on_hand": 4.0, "market": "DE"},
                {"sku": "Central", "on_hand": 4.0, "market": None},
                kind="stock",
            ),
            sheet(
                {"sku": "Ordered", "quantity": 9.0, "ordered_on": "2026-01-01", "market": "DE"},
                kind="purchase_orders",
            ),
            sheet({"sku": "Listed"}, kind="products"),
        ]
    )
    items = store.items()
    assert items[["sku", "market", "units"]].to_numpy().tolist() == [
        ["Gone", "US", 0.0],
        ["Ordered", "DE", 0.0],
        ["Sold", "US", 1.0],
        ["Stocked", "DE", 0.0],
    ]
    assert items["first_sale"].isna().tolist() == [True, True, False, True]


def test_a_product_is_described_by_its_market_first_and_by_its_newest_word(store):
    store.load([sheet(order("1", "A", 2, unit_price=9.0, currency="USD", name="sold as"))])
    store.load(
        [
            sheet(
                {"sku": "a", "name": "Cup", "category": "Kitchen", "unit_cost": 3.0, "moq": 100.0},
                kind="products",
                currency="CNY",
            )
        ]
    )
    [account] = store.load(
        [
            sheet(
                {"sku": "A", "market": None, "unit_cost": 4.0},
                {"sku": "A", "market": "US", "unit_cost": 5.0},
                {"sku": "A", "market": "DE", "unit_cost": 6.0},
                kind="products",
                currency="CNY",
            )
        ]
    )
    assert counts(account) == (2, 1, 0, 0, 0)
    [item] = store.items().to_dict("records")
    assert (item["name"], item["category"], item["moq"]) == ("Cup", "Kitchen", 100.0)
    assert (item["unit_cost"], item["currency"]) == (5.0, "CNY")
    assert (item["price"], item["price_currency"]) == (9.0, "USD")
    [account] = store.load(
        [sheet({"sku": "A", "name": "Cup"}, {"sku": "A", "market": "US"}, kind="products")]
    )
    assert counts(account) == (0, 0, 2, 0, 0)


def product(store, currency, **said):
    store.load([sheet({"sku": "A", **said}, kind="products", currency=currency)])


def test_an_amount_keeps_the_currency_of_the_row_that_states_it(store):
    store.load([sheet(order("1", "A", 2))])
    product(store, "CNY", unit_cost=30.0, storage_fee=2.0)
    product(store, "USD", market="US", salvage_value=1.5)
    [item] = store.items().to_dict("records")
    assert (item["unit_cost"], item["currency"]) == (30.0, "CNY")
    assert (item["storage_fee"], item["storage_currency"]) == (2.0, "CNY")
    assert (item["salvage_value"], item["salvage_currency"]) == (1.5, "USD")
    scope = '{"sku": "A", "market": "US"}'
    store.judge("item", {scope: '{"salvage_value": 9.0}'})  # typed beside the cost: in its currency
    [item] = store.items().to_dict("records")
    assert (item["salvage_value"], item["salvage_currency"]) == (9.0, "CNY")
    store.judge("item", {scope: '{"salvage_value": 9.0, "currency": "EUR"}'})
    [item] = store.items().to_dict("records")
    assert {item[name] for name in ("currency", "storage_currency", "salvage_currency")} == {"EUR"}


def test_an_amount_without_any_cost_has_its_currency_too(store):
    store.load([sheet(order("1", "A", 2))])
    product(store, "USD", market="US", salvage_value=1.5, storage_fee=0.3)
    [item] = store.items().to_dict("records")
    assert np.isnan(item["unit_cost"])
    assert {item[name] for name in ("currency", "storage_currency", "salvage_currency")} == {"USD"}


def test_a_price_is_the_mean_of_what_was_paid_until_the_day(store):
    week = {"sku": "A", "market": "US", "grain": "week", "date": "2026-03-02"}
    store.load(
        [
            sheet(
                order("1", "A", 2, day="2026-01-05", unit_price=10.0, currency="USD"),
                order("2", "A", 8, day="2026-02-05", unit_price=20.0, currency="USD"),
                order("3", "A", 90, day="2026-02-06", unit_price=100.0, currency="CNY"),
            ),
            sheet({**week, "quantity": 1000.0, "unit_price": 1.0, "currency": "USD"}),
        ]
    )

    def price(*day):
        [item] = store.items(*day).to_dict("records")
        assert item["units"] == 1100.0  # what is planned is the same on every day
        return item["price"], item["price_currency"]

    assert price(date(2026, 2, 5)) == (18.0, "USD")
    assert price(date(2026, 2, 4)) == (10.0, "USD")
    assert price(date(2026, 3, 7)) == (100.0, "CNY")  # the week is not over
    assert price(date(2026, 3, 8)) == price() == (1180 / 1010, "USD")
    assert np.isnan(price(date(2026, 1, 4))[0])


def test_stock_is_summed_over_warehouses_and_counted_anew_by_key(store):
    count = {"sku": "A", "market": "US", "date": "2026-01-31"}
    store.load(
        [
            sheet(
                {**count, "warehouse": "east", "on_hand": 4.0, "inbound": 5.0},
                {**count, "warehouse": "west", "on_hand": 6.0, "inbound": None},
                {**count, "warehouse": "west", "on_hand": 1.0, "inbound": None},
                kind="stock",
            )
        ]
    )
    [account] = store.load(
        [
            sheet(
                {**count, "warehouse": "east", "on_hand": 2.0, "inbound": 5.0},
                {**count, "warehouse": None, "date": None, "on_hand": 3.0, "inbound": None},
                kind="stock",
            )
        ]
    )
    assert counts(account) == (1, 1, 0, 0, 0)
    stock = store.stock_history()
    assert stock[["on_hand", "inbound", "reserved"]].to_numpy().tolist() == [[9, 5, 0], [3, 0, 0]]
    assert stock["date"].isna().tolist() == [False, True]


def counts_of(store):
    return [
        (row.sku, f"{row.date:%m-%d}", row.on_hand, row.inbound)
        for row in store.stock_history().itertuples()
    ]


def test_warehouses_counted_on_different_days_stand_at_their_latest_counts(store):
    lists = [
        ("2026-05-20", "FBA", 80.0, 5.0),
        ("2026-05-27", "3PL", 1000.0, 2.0),
        ("2026-05-28", "FBA", 50.0, 1.0),
        ("2026-05-30", "3PL", 4.0, 1.0),
    ]
    for day, warehouse, on_hand, inbound in lists:
        row = {"sku": "A", "on_hand": on_hand, "inbound": inbound, "warehouse": warehouse}
        store.load([sheet({**row, "date": day, "market": "US"}, kind="stock")])
    assert counts_of(store) == [
        ("A", "05-20", 80.0, 5.0),
        ("A", "05-27", 1080.0, 7.0),
        ("A", "05-28", 1050.0, 3.0),
        ("A", "05-30", 54.0, 2.0),
    ]


def test_a_list_without_warehouses_tells_of_all_of_them_until_one_names_some(store):
    lists = [
        ("2026-05-20", "FBA", 80.0),
        ("2026-05-21", None, 100.0),
        ("2026-05-22", None, 90.0),
        ("2026-05-23", "FBA", 0.1),
        ("2026-05-24", "3PL", 0.2),
        ("2026-05-25", None, 7.0),
    ]
    for day, warehouse, on_hand in lists:
        row = {"sku": "A", "on_hand": on_hand, "warehouse": warehouse, "date": day}
        store.load([sheet({**row, "market": "US"}, kind="stock")])
    found = store.stock_history()["on_hand"].tolist()
    assert found == [80.0, 100.0, 90.0, 0.1, 0.3, 7.0]


@pytest.mark.parametrize(
    ("sold_in", "placed"), [("unspecified", "unspecified"), ("US", None), (None, None)]
)
def test_stock_without_a_market_belongs_to_the_only_unnamed_one_or_to_nobody(
    store, sold_in, placed
):
    if sold_in:
        store.load([sheet(order("1", "A", 1, market=sold_in))])
    store.load([sheet({"sku": "A", "on_hand": 4.0, "market": "unspecified"}, kind="stock")])
    [market] = store.stock_history()["market"].astype(object).where(lambda m: m.notna(), None)
    assert market == placed


def test_open_quantity_of_purchase_orders(store):
    line = {"sku": "A", "quantity": 100.0, "ordered_on": "2026-01-01", "market": "US"}
    none = {"received_on": None, "quantity_received": None}
    store.load(
        [
            sheet(
                {**line, **none, "order_id": "open"},
                {**line, "order_id": "closed", "received_on": "2026-02-01"},
                {
                    **line,
                    "order_id": "partly",
                    "received_on": "2026-02-01",
                    "quantity_received": 60.0,
                },
                {
                    **line,
                    "order_id": "twice",
                    "received_on": "2026-02-01",
                    "quantity_received": 60.0,
                },
                {
                    **line,
                    "order_id": "twice",
                    "received_on": "2026-02-09",
                    "quantity_received": 30.0,
                },
                {
                    **line,
                    "order_id": "split",
                    "received_on": "2026-02-01",
                    "quantity_received": 100.0,
                },
                {**line, **none, "order_id": "split"},
                {
                    **line,
                    "order_id": "more",
                    "received_on": "2026-02-01",
                    "quantity_received": 110.0,
                },
                kind="purchase_orders",
            )
        ]
    )
    orders = store.purchase_orders()
    assert list(zip(orders["order_id"], orders["open_quantity"], strict=True)) == [
        ("open", 100.0), ("closed", 0.0), ("partly", 40.0), ("twice", 0.0), ("twice", 10.0),
        ("split", 0.0), ("split", 100.0), ("more", 0.0),
    ]  # fmt: skip


def test_an_order_without_a_market_is_for_the_only_one_that_it_can_be_for(store):
    line = {"quantity": 9.0, "ordered_on": "2026-01-01", "market": None}
    store.load(
        [
            sheet({**line, "sku": "a"}, {**line, "sku": "New"}, kind="purchase_orders"),
            sheet(order("1", "A", 1), order("2", "B", 1)),
        ]
    )

    def placed():
        orders = store.purchase_orders()
        market = orders["market"].astype(object).where(orders["market"].notna(), None)
        return dict(zip(orders["sku"], market, strict=True))

    def listed():
        items = store.items()
        return set(zip(items["sku"], items["market"], strict=True))

    assert set(placed().values()) == {"US"}
    assert listed() == {(sku, "US") for sku in [*placed(), "B"]}
    store.load([sheet(order("3", "B", 1, market="DE"))])
    assert sorted(placed().values(), key=str) == [None, "US"]
    assert {sku.casefold() for sku, market in placed().items() if market} == {"a"}
    store.load([sheet(order("4", "A", 1, market="DE"))])
    assert set(placed().values()) == {None}


def test_a_later_export_of_an_order_replaces_the_open_line_by_its_receipts(store):
    line = {"order_id": "7", "sku": "A", "quantity": 100.0, "ordered_on": "2026-01-01"}
    loose = {**line, "order_id": None, "supplier": "Mei"}
    store.load([sheet(line, loose, kind="purchase_orders")])
    [account] = store.load(
        [
            sheet(
                {**line, "received_on": "2026-02-01", "quantity_received": 60.0},
                {**line, "received_on": "2026-02-09", "quantity_received": 40.0},
                loose,
                kind="purchase_orders",
            )
        ]
    )
    assert counts(account) == (1, 1, 1, 0, 0)
    orders = store.purchase_orders()
    assert orders["open_quantity"].tolist() == [0.0, 0.0, 100.0]
    assert orders["market"].isna().all()


def test_events_rates_and_routes_are_the_newest_of_their_key(store):
    event = {"name": "Sale", "starts_on": "2026-06-01", "ends_on": "2026-06-03"}
    rate = {"currency": "USD", "date": "2026-01-01"}
    route = {"market": "US", "route": "sea"}
    store.load(
        [
            sheet({**event, "demand_uplift_pct": 50.0}, kind="events"),
            sheet({**rate, "rate": 7.1}, kind="rates"),
            sheet({**route, "transit_days": 30.0}, kind="routes"),
        ]
    )
    accounts = store.load(
        [
            sheet({**event, "demand_uplift_pct": 80.0}, kind="events"),
            sheet({**rate, "rate": 7.2}, kind="rates"),
            sheet({**route, "transit_days": 30.0}, kind="routes"),
        ]
    )
    assert [counts(account)[:3] for account in accounts] == [(0, 1, 0), (0, 1, 0), (0, 0, 1)]
    assert store.events()["demand_uplift_pct"].tolist() == [80.0]
    assert store.rates()["rate"].tolist() == [7.2]
    assert store.routes()["transit_days"].tolist() == [30.0]
    store.undo(accounts[1].import_id)
    assert store.rates()["rate"].tolist() == [7.1]


def test_settings_are_kept_and_move_the_version(store):
    before = store.version
    store.save_setting("base_currency", "CNY")
    store.save_setting("base_currency", "USD")
    assert store.settings() == {"base_currency": "USD"}
    assert store.version != before


def made(*keys, mean=1.5):
    """Forecasts as the store takes them, two weeks each."""
    one = {"group": "account", "season_strength": 0.2, "member": "ses"}
    lists = {"weights": [0.4, 0.6], "sd": [0.5, 0.5], "mean": [mean, mean]}
    lists |= {"cumulative_mean": [mean, 2 * mean], "cumulative_sd": [0.5, 0.7]}
    return pa.Table.from_pylist([{"key": key, **one, **lists} for key in keys])


def test_a_run_of_forecasts_comes_back_in_its_order_and_only_what_is_new_is_given(store):
    version = store.version
    assert store.forecast_background("r1") is None
    store.save_forecasts("r1", b"taught", ["k2", "k1"], made("k1", "k2"))
    store.save_forecasts("r2", b"again", ["k3", "k2"], made("k3", mean=9.0))
    assert store.forecast_background("r1") == b"taught"
    assert store.run_forecasts("r1")["key"].to_pylist() == ["k2", "k1"]
    second = store.run_forecasts("r2")
    assert second["key"].to_pylist() == ["k3", "k2"]
    assert second["mean"].to_pylist() == [[9.0, 9.0], [1.5, 1.5]]
    assert store.known_forecasts(["k1", "k3", "other"])["key"].to_pylist() == ["k1", "k3"]
    assert store.version == version


def test_only_the_newest_runs_stay_and_only_the_forecasts_that_they_hold(store):
    for number in range(6):
        keys = [f"k{number}", "shared"]
        store.save_forecasts(f"r{number}", b"", keys, made(*keys))
    kept = [store.forecast_background(f"r{number}") is not None for number in range(6)]
    assert kept == [False, False, True, True, True, True]
    known = store.known_forecasts(["shared", *(f"k{number}" for number in range(6))])
    assert known["key"].to_pylist() == ["k2", "k3", "k4", "k5", "shared"]
    store.save_forecasts("r5", b"", ["shared"], made("shared").slice(1))
    assert store.run_forecasts("r5")["key"].to_pylist() == ["shared"]


def test_a_judgement_takes_the_place_of_an_earlier_one_and_all_are_remembered(store):
    before = store.version
    [first] = store.judge("pin", {'{"sku": "A"}': '"ets"'}, who="Lin")
    both = {'{"sku": "A"}': '"arima"', '{"sku": "B"}': '"ets"'}
    second, _ = store.judge("pin", both, reason="promotion", who="Mei")
    assert store.version != before
    standing = store.judgements("pin")
    assert standing["body"].tolist() == ['"arima"', '"ets"']
    assert standing["judgement_id"].tolist() == [second, second + 1]
    store.withdraw(second, who="Lin")
    assert store.judgements("pin")["scope"].tolist() == ['{"sku": "B"}']
    journal = store.all_judgements().set_index("judgement_id")
    assert journal.loc[first, "withdrawn_by"] == "Mei"
    assert journal.loc[second, "withdrawn_by"] == "Lin"
    with pytest.raises(UnknownJudgementError):
        store.withdraw(second)


def test_the_finer_file_wins_the_days_it_tells_of_and_the_page_can_say_so(store):
    """January by the month, its second week by the week, two days of that by the day."""
    [month] = store.load([sheet(cell("A", 310, day="2026-01-01"), grain="month", shop="s")])
    assert month.remarks == ()
    [week] = store.load([sheet(cell("A", 70, day="2026-01-05"), grain="week", shop="s")])
    assert week.remarks == (("replaces_coarser", {"rows": 1}),)
    daily = [cell("A", 1, day="2026-01-06"), cell("A", 2, day="2026-01-07")]
    [day] = store.load([sheet(*daily, grain="day", shop="s")], dry_run=True)
    assert day.remarks == (("replaces_coarser", {"rows": 2}),)
    store.load([sheet(*daily, grain="day", shop="s")])
    assert store.daily_sales()["units"].sum() == pytest.approx(24 * 10 + 5 * 10 + 3)
    assert store.items()["units"].tolist() == [pytest.approx(24 * 10 + 5 * 10 + 3)]
    [more] = store.load([sheet(cell("A", 300, day="2026-01-01"), grain="month", shop="s")])
    assert (counts(more), more.cells_changed) == ((0, 1, 0, 0, 0), 1)
    assert more.remarks == (("finer_stands", {"rows": 1}),)
    store.undo(3)
    assert store.daily_sales()["units"].sum() == pytest.approx(300 * 24 / 31 + 70)
    store.undo(2)
    assert store.daily_sales()["units"].sum() == pytest.approx(300)


def test_days_and_months_in_one_sheet_are_told_apart_by_their_own_ranges(store):
    lines = [
        {**cell("A", 31, day="2026-01-01"), "grain": "month"},
        {**cell("A", 28, day="2026-02-01"), "grain": "month"},
        {**cell("A", 5, day="2026-02-03"), "grain": "day"},
    ]
    [account] = store.load([sheet(*lines, shop="s")])
    assert account.remarks == (("finer_stands", {"rows": 1}),)
    assert store.daily_sales()["units"].sum() == pytest.approx(31 + 27 + 5)


def test_another_shop_or_sku_is_no_finer_file(store):
    store.load([sheet(cell("A", 310, day="2026-01-01"), grain="month", shop="s")])
    [other] = store.load([sheet(cell("A", 5, day="2026-01-06"), grain="day", shop="t")])
    [sku] = store.load([sheet(cell("B", 5, day="2026-01-06"), grain="day", shop="s")])
    assert (other.remarks, sku.remarks) == ((), ())
    assert store.daily_sales()["units"].sum() == pytest.approx(320)


def test_choices_are_remembered_by_shape_and_can_be_forgotten(store):
    version = store.version
    assert store.mapping("f1") is None
    store.save_mapping("f1", '{"kind": "sales"}')
    store.save_mapping("f2", "a")
    store.save_mapping("f1", "b")
    assert (store.mapping("f1"), store.mapping("f2")) == ("b", "a")
    assert store.mappings()["fingerprint"].tolist() == ["f1", "f2"]
    store.forget_mapping("f1")
    assert store.mappings()["fingerprint"].tolist() == ["f2"]
    assert store.version == version  # no number depends on it


def test_a_day_tells_its_lines_its_largest_one_and_its_price_in_the_usual_currency(store):
    store.load(
        [
            sheet(
                order("1", "A", 2, unit_price=10.0, currency="USD"),
                order("2", "A", 6, unit_price=8.0, currency="USD"),
                order("3", "A", 1, unit_price=99.0, currency="CNY"),
                order("4", "A", 3, status="returned", unit_price=10.0, currency="USD"),
                order("5", "A", 4, status="cancelled", unit_price=1.0, currency="USD"),
            )
        ]
    )
    [row] = store.daily_sales().to_dict("records")
    assert (row["units"], row["orders"], row["largest"]) == (12, 4, 6)
    assert row["price"] == pytest.approx((2 * 10 + 6 * 8 + 3 * 10) / 11)
    assert store.daily_returns()["returned"].tolist() == [3]
