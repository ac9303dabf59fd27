"""Stages backwards and forwards, and factories that stand still."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.calendars import builtin, event_frame
from analytics.inventory.stages import (
    STAGES,
    arrival_day,
    factory_closures,
    order_day,
    scaled_stages,
    ship_day,
    stage_days,
)

WEEKS = np.array([5, 1, 0, 5, 0, 2]) * 7  # production, checks, at sea, check-in


def days(*dates):
    return np.array(dates, dtype="M8[D]")


def test_5_1_5_2_weeks_for_week_50_are_ordered_in_week_37():
    assert order_day([50 * 7], WEEKS).tolist() == [37 * 7]
    monday = [date.fromisocalendar(2026, week, 1) for week in (50, 37, 43)]
    assert order_day(days(monday[0]), WEEKS).tolist() == [monday[1]]
    assert arrival_day(days(monday[1]), WEEKS).tolist() == [monday[0]]
    assert ship_day(days(monday[0]), WEEKS).tolist() == [monday[2]]


def test_new_year_pushes_only_orders_whose_production_crosses_it():
    closures = factory_closures(event_frame(builtin()))
    in_production = days("2026-03-20", "2026-06-30")  # ready on Feb 10 and on May 23
    stages = [30, 0, 0, 30, 3, 5]
    plain = order_day(in_production, stages)
    pushed = order_day(in_production, stages, closures)
    assert (plain - pushed).astype(int).tolist() == [4, 0]  # Feb 7, 8, 9 and 10 are closed
    whole = order_day(days("2026-04-20"), stages, closures)  # ready on Mar 13, ten days after
    assert (order_day(days("2026-04-20"), stages) - whole).astype(int).tolist() == [25]


def test_an_order_at_sea_is_not_moved_by_a_closure():
    closures = days(["2026-02-07", "2026-03-03"])
    sailing = [10, 0, 0, 40, 0, 0]
    assert arrival_day(days("2026-01-20"), sailing, closures) == days("2026-03-11")
    no_production = [0, 0, 0, 5, 0, 0]
    assert arrival_day(days("2026-02-10"), no_production, closures) == days("2026-02-15")


def walk(start, production, shut):
    day, left = start, production
    while left:
        day += 1
        left -= not any(first <= day <= last for first, last in shut)
    return day


closures = st.lists(
    st.tuples(st.integers(0, 120), st.integers(0, 25)).map(lambda x: (x[0], x[0] + x[1])),
    max_size=4,
)


@settings(deadline=None, max_examples=200)
@given(st.integers(-20, 150), st.integers(0, 40), closures)
def test_forwards_is_a_walk_over_open_days(start, production, shut):
    stages = [production, 2, 0, 7, 0, 1]
    found = int(arrival_day([start], stages, shut)[0])
    assert found == walk(start, production, shut) + 10


@settings(deadline=None, max_examples=200)
@given(st.integers(-20, 150), st.integers(0, 40), closures)
def test_backwards_is_the_last_day_that_is_in_time(need, production, shut):
    stages = [production, 2, 0, 7, 0, 1]
    last = int(order_day([need], stages, shut)[0])
    assert int(arrival_day([last], stages, shut)[0]) <= need
    assert int(arrival_day([last + 1], stages, shut)[0]) > need


def test_many_items_each_with_its_stages_and_parts_of_days_are_whole():
    stages = [[10.2, np.nan, 0, 20, 0, 5], [3, 0, 0, 2, 0, 0]]
    assert order_day([100, 100], stages).tolist() == [100 - 36, 95]


def test_closures_are_those_of_factories():
    own = pd.DataFrame(
        {"name": ["Port strike"], "starts_on": [pd.Timestamp("2026-05-01")],
         "ends_on": [pd.Timestamp("2026-05-09")], "delay_days": [9.0]}
    )  # fmt: skip
    found = factory_closures(event_frame(builtin(), own))
    assert ["2026-02-07", "2026-03-03"] in found.astype(str).tolist()
    assert len(found) == 10
    assert factory_closures(event_frame(builtin()), codes=()).shape == (0, 2)
    assert order_day([50], [10, 0, 0, 0, 0, 0], np.empty((0, 2))).tolist() == [40]


def orders(*rows):
    """Orders: supplier, route and six dates as days ago."""
    names = ("ordered_on", "ready_on", "shipped_on", "arrived_on", "cleared_on", "received_on")
    records = [
        {"sku": "A", "market": "US", "supplier": supplier, "route": route}
        | {name: pd.Timestamp("2026-06-30") - pd.Timedelta(days=ago)
           for name, ago in zip(names, dates, strict=True)}
        for supplier, route, *dates in rows
    ]  # fmt: skip
    frame = pd.DataFrame(records, columns=["sku", "market", "supplier", "route", *names])
    return frame.astype(dict.fromkeys(names, "M8[us]"))


def table(*rows):
    columns = ["market", "route", *(f"{stage}_days" for stage in STAGES)]
    return pd.DataFrame(rows, columns=columns)


def test_stages_are_medians_of_the_supplier_then_of_the_route_then_stated():
    lines = pd.DataFrame(
        [("US", "Ann", "sea"), ("US", "Bo", "Sea"), ("DE", "Ann", "sea"), ("US", "Ann", "air")],
        columns=["market", "supplier", "route"],
    ).assign(route=["sea", "sea", "sea", "air"])
    ann = [("Ann", "sea", 100 + n, 85, 80, 60, 57, 50) for n in (0, 1, 5)]
    bo = [("Bo", "sea", 100, 70, 66, 46, 43, 40)]
    stated = table(("DE", "SEA", 20, 2, 3, 30, 4, 5))
    found = stage_days(lines, orders(*ann, *bo), stated, date(2026, 6, 30))
    assert found["stages_source"].tolist() == ["own", "route_pool", "routes_table", "assumed"]
    assert found.loc[0, list(STAGES)].tolist() == [16, 0, 5, 20, 3, 7]
    assert found.loc[1, "production"] == 18  # of 15, 16, 20 and 30
    assert found.loc[2, list(STAGES)].tolist() == [20, 2, 3, 30, 4, 5]
    assert found.loc[3, list(STAGES)].sum() == 10


def test_without_any_order_or_route_stages_are_assumed():
    lines = pd.DataFrame({"market": ["US"], "supplier": ["Ann"], "route": ["camel"]})
    found = stage_days(lines, orders(), table(), date(2026, 6, 30))
    assert found["stages_source"].tolist() == ["assumed"]
    assert found[list(STAGES)].sum(axis=1).tolist() == [45]


def test_stages_are_stretched_to_a_lead_time():
    assert scaled_stages([[10, 0, 0, 20, 0, 10]], [60]).sum() == pytest.approx(60)
    assert scaled_stages([[0.0] * 6], [60])[0, 0] == 60
