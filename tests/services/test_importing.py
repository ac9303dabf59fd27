"""Uploads: kept, read, shown, changed, loaded as a whole; one bad file stops no other."""

import gc
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from analytics import sample
from analytics.errors import Cancelled, NotUnderstoodError, UnknownMarketError, UnreadableFileError
from analytics.i18n import Translator
from analytics.services import importing
from analytics.services.importing import Choice, Upload
from analytics.store import Store

REAL = Path(__file__).parents[3] / "shared" / "data" / "online_retail_II_nonuk.xlsx"
COUNTS = ("rows_new", "rows_updated", "rows_identical", "rows_rejected", "rows_ignored")

ORDERS = Upload(
    "orders.csv",
    b"Order ID,SKU,Quantity,Date,Country,Customer ID\n"
    b"1,A-1,2,2026-01-05,US,Ann\n"
    b"1,POSTAGE,1,2026-01-05,US,Ann\n"
    b"2,B-2,soon,2026-01-06,DE,Bo\n"
    b"3,A-1,4,2026-01-07,,Cy\n",
)
STOCK = Upload("stock.csv", "商品编码,库存数量\nA-1,40\nB-2,7\n".encode("gb18030"))
NONSENSE = Upload("notes.csv", b"dear,diary\nnothing,much\n")
BROKEN = Upload("broken.xlsx", b"PK\x03\x04 but no workbook")


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


def counts(account):
    assert account.rows_read == sum(getattr(account, name) for name in COUNTS)
    return tuple(getattr(account, name) for name in COUNTS)


def test_an_upload_is_kept_read_and_told_before_anything_is_loaded(store):
    staged = importing.stage(store, [ORDERS, STOCK])
    assert [sheet.recognition.kind for sheet in staged.sheets] == ["sales", "stock"]
    assert [sheet.family("en") for sheet in staged.sheets] == ["a plain table"] * 2
    assert [counts(sheet.account) for sheet in staged.sheets] == [(2, 0, 0, 2, 0), (2, 0, 0, 0, 0)]
    assert staged.problems == ()
    assert store.is_empty
    assert store.imports().empty
    for upload, sheet in zip([ORDERS, STOCK], staged.sheets, strict=True):
        raw = store.folder / "raw" / sheet.sha256[:2] / sheet.sha256
        assert raw.read_bytes() == upload.data


def test_loading_does_what_the_preview_told(store):
    staged = importing.stage(store, [ORDERS, STOCK])
    accounts = importing.load(store, staged, who="Ann")
    assert [counts(a) for a in accounts] == [counts(s.account) for s in staged.sheets]
    assert store.items()[["sku", "market"]].to_numpy().tolist() == [
        ["A-1", "US"],
        ["A-1", "unspecified"],
    ]
    assert store.imports()["who"].unique().tolist() == ["Ann"]


def test_rejected_rows_are_told_in_both_languages(store):
    staged = importing.stage(store, [ORDERS])
    [account] = importing.load(store, staged)
    for language in ("zh", "en"):
        told = importing.worded_issues(Translator(language), account.rejects)
        assert told[["row", "value"]].to_numpy().tolist() == [[3, "POSTAGE"], [4, "soon"]]
        assert told["reason"].str.len().min() > 3
    nothing = importing.worded_issues(Translator("en"), account.rejects.head(0))
    assert list(nothing) == ["row", "column", "value", "reason"]


def test_buyers_are_hashed_with_the_secret_of_the_workspace(store, tmp_path):
    importing.load(store, importing.stage(store, [ORDERS]))
    with Store.open(tmp_path / "other") as other:
        importing.load(other, importing.stage(other, [ORDERS]))
        hashes = []
        for one in (store, other):
            with one._database.cursor() as cursor:
                hashes.append(cursor.execute("SELECT customer FROM sales_lines").fetchall())
    assert set(hashes[0]).isdisjoint(hashes[1])
    assert {len(customer) for (customer,) in hashes[0]} == {32}


def test_the_same_files_again_change_nothing(store):
    importing.load(store, importing.stage(store, [ORDERS, STOCK]))
    version = store.version
    accounts = importing.load(store, importing.stage(store, [STOCK, ORDERS]))
    assert [account.same_as for account in accounts] == [2, 1]
    assert [counts(account) for account in accounts] == [(0, 0, 2, 0, 0), (0, 0, 3, 1, 0)]
    assert store.version == version


def test_a_renamed_copy_is_the_same_file_unless_its_name_tells_another_day(store):
    importing.load(store, importing.stage(store, [Upload("stock_20260101.csv", STOCK.data)]))
    for name, seen in (("copy_20260101.csv", 1), ("stock_20260108.csv", None)):
        staged = importing.stage(store, [Upload(name, STOCK.data)], said=Choice(kind="stock"))
        [account] = importing.load(store, staged)
        assert account.same_as == seen
    assert store.stock_history()["date"].nunique() == 2


