"""Two methods side by side: what each holds, costs and promises."""

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


def test_the_quantile_method_is_the_plans(sample_store, catalogue):
    plan = replenishment.plan(sample_store).lines.set_index(["sku", "market"])
    lines = catalogue.lines.set_index(["sku", "market"]).loc[plan.index]
    for column in ("safety_stock", "reorder_point", "warning_line"):
        assert lines[f"quantile_{column}"].equals(plan[column].rename(f"quantile_{column}"))


def test_each_method_adds_up(catalogue):
    lines = catalogue.lines
    assert np.isfinite(lines.select_dtypes("number")).all().all()
    usual = lines["demand_mean"] * lines["lead_time_mean"]
    rule = np.ceil(usual + lines["max_average_safety_stock"] - 1e-6)
    assert lines["max_average_reorder_point"].to_numpy() == pytest.approx(rule)
    assert (lines["quantile_service_level"] >= 0.95 - 1e-6).all()
    assert lines["max_average_service_level"].between(0, 1).all()
    cash = lines["quantile_safety_stock"] * lines["unit_cost"]
    assert lines["quantile_cash"].to_numpy() == pytest.approx(cash.to_numpy())


def test_totals_are_the_sums_of_the_lines(catalogue):
    base = catalogue.base_totals.set_index("method")
    for method in buffers.METHODS:
        assert base.loc[method, "cash"] == pytest.approx(catalogue.lines[f"{method}_cash"].sum())
        assert base.loc[method, "items"] == len(catalogue.lines)
    assert set(base["currency"]) == {"CNY"}
    assert (
        base.loc["max_average", "cash"] > 3 * base.loc["quantile", "cash"]
    )  # as inventory.md says


def test_sliders_move_both_methods(sample_store, catalogue):
    moved = buffers.catalogue(
        sample_store, Scenario(lead_time_delay_days=14, demand_change_pct=20, service_level_pct=99)
    ).lines
    rest = catalogue.lines
    assert (moved["quantile_reorder_point"] > rest["quantile_reorder_point"]).all()
    expected = 1.2 * rest["demand_max"] * (rest["lead_time_max"] + 14)
    assert moved["max_average_reorder_point"].to_numpy() == pytest.approx(np.ceil(expected - 1e-6))


def test_one_item_reads_like_its_line(sample_store, catalogue):
    line = catalogue.lines.iloc[7]
    item = buffers.item(sample_store, Scenario(), line["sku"], line["market"])
    assert item.facts["window_days"] == 90
    assert item.methods["method"].tolist() == list(buffers.METHODS)
    for method in buffers.METHODS:
        figures = item.by_method(method)
        assert figures.safety_stock == line[f"{method}_safety_stock"]
        assert figures.cash == line[f"{method}_cash"]
        assert type(figures.reorder_point) is float


def test_the_curve_falls_through_the_target_at_the_reorder_point(sample_store):
    label = planning.items(sample_store)[0]
    sku, _, market = label.rpartition(planning.ITEM_MARK)
    item = buffers.item(sample_store, Scenario(), sku, market)
    assert (np.diff(item.curve["exceedance"]) <= 1e-9).all()
    assert item.curve["exceedance"].iloc[0] == pytest.approx(1, abs=0.05)
    at = np.interp(item.by_method("quantile").reorder_point, *item.curve.to_numpy().T)
    assert at == pytest.approx(0.05, abs=0.005)
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
