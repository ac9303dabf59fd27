"""Three methods side by side: what each holds, costs and promises."""

import numpy as np
import pytest

from analytics.errors import UnknownItemError
from analytics.scenario import Scenario
from analytics.services import buffers, planning, replenishment
from analytics.store import Store
from tests.services.shops import products, receipts, sales, stock


@pytest.fixture(scope="module")
def catalogue(sample_store):
    return buffers.catalogue(sample_store)


@pytest.fixture(scope="module")
def paid(sample_store):
    return buffers.service_cost(sample_store)


def test_the_article_gives_280():
    assert buffers.max_average(20, 21, 10, 14) == 280


def test_the_max_average_rule_by_hand(tmp_path):
    """4 units a day, lead times of 30 and once 40 days: 4 x 40 - 4 x mean."""
    cost = {"sku": "MUG", "unit_cost": 2.0, "currency": "CNY"}
    with Store.open(tmp_path / "own") as store:
        store.load([sales(), receipts(count=3), receipts(days=40, count=1), products(cost)])
        store.load([stock(("MUG", 5))])
        line = buffers.catalogue(store).lines.iloc[0]
    assert line["demand_max"] == 4.0
    assert line["lead_time_max"] == 40.0
    assert line["max_average_reorder_point"] == 160.0
    safety_stock = 4 * 40 - 4 * line["lead_time_mean"]
    assert line["max_average_safety_stock"] == pytest.approx(safety_stock)
    assert line["max_average_cash"] == pytest.approx(2 * safety_stock)


def test_each_items_own_method_is_the_plans(sample_store, catalogue):
    plan = replenishment.plan(sample_store).lines.set_index(["sku", "market"])
    lines = catalogue.lines.set_index(["sku", "market"]).loc[plan.index]
    assert set(lines["method"]) == {"quantile"}
    for column in ("safety_stock", "reorder_point", "warning_line"):
        assert lines[f"quantile_{column}"].equals(plan[column].rename(f"quantile_{column}"))


def test_each_method_adds_up(catalogue):
    lines = catalogue.lines
    assert np.isfinite(lines.select_dtypes("number")).all().all()
    usual = lines["demand_mean"] * lines["lead_time_mean"]
    rule = np.ceil(usual + lines["max_average_safety_stock"] - 1e-6)
    assert lines["max_average_reorder_point"].to_numpy() == pytest.approx(rule)
    for method in ("quantile", "normal"):
        point = lines["lead_time_demand_mean"] + lines[f"{method}_safety_stock"]
        whole = lines[f"{method}_reorder_point"]
        assert (whole - point).between(-1e-5, 1.0).all()
    for method in buffers.METHODS:
        assert lines[f"{method}_cycle_service"].between(0, 1).all()
        assert lines[f"{method}_fill_rate"].between(0, 1).all()
        cash = lines[f"{method}_safety_stock"] * lines["cost_per_unit"]
        assert lines[f"{method}_cash"].to_numpy() == pytest.approx(cash.to_numpy())


def test_the_quantile_method_keeps_each_promise_in_its_own_measure(catalogue):
    lines = catalogue.lines
    by_fill = lines["measure"] == "fill"
    assert by_fill.any()
    assert (~by_fill).any()
    reached = lines["quantile_fill_rate"].where(by_fill, lines["quantile_cycle_service"])
    assert (reached >= lines["service_level"] - 2e-3).all()


def test_money_is_counted_at_landed_cost_and_said_so(sample_store, catalogue):
    worth = planning.basis(sample_store).economics
    lines = catalogue.lines
    assert set(lines["cost_basis"]) == {"landed"}
    assert set(lines["currency"]) == {"CNY"}
    assert sorted(lines["cost_per_unit"]) == pytest.approx(sorted(worth.landed_cost))


def test_a_cost_without_a_rate_stays_in_its_currency_and_out_of_the_sum(tmp_path):
    known = {"sku": "MUG", "unit_cost": 2.0, "currency": "CNY"}
    strange = {"sku": "CUP", "unit_cost": 3.0, "currency": "THB"}
    nothing = {"sku": "PAN"}
    with Store.open(tmp_path / "own") as store:
        store.load([sales(), sales("CUP"), sales("PAN"), products(known, strange, nothing)])
        store.load([products({"sku": "POT", "unit_cost": 1.0, "currency": "CNY"})])
        found = buffers.catalogue(store)
    lines = found.lines.set_index("sku")
    assert lines.loc["MUG", ["cost_basis", "currency"]].tolist() == ["landed_partial", "CNY"]
    assert lines.loc["CUP", ["cost_basis", "currency"]].tolist() == ["unit_cost", "THB"]
    assert lines.loc["PAN", ["cost_basis", "currency"]].tolist() == ["unknown", ""]
    total = found.totals.set_index("method").loc["quantile"]
    assert total["cash"] == pytest.approx(lines.loc["MUG", "quantile_cash"])
    assert (total["items_costed"], total["items_left_out"]) == (1, 2)
    assert ("buffer_left_out", {"items": 2}) in found.notes


def test_without_any_cost_there_is_no_frontier(tmp_path):
    with Store.open(tmp_path / "own") as store:
        store.load([sales()])
        found, paid = buffers.catalogue(store), buffers.service_cost(store)
    assert not found.is_costed
    assert paid.curve.empty
    assert paid.points.empty
    assert found.totals["cash"].isna().all()
    assert (found.totals["safety_stock"] > 0).any()