def test_one_bad_file_stops_no_other(store):
    staged = importing.stage(store, [BROKEN, ORDERS, NONSENSE])
    [(name, problem)] = staged.problems
    assert name == "broken.xlsx"
    assert isinstance(problem, UnreadableFileError)
    understood, puzzling = staged.sheets
    assert understood.problem is None
    assert isinstance(puzzling.problem, NotUnderstoodError)
    assert counts(puzzling.account) == (0, 0, 0, 1, 0)
    assert [account.file for account in importing.load(store, staged)] == ["orders.csv"]


def test_what_was_not_understood_can_be_said(store):
    odd = Upload("odd.csv", b"x,y,z\nA-1,2026-01-05,3\nB-2,2026-01-06,4\n")
    staged = importing.stage(store, [odd, STOCK])
    assert staged.sheets[0].problem is not None
    staged = importing.revise(
        store,
        staged,
        0,
        choice=Choice("sales", {"sku": "x", "date": "y", "quantity": "z"}, market="FR"),
    )
    assert staged.sheets[0].problem is None
    assert counts(staged.sheets[0].account) == (2, 0, 0, 0, 0)
    importing.load(store, staged)
    sold = store.daily_sales()
    assert sold[["sku", "market", "units"]].to_numpy().tolist() == [
        ["A-1", "FR", 3.0],
        ["B-2", "FR", 4.0],
    ]


def test_a_market_may_be_named_changed_and_taken_back(store):
    def markets(staged):
        return staged.sheets[0].cleaned.rows["market"].to_pylist()

    staged = importing.stage(store, [ORDERS], said=Choice(market="JP"))
    assert markets(staged) == ["US", "US", "JP"]
    staged = importing.revise(store, staged, 0, choice=Choice(market="FR"))
    assert markets(staged) == ["US", "US", "FR"]
    both = replace(staged.sheets[0].choice, shop="east")
    assert markets(importing.revise(store, staged, 0, choice=both)) == ["US", "US", "FR"]
    assert markets(importing.revise(store, staged, 0, choice=Choice())) == [
        "US",
        "US",
        "unspecified",
    ]


def test_a_market_may_be_written_as_people_do(store):
    [sheet] = importing.stage(store, [ORDERS], said=Choice(market="Germany")).sheets
    assert sheet.cleaned.rows["market"].to_pylist() == ["US", "US", "DE"]
    importing.load(store, importing.stage(store, [ORDERS], said=Choice(market="德国")))
    [account] = importing.load(store, importing.stage(store, [ORDERS], said=Choice(market="de")))
    assert account.same_as == 1


def test_an_unknown_market_is_refused_before_anything_is_kept(store):
    with pytest.raises(UnknownMarketError, match="Gremany"):
        importing.stage(store, [ORDERS], said=Choice(market="Gremany"))
    assert not (store.folder / "raw").exists()


def test_an_unknown_market_on_the_preview_holds_its_sheet_back(store):
    staged = importing.revise(
        store, importing.stage(store, [ORDERS, STOCK]), 0, choice=Choice(market="Oz")
    )
    assert isinstance(staged.sheets[0].problem, UnknownMarketError)
    assert staged.sheets[0].choice.market == "Oz"
    assert [account.file for account in importing.load(store, staged)] == ["stock.csv"]
    mended = importing.revise(store, staged, 0, choice=Choice(market="Austria"))
    assert mended.sheets[0].problem is None


def test_products_belong_to_no_market_that_is_named_for_others(store):
    products = Upload("products.csv", b"SKU,Category,MOQ\nA-1,Kitchen,100\n")
    importing.load(store, importing.stage(store, [products]))
    [account] = importing.load(store, importing.stage(store, [products], said=Choice(market="DE")))
    assert account.same_as == 1
    revised = importing.revise(
        store, importing.stage(store, [products]), 0, choice=Choice(market="Oz")
    )
    assert revised.sheets[0].problem is None


def test_one_slip_of_a_date_does_not_move_the_plan(store):
    slip = Upload("orders.csv", ORDERS.data + b"4,A-1,1,2099-05-01,US,Di\n")
    staged = importing.stage(store, [slip], today=date(2026, 2, 1))
    importing.load(store, importing.revise(store, staged, 0, choice=Choice(shop="east")))
    assert store.coverage()["ends_on"].max() == pd.Timestamp("2026-01-07")
    assert "issue.future_date" in set(store.rejects(1)["code"])


