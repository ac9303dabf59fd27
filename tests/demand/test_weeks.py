"""The weekly panel: whole weeks in stock out of whatever was observed."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from analytics import demand
from analytics.errors import InvalidPanelError

MONDAY = pd.Timestamp("2026-01-05")
NOTHING = pd.DataFrame({"sku": [], "market": [], "date": pd.to_datetime([]), "on_hand": []}).astype(
    {"sku": object, "market": object, "on_hand": float}
)


def day(number):
    return MONDAY + pd.Timedelta(days=number)


def sales(*rows):
    frame = pd.DataFrame(rows, columns=["sku", "market", "day", "units"])
    return frame.assign(date=day(0) + pd.to_timedelta(frame.pop("day"), unit="D"))


def steady(sku, days, market="US", units=10.0):
    return [(sku, market, number, units) for number in days]


def covered(low, high, market="US"):
    return pd.DataFrame({"market": [market], "starts_on": [day(low)], "ends_on": [day(high)]})


def items(daily, **columns):
    first = daily.groupby(["sku", "market"], as_index=False).agg(first_sale=("date", "min"))
    return first.assign(**columns)


def weekly(daily, coverage, last, stock=NOTHING, **columns):
    as_of = day(last).date()
    return demand.weekly(daily, coverage, items(daily, **columns), stock, as_of)


def test_a_covered_day_without_a_sale_is_a_zero_and_an_uncovered_one_is_unknown():
    daily = sales(*steady("A", [0, 8, 15]))
    panel = weekly(daily, covered(0, 20), 27)
    assert panel["units"].tolist()[:3] == pytest.approx([10.0, 10.0, 10.0])
    assert np.isnan(panel["units"].iloc[3])
    assert panel["state"].tolist() == ["observed", "observed", "observed", "unobserved"]
    assert panel["week"].tolist() == [day(7 * week) for week in range(4)]


def test_the_week_that_has_only_begun_is_scaled():
    daily = sales(*steady("A", range(24)))  # three weeks and three days of ten units
    last = weekly(daily, covered(0, 23), 23).iloc[-1]
    assert last["sold"] == 30.0
    assert last["availability"] == pytest.approx(3 / 7)
    assert last["units"] == pytest.approx(70.0)
    assert last["state"] == "partial"


def test_a_week_hardly_begun_says_nothing():
    last = weekly(sales(*steady("A", range(23))), covered(0, 22), 22).iloc[-1]
    assert last["sold"] == 20.0
    assert np.isnan(last["units"])


def test_the_first_days_of_a_new_item_are_all_that_is_known_of_it():
    rows = [*steady("OLD", range(70)), ("NEW", "US", 68, 40.0), ("NEW", "US", 69, 60.0)]
    panel = weekly(sales(*rows, ("ONCE", "US", 0, 1.0)), covered(0, 69), 69, sold_out("ONCE", 69))
    new, once = (panel[panel["sku"] == sku] for sku in ("NEW", "ONCE"))
    assert new["state"].tolist() == [*["unobserved"] * 9, "partial"]
    assert new["availability"].iloc[-1] == pytest.approx(2 / 7, rel=0.05)
    assert new["units"].iloc[-1] == pytest.approx(350.0, rel=0.05)
    assert once["units"].isna().all()  # one sale long ago, and no stock since


def sold_out(sku, number):
    return pd.DataFrame({"sku": [sku], "market": "US", "date": [day(number)], "on_hand": [0.0]})


def test_days_count_by_how_much_sells_on_them():
    weekend = [number for number in range(700) if number % 7 >= 5]
    panel = weekly(sales(*steady("A", weekend)), covered(0, 702), 702)  # up to a Wednesday
    last = panel.iloc[-1]
    assert last["availability"] < 0.1
    assert np.isnan(last["units"])


def test_days_without_stock_are_missing_not_zero():
    days = [number for number in range(280) if not 9 <= number <= 11]
    counts = [(9, 0.0), (11, 0.0), (12, 100.0)]
    stock = pd.DataFrame(
        [("A", "US", day(number), units) for number, units in counts],
        columns=["sku", "market", "date", "on_hand"],
    )
    panel = weekly(sales(*steady("A", days)), covered(0, 279), 279, stock)
    week = panel.iloc[1]
    assert week["sold"] == 40.0
    assert week["state"] == "partial"
    assert week["units"] == pytest.approx(70.0, rel=0.02)


def test_a_week_out_of_stock_is_named():
    days = [number for number in range(28) if not 7 <= number <= 13]
    stock = pd.DataFrame(
        {"sku": "A", "market": "US", "date": [day(7), day(13)], "on_hand": [0.0, 0.0]}
    )
    panel = weekly(sales(*steady("A", days)), covered(0, 27), 27, stock)
    assert panel["state"].tolist() == ["observed", "stockout", "observed", "observed"]
    assert np.isnan(panel["units"].iloc[1])


def test_before_the_first_sale_nothing_is_known_unless_the_launch_is():
    daily = sales(*steady("A", [0]), *steady("B", [17]))
    without = weekly(daily, covered(0, 27), 27)
    with_launch = weekly(daily, covered(0, 27), 27, launched_on=day(7))
    assert without.query("sku == 'B'")["state"].tolist()[:2] == ["unobserved", "unobserved"]
    known = with_launch.query("sku == 'B'")
    assert known["units"].tolist() == pytest.approx([np.nan, 0.0, 10.0, 0.0], nan_ok=True)


def test_markets_are_covered_apart():
    daily = sales(*steady("A", [0, 7], "US"), *steady("A", [7], "DE"))
    coverage = pd.concat([covered(0, 13), covered(7, 13, "DE")])
    panel = weekly(daily, coverage, 13, launched_on=day(0)).set_index(["market", "week"])["units"]
    assert panel["US"].tolist() == pytest.approx([10.0, 10.0])
    assert panel["DE"].tolist() == pytest.approx([np.nan, 10.0], nan_ok=True)


def by_shop(*rows):
    columns = ["sku", "market", "shop", "starts_on", "ends_on"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(starts_on=frame["starts_on"].map(day), ends_on=frame["ends_on"].map(day))


def test_a_day_that_no_file_of_the_items_shops_covers_is_unknown():
    daily = sales(
        *steady("A", range(21)), *steady("B", range(14)), *steady("C", range(21)), ("D", "US", 0, 1)
    )
    ranges = by_shop(
        ("A", "US", "web", 0, 20), ("B", "US", "shelf", 0, 13), ("C", "US", "web", 0, 20),
        ("C", "US", "shelf", 0, 13), ("Z", "US", "web", 0, 20),
    )  # fmt: skip
    observed = demand.observe(
        daily, covered(0, 20), items(daily), NOTHING, day(20).date(), item_coverage=ranges
    )
    panel = demand.panel(observed).set_index("sku")["units"]
    assert panel["A"].tolist() == pytest.approx([70.0, 70.0, 70.0])
    assert panel["B"].tolist() == pytest.approx([70.0, 70.0, np.nan], nan_ok=True)
    assert panel["C"].tolist() == pytest.approx([70.0, 70.0, 70.0])
    assert panel["D"].tolist() == pytest.approx([1.0, 0.0, 0.0])  # of no shop: as its market
    assert observed.recent(90)["demand_days"].tolist() == [21.0, 14.0, 21.0, 21.0]


def test_the_category_comes_along_and_what_is_later_stays_away():
    daily = sales(*steady("A", [0, 30]))
    panel = weekly(daily, covered(0, 40), 13, category="Mugs")
    assert panel["group"].tolist() == ["Mugs", "Mugs"]
    assert panel["sold"].sum() == 10.0


@pytest.mark.parametrize("units", [-1.0, np.nan, np.inf])
def test_impossible_units_are_refused(units):
    daily = sales(("A", "US", 0, units))
    with pytest.raises(InvalidPanelError, match="units"):
        weekly(daily, covered(0, 6), 6)


def test_sales_of_no_item_are_refused():
    daily = sales(*steady("A", [0]), *steady("B", [1]))
    with pytest.raises(InvalidPanelError, match="sku"):
        demand.weekly(daily, covered(0, 6), items(daily).iloc[:1], NOTHING, date(2026, 1, 11))


def test_recent_demand_looks_at_days_in_stock_only():
    days = [number for number in range(200) if not 150 <= number <= 159]
    stock = pd.DataFrame(
        {"sku": "A", "market": "US", "date": [day(150), day(159)], "on_hand": [0.0, 0.0]}
    )
    daily = sales(*steady("A", days), ("B", "US", 195, 7.0))
    observed = demand.observe(daily, covered(0, 199), items(daily), stock, day(199).date())
    recent = observed.recent(90)
    assert recent["demand_days"].tolist() == [90.0, 5.0]
    assert recent["demand_mean"].tolist() == pytest.approx([10.0, 1.4])
    assert recent["demand_max"].tolist() == [10.0, 7.0]


def test_the_same_sale_twice_in_a_day_adds_up():
    daily = sales(("A", "US", 0, 4.0), ("A", "US", 0, 6.0))
    assert weekly(daily, covered(0, 6), 6)["units"].tolist() == pytest.approx([10.0])


def test_nothing_sold_is_an_empty_panel():
    daily = sales().astype({"sku": object, "market": object, "units": float})
    assert weekly(daily, covered(0, 6), 6).empty


def test_a_new_items_first_order_is_not_taken_for_a_days_usual_one():
    """One sale on the last day is no rate: sold once, it is not seven times that a week."""
    rows = [*steady("OLD", range(70)), ("NEW", "US", 69, 50.0)]
    panel = weekly(sales(*rows), covered(0, 69), 69)
    new = panel[panel["sku"] == "NEW"]
    assert new["units"].iloc[-1] == pytest.approx(50.0)
