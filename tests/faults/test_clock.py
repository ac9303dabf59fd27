"""A clock that was wrong, or jumps: what was imported last still counts, and nothing goes missing.

Sessions and grace periods under such a clock: `tests/access/test_sessions.py`, `test_rooms.py`.
"""

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from analytics.services import backups, importing
from analytics.store import Store
from analytics.store import backups as zips
from tests.faults import nursery

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
STAMP = "%Y%m%dT%H%M%S.%fZ"  # in the names of copies


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "own") as opened:
        nursery.bring_in(opened, 0)
        yield opened


def moved(store, days):
    """All that is noted so far is of another time, as though the clock had been wrong."""
    with store._database.transaction() as cursor:
        for table, column in (("imports", "imported_at"), ("acts", "acted_at")):
            cursor.execute(f"UPDATE {table} SET {column} = {column} + to_days(?)", [days])


CORRECTED = nursery.HEADER + "2026-01-01,S0,70,US,0-0,9.9\n"


@pytest.mark.parametrize("days", [-3650, -1, 1, 3650])
def test_the_latest_import_wins_whatever_the_clock_said(store, days):
    before = store.daily_sales()["units"].sum()
    nursery.bring_in(store, 1)
    store.undo(2)
    moved(store, days)
    correction = importing.Upload("c.csv", CORRECTED.encode())
    importing.load(store, importing.stage(store, [correction]))
    assert store.daily_sales()["units"].sum() == before + 69
    store.undo(3)
    assert store.daily_sales()["units"].sum() == before
    assert store.check() == []
    with Store.open_snapshot(store.folder) as copy:
        assert copy.daily_sales()["units"].sum() == before


def test_backups_that_a_wrong_clock_names_keep_what_there_is(store):
    """A year ahead and back again: no copy that holds the newest data is deleted meanwhile."""
    first = backups.nightly(store, NOW)
    nursery.bring_in(store, 1)
    ahead = backups.nightly(store, NOW + YEAR)
    assert ahead.exists()
    assert backups.described(ahead).imports == 2
    nursery.bring_in(store, 2)
    by_hand = backups.take(store)
    assert backups.described(by_hand).imports == 3
    backups.nightly(store, NOW + timedelta(days=1))
    assert ahead.exists()
    assert by_hand.exists()
    assert not first.exists()  # it was a year old, said the clock, and a newer one held all of it
    nursery.bring_in(store, 3)
    tonight = backups.nightly(store, NOW + timedelta(days=2))
    assert backups.described(tonight).imports == 4  # the copy of the future stops no other
    nursery.bring_in(store, 4)
    assert backups.nightly(store, NOW + timedelta(days=2, hours=3)) is None  # one a day
    latest = backups.nightly(store, NOW + timedelta(days=3))
    for day in range(4, 40):
        assert backups.nightly(store, NOW + timedelta(days=day)) is None
    assert not tonight.exists()
    assert latest.exists()  # it alone holds all, though one of the future seems newer
    assert backups.described(latest).imports == 5


def aged(path, days):
    """The same copy, as if it had been taken so many days later, or earlier, by its name."""
    kind, stamp, rest = path.name.split("-", 2)
    time = datetime.strptime(f"{stamp}+0000", f"{STAMP}%z") + timedelta(days=days)
    named = path.with_name(f"{kind}-{time.strftime(STAMP)}-{rest}")
    return path.rename(named)


@pytest.mark.parametrize("jumps", [(3650, -3650, 0), (-400, 400, -1), (0, 0, -3650), (1, 2, 0)])
def test_the_newest_copy_is_the_one_made_last_whatever_the_clock_said(store, jumps):
    """Each import makes a snapshot, and a backup follows: each time the clock stands elsewhere."""
    home = store.folder / "backup"
    for number, days in enumerate(jumps, start=1):
        nursery.bring_in(store, number)
        [newest, *_] = [path for path in backups.copies(store.folder) if path.path.suffix != ".zip"]
        aged(newest.path, days)
        with Store.open_snapshot(store.folder) as copy:
            assert copy.version == store.version
        last = aged(backups.take(store), days + 1)
        assert backups.latest(store.folder) == last
        assert backups.outline(last).imports == number + 1
    assert len(list(home.glob("snapshot-*.duckdb"))) == 3
    backups.restore(backups.latest(store.folder), store.folder)
    assert len(store.imports()) == 4


def test_a_damaged_workspace_comes_back_from_the_copy_made_last(store):
    for number, days in ((1, 3650), (2, -3650)):
        nursery.bring_in(store, number)
        aged(backups.copies(store.folder)[0].path, days)
    units = store.daily_sales()["units"].sum()
    store.close()
    (store.folder / "leeway.duckdb").write_bytes(b"")
    (store.folder / "reach.json").unlink()  # how much there was, nobody knows
    with Store.open(store.folder) as again:
        assert again.daily_sales()["units"].sum() == units


def test_copies_of_older_versions_have_no_number_and_still_work(store):
    """Among themselves their names' times count; whatever has a number was made after them."""
    made = backups.take(store)
    old = {}
    for day in (3, 1, 2):
        name = zips.name_of(store.version, NOW + timedelta(days=day))
        old[day] = Path(shutil.copyfile(made, made.with_name(name)))
    listed = [copy.path for copy in backups.copies(store.folder)]
    assert listed[0] == made
    assert listed[-3:] == [old[3], old[2], old[1]]
    made.unlink()
    for path in store.folder.glob("backup/snapshot-*"):
        path.unlink()
    assert backups.latest(store.folder) == old[3]
    nursery.bring_in(store, 1)
    backups.restore(old[1], store.folder)
    assert store.daily_sales()["units"].sum() == nursery.units_of(1)
    assert backups.nightly(store, NOW + timedelta(days=9)) is None  # they hold what there is


def test_uploads_go_only_when_two_looks_a_day_apart_find_them_old(store):
    """A clock that is ahead for a while deletes no upload that is young."""
    _, young = store.keep_raw(b"young")
    came = datetime.fromtimestamp(young.stat().st_mtime, UTC).astimezone().date()
    ahead = came + YEAR
    for day in (came, ahead, ahead, ahead + timedelta(days=1)):
        store.sweep_raw(day)
    assert young.exists()
    for day in range(31):  # the clock is right again, and somebody imports every day
        store.sweep_raw(came + timedelta(days=day))
        assert young.exists()
    for day in range(31, 35):
        store.sweep_raw(came + timedelta(days=day))
    assert not young.exists()


def test_what_was_noted_of_looks_may_be_damaged(store):
    _, old = store.keep_raw(b"old")
    today = datetime.now(UTC).astimezone().date() + YEAR
    note = store.folder / "raw" / ".looked"
    for content in (b"", b"\xff", b"soon then", b"2026-01-01", b"9" * 10_000):
        note.write_bytes(content)
        store.sweep_raw(today)
        assert old.exists()
    store.sweep_raw(today + timedelta(days=2))
    assert not old.exists()


def test_an_upload_of_a_day_that_the_clock_denies_is_still_told(store):
    """A clock that lags takes sales for slips of the future: they are rejected by row, not lost."""
    upload = importing.Upload("late.csv", nursery.file_of(3))
    staged = importing.stage(store, [upload], today=date(2025, 1, 1))
    [sheet] = staged.sheets
    assert sheet.account.rows_rejected == nursery.LINES
    staged = importing.stage(store, [upload], today=date(2026, 6, 1))
    assert staged.sheets[0].account.rows_rejected == 0
