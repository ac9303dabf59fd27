"""Shipments: limits are kept, what is bought is worth it, and each limit has its price."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import OutOfBoundsError, UnknownFieldError
from analytics.scenario import Scenario
from analytics.services import assumptions, containers, minimums, shipments
from analytics.services.assumptions import Container
from analytics.services.containers import Request
from analytics.store import Store
from tests.services import shops

REST = Scenario()
US = Request(market="US", container="20")
GOODS = {"market": "US", "currency": "USD", "carton_volume_m3": 0.05, "carton_weight_kg": 8.0}


def build(store, request, scenario=REST):
    return shipments.build(store, scenario, request)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Three products of two suppliers, four to twelve a day."""
    with Store.open(tmp_path_factory.mktemp("small") / "own") as store:
        told = {"A": (4.0, 10.0, "Acme"), "B": (8.0, 14.0, "Acme"), "C": (12.0, 30.0, "Best")}
        for place, (sku, (cost, price, supplier)) in enumerate(told.items(), start=1):
            more = {
                "unit_cost": cost,
                "price": price,
                "carton_quantity": 40.0,
                "supplier": supplier,
            }
            store.load(
                [
                    shops.sales(sku, units=4.0 * place),
                    shops.receipts(sku),
                    shops.products({"sku": sku, "moq": 80.0, **GOODS, **more}),
                ]
            )
        store.load([shops.stock(("A", 150), ("B", 200), ("C", 300))])
        yield store


@pytest.mark.parametrize("request_", [US, replace(US, cash=20_000.0), replace(US, fill_pct=10.0)])
@pytest.mark.parametrize("market", ["US", "DE", "ID"])
def test_what_is_bought_is_whole_keeps_the_limits_and_can_be_shown(sample_store, request_, market):
    found = build(sample_store, replace(request_, market=market))
    lines = found.lines
    assert (lines["order_quantity"] >= lines["moq"].fillna(0)).all()
    assert (lines["order_quantity"] % lines["carton_quantity"] == 0).all()
    assert (lines["cartons"] * lines["carton_quantity"] == lines["order_quantity"]).all()
    assert (found.limits["used"] <= found.limits["cap"] + 1e-6).all()
    assert found.limits["share"].between(0, 1).all()
    assert (found.limits["step_earns"] >= 0).all()
    assert lines["earns"].sum() == pytest.approx(found.value)
    assert lines["base_value"].sum() == pytest.approx(
        found.limits.set_index("limit")["used"].get("cash", lines["base_value"].sum())
    )
    bought = found.ranked.loc[found.ranked["is_bought"]]
    assert bought["order_quantity"].sum() == lines["order_quantity"].sum()
    shown = found.ranked.drop(columns="earning_rate")
    assert np.isfinite(shown.select_dtypes("number")).all(axis=None)
    assert np.isfinite(lines.select_dtypes("number")).all(axis=None)
    assert not np.isinf(found.ranked["earning_rate"]).any()


@settings(max_examples=12, deadline=None)
@given(
    cash=st.floats(0, 60_000),
    fill=st.floats(10, 100),
    interval=st.integers(1, 120),
    delay=st.integers(0, 90),
    growth=st.sampled_from([-50, 0, 100]),
)
def test_no_limit_is_ever_exceeded(small, cash, fill, interval, delay, growth):
    request = replace(US, cash=cash, fill_pct=fill, interval_days=interval)
    scenario = Scenario(lead_time_delay_days=delay, demand_change_pct=growth)
    found = build(small, request, scenario)
    assert (found.limits["used"] <= found.limits["cap"] + 1e-6).all()
    assert found.value >= 0
    assert (found.lines["earns"] >= -1e-9).all()


def test_no_other_choice_under_the_cash_is_worth_more(small):
    """Every choice of cartons under the limit, by the values of the unlimited list."""
    everything = build(small, US).ranked
    limit = 9_000.0
    found = build(small, replace(US, cash=limit))
    by_item = [own for _, own in everything.groupby("sku")]
    tried = [
        sum(own["earns"].iloc[:count].sum() for own, count in zip(by_item, counts, strict=True))
        for counts in itertools.product(*(range(len(own) + 1) for own in by_item))
        if sum(
            own["base_value"].iloc[:count].sum() for own, count in zip(by_item, counts, strict=True)
        )
        <= limit
    ]
    assert found.value >= 0.98 * max(tried)
    assert found.value <= max(tried) + 1e-6


