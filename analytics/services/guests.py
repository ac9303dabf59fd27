"""Links of every workspace on the host: a token or a cookie says of which one it is.

Whatever opens nothing is answered alike: no such workspace, no such link, one that has ended.
"""

import re
from datetime import UTC, datetime

from analytics.actor import Actor
from analytics.errors import UnknownRoomError
from analytics.services import sharing
from analytics.services.doors import open_room, recorder
from analytics.services.host_settings import Hosting

# Every token and every cookie that was ever given; no other is worth a look into a workspace.
_OURS = re.compile(r"(?:[0-9a-f]{16}\.)?[\w-]{43}", re.ASCII)


def enter_link(hosting: Hosting, token: str, now: datetime | None = None) -> str | None:
    """Return what the browser of a new guest is to hold; None if the token opens nothing.

    The view is told to the audit of the link's workspace.
    """
    workspace_id, secret = _parts(token)
    if not secret:
        return None
    try:
        with open_room(hosting, workspace_id) as store:
            guest = Actor("", "editor", recorder(hosting, "", workspace_id))
            with store.acting_for(guest) as counted:
                held = sharing.enter(counted, secret, now=now)
    except UnknownRoomError:
        return None
    return None if held is None else sharing.in_room(workspace_id, held)


def leave_link(hosting: Hosting, cookie: str) -> None:
    """Forget a guest: the cookie opens nothing from now on."""
    workspace_id, secret = _parts(cookie)
    try:
        with open_room(hosting, workspace_id) as store:
            sharing.leave(store, secret)
    except UnknownRoomError:  # closed with everything in it
        return


def link_of(hosting: Hosting, cookie: str, now: datetime | None = None) -> sharing.Share | None:
    """Return what a guest may see; None if nothing any more."""
    workspace_id, secret = _parts(cookie)
    if not secret:
        return None
    try:
        with open_room(hosting, workspace_id) as store:
            return sharing.opened(store, secret, now=now or datetime.now(UTC))
    except UnknownRoomError:
        return None


def link_has_run_out(hosting: Hosting, cookie: str, now: datetime | None = None) -> bool:
    """Return whether a guest's visit ended by itself, and the link would open again."""
    workspace_id, secret = _parts(cookie)
    try:
        with open_room(hosting, workspace_id) as store:
            return sharing.has_run_out(store, secret, now=now)
    except UnknownRoomError:
        return False


def _parts(text: str) -> tuple[str, str]:
    return sharing.of_room(text) if _OURS.fullmatch(text) else ("", "")
