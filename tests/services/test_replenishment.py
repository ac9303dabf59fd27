"""The plan: by hand on a small shop, by invariants on the sample."""

from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from analytics.errors import NoDataError, OutOfBoundsError
from analytics.i18n import LANGUAGES, Translator
from analytics.scenario import Scenario
from analytics.services import planning, replenishment
from analytics.services.replenishment import COLUMNS, STATUSES
from analytics.store import Store
from analytics.words import worded
from tests.services.shops import LAST, day, products, rates, receipts, sales, stock
from tests.store.sheets import sheet


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


def test_steady_sales_and_punctual_suppliers_by_hand(store):
    """4 a day, always 30 days: the promise needs 37 days of demand and little more."""
    cost = {
        "sku": "MUG",
        "unit_cost": 2.5,
        "currency": "CNY",
        "moq": 100.0,
        "carton_quantity": 48.0,
    }
    store.load([sales(), stock(("MUG", 60)), receipts(), products(cost)])
    line = only(replenishment.plan(store))
    assert line["demand_mean"] == pytest.approx(4.0, rel=0.01)
    assert line["lead_time_mean"] == pytest.approx(30.0)
    assert line["lead_time_sd"] == pytest.approx(0.0, abs=1e-6)
    assert line["lead_time_source"] == "own"
    assert line["lead_time_demand_mean"] == pytest.approx(4 * 37, rel=0.01)
    assert 4 * 37 < line["reorder_point"] < 4 * 37 + 60
    assert line["order_up_to_level"] == pytest.approx(line["reorder_point"] + 4 * 30, abs=2)
    assert line["status"] == "order_now"
    assert line["order_by"] == pd.Timestamp(LAST)
    wanted = line["order_up_to_level"] - 60
    assert line["order_quantity"] == np.ceil(max(wanted, 100) / 48) * 48
    assert line["units_at_risk"] == pytest.approx(4 * 30 - 60, abs=1)
    assert line["reason"] == "too_late"
    assert line["order_value"] == 2.5 * line["order_quantity"]


def test_ample_stock_waits_until_the_last_safe_day(store):
    store.load([sales(), stock(("MUG", 400)), receipts()])
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


# The sample


@pytest.fixture(scope="module")
def plan(sample_store):
    return replenishment.plan(sample_store)


def by_item(board):
    return board.lines.set_index(["sku", "market"]).sort_index()


def test_the_board_has_its_columns_and_no_impossible_number(plan):
    lines = plan.lines
    assert tuple(lines.columns) == COLUMNS
    assert set(lines["status"]) <= set(STATUSES)
    numbers = lines.select_dtypes("number").drop(columns=["moq", "carton_quantity"])
    assert np.isfinite(numbers).all().all()  # the sample knows all its stock and costs
    assert (numbers.drop(columns="safety_stock") >= 0).all().all()
    assert not lines.duplicated(["sku", "market"]).any()


def test_every_order_is_in_cartons_and_at_least_the_minimum(plan):
    ordered = plan.lines[plan.lines["order_quantity"] > 0]
    assert len(ordered) > 5
    assert (ordered["order_quantity"] % ordered["carton_quantity"].fillna(1) == 0).all()
    assert (ordered["order_quantity"] >= ordered["moq"].fillna(0)).all()
    assert (ordered["inventory_position"] <= ordered["reorder_point"]).all()


def test_the_position_adds_up(plan):
    lines = plan.lines
    position = lines["on_hand"] + lines["inbound"] + lines["on_order"] - lines["reserved"]
    assert lines["inventory_position"].to_numpy() == pytest.approx(position.to_numpy())


def test_the_levels_add_up(plan):
    lines = plan.lines
    quantile = lines["lead_time_demand_mean"] + lines["safety_stock"]
    assert lines["reorder_point"].to_numpy() == pytest.approx(np.ceil(quantile - 1e-6))
    assert (lines["order_up_to_level"] >= lines["reorder_point"]).all()
    assert (lines["warning_line"] >= lines["reorder_point"]).all()


def test_the_most_urgent_stand_first(plan):
    ranks = plan.lines["status"].map(STATUSES.index)
    assert ranks.is_monotonic_increasing


def test_with_every_slider_at_rest_it_is_the_plan_exactly(sample_store, plan):
    _, last = planning.period(sample_store)
    for scenario in (Scenario(), Scenario(as_of=last), Scenario(service_level_pct=95.0)):
        assert replenishment.plan(sample_store, scenario).lines.equals(plan.lines)


@pytest.mark.parametrize(
    "changes",
    [
        [{"lead_time_delay_days": days} for days in (0, 1, 7, 30, 90)],
        [{"service_level_pct": level} for level in (80.0, 90.0, 95.0, 99.0, 99.9)],
        [{"demand_change_pct": change} for change in (-50, 0, 50, 100)],
    ],
    ids=["delay", "service", "demand"],
)
def test_reorder_points_never_fall_when_the_wait_or_the_promise_grows(sample_store, changes):
    points = [
        by_item(replenishment.plan(sample_store, Scenario(**change)))["reorder_point"]
        for change in changes
    ]
    for before, after in pairwise(points):
        assert (after >= before).all()
    assert points[-1].sum() > points[0].sum()


def test_a_delay_shows_in_the_lead_time_and_never_postpones_an_order(sample_store, plan):
    late = by_item(replenishment.plan(sample_store, Scenario(lead_time_delay_days=10)))
    now = by_item(plan)
    assert (late["lead_time_mean"] - now["lead_time_mean"]).to_numpy() == pytest.approx(10, abs=0.2)
    far = pd.Timestamp("2100-01-01")
    assert (late["order_by"].fillna(far) <= now["order_by"].fillna(far)).all()


def test_an_earlier_day_does_not_know_what_came_later(sample_store):
    day_before = date(2026, 2, 28)
    plan = replenishment.plan(sample_store, Scenario(as_of=day_before))
    assert plan.as_of == day_before
    assert plan.lines["stock_date"].max() < pd.Timestamp(day_before)
    assert plan.lines["order_by"].dropna().ge(pd.Timestamp(day_before)).all()


def test_the_summary_and_the_calendar_agree_with_the_board(plan):
    summary = replenishment.summary(plan)
    now = plan.lines[plan.lines["status"] == "order_now"]
    assert summary.order_now == len(now)
    assert summary.units == now["order_quantity"].sum()
    due = summary.calendar.query("status == 'order_now'")
    assert due["items"].sum() == len(now)
    assert due["units"].sum() == summary.units
    assert due["value"].sum() == pytest.approx(plan.order_value)
    assert set(summary.calendar["week"].dt.day_of_week) == {0}
    assert plan.left_out == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_a_sentence_with_its_numbers(plan, language):
    t = Translator(language)
    texts = worded(t, plan.lines, {"reason": "reason"})["reason"]
    assert not texts.str.contains("[{}]|nan|NaT|_").any()
    for code in ("too_late", *replenishment.REASONS.values()):
        assert t.has(f"reason.{code}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_note_has_its_words(language):
    t = Translator(language)
    facts = {"items": 3, "market": "DE", "ends_on": LAST, "oldest": LAST, "latest": LAST, "skus": 2,
             "days": 196, "shop": "web", "units": 9.0}  # fmt: skip
    for code in planning.NOTES:
        assert "{" not in t(f"note.{code}", **facts)
