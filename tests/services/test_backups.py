"""A copy a night, a week of them, and the way back."""

import os
import shutil
import threading
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from analytics.errors import NoBackupError, OutOfBoundsError
from analytics.services import backups
from analytics.store import Store
from analytics.store import backups as zips
from tests.store.sheets import order, sheet

CHINA = timezone(timedelta(hours=8))
START = datetime(2026, 3, 1, 2, 0, tzinfo=CHINA)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        opened.load([sheet(order("1", "A", 1))])
        yield opened


def days_of(store):
    found = zips.newest_first(store.folder / "backup")
    return [zips.taken_at(path).astimezone(CHINA).day for path in found]


def test_one_copy_a_day_and_a_week_of_them(store):
    for day in range(10):
        store.load([sheet(order(f"{day}", "B", 1))])
        for hour in range(3):
            made = backups.nightly(store, START + timedelta(days=day, hours=hour))
            assert (made is not None) == (hour == 0)
    assert days_of(store) == [10, 9, 8, 7, 6, 5, 4, 3]


def test_how_many_days_is_a_setting_and_the_newest_always_stays(store):
    store.save_setting("backup_days", "2")
    for day in range(5):
        store.load([sheet(order(f"{day}", "B", 1))])
        backups.nightly(store, START + timedelta(days=day))
    assert days_of(store) == [5, 4, 3]
    for day in range(5, 40):  # nothing changes any more, so nothing is copied
        assert backups.nightly(store, START + timedelta(days=day)) is None
    assert days_of(store) == [5]


def test_an_empty_workspace_is_not_copied(tmp_path):
    with Store.open(tmp_path / "own") as empty:
        assert backups.nightly(empty, START) is None


def test_the_server_looks_again_and_again_and_stops_when_asked(store):
    now = [START]
    watch = backups.Nightly(lambda: Store.open(store.folder), clock=lambda: now[0], every=0.01)
    watch.start()
    for day in range(3):
        store.load([sheet(order(f"{day}", "B", 1))])
        now[0] = START + timedelta(days=day)
        patience = time.monotonic() + 20
        while days_of(store)[:1] != [day + 1] and time.monotonic() < patience:
            time.sleep(0.01)
    watch.stop()
    assert days_of(store) == [3, 2, 1]
    threads = [thread.name for thread in threading.enumerate()]
    assert "nightly" not in threads


def test_a_night_that_fails_is_logged_and_the_next_one_is_tried(store, caplog):
    tries = threading.Semaphore(0)

    def refuse():
        tries.release()
        raise NoBackupError(folder="x")

    watch = backups.Nightly(refuse, every=0.01)
    watch.start()
    assert all(tries.acquire(timeout=10) for _ in range(2))
    watch.stop()
    assert "No nightly backup" in caplog.text


def test_a_night_with_a_bug_is_logged_and_the_next_one_is_tried(store, caplog):
    tries = threading.Semaphore(0)

    def stumble():
        tries.release()
        raise OverflowError("date value out of range")

    watch = backups.Nightly(stumble, every=0.01)
    watch.start()
    assert all(tries.acquire(timeout=10) for _ in range(3))
    watch.stop()
    assert "date value out of range" in caplog.text


def test_a_backup_that_takes_long_does_not_hold_up_the_end(store):
    begun, go_on = threading.Event(), threading.Event()

    def slow():
        begun.set()
        go_on.wait(30)
        raise NoBackupError(folder="x")

    watch = backups.Nightly(slow, every=0.01)
    watch.start()
    assert begun.wait(10)
    before = time.monotonic()
    watch.stop(patience=0.1)
    assert time.monotonic() - before < 5
    go_on.set()
    watch.stop()
    assert "nightly" not in [thread.name for thread in threading.enumerate()]


def test_an_endless_setting_and_a_time_that_never_was_hinder_nothing(store):
    store.save_setting("backup_days", "9" * 17)
    home = store.folder / "backup"
    for name in ("backup", "nightly"):
        (home / f"{name}-20261399T000000.000000Z-abc.zip").write_bytes(b"")
    (home / "snapshot-20261399T000000.000000Z-abc.duckdb").write_bytes(b"")
    assert backups.nightly(store, START) is not None
    assert days_of(store) == [1]
    assert {copy.taken_at.month for copy in backups.copies(store.folder)} <= set(range(1, 13))


def test_a_backup_by_hand_outlives_those_of_the_nights(store):
    by_hand = backups.take(store)
    old = by_hand.rename(by_hand.with_name(zips.name_of("abc", START - timedelta(days=900))))
    for day in range(20):
        store.load([sheet(order(f"{day}", "B", 1))])
        backups.nightly(store, START + timedelta(days=day))
    assert old.exists()
    assert len(days_of(store)) == 1 + 8
    assert old in [copy.path for copy in backups.copies(store.folder)]


def test_a_copy_that_goes_while_copies_are_listed_is_no_fault(store, monkeypatch):
    backups.take(store)
    gone = store.folder / "backup" / zips.name_of("abc", START)
    found = zips.copies(store.folder / "backup")
    monkeypatch.setattr(zips, "copies", lambda _: [*found, (gone, START)])
    assert [copy.path for copy in backups.copies(store.folder)] == [path for path, _ in found]


