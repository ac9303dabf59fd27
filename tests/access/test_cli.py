"""The commands that say who may come in."""

import io
import sys

import pytest

from analytics import cli
from analytics.access import Register
from analytics.services import hosting
from analytics.store import Store
from tests.store.sheets import order, sheet

from .nursery import EDITORS, NOON, OWNERS, raw, without_triggers


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("LEEWAY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")

    def command(*arguments, typed=None):
        if typed is not None:
            monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        code = cli.main(["access", *map(str, arguments)])
        answer = capsys.readouterr()
        return code, answer.out, answer.err

    return command


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


def test_a_secret_comes_from_a_pipe_or_a_file_and_lets_in(run, home, tmp_path):
    assert run("secret", "--role", "owner", typed=f"{OWNERS}\n")[0] == 0
    (tmp_path / "secret").write_text(f"{EDITORS}\nanother line\n")
    assert run("secret", "--role", "editor", "--from-file", tmp_path / "secret")[0] == 0
    code, out, _ = run("secret")
    assert (code, out.count("UTC")) == (0, 2)
    assert OWNERS not in out
    with Register.open(home) as register:
        held = register.sign_in("", EDITORS, "Ann", now=NOON)
        assert register.visitor(held, now=NOON).grants["main"] == "editor"
    assert run("secret", "--role", "editor", "--forget")[0] == 0
    assert run("secret")[1].count("UTC") == 1


def test_a_weak_or_missing_secret_is_refused_with_a_sentence(run, tmp_path):
    code, _, err = run("secret", "--role", "owner", typed="short\n")
    assert (code, "at least 12" in err) == (1, True)
    code, _, err = run("secret", "--role", "owner", "--language", "zh", typed="\n")
    assert (code, "至少要 12" in err) == (1, True)
    code, _, err = run("secret", "--role", "owner", "--from-file", tmp_path / "none")
    assert (code, "There is no file" in err) == (1, True)


def test_members_come_and_go(run):
    assert "Nobody yet" in run("members")[1]
    assert run("members", "add", "Ann@Example.com", "--role", "owner")[0] == 0
    assert run("members", "add", "bo@example.com")[0] == 0
    assert [line.split()[:2] for line in run("members")[1].splitlines()[1:]] == [
        ["ann@example.com", "owner"], ["bo@example.com", "viewer"],
    ]  # fmt: skip
    assert run("members", "remove", "bo@example.com")[0] == 0
    code, _, err = run("members", "remove", "ann@example.com")
    assert (code, "only owner" in err) == (1, True)


def test_workspaces_are_made_renamed_deleted_and_brought_back(run):
    run("workspaces", "create", "Europe")
    assert run("members", "add", "bo@example.com", "--team", "europe")[0] == 0
    assert "bo@example.com" in run("members", "--team", "Europe")[1]
    assert "bo@example.com" not in run("members")[1]
    run("workspaces", "rename", "Europe", "EMEA")
    assert run("workspaces", "delete", "emea")[0] == 0
    code, _, err = run("members", "--team", "EMEA")
    assert (code, "no such workspace" in err) == (1, True)
    assert run("workspaces", "bring-back", "EMEA")[0] == 0
    assert "EMEA" in run("workspaces")[1]
    assert run("workspaces", "delete", "main")[0] == 1


def test_a_session_is_seen_and_ended(run, home):
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    assert "Nobody" in run("sessions")[1]
    with Register.open(home) as register:
        register.set_member("main", "ann@example.com", "owner", who="", now=now)
        held = register.sign_in_as("ann@example.com", "Ann Lee", now=now)
        session = register.visitor(held, now=now).session_id
    assert session in run("sessions")[1]
    assert run("sessions", "end", session)[0] == 0
    assert run("sessions", "end", session)[0] == 1


def test_the_audit_is_shown_written_and_checked(run, home, tmp_path):
    assert "Nothing has been recorded" in run("audit")[1]
    run("workspaces", "create", "=1+1")
    run("members", "add", "ann@example.com", "--role", "owner")
    assert len(run("audit")[1].splitlines()) == 3
    assert len(run("audit", "--team", "")[1].splitlines()) == 2
    assert run("audit", "--out", tmp_path / "audit.csv")[0] == 0
    assert "'=1+1" in (tmp_path / "audit.csv").read_text("utf-8-sig")
    code, out, _ = run("audit", "--check")
    noted = out.split()[-1]
    assert (code, run("audit", "--check", noted)[0]) == (0, 0)
    assert run("audit", "--check", "nonsense")[0] == 1
    with Register.open(home) as register, raw(register) as connection:
        without_triggers(connection)
        connection.execute("UPDATE audit SET who = 'Eve' WHERE number = 2")
    code, _, err = run("audit", "--check")
    assert (code, "Row 2" in err) == (1, True)


