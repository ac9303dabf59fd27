"""The explain card: bars that add up to the reorder point, and what each of them stands on."""

import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.errors import UnknownItemError
from analytics.policy import Method
from analytics.scenario import Scenario
from analytics.services import buffers, evidence, explaining, planning, policies
from analytics.services.explaining import BARS
from analytics.services.levels import levels
from analytics.store import Store
from tests.services.shops import products, receipts, sales, stock

MOVED = Scenario(lead_time_delay_days=14, demand_change_pct=20, service_level_pct=99)
SCENARIOS = st.builds(
    Scenario,
    lead_time_delay_days=st.integers(0, 90),
    lead_time_change_pct=st.integers(-10, 20).map(lambda k: 5 * k),
    lead_time_spread_pct=st.integers(-10, 20).map(lambda k: 10 * k),
    demand_change_pct=st.integers(-10, 20).map(lambda k: 5 * k),
    service_level_pct=st.none() | st.integers(800, 999).map(lambda k: k / 10),
)


def tenths(values):
    """Tenths of a unit as whole numbers: what is shown must add up without any rounding."""
    whole = np.rint(np.asarray(values, dtype=float) * 10)
    assert np.abs(whole - np.asarray(values, dtype=float) * 10).max() < 1e-6
    return whole.astype(int)


@pytest.fixture(scope="module")
def basis(sample_store):
    return planning.basis(sample_store)


def with_method(basis, method):
    """The sample as if every policy asked for one method."""
    rules = basis.policies
    every = np.full(len(rules.method), method, dtype=object)
    return dataclasses.replace(basis, policies=dataclasses.replace(rules, method=every))


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(scenario=SCENARIOS, method=st.sampled_from([method.value for method in Method]))
def test_the_bars_of_every_item_add_up_exactly(basis, scenario, method):
    asked = with_method(basis, method)
    told = explaining.bars(asked, scenario)
    total = sum(tenths(told[name]) for name in BARS)
    assert (total == tenths(told["reorder_point"])).all()
    plan = levels(asked, scenario).reorder_point
    assert (told["reorder_point"] - plan).between(-1e-5, 1.0).all()
    assert told["rounding"].between(-0.05, 1.05).all()
    assert np.isfinite(told[[*BARS]].to_numpy()).all()


def test_at_rest_no_slider_adds_anything(basis):
    told = explaining.bars(basis, Scenario())
    assert (told["sliders"] == 0).all()
    still = levels(basis, Scenario())
    demand = told["lead_time_demand"] + told["review_demand"]
    assert demand.to_numpy() == pytest.approx(still.demand_mean, abs=0.051)


def test_the_rule_is_told_by_its_own_days(tmp_path):
    """4 a day; 30 days usual with one of 40: 4 x 31.4 usual, nothing for demand, the rest for
    the longest lead time."""
    with Store.open(tmp_path / "own") as store:
        store.load([sales(), receipts(count=6), receipts("CUP", days=40, count=1)])
        store.load([stock(("MUG", 5)), receipts(days=40, count=1, route="sea", supplier="MUG")])
        policies.set_item(store, [("MUG", "US")], {"method": "max_average"})
        item = buffers.item(store, Scenario(), "MUG", "US")
    why = item.why
    usual, longest = why.facts["lead_time_usual"], why.facts["lead_time_max"]
    told = why.bars.set_index("bar")["units"]
    assert why.method == "max_average"
    assert told["lead_time_demand"] == pytest.approx(4 * usual, abs=0.051)
    assert told["review_demand"] == 0
    assert told["uncertain_demand"] == pytest.approx(0, abs=0.11)
    assert told["uncertain_lead_time"] == pytest.approx(4 * (longest - usual), abs=0.11)
    assert why.reorder_point == 4 * longest


def test_without_a_spread_of_lead_times_they_need_no_buffer(basis):
    told = explaining.bars(basis, Scenario(lead_time_spread_pct=-100))
    gone = told["uncertain_lead_time"] + told["sliders"]
    assert gone.to_numpy() == pytest.approx(0, abs=0.11)


def test_one_item_alone_reads_as_among_all(basis):
    for scenario in (Scenario(), MOVED):
        every = levels(basis, scenario)
        told = explaining.bars(basis, scenario)
        for row in range(0, len(told), 7):
            one = explaining.alone(basis, row)
            alone = levels(one, scenario)
            for name, points in every.reorder_points.items():
                assert alone.reorder_points[name][0] == pytest.approx(points[row], rel=1e-9)
            assert explaining.bars(one, scenario).iloc[0].to_dict() == told.iloc[row].to_dict()


def test_the_sliders_bar_is_the_sum_of_each_slider(basis):
    why = explaining.explained(explaining.alone(basis, 0), MOVED)
    assert set(why.sliders["assumption"]) == {
        "demand_change_pct", "lead_time_delay_days", "service_level_pct",
    }  # fmt: skip
    bar = why.bars.set_index("bar").loc["sliders", "units"]
    assert tenths(why.sliders["units"]).sum() == tenths([bar])[0]


def test_the_waterfall_ends_at_the_reorder_point(basis):
    drawn = explaining.explained(explaining.alone(basis, 3), MOVED).waterfall
    assert drawn["starts_at"].tolist()[1:-1] == drawn["ends_at"].tolist()[:-2]
    assert drawn["ends_at"].iloc[-2] == drawn["ends_at"].iloc[-1]
    assert drawn["kind"].iloc[-1] == "total"


def test_the_receipts_shown_are_those_that_were_counted(sample_store, basis):
    lines = basis.lead_times.lines
    for row in range(0, len(lines), 6):
        listed = basis.outlook.items.iloc[row]
        known = evidence.evidence(sample_store, None, listed["sku"], listed["market"])
        is_open = known.receipts["is_open"]
        if known.facts["lead_time_source"] in ("own", "route_pool"):
            assert (~is_open).sum() == lines["lead_time_receipts"].iloc[row]
            assert is_open.sum() == lines["lead_time_open"].iloc[row]
            arrived = known.receipts.loc[~is_open, "received_on"]
            assert arrived.max().date() == known.facts["lead_time_last"]
        else:
            assert known.receipts.empty
        assert known.facts["files"] == len(known.sales) > 0
        assert len(known.weeks)


def test_an_item_without_any_receipt_says_so(tmp_path):
    with Store.open(tmp_path / "own") as store:
        store.load([sales(), products({"sku": "MUG", "unit_cost": 2.0, "currency": "CNY"})])
        known = evidence.evidence(store, None, "MUG", "US")
        item = buffers.item(store, Scenario(), "MUG", "US")
    assert known.facts["lead_time_source"] == "assumed"
    assert known.receipts.empty
    assert known.facts["lead_time_since"] is None
    assert tenths(item.why.bars["units"]).sum() == tenths([item.why.reorder_point])[0]


def test_an_item_that_never_sold_has_bars_of_nothing(tmp_path):
    with Store.open(tmp_path / "own") as store:
        store.load([sales(), stock(("NEW", 9))])
        why = buffers.item(store, Scenario(), "NEW", "US").why
    assert why.reorder_point == 0
    assert (why.bars["units"] == 0).all()


def test_a_stranger_is_named(sample_store):
    with pytest.raises(UnknownItemError, match="X-1 in market US"):
        evidence.evidence(sample_store, None, "X-1", "US")
