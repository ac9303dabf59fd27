"""The server's own figures are for owners: memory, sessions and how much is kept."""

from collections.abc import Callable

from starlette.responses import Response

from analytics.errors import AnalyticsError
from analytics.web.guard import NOT_KEPT
from analytics.web.lines import FullError, Line
from analytics.web.messages import ASGIApp, Message, Receive, Send
from analytics.web.visits import Party

_PATH = "/_stcore/metrics"


class Figures:
    """Middleware that shows the server's figures to owners, and to nobody else.

    Parameters
    ----------
    app : ASGI app
        What answers.
    party : callable
        Who sends a request, and what they may; asked in a thread.
    """

    def __init__(self, app: ASGIApp, *, party: Callable[[Message], Party]) -> None:
        self._app = app
        self._party = party
        self._line = Line("figures", threads=1, waiting=20)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or not scope["path"].rstrip("/").endswith(_PATH):
            await self._app(scope, receive, send)
            return
        try:
            status = None if (await self._line.work(self._party, scope)).is_owner else 403
        except (AnalyticsError, FullError):
            status = 503
        answers = self._app if status is None else Response(status_code=status, headers=NOT_KEPT)
        await answers(scope, receive, send)
