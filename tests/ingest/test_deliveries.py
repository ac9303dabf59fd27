"""A real history of deliveries: two ways of writing dates in one column, and words among them."""

from pathlib import Path

import pytest

from analytics.ingest import clean, recognise
from tests.ingest.making import read_here

FILE = Path(__file__).parents[3] / "shared" / "data" / "SCMS_Delivery_History_Dataset.csv"

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the data set is not beside the project")


@pytest.fixture(scope="module")
def read():
    [sheet] = read_here(FILE.read_bytes(), FILE.name)
    told = recognise(sheet)
    return told, clean(sheet, told)


def test_it_is_purchase_orders_without_help(read):
    told, found = read
    assert (told.kind, told.missing) == ("purchase_orders", ())
    headers = {name: told.headers[place] for name, place in told.columns.items()}
    assert headers["sku"] == "item description"  # it has no SKU
    assert headers["ordered_on"] == "po sent to vendor date"
    assert headers["received_on"] == "delivered to client date"
    assert found.rows_read == 10_324
    assert found.rows_read == found.rows.num_rows + len(found.issues) + found.rows_ignored


def test_words_among_the_dates_are_the_only_rejects(read):
    _, found = read
    told = found.issues.groupby("value").size().to_dict()
    assert told == {"N/A - From RDC": 5_404, "Date Not Captured": 328}
    assert set(found.issues["column"]) == {"ordered_on"}


def test_both_ways_of_writing_a_date_are_right(read):
    _, found = read
    rows = {row["row_no"]: row for row in found.rows.to_pylist()}
    slashes = rows[11]  # 11/13/06, delivered 30-Jan-07
    assert f"{slashes['ordered_on']} {slashes['received_on']}" == "2006-11-13 2007-01-30"
    days = found.rows["ordered_on"].to_pylist()
    assert all(2006 <= day.year <= 2015 for day in days)
