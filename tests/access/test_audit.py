"""The audit: rows that are only ever added to, and every tampering found."""

import random
import shutil
import sqlite3

import pytest

from analytics.access import ACTS, FILE, Register
from analytics.access.audit import _hash
from analytics.errors import AnalyticsError

from .nursery import NOON, raw, with_deeds, without_triggers

COLUMNS = ("at", "workspace_id", "who", "act", "object", "counts", "hash", "number")
ROWS = 40


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    home = tmp_path_factory.mktemp("whole")
    with_deeds(home, ROWS).close()
    return home


@pytest.fixture
def register(whole, tmp_path):
    shutil.copytree(whole, tmp_path / "copy")
    with Register.open(tmp_path / "copy") as opened:
        yield opened


def edit(connection, chance):
    """Change one cell of one row."""
    number, column = chance.randint(1, ROWS), chance.choice(COLUMNS)
    (old,) = connection.execute(
        f"SELECT {column} FROM audit WHERE number = ?", (number,)
    ).fetchone()
    if column == "number":
        connection.execute("UPDATE audit SET number = ? WHERE number = ?", (number + 1000, number))
        return
    new = {
        "at": "2026-05-30T12:00:00.000000Z",
        "counts": '{"rows":999}',
        "hash": bytes(chance.randbytes(32)),
    }.get(column, f"{old}x")
    connection.execute(f"UPDATE audit SET {column} = ? WHERE number = ?", (new, number))


def delete(connection, chance):
    connection.execute("DELETE FROM audit WHERE number = ?", (chance.randint(1, ROWS),))


def cut(connection, chance):
    connection.execute("DELETE FROM audit WHERE number > ?", (chance.randint(0, ROWS - 1),))


def cut_and_count_less(connection, chance):
    left = chance.randint(1, ROWS - 1)
    connection.execute("DELETE FROM audit WHERE number > ?", (left,))
    connection.execute("UPDATE audit_head SET number = ?", (left,))


def close_the_gap(connection, chance):
    number = chance.randint(1, ROWS - 1)
    connection.execute("DELETE FROM audit WHERE number = ?", (number,))
    connection.execute("UPDATE audit SET number = number - 1 WHERE number > ?", (number,))
    connection.execute("UPDATE audit_head SET number = number - 1")


def swap(connection, chance):
    one, other = chance.sample(range(1, ROWS + 1), 2)
    for before, after in ((one, -1), (other, one), (-1, other)):
        connection.execute("UPDATE audit SET number = ? WHERE number = ?", (after, before))


def add(connection, chance):
    row = ("2026-05-31T12:00:00.000000Z", "main", "Eve", "export", "", "{}", chance.randbytes(32))
    connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (ROWS + 1, *row))


def empty(connection, chance):
    connection.execute("DELETE FROM audit")
    if chance.random() < 0.5:
        connection.execute("DELETE FROM audit_head")


DEEDS = (edit, edit, edit, delete, delete, cut, cut_and_count_less, close_the_gap, swap, add, empty)


def test_each_of_a_hundred_tamperings_is_found(register, whole):
    chance, found = random.Random(7), 0
    for number in range(100):
        with raw(register) as connection:
            connection.execute("BEGIN")
            without_triggers(connection)
            DEEDS[number % len(DEEDS)](connection, chance)
            connection.execute("COMMIT")
            found += register.broken_link() is not None
        restore(register, whole)
    assert found == 100
    assert register.broken_link() is None


def restore(register, whole):
    """Put the untouched rows back."""
    register.close()
    shutil.copy(whole / FILE, register.path)


def test_a_row_that_is_edited_in_the_bytes_of_the_file_is_found(register):
    register.close()
    content = register.path.read_bytes()
    found = 0
    for number in range(20):
        old, new = f"sales-{number + 10}.csv".encode(), f"sales-{number + 50}.csv".encode()
        assert content.count(old) == 1
        register.path.write_bytes(content.replace(old, new))
        with Register.open(register.path.parent) as opened:
            found += opened.broken_link() == number + 11
    assert found == 20


def test_the_first_row_that_does_not_fit_is_named(register):
    with raw(register) as connection:
        without_triggers(connection)
        connection.execute("UPDATE audit SET who = 'Eve' WHERE number IN (12, 30)")
    assert register.broken_link() == 12


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET who = 'Eve'",
        "DELETE FROM audit WHERE number = 3",
        "INSERT OR REPLACE INTO audit SELECT number, at, '', '', '', '', '{}', hash FROM audit",
        "INSERT INTO audit SELECT number + 500, at, '', '', '', '', '{}', hash FROM audit",
        "DELETE FROM audit_head",
    ],
)
def test_the_file_itself_refuses_what_is_no_addition(register, statement):
    with raw(register) as connection, pytest.raises(sqlite3.IntegrityError, match="added to"):
        connection.execute(statement)
    assert register.broken_link() is None


def test_a_chain_that_was_forged_as_a_whole_does_not_pass_a_head_that_was_noted(register):
    noted = register.audit_head()
    with raw(register) as connection:
        without_triggers(connection)
        connection.execute("UPDATE audit SET who = 'Eve' WHERE number = 5")
        hashed = b""
        for *row, _ in connection.execute("SELECT * FROM audit ORDER BY number").fetchall():
            hashed = _hash(hashed, row)
            connection.execute("UPDATE audit SET hash = ? WHERE number = ?", (hashed, row[0]))
        connection.execute("UPDATE audit_head SET hash = ?", (hashed,))
    assert register.broken_link() is None  # nothing inside the file can tell
    assert register.broken_link(noted) == noted[0]


def test_a_noted_head_passes_while_the_chain_grows_and_fails_when_it_was_cut_back(register, whole):
    early = register.audit_head()
    register.record("Bo", "export", now=NOON)
    late = register.audit_head()
    assert register.broken_link(early) is register.broken_link(late) is None
    restore(register, whole)
    assert register.broken_link(early) is None
    assert register.broken_link(late) == late[0]


def test_pages_of_it_come_newest_first_and_by_workspace(register):
    register.record("Bo", "export", workspace_id="other", counts={"rows": 2}, now=NOON)
    assert [row.number for row in register.audit("main", most=3)] == [ROWS, ROWS - 1, ROWS - 2]
    assert [row.number for row in register.audit("main", most=3, before=3)] == [2, 1]
    (bo,) = register.audit("other")
    assert (bo.who, bo.act, dict(bo.counts), bo.at) == ("Bo", "export", {"rows": 2}, NOON)
    assert len(register.audit(None)) == ROWS + 1
    assert register.audit("") == ()


def test_what_people_write_is_kept_in_one_line_and_short(register):
    register.record("A\u202enn\n\x00Lee", "import", object="x" * 5000, now=NOON)
    row = register.audit("")[0]
    assert row.who == "Ann Lee"
    assert len(row.object) == 200
    assert register.broken_link() is None


def test_a_hash_is_the_sha256_of_the_one_before_and_the_row_as_json():
    # printf 'abc[1,"é"]' | sha256sum
    known = "ede517623bcecf5178040acdf5cc5c48f4666d8a2474048fb5971b0d805f3257"
    assert _hash(b"abc", [1, "é"]).hex() == known


def test_what_the_register_does_itself_has_a_name(register):
    register.create_room("Europe", who="Ann", now=NOON)
    assert register.audit(None)[0].act in ACTS
    with pytest.raises(AnalyticsError):
        register.create_room("Europe", who="Ann", now=NOON)
    assert len(register.audit(None)) == ROWS + 1  # a refusal is no deed
