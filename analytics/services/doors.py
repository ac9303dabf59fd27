"""Which rooms a visitor may enter, and the rooms themselves: the workspaces of one host.

A workspace is found by its id in the register, and by nothing else: no path, name or number that
somebody sends ever becomes a folder.
"""

import os
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import starmap
from pathlib import Path
from threading import Lock

from analytics.access import MAIN, Register, Room, Visitor
from analytics.actor import LOCAL, Actor
from analytics.errors import UnknownRoomError
from analytics.services import workspaces
from analytics.services.host_settings import Hosting, home_folder
from analytics.store import Store

_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)
_HOME = "workspaces"
_GOING = ".gone-"  # before the name of a folder that is being removed
_ALWAYS = datetime.max.replace(tzinfo=UTC)
_FIRST = Room(MAIN, MAIN, "", datetime.min.replace(tzinfo=UTC), "")

_registers: dict[Path, Register] = {}
_stores: dict[Path, Store] = {}
_lock = Lock()  # of the two, held for moments
_doors: defaultdict[Path, Lock] = defaultdict(Lock)


def register(hosting: Hosting) -> Register:
    """Return the register of members, sessions and rooms; opened, or made, once per process.

    Raises
    ------
    RegisterUnusableError
        It cannot be opened.
    """
    with _lock:
        found = _registers.get(hosting.home)
        if found is None:
            found = _registers[hosting.home] = Register.open(hosting.home)
        return found


def close(hosting: Hosting) -> None:
    """Close the register and every workspace that was opened for a host."""
    with _lock:
        known = _registers.pop(hosting.home, None)
        mine = [path for path in _stores if path.is_relative_to(hosting.home)]
        stores = [_stores.pop(path) for path in mine]
    for store in stores:
        store.close()
    if known is not None:
        known.close()


# Who is here


def local_visitor(hosting: Hosting) -> Visitor:
    """Return who comes where nobody is asked: the owner of every room."""
    stand, rest = _all_rooms(hosting)
    owned, resting = (dict.fromkeys(found, "owner") for found in (stand, rest))
    return Visitor("", workspaces.local_user(), "", owned, _ALWAYS, resting)


def visitor(hosting: Hosting, secret: str | None, now: datetime | None = None) -> Visitor | None:
    """Return who holds a session's secret; None if nobody does any more.

    Where nobody is asked, it is whoever sits at the machine. Who came in by another mode than the
    one that is served now is nobody.
    """
    if hosting.is_open:
        return local_visitor(hosting)
    if not secret:
        return None
    return _admitted(hosting, register(hosting).visitor(secret, now=now or datetime.now(UTC)))


def renewed(hosting: Hosting, who: Visitor, now: datetime | None = None) -> Visitor | None:
    """Return a visitor with the roles of this moment; None if the session has ended meanwhile."""
    if hosting.is_open:
        return local_visitor(hosting)
    return _admitted(
        hosting, register(hosting).renewed(who.session_id, now=now or datetime.now(UTC))
    )


def _admitted(hosting: Hosting, found: Visitor | None) -> Visitor | None:
    if found is None or bool(found.address) != (hosting.mode == "oidc"):
        return None
    return None if found.address and not hosting.admits(found.address) else found


def role_in(hosting: Hosting, who: Visitor | None, workspace_id: str) -> str:
    """Return a visitor's role in a workspace; empty if there is none, or no such workspace."""
    if who is None or workspace_id not in _all_rooms(hosting)[0]:
        return ""
    return "owner" if hosting.is_open else who.grants.get(workspace_id, "")


def rooms(hosting: Hosting) -> tuple[Room, ...]:
    """Return the workspaces that stand, the first one first."""
    return tuple(_all_rooms(hosting)[0].values())


def rooms_of(hosting: Hosting, who: Visitor | None) -> tuple[tuple[Room, str], ...]:
    """Return the workspaces that a visitor may enter, each with the role there."""
    if who is None:
        return ()
    if hosting.is_open:
        return tuple((room, "owner") for room in rooms(hosting))
    found = ((room, who.grants.get(room.workspace_id, "")) for room in rooms(hosting))
    return tuple((room, role) for room, role in found if role)


def _all_rooms(hosting: Hosting) -> tuple[dict[str, Room], dict[str, Room]]:
    """Return the rooms that stand and those that can be brought back, by id.

    Where nobody is asked, and nothing was ever noted, there is the first one and no register.
    """
    if hosting.is_open and hosting.home not in _registers and not Register.exists(hosting.home):
        return {MAIN: _FIRST}, {}
    found = register(hosting).rooms(now=datetime.now(UTC), with_deleted=True)
    stand = {room.workspace_id: room for room in found if room.deleted_at is None}
    return stand, {room.workspace_id: room for room in found if room.deleted_at is not None}


# Their workspaces


def open_room(hosting: Hosting, workspace_id: str) -> Store:
    """Open a workspace, whoever asks: the caller has looked at the visitor's role.

    However many are opened, no more than 16 files are open at a time; the others rest, and are
    opened again when they are asked. What is returned may be closed, and need not be.

    Raises
    ------
    UnknownRoomError
        There is no such workspace, or it was deleted.
    WorkspaceUnusableError, WorkspaceBusyError
        It cannot be opened.
    """
    room = _all_rooms(hosting)[0].get(workspace_id) if isinstance(workspace_id, str) else None
    if room is None:
        raise UnknownRoomError
    if not room.folder:
        with workspaces.open_own() as store:
            return store.acting_for(LOCAL)
    folder = _folder(hosting, room)
    with _lock:
        door = _doors[folder]
    with door:
        return _pooled(folder).acting_for(LOCAL)


