"""The review, as a person uses it: read the week, take the report along, open it offline."""

import re

import pytest
from playwright.sync_api import expect

from analytics.i18n import Translator
from tests.browser import serving

LOCALES = {"zh": "visitor", "en": "english_visitor"}
_PATIENCE = 120_000  # the first look plans past days anew


@pytest.mark.parametrize("language", LOCALES)
def test_the_weekly_report_is_read_offline(sample_app, language, request, tmp_path):
    t, person = Translator(language), request.getfixturevalue(LOCALES[language])
    page = person.page
    serving.go(page, sample_app)
    serving.visit(page, t("page.review"))
    button = page.get_by_role("button", name=t("review.html"), exact=True)
    expect(button).to_be_visible(timeout=_PATIENCE)
    serving.settle(page)
    expect(page.locator(".st-key-sales-week-tier svg path").first).to_be_visible()
    sales = serving.metric(page, t("review_figure.sales_value")).inner_text()
    with page.expect_download(timeout=60_000) as waited:
        button.click()
    name = waited.value.suggested_filename
    assert re.fullmatch(r"leeway-review-week-\d{4}-\d\d-\d\d\.html", name)
    report = tmp_path / name
    waited.value.save_as(report)
    asked = []
    offline = person.new_page()
    offline.on("request", lambda request: asked.append(request.url))
    person.context.set_offline(True)
    offline.goto(report.as_uri())
    expect(offline.get_by_role("heading", level=1)).to_contain_text("2026-05-25")
    expect(offline.locator("body")).to_contain_text(sales)
    expect(offline.locator("body")).to_contain_text(t("report.sample"))
    assert offline.locator("figure svg").count() >= 2
    for picture in offline.locator("figure svg").all():
        box = picture.bounding_box()
        assert box is not None
        assert box["width"] > 150
        assert box["height"] > 60
    wide = offline.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert wide
    assert asked == [report.as_uri()]  # it fetches nothing
    offline.screenshot(path=tmp_path / "report.png", full_page=True)
    person.context.set_offline(False)


def test_the_sheet_of_a_month_is_taken_to_the_shelf(sample_app, english_visitor, tmp_path):
    t, page = Translator("en"), english_visitor.page
    serving.go(page, sample_app)
    serving.visit(page, t("page.review"))
    serving.view(page, t("view.stock_take"))
    serving.choose(page, t("review.month"), "2026-04")
    with page.expect_download(timeout=60_000) as waited:
        page.get_by_role("button", name=t("review.stock_take_xlsx"), exact=True).click()
    assert waited.value.suggested_filename == "leeway-stock-take-2026-04.xlsx"
