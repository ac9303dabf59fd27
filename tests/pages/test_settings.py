"""The Settings page: what is assumed is shown, changed by whom and when, and taken back."""

import shutil
import time

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analytics.i18n import Translator
from analytics.schema import Tier
from analytics.services import (
    assumptions,
    event_dates,
    fees,
    judgements,
    masterdata,
    minimums,
    policies,
    routes,
)
from analytics.store import Store
from pages.shared import dating, session, settling, working
from tests.services.shops import products, rates, sales
from tests.store.sheets import sheet

EN = Translator("en")
CUP = {"sku": "MUG", "name": "*杯子*", "unit_cost": 20.0, "currency": "CNY", "moq": 100.0}


def page():
    from analytics.i18n import Translator
    from pages.shared import assuming, dating, listing, policing, routing, session, working

    t = Translator("en")
    if not working.changing(t):
        for name in session.get("parts"):
            module, part, *heads = name.split(".")
            modules = {"assuming": assuming, "dating": dating, "listing": listing,
                       "policing": policing, "routing": routing}  # fmt: skip
            getattr(modules[module], part)(t, *heads)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A small workspace, made once and copied for every test."""
    folder = tmp_path_factory.mktemp("shop") / "own"
    with Store.open(folder) as made:
        made.load([sales(days=20), sales(days=20, market="DE"), products(CUP),
                   rates(("USD", 10, 7.2))])  # fmt: skip
    return folder


@pytest.fixture
def own(shop, tmp_path, monkeypatch):
    shutil.copytree(shop, tmp_path / "own")
    with Store.open(tmp_path / "own") as opened:
        for name in ("store", "own_store"):
            monkeypatch.setattr(session, name, lambda: opened)
        monkeypatch.setattr(session, "version", lambda: opened.version)
        monkeypatch.setattr(session, "shows_sample", lambda: False)
        monkeypatch.setattr(session, "items", lambda: ["MUG · US", "MUG · DE"])
        monkeypatch.setattr(settling.settling.workspaces, "follow", lambda *_: None)
        yield opened


def opened(*parts):
    app = AppTest.from_function(page, default_timeout=30)
    app.session_state["parts"] = parts
    return app.run()


def until(app, is_so):
    end = time.monotonic() + 10
    while not is_so() and time.monotonic() < end:
        time.sleep(0.1)
        app.run()
    assert not app.exception
    assert is_so()


def edit(app, monkeypatch, key, change):
    """Edit a table as a browser would: AppTest cannot type into one."""
    drawn = settling.st.data_editor

    def typed(present, **options):
        drawn(present, **options)
        return change(present.copy()) if options["key"].startswith(f"{key}_") else present

    monkeypatch.setattr(settling.st, "data_editor", typed)
    app.run()
    app.button(key=f"save_{key}").click().run()


def choose(monkeypatch, **wanted):
    """Choose the line of the table that has these values."""
    drawn = settling.render.table

    def table(t, frame, *arguments, **options):
        drawn(t, frame, *arguments, **options)
        here = frame.loc[(frame[[*wanted]].astype(str) == pd.Series(wanted)).all(axis=1)]
        return here.iloc[0].to_dict() if len(here) and options.get("choose") else None

    for module in (settling.render, dating.render):
        monkeypatch.setattr(module, "table", table)


EVERY = (
    "policing.tiers", "policing.own", "policing.said", "listing.items", "listing.said",
    "routing.ways", "assuming.said.route", "assuming.money", "assuming.by_market",
    "assuming.containers", "assuming.rates", "assuming.said", "dating.builtin", "dating.said",
    "dating.own",
)  # fmt: skip


def test_every_section_is_drawn_on_an_empty_and_on_a_full_journal(own):
    app = opened(*EVERY)
    assert not app.exception
    assert EN("settings.no_routes") in [text.value for text in app.caption]
    fill(own)
    app = opened(*EVERY)
    assert not app.exception
    assert not app.error


def fill(own):
    policies.set_tier(own, Tier.REGULAR, {"review_days": 14, "cap_weeks": None}, who="Ann")
    policies.set_item(own, [("MUG", "DE")], {"by_profit": True, "order": "season"}, who="Bo")
    assumptions.settle(own, {"cash_limit": 3e5, "order_lost_demand": True, "base_currency": "CNY"})
    line = dict.fromkeys(fees.COLUMNS) | {"starts_on": "2026-01-01", "duty_pct": 25.0}
    fees.save(own, fees.table(own), pd.DataFrame([line]))
    way = dict.fromkeys(routes.COLUMNS) | {"market": "DE", "route": "sea", "transit_days": 30.0}
    routes.save(own, routes.table(own), pd.DataFrame([way]))
    masterdata.change(own, {("MUG", "DE"): {"moq": 300, "discontinued": True, "tier": "trial",
                                            "note": "*x*"}})  # fmt: skip
    judgements.event(own, "prime_day", "US", 60.0)


def values(app):
    return app.dataframe[0].value["value"].tolist()


def test_what_was_changed_is_said_in_words_with_its_author(own):
    fill(own)
    app = opened("policing.said")
    shown = app.dataframe[0].value
    assert shown["about"].tolist() == ["Regular", "Regular", "MUG · DE", "MUG · DE"]
    assert shown["part"].tolist() == [
        "Cap (weeks)", "Review every (days)", "Target by profit", "How to order",
    ]  # fmt: skip
    assert shown["value"].tolist() == ["no cap", "14", "yes", "once for the season"]
    assert shown["who"].tolist() == ["Ann", "Ann", "Bo", "Bo"]
    assert set(values(opened("listing.said"))) == {"300", "yes", "New", "*x*"}
    assert set(values(opened("assuming.said"))) == {
        "300,000", "yes", "CNY", "Duty (% of cost) 25",
    }  # fmt: skip
    assert values(opened("assuming.said.route")) == ["Transit (days) 30"]
    assert values(opened("dating.said")) == ["60.0%"]


def test_a_tier_is_changed_in_the_table_and_taken_back(own, monkeypatch):
    app = opened("policing.tiers", "policing.said")
    assert app.button(key="save_policies").disabled
    edit(app, monkeypatch, "policies", lambda rows: rows.assign(cover_days=[45, 30, 30, 30]))
    until(app, lambda: policies.of_tiers(own)[Tier.BESTSELLER].cover_days == 45)
    assert policies.table(own)["who"].iloc[0] == working.workspaces.local_user()


def test_a_tier_that_cannot_be_meant_is_refused_on_the_spot(own, monkeypatch):
    app = opened("policing.tiers")
    edit(app, monkeypatch, "policies", lambda rows: rows.assign(cover_days=[900, 30, 30, 30]))
    assert not app.exception
    assert "900" in app.error[0].value
    assert policies.table(own).empty


def test_one_part_of_a_policy_is_taken_back(own, monkeypatch):
    fill(own)
    choose(monkeypatch, code="review_days")
    app = opened("policing.said")
    app.button(key="take_back_policies").click().run()
    until(app, lambda: policies.of_tiers(own)[Tier.REGULAR].review_days == 7)
    assert policies.of_tiers(own)[Tier.REGULAR].cap_weeks is None


def test_a_rule_for_one_product(own):
    app = opened("policing.own")
    app.selectbox(key="policy_item").set_value("MUG · DE").run()
    app.number_input(key="policy_value_service_level_pct").set_value(99.0).run()
    app.button(key="save_policy_own").click().run()
    until(app, lambda: len(policies.table(own)) == 1)
    told = policies.table(own).iloc[0]
    assert told[["sku", "market", "part", "value"]].tolist() == [
        "MUG", "DE", "service_level_pct", 99.0,
    ]  # fmt: skip


def test_money_is_settled_in_a_form_and_taken_back(own, monkeypatch):
    app = opened("assuming.money", "assuming.said")
    app.number_input(key="assumption_capital_rate_pct").set_value(20.0)
    app.text_input(key="assumption_base_currency").set_value("usd")
    next(b for b in app.button if b.label == EN("settings.save")).click().run()
    until(app, lambda: assumptions.settled(own) == {"capital_rate_pct", "base_currency"})
    assert assumptions.of(own).base_currency == "USD"
    choose(monkeypatch, name="capital_rate_pct")
    app.run()
    app.button(key="take_back_assumptions").click().run()
    until(app, lambda: assumptions.settled(own) == {"base_currency"})


def test_a_currency_that_is_none_is_refused_on_the_spot(own):
    app = opened("assuming.money")
    app.text_input(key="assumption_base_currency").set_value("e1")
    next(b for b in app.button if b.label == EN("settings.save")).click().run()
    assert not app.exception
    assert "E1" in app.error[0].value
    assert assumptions.table(own).empty


def test_fees_containers_and_routes_are_edited_in_tables(own, monkeypatch):
    app = opened("assuming.by_market")
    line = dict.fromkeys(fees.COLUMNS) | {"starts_on": "2026-01-01", "duty_pct": 25.0}
    edit(app, monkeypatch, "fees", lambda rows: pd.DataFrame([line]))
    until(app, lambda: fees.table(own)["duty_pct"].tolist() == [25.0])


def test_containers_are_told_what_they_cost(own, monkeypatch):
    app = opened("assuming.containers")
    edit(app, monkeypatch, "containers", lambda rows: rows.assign(cost=[9e3, None, 2e4]))
    until(app, lambda: assumptions.containers(own)["40HQ"].cost == 2e4)
    assert assumptions.containers(own)["20"].cost == 9e3


def test_a_route_is_added_in_the_table(own, monkeypatch):
    app = opened("routing.ways")
    way = dict.fromkeys(routes.COLUMNS) | {"market": "DE", "route": "Rail", "transit_days": 18.0}
    edit(app, monkeypatch, "routes", lambda rows: pd.DataFrame([way]))
    until(app, lambda: routes.table(own)["route"].tolist() == ["rail"])


def test_routes_have_their_names_in_the_table_and_keep_their_codes(own, monkeypatch):
    for route in ("sea", "Truck 2"):
        way = dict.fromkeys(routes.COLUMNS) | {"market": "DE", "route": route, "transit_days": 3.0}
        routes.save(own, routes.table(own), pd.concat([routes.table(own), pd.DataFrame([way])]))
    shown = []

    def change(rows):
        shown.append(rows["route"].tolist())
        return rows.assign(transit_days=[30.0, 9.0])

    app = opened("routing.ways", "assuming.said.route")
    assert sorted(app.dataframe[-1].value["about"]) == ["DE · Sea", "DE · truck 2"]
    edit(app, monkeypatch, "routes", change)
    assert shown[0] == ["Sea", "truck 2"]
    until(app, lambda: routes.table(own)["transit_days"].tolist() == [30.0, 9.0])
    assert routes.table(own)["route"].tolist() == ["sea", "truck 2"]


@pytest.mark.parametrize("typed", ["air", "Air ", "AIR"])
def test_a_route_may_be_typed_by_its_name(own, monkeypatch, typed):
    app = opened("routing.ways")
    way = dict.fromkeys(routes.COLUMNS) | {"market": "DE", "route": typed, "transit_days": 3.0}
    edit(app, monkeypatch, "routes", lambda rows: pd.DataFrame([way]))
    until(app, lambda: routes.table(own)["route"].tolist() == ["air"])


def test_the_smallest_order_of_a_supplier_is_among_what_was_settled(own, monkeypatch):
    minimums.settle(own, "North Mill", value=20_000.0, currency="USD", who="Ann")
    choose(monkeypatch, name="supplier")
    app = opened("assuming.said")
    [row] = app.dataframe[0].value.to_dict("records")
    assert (row["about"], row["part"]) == ("North Mill", "Supplier")
    assert row["value"] == "Currency USD, Smallest order (value) 20,000"
    app.button(key="take_back_assumptions").click().run()
    until(app, lambda: minimums.table(own).empty)


def test_a_mean_price_has_two_decimals_and_is_not_changed_by_that(own, monkeypatch):
    lines = [{"date": "2026-05-20", "sku": "POT", "quantity": n, "unit_price": price}
             for n, price in ((1.0, 20.0), (2.0, 19.5))]  # fmt: skip
    own.load([sheet(*lines, market="US", currency="USD")])
    shown = []

    def change(rows):
        shown.append(rows["price"].tolist())
        return rows.assign(moq=[7.0])

    app = opened("listing.items")
    app.text_input(key="settings_search").set_value("pot").run()
    edit(app, monkeypatch, "items", change)
    assert shown[0] == [19.67]
    until(app, lambda: len(masterdata.edits(own)) == 1)
    assert own.items().set_index("sku").loc["POT", "price"] == pytest.approx(59 / 3)


def test_a_product_is_found_by_a_word_edited_and_taken_back(own, monkeypatch):
    app = opened("listing.items", "listing.said")
    app.text_input(key="settings_search").set_value("杯 de").run()
    edit(app, monkeypatch, "items", lambda rows: rows.assign(moq=[300.0], note=["new mould"]))
    until(app, lambda: len(masterdata.edits(own)) == 2)
    known = own.items().set_index("market")
    assert known.loc["DE", ["moq", "note"]].tolist() == [300.0, "new mould"]
    assert known.loc["US", "moq"] == 100.0


def test_a_search_that_finds_nothing_says_so(own):
    app = opened("listing.items")
    app.text_input(key="settings_search").set_value("nothing at all").run()
    assert EN("settings.no_items") in [text.value for text in app.caption]


def test_a_built_in_event_is_switched_off_and_a_closure_too(own, monkeypatch):
    app = opened("dating.builtin")
    assert {"save_events", "save_closures"} <= {button.key for button in app.button}
    edit(app, monkeypatch, "closures", lambda rows: rows.assign(counts=[False, True]))
    until(app, lambda: judgements.event_edits(own) == {("golden_week_closure", ""): None})


def test_what_was_said_of_an_event_is_taken_back(own, monkeypatch):
    fill(own)
    choose(monkeypatch, code="prime_day")
    app = opened("dating.said")
    app.button(key="take_back_events").click().run()
    until(app, lambda: judgements.event_edits(own) == {})


def test_an_own_event_is_typed_in_a_form(own):
    app = opened("dating.own")
    app.text_input[0].set_value("Port strike")
    app.date_input[0].set_value(("2026-06-01", "2026-06-09"))
    app.number_input[1].set_value(9.0)
    app.button[0].click().run()
    until(app, lambda: len(own.events()) == 1)
    told = event_dates.own(own).iloc[0]
    assert (told["name"], told["delay_days"]) == ("Port strike", 9.0)


def test_the_sample_is_shown_and_cannot_be_changed(own, monkeypatch):
    monkeypatch.setattr(session, "shows_sample", lambda: True)
    app = opened(*EVERY)
    assert not app.exception
    assert not [button.key for button in app.button if button.key and "save" in button.key]
    assert EN("settings.sample_reads_only") in " ".join(text.value for text in app.caption)


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_the_page_opens_on_each_of_its_views(visit, locale):
    app = visit("settings", locale)
    for view in settling.VIEWS:
        app.button_group(key="view").set_value(view).run()
        assert not app.exception, view
        assert not app.error, view
    app.switch_page("pages/forecast.py").run()  # whose views are others
    assert not app.exception