@pytest.mark.parametrize(
    ("get", "put", "name", "default"),
    [
        (backups.days_kept, backups.set_days_kept, "backup_days", 7),
        (backups.raw_days_kept, backups.set_raw_days_kept, "raw_days", 30),
    ],
)
def test_how_long_things_are_kept_is_set_within_bounds(store, get, put, name, default):
    assert get(store) == default
    put(store, 3_650)
    assert (get(store), store.settings()[name]) == (3_650, "3650")
    for days in (0, -1, 3_651, 10**30):
        with pytest.raises(OutOfBoundsError):
            put(store, days)
    assert get(store) == 3_650
    store.save_setting(name, "9" * 5_000)
    assert get(store) == 3_650
    store.save_setting(name, "0")
    assert get(store) == default


def test_old_uploads_go_by_night_too(store):
    _, upload = store.keep_raw(b"as it came")
    came = START.replace(hour=12)
    os.utime(upload, (came.timestamp(), came.timestamp()))
    for day in range(36):
        assert upload.exists() or day > 32
        backups.nightly(store, START + timedelta(days=day))
    assert not upload.exists()


def test_the_workspace_that_a_restore_puts_in_place_is_its_owners_alone(store):
    made = backups.take(store)
    backups.restore(made, store.folder)
    assert (store.folder / "leeway.duckdb").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_what_root_restores_belongs_to_whom_the_workspace_belonged(store, tmp_path):
    store.keep_raw(b"as it came")
    made = backups.take(store, tmp_path / "made.zip", raw=True)
    store.close()
    foreign = tmp_path / "roots"
    foreign.write_text("roots own")
    (store.folder / "pointer").symlink_to(foreign)
    (store.folder / "twin").hardlink_to(foreign)
    shutil.rmtree(store.folder / "raw")
    os.chown(store.folder, 12345, 54321)
    kept = backups.restore(made, store.folder)
    assert kept is not None
    of_root = {p.name for p in store.folder.rglob("*") if p.lstat().st_uid != 12345}
    assert of_root == {"twin"}  # nothing outside is handed over by a name inside
    assert (foreign.stat().st_uid, (store.folder / "leeway.duckdb").stat().st_gid) == (0, 54321)


def test_the_newest_workspaces_that_were_replaced_are_kept_and_listed(store):
    made = backups.take(store)
    kept = [backups.restore(made, store.folder) for _ in range(7)]
    found = backups.set_aside(store.folder)
    assert [aside.path for aside in found] == kept[:1:-1]
    assert all(aside.is_sound and aside.size > 10_000 for aside in found)
    assert backups.set_aside(store.folder / "none") == []


def test_what_was_damaged_is_never_deleted(store):
    made = backups.take(store)
    store.close()
    (store.folder / "leeway.duckdb").write_bytes(b"gone")
    with Store.open(store.folder) as mended:
        [damaged] = backups.set_aside(store.folder)
        for _ in range(6):
            mended.restore(made)
        found = backups.set_aside(store.folder)
    assert (len(found), found[-1].path, found[-1].is_sound) == (6, damaged.path, False)
    assert (damaged.path / "leeway.duckdb").read_bytes() == b"gone"


def test_the_newest_of_all_copies_is_restored(store):
    backups.nightly(store, datetime.now(UTC))
    store.load([sheet(order("2", "A", 10))])
    newest = backups.copies(store.folder)[0]
    assert newest.path == backups.latest(store.folder)
    assert newest.path.suffix == ".duckdb"  # the snapshot after the second import
    assert backups.outline(newest.path).imports == 2
    store.load([sheet(order("3", "A", 100))])
    kept = backups.restore(newest.path, store.folder)
    assert store.daily_sales()["units"].tolist() == [11.0]
    assert (kept / "leeway.duckdb").exists()


def test_a_host_without_a_disk_gets_its_workspace_back(store, tmp_path):
    carried = backups.take(store, tmp_path / "carried.zip")
    assert backups.described(carried).imports == 1
    assert backups.restore(carried, tmp_path / "fresh") is None
    with Store.open(tmp_path / "fresh") as fresh:
        assert fresh.version == store.version
        assert fresh.check() == []


def test_a_workspace_beyond_repair_is_restored_from_a_file(store, tmp_path):
    carried = backups.take(store, tmp_path / "carried.zip")
    store.close()
    for path in (store.folder / "backup").iterdir():
        path.unlink()
    (store.folder / "leeway.duckdb").write_bytes(b"gone")
    kept = backups.restore(carried, store.folder)
    assert (kept / "leeway.duckdb").read_bytes() == b"gone"
    with Store.open(store.folder) as back:
        assert back.daily_sales()["units"].tolist() == [1.0]


def test_without_any_copy_there_is_nothing_to_restore(tmp_path):
    with pytest.raises(NoBackupError):
        backups.latest(tmp_path)