def test_what_is_done_at_the_machine_is_in_the_audit_too(run, monkeypatch, tmp_path, capsys):
    shop, orders = tmp_path / "shop", tmp_path / "orders.csv"
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(shop))
    orders.write_text("order_id,date,sku,quantity\n" + "".join(
        f"A{day},2026-03-{day:02d},CUP,3\n" for day in range(1, 29)
    ))  # fmt: skip
    home = tmp_path / "home"
    assert cli.main(["import", str(orders), "--market", "US"]) == 0
    assert not home.exists()  # nobody was ever let in: there is nobody to tell
    run("secret", "--role", "owner", typed=f"{OWNERS}\n")
    assert cli.main(["undo", "1"]) == 0
    copy = str(tmp_path / "copy")
    assert cli.main(["backup", "--out", copy]) == 0
    assert cli.main(["restore", copy, "--yes"]) == 0
    capsys.readouterr()
    told = run("audit")[1]
    assert "took an import back" in told
    assert "restored a backup" in told
    assert run("audit", "--check")[0] == 0


def test_a_workspace_folder_that_is_named_has_its_home_beside_it(run, monkeypatch, tmp_path):
    monkeypatch.delenv("LEEWAY_HOME")
    assert run("workspaces", "--workspace", tmp_path / "shop")[0] == 0
    assert (tmp_path / "shop.host" / "access.sqlite3").exists()


@pytest.fixture
def acts(run, monkeypatch, tmp_path):
    """What the audit of the workspace ``shop`` tells, where people were let in."""
    monkeypatch.delenv("LEEWAY_HOME")
    monkeypatch.delenv("LEEWAY_WORKSPACE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    shop = tmp_path / "shop"
    run("secret", "--workspace", shop, "--role", "owner", typed=f"{OWNERS}\n")

    def told(workspace_id=None):
        with Register.open(tmp_path / "shop.host") as register:
            deeds = reversed(register.audit(workspace_id))
            return [row.act for row in deeds if row.act != "secret_set"]

    return told


def change(folder):
    with hosting.at_the_machine(folder) as store:
        store.save_setting("backup_days", str(len(store.settings()) + 1))


@pytest.mark.parametrize("elsewhere", ["", "other"])
def test_the_audit_is_that_of_the_workspace_that_the_option_names(
    acts, monkeypatch, tmp_path, elsewhere
):
    if elsewhere:
        monkeypatch.setenv("LEEWAY_WORKSPACE", str(tmp_path / elsewhere))
    change(tmp_path / "shop")
    assert acts() == ["save_setting"]
    (tmp_path / "link").symlink_to(tmp_path / "shop")
    change(tmp_path / "link")
    change(tmp_path / "other" / ".." / "shop")
    assert acts() == ["save_setting"] * 3
    change(tmp_path / "third")
    assert len(acts()) == 3
    assert not (tmp_path / "third.host").exists()


def test_a_workspace_that_a_link_names_is_known_by_where_it_is(acts, monkeypatch, tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "shop")
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(tmp_path / "link"))
    change(tmp_path / "link")
    assert acts() == ["save_setting"]


def test_a_home_that_is_named_is_that_of_the_named_workspace(acts, monkeypatch, tmp_path):
    monkeypatch.setenv("LEEWAY_HOME", str(tmp_path / "shop.host"))
    change(tmp_path / "elsewhere")
    assert acts() == ["save_setting"]
    monkeypatch.setenv("LEEWAY_WORKSPACE", str(tmp_path / "elsewhere"))
    change(tmp_path / "scratch")  # not the one that is served
    assert acts() == ["save_setting"]


def test_another_room_of_the_host_is_known_by_its_folder(acts, run, tmp_path):
    run("workspaces", "--workspace", tmp_path / "shop", "create", "Europe")
    with Register.open(tmp_path / "shop.host") as register:
        room = register.room("Europe")
    folder = tmp_path / "shop.host" / room.folder
    folder.parent.mkdir(exist_ok=True)
    change(folder)
    assert acts(room.workspace_id)[-1] == "save_setting"


def test_a_lake_is_linked_and_left_in_the_audit(acts, tmp_path):
    with Store.open(tmp_path / "shop") as store:
        store.load([sheet(order("1", "A", 3))])
    shop = ["--workspace", str(tmp_path / "shop")]
    assert cli.main(["export-lake", str(tmp_path / "lake"), *shop]) == 0
    assert cli.main(["lake", str(tmp_path / "lake"), *shop]) == 0
    assert cli.main(["lake", "--unlink", *shop]) == 0
    assert acts() == ["link_lake", "unlink_lake"]


def test_a_change_at_the_machine_asks_for_no_secret(acts, monkeypatch, tmp_path):
    for name, value in (("ACCESS", "password"), ("SECRET_FILE", str(tmp_path / "none")),
                        ("PUBLIC_URL", "nonsense"), ("TRUSTED_PROXIES", "everybody")):  # fmt: skip
        monkeypatch.setenv(f"LEEWAY_{name}", value)
    products = tmp_path / "products.csv"
    products.write_text("sku,name,case_size\nCUP,Cup,12\n")
    shop = ["--workspace", str(tmp_path / "shop")]
    assert cli.main(["import", str(products), "--kind", "products", *shop]) == 0
    assert acts() == ["load"]
