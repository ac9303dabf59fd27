"""Decisions 3 to 5: which lines stand, and what became of every row of a sheet."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.errors import UnknownImportError
from analytics.progress import silent
from analytics.store import Store, loading

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


LINES = st.lists(
    st.builds(
        order,
        st.sampled_from(["1", "2", None]),
        st.sampled_from(["A", "a", "B"]),
        st.integers(1, 2),
        st.sampled_from(["2026-01-05", "2026-01-06"]),
        market=st.sampled_from(["US", "DE"]),
        status=st.sampled_from(["sold", "sold", "cancelled", "not_product"]),
    ),
    min_size=1,
    max_size=6,
)
STORIES = st.lists(st.one_of(LINES, st.integers(0, 4)), min_size=1, max_size=6)


def key_of(line):
    shared = (line["sku"].casefold(),)
    if line["order_id"] is not None:
        return (*shared, line["order_id"])
    return (*shared, line["market"], line["date"])


def value_of(line):
    return (line["market"], line["date"], line["quantity"], line["status"])


def standing_lines(standing):
    """The oracle: each key belongs to the newest import that holds it."""
    owner = {key_of(line): number for number, lines in standing for line in lines}
    return Counter(
        (number, key_of(line), value_of(line))
        for number, lines in standing
        for line in lines
        if owner[key_of(line)] == number
    )


def expected_counts(lines, before):
    """The oracle of decision 5, key by key."""
    new = updated = identical = rejected = 0
    for key in {key_of(line) for line in lines}:
        fresh = Counter(value_of(line) for line in lines if key_of(line) == key)
        held = Counter()
        for (_, held_key, value), number in before.items():
            if held_key == key:
                held[value] += number
        same = fresh & held
        rest, left = fresh - same, held - same
        odd = sum(number for value, number in rest.items() if value[-1] == "not_product")
        gone = sum(number for value, number in left.items() if value[-1] != "not_product")
        changed = min(rest.total() - odd, gone)
        identical += same.total()
        rejected += odd
        updated += changed
        new += rest.total() - odd - changed
    return new, updated, identical, rejected, 0


def what_stands(store):
    with store._database.cursor() as cursor:
        found = cursor.execute(
            "SELECT import_id, l.sku_key, order_id, l.market, l.date, l.quantity, l.status "
            "FROM sales JOIN sales_lines AS l USING (import_id, row_no)"
        ).fetchall()
    return Counter(
        (
            number,
            (sku, order_id) if order_id is not None else (sku, market, f"{day}"),
            (market, f"{day}", quantity, status),
        )
        for number, sku, order_id, market, day, quantity, status in found
    )


def load(store, lines):
    """Load one sheet without the copy for readers, which has its own tests."""
    with store._database.transaction() as cursor:
        [account] = loading.load(cursor, [sheet(*lines)], silent)
        loading.rebuild(cursor)
    return account


def undo(store, *numbers):
    with store._database.transaction() as cursor:
        for number in numbers:
            facts = {"import_id": number, "who": ""}
            cursor.execute(loading.sql_files.step("undo_import"), facts)
        loading.rebuild(cursor)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("stories")) as opened:
        yield opened


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(story=STORIES)
def test_any_story_of_imports_and_undos_ends_as_the_oracle_says(shared, story):
    undo(shared, *shared.imports()["import_id"])  # the last story's imports
    assert shared.is_empty
    standing = []
    for act in story:
        if isinstance(act, list):
            account = load(shared, act)
            assert counts(account) == expected_counts(act, standing_lines(standing))
            standing.append((account.import_id, act))
        elif act < len(standing):
            number, _ = standing.pop(act)
            undo(shared, number)
        assert what_stands(shared) == standing_lines(standing)
