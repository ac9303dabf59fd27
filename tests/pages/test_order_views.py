"""Suppliers, shipment and decisions, as a visitor of the sample and one with data of their own."""

import io
import time

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analytics.i18n import LANGUAGES, Translator
from analytics.services import ledger, minimums, placing, planning, workspaces
from analytics.store import Store
from pages.shared import session
from tests.services import shops

EN = Translator("en")
VIEWS = ("suppliers", "shipment", "decisions", "board")
GOODS = {
    "market": "US", "currency": "USD", "price": 12.0, "carton_quantity": 20.0, "moq": 40.0,
    "supplier": "Acme *co*", "carton_volume_m3": 0.05, "carton_weight_kg": 8.0,
}  # fmt: skip


def page(view, language):
    from analytics.i18n import Translator
    from pages.shared import deciding_orders, session, shipping, supplying, working

    t = Translator(language)
    if working.changing(t):
        return
    if view == "suppliers":
        supplying.show(t)
    elif view == "shipment":
        shipping.show(t)
    elif view == "decisions":
        deciding_orders.show(t)
    else:
        rows = session.plan(session.scenario()).lines
        deciding_orders.form(t, rows.loc[rows["order_quantity"] > 0].to_dict("records"))


def opened(view, language="en"):
    app = AppTest.from_function(page, args=(view, language), default_timeout=60).run()
    assert not app.exception
    return app


def shown(app):
    return " ".join(
        str(element.value)
        for kind in ("markdown", "caption", "info", "warning", "metric", "subheader")
        for element in app.get(kind)
    )


@pytest.fixture
def sample(monkeypatch, sample_store):
    monkeypatch.setattr(session, "store", lambda: sample_store)
    monkeypatch.setattr(session, "version", lambda: sample_store.version)
    monkeypatch.setattr(session, "shows_sample", lambda: True)
    return sample_store


