"""One host, several teams: how it lets people in, which rooms they may enter, what owners do.

Every function asks for the visitor's role itself; a page that forgets to ask gives nothing away.
"""

from datetime import UTC, datetime

from analytics.access import ACTS as REGISTERS_ACTS
from analytics.access import MAIN, Room, Visitor
from analytics.errors import NoTeamSecretError, TakenSecretError, UnfitSecretError, WeakSecretError
from analytics.services.doors import (
    actor,
    at_the_machine,
    close,
    entered,
    local_visitor,
    open_room,
    other_rooms,
    purge,
    register,
    role_in,
    rooms,
    rooms_of,
    visitor,
)
from analytics.services.guests import enter_link, leave_link, link_has_run_out, link_of
from analytics.services.host_settings import (
    MODES,
    Hosting,
    refuse_unsafe,
    settings,
    source_of_secret,
)
from analytics.services.team import (
    GRACE_DAYS,
    audit,
    bring_back_room,
    create_room,
    delete_room,
    deleted_rooms,
    end_session,
    forget_secret,
    members,
    note,
    remove_member,
    rename_room,
    secrets,
    sessions,
    set_member,
    set_secret,
)
from analytics.store import deeds

__all__ = [
    "ACTS",
    "GRACE_DAYS",
    "MAIN",
    "MODES",
    "Hosting",
    "Room",
    "Visitor",
    "actor",
    "at_the_machine",
    "audit",
    "bring_back_room",
    "checked",
    "close",
    "create_room",
    "delete_room",
    "deleted_rooms",
    "end_session",
    "enter_link",
    "entered",
    "forget_secret",
    "leave_link",
    "link_has_run_out",
    "link_of",
    "local_visitor",
    "members",
    "note",
    "open_room",
    "other_rooms",
    "purge",
    "register",
    "remove_member",
    "rename_room",
    "role_in",
    "rooms",
    "rooms_of",
    "secrets",
    "sessions",
    "set_member",
    "set_secret",
    "settings",
    "visitor",
]


# What an audit row may say that was done: by the register, in a workspace, or by a download.
ACTS = (
    *REGISTERS_ACTS,
    *(deed.act for deed in deeds.ALL.values() if deed.is_told),
    "export",
)


def checked(hosting: Hosting, host: str | None, *, now: datetime | None = None) -> None:
    """Refuse to serve on ``host`` unless only those get in who should.

    The secret that a mounted file holds, and the first owner's membership, are noted in the
    register on the way.

    Raises
    ------
    HostingError
        One of its kinds, each of which says what to set.
    """
    refuse_unsafe(hosting, host)
    at = now or datetime.now(UTC)
    if hosting.mode == "password":
        _check_secret(hosting, at)
    if hosting.mode == "oidc":
        known = register(hosting)
        if not any(member.role == "owner" for member in known.members(MAIN)):
            known.set_member(MAIN, hosting.owner, "owner", who="", now=at)


def _check_secret(hosting: Hosting, now: datetime) -> None:
    known = register(hosting)
    if hosting.team_secret:
        try:
            known.set_secret(MAIN, "owner", hosting.team_secret, who="", now=now)
        except TakenSecretError:
            raise
        except WeakSecretError as fault:
            raise UnfitSecretError(name=source_of_secret()) from fault
    if "owner" not in known.secrets(MAIN):
        raise NoTeamSecretError
