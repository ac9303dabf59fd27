"""A person asks why a reorder point is what it is, what service costs, how it would have done."""

import re

import openpyxl
import pytest
from playwright.sync_api import expect

from analytics.i18n import Translator
from tests.browser.serving import go, number, path_of, redrawn, settle, slide, slider, view

EN, ZH = Translator("en"), Translator("zh")


def people():
    return pytest.mark.parametrize(
        ("who", "t"), [("visitor", ZH), ("english_visitor", EN)], ids=["zh", "en"]
    )


@people()
def test_the_reasons_of_a_reorder_point_move_open_and_leave_as_a_workbook(
    sample_app, request, tmp_path, who, t
):
    page = request.getfixturevalue(who).page
    go(page, f"{sample_app}/safety_stock?item=KT101+%C2%B7+US")
    before = number(page, t("buffers.reorder_point"))
    picture, bars = path_of(page, "exceedance"), path_of(page, "waterfall")
    handle = slider(page, t("scenario.lead_time_spread_pct"))
    slide(handle, 50)
    expect(page).to_have_url(re.compile("lead_time_spread_pct=50"))
    settle(page)
    after = number(page, t("buffers.reorder_point"))
    assert after > before
    redrawn(page, "exceedance", picture)
    redrawn(page, "waterfall", bars)

    page.get_by_test_id("stButtonGroup").get_by_text(t("explain.sliders")).click()
    settle(page)
    expect(page.get_by_text(t("explain.why_sliders"))).to_be_visible()
    page.get_by_test_id("stButtonGroup").get_by_text(t("explain.uncertain_lead_time")).click()
    settle(page)
    expect(page.get_by_text(t("explain.receipts_table"))).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("button", name="Excel").first.click()
    path = tmp_path / "methods.xlsx"
    download.value.save_as(path)
    card = openpyxl.load_workbook(path)[t("explain.sheet")]
    rows = list(card.iter_rows(min_row=2, values_only=True))
    assert rows[-1][0] == t("explain.reorder_point")
    assert sum(round(10 * row[1]) for row in rows[:-1]) == 10 * after


@people()
def test_what_more_service_costs(sample_app, request, who, t):
    page = request.getfixturevalue(who).page
    go(page, f"{sample_app}/safety_stock")
    view(page, t("view.catalogue"))
    cash, frontier = number(page, t("buffers.total_cash")), path_of(page, "frontier")
    slider(page, t("scenario.demand_change_pct")).press("ArrowRight")
    redrawn(page, "frontier", frontier)
    assert number(page, t("buffers.total_cash")) > cash


def test_the_past_year_is_replayed_and_can_be_stopped(sample_app, english_visitor):
    page = english_visitor.page
    go(page, f"{sample_app}/safety_stock")
    view(page, EN("view.replay"))
    run = page.get_by_role("button", name=EN("replay.run"))
    run.click()
    stop = page.get_by_role("button", name=EN("import.stop"))
    stop.click()
    expect(stop).to_have_count(0, timeout=30_000)
    expect(run).to_be_visible()
    settle(page)
    run.click()
    page.locator(".st-key-replayed").wait_for(timeout=120_000)
    settle(page)
    assert path_of(page, "replayed")
    assert path_of(page, "course")
    table = page.get_by_test_id("stDataFrame").first
    expect(table).to_be_visible()
