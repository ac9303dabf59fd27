"""Decisions 3 to 5: which lines stand, and what became of every row of a sheet."""

import pytest

from analytics.errors import NotUndoneError, UnknownImportError
from analytics.store import Store

from .sheets import cell, counts, issue, order, sheet


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path) as opened:
        yield opened


def units(store):
    frame = store.daily_sales()
    return {(row.sku, row.market, f"{row.date:%Y-%m-%d}"): row.units for row in frame.itertuples()}


def test_equal_lines_of_one_sheet_are_two_lines(store):
    [account] = store.load([sheet(order("1", "A", 2), order("1", "A", 2))])
    assert counts(account) == (2, 0, 0, 0, 0)
    assert units(store) == {("A", "US", "2026-01-05"): 4.0}


def test_the_same_rows_in_another_file_are_identical_and_counted_once(store):
    lines = [order("1", "A", 2), order("1", "A", 2), order("2", "B", 1)]
    store.load([sheet(*lines)])
    [account] = store.load([sheet(*lines[::-1])])
    assert counts(account) == (0, 0, 3, 0, 0)
    assert account.same_as is None
    assert units(store) == {("A", "US", "2026-01-05"): 4.0, ("B", "US", "2026-01-05"): 1.0}


def test_the_same_bytes_read_the_same_way_write_nothing(store):
    first = sheet(order("1", "A", 2), issues=[issue(9)], ignored=3, sha256="f" * 64)
    again = sheet(order("1", "A", 2), issues=[issue(9)], ignored=3, sha256="f" * 64)
    [account] = store.load([first])
    assert counts(account) == (1, 0, 0, 1, 3)
    version = store.version
    [account] = store.load([again])
    assert counts(account) == (0, 0, 1, 1, 3)
    assert (account.same_as, account.import_id) == (1, 1)
    assert account.rejects["code"].tolist() == ["issue.not_a_date"]
    assert store.version == version
    assert len(store.imports()) == 1


def test_the_same_bytes_read_another_way_are_another_import(store):
    store.load([sheet(order("1", "A", 2), sha256="f" * 64, mapping={"market": "US"})])
    [account] = store.load(
        [sheet(order("1", "A", 2), sha256="f" * 64, mapping={"market": "DE"}, market="DE")]
    )
    assert counts(account) == (0, 1, 0, 0, 0)
    assert units(store) == {("A", "DE", "2026-01-05"): 2.0}


def test_a_corrected_export_replaces_the_order_lines_that_it_holds(store):
    store.load([sheet(order("1", "A", 2), order("1", "A", 3), order("1", "B", 1))])
    [account] = store.load([sheet(order("1", "A", 3), order("1", "A", 4), order("1", "A", 5))])
    assert counts(account) == (1, 1, 1, 0, 0)  # 3 is identical; 4 updates 2; 5 is new
    assert units(store) == {("A", "US", "2026-01-05"): 12.0, ("B", "US", "2026-01-05"): 1.0}


def test_price_status_and_day_are_values_and_no_key(store):
    store.load([sheet(order("1", "A", 2, unit_price=9.0))])
    [account] = store.load(
        [sheet(order("1", "A", 2, day="2026-01-06", unit_price=8.0, status="cancelled"))]
    )
    assert counts(account) == (0, 1, 0, 0, 0)
    assert units(store) == {}


def test_skus_are_compared_without_case_and_shown_as_first_seen(store):
    store.load([sheet(order("1", "Ab-1", 2))])
    [account] = store.load([sheet(order("1", "aB-1", 2), order("2", "AB-1", 1))])
    assert counts(account) == (1, 0, 1, 0, 0)
    assert units(store) == {("Ab-1", "US", "2026-01-05"): 3.0}


def test_another_shop_is_another_order(store):
    store.load([sheet(order("1", "A", 2), shop="east")])
    [account] = store.load([sheet(order("1", "A", 2), shop="west")])
    assert counts(account) == (1, 0, 0, 0, 0)
    assert units(store) == {("A", "US", "2026-01-05"): 4.0}


