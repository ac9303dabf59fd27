"""Lead times: from receipts, drawn to their route, with a stated fall-back."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.inventory import lead_time_probabilities, lead_times, moments, shifted

TODAY = date(2026, 6, 30)
ORDERS = (
    "order_id", "sku", "market", "supplier", "route", "quantity", "quantity_received",
    "open_quantity", "ordered_on", "received_on",
)  # fmt: skip
STAGES = ("production", "quality_check", "booking", "transit", "customs", "check_in")


def items(*rows):
    return pd.DataFrame(rows, columns=["sku", "market", "supplier"])


def orders(*rows):
    """Receipts: (sku, market, supplier, route, days taken, days ago received), or full dicts."""
    records = []
    for number, (sku, market, supplier, route, days, ago, *more) in enumerate(rows):
        received = pd.Timestamp(TODAY) - pd.Timedelta(days=ago)
        record = {
            "order_id": f"PO{number}", "sku": sku, "market": market, "supplier": supplier,
            "route": route, "quantity": 100.0, "quantity_received": 100.0, "open_quantity": 0.0,
            "ordered_on": received - pd.Timedelta(days=days), "received_on": received,
        }  # fmt: skip
        records.append(record | (more[0] if more else {}))
    frame = pd.DataFrame(records, columns=ORDERS)
    return frame.astype({"ordered_on": "M8[us]", "received_on": "M8[us]"})


def routes(*rows):
    """Routes: (market, route, usual transit days, worst transit days)."""
    columns = [f"{stage}_days{end}" for stage in STAGES for end in ("", "_worst")]
    frame = pd.DataFrame([row[:2] for row in rows], columns=["market", "route"], dtype=object)
    for column in columns:
        frame[column] = np.nan
    for index, (_, _, usual, worst) in enumerate(rows):
        frame.loc[index, ["transit_days", "transit_days_worst"]] = usual, worst
    return frame


def line(*, of=("A", "US", "Ann"), received=(), stated=()):
    found = lead_times(items(of), orders(*received), routes(*stated), TODAY)
    return found.lines.iloc[0]


def sea(days, ago, supplier="Ann", sku="A", **more):
    return (sku, "US", supplier, "sea", days, ago, more)


def test_without_any_receipt_the_built_in_days_are_assumed():
    found = line()
    assert (found["route"], found["lead_time_source"]) == ("sea", "assumed")
    assert found["lead_time_mean"] == pytest.approx(45, abs=0.1)
    assert found["lead_time_sd"] == pytest.approx((70 - 45) / 1.645, rel=0.01)
    assert found["lead_time_max"] == 70


def test_the_routes_table_comes_before_what_is_built_in():
    found = line(stated=[("US", "Sea ", 30.0, 40.0), ("DE", "sea", 99.0, 99.0)])
    assert found["lead_time_source"] == "routes_table"
    assert found["lead_time_mean"] == pytest.approx(30, abs=0.1)
    assert found["lead_time_max"] == 40


def test_three_receipts_of_the_route_are_enough():
    others = [sea(40 + n, 30, supplier="Bo", sku="B") for n in (0, 2, 4)]
    found = line(received=others, stated=[("US", "sea", 30.0, 40.0)])
    assert found["lead_time_source"] == "route_pool"
    assert found["lead_time_receipts"] == 3
    assert found["lead_time_mean"] == pytest.approx(42, abs=0.1)
    assert found["lead_time_max"] == 44
    assert line(received=others[:2])["lead_time_source"] == "assumed"


def test_own_receipts_are_drawn_to_the_routes_by_n_over_n_plus_8():
    own = [sea(50, ago) for ago in (10, 20, 30, 40)]
    others = [sea(days, 30, supplier="Bo") for days in (30, 30, 30, 30, 70, 70, 70, 70)]
    found = line(received=own + others)
    weight = 4 / 12
    pool = np.array([50] * 4 + [30] * 4 + [70] * 4, dtype=float)
    assert found["lead_time_source"] == "own"
    assert found["lead_time_mean"] == pytest.approx(weight * 50 + (1 - weight) * 50, abs=0.1)
    sd = np.sqrt((1 - weight) * (pool.std(ddof=1) / pool.mean() * 50) ** 2)
    assert found["lead_time_sd"] == pytest.approx(sd, rel=0.02)
    assert found["lead_time_max"] == 50


def test_the_longest_lead_time_is_of_the_last_twelve_months():
    found = line(received=[sea(90, 500), sea(40, 10), sea(41, 20), sea(42, 30)])
    assert found["lead_time_max"] == 42
    assert found["lead_time_usual"] == 41
    assert found["lead_time_mean"] > 45  # the distribution remembers two years


def test_a_line_has_arrived_with_its_last_receipt():
    twice = [sea(40, 30, order_id="X"), sea(50, 20, order_id="X")]
    found = line(received=[*twice, sea(50, 25), sea(50, 26)])
    assert found["lead_time_receipts"] == 3
    assert found["lead_time_mean"] == pytest.approx(50, abs=0.1)


def test_what_has_hardly_arrived_says_nothing_yet():
    found = line(
        received=[sea(40, n, quantity_received=10.0, open_quantity=90.0) for n in (1, 2, 3)]
    )
    assert found["lead_time_source"] == "assumed"


def test_receipts_after_the_plans_day_are_not_known():
    assert line(received=[sea(40, ago) for ago in (-1, -2, -3)])["lead_time_source"] == "assumed"


def test_the_default_route_brought_the_most_units():
    air = [("A", "US", "Ann", "AIR", 10, ago, {"quantity_received": 500.0}) for ago in (5, 6, 7)]
    found = line(received=[*air, *(sea(40, ago) for ago in (5, 6, 7))])
    assert found["route"] == "air"
    assert found["lead_time_mean"] == pytest.approx(10, abs=0.1)
    assert line(received=[sea(40, 5, route=None)])["route"] == "sea"


def test_items_keep_their_order_and_markets_apart():
    received = [("A", market, "Ann", "sea", days, 9) for market, days in
                (("DE", 30), ("US", 60)) for _ in range(3)]  # fmt: skip
    found = lead_times(
        items(("A", "US", "Ann"), ("A", "DE", "Ann"), ("Z", "DE", None)),
        orders(*received),
        routes(),
        TODAY,
    )
    assert found.lines["lead_time_mean"].round().tolist() == [60, 30, 30]
    assert found.lines["lead_time_source"].tolist() == ["own", "own", "route_pool"]
    assert found.row.tolist() == [1, 0, 0]
    assert found.probabilities.shape == (2, 196)


@given(st.floats(2, 120), st.floats(0, 40))
def test_probabilities_add_up_and_keep_the_mean(mean, sd):
    p = lead_time_probabilities([mean], [sd])
    assert p.sum() == pytest.approx(1)
    assert (p >= 0).all()
    got, spread = moments(p)
    if mean - 3 * sd > 1 and mean + 5 * sd < 196:
        assert got[0] == pytest.approx(mean, abs=0.05)
        assert spread[0] == pytest.approx(max(sd, 0), abs=0.6)


def test_a_delay_moves_every_day_and_the_last_one_keeps_what_is_cut():
    p = lead_time_probabilities([186.0], [5.0])
    later = shifted(p, 14)
    assert later.sum() == pytest.approx(1)
    assert later[0, :14].sum() == 0
    assert later[0, -1] > 0.5
    assert shifted(p, 0).tolist() == p.tolist()
    assert shifted(p, 300)[0, -1] == pytest.approx(1)


def test_fifteen_weeks_and_ninety_days_of_delay_fit():
    late = shifted(lead_time_probabilities([105.0], [0.0]), 90)
    assert moments(late)[0] == pytest.approx(195.0)
