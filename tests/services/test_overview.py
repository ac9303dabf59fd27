"""The morning page's numbers: what runs out when, what is missing or stale, forecast and actual."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from analytics.errors import NoDataError, OutOfBoundsError
from analytics.scenario import Scenario
from analytics.services import accuracy, measuring, overview, planning, replenishment
from analytics.services.overview import STATES, TABLES, WEEKS
from analytics.store import Store
from tests.services import shops
from tests.store.sheets import sheet

PRODUCT = {"sku": "MUG", "market": "US", "unit_cost": 4.0, "price": 10.0, "currency": "USD"}


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as store:
        yield store


@pytest.fixture(scope="module")
def uneven(tmp_path_factory):
    """Two products that sell up and down for fourteen months, one of them new in the last three."""
    with Store.open(tmp_path_factory.mktemp("uneven") / "own") as store:
        for sku, days in (("MUG", 420), ("CUP", 90)):
            sold = (
                {"sku": sku, "quantity": 1.0 + ago * ago % 7, "date": shops.day(ago)}
                for ago in range(days)
            )
            store.load([sheet(*sold, market="US")])
        store.load([shops.stock(("MUG", 90), ("CUP", 60)), shops.receipts()])
        yield store


def states(found):
    return dict(zip(found.freshness["table"], found.freshness["state"], strict=True))


def row(found, table):
    return found.freshness.set_index("table").loc[table]


def test_an_item_runs_out_in_the_week_that_division_says(store):
    """Four a day and 40 in stock: nothing is left after ten days, so the second week is short."""
    store.load([shops.sales(units=4.0), shops.stock(("MUG", 40)), shops.products(PRODUCT)])
    found = overview.overview(store)
    (line,) = found.runs_out.to_dict("records")
    assert (line["step"], line["items"], line["rescue"]) == (2, 1, "too_late")
    assert line["week"] == pd.Timestamp(shops.LAST + timedelta(days=8))
    assert line["value"] == pytest.approx(7 * 4 * 10, rel=0.03)
    assert (found.facts["out"], found.facts["too_late"], found.facts["items"]) == (0, 1, 1)


@pytest.mark.parametrize(("units", "step", "out"), [(0, 0, 1), (3, 1, 0), (29, 2, 0)])
def test_the_first_weeks_are_told_apart(store, units, step, out):
    store.load([shops.sales(units=4.0), shops.stock(("MUG", units), ("NOBODY", 9))])
    found = overview.overview(store)
    assert found.runs_out["step"].tolist() == [step]
    assert found.facts["out"] == out
    assert found.runs_out["value"].isna().all()  # no price is known


def test_an_order_of_today_that_comes_in_time_is_no_alarm(store):
    """It takes 30 days to arrive, and the stock lasts 75."""
    store.load([shops.sales(units=4.0), shops.stock(("MUG", 300)), shops.receipts()])
    found = overview.overview(store)
    assert found.runs_out["rescue"].tolist() == ["in_time"]
    assert found.facts["too_late"] == 0


def test_what_lasts_longer_than_the_weeks_shown_is_counted_and_not_drawn(store):
    store.load([shops.sales(units=4.0), shops.stock(("MUG", 4000))])
    found = overview.overview(store)
    assert found.runs_out.empty
    assert (found.facts["lasting"], found.facts["stock_unknown"]) == (1, 0)


def test_without_stock_nothing_runs_out_and_it_is_said(store):
    store.load([shops.sales(units=4.0)])
    found = overview.overview(store)
    assert found.runs_out.empty
    assert (found.facts["lasting"], found.facts["stock_unknown"]) == (0, 1)
    assert states(found) == {
        "sales": "fine", "stock": "missing", "purchase_orders": "missing", "products": "missing",
        "routes": "missing", "rates": "fine",
    }  # fmt: skip


def test_all_data_in_is_said_to_be_fine(store):
    """Orders that were received tell the lead time, so that no table of routes is missed."""
    store.load(
        [shops.sales(), shops.stock(("MUG", 300)), shops.receipts(), shops.products(PRODUCT)]
    )
    found = overview.overview(store)
    assert set(states(found).values()) == {"fine"}
    assert row(found, "purchase_orders")["days_old"] == 5  # the last receipt


@pytest.mark.parametrize(("ago", "state"), [(0, "fine"), (7, "fine"), (8, "stale")])
def test_a_count_of_stock_is_stale_after_a_week(store, ago, state):
    counted = {"sku": "MUG", "on_hand": 900.0, "date": shops.day(ago)}
    store.load([shops.sales(), sheet(counted, kind="stock", market="US")])
    told = row(overview.overview(store), "stock")
    assert (told["state"], told["days_old"]) == (state, ago)


@pytest.mark.parametrize(
    ("days", "state"), [(7, "fine"), (8, "stale"), (180, "stale"), (181, "fine")]
)
def test_a_market_whose_files_end_early_is_named_until_it_must_be_closed(store, days, state):
    late = sheet(
        *({"sku": "MUG", "quantity": 4.0, "date": shops.day(ago)} for ago in range(days, 300)),
        market="DE",
    )
    store.load([shops.sales(days=300), late])
    told = row(overview.overview(store), "sales")
    assert told["state"] == state
    if state == "stale":
        assert (told["market"], told["days_old"]) == ("DE", days)


def test_one_item_without_stock_or_cost_makes_the_table_partial(store):
    store.load([shops.sales("MUG"), shops.sales("CUP"), shops.stock(("MUG", 300))])
    store.load([shops.products(PRODUCT)])
    found = overview.overview(store)
    for table in ("stock", "products"):
        assert row(found, table)["state"] == "partial"
        assert row(found, table)["items"] == 1


def test_a_currency_without_a_rate_is_missed(store):
    foreign = {**PRODUCT, "sku": "CUP", "currency": "GBP"}
    store.load([shops.sales("MUG"), shops.sales("CUP"), shops.products(PRODUCT, foreign)])
    missing = row(overview.overview(store), "rates")
    assert (missing["state"], missing["items"]) == ("missing", 1)
    currency = overview.overview(store).currency
    other = "GBP" if currency == "USD" else "USD"
    store.load([shops.rates((other, 93, 1.25))])
    assert row(overview.overview(store), "rates")["state"] == "stale"
    store.load([shops.rates((other, 92, 1.25))])
    assert row(overview.overview(store), "rates")["state"] == "fine"


def test_an_empty_workspace_and_a_day_that_nobody_knows_are_refused(store):
    with pytest.raises(NoDataError):
        overview.overview(store)
    store.load([shops.sales()])
    with pytest.raises(OutOfBoundsError):
        overview.overview(store, shops.LAST + timedelta(days=1))


def test_the_sample_says_what_its_order_board_says(sample_store):
    found = overview.overview(sample_store)
    plan = replenishment.plan(sample_store)
    board = replenishment.summary(plan)
    assert found.facts["order_now"] == board.order_now
    assert found.facts["order_value"] == plan.order_value
    assert found.facts["out"] == (plan.lines["alert"] == "out").sum()
    assert found.facts["too_late"] <= (plan.lines["alert"] == "runs_out").sum()
    drawn = int(found.runs_out["items"].sum())
    assert drawn + found.facts["lasting"] + found.facts["stock_unknown"] == found.facts["items"]
    last = pd.Timestamp(found.as_of) + pd.Timedelta(days=7 * WEEKS)
    soon = plan.lines["stockout_on"].le(last) & ~plan.lines["status"].isin(
        ["discontinued", "no_demand", "too_new"]
    )
    assert drawn == soon.sum()


def test_every_table_has_a_row_and_every_state_a_name(sample_store):
    found = overview.overview(sample_store)
    assert tuple(found.freshness["table"]) == TABLES
    assert set(found.freshness["state"]) <= set(STATES)
    assert overview.overview(sample_store) is found  # kept


def test_forecast_against_actual_is_the_newest_forecast_that_did_not_know_the_week(uneven):
    """Worked out anew, week by week, from the past forecasts that the record holds."""
    assert not overview.is_judged(uneven)
    found = overview.against(uneven)
    assert overview.is_judged(uneven)
    known = accuracy.accuracy(uneven)
    rolling = known.backtest.rolling
    seen = planning.basis(uneven).outlook
    units = seen.panel.astype({"sku": object, "market": object})
    units = units.pivot_table("units", ["sku", "market"], "week", dropna=False)
    units = units.reindex(pd.MultiIndex.from_frame(rolling.items[["sku", "market"]]))
    assert len(found.weeks) == WEEKS
    for week, actual, forecast in found.weeks.itertuples(index=False):
        origin = max(i for i, day in enumerate(rolling.origins) if pd.Timestamp(day) < week)
        ahead = (week - pd.Timestamp(rolling.origins[origin])).days // 7
        said, was = rolling.mean[origin, :, ahead - 1], units[week].to_numpy()
        both = ~np.isnan(said) & ~np.isnan(was)
        assert actual == pytest.approx(was[both].sum())
        assert forecast == pytest.approx(said[both].sum())
    total = found.weeks[["actual", "forecast"]].sum()
    assert found.facts["bias"] == pytest.approx(total["forecast"] / total["actual"] - 1)
    assert found.facts["off"] == known.facts["off"]
    assert 1 <= found.facts["ahead"] <= known.facts["horizon"]


def test_a_short_history_has_nothing_to_look_back_on(store):
    store.load([shops.sales(days=60)])
    found = overview.against(store)
    assert found.weeks.empty
    assert np.isnan(found.facts["bias"])


def test_a_look_at_a_past_day_knows_no_later_one(uneven):
    today = overview.overview(uneven)
    then = overview.overview(uneven, today.as_of - timedelta(days=28))
    assert then.as_of == today.as_of - timedelta(days=28)
    assert (then.freshness["last_on"].dropna() <= pd.Timestamp(then.as_of)).all()
    plan = replenishment.plan(uneven, Scenario(as_of=then.as_of))
    assert then.facts["order_now"] == replenishment.summary(plan).order_now


def test_what_is_ready_is_not_worked_out_again(store):
    with pytest.raises(NoDataError):
        overview.ready(store)
    store.load([shops.sales(), shops.stock(("MUG", 90))])
    overview.ready(store)
    assert measuring.measures(store) is measuring.measures(store)
    assert overview.overview(store) is overview.overview(store)