def test_a_line_names_its_shop_or_the_user_does_or_its_channel_or_the_format(store):
    lines = [
        order("1", "A", 1, shop="own", channel="amazon"),
        order("2", "A", 1, shop=None, channel="amazon"),
        order("3", "A", 1, shop=None, channel=None),
    ]
    store.load([sheet(*lines)])
    store.load([sheet(*lines, shop="named")])
    with store._database.cursor() as cursor:
        shops = cursor.execute("SELECT import_id, shop FROM sales_lines ORDER BY ALL").fetchall()
    assert shops == [
        (1, "amazon"), (1, "own"), (1, "plain"), (2, "named"), (2, "named"), (2, "own"),
    ]  # fmt: skip


def test_without_an_order_the_newest_import_that_holds_a_cell_replaces_it(store):
    store.load([sheet(cell("A", 10), cell("A", 5), cell("B", 1), grain="day")])
    [account] = store.load([sheet(cell("A", 12), cell("A", 5, day="2026-01-06"), grain="day")])
    assert counts(account) == (1, 1, 0, 0, 0)
    assert units(store) == {
        ("A", "US", "2026-01-05"): 12.0,
        ("A", "US", "2026-01-06"): 5.0,
        ("B", "US", "2026-01-05"): 1.0,
    }


def test_what_is_no_product_is_rejected_when_new_and_identical_when_seen(store):
    postage = order("1", "POST", 1, status="not_product")
    [first] = store.load([sheet(postage, postage, order("1", "A", 1), issues=[issue(9)])])
    assert counts(first) == (1, 0, 0, 3, 0)
    [second] = store.load([sheet(postage, postage, postage)])
    assert counts(second) == (0, 0, 2, 1, 0)
    rejects = store.rejects(2)
    assert rejects[["row", "column", "value", "code"]].to_numpy().tolist() == [
        [4, "sku", "POST", "issue.not_product"]
    ]
    assert units(store) == {("A", "US", "2026-01-05"): 1.0}
    assert store.items()["sku"].tolist() == ["A"]


def test_sheets_of_one_upload_are_imports_of_their_own_in_file_order(store):
    accounts = store.load(
        [sheet(order("1", "A", 1)), sheet(order("1", "A", 2), order("2", "A", 1))]
    )
    assert [account.import_id for account in accounts] == [1, 2]
    assert [counts(account) for account in accounts] == [(1, 0, 0, 0, 0), (1, 1, 0, 0, 0)]
    assert units(store) == {("A", "US", "2026-01-05"): 3.0}


def test_a_dry_run_tells_the_same_and_changes_nothing(store):
    store.load([sheet(order("1", "A", 1))])
    before = (store.version, units(store), len(store.imports()))
    upload = [sheet(order("1", "A", 2)), sheet(order("1", "A", 2), order("2", "B", 1))]
    told = [counts(account) for account in store.load(upload, dry_run=True)]
    assert (store.version, units(store), len(store.imports())) == before
    assert told == [counts(account) for account in store.load(upload)]


def test_a_fault_in_the_second_sheet_leaves_nothing_of_the_first(store):
    class StopError(Exception):
        pass

    def stop(done, total, item):
        if done == 1:
            raise StopError

    with pytest.raises(StopError):
        store.load([sheet(order("1", "A", 1)), sheet(order("2", "A", 1))], progress=stop)
    assert store.is_empty
    assert store.imports().empty


def test_undo_brings_back_what_an_import_replaced_and_can_be_asked_once(store):
    store.load([sheet(order("1", "A", 1))])
    store.load([sheet(order("1", "A", 9), order("2", "B", 1))])
    store.load([sheet(order("2", "B", 7))])
    store.undo(2, who="Ann")
    assert units(store) == {("A", "US", "2026-01-05"): 1.0, ("B", "US", "2026-01-05"): 7.0}
    history = store.imports().set_index("import_id")
    assert history.loc[2, "undone_by"] == "Ann"
    with pytest.raises(UnknownImportError):
        store.undo(2)


def test_what_was_taken_back_can_be_imported_again(store):
    store.load([sheet(order("1", "A", 1), sha256="f" * 64)])
    store.undo(1)
    [account] = store.load([sheet(order("1", "A", 1), sha256="f" * 64)])
    assert (account.import_id, account.same_as) == (2, None)
    assert counts(account) == (1, 0, 0, 0, 0)


