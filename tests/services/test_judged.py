"""Judgements and the numbers: whose word holds where, and that everybody is told the same."""

import json
import shutil
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from analytics import cli
from analytics.scenario import Scenario
from analytics.services import forecasts, judgements, planning, replenishment
from analytics.services.judgements import Launch, Override
from analytics.store import Store
from tests.services import catalogues
from tests.services.catalogues import SKUS, TOMORROW, weekly
from tests.services.shops import day, products, stock

FIGURES = ("mean", "sd", "cumulative_mean", "cumulative_sd")
LEVELS = catalogues.units()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return catalogues.prepared(tmp_path_factory.mktemp("made") / "own")


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made, tmp_path / "own")


@pytest.fixture
def store(folder):
    with Store.open(folder) as opened:
        yield opened


def figures(store):
    seen = planning.outlook(store)
    return np.stack([getattr(seen.forecast, name) for name in FIGURES])


def override(kind, value, first=0, weeks=4):
    start = TOMORROW + timedelta(days=7 * first)
    end = start + timedelta(days=7 * weeks - 1)
    return Override(kind, value, start, end, "promotion")


def said_everywhere(store, folder, sku):
    """The item's next 13 weeks as the page, the file, and the command line tell them."""
    page = forecasts.item(store, Scenario(), sku, "US").fan["mean"]
    row = planning.basis(store).row(sku, "US")
    plan = planning.outlook(store).forecast.mean[row, :13]
    file = folder.parent / "forecast.csv"
    store.snapshot()
    assert cli.main(["forecast", "--workspace", str(folder), "--out", str(file)]) == 0
    written = pd.read_csv(file).query("sku == @sku")["mean"]
    return page.to_numpy(), plan, written.to_numpy()


# Overrides


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("percent", 50.0, lambda before: 1.5 * before),
        ("percent", -100.0, lambda before: 0.0 * before),
        ("units_per_week", 33.0, lambda before: np.full_like(before, 33.0)),
        ("units_total", 200.0, lambda before: 200.0 * before / before.sum()),
    ],
)
def test_an_override_moves_its_item_and_weeks_and_nothing_else(store, kind, value, expected):
    before = figures(store)
    judgements.override(store, [(SKUS[20], "US")], override(kind, value, first=2), who="Ann")
    after = figures(store)
    assert after[0, 20, 2:6] == pytest.approx(expected(before[0, 20, 2:6]))
    rest = np.delete(np.arange(30), range(2, 6))
    assert after[0, 20, rest].tolist() == before[0, 20, rest].tolist()
    others = np.arange(len(SKUS)) != 20
    assert after[:, others].tobytes() == before[:, others].tobytes()
    assert after[2, 20] == pytest.approx(after[0, 20].cumsum())
    assert np.isfinite(after).all()
    assert (np.diff(after[3, 20]) >= 0).all()
    source = planning.outlook(store).source
    assert (source[20], set(source[others])) == ("override", {"numbers"})


def test_page_file_and_command_line_tell_the_same_override(store, folder):
    judgements.override(store, [(SKUS[20], "US")], override("percent", 50.0))
    page, plan, written = said_everywhere(store, folder, SKUS[20])
    assert page == pytest.approx(plan)
    assert written == pytest.approx(plan, rel=1e-6)


def test_the_order_plan_follows_an_override_here_and_at_the_command_line(store, folder, capsys):
    before = replenishment.plan(store).lines.set_index("sku")
    judgements.override(store, [(SKUS[20], "US")], override("percent", 200.0, weeks=30))
    after = replenishment.plan(store).lines.set_index("sku")
    assert after.loc[SKUS[20], "reorder_point"] > 2 * before.loc[SKUS[20], "reorder_point"]
    assert after.loc[SKUS[20], "order_quantity"] > before.loc[SKUS[20], "order_quantity"]
    others = [sku for sku in SKUS if sku != SKUS[20]]
    columns = ["reorder_point", "order_quantity", "status"]
    assert after.loc[others, columns].equals(before.loc[others, columns])
    capsys.readouterr()
    store.snapshot()
    assert cli.main(["plan", "--workspace", str(folder), "--json"]) == 0
    lines = json.loads(capsys.readouterr().out)["lines"]
    told = {line["sku"]: line["reorder_point"] for line in lines}
    assert told == pytest.approx(after["reorder_point"].to_dict())


