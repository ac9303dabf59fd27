"""The protective headers, and above all what a page may load and run: nothing but our own."""

import base64
import hashlib
import re

from analytics.web.messages import ASGIApp, Message, Receive, Send

_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_YEAR = 365 * 24 * 3600  # seconds
_INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)


class Headers:
    """Middleware that adds the protective headers which the server itself does not send.

    Parameters
    ----------
    app : ASGI app
        What answers.
    page : str
        The page (HTML) whose own inline scripts may run; no other inline script ever does.
    is_secure : bool
        Whether the app is reached by TLS only, so that browsers may be told to stay there.
    """

    def __init__(self, app: ASGIApp, *, page: str = "", is_secure: bool = False) -> None:
        self._app = app
        self._headers = (
            *_ALWAYS,
            (b"content-security-policy", policy(page).encode()),
            *([(b"strict-transport-security", f"max-age={_YEAR}".encode())] if is_secure else []),
        )

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass the request on; add the headers to its response."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] in _ANSWERS:
                message["headers"] = [*message.get("headers", ()), *self._headers]
            await send(message)

        await self._app(scope, receive, send_with_headers)


_ANSWERS = ("http.response.start", "websocket.http.response.start")


def policy(page: str) -> str:
    """Return the content-security policy under which a page and its own inline scripts work.

    Parameters
    ----------
    page : str
        HTML; each of its inline scripts is named by its hash, as it stands.

    Examples
    --------
    The hash of ``alert('Hello, world.');`` is the one that the recommendation CSP Level 2 gives.

    >>> policy("<script>alert('Hello, world.');</script>").split("; ")[1]
    "script-src 'self' 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"
    """
    hashes = (hashlib.sha256(_as_parsed(script)).digest() for script in _INLINE.findall(page))
    named = "".join(f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in hashes)
    return "; ".join((
        "default-src 'none'",
        f"script-src 'self'{named}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-ancestors 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    ))  # fmt: skip


def _as_parsed(script: str) -> bytes:
    """Return a script as a browser hashes it: with the line ends of its parser."""
    return script.replace("\r\n", "\n").replace("\r", "\n").encode()
