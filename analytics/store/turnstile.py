"""One change at a time, first come, first served."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from analytics.progress import Progress, silent

_PATIENCE = 0.5  # seconds between two looks at whether the waiting should stop


class Turnstile:
    """A lock that keeps the order of arrival and says who is inside.

    >>> turnstile = Turnstile()
    >>> with turnstile.held("Ann"):
    ...     turnstile.holder
    'Ann'
    >>> turnstile.holder
    ''
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: deque[tuple[object, str]] = deque()

    @property
    def holder(self) -> str:
        """Whom everybody waits for; empty when nobody is inside."""
        with self._changed:
            return self._queue[0][1] if self._queue else ""

    @contextmanager
    def held(self, who: str, progress: Progress = silent) -> Iterator[None]:
        """Wait for one's turn, reporting the name waited for; let the next one in at the end."""
        ticket = (object(), who)
        with self._changed:
            self._queue.append(ticket)
        try:
            self._wait(ticket, progress)
            yield
        finally:
            with self._changed:
                self._queue.remove(ticket)
                self._changed.notify_all()

    def _wait(self, ticket: tuple[object, str], progress: Progress) -> None:
        while True:
            with self._changed:
                if self._queue[0] is ticket:
                    return
                ahead = self._queue[0][1]
            progress(0, 1, ahead)  # outside the lock; may raise Cancelled
            with self._changed:
                if self._queue[0] is not ticket:
                    self._changed.wait(_PATIENCE)
