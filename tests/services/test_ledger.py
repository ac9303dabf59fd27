"""Suggestions accepted, changed or skipped; orders that a supplier can read and a file confirms."""

import io
from datetime import date

import numpy as np
import openpyxl
import pandas as pd
import pytest

from analytics import paperwork
from analytics.errors import OutOfBoundsError, UnknownFieldError, UnknownJudgementError
from analytics.i18n import LANGUAGES, Translator, catalog
from analytics.services import importing, ledger
from analytics.services.ledger import Decision
from analytics.store import Store
from tests.store.sheets import order, sheet

DAY = date(2026, 5, 31)
MUG = {
    "sku": "MUG-1", "name": "=HYPERLINK(1)", "supplier": "深圳恒达", "unit_cost": 22.0,
    "currency": "CNY", "moq": 200.0, "carton_quantity": 24.0, "carton_volume_m3": 0.05,
    "carton_weight_kg": 9.5,
}  # fmt: skip
LID = {"sku": "LID", "supplier": "深圳恒达", "unit_cost": 3.0, "currency": "CNY"}


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        opened.load(
            [
                sheet(
                    order("1", "MUG-1", 5),
                    order("2", "LID", 3),
                    order("3", "MUG-1", 1, market="DE"),
                ),
                sheet(MUG, LID, kind="products"),
            ]
        )
        yield opened


def said(sku="MUG-1", quantity=250.0, suggested=250.0, **more):
    more = {"market": "US", **more}
    return Decision(sku=sku, quantity=quantity, suggested_quantity=suggested, **more)


def decide(store, *decisions):
    return ledger.decide(store, decisions, decided_on=DAY, who="Lin")


def test_accept_change_and_skip(store):
    made = decide(
        store,
        said(expected_on=date(2026, 7, 15), order_by=DAY),
        said("LID", 100.0, 120.0, reason="space", note="shelf full"),
        said(quantity=0.0, suggested=48.0, market="DE", reason="cash"),
    )
    assert made.order_ids == ("LW260531-01",)
    lines = ledger.lines(store).set_index("line_id").loc[list(made.line_ids)]
    assert lines["act"].tolist() == ["accept", "change", "skip"]
    assert lines["status"].tolist() == ["open", "open", "skipped"]
    assert lines["supplier"].tolist() == ["深圳恒达"] * 3
    assert lines["order_value"].tolist() == [5500.0, 300.0, 0.0]
    assert lines["reason"].tolist() == ["", "space", "cash"]
    [placed] = ledger.orders(store).to_dict("records")
    assert (placed["items"], placed["quantity"], placed["open_quantity"]) == (2, 350.0, 350.0)
    assert (placed["order_value"], placed["currency"], placed["status"]) == (5800.0, "CNY", "open")
    assert np.isnan(placed["cartons"])  # of the lids nobody said how many go into one
    assert placed["expected_on"] == pd.Timestamp("2026-07-15")


def test_no_decision_is_no_change(store):
    before = store.version
    assert decide(store).line_ids == ()
    assert store.version == before
    assert ledger.lines(store).empty
    assert ledger.orders(store).empty


@pytest.mark.parametrize("quantity", [-1.0, float("nan"), float("inf"), 1e8])
def test_no_odd_quantity_is_ordered(quantity):
    with pytest.raises(OutOfBoundsError):
        said(quantity=quantity)


def test_no_unknown_reason_is_noted(store):
    with pytest.raises(UnknownFieldError):
        said(reason="mood")
    made = decide(store, said())
    with pytest.raises(UnknownFieldError):
        ledger.close(store, made.line_ids, reason="mood", closed_on=DAY)
    with pytest.raises(OutOfBoundsError):
        ledger.receive(store, {made.line_ids[0]: 0.0}, received_on=DAY)


def test_a_balance_stays_open_until_it_is_closed(store):
    made = decide(store, said())
    [line] = made.line_ids
    ledger.ship(store, [line], shipped_on=date(2026, 6, 20))
    ledger.receive(store, {line: 200.0}, received_on=date(2026, 7, 20))
    assert ledger.orders(store)["open_quantity"].tolist() == [50.0]
    acts = ledger.close(
        store, [line], reason="short", closed_on=date(2026, 8, 1), note="they say so"
    )
    assert ledger.orders(store)[["open_quantity", "status"]].to_numpy().tolist() == [
        [0.0, "closed"]
    ]
    with pytest.raises(UnknownJudgementError):
        ledger.close(store, [line], reason="short", closed_on=DAY)
    ledger.undo(store, acts)
    assert ledger.orders(store)["status"].tolist() == ["open"]
    back = ledger.take_back(store, [line], who="Mei")
    assert ledger.orders(store).empty
    with pytest.raises(UnknownJudgementError):
        ledger.purchase_order(store, made.order_ids[0])
    ledger.undo(store, back)
    assert len(ledger.orders(store)) == 1


# A skipped suggestion


SKIPPED = {"suggested": 400.0, "quantity": 0.0, "order_by": date(2026, 6, 10), "reason": "cash"}


