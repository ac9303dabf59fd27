"""What further cartons earn: sums that can be checked by hand, and what must never be."""

import numpy as np
import pandas as pd
import pytest

from analytics import distributions
from analytics.scenario import Scenario
from analytics.services import assumptions, cartons, masterdata, planning
from analytics.store import Store
from tests.services import shops
from tests.store.sheets import sheet

REST = Scenario()
GOODS = {
    "sku": "MUG", "market": "US", "unit_cost": 4.0, "currency": "USD", "price": 10.0,
    "price_currency": "USD", "carton_quantity": 20.0, "moq": 60.0, "carton_volume_m3": 0.05,
    "carton_weight_kg": 8.0, "supplier": "Acme", "salvage_value": 4.0,
}  # fmt: skip


def shop(store, on_hand=200, **more):
    """A shop of one product: four a day, thirty days from the order to the shelf."""
    goods = {name: value for name, value in {**GOODS, **more}.items() if name != "price_currency"}
    store.load([shops.sales(), shops.receipts(), shops.products(goods)])
    if on_hand is not None:
        store.load([shops.stock(("MUG", on_hand))])
    return planning.basis(store)


def asked(store, basis, *, route="sea", scenario=REST, **more):
    rows = np.arange(len(basis.outlook.items))
    return cartons.worth(
        store, basis, scenario, rows, [route] * len(rows), **{"interval_days": 30, **more}
    )


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


def protection(basis, days):
    law = np.zeros((1, distributions.LAST_DAY))
    lead = basis.lead_times.probabilities[basis.lead_times.row]
    law[0, days:] = lead[0, : distributions.LAST_DAY - days]
    return basis.kernel.mixed(distributions.bin_weights(law))


def test_without_a_price_for_leftovers_all_cartons_together_earn_all_that_would_be_lost(store):
    """Cu (EL(s) - EL(s + Q)): the integral of the tail of demand, by the trapezium rule."""
    assumptions.settle(store, {"capital_rate_pct": 0.0, "order_lost_demand": True})
    basis = shop(store, on_hand=100)
    told = asked(store, basis)
    demand = protection(basis, 30)
    cu = float(basis.economics.contribution[0])
    assert cu == pytest.approx(10.0 * (1 - 0.15) - 4.0)
    levels = np.linspace(100.0, 2_000.0, 20_001)
    tail = np.array([1 - demand.probability([level])[0] for level in levels])
    lost = float(((tail[1:] + tail[:-1]) / 2 * np.diff(levels)).sum())
    assert told.pieces.value.sum() == pytest.approx(cu * lost, rel=0.01)


def test_the_first_piece_is_the_minimum_order_and_pieces_never_rise(store):
    told = asked(store, shop(store))
    pieces = told.pieces
    assert pieces.cartons[0] * told.lot[0] * told.carton[0] >= GOODS["moq"]
    per = pieces.value / pieces.cartons
    assert (np.diff(per) <= 1e-9).all()
    assert told.needs.cash[0] == pytest.approx(80.0 * told.lot[0])
    assert told.needs.volume[0] == pytest.approx(0.05 * told.lot[0])


def test_what_a_sale_loses_earns_nothing(store):
    told = asked(store, shop(store, price=3.0, salvage_value=0.5))
    assert (told.pieces.value <= 0).all()


def test_dearer_money_makes_no_carton_worth_more(store):
    basis = shop(store)
    before = asked(store, basis).pieces.value
    assumptions.settle(store, {"capital_rate_pct": 60.0})
    after = asked(store, planning.basis(store)).pieces.value
    count = min(len(before), len(after))
    assert (after[:count] <= before[:count] + 1e-9).all()
    assert after[:count].sum() < before[:count].sum()


def test_demand_that_comes_too_early_is_not_ordered_unless_buyers_wait(store):
    basis = shop(store, on_hand=1)
    told = asked(store, basis)
    assert told.unsaved[0] == pytest.approx(4.0 * 30 - 1, rel=0.05)
    assumptions.settle(store, {"order_lost_demand": True})
    waiting = asked(store, planning.basis(store))
    wanted = [each.pieces.value.clip(min=0).sum() for each in (told, waiting)]
    assert wanted[1] > wanted[0]


def test_units_ordered_besides_meet_the_minimum(store):
    basis = shop(store)
    told = asked(store, basis, more=np.array([60.0]))
    assert told.position[0] == 260.0
    assert told.pieces.cartons[0] * told.lot[0] == 1


def test_a_container_that_is_paid_as_a_whole_makes_its_goods_worth_their_freight_more(store):
    ways = {"market": "US", "route": "sea", "transit_days": 30.0, "cost_per_m3": 200.0}
    store.load([sheet({**ways, "currency": "USD"}, kind="routes")])
    basis = shop(store)
    loose, paid = (asked(store, basis, freight_is_paid=flag) for flag in (False, True))
    assert basis.economics.freight[0] == pytest.approx(200.0 * 0.05 / 20)
    assert paid.pieces.value[0] > loose.pieces.value[0]


@pytest.mark.parametrize(
    ("reason", "more"),
    [
        ("stock_unknown", {"on_hand": None}),
        ("money_unknown", {"price": None}),
        ("money_unknown", {"unit_cost": None}),
    ],
)
def test_what_is_not_known_is_left_out_and_said(store, reason, more):
    told = asked(store, shop(store, **more))
    assert told.left_out.tolist() == [reason]
    assert len(told.pieces.item) == 0


def test_a_discontinued_item_and_an_unknown_route_are_left_out(store):
    basis = shop(store)
    assert asked(store, basis, route="rail").left_out.tolist() == ["no_route"]
    masterdata.change(store, {("MUG", "US"): {"discontinued": True}})
    assert asked(store, planning.basis(store)).left_out.tolist() == ["discontinued"]


@pytest.mark.parametrize("interval", [1, 30, 120])
@pytest.mark.parametrize(
    "scenario", [REST, Scenario(lead_time_delay_days=90, demand_change_pct=100)]
)
def test_no_impossible_number_on_the_sample(sample_store, scenario, interval):
    basis = planning.basis(sample_store)
    for route in ("sea", "air"):
        told = asked(sample_store, basis, route=route, scenario=scenario, interval_days=interval)
        assert np.isfinite(told.pieces.value).all()
        known = told.left_out == ""
        assert (told.unsaved[known] >= 0).all()
        assert np.isfinite(told.demand_mean).all()
        assert not pd.isna(told.left_out).any()
