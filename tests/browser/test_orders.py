"""A person fills a container, orders from a supplier, hands the order out, and thinks again."""

import os
import re
import subprocess
import sys

import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

from analytics import sample
from analytics.i18n import Translator
from tests.browser import serving
from tests.browser.serving import path_of, settle

LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}
WORKBOOKS = {
    "products.xlsx", "stock.csv", "purchase_orders.xlsx", "rates.csv", "routes.xlsx",
    "orders_de_id.xlsx",
}  # fmt: skip


@pytest.fixture(scope="module")
def own_app(cache, tmp_path_factory):
    """The app over a workspace with the sample's German and Indonesian trade in it."""
    folder = tmp_path_factory.mktemp("orders")
    files = [str(path) for path in sample.files() if path.name in WORKBOOKS]
    command = [sys.executable, "-m", "analytics", "import", *files, "--workspace", str(folder)]
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
    subprocess.run(
        command, cwd=serving.ROOT, env=environment, check=True, timeout=180, capture_output=True
    )
    with serving.app(folder, cache) as address:
        yield address


@pytest.fixture(params=LANGUAGES)
def reader(request, browser):
    """A visitor and the words of their language."""
    from tests.browser.conftest import Visitor

    person = Visitor(browser, LANGUAGES[request.param])
    yield person, Translator(request.param)
    person.leave()


def show(page: Page, t: Translator, view: str) -> None:
    label = t(f"view.{view}")
    button = page.get_by_role("button", name=label, exact=True)
    button.or_(page.get_by_role("radio", name=label, exact=True)).first.click()
    settle(page)


def opened(page: Page, t: Translator, address: str, view: str) -> None:
    page.goto(f"{address}/")
    settle(page)
    show(page, t, view)


def figure(page: Page, label: str) -> Locator:
    metric = page.get_by_test_id("stMetric").filter(has_text=label)
    return metric.get_by_test_id("stMetricValue").first


def number(page: Page, label: str) -> float:
    return float(re.sub(r"[^0-9.-]", "", figure(page, label).inner_text()))


def limit_cash(page: Page, t: Translator, amount: int) -> None:
    box = page.get_by_role("spinbutton", name=t("shipment.cash", currency="CNY"))
    box.fill(str(amount))
    box.press("Enter")
    settle(page)


def test_a_container_is_built_under_a_cash_limit(own_app, reader):
    person, t = reader
    page = person.page
    opened(page, t, own_app, "shipment")
    free, picture = number(page, t("shipment.goods")), path_of(page, "purchase_list")
    assert free > 4_000
    limit_cash(page, t, 4_000)
    price = t("shipment.price_cash", step="100", currency="CNY", earns="|").split("**")[0]
    expect(page.get_by_text(price)).to_be_visible()
    page.wait_for_function(
        "before => [...document.querySelectorAll('.st-key-purchase_list svg path')]"
        ".map(path => path.getAttribute('d')).join('|') !== before",
        arg=picture,
    )
    assert 0 < number(page, t("shipment.goods")) <= 4_000
    assert path_of(page, "fill")

    page.get_by_role("radio", name=t("container.40HQ")).or_(
        page.get_by_role("button", name=t("container.40HQ"))
    ).first.click()
    settle(page)
    assert number(page, t("shipment.goods")) <= 4_000


def test_an_order_is_accepted_handed_out_seen_on_order_and_taken_back(own_app, reader):
    person, t = reader
    page = person.page
    opened(page, t, own_app, "suppliers")
    due = number(page, t("supplier.value"))
    page.get_by_role("textbox", name=t("ledger.note")).fill("as *suggested*")
    page.get_by_test_id("stBaseButton-primaryFormSubmit").click()
    expect(page.get_by_text(t("ledger.decided"))).to_be_visible(timeout=90_000)
    settle(page)
    assert number(page, t("supplier.value")) < due

    show(page, t, "decisions")
    assert number(page, t("ledger.open")) >= 1
    assert number(page, t("column.open_quantity")) > 0
    with page.expect_download() as handed:
        page.get_by_role("button", name=t(f"ledger.xlsx_{t.language}")).click()
    assert re.fullmatch(rf"LW\d{{6}}-\d\d-{t.language}\.xlsx", handed.value.suggested_filename)
    paper = pd.read_excel(handed.value.path(), engine="calamine")
    assert t("column.cartons") in paper.columns
    assert paper[t("column.quantity")].iloc[-1] == paper[t("column.quantity")].iloc[:-1].sum()

    for left in reversed(range(int(number(page, t("ledger.open"))))):
        page.get_by_role("button", name=re.compile(_stem(t, "ledger.take_back"))).first.click()
        expect(figure(page, t("ledger.open"))).to_have_text(str(left), timeout=90_000)
        settle(page)
    show(page, t, "suppliers")
    assert number(page, t("supplier.value")) == due


def _stem(t: Translator, key: str) -> str:
    """What a button is called before its count."""
    return "^[^a-zA-Z一-鿿]*" + re.escape(t(key, items="|").split("|")[0])


def test_the_sample_is_looked_at_and_not_ordered_from(sample_app, reader):
    person, t = reader
    page = person.page
    for view in ("suppliers", "shipment"):
        opened(page, t, sample_app, view)
        expect(page.get_by_text(t("ledger.sample_reads_only"))).to_be_visible()
        expect(page.get_by_role("button", name=t("ledger.order"), exact=True)).to_have_count(0)
    show(page, t, "decisions")
    expect(page.get_by_text(t("ledger.none"))).to_be_visible()
