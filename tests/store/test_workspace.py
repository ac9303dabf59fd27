"""The file: who may open it, what it refuses, what a reader sees meanwhile."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest

from analytics.errors import (
    Cancelled,
    DamagedWorkspaceError,
    NewerWorkspaceError,
    NoDataError,
    ReadOnlyWorkspaceError,
    WorkspaceBusyError,
    WorkspaceUnusableError,
    WriteFailedError,
)
from analytics.store import Store, snapshots
from analytics.store.turnstile import Turnstile

from .sheets import order, sheet

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        yield opened


def in_another_process(code, *arguments):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout


OPEN = """
import sys
from pathlib import Path
from analytics.errors import AnalyticsError
from analytics.store import Store
try:
    Store.open(Path(sys.argv[1]), read_only=sys.argv[2] == "read").close()
    print("opened")
except AnalyticsError as error:
    print(error.code, error.params.get("process"))
"""


@pytest.mark.parametrize("mode", ["read", "write"])
def test_a_second_process_is_refused_and_told_who_holds_it(store, mode):
    store.load([sheet(order("1", "A", 1))])  # takes a snapshot, which must not give up the lock
    answer = in_another_process(OPEN, store.folder, mode)
    assert answer.split() == ["error.workspace_busy", str(os.getpid())]


def test_a_closed_workspace_can_be_opened_by_another_process(store):
    store.close()
    assert in_another_process(OPEN, store.folder, "write").split() == ["opened"]


def test_stores_of_one_process_share_what_is_open(store):
    with Store.open(store.folder) as second:
        second.load([sheet(order("1", "A", 1))])
        assert store.version == second.version
    assert not store.is_empty  # the file stays open for the first


def test_a_reader_of_the_same_process_cannot_write(store):
    with Store.open(store.folder, read_only=True) as reader:
        for change in (
            lambda: reader.load([]),
            lambda: reader.undo(1),
            lambda: reader.save_setting("a", "b"),
            lambda: reader.keep_raw(b""),
            reader.snapshot,
        ):
            with pytest.raises(ReadOnlyWorkspaceError):
                change()


def test_what_is_open_for_reading_is_not_opened_for_writing(store):
    store.close()
    with Store.open(store.folder, read_only=True), pytest.raises(WorkspaceBusyError):
        Store.open(store.folder)


def test_reading_makes_no_workspace(tmp_path):
    with pytest.raises(NoDataError):
        Store.open(tmp_path / "none", read_only=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"x" * 100_000, "short"])
def test_a_damaged_file_is_named_and_left_as_it_is(store, content):
    store.close()
    path = store.folder / "leeway.duckdb"
    content = path.read_bytes()[:5000] if content == "short" else content
    path.write_bytes(content)
    with pytest.raises(DamagedWorkspaceError) as refusal:
        Store.open(store.folder)
    assert str(store.folder) in str(refusal.value)
    assert path.read_bytes() == content


def test_a_newer_workspace_is_refused_and_left_as_it_is(store):
    store.close()
    path = store.folder / "leeway.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("INSERT INTO schema_version VALUES (99, now())")
    before = path.read_bytes()
    with pytest.raises(NewerWorkspaceError) as refusal:
        Store.open(store.folder)
    assert refusal.value.params["found"] == 99
    assert path.read_bytes() == before


def test_a_database_of_something_else_is_refused(tmp_path):
    with duckdb.connect(str(tmp_path / "leeway.duckdb")) as connection:
        connection.execute("CREATE TABLE theirs (a INTEGER)")
    with pytest.raises(DamagedWorkspaceError):
        Store.open(tmp_path)


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "taken").write_text("mine", "utf-8")
    with pytest.raises((WorkspaceUnusableError, WriteFailedError)):
        Store.open(tmp_path / "taken")


@pytest.mark.parametrize(
    "probe",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "COPY sales TO 'stolen.csv'",
        "ATTACH 'other.duckdb'",
        "EXPORT DATABASE 'stolen'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 1",
        "SET TimeZone = 'Asia/Shanghai'",
        "SET enable_external_access = true",
    ],
)
def test_the_database_reaches_nothing_outside(store, probe):
    with store._database.cursor() as cursor, pytest.raises(duckdb.Error):
        cursor.execute(probe)


HOSTILE = (
    "'; DROP TABLE sales; --",
    'x" UNION SELECT * FROM meta --',
    "$import_id",
    "\x00nul",
    "=cmd|' /C calc'!A0",
    "Robert'); DELETE FROM sales_lines; --",
)


def test_names_and_values_are_only_data(store):
    def tables():
        with store._database.cursor() as cursor:
            return cursor.execute("SELECT table_name, column_count FROM duckdb_tables()").fetchall()

    before = tables()
    store.load([sheet(*(order(text, text, 1, name=text) for text in HOSTILE), shop=HOSTILE[0])])
    assert sorted(tables()) == sorted(before)
    assert set(store.items()["sku"]) == set(HOSTILE)


def test_threads_never_see_each_others_rows(store):
    store.load([sheet(*(order(str(n), f"S{n}", n + 1) for n in range(40)))])
    version, wrong = store.version, []

    def ask():
        for _ in range(6):
            frame = store.daily_sales()
            if len(frame) != 40 or store.version != version or store.items()["units"].sum() != 820:
                wrong.append(frame)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_two_imports_at_once_take_turns_and_count_once(store):
    lines = [order(str(n), "A", 1) for n in range(50)]
    start = threading.Barrier(4)
    accounts = []

    def load():
        start.wait()
        accounts.extend(store.load([sheet(*lines)]))

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.daily_sales()["units"].tolist() == [50.0]
    assert sorted(account.rows_new for account in accounts) == [0, 0, 0, 50]
    assert store.busy_with == ""


def test_who_waits_is_told_for_whom_and_may_leave():
    turnstile, told = Turnstile(), []

    def leave(done, total, item):
        told.append(item)
        raise Cancelled

    with turnstile.held("Ann"):
        with pytest.raises(Cancelled), turnstile.held("Bo", leave):
            raise AssertionError
        assert turnstile.holder == "Ann"
    assert told == ["Ann"]
    assert turnstile.holder == ""


def test_turns_are_taken_in_the_order_of_arrival():
    turnstile, order_of_entry = Turnstile(), []

    def enter(name):
        with turnstile.held(name):
            order_of_entry.append(name)

    with turnstile.held("first"):
        threads = []
        for name in "abcd":
            threads.append(threading.Thread(target=enter, args=(name,)))
            threads[-1].start()
            while len(turnstile._queue) < len(threads) + 1:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order_of_entry == list("abcd")


def test_a_raw_upload_is_kept_under_its_hash_for_its_owner_alone(store, tmp_path):
    digest, path = store.keep_raw(b"sku,qty\n")
    assert path.relative_to(store.folder).as_posix() == f"raw/{digest[:2]}/{digest}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (tmp_path / "../again.csv").resolve().write_bytes(b"sku,qty\n")
    assert store.keep_raw((tmp_path / "../again.csv").resolve()) == (digest, path)
    assert [entry.name for entry in (store.folder / "raw").iterdir()] == [digest[:2]]


def test_every_change_leaves_a_copy_that_reads_the_same(store):
    store.load([sheet(order("1", "A", 1))])
    store.load([sheet(order("2", "B", 2))])
    with Store.open_snapshot(store.folder) as copy:
        assert copy.version == store.version
        assert copy.snapshot_time is not None
        assert copy.daily_sales().equals(store.daily_sales())
        with pytest.raises(ReadOnlyWorkspaceError):
            copy.undo(1)


def test_the_newest_copies_stay_one_per_version(store):
    folder = store.folder / "backup"
    for number in range(5):
        store.load([sheet(order(str(number), "A", 1))])
        store.snapshot()
    names = [path.name for path in snapshots.newest_first(folder)]
    assert len(names) == snapshots.KEPT
    assert len({name.split("-")[2] for name in names}) == snapshots.KEPT


def test_a_copy_made_while_somebody_reads_is_of_the_newest_data(store):
    store.load([sheet(order("1", "A", 1))])
    with store._database.cursor() as cursor:
        cursor.begin()
        cursor.execute("SELECT * FROM sales").fetchall()
        store.load([sheet(order("2", "A", 1))])  # cannot be moved from the log into the file yet
        with Store.open_snapshot(store.folder) as copy:
            assert copy.version == store.version
            assert copy.daily_sales()["units"].tolist() == [2.0]
        cursor.rollback()
    for number in range(3, 7):
        store.load([sheet(order(f"{number}", "A", 1))])
    names = [path.name for path in (store.folder / "backup").iterdir()]
    assert len(names) == snapshots.KEPT  # the log went with its copy


def test_a_damaged_copy_is_passed_over_and_a_half_made_one_swept(store):
    store.load([sheet(order("1", "A", 1))])
    first = store.version
    store.load([sheet(order("2", "A", 1))])
    folder = store.folder / "backup"
    snapshots.newest_first(folder)[0].write_bytes(b"torn")
    (folder / ".new-snapshot-half").write_bytes(b"half")
    with Store.open_snapshot(store.folder) as copy:
        assert copy.version == first
    store.snapshot()
    assert not (folder / ".new-snapshot-half").exists()


def test_without_a_copy_there_is_none(store):
    assert Store.open_snapshot(store.folder) is None


LOADER = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, "tests/store")
from sheets import order, sheet
from analytics.errors import AnalyticsError
from analytics.store import Store
store = Store.open(Path(sys.argv[1]))
store.load([sheet(order("1", "A", 1))])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, resource.RLIM_INFINITY))
lines = [order(f"{n:x}" * 40, f"{n * 7919:032x}", n, name=f"{n:x}" * 9) for n in range(60_000)]
try:
    store.load([sheet(*lines)])
except AnalyticsError as error:
    print(error.code)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(int(store.daily_sales()["units"].sum()))
store.load([sheet(order("2", "A", 4))])
print(int(store.daily_sales()["units"].sum()))
"""