def test_redo_brings_an_import_back_to_its_old_place(store):
    store.load([sheet(order("1", "A", 1))])
    store.load([sheet(order("1", "A", 9), order("2", "B", 1))])
    store.load([sheet(order("2", "B", 7))])
    with pytest.raises(NotUndoneError):
        store.redo(2)
    store.undo(2, who="Ann")
    store.redo(2, who="Bo")
    assert units(store) == {("A", "US", "2026-01-05"): 9.0, ("B", "US", "2026-01-05"): 7.0}
    history = store.imports().set_index("import_id")
    assert history.loc[2, ["undone_by", "redone_by"]].tolist() == [None, "Bo"]
    assert store.acts()[["import_id", "act", "who"]].to_numpy().tolist() == [
        [2, "undo", "Ann"],
        [2, "redo", "Bo"],
    ]
    with pytest.raises(NotUndoneError):
        store.redo(99)


def test_what_is_added_to_a_cell_stands_beside_what_it_had(store):
    store.load([sheet(cell("A", 10), cell("B", 4))])
    [told] = store.load([sheet(cell("A", 5), cell("B", 4), sha256="e" * 64)], dry_run=True)
    assert (counts(told), told.cells_changed) == ((0, 1, 1, 0, 0), 1)
    [account] = store.load([sheet(cell("A", 5), cell("B", 4), sha256="e" * 64, existing="add")])
    assert (counts(account), account.cells_changed) == ((1, 0, 1, 0, 0), 0)
    assert units(store) == {("A", "US", "2026-01-05"): 15.0, ("B", "US", "2026-01-05"): 4.0}
    assert store.is_settled


def test_what_was_added_is_not_added_again(store):
    store.load([sheet(cell("A", 10))])
    store.load([sheet(cell("A", 5), cell("A", 2), existing="add", sha256="e" * 64)])
    [bytes_again] = store.load([sheet(cell("A", 5), cell("A", 2), sha256="e" * 64)])
    assert bytes_again.same_as == 2
    [renamed] = store.load([sheet(cell("A", 2), cell("A", 5), existing="add")])
    assert counts(renamed) == (0, 0, 2, 0, 0)
    assert units(store) == {("A", "US", "2026-01-05"): 17.0}
    store.undo(2)
    assert units(store) == {("A", "US", "2026-01-05"): 17.0}  # the copy stands for it
    store.undo(3)
    assert units(store) == {("A", "US", "2026-01-05"): 10.0}


def test_a_total_that_would_drop_what_was_added_says_so_first(store):
    store.load([sheet(cell("A", 8))])
    store.load([sheet(cell("A", 6), existing="add")])
    [told] = store.load([sheet(cell("A", 6))], dry_run=True)
    assert (counts(told), told.cells_changed) == ((0, 0, 1, 0, 0), 1)  # the 8 would go
    [told] = store.load([sheet(cell("A", 6), existing="add")], dry_run=True)
    assert (counts(told), told.cells_changed) == ((0, 0, 1, 0, 0), 0)


def test_bytes_that_were_replaced_since_can_be_loaded_again(store):
    def first():
        return sheet(order("1", "A", 1), cell("B", 4), sha256="f" * 64)

    store.load([first()])
    store.load([sheet(order("1", "A", 3))])
    [account] = store.load([first()])
    assert (account.same_as, counts(account)) == (None, (0, 1, 1, 0, 0))
    assert units(store) == {("A", "US", "2026-01-05"): 1.0, ("B", "US", "2026-01-05"): 4.0}
    [account] = store.load([first()])
    assert account.same_as == 3


def test_bytes_whose_rows_stand_in_another_file_are_still_the_same_import(store):
    store.load([sheet(cell("A", 2), cell("A", 2), sha256="f" * 64)])
    store.load([sheet(cell("A", 2), cell("A", 2))])
    [account] = store.load([sheet(cell("A", 2), cell("A", 2), sha256="f" * 64)])
    assert account.same_as == 1
    store.load([sheet(cell("A", 2))])
    [account] = store.load([sheet(cell("A", 2), cell("A", 2), sha256="f" * 64)])
    assert account.same_as is None
    assert units(store) == {("A", "US", "2026-01-05"): 4.0}


