"""A damaged workspace is never a traceback, never a wrong total, never a deleted original.

``SOAK_CASES`` is how many files are damaged at random; `make soak` damages 500.
"""

import json
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from analytics.errors import DamagedWorkspaceError
from analytics.store import Store, opening, recovery, snapshots, sql_files

from .sheets import order, sheet
from .test_shares import SHARE

ROOT = Path(__file__).parents[2]
CASES = int(os.environ.get("SOAK_CASES", "20"))
LOG_LEFT = """
import os, sys
from pathlib import Path
sys.path.insert(0, "tests/store")
from sheets import order, sheet
from analytics.store import Store
store = Store.open(Path(sys.argv[1]))
store._snapshot = lambda: None  # so that what was committed stays in the log
for number in range(2, 6):
    lines = (order(f"{number}-{n}", "A", 1) for n in range(50))
    store.load([sheet(*lines, sha256=f"{number}" * 64)])
os._exit(0)
"""

CLOSED_LEFT = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from analytics.store import Store
store = Store.open(Path(sys.argv[1]))
store._snapshot_or_warn = lambda: None  # so that what was committed stays in the log
store.revoke_share(1, now=datetime.now(UTC))
os._exit(0)
"""


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """A workspace with imports in its file, and four more of 50 units each in its log."""
    folder = tmp_path_factory.mktemp("origin") / "own"
    with Store.open(folder) as store:
        store.load([sheet(*(order(f"1-{n}", "A", 1) for n in range(50)))])
    subprocess.run([sys.executable, "-c", LOG_LEFT, str(folder)], check=True, cwd=ROOT)
    assert opening.log_of(folder / "leeway.duckdb").stat().st_size > 1000
    return folder


@pytest.fixture
def folder(origin, tmp_path):
    shutil.copytree(origin, tmp_path / "own")
    return tmp_path / "own"


def total(store):
    assert store.check() == []
    return (len(store.imports()), int(store.daily_sales()["units"].sum()))


def set_aside(folder):
    """Every file under ``set-aside``, by content."""
    return {path.read_bytes() for path in (folder / "set-aside").rglob("leeway.duckdb*")}


def flip(path, at, bit=0):
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 1 << bit
    path.write_bytes(content)
    return bytes(content)


def test_a_sound_log_is_replayed_and_there_is_nothing_to_say(folder):
    with Store.open(folder) as store:
        assert total(store) == (5, 250)
        assert store.recovery is None
    assert not (folder / "set-aside").exists()


def test_a_damaged_log_is_cut_where_it_breaks_off_and_the_loss_is_counted(folder):
    log = opening.log_of(folder / "leeway.duckdb")
    damaged = flip(log, log.stat().st_size * 6 // 10)
    with Store.open(folder) as store:
        imports, units = total(store)
        assert 1 <= imports < 5
        assert units == 50 * imports
        told = store.recovery
        assert told.code == "recovery.repaired_missing"
        assert told.facts["missing"] == 5 - imports
    assert damaged in set_aside(folder)


def test_a_log_that_is_silently_cut_short_is_noticed(folder):
    """DuckDB takes an entry of impossible length for the torn end of a log, and says nothing."""
    log = opening.log_of(folder / "leeway.duckdb")
    damaged = flip(log, 3, 2)
    with duckdb.connect(str(shutil.copytree(folder, folder.parent / "t") / "leeway.duckdb")) as raw:
        assert raw.execute("SELECT count(*) FROM imports").fetchone() == (1,)
    with Store.open(folder) as store:
        assert total(store) == (1, 50)
        assert store.recovery.facts["missing"] == 4
    assert damaged in set_aside(folder)


def test_a_copy_that_holds_more_is_taken_before_a_log_that_lost_some(folder):
    with Store.open(folder) as store:
        store.load([sheet(order("x", "A", 7))])
    path = folder / "leeway.duckdb"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with Store.open(folder) as store:
        assert total(store) == (6, 257)
        assert store.recovery.code == "recovery.restored"
        assert store.recovery.facts["taken_at"].endswith("UTC")


@pytest.fixture
def put_back(tmp_path):
    """A workspace of four imports in whose place its first backup was put, and one import since."""
    folder = tmp_path / "own"
    with Store.open(folder) as store:
        store.load([sheet(order("1-0", "A", 10))])
        copy = store.backup()
        for number in (2, 3, 4):
            store.load([sheet(order(f"{number}-0", "A", 10), sha256=f"{number}" * 64)])
        store.restore(copy)
        store._snapshot = lambda: None  # so that no copy has what comes now
        store.load([sheet(order("5-0", "A", 1), sha256="5" * 64)])
        assert total(store) == (2, 11)
    flip(folder / "leeway.duckdb", 12_400)
    return folder


def test_a_copy_of_what_was_replaced_is_not_taken_for_one_that_goes_further(put_back):
    """Longer, but of another history: what was put back must not be undone by a damage."""
    with Store.open(put_back) as store:
        assert total(store) == (1, 10)
        assert store.recovery.facts["missing"] == 1


def test_what_was_replaced_is_better_than_nothing(put_back):
    newest = max((put_back / "backup").iterdir(), key=snapshots.number_of)
    newest.write_bytes(b"nothing of use")
    with Store.open(put_back) as store:
        assert store.daily_sales()["units"].sum() == 40


def test_a_copy_with_a_higher_number_that_holds_less_does_not_end_the_search(tmp_path):
    """As one of another folder has that somebody laid there."""
    folder = tmp_path / "own"
    with Store.open(folder) as store:
        store.load([sheet(order("1-0", "A", 10))])
        copy = store.backup()
        for number in (2, 3):
            store.load([sheet(order(f"{number}-0", "A", 10), sha256=f"{number}" * 64)])
    copy.rename(copy.with_name(re.sub(r"_\d+", "_240", copy.name)))
    flip(folder / "leeway.duckdb", 12_400)
    with Store.open(folder) as store:
        assert total(store) == (3, 30)
        assert store.recovery.facts["missing"] == 0


def test_what_was_wrong_stays_said_until_it_is_read(folder):
    (folder / "leeway.duckdb").write_bytes(b"x" * 50_000)
    Store.open(folder).close()
    with Store.open(folder) as store:
        told = store.recovery
        assert told.code == "recovery.restored_missing"
        assert told.facts["missing"] == 4
        assert recovery.Recovery.from_json(told.to_json()) == told
        store.forget_recovery()
        assert store.recovery is None
        store.load([sheet(order("x", "A", 7))])
        assert total(store) == (2, 57)


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "{",
        "null",
        "[]",
        "[" * 100_000,
        '"x"',
        '{"code": "recovery.repaired"}',
        '{"code": "recovery.repaired", "facts": [], "recovered_at": ""}',
        '{"code": "recovery.repaired", "facts": {}, "recovered_at": "2026-01-01"}',
        '{"code": "cli.sound", "facts": {"detail": "", "folder": "", "taken_at": "", "missing": 1},'
        ' "recovered_at": ""}',
        '{"code": "recovery.repaired", "facts": {"detail": "", "folder": "", "taken_at": "",'
        ' "missing": "many"}, "recovered_at": ""}',
        '{"code": 7, "facts": {}, "recovered_at": "", "more": 1}',
    ],
)
def test_a_note_that_nobody_wrote_says_nothing(tmp_path, kept):
    with Store.open(tmp_path) as store:
        with store._database.transaction() as cursor:
            cursor.execute(sql_files.step("set_fact"), {"name": "recovery", "value": kept})
        assert store.recovery is None


LEFT = """
import os, signal, sys
from pathlib import Path
from analytics.store import Store, scratch
folder = Path(sys.argv[1])
for home, what in (("", "restoring"), ("", "recovering"), ("", "log"), ("", "new"),
                   ("backup", "backup"), ("backup", "new")):
    made = folder / home / f"{scratch.prefix(what)}abc"
    made.mkdir(parents=True)
    (made / "leeway.duckdb").write_bytes(b"half")
