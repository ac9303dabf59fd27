"""The whole catalogue's forecast in one table, and what overrides were worth in the end."""

import shutil
from datetime import timedelta

import numpy as np
import pytest

from analytics.scenario import Scenario
from analytics.services import catalogue, deciding, forecasts, judgements, planning
from analytics.services.judgements import Override
from analytics.store import Store
from tests.services import catalogues, midweek
from tests.services.catalogues import LAST, SKUS, TOMORROW, sheet

LEVELS = catalogues.units()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return catalogues.prepared(tmp_path_factory.mktemp("made") / "own")


@pytest.fixture
def store(made, tmp_path):
    with Store.open(shutil.copytree(made, tmp_path / "own")) as opened:
        yield opened


@pytest.fixture(scope="module")
def seller(made, tmp_path_factory):
    with Store.open(shutil.copytree(made, tmp_path_factory.mktemp("seller") / "own")) as opened:
        yield opened


def later(store, *totals, weeks=4):
    """Sell ``totals`` units a week of the last two SKUs over the next weeks."""
    records = [
        {"sku": sku, "quantity": float(total), "date": f"{TOMORROW + timedelta(days=7 * week)}"}
        for sku, total in zip(SKUS[-2:], totals, strict=True)
        for week in range(weeks)
    ]
    store.load([sheet(*records, market="US", grain="week")])


def four_weeks(value, kind="percent", reason="promotion"):
    return Override(kind, value, TOMORROW, TOMORROW + timedelta(days=27), reason)


# Overview


def test_the_overview_has_every_item_once_and_what_earns_most_first(seller):
    lines = catalogue.overview(seller, Scenario())
    assert sorted(lines["sku"]) == list(SKUS)
    assert lines["value"].is_monotonic_decreasing
    assert lines["value"].to_numpy() == pytest.approx(10 * lines["mean_13_weeks"].to_numpy())
    assert set(lines["currency"]) == {"USD"}
    assert set(lines["source"]) == {"numbers"}
    sold = dict(zip(SKUS, LEVELS[:, -13:].sum(axis=1), strict=True))
    assert lines.set_index("sku")["demand_13_weeks"].to_dict() == pytest.approx(sold)
    assert (lines["mean_13_weeks"] / lines["demand_13_weeks"] - 1).to_numpy() == pytest.approx(
        lines["change"].to_numpy()
    )


def test_the_overview_says_what_the_items_page_says(seller):
    scenario = Scenario(demand_change_pct=-20)
    lines = catalogue.overview(seller, scenario).set_index("sku")
    item = forecasts.item(seller, scenario, SKUS[30], "US")
    assert lines.loc[SKUS[30], "mean_13_weeks"] == pytest.approx(item.facts["mean_13_weeks"])


def test_an_item_without_price_or_sales_is_listed_all_the_same(store):
    store.load([sheet({"sku": "NEW", "on_hand": 5.0}, kind="stock", market="US")])
    line = catalogue.overview(store, Scenario()).set_index("sku").loc["NEW"]
    assert line["mean_13_weeks"] == 0
    assert np.isnan([line["value"], line["change"], line["demand_13_weeks"]]).all()


# Scores


def test_nothing_was_overridden_so_nothing_is_scored(seller):
    scored = catalogue.scores(seller)
    assert scored.empty
    assert {"weeks", "is_better", "change_units"} <= set(scored)


def test_an_override_whose_weeks_lie_ahead_is_not_scored_yet(store):
    deciding.override(store, [(SKUS[-1], "US")], four_weeks(50.0))
    [scored] = catalogue.scores(store).to_dict("records")
    assert scored["weeks"] == 0
    assert np.isnan(scored["units"])


