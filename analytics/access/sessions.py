"""Who is signed in: rows of our own, so that whatever ends one ends every tab of it.

The browser holds 256 random bits; the file holds their SHA-256 only. A session ends 12 hours after
it was last used and 7 days after it began, and when the clock has gone back behind it: nobody
stays in because a clock is wrong.
"""

import hashlib
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from analytics.access import audit, members, moments, names, rooms
from analytics.access.secrets import role_of
from analytics.actor import ROLES
from analytics.errors import UnknownSessionError

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
_NOTED_EVERY = timedelta(minutes=1)
_BACK = timedelta(minutes=5)  # that clocks are corrected by without ending anything
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in.

    Parameters
    ----------
    session_id : str
        Names the session in lists; it opens nothing.
    name : str
        As they said, or as their identity provider says.
    address : str
        Checked by the identity provider; "" where a team secret was the way in.
    grants : mapping of str to str
        Role by workspace id, the first workspace first. Empty: a checked identity that is no
        member of any workspace, who may see nothing.
    until : datetime
        When the session ends if nobody uses it, in UTC.
    resting : mapping of str to str
        Roles in workspaces that were deleted and can still be brought back.
    """

    session_id: str
    name: str
    address: str
    grants: Mapping[str, str]
    until: datetime
    resting: Mapping[str, str] = field(default_factory=lambda: _NONE)

    @property
    def is_member(self) -> bool:
        """Whether there is a workspace that they may enter."""
        return bool(self.grants)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session as a list of a workspace's sessions shows it.

    Parameters
    ----------
    session_id : str
        What `end_session` takes.
    name, address : str
        Who.
    role : str
        In this workspace.
    created_at, seen_at : datetime
        In UTC; ``seen_at`` to the minute.
    """

    session_id: str
    name: str
    address: str
    role: str
    created_at: datetime
    seen_at: datetime


def digest_of(secret: str) -> bytes:
    """Return what is kept of a browser's secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def enter(
    connection: sqlite3.Connection,
    workspace_id: str | None,
    key: bytes,
    name: str,
    *,
    now: datetime,
    held: str,
) -> str | None:
    """Begin a session by a team secret's key; return the browser's new secret, or none."""
    role = None
    if workspace_id is not None:
        role = role_of(key, members.keys(connection, workspace_id))
    if workspace_id is None or role is None:
        audit.add(connection, "", "sign_in_failed", now=now, workspace_id=workspace_id or "")
        return None
    kept = _grants_of(connection, held, now)
    new = _begin(connection, name, "", now)
    connection.executemany(
        "INSERT INTO grants VALUES (?, ?, ?)",
        [(digest_of(new), *grant) for grant in {**kept, workspace_id: role}.items()],
    )
    _drop(connection, digest_of(held))
    audit.add(connection, name, "sign_in", now=now, workspace_id=workspace_id, object=role)
    return new


def enter_as(
    connection: sqlite3.Connection, address: str, name: str, *, now: datetime, held: str
) -> str:
    """Begin a session of a checked identity; return the browser's new secret."""
    known = names.address(address)
    shown = names.shown(name) or known
    new = _begin(connection, shown, known, now)
    _drop(connection, digest_of(held))
    for workspace_id in _roles(connection, digest_of(new), known) or [""]:
        audit.add(connection, shown, "sign_in", now=now, workspace_id=workspace_id, object=known)
    return new


def find(
    connection: sqlite3.Connection, digest: bytes, now: datetime
) -> tuple[Visitor | None, bool]:
    """Return whose session this is, and whether its row needs a change: it ended, or was used."""
    found = connection.execute(
        "SELECT session_id, name, address, created_at, seen_at FROM sessions WHERE digest = ?",
        (digest,),
    ).fetchone()
    if found is None:
        return None, False
    session_id, name, address, created_at, seen_at = found
    began, seen = moments.moment(created_at), moments.moment(seen_at)
    if not _is_live(began, seen, now):
        return None, True
    roles = _roles(connection, digest, address)
    standing = {room.workspace_id for room in rooms.listed(connection)}
    grants = {room: role for room, role in roles.items() if room in standing}
    resting = {room: role for room, role in roles.items() if room not in standing}
    if not (roles or address):
        return None, False
    until = min(began + LONGEST, now + IDLE)
    visitor = Visitor(session_id, name, address, MappingProxyType(grants), until,
                      MappingProxyType(resting))  # fmt: skip
    return visitor, now - seen >= _NOTED_EVERY


def renewed(connection: sqlite3.Connection, session_id: str, now: datetime) -> Visitor | None:
    """Return whose session this is now, by its name in lists; None if it has ended."""
    row = connection.execute(
        "SELECT digest FROM sessions WHERE session_id = ?", (session_id,)
    ).fetchone()
    return None if row is None else find(connection, row[0], now)[0]


def note(connection: sqlite3.Connection, digest: bytes, now: datetime) -> None:
    """Note that a session was used just now, or drop it if it has ended."""
    _drop_ended(connection, now)
    connection.execute(
        "UPDATE sessions SET seen_at = max(seen_at, ?) WHERE digest = ?",
        (moments.text(now), digest),
    )


