"""Tiers of a workspace: from its files to a word and a reason."""

from datetime import date

import numpy as np
import pytest

from analytics.errors import NoDataError
from analytics.schema import Tier
from analytics.services import planning, tiering
from analytics.store import Store
from analytics.tiers import Thresholds
from tests.services import catalogues
from tests.services.shops import day, products, receipts, sales, stock
from tests.store.sheets import sheet


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


def only(store, sku="MUG"):
    found = tiering.table(store).set_index("sku")
    return found.loc[sku]


def test_an_empty_workspace_has_no_tiers(store):
    with pytest.raises(NoDataError):
        tiering.table(store)


def test_a_steady_item_without_prices_is_a_bestseller_by_units(store):
    store.load([sales()])
    found = only(store)
    assert found[["tier", "evidence", "basis", "status"]].tolist() == [
        "bestseller", "bestseller", "units", "none",
    ]  # fmt: skip


def test_a_first_sale_on_the_first_days_of_the_files_makes_nothing_new(store):
    store.load([sales(days=80)])
    assert only(store)["tier"] != "trial"
    store.load([sales("LATE", units=9.0, days=40)])
    assert only(store, "LATE")[["tier", "evidence"]].tolist() == ["trial", "trial_age"]
    assert only(store, "LATE")["age_days"] == 39


def test_a_launch_or_a_receipt_tells_the_first_day(store):
    launched = products({"sku": "MUG", "launched_on": day(50)})
    store.load([sales(days=50), sales("OLD"), launched])
    assert only(store)["age_days"] == 50
    store.load([receipts("OLD", count=1, quantity=9.0)])
    assert np.isnan(only(store, "OLD")["age_days"])  # it sold before anything known arrived


def test_value_is_what_a_sale_contributes_in_one_currency_as_soon_as_costs_are_known(store):
    priced = [
        {"sku": "MUG", "price": 10.0, "unit_cost": 4.0, "currency": "USD"},
        {"sku": "BOWL", "price": 100.0, "unit_cost": 40.0, "currency": "CNY"},
        {"sku": "CUP", "price": 5.0, "unit_cost": 2.0, "currency": "USD"},
    ]
    rates = sheet({"currency": "CNY", "date": day(1), "rate": 0.125}, kind="rates")
    store.load([sales(), sales("BOWL"), stock(("CUP", 1)), products(*priced), rates])
    found = tiering.table(store).set_index("sku")
    assert (found["basis"] == "contribution").all()
    units = 4.0 * 91  # 13 weeks of 4 a day
    assert found.loc["MUG", "value"] == pytest.approx(units * (10 * 0.85 - 4))  # 15 % fee
    assert found.loc["BOWL", "value"] == pytest.approx(units * (100 * 0.85 - 40) * 0.125)


def test_what_a_person_said_wins(store):
    store.load([sales(), products({"sku": "MUG", "tier": "seasonal"})])
    assert only(store)[["tier", "evidence", "proposed"]].tolist() == [
        "seasonal", "stated", "bestseller",
    ]  # fmt: skip


def test_stock_for_years_is_slow_once_it_is_old(store):
    store.load([sales(), stock(("MUG", 2_000))])
    found = only(store)  # 500 days of cover; no receipt tells its age
    assert found["status"] == "slow"
    assert found["cover_days"] == pytest.approx(500, rel=0.05)
    assert np.isnan(found["aged_units"])
    store.load([receipts(count=6, quantity=300.0)])  # 5, 35, 65, 95, ... days ago
    assert only(store)["aged_units"] == 2_000 - 900
    store.load([stock(("MUG", 900))])
    assert only(store)[["status", "aged_units"]].tolist() == ["ageing", 0.0]


def test_stock_that_nobody_bought_for_90_days_is_dead(store):
    rows = [{"sku": "OLD", "quantity": 3.0, "date": day(ago)} for ago in range(100, 200)]
    counts = [{"sku": "OLD", "on_hand": 40.0, "date": day(ago)} for ago in range(0, 210, 7)]
    store.load([sales(), sheet(*rows, market="US"), sheet(*counts, kind="stock", market="US")])
    found = only(store, "OLD")
    assert (found["status"], found["weeks_sold"]) == ("dead", 0)


def test_the_sample_s_christmas_and_ramadan_goods_are_seasonal(sample_store):
    found = tiering.table(sample_store)
    seasonal = found.loc[found["tier"] == "seasonal"]
    assert set(seasonal["category"]) == {"节庆装饰", "穆斯林用品"}
    assert len(seasonal) == 20
    christmas = seasonal.loc[seasonal["category"] == "节庆装饰", "peak_on"]
    assert set(christmas.dt.month) <= {10, 11}
    assert set(found.loc[found["tier"] == "trial", "evidence"]) == {"trial_age"}


