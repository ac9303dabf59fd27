"""Every format and trap that is known: files of invented rows against what is known of them."""

import json
import tempfile
from functools import cache
from pathlib import Path

import pytest

from analytics.errors import NotUnderstoodError
from analytics.ingest import clean, problem_of, read, recognise, unpacked
from analytics.ingest.formats import formats, others
from analytics.store import SheetLoad, Store
from tests.fixtures import make
from tests.ingest.making import read_here

EXPECTED = json.loads((make.FOLDER / "expected.json").read_text(encoding="utf-8"))
CASES = [(name, place) for name, sheets in EXPECTED.items() for place in range(len(sheets))]
IDS = [f"{name}-{place}" if place else name for name, place in CASES]
ENOUGH = 60
MAPPED = 0.95


@cache
def sheets_of(name):
    """Return what the app makes of a file: each sheet, how it is understood, and its rows."""
    path = make.FOLDER / name
    if name.endswith(".zip"):
        folder = Path(tempfile.mkdtemp())
        members = unpacked(path, name, workdir=folder)
        raws = [raw for shown, member in members for raw in read(member, shown, workdir=folder)]
    else:
        raws = read_here(path.read_bytes(), name)
    found = [(raw, recognise(raw)) for raw in raws]
    return [
        (raw, told, None if told.missing else clean(raw, told, salt="x")) for raw, told in found
    ]


def mapped(name, place):
    """Return for each expected column whether it was found, where it was to be found."""
    _, told, _ = sheets_of(name)[place]
    headers = [*told.headers, "across", "across"]
    places = {**told.line_totals, **told.columns}
    return {
        column: column in places and headers[places[column]].strip() == header.strip()
        for column, header in EXPECTED[name][place]["columns"].items()
    }


@pytest.mark.parametrize(("name", "place"), CASES, ids=IDS)
def test_a_file_is_understood_and_its_account_closes(name, place, tmp_path):
    expected = EXPECTED[name][place]
    assert len(sheets_of(name)) == len(EXPECTED[name])
    raw, told, cleaned = sheets_of(name)[place]
    assert told.content == expected["content"]
    if expected["content"] != "table":
        assert isinstance(problem_of(raw, told), NotUnderstoodError)
        return
    assert (told.kind, told.family) == (expected["kind"], expected["family"])
    assert [column for column, hit in mapped(name, place).items() if not hit] == []
    with Store.open(tmp_path) as store:
        [account] = store.load([as_load(raw, told, cleaned)])
        assert counts(account) == expected["counts"]
        if told.kind == "sales":
            assert units(store) == approximately(expected.get("units", {}))
        elif told.kind == "stock":
            assert stock(store) == approximately(summed(expected["facts"]))
        else:
            names = EXPECTED_COLUMNS[told.kind]
            assert [
                list(row.values()) for row in cleaned.rows.select(names).to_pylist()
            ] == expected["facts"]


EXPECTED_COLUMNS = {
    "products": ["sku", "name"],
    "purchase_orders": ["order_id", "sku", "quantity"],
    "aliases": ["alias", "sku"],
    "bundles": ["bundle", "sku", "quantity"],
    "markets": ["country", "market"],
    "events": ["name", "demand_uplift_pct"],
    "routes": ["market", "route", "transit_days"],
    "rates": ["currency", "rate"],
}


def approximately(cells):
    return {sku: pytest.approx(told) for sku, told in cells.items()}


def units(store):
    """Return units wanted per SKU and month, as everything else in the app is told them."""
    found = store.daily_sales()
    months = found["date"].astype("datetime64[ns]").dt.strftime("%Y-%m")
    cells = found.groupby([found["sku"], months])["units"].sum()
    return {sku: part.droplevel(0).to_dict() for sku, part in cells.groupby(level=0)}


def stock(store):
    """Return per SKU what stands in stock and what is on its way, over all days and places."""
    found = store.stock_history()
    return found.groupby("sku")[["on_hand", "inbound"]].sum().T.to_dict("list")


def summed(facts):
    cells = {}
    for sku, on_hand, inbound in facts:
        before = cells.get(sku, [0.0, 0.0])
        cells[sku] = [before[0] + on_hand, before[1] + inbound]
    return cells


def as_load(raw, told, cleaned):
    return SheetLoad(
        file=raw.file,
        sheet=raw.sheet,
        sha256=raw.file + raw.sheet,
        kind=told.kind,
        family=told.family,
        shop="",
        rows=cleaned.rows,
        issues=cleaned.issues,
        rows_read=cleaned.rows_read,
        rows_ignored=cleaned.rows_ignored,
    )


def counts(account):
    return {
        "read": account.rows_read,
        "new": account.rows_new,
        "rejected": account.rows_rejected,
        "ignored": account.rows_ignored,
    }


def test_nearly_every_column_is_mapped_without_help():
    hits = [hit for case in CASES for hit in mapped(*case).values()]
    assert len(hits) > 400
    assert sum(hits) >= MAPPED * len(hits)


def test_there_are_enough_files_and_every_format_has_one():
    assert len(EXPECTED) >= ENOUGH
    seen = {(sheet["family"], sheet["kind"]) for sheets in EXPECTED.values() for sheet in sheets}
    known = {(one.family, one.kind) for one in formats() if not one.by_hand}
    assert known <= seen
    assert {family for family, _ in others()} <= {family for family, _ in seen}


def test_the_files_are_what_the_script_makes():
    made = make.fixtures()
    assert {one.name: [sheet.record() for sheet in one.sheets] for one in made} == EXPECTED
    for one in made:
        if one.name.endswith((".csv", ".txt")):
            assert (make.FOLDER / one.name).read_bytes() == one.data


BY_HAND = [one for one in formats() if one.by_hand]


@pytest.mark.parametrize("one", BY_HAND, ids=[one.family for one in BY_HAND])
def test_a_list_of_products_can_be_read_as_stock(one):
    files = {sheets[0]["family"]: name for name, sheets in EXPECTED.items()}
    raw, _, _ = sheets_of(files[one.family])[0]
    told = recognise(raw, kind=one.kind)
    assert (told.family, told.kind, told.missing) == (one.family, one.kind, ())
    clean(raw, told)
