"""A person looks at a forecast, knows better, thinks again, and asks how good it has been."""

import re

import pytest
from playwright.sync_api import Page, expect

from analytics import sample
from analytics.i18n import Translator
from tests.browser import serving
from tests.browser.serving import path_of, settle

EN, ZH = Translator("en"), Translator("zh")
ITEM = "KT101 · DE"
WORKBOOK = next(path for path in sample.files() if path.name == "orders_de_id.xlsx")


def figure(page: Page, label: str) -> str:
    metric = page.get_by_test_id("stMetric").filter(has_text=label)
    return metric.get_by_test_id("stMetricValue").first.inner_text()


def open_forecast(page: Page, address: str) -> None:
    page.goto(f"{address}/forecast?item={ITEM.replace(' ', '+')}")
    settle(page)


def choose_first_row(page: Page, table: int) -> None:
    frame = page.get_by_test_id("stDataFrame").nth(table)
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    page.mouse.click(box["x"] + 17, box["y"] + 35 + 17)


@pytest.fixture(scope="module")
def own_app(browser, cache, tmp_path_factory):
    """The app over a workspace that the sample's German and Indonesian orders were put into."""
    with serving.app(tmp_path_factory.mktemp("forecasting"), cache) as address:
        context = browser.new_context(locale="en-GB")
        page = context.new_page()
        page.goto(f"{address}/import")
        settle(page)
        page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(WORKBOOK)
        page.get_by_role("button", name=EN("import.do", count="17,801")).click(timeout=60_000)
        done = page.get_by_text(EN("import.done", count="17,801"))
        expect(done).to_be_visible(timeout=90_000)
        context.close()
        yield address


def test_a_correction_is_switched_off_and_on(own_app, english_visitor):
    page = english_visitor.page
    open_forecast(page, own_app)
    before, picture = figure(page, EN("forecast.next_13")), path_of(page, "fan")
    pill = page.get_by_role("button", name=EN("layer.stockouts"), exact=True)
    pill.click()
    settle(page)
    expect(pill).to_have_attribute("aria-pressed", "false")
    page.wait_for_function(
        "before => [...document.querySelectorAll('.st-key-fan svg path')]"
        ".map(path => path.getAttribute('d')).join('|') !== before",
        arg=picture,
    )
    assert figure(page, EN("forecast.next_13")) == before  # the forecast has them all the same
    pill.click()
    settle(page)
    expect(pill).to_have_attribute("aria-pressed", "true")
    assert figure(page, EN("forecast.next_13")) == before


def test_who_knows_better_says_so_and_thinks_again(own_app, english_visitor):
    page = english_visitor.page
    open_forecast(page, own_app)
    before = figure(page, EN("forecast.next_13"))
    badge = page.locator(".stMarkdownBadge").filter(has_text=EN("source.override"))
    expect(badge).to_have_count(0)

    page.get_by_role("textbox", name=EN("forecast.override_note")).fill("A *new* listing")
    page.get_by_role("button", name=EN("forecast.override_save", count="1")).click()
    expect(page.get_by_text(EN("forecast.decided"))).to_be_visible(timeout=60_000)
    settle(page)
    expect(badge.first).to_be_visible()
    after = figure(page, EN("forecast.next_13"))
    assert int(after.replace(",", "")) > int(before.replace(",", ""))

    tables = page.get_by_test_id("stDataFrame").count()
    choose_first_row(page, tables - 1)  # what stands is the last table of the page
    page.get_by_role("button", name=EN("forecast.withdraw"), exact=True).click()
    expect(badge).to_have_count(0, timeout=60_000)
    settle(page)
    assert figure(page, EN("forecast.next_13")) == before


def test_all_products_are_judged_and_one_is_chosen(own_app, visitor):
    page = visitor.page
    open_forecast(page, own_app)
    page.get_by_text(ZH("view.catalogue"), exact=True).click()
    opening, _, _ = ZH(
        "forecast.record_sentence", weeks="26", off="|", rival="", rival_off=""
    ).partition("|")
    expect(page.get_by_text(opening.strip())).to_be_visible(timeout=60_000)
    settle(page)
    choose_first_row(page, 0)
    save = page.get_by_role("button", name=ZH("forecast.override_save", count="1"))
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
    page.goto(f"{own_app}/forecast?item=KT102+%C2%B7+DE")
    settle(page)
    page.get_by_role("button", name=EN("forecast.look")).click()
    stop = page.get_by_role("button", name=EN("import.stop"))
    stop.click()
    expect(stop).to_have_count(0, timeout=30_000)
    settle(page)
    expect(page.get_by_role("heading", name=EN("page.forecast"), exact=True)).to_be_visible()
