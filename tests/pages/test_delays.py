"""The delay lab: catalogue, orders and one item, at rest and under a scenario, with no money."""

import pytest
from streamlit.testing.v1 import AppTest

from analytics import words
from analytics.i18n import LANGUAGES, MISSING, Translator, catalog
from analytics.scenario import Scenario
from analytics.services import delay_tables, delays, workspaces
from pages.shared import delaying, session
from tests.services import shops

EN = Translator("en")
LOCALES = {"zh-CN": Translator("zh"), "en-GB": EN}
LATE = Scenario(lead_time_delay_days=21, only_route="sea")
LINK = {"lead_time_delay_days": "21", "only_route": "sea", "item": "KT102 · US"}


@pytest.fixture(scope="module")
def store():
    with workspaces.open_sample() as opened:
        yield opened


def said(app):
    return " ".join(text.value for text in (*app.markdown, *app.caption, *app.info))


def figures(app):
    return {metric.label: metric.value for metric in app.metric}


@pytest.mark.parametrize("locale", LOCALES)
def test_the_catalogue_says_what_the_service_found(visit, store, locale):
    t = LOCALES[locale]
    app = visit("delays", locale, **LINK)
    assert not app.exception
    found = delays.impact(store, LATE)
    late = found.totals.set_index(["plan", "case"])
    now, before = late.loc[("current", "scenario")], late.loc[("current", "baseline")]
    shown = figures(app)
    assert shown[t("delays.units_short")] == t.number(now["units_short"])
    assert shown[t("delays.contribution_at_risk")] == t.money(now["contribution_at_risk"], "CNY")
    assert shown[t("delays.run_out")] == " · ".join(
        t.number(now[f"out_{days}"]) for days in (30, 60, 90)
    )
    moved = next(metric for metric in app.metric if metric.label == t("delays.units_short"))
    more = round(now["units_short"]) - round(before["units_short"])
    assert moved.delta == f"+{more:,}"
    assert words.scenario(t, LATE) in said(app)
    assert found.checksum in said(app)
    assert len(app.get("vega_lite_chart")) in (2, 3)  # the frontier wants costs
    table = app.dataframe[0].value
    assert table["sku"].tolist() == found.lines["sku"].tolist()
    faster = found.lines["air_route"].to_numpy() != ""
    routes = {t(f"route.{route}") for route in found.lines.loc[faster, "air_route"]}
    assert set(table.loc[faster, "air_route"]) == routes
    assert table.loc[faster, "air_lands_on"].notna().all()
    assert table.loc[~faster, "air_lands_on"].isna().all()


@pytest.mark.parametrize("locale", LOCALES)
def test_at_rest_the_plans_own_risk_is_shown_and_the_way_on(visit, locale):
    t = LOCALES[locale]
    app = visit("delays", locale)
    assert not app.exception
    assert t("delays.at_rest") in [info.value for info in app.info]
    assert not any(metric.delta for metric in app.metric)
    app.button_group(key="view").set_value("orders").run()
    assert not app.exception
    assert t("delays.no_orders_at_rest") in said(app)


@pytest.mark.parametrize("locale", LOCALES)
def test_late_orders_are_ranked_with_their_money(visit, store, locale):
    t = LOCALES[locale]
    app = visit("delays", locale, **LINK)
    app.button_group(key="view").set_value("orders").run()
    assert not app.exception
    late = delays.impact(store, LATE).orders
    shown = figures(app)
    assert shown[t("delays.orders_hit")] == str(len(late))
    assert shown[t("delays.worth_expediting")] == str(int(late["pays"].sum()))
    assert app.dataframe[0].value["order_id"].tolist() == late["order_id"].tolist()
    assert len(app.get("vega_lite_chart")) == 1


@pytest.mark.parametrize("locale", LOCALES)
def test_an_item_shows_its_days_and_what_can_be_done(visit, store, locale):
    t = LOCALES[locale]
    app = visit("delays", locale, **LINK)
    app.button_group(key="view").set_value("item").run()
    assert not app.exception
    found = delays.item(store, LATE, "KT102", "US")
    assert figures(app)[t("delays.item_short")] == t.number(found.line["units_short"])
    options = app.dataframe[0].value["option"].tolist()
    assert options == [t(f"action.{option}") for option in found.actions["option"]]
    assert len(app.get("vega_lite_chart")) == 1


@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_sent_faster_is_said_with_its_route_and_day(visit, store, locale):
    t = LOCALES[locale]
    lines = delays.impact(store, LATE).lines
    line = lines[lines["action"] == "split_by_air"].iloc[0]
    app = visit("delays", locale, **LINK | {"item": f"{line['sku']} · {line['market']}"})
    app.button_group(key="view").set_value("item").run()
    told = said(app)
    assert f"{t.number(line['air_units'])} " in told
    assert words.by_route(t, line["air_route"]) in told
    assert t("action_advice.lands", day=t.date(line["air_lands_on"])) in told
    ways = app.dataframe[0].value.set_index("option")
    way = ways.loc[t("action.split_by_air")]
    assert way["route"] == t(f"route.{line['air_route']}")
    assert t.date(way["air_lands_on"]) == t.date(line["air_lands_on"])


