"""The same rows again, in whatever dress: nothing is added, nothing changes."""

import io
import random

import pandas as pd
import pytest

from analytics.services import importing
from analytics.services.importing import Upload
from analytics.store import Store


def orders(seed):
    """A small export: orders with several lines, equal lines among them."""
    rng = random.Random(seed)
    rows = [
        {
            "Order ID": f"{seed}-{rng.randrange(40)}",
            "SKU": rng.choice(["A-1", "B-2", "007", "茶杯"]),
            "Quantity": rng.randrange(1, 5),
            "Date": f"2026-01-{rng.randrange(1, 29):02d}",
            "Country": rng.choice(["US", "DE", "JP"]),
        }
        for _ in range(60)
    ]
    return pd.DataFrame(rows)


def written(frame, **how):
    return frame.to_csv(index=False, **how).encode()


def workbook(frame):
    made = io.BytesIO()
    frame.to_excel(made, index=False, engine="xlsxwriter")
    return made.getvalue()


def dresses(frame):
    """The same rows, said in other ways."""
    yield "renamed.csv", written(frame)
    yield "shuffled.csv", written(frame.sample(frac=1, random_state=1))
    yield "columns.csv", written(frame[list(frame.columns[::-1])])
    yield "titled.csv", b"Orders of the month\n\n" + written(frame)
    yield "tabs.txt", written(frame, sep="\t")
    yield "semicolons.csv", b"\xef\xbb\xbf" + written(frame, sep=";", lineterminator="\r\n")
    yield "saved.xlsx", workbook(frame)
    yield "chinese.csv", frame.to_csv(index=False).encode("gb18030")


def load(store, name, content):
    return importing.load(store, importing.stage(store, [Upload(name, content)]))


@pytest.mark.parametrize("seed", range(4))
def test_the_same_rows_in_another_dress_add_nothing(tmp_path, seed):
    frame = orders(seed)
    with Store.open(tmp_path) as store:
        [first] = load(store, "orders.csv", written(frame))
        assert first.rows_new == 60
        totals = store.daily_sales()
        assert totals["units"].sum() == frame["Quantity"].sum()
        [again] = load(store, "orders.csv", written(frame))
        assert (again.same_as, again.rows_identical) == (1, 60)
        for name, content in dresses(frame):
            [account] = load(store, name, content)
            told = (account.rows_new, account.rows_updated, account.rows_identical)
            assert told == (0, 0, 60), name
            pd.testing.assert_frame_equal(store.daily_sales(), totals, obj=name)
        assert store.check() == []


def test_overlapping_exports_count_once_and_a_corrected_one_wins(tmp_path):
    frame = orders(9).drop_duplicates(["Order ID", "SKU"])
    with Store.open(tmp_path) as store:
        load(store, "first.csv", written(frame.iloc[:40]))
        [account] = load(store, "second.csv", written(frame.iloc[20:]))
        assert (account.rows_new, account.rows_identical) == (len(frame) - 40, 20)
        assert store.daily_sales()["units"].sum() == frame["Quantity"].sum()
        corrected = frame.assign(Quantity=frame["Quantity"] + 1)
        [account] = load(store, "corrected.csv", written(corrected))
        assert account.rows_updated == len(frame)
        assert store.daily_sales()["units"].sum() == corrected["Quantity"].sum()
        store.undo(3)
        assert store.daily_sales()["units"].sum() == frame["Quantity"].sum()
