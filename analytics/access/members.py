"""Who may do what in a workspace: team secrets by role, and members by address."""

import hmac
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from analytics.access import audit, moments, names, rooms
from analytics.access.secrets import Salt, role_of
from analytics.actor import ROLES
from analytics.errors import (
    LastOwnerError,
    NoOwnerSecretError,
    TakenSecretError,
    UnknownMemberError,
    UnknownRoleError,
    UnknownSecretError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may enter a workspace by their address.

    Parameters
    ----------
    address : str
        In small letters.
    role : str
        viewer, editor or owner.
    added_at : datetime
        In UTC; of the last change of role.
    added_by : str
        Who gave the role.
    """

    address: str
    role: str
    added_at: datetime
    added_by: str


def known_role(role: str) -> str:
    """Return a role if there is one of that name.

    Raises
    ------
    UnknownRoleError
        There is none.
    """
    if role not in ROLES:
        raise UnknownRoleError(role=names.shown(role))
    return role


# Team secrets


def salt_of(connection: sqlite3.Connection, workspace_id: str) -> Salt | None:
    """Return what a workspace's secrets are turned into keys with, once it has one."""
    found = connection.execute(
        "SELECT salt, cost FROM salts WHERE workspace_id = ?", (workspace_id,)
    ).fetchone()
    return None if found is None else Salt.read(*found)


def keep_salt(connection: sqlite3.Connection, workspace_id: str) -> Salt:
    """Return a workspace's salt; make it the first time."""
    rooms.one(connection, workspace_id)
    new = Salt.new()
    connection.execute(
        "INSERT OR IGNORE INTO salts VALUES (?, ?, ?)", (workspace_id, new.salt, new.cost)
    )
    return salt_of(connection, workspace_id) or new


def keys(connection: sqlite3.Connection, workspace_id: str) -> dict[str, bytes]:
    """Return the key of each role that has a secret."""
    found = connection.execute(
        "SELECT role, key FROM secrets WHERE workspace_id = ?", (workspace_id,)
    )
    return {role: bytes(key) for role, key in found if role in ROLES}


def changed(connection: sqlite3.Connection, workspace_id: str) -> dict[str, datetime]:
    """Return when each role's secret was set."""
    rooms.one(connection, workspace_id)
    found = connection.execute(
        "SELECT role, changed_at FROM secrets WHERE workspace_id = ?", (workspace_id,)
    )
    kept = {role: moments.moment(at) for role, at in found}
    return {role: kept[role] for role in ROLES if role in kept}


def set_key(
    connection: sqlite3.Connection,
    workspace_id: str,
    role: str,
    key: bytes,
    *,
    who: str,
    now: datetime,
) -> None:
    """Give a role a secret, by its key, and end what the old one opened."""
    rooms.one(connection, workspace_id)
    others = keys(connection, workspace_id)
    if hmac.compare_digest(others.pop(role, b""), key):
        return  # it has this one already
    if role_of(key, others):
        raise TakenSecretError
    if role != "owner" and "owner" not in others:
        raise NoOwnerSecretError
    connection.execute(
        "INSERT OR REPLACE INTO secrets VALUES (?, ?, ?, ?)",
        (workspace_id, role, key, moments.text(now)),
    )
    _end_grants(connection, workspace_id, role)
    audit.add(connection, who, "secret_set", now=now, workspace_id=workspace_id, object=role)


def forget_key(
    connection: sqlite3.Connection, workspace_id: str, role: str, *, who: str, now: datetime
) -> None:
    """Take a role's secret away, and end what it opened."""
    kept = changed(connection, workspace_id)
    if role not in kept:
        raise UnknownSecretError
    if role == "owner" and len(kept) > 1:
        raise NoOwnerSecretError
    connection.execute(
        "DELETE FROM secrets WHERE workspace_id = ? AND role = ?", (workspace_id, role)
    )
    _end_grants(connection, workspace_id, role)
    audit.add(connection, who, "secret_forgotten", now=now, workspace_id=workspace_id, object=role)


def _end_grants(connection: sqlite3.Connection, workspace_id: str, role: str) -> None:
    connection.execute(
        "DELETE FROM grants WHERE workspace_id = ? AND role = ?", (workspace_id, role)
    )
    connection.execute(
        "DELETE FROM sessions WHERE address = '' AND digest NOT IN (SELECT digest FROM grants)"
    )


# Members


def listed(connection: sqlite3.Connection, workspace_id: str) -> tuple[Member, ...]:
    """Return a workspace's members: owners first, then by address."""
    rooms.one(connection, workspace_id)
    found = connection.execute(
        "SELECT address, role, added_at, added_by FROM members WHERE workspace_id = ?"
        " ORDER BY CASE role WHEN 'owner' THEN 0 WHEN 'editor' THEN 1 ELSE 2 END, address",
        (workspace_id,),
    )
    return tuple(Member(address, role, moments.moment(at), by) for address, role, at, by in found)


def set_one(
    connection: sqlite3.Connection,
    workspace_id: str,
    address: str,
    role: str,
    *,
    who: str,
    now: datetime,
) -> Member:
    """Give an address a role."""
    member = Member(names.address(address), known_role(role), now, names.shown(who))
    if role != "owner":
        _keep_an_owner(connection, workspace_id, member.address)
    rooms.one(connection, workspace_id)
    connection.execute(
        "INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?, ?)",
        (workspace_id, member.address, role, moments.text(now), member.added_by),
    )
    audit.add(connection, who, "member_set", now=now, workspace_id=workspace_id,
              object=f"{member.address}: {role}")  # fmt: skip
    return member


def remove(
    connection: sqlite3.Connection, workspace_id: str, address: str, *, who: str, now: datetime
) -> None:
    """Take an address's role away."""
    known = names.address(address)
    if known not in {member.address for member in listed(connection, workspace_id)}:
        raise UnknownMemberError(address=known)
    _keep_an_owner(connection, workspace_id, known)
    connection.execute(
        "DELETE FROM members WHERE workspace_id = ? AND address = ?", (workspace_id, known)
    )
    audit.add(connection, who, "member_removed", now=now, workspace_id=workspace_id, object=known)


def _keep_an_owner(connection: sqlite3.Connection, workspace_id: str, address: str) -> None:
    owners = [m.address for m in listed(connection, workspace_id) if m.role == "owner"]
    if owners == [address]:
        raise LastOwnerError(address=address)
