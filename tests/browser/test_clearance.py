"""A person looks at what is stuck, edits a fee, and sees the ranking react."""

import shutil

import pandas as pd
import pytest
from playwright.sync_api import expect

from analytics.i18n import Translator
from tests.browser.serving import (
    app,
    brought_in,
    choose,
    figure,
    go,
    path_of,
    redrawn,
    settle,
    view,
)

EN, ZH = Translator("en"), Translator("zh")
ROWS = 210  # days of sales


@pytest.fixture(scope="module")
def shop(cache, tmp_path_factory):
    """Lamps that sell slowly, and bowls and vases that nobody buys.

    Clearing bowls gains more than clearing vases, for there are more to store. But vases are dear:
    if liquidators pay a larger share of the price, clearing those gains more.
    """
    folder = tmp_path_factory.mktemp("stuck")
    first = pd.Timestamp("2025-11-03")
    days = pd.date_range(first, periods=ROWS).strftime("%Y-%m-%d")
    last = days[-1]
    sold = [("MUG", day, 4) for day in days] + [("LAMP", day, 1) for day in days[::2]]
    sold += [(sku, day, 1) for sku in ("BOWL", "VASE") for day in days[:90:3]]
    frames = {
        "sales": pd.DataFrame(sold, columns=["sku", "date", "quantity"]).assign(market="US"),
        "stock": pd.DataFrame(
            {"sku": ["MUG", "LAMP", "BOWL", "VASE"], "on_hand": [30, 600, 43, 40], "date": last,
             "market": "US"}
        ),
        "products": pd.DataFrame(
            {"sku": ["MUG", "LAMP", "BOWL", "VASE"], "name": ["Mug", "Lamp", "Bowl", "Vase"],
             "unit_cost": [3, 5, 2, 2], "price": [12, 20, 9, 40], "currency": "USD"}
        ),
        "purchase_orders": pd.DataFrame(
            {"sku": ["LAMP", "BOWL", "VASE"], "order_id": ["A", "B", "C"],
             "quantity": [700, 83, 80], "quantity_received": [700, 83, 80],
             "ordered_on": "2025-09-01", "received_on": "2025-11-05", "market": "US"}
        ),
        "rates": pd.DataFrame({"currency": ["USD"], "date": [last], "rate": [1.0]}),
    }  # fmt: skip
    for name, frame in frames.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    files = [folder / f"{name}.csv" for name in frames]
    return brought_in(files, folder / "workspace", cache)


def ranking(page, t):
    """Return the SKUs as the action list has them, what gains most first."""
    with page.expect_download() as download:
        page.get_by_role("button", name=t("app.download_xlsx")).first.click()
    sheets = pd.read_excel(download.value.path(), sheet_name=None, engine="openpyxl")
    assert list(sheets) == ["leeway-clearance", "leeway-layers"]
    return sheets["leeway-clearance"][t("column.sku")].tolist()


@pytest.mark.parametrize(("who", "t"), [("visitor", ZH), ("english_visitor", EN)], ids=["zh", "en"])
def test_a_fee_is_edited_and_the_ranking_reacts(browser, shop, cache, tmp_path, request, who, t):
    shutil.copytree(shop, tmp_path / "own")
    visitor = request.getfixturevalue(who)
    page = visitor.page
    with app(tmp_path / "own", cache) as address:
        go(page, f"{address}/clearance")
        before = path_of(page, "clearance_gains")
        gain = figure(page, t("clearance.gain"))
        assert ranking(page, t)[:2] == ["BOWL", "VASE"]

        view(page, t("view.assumptions"))
        choose(page, t("clearance_fee.which"), t("column.recovery_pct"))
        amount = page.get_by_label(t("clearance_fee.amount"))
        amount.fill("60")
        amount.press("Enter")
        settle(page)
        page.get_by_role("button", name=t("clearance_fee.set"), exact=True).click()
        expect(page.get_by_text(t("settings.assumptions_saved"))).to_be_visible(timeout=20_000)

        view(page, t("view.overview"))
        redrawn(page, "clearance_gains", before)
        assert figure(page, t("clearance.gain")) != gain
        assert ranking(page, t)[:2] == ["VASE", "BOWL"]

        view(page, t("view.item"))
        assert path_of(page, "clearance_discounts")
        visitor.rest()
