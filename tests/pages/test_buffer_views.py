"""The views of the Safety stock page: one item with its reasons, the catalogue, the replay."""

import time
from types import SimpleNamespace

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analytics.errors import FitBrokeOffError
from analytics.i18n import LANGUAGES, Translator, catalog
from analytics.scenario import Scenario
from analytics.services import buffers, explaining, workspaces
from analytics.services.explaining import BARS
from pages.shared import buffering, replaying, session

EN = Translator("en")
LOCALES = {"zh-CN": Translator("zh"), "en-GB": EN}


def said(app):
    return " ".join(text.value for text in (*app.markdown, *app.caption))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_bar_opens_its_inputs(visit, locale):
    t = LOCALES[locale]
    app = visit("safety_stock", locale, item="KT101 · US", lead_time_delay_days="10")
    before = len(app.dataframe)
    for bar in BARS:
        app.button_group(key="explained").set_value(bar).run()
        assert not app.exception
        assert len(app.dataframe) > before or bar == "rounding"
    assert t("explain.why_sliders") not in said(app)
    app.button_group(key="explained").set_value("uncertain_lead_time").run()
    assert t("explain.receipts_table") in said(app)
    shown = app.dataframe[before].value
    assert set(shown["status"]) <= {t("explain.arrived"), t("explain.still_open")}


def test_the_figures_are_those_of_the_service(visit):
    app = visit("safety_stock", item="KT101 · US", lead_time_delay_days="10")
    with workspaces.open_sample() as store:
        scenario = Scenario(lead_time_delay_days=10)
        item = buffers.item(store, scenario, "KT101", "US")
        found = buffers.catalogue(store, scenario)
    values = {metric.label: metric.value for metric in app.metric}
    assert values[EN("buffers.reorder_point")] == f"{item.why.reorder_point:,.0f}"
    assert values[EN("buffers.promised")] == f"{item.facts['service_level']:.1%}"
    app.button_group(key="view").set_value("catalogue").run()
    policy = found.totals.set_index("method").loc["policy"]
    assert app.metric[0].value == f"CNY {policy['cash']:,.0f}"


@pytest.mark.parametrize("locale", LOCALES)
def test_the_catalogue_shows_methods_frontier_and_items(visit, locale):
    app = visit("safety_stock", locale)
    app.button_group(key="view").set_value("catalogue").run()
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == 2
    totals, items = (table.value for table in app.dataframe)
    assert len(totals) == len(buffers.METHODS) + 1
    assert len(items) > 40
    before = app.metric[0].value
    app.slider(key="lead_time_delay_days").set_value(30).run()
    assert app.metric[0].value != before


def test_the_calculator_gives_the_articles_number(visit):
    app = visit("safety_stock")
    assert "**280 units**" in said(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_page_has_words(language):
    known = catalog(language)
    wanted = {f"explain.{bar}" for bar in (*BARS, "reorder_point")}
    wanted |= {f"target.{code}" for code in ("scenario", "profit", "item", "tier", "default")}
    sources = ("own", "route_pool", "stated", "routes_table", "assumed")
    wanted |= {f"explain.from_{code}" for code in sources}
    wanted |= {f"lead_time_source.{code}" for code in sources}
    wanted |= {
        f"cost_basis.{code}" for code in ("landed", "landed_partial", "unit_cost", "unknown")
    }
    wanted |= {f"method.{code}" for code in (*buffers.METHODS, buffers.POLICY, "proposed")}
    wanted |= {f"scenario.{name}" for name in explaining.SLIDERS}
    assert wanted <= known.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_card_leaves_as_sheets(language):
    t = Translator(language)
    with workspaces.open_sample() as store:
        item = buffers.item(store, Scenario(), "KT101", "US")
        sheets = buffering._sheets(t, item, store, Scenario())
        every = buffering._whys(t, store, Scenario())
    card = sheets[t("explain.sheet")]
    units = (card[t("explain.units")] * 10).round().astype(int).tolist()
    assert sum(units[:-1]) == units[-1] == 10 * item.why.reorder_point
    assert card[t("explain.stands_on")].iloc[:-1].str.len().gt(10).all()
    assert not card[t("explain.stands_on")].str.contains(r"[\\*{]").any()
    assert len(sheets[t("explain.receipts_sheet")])
    table = every[t("explain.sheet")]
    parts = (table[[t(f"explain.{bar}") for bar in BARS]] * 10).round().sum(axis=1)
    assert (parts == 10 * table[t("explain.reorder_point")]).all()


def look():
    from analytics.i18n import Translator
    from pages.shared import replaying

    replaying.replayed(Translator("en"))


@pytest.fixture
def answers(monkeypatch):
    """What the replay does: an error is raised, a result returned, anything else waited for."""
    done = []

    def answer(*_asked, progress):
        found = done.pop(0)
        while found is None:
            progress(0, 1, "")
            time.sleep(0.01)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(replaying.replay, "replay", answer)
    monkeypatch.setattr(replaying.replay, "is_known", lambda *_: False)
    monkeypatch.setattr(session, "store", lambda: None)
    monkeypatch.setattr(session, "version", lambda: "1")
    monkeypatch.setattr(session, "scenario", lambda: SimpleNamespace(as_of=None))
    return done


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()


def test_a_replay_that_fails_is_told_and_can_be_asked_for_again(answers):
    answers += [FitBrokeOffError(), FitBrokeOffError()]
    app = AppTest.from_function(look).run()
    for _ in range(2):
        press(app, EN("replay.run"))
        assert [warning.value for warning in app.warning] == [str(FitBrokeOffError())]
    assert not answers


def test_a_replay_that_is_stopped_can_be_asked_for_again(answers):
    answers += [None]
    app = AppTest.from_function(look).run()
    press(app, EN("replay.run"))
    assert EN("replay.run") not in [button.label for button in app.button]
    press(app, EN("import.stop"))
    app.run()
    assert EN("replay.run") in [button.label for button in app.button]


def test_a_history_too_short_to_replay_says_so(answers):
    answers += [SimpleNamespace(facts={"weeks": 0, "items": 0}, rules=pd.DataFrame())]
    app = AppTest.from_function(look).run()
    press(app, EN("replay.run"))
    assert EN("replay.too_short") in [info.value for info in app.info]