def test_two_overrides_of_one_item_come_one_after_the_other(store):
    before = figures(store)
    judgements.override(store, [(SKUS[3], "US")], override("percent", 100.0))
    judgements.override(store, [(SKUS[3], "US")], override("percent", -50.0, first=1, weeks=1))
    ratio = figures(store)[0, 3, :5] / before[0, 3, :5]
    assert ratio == pytest.approx([2.0, 1.0, 2.0, 2.0, 1.0])


def test_what_is_withdrawn_leaves_exactly_the_numbers_of_before(store):
    before, plan = figures(store), replenishment.plan(store).lines
    items = [(SKUS[3], "US"), (SKUS[20], "US")]
    judgements.override(store, items, override("units_total", 999.0))
    for number in judgements.overrides(store)["judgement_id"].tolist():
        judgements.withdraw(store, number)
    assert figures(store).tobytes() == before.tobytes()
    assert (planning.outlook(store).source == "numbers").all()
    assert replenishment.plan(store).lines.equals(plan)


def test_an_override_that_is_over_moves_nothing(store):
    before = figures(store)
    past = Override("percent", 900.0, *(TOMORROW - timedelta(days=d) for d in (28, 1)), "other")
    judgements.override(store, [(SKUS[3], "US")], past)
    assert figures(store).tobytes() == before.tobytes()


def test_the_page_shows_what_the_numbers_alone_expect_beside_an_override(store):
    before = forecasts.item(store, Scenario(), SKUS[20], "US")
    assert before.before.empty
    judgements.override(store, [(SKUS[20], "US")], override("percent", 50.0))
    item = forecasts.item(store, Scenario(demand_change_pct=10), SKUS[20], "US")
    assert item.facts["source"] == "override"
    assert item.before["mean"].to_numpy() == pytest.approx(1.1 * before.fan["mean"].to_numpy())
    assert item.overrides["value"].tolist() == [50.0]
    assert forecasts.item(store, Scenario(), SKUS[3], "US").overrides.empty


def test_an_override_of_a_plan_that_begins_amid_a_week_counts_the_days_left(store):
    """As of a Wednesday: the Wednesday's own sales are known, Thursday to Sunday lie ahead."""
    wednesday = catalogues.LAST - timedelta(days=4)
    whole = planning.outlook(store, wednesday).forecast
    thursday = wednesday + timedelta(days=1)
    judgements.override(
        store,
        [(SKUS[20], "US")],
        Override("percent", 100.0, thursday, thursday + timedelta(days=10), "other"),
    )
    ratio = planning.outlook(store, wednesday).forecast.mean[20] / whole.mean[20]
    assert ratio[:3] == pytest.approx([2.0, 2.0, 1.0])


# Launches


def test_a_product_without_sales_borrows_a_like_products_level(store):
    store.load([stock(("NEW", 10))])
    before = figures(store)
    row = planning.basis(store).row("NEW", "US")
    like = planning.basis(store).row(SKUS[20], "US")
    assert before[0, row].sum() == 0
    judgements.launch(store, "NEW", "US", Launch(SKUS[20], 1.5))
    seen = planning.outlook(store)
    assert seen.source[row] == "launch"
    ratio = seen.forecast.mean[row].sum() / seen.forecast.mean[like].sum()
    assert ratio == pytest.approx(1.5, rel=0.1)
    others = np.arange(len(seen.items)) != row
    assert seen.forecast.mean[others].tobytes() == before[0, others].tobytes()
    told = forecasts.item(store, Scenario(), "NEW", "US").launched
    assert (told["source"], told["like_sku"]) == ("like", SKUS[20])
    assert told["borrowed"] == pytest.approx(1.5 * LEVELS[20].mean(), rel=0.15)


