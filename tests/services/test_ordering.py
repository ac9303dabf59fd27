"""A line of the board, opened: it adds up, and its routes are worth what they are said to be."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import UnknownItemError
from analytics.i18n import LANGUAGES, Translator
from analytics.scenario import Scenario
from analytics.services import assumptions, flying, ordering, replenishment
from analytics.store import Store
from analytics.words import facts as spoken
from tests.services.shops import LAST, receipts, sales, stock
from tests.services.test_replenishment import bought
from tests.store.sheets import sheet

PRICED = {"sku": "MUG", "unit_cost": 20.0, "currency": "CNY", "price": 60.0,
          "price_currency": "CNY", "moq": 48.0, "carton_quantity": 48.0,
          "carton_volume_m3": 0.1, "carton_weight_kg": 12.0}  # fmt: skip
ROUTES = [
    {"route": "sea", "transit_days": 30.0, "cost_per_m3": 480.0, "currency": "CNY"},
    {"route": "air", "transit_days": 8.0, "transit_days_worst": 8.0, "cost_per_kg": 24.0,
     "currency": "CNY"},
]  # fmt: skip  # of a carton of 48: 1 CNY a unit by sea, 6 by air


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


def opened(store, units, *, ways=ROUTES, listed=PRICED, **parts):
    """The detail of an item that sells 4 a day and has so many units."""
    sheets = [sales(), stock(("MUG", units)), receipts(), sheet(listed, kind="products")]
    if ways:
        sheets.append(sheet(*ways, kind="routes", market="US"))
    store.load(sheets)
    bought(store, **parts)
    return ordering.detail(store, Scenario(), "MUG", "US")


def test_an_item_that_is_not_there_is_refused(store):
    store.load([sales()])
    with pytest.raises(UnknownItemError):
        ordering.detail(store, Scenario(), "NOBODY", "US")


def test_stock_runs_down_as_by_hand_and_the_order_stands_where_it_arrives(store):
    found = opened(store, 60)
    course = found.course.set_index("date")
    line = replenishment.plan(store).lines.iloc[0]
    left = [60 - 4 * day for day in range(1, 15)]
    assert course["on_hand"].iloc[:14].to_numpy() == pytest.approx(left, abs=1)
    assert (course["on_hand"].iloc[16:] == 0).all()
    came = line["arrives_on"]
    assert course["with_order"].loc[: came - pd.Timedelta(days=1)].iloc[-1] == 0
    assert course["with_order"].loc[came] == pytest.approx(line["order_quantity"] - 4, abs=0.5)
    suggested = found.arrivals.set_index("arrival").loc["suggested"]
    assert (suggested["date"], suggested["units"]) == (came, line["order_quantity"])
    first = found.spans.iloc[0]
    assert first["span"] == "past_saving"
    assert (first["starts_on"] - pd.Timestamp(LAST)).days in (15, 16)
    assert first["ends_on"] == came
    assert first["units"] == pytest.approx(line["units_at_risk"], abs=0.1)
    assert found.spans.iloc[1]["span"] == "avoidable"


def test_dear_sales_are_worth_flying_for_and_cheap_ones_are_not(store):
    """A sale earns 60 less 15 % less 26 = 25; 20 days of 4 lie between the plane and the ship."""
    code, facts = opened(store, 60).advice
    assert facts["premium"] == pytest.approx(5.0)
    assert code in ("split", "fast")
    flown = facts["fast_units"]
    assert flown % 48 == 0
    assert 40 <= facts["saved_units"] <= 4 * 20 + 5
    assert facts["earns"] == pytest.approx(facts["saved_units"] * 30.0 - 5.0 * flown, rel=0.02)


def test_what_is_past_saving_is_counted_by_no_route(store):
    found = opened(store, 1)
    facts, options = found.advice[1], found.options
    assert facts["past_saving"] == pytest.approx(4 * 8, rel=0.3)
    assert (options["saved_units"] <= 4 * 30 - facts["past_saving"] + 5).all()


def test_a_plane_that_costs_more_than_a_sale_earns_is_not_taken(store):
    dear = [ROUTES[0], {**ROUTES[1], "cost_per_kg": 400.0}]
    found = opened(store, 60, ways=dear)
    assert found.advice[0] == "slow"
    assert found.advice[1]["break_even"] < found.advice[1]["premium"]
    assert found.options.loc[found.options["is_best"], "option"].tolist() == ["slow"]


def test_what_is_not_known_is_said(store):
    only_sea = opened(store, 60, ways=[])
    assert only_sea.advice[0] == "one_route"
    assert only_sea.steady[0] == "one_route"
    no_rate = [ROUTES[0], {"route": "air", "transit_days": 8.0}]
    store.load([sheet(*no_rate, kind="routes", market="US")])
    code, facts = ordering.detail(store, Scenario(), "MUG", "US").advice
    assert code == "freight_unknown"
    assert facts["break_even"] > 0


def test_without_a_price_nothing_is_worth_flying_and_without_stock_nothing_is_drawn(store):
    blind = {name: value for name, value in PRICED.items() if not name.startswith("price")}
    found = opened(store, 60, listed=blind)
    assert found.advice[0] == "margin_unknown"
    store.load([sales("CUP"), receipts("CUP")])
    cup = ordering.detail(store, Scenario(), "CUP", "US")
    assert cup.course.empty
    assert cup.arrivals.empty
    assert cup.spans.empty
    assert cup.advice[0] == "stock_unknown"


def test_the_faster_route_may_cost_more_by_what_it_saves(store):
    """By c i (L1 - L2) / 365 = .44 of capital under way, give or take stock and lost sales."""
    assumptions.settle(store, {"capital_rate_pct": 36.5})
    routes = opened(store, 400).routes.set_index("route")
    pipeline = 20 * 0.365 * (routes["lead_time_mean"]["sea"] - routes["lead_time_mean"]["air"])
    even = routes["break_even_premium"]["air"]
    assert np.isnan(routes["break_even_premium"]["sea"])
    assert 0 < even < 1.5 * pipeline / 365  # buffers and lost sales move it by less than half
    cost = routes["cost_per_unit"]
    assert (cost["air"] - cost["sea"]) == pytest.approx(routes["premium"]["air"] - even, abs=1e-6)


@pytest.fixture(scope="module")
def plan(sample_store):
    return replenishment.plan(sample_store)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.integers(0, 90), st.sampled_from([0, 30]), st.sampled_from([0, 100]))
def test_what_is_opened_agrees_with_its_line(sample_store, row, delay, more):
    scenario = Scenario(lead_time_delay_days=delay, demand_change_pct=more)
    board = replenishment.plan(sample_store, scenario).lines
    line = board.iloc[row]
    found = ordering.detail(sample_store, scenario, line["sku"], line["market"])
    usual = found.routes.iloc[0]
    for name in ("route", "order_quantity", "order_by", "ship_by", "arrives_on", "units_at_risk"):
        assert usual[name] == line[name] or (pd.isna(usual[name]) and pd.isna(line[name]))
    course = found.course
    numbers = course[["on_hand", "with_order", "lost", "lost_with_order"]]
    assert np.isfinite(numbers).all().all()
    assert (numbers >= 0).all().all()
    assert (course["with_order"] >= course["on_hand"] - 1e-9).all()
    assert course["lost_with_order"].sum() <= course["lost"].sum() + 1e-9
    assert (found.spans["ends_on"] > found.spans["starts_on"]).all()
    at = found.places.set_index("place")["units"]
    position = at.drop("central").sum() - line["reserved"]
    assert position == pytest.approx(line["inventory_position"])
    options = found.options
    if len(options):
        best = options.loc[options["is_best"]].iloc[0]
        assert best["earns"] == options["earns"].max() >= 0
        assert (options[["slow_units", "fast_units", "saved_units"]] >= 0).all().all()
        assert (options["saved_units"] <= options["fast_units"] + 1e-6).all()
        box = line["carton_quantity"]
        if box > 0:
            assert (options[["slow_units", "fast_units"]] % box == 0).all().all()


def test_every_advice_has_its_words():
    facts = {
        "slow": "sea", "fast": "air", "fast_units": 48.0, "slow_units": 96.0, "cost": 3.5,
        "saved_units": 12.3, "past_saving": 4.0, "premium": 5.0, "break_even": 9.0,
        "earns": 200.0, "other": "rail", "other_cost": 3.0, "less": 0.5, "more": 1.0,
    }  # fmt: skip
    for language in LANGUAGES:
        t = Translator(language)
        said = spoken(t, facts, {"slow": "route", "fast": "route", "other": "route"})
        texts = [t(f"route_advice.{code}", **said) for code in flying.ADVICE]
        texts += [t(f"route_year.{code}", **said)
                  for code in ("default_cheapest", "other_cheaper", "unknown")]  # fmt: skip
        texts += [t(f"flying.{code}") for code in flying.OPTIONS]
        texts += [t(f"stock_place.{code}") for code in ordering.PLACES]
        texts += [t(f"span.{code}") for code in ordering.SPANS]
        assert not any("{" in text for text in texts)
