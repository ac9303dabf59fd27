"""What owners do about their workspace: rooms, members, secrets, sessions, the audit."""

from collections.abc import Mapping
from datetime import UTC, datetime

from analytics.access import AuditRow, Member, Register, Room, SessionRow, Visitor
from analytics.actor import reaches
from analytics.errors import NotAllowedError, UnknownRoomError
from analytics.services.doors import recorder, register, renewed, role_in, rooms_of, shut
from analytics.services.host_settings import Hosting

GRACE_DAYS = 30


def _needs(hosting: Hosting, who: Visitor, workspace_id: str, role: str = "owner") -> None:
    """Refuse whoever has no such role now; that there is such a workspace only its people learn."""
    found = role_in(hosting, renewed(hosting, who), workspace_id)
    if not found:
        raise UnknownRoomError
    if not reaches(found, role):
        raise NotAllowedError(role=role)


def _now(now: datetime | None) -> datetime:
    return now or datetime.now(UTC)


def may_create(hosting: Hosting, who: Visitor) -> bool:
    """Return whether a visitor may make a workspace: who owns one may make another."""
    return any(role == "owner" for _, role in rooms_of(hosting, renewed(hosting, who)))


def create_room(hosting: Hosting, who: Visitor, name: str, *, now: datetime | None = None) -> Room:
    """Make a workspace; who makes it owns it, and is in at once.

    Raises
    ------
    NotAllowedError
        The visitor owns none.
    BadRoomNameError, TakenRoomNameError
        The name cannot be shown, or another one has it.
    """
    if not may_create(hosting, who):
        raise NotAllowedError(role="owner")
    known, at = register(hosting), _now(now)
    made = known.create_room(name, who=who.name, now=at)
    if hosting.mode == "oidc":
        known.set_member(made.workspace_id, who.address, "owner", who=who.name, now=at)
    elif hosting.mode == "password":
        known.grant(who.session_id, made.workspace_id, "owner", who=who.name, now=at)
    return made


def rename_room(
    hosting: Hosting, who: Visitor, workspace_id: str, name: str, *, now: datetime | None = None
) -> Room:
    """Give a workspace another name; its address stays.

    Raises
    ------
    UnknownRoomError, NotAllowedError
        There is none, or none for this visitor; the visitor does not own it.
    BadRoomNameError, TakenRoomNameError
        The name cannot be shown, or another one has it.
    """
    _needs(hosting, who, workspace_id)
    return register(hosting).rename_room(workspace_id, name, who=who.name, now=_now(now))


def delete_room(
    hosting: Hosting, who: Visitor, workspace_id: str, *, now: datetime | None = None
) -> Room:
    """Close a workspace and its links; for `GRACE_DAYS` it can be brought back, then it goes.

    Raises
    ------
    UnknownRoomError, NotAllowedError
        There is none, or none for this visitor; the visitor does not own it.
    MainRoomError
        It is the first.
    """
    _needs(hosting, who, workspace_id)
    gone = register(hosting).delete_room(
        workspace_id, who=who.name, now=_now(now), grace_days=GRACE_DAYS
    )
    shut(hosting, gone)
    return gone


def bring_back_room(
    hosting: Hosting, who: Visitor, workspace_id: str, *, now: datetime | None = None
) -> Room:
    """Open a workspace again that was deleted, with all that was in it.

    Raises
    ------
    UnknownRoomError, NotAllowedError
        There is none, or none for this visitor; the visitor did not own it.
    """
    here = renewed(hosting, who)
    role = "" if here is None else here.resting.get(workspace_id, "")
    if not role:
        raise UnknownRoomError
    if not reaches(role, "owner"):
        raise NotAllowedError(role="owner")
    return register(hosting).bring_back_room(workspace_id, who=who.name, now=_now(now))


