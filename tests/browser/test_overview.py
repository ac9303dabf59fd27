"""A person opens the app in the morning, sees what needs them, and lets one alarm rest."""

import pytest
from playwright.sync_api import Page, expect

from analytics.i18n import Translator
from tests.browser import serving
from tests.browser.serving import choose, go, metric, path_of, settle, view

EN, ZH = Translator("en"), Translator("zh")


def people():
    return pytest.mark.parametrize(
        ("who", "t"), [("visitor", ZH), ("english_visitor", EN)], ids=["zh", "en"]
    )


@pytest.fixture(scope="module")
def morning_app(browser, cache, tmp_path_factory):
    """The app over an empty workspace of these tests' own: what is snoozed stays there."""
    with serving.app(tmp_path_factory.mktemp("morning"), cache) as address:
        yield address


def cards(page: Page):
    return page.locator('.st-key-inbox [class*="st-key-alarm_"]')


def heading(card) -> str:
    return card.locator("p").first.inner_text()


@people()
def test_the_morning_page_stands_whole(morning_app, request, who, t):
    page = request.getfixturevalue(who).page
    go(page, f"{morning_app}/")
    expect(page.get_by_role("heading", name=t("page.overview"), exact=True)).to_be_visible()
    assert metric(page, t("kpi.days_of_inventory")).inner_text() != ""
    for chart in ("runs_out", "ages"):
        assert path_of(page, chart)
    page.locator(".st-key-against svg path").first.wait_for(timeout=120_000)  # looks back first
    settle(page)
    assert 1 <= cards(page).count() <= 8


@people()
def test_an_alarm_is_snoozed_with_a_reason(morning_app, request, who, t):
    page = request.getfixturevalue(who).page
    go(page, f"{morning_app}/")
    first = heading(cards(page).first)
    cards(page).first.get_by_role("button", name=t("alarms.do")).click()
    why = page.get_by_role("textbox", name=t("alarms.reason"))
    why.fill("on holiday")
    why.press("Enter")
    settle(page)
    page.get_by_role("button", name=t("alarms.snooze"), exact=True).click()
    expect(cards(page).first.locator("p").first).not_to_have_text(first)
    settle(page)
    assert first not in [heading(card) for card in cards(page).all()]

    view(page, t("view.alerts"))
    expect(page.get_by_text(t("alarms.history"), exact=True)).to_be_visible()
    history = page.get_by_test_id("stDataFrame").last
    expect(history.get_by_text("on holiday").first).to_be_attached()

    page.reload()  # it is kept in the workspace, not in the visit
    settle(page)
    assert first not in [heading(card) for card in cards(page).all()]


@people()
def test_a_measure_opens_and_another_is_chosen(morning_app, request, who, t):
    page = request.getfixturevalue(who).page
    go(page, f"{morning_app}/")
    page.get_by_role("button", name=t("overview.open")).first.click()
    expect(page.get_by_text(t("overview.how"), exact=True)).to_be_visible()
    settle(page)
    assert path_of(page, "groups")
    before = page.get_by_test_id("stMetricValue").first.inner_text()
    choose(page, t("overview.measure"), t("kpi.slow_share_value"))
    expect(page.get_by_test_id("stMetricValue").first).not_to_have_text(before)
    expect(page.get_by_text(t("kpi_help.slow_share_value")).first).to_be_visible()
