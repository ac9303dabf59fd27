"""Corrections of sales: visible, reversible, each with its reason."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import demand

MONDAY = pd.Timestamp("2026-01-05")


def day(number):
    return MONDAY + pd.Timedelta(days=number)


def observed(rows, last, *, stock=(), covered=None, **columns):
    """Days of (sku, day, units, ...) rows; ``columns`` name what follows the units."""
    names = ["sku", "day", "units", *columns.get("more", ())]
    daily = pd.DataFrame(rows, columns=names).assign(market="US")
    daily["date"] = day(0) + pd.to_timedelta(daily.pop("day"), unit="D")
    daily = daily.astype({"units": float})
    first = daily.groupby(["sku", "market"], as_index=False).agg(first_sale=("date", "min"))
    low, high = covered or (0, last)
    coverage = pd.DataFrame({"market": ["US"], "starts_on": [day(low)], "ends_on": [day(high)]})
    counts = pd.DataFrame(list(stock), columns=["sku", "day", "on_hand"]).assign(market="US")
    counts["date"] = day(0) + pd.to_timedelta(counts.pop("day"), unit="D")
    return demand.observe(
        daily, coverage, first, counts.astype({"on_hand": float}), day(last).date()
    )


def steady(sku, days, units=10.0):
    return [(sku, number, units) for number in days]


@st.composite
def shops(draw):
    """Up to three items over eight weeks: gaps, freak orders, snapshots and returns."""
    rows, stock = [], []
    last = draw(st.integers(30, 60))
    for sku in "ABC"[: draw(st.integers(1, 3))]:
        selling = draw(st.sets(st.integers(0, last), min_size=1, max_size=40))
        sizes = st.integers(1, 9) | st.integers(300, 400)
        rows += [(sku, number, draw(sizes), draw(st.integers(0, 3))) for number in sorted(selling)]
        counts = draw(st.dictionaries(st.integers(0, last), st.integers(0, 9), max_size=4))
        stock += [(sku, number, units) for number, units in counts.items()]
    covered = draw(st.integers(0, 10)), last - draw(st.integers(0, 10))
    return observed(rows, last, stock=stock, covered=covered, more=("returned",))


@settings(max_examples=60, deadline=None)
@given(shops(), st.sets(st.sampled_from(demand.LAYERS)), st.floats(0.5, 3.0))
def test_sales_and_corrections_add_up_to_demand(days, layers, factor):
    uplift = np.full((len(days.items), len(days.weeks)), factor)
    panel = demand.panel(days, layers, uplift=uplift)
    changes = demand.corrections(days, layers, uplift=uplift)
    assert set(changes["layer"]) <= layers | {"returns", "stockouts"}
    assert set(changes["reason"]) <= set(demand.REASONS)
    changes["change"] = changes["units_after"] - changes["units_before"]
    total = changes.groupby(["sku", "market", "week"])["change"].sum(min_count=0).rename("change")
    both = panel.astype({"sku": object, "market": object}).join(total, on=["sku", "market", "week"])
    known = both["units"].notna()
    found = (both["sold"] + both["change"].fillna(0.0))[known]
    assert found.to_numpy() == pytest.approx(both.loc[known, "units"].to_numpy(), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(shops(), st.sampled_from(demand.LAYERS))
def test_a_layer_can_be_switched_off_and_on(days, layer):
    off = demand.panel(days, [name for name in demand.LAYERS if name != layer])
    on = demand.panel(days)
    untouched = ~pd.Series(range(len(on))).isin(_rows(days, on, layer))
    assert on["sold"].equals(off["sold"])
    if layer in {"freak_orders", "promotions"}:
        same = np.isclose(on["units"], off["units"], equal_nan=True)
        assert same[untouched.to_numpy()].all()
    assert demand.panel(days, demand.LAYERS).equals(on)


def _rows(days, panel, layer):
    changes = demand.corrections(days).query("layer == @layer")
    keys = set(zip(changes["sku"], changes["week"], strict=True))
    pairs = zip(panel["sku"].astype(object), panel["week"], strict=True)
    return [row for row, pair in enumerate(pairs) if pair in keys]


def test_without_any_layer_the_panel_is_what_the_files_say():
    days = observed(steady("A", range(24)), 23)
    panel = demand.panel(days, [])
    assert panel["units"].tolist() == [70.0, 70.0, 70.0, 30.0]
    assert demand.panel(days)["units"].iloc[-1] == pytest.approx(70.0)


def test_a_stockout_tells_its_days_and_is_certain():
    days = [number for number in range(280) if not 9 <= number <= 11]
    stock = [("A", 9, 0.0), ("A", 11, 0.0), ("A", 12, 100.0)]
    found = demand.corrections(observed(steady("A", days), 279, stock=stock))
    (row,) = found.to_dict("records")
    assert (row["layer"], row["certainty"], row["reason"]) == ("stockouts", "certain", "no_stock")
    assert row["facts"] == {"days": 3}
    assert row["units_before"] == 40.0
    assert row["units_after"] == pytest.approx(70.0, rel=0.02)


def test_a_freak_order_is_set_apart_with_its_date_and_size():
    rows = [*steady("A", range(70)), ("A", 33, 400.0)]
    (row,) = demand.corrections(observed(rows, 69)).to_dict("records")
    assert (row["layer"], row["certainty"], row["reason"]) == ("freak_orders", "likely", "one_day")
    assert row["facts"]["date"] == date(2026, 2, 7)
    assert row["units_before"] == 470.0
    assert row["units_after"] == 70.0


def test_an_order_known_to_be_one_is_certain_and_set_apart_whole():
    rows = [("A", number, 10.0, 2.0) for number in range(70) if number != 33]
    days = observed([*rows, ("A", 33, 408.0, 400.0)], 69, more=("largest",))
    (row,) = demand.corrections(days).to_dict("records")
    assert (row["certainty"], row["reason"]) == ("certain", "one_order")
    assert row["facts"]["size"] == 400.0
    assert row["units_after"] == 68.0


def test_a_day_on_which_everybody_buys_is_no_freak_order():
    skus = "ABCDEFGH"
    rows = [row for sku in skus for row in steady(sku, range(70))]
    busy = [row for sku in skus for row in steady(sku, [33], 400.0)]
    assert demand.corrections(observed([*rows, *busy], 69)).empty
    assert len(demand.corrections(observed([*rows, busy[0]], 69))) == 1


def test_large_orders_that_come_back_are_demand():
    often = [("A", number, 400.0) for number in (5, 19, 33, 47, 61)]
    assert demand.corrections(observed([*steady("A", range(70)), *often], 69)).empty


def test_returns_stand_apart_and_lower_nothing():
    rows = [("A", number, 10.0, 1.0 if number == 20 else 0.0) for number in range(28)]
    days = observed([*rows, ("A", 25, 0.0, 2.0)], 27, more=("returned",))
    panel = demand.panel(days)
    assert panel["units"].tolist() == [70.0] * 4
    assert panel["returned"].tolist() == [0.0, 0.0, 1.0, 2.0]
    changes = demand.corrections(days)
    assert changes["layer"].unique().tolist() == ["returns"]
    assert (changes["units_after"] == changes["units_before"]).all()


def test_the_price_of_a_week_is_that_of_the_units_sold():
    rows = [("A", 0, 30.0, 10.0, 0.0), ("A", 3, 10.0, 6.0, 0.4), ("A", 8, 5.0, np.nan, np.nan)]
    panel = demand.panel(observed(rows, 13, more=("price", "discount")))
    assert panel["price"].tolist() == pytest.approx([9.0, np.nan], nan_ok=True)
    assert panel["discount"].tolist() == pytest.approx([0.1, np.nan], nan_ok=True)


def test_an_uplift_is_a_layer_that_can_be_had_or_not():
    days = observed(steady("A", range(28)), 27)
    uplift = np.array([[1.0, 2.0, 1.0, 1.0]])
    assert demand.panel(days, uplift=uplift)["units"].tolist() == [70.0, 35.0, 70.0, 70.0]
    without = [layer for layer in demand.LAYERS if layer != "promotions"]
    assert demand.panel(days, without, uplift=uplift)["units"].tolist() == [70.0] * 4
    (row,) = demand.corrections(days, uplift=uplift).to_dict("records")
    assert row["facts"] == {"factor": 2.0}


def test_the_first_and_the_last_week_say_why_they_were_scaled():
    rows = [*steady("OLD", range(24)), *steady("NEW", range(10, 24))]
    found = demand.corrections(observed(rows, 23)).set_index(["sku", "week"])["reason"]
    assert found.to_dict() == {
        ("OLD", day(21)): "week_begun",
        ("NEW", day(7)): "launch_week",
        ("NEW", day(21)): "week_begun",
    }
