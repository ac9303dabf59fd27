"""Assumptions in a real browser: a link keeps them all, on every page, in either language."""

import re
from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

from playwright.sync_api import Page, expect

from analytics import presets
from analytics.i18n import Translator
from analytics.scenario import Scenario
from tests.browser.conftest import Visitor
from tests.browser.serving import choose, go, settle, slider, visit
from tests.test_scenario import ALL_MOVED

ZH, EN = Translator("zh"), Translator("en")
ASKED = replace(ALL_MOVED, as_of=date(2026, 5, 20))
TODAY = date(2026, 5, 31)  # the sample's last day


def held(page: Page, t: Translator) -> Scenario:
    """What "Copy link" says is assumed."""
    page.get_by_role("button", name=t("link.copy")).click()
    link = page.get_by_test_id("stCode").inner_text().strip()
    page.keyboard.press("Escape")
    return Scenario.from_link(link)


def in_address(page: Page) -> Scenario:
    """What the address itself says, defaults left out."""
    return Scenario.from_link(page.url)


def test_a_link_keeps_everything_through_language_pages_and_a_reload(sample_app, english_visitor):
    page = english_visitor.page
    go(page, f"{sample_app}/safety_stock?{urlencode(ASKED.to_query())}")
    assert held(page, EN) == ASKED
    assert in_address(page) == ASKED
    page.get_by_text("中文", exact=True).click()
    settle(page)
    assert held(page, ZH) == ASKED
    for name in ("forecast", "import", "replenish"):
        visit(page, ZH(f"page.{name}"))
    assert held(page, ZH) == ASKED
    assert in_address(page) == ASKED
    page.reload()
    settle(page)
    assert held(page, ZH) == ASKED
    page.get_by_text("English", exact=True).click()
    settle(page)
    assert held(page, EN) == ASKED


def test_a_preset_travels_and_can_be_moved_on(sample_app, english_visitor):
    page = english_visitor.page
    go(page, f"{sample_app}/replenish")
    choose(page, EN("scenario.preset"), EN("preset.port_strike"))
    strike = presets.scenario("port_strike", TODAY)
    expect(page).to_have_url(re.compile("only_route=sea"))
    expect(page).to_have_url(re.compile("disruption_chance_pct=60"))
    settle(page)
    assert held(page, EN) == strike
    other = Visitor(english_visitor.context.browser, "zh-CN")
    go(other.page, page.url)
    assert held(other.page, ZH) == strike
    expect(other.page.get_by_role("combobox", name=ZH("scenario.preset"))).to_have_value(
        ZH("preset.port_strike")
    )
    other.leave()
    page.get_by_role("button", name=EN("scenario.reset")).click()
    settle(page)
    assert held(page, EN) == Scenario(as_of=TODAY)
    assert "only_route" not in page.url
    assert "disruption" not in page.url


def test_what_is_open_stays_open_while_its_heading_counts(sample_app, english_visitor):
    page = english_visitor.page
    go(page, f"{sample_app}/replenish")
    chance = EN("scenario.disruption_chance_pct")
    expect(slider(page, chance)).to_be_hidden()
    heading = EN("scenario.group_disruption")
    page.get_by_text(heading, exact=True).click()
    expect(slider(page, chance)).to_be_visible()
    slider(page, chance).press("ArrowRight")
    settle(page)
    counted = EN("scenario.group_set", group=heading, count=1)
    expect(page.get_by_text(counted)).to_be_visible()
    expect(slider(page, chance)).to_be_visible()
    slider(page, chance).press("ArrowRight")
    expect(page).to_have_url(re.compile("disruption_chance_pct=10"))


def test_a_scope_is_chosen_by_hand_and_kept(sample_app, visitor):
    page = visitor.page
    go(page, f"{sample_app}/replenish")
    page.get_by_text(ZH("scenario.group_hit"), exact=True).click()
    choose(page, ZH("scenario.only_route"), ZH("route.air"))
    expect(page).to_have_url(re.compile("only_route=air"))
    settle(page)
    choose(page, ZH("scenario.only_stage"), ZH("scenario.stage_customs"))
    expect(page).to_have_url(re.compile("only_stage=customs"))
    page.reload()
    settle(page)
    asked = Scenario(only_route="air", only_stage="customs", as_of=TODAY)
    assert held(page, ZH) == asked
    visit(page, ZH("page.import"))
    visit(page, ZH("page.replenish"))
    assert held(page, ZH) == asked