def test_a_sheet_without_rows_leaves_no_trace(store):
    empty = Upload("orders.csv", b"Order ID,SKU,Quantity,Date,Country\n")
    staged = importing.stage(store, [empty, STOCK])
    assert [sheet.has_rows for sheet in staged.sheets] == [False, True]
    assert [sheet.upload for sheet in staged.sheets] == [0, 1]
    assert [account.file for account in importing.load(store, staged)] == ["stock.csv"]
    assert store.imports()["file"].tolist() == ["stock.csv"]


def test_an_import_sweeps_out_old_uploads_and_none_without_a_day(store):
    _, old = store.keep_raw(b"kept long ago")
    stamp = datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp()
    os.utime(old, (stamp, stamp))
    importing.load(store, importing.stage(store, [ORDERS]))
    assert old.exists()
    for day in (10, 12):  # it takes two looks
        assert old.exists()
        staged = importing.stage(store, [STOCK], today=date(2026, 2, day))
        importing.load(store, staged)
    assert not old.exists()
    assert store.check() == []


def test_sheets_of_one_upload_are_told_apart_as_they_will_be_loaded(store):
    more = Upload("more.csv", ORDERS.data + b"4,C-3,1,2026-01-08,US,Di\n")
    staged = importing.stage(store, [ORDERS, more])
    assert [counts(sheet.account) for sheet in staged.sheets] == [(2, 0, 0, 2, 0), (1, 0, 3, 1, 0)]


def test_who_stops_a_load_finds_everything_as_it_was(store):
    def stop(done, total, item):
        raise Cancelled

    staged = importing.stage(store, [ORDERS])
    with pytest.raises(Cancelled):
        importing.load(store, staged, progress=stop)
    assert store.is_empty
    with pytest.raises(Cancelled):
        importing.stage(store, [ORDERS], progress=stop)


def test_the_texts_of_an_upload_are_gone_when_nobody_needs_them(store):
    staged = importing.stage(store, [ORDERS])
    folder = staged.workdir.path
    assert folder.exists()
    revised = importing.revise(store, staged, 0, choice=Choice(market="FR"))
    del staged
    gc.collect()
    assert folder.exists()
    del revised
    gc.collect()
    assert not folder.exists()


def test_the_sample_sellers_files_give_the_sales_that_the_seller_made(store):
    uploads = [Upload(path.name, path) for path in sample.files()]
    accounts = importing.load(store, importing.stage(store, uploads))
    assert sum(account.rows_rejected + account.rows_ignored for account in accounts) == 0
    truth = sample.truth().query("sold > 0")[["sku", "market", "date", "sold"]]
    expected = truth.rename(columns={"sold": "units"}).astype({"units": float})
    expected = expected.sort_values(["sku", "market", "date"], ignore_index=True)
    pd.testing.assert_frame_equal(
        store.daily_sales()[[*expected]], expected, check_dtype=False, check_column_type=False
    )
    assert store.coverage()["ends_on"].dt.date.unique().tolist() == [sample.LAST_DAY]
    assert store.check() == []


@pytest.mark.skipif(not REAL.exists(), reason="the real workbook is not beside the checkout")
def test_the_real_workbook_closes_to_the_row(store):
    staged = importing.stage(store, [Upload(REAL.name, REAL)])
    accounts = importing.load(store, staged)
    total = [sum(column) for column in zip(*map(counts, accounts), strict=True)]
    assert sum(account.rows_read for account in accounts) == 34_766
    assert total == [33_280, 0, 441, 1_045, 0]
    assert len(store.items()) == 9_509
    with store._database.cursor() as cursor:
        statuses = cursor.execute("SELECT status, count(*) FROM sales GROUP BY ALL").fetchall()
        floats = cursor.execute(
            "SELECT count(*) FROM sales_lines WHERE sku LIKE '%.0' OR sku = '21844'"
        ).fetchone()
    assert dict(statuses) == {"sold": 32_592, "cancelled": 688, "not_product": 1_045}
    assert floats == (41,)
    again = importing.load(store, importing.stage(store, [Upload("copy.xlsx", REAL)]))
    assert [account.same_as for account in again] == [1, 2]
    store.undo(1)
    assert store.check() == []


def test_the_weeks_of_a_sheet_leave_none_out(store):
    rows = b"date,sku,quantity,status\n2026-05-06,A,2,\n2026-05-27,A,3,\n2026-05-28,A,1,cancelled\n"
    [sheet] = importing.stage(store, [Upload("x.csv", rows)]).sheets
    weeks = importing.weekly(sheet)
    found = [(f"{row.week:%m-%d}", row.status, row.units) for row in weeks.itertuples()]
    assert found == [
        ("05-04", "sold", 2),
        ("05-11", "sold", 0),
        ("05-18", "sold", 0),
        ("05-25", "cancelled", 1),
        ("05-25", "sold", 3),
    ]