@pytest.mark.skipif(os.name != "posix", reason="file size limits are POSIX")
def test_a_full_disk_loses_nothing_and_the_workspace_goes_on(tmp_path):
    answer = in_another_process(LOADER, tmp_path)
    assert answer.split() == ["error.write_failed", "1", "5"]


VICTIM = """
import os, sys
from pathlib import Path
sys.path.insert(0, "tests/store")
from sheets import order, sheet
from analytics.store import Store
store = Store.open(Path(sys.argv[1]))
first = len(store.imports())
os.write(1, b"begin\\n")
for turn in range(first, first + 200):
    [account] = store.load([sheet(*(order(f"{turn}-{n}", "A", 1) for n in range(500)))])
    os.write(1, f"{account.import_id}\\n".encode())  # acknowledged
"""


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
def test_a_killed_process_loses_nothing_acknowledged_and_leaves_nothing_half(tmp_path):
    acknowledged = 0
    for pause in (0.05, 0.13, 0.21, 0.34, 0.47):
        command = [sys.executable, "-c", VICTIM, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as victim:
            assert victim.stdout.readline() == "begin\n"
            time.sleep(pause)
            victim.send_signal(signal.SIGKILL)
            numbers = victim.stdout.read().split()
        acknowledged = int(numbers[-1]) if numbers else acknowledged
        with Store.open(tmp_path) as store:
            imports = store.imports()
            assert len(imports) >= acknowledged
            assert (imports["rows_new"] == 500).all()
            assert store.daily_sales()["units"].sum() == 500 * len(imports)
            acknowledged = len(imports)
    assert acknowledged > 0


def test_a_sound_workspace_has_no_findings(store):
    store.keep_raw(b"sku,qty\n")
    store.load([sheet(order("1", "A", 1), order("1", "P", 1, status="not_product"), ignored=2)])
    store.load([sheet(order("1", "A", 2))])
    store.undo(1)
    assert store.check() == []
    with Store.open_snapshot(store.folder) as copy:
        assert copy.check() == []


def test_what_is_wrong_is_found(store):
    digest, raw = store.keep_raw(b"sku,qty\n")
    store.load([sheet(order("1", "A", 1), sha256=digest)])
    store.load([sheet(order("2", "A", 1))])
    raw.write_bytes(b"tampered")
    [copy, *_] = snapshots.newest_first(store.folder / "backup")
    copy.write_bytes(b"torn")
    with store._database.transaction() as cursor:
        cursor.execute("DELETE FROM sales_lines WHERE import_id = 2")
    assert [code for code, _ in store.check()] == [
        "check.unbalanced",
        "check.unsettled",
        "check.raw_changed",
        "check.copy_damaged",
    ]
