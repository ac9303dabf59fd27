"""A person asks what to order, opens an item, promises more, and looks twelve weeks ahead."""

import re

import pytest
from playwright.sync_api import Page, expect

from analytics import sample
from analytics.i18n import Translator
from tests.browser import serving
from tests.browser.serving import path_of, settle

EN, ZH = Translator("en"), Translator("zh")


def figure(page: Page, label: str) -> str:
    metric = page.get_by_test_id("stMetric").filter(has_text=label)
    return metric.get_by_test_id("stMetricValue").first.inner_text()


def choose_rows(page: Page, *rows: int) -> None:
    """Tick rows of the board; it is the first table of the page."""
    for row in rows:
        frame = page.get_by_test_id("stDataFrame").first
        frame.scroll_into_view_if_needed()
        box = frame.bounding_box()
        page.mouse.click(box["x"] + 17, box["y"] + 35 * (row + 1) + 17)
        settle(page)


def view(page: Page, t: Translator, name: str) -> None:
    page.get_by_text(t(f"view.{name}"), exact=True).first.click()
    settle(page)


def test_a_higher_promise_asks_for_more(sample_app, english_visitor):
    page = english_visitor.page
    page.goto(sample_app)
    settle(page)
    before, picture = figure(page, EN("replenish.units")), path_of(page, "calendar")
    page.get_by_text(EN("scenario.group_money"), exact=True).click()
    page.get_by_text(EN("scenario.own_target"), exact=True).click()
    settle(page)
    thumb = serving.slider(page, EN("scenario.service_level_pct"))
    thumb.focus()
    for _ in range(4):
        thumb.press("PageUp")
    settle(page)
    expect(page.get_by_text(EN("app.what_if_chip"))).to_be_visible()
    page.wait_for_function(
        "before => [...document.querySelectorAll('.st-key-calendar svg path')]"
        ".map(path => path.getAttribute('d')).join('|') !== before",
        arg=picture,
    )
    assert figure(page, EN("replenish.units")) != before


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_item_opens_with_its_stock_and_its_routes(sample_app, request, language):
    fixture = "english_visitor" if language == "en" else "visitor"
    page, t = request.getfixturevalue(fixture).page, Translator(language)
    page.goto(sample_app)
    settle(page)
    choose_rows(page, 0)
    expect(page.get_by_role("heading", name=t("replenish.routes"))).to_be_visible()
    settle(page)
    assert path_of(page, "stock")
    expect(page.get_by_text(t("replenish.places"))).to_be_visible()
    page.get_by_text(t("app.how"), exact=True).click()
    opening = t("column.reorder_point")
    expect(page.get_by_text(re.compile(opening)).last).to_be_visible()
    choose_rows(page, 1)
    deciding = t("ledger.decide", items="2")
    expect(page.get_by_role("heading", name=deciding)).to_be_visible()
    expect(page.get_by_role("heading", name=t("replenish.routes"))).to_have_count(0)


def test_twelve_weeks_are_ordered_and_paid(sample_app, visitor):
    page = visitor.page
    page.goto(sample_app)
    settle(page)
    view(page, ZH, "calendar")
    assert path_of(page, "payments")
    orders = int(figure(page, ZH("replenish.ahead_orders")).replace(",", ""))
    assert orders > 20
    with page.expect_download() as told:
        page.get_by_role("button", name="CSV").nth(1).click()
    lines = told.value.path().read_text("utf-8-sig").strip().splitlines()
    assert len(lines) == orders + 1
    assert ZH("column.deposit") in lines[0]


def test_a_promise_for_one_product_moves_its_line(browser, cache, tmp_path_factory):
    """Settings say how an item is bought; the board follows."""
    files = [path for path in sample.files() if path.name in ("orders_de_id.xlsx", "stock.csv")]
    with serving.app(tmp_path_factory.mktemp("promise"), cache) as address:
        context = browser.new_context(locale="en-GB", accept_downloads=True)
        page = context.new_page()
        page.goto(f"{address}/import")
        settle(page)
        page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(files)
        button = page.get_by_role("button", name=re.compile(_stem("import.do")))
        button.click(timeout=90_000)
        done = page.get_by_text(re.compile(_stem("import.done")))
        expect(done.first).to_be_visible(timeout=120_000)
        before = _point(page, address)
        _promise(page, address, 99.9)
        after = _point(page, address)
        assert after > before
        context.close()


def _stem(key: str) -> str:
    """Return the opening words of a text with a number in it."""
    return re.escape(EN(key, count="|").partition("|")[0].strip() or EN(key, count="|")[-12:])


def _point(page: Page, address: str) -> float:
    """Return the reorder point of the first product of the list, from the downloaded board."""
    page.goto(address)
    settle(page)
    with page.expect_download() as told:
        page.get_by_role("button", name="CSV").first.click()
    head, *lines = told.value.path().read_text("utf-8-sig").strip().splitlines()
    names = head.split(",")
    sku, market = names.index(EN("column.sku")), names.index(EN("column.market"))
    place = names.index(EN("column.reorder_point"))
    rows = [re.split(r",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", line) for line in lines]
    return next(float(r[place]) for r in rows if (r[sku], r[market]) == ("KT101", "DE"))


def _promise(page: Page, address: str, level: float) -> None:
    page.goto(f"{address}/settings")
    settle(page)
    item = page.get_by_role("combobox", name=re.compile(re.escape(EN("app.item")))).first
    item.click()
    item.fill("KT101 · DE")
    page.get_by_role("option", name="KT101 · DE").first.click()
    settle(page)
    value = page.get_by_role("spinbutton", name=EN("policy.new_value"))
    value.fill(str(level))
    value.press("Enter")
    settle(page)
    page.get_by_role("button", name=EN("policy.save_own")).click()
    expect(page.get_by_text(EN("settings.policies_saved"))).to_be_visible(timeout=60_000)
    settle(page)
