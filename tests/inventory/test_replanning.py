"""Orders of the weeks to come, and what is lost by some day, against a plain loop over days."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import inventory
from analytics.inventory.replanning import Policy, lost_by, orders_of_policy

HORIZON = 60


@st.composite
def items(draw):
    """One item: units a day, stock, open orders, and how it is bought."""
    per_day = draw(st.lists(st.integers(0, 20), min_size=120, max_size=120))
    orders = draw(st.lists(st.tuples(st.integers(-3, 80), st.integers(1, 300)), max_size=4))
    return {
        "demand": np.cumsum(np.array([per_day], dtype=float), axis=1),
        "on_hand": float(draw(st.integers(0, 300))),
        "eta": np.array([[day for day, _ in orders]], dtype=np.int64).reshape(1, -1),
        "quantity": np.array([[units for _, units in orders]], dtype=float).reshape(1, -1),
        "point": float(draw(st.integers(0, 400))),
        "arrival": float(draw(st.integers(1, 50))),
        "moq": draw(st.sampled_from([np.nan, 50.0])),
        "carton": draw(st.sampled_from([np.nan, 12.0])),
        "batch": draw(st.booleans()),
    }


def policy(item, *, once=False):
    one = np.ones(1)
    return Policy(
        reorder_point=item["point"] * one,
        protected_days=(item["arrival"] + 7) * one,
        cover_days=14 * one,
        arrival=item["arrival"] * one,
        moq=item["moq"] * one,
        carton=item["carton"] * one,
        in_batches=np.array([item["batch"]]),
        once=np.array([once]),
    )


def ordered(item, **more):
    position = item["on_hand"] + item["quantity"].sum()
    return orders_of_policy(
        [more.pop("position", position)], item["demand"], policy(item, **more),
        on_hand=[item["on_hand"]], eta=item["eta"], quantity=item["quantity"], horizon=HORIZON,
    )  # fmt: skip


def by_day(item):
    """The same, one day after the other: receive, sell, lose, look on the seventh day."""
    demand = np.diff(item["demand"][0], prepend=0.0)
    stock, position = item["on_hand"], item["on_hand"] + item["quantity"].sum()
    coming = [(max(int(day), 1), units) for day, units in zip(item["eta"][0], item["quantity"][0],
                                                              strict=True)]  # fmt: skip
    found, lead = {}, int(item["arrival"])
    protected, cumulative = lead + 7, np.append(0.0, item["demand"][0])

    def until(day):
        if day < len(cumulative):
            return cumulative[day]
        rate = (cumulative[-1] - cumulative[-29]) / 28
        return cumulative[-1] + (day - len(cumulative) + 1) * rate

    for day in range(1, HORIZON):
        stock += sum(units for when, units in coming if when == day)
        sold = min(stock, demand[day - 1])
        stock, position = stock - sold, position - sold
        if day % 7 or day + lead > HORIZON:
            continue
        level = item["point"] + until(day + protected) - until(day) - until(protected)
        level = np.ceil(max(level, 0.0) - 1e-6)
        if position > level:
            continue
        target = np.ceil(level + until(day + protected + 14) - until(day + protected) - 1e-6)
        missing = min(target - position, 1.0) if item["batch"] else target - position
        units = float(inventory.rounded_quantity([missing], item["moq"], item["carton"])[0])
        if units > 0:
            found[day] = units
            coming.append((day + lead, units))
            position += units
    return found


@settings(max_examples=150)
@given(items())
def test_orders_are_those_of_a_loop_over_days(item):
    new = ordered(item)
    told = {int(day): units for day, units in zip(new.placed, new.units[0], strict=True)}
    assert told == pytest.approx(by_day(item))
    assert (new.eta[0] == new.placed + int(item["arrival"])).all()


@given(items())
def test_what_is_not_known_or_bought_once_is_not_ordered(item):
    assert ordered(item, position=np.nan).units.size == 0
    assert ordered(item, once=True).units.size == 0


@given(items(), st.integers(-2, 120))
def test_what_is_lost_by_a_day_is_what_a_projection_up_to_it_loses(item, day):
    found = lost_by([item["on_hand"]], item["demand"], item["eta"], item["quantity"], [day])
    if day < 1:
        assert found.tolist() == [0.0]
        return
    until = inventory.project(
        [item["on_hand"]], item["demand"][:, :day], item["eta"], item["quantity"]
    )
    assert found == pytest.approx(until.lost)


def test_items_may_be_rows_of_a_larger_table_of_demand():
    demand = np.cumsum(np.arange(1.0, 13.0).reshape(3, 4), axis=1)
    rows = np.array([2, 0, 2])
    held, eta, units = [3.0, 1.0, 9.0], np.array([[2], [3], [4]]), np.full((3, 1), 5.0)
    found = lost_by(held, demand, eta, units, [4, 4, 3], rows=rows)
    assert found.tolist() == lost_by(held, demand[rows], eta, units, [4, 4, 3]).tolist()


def test_unknown_stock_stays_unknown():
    none = np.zeros((1, 0))
    assert np.isnan(lost_by([np.nan], np.ones((1, 5)), none.astype(int), none, [3])).all()