def test_each_table_of_tiers_is_the_rules_at_its_thresholds(sample_store):
    basis = planning.basis(sample_store)
    usual = tiering.tiers_of(basis.outlook, basis.positions, basis.rates)
    strict = tiering.tiers_of(
        basis.outlook, basis.positions, basis.rates, thresholds=Thresholds(class_a_pct=30.0)
    )
    best = [set(f.index[f["tier"] == "bestseller"]) for f in (usual, strict)]
    assert best[1] < best[0]
    assert usual["sku"].tolist() == basis.outlook.items["sku"].tolist()


def test_the_fees_of_a_sale_may_turn_the_ranks(sample_store):
    basis = planning.basis(sample_store)
    worth = np.full(len(basis.outlook.items), 1.0)
    worth[0] = 1e6
    found = tiering.tiers_of(basis.outlook, basis.positions, basis.rates, contribution=worth)
    assert set(found["basis"]) == {"contribution"}
    assert found["abc"].tolist().count("A") == 1


def test_a_tier_of_the_file_holds_until_the_file_says_otherwise(store):
    store.load([sales(), products({"sku": "MUG", "tier": "seasonal"})])
    tiering.override(store, [("MUG", "US")], "regular")
    assert only(store)["tier"] == "regular"
    tiering.release(store, [("MUG", "US")])
    assert only(store)["tier"] == "seasonal"
    assert tiering.said(store).empty


def test_held_items_say_where_they_go_and_when(store):
    silent = sheet(
        *({"sku": "MUG", "quantity": 4.0, "date": day(ago)} for ago in range(22, 300)), market="US"
    )
    counts = [{"sku": "MUG", "on_hand": 40.0, "date": day(ago)} for ago in range(0, 300, 7)]
    there = sheet(*counts, kind="stock", market="US")
    store.load([silent, sales("CUP", units=0.5, days=300), there])
    held = tiering.held(tiering.table(store)).set_index("sku")
    assert held.loc["MUG", ["tier", "proposed", "proposed_evidence"]].tolist() == [
        "bestseller", "regular", "regular_gaps",
    ]  # fmt: skip
    assert tiering.next_review(date(2026, 5, 31)) == date(2026, 6, 28)


def test_without_stock_nothing_stands_still_and_no_sales_share_nothing(store):
    store.load([sales(), sheet({"sku": "MUG", "quantity": 0.0, "date": day(0)}, market="DE")])
    table = tiering.table(store)
    assert tiering.standing_still(table).empty
    nothing = table.iloc[:0]
    assert tiering.by_tier(nothing)["items"].tolist() == [0] * 4
    assert tiering.matrix(nothing)["items"].sum() == 0
    assert np.isfinite(tiering.by_tier(table.assign(value_share=0.0))["value_share"]).all()
    assert tiering.found(table, statuses=["none"]).empty  # no stock, no state


def test_the_parts_are_the_whole(sample_store):
    table = tiering.table(sample_store)
    tiers, fields = tiering.by_tier(table), tiering.matrix(table)
    assert tiers["tier"].tolist() == [tier.value for tier in Tier]
    assert tiers["items"].sum() == len(table)
    assert tiers[["item_share", "value_share"]].sum().to_numpy() == pytest.approx([1, 1])
    assert len(fields) == 9
    assert fields["items"].sum() == (table["xyz"] != "").sum()
    assert fields["value_share"].sum() == pytest.approx(
        table.loc[table["xyz"] != "", "value_share"].sum()
    )
    still = tiering.standing_still(table)
    assert still["items"].sum() == (table["on_hand"] > 0).sum()
    assert (still["items"] > 0).all()


def test_flat_items_are_not_called_seasonal_through_the_whole_path(tmp_path):
    """The season that the catalogue teaches is of noise alone, and must not count either."""
    rng = np.random.default_rng(11)
    mean, vmr = np.repeat([2.1, 7.0], 300), 1.5  # 0.3 and 1 a day
    size = (mean / (vmr - 1))[:, None]
    units = rng.negative_binomial(size, 1 / vmr, (600, 108)).astype(float)
    skus = tuple(f"F{number:03d}" for number in range(600))
    with Store.open(tmp_path / "flat") as store:
        store.load([catalogues.weekly(units, skus)])
        found = tiering.table(store)
    assert (found["tier"] == "seasonal").sum() <= 0.003 * 600
    assert (found["proposed"] == "seasonal").sum() <= 0.003 * 600