def test_an_override_is_scored_against_the_forecast_as_it_stood(store):
    """One came true, one did not; what the forecast believes by now does not count."""
    numbers = planning.outlook(store).numbers
    items = [(sku, "US") for sku in SKUS[-2:]]
    deciding.override(store, items, four_weeks(50.0), who="Ann")
    stood = numbers.mean[-2:, :4].sum(axis=1)
    totals = (round(1.5 * stood[0] / 4), round(stood[1] / 4))
    later(store, *totals)
    assert planning.period(store)[1] == LAST + timedelta(days=28)
    assert planning.outlook(store).numbers.mean[-2, 0] != numbers.mean[-2, 0]
    right, wrong = catalogue.scores(store).to_dict("records")
    for scored, without, total in zip((right, wrong), stood, totals, strict=True):
        assert scored["weeks"] == 4
        assert scored["units"] == pytest.approx(4 * total)
        assert scored["without"] == pytest.approx(without, abs=1e-3)
        assert scored["with"] == pytest.approx(1.5 * without, abs=1e-3)
        change = abs(1.5 * without - 4 * total) - abs(without - 4 * total)
        assert scored["change_units"] == pytest.approx(change, abs=1e-2)
        assert scored["change_points"] == pytest.approx(100 * change / (4 * total), abs=0.01)
    assert (right["is_better"], wrong["is_better"]) == (True, False)


def test_an_override_is_scored_only_when_all_its_days_are_over(store):
    deciding.override(store, [(SKUS[-1], "US")], four_weeks(50.0))
    later(store, 60, 60, weeks=3)
    [scored] = catalogue.scores(store).to_dict("records")
    assert scored["weeks"] == 0
    assert not scored["is_better"]


def test_scores_stand_on_the_outlook_that_is_known_already(store, monkeypatch):
    deciding.override(store, [(SKUS[-1], "US")], four_weeks(50.0))
    later(store, 60, 60)
    planning.basis(store)
    monkeypatch.setattr(planning, "outlook", None)
    assert catalogue.scores(store)["weeks"].tolist() == [4]


def test_what_was_withdrawn_is_not_scored(store):
    deciding.override(store, [(SKUS[-1], "US")], four_weeks(50.0))
    judgements.withdraw(store, int(judgements.overrides(store)["judgement_id"].iloc[0]))
    later(store, 60, 60)
    assert catalogue.scores(store).empty


def test_an_override_that_was_noted_without_a_forecast_is_listed_unscored(store):
    judgements.override(store, [(SKUS[-1], "US")], four_weeks(50.0))
    later(store, 60, 60)
    assert catalogue.scores(store)["weeks"].tolist() == [0]


# In mid-week: sales end on a Friday


@pytest.fixture
def on_friday(tmp_path):
    with Store.open(tmp_path / "friday") as opened:
        midweek.sell(opened)
        yield opened


def test_flat_demand_does_not_change_in_mid_week(on_friday):
    lines = catalogue.overview(on_friday, Scenario())
    assert lines["change"].to_numpy() == pytest.approx(0.0, abs=0.02)
    assert lines["demand_13_weeks"].to_numpy() == pytest.approx(13 * 70)
    assert lines["mean_13_weeks"].to_numpy() == pytest.approx((12 + 2 / 7) * 70, rel=0.02)


@pytest.mark.parametrize("last", [2, 16])
def test_more_was_said_in_mid_week_than_came_and_that_is_no_help(on_friday, last):
    """The begun week's rest beside all of its sales made any rise look right."""
    said = Override("percent", 20.0, midweek.FRIDAY + timedelta(days=1),
                    midweek.FRIDAY + timedelta(days=last), "other")  # fmt: skip
    deciding.override(on_friday, [("MUG", "US")], said)
    midweek.sell(on_friday, last=midweek.FRIDAY + timedelta(days=21), days=21)
    [scored] = catalogue.scores(on_friday).to_dict("records")
    assert scored["weeks"] == max(1, (last - 2) // 7)
    assert scored["units"] == pytest.approx(70 * scored["weeks"])
    assert scored["without"] == pytest.approx(scored["units"], rel=0.05)
    assert not scored["is_better"]
    assert scored["change_units"] > 0


def test_in_the_week_of_its_last_day_an_override_is_not_scored_yet(on_friday):
    said = Override("percent", 20.0, midweek.FRIDAY + timedelta(days=1),
                    midweek.FRIDAY + timedelta(days=12), "other")  # fmt: skip
    deciding.override(on_friday, [("MUG", "US")], said)  # up to Wednesday week
    midweek.sell(on_friday, last=midweek.FRIDAY + timedelta(days=13), days=13)
    assert catalogue.scores(on_friday)["weeks"].tolist() == [0]
    midweek.sell(on_friday, last=midweek.FRIDAY + timedelta(days=16), days=3)
    assert catalogue.scores(on_friday)["weeks"].tolist() == [2]
