"""What was done, by whom and when: rows that are only ever added to.

Each row's hash covers the hash before it, and the head holds how far the chain goes: an edited,
deleted or added row is found, and so is a tail that was cut off.
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from analytics.access import moments, names

# What the register records itself; a workspace's deeds come from whoever does them.
ACTS = (
    "sign_in",
    "sign_in_failed",
    "sign_out",
    "session_ended",
    "secret_set",
    "secret_forgotten",
    "member_set",
    "member_removed",
    "room_created",
    "room_renamed",
    "room_deleted",
    "room_brought_back",
    "room_purged",
    "granted",
)

_COLUMNS = "number, at, workspace_id, who, act, object, counts, hash"
_LONGEST = 200  # characters of a name or an object


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One deed.

    Parameters
    ----------
    number : int
        From 1, without gaps, over all workspaces.
    at : datetime
        When, in UTC.
    workspace_id : str
        Where; "" for what belongs to no workspace.
    who : str
        As the person said, or the checked address's name.
    act : str
        One of `ACTS`, or the name of a change to a workspace.
    object : str
        What it was done to; never a cell's value.
    counts : mapping of str to int
        How many of what.
    """

    number: int
    at: datetime
    workspace_id: str
    who: str
    act: str
    object: str
    counts: Mapping[str, int]


def add(
    connection: sqlite3.Connection,
    who: str,
    act: str,
    *,
    now: datetime,
    workspace_id: str = "",
    object: str = "",  # noqa: A002 - what the act was done to
    counts: Mapping[str, int] | None = None,
) -> None:
    """Add one row to the chain, within the transaction of the deed."""
    before, hash_before = _end(connection)
    row = (
        before + 1,
        moments.text(now),
        workspace_id,
        names.shown(who, _LONGEST),
        names.shown(act, _LONGEST),
        names.shown(object, _LONGEST),
        _canonical({str(key): int(count) for key, count in (counts or {}).items()}),
    )
    hashed = _hash(hash_before, row)
    connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, hashed))
    connection.execute("UPDATE audit_head SET number = ?, hash = ?", (before + 1, hashed))


def listed(
    connection: sqlite3.Connection, workspace_id: str | None, *, most: int, before: int | None
) -> tuple[AuditRow, ...]:
    """Return rows, the newest first."""
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM audit WHERE (?1 IS NULL OR workspace_id = ?1)"
        " AND (?2 IS NULL OR number < ?2) ORDER BY number DESC LIMIT ?3",
        (workspace_id, before, most),
    )
    return tuple(_row(cells[:-1]) for cells in found)


def head(connection: sqlite3.Connection) -> tuple[int, str]:
    """Return how many rows there are, and the last one's hash in hexadecimal digits."""
    number, hashed = _end(connection)
    return number, hashed.hex()


def broken_link(connection: sqlite3.Connection, noted: tuple[int, str] | None = None) -> int | None:
    """Return the number of the first row that does not fit, if there is one.

    Parameters
    ----------
    connection : sqlite3.Connection
        Within a transaction.
    noted : tuple of (int, str), optional
        A `head` that was noted elsewhere: who can write the file could forge a whole chain, but
        not one that passes through this.
    """
    try:
        end, end_hash = _end(connection)
    except sqlite3.DatabaseError:
        return 1
    hashed, expected = b"", 1
    for *row, kept in connection.execute(f"SELECT {_COLUMNS} FROM audit ORDER BY number"):
        if row[0] != expected or expected > end:
            return expected
        hashed = _hash(hashed, row)
        if hashed != kept or (noted and expected == noted[0] and hashed.hex() != noted[1]):
            return expected
        expected += 1
    if expected <= max(end, noted[0] if noted else 0):
        return expected
    return None if hashed == end_hash else expected - 1


def _end(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """Return the last row's number and hash, as the head has them."""
    found = connection.execute("SELECT number, hash FROM audit_head").fetchone()
    if found is None:
        raise sqlite3.DatabaseError("the audit has no head")
    return int(found[0]), bytes(found[1])


def _hash(before: bytes, row: object) -> bytes:
    return hashlib.sha256(before + _canonical(row).encode("utf-8", "surrogatepass")).digest()


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _row(cells: Sequence[Any]) -> AuditRow:
    number, at, workspace_id, who, act, done_to, counts = cells
    try:
        told = {str(name): int(count) for name, count in json.loads(counts).items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise sqlite3.DatabaseError("a row's counts cannot be read") from error
    return AuditRow(
        number, moments.moment(at), workspace_id, who, act, done_to, MappingProxyType(told)
    )
