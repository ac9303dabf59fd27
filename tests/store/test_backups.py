"""A backup is whole or absent, can be carried elsewhere, and restoring one deletes nothing."""

import gzip
import hashlib
import io
import json
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from analytics.errors import (
    BadBackupError,
    DamagedWorkspaceError,
    NewerBackupError,
    ReadOnlyWorkspaceError,
    WorkspaceBusyError,
    WorkspaceReplacedError,
    WriteFailedError,
)
from analytics.store import Store, backups, database, snapshots

from .sheets import order, sheet

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        opened.load([sheet(order("1", "A", 1))])
        yield opened


def units(store):
    return store.daily_sales()["units"].tolist()


def test_a_backup_restores_on_another_host(store, tmp_path):
    digest, _ = store.keep_raw(b"sku,qty\n")
    made = store.backup(tmp_path / "carried.zip", raw=True)
    elsewhere = tmp_path / "elsewhere"
    assert Store.restore_closed(elsewhere, made) is None
    with Store.open(elsewhere) as other:
        assert other.version == store.version
        assert units(other) == [1.0]
        assert (elsewhere / "raw" / digest[:2] / digest).read_bytes() == b"sku,qty\n"
        assert other.check() == []


def test_a_backup_says_what_it_holds(store):
    made = store.backup()
    assert made.parent == store.folder / "backup"
    told = backups.read(made)
    assert (told.schema, told.version, told.imports, told.lines) == (6, store.version, 1, 1)
    with zipfile.ZipFile(made) as archive:
        assert sorted(archive.namelist()) == ["leeway.duckdb", "manifest.json"]
        assert hashlib.sha256(archive.read("leeway.duckdb")).hexdigest() == told.sha256
    assert not [path for path in made.parent.iterdir() if path.name.startswith(".")]


def test_restoring_sets_the_present_workspace_aside(store):
    made = store.backup()
    store.load([sheet(order("2", "A", 10))])
    later = store.version
    kept = store.restore(made)
    assert units(store) == [1.0]
    store.load([sheet(order("3", "A", 5))])
    assert units(store) == [6.0]
    with Store.open(kept, read_only=True) as old:
        assert (old.version, units(old)) == (later, [11.0])
    with Store.open_snapshot(store.folder) as copy:
        assert units(copy) == [6.0]


def test_a_copy_for_readers_can_be_restored_and_backed_up(store, tmp_path):
    [snapshot] = snapshots.newest_first(store.folder / "backup")
    store.load([sheet(order("2", "A", 10))])
    store.restore(snapshot)
    assert units(store) == [1.0]
    with Store.open_snapshot(store.folder) as copy:
        made = copy.backup(tmp_path / "of-a-copy.zip")
        with pytest.raises(ReadOnlyWorkspaceError):
            copy.restore(made)
    assert backups.prove(made).version == store.version


def test_who_asks_while_it_is_restored_gets_a_sentence_and_may_ask_again(store):
    made = store.backup()
    answers, inside = [], threading.Event()

    def ask():
        try:
            with store._database.cursor() as cursor:
                inside.set()
                cursor.execute(
                    "SELECT sum(a.i * b.i) FROM range(1000000) a(i), range(1000000) b(i)"
                )
                cursor.fetchall()
        except WorkspaceReplacedError as problem:
            answers.append(problem)

    thread = threading.Thread(target=ask)
    thread.start()
    inside.wait()
    store.restore(made)
    thread.join()
    assert len(answers) == 1
    assert units(store) == [1.0]


def test_who_cannot_be_asked_to_leave_keeps_the_workspace(store, monkeypatch):
    monkeypatch.setattr(database, "_SECONDS_TO_LEAVE", 0.2)
    made = store.backup()
    store.load([sheet(order("2", "A", 10))])
    with store._database.cursor(), pytest.raises(WorkspaceBusyError):
        store.restore(made)
    assert units(store) == [11.0]


