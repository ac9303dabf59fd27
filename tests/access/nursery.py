"""Registers with people in them, at a time that stands still."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

from analytics.access import Register

NOON = datetime(2026, 5, 31, 12, tzinfo=UTC)
OWNERS = "green otter rides 7"
EDITORS = "seven plum kettles"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def raw(register):
    """The file without the register's rules, as somebody with a shell has it."""
    return closing(sqlite3.connect(register.path, isolation_level=None))


def without_triggers(connection):
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in names:
        connection.execute(f"DROP TRIGGER {name}")


def with_deeds(home, count=40):
    register = Register.open(home)
    for number in range(count):
        register.record(
            f"Ann-{number}", "import", workspace_id="main", object=f"sales-{number}.csv",
            counts={"rows": number}, now=NOON + number * MINUTE,
        )  # fmt: skip
    return register