def test_more_of_a_limit_is_worth_what_was_said_of_it(small):
    request = replace(US, cash=9_000.0)
    found = build(small, request)
    cash = found.limits.set_index("limit").loc["cash"]
    assert cash["step"] == 100.0
    assert cash["step_earns"] > 0
    many = build(small, replace(request, cash=9_000.0 + 20 * cash["step"]))
    assert found.value <= many.value <= found.value + 20 * 1.05 * cash["step_earns"] + 100
    slack = found.limits.set_index("limit").loc["volume"]
    assert slack["step_earns"] == 0
    assert found.cut["earning_rate"].tolist() == [1.0]
    assert build(small, US).cut.empty


def test_a_larger_container_is_worth_what_it_holds_more(small):
    box = {"20": Container(0.6, 20_000.0, 500.0), "40": Container(1.0, 20_000.0, 700.0)}
    try:
        assumptions.set_containers(small, {**box, "20": Container(1.0, 20_000.0, 500.0)})
        larger = build(small, replace(US, container="40", fill_pct=60.0))
        found = build(small, replace(US, fill_pct=60.0))
        assert found.upgrade.container == "40"
        assert found.upgrade.costs == 200.0
        assert found.cost == 500.0
        assert found.upgrade.earns == pytest.approx(larger.value - found.value)
        last = build(small, replace(US, container="40HQ"))
        assert (last.upgrade.container, last.upgrade.count, last.fits) == ("40HQ", 2, "40HQ")
    finally:
        for number in assumptions.table(small)["judgement_id"]:
            assumptions.withdraw(small, number)


def test_loose_cargo_has_the_limits_that_are_typed_and_no_larger_one(small):
    found = build(small, replace(US, container="LCL", volume_m3=0.4))
    assert found.limits["limit"].tolist() == ["volume"]
    assert found.upgrade is None
    assert found.cost == 0.0
    assert found.lines["volume_m3"].sum() <= 0.4 + 1e-9
    assert build(small, replace(US, container="LCL")).limits.empty


def test_a_suppliers_minimum_is_met_or_nothing_is_bought_there(small):
    try:
        minimums.settle(small, "Best", value=1e9)
        refused = build(small, US)
        assert refused.refused == ("Best",)
        assert set(refused.lines["supplier"]) == {"Acme"}
        minimums.settle(small, "Best", units=100_000.0)
        assert build(small, US).short_of_units == ("Best",)
    finally:
        minimums.settle(small, "Best")
    assert build(small, US).refused == ()


def test_the_cash_limit_of_the_settings_holds_unless_another_is_typed(small):
    try:
        assumptions.settle(small, {"cash_limit": 5_000.0})
        assert shipments.choices(small).cash == 5_000.0
        assert build(small, US).limits.set_index("limit").loc["cash", "cap"] == 5_000.0
        other = build(small, replace(US, cash=7_000.0)).limits.set_index("limit")
        assert other.loc["cash", "cap"] == 7_000.0
    finally:
        assumptions.forget(small, ["cash_limit"])


def test_what_cannot_be_looked_at_is_named_with_its_reason(tmp_path):
    with Store.open(tmp_path / "own") as store:
        store.load([shops.sales(), shops.sales("CUP"), shops.sales("PAN")])
        told = {"unit_cost": 4.0, "price": 10.0, "currency": "USD", "carton_quantity": 10.0}
        rows = [{"sku": "MUG", **told}, {"sku": "CUP", **told}, {"sku": "PAN"}]
        store.load([shops.products(*rows), shops.stock(("MUG", 5), ("PAN", 5))])
        found = build(store, US)
        reasons = found.left_out.set_index("sku")["reason"]
        assert reasons.to_dict() == {
            "CUP": "stock_unknown", "MUG": "size_unknown", "PAN": "money_unknown",
        }  # fmt: skip
        assert found.lines.empty
        assert found.value == 0
        loose = build(store, replace(US, container="LCL"))
        assert loose.lines["sku"].tolist() == ["MUG"]


def test_the_choices_name_each_markets_routes_the_usual_one_first(sample_store):
    offered = shipments.choices(sample_store)
    assert set(offered.routes) == {"US", "DE", "ID"}
    assert offered.routes["US"][0] == "sea"
    assert "air" in offered.routes["US"]
    assert offered.currency == "CNY"
    assert offered.cash is None


@pytest.mark.parametrize(
    "change",
    [{"count": 0}, {"fill_pct": 5.0}, {"cash": -1.0}, {"cash": float("nan")}, {"interval_days": 0}],
)
def test_a_request_out_of_bounds_is_refused(change):
    with pytest.raises(OutOfBoundsError):
        replace(US, **change)
    with pytest.raises(UnknownFieldError):
        replace(US, container="53")


def test_twenty_containers_are_the_most():
    assert containers.larger(replace(US, container="40HQ", count=20)) is None
