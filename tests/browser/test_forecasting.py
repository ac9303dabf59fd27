"""A person looks at a forecast, knows better, thinks again, and asks how good it has been."""

import re
import shutil

import pytest
from playwright.sync_api import Page, expect

from analytics.i18n import Translator
from tests.browser import serving
from tests.browser.serving import (
    brought_in,
    figure,
    go,
    number,
    path_of,
    redrawn,
    settle,
    tick,
    view,
)

EN, ZH = Translator("en"), Translator("zh")
ITEM = "KT101 · DE"


def open_forecast(page: Page, address: str) -> None:
    go(page, f"{address}/forecast?item={ITEM.replace(' ', '+')}")


@pytest.fixture(scope="module")
def traded(cache, tmp_path_factory):
    """A workspace that the sample's German and Indonesian orders were put into."""
    return brought_in(["orders_de_id.xlsx"], tmp_path_factory.mktemp("forecasting"), cache)


@pytest.fixture(scope="module")
def own_app(traded, browser, cache, tmp_path_factory):
    """The app over such a workspace, for those who change nothing."""
    folder = tmp_path_factory.mktemp("looking") / "workspace"
    with serving.app(shutil.copytree(traded, folder), cache) as address:
        yield address


@pytest.fixture
def app_to_change(traded, browser, cache, tmp_path):
    with serving.app(shutil.copytree(traded, tmp_path / "workspace"), cache) as address:
        yield address


def test_a_correction_is_switched_off_and_on(own_app, english_visitor):
    page = english_visitor.page
    open_forecast(page, own_app)
    before, picture = figure(page, EN("forecast.next_13")), path_of(page, "fan")
    pill = page.get_by_role("button", name=EN("layer.stockouts"), exact=True)
    pill.click()
    settle(page)
    expect(pill).to_have_attribute("aria-pressed", "false")
    redrawn(page, "fan", picture)
    assert figure(page, EN("forecast.next_13")) == before  # the forecast has them all the same
    pill.click()
    settle(page)
    expect(pill).to_have_attribute("aria-pressed", "true")
    assert figure(page, EN("forecast.next_13")) == before


def test_who_knows_better_says_so_and_thinks_again(app_to_change, english_visitor):
    page = english_visitor.page
    open_forecast(page, app_to_change)
    before = number(page, EN("forecast.next_13"))
    badge = page.locator(".stMarkdownBadge").filter(has_text=EN("source.override"))
    expect(badge).to_have_count(0)

    page.get_by_role("textbox", name=EN("forecast.override_note")).fill("A *new* listing")
    page.get_by_role("button", name=EN("forecast.override_save", count="1")).click()
    expect(page.get_by_text(EN("forecast.decided"))).to_be_visible(timeout=60_000)
    settle(page)
    expect(badge.first).to_be_visible()
    assert number(page, EN("forecast.next_13")) > before

    tick(page, page.get_by_test_id("stDataFrame").last, 0)  # what stands is the last table
    page.get_by_role("button", name=EN("forecast.withdraw"), exact=True).click()
    expect(badge).to_have_count(0, timeout=60_000)
    assert number(page, EN("forecast.next_13")) == before


def test_all_products_are_judged_and_one_is_chosen(own_app, visitor):
    page = visitor.page
    open_forecast(page, own_app)
    view(page, ZH("view.catalogue"))
    opening, _, _ = ZH(
        "forecast.record_sentence", weeks="26", off="|", rival="", rival_off=""
    ).partition("|")
    expect(page.get_by_text(opening.strip())).to_be_visible(timeout=60_000)
    save = page.get_by_role("button", name=ZH("forecast.override_save", count="1"))
    tick(page, page.get_by_test_id("stDataFrame").first, 0, shows=save)
    expect(save).to_be_enabled()


def test_a_closer_look_lets_models_compete(own_app, english_visitor):
    page = english_visitor.page
    open_forecast(page, own_app)
    page.get_by_role("button", name=EN("forecast.look")).click()
    expect(page.get_by_text(EN("forecast.diagnosis"))).to_be_visible(timeout=90_000)
    settle(page)
    assert path_of(page, "contest")
    assert path_of(page, "contest_fan")
    shown = page.get_by_text(re.compile(re.escape(EN("member.ets")))).first
    expect(shown).to_be_visible()


def test_a_closer_look_can_be_stopped(own_app, english_visitor):
    page = english_visitor.page
    go(page, f"{own_app}/forecast?item=KT102+%C2%B7+DE")
    page.get_by_role("button", name=EN("forecast.look")).click()
    stop = page.get_by_role("button", name=EN("import.stop"))
    stop.click()
    expect(stop).to_have_count(0, timeout=30_000)
    settle(page)
    expect(page.get_by_role("heading", name=EN("page.forecast"), exact=True)).to_be_visible()
