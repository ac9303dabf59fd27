"""What an ASGI server and an app say to each other."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Message, Receive, Send], Awaitable[None]]


def header(scope: Message, name: bytes) -> str | None:
    """Return a header of a request, None if it has none; of several the last.

    >>> header({"headers": [(b"host", b"a.example")]}, b"host")
    'a.example'
    """
    found = headers(scope, name)
    return found[-1] if found else None


def headers(scope: Message, name: bytes) -> list[str]:
    """Return all headers of a request that are called ``name`` (in small letters)."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]
