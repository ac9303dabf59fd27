"""A person asks what a late ship would do: moves a slider, opens an item, looks at the orders."""

import re

import pytest
from playwright.sync_api import Page, expect

from analytics.i18n import Translator
from tests.browser.serving import go, path_of, redrawn, settle, slide, slider, tick, view

EN, ZH = Translator("en"), Translator("zh")


def metric(page: Page, label: str):
    return page.get_by_test_id("stMetric").filter(has_text=label).first


@pytest.mark.parametrize(("who", "t"), [("visitor", ZH), ("english_visitor", EN)], ids=["zh", "en"])
def test_a_late_ship_is_seen_at_once_and_leads_to_what_to_do(sample_app, request, who, t):
    page = request.getfixturevalue(who).page
    go(page, f"{sample_app}/delays")
    expect(page.get_by_text(t("delays.at_rest"))).to_be_visible()
    calm = path_of(page, "tornado")
    handle = slider(page, t("scenario.lead_time_delay_days"))
    slide(handle, 14)
    expect(page).to_have_url(re.compile("lead_time_delay_days=14"))
    settle(page)
    expect(page.get_by_text(t("said.days_later", days=14)).first).to_be_visible()
    redrawn(page, "tornado", calm)
    expect(metric(page, t("delays.units_short"))).to_contain_text("+")

    view(page, t("view.orders"))
    expect(metric(page, t("delays.orders_hit"))).to_be_visible()
    assert path_of(page, "late_orders")

    view(page, t("view.item"))
    assert path_of(page, "delay_course")
    expect(page.get_by_text(t("delays.actions"))).to_be_visible()


def test_a_row_opens_its_item(sample_app, english_visitor):
    page = english_visitor.page
    go(page, f"{sample_app}/delays?lead_time_delay_days=21&item=FD409+%C2%B7+US")
    opened = page.locator(".st-key-delay_course")
    tick(page, page.get_by_test_id("stDataFrame").first, 0, shows=opened)
    expect(page).not_to_have_url(re.compile("FD409"))  # the first item is left out of an address
    picker = page.get_by_test_id("stSelectbox").filter(has_text=EN("app.item"))
    expect(picker.get_by_role("combobox")).not_to_have_value(re.compile("FD409"))
    expect(page.get_by_text(EN("delays.actions"))).to_be_visible()
    view(page, EN("view.overview"))
    expect(page.locator(".st-key-tornado")).to_be_visible()
