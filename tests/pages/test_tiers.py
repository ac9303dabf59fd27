"""The Tiers page: where products stand, tiers set by hand, thresholds, in both languages."""

import shutil
import time

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analytics.i18n import LANGUAGES, Translator
from analytics.services import planning, tiering
from analytics.store import Store
from analytics.tiers import Thresholds
from pages.shared import session, settling
from tests.services import catalogues

EN = Translator("en")
LOCALES = {"zh-CN": Translator("zh"), "en-GB": EN}
VIEWS = {"overview": 3, "by_hand": 0, "thresholds": 0, "policies": 0}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_view_opens_on_the_sample(visit, locale):
    t, app = LOCALES[locale], visit("tiers", locale)
    for view, charts in VIEWS.items():
        app.button_group(key="view").set_value(view).run()
        assert not app.exception
        assert not app.error
        assert app.header[0].value == t("page.tiers")
        assert len(app.get("vega_lite_chart")) == charts
    assert "save_thresholds" not in [button.key for button in app.button]


def test_the_page_says_the_same_as_the_service(visit, sample):
    app = visit("tiers")
    shown = app.dataframe[-1].value
    table = tiering.table(sample)
    assert len(shown) == len(table)
    assert shown["tier"].value_counts().tolist() == (table["tier"].value_counts().tolist())
    assert shown["value_share"].is_monotonic_decreasing
    assert not shown["tier_evidence"].str.contains(r"[{}]|nan|NaT").any()


@pytest.fixture(scope="module")
def sample():
    with session.workspaces.open_sample() as store:
        yield store


def test_products_are_found_by_a_word_and_by_their_kind(visit):
    app = visit("tiers")
    app.text_input(key="tiers_search").set_value("kt101").run()
    assert set(app.dataframe[-1].value["sku"]) == {"KT101"}
    app.button_group(key="tiers_market").set_value(["DE"]).run()
    assert app.dataframe[-1].value["market"].tolist() == ["DE"]
    app.text_input(key="tiers_search").set_value("nothing like it").run()
    assert EN("tiers.nothing_found") in [text.value for text in app.caption]
    assert not app.exception


def test_a_threshold_is_tried_on_the_sample_and_cannot_be_saved(visit):
    app = visit("tiers")
    app.button_group(key="view").set_value("thresholds").run()
    app.number_input(key="threshold_class_a_pct_80.0").set_value(60.0).run()
    assert not app.exception
    assert len(app.dataframe)
    assert EN("settings.sample_reads_only") in " ".join(text.value for text in app.caption)
    assert not [button for button in app.button if button.key == "save_thresholds"]


def page():
    from analytics.i18n import Translator
    from pages.shared import session, tier_limits, tiering, working

    t = Translator("en")
    if not working.changing(t):
        module, part = session.get("part")
        getattr({"tiering": tiering, "tier_limits": tier_limits}[module], part)(t)
        if part in ("by_hand", "thresholds"):
            {"tiering": tiering, "tier_limits": tier_limits}[module].said(t)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Forty products, made once and copied for every test."""
    return catalogues.prepared(tmp_path_factory.mktemp("shop") / "own")


@pytest.fixture
def own(shop, tmp_path, monkeypatch):
    shutil.copytree(shop, tmp_path / "own")
    with Store.open(tmp_path / "own") as opened:
        for name in ("store", "own_store"):
            monkeypatch.setattr(session, name, lambda: opened)
        monkeypatch.setattr(session, "version", lambda: opened.version)
        monkeypatch.setattr(session, "shows_sample", lambda: False)
        monkeypatch.setattr(session, "items", lambda: planning.items(opened))
        monkeypatch.setattr(settling.settling.workspaces, "follow", lambda *_: None)
        monkeypatch.setattr(settling.st, "page_link", lambda *_, **__: None)
        yield opened


def opened(*part):
    app = AppTest.from_function(page, default_timeout=60)
    app.session_state["part"] = part
    return app.run()


def until(app, is_so):
    end = time.monotonic() + 30
    while not is_so() and time.monotonic() < end:
        time.sleep(0.05)
        app.run()
    assert not app.exception
    assert is_so()
    return app.run()


def test_several_products_are_set_by_hand_and_listed_with_their_reason(own):
    app = opened("tiering", "by_hand")
    assert app.button(key="tier_set_several").disabled
    app.multiselect(key="tier_items").set_value(["S01 · US", "S02 · US"]).run()
    app.selectbox(key="tier_to_several").set_value("seasonal").run()
    app.text_input(key="tier_why_several").set_value("*gift*").run()
    app.button(key="tier_set_several").click().run()
    app = until(app, lambda: len(tiering.said(own)) == 2)
    shown = app.dataframe[0].value
    assert shown["tier"].tolist() == ["Seasonal", "Seasonal"]
    assert shown["reason"].tolist() == ["*gift*", "*gift*"]
    assert EN("tiers.overridden") in [text.value for text in app.success]
    app.multiselect(key="tier_items").set_value(["S01 · US"]).run()
    app.button(key="tier_free_several").click().run()
    until(app, lambda: tiering.said(own)["sku"].tolist() == ["S02"])


def test_a_threshold_is_previewed_saved_and_taken_back(own, monkeypatch):
    app = opened("tier_limits", "thresholds")
    assert EN("tiers.unchanged") in [text.value for text in app.caption]
    assert app.button(key="save_thresholds").disabled
    app.number_input(key="threshold_class_a_pct_80.0").set_value(50.0).run()
    wanted = Thresholds(class_a_pct=50.0)
    before = tiering.preview(own, wanted)
    assert len(app.dataframe[0].value) == len(before)
    assert tiering.thresholds(own) == Thresholds()
    app.button(key="save_thresholds").click().run()
    app = until(app, lambda: tiering.thresholds(own) == wanted)
    assert app.number_input(key="threshold_class_a_pct_50.0").value == 50.0
    assert app.dataframe[0].value["value"].tolist() == ["50"]
    choose(monkeypatch, part=EN("column.threshold"))
    app.run()
    app.button(key="take_back_thresholds").click().run()
    app = until(app, lambda: tiering.thresholds(own) == Thresholds())
    assert app.number_input(key="threshold_class_a_pct_80.0").value == 80.0


def choose(monkeypatch, **wanted):
    """Choose the line of the table that has these values."""
    drawn = settling.render.table

    def table(t, frame, *arguments, **options):
        drawn(t, frame, *arguments, **options)
        here = frame.loc[(frame[[*wanted]].astype(str) == pd.Series(wanted)).all(axis=1)]
        return here.iloc[0].to_dict() if len(here) and options.get("choose") else None

    monkeypatch.setattr(settling.render, "table", table)


def test_thresholds_that_do_not_fit_together_are_explained(own):
    app = opened("tier_limits", "thresholds")
    app.number_input(key="threshold_class_a_pct_80.0").set_value(95.0).run()
    app.number_input(key="threshold_class_b_pct_95.0").set_value(90.0).run()
    assert not app.exception
    assert EN("column.class_b_pct") in app.error[0].value
    assert not [button for button in app.button if button.key == "save_thresholds"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_threshold_has_a_name_and_a_help(language):
    t = Translator(language)
    for name in Thresholds.limits():
        assert t.has(f"column.{name}")
        assert t.has(f"threshold.{name}_help")
