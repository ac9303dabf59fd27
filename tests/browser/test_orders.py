"""A person fills a container, orders from a supplier, hands the order out, and thinks again."""

import re

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from analytics.i18n import Translator
from tests.browser import serving
from tests.browser.conftest import Visitor
from tests.browser.serving import brought_in, go, metric, number, path_of, redrawn, settle, view

LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}
WORKBOOKS = (
    "products.xlsx", "stock.csv", "purchase_orders.xlsx", "rates.csv", "routes.xlsx",
    "orders_de_id.xlsx",
)  # fmt: skip


@pytest.fixture(scope="module")
def own_app(cache, tmp_path_factory):
    """The app over a workspace with the sample's German and Indonesian trade in it."""
    folder = brought_in(WORKBOOKS, tmp_path_factory.mktemp("orders"), cache)
    with serving.app(folder, cache) as address:
        yield address


@pytest.fixture(params=LANGUAGES)
def reader(request, browser):
    """A visitor and the words of their language."""
    person = Visitor(browser, LANGUAGES[request.param])
    yield person, Translator(request.param)
    person.leave()


def opened(page: Page, t: Translator, address: str, name: str) -> None:
    go(page, f"{address}/replenish")
    view(page, t(f"view.{name}"))


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
    redrawn(page, "purchase_list", picture)
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

    view(page, t("view.decisions"))
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
        expect(metric(page, t("ledger.open"))).to_have_text(str(left), timeout=90_000)
        settle(page)
    view(page, t("view.suppliers"))
    assert number(page, t("supplier.value")) == due


def _stem(t: Translator, key: str) -> str:
    """What a button is called before its count."""
    return "^[^a-zA-Z一-鿿]*" + re.escape(t(key, items="|").split("|")[0])


def test_the_sample_is_looked_at_and_not_ordered_from(sample_app, reader):
    person, t = reader
    page = person.page
    for name in ("suppliers", "shipment"):
        opened(page, t, sample_app, name)
        expect(page.get_by_text(t("ledger.sample_reads_only"))).to_be_visible()
        expect(page.get_by_role("button", name=t("ledger.order"), exact=True)).to_have_count(0)
    view(page, t("view.decisions"))
    expect(page.get_by_text(t("ledger.none"))).to_be_visible()
