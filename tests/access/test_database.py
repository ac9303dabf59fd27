"""The register's file: shared, killed, damaged, of another version; a sentence each time."""

import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from analytics.access import FILE, Register
from analytics.access.database import STEPS, Database
from analytics.errors import (
    AnalyticsError,
    DamagedRegisterError,
    NewerRegisterError,
    RegisterBusyError,
    RegisterUnusableError,
)
from analytics.i18n import LANGUAGES, Translator

from .nursery import NOON, raw, with_deeds

ROOT = Path(__file__).parents[2]
OPENER = """
import sys
from pathlib import Path
from analytics.access import Register
sys.stdin.readline()
with Register.open(Path(sys.argv[1])) as register:
    for number in range(int(sys.argv[2])):
        from datetime import UTC, datetime
        register.record(sys.argv[3], "import", object=str(number), now=datetime.now(UTC))
        print(number, flush=True)
"""


def started(home, count, name):
    """Another process that waits for a line, then opens the register and records deeds."""
    command = [sys.executable, "-c", OPENER, str(home), str(count), name]
    return subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def go(process):
    process.stdin.write("go\n")
    process.stdin.flush()


def test_only_whoever_runs_the_server_reads_it(register):
    register.record("Ann", "import", now=NOON)
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in register.path.parent.iterdir()
    }
    assert modes.pop(FILE) == 0o600
    assert set(modes.values()) == {0o600}  # journal and its index
    assert stat.S_IMODE(register.path.parent.stat().st_mode) == 0o700


def test_a_folder_that_is_there_keeps_its_mode(tmp_path):
    tmp_path.chmod(0o750)
    Register.open(tmp_path).close()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750


def test_processes_that_open_a_new_home_at_once_share_one_register(tmp_path):
    home = tmp_path / "home"
    processes = [started(home, 20, f"P{number}") for number in range(4)]
    for process in processes:
        go(process)
    assert [len(process.communicate()[0].split()) for process in processes] == [20] * 4
    with Register.open(home) as register:
        assert register.audit_head()[0] == 80
        assert register.broken_link() is None
        assert len(register.rooms(now=NOON)) == 1