(folder / "raw" / f"{scratch.prefix('new')}abc").write_bytes(b"half")
print("done", flush=True)
if sys.argv[2] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
sys.stdin.read()
"""


def hidden(folder):
    found = (path.relative_to(folder).as_posix() for path in folder.rglob(".*"))
    return {path for path in found if path != ".repairing"}


@pytest.mark.skipif(os.name != "posix", reason="whether a process runs is asked of POSIX")
def test_what_a_killed_process_left_is_swept_and_what_a_living_one_makes_is_not(folder):
    (folder / "raw").mkdir()
    (folder / "raw" / ".new-of-mine").mkdir()  # a name that is not ours
    command = [sys.executable, "-c", LEFT, str(folder)]
    subprocess.run([*command, "killed"], check=False, cwd=ROOT)
    assert len(hidden(folder)) == 8
    Store.open(folder, read_only=True).close()
    assert len(hidden(folder)) == 8
    Store.open(folder).close()
    assert hidden(folder) == {"raw/.new-of-mine"}
    with subprocess.Popen(
        [*command, "living"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as living:
        living.stdout.readline()
        Store.open(folder).close()
        assert len(hidden(folder)) == 8
        living.stdin.close()
    Store.open(folder).close()
    assert hidden(folder) == {"raw/.new-of-mine"}


def test_a_place_without_a_number_is_swept_when_it_is_old(folder):
    young, old = folder / ".restoring-abc_1", folder / ".restoring-abc_2"
    young.mkdir()
    old.mkdir()
    os.utime(old, (1, 1))
    Store.open(folder).close()
    assert hidden(folder) == {young.name}


def test_a_reader_never_repairs(folder):
    path = folder / "leeway.duckdb"
    flip(path, len(path.read_bytes()) // 3)
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    try:
        with Store.open(folder, read_only=True) as store:
            store.check()
            store.items()
    except DamagedWorkspaceError:
        pass
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


def test_without_any_copy_the_sentence_says_so_and_nothing_is_moved(folder):
    shutil.rmtree(folder / "backup")
    opening.log_of(folder / "leeway.duckdb").unlink()
    (folder / "leeway.duckdb").write_bytes(b"x" * 50_000)
    with pytest.raises(DamagedWorkspaceError):
        Store.open(folder)
    assert (folder / "leeway.duckdb").read_bytes() == b"x" * 50_000
    assert sorted(p.name for p in folder.iterdir() if not p.name.startswith(".rep")) == [
        "leeway.duckdb",
        "reach.json",
    ]


def test_a_damaged_copy_is_passed_over_for_an_older_one_or_a_backup(folder):
    with Store.open(folder) as store:
        store.load([sheet(order("x", "A", 7))])
        store.backup()
        store.load([sheet(order("y", "A", 7))])
    for snapshot in snapshots.newest_first(folder / "backup"):
        flip(snapshot, 12288 + 5000)
    (folder / "leeway.duckdb").write_bytes(b"")
    with Store.open(folder) as store:
        assert len(store.imports()) == 6
        assert store.recovery.facts["missing"] == 1


@pytest.mark.parametrize("name", ["leeway.duckdb", "leeway.duckdb.wal"])
def test_a_link_that_was_closed_does_not_open_again(folder, name):
    """Neither out of an older copy, nor where the log breaks off before the closing."""
    with Store.open(folder) as store:
        shared = [store.save_share(SHARE | {"token_hash": token}) for token in ("aa", "bb")]
    assert shared == [1, 2]
    subprocess.run([sys.executable, "-c", CLOSED_LEFT, str(folder)], check=True, cwd=ROOT)
    if name == "leeway.duckdb":
        (folder / name).write_bytes(b"")
    else:
        flip(folder / name, (folder / name).stat().st_size // 2)
    with Store.open(folder) as store:
        assert store.recovery is not None
        assert store.shares()["revoked_at"].notna().all()


def test_a_damaged_block_met_by_a_question_is_a_sentence(folder):
    with Store.open(folder) as store:
        store.load([sheet(*(order(f"x{n}", f"S{n}", 7) for n in range(3000)))])
        path = folder / "leeway.duckdb"
    content = bytearray(path.read_bytes())
    for at in range(12288, len(content), 4096):
        content[at] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedWorkspaceError), Store.open(folder, read_only=True) as store:
        store.items()


def damages(folder, seed):
    """Damage one file of a workspace in one way; return whether the log was hit."""
    rng = random.Random(seed)
    path = folder / "leeway.duckdb"
    hits_log = rng.random() < 0.5
    target = opening.log_of(path) if hits_log else path
    size = target.stat().st_size
    way = rng.choice(["flip", "flip", "flip", "cut", "zero"])
    if way == "flip":
        flip(target, rng.randrange(size), rng.randrange(8))
    elif way == "cut":
        os.truncate(target, rng.randrange(size))
    else:
        start = rng.randrange(size)
        content = bytearray(target.read_bytes())
        content[start : start + 4096] = b"\0" * len(content[start : start + 4096])
        target.write_bytes(content)
    return target


@pytest.mark.soak
def test_any_damage_ends_with_a_history_that_was_or_a_sentence(origin, tmp_path):
    """Whatever stands is a prefix of the history, and adds up; what was there is still there."""
    recovered = 0
    for seed in range(CASES):
        folder = tmp_path / f"{seed}"
        shutil.copytree(origin, folder)
        target = damages(folder, seed)
        damaged = target.read_bytes()
        try:
            with Store.open(folder) as store:
                imports, units = total(store)
                assert 1 <= imports <= 5, seed
                assert units == 50 * imports, seed
                told = store.recovery
                if told is None:
                    assert imports == 5, seed
                else:
                    recovered += 1
                    assert damaged in set_aside(folder), seed
                    assert told.facts["missing"] == 5 - imports, seed
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    assert recovered > CASES // 4


def test_how_far_the_history_goes_is_noted_whole_or_not_at_all(folder):
    (folder / "reach.json").write_text("{", "utf-8")
    (folder / "leeway.duckdb").write_bytes(b"")
    with Store.open(folder) as store:
        assert store.recovery.code == "recovery.restored_unsure"
    assert json.loads((folder / "reach.json").read_text("utf-8")) == {"imports": 1, "acts": 0}