@pytest.mark.parametrize(
    ("quantity", "order_by", "as_of", "is_silent"),
    [
        (400.0, "2026-06-10", "2026-05-31", True),
        (500.0, "2026-06-17", "2026-06-02", True),  # a quarter more, a week later
        (300.0, "2026-06-03", "2026-06-02", True),
        (501.0, "2026-06-10", "2026-06-02", False),
        (299.0, "2026-06-10", "2026-06-02", False),
        (400.0, "2026-06-02", "2026-06-01", False),  # now more than a week sooner
        (400.0, "2026-06-18", "2026-06-02", False),
        (400.0, "2026-08-01", "2026-08-01", True),  # the day has come, and went by
        (400.0, None, "2026-06-02", True),
    ],
)
def test_a_skipped_suggestion_is_silent_until_it_is_another_one(
    store, quantity, order_by, as_of, is_silent
):
    decide(store, said(**SKIPPED))
    suggestions = pd.DataFrame(
        {"sku": ["LID", "MUG-1", "MUG-1"], "market": ["US", "US", "DE"],
         "order_quantity": quantity, "order_by": pd.to_datetime([order_by] * 3)}
    )  # fmt: skip
    silent = ledger.silenced(ledger.lines(store), suggestions, as_of=date.fromisoformat(as_of))
    assert silent.tolist() == [False, is_silent, False]


def test_the_newest_decision_on_an_item_counts(store):
    suggestions = pd.DataFrame(
        {"sku": ["MUG-1"], "market": ["US"], "route": ["sea"], "order_quantity": [400.0],
         "order_by": pd.to_datetime(["2026-06-10"])}
    )  # fmt: skip

    def silent():
        return ledger.silenced(ledger.lines(store), suggestions, as_of=DAY).tolist()

    assert silent() == [False]
    decide(store, said(**SKIPPED))
    assert silent() == [True]
    decide(store, said(**SKIPPED, route="air"))
    assert silent() == [True]
    accepted = decide(store, said())
    assert silent() == [False]
    ledger.take_back(store, accepted.line_ids)
    assert silent() == [True]
    assert ledger.silenced(ledger.lines(store), suggestions.head(0), as_of=DAY).tolist() == []


# The paper


def sheet_of(content):
    book = openpyxl.load_workbook(io.BytesIO(content))
    [page] = book.worksheets
    return page, [[cell.value for cell in row] for row in page.iter_rows()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_supplier_reads_cartons_volume_and_totals(store, language):
    made = decide(store, said(note="for us only"), said(quantity=10.0, market="DE"))
    assert len(made.order_ids) == 2
    t = Translator(language)
    page, rows = sheet_of(paperwork.purchase_order_xlsx(store, made.order_ids[0], language))
    assert page.title == t("kind.purchase_orders")
    header, line, total = (dict(zip(rows[0], row, strict=True)) for row in rows)
    assert line[t("column.quantity")] == 250
    assert line[t("column.cartons")] == 11  # 250 units, 24 to a carton
    assert line[t("column.volume_m3")] == pytest.approx(0.55)
    assert line[t("column.weight_kg")] == pytest.approx(104.5)
    assert line[t("column.route")] == t("route.sea")
    assert line[t("column.order_id")] == made.order_ids[0]
    assert total[t("column.order_id")] == t("ledger.total")
    assert (total[t("column.quantity")], total[t("column.order_value")]) == (250, 5500)
    assert t("column.product_name") in header
    assert "for us only" not in str(rows)
    assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)
    assert line[t("column.product_name")] == "=HYPERLINK(1)"


def test_the_same_order_gives_the_same_bytes(store):
    [number] = decide(store, said()).order_ids
    once, again = (paperwork.purchase_order_xlsx(store, number, "zh") for _ in range(2))
    assert once == again


def test_what_is_unknown_stays_empty_and_is_in_no_total(store):
    [number] = decide(store, said(), said("LID", 10.0)).order_ids
    made = ledger.purchase_order(store, number)
    assert np.isnan([made.totals[name] for name in ("cartons", "volume_m3", "weight_kg")]).all()
    assert (made.totals["quantity"], made.totals["order_value"]) == (260.0, 5530.0)
    assert made.supplier == "深圳恒达"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_paper_can_be_imported_and_then_tells_of_the_order(store, tmp_path, language):
    """The supplier sends it back, or an ERP takes it over: nothing is counted twice."""
    [number] = decide(store, said(), said("LID", 10.0)).order_ids
    before = store.purchase_orders()
    path = tmp_path / "order.xlsx"
    path.write_bytes(paperwork.purchase_order_xlsx(store, number, language))
    staged = importing.stage(store, [importing.Upload(path.name, path)])
    [account] = importing.load(store, staged)
    assert (account.kind, account.rows_new, account.rows_rejected) == ("purchase_orders", 2, 0)
    assert ledger.lines(store)["is_imported"].all()
    columns = ["order_id", "sku", "market", "supplier", "route", "quantity", "open_quantity",
               "ordered_on", "unit_cost", "currency"]  # fmt: skip
    after = store.purchase_orders()[columns].sort_values("sku", ignore_index=True)
    before = before[columns].sort_values("sku", ignore_index=True)
    pd.testing.assert_frame_equal(after, before, check_dtype=False)


@pytest.mark.parametrize(
    ("section", "codes"),
    [
        ("ledger_act", ledger.ACTS),
        ("ledger_status", ledger.STATUSES),
        ("ledger_reason", ledger.REASONS),
        ("close_reason", ledger.CLOSE_REASONS),
    ],
)
def test_every_code_has_words(section, codes):
    for language in LANGUAGES:
        named = {key for key in catalog(language) if key.startswith(f"{section}.")}
        assert named == {f"{section}.{code}" for code in codes}
