"""What stands between the network and the pages: headers, health, and errors without traces.

Pure ASGI, so that it holds for the pages, the websocket and the files alike.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

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


def health(answers: Callable[[], bool]) -> Callable[[Request], Response]:
    """Return the endpoint that says whether the workspace answers, not merely the process."""

    def endpoint(_request: Request) -> Response:
        alive = answers()
        return PlainTextResponse("ok" if alive else "store", status_code=200 if alive else 503)

    return endpoint
