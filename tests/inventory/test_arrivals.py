"""When open orders are expected: by their age, not before tomorrow, each unit once."""

from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.inventory.arrivals import CHECK_IN, arrivals, eta_and_quantity
from analytics.inventory.durations import moments, remaining
from analytics.inventory.lead_time import LeadTimes, lead_times_by_route
from analytics.inventory.position import stock_positions
from analytics.inventory.projection import project
from analytics.inventory.stages import STAGES
from tests.inventory.test_position import observed

TODAY = pd.Timestamp("2026-06-30")
DATES = ("ordered_on", "shipped_on", "arrived_on", "cleared_on", "received_on", "expected_on")
ITEMS = pd.DataFrame({"sku": ["A", "B"], "market": "US", "supplier": ["Ann", "Bo"]})


def ago(days):
    return TODAY - pd.Timedelta(days=days)


def orders(*records):
    columns = ["order_id", "sku", "market", "supplier", "route", "quantity", "quantity_received",
               "open_quantity", *DATES]  # fmt: skip
    frame = pd.DataFrame(list(records), columns=columns)
    numbers = ["quantity", "quantity_received", "open_quantity"]
    return frame.astype(dict.fromkeys(DATES, "M8[us]")).astype(dict.fromkeys(numbers, float))


def order(ordered, units=100.0, sku="A", **more):
    return {"order_id": f"PO{ordered}", "sku": sku, "market": "US", "supplier": "Ann",
            "route": "sea", "quantity": units, "open_quantity": units,
            "ordered_on": ago(ordered)} | more  # fmt: skip


def no_routes():
    columns = [f"{stage}_days{end}" for stage in STAGES for end in ("", "_worst")]
    return pd.DataFrame(columns=["market", "route", *columns])


def laws(*records):
    return lead_times_by_route(ITEMS, orders(*records), no_routes(), TODAY.date())


def expected(*records, **more):
    every = orders(*records)
    known = lead_times_by_route(ITEMS, every, no_routes(), TODAY.date())
    return arrivals(ITEMS, every, known, TODAY.date(), **more)


def test_an_order_is_expected_by_its_route_and_age():
    found = expected(order(10), order(40), order(2, route="air"))
    assert found["order_id"].tolist() == ["PO2", "PO40", "PO10"]
    known = laws(order(10), order(40))
    law = known.probabilities[known.row[:1]]
    for age, row in ((40, 1), (10, 2)):
        left, _ = moments(remaining(law, [age]))
        assert found.loc[row, "eta"] == round(left[0])
        assert found.loc[row, "eta_on"] == TODAY + pd.Timedelta(days=round(left[0]))
    assert found.loc[0, "eta"] == pytest.approx(8, abs=1)  # built in: ten days by air
    assert found["age"].tolist() == [2, 40, 10]


def test_an_order_by_a_route_without_a_law_takes_that_of_the_default_route():
    known = laws()
    found = arrivals(ITEMS, orders(order(5, route="camel")), known, TODAY.date())
    assert found.loc[0, "law"] == known.row[0]


def test_no_order_is_expected_before_tomorrow_and_late_ones_are_said():
    found = expected(
        order(90), order(20, expected_on=ago(1)), order(19, expected_on=ago(-30)),
    )  # fmt: skip
    assert (found["eta"] >= 1).all()
    assert found.set_index("order_id")["is_overdue"].to_dict() == {
        "PO90": True, "PO20": True, "PO19": False,
    }  # fmt: skip
    assert found.set_index("order_id").loc["PO19", "expected_on"] == ago(-30)


def test_on_an_earlier_day_what_came_later_was_still_to_come():
    came = order(50, open_quantity=0.0, received_on=ago(3))
    every = orders(came)
    known = lead_times_by_route(ITEMS, every, no_routes(), TODAY.date())
    assert arrivals(ITEMS, every, known, TODAY.date()).empty
    then = arrivals(ITEMS, every, known, date(2026, 6, 20))
    assert then["units"].tolist() == [100]
    assert then["age"].tolist() == [40]


def positions(announced_only=(0.0, 0.0), counted=(TODAY, TODAY)):
    return pd.DataFrame({"announced_only": announced_only, "stock_date": pd.Series(counted)})


def test_what_is_announced_without_an_order_arrives_too():
    found = expected(order(10), positions=positions((25.0, 8.0)))
    only = found[found["order_id"].isna()]
    assert only["item"].tolist() == [0, 1]
    assert only["units"].tolist() == [25, 8]
    assert set(only["eta"]) == {CHECK_IN}
    assert set(only["law"]) == {-1}
    assert found["units"].sum() == 133


