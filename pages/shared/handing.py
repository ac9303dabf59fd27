"""What is handed out as a file: the audit hears of it when it is taken, not when it is offered."""

from collections.abc import Callable
from typing import TypeVar

from analytics.errors import NotAllowedError
from analytics.services import hosting
from pages.shared import session

_File = TypeVar("_File", str, bytes)


def noted(content: Callable[[], _File], file: str) -> Callable[[], _File]:
    """Return ``content``, which makes a file, so that the audit tells who took it, and when.

    It runs outside the visit, from which nothing may be read then. Whoever is no longer in the
    workspace by that time, or whose link has ended, gets nothing. A guest has no name: what the
    audit knows of one is that the link was opened.

    Parameters
    ----------
    content : callable
        Makes the file.
    file : str
        What it is called.
    """
    hosted, cookie = hosting.settings(), session.guest()
    if cookie is not None:
        return _lent(content, hosted, cookie)
    here = session.seat()

    def made() -> _File:
        data = content()
        hosting.note(hosted, here.visitor, here.room.workspace_id, "export", thing=file)
        return data

    return made


def _lent(
    content: Callable[[], _File], hosted: hosting.Hosting, cookie: str
) -> Callable[[], _File]:
    def made() -> _File:
        if hosting.link_of(hosted, cookie) is None:
            raise NotAllowedError(role="viewer")
        return content()

    return made