@pytest.mark.parametrize(
    ("kind", "said", "other"),
    [
        ("products", {"sku": "A", "unit_cost": 2.0}, {"sku": "A", "unit_cost": 3.0}),
        (
            "stock",
            {"sku": "A", "date": "2026-01-05", "on_hand": 2.0},
            {"sku": "A", "date": "2026-01-05", "on_hand": 3.0},
        ),
        ("aliases", {"alias": "X", "sku": "A"}, {"alias": "X", "sku": "B"}),
    ],
)
def test_a_small_table_that_was_replaced_since_can_be_loaded_again(store, kind, said, other):
    store.load([sheet(said, kind=kind, sha256="f" * 64)])
    store.load([sheet(said, kind=kind)])
    [account] = store.load([sheet(said, kind=kind, sha256="f" * 64)])
    assert account.same_as == 1
    store.load([sheet(other, kind=kind)])
    [account] = store.load([sheet(said, kind=kind, sha256="f" * 64)])
    assert (account.same_as, account.rows_updated) == (None, 1)


def test_a_later_total_replaces_all_that_was_added_up(store):
    store.load([sheet(cell("A", 10))])
    store.load([sheet(cell("A", 5), existing="add")])
    [account] = store.load([sheet(cell("A", 16))])
    assert counts(account) == (0, 1, 0, 0, 0)
    assert units(store) == {("A", "US", "2026-01-05"): 16.0}
    store.undo(3)
    assert units(store) == {("A", "US", "2026-01-05"): 15.0}


def test_lines_with_an_order_are_replaced_even_by_a_sheet_that_adds(store):
    store.load([sheet(order("1", "A", 1), cell("A", 1))])
    [account] = store.load([sheet(order("1", "A", 2), cell("A", 7), existing="add")])
    assert counts(account) == (1, 1, 0, 0, 0)
    assert units(store) == {("A", "US", "2026-01-05"): 10.0}


def test_updated_lines_are_shown_beside_what_they_replace(store):
    store.load([sheet(order("1", "A", 2, unit_price=9.0), order("1", "A", 3), cell("B", 1))])
    lines = [
        order("1", "A", 3),
        order("1", "A", 4, unit_price=8.0, status="cancelled"),
        order("9", "A", 1),
        cell("B", 6),
    ]
    [account] = store.load([sheet(*lines)])
    assert (counts(account), account.cells_changed) == ((1, 2, 1, 0, 0), 1)
    changes = account.changes.astype(object).where(account.changes.notna(), None)
    assert changes.drop(columns=["date", "market"]).to_numpy().tolist() == [
        [3, "1", "A", 2.0, 4.0, 9.0, 8.0, "sold", "cancelled"],
        [5, None, "B", 1.0, 6.0, None, None, "sold", "sold"],
    ]


def test_the_first_changes_are_shown_and_all_are_counted(store):
    store.load([sheet(*(order(f"{n}", "A", 1) for n in range(300)))])
    [account] = store.load([sheet(*(order(f"{n}", "A", 2) for n in reversed(range(300))))])
    assert account.rows_updated == 300
    assert account.changes["row"].tolist() == list(range(2, 202))
    assert account.changes["order_id"].iloc[0] == "299"


def test_lines_may_share_a_row_of_the_file(store):
    """In a wide table one row holds many cells."""
    lines = [
        {**cell("A", 1), "row_no": 2},
        {**cell("A", 2, day="2026-01-06"), "row_no": 2},
        {**cell("POST", 1, status="not_product"), "row_no": 3},
        {**cell("B", -1, customer="x"), "row_no": 3},
        {**cell("B", 1, customer="x"), "row_no": 3},
    ]
    [account] = store.load([sheet(*lines)])
    assert account.rejects["row"].tolist() == [3]
    assert units(store) == {("A", "US", "2026-01-05"): 1.0, ("A", "US", "2026-01-06"): 2.0}
    [account] = store.load([sheet({**cell("A", 5, day="2026-01-06"), "row_no": 2})])
    assert account.changes["row"].tolist() == [2]
    assert units(store) == {("A", "US", "2026-01-05"): 1.0, ("A", "US", "2026-01-06"): 5.0}
    assert store.check() == []
