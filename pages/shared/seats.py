"""Who sits in a visit, and where: one of a team, or who came by a link."""

from typing import NamedTuple

from analytics.actor import Actor
from analytics.services import hosting, sharing


class Seat(NamedTuple):
    """One of a team: who is here, where, and as what; looked up anew with every run.

    Attributes
    ----------
    visitor : Visitor
        Who it is.
    room : Room
        The workspace that is worked on.
    role : str
        What the visitor may there: one of `actor.ROLES`.
    rooms : tuple of (Room, str)
        Every workspace that the visitor may enter, and as what.
    actor : Actor
        The visitor as who acts in the room.
    """

    visitor: hosting.Visitor
    room: hosting.Room
    role: str
    rooms: tuple[tuple[hosting.Room, str], ...]
    actor: Actor


class Stool(NamedTuple):
    """A guest: the link they came by, and the workspace that it is of.

    Attributes
    ----------
    room_id : str
        The workspace.
    share : Share
        The link, which is open.
    """

    room_id: str
    share: sharing.Share

    @property
    def place(self) -> tuple[str, int]:
        """What a visit is bound to."""
        return self.room_id, self.share.share_id


def by_link(hosted: hosting.Hosting, cookie: str) -> Stool | None:
    """Return where a guest sits; None if what the browser carries opens nothing, or no longer."""
    found = hosting.link_of(hosted, cookie)
    return None if found is None else Stool(sharing.of_room(cookie)[0], found)


def by_session(
    hosted: hosting.Hosting,
    visitor: hosting.Visitor,
    rooms: tuple[tuple[hosting.Room, str], ...],
    room_id: str,
) -> Seat | None:
    """Return where one of a team sits; None if the room is not among theirs."""
    for room, role in rooms:
        if room.workspace_id == room_id:
            return Seat(visitor, room, role, rooms, hosting.actor(hosted, visitor, room_id))
    return None
