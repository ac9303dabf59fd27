"""A person asks what to order, opens an item, promises more, and looks twelve weeks ahead."""

import re

import pytest
from playwright.sync_api import Page, expect

from analytics.i18n import Translator
from tests.browser import serving
from tests.browser.serving import (
    brought_in,
    choose,
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


def test_a_higher_promise_asks_for_more(sample_app, english_visitor):
    page = english_visitor.page
    go(page, f"{sample_app}/replenish")
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
    redrawn(page, "calendar", picture)
    assert figure(page, EN("replenish.units")) != before


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_item_opens_with_its_stock_and_its_routes(sample_app, request, language):
    fixture = "english_visitor" if language == "en" else "visitor"
    page, t = request.getfixturevalue(fixture).page, Translator(language)
    go(page, f"{sample_app}/replenish")
    board = page.get_by_test_id("stDataFrame").first
    tick(page, board, 0)
    expect(page.get_by_role("heading", name=t("replenish.routes"))).to_be_visible()
    settle(page)
    assert path_of(page, "stock")
    expect(page.get_by_text(t("replenish.places"))).to_be_visible()
    page.get_by_text(t("app.how"), exact=True).click()
    opening = t("column.reorder_point")
    expect(page.get_by_text(re.compile(opening)).last).to_be_visible()
    tick(page, board, 1)
    deciding = t("ledger.decide", items="2")
    expect(page.get_by_role("heading", name=deciding)).to_be_visible()
    expect(page.get_by_role("heading", name=t("replenish.routes"))).to_have_count(0)


def test_twelve_weeks_are_ordered_and_paid(sample_app, visitor):
    page = visitor.page
    go(page, f"{sample_app}/replenish")
    view(page, ZH("view.calendar"))
    assert path_of(page, "payments")
    orders = number(page, ZH("replenish.ahead_orders"))
    assert orders > 20
    with page.expect_download() as told:
        page.get_by_role("button", name="CSV").nth(1).click()
    lines = told.value.path().read_text("utf-8-sig").strip().splitlines()
    assert len(lines) == orders + 1
    assert ZH("column.deposit") in lines[0]


@pytest.fixture
def own_app(browser, cache, tmp_path):
    files = ("orders_de_id.xlsx", "stock.csv")
    with serving.app(brought_in(files, tmp_path / "workspace", cache), cache) as address:
        yield address


def test_a_promise_for_one_product_moves_its_line(own_app, english_visitor):
    """Settings say how an item is bought; the board follows."""
    page = english_visitor.page
    before = _point(page, own_app)
    _promise(page, own_app, 99.9)
    after = _point(page, own_app)
    assert after > before


def _point(page: Page, address: str) -> float:
    """Return the reorder point of the first product of the list, from the downloaded board."""
    go(page, f"{address}/replenish")
    with page.expect_download() as told:
        page.get_by_role("button", name="CSV").first.click()
    head, *lines = told.value.path().read_text("utf-8-sig").strip().splitlines()
    names = head.split(",")
    sku, market = names.index(EN("column.sku")), names.index(EN("column.market"))
    place = names.index(EN("column.reorder_point"))
    rows = [re.split(r",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", line) for line in lines]
    return next(float(r[place]) for r in rows if (r[sku], r[market]) == ("KT101", "DE"))


def _promise(page: Page, address: str, level: float) -> None:
    go(page, f"{address}/settings")
    choose(page, re.compile(re.escape(EN("app.item"))), "KT101 · DE")
    value = page.get_by_role("spinbutton", name=EN("policy.new_value"))
    value.fill(str(level))
    value.press("Enter")
    settle(page)
    page.get_by_role("button", name=EN("policy.save_own")).click()
    expect(page.get_by_text(EN("settings.policies_saved"))).to_be_visible(timeout=60_000)
    settle(page)