def leave(connection: sqlite3.Connection, secret: str, *, now: datetime) -> None:
    """End the session that a browser holds."""
    visitor, _ = find(connection, digest_of(secret), now)
    _drop(connection, digest_of(secret))
    if visitor is not None:
        for workspace_id in visitor.grants or [""]:
            audit.add(connection, visitor.name, "sign_out", now=now, workspace_id=workspace_id)


def listed(
    connection: sqlite3.Connection, workspace_id: str, now: datetime
) -> tuple[SessionRow, ...]:
    """Return the live sessions that may enter a workspace, the last used first."""
    rooms.one(connection, workspace_id)
    found = connection.execute(
        "SELECT s.session_id, s.name, s.address, coalesce(m.role, g.role), s.created_at, s.seen_at"
        " FROM sessions s"
        " LEFT JOIN members m ON s.address <> '' AND m.address = s.address AND m.workspace_id = ?1"
        " LEFT JOIN grants g ON s.address = '' AND g.digest = s.digest AND g.workspace_id = ?1"
        " WHERE coalesce(m.role, g.role) IS NOT NULL ORDER BY s.seen_at DESC, s.session_id",
        (workspace_id,),
    )
    rows = [
        SessionRow(session_id, name, address, role, moments.moment(began), moments.moment(seen))
        for session_id, name, address, role, began, seen in found
    ]
    return tuple(row for row in rows if _is_live(row.created_at, row.seen_at, now))


def end(
    connection: sqlite3.Connection, workspace_id: str, session_id: str, *, who: str, now: datetime
) -> None:
    """End somebody's session in a workspace; what a team secret opened elsewhere stays open."""
    row = next(
        (r for r in listed(connection, workspace_id, now) if r.session_id == session_id), None
    )
    if row is None:
        raise UnknownSessionError
    (digest,) = connection.execute(
        "SELECT digest FROM sessions WHERE session_id = ?", (session_id,)
    ).fetchone()
    connection.execute(
        "DELETE FROM grants WHERE digest = ? AND workspace_id = ?", (digest, workspace_id)
    )
    left = connection.execute("SELECT 1 FROM grants WHERE digest = ?", (digest,)).fetchone()
    if left is None:
        _drop(connection, digest)
    audit.add(connection, who, "session_ended", now=now, workspace_id=workspace_id,
              object=row.name)  # fmt: skip


def grant(
    connection: sqlite3.Connection,
    session_id: str,
    workspace_id: str,
    role: str,
    *,
    who: str,
    now: datetime,
) -> None:
    """Let a session that a team secret opened into one more workspace, such as its new one."""
    rooms.one(connection, workspace_id)
    found = connection.execute(
        "SELECT digest, name FROM sessions WHERE session_id = ? AND address = ''", (session_id,)
    ).fetchone()
    if found is None:
        raise UnknownSessionError
    connection.execute(
        "INSERT OR REPLACE INTO grants VALUES (?, ?, ?)",
        (found[0], workspace_id, members.known_role(role)),
    )
    audit.add(connection, who, "granted", now=now, workspace_id=workspace_id,
              object=f"{found[1]}: {role}")  # fmt: skip


def _begin(connection: sqlite3.Connection, name: str, address: str, now: datetime) -> str:
    _drop_ended(connection, now)
    new = secrets.token_urlsafe(32)
    connection.execute(
        "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)",
        (digest_of(new), secrets.token_hex(6), name, address, moments.text(now),
         moments.text(now)),
    )  # fmt: skip
    return new


def _is_live(began: datetime, seen: datetime, now: datetime) -> bool:
    is_behind = now < began - _BACK or now < seen - _BACK
    return not is_behind and now - began < LONGEST and now - seen < IDLE


def _drop(connection: sqlite3.Connection, digest: bytes) -> None:
    connection.execute("DELETE FROM grants WHERE digest = ?", (digest,))
    connection.execute("DELETE FROM sessions WHERE digest = ?", (digest,))


def _drop_ended(connection: sqlite3.Connection, now: datetime) -> None:
    """Drop every session that `_is_live` would refuse."""
    connection.execute(
        "DELETE FROM sessions"
        " WHERE created_at <= ?1 OR seen_at <= ?2 OR max(created_at, seen_at) > ?3",
        tuple(map(moments.text, (now - LONGEST, now - IDLE, now + _BACK))),
    )
    connection.execute("DELETE FROM grants WHERE digest NOT IN (SELECT digest FROM sessions)")


def _grants_of(connection: sqlite3.Connection, held: str, now: datetime) -> dict[str, str]:
    """Return what a browser's session opens already, if a team secret began it."""
    visitor, _ = find(connection, digest_of(held), now)
    if visitor is None or visitor.address:
        return {}
    return {**visitor.grants, **visitor.resting}


def _roles(connection: sqlite3.Connection, digest: bytes, address: str) -> dict[str, str]:
    """Return the role in each workspace that is not gone; members' are looked up, never copied."""
    table, column, value = (
        ("members", "address", address) if address else ("grants", "digest", digest)
    )
    roles = dict(
        connection.execute(f"SELECT workspace_id, role FROM {table} WHERE {column} = ?", (value,))
    )
    known = [room.workspace_id for room in rooms.listed(connection, with_deleted=True)]
    return {room: roles[room] for room in known if roles.get(room) in ROLES}