def test_threads_share_one_register(register):
    def work(name):
        for _ in range(20):
            register.record(name, "import", now=NOON)
            held = register.sign_in_as(f"{name}@example.com", name, now=NOON)
            assert register.visitor(held, now=NOON).name == name

    threads = [threading.Thread(target=work, args=(f"t{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert register.audit_head()[0] == 8 * 20 * 2
    assert register.broken_link() is None


def test_what_was_acknowledged_before_a_kill_is_there(tmp_path):
    acknowledged = 0
    for kill in range(5):
        process = started(tmp_path, 100_000, f"K{kill}")
        go(process)
        for _ in range(random.Random(kill).randint(1, 40)):
            acknowledged += bool(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        acknowledged += len(process.communicate()[0].splitlines())
        with Register.open(tmp_path) as register:
            count = register.audit_head()[0]
            assert acknowledged <= count <= acknowledged + kill + 1  # done, but not yet told
            assert register.broken_link() is None
            assert register.findings() == []


def test_it_says_that_another_process_has_been_writing_for_too_long(register, monkeypatch):
    monkeypatch.setattr("analytics.access.database._PATIENCE", 0.1)
    with raw(register) as connection:
        connection.execute("BEGIN IMMEDIATE")
        register.close()
        with pytest.raises(RegisterBusyError):
            register.record("Ann", "import", now=NOON)
        assert register.rooms(now=NOON)  # who only looks does not wait
    register.record("Ann", "import", now=NOON)


def test_a_full_disk_is_a_sentence_and_loses_nothing(tmp_path):
    with_deeds(tmp_path, 5).close()
    code = f"""
import resource
from pathlib import Path
from datetime import UTC, datetime
from analytics.access import Register
from analytics.errors import AnalyticsError
register = Register.open(Path({str(tmp_path)!r}))
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 17, 1 << 17))
done = 0
try:
    while done < 500:
        register.record("Ann", "import", object="x" * 150, now=datetime.now(UTC))
        done += 1
except AnalyticsError as problem:
    print(done, type(problem).__name__, register.visitor("x" * 43, now=datetime.now(UTC)))
"""
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, text=True, capture_output=True, check=True
    )
    done, problem, visitor = out.stdout.split()
    assert problem in {"WriteFailedError", "RegisterUnusableError"}
    assert visitor == "None"
    with Register.open(tmp_path) as register:
        assert register.audit_head()[0] == 5 + int(done)
        assert register.broken_link() is None


# Damage


def hurt(content, chance):
    """Cut, empty, or overwrite some bytes."""
    kind = chance.randrange(4)
    at = chance.randrange(len(content))
    if kind == 0:
        return content[:at]
    if kind == 1:
        return content[:at] + bytes(4096) + content[at + 4096 :]
    if kind == 2:
        return content[:at] + chance.randbytes(256) + content[at + 256 :]
    return content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :]


def test_a_damaged_file_is_a_sentence_and_never_lets_in_somebody_else(tmp_path):
    home = tmp_path / "home"
    with with_deeds(home) as register:
        register.set_member("main", "ann@example.com", "owner", who="", now=NOON)
        register.set_member("main", "bo@example.com", "viewer", who="", now=NOON)
        held = [
            register.sign_in_as(f"{name}@example.com", name, now=NOON) for name in ("ann", "bo")
        ]
    content = (home / FILE).read_bytes()
    chance, refused = random.Random(3), []
    for _ in range(300):
        (home / FILE).write_bytes(hurt(content, chance))
        try:
            with Register.open(home) as register:
                ann, bo = (register.visitor(secret, now=NOON) for secret in held)
                register.audit("main")
                register.findings()
                register.broken_link()
            assert ann is None or ann.grants.get("main") in (None, "owner")
            assert bo is None or bo.grants.get("main") in (None, "viewer")
        except AnalyticsError as problem:
            refused.append(problem)
        for path in home.glob("*-*"):
            path.unlink()
    assert len(refused) > 30
    assert all(isinstance(problem, RegisterUnusableError) for problem in refused)
    assert all(Translator(language).error(refused[0]) for language in LANGUAGES)


@pytest.mark.parametrize("content", [b"not a database, but long enough" * 40, b"\0" * 5000])
def test_another_file_of_that_name_is_left_alone(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(DamagedRegisterError):
        Register.open(tmp_path)
    assert (tmp_path / FILE).read_bytes() == content


def test_another_programs_database_is_left_alone(tmp_path):
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("CREATE TABLE rooms (x)")
    connection.close()
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(DamagedRegisterError, match="another program"):
        Register.open(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


def test_a_folder_that_cannot_be_one_is_a_sentence(tmp_path):
    (tmp_path / "home").write_text("a file")
    with pytest.raises(RegisterUnusableError):
        Register.open(tmp_path / "home")


def test_a_file_that_was_taken_away_is_not_made_anew_behind_our_back(register):
    shutil.move(register.path, register.path.with_name("away"))
    with pytest.raises(RegisterUnusableError):
        register.rooms(now=NOON)
    assert not register.path.exists()


def test_a_copy_that_is_put_back_is_read_from_then_on(register, tmp_path):
    register.create_room("Europe", who="Ann", now=NOON)
    register.copy_to(tmp_path / "copy")
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600
    register.create_room("Asia", who="Ann", now=NOON)
    register.close()
    (tmp_path / "copy").replace(register.path)
    assert [room.name for room in register.rooms(now=NOON)] == ["main", "Europe"]
    assert register.broken_link() is None
    with pytest.raises(RegisterUnusableError):
        register.copy_to(register.path)


# Versions


def add_a_column(connection):
    connection.execute("ALTER TABLE members ADD COLUMN note TEXT NOT NULL DEFAULT ''")


def break_off(connection):
    add_a_column(connection)
    raise OSError(5, "Input/output error")


def test_an_older_file_is_brought_up_to_date_and_a_copy_kept(register):
    register.set_member("main", "ann@example.com", "owner", who="", now=NOON)
    register.close()
    newer = Database(register.path, steps=(*STEPS, add_a_column))
    with newer.reading() as connection:
        assert connection.execute("SELECT address, note FROM members").fetchall() == [
            ("ann@example.com", "")
        ]
    newer.close()
    with pytest.raises(NewerRegisterError, match="schema 2; this one knows 1"):
        Register.open(register.path.parent)
    register.path.with_name(f"{FILE}.v1").replace(register.path)
    with Register.open(register.path.parent) as old:
        assert old.members("main")[0].address == "ann@example.com"


def test_a_step_that_breaks_off_leaves_the_file_as_it_was(register):
    register.close()
    with pytest.raises(RegisterUnusableError):
        Database(register.path, steps=(*STEPS, break_off))
    with Register.open(register.path.parent) as old:
        assert old.members("main") == ()
    Database(register.path, steps=(*STEPS, add_a_column)).close()
