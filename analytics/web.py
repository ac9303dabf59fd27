"""What stands between the network and the pages: headers, health, links for guests.

The middleware is pure ASGI, so that it holds for the pages, the websocket and the files alike.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from html import escape
from typing import Any

from starlette.requests import Request, cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from analytics.errors import AnalyticsError
from analytics.i18n import Translator, language_of
from analytics.services import sharing
from analytics.services.throttling import Throttle

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Message, Receive, Send], Awaitable[None]]

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class Headers:
    """Middleware that adds the protective headers which the server itself does not send."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass the request on; add the headers to its response."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        await self._app(scope, receive, send_with_headers)


class Guests:
    """Middleware that takes nothing from a browser that came by a link: it may only look."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a question on, refuse whatever else a guest sends."""
        if scope["type"] == "http" and scope["method"] not in _LOOKING and _is_guest(scope):
            await PlainTextResponse("", status_code=403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


_LOOKING = ("GET", "HEAD", "OPTIONS")


def _is_guest(scope: Message) -> bool:
    held = (value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie")
    return any(sharing.COOKIE in cookie_parser(cookies) for cookies in held)


def health(answers: Callable[[], bool]) -> Callable[[Request], Response]:
    """Return the endpoint that says whether the workspace answers, not merely the process."""

    def endpoint(_request: Request) -> Response:
        alive = answers()
        return PlainTextResponse("ok" if alive else "store", status_code=200 if alive else 503)

    return endpoint


def links(
    enter: Callable[[str], str | None],
    leave: Callable[[str], None],
    *,
    base: str,
    is_served: bool,
    throttle: Throttle | None = None,
) -> list[Route]:
    """Return the doors of links: ``<base>/s/<token>`` lets a guest in, ``<base>/s/leave`` out.

    Parameters
    ----------
    enter : callable
        Given a token, returns the secret of a new guest, or None.
    leave : callable
        Given a guest's secret, forgets the guest.
    base : str
        The sub-path that the server runs under: empty, or with a slash before it.
    is_served : bool
        Whether this server opens any link.
    throttle : Throttle, optional
        Slows down who guesses; default: 10 misses a minute and client. A link that opens is no
        guess: it opens also for a client that has to wait.

    Notes
    -----
    The token goes no further than here: the browser is sent on to an address without it, with a
    cookie that no script can read. Whatever does not open gets one and the same answer.
    """
    slowed = throttle or Throttle()

    def door(request: Request) -> Response:
        if request.method != "GET":  # a look at the header opens nothing, and is no guess
            return _refusal(request, 404)
        try:
            secret = enter(request.path_params["token"]) if is_served else None
        except AnalyticsError:  # the workspace cannot be asked now
            return _refusal(request, 503)
        if secret is not None:
            return _let_in(request, secret, base)
        client = request.client.host if request.client else ""
        return _refusal(request, 404 if slowed.admits(client) else 429)

    def out(request: Request) -> Response:
        secret = request.cookies.get(sharing.COOKIE)
        if secret and request.method == "GET":
            with suppress(
                AnalyticsError
            ):  # the cookie goes in any case, and the visit ends by itself
                leave(secret)
        response = _sent(f"{base}/")
        response.delete_cookie(sharing.COOKIE, path=base or "/", httponly=True, samesite="lax")
        return response

    home = f"{base}/{sharing.SECTION}"
    return [
        Route(f"{home}/leave", out, methods=["GET"]),
        Route(f"{home}/{{token:path}}", door, methods=["GET"]),
    ]


def _let_in(request: Request, secret: str, base: str) -> Response:
    response = _sent(f"{base}/")
    response.set_cookie(
        sharing.COOKIE,
        secret,
        path=base or "/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


def _sent(address: str) -> RedirectResponse:
    return RedirectResponse(address, status_code=303, headers={"cache-control": "no-store"})


def _refusal(request: Request, status: int) -> Response:
    """Return the page that says that nothing opens here, and nothing else."""
    asked = request.headers.get("accept-language", "")
    t = Translator(language_of(asked.split(",")[0].strip()))
    key = "visit.slow_down" if status == 429 else "visit.refused"
    page = _PAGE.format(language=t.language, title=escape(t("app.name")), text=escape(t(key)))
    return HTMLResponse(page, status_code=status, headers={"cache-control": "no-store"})


_PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ font: 1rem/1.6 system-ui; max-width: 32rem; margin: 18vh auto; padding: 0 1rem }}
</style>
<h1>{title}</h1>
<p>{text}</p>
"""
