"""What a scenario hits, what it makes of it, and that what it does not name stays as it is."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from analytics import inventory
from analytics.scenario import DISRUPTION_CV, Scenario
from analytics.services import (
    board,
    demand_ahead,
    economics,
    orders_ahead,
    planning,
    replenishment,
    routing,
    scenes,
)
from analytics.services.levels import levels
from analytics.store import Store
from tests.services.shops import LAST, day, products, receipts, sales, stock
from tests.store.sheets import sheet

STAGE_DAYS = {"production": 10.0, "quality_check": 2.0, "booking": 3.0, "transit": 20.0,
              "customs": 2.0, "check_in": 3.0}  # fmt: skip
USUAL = 40  # days, which they add up to


def ways():
    days = {f"{stage}_days{end}": long for stage, long in STAGE_DAYS.items()
            for end in ("", "_worst")}  # fmt: skip
    air = dict.fromkeys(days, 1.0)
    return sheet({"route": "sea", **days}, {"route": "air", **air}, kind="routes", market="US")


def order(number, sku="A", ordered=5, **more):
    return {"sku": sku, "order_id": number, "quantity": 50.0, "ordered_on": day(ordered)} | more


def ordered():
    """Six open orders, one in each stage that its dates can tell, and one by another supplier."""
    return sheet(
        order("PO-1"),
        order("PO-2", ordered=15, ready_on=day(1)),
        order("PO-3", ordered=20, shipped_on=day(4)),
        order("PO-4", ordered=30, shipped_on=day(12), arrived_on=day(2)),
        order("PO-5", ordered=35, shipped_on=day(18), arrived_on=day(3), cleared_on=day(1)),
        order("PO-6", sku="B", supplier="Bo"),
        kind="purchase_orders", market="US", route="sea",
    )  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("scenes") / "own") as store:
        money = {"price": 20.0, "unit_cost": 5.0, "currency": "CNY"}
        dollars = {"unit_cost": 2.0, "currency": "USD"}
        store.load([
            sales("A", days=120), sales("B", days=120), stock(("A", 60), ("B", 300)), ways(),
            ordered(),
            products(
                {"sku": "A", "supplier": "Ann", **money}, {"sku": "B", "supplier": "Bo", **dollars}
            ),
            sheet({"currency": "USD", "date": day(9), "rate": 7.0}, kind="rates"),
        ])  # fmt: skip
        yield store


@pytest.fixture(scope="module")
def basis(shop):
    return planning.basis(shop)


def hit(basis, **scope):
    """Numbers of the open orders that are hit."""
    found = scenes.hits_open_orders(basis, Scenario(**scope))
    return set(basis.arrivals.loc[found, "order_id"])


def items_hit(basis, **scope):
    found = scenes.hits_order_of_today(basis, Scenario(**scope))
    return set(basis.outlook.items.loc[found, "sku"])


ALL = {f"PO-{number}" for number in range(1, 7)}


def test_without_a_scope_everything_is_hit(basis):
    assert hit(basis) == ALL
    assert items_hit(basis) == {"A", "B"}


@pytest.mark.parametrize(
    ("scope", "orders", "items"),
    [
        ({"only_route": "SEA "}, ALL, {"A", "B"}),
        ({"only_route": "air"}, set(), set()),
        ({"only_supplier": "bo"}, {"PO-6"}, {"B"}),
        ({"only_market": "us"}, ALL, {"A", "B"}),
        ({"only_market": "DE"}, set(), set()),
        ({"only_orders": ("po-3", "PO-9")}, {"PO-3"}, set()),
        ({"only_supplier": "Nobody"}, set(), set()),
    ],
)
def test_scope_is_by_code_case_apart(basis, scope, orders, items):
    assert hit(basis, **scope) == orders
    assert items_hit(basis, **scope) == items


@pytest.mark.parametrize(
    ("stage", "orders"),
    [
        ("production", {"PO-1", "PO-6"}),
        ("quality_check", {"PO-1", "PO-2", "PO-6"}),
        ("booking", {"PO-1", "PO-2", "PO-6"}),
        ("transit", {"PO-1", "PO-2", "PO-3", "PO-6"}),
        ("customs", {"PO-1", "PO-2", "PO-3", "PO-4", "PO-6"}),
        ("check_in", ALL),
    ],
)
def test_a_stage_spares_the_orders_that_have_left_it_and_none_of_today(basis, stage, orders):
    assert hit(basis, only_stage=stage) == orders
    assert items_hit(basis, only_stage=stage) == {"A", "B"}


def test_a_window_holds_the_day_of_the_order_or_of_shipping(basis):
    early = {"hits": "ordered", "hits_until": LAST - timedelta(days=30)}
    assert hit(basis, **early) == {"PO-4", "PO-5"}
    assert items_hit(basis, **early) == set()
    assert items_hit(basis, hits="ordered", hits_from=LAST) == {"A", "B"}
    # Fifteen days until it ships: an order of today in 15, that of five days ago in 10; that of
    # fifteen days ago tomorrow at the soonest.
    assert items_hit(basis, hits_from=LAST + timedelta(days=15)) == {"A", "B"}
    assert items_hit(basis, hits_from=LAST + timedelta(days=16)) == set()
    tenth = LAST + timedelta(days=10)
    assert hit(basis, hits_from=tenth, hits_until=tenth) == {"PO-1", "PO-6"}
    first = LAST + timedelta(days=1)
    assert hit(basis, hits_from=first, hits_until=first) == {"PO-2"}
    gone = LAST - timedelta(days=12)
    assert hit(basis, hits_from=gone, hits_until=gone) == {"PO-4"}


def test_what_is_only_announced_is_never_hit(tmp_path):
    with Store.open(tmp_path / "own") as store:
        held = sheet({"sku": "A", "on_hand": 9.0, "inbound": 40.0, "date": day(0)}, kind="stock",
                     market="US")  # fmt: skip
        store.load([sales("A", days=60), held])
        basis = planning.basis(store)
        assert len(basis.arrivals) == 1
        late = Scenario(lead_time_delay_days=30, disruption_chance_pct=100)
        found = scenes.etas(basis, late)
        assert not found.is_hit.any()
        assert found.disrupted.tolist() == found.calm.tolist() == basis.arrivals["eta"].tolist()


def test_only_what_is_hit_comes_later(basis):
    late = Scenario(lead_time_delay_days=9, only_orders=("PO-3",))
    found = scenes.etas(basis, late)
    rest = basis.arrivals["eta"].to_numpy()
    assert (found.calm - rest).tolist() == np.where(found.is_hit, 9, 0).tolist()
    needed = levels(basis, late)
    assert not needed.is_hit.any()
    assert needed.reorder_point == pytest.approx(levels(basis, Scenario()).reorder_point)


def test_a_disruption_strikes_open_orders_together_and_the_board_takes_its_mean(basis):
    struck = Scenario(disruption_chance_pct=30, disruption_days=15, only_supplier="Bo")
    found = scenes.etas(basis, struck)
    rest = basis.arrivals["eta"].to_numpy()
    assert (found.calm == rest).all()
    assert (found.disrupted - rest).tolist() == np.where(found.is_hit, 15, 0).tolist()
    assert (found.expected - rest).tolist() == np.where(found.is_hit, 5, 0).tolist()  # 4.5


def test_the_lead_times_of_new_orders_have_the_moments_of_the_textbook(basis):
    """`E = scale E + shift + p d`, `Var = scale² Var + p s² + p (1 - p) d²`."""
    scenario = Scenario(
        lead_time_delay_days=5, lead_time_change_pct=10, disruption_chance_pct=15,
        disruption_days=20,
    )  # fmt: skip
    rest, needed = levels(basis, Scenario()), levels(basis, scenario)
    sd = DISRUPTION_CV * 20
    variance = 1.21 * rest.lead_time_sd**2 + 0.15 * sd**2 + 0.15 * 0.85 * 20**2
    assert needed.is_hit.all()
    assert needed.lead_time_mean == pytest.approx(1.1 * rest.lead_time_mean + 5 + 3, abs=0.05)
    assert needed.lead_time_sd**2 == pytest.approx(variance, abs=1.0)


def test_a_longer_stage_adds_its_own_days_alone(basis):
    longer = Scenario(lead_time_change_pct=50, only_stage="transit")
    rest, needed = levels(basis, Scenario()), levels(basis, longer)
    assert rest.lead_time_mean == pytest.approx(USUAL, abs=0.6)
    assert needed.lead_time_mean - rest.lead_time_mean == pytest.approx(10, abs=1e-6)
    assert needed.lead_time_sd == pytest.approx(rest.lead_time_sd, abs=0.3)
    found = scenes.etas(basis, longer)
    late = found.calm - basis.arrivals["eta"].to_numpy()
    assert set(late[found.is_hit]) == {10}
    assert set(basis.arrivals.loc[found.is_hit, "order_id"]) == {"PO-1", "PO-2", "PO-3", "PO-6"}


@pytest.mark.parametrize("stage", ["production", "transit"])
def test_a_longer_stage_leaves_the_others_as_long_as_they_were(basis, stage):
    """Ten days more at sea: shipped on the same day, and ten days later on the shelf."""
    told = []
    for change in (0, 50 if stage == "transit" else 100):
        scenario = Scenario(lead_time_change_pct=change, only_stage=stage)
        mean = levels(basis, scenario).lead_time_mean
        told.append(scenes.stages_under(basis, scenario, mean))
    more = np.zeros((2, 6))
    more[:, inventory.STAGES.index(stage)] = 10
    assert told[1] - told[0] == pytest.approx(more, abs=0.01)


def test_the_order_of_a_route_out_of_scope_stays_as_it_is(shop, basis):
    routed = routing.routed(shop, basis)
    rest, late = (levels(routed, Scenario(lead_time_delay_days=days, only_route="sea"))
                  for days in (0, 12))  # fmt: skip
    by_sea = (routed.lead_times.lines["route"] == "sea").to_numpy()
    assert by_sea.any()
    assert not by_sea.all()
    assert late.lead_time_mean[by_sea] == pytest.approx(rest.lead_time_mean[by_sea] + 12)
    assert (late.lead_time_mean[~by_sea] == rest.lead_time_mean[~by_sea]).all()
    assert (late.is_hit == by_sea).all()


def test_laws_by_route_are_those_of_the_rows_by_route(shop, basis):
    scenario = Scenario(lead_time_delay_days=12, disruption_chance_pct=20, only_route="sea")
    laws, row = scenes.laws_by_route(basis, scenario)
    needed = levels(routing.routed(shop, basis), scenario)
    assert laws[row] == pytest.approx(needed.probabilities[needed.row])


# Demand


def test_demand_of_a_window_moves_on_its_days_alone(basis):
    from_, until = LAST + timedelta(days=11), LAST + timedelta(days=20)
    scenario = Scenario(demand_window_pct=50, demand_from=from_, demand_until=until)
    by_day = np.diff(demand_ahead.ahead(basis, scenario), axis=1, prepend=0)
    at_rest = np.diff(basis.demand_by_day, axis=1, prepend=0)
    factor = by_day / at_rest
    assert factor[:, 10:20] == pytest.approx(1.5)
    assert np.delete(factor, np.s_[10:20], axis=1) == pytest.approx(1.0)
    needed, rest = levels(basis, scenario), levels(basis, Scenario())
    more = (needed.ahead - basis.demand_by_day)[:, 19]
    assert needed.protection.mean - rest.protection.mean == pytest.approx(more, rel=1e-3)


def test_a_window_over_everything_is_a_change_of_demand(basis):
    window, change = (levels(basis, Scenario(**{name: 40})) for name in
                      ("demand_window_pct", "demand_change_pct"))  # fmt: skip
    assert window.ahead == pytest.approx(change.ahead)
    assert window.reorder_point == pytest.approx(change.reorder_point, rel=1e-6)
    assert window.swelling == pytest.approx(change.swelling)


def test_nothing_sold_for_ever_needs_nothing(basis):
    needed = levels(basis, Scenario(demand_window_pct=-100))
    assert needed.reorder_point == pytest.approx(0, abs=1e-9)
    lines = board.lines(basis, needed)
    assert (lines["order_quantity"] == 0).all()
    assert set(lines["status"]) == {"no_demand"}


def test_demand_follows_prices_by_the_elasticity_and_not_where_none_was_learnt(basis):
    assert (basis.elasticity == 0).all()  # one price ever
    dearer = Scenario(price_change_pct=10, demand_change_pct=20)
    assert levels(basis, dearer).growth == pytest.approx(1.2)
    knows = replace(basis, elasticity=np.array([2.0, 0.5]))
    needed = levels(knows, dearer)
    assert needed.growth == pytest.approx([1.2 * 1.1**-2, 1.2 * 1.1**-0.5])
    assert needed.ahead == pytest.approx(needed.growth[:, None] * basis.demand_by_day)


def test_it_is_said_of_how_many_items_no_price_effect_is_known(basis):
    notes = dict(levels(basis, Scenario(price_change_pct=-10)).notes)
    assert notes["price_effect_unknown"] == {"items": 2}
    assert "price_effect_unknown" not in dict(levels(basis, Scenario()).notes)


# The basis under a scenario


def test_at_rest_the_basis_is_the_very_same(shop, basis):
    for scenario in (Scenario(), Scenario(lead_time_delay_days=9, demand_change_pct=5)):
        assert planning.under(shop, scenario) is basis
    assert planning.under(shop, Scenario(ship_by="camel")).lead_times is basis.lead_times


def test_money_moves_by_what_is_asked(shop, basis):
    a, b = basis.row("A", "US"), basis.row("B", "US")
    rest = basis.economics
    dear = planning.under(shop, Scenario(price_change_pct=10)).economics
    assert dear.price[a] == pytest.approx(1.1 * rest.price[a])
    assert dear.unit_cost[a] == rest.unit_cost[a]
    strong = planning.under(shop, Scenario(currency_change_pct=-10))
    assert basis.currency == "CNY"
    assert strong.rates["USD"] == pytest.approx(6.3)
    assert strong.rates["CNY"] == 1
    assert rest.unit_cost[b] == pytest.approx(14)
    assert strong.economics.unit_cost[b] == pytest.approx(0.9 * 14)
    assert strong.economics.unit_cost[a] == rest.unit_cost[a]


def test_freight_moves_freight_alone(sample_store):
    rest = planning.basis(sample_store).economics
    dear = planning.under(sample_store, Scenario(freight_change_pct=200)).economics
    known = np.isfinite(rest.freight)
    assert known.any()
    assert dear.freight == pytest.approx(3 * rest.freight, nan_ok=True)
    paid = rest.landed_cost + 2 * np.nan_to_num(rest.freight)
    assert dear.landed_cost == pytest.approx(paid, nan_ok=True)
    assert dear.price == pytest.approx(rest.price, nan_ok=True)


def test_items_ship_by_another_route_where_they_have_it(shop, basis):
    by_air = planning.under(shop, Scenario(ship_by="AIR"))
    assert set(by_air.lead_times.lines["route"]) == {"air"}
    told = by_air.by_route.lines
    assert told.groupby("item")["is_default"].first().all()
    assert told.groupby("item")["is_default"].sum().eq(1).all()
    assert levels(by_air, Scenario()).lead_time_mean == pytest.approx(6, abs=0.6)
    assert scenes.stages_of(by_air) == pytest.approx(1.0)
    # An open order keeps the way that it has taken.
    assert (by_air.arrivals["eta"] == basis.arrivals["eta"]).all()
    line = told.iloc[by_air.arrivals["line"].to_numpy()]
    assert set(line["route"]) == {"sea"}
    assert (line["item"].to_numpy() == by_air.arrivals["item"].to_numpy()).all()
    lines = replenishment.plan(shop, Scenario(ship_by="air")).lines
    assert set(lines["route"]) == {"air"}


def test_the_money_of_another_route_is_that_routes(sample_store):
    basis = planning.basis(sample_store)
    moved = planning.under(sample_store, Scenario(ship_by="air"))
    route = moved.lead_times.lines["route"]
    assert (route == "air").any()
    told = economics.of(sample_store, basis.outlook.items, route.tolist(), basis.outlook.as_of)
    assert moved.economics.freight == pytest.approx(told.freight, nan_ok=True)
    assert moved.tiers is basis.tiers
    again = planning.under(sample_store, Scenario(ship_by="Air"))
    assert again.economics is moved.economics


def test_the_law_of_new_orders_is_the_mixture_of_the_textbook(basis):
    """Of a hundred thousand draws, as many come by each day as the law says."""
    scenario = Scenario(lead_time_delay_days=3, disruption_chance_pct=25, disruption_days=20)
    rng = np.random.default_rng(11)
    rest = basis.lead_times.probabilities[basis.lead_times.row[0]]
    law, row, _ = scenes.laws(basis, scenario)
    days = rng.choice(np.arange(1, len(rest) + 1), 100_000, p=rest / rest.sum()) + 3
    late = rng.gamma(DISRUPTION_CV**-2, 20 * DISRUPTION_CV**2, len(days))
    came = np.round(days + np.where(rng.random(len(days)) < 0.25, late, 0))
    for by in (40, 45, 55, 70):
        assert law[row[0]][:by].sum() == pytest.approx((came <= by).mean(), abs=0.01)


# What is due today


def test_what_is_due_today_is_what_the_board_orders_today(sample_store):
    """HS309 in DE is to be moved from the central store, not to be ordered."""
    for scenario in (Scenario(), Scenario(lead_time_delay_days=10)):
        lines = replenishment.plan(sample_store, scenario).lines
        found = orders_ahead.orders_ahead(sample_store, scenario)
        due = found.orders["order_by"] <= pd.Timestamp(found.as_of)
        due &= ~found.orders["is_repeat"]
        now = lines.loc[(lines["status"] == "order_now") & ~lines["is_skipped"].astype(bool)]
        keys = ["sku", "market"]
        assert set(map(tuple, found.orders.loc[due, keys].to_numpy())) == set(
            map(tuple, now[keys].to_numpy())
        )


def test_lead_times_in_scope_of_receipts_keep_their_law(tmp_path):
    """Thirty receipts speak for themselves; what is out of scope keeps every probability."""
    with Store.open(tmp_path / "own") as store:
        store.load([sales("A", days=200), receipts("A", count=5), stock(("A", 60))])
        basis = planning.basis(store)
        late = Scenario(lead_time_delay_days=9, only_market="DE")
        law, row, is_hit = scenes.laws(basis, late)
        assert not is_hit.any()
        known = basis.lead_times
        assert (law[row] == known.probabilities[known.row]).all()
        assert inventory.moments(law)[0][row] == pytest.approx(known.lines["lead_time_mean"])
