"""A person who has never seen the page brings files in, looks, and takes them back."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from analytics.i18n import Translator
from tests.browser import serving
from tests.browser.serving import choose, settle

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


@pytest.fixture(scope="module")
def own_app(browser, cache, tmp_path_factory):
    with serving.app(tmp_path_factory.mktemp("importing"), cache) as address:
        yield address


@pytest.fixture
def put(tmp_path):
    """Write a file as a seller has it."""

    def made(name: str, text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return made


def drop(page: Page, *files: Path) -> None:
    box = page.get_by_test_id("stFileUploaderDropzoneInput")
    expect(box).to_have_count(1, timeout=30_000)  # the old one stands while the page is drawn anew
    box.set_input_files(list(files))
    page.get_by_text(files[0].name).first.wait_for()


def go_to_import(page: Page, address: str) -> None:
    page.goto(f"{address}/import")
    settle(page)


def figure(page: Page, label: str) -> str:
    metric = page.get_by_test_id("stMetric").filter(has_text=label)
    return metric.get_by_test_id("stMetricValue").first.inner_text()


def picture(page: Page, name: str) -> None:
    """Keep what the person sees, for the eye."""
    settle(page)
    page.wait_for_timeout(500)
    height = page.locator('[data-testid="stMain"]').evaluate("main => main.scrollHeight")
    page.set_viewport_size({"width": 1440, "height": max(1000, min(height + 80, 3000))})
    page.wait_for_timeout(500)
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


def choose_newest_import(page: Page) -> None:
    box = page.get_by_test_id("stDataFrame").last.bounding_box()
    page.mouse.click(box["x"] + 17, box["y"] + 35 + 17)
    expect(page.get_by_text(re.compile("SHA-256"))).to_be_visible()


def test_drag_look_one_button(own_app, visitor, put):
    page = visitor.page
    go_to_import(page, own_app)
    drop(page, put("五月销量.csv", DAILY, "gb18030"))
    confirm = page.get_by_role("button", name=ZH("import.do", count="56"))
    expect(confirm).to_be_enabled(timeout=60_000)
    expect(page.locator(".st-key-weeks_0 svg.marks")).to_be_visible()
    picture(page, "import-first-zh")
    confirm.click()
    expect(page.get_by_text(ZH("import.done", count="56"))).to_be_visible(timeout=90_000)


def test_taken_back_and_brought_back(own_app, visitor):
    """Stands on the import above."""
    page = visitor.page
    go_to_import(page, own_app)
    choose_newest_import(page)
    page.get_by_role("button", name=ZH("import.undo"), exact=True).click()
    expect(page.get_by_text("现在看到的是示例卖家的数据")).to_be_visible(timeout=60_000)
    choose_newest_import(page)
    page.get_by_role("button", name=ZH("import.redo"), exact=True).click()
    expect(page.get_by_text("现在看到的是示例卖家的数据")).to_have_count(0, timeout=60_000)
    choose_newest_import(page)
    picture(page, "import-history-zh")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_rows_that_cannot_be_used_and_files_that_are_refused(
    own_app, visitor, english_visitor, put, language
):
    t = Translator(language)
    page = visitor.page if language == "zh" else english_visitor.page
    go_to_import(page, own_app)
    drop(page, put("returns.csv", FLAWED), put("report.xls", PAGE))
    refused = t("error.web_page", file="report.xls")
    expect(page.get_by_text(refused)).to_be_visible(timeout=60_000)
    assert figure(page, t("column.rows_read")) == "5"
    assert figure(page, t("column.rows_rejected")) == "3"
    assert figure(page, t("column.rows_ignored")) == "1"
    page.get_by_text(t("import.rejected", count="3")).click()
    picture(page, f"import-rejects-{language}")


def test_what_is_chosen_once_holds_for_the_next_file(own_app, english_visitor, put):
    page = english_visitor.page
    go_to_import(page, own_app)
    drop(page, put("odd.csv", "Date;SKU;Units\n03/04/2026;KT-9;2\n04/04/2026;KT-9;3\n"))
    expander = page.get_by_text(EN("import.change"))
    expander.wait_for(timeout=60_000)
    if not page.get_by_role("textbox", name=EN("import.shop")).is_visible():
        expander.click()
    page.get_by_role("textbox", name=EN("import.shop")).fill("Pop-up")
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
    """Stands on the first import: the same days of the same shop, with other totals."""
    page = english_visitor.page
    go_to_import(page, own_app)
    drop(page, put("corrected.csv", DAILY.replace(",2,德国", ",9,德国")))
    question = page.get_by_text(EN("import.existing"))
    expect(question).to_be_visible(timeout=60_000)
    page.get_by_text(EN("import.existing_add")).click()
    settle(page)
    expect(page.get_by_role("radio", name=EN("import.existing_add"))).to_be_checked(timeout=30_000)
    picture(page, "import-replace-en")


def test_the_whole_workspace_is_handed_out_and_taken_back(own_app, english_visitor, tmp_path):
    """Stands on the imports above: what is downloaded holds them, and comes back."""
    page = english_visitor.page
    page.goto(f"{own_app}/settings")
    settle(page)
    page.get_by_text(EN("view.workspace"), exact=True).click()
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name=EN("settings.take")).click()
    path = tmp_path / "workspace.zip"
    download.value.save_as(path)
    picture(page, "settings-own-en")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(path)
    expect(page.get_by_text("2 imports")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name=EN("settings.restore")).last.click()
    expect(page.get_by_text(EN("settings.restored"))).to_be_visible(timeout=60_000)
    go_to_import(page, own_app)
    choose_newest_import(page)
