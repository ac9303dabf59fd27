"""All of an upload or none of it, whatever fails, wherever, on whatever clock."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from analytics.errors import DiskFullError, WriteFailedError
from analytics.store import Store, sql_files, workspace

from .sheets import cell, issue, order, sheet

ROOT = Path(__file__).parents[2]


class FaultError(Exception):
    """What nobody expects."""


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        opened.load([sheet(order("1", "A", 1), cell("C", 4, day="2026-01-05"), grain="day")])
        opened.load([sheet({"sku": "A", "unit_cost": 2.0, "currency": "USD"}, kind="products")])
        yield opened


def dump(store):
    """Every row of every table, as one hash."""
    digest = hashlib.sha256()
    with store._database.cursor() as cursor:
        names = cursor.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
        for (name,) in names:
            rows = cursor.execute(f"SELECT t::VARCHAR FROM {name} AS t ORDER BY 1").fetchall()
            digest.update(repr((name, rows)).encode())
    return digest.hexdigest()


def upload():
    """One file with sheets of every kind of step."""
    return [
        sheet(order("1", "A", 2), order("2", "B", -1), issues=[issue(9)], ignored=1),
        sheet(cell("C", 5, day="2026-01-05"), cell("P", 1, status="not_product"), grain="day",
              existing="add"),
        sheet(cell("C", 70, day="2026-01-05"), grain="week"),
        sheet({"sku": "A", "unit_cost": 3.0, "currency": "USD"}, kind="products"),
        sheet({"sku": "A", "on_hand": 4.0, "date": "2026-01-05"}, kind="stock"),
        sheet({"alias": "A2", "sku": "A"}, kind="aliases"),
        sheet({"bundle": "S", "sku": "A", "quantity": 2.0}, kind="bundles"),
        sheet({"country": "DE", "market": "EU"}, kind="markets"),
    ]  # fmt: skip


@pytest.mark.parametrize("act", ["load", "undo", "redo"])
def test_a_fault_before_any_statement_leaves_everything_as_it_was(store, monkeypatch, act):
    if act == "redo":
        store.undo(1)
    whole = dump(store)
    step, points = sql_files.step, 0

    def change():
        return store.load(upload()) if act == "load" else getattr(store, act)(1)

    while True:
        left = [points]

        def failing(name, left=left):
            if name == "progress_made":  # after the commit: what was done is noted
                return step(name)
            if left[0] == 0:
                raise FaultError(name)
            left[0] -= 1
            return step(name)

        monkeypatch.setattr(sql_files, "step", failing)
        try:
            change()
            break
        except FaultError:
            monkeypatch.setattr(sql_files, "step", step)
            assert dump(store) == whole, points
            points += 1
    monkeypatch.setattr(sql_files, "step", step)
    assert points >= (60 if act == "load" else 10)
    assert dump(store) != whole
    assert store.check() == []


def test_a_commit_that_fails_leaves_everything_as_it_was(store, monkeypatch):
    whole = dump(store)
    make = store._database._new_cursor

    class Cursor:
        def __init__(self):
            self._real = make()

        def __getattr__(self, name):
            return getattr(self._real, name)

        def commit(self):
            raise duckdb.IOException("IO Error: No space left on device")

    monkeypatch.setattr(store._database, "_new_cursor", Cursor)
    with pytest.raises(WriteFailedError):
        store.load(upload())
    monkeypatch.undo()
    assert dump(store) == whole


def test_a_bug_within_a_load_is_told_as_a_bug(store, monkeypatch):
    """After a failed statement DuckDB refuses every other, the one that tidies up included."""
    whole, step = dump(store), sql_files.step
    broken = {"compare_sales": "SELECT error('a bug')", "insert_covers": "SELECT 1 FROM nowhere"}
    for name, statement in broken.items():
        monkeypatch.setattr(sql_files, "step", lambda n, b=(name, statement): (
            b[1] if n == b[0] else step(n)))  # fmt: skip
        with pytest.raises(duckdb.Error) as fault:
            store.load(upload())
        assert "aborted" not in str(fault.value)
        assert not isinstance(fault.value, duckdb.TransactionException)
        monkeypatch.setattr(sql_files, "step", step)
        assert dump(store) == whole


def test_a_transaction_that_is_misused_is_no_refusal_of_the_disk(store):
    with (
        pytest.raises(duckdb.TransactionException),
        store._database.transaction() as cursor,
    ):
        cursor.begin()


def test_a_commit_that_the_engine_refuses_is_told_as_a_failed_write(store, monkeypatch):
    make = store._database._new_cursor

    class Cursor:
        def __init__(self):
            self._real = make()

        def __getattr__(self, name):
            return getattr(self._real, name)

        def commit(self):
            raise duckdb.TransactionException("TransactionContext Error: Failed to commit")

    monkeypatch.setattr(store._database, "_new_cursor", Cursor)
    with pytest.raises(WriteFailedError):
        store.load(upload())


def test_a_disk_without_room_refuses_before_anything_is_written(store, monkeypatch):
    whole, usage = dump(store), shutil.disk_usage(store.folder)
    monkeypatch.setattr(workspace.shutil, "disk_usage", lambda _: usage._replace(free=70 << 20))
    with pytest.raises(DiskFullError) as refusal:
        store.keep_raw(b"x" * (3 << 20))
    assert refusal.value.params["free"] == 70
    assert refusal.value.params["needed"] >= 3 * 3 + 64
    assert not (store.folder / "raw").exists()
    monkeypatch.setattr(workspace.shutil, "disk_usage", lambda _: usage._replace(free=1 << 20))
    with pytest.raises(DiskFullError):
        store.load(upload())
    assert dump(store) == whole
    store.load(upload(), dry_run=True)  # looking costs nothing


LIMITED = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, "tests/store")
from sheets import order, sheet
from analytics.errors import WriteFailedError
from analytics.store import Store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
lines = [order(f"{n:x}" * 9, f"{n * 7919:032x}", 1, name=f"{n:x}" * 9) for n in range(20_000)]
refused = 0
for turn, limit in enumerate(range(2_000_000, 30_000_000, 3_500_000)):
    with Store.open(Path(sys.argv[1]) / str(turn)) as store:
        store.load([sheet(order("1", "A", 1))])
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        told = False
        try:
            store.load([sheet(*lines)])
        except WriteFailedError:
            told = True
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        assert store.daily_sales()["units"].sum() == (1 if told else 20_001), limit
        store.load([sheet(order("2", "A", 4))])
        assert store.daily_sales()["units"].sum() == (5 if told else 20_005), limit
        assert store.check() == [], (limit, store.check())
        refused += told
    with Store.open(Path(sys.argv[1]) / str(turn)) as store:
        assert store.recovery is None
print(refused)
"""