def test_threads_that_ask_and_load_while_it_is_restored_never_see_half(store):
    made = store.backup()
    seen, stop = [], threading.Event()

    def ask():
        while not stop.is_set():
            try:
                seen.append(tuple(units(store)))
            except WorkspaceReplacedError:
                continue

    def load():
        for number in range(6):
            store.load([sheet(order(f"x{number}", "A", 1))])

    threads = [threading.Thread(target=ask) for _ in range(3)]
    threads.append(threading.Thread(target=load))
    [thread.start() for thread in threads]
    [store.restore(made) for _ in range(3)]
    stop.set()
    [thread.join() for thread in threads]
    assert store.check() == []
    assert {total for (total,) in seen} <= set(range(1, 8))


def test_another_process_that_holds_it_is_named(store, tmp_path):
    made = store.backup()
    code = (
        "import sys\nfrom pathlib import Path\nfrom analytics.store import Store\n"
        "from analytics.errors import AnalyticsError\n"
        "try:\n    Store.open(Path(sys.argv[1])).restore(Path(sys.argv[2]))\n"
        "except AnalyticsError as error:\n    print(error.code)\n"
    )
    command = [sys.executable, "-c", code, str(store.folder), str(made)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout.split() == ["error.workspace_busy"]


def changed(made, target, **members):
    """A copy of a backup with members replaced, added or (None) left out."""
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        contents = {name: old.read(name) for name in old.namelist()} | members
        for name, content in contents.items():
            if content is not None:
                new.writestr(name, content)
    return target


def manifest(made, **facts):
    with zipfile.ZipFile(made) as archive:
        told = json.loads(archive.read("manifest.json"))
    return json.dumps({**told, **facts}).encode()


# Databases that DuckDB opens gladly, and that are not what we make.
STRANGE = {
    "a_view_that_reads_files": [
        "DROP TABLE settings",
        "CREATE VIEW settings AS SELECT 'base_currency' AS name, 'EUR' AS value",
    ],
    "a_function": ["CREATE MACRO now() AS TIMESTAMP '2000-01-01'"],
    "another_key": [
        "CREATE OR REPLACE MACRO sale_key(shop, sku_key, order_id, market, grain, date) AS 1"
    ],
    "another_table": ["CREATE TABLE extra (x INTEGER)"],
    "another_view": ["CREATE OR REPLACE VIEW standing AS SELECT import_id FROM imports"],
    "a_column_less": ["ALTER TABLE forecasts DROP COLUMN member"],
    "a_default": ["ALTER TABLE acts ALTER COLUMN who SET DEFAULT 'Bo'"],
    "another_type": ["ALTER TABLE forecasts ALTER COLUMN season_strength TYPE VARCHAR"],
    "an_older_shape": ["DELETE FROM schema_version WHERE version = 6"],
}


def hostile(made, folder):
    """Every backup that must be refused, by name."""
    with zipfile.ZipFile(made) as archive:
        good = archive.read("leeway.duckdb")
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 1
    bomb = b"\0" * (101 << 20)
    bomb_told = manifest(made, size=len(bomb), sha256=hashlib.sha256(bomb).hexdigest())
    alien = b"\0" * 9000
    alien_told = manifest(made, size=len(alien), sha256=hashlib.sha256(alien).hexdigest())
    made_of = {
        "traversal": {"../leeway.duckdb": b"x"},
        "absolute": {"/tmp/x": b"x"},
        "raw_traversal": {"raw/ab/../../x": b"x"},
        "raw_lies": {f"raw/ab/{'ab' * 32}": b"x", "manifest.json": manifest(made, raw=1)},
        "no_manifest": {"manifest.json": None},
        "no_database": {"leeway.duckdb": None},
        "not_json": {"manifest.json": b"{"},
        "a_list": {"manifest.json": b"[]"},
        "deep": {"manifest.json": b"[" * 60_000},
        "too_long": {"manifest.json": b" " * 70_000},
        "other_format": {"manifest.json": manifest(made, format="other")},
        "typed_wrong": {"manifest.json": manifest(made, size="many")},
        "strange_fact": {"manifest.json": manifest(made, odd=1)},
        "size_lies": {"manifest.json": manifest(made, size=10)},
        "beacon": {"manifest.json": manifest(made, taken_at="2026-01-01 ![](https://x.example/)")},
        "no_time": {"manifest.json": manifest(made, taken_at="0001-01-01T00:00:00+14:00")},
        "huge": {"manifest.json": manifest(made, lines=int("9" * 4_000))},
        "many_imports": {"manifest.json": manifest(made, imports=2)},
        "many_lines": {"manifest.json": manifest(made, lines=2)},
        "other_version": {"manifest.json": manifest(made, version="0" * 32)},
        "flipped": {"leeway.duckdb": bytes(flipped)},
        "bomb": {"leeway.duckdb": bomb, "manifest.json": bomb_told},
        "no_duckdb": {"leeway.duckdb": alien, "manifest.json": alien_told},
    }
    for name, members in made_of.items():
        yield name, changed(made, folder / f"{name}.zip", **members)
    whole = made.read_bytes()
    for name, content in {
        "cut": whole[: len(whole) // 2],
        "nothing": b"",
        "text": b"sku,qty\n",
        "garbled": whole[:2000] + b"\xff" * 500 + whole[2500:],
    }.items():
        (folder / f"{name}.zip").write_bytes(content)
        yield name, folder / f"{name}.zip"
    yield "absent", folder / "absent.zip"
    with zipfile.ZipFile(folder / "twice.zip", "w") as archive:
        archive.writestr("manifest.json", manifest(made))
        archive.writestr("leeway.duckdb", good)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("leeway.duckdb", good)
    yield "twice", folder / "twice.zip"
    for name, way in {"lzma": zipfile.ZIP_LZMA, "bzip2": zipfile.ZIP_BZIP2}.items():
        with zipfile.ZipFile(folder / f"{name}.zip", "w", way) as archive:
            archive.writestr("manifest.json", manifest(made))
            archive.writestr("leeway.duckdb", good)
        yield name, folder / f"{name}.zip"
    with zipfile.ZipFile(folder / "crowd.zip", "w") as archive:
        archive.writestr("manifest.json", manifest(made, raw=20_001))
        archive.writestr("leeway.duckdb", good)
        for number in range(20_001):
            archive.writestr(f"raw/ab/ab{number:062x}", b"")
    yield "crowd", folder / "crowd.zip"
    (folder / "strange").mkdir()
    for name, statements in STRANGE.items():
        path = folder / "strange" / f"{name}.duckdb"
        path.write_bytes(good)
        with duckdb.connect(str(path)) as connection:
            for statement in statements:
                connection.execute(statement)
        content = path.read_bytes()
        told = manifest(made, size=len(content), sha256=hashlib.sha256(content).hexdigest())
        members = {"leeway.duckdb": content, "manifest.json": told}
        yield name, changed(made, folder / f"{name}.zip", **members)


def test_a_hostile_backup_is_refused_and_changes_nothing(store, tmp_path):
    made = store.backup(tmp_path / "good.zip")
    before = (store.version, units(store), sorted(store.folder.rglob("*")))
    refused = 0
    for name, path in hostile(made, tmp_path):
        with pytest.raises(BadBackupError) as refusal:
            store.restore(path)
        assert refusal.value.params["file"] == path.name, name
        assert (store.version, units(store), sorted(store.folder.rglob("*"))) == before, name
        refused += 1
    assert refused == 23 + 6 + 3 + len(STRANGE)
    assert not (tmp_path / "x").exists()


def test_a_newer_backup_is_refused(store, tmp_path):
    made = store.backup(tmp_path / "good.zip")
    newer = changed(made, tmp_path / "newer.zip", **{"manifest.json": manifest(made, schema=99)})
    with pytest.raises(NewerBackupError) as refusal:
        store.restore(newer)
    assert refusal.value.params["found"] == 99


def test_no_backup_is_made_of_a_damaged_workspace(store, tmp_path, monkeypatch):
    def torn(source, target):
        content = bytearray(source.read_bytes())
        content[12288 + 100] ^= 1
        target.write_bytes(content)

    monkeypatch.setattr(snapshots, "copy_database", torn)
    with pytest.raises(DamagedWorkspaceError):
        store.backup(tmp_path / "torn.zip")
    assert not (tmp_path / "torn.zip").exists()


def test_a_backup_that_cannot_be_written_leaves_what_was_there(store, tmp_path, monkeypatch):
    target = tmp_path / "backup.zip"
    target.write_bytes(b"the last one")

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "write", refuse)
    with pytest.raises(WriteFailedError):
        store.backup(target)
    assert target.read_bytes() == b"the last one"
    assert list(tmp_path.glob(".*")) == []


def test_a_workspace_of_schema_1_opens_gives_the_same_and_is_kept(tmp_path):
    """The file was written by version 0.1.0; its answers stand beside it."""
    folder = tmp_path / "old"
    folder.mkdir()
    content = gzip.decompress((GOLDEN / "schema_1.duckdb.gz").read_bytes())
    (folder / "leeway.duckdb").write_bytes(content)
    expected = json.loads((GOLDEN / "schema_1.json").read_text("utf-8"))
    with Store.open(folder) as store:
        assert (store.version, store.salt) == (expected["version"], expected["salt"])
        for question in ("daily_sales", "coverage", "item_coverage", "stock_history"):
            told = getattr(store, question)()[[*expected[question][0]]]  # newer answers tell more
            records = json.loads(told.to_json(orient="records", date_format="iso"))
            assert records == expected[question], question
        assert expected["items"][3]["units"] == 91.0
        expected["items"][3]["units"] = 61.0  # 0.1.0 counted finer and coarser totals both
        assert_same_items(store, expected)
        assert store.check() == []
        assert store.acts()[["import_id", "act", "who"]].to_numpy().tolist() == [[8, "undo", "Bo"]]
        store.redo(8)
        assert "Z" in store.daily_sales()["sku"].tolist()
    [kept] = (folder / "backup").glob("schema-1-*.duckdb")
    assert kept.read_bytes() == content


def assert_same_items(store, expected):
    for question in ("items", "purchase_orders"):
        told = json.loads(getattr(store, question)().to_json(orient="records", date_format="iso"))
        known = pd.DataFrame(expected[question])  # newer answers tell more
        pd.testing.assert_frame_equal(pd.DataFrame(told)[[*known]], known)


def test_a_reader_of_an_older_workspace_is_told_what_to_do(tmp_path):
    content = gzip.decompress((GOLDEN / "schema_1.duckdb.gz").read_bytes())
    (tmp_path / "leeway.duckdb").write_bytes(content)
    with pytest.raises(Exception, match="older version") as refusal:
        Store.open(tmp_path, read_only=True)
    assert refusal.value.code == "error.older_workspace"
    assert (tmp_path / "leeway.duckdb").read_bytes() == content


def test_a_backup_of_schema_1_is_brought_up_to_date(tmp_path):
    content = gzip.decompress((GOLDEN / "schema_1.duckdb.gz").read_bytes())
    expected = json.loads((GOLDEN / "schema_1.json").read_text("utf-8"))
    told = {
        "schema": 1, "version": expected["version"], "imports": 8,
        "taken_at": "2026-01-01T00:00:00+00:00",
        "lines": 9, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content),
    }  # fmt: skip
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("manifest.json", json.dumps(told))
        archive.writestr("leeway.duckdb", content)
    (tmp_path / "old.zip").write_bytes(packed.getvalue())
    Store.restore_closed(tmp_path / "own", tmp_path / "old.zip")
    with Store.open(tmp_path / "own") as store:
        assert units(store) == [row["units"] for row in expected["daily_sales"]]
