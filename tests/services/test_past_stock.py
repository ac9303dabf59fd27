"""Stock by day, out of counts, sales and receipts."""

from datetime import timedelta

import numpy as np
import pytest

from analytics.services import past_stock, planning
from analytics.store import Store
from tests.services.shops import LAST, day, sales, stock
from tests.store.sheets import sheet


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


def counted(*rows, **more):
    """Stock of (sku, days ago, units)."""
    records = [{"sku": sku, "date": day(ago), "on_hand": float(units)} for sku, ago, units in rows]
    return sheet(*records, kind="stock", market="US", **more)


def came(sku, ago, units):
    return sheet(
        {"sku": sku, "order_id": f"{sku}-{ago}", "quantity": units, "quantity_received": units,
         "ordered_on": day(ago + 30), "received_on": day(ago)},
        kind="purchase_orders", market="US",
    )  # fmt: skip


def mug(store, length=20, **more):
    """The ledger of the last days of an item that sells 4 a day."""
    return past_stock.days(planning.basis(store), length=length, **more)


def test_stock_goes_from_count_to_count_by_sales_and_receipts(store):
    store.load([sales(days=60), counted(("MUG", 12, 50), ("MUG", 3, 20)), came("MUG", 10, 16)])
    found = mug(store)
    rolled_back = [50 + 4 * back for back in range(7, 0, -1)]
    forward = [50, 46, 58, 54, 50, 46, 42, 38, 34]  # 16 came on the second day after the count
    assert found.on_hand[0].tolist() == [*rolled_back, *forward, 20, 16, 12, 8]
    assert found.sold[0].tolist() == [4.0] * 20
    assert np.flatnonzero(found.received[0]).tolist() == [9]
    assert found.is_active.all()
    assert not found.is_out.any()


def test_a_count_tells_of_a_fortnight_before_it_and_of_no_day_more(store):
    store.load([sales(days=60), stock(("MUG", 10))])
    known = ~np.isnan(mug(store).on_hand[0])
    assert known.tolist() == [False] * 5 + [True] * 15


def test_nothing_is_invented_without_a_count(store):
    store.load([sales(days=60), came("MUG", 10, 16)])
    found = mug(store)
    assert np.isnan(found.on_hand).all()
    assert not found.is_out.any()
    assert found.received.sum() == 16


def test_a_sale_that_no_count_explains_leaves_the_stock_unknown_until_the_next(store):
    store.load([sales(days=60), counted(("MUG", 8, 6), ("MUG", 2, 30))])
    found = mug(store, length=9)
    expected = [6, 2, np.nan, np.nan, np.nan, np.nan, 30, 26, 22]
    np.testing.assert_array_equal(found.on_hand[0], expected)


def test_days_that_nothing_stood_there_are_those_that_the_forecast_sets_aside(sample_store):
    basis = planning.basis(sample_store)
    found = past_stock.days(basis)
    seen = basis.outlook.days
    first = int((np.datetime64(LAST - timedelta(days=364), "D") - seen.first).astype(int))
    assert found.is_out.sum() == (seen.out.day >= first).sum()
    assert (found.on_hand[found.is_out][:-1] <= 0).all()
    assert found.sold[found.is_out].sum() == 0


def test_the_sample_s_books_balance(sample_store):
    """What stood, came and sold: on days without a count the stock moves by nothing else."""
    basis = planning.basis(sample_store)
    found = past_stock.days(basis, length=400)
    counts = basis.outlook.snapshots
    assert np.nanmin(found.on_hand) >= 0
    assert np.isnan(found.on_hand).mean() < 0.05
    first = LAST - timedelta(days=found.n_days - 1)
    keyed = {key: row for row, key in enumerate(
        zip(basis.outlook.items["sku"], basis.outlook.items["market"], strict=True))}  # fmt: skip
    told = counts.loc[(counts["date"].dt.date >= first) & (counts["date"].dt.date <= LAST)]
    told = told.dropna(subset=["market", "on_hand"])
    rows = [keyed.get(key, -1) for key in zip(told["sku"], told["market"], strict=True)]
    days = [(on.date() - first).days for on in told["date"]]
    at = np.array([(row, on) for row, on in zip(rows, days, strict=True) if row >= 0])
    units = told["on_hand"].to_numpy()[np.array(rows) >= 0]
    assert found.on_hand[at[:, 0], at[:, 1]] == pytest.approx(units)
    free = np.ones(found.on_hand.shape, dtype=bool)
    free[at[:, 0], at[:, 1]] = False
    free[:, 0] = free[:, -1] = False
    moved = np.diff(found.on_hand, axis=1, prepend=np.nan) - found.received + found.sold
    known = free & ~np.isnan(moved) & ~found.is_out & ~np.roll(found.is_out, 1, axis=1)
    assert moved[known] == pytest.approx(0.0, abs=1e-6)


def test_the_last_day_has_the_stock_that_the_plan_stands_on(sample_store):
    for as_of in (None, LAST - timedelta(days=45)):
        basis = planning.basis(sample_store, as_of)
        found = past_stock.days(basis, length=30)
        assert found.last_stock == pytest.approx(basis.positions["on_hand"].to_numpy())


def test_a_list_without_a_date_and_one_that_is_later_tell_of_the_plan_s_day(store):
    store.load([sales(days=60), sheet({"sku": "MUG", "on_hand": 9.0}, kind="stock", market="US")])
    assert mug(store, length=3).on_hand[0].tolist() == [17.0, 13.0, 9.0]
    past = planning.basis(store, LAST - timedelta(days=20))
    assert past_stock.days(past, length=2).on_hand[0].tolist() == [13.0, 9.0]


def test_an_item_is_on_sale_from_its_first_sale_or_stock_to_its_end(store):
    early = sales("MUG", days=60)
    late = sales("CUP", days=5)
    store.load([early, late, counted(("CUP", 8, 40), ("VASE", 6, 9), ("MUG", 0, 5))])
    found = past_stock.days(planning.basis(store), length=20)
    assert found.is_active.sum(axis=1).tolist() == [20, 20, 20]  # CUP, MUG, VASE: rolled back
    short = past_stock.days(planning.basis(store), length=9)
    assert short.is_active.all()
    assert past_stock.period(planning.basis(store).outlook, length=900) == (
        LAST - timedelta(days=59), LAST,
    )  # fmt: skip


def test_a_period_of_the_past_is_cut_out_of_the_same_days(sample_store):
    basis = planning.basis(sample_store)
    whole = past_stock.days(basis, length=60)
    starts_on, ends_on = LAST - timedelta(days=39), LAST - timedelta(days=20)
    part = past_stock.days(basis, starts_on=starts_on, ends_on=ends_on)
    same = whole.between(20, 40)
    for name in ("on_hand", "sold", "received", "is_out"):
        np.testing.assert_array_equal(getattr(part, name), getattr(same, name))
