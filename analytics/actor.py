"""Who is acting, what they may, and where their deeds are recorded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analytics.errors import UnknownRoleError

ROLES = ("viewer", "editor", "owner")  # each may what those before it may


def unrecorded(act: str, object: str, counts: Mapping[str, int]) -> None:  # noqa: A002 - what the act was done to
    """Record nothing: the command line, a notebook and tests answer to nobody."""


def reaches(role: str, needed: str) -> bool:
    """Return whether a role may what takes another role.

    Parameters
    ----------
    role : str
        Somebody's role. One that there is not, or none (""), reaches for nothing.
    needed : str
        One of `ROLES`.

    Raises
    ------
    UnknownRoleError
        Nothing can take such a role.

    Examples
    --------
    >>> reaches("owner", "editor"), reaches("viewer", "editor"), reaches("", "viewer")
    (True, False, False)
    """
    if needed not in ROLES:
        raise UnknownRoleError(role=needed)
    return role in ROLES and ROLES.index(role) >= ROLES.index(needed)


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts in one workspace.

    Parameters
    ----------
    name : str
        As the audit names them; "" for whoever sits at the machine.
    role : str
        One of `ROLES`.
    record : callable
        Is told what was done, once it is done: act, object and counts; never a cell's value.
    still : callable, optional
        Returns the role that they have now, "" if none: a role can be taken while they are at
        work. Default: theirs for good.
    """

    name: str
    role: str = "owner"
    record: Callable[[str, str, Mapping[str, int]], None] = unrecorded
    still: Callable[[], str] | None = None

    def may(self, role: str) -> bool:
        """Return whether this actor may what takes a role.

        Examples
        --------
        >>> Actor("Ann", "editor").may("viewer"), Actor("Ann", "editor").may("owner")
        (True, False)
        """
        return reaches(self.role, role)

    def may_still(self, role: str) -> bool:
        """Return whether this actor may what takes a role, at this moment.

        Examples
        --------
        >>> Actor("Ann", "editor").may_still("editor")
        True
        >>> Actor("Ann", "editor", still=lambda: "viewer").may_still("editor")
        False
        """
        return self.may(role) and (self.still is None or reaches(self.still(), role))


LOCAL = Actor("")  # command line, notebook, tests: the owner, and nothing is recorded