def deleted_rooms(
    hosting: Hosting, who: Visitor, *, now: datetime | None = None
) -> tuple[Room, ...]:
    """Return the workspaces that the visitor may bring back."""
    here = renewed(hosting, who)
    resting = {} if here is None else here.resting
    owned = {workspace_id for workspace_id, role in resting.items() if role == "owner"}
    if not owned:
        return ()
    found = register(hosting).rooms(now=_now(now), with_deleted=True)
    return tuple(
        room for room in found if room.deleted_at is not None and room.workspace_id in owned
    )


def members(hosting: Hosting, who: Visitor, workspace_id: str) -> tuple[Member, ...]:
    """Return who is a member by address, in the mode ``oidc``; for its owners, as all below."""
    _needs(hosting, who, workspace_id)
    if hosting.is_open and not Register.exists(hosting.home):
        return ()
    return register(hosting).members(workspace_id)


def set_member(
    hosting: Hosting, who: Visitor, workspace_id: str, address: str, role: str,
    *, now: datetime | None = None,
) -> None:  # fmt: skip
    """Let somebody in by address, or change their role."""
    _needs(hosting, who, workspace_id)
    register(hosting).set_member(workspace_id, address, role, who=who.name, now=_now(now))


def remove_member(
    hosting: Hosting, who: Visitor, workspace_id: str, address: str, *, now: datetime | None = None
) -> None:
    """Let somebody in no more; at once."""
    _needs(hosting, who, workspace_id)
    register(hosting).remove_member(workspace_id, address, who=who.name, now=_now(now))


def secrets(hosting: Hosting, who: Visitor, workspace_id: str) -> Mapping[str, datetime]:
    """Return which roles have a team secret, and when it was last changed."""
    _needs(hosting, who, workspace_id)
    if hosting.is_open and not Register.exists(hosting.home):
        return {}
    return register(hosting).secrets(workspace_id)


def set_secret(
    hosting: Hosting, who: Visitor, workspace_id: str, role: str, secret: str,
    *, now: datetime | None = None,
) -> None:  # fmt: skip
    """Set the secret by which a role comes in; whoever came by the old one is out."""
    _needs(hosting, who, workspace_id)
    register(hosting).set_secret(workspace_id, role, secret, who=who.name, now=_now(now))


def forget_secret(
    hosting: Hosting, who: Visitor, workspace_id: str, role: str, *, now: datetime | None = None
) -> None:
    """Let nobody in with a role any more."""
    _needs(hosting, who, workspace_id)
    register(hosting).forget_secret(workspace_id, role, who=who.name, now=_now(now))


def sessions(
    hosting: Hosting, who: Visitor, workspace_id: str, *, now: datetime | None = None
) -> tuple[SessionRow, ...]:
    """Return who is signed in to a workspace."""
    _needs(hosting, who, workspace_id)
    if hosting.is_open and not Register.exists(hosting.home):
        return ()
    return register(hosting).sessions(workspace_id, now=_now(now))


def end_session(
    hosting: Hosting, who: Visitor, workspace_id: str, session_id: str,
    *, now: datetime | None = None,
) -> None:  # fmt: skip
    """Sign somebody out."""
    _needs(hosting, who, workspace_id)
    register(hosting).end_session(workspace_id, session_id, who=who.name, now=_now(now))


def audit(
    hosting: Hosting, who: Visitor, workspace_id: str, *, most: int = 500, before: int | None = None
) -> tuple[AuditRow, ...]:
    """Return who did what and when in a workspace, the newest first."""
    _needs(hosting, who, workspace_id)
    if hosting.is_open and not Register.exists(hosting.home):
        return ()
    return register(hosting).audit(workspace_id, most=most, before=before)


def note(
    hosting: Hosting,
    who: Visitor,
    workspace_id: str,
    act: str,
    *,
    thing: str = "",
    counts: Mapping[str, int] | None = None,
) -> None:
    """Tell the audit what somebody did that changes nothing, such as a download.

    Raises
    ------
    UnknownRoomError
        The visitor has no role there.
    """
    _needs(hosting, who, workspace_id, "viewer")
    recorder(hosting, who.name, workspace_id)(act, thing, counts or {})
