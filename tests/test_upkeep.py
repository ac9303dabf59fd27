"""The commands that keep a workspace whole."""

import json
import sys
import threading

import pytest

from analytics import cli, upkeep
from analytics.services import importing, workspaces
from analytics.store import Store

from .services.test_workspaces import held
from .store.sheets import order, sheet

SALES = importing.Upload(
    "sales.csv",
    b"date,sku,quantity,market\n"
    + b"".join(f"2026-03-{day:02d},CUP,{day % 4},US\n".encode() for day in range(1, 29)),
)


@pytest.fixture
def folder(tmp_path):
    with Store.open(tmp_path / "own") as store:
        store.load([sheet(order("1", "A", 1))])
        store.load([sheet(order("2", "A", 10))])
    return tmp_path / "own"


@pytest.fixture
def run(folder, capsys, monkeypatch):
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(folder))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")

    def command(*arguments):
        code = cli.main([str(argument) for argument in arguments])
        answer = capsys.readouterr()
        return code, answer.out, answer.err

    return command


def units(folder):
    with Store.open(folder, read_only=True) as store:
        return store.daily_sales()["units"].sum()


def test_a_backup_goes_where_it_is_told_and_comes_back(run, folder, tmp_path):
    carried = tmp_path / "carried.zip"
    code, out, _ = run("backup", "--out", carried)
    assert (code, str(carried) in out, "2 imports" in out) == (0, True, True)
    run("undo", "2")
    assert units(folder) == 1
    code, out, _ = run("restore", carried, "--yes")
    assert code == 0
    assert "set-aside" in out
    assert units(folder) == 11


def test_a_backup_without_a_name_is_the_latest(run, folder):
    assert run("backup")[0] == 0
    assert len(list((folder / "backup").glob("backup-*.zip"))) == 1
    run("undo", "1")
    code, _, _ = run("restore", "latest", "--yes")  # the snapshot after the undo
    assert (code, units(folder)) == (0, 10)


def test_nothing_is_restored_unless_somebody_says_yes(run, folder, monkeypatch):
    run("backup")
    code, _, err = run("restore", "latest")
    assert (code, "--yes" in err) == (1, True)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda question: "n")
    assert run("restore", "latest")[0] == 1
    assert not (folder / "set-aside").exists()
    monkeypatch.setattr("builtins.input", lambda question: "Y")
    assert run("restore", "latest")[0] == 0
    assert (folder / "set-aside").exists()


@pytest.mark.parametrize("name", ["absent.zip", "absent.duckdb", "notes.zip"])
def test_what_is_no_backup_is_refused_with_a_sentence(run, folder, tmp_path, name):
    (tmp_path / "notes.zip").write_text("dear diary", "utf-8")
    code, _, err = run("restore", tmp_path / name, "--yes")
    assert (code, name in err, "Traceback" in err) == (1, True, False)
    assert units(folder) == 11


def test_without_a_copy_latest_is_refused(run, tmp_path):
    code, _, err = run("restore", "latest", "--yes", "--workspace", tmp_path / "none")
    assert (code, "no backup yet" in err) == (1, True)
    assert not (tmp_path / "none").exists()


def test_a_served_workspace_is_backed_up_from_its_copy_and_not_replaced(run, folder, tmp_path):
    with held(folder):
        code, _, err = run("backup", "--out", tmp_path / "copy.zip")
        assert (code, "as of" in err) == (0, True)
        assert run("restore", tmp_path / "copy.zip", "--yes")[0] == 3
        assert run("redo", "1")[0] == 3
        code, out, _ = run("check")
        assert (code, "whole" in out) == (0, True)


def test_redo_brings_back_what_undo_took(run, folder):
    run("undo", "2")
    assert units(folder) == 1
    code, out, _ = run("redo", "2")
    assert (code, units(folder)) == (0, 11)
    assert "2" in out
    code, _, err = run("redo", "2")
    assert (code, "no import 2 that was taken back" in err) == (1, True)


def test_check_mends_a_damaged_workspace_and_says_what_it_did(run, folder):
    (folder / "leeway.duckdb").write_bytes(b"gone")
    code, out, err = run("check")
    assert (code, "no import is missing" in err) == (0, True)
    assert "2 imports" in out
    assert units(folder) == 11


@pytest.mark.parametrize(("noted", "code"), [(5, 1), (None, 1), (2, 0)])
def test_check_after_a_loss_does_not_say_that_all_is_well(run, folder, noted, code):
    (folder / "reach.json").unlink()
    if noted is not None:
        (folder / "reach.json").write_text(json.dumps({"imports": noted, "acts": 0}), "utf-8")
    (folder / "leeway.duckdb").write_bytes(b"gone")
    for _ in range(2):  # until somebody has read it
        told, out, err = run("check")
        assert (told, "whole" in out) == (code, code == 0)
        assert "restored from its copy" in err


def test_check_of_a_served_workspace_speaks_of_its_copy(run, folder):
    with held(folder):
        code, out, _ = run("check")
    assert (code, "copy" in out, "UTC" in out) == (0, True, True)
    code, out, _ = run("check")
    assert (code, "copy" in out) == (0, False)


def test_an_end_of_input_is_no(run, folder, monkeypatch):
    def closed(_question):
        raise EOFError

    run("backup")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("builtins.input", closed)
    code, _, err = run("restore", "latest")
    assert (code, "Nothing was changed" in err) == (1, True)
    assert not (folder / "set-aside").exists()


def test_a_backup_that_does_not_exist_is_said_to_be_missing(run, folder, tmp_path):
    for name in ("nofile.zip", "nofile.duckdb"):
        code, _, err = run("restore", tmp_path / name, "--yes")
        assert (code, "There is no file" in err, name in err) == (1, True, True)


def test_check_names_a_backup_that_is_not_whole(run, folder):
    run("backup")
    [made] = (folder / "backup").glob("backup-*.zip")
    content = bytearray(made.read_bytes())
    content[len(content) // 2] ^= 1
    made.write_bytes(content)
    code, _, err = run("check")
    assert (code, made.name in err) == (1, True)


def test_check_does_not_make_a_workspace(run, tmp_path):
    assert run("check", "--workspace", tmp_path / "none")[0] == 1
    assert not (tmp_path / "none").exists()


def test_the_next_page_is_made_ready_after_a_change_while_nobody_waits(tmp_path):
    made, done = [], threading.Event()

    def make(store):
        made.append((threading.current_thread().name, store.version))
        done.set()

    readier = upkeep.Readier(make)
    readier.start()
    try:
        with Store.open(tmp_path / "shop") as store:
            workspaces.load_and_forecast(store, importing.stage(store, [SALES]))
            assert done.wait(30)
            assert made == [("readier", store.version)]
    finally:
        readier.stop()
    with Store.open(tmp_path / "shop") as store:
        workspaces.renew_forecast(store)
    assert len(made) == 1  # whoever left is told of nothing


def test_an_import_waits_for_no_page(tmp_path):
    """Working out the morning page once took more than half of the time of every change."""
    readier, held = upkeep.Readier(lambda store: held.wait(60)), threading.Event()
    readier.start()
    try:
        with Store.open(tmp_path / "shop") as store:
            workspaces.load_and_forecast(store, importing.stage(store, [SALES]))
            assert not held.is_set()
    finally:
        held.set()
        readier.stop()
