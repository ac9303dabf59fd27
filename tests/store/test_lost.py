"""A database file that is gone is no empty workspace: what lies beside it is brought back."""

import io
import json
import shutil
from contextlib import redirect_stdout

import pytest

from analytics import cli
from analytics.errors import LostWorkspaceError, NoDataError
from analytics.store import Store, database

from .sheets import order, sheet


def load(store, number):
    lines = (order(f"{number}-{line}", "A", 1) for line in range(50))
    store.load([sheet(*lines, sha256=f"{number}" * 64)])


@pytest.fixture
def folder(tmp_path):
    """A workspace of two imports whose database file somebody deleted."""
    home = tmp_path / "own"
    with Store.open(home) as store:
        load(store, 1)
        load(store, 2)
    (home / "leeway.duckdb").unlink()
    return home


def units(store):
    assert store.check() == []
    return int(store.daily_sales()["units"].sum())


def test_the_newest_copy_takes_its_place_and_that_is_told(folder):
    with Store.open(folder) as store:
        assert (len(store.imports()), units(store)) == (2, 100)
        assert store.recovery.code == "recovery.regained"
        assert store.recovery.facts["missing"] == 0
        for number in (3, 4, 5):  # after which, once, the good copies were gone
            load(store, number)
        assert (len(store.imports()), units(store)) == (5, 250)


def test_what_was_done_after_the_newest_copy_is_counted(folder):
    snapshots = sorted((folder / "backup").iterdir())
    snapshots[-1].unlink()
    with Store.open(folder) as store:
        assert store.recovery.code == "recovery.regained_missing"
        assert store.recovery.facts["missing"] == 1
        assert (len(store.imports()), units(store)) == (1, 50)


def test_without_a_good_copy_it_is_refused_and_nothing_is_made(folder):
    for path in (folder / "backup").iterdir():
        path.write_bytes(b"x" * 50_000)
    for _ in range(2):
        with pytest.raises(LostWorkspaceError):
            Store.open(folder)
    shutil.rmtree(folder / "backup")
    with pytest.raises(LostWorkspaceError):
        Store.open(folder)
    assert not (folder / "leeway.duckdb").exists()
    assert json.loads((folder / "reach.json").read_text())["imports"] == 2


def test_copies_alone_tell_that_there_was_one(folder):
    (folder / "reach.json").unlink()
    with Store.open(folder) as store:
        assert store.recovery.code == "recovery.regained_unsure"
        assert units(store) == 100


def test_a_log_alone_tells_that_there_was_one(tmp_path):
    (tmp_path / "leeway.duckdb.wal").write_bytes(b"w" * 100)
    with pytest.raises(LostWorkspaceError):
        Store.open(tmp_path)
    assert (tmp_path / "leeway.duckdb.wal").read_bytes() == b"w" * 100


def test_a_new_folder_or_an_emptied_one_is_a_new_workspace(folder, tmp_path):
    for path in (folder, tmp_path / "new"):
        shutil.rmtree(path, ignore_errors=True)
        with Store.open(path) as store:
            assert (store.is_empty, store.recovery) == (True, None)
        (path / "leeway.duckdb").unlink()  # nothing had been done in it
        with Store.open(path) as store:
            assert (store.is_empty, store.recovery) == (True, None)


def test_who_only_reads_is_told_and_changes_nothing(folder, tmp_path):
    with pytest.raises(LostWorkspaceError):
        Store.open(folder, read_only=True)
    with pytest.raises(NoDataError):
        Store.open(tmp_path / "none", read_only=True)
    assert not (folder / "leeway.duckdb").exists()


def test_a_file_that_goes_while_it_is_open_is_brought_back(tmp_path):
    with Store.open(tmp_path / "own", rests=True) as store:
        load(store, 1)
        [opened] = [db for path, db in database._opened.items() if path.is_relative_to(tmp_path)]
        assert opened.rest()
        (tmp_path / "own" / "leeway.duckdb").unlink()
        assert units(store) == 50
        (tmp_path / "own" / "leeway.duckdb").unlink()
        with pytest.raises(LostWorkspaceError):
            opened.replace(lambda: None)
        assert units(store) == 50


def test_a_backup_is_restored_in_its_place(folder, tmp_path):
    with Store.open(folder) as store:
        made = store.backup(tmp_path / "made.zip")
    (folder / "leeway.duckdb").unlink()
    assert said("restore", str(made), "--yes", "--workspace", str(folder))[0] == 0
    with Store.open(folder) as store:
        assert (units(store), store.recovery) == (100, None)


def said(*arguments):
    with redirect_stdout(io.StringIO()) as out:
        code = cli.main([*arguments, "--language", "en"])
    return code, out.getvalue()


def test_the_doctor_tells_of_the_loss_and_of_its_mending(folder):
    _, told = said("doctor", "--workspace", str(folder))
    assert "problem  The database file of the workspace" in told
    assert not (folder / "leeway.duckdb").exists()
    assert said("check", "--workspace", str(folder))[0] == 0
    _, told = said("doctor", "--workspace", str(folder))
    assert "warning  The workspace's file was gone." in told
    with Store.open(folder) as store:
        store.forget_recovery()
    assert "opens: 2 imports" in said("doctor", "--workspace", str(folder))[1]
