"""Under which names the app answers, and which pages may talk to it."""

from urllib.parse import SplitResult, urlsplit

from starlette.responses import PlainTextResponse

from analytics.services.serving import is_loopback
from analytics.web.messages import ASGIApp, Message, Receive, Send, header, headers

_PORTS = {"http": 80, "https": 443}
_ASKING = ("GET", "HEAD", "OPTIONS")


class Hosts:
    """Middleware that answers under the app's own names, and only to its own pages.

    A foreign name in ``Host`` is a page elsewhere that had its name lead here (DNS rebinding); a
    foreign ``Origin`` is a page elsewhere that sends in its visitor's name. A websocket says its
    origin, or is none of a browser's.

    Parameters
    ----------
    app : ASGI app
        What answers.
    public_url : str
        Where the team reaches the app, as their browsers spell it; empty: this machine alone does,
        under its loopback names. Those hold beside a public address too, for who asks from here.
    """

    def __init__(self, app: ASGIApp, *, public_url: str = "") -> None:
        self._app = app
        self._public = _origin(public_url)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        is_asked = scope["type"] in ("http", "websocket")
        status = self._refusal(scope) if is_asked else None
        if status is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse("", status_code=status)(scope, receive, send)

    def _refusal(self, scope: Message) -> int | None:
        """Return the status of a refusal, None for what may pass."""
        host = self._host(scope)
        if host is None:
            return 421  # misdirected
        said = headers(scope, b"origin")
        if scope["type"] == "websocket":
            is_ours = len(said) == 1 and self._is_ours(said[0], host)
        elif scope["method"] in _ASKING:
            is_ours = True  # what is only asked for, a foreign page cannot read
        else:
            is_ours = all(self._sends(scope, origin, host) for origin in said)
        return None if is_ours else 403

    def _host(self, scope: Message) -> tuple[str, int | None] | None:
        """Return the name that was asked for, with its port, if it is one of ours."""
        said = headers(scope, b"host")
        asked = _place(f"//{said[0]}") if len(said) == 1 else None
        if asked is None:
            return None
        if self._public is not None:
            scheme, *place = self._public
            if (asked[0], asked[1] or _PORTS[scheme]) == tuple(place):
                return asked
        return asked if is_loopback(asked[0]) and _is_from_here(scope) else None

    def _sends(self, scope: Message, origin: str, host: tuple[str, int | None]) -> bool:
        """Return whether one of our own pages sends.

        Our pages tell nobody where a visitor comes from, so a form of theirs has the origin "null";
        what a browser says of the site itself, no page can say in its place.
        """
        near = header(scope, b"sec-fetch-site")
        return near == "same-origin" if origin == "null" else self._is_ours(origin, host)

    def _is_ours(self, origin: str, host: tuple[str, int | None]) -> bool:
        """Return whether a page's origin is the one that it was asked under."""
        found = _origin(origin)
        if found is None:
            return False
        if self._public is not None and found == self._public:
            return True
        scheme, name, port = found
        return is_loopback(name) and (name, port) == (host[0], host[1] or _PORTS[scheme])


def _is_from_here(scope: Message) -> bool:
    """Return whether a request came from this machine, as far as the server knows."""
    client = scope.get("client")
    return client is None or is_loopback(str(client[0]))


def _origin(text: str) -> tuple[str, str, int] | None:
    """Return scheme, name and port of an address on the web; None if it is none."""
    parts = _parts(text)
    if parts is None or parts.scheme not in _PORTS or not parts.hostname:
        return None
    return parts.scheme, parts.hostname.rstrip("."), parts.port or _PORTS[parts.scheme]


def _place(text: str) -> tuple[str, int | None] | None:
    """Return name and port of a ``Host``; None if it holds anything else."""
    parts = _parts(text)
    if parts is None or not parts.hostname or "@" in parts.netloc or parts.path or parts.query:
        return None
    return parts.hostname.rstrip("."), parts.port


def _parts(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises if it is no number
    except ValueError:
        return None
    return parts
