"""The register of a host: workspaces, who may enter them, who is signed in, what was done."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from analytics.access import audit, members, names, rooms, secrets, sessions
from analytics.access.audit import AuditRow
from analytics.access.database import FILE, Database
from analytics.access.members import Member
from analytics.access.rooms import Room
from analytics.access.sessions import SessionRow, Visitor
from analytics.errors import AnalyticsError, EmptyNameError


class Register:
    """One file beside the workspaces, which threads and processes share.

    Every ``now`` has a time zone. Every ``who`` is the name that the audit keeps. Nothing here
    asks whether somebody may: that is for the service above.

    Raises
    ------
    RegisterUnusableError
        By every method: the file cannot be used (`RegisterBusyError`, `DamagedRegisterError`,
        `NewerRegisterError`).
    WriteFailedError
        By every method that writes: the disk refused.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, home: Path) -> Self:
        """Open the register of a home; make both if there are none.

        Parameters
        ----------
        home : Path
            The folder, for its owner's eyes only if it is made here.
        """
        database = Database(Path(home).expanduser() / FILE)
        with database.reading() as connection:
            has_begun = bool(rooms.listed(connection))
        if not has_begun:
            with database.writing() as connection:
                rooms.begin(connection, datetime.now(UTC))
        return cls(database)

    @staticmethod
    def exists(home: Path) -> bool:
        """Return whether a home has a register yet."""
        return (Path(home).expanduser() / FILE).exists()

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._database.path

    def close(self) -> None:
        """Close the file; a later question opens it again."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Workspaces

    def rooms(self, *, now: datetime | None = None, with_deleted: bool = False) -> tuple[Room, ...]:
        """Return the workspaces, the first one first.

        Parameters
        ----------
        now : datetime, optional
            Leaves out those whose grace is over by then, though nobody has dropped them yet.
        with_deleted : bool
            Also those that were deleted and can be brought back.
        """
        with self._database.reading() as connection:
            found = rooms.listed(connection, with_deleted=with_deleted)
        return tuple(
            room for room in found if now is None or room.gone_at is None or room.gone_at > now
        )

    def room(self, team: str, *, deleted: bool = False) -> Room:
        """Return the workspace that somebody names, by id or name; "" is the first.

        Raises
        ------
        UnknownRoomError
            There is none among those that stand, or among those that were deleted.
        """
        with self._database.reading() as connection:
            found = rooms.meant(connection, team, deleted=deleted)
            return rooms.one(connection, found or "", deleted=deleted)

    def create_room(self, name: str, *, who: str, now: datetime) -> Room:
        """Note a new workspace; its folder is made by whoever opens it.

        Raises
        ------
        BadRoomNameError, TakenRoomNameError
            The name cannot be shown, or is another workspace's.
        """
        with self._database.writing() as connection:
            return rooms.create(connection, name, who=who, now=now)

    def rename_room(self, workspace_id: str, name: str, *, who: str, now: datetime) -> Room:
        """Give a workspace another name; its folder and its id stay.

        Raises
        ------
        UnknownRoomError, BadRoomNameError, TakenRoomNameError
            There is no such workspace; the name cannot be shown, or is another's.
        """
        with self._database.writing() as connection:
            return rooms.rename(connection, workspace_id, name, who=who, now=now)

    def delete_room(
        self, workspace_id: str, *, who: str, now: datetime, grace_days: int = 30
    ) -> Room:
        """Close a workspace; for some days it can be brought back.

        Raises
        ------
        UnknownRoomError, MainRoomError
            There is no such workspace, or it is the first.
        """
        with self._database.writing() as connection:
            return rooms.delete(connection, workspace_id, who=who, now=now, grace_days=grace_days)

    def bring_back_room(self, workspace_id: str, *, who: str, now: datetime) -> Room:
        """Open a deleted workspace again, with its members, secrets and open sessions.

        Raises
        ------
        UnknownRoomError
            There is none that was deleted, or it is gone.
        """
        with self._database.writing() as connection:
            return rooms.bring_back(connection, workspace_id, who=who, now=now)

    def purge(self, now: datetime) -> tuple[Room, ...]:
        """Drop the workspaces whose grace has ended; return **all** that were ever dropped.

        Whoever removes the folders may be interrupted, so every call names all of them. A
        workspace is dropped by the second look that finds its grace over, at least 20 hours after
        the first: a clock that jumps ahead once deletes nothing.
        """
        with self._database.writing() as connection:
            return rooms.purge(connection, now)

    # Team secrets

    def set_secret(
        self, workspace_id: str, role: str, secret: str, *, who: str, now: datetime
    ) -> None:
        """Give a role a secret, and end every session that the old one opened.

        The secret that it has already changes nothing: a server may set it at every start.

        Raises
        ------
        WeakSecretError
            It could be guessed (`ShortSecretError`, `KnownSecretError`), or another role has it
            (`TakenSecretError`).
        NoOwnerSecretError
            The owner has none yet.
        UnknownRoleError, UnknownRoomError
            There is no such role or workspace.
        """
        members.known_role(role)
        fit = secrets.checked(secret)
        with self._database.writing() as connection:
            salt = members.keep_salt(connection, workspace_id)
        key = salt.key(fit)  # slow, so not while others wait to write
        with self._database.writing() as connection:
            members.set_key(connection, workspace_id, role, key, who=who, now=now)

    def forget_secret(self, workspace_id: str, role: str, *, who: str, now: datetime) -> None:
        """Take a role's secret away, and end every session that it opened.

        Raises
        ------
        UnknownSecretError, NoOwnerSecretError
            There is none; or it is the owner's, and other roles still have theirs.
        """
        with self._database.writing() as connection:
            members.forget_key(connection, workspace_id, role, who=who, now=now)

    def secrets(self, workspace_id: str) -> Mapping[str, datetime]:
        """Return the roles that have a secret, and when it was set."""
        with self._database.reading() as connection:
            return members.changed(connection, workspace_id)

    def sign_in(
        self, team: str, secret: str, name: str, *, now: datetime, held: str = ""
    ) -> str | None:
        """Begin a session by a team secret.

        A miss takes as long as a hit, and is recorded without what was typed.

        Parameters
        ----------
        team : str
            Name or id of a workspace; "" is the first one.
        secret : str
            Tells the role.
        name : str
            Who comes, as they say.
        now : datetime
            The time.
        held : str
            What the browser holds already: what it opens stays open under the new session, and
            itself it opens nothing any more.

        Returns
        -------
        str or None
            What the browser is to hold from now on; none is a miss, which leaves ``held`` alone.

        Raises
        ------
        EmptyNameError
            There is no name to be seen, or the secret was typed there, where all would read it.
        """
        shown = names.person(name)
        if secrets.is_within(secret, shown):
            raise EmptyNameError
        with self._database.reading() as connection:
            workspace_id = rooms.meant(connection, team)
            salt = members.salt_of(connection, workspace_id) if workspace_id else None
        key = (salt or secrets.NOBODYS).key(secret)
        with self._database.writing() as connection:
            return sessions.enter(connection, workspace_id, key, shown, now=now, held=held)

    # Members

    def members(self, workspace_id: str) -> tuple[Member, ...]:
        """Return a workspace's members: owners first, then by address."""
        with self._database.reading() as connection:
            return members.listed(connection, workspace_id)

    def set_member(
        self, workspace_id: str, address: str, role: str, *, who: str, now: datetime
    ) -> Member:
        """Give an address a role in a workspace, from their next look on.

        Raises
        ------
        BadMemberError, UnknownRoleError, UnknownRoomError
            There is no such address, role or workspace.
        LastOwnerError
            They are the only owner, and would be less.
        """
        with self._database.writing() as connection:
            return members.set_one(connection, workspace_id, address, role, who=who, now=now)

    def remove_member(self, workspace_id: str, address: str, *, who: str, now: datetime) -> None:
        """Take an address's role in a workspace away, from their next look on.

        Raises
        ------
        UnknownMemberError, LastOwnerError
            They are no member, or the only owner.
        """
        with self._database.writing() as connection:
            members.remove(connection, workspace_id, address, who=who, now=now)

    def sign_in_as(self, address: str, name: str, *, now: datetime, held: str = "") -> str:
        """Begin a session of somebody whose address an identity provider has checked.

        Which workspaces it opens is looked up among their members at every look. ``held`` is
        ended, and what it opened stays closed.

        Returns
        -------
        str
            What the browser is to hold.
        """
        with self._database.writing() as connection:
            return sessions.enter_as(connection, address, name, now=now, held=held)

    # Sessions

    def visitor(self, secret: str, *, now: datetime) -> Visitor | None:
        """Return who holds a secret, and note at most once a minute that they were here."""
        if not secret:
            return None
        digest = sessions.digest_of(secret)
        with self._database.reading() as connection:
            found, needs_a_note = sessions.find(connection, digest, now)
        if needs_a_note:
            with suppress(AnalyticsError), self._database.writing() as connection:
                sessions.note(connection, digest, now)  # to look does not fail by a full disk
        return found

    def renewed(self, session_id: str, *, now: datetime) -> Visitor | None:
        """Return who has a session that somebody was found to have before; None if it has ended."""
        with self._database.reading() as connection:
            return sessions.renewed(connection, session_id, now)

    def sign_out(self, secret: str, *, now: datetime) -> None:
        """End the session that a browser holds, in every tab; an unknown one is fine."""
        with self._database.writing() as connection:
            sessions.leave(connection, secret, now=now)

    def sessions(self, workspace_id: str, *, now: datetime) -> tuple[SessionRow, ...]:
        """Return the live sessions that may enter a workspace, the last used first."""
        with self._database.reading() as connection:
            return sessions.listed(connection, workspace_id, now)

    def end_session(self, workspace_id: str, session_id: str, *, who: str, now: datetime) -> None:
        """End somebody's session in a workspace; what a secret opened elsewhere stays open.

        Raises
        ------
        UnknownSessionError
            It does not enter this workspace, or has ended.
        """
        with self._database.writing() as connection:
            sessions.end(connection, workspace_id, session_id, who=who, now=now)

    def grant(
        self, session_id: str, workspace_id: str, role: str, *, who: str, now: datetime
    ) -> None:
        """Let a session that a team secret opened into one more workspace, such as its new one.

        Raises
        ------
        UnknownSessionError, UnknownRoomError, UnknownRoleError
            There is none, or it is a checked identity's, which `set_member` is for.
        """
        with self._database.writing() as connection:
            sessions.grant(connection, session_id, workspace_id, role, who=who, now=now)

    # Audit

    def record(
        self,
        who: str,
        act: str,
        *,
        workspace_id: str = "",
        object: str = "",  # noqa: A002 - what the act was done to
        counts: Mapping[str, int] | None = None,
        now: datetime,
    ) -> None:
        """Add a deed to the audit: names and counts, never a cell's value."""
        with self._database.writing() as connection:
            audit.add(connection, who, act, now=now, workspace_id=workspace_id, object=object,
                      counts=counts)  # fmt: skip

    def audit(
        self, workspace_id: str | None, *, most: int = 500, before: int | None = None
    ) -> tuple[AuditRow, ...]:
        """Return a workspace's deeds, the newest first; of all with none.

        Parameters
        ----------
        workspace_id : str or None
            "" are the deeds that belong to no workspace, such as a miss at an unknown team.
        most : int
            Rows at most.
        before : int, optional
            Only rows of a smaller number: the next page.
        """
        with self._database.reading() as connection:
            return audit.listed(connection, workspace_id, most=most, before=before)

    def audit_head(self) -> tuple[int, str]:
        """Return how many deeds the audit holds, and the last one's hash, to be noted elsewhere."""
        with self._database.reading() as connection:
            return audit.head(connection)

    def broken_link(self, noted: tuple[int, str] | None = None) -> int | None:
        """Return the number of the first audit row that does not fit the chain, if there is one.

        Parameters
        ----------
        noted : tuple of (int, str), optional
            An earlier `audit_head`: whoever can write the file could forge a whole chain, but not
            one that passes through this.
        """
        with self._database.reading() as connection:
            return audit.broken_link(connection, noted)

    def copy_to(self, path: Path) -> None:
        """Copy the register to a new file while others write; one that is there is refused."""
        self._database.copy_to(path)

    def findings(self) -> list[str]:
        """Return what SQLite's own check of the file finds, in its words; none is well."""
        return self._database.findings()
