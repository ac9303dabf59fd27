"""The address at which a supervisor asks whether the app is well."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

_PATIENCE = 8.0  # seconds, less than a supervisor waits
_SILENT = "store"


def health(
    ailment: Callable[[], str], *, patience: float = _PATIENCE
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint that says whether the workspaces answer, not merely the process.

    It has a thread of its own, so that whatever keeps the others busy is not taken for illness; who
    asks while it looks gets the same answer.

    Parameters
    ----------
    ailment : callable
        What the app suffers from, in a word; empty if it is well. It may block.
    patience : float
        Seconds after which silence is an answer too.
    """
    thread = ThreadPoolExecutor(1, thread_name_prefix="health")
    lock = Lock()
    looks: list[Future[str]] = []

    def look() -> Future[str]:
        with lock:
            if not looks or looks[0].done():
                looks[:] = [thread.submit(ailment)]
            return looks[0]

    async def endpoint(_request: Request) -> Response:
        asked = asyncio.shield(asyncio.wrap_future(look()))
        try:
            found = await asyncio.wait_for(asked, patience)
        except TimeoutError:
            found = _SILENT
        return PlainTextResponse(found or "ok", status_code=503 if found else 200)

    return endpoint