def test_what_a_later_list_holds_is_there_already():
    came = order(50, open_quantity=0.0, received_on=ago(-3), quantity_received=100.0)
    assert expected(came, positions=positions())["units"].tolist() == [100]
    assert expected(came, positions=positions(counted=(ago(-4), TODAY))).empty


def test_arrivals_feed_the_projection():
    found = expected(order(10), order(40, 60.0), order(5, 7.0, sku="B"))
    eta, quantity = eta_and_quantity(found, len(ITEMS))
    assert eta.shape == quantity.shape == (2, 2)
    assert quantity.tolist() == [[60, 100], [7, 0]]
    demand = np.cumsum(np.full((2, 90), 1.0), axis=1)
    assert project([0, 0], demand, eta, quantity).lost.sum() > 0


def test_no_orders_are_no_arrivals():
    found = expected()
    eta, quantity = eta_and_quantity(found, 2)
    assert eta.shape == (2, 0)
    demand = np.cumsum(np.full((2, 9), 1.0), axis=1)
    assert project([4, 4], demand, eta, quantity).lost.tolist() == [5, 5]


def test_a_law_of_its_own_is_the_orders_own():
    known = laws()
    slow = LeadTimes(known.lines, np.eye(196)[[99]], np.zeros(len(known.lines), dtype=np.int64))
    found = arrivals(ITEMS, orders(order(30)), slow, TODAY.date())
    assert found["eta"].tolist() == [70]
    assert found.loc[0, "is_overdue"] == pytest.approx(False)


@cache
def steady():
    """Three items, their days, and the lead times that are assumed for them."""
    listed, days = observed()
    known = lead_times_by_route(
        listed.assign(supplier="Ann"), orders(), no_routes(), TODAY.date()
    )  # fmt: skip
    return listed, days, known


@settings(deadline=None, max_examples=30)
@given(
    announced=st.integers(0, 200), counted=st.integers(-9, 9),
    parts=st.lists(
        st.tuples(st.integers(0, 90), st.integers(1, 80), st.booleans(), st.integers(-9, 9)),
        max_size=5,
    ),
)  # fmt: skip
def test_every_unit_of_the_position_that_is_not_here_yet_arrives_once(announced, counted, parts):
    every = orders(*(
        order(ordered, float(units), shipped_on=ago(0) if sent else pd.NaT,
              received_on=ago(came) if came < 0 else pd.NaT)
        for ordered, units, sent, came in parts
    ))  # fmt: skip
    items, days, known = steady()
    count = [("A", "US", ago(counted), 50.0, float(announced), 0.0)]
    columns = ["sku", "market", "date", "on_hand", "inbound", "reserved"]
    listed = pd.DataFrame(count, columns=columns).astype({"date": "M8[us]"})
    held = stock_positions(items, listed, every, days)
    found = arrivals(items, every, known, TODAY.date(), positions=held)
    assert found["units"].sum() == held[["inbound", "on_order"]].sum(axis=None)
    assert (found["eta"] >= 1).all()
    assert found["eta_on"].notna().all()


def test_where_an_order_stands_is_told_by_its_dates():
    known = laws()
    placed = orders(
        order(9),
        order(20, shipped_on=ago(4)),
        order(25, shipped_on=ago(9), arrived_on=ago(1)),
        order(30, shipped_on=ago(9), arrived_on=ago(5), cleared_on=ago(0)),
        order(31, shipped_on=ago(-3)),  # not yet
        order(32) | {"supplier": None},
    )
    ready = placed.assign(ready_on=[ago(1), *[pd.NaT] * 5])
    for asked, first in ((placed, "production"), (ready, "quality_check")):
        found = arrivals(ITEMS, asked, known, TODAY.date()).set_index("order_id")
        stages = found["stage"].to_dict()
        assert stages == {"PO9": first, "PO20": "transit", "PO25": "customs", "PO30": "check_in",
                          "PO31": "production", "PO32": "production"}  # fmt: skip
    assert found["shipped_on"].notna().to_dict() == {
        name: name in ("PO20", "PO25", "PO30") for name in stages
    }
    assert set(found["supplier"]) == {"Ann"}  # the item's, where the order names none
    assert set(found["market"]) == {"US"}
    own = known.lines.iloc[found["line"].to_numpy()]
    assert set(own["item"]) == {0}
    assert set(own["route"]) == {"sea"}
