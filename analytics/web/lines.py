"""Threads of their own for what may take long, with a short queue before them.

The server answers everything that blocks from one pool of threads. Work that strangers can ask for
does not stand there: whoever waits for it would take the app down with it.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class FullError(Exception):
    """So many wait already that nobody else is let in the queue."""


class Line:
    """A few threads for one kind of work.

    Parameters
    ----------
    name : str
        Of the threads.
    threads : int
        How much is done at a time.
    waiting : int
        How much more may wait for its turn.
    """

    def __init__(self, name: str, *, threads: int, waiting: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most = threads + waiting
        self._standing = 0
        self._lock = Lock()

    async def work(self, function: Callable[_P, _T], *args: _P.args, **named: _P.kwargs) -> _T:
        """Return what ``function`` returns, once it had its turn.

        Raises
        ------
        FullError
            At once, if too many wait.
        """
        with self._lock:
            if self._standing >= self._most:
                raise FullError
            self._standing += 1
        future = self._threads.submit(function, *args, **named)
        future.add_done_callback(self._left)
        return await asyncio.wrap_future(future)

    def _left(self, _done: object) -> None:
        with self._lock:
            self._standing -= 1
