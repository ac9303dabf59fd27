"""The forecast page: either view, either language, and accounts that have hardly anything."""

import time
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from analytics import sample
from analytics.i18n import Translator
from analytics.scenario import Scenario
from analytics.services import forecasts, judgements, planning, workspaces
from analytics.services.judgements import Override
from pages.shared import navigation, plain, session
from tests.pages.conftest import APP
from tests.services.shops import day, products, sales, stock

LOCALES = {"zh-CN": Translator("zh"), "en-GB": Translator("en")}
EN = LOCALES["en-GB"]


@pytest.fixture
def visit(monkeypatch):
    """Open the page as the app's first one, so that `press` can start at the frame."""
    rest = [page for page in navigation._PAGES if page != "forecast"]
    monkeypatch.setattr(navigation, "_PAGES", ("forecast", *rest))

    def opened(locale="en-GB", **query):
        app = AppTest.from_file(APP, default_timeout=60)
        app.context = {"locale": locale}
        app.query_params.update(query)
        return app.run()

    return opened


def told(app):
    """Everything that the page says in words."""
    kinds = ("markdown", "caption", "warning", "error", "success", "info", "header", "subheader")
    return "\n".join(element.value for kind in kinds for element in getattr(app, kind))


def in_view(app, view):
    return app.button_group(key="view").set_value(view).run()


def until(app, sentence, seconds=30):
    """Run again, as the page does by itself, until it says ``sentence``."""
    end = time.monotonic() + seconds
    while sentence not in told(app) and time.monotonic() < end:
        assert not app.exception
        time.sleep(0.3)
        app.run()
    assert sentence in told(app)
    return app


def button(app, label):
    return next(element for element in app.button if element.label == label)


def press(app, label):
    """Press a button.

    The tester starts a run with the file of the page that it was on, and the rerun that puts the
    frame around it would swallow the press; so it is told to start with the frame, as a browser.
    """
    app._finished_page_script_hash = ""
    button(app, label).click().run()


def tables(app):
    """Every cell of every table, in words."""
    return "\n".join(table.value.to_csv() for table in app.dataframe)


def charts(app):
    return len(app.get("vega_lite_chart"))


# On the sample


@pytest.mark.parametrize("locale", LOCALES)
def test_one_item_is_shown_with_all_that_its_forecast_stands_on(visit, locale):
    t = LOCALES[locale]
    app = visit(locale, item="KT101 · US")
    assert not app.exception
    assert not app.error
    with workspaces.open_sample() as store:
        item = forecasts.item(store, Scenario(), "KT101", "US")
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures[t("forecast.next_13")] == t.number(item.facts["mean_13_weeks"])
    assert figures[t("forecast.last_13")] == t.number(item.facts["units_last_13_weeks"])
    assert figures[t("forecast.stockouts")] == t.number(item.facts["weeks_stockout"])
    names = [tab.label for tab in app.tabs]
    assert names[:3] == [t(f"forecast.{name}") for name in ("season", "corrections", "events")]
    assert t("forecast.sample_reads_only") in told(app)
    assert not any(element.label == t("forecast.launch_save") for element in app.button)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_catalogue_is_judged_on_its_own_past(visit, locale):
    t = LOCALES[locale]
    app = in_view(visit(locale), "catalogue")
    assert not app.exception
    opening = t("forecast.record_sentence", weeks="26", off="|", rival="|", rival_off="|")
    until(app, opening.partition("|")[0].strip())
    assert t("forecast.no_scores") in told(app)
    assert charts(app) == 1
    assert not app.error


def test_corrections_can_be_switched_off_one_by_one_and_altogether(visit):
    app = visit(item="KT101 · DE")
    figures = [metric.value for metric in app.metric]
    assert EN("layer.stockouts") in tables(app)
    pills = app.button_group(key="layers")
    assert tuple(pills.value) == forecasts.LAYERS
    pills.set_value([layer for layer in forecasts.LAYERS if layer != "stockouts"]).run()
    assert not app.exception
    without = dict(zip([m.label for m in app.metric], [m.value for m in app.metric], strict=True))
    assert without[EN("forecast.next_13")] == figures[0]  # the forecast has them all the same
    app.button_group(key="layers").set_value([]).run()
    assert not app.exception
    assert not app.error
    assert charts(app) >= 2
    assert EN("layer.stockouts") not in tables(app)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("ago", [3, 200, 500])
def test_a_plans_day_long_ago_is_shown_too(visit, locale, ago):
    asked = (sample.LAST_DAY - timedelta(days=ago)).isoformat()
    app = visit(locale, item="KT101 · DE", as_of=asked)
    assert not app.exception
    assert not app.error