@pytest.mark.skipif(os.name != "posix", reason="file size limits are POSIX")
def test_a_disk_that_fills_at_any_moment_loses_nothing(tmp_path):
    command = [sys.executable, "-c", LIMITED, str(tmp_path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert answer.returncode == 0, answer.stderr[-2000:]
    assert 1 <= int(answer.stdout) <= 7


ZONED = """
import sys
from pathlib import Path
from analytics.services import importing
from analytics.store import Store
with Store.open(Path(sys.argv[1])) as store:
    upload = importing.Upload("orders.csv", Path(sys.argv[2]))
    importing.load(store, importing.stage(store, [upload]))
    print(store.daily_sales().to_csv(index=False))
    print(store.imports()[["rows_read", "rows_new", "covers_from", "covers_to"]].to_csv())
"""


def test_the_clock_of_the_machine_changes_no_row(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(
        "Order ID,SKU,Quantity,Date,Country\n"
        "1,A,1,2026-01-05T23:30:00+00:00,US\n"
        "2,A,1,2026-01-06 00:10:00 +0900,US\n"
        "3,A,1,2026-03-29 02:30:00,DE\n".replace("\\\n", "\n"),
        "utf-8",
    )
    answers = set()
    for zone in ("UTC", "Asia/Kolkata", "America/Los_Angeles"):
        command = [sys.executable, "-c", ZONED, str(tmp_path / zone), str(path)]
        env = {**os.environ, "TZ": zone}
        answer = subprocess.run(
            command, capture_output=True, text=True, check=True, cwd=ROOT, env=env
        )
        answers.add(answer.stdout)
    [told] = answers
    assert told.count("2026-") >= 3
