"""Workspaces on one host: their names, where they are, and the grace after a deletion."""

import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from analytics.access import audit, moments, names
from analytics.errors import MainRoomError, TakenRoomNameError, UnknownRoomError

MAIN = "main"
_CONFIRMED = timedelta(hours=20)  # between two looks that find a grace over
_COLUMNS = "workspace_id, name, folder, created_at, created_by, deleted_at, gone_at"


@dataclass(frozen=True, slots=True)
class Room:
    """One workspace.

    Parameters
    ----------
    workspace_id : str
        "main", or 16 hexadecimal digits.
    name : str
        As people call it; the first one is called "main" until somebody renames it.
    folder : str
        Below the home; "" for the first one, which is in the default folder.
    created_at : datetime
        In UTC.
    created_by : str
        Who.
    deleted_at, gone_at : datetime or None
        When it was deleted, and until when it can be brought back.
    """

    workspace_id: str
    name: str
    folder: str
    created_at: datetime
    created_by: str
    deleted_at: datetime | None = None
    gone_at: datetime | None = None


def begin(connection: sqlite3.Connection, now: datetime) -> None:
    """Note the first workspace, unless it is."""
    connection.execute(
        "INSERT OR IGNORE INTO rooms VALUES (?, 0, ?, ?, '', ?, '', NULL, NULL, NULL, NULL)",
        (MAIN, MAIN, MAIN, moments.text(now)),
    )


def listed(connection: sqlite3.Connection, *, with_deleted: bool = False) -> tuple[Room, ...]:
    """Return the workspaces, the first one first; those that are gone are not among them."""
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM rooms WHERE ended_at IS NULL AND (? OR deleted_at IS NULL)"
        " ORDER BY position",
        (with_deleted,),
    )
    return tuple(_room(cells) for cells in found)


def one(connection: sqlite3.Connection, workspace_id: str, *, deleted: bool = False) -> Room:
    """Return a workspace, one that stands or one that was deleted.

    Raises
    ------
    UnknownRoomError
        There is none.
    """
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM rooms WHERE workspace_id = ? AND ended_at IS NULL"
        " AND (deleted_at IS NOT NULL) = ?",
        (workspace_id, deleted),
    ).fetchone()
    if found is None:
        raise UnknownRoomError
    return _room(found)


def meant(connection: sqlite3.Connection, team: str, *, deleted: bool = False) -> str | None:
    """Return the id of the workspace that somebody names, by id or name; "" is the first."""
    wanted = names.key(team)
    for room in listed(connection, with_deleted=deleted):
        is_fit = (room.deleted_at is not None) == deleted
        if is_fit and (not wanted or wanted in (room.workspace_id, names.key(room.name))):
            return room.workspace_id
    return None


def create(connection: sqlite3.Connection, name: str, *, who: str, now: datetime) -> Room:
    """Note a new workspace; its folder is made by whoever opens it."""
    workspace_id = secrets.token_hex(8)
    shown = _free(connection, name, besides="")
    connection.execute(
        "INSERT INTO rooms SELECT ?, max(position) + 1, ?, ?, ?, ?, ?, NULL, NULL, NULL, NULL"
        " FROM rooms",
        (workspace_id, shown, names.key(shown), f"workspaces/{workspace_id}", moments.text(now),
         names.shown(who)),
    )  # fmt: skip
    audit.add(connection, who, "room_created", now=now, workspace_id=workspace_id, object=shown)
    return one(connection, workspace_id)


def rename(
    connection: sqlite3.Connection, workspace_id: str, name: str, *, who: str, now: datetime
) -> Room:
    """Give a workspace another name; its folder and its id stay."""
    one(connection, workspace_id)
    shown = _free(connection, name, besides=workspace_id)
    connection.execute(
        "UPDATE rooms SET name = ?, name_key = ? WHERE workspace_id = ?",
        (shown, names.key(shown), workspace_id),
    )
    audit.add(connection, who, "room_renamed", now=now, workspace_id=workspace_id, object=shown)
    return one(connection, workspace_id)