def test_an_item_that_is_not_there_is_named(visit):
    app = visit(item="NO-SUCH · US")
    assert not app.exception
    assert plain.literal("NO-SUCH") in " ".join(warning.value for warning in app.warning)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_closer_look_is_found_in_words(visit, locale):
    t = LOCALES[locale]
    app = visit(locale, item="KT101 · US")
    drawn = charts(app)
    press(app, t("forecast.look"))
    end = time.monotonic() + 90
    while t("forecast.diagnosis") not in [box.label for box in app.expander]:
        assert time.monotonic() < end
        time.sleep(0.3)
        app.run()
    assert not app.exception
    assert not app.warning
    assert charts(app) == drawn + 3
    assert t("member.ets") in tables(app)


# On an account of one's own


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A workspace of one's own for one test alone, opened by the app as by anybody."""
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(tmp_path / "own"))
    session.own_store.clear()
    yield session.own_store()
    session.own_store().close()
    session.own_store.clear()


@pytest.mark.parametrize("locale", LOCALES)
def test_an_item_without_any_sale(visit, own, locale):
    t = LOCALES[locale]
    own.load([sales(days=100), stock(("NEVER", 3))])
    app = visit(locale, item="NEVER · US")
    assert not app.exception
    assert not app.error
    assert {metric.label: metric.value for metric in app.metric}[t("forecast.next_13")] == "0"
    assert t("forecast.launch") in [tab.label for tab in app.tabs]
    press(app, t("forecast.look"))
    for _ in range(100):
        if EN("member.ets") in told(app) or app.warning or charts(app) > 2:
            break
        time.sleep(0.2)
        app.run()
    assert not app.exception


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("days", [1, 7])
def test_a_week_of_history(visit, own, locale, days):
    t = LOCALES[locale]
    own.load([sales(days=days)])
    app = visit(locale)
    assert not app.exception
    assert not app.error
    assert t("forecast.season_none") in told(app)
    in_view(app, "catalogue")
    until(app, t("forecast.record_short"))
    assert not app.error
    in_view(app, "item")
    assert not app.exception


@pytest.mark.parametrize("locale", LOCALES)
def test_an_override_is_shown_for_what_it_is(visit, own, locale):
    t = LOCALES[locale]
    own.load([sales(days=150), sales("CUP", units=2.0, days=150)])
    tomorrow = planning.period(own)[1] + timedelta(days=1)
    said = Override("percent", 50.0, tomorrow, tomorrow + timedelta(days=90), "listing", "*new*")
    judgements.override(own, [("MUG", "US")], said, who="Ann")
    app = visit(locale, item="MUG · US")
    assert not app.exception
    assert t("source.override") in told(app)
    figures = {metric.label: metric.value for metric in app.metric}
    assert float(figures[t("forecast.next_13")].replace(",", "")) == pytest.approx(546, abs=3)
    assert len(app.dataframe) > 0
    app.selectbox(key="item").set_value("CUP · US").run()
    assert t("source.override") not in told(app)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_borrowed_level_is_told(visit, own, locale):
    t = LOCALES[locale]
    heir = {"sku": "HEIR", "predecessor": "MUG"}
    own.load([sales(days=150), stock(("HEIR", 3)), products(heir)])
    app = visit(locale, item="HEIR · US")
    assert not app.exception
    assert t("source.launch") in told(app)


def test_an_override_is_added_in_the_form_and_followed_by_the_figure(visit, own):
    own.load([sales(days=150), sales("CUP", units=2.0, days=150)])
    app = visit(item="MUG · US")
    before = app.metric[0].value
    note = next(box for box in app.text_input if box.label == EN("forecast.override_note"))
    note.set_value("a new listing")
    press(app, EN("forecast.override_save", count="1"))
    until(app, EN("forecast.decided"))
    assert not app.exception
    assert EN("source.override") in told(app)
    assert app.metric[0].value != before
    [noted] = judgements.overrides(own).to_dict("records")
    assert (noted["sku"], noted["value"], noted["note"]) == ("MUG", 20.0, "a new listing")
    assert noted["before"]


def test_an_override_that_cannot_be_meant_is_refused_with_a_sentence(visit, own):
    own.load([sales(days=150)])
    app = visit()
    value = next(box for box in app.number_input if box.label == EN("forecast.override_value"))
    value.set_value(5_000_000.0)
    press(app, EN("forecast.override_save", count="1"))
    assert not app.exception
    assert "900" in app.error[0].value
    assert judgements.overrides(own).empty


def test_a_level_is_borrowed_in_the_form(visit, own):
    own.load([sales(days=150), stock(("NEW", 3), date=day(0))])
    app = visit(item="NEW · US")
    press(app, EN("forecast.launch_save"))
    until(app, EN("forecast.decided"))
    assert not app.exception
    assert EN("source.launch") in told(app)
    assert app.metric[0].value != "0"
