"""Any story of imports, takings back and bringings back ends as the oracle says.

``SOAK_CASES`` is how many stories are told; `make soak` tells 500.
"""

import os
from collections import Counter
from typing import NamedTuple

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.progress import silent
from analytics.store import Store, loading, settling, sql_files

from . import oracle
from .sheets import counts, order, sheet

CASES = int(os.environ.get("SOAK_CASES", "25"))
TABLES = (
    "imports", "acts", "rejects", "covers", "grains", "sales_lines", "sales", "products_lines",
    "stock_lines", "aliases_lines", "bundles_lines", "markets_lines",
)  # fmt: skip

pytestmark = pytest.mark.soak
told = settings(
    max_examples=CASES, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # fmt: skip


class Undo(NamedTuple):
    place: int


class Redo(NamedTuple):
    place: int


def lines_of(orders, grains):
    return st.lists(
        st.builds(
            order,
            st.sampled_from(orders),
            st.sampled_from(["A", "a", "B"]),
            st.integers(1, 3),
            st.sampled_from(["2026-01-05", "2026-01-06", "2026-01-12", "2026-02-02"]),
            market=st.sampled_from(["US", "US", "DE"]),
            status=st.sampled_from(["sold", "sold", "sold", "cancelled", "not_product"]),
            shop=st.sampled_from(["east", "west"]),
            grain=st.sampled_from(grains),
        ),
        min_size=1,
        max_size=6,
    )


SHEETS = st.one_of(
    lines_of(["1", "2", None], ["line"]),
    lines_of([None], ["line", "day"]),
    lines_of([None], ["week", "day", "month"]),
)
ACTS = st.one_of(
    st.tuples(SHEETS, st.sampled_from([False, False, True])),
    st.builds(Undo, st.integers(0, 5)),
    st.builds(Redo, st.integers(0, 5)),
)
STORIES = st.lists(ACTS, min_size=1, max_size=8)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("stories")) as opened:
        yield opened


def empty(store):
    with store._database.transaction() as cursor:
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table}")
        settling.rebuild(cursor)


def load(store, *sheets):
    """Load without the copy for readers, which has its own tests."""
    with store._database.transaction(keep=False) as cursor:
        dry = loading.load(cursor, sheets, silent, only_account=True)
    with store._database.transaction() as cursor:
        accounts = loading.load(cursor, sheets, silent)
        settling.settle(cursor, sales_changed=any(s.kind == "sales" for s in sheets))
    assert [counts(account) for account in dry] == [counts(account) for account in accounts]
    assert [account.remarks for account in dry] == [account.remarks for account in accounts]
    return accounts


def reverse(store, act, number):
    facts = {"import_id": number} | ({"who": ""} if act == "undo" else {})
    with store._database.transaction() as cursor:
        cursor.execute(sql_files.step(f"{act}_import"), facts)
        settling.rebuild(cursor)


def what_stands(store):
    with store._database.cursor() as cursor:
        found = cursor.execute(
            "SELECT import_id, l.shop, l.sku_key, order_id, l.market, l.grain, l.date::VARCHAR, "
            "l.quantity, l.status FROM sales JOIN sales_lines AS l USING (import_id, row_no)"
        ).fetchall()
    return Counter(
        (
            number,
            (shop, sku, order_id) if order_id is not None else (shop, sku, market, grain, day),
            (market, day, quantity, status, None, grain),
        )
        for number, shop, sku, order_id, market, grain, day, quantity, status in found
    )


def units(store):
    frame = store.daily_sales()
    return {
        (row.sku.casefold(), row.market, row.date.date()): round(row.units, 6)
        for row in frame.itertuples()
    }


@told
@given(story=STORIES)
def test_any_story_ends_as_the_oracle_says(shared, story):
    empty(shared)
    history, standing = [], set()
    for act in story:
        now = [entry for entry in history if entry.number in standing]
        if isinstance(act, Undo | Redo):
            if act.place >= len(history):
                continue
            number = history[act.place].number
            reverse(shared, type(act).__name__.lower(), number)
            (standing.discard if isinstance(act, Undo) else standing.add)(number)
        else:
            lines, adds = act
            [account] = load(shared, sheet(*lines, existing="add" if adds else "replace"))
            expected = oracle.account(lines, adds, oracle.standing(now))
            assert (*counts(account)[:4], account.cells_changed) == expected
            assert len(account.changes) == account.rows_updated
            history.append(oracle.Import(account.import_id, lines, adds))
            standing.add(account.import_id)
        now = [entry for entry in history if entry.number in standing]
        assert what_stands(shared) == oracle.standing_lines(now)
        assert units(shared) == oracle.daily(now)
        assert shared.is_settled
    assert shared.unbalanced().empty


SKUS = st.sampled_from(["A", "B", "C", "Set"])
OTHERS = st.one_of(
    st.builds(
        lambda rows: sheet(*({"alias": a, "sku": s} for a, s in rows), kind="aliases"),
        st.lists(st.tuples(SKUS, SKUS), min_size=1, max_size=3),
    ),
    st.builds(
        lambda rows: sheet(
            *({"bundle": b, "sku": s, "quantity": float(q)} for b, s, q in rows), kind="bundles"
        ),
        st.lists(st.tuples(SKUS, SKUS, st.integers(1, 3)), min_size=1, max_size=3),
    ),
    st.builds(
        lambda country, market: sheet({"country": country, "market": market}, kind="markets"),
        st.sampled_from(["US", "DE"]),
        st.sampled_from(["EU", "US"]),
    ),
    st.builds(
        lambda sku, cost: sheet(
            {"sku": sku, "unit_cost": cost, "currency": "USD"}, kind="products"
        ),
        SKUS,
        st.sampled_from([1.0, 2.0]),
    ),
    st.builds(
        lambda sku, count: sheet(
            {"sku": sku, "on_hand": count, "market": "US", "date": "2026-01-06"}, kind="stock"
        ),
        SKUS,
        st.sampled_from([4.0, 5.0]),
    ),
    st.builds(
        lambda lines, adds: sheet(*lines, existing="add" if adds else "replace"),
        SHEETS,
        st.booleans(),
    ),
)
QUESTIONS = ("daily_sales", "coverage", "item_coverage", "items", "stock_history")


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    with Store.open(tmp_path_factory.mktemp("never-saw")) as opened:
        yield opened


@settings(
    max_examples=2 * CASES // 5,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    sheets=st.lists(OTHERS, min_size=1, max_size=6),
    reversals=st.lists(st.integers(0, 5), max_size=8),
)
def test_what_was_taken_back_might_never_have_been(shared, other, sheets, reversals):
    """Also in the middle of the history; taking back twice is bringing back."""
    empty(shared)
    empty(other)
    numbers = [load(shared, one)[0].import_id for one in sheets]
    undone = set()
    for place in reversals:
        if place < len(numbers):
            reverse(shared, "redo" if place in undone else "undo", numbers[place])
            undone ^= {place}
    for place, one in enumerate(sheets):
        if place not in undone:
            load(other, one)
    for question in QUESTIONS:
        pd.testing.assert_frame_equal(getattr(shared, question)(), getattr(other, question)())
    assert shared.is_settled
