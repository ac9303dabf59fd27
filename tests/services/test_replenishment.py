"""The plan: by hand on a small shop, by invariants on the sample."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from analytics.errors import NoDataError, OutOfBoundsError
from analytics.scenario import Scenario
from analytics.services import (
    assumptions,
    ledger,
    masterdata,
    orders_ahead,
    policies,
    replenishment,
)
from analytics.store import Store
from tests.services.shops import LAST, day, products, rates, receipts, sales, stock
from tests.store.sheets import sheet

UNKNOWN = ("moq", "carton_quantity")  # of an item without a minimum or cartons
OPTIONAL = ("cap_weeks", "cover_after_arrival")  # no cap, nothing to arrive


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


def only(plan):
    assert len(plan.lines) == 1
    return plan.lines.iloc[0]


def test_without_sales_there_is_no_plan(store):
    with pytest.raises(NoDataError):
        replenishment.plan(store)


def test_a_day_that_the_sales_do_not_cover_is_refused(store):
    store.load([sales()])
    with pytest.raises(OutOfBoundsError, match="as_of is 2026-06-01"):
        replenishment.plan(store, Scenario(as_of=date(2026, 6, 1)))


STEADY = {"method": "quantile", "measure": "cycle", "service_level_pct": 95.0, "by_profit": False,
          "review_days": 7, "order": "cover", "cover_days": 30, "trigger": "reorder_point",
          "cap_weeks": None}  # fmt: skip


def bought(store, sku="MUG", market="US", **parts):
    """Say how an item is bought: by default 95 % of cycles, each week, for 30 days more."""
    policies.set_item(store, [(sku, market)], {**STEADY, **parts})


COST = {"sku": "MUG", "unit_cost": 2.5, "currency": "CNY", "moq": 100.0, "carton_quantity": 48.0}


def test_steady_sales_and_punctual_suppliers_by_hand(store):
    """4 a day, always 30 days: the promise needs 37 days of demand and little more."""
    store.load([sales(), stock(("MUG", 60)), receipts(), products(COST)])
    bought(store)
    line = only(replenishment.plan(store))
    assert line["demand_mean"] == pytest.approx(4.0, rel=0.01)
    assert line["lead_time_mean"] == pytest.approx(30.0)
    assert line["lead_time_sd"] == pytest.approx(0.0, abs=1e-6)
    assert line["lead_time_source"] == "own"
    assert line["service_source"] == "item"
    assert line["lead_time_demand_mean"] == pytest.approx(4 * 37, rel=0.01)
    assert 4 * 37 < line["reorder_point"] < 4 * 37 + 60
    assert line["order_up_to_level"] == pytest.approx(line["reorder_point"] + 4 * 30, abs=2)
    assert (line["status"], line["alert"], line["reason"]) == ("order_now", "runs_out", "too_late")
    assert line["order_by"] == pd.Timestamp(LAST)
    assert line["arrives_on"] == pd.Timestamp(LAST) + pd.Timedelta(days=30)
    assert (line["stockout_on"] - pd.Timestamp(LAST)).days in (15, 16)  # 60 units, 4 a day
    assert line["units_at_risk"] == pytest.approx(4 * 29 - 60, abs=1)  # the last day sells again
    wanted = line["order_up_to_level"] - 60 - line["units_at_risk"]
    assert line["order_quantity"] == np.ceil(max(wanted, 100) / 48) * 48
    assert line["order_value"] == 2.5 * line["order_quantity"]
    assert line["cover_after_arrival"] == pytest.approx(line["order_quantity"] / 4, abs=2)


def test_what_can_no_longer_be_saved_is_ordered_only_if_the_seller_says_so(store):
    none = {"moq": None, "carton_quantity": None}
    store.load([sales(), stock(("MUG", 20)), receipts(), products({**COST, **none})])
    bought(store)
    without = only(replenishment.plan(store))
    assumptions.settle(store, {"order_lost_demand": True})
    with_all = only(replenishment.plan(store))
    assert without["units_at_risk"] == with_all["units_at_risk"] > 90
    more = with_all["order_quantity"] - without["order_quantity"]
    assert more == pytest.approx(without["units_at_risk"], abs=1)
    assert (
        with_all["inventory_position"] + with_all["order_quantity"]
        == (with_all["order_up_to_level"])
    )


def test_an_order_that_comes_too_late_does_not_clear_the_alert(store):
    store.load([sales(), stock(("MUG", 60)), receipts(), products(COST)])
    bought(store)
    line = only(replenishment.plan(store))
    order = ledger.Decision(sku="MUG", market="US", quantity=line["order_quantity"])
    ledger.decide(store, [order], decided_on=LAST)
    after = only(replenishment.plan(store))
    assert after["inventory_position"] == 60 + line["order_quantity"]
    assert after["order_quantity"] == 0
    assert (line["alert"], after["alert"]) == ("runs_out", "runs_out")
    assert after["stockout_on"] == line["stockout_on"]
    assert after["units_at_risk"] == pytest.approx(line["units_at_risk"])


def test_a_skipped_suggestion_counts_nowhere_until_it_is_another_one(store):
    store.load([sales(), stock(("MUG", 60)), receipts(), products(COST)])
    bought(store)
    line = only(replenishment.plan(store))
    units = line["order_quantity"]
    skip = ledger.Decision(sku="MUG", market="US", quantity=0.0, suggested_quantity=units,
                           order_by=LAST)  # fmt: skip
    ledger.decide(store, [skip], decided_on=LAST)
    plan = replenishment.plan(store)
    summary = replenishment.summary(plan)
    assert only(plan)["is_skipped"]
    assert only(plan)["order_quantity"] == units  # it is still said
    assert (summary.order_now, summary.units, plan.order_value, len(plan.totals)) == (0, 0, 0, 0)
    assert orders_ahead.orders_ahead(store).orders.empty
    bought(store, cover_days=120)
    assert not only(replenishment.plan(store))["is_skipped"]


def test_each_policy_orders_in_its_own_way(store):
    """Five items alike but for how they are bought."""
    names = ("COVER", "BATCH", "CAP", "SMALL", "LINE", "GONE")
    rows = [{**COST, "sku": sku} for sku in names]
    sold = [{"sku": sku, "quantity": 4.0, "date": day(n)} for sku in names for n in range(210)]
    store.load([sheet(*sold), products(*rows), stock(*((sku, 130) for sku in names)),
                *(receipts(sku) for sku in names)])  # fmt: skip
    for sku, parts in {
        "COVER": {},
        "BATCH": {"order": "batch"},
        "CAP": {"cap_weeks": 6.0, "cover_days": 90},
        "SMALL": {"cap_weeks": 2.0},
        "LINE": {"trigger": "warning_line"},
    }.items():
        bought(store, sku, **parts)
    masterdata.change(store, {("GONE", "US"): {"discontinued": True}})
    lines = replenishment.plan(store).lines.set_index("sku")
    assert lines.loc["COVER", "order_quantity"] == 192  # at least the target, in cartons
    assert lines.loc["BATCH", "order_quantity"] == 144  # the minimum of 100, in cartons
    most = 4 * (37 + 42)  # demand of lead time, review and the cap's weeks
    assert lines.loc["CAP", "reason"] == "capped"
    assert most - 48 < lines.loc["CAP", "order_quantity"] + 130 <= most
    assert lines.loc["SMALL", ["status", "reason"]].tolist() == ["decide", "cap_below_minimum"]
    assert lines.loc[["SMALL", "GONE"], "order_quantity"].tolist() == [0, 0]
    assert lines.loc["GONE", ["status", "reason"]].tolist() == ["discontinued", "discontinued"]
    assert lines.loc["LINE", "order_quantity"] >= lines.loc["COVER", "order_quantity"]


def test_the_warning_line_alerts_and_orders_only_where_the_policy_says_so(store):
    sold = [{"sku": sku, "quantity": float(q), "date": day(n)} for sku in ("POINT", "LINE")
            for n in range(210) for q in ([1, 0, 14, 0, 2][n % 5],)]  # fmt: skip
    store.load([sheet(*sold), *(receipts(sku) for sku in ("POINT", "LINE"))])
    for sku, trigger in (("POINT", "reorder_point"), ("LINE", "warning_line")):
        bought(store, sku, method="max_average", trigger=trigger)
    known = replenishment.plan(store).lines.set_index("sku").loc["POINT"]
    between = (known["warning_line"] + known["reorder_point"]) // 2
    assert known["warning_line"] > between > known["reorder_point"]
    store.load([stock(("POINT", between), ("LINE", between))])
    lines = replenishment.plan(store).lines.set_index("sku")
    assert lines.loc["POINT", ["status", "alert"]].tolist() == ["watch", "warning"]
    assert lines.loc["LINE", ["status", "reason"]].tolist() == ["order_now", "below_warning_line"]
    assert lines.loc["POINT", "order_quantity"] == 0


def test_what_stands_nearer_is_moved_before_anything_is_bought(store):
    names = ("NEAR", "PART", "AWAY")
    sold = [{"sku": sku, "quantity": 4.0, "date": day(n)} for sku in names for n in range(210)]
    here = [{"sku": sku, "on_hand": 40.0, "date": day(0), "warehouse": "FBA"} for sku in names]
    here += [{"sku": "AWAY", "on_hand": 200.0, "date": day(0), "warehouse": "3PL overseas"}]
    central = [{"sku": sku, "on_hand": units, "date": day(0), "warehouse": "深圳仓"}
               for sku, units in (("NEAR", 900.0), ("PART", 50.0))]  # fmt: skip
    store.load([sheet(*sold), *(receipts(sku) for sku in names),
                sheet(*here, kind="stock", market="US"),
                sheet(*central, kind="stock", market=None)])  # fmt: skip
    for sku in names:
        bought(store, sku)
    lines = replenishment.plan(store).lines.set_index("sku")
    assert lines.loc["NEAR", ["status", "reason"]].tolist() == ["transfer", "transfer_covers"]
    assert lines.loc["NEAR", "order_quantity"] == 0
    assert 0 < lines.loc["NEAR", "transfer_quantity"] <= 900
    assert lines.loc["PART", "transfer_quantity"] == 50
    alone = lines.loc["NEAR", "transfer_quantity"]
    assert lines.loc["PART", "order_quantity"] == pytest.approx(alone - 50, abs=1)
    assert lines.loc["AWAY", "status"] == "transfer"
    assert lines.loc["AWAY", "reason"] == "replenish"
    assert 0 < lines.loc["AWAY", "replenish_quantity"] <= 200
    places = ["at_marketplace", "at_overseas", "at_local"]
    assert (lines[places].sum(axis=1) == lines["on_hand"]).all()
    assert (lines["inventory_position"] == lines["on_hand"]).all()  # central stock is nobody's


def test_closed_factories_bring_forward_only_orders_whose_production_they_cross(store):
    """Golden Week 2026, 1 to 8 October; of a lead time of 30 days the factory works 10."""
    moved = {90: 0, 115: 3, 120: 8, 150: 0}  # by the days of the week before the goods are ready
    skus = [f"D{days}" for days in moved]
    sold = [{"sku": sku, "quantity": 4.0, "date": day(n)} for sku in skus for n in range(210)]
    store.load([sheet(*sold), *(receipts(sku) for sku in skus)])
    for sku in skus:
        bought(store, sku)
    point = replenishment.plan(store).lines["reorder_point"].max()
    found = [(sku, point + 4 * days + 1) for sku, days in zip(skus, moved, strict=True)]
    store.load([stock(*found)])
    lines = replenishment.plan(store).lines.set_index("sku")
    for sku, (days, sooner) in zip(skus, moved.items(), strict=True):
        left = (lines.loc[sku, "order_by"] - pd.Timestamp(LAST)).days
        assert days - left == pytest.approx(sooner, abs=1), sku


@pytest.mark.parametrize(
    "more",
    [
        {"unit_cost": 0.0, "price": 5.0},
        {"unit_cost": 9.0, "price": 5.0},
        {"unit_cost": 1.0, "price": 1.01, "storage_fee": 1e5},
    ],
    ids=["free", "at a loss", "dear to hold"],
)
def test_strange_money_leaves_no_impossible_number(store, more):
    known = {"currency": "CNY", "unit_cost": 1.0, "price": 2.0, "price_currency": "CNY"}
    listed = [{"sku": sku, **known} for sku in "AB"]
    one = receipts("A", count=1)
    store.load([sales("A"), sales("B", units=0.0), sheet({"sku": "B", "quantity": 1.0,
                "date": day(200)}), products(*listed), stock(("A", 3), ("B", 0)), one])  # fmt: skip
    bought(store, "A", by_profit=True)
    masterdata.change(store, {("A", "US"): more})
    lines = replenishment.plan(store, by_route=True).lines
    numbers = lines.select_dtypes("number").drop(columns=[*UNKNOWN, *OPTIONAL, "landed_value"])
    assert np.isfinite(numbers).all().all()
    assert (numbers.drop(columns="safety_stock") >= 0).all().all()


def test_ample_stock_waits_until_the_last_safe_day(store):
    store.load([sales(), stock(("MUG", 400)), receipts()])
    bought(store)
    line = only(replenishment.plan(store))
    spare = 400 - line["reorder_point"]
    assert line["status"] == "order_later"
    assert line["order_by"] == pd.Timestamp(LAST) + pd.Timedelta(days=np.floor(spare / 4.0))
    assert line["order_quantity"] == 0
    assert line["units_at_risk"] == 0


def test_stock_for_years_is_covered(store):
    store.load([sales(), stock(("MUG", 40_000)), receipts()])
    line = only(replenishment.plan(store))
    assert line["status"] == "covered"
    assert pd.isna(line["order_by"])


def test_without_stock_the_reorder_point_is_given_and_stock_asked_for(store):
    store.load([sales()])
    plan = replenishment.plan(store)
    line = only(plan)
    assert (line["status"], line["reason"]) == ("stock_unknown", "stock_unknown")
    assert line["reorder_point"] > 4 * 50  # 45 assumed days and a week
    assert np.isnan(line[["order_quantity", "order_value", "on_hand"]].astype(float)).all()
    assert pd.isna(line["order_by"])
    assert dict(plan.notes)["stock_unknown"] == {"items": 1}
    assert dict(plan.notes)["lead_time_assumed"] == {"items": 1}
    assert plan.calendar.empty


def test_the_commonest_currency_of_the_costs_is_the_base_and_a_blank_is_none(store):
    cost = [{"sku": sku, "unit_cost": 2.0, "currency": "CNY" if sku == "A" else None}
            for sku in "ABC"]  # fmt: skip
    sold = [{"sku": sku, "quantity": 4.0, "date": day(n)} for sku in "ABC" for n in range(70)]
    store.load([sheet(*sold), products(*cost)])
    assert replenishment.plan(store).currency == "CNY"


def test_what_nobody_bought_since_its_launch_needs_no_order(store):
    launched = products({"sku": "FLOP", "launched_on": day(100)})
    store.load([sales(), launched, stock(("MUG", 400), ("FLOP", 5))])
    lines = replenishment.plan(store).lines.set_index("sku")
    assert lines.loc["FLOP", "status"] == "no_demand"
    assert lines.loc["FLOP", "order_quantity"] == 0


def test_a_new_item_is_forecast_by_its_first_days_and_an_unseen_one_is_said_to_be_unknown(store):
    first = [{"sku": "NEW", "quantity": q, "date": day(n)} for n, q in ((1, 40.0), (0, 60.0))]
    gone = sheet({"sku": "GONE", "quantity": 1.0, "date": day(209)})
    found = stock(("NEW", 10), ("NEVER", 3), ("GONE", 0))
    store.load([sales(), sheet(*first), gone, found])
    lines = replenishment.plan(store).lines.set_index("sku")
    assert lines.loc["NEW", "status"] == "order_now"
    assert lines.loc["NEW", "demand_mean"] == pytest.approx(50.0, rel=0.02)
    assert lines.loc["NEW", "demand_sd"] > 0.2 * lines.loc["NEW", "demand_mean"]
    assert set(lines.loc[["NEVER", "GONE"], "status"]) == {"too_new"}
    assert set(lines.loc[["NEVER", "GONE"], "reason"]) == {"too_new"}


def test_a_workspace_of_a_single_day_already_gives_a_plan(store):
    store.load([sales(days=1), stock(("MUG", 1))])
    line = only(replenishment.plan(store))
    assert (line["status"], line["demand_mean"]) == ("order_now", pytest.approx(4.0))


def test_an_order_without_a_market_counts_where_the_item_sells_or_is_told(store):
    none = {"quantity": 500.0, "ordered_on": day(9)}
    placed = sheet({"sku": "MUG", **none}, kind="purchase_orders", market=None)
    store.load([sales(), sales("CUP", "DE"), stock(("MUG", 7)), placed])
    plan = replenishment.plan(store)
    assert plan.lines.set_index("sku").loc["MUG", "inventory_position"] == 507
    assert "orders_central" not in dict(plan.notes)
    store.load([sales("MUG", "DE")])
    plan = replenishment.plan(store)
    assert set(plan.lines["on_order"]) == {0.0}
    assert dict(plan.notes)["orders_central"] == {"skus": 1, "units": 500.0}


def test_money_in_several_currencies_is_added_up_by_rates_and_what_has_none_is_told(store):
    cost = [
        {"sku": sku, "unit_cost": 2.0, "currency": currency}
        for sku, currency in (("A", "CNY"), ("B", "CNY"), ("C", "USD"), ("D", "EUR"))
    ]
    names = "ABCDE"
    sold = [{"sku": sku, "quantity": 4.0, "date": day(n)} for sku in names for n in range(210)]
    found = stock(*((sku, 1) for sku in names))
    store.load([sheet(*sold), found, products(*cost), rates(("USD", 3, 7.0), ("USD", 40, 5.0))])
    plan = replenishment.plan(store)
    totals = plan.totals.set_index("currency")
    assert plan.currency == "CNY"
    assert totals.loc["USD", "base_value"] == 7.0 * totals.loc["USD", "order_value"]
    assert totals.loc[["EUR", ""], "base_value"].isna().all()
    assert plan.order_value == pytest.approx(totals["base_value"].sum())
    assert plan.left_out == 2
    assert dict(plan.notes)["value_left_out"] == {"items": 2}


def test_the_first_days_of_an_account_already_give_a_plan(store):
    store.load([sales(days=4)])
    assert only(replenishment.plan(store))["reorder_point"] > 0


def test_lead_times_beyond_196_days_are_counted_as_196_and_told(store):
    store.load([sales(), receipts(days=105)])
    fitting = replenishment.plan(store, Scenario(lead_time_delay_days=90))
    assert only(fitting)["lead_time_mean"] == pytest.approx(195.0)
    assert "lead_time_cut" not in dict(fitting.notes)
    store.load([receipts(days=110)])
    late = replenishment.plan(store, Scenario(lead_time_delay_days=90))
    assert dict(late.notes)["lead_time_cut"] == {"items": 1, "days": 196}
