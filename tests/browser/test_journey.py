"""What a person does, from the spreadsheet to the order, in a real browser."""

import re

import openpyxl
import pytest
from playwright.sync_api import expect

from analytics.i18n import Translator
from tests.browser import serving
from tests.browser.conftest import Visitor
from tests.browser.serving import (
    brought_in,
    choose,
    drop,
    figure,
    go,
    number,
    path_of,
    redrawn,
    settle,
    slide,
    slider,
    tick,
    visit,
)

ZH, EN = Translator("zh"), Translator("en")
WORKBOOK = "orders_de_id.xlsx"


@pytest.fixture
def fresh_app(browser, cache, tmp_path):
    """A server that nobody has visited, over a workspace that is not there yet."""
    with serving.app(tmp_path / "workspace", cache) as address:
        yield address


@pytest.fixture
def own_app(browser, cache, tmp_path):
    """The app over a workspace with the workbook in it."""
    folder = brought_in([WORKBOOK], tmp_path / "workspace", cache)
    with serving.app(folder, cache) as address:
        yield address


def test_from_a_spreadsheet_to_an_order_date(fresh_app, visitor, tmp_path):
    page = visitor.page
    go(page, fresh_app)
    expect(page.get_by_text("现在看到的是示例卖家的数据")).to_be_visible()

    visit(page, ZH("page.import"))
    drop(page, WORKBOOK)
    confirm = page.get_by_role("button", name=ZH("import.do", count="17,801"))
    expect(confirm).to_be_enabled(timeout=60_000)
    assert figure(page, ZH("column.rows_read")) == "17,801"
    assert figure(page, ZH("column.rows_rejected")) == "0"

    confirm.click()
    expect(page.get_by_test_id("stProgress").first).to_be_visible()
    expect(page.get_by_text(ZH("import.done", count="17,801"))).to_be_visible(timeout=90_000)
    expect(page.get_by_text("现在看到的是示例卖家的数据")).to_have_count(0)

    visit(page, ZH("page.forecast"))
    choose(page, ZH("app.item"), "KT101 · DE")
    fan = path_of(page, "fan")
    assert fan.count("L") + fan.count("C") > 100

    visit(page, ZH("page.safety_stock"))
    expect(page.get_by_role("combobox", name=ZH("app.item"))).to_have_value("KT101 · DE")
    before, picture = number(page, ZH("buffers.reorder_point")), path_of(page, "exceedance")
    handle = slider(page, ZH("scenario.lead_time_delay_days"))
    slide(handle, 14)
    expect(page).to_have_url(re.compile("lead_time_delay_days=14"))
    settle(page)
    after = figure(page, ZH("buffers.reorder_point"))
    assert number(page, ZH("buffers.reorder_point")) > before
    redrawn(page, "exceedance", picture)
    expect(page.get_by_text(ZH("app.what_if_chip")).first).to_be_visible()

    page.get_by_role("button", name=ZH("link.copy")).click()
    link = page.get_by_test_id("stCode").inner_text().strip()
    for field in (
        "lead_time_delay_days=14",
        "demand_change_pct=0",
        "service_level_pct=",
        "as_of=20",
    ):
        assert field in link
    page.keyboard.press("Escape")

    other = Visitor(visitor.context.browser, "zh-CN")
    second = other.page
    go(second, link)
    assert figure(second, ZH("buffers.reorder_point")) == after
    second.get_by_text("English", exact=True).click()
    settle(second)
    assert figure(second, EN("buffers.reorder_point")) == after
    assert slider(second, EN("scenario.lead_time_delay_days")).input_value() == "14"
    other.leave()

    visit(page, ZH("page.replenish"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Excel").first.click()
    path = tmp_path / "plan.xlsx"
    download.value.save_as(path)
    rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
    assert ZH("column.reorder_point") in rows[0]
    assert len(rows) > 40


def test_importing_the_same_file_again_changes_nothing(own_app, visitor):
    page = visitor.page
    go(page, f"{own_app}/import")
    drop(page, WORKBOOK)
    expect(page.get_by_text(ZH("import.nothing_new"))).to_be_visible(timeout=60_000)
    assert figure(page, ZH("column.rows_new")) == "0"
    assert figure(page, ZH("column.rows_identical")) == "17,801"


@pytest.mark.parametrize("path", ["forecast", "replenish", "import"])
def test_the_first_visit_of_a_fresh_server_may_be_to_any_page(fresh_app, visitor, path):
    """Streamlit runs a page file without the app's frame until somebody has opened the app."""
    page = visitor.page
    page.goto(f"{fresh_app}/{path}?lead_time_delay_days=7")
    heading = page.get_by_role("heading", name=ZH(f"page.{path}"), exact=True)
    expect(heading).to_be_visible(timeout=90_000)
    settle(page)
    expect(page.get_by_role("link", name=ZH("page.overview"), exact=True)).to_be_visible()
    assert path in page.url
    assert "lead_time_delay_days=7" in page.url


def test_a_link_keeps_its_assumptions_from_page_to_page(sample_app, english_visitor):
    page = english_visitor.page
    asked = "lead_time_delay_days=21&demand_change_pct=10&service_level_pct=98"
    go(page, f"{sample_app}/replenish?{asked}")
    first = figure(page, EN("replenish.units"))
    for name in ("forecast", "import", "safety_stock", "replenish"):
        visit(page, EN(f"page.{name}"))
    assert slider(page, EN("scenario.lead_time_delay_days")).input_value() == "21"
    heading = EN("scenario.group_set", group=EN("scenario.group_money"), count=1)
    page.get_by_text(heading, exact=True).click()
    assert slider(page, EN("scenario.service_level_pct")).input_value() == "98"
    assert figure(page, EN("replenish.units")) == first


def test_what_a_link_asks_for_in_vain_is_named(sample_app, english_visitor):
    page = english_visitor.page
    asked = "lead_time_delay_days=999&as_of=1999-01-01&colour=red&item=NO-SUCH+%C2%B7+US"
    go(page, f"{sample_app}/forecast?{asked}")
    for sentence in (
        "Lead-time delay (days) is 999; it must lie between 0 and 90.",
        "Plan as of is 1999-01-01",
        "colour is not an assumption",
        "There is no item NO-SUCH",
    ):
        expect(page.get_by_text(sentence).first).to_be_visible()
    page.get_by_role("button", name=EN("link.understood")).click()
    settle(page)
    expect(page.get_by_text("is 999")).to_have_count(0)


def test_health_asks_the_store(sample_app, english_visitor):
    answer = english_visitor.page.request.get(f"{sample_app}/healthz")
    assert (answer.status, answer.text()) == (200, "ok")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_load_that_ends_while_one_looks_elsewhere_is_told(fresh_app, visitor):
    page = visitor.page
    go(page, f"{fresh_app}/import")
    drop(page, WORKBOOK)
    page.get_by_role("button", name=ZH("import.do", count="17,801")).click(timeout=60_000)
    visit(page, ZH("page.forecast"))
    visit(page, ZH("page.import"))
    expect(page.get_by_text(ZH("import.done", count="17,801"))).to_be_visible(timeout=90_000)
    drop(page, "products.xlsx")
    confirm = page.get_by_role("button", name=ZH("import.do", count="60"))
    expect(confirm).to_be_enabled(timeout=60_000)


def test_choosing_a_row_and_then_a_status_shows_no_stranger(sample_app, english_visitor):
    page = english_visitor.page
    go(page, f"{sample_app}/replenish")
    tick(page, page.get_by_test_id("stDataFrame").first, 0)
    expect(page.get_by_text(EN("app.how"))).to_be_visible()
    page.get_by_text(re.compile(EN("status.covered") + r" \d")).click()
    settle(page)
    expect(page.get_by_text(EN("app.how"))).to_have_count(0)
