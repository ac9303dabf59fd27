"""The measures of the shop, from books and from a ledger that a pencil can follow."""

import numpy as np
import pytest

from analytics import kpi
from analytics.kpi import Ledger


def test_p14_turnover_days_and_margin_on_stock():
    turnover = kpi.inventory_turnover(730_000, 125_000)
    assert float(turnover) == pytest.approx(5.84, rel=1e-12)
    assert float(kpi.days_of_inventory(turnover)) == pytest.approx(62.5, rel=1e-12)
    assert float(kpi.gmroi(1_180_000, 730_000, 125_000)) == pytest.approx(3.6, rel=1e-12)


def test_p14_shares():
    assert float(kpi.slow_moving_share(18, 240)) == pytest.approx(0.075)
    assert float(kpi.stockout_rate(46, 3_120)) == pytest.approx(0.014743589744, rel=1e-9)
    assert float(kpi.sell_through(200, 600, 640)) == pytest.approx(0.8)
    assert float(kpi.weeks_of_supply(900, 75)) == 12.0
    flat = np.arange(1, 200)[None] * 75 / 7
    assert kpi.days_of_cover([900.0], flat).tolist() == [85.0]  # the day after the 84 it lasts


def test_p14_money_by_age():
    found = kpi.stock_by_age([10, 45, 100, 200], [120, 200, 150, 30])
    assert found.loc[found["over"] >= 90, "value"].sum() == 180
    assert found.loc[found["over"] >= 180, "value"].sum() == 30
    assert found["share"].sum() == pytest.approx(1.0)
    assert kpi.stock_by_age([90.0], [5.0])["value"].tolist()[:2] == [5.0, 0.0]
    assert kpi.stock_by_age([], [], unknown=7.0)["value"].tolist() == [0, 0, 0, 0, 0, 7]


def test_a_shorter_period_is_made_a_year_above_the_line_only():
    half = kpi.inventory_turnover(365_000, 125_000, days=182.5)
    assert float(half) == pytest.approx(5.84)
    assert float(kpi.gmroi(590_000, 365_000, 125_000, days=182.5)) == pytest.approx(3.6)


def ledger():
    """Two items over four days.

    MUG costs 5 and sells at 8: opens with 10, sells 2, 3, 0, 5, receives 4 on day 3:
    ends of days 8, 5, 9, 4. BOWL costs 2 and sells at 3: opens with 1, sells 1 and is out after it.
    """
    return Ledger(
        on_hand=np.array([[8.0, 5, 9, 4], [0, 0, 0, 0]]),
        sold=np.array([[2.0, 3, 0, 5], [1, 0, 0, 0]]),
        received=np.array([4.0, 0]),
        opening=np.array([10.0, 1]),
        unit_cost=np.array([5.0, 2]),
        price=np.array([8.0, 3]),
        is_slow=np.array([True, False]),
        is_active=np.ones((2, 4), dtype=bool),
        demand_rate=np.array([3.0, 1]),
        orders=np.array([10.0, 2]),
        orders_hit=np.array([0.0, 1]),
    )


def test_a_ledger_that_a_pencil_can_follow():
    found = kpi.measures(ledger(), ["US", "DE"]).set_index("group")
    whole = found.loc[""]
    goods = 10 * 5 + 1 * 2  # 52
    held = (8 + 5 + 9 + 4) / 4 * 5  # 32.50 a day in MUG, nothing in BOWL
    assert whole["inventory_turnover"] == pytest.approx(goods * 365 / 4 / held)  # 146
    assert whole["inventory_turnover"] == pytest.approx(146.0)
    assert whole["days_of_inventory"] == pytest.approx(2.5)
    revenue = 10 * 8 + 1 * 3  # 83
    assert whole["gmroi"] == pytest.approx((revenue - goods) * 365 / 4 / held)
    assert whole["slow_share"] == 0.5
    assert whole["slow_share_stocked"] == 1.0
    assert whole["slow_share_value"] == 1.0
    assert whole["stockout_rate"] == pytest.approx(1 / 12)
    assert whole["stockout_share"] == 0.5
    assert whole["stockout_demand_share"] == 0.25  # BOWL is a quarter of the demand
    assert whole["in_stock_rate"] == 0.75
    assert whole["sell_through"] == pytest.approx(11 / 15)
    assert whole["stock_value"] == 20.0
    assert found.index.tolist() == ["", "DE", "US"]
    assert found.loc["US", "inventory_turnover"] == pytest.approx(50 * 365 / 4 / 32.5)
    assert np.isnan(found.loc["DE", "inventory_turnover"])  # nothing in stock to turn


def test_an_item_without_a_cost_is_left_out_above_and_below_the_line():
    whole = ledger()
    known = Ledger(**{
        **{name: getattr(whole, name) for name in Ledger.__dataclass_fields__},
        "unit_cost": np.array([5.0, np.nan]),
    })  # fmt: skip
    found = kpi.measures(known, ["US", "DE"]).set_index("group")
    assert found.loc["", "inventory_turnover"] == pytest.approx(50 * 365 / 4 / 32.5)
    assert found.loc["", "items_left_out"] == 1
    assert found.loc["DE", "items_left_out"] == 1


def test_days_whose_stock_nobody_counted_are_not_days_without_stock():
    whole = ledger()
    parts = {name: getattr(whole, name) for name in Ledger.__dataclass_fields__}
    stock = parts["on_hand"].copy()
    stock[1, 1:] = np.nan
    found = kpi.measures(Ledger(**{**parts, "on_hand": stock}), ["", ""]).iloc[0]
    assert found["stockout_share"] == pytest.approx(1 / 5)


def test_nothing_known_is_no_figure_and_no_crash():
    nothing = np.full((2, 3), np.nan)
    unknown = np.full(2, np.nan)
    empty = Ledger(
        nothing, np.zeros((2, 3)), unknown, unknown, unknown, unknown,
        np.zeros(2, dtype=bool), np.zeros((2, 3), dtype=bool), unknown, unknown, unknown,
    )  # fmt: skip
    found = kpi.measures(empty, ["US", "US"]).iloc[0]
    assert found["slow_share"] == 0.0
    silent = ["inventory_turnover", "gmroi", "stockout_rate", "in_stock_rate", "stock_value"]
    assert found[silent].isna().all()
    assert np.isnan(float(kpi.ratio(1.0, 0.0)))


def test_cover_follows_the_season_and_not_the_mean():
    season = np.concatenate([np.full(30, 1.0), np.full(10, 20.0)]).cumsum()[None]
    assert kpi.days_of_cover([50.0], season).tolist() == [32.0]  # 30 + 20 days' worth: 2nd of 10
    assert kpi.days_of_cover([np.nan, 1e9], np.vstack([season, season]))[1] == np.inf
