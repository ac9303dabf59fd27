"""What was planted in the sample, found by the path that a seller's own files take."""

import numpy as np
import pandas as pd
import pytest

from analytics import demand, inventory, sample
from analytics.calendars import builtin, event_frame
from analytics.services import workspaces
from tests.forecasting.test_uplifts import found, row_of


@pytest.fixture(scope="module")
def seller():
    """What is known of the seller, with and without stock, and the events."""
    with workspaces.open_sample() as store:
        stock = store.stock_history()
        known = {
            name: demand.observe(
                store.daily_sales(), store.coverage(), store.items(), counts, sample.LAST_DAY,
                receipts=inventory.receipts(store.purchase_orders()) if len(counts) else None,
                item_coverage=store.item_coverage(),
            )
            for name, counts in (("counted", stock), ("guessed", stock.iloc[:0]))
        }  # fmt: skip
        return known | {"events": store.events()}


def bias(panel):
    """Units over those wanted, less one, in the weeks that say something."""
    truth = sample.truth()
    week = truth["date"] - pd.to_timedelta(truth["date"].dt.day_of_week, unit="D")
    wanted = truth.assign(week=week).groupby(["sku", "market", "week"], as_index=False)["demand"]
    frame = panel.astype({"sku": object, "market": object})
    both = frame.merge(wanted.sum(), on=["sku", "market", "week"])
    both = both[both["units"].notna()]
    return both["units"].sum() / both["demand"].sum() - 1


def test_stockouts_that_were_counted_add_hardly_any_bias(seller):
    days = seller["counted"]
    without = [layer for layer in demand.LAYERS if layer != "stockouts"]
    assert bias(demand.panel(days, without)) < -0.04
    assert abs(bias(demand.panel(days))) < 0.015


def test_without_stock_the_pattern_finds_the_worst_of_them_and_invents_none(seller):
    days = seller["guessed"]
    without = [layer for layer in demand.LAYERS if layer != "stockouts"]
    assert bias(demand.panel(days)) > bias(demand.panel(days, without)) / 1.5
    found_out = days.missing
    guess = pd.DataFrame(
        {
            "sku": days.items["sku"].to_numpy()[found_out.item],
            "market": days.items["market"].to_numpy()[found_out.item],
            "date": (days.first + found_out.day).astype("M8[us]"),
            "guess": True,
        }
    )
    both = sample.truth().merge(guess, on=["sku", "market", "date"], how="left")
    guessed = both["guess"].notna()
    assert (guessed & ~both["stocked_out"]).mean() < 0.001
    changes = demand.corrections(days).query("layer == 'stockouts'")
    assert set(changes["certainty"]) == {"likely"}


def test_the_bulk_order_is_named(seller):
    (order,) = (
        demand.corrections(seller["counted"]).query("layer == 'freak_orders'").to_dict("records")
    )
    assert (order["sku"], order["market"]) == ("KT103", "DE")
    assert str(order["facts"]["date"]) == "2025-09-16"
    assert order["facts"]["size"] == pytest.approx(240, abs=5)


@pytest.mark.parametrize("is_stated", [True, False])
def test_the_promotions_planted_in_the_sample_are_recovered(seller, is_stated):
    history, own = demand.panel(seller["counted"]), seller["events"]
    told = event_frame(builtin(), own)
    past = told[(told["sku"] != "") & (told["starts_on"] <= pd.Timestamp(sample.LAST_DAY))]
    truth = past.groupby("code")["uplift_pct"].agg(["mean", "size"])
    asked = told if is_stated else told.assign(uplift_pct=np.nan)
    table = found(history, asked).table
    estimate = table[table["market"] == ""].set_index("code")["uplift"].reindex(truth.index)
    share = truth["size"] / truth["size"].sum()
    planted = (truth["mean"] / 100 * share).sum()
    assert (estimate * share).sum() == pytest.approx(planted, rel=0.15)
    assert np.allclose(estimate, truth["mean"] / 100, rtol=0.15)


def test_ramadan_is_found_where_it_is_kept(seller):
    history, own = demand.panel(seller["counted"]), seller["events"]
    result = found(history, event_frame(builtin(), own))
    feast = row_of(result, "ramadan", "ID", "穆斯林用品")
    assert feast["low"] > 0.5
    items = list(zip(result.dates.items["sku"], result.dates.items["market"], strict=True))
    before_eid = np.array(["2027-02-08", "2027-02-15", "2027-02-22"], dtype="M8[D]")
    ahead = result.future(before_eid)
    assert ahead[items.index(("MF503", "ID"))].min() > 3.0
    assert ahead[items.index(("KT101", "US"))] == pytest.approx(1.0)
