"""A lake at the command line: written, read in place, proved, and let go of."""

import json

import pytest

from analytics import cli
from analytics.store import Store

ORDERS = (
    "Order ID,SKU,Quantity,Date,Country\n"
    "1,A-1,2,2026-01-05,US\n"
    "2,B-2,3,2026-01-06,DE\n"
    "3,A-1,4,2026-03-07,US\n"
)


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(tmp_path / "own"))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    (tmp_path / "orders.csv").write_text(ORDERS, "utf-8")
    assert cli.main(["import", str(tmp_path / "orders.csv")]) == 0
    capsys.readouterr()

    def command(*arguments):
        code = cli.main([str(argument) for argument in arguments])
        answer = capsys.readouterr()
        return code, answer.out, answer.err

    return command


def units(folder):
    with Store.open(folder, read_only=True) as store:
        return store.daily_sales()["units"].sum()


def test_a_lake_is_written_linked_proved_and_let_go_of(run, tmp_path):
    folder, own, reader = tmp_path / "lake", tmp_path / "own", tmp_path / "reader"
    code, out, _ = run("export-lake", folder)
    assert code == 0
    assert out.startswith(f"{folder}: 3 lines, 9 units, 2026-01-05 to 2026-03-07, in ")
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["format"] == "leeway-lake-1"
    for workspace in (own, reader):
        code, out, _ = run("lake", folder, "--workspace", workspace)
        assert (code, out.startswith(f"The workspace reads {folder}: 3 lines")) == (0, True)
        assert units(workspace) == 9
    assert run("lake")[1].startswith(f"The workspace reads {folder}: 3 lines")
    assert run("lake", "--check")[1].startswith(f"{folder} is whole: 3 lines")
    code, out, _ = run("lake", "--unlink")
    assert (code, "3 lines" in out) == (0, True)
    assert (units(own), units(reader)) == (9, 9)


def test_what_cannot_be_is_one_sentence(run, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", "utf-8")
    for arguments, said in {
        ("export-lake", tmp_path / "mine"): "not empty",
        ("lake", tmp_path / "mine"): "is no whole lake",
        ("lake",): "reads no lake",
        ("lake", "--check"): "reads no lake",
        ("lake", "--unlink"): "reads no lake",
    }.items():
        code, out, err = run(*arguments)
        assert (code != 0, out) == (True, ""), arguments
        assert said in err, arguments
        assert "Traceback" not in err
    assert units(tmp_path / "own") == 9


def test_a_lake_that_went_away_is_said_by_whatever_asks(run, tmp_path):
    run("export-lake", tmp_path / "lake")
    run("lake", tmp_path / "lake")
    (tmp_path / "lake").rename(tmp_path / "moved")
    for arguments in (("lake",), ("lake", "--unlink"), ("check",)):
        code, _, err = run(*arguments)
        assert code != 0, arguments
        assert str(tmp_path / "lake") in err, arguments
    code, out, _ = run("lake", tmp_path / "moved", "--language", "zh")
    assert (code, str(tmp_path / "moved") in out) == (0, True)
    assert units(tmp_path / "own") == 9