def _pooled(folder: Path) -> Store:
    """Return the store that keeps a workspace at hand; its file may rest."""
    with _lock:
        store = _stores.get(folder)
    if store is None or store.is_retired:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        store = Store.open(folder, rests=True)
        with _lock:
            _stores[folder] = store
    return store


def _folder(hosting: Hosting, room: Room) -> Path:
    """Return where a room is kept: by its id, whatever else its row says."""
    if not _ID.fullmatch(room.workspace_id) or room.folder != f"{_HOME}/{room.workspace_id}":
        raise UnknownRoomError
    return hosting.home / _HOME / room.workspace_id


def actor(hosting: Hosting, who: Visitor, workspace_id: str) -> Actor:
    """Return a visitor as who acts in a workspace; each deed is recorded in the audit.

    The register is asked before each deed whether they still have the role.

    Raises
    ------
    UnknownRoomError
        The visitor has no role there.
    """
    role = role_in(hosting, who, workspace_id)
    if not role:
        raise UnknownRoomError
    record = recorder(hosting, who.name, workspace_id)
    if hosting.is_open:  # nobody is asked at the door: who acts may say so on the page
        return Actor("", role, record)

    def still() -> str:
        return role_in(hosting, renewed(hosting, who), workspace_id)

    return Actor(who.name, role, record, still)


def recorder(
    hosting: Hosting, name: str, workspace_id: str
) -> Callable[[str, str, Mapping[str, int]], None]:
    """Return what tells the audit of somebody's deeds in a workspace."""

    def record(act: str, thing: str, counts: Mapping[str, int]) -> None:
        known, now = register(hosting), datetime.now(UTC)
        known.record(name, act, workspace_id=workspace_id, object=thing, counts=counts, now=now)

    return record


def entered(hosting: Hosting, who: Visitor, workspace_id: str) -> Store:
    """Open a workspace for a visitor: what they may not do is refused, what they do recorded.

    Raises
    ------
    UnknownRoomError
        There is no such workspace, or the visitor has no role there.
    """
    acting = actor(hosting, who, workspace_id)
    with open_room(hosting, workspace_id) as store:
        return store.acting_for(acting)


@contextmanager
def at_the_machine(folder: Path) -> Iterator[Store]:
    """Lend a workspace to whoever works at the machine itself: no role is asked, the audit told.

    The audit is that of the host whose room the folder is, whatever else the environment says of
    how people get in. Where nobody was ever let in, there is none to tell.
    """
    with workspaces.open_own(folder) as store:
        found = next(filter(None, starmap(_room_at, _homes(store.folder))), None)
        if found is None:
            yield store
            return
        host, room = found
        record = recorder(host, workspaces.local_user(), room.workspace_id)
        with store.acting_for(Actor("", "owner", record)) as own:
            yield own


def _homes(folder: Path) -> Iterator[tuple[Path, Path, Path]]:
    """Yield homes whose register may know ``folder``, which follows, and their first workspace.

    A home is found as the server finds it that is started with the same option: named, beside the
    first workspace, or among the user's data; or because the folder lies in it.
    """
    first = workspaces.default_folder()
    is_named = bool(os.environ.get("LEEWAY_HOME"))
    is_placed = bool(os.environ.get("LEEWAY_WORKSPACE"))
    yield home_folder(), folder, folder if is_named and not is_placed else first
    for place in dict.fromkeys((folder.absolute(), folder.resolve())):
        if place.parent.name == _HOME:
            yield place.parent.parent, place, first
        if not is_named:
            yield home_folder({"LEEWAY_WORKSPACE": str(place)}), place, place


def _room_at(home: Path, folder: Path, first: Path) -> tuple[Hosting, Room] | None:
    """Return the room of a home that is kept in a folder, if there is a register that knows."""
    if not Register.exists(home):
        return None
    host = Hosting(home=home.absolute())  # of which nothing else is asked
    kept = ((room, _folder(host, room) if room.folder else first)
            for known in _all_rooms(host) for room in known.values())  # fmt: skip
    found = folder.resolve()
    return next(((host, room) for room, place in kept
                 if place.expanduser().resolve() == found), None)  # fmt: skip


def other_rooms(hosting: Hosting) -> tuple[Callable[[], Store], ...]:
    """Return how to open each workspace beside the first, for what is done to all of them."""

    def opener(workspace_id: str) -> Callable[[], Store]:
        return lambda: open_room(hosting, workspace_id)

    return tuple(opener(room.workspace_id) for room in rooms(hosting) if room.folder)


# Those that were deleted


def shut(hosting: Hosting, room: Room) -> None:
    """Close a workspace that was deleted: nothing that is open there goes on."""
    folder = _folder(hosting, room)
    with _lock:
        door = _doors[folder]
    with door:
        Store.retire(folder)
        with _lock:
            store = _stores.pop(folder, None)
        if store is not None:
            store.close()


def purge(hosting: Hosting, now: datetime | None = None) -> tuple[Room, ...]:
    """Close deleted workspaces, and remove the folders of those whose grace has ended.

    Returns
    -------
    tuple of Room
        Whose folders were removed by this call.
    """
    if not Register.exists(hosting.home):
        return ()
    known, at = register(hosting), now or datetime.now(UTC)
    for room in known.rooms(with_deleted=True):
        if room.deleted_at is not None:
            shut(hosting, room)
    return tuple(room for room in known.purge(at) if _removed(hosting, room))


def _removed(hosting: Hosting, room: Room) -> bool:
    """Remove a room's folder; return whether there was one. It is given another name first."""
    folder = _folder(hosting, room)
    going = folder.with_name(f"{_GOING}{folder.name}")
    had_one = folder.is_dir()
    if had_one:
        shut(hosting, room)
        folder.rename(going)
    shutil.rmtree(going, ignore_errors=True)
    return had_one
