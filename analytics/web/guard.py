"""Who is not signed in gets nothing: no page, no file, no websocket."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlencode

from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from analytics.errors import AnalyticsError
from analytics.services import sharing
from analytics.web.messages import ASGIApp, Message, Receive, Send, header, headers

DOORS = ("/sign-in", "/sign-out")
_LOOKERS = 4  # threads that ask; more would wait for the same file
_GUEST_LOOKERS = 2  # others, so that made-up guests keep no member waiting
_OVER = {"type": "websocket.disconnect", "code": 1008, "reason": ""}

Cookies = Mapping[str, str]


class Guard:
    """Middleware that lets in who is known, and turns them out once they are not any more.

    Parameters
    ----------
    app : ASGI app
        What answers.
    knows : callable
        Given a browser's cookies, whether it may be here now. It is asked for every request, in a
        thread, and may block.
    doors : collection of str
        Paths that are open to everybody, beside those of links and of the app's health.
    base : str
        The sub-path that the server runs under: empty, or with a slash before it.
    farewell : bytes
        What a websocket is told before it is closed, so that its page leaves by itself.
    at_most_every, at_least_every : float
        Seconds between two looks at a websocket's visitor, while it sends and while it is silent.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        knows: Callable[[Cookies], bool],
        doors: Collection[str] = DOORS,
        base: str = "",
        farewell: bytes = b"",
        at_most_every: float = 2.0,
        at_least_every: float = 10.0,
    ) -> None:
        self._app = app
        self._base = base
        self._doors = ("/healthz", *doors)
        self._farewell = farewell
        self._rhythm = (at_most_every, at_least_every)
        self._knows = knows
        self._members = ThreadPoolExecutor(_LOOKERS, thread_name_prefix="guard")
        self._guests = ThreadPoolExecutor(_GUEST_LOOKERS, thread_name_prefix="guests")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] not in ("http", "websocket") or self._is_door(scope):
            await self._app(scope, receive, send)
            return
        look = partial(self._look, cookies(scope))
        known = await look()
        if known and scope["type"] == "http":
            await self._app(scope, receive, send)
        elif known:
            await _Line(self._app, look, self._farewell, self._rhythm).hold(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._refusal(scope, is_known=known)(scope, receive, send)

    async def _look(self, held: Cookies) -> bool | None:
        """Return whether a browser may be here; None if nobody can say."""
        if not held:
            return False
        loop = asyncio.get_running_loop()
        threads = self._guests if sharing.COOKIE in held else self._members
        try:
            return await loop.run_in_executor(threads, self._knows, held)
        except AnalyticsError:
            return None

    def _is_door(self, scope: Message) -> bool:
        if scope["type"] != "http":
            return False
        path = scope["path"]
        if path == "/healthz":
            return True
        if not path.startswith(f"{self._base}/"):
            return False
        inner = path[len(self._base) :]
        return inner in self._doors or inner.startswith("/s/")

    def _refusal(self, scope: Message, *, is_known: bool | None) -> Response:
        if is_known is None:
            return PlainTextResponse("", status_code=503, headers=NOT_KEPT)
        wants_page = "text/html" in (header(scope, b"accept") or "")
        if scope["method"] not in ("GET", "HEAD") or not wants_page:
            return PlainTextResponse("", status_code=401, headers=NOT_KEPT)
        if sharing.COOKIE in cookies(scope):  # a guest has nowhere to sign in
            return RedirectResponse(f"{self._base}/s/over", status_code=303, headers=NOT_KEPT)
        query = scope["query_string"].decode("latin-1")
        wanted = scope["path"] + (f"?{query}" if query else "")
        address = f"{self._base}/sign-in?{urlencode({'next': wanted})}"
        return RedirectResponse(address, status_code=303, headers=NOT_KEPT)


NOT_KEPT = {"cache-control": "no-store"}


def cookies(scope: Message) -> dict[str, str]:
    """Return the cookies of a request; of several with one name the last."""
    return {
        name: value
        for held in headers(scope, b"cookie")
        for name, value in cookie_parser(held).items()
    }


class _Line:
    """A websocket that is cut once its visitor may not be here any more."""

    def __init__(
        self,
        app: ASGIApp,
        look: Callable[[], Awaitable[bool | None]],
        farewell: bytes,
        rhythm: tuple[float, float],
    ) -> None:
        self._app = app
        self._look = look
        self._farewell = farewell
        self._soonest, self._latest = rhythm
        self._looked = time.monotonic()
        self._is_cut = False
        self._sending = asyncio.Lock()
        self._next: asyncio.Future[Message] | None = None

    async def hold(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass everything on, in both directions, while the visitor may be here."""

        async def hear() -> Message:
            return await self._hear(receive, send)

        async def say(message: Message) -> None:
            async with self._sending:
                if not self._is_cut:
                    await send(message)

        try:
            await self._app(scope, hear, say)
        finally:
            if self._next is not None:
                self._next.cancel()

    async def _hear(self, receive: Receive, send: Send) -> Message:
        """Return what comes next; nothing of what comes after the visit's end is passed on."""
        while not self._is_cut:
            if self._next is None:
                self._next = asyncio.ensure_future(receive())
            rest = self._looked + self._latest - time.monotonic()
            await asyncio.wait({self._next}, timeout=max(rest, 0.0))
            has_come = self._next.done()
            if time.monotonic() - self._looked >= (self._soonest if has_come else self._latest):
                await self._check(send)
            if has_come and not self._is_cut:
                message, self._next = self._next.result(), None
                return message
        return dict(_OVER)

    async def _check(self, send: Send) -> None:
        known = await self._look()
        self._looked = time.monotonic()
        if known is not False:  # nobody can say now: the next look may
            return
        async with self._sending:
            self._is_cut = True
            if self._farewell:
                await send({"type": "websocket.send", "bytes": self._farewell})
            await send({"type": "websocket.close", "code": 1008})
