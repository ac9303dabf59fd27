"""A real workbook: its account was counted by hand from the raw cells."""

from collections import Counter
from pathlib import Path

import pytest

from analytics.ingest import clean, read, recognise

WORKBOOK = Path(__file__).parents[3] / "shared" / "data" / "online_retail_II_nonuk.xlsx"
MARKETS = {"FR", "NL", "ES", "CH", "BE", "PT", "IT", "CA", "LB", "unspecified"}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    if not WORKBOOK.exists():
        pytest.skip("the workbook online_retail_II_nonuk.xlsx is not beside the checkout")
    sheets = read(WORKBOOK, WORKBOOK.name, workdir=tmp_path_factory.mktemp("retail"))
    return [(sheet, clean(sheet, recognise(sheet), market="auto")) for sheet in sheets]


def test_both_sheets_are_read_to_the_row(found):
    assert [sheet.sheet for sheet, _ in found] == ["Year 2009-2010", "Year 2010-2011"]
    assert [sheet.rows for sheet, _ in found] == [14_270, 20_498]
    assert sum(cleaned.rows_read for _, cleaned in found) == 34_766
    for _, cleaned in found:
        assert (cleaned.rows.num_rows, len(cleaned.issues), cleaned.rows_ignored) == (
            cleaned.rows_read,
            0,
            0,
        )


def test_what_is_no_product_and_what_was_taken_back(found):
    no_product, taken_back = Counter(), 0
    for _, cleaned in found:
        for row in cleaned.rows.select(["sku", "status", "order_id", "quantity"]).to_pylist():
            no_product[row["sku"]] += row["status"] == "not_product"
            is_back = row["order_id"].startswith("C") or row["quantity"] < 0
            taken_back += is_back
            assert row["status"] in (
                ("cancelled", "not_product") if is_back else ("sold", "not_product")
            )
    assert +no_product == {"POST": 995, "M": 48, "ADJUST": 10, "D": 7, "C2": 4}
    assert taken_back == 761


def test_identifiers_are_not_numbers(found):
    for _, cleaned in found:
        for name in ("sku", "order_id"):
            assert not any(
                "." in text for text in cleaned.rows[name].unique().to_pylist() if text[0].isdigit()
            )
    keys = [key for _, cleaned in found for key in cleaned.rows["sku_key"].unique().to_pylist()]
    assert "21844" in keys
    assert not any(key != key.casefold() for key in keys)


def test_items_are_skus_without_case_in_markets(found):
    items = {
        (row["sku_key"], row["market"])
        for _, cleaned in found
        for row in cleaned.rows.select(["sku_key", "market", "status"]).to_pylist()
        if row["status"] != "not_product"
    }
    assert len(items) == 9_509
    assert {market for _, market in items} == MARKETS
