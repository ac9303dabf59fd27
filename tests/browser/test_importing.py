"""A person who has never seen the page brings files in, looks, and takes them back."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from analytics.i18n import Translator
from tests.browser import serving
from tests.browser.serving import (
    brought_in,
    choose,
    drop,
    go,
    metric,
    picture,
    settle,
    tick,
    view,
)

ZH, EN = Translator("zh"), Translator("en")
PICTURES = serving.ROOT / "build" / "screenshots"

DAILY = "日期,SKU,销量,站点\n" + "".join(
    f"2026-05-{day:02d},{sku},{day % 4 + 1},德国\n"
    for sku in ("KT-1", "KT-2")
    for day in range(1, 29)
)
# A quantity in words, a day that does not exist, postage, a footer.
FLAWED = (
    "Order ID,Date,SKU,Quantity,Country\n"
    "R-1,2026-05-03,KT-1,2,DE\n"
    "R-2,2026-05-04,KT-1,two,DE\n"
    "R-3,2026-02-31,KT-2,1,DE\n"
    "R-4,2026-05-05,POSTAGE,1,DE\n"
    "Total,,,5,\n"
)
PAGE = "<html><body><table><tr><td>Please sign in</td></tr></table></body></html>"


@pytest.fixture
def fresh_app(browser, cache, tmp_path):
    """The app over an empty workspace."""
    with serving.app(tmp_path / "workspace", cache) as address:
        yield address


@pytest.fixture(scope="module")
def own_app(browser, cache, tmp_path_factory):
    """The app over a workspace with one import in it, for those who leave it as it was."""
    folder = tmp_path_factory.mktemp("importing")
    (folder / "五月销量.csv").write_text(DAILY)
    workspace = brought_in([folder / "五月销量.csv"], folder / "workspace", cache)
    with serving.app(workspace, cache) as address:
        yield address


@pytest.fixture
def put(tmp_path):
    """Write a file as a seller has it."""

    def made(name: str, text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return made


def choose_newest_import(page: Page) -> None:
    table = page.get_by_test_id("stDataFrame").last
    tick(page, table, 0, shows=page.get_by_text(re.compile("SHA-256")))


def test_drag_look_one_button(fresh_app, visitor, put):
    page = visitor.page
    go(page, f"{fresh_app}/import")
    drop(page, put("五月销量.csv", DAILY, "gb18030"))
    confirm = page.get_by_role("button", name=ZH("import.do", count="56"))
    expect(confirm).to_be_enabled(timeout=60_000)
    expect(page.locator(".st-key-weeks_0 svg.marks")).to_be_visible()
    picture(page, PICTURES / "import-first-zh.png")
    confirm.click()
    expect(page.get_by_text(ZH("import.done", count="56"))).to_be_visible(timeout=90_000)


def test_taken_back_and_brought_back(own_app, visitor):
    page = visitor.page
    go(page, f"{own_app}/import")
    choose_newest_import(page)
    page.get_by_role("button", name=ZH("import.undo"), exact=True).click()
    expect(page.get_by_text("现在看到的是示例卖家的数据")).to_be_visible(timeout=60_000)
    choose_newest_import(page)
    page.get_by_role("button", name=ZH("import.redo"), exact=True).click()
    expect(page.get_by_text("现在看到的是示例卖家的数据")).to_have_count(0, timeout=60_000)
    choose_newest_import(page)
    picture(page, PICTURES / "import-history-zh.png")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_rows_that_cannot_be_used_and_files_that_are_refused(
    own_app, visitor, english_visitor, put, language
):
    t = Translator(language)
    page = visitor.page if language == "zh" else english_visitor.page
    go(page, f"{own_app}/import")
    drop(page, put("returns.csv", FLAWED), put("report.xls", PAGE))
    refused = t("error.web_page", file="report.xls")
    expect(page.get_by_text(refused)).to_be_visible(timeout=60_000)
    expect(metric(page, t("column.rows_read"))).to_have_text("5")
    expect(metric(page, t("column.rows_rejected"))).to_have_text("3")
    expect(metric(page, t("column.rows_ignored"))).to_have_text("1")
    page.get_by_text(t("import.rejected", count="3")).click()
    picture(page, PICTURES / f"import-rejects-{language}.png")


def test_what_is_chosen_once_holds_for_the_next_file(fresh_app, english_visitor, put):
    page = english_visitor.page
    go(page, f"{fresh_app}/import")
    drop(page, put("odd.csv", "Date;SKU;Units\n03/04/2026;KT-9;2\n04/04/2026;KT-9;3\n"))
    expander = page.get_by_text(EN("import.change"))
    expander.wait_for(timeout=60_000)
    settle(page)
    shop = page.get_by_role("textbox", name=EN("import.shop"))
    if not shop.is_visible():
        expander.click()
    shop.fill("Pop-up")
    page.get_by_role("textbox", name=EN("import.market")).fill("FR")
    choose(page, EN("import.day_first"), EN("import.day_first_false"))
    page.get_by_role("button", name=EN("import.apply")).click()
    expect(page.get_by_text("2026-03-04 to")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name=EN("import.do", count="2")).click()
    expect(page.get_by_text(EN("import.done", count="2"))).to_be_visible(timeout=60_000)

    drop(page, put("odd2.csv", "Date;SKU;Units\n05/04/2026;KT-9;4\n06/04/2026;KT-9;1\n"))
    expect(page.get_by_text(EN("import.as_last_time")).first).to_be_visible(timeout=30_000)
    expect(page.get_by_text("2026-05-04 to")).to_be_visible()


def test_replace_or_add_is_asked(own_app, english_visitor, put):
    """The same days of the same shop as an earlier import, with other totals."""
    page = english_visitor.page
    go(page, f"{own_app}/import")
    drop(page, put("corrected.csv", DAILY.replace(",2,德国", ",9,德国")))
    question = page.get_by_text(EN("import.existing"))
    expect(question).to_be_visible(timeout=60_000)
    page.get_by_text(EN("import.existing_add")).click()
    settle(page)
    expect(page.get_by_role("radio", name=EN("import.existing_add"))).to_be_checked(timeout=30_000)
    picture(page, PICTURES / "import-replace-en.png")


def test_the_whole_workspace_is_handed_out_and_taken_back(own_app, english_visitor, tmp_path):
    """What is downloaded holds the imports, and comes back."""
    page = english_visitor.page
    go(page, f"{own_app}/settings")
    view(page, EN("view.workspace"))
    with page.expect_download() as download:
        page.get_by_role("button", name=EN("settings.take")).click()
    path = tmp_path / "workspace.zip"
    download.value.save_as(path)
    picture(page, PICTURES / "settings-own-en.png")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(path)
    expect(page.get_by_text("1 imports")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name=EN("settings.restore")).last.click()
    expect(page.get_by_text(EN("settings.restored"))).to_be_visible(timeout=60_000)
    go(page, f"{own_app}/import")
    choose_newest_import(page)