def test_totals_are_the_sums_of_the_lines(catalogue):
    totals, lines = catalogue.totals.set_index("method"), catalogue.lines
    for method in buffers.METHODS:
        row = totals.loc[method]
        assert row["cash"] == pytest.approx(lines[f"{method}_cash"].sum())
        assert row["safety_stock"] == pytest.approx(lines[f"{method}_safety_stock"].sum())
        assert row["items"] == row["items_costed"] == len(lines)
        weight = lines["demand_per_day"] / lines["demand_per_day"].sum()
        assert row["fill_rate"] == pytest.approx((weight * lines[f"{method}_fill_rate"]).sum())
        days = lines[f"{method}_safety_stock"].sum() / lines["demand_per_day"].sum()
        assert row["days"] == pytest.approx(days)
    assert set(totals["currency"]) == {"CNY"}
    assert totals.loc["max_average", "cash"] > 3 * totals.loc["quantile", "cash"]
    same = ["safety_stock", "cash", "cycle_service", "fill_rate", "reached"]
    assert totals.loc["policy", same].tolist() == totals.loc["quantile", same].tolist()


def test_more_service_costs_ever_more(paid):
    curve = paid.curve
    assert curve["service_level"].tolist() == list(buffers.SERVICES)
    steps = np.diff(curve["cash"]) / np.diff(curve["reached"])
    assert (steps > 0).all()
    assert (np.diff(steps) > 0).all()  # convex: each further point costs more than the last
    assert (curve["reached"] >= curve["service_level"] - 2e-3).all()


def test_one_promise_for_all_stands_on_the_frontier(sample_store):
    paid = buffers.service_cost(sample_store, Scenario(service_level_pct=95))
    point = paid.points.set_index("method").loc["policy"]
    on_it = paid.curve.set_index("service_level").loc[0.95]
    assert point["cash"] == pytest.approx(on_it["cash"])
    assert point["reached"] == pytest.approx(on_it["reached"])


def test_a_method_far_off_is_drawn_at_the_edge(paid):
    points = paid.points.set_index("method")
    assert points.loc["max_average", "is_beyond"]
    assert points.loc["max_average", "drawn_at"] < points.loc["max_average", "cash"]
    assert not points.loc["quantile", "is_beyond"]
    assert points.loc["quantile", "drawn_at"] == points.loc["quantile", "cash"]


def test_sliders_move_all_methods(sample_store, catalogue):
    moved = buffers.catalogue(
        sample_store, Scenario(lead_time_delay_days=14, demand_change_pct=20, service_level_pct=99)
    ).lines
    rest = catalogue.lines
    for method in ("quantile", "normal"):
        grown = moved[f"{method}_reorder_point"] >= rest[f"{method}_reorder_point"]
        assert grown.all()
    assert (moved["quantile_reorder_point"] > rest["quantile_reorder_point"]).mean() > 0.9
    expected = 1.2 * rest["demand_max"] * (rest["lead_time_max"] + 14)
    assert moved["max_average_reorder_point"].to_numpy() == pytest.approx(np.ceil(expected - 1e-6))


def test_one_item_reads_like_its_line(sample_store, catalogue):
    for place in range(0, len(catalogue.lines), 9):
        line = catalogue.lines.iloc[place]
        item = buffers.item(sample_store, Scenario(), line["sku"], line["market"])
        assert item.facts["window_days"] == 90
        assert item.methods["method"].tolist() == list(buffers.METHODS)
        assert item.methods.loc[item.methods["is_used"], "method"].tolist() == [line["method"]]
        assert item.used.reorder_point == item.why.reorder_point
        for method in buffers.METHODS:
            figures = item.by_method(method)
            assert figures.safety_stock == pytest.approx(line[f"{method}_safety_stock"])
            assert figures.cash == pytest.approx(line[f"{method}_cash"])
            assert figures.reorder_point == line[f"{method}_reorder_point"]
            assert figures.fill_rate == pytest.approx(line[f"{method}_fill_rate"])


def test_the_curve_falls_through_the_target_at_the_reorder_point(sample_store):
    label = planning.items(sample_store)[0]
    sku, _, market = label.rpartition(planning.ITEM_MARK)
    item = buffers.item(sample_store, Scenario(), sku, market)
    assert (np.diff(item.curve["exceedance"]) <= 1e-9).all()
    assert item.curve["exceedance"].iloc[0] == pytest.approx(1, abs=0.05)
    at = np.interp(item.by_method("quantile").reorder_point, *item.curve.to_numpy().T)
    assert at == pytest.approx(1 - item.by_method("quantile").cycle_service, abs=0.005)
    assert item.curve["units"].max() >= item.methods["reorder_point"].max()


def test_an_item_that_is_not_there_is_named(sample_store):
    with pytest.raises(UnknownItemError, match="X-1 in market US"):
        buffers.item(sample_store, Scenario(), "X-1", "US")


def test_an_item_never_seen_in_stock_has_no_rule(tmp_path):
    with Store.open(tmp_path / "own") as store:
        store.load([sales(), stock(("NEW", 9))])
        lines = buffers.catalogue(store).lines.set_index("sku")
        item = buffers.item(store, Scenario(), "NEW", "US")
    assert np.isnan(lines.loc["NEW", "max_average_reorder_point"])
    assert lines.loc["NEW", "quantile_reorder_point"] == 0
    assert np.isfinite(item.curve.to_numpy()).all()
