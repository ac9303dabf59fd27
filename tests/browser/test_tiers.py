"""A person puts a product into another tier, sees the order board follow, and moves a threshold."""

import csv
import io

import pytest
from playwright.sync_api import Page, expect

from analytics.i18n import Translator
from tests.browser import serving
from tests.browser.serving import choose, go, path_of, settle, tick, view, visit

EN, ZH = Translator("en"), Translator("zh")


def people():
    return pytest.mark.parametrize(
        ("who", "t", "sku"),
        [("visitor", ZH, "KT101"), ("english_visitor", EN, "KT102")],
        ids=["zh", "en"],
    )


@pytest.fixture(scope="module")
def own_app(browser, cache, tmp_path_factory):
    """The app over a workspace of one's own: sales and stock of the sample."""
    own = tmp_path_factory.mktemp("tiers")
    serving.brought_in(["orders_de_id.xlsx", "stock.csv"], own, cache)
    with serving.app(own, cache) as address:
        yield address


def line(page: Page, t: Translator, sku: str) -> dict[str, str]:
    """Return a product's line of the downloaded order board."""
    with page.expect_download() as told:
        page.get_by_role("button", name="CSV").first.click()
    rows = csv.DictReader(io.StringIO(told.value.path().read_text("utf-8-sig")))
    names = (t("column.sku"), t("column.market"))
    return next(row for row in rows if tuple(row[name] for name in names) == (sku, "DE"))


@people()
def test_a_tier_set_by_hand_moves_the_order_board_and_is_taken_back(own_app, request, who, t, sku):
    page = request.getfixturevalue(who).page
    go(page, f"{own_app}/replenish")
    before = line(page, t, sku)
    assert before[t("column.tier")] != t("tier.trial")

    visit(page, t("page.tiers"))
    assert path_of(page, "tier_matrix")
    word = page.get_by_role("textbox", name=t("tiers.search"))
    word.fill(f"{sku} DE")
    word.press("Enter")
    settle(page)
    sets = page.get_by_role("button", name=t("tiers.override"), exact=True)
    tick(page, page.get_by_test_id("stDataFrame").last, 0, sets)
    choose(page, t("tiers.tier"), t("tier.trial"))
    why = page.get_by_role("textbox", name=t("tiers.reason"))
    why.fill("relaunch")
    why.press("Enter")
    settle(page)
    sets.click()
    expect(page.get_by_text(t("tiers.overridden"))).to_be_visible(timeout=60_000)

    view(page, t("view.by_hand"))
    page.get_by_role("link", name=t("tiers.to_board")).click()
    expect(page.get_by_role("heading", name=t("page.replenish"), exact=True)).to_be_visible()
    settle(page)
    after = line(page, t, sku)
    assert after[t("column.tier")] == t("tier.trial")
    assert after[t("column.service_level")] != before[t("column.service_level")]
    assert after[t("column.service_measure")] == t("measure.cycle")
    assert after[t("column.reorder_point")] != before[t("column.reorder_point")]

    visit(page, t("page.tiers"))
    view(page, t("view.by_hand"))
    frees = page.get_by_role("button", name=t("tiers.release"), exact=True)
    known = frees.count()
    tick(page, page.get_by_test_id("stDataFrame").first, 0, frees.nth(known))
    frees.nth(known).click()
    expect(page.get_by_text(t("tiers.released"))).to_be_visible(timeout=60_000)
    expect(page.get_by_text(t("tiers.said_none"))).to_be_visible()
    visit(page, t("page.replenish"))
    assert line(page, t, sku) == before


@people()
def test_who_moves_is_seen_before_a_threshold_is_saved(own_app, request, who, t, sku):
    page = request.getfixturevalue(who).page
    go(page, f"{own_app}/tiers")
    view(page, t("view.thresholds"))
    expect(page.get_by_text(t("tiers.unchanged"))).to_be_visible()
    number = page.get_by_role("spinbutton", name=t("column.class_a_pct"))
    number.fill("30")
    number.press("Enter")
    settle(page)
    move = t("tiers.move", before=t("tier.bestseller"), after=t("tier.regular"))
    expect(page.get_by_text(move)).to_be_visible()
    page.get_by_role("button", name=t("settings.save"), exact=True).click()
    expect(page.get_by_text(t("tiers.saved"))).to_be_visible(timeout=60_000)
    expect(number).to_have_value("30.0")
    expect(page.get_by_text(t("tiers.unchanged"))).to_be_visible()
    page.get_by_role("button", name=t("tiers.reset"), exact=True).click()
    expect(number).to_have_value("80.0", timeout=60_000)
    settle(page)