def test_a_product_without_sales_borrows_its_categorys_level(store):
    store.load([stock(("NEW", 10)), products({"sku": "NEW", "category": "Pans"})])
    judgements.launch(store, "NEW", "US", Launch())
    told = forecasts.item(store, Scenario(), "NEW", "US")
    assert told.launched["source"] == "category"
    pans = [row for row, sku in enumerate(SKUS) if catalogues.category(sku) == "Pans"]
    assert told.launched["level"] == pytest.approx(LEVELS[pans].mean(), rel=0.35)
    assert told.fan["mean"].sum() == pytest.approx(13 * told.launched["level"], rel=0.3)


def test_a_predecessor_in_the_product_list_lends_its_level(store):
    heir = {"sku": "HEIR", "category": "Cups", "predecessor": SKUS[30]}
    store.load([stock(("HEIR", 10)), products(heir)])
    seen = planning.outlook(store)
    row, old = (planning.basis(store).row(sku, "US") for sku in ("HEIR", SKUS[30]))
    assert seen.source[row] == "launch"
    totals = seen.forecast.mean[:, :13].sum(axis=1)
    assert totals[row] == pytest.approx(totals[old], rel=0.15)


def test_ones_own_word_on_a_launch_goes_before_the_predecessor(store):
    heir = {"sku": "HEIR", "predecessor": SKUS[30]}
    store.load([stock(("HEIR", 10)), products(heir)])
    judgements.launch(store, "HEIR", "US", Launch(SKUS[30], 0.5))
    [lent] = planning.outlook(store).launched.to_dict("records")
    assert lent["borrowed"] == pytest.approx(0.5 * LEVELS[30].mean(), rel=0.15)


def test_an_heir_with_half_a_year_of_sales_speaks_for_itself(store):
    heir = {"sku": SKUS[1], "predecessor": SKUS[30]}
    before = figures(store)
    store.load([products(heir)])
    assert "launch" not in planning.outlook(store).source
    assert figures(store)[0, 1].tolist() == pytest.approx(before[0, 1].tolist(), rel=0.05)


def test_first_sales_take_over_from_what_was_borrowed(store):
    """Eight weeks at a quarter of the like product's level pull the forecast down."""
    few = np.zeros((1, catalogues.WEEKS))
    few[0, -8:] = round(LEVELS[20].mean() / 4)
    store.load([weekly(few[:, -8:], ["NEW"])])
    judgements.launch(store, "NEW", "US", Launch(SKUS[20]))
    told = forecasts.item(store, Scenario(), "NEW", "US")
    assert told.launched["units_seen"] == pytest.approx(few.sum())
    assert few[0, -1] < told.launched["level"] < 0.6 * told.launched["borrowed"]
    assert 0.4 < told.launched["own_share"] < 1


def test_a_level_is_borrowed_until_the_day_that_was_said(store):
    store.load([weekly(LEVELS[[0], -8:], ["NEW"])])
    numbers = planning.outlook(store).numbers
    judgements.launch(store, "NEW", "US", Launch(SKUS[39], until=catalogues.LAST))
    seen = planning.outlook(store)
    assert seen.launched.empty
    assert (seen.source == "numbers").all()
    assert seen.forecast.mean.tolist() == numbers.mean.tolist()


def test_a_word_on_a_product_that_is_not_there_any_more_is_passed_over(store):
    before = figures(store)
    judgements.launch(store, "GONE", "US", Launch(SKUS[2]))
    judgements.pin(store, "GONE", "US", "ets")
    judgements.override(store, [("GONE", "US")], override("percent", 50.0))
    assert figures(store).tobytes() == before.tobytes()


def test_a_launch_amid_a_week_is_borrowed_for_the_days_left(store):
    store.load([stock(("NEW", 10), date=day(20))])
    judgements.launch(store, "NEW", "US", Launch(SKUS[20]))
    wednesday = catalogues.LAST - timedelta(days=4)
    mean = planning.outlook(store, wednesday).forecast.mean
    row = planning.basis(store).row("NEW", "US")
    assert mean[row, 0] / mean[row, 1] == pytest.approx(4 / 7, abs=0.06)