def delete(
    connection: sqlite3.Connection, workspace_id: str, *, who: str, now: datetime, grace_days: int
) -> Room:
    """Close a workspace; for some days it can be brought back."""
    room = one(connection, workspace_id)
    if workspace_id == MAIN:
        raise MainRoomError
    gone_at = now + timedelta(days=grace_days)
    connection.execute(
        "UPDATE rooms SET deleted_at = ?, gone_at = ?, due_at = NULL WHERE workspace_id = ?",
        (moments.text(now), moments.text(gone_at), workspace_id),
    )
    audit.add(connection, who, "room_deleted", now=now, workspace_id=workspace_id,
              object=room.name, counts={"grace_days": grace_days})  # fmt: skip
    return one(connection, workspace_id, deleted=True)


def bring_back(
    connection: sqlite3.Connection, workspace_id: str, *, who: str, now: datetime
) -> Room:
    """Open a deleted workspace again, with its members and secrets."""
    room = one(connection, workspace_id, deleted=True)
    connection.execute(
        "UPDATE rooms SET deleted_at = NULL, gone_at = NULL, due_at = NULL WHERE workspace_id = ?",
        (workspace_id,),
    )
    audit.add(connection, who, "room_brought_back", now=now, workspace_id=workspace_id,
              object=room.name)  # fmt: skip
    return one(connection, workspace_id)


def purge(connection: sqlite3.Connection, now: datetime) -> tuple[Room, ...]:
    """Drop the workspaces whose grace has ended; return all that are gone.

    It takes two looks, most of a day apart: a clock that jumps ahead once deletes nothing.
    """
    for room in listed(connection, with_deleted=True):
        if room.gone_at is not None:
            _look(connection, room, now)
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM rooms WHERE ended_at IS NOT NULL ORDER BY position"
    )
    return tuple(_room(cells) for cells in found)


def _look(connection: sqlite3.Connection, room: Room, now: datetime) -> None:
    (due,) = connection.execute(
        "SELECT due_at FROM rooms WHERE workspace_id = ?", (room.workspace_id,)
    ).fetchone()
    is_over = room.gone_at is not None and room.gone_at <= now
    if is_over and due is not None and now - moments.moment(due) >= _CONFIRMED:
        _end(connection, room, now)
    elif not is_over or due is None or moments.moment(due) > now:
        connection.execute(
            "UPDATE rooms SET due_at = ? WHERE workspace_id = ?",
            (moments.text(now) if is_over else None, room.workspace_id),
        )


def _end(connection: sqlite3.Connection, room: Room, now: datetime) -> None:
    key = f"{room.name}\n{room.workspace_id}"  # frees the name
    connection.execute(
        "UPDATE rooms SET ended_at = ?, name_key = ? WHERE workspace_id = ?",
        (moments.text(now), key, room.workspace_id),
    )
    for table in ("salts", "secrets", "members", "grants"):
        connection.execute(f"DELETE FROM {table} WHERE workspace_id = ?", (room.workspace_id,))
    audit.add(connection, "", "room_purged", now=now, workspace_id=room.workspace_id,
              object=room.name)  # fmt: skip


def _free(connection: sqlite3.Connection, name: str, *, besides: str) -> str:
    shown = names.room(name)
    taken = connection.execute(
        "SELECT 1 FROM rooms WHERE name_key = ? AND workspace_id <> ?", (names.key(shown), besides)
    )
    if taken.fetchone():
        raise TakenRoomNameError(name=shown)
    return shown


def _room(cells: Sequence[Any]) -> Room:
    workspace_id, name, folder, created_at, created_by, deleted_at, gone_at = cells
    return Room(
        workspace_id, name, folder, moments.moment(created_at), created_by,
        moments.moment_or_none(deleted_at), moments.moment_or_none(gone_at),
    )  # fmt: skip