def test_an_item_that_loses_nothing_more_may_still_earn_by_a_faster_route(visit, store):
    lines = delays.impact(store, LATE).lines
    line = lines[(lines["action"] == "none") & (lines["air_earns"] > 0)].iloc[0]
    app = visit("delays", **LINK | {"item": f"{line['sku']} · {line['market']}"})
    app.button_group(key="view").set_value("item").run()
    advice = EN("action_advice.none") + EN(
        "action_advice.none_but_faster",
        units=EN.number(line["air_units"]),
        earns=EN.money(line["air_earns"], "CNY"),
    )
    assert advice in said(app)


def test_a_chosen_row_leads_to_its_item(visit):
    app = visit("delays", lead_time_delay_days="21")
    app.session_state["asked_item"] = "KT101 · DE"
    app.run()
    assert not app.exception
    assert app.button_group(key="view").value == "item"
    assert app.selectbox(key="item").value == "KT101 · DE"
    app.button_group(key="view").set_value("overview").run()
    assert app.button_group(key="view").value == "overview"


def test_the_actions_can_be_told_apart(visit, store):
    app = visit("delays", **LINK)
    lines = delays.impact(store, LATE).lines
    action = lines["action"].value_counts().index[-1]
    app.button_group(key="action").set_value(action).run()
    shown = app.dataframe[0].value
    assert len(shown) == (lines["action"] == action).sum()
    assert set(shown["action"]) == {EN(f"action.{action}")}


def blind(hides, view):
    """Draw a view as a visitor sees it who may see no money."""
    from analytics.i18n import Translator
    from analytics.scenario import Scenario
    from analytics.services import delays, workspaces
    from pages.shared import delaying

    t = Translator("en")
    late = Scenario(lead_time_delay_days=21, only_route="sea")
    with workspaces.open_sample() as store:
        if view == "item":
            delaying.item(t, delays.item(store, late, "KT102", "US", money=not hides))
        else:
            answer = delays.impact(store, late, money=not hides)
            draw = {"overview": delaying.overview, "orders": delaying.orders}[view]
            draw(t, answer)


@pytest.mark.parametrize("view", ["overview", "orders", "item"])
def test_where_money_is_hidden_no_amount_is_drawn(view):
    app = AppTest.from_function(blind, default_timeout=60, args=(True, view)).run()
    assert not app.exception
    values = " ".join(str(metric.value) for metric in app.metric)
    assert "CNY" not in values
    assert EN("delays.contribution_at_risk") not in figures(app)
    columns = {column for table in app.dataframe for column in table.value}
    assert not columns & {*delay_tables.MONEY_COLUMNS, "action_cost"}
    open_eyes = AppTest.from_function(blind, default_timeout=60, args=(False, view)).run()
    assert "CNY" in " ".join(str(metric.value) for metric in open_eyes.metric)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A workspace of one's own for one test alone, opened by the app as by anybody."""
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(tmp_path / "own"))
    session.own_store.clear()
    yield session.own_store()
    session.own_store().close()
    session.own_store.clear()


@pytest.mark.parametrize("locale", LOCALES)
def test_money_that_is_not_known_is_a_dash_and_no_nought(visit, own, locale):
    t = LOCALES[locale]
    own.load([shops.sales(), shops.receipts(), shops.stock(("MUG", 5))])
    app = visit("delays", locale, lead_time_delay_days="21")
    assert not app.exception
    shown = figures(app)
    for word in ("contribution_at_risk", "replanned", "safety_stock_cash"):
        assert shown[t(f"delays.{word}")] == MISSING
    assert float(shown[t("delays.units_short")].replace(",", "")) > 0
    assert t("empty.delay_frontier") in said(app)
    assert "nan" not in said(app).casefold().split()


def test_the_sentence_shows_names_letter_by_letter(store):
    bad = Scenario(lead_time_delay_days=3, only_supplier="![x](http://a.b)")
    told = delaying.sentence(EN, delays.impact(store, bad))
    assert r"\!\[x\]\(http" in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words(language):
    known = catalog(language)
    wanted = {f"action.{code}" for code in delay_tables.ACTIONS}
    wanted |= {f"action_advice.{code}" for code in delay_tables.ACTIONS}
    wanted |= {f"action_reason.{code}" for code in delay_tables.ACTION_REASONS}
    wanted |= {f"case.{code}" for code in (*delay_tables.CASES, "replanned")}
    wanted |= {f"view.{code}" for code in delaying.VIEWS}
    assert wanted <= known.keys()
