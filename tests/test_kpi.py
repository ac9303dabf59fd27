"""The measures of the shop, from books and from a ledger that a pencil can follow."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

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


def ledger(**changed):
    """Two items over four days.

    MUG costs 5 and sells at 8: opens with 10, sells 2, 3, 0, 5, receives 4 on day 3:
    ends of days 8, 5, 9, 4. BOWL costs 2 and sells at 3: opens with 1, sells 1 and is out after it.
    """
    parts = {
        "on_hand": np.array([[8.0, 5, 9, 4], [0, 0, 0, 0]]),
        "sold": np.array([[2.0, 3, 0, 5], [1, 0, 0, 0]]),
        "received": np.array([[0.0, 0, 4, 0], [0, 0, 0, 0]]),
        "is_active": np.ones((2, 4), dtype=bool),
        "is_out": np.array([[False] * 4, [False, True, True, True]]),
        "unit_cost": np.array([5.0, 2]),
        "price": np.array([8.0, 3]),
        "is_slow": np.array([True, False]),
        "demand_rate": np.array([3.0, 1]),
        "demand_ahead": np.array([8.0, 2]),
        "orders": np.array([10.0, 2]),
        "orders_hit": np.array([0.0, 1]),
    }
    return Ledger(**{**parts, **changed})


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
    assert whole["stockout_share"] == 3 / 8  # BOWL served on its first day, and on no other
    lost = 3 * 1.0  # it sells one on a day in stock
    assert whole["stockout_demand_share"] == pytest.approx(lost / (10 + 1 + lost))
    assert whole["in_stock_rate"] == pytest.approx(11 / 14)
    assert whole["sell_through"] == pytest.approx(11 / 15)
    assert whole["weeks_of_cover"] == pytest.approx(4 / 10)
    assert whole["stock_value"] == 20.0
    assert found.index.tolist() == ["", "DE", "US"]
    assert found.loc["US", "inventory_turnover"] == pytest.approx(50 * 365 / 4 / 32.5)
    assert np.isnan(found.loc["DE", "inventory_turnover"])  # nothing in stock to turn


def test_an_item_without_a_cost_is_left_out_above_and_below_the_line():
    found = kpi.measures(ledger(unit_cost=np.array([5.0, np.nan])), ["US", "DE"]).set_index("group")
    assert found.loc["", "inventory_turnover"] == pytest.approx(50 * 365 / 4 / 32.5)
    assert found.loc["", "items_left_out"] == 1
    assert found.loc["DE", "items_left_out"] == 1
    assert np.isnan(found.loc["DE", "stock_value"])


def test_days_whose_stock_nobody_counted_are_not_days_without_stock():
    stock = ledger().on_hand
    stock[1, 1:] = np.nan
    found = kpi.measures(ledger(on_hand=stock), ["", ""]).iloc[0]
    assert found["stockout_share"] == 0.0


def test_an_item_that_began_within_the_period_had_no_stock_before_it():
    """CUP comes on day 3 of 4 and stands at 6, then 4: 10 / 4 on the mean of the four days."""
    on_hand = np.array([[np.nan, np.nan, 6.0, 4]])
    active = np.array([[False, False, True, True]])
    rows = {name: getattr(ledger(), name)[:1] for name in ("price", "is_slow", "demand_rate")}
    cup = ledger(
        on_hand=on_hand, sold=np.array([[0.0, 0, 1, 2]]), received=np.zeros((1, 4)),
        is_active=active, is_out=np.zeros((1, 4), dtype=bool), unit_cost=np.array([5.0]),
        demand_ahead=np.array([1.0]), orders=np.array([np.nan]), orders_hit=np.array([np.nan]),
        **rows,
    )  # fmt: skip
    found = {name: values.tolist() for name, values in kpi.inputs(cup).items()}
    assert found["mean_stock"] == pytest.approx([10 / 4])
    assert (found["days_active"], found["days_known"]) == ([2], [2])
    assert (found["opening"], found["received"]) == ([7.0], [0.0])
    whole = kpi.measures(cup, [""]).iloc[0]
    assert whole["inventory_turnover"] == pytest.approx(3 * 365 / 4 / (10 / 4))


def test_more_sold_than_any_file_explains_is_no_sell_through_above_one():
    found = kpi.measures(ledger(received=np.zeros((2, 4))), ["", ""]).iloc[0]
    assert found["sell_through"] == pytest.approx(11 / 11)


def test_nothing_known_is_no_figure_and_no_crash():
    nothing, unknown = np.full((2, 3), np.nan), np.full(2, np.nan)
    empty = Ledger(
        on_hand=nothing, sold=np.zeros((2, 3)), received=np.zeros((2, 3)),
        is_active=np.zeros((2, 3), dtype=bool), is_out=np.zeros((2, 3), dtype=bool),
        unit_cost=unknown, price=unknown, is_slow=np.zeros(2, dtype=bool), demand_rate=unknown,
        demand_ahead=unknown, orders=unknown, orders_hit=unknown,
    )  # fmt: skip
    found = kpi.measures(empty, ["US", "US"]).iloc[0]
    assert found[list(kpi.MEASURES)].isna().all()
    none = Ledger(*(np.empty((0, 0)),) * 3, *(np.empty((0, 0), dtype=bool),) * 2,
                  *(np.empty(0),) * 2, np.empty(0, dtype=bool), *(np.empty(0),) * 4)  # fmt: skip
    assert kpi.measures(none, [])["items"].tolist() == [0]
    assert np.isnan(float(kpi.ratio(1.0, 0.0)))


cells = st.one_of(st.just(0.0), st.floats(0.01, 1e4))
unknown_cells = st.one_of(st.just(np.nan), cells)


@st.composite
def ledgers(draw):
    items, n_days = draw(st.integers(1, 6)), draw(st.integers(1, 9))
    both, one = (items, n_days), (items,)
    flags = st.booleans()
    made = {name: draw(arrays(float, both, elements=cells)) for name in ("sold", "received")}
    on_hand = draw(arrays(float, both, elements=unknown_cells))
    out = draw(arrays(bool, both, elements=flags))
    by_item = ("unit_cost", "price", "demand_rate", "demand_ahead", "orders", "orders_hit")
    return Ledger(
        on_hand=np.where(out, 0.0, on_hand),
        is_active=draw(arrays(bool, both, elements=flags)),
        is_out=out,
        is_slow=draw(arrays(bool, one, elements=flags)),
        **{**made, "sold": np.where(out, 0.0, made["sold"])},
        **{name: draw(arrays(float, one, elements=unknown_cells)) for name in by_item},
    )


@settings(max_examples=60, deadline=None)
@given(ledgers())
def test_the_whole_is_made_of_its_groups(book):
    sides = kpi.parts(kpi.inputs(book), book.n_days)
    alone = kpi.totals(sides)
    each = [str(row % 2) for row in range(len(book.on_hand))]
    found = kpi.summed(sides, each)
    assert found["items"].iloc[0] == found["items"].iloc[1:].sum()
    first = found[list(kpi.MEASURES)].iloc[0].to_dict()
    assert alone == pytest.approx(first, nan_ok=True)
    values = found["stock_value"].iloc[1:]
    assert np.nansum(values) == pytest.approx(np.nan_to_num(found["stock_value"].iloc[0]))
    for code, (above, below) in sides.items():
        assert (np.isnan(above) == np.isnan(below)).all(), code
        rows = found[code].iloc[1:].dropna()
        whole = found[code].iloc[0]
        if code != "stock_value" and len(rows) and np.isfinite(whole) and code != "gmroi":
            low, high = rows.min(), rows.max()
            assert whole >= low - 1e-9 * abs(low) or np.isnan(found[code]).any(), code
            assert whole <= high + 1e-9 * abs(high) or np.isnan(found[code]).any(), code
    shares = [c for c in kpi.MEASURES if "share" in c] + ["in_stock_rate", "sell_through"]
    known = found[shares].to_numpy()
    assert ((known >= 0) & (known <= 1 + 1e-12) | np.isnan(known)).all()
    both = found[["stockout_demand_share", "in_stock_rate"]].sum(axis=1, skipna=False).dropna()
    assert both.to_numpy() == pytest.approx(1.0)
    assert (
        np.isfinite(found[list(kpi.MEASURES)].to_numpy()).sum()
        == found[list(kpi.MEASURES)].notna().sum().sum()
    )


def rolled_one_by_one(counted, sold, received, later):
    """The same with a day and an item at a time, as one would do it on paper."""
    stock = np.full(counted.shape, np.nan)
    for item, counts in enumerate(counted):
        known = np.flatnonzero(~np.isnan(counts))
        if not len(known):
            continue
        now = counts[known[0]]
        for day in range(known[0] - 1, max(known[0] - later, 0) - 1, -1):
            now = now + sold[item, day + 1] - received[item, day + 1]
            if now < 0:
                break
            stock[item, day] = now
        for day in range(known[0], counted.shape[1]):
            moved = now + received[item, day] - sold[item, day]
            now = counts[day] if day in known else moved
            now = np.nan if now < 0 else now
            stock[item, day] = now
    return stock


whole_units = st.integers(0, 9).map(float)


@settings(max_examples=80, deadline=None)
@given(st.data(), st.integers(1, 4), st.integers(1, 25), st.integers(0, 14))
def test_stock_is_rolled_from_count_to_count(data, n_items, n_days, later):
    shape = (n_items, n_days)
    units = st.one_of(st.just(0.0), whole_units)
    sold, received = (data.draw(arrays(float, shape, elements=units)) for _ in range(2))
    seldom = st.one_of(*[st.just(np.nan)] * 5, whole_units)
    counted = data.draw(arrays(float, shape, elements=seldom))
    found = kpi.rolled(counted, sold, received, later=later)
    on_paper = rolled_one_by_one(counted, sold, received, later)
    np.testing.assert_array_equal(found, on_paper)
    assert kpi.rolled(counted[:, :0], sold[:, :0], received[:, :0]).shape == (n_items, 0)


def test_cover_follows_the_season_and_not_the_mean():
    season = np.concatenate([np.full(30, 1.0), np.full(10, 20.0)]).cumsum()[None]
    assert kpi.days_of_cover([50.0], season).tolist() == [32.0]  # 30 + 20 days' worth: 2nd of 10
    assert kpi.days_of_cover([np.nan, 1e9], np.vstack([season, season]))[1] == np.inf
