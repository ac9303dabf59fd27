"""The doors of links, and what a guest who came by one may not send."""

from collections.abc import Callable
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from analytics.errors import AnalyticsError
from analytics.services import sharing
from analytics.services.throttling import Throttle
from analytics.web.door_pages import Door, answer, translator
from analytics.web.guard import cookies
from analytics.web.lines import FullError, Line
from analytics.web.messages import ASGIApp, Message, Receive, Send
from analytics.web.visits import client, sent


class Guests:
    """Middleware that takes nothing from a browser that came by a link: it may only look.

    Parameters
    ----------
    app : ASGI app
        What answers.
    base : str
        The sub-path that the server runs under. A guest who is also of the team may sign in.
    """

    def __init__(self, app: ASGIApp, *, base: str = "") -> None:
        self._app = app
        self._doors = (f"{base}/sign-in", f"{base}/sign-out")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a question on, refuse whatever else a guest sends."""
        is_sent = scope["type"] == "http" and scope["method"] not in _LOOKING
        if is_sent and scope["path"] not in self._doors and sharing.COOKIE in cookies(scope):
            await PlainTextResponse("", status_code=403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


_LOOKING = ("GET", "HEAD", "OPTIONS")
_AGAIN = 30  # looks a minute for a client that has guessed too often
_AT_ONCE, _WAITING = 2, 40  # who come by links


def links(
    enter: Callable[[str], str | None],
    leave: Callable[[str], None],
    *,
    base: str,
    is_served: bool,
    is_secure: bool = False,
    throttle: Throttle | None = None,
) -> list[Route]:
    """Return the doors of links: ``<base>/s/<token>`` lets a guest in, ``<base>/s/leave`` out.

    ``<base>/s/over`` says that a visit has ended.

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
    is_secure : bool
        Whether browsers reach the app by TLS, so that the cookie goes no other way.
    throttle : Throttle, optional
        Slows down who guesses; default: 10 misses a minute and client. A link that opens is no
        guess: it opens also for a client that has to wait, for others may share its address. Of
        such a client the workspace is asked 30 times a minute at most.

    Notes
    -----
    The token goes no further than here: the browser is sent on to an address without it, with a
    cookie that no script can read. Whatever does not open gets one and the same answer.
    """
    line = Line("links", threads=_AT_ONCE, waiting=_WAITING)
    opens = _Opening(enter if is_served else _nothing, throttle or Throttle(), line)

    async def door(request: Request) -> Response:
        if request.method != "GET":  # a look at the header opens nothing, and is no guess
            return _refusal(request, 404)
        status, secret = await opens.tried(client(request), request.path_params["token"])
        if secret is None:
            return _refusal(request, status)
        return _let_in(request, secret, base, is_secure=is_secure)

    async def out(request: Request) -> Response:
        secret = request.cookies.get(sharing.COOKIE)
        if secret and request.method == "GET":
            with suppress(AnalyticsError, FullError):  # the cookie goes, the visit ends by itself
                await line.work(leave, secret)
        response = sent(f"{base}/")
        _forget(response, base)
        return response

    def over(request: Request) -> Response:
        response = _refusal(request, 403, "visit.run_out")
        _forget(response, base)
        return response

    home = f"{base}/{sharing.SECTION}"
    return [
        Route(f"{home}/over", over, methods=["GET"]),
        Route(f"{home}/leave", out, methods=["GET"]),
        Route(f"{home}/{{token:path}}", door, methods=["GET"]),
    ]


class _Opening:
    """Looks what a token opens, in threads of its own, and slows down who guesses."""

    def __init__(self, enter: Callable[[str], str | None], misses: Throttle, line: Line) -> None:
        self._enter, self._misses, self._line = enter, misses, line
        self._again = Throttle(most=_AGAIN)

    async def tried(self, who: str, token: str) -> tuple[int, str | None]:
        """Return the status of the answer, and the secret of a new guest if a link opens."""
        if self._misses.is_spent(who) and not self._again.admits(who):
            return 429, None
        try:
            secret = await self._line.work(self._enter, token)
        except (AnalyticsError, FullError):  # the workspace cannot be asked now
            return 503, None
        if secret is not None:
            return 303, secret
        return (404 if self._misses.admits(who) else 429), None


def _nothing(_token: str) -> None:
    """Open nothing: this server serves no links."""


def _forget(response: Response, base: str) -> None:
    response.delete_cookie(sharing.COOKIE, path=base or "/", httponly=True, samesite="lax")


def _let_in(request: Request, secret: str, base: str, *, is_secure: bool) -> Response:
    response = sent(f"{base}/")
    response.set_cookie(
        sharing.COOKIE,
        secret,
        path=base or "/",
        httponly=True,
        samesite="lax",
        secure=is_secure or request.url.scheme == "https",
    )
    return response


def _refusal(request: Request, status: int, key: str = "") -> Response:
    """Return the page that says that nothing opens here, and nothing else."""
    t = translator(request)
    told = t(key or ("visit.slow_down" if status == 429 else "visit.refused"))
    return answer(request, t, Door(t("app.name"), about=told, status=status))
