"""The inbox: what is an alarm, what waiting costs, and what people make of it."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics.errors import (
    EmptyReasonError,
    NoDataError,
    OutOfBoundsError,
    ReadOnlyWorkspaceError,
    TooLongTextError,
    UnknownAlertError,
    UnknownFieldError,
)
from analytics.i18n import LANGUAGES, Translator, catalog
from analytics.reporting import digest
from analytics.scenario import Scenario
from analytics.services import (
    alert_causes,
    alert_settings,
    alerting,
    ledger,
    planning,
    replenishment,
)
from analytics.store import Store
from tests.services.shops import LAST, day, products, receipts, sales, stock
from tests.store.sheets import sheet

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


def priced(*skus):
    return products(*({"sku": sku, "price": 10.0, "unit_cost": 4.0, "currency": "USD"}
                      for sku in skus))  # fmt: skip


def shop(store, on_hand, *more):
    """A shop that sells 4 mugs a day and waits 30 days for more."""
    store.load([sales(), stock(("MUG", on_hand)), receipts(), priced("MUG"), *more])


def only(store, kind=None, **more):
    table = alerting.alerts(store, **more).table
    table = table if kind is None else table.loc[table["kind"] == kind]
    [row] = table.to_dict("records")
    return row


def kinds(store):
    return alerting.alerts(store).table["kind"].tolist()


def open_order(placed_ago, quantity=300.0, **more):
    told = {"sku": "MUG", "order_id": "PO7", "quantity": quantity, "market": "US", "route": "sea",
            "ordered_on": day(placed_ago)}  # fmt: skip
    return sheet(told | more, kind="purchase_orders")


# What is an alarm


def test_an_empty_workspace_says_so(store):
    with pytest.raises(NoDataError):
        alerting.alerts(store)


def test_stock_that_ends_before_an_order_can_arrive_is_told_once_with_what_waiting_costs(store):
    shop(store, 40)
    row = only(store)  # and not once more as below its warning line
    assert (row["kind"], row["action"], row["state"]) == ("stockout_ahead", "order", "open")
    assert row["alert_id"] == "stockout_ahead|MUG|US|"
    assert row["due_on"] == pd.Timestamp(LAST + timedelta(days=11))  # 40 units last 10 days
    # 4 a day, each sale earns 10 less 15 % less 4
    assert row["money_per_day"] == pytest.approx(4 * (10 * 0.85 - 4), rel=0.02)
    basis = planning.basis(store)
    assert row["units"] == pytest.approx(4 * (basis.lead_times.lines["lead_time_mean"][0] - 11),
                                         abs=4.5)  # fmt: skip


def test_an_open_order_that_comes_in_time_leaves_no_alarm(store):
    shop(store, 40)
    assert kinds(store) == ["stockout_ahead"]
    shop(store, 40, open_order(25, 600.0))
    assert kinds(store) == []


def test_a_gap_before_a_late_order_is_told_and_the_order_is_to_be_hurried(store):
    shop(store, 40, open_order(5, 600.0))
    row = only(store)
    assert (row["kind"], row["action"]) == ("stockout_ahead", "expedite")
    assert row["facts"]["next_on"] > row["facts"]["stockout_on"]


def test_below_the_warning_line_is_max_of_twice_safety_stock_and_reorder_point(store):
    shop(store, 170)
    line = replenishment.plan(store, Scenario()).lines.iloc[0]
    assert line["warning_line"] == max(
        np.ceil(2 * line["safety_stock"] - 1e-9), line["reorder_point"]
    )
    at_line = stock(("MUG", line["warning_line"]))
    store.load([at_line])
    assert kinds(store) == ["warning_line"]
    row = only(store)
    assert row["facts"]["warning_line"] == line["warning_line"]
    assert row["units"] == 0
    store.load([stock(("MUG", line["warning_line"] + 60))])
    assert kinds(store) == []


def test_an_overdue_order_is_told_by_its_own_lead_times_and_by_its_promise(store):
    shop(store, 400, open_order(60))  # all six took 30 days
    row = only(store, "order_overdue")
    assert (row["alert_id"], row["action"]) == ("order_overdue|||PO7", "ask_supplier")
    assert row["facts"]["says"] == "order_overdue"
    assert row["facts"]["chance"] >= 0.9
    assert row["since_on"] < pd.Timestamp(LAST)


def test_a_young_order_is_overdue_a_week_after_the_day_it_was_promised_for(store):
    shop(store, 400, open_order(12, expected_on=day(6)))
    assert kinds(store) == []
    shop(store, 400, open_order(12, expected_on=day(8)))
    row = only(store, "order_overdue")
    assert row["facts"]["says"] == "order_promised"


def test_an_order_whose_items_all_run_out_is_told_with_them(store):
    shop(store, 8, open_order(60))
    row = only(store)
    assert (row["kind"], row["action"], row["order_id"]) == (
        "stockout_ahead", "ask_supplier", "PO7",
    )  # fmt: skip


def test_more_on_order_than_the_plan_needs_is_to_be_held_and_says_the_advice(store):
    shop(store, 400)
    assert kinds(store) == []
    wish = ledger.Decision(sku="MUG", market="US", quantity=5_000.0, suggested_quantity=300.0)
    ledger.decide(store, [wish], decided_on=LAST, who="Lin")
    row = only(store, "over_order")
    assert (row["action"], row["facts"]["says"]) == ("hold_order", "over_order_accepted")
    assert row["facts"]["advised_quantity"] == 300.0
    assert 3_000 < row["units"] <= 5_000
    assert 0 < row["money_per_day"] < 5_000 * 4 / 365  # capital, far below the goods themselves


def test_old_stock_that_turns_dear_before_it_sells_is_to_be_cleared(store):
    old = sheet({"sku": "MUG", "order_id": "PO1", "quantity": 2_000.0, "quantity_received": 2_000.0,
                 "ordered_on": day(195), "received_on": day(165), "market": "US",
                 "route": "sea"}, kind="purchase_orders")  # fmt: skip
    store.load([sales(), stock(("MUG", 900)), priced("MUG"), old])
    row = only(store, "ageing_soon")
    assert row["action"] == "clear"
    assert row["due_on"] == pd.Timestamp(LAST + timedelta(days=181 - 165))
    assert row["units"] == pytest.approx(900 - 16 * 4, abs=8)


# Unusual sales


def changed_week(factor, sku="MUG", **more):
    """Sales of 4 a day, and of ``factor`` times as many in the last week."""
    rows = [
        {"sku": sku, "quantity": 4.0 * (factor if ago < 7 else 1), "date": day(ago), **more}
        for ago in range(210)
    ]
    return sheet(*rows, market="US")


@pytest.mark.parametrize(
    ("factor", "kind", "action"),
    [(4, "sales_up", "raise_order"), (0.25, "sales_down", "check_listing")],
)
def test_a_week_that_is_no_chance_is_told_with_what_was_expected(store, factor, kind, action):
    store.load([changed_week(factor), stock(("MUG", 900)), receipts(), priced("MUG")])
    row = only(store, kind)
    assert (row["action"], row["cause"]) == (action, "unexplained")
    assert row["facts"]["sold"] == pytest.approx(28 * factor)
    assert row["facts"]["expected"] == pytest.approx(28, rel=0.02)
    gain = pytest.approx(abs(factor - 1) * 4 * 4.5, rel=0.05)
    assert row["money_per_day"] == (0 if factor > 1 else gain)  # 900 in stock: nothing runs short
    told = alerting.unusual_sales(store)
    assert told["money_per_day"].tolist() == [gain]
    assert told[["sku", "kind", "is_alarm"]].to_numpy().tolist() == [["MUG", kind, True]]


def test_high_sales_cost_what_would_run_short_if_they_go_on(store):
    """250 in stock last at 4 a day; at 16 a day they do not until an order of today is there."""
    store.load([changed_week(4), stock(("MUG", 250)), receipts(), priced("MUG")])
    row = only(store, "sales_up")
    basis = planning.basis(store)
    days = np.ceil(basis.lead_times.lines["lead_time_mean"][0])
    ahead = basis.demand_by_day[0, int(days) - 2]
    short = max(ahead + 12 * (days - 1) - 250, 0) - max(ahead - 250, 0)
    assert 50 < short < 300
    assert row["facts"]["says"] == "sales_up_short"
    assert row["facts"]["short"] == pytest.approx(short, rel=0.1)
    cost = basis.economics.stockout_cost[0]
    assert row["money_per_day"] == pytest.approx(row["facts"]["short"] * cost / days, rel=0.1)


def test_a_single_bulk_order_is_to_be_looked_at_and_is_no_reason_to_order_more(store):
    usual = [{"sku": "MUG", "order_id": f"{ago}-{n}", "quantity": 1.0, "date": day(ago)}
             for ago in range(210) for n in range(4)]  # fmt: skip
    bulk = {"sku": "MUG", "order_id": "bulk", "quantity": 240.0, "date": day(3)}
    store.load([sheet(*usual, bulk, market="US"), stock(("MUG", 250)), receipts(), priced("MUG")])
    row = only(store, "sales_up")
    assert (row["cause"], row["action"]) == ("one_order", "look")
    assert row["money_per_day"] == pytest.approx(0, abs=0.5)
    assert row["facts"]["says"] == "sales_up"
    assert alerting.unusual_sales(store)["money_per_day"].iloc[0] > 100  # what it brought


def test_high_sales_of_unknown_stock_have_no_price(store):
    store.load([changed_week(4), priced("MUG")])
    assert np.isnan(only(store, "sales_up")["money_per_day"])


def test_low_sales_without_stock_are_explained_and_only_counted(store):
    store.load([changed_week(0.25), stock(("MUG", 0), ("CUP", 1)), receipts(), priced("MUG")])
    found = alerting.alerts(store)
    assert "sales_down" not in found.table["kind"].tolist()
    assert ("sales_explained", {"items": 1}) in found.notes
    told = alerting.unusual_sales(store)
    assert told[["cause", "is_alarm"]].to_numpy().tolist() == [["stockout", False]]


def test_a_price_cut_explains_high_sales_and_no_low_ones(store):
    def priced_sales(factor, price):
        return sheet(
            *({"sku": "MUG", "quantity": 4.0 * (factor if ago < 7 else 1), "date": day(ago),
               "unit_price": price if ago < 7 else 10.0, "currency": "USD"} for ago in range(210)),
            market="US",
        )  # fmt: skip

    store.load([priced_sales(4, 8.0), stock(("MUG", 900))])
    assert alerting.unusual_sales(store)["cause"].tolist() == ["price"]
    store.load([priced_sales(0.25, 8.0)])
    assert alerting.unusual_sales(store)["cause"].tolist() == ["unexplained"]


def test_an_event_of_that_week_explains_high_sales(store):
    event = sheet({"name": "Flash sale", "market": "US", "starts_on": day(5), "ends_on": day(2)},
                  kind="events")  # fmt: skip
    store.load([changed_week(4), stock(("MUG", 900)), event])
    assert alerting.unusual_sales(store)["cause"].tolist() == ["event"]


def test_a_like_item_without_stock_is_named_as_the_likely_cause_and_still_an_alarm(store):
    gone = sheet(*({"sku": "CUP", "quantity": 4.0, "date": day(ago)} for ago in range(9, 210)),
                 market="US")  # fmt: skip
    counts = [{"sku": "CUP", "on_hand": float(ago == 9), "date": day(ago), "market": "US"}
              for ago in range(10)]  # fmt: skip
    counted = sheet(*counts, kind="stock")
    listed = products({"sku": "MUG", "category": "Cups"}, {"sku": "CUP", "category": "Cups"})
    store.load([changed_week(4), gone, stock(("MUG", 900)), counted, listed])
    told = alerting.unusual_sales(store).set_index("sku")
    assert told.loc["MUG", "cause"] == "stockout_elsewhere"
    assert told.loc["MUG", "is_alarm"]


def test_the_money_filter_is_the_teams(store):
    store.load([changed_week(4), stock(("MUG", 900)), receipts(), priced("MUG")])
    assert "sales_up" in kinds(store)
    before = store.version
    alert_settings.settle(store, {"least_money": 1_000.0}, who="Lin")
    assert store.version != before
    assert "sales_up" not in kinds(store)
    with pytest.raises(OutOfBoundsError):
        alert_settings.settle(store, {"late_pct": 10.0})
    with pytest.raises(UnknownFieldError):
        alert_settings.settle(store, {"volume": 1.0})
    assert alert_settings.rules(store).late_pct == 90.0


# What is missing


@pytest.mark.parametrize("more", [[], ["stock"], ["orders"], ["products"]])
def test_whatever_is_missing_is_said_and_nothing_breaks(store, more):
    every = {"stock": stock(("MUG", 20)), "orders": receipts(), "products": priced("MUG")}
    store.load([sales(), *(every[name] for name in more)])
    found = alerting.alerts(store)
    notes = {code for code, _ in found.notes}
    assert ("alerts_without_stock" in notes) == ("stock" not in more)
    assert ("alerts_without_orders" in notes) == ("orders" not in more)
    assert ("alerts_without_money" in notes) == ("products" not in more)
    for language in LANGUAGES:
        for text in digest.sentences(Translator(language), found.table):
            assert not any(word in text for word in ("nan", "None", "NaT", "{"))


def test_what_has_no_price_stands_after_all_others_by_units(store):
    store.load([sales(), sales("BOWL", units=9.0), sales("CUP", units=2.0),
                stock(("MUG", 10), ("BOWL", 10), ("CUP", 2)), priced("MUG")])  # fmt: skip
    table = alerting.alerts(store).table
    assert table["sku"].tolist() == ["MUG", "BOWL", "CUP"]
    assert table["money_per_day"].isna().tolist() == [False, True, True]


# What people do


def test_a_snoozed_alarm_rests_until_its_day_and_moves_nothing(store):
    shop(store, 40)
    name, version = only(store)["alert_id"], store.version
    alerting.snooze(store, name, until=LAST + timedelta(days=5), reason=" on its way ", who="Lin",
                    now=NOW)  # fmt: skip
    assert store.version == version
    row = only(store)
    assert (row["state"], row["reason"], row["who"]) == ("snoozed", "on its way", "Lin")
    assert row["snoozed_until"] == pd.Timestamp(LAST + timedelta(days=5))
    assert row["acted_at"] == pd.Timestamp("2026-06-01 09:00")
    alerting.reopen(store, name, who="Bo", now=NOW)
    assert only(store)["state"] == "open"
    acts = alerting.history(store)
    assert acts["act"].tolist() == ["reopen", "snooze"]
    assert acts[["kind", "sku", "market"]].iloc[0].tolist() == ["stockout_ahead", "MUG", "US"]


def test_a_snooze_ends_with_its_day_by_the_datas_calendar(store):
    shop(store, 40)
    name = only(store)["alert_id"]
    early = LAST - timedelta(days=3)
    row = only(store, as_of=early)
    assert row["alert_id"] == name
    alerting.snooze(store, name, until=LAST - timedelta(days=1), reason="x", as_of=early)
    assert only(store, as_of=early)["state"] == "snoozed"
    assert only(store, as_of=LAST - timedelta(days=1))["state"] == "snoozed"
    assert only(store)["state"] == "open"
    assert only(store, as_of=early - timedelta(days=1))["state"] == "open"  # knows no later act


def test_what_has_become_worse_comes_back(store):
    shop(store, 40)
    row = only(store)
    facts = {"alert_id": row["alert_id"], "act": "snooze", "as_of": LAST, "reason": "x",
             "until": LAST + timedelta(days=9), "units": row["units"], "who": "Lin",
             "is_sample": False, "acted_at": NOW}  # fmt: skip
    for share, state in ((0.7, "snoozed"), (0.6, "open"), (1.0, "snoozed")):
        store.act_on_alerts([facts | {"money_per_day": share * row["money_per_day"]}])
        assert only(store)["state"] == state
    store.act_on_alerts([facts | {"money_per_day": None, "units": 0.5 * row["units"]}])
    assert only(store)["state"] == "open"


def test_who_took_on_a_stock_out_knows_of_its_warning_line_and_not_the_other_way(store):
    shop(store, 40)
    alerting.acknowledge(store, only(store)["alert_id"], who="Lin", note="air freight")
    row = only(store)
    assert (row["state"], row["who"], row["reason"]) == ("acknowledged", "Lin", "air freight")
    store.load([stock(("MUG", 150))])
    row = only(store)
    assert (row["kind"], row["state"]) == ("warning_line", "acknowledged")
    alerting.reopen(store, row["alert_id"])
    alerting.acknowledge(store, row["alert_id"], who="Bo")
    store.act_on_alerts([{"alert_id": "stockout_ahead|MUG|US|", "act": "reopen", "as_of": LAST,
                        "until": None, "money_per_day": None, "units": None, "reason": "",
                        "who": "", "is_sample": False, "acted_at": NOW}])  # fmt: skip
    store.load([stock(("MUG", 40))])
    assert only(store)["state"] == "open"


def test_many_alarms_are_dealt_with_in_one_act_all_or_none(store):
    skus = [f"MUG {n}" for n in range(5)]
    store.load([*(sales(sku) for sku in skus), stock(*((sku, 10) for sku in skus)), priced(*skus)])
    names = alerting.alerts(store).table["alert_id"].tolist()
    assert len(names) == 5
    with pytest.raises(UnknownAlertError):
        alerting.acknowledge(store, [*names, "sales_up|NO|US|"], who="Lin")
    assert alerting.history(store).empty
    acts = alerting.snooze(store, names, until=LAST + timedelta(days=7), reason="x", who=" Lin ")
    assert acts == [1, 2, 3, 4, 5]
    found = alerting.alerts(store).table
    assert found[["state", "who"]].drop_duplicates().to_numpy().tolist() == [["snoozed", "Lin"]]
    with pytest.raises(TooLongTextError):
        alerting.reopen(store, names, who="x" * 81)


def test_an_acknowledgement_holds_for_30_days_of_the_data(store):
    shop(store, 40)
    row = only(store)
    for ago, state in ((30, "acknowledged"), (31, "open")):
        store.act_on_alerts([{"alert_id": row["alert_id"], "act": "acknowledge", "until": None,
                            "as_of": LAST - timedelta(days=ago), "money_per_day": 1e6,
                            "units": 1e6, "reason": "", "who": "Lin", "is_sample": False,
                            "acted_at": NOW}])  # fmt: skip
        assert only(store)["state"] == state


def test_what_cannot_be_done_is_refused(store):
    shop(store, 40)
    name, soon = only(store)["alert_id"], LAST + timedelta(days=3)
    with pytest.raises(UnknownAlertError):
        alerting.snooze(store, "sales_up|NO|US|", until=soon, reason="x")
    with pytest.raises(EmptyReasonError):
        alerting.snooze(store, name, until=soon, reason="  ")
    with pytest.raises(TooLongTextError):
        alerting.snooze(store, name, until=soon, reason="x" * 501)
    for until in (LAST, date(2030, 1, 1)):
        with pytest.raises(OutOfBoundsError):
            alerting.snooze(store, name, until=until, reason="x")
    with store.as_reader() as reader, pytest.raises(ReadOnlyWorkspaceError):
        alerting.acknowledge(reader, name, who="Lin")
    assert alerting.history(store).empty


def test_what_is_done_about_the_sample_is_kept_in_ones_own_and_apart(store, sample_store):
    found = alerting.alerts(sample_store, own=store)
    name = found.table["alert_id"].iloc[0]
    until = found.as_of + timedelta(days=7)
    alerting.snooze(sample_store, name, until=until, reason="x", who="Lin", own=store)
    again = alerting.alerts(sample_store, own=store).table.set_index("alert_id")
    assert again.loc[name, "state"] == "snoozed"
    assert (alerting.alerts(sample_store).table["state"] == "open").all()
    own = alerting.marked(found, store)  # had it been of one's own data
    assert (own.table["state"] == "open").all()


# The whole


def test_the_samples_inbox_is_ranked_unique_and_the_same_each_time(sample_store):
    found = alerting.alerts(sample_store)
    table = found.table
    assert table["alert_id"].is_unique
    assert table["money_per_day"].is_monotonic_decreasing
    assert set(table["kind"]) <= set(alerting.KINDS)
    assert set(table["action"]) <= set(alerting.ACTIONS)
    assert not table.duplicated(["sku", "market", "kind"]).any()
    both = table.loc[table["kind"].isin(["stockout_ahead", "warning_line"])]
    assert not both.duplicated(["sku", "market"]).any()
    pd.testing.assert_frame_equal(table, alerting.alerts(sample_store, found.as_of).table)


def test_the_small_ones_that_fold_hold_next_to_no_money(sample_store):
    table = alerting.alerts(sample_store).table
    small = alerting.small(table)
    money = table["money_per_day"]
    assert money[small].sum() <= 0.05 * money.sum()
    assert small.sum() >= 20  # of 64
    assert money[small].max() <= money[~small].min()
    assert not alerting.small(table.head(8)).any()
    unknown = table.assign(money_per_day=np.nan)
    assert not alerting.small(unknown).any()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words(language):
    known = catalog(language)
    for section, codes in {
        "alert": alerting.KINDS, "alert_action": alerting.ACTIONS, "alert_state": alerting.STATES,
        "alert_act": alerting.ACTS, "sales_cause": alert_causes.CAUSES,
        "sales_cause_says": alert_causes.CAUSES,
    }.items():  # fmt: skip
        assert not [code for code in codes if f"{section}.{code}" not in known]