@pytest.fixture(scope="module")
def sample_store():
    with workspaces.open_sample() as store:
        yield store


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Two products of one supplier, one of which is due."""
    with Store.open(tmp_path / "own") as store:
        rows = [
            {"sku": "MUG", "unit_cost": 4.0, **GOODS},
            {"sku": "CUP", "unit_cost": 2.0, **GOODS},
        ]
        store.load([shops.sales(), shops.sales("CUP"), shops.receipts(), shops.products(*rows)])
        store.load([shops.stock(("MUG", 50), ("CUP", 900))])
        for name in ("store", "own_store"):
            monkeypatch.setattr(session, name, lambda: store)
        monkeypatch.setattr(session, "version", lambda: store.version)
        monkeypatch.setattr(session, "shows_sample", lambda: False)
        monkeypatch.setattr(placing.workspaces, "follow", lambda *_: None)
        yield store


def until(app, is_so):
    end = time.monotonic() + 20
    while not is_so() and time.monotonic() < end:
        time.sleep(0.1)
        app.run()
    assert not app.exception
    assert is_so()


def press(app, label):
    next(button for button in app.button if button.label == label).click()
    return app.run()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_the_sample_is_drawn_and_changes_nothing(sample, view, language):
    app = opened(view, language)
    assert "nan" not in shown(app).lower().split()
    assert not [
        button for button in app.button if button.label == Translator(language)("ledger.order")
    ]
    if view != "decisions":
        assert Translator(language)("ledger.sample_reads_only") in shown(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_container_and_market_gives_a_shipment_with_its_prices(sample, language):
    t = Translator(language)
    app = opened("shipment", language)
    for market in ("DE", "ID"):
        app.selectbox(key="ship_market").set_value(market).run()
        for code in ("40", "40HQ", "LCL"):
            app.segmented_control(key="ship_container").set_value(code).run()
            assert not app.exception
            assert "{" not in shown(app)
    app.number_input(key="ship_cash").set_value(3_000.0).run()
    assert not app.exception
    words = t("shipment.price_cash", step="100", currency="CNY", earns="|").split("|")[0]
    assert words.rstrip("*") in shown(app)


def test_a_suppliers_order_is_placed_seen_on_order_and_taken_back(own):
    app = opened("suppliers")
    assert r"Acme \*co\*" in [heading.value for heading in app.subheader]
    before = planning.basis(own).positions["inventory_position"].tolist()
    press(app, EN("ledger.order"))
    until(app, lambda: len(ledger.orders(own)) == 1)
    app = opened("suppliers")
    assert EN("ledger.order") not in [button.label for button in app.button]
    units = ledger.orders(own)["quantity"].sum()
    after = planning.basis(own).positions["inventory_position"].tolist()
    assert sum(after) == sum(before) + units

    app = opened("decisions")
    [number] = ledger.orders(own)["order_id"]
    assert number in shown(app).replace("\\", "")
    press(app, EN("ledger.take_back", items="1"))
    until(app, lambda: ledger.orders(own).empty)
    assert planning.basis(own).positions["inventory_position"].tolist() == before


@pytest.mark.parametrize(("name", "status"), [("close", "closed"), ("receive", "received")])
def test_open_lines_are_settled_from_the_order(own, name, status):
    press(opened("board"), EN("ledger.order"))
    until(app := opened("decisions"), lambda: len(ledger.orders(own)) == 1)
    press(opened("decisions"), EN("ledger.ship", items="1"))
    until(app, lambda: placing.acts(own)["act"].tolist() == ["ship"])
    press(opened("decisions"), EN(f"ledger.{name}", items="1"))
    until(app, lambda: ledger.lines(own)["status"].tolist() == [status])


def test_a_skip_has_a_reason_and_is_counted(own):
    app = opened("board")
    app.selectbox(key="reason_decide").set_value("cash")
    app.text_input(key="note_decide").set_value("next month")
    press(app, EN("ledger.skip"))
    until(app, lambda: len(ledger.lines(own)) == 1)
    [line] = ledger.lines(own).to_dict("records")
    assert (line["act"], line["reason"], line["note"]) == ("skip", "cash", "next month")


def test_a_minimum_is_typed_and_filled_up(own):
    app = opened("suppliers")
    app.number_input(key="minimum_value_Acme *co*").set_value(2_000.0)
    press(app, EN("supplier.save"))
    until(app, lambda: len(minimums.table(own)) == 1)
    app = opened("suppliers")
    due = len(ledger.lines(own))
    app.toggle(key="add_fill_Acme *co*").set_value(True).run()
    press(app, EN("ledger.order"))
    until(app, lambda: len(ledger.lines(own)) > due)
    spent = (ledger.lines(own)["quantity"] * ledger.lines(own)["unit_cost"]).sum()
    assert spent >= 2_000.0


def test_without_products_or_decisions_it_says_what_to_do(own, tmp_path, monkeypatch):
    assert EN("ledger.none") in shown(opened("decisions"))
    with Store.open(tmp_path / "bare") as bare:
        bare.load([shops.sales()])
        monkeypatch.setattr(session, "store", lambda: bare)
        monkeypatch.setattr(session, "version", lambda: bare.version)
        assert EN("shipment.nothing") in shown(opened("shipment"))
        opened("suppliers")


def test_the_paper_of_an_order_can_be_read(own):
    press(opened("board"), EN("ledger.order"))
    until(app := opened("decisions"), lambda: len(ledger.orders(own)) == 1)
    app.run()
    assert {button.label for button in app.get("download_button")} >= {
        EN("ledger.xlsx_zh"),
        EN("ledger.xlsx_en"),
    }
    from analytics import paperwork

    [number] = ledger.orders(own)["order_id"]
    sheet = pd.read_excel(
        io.BytesIO(paperwork.purchase_order_xlsx(own, number, "zh")), engine="calamine"
    )
    assert number in sheet.to_numpy().ravel()
