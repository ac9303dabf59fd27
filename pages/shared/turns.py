"""Runs take turns: one at a time, first come, first served.

Runs of Python code in one process share one lock. Fifty runs at once do not wait for each other so
much as get into each other's way: each costs twice the processor time, and all of them end late. In
turn each ends at its earliest. A run that takes long (a first forecast) keeps nobody waiting: after
a moment the next one goes ahead beside it.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST = 0.5  # seconds that a run has the turn for itself


class _Ticket(threading.Event):
    """One run's place in the queue; set once it is its turn."""


class Turns:
    """A lock that keeps the order of arrival, and that nobody can hold for long.

    Parameters
    ----------
    longest : float
        Seconds after which whoever has the turn loses it; they go on beside the next one.

    Examples
    --------
    >>> turns = Turns()
    >>> with turns.taken():
    ...     turns.is_busy
    True
    >>> turns.is_busy
    False
    """

    def __init__(self, longest: float = LONGEST) -> None:
        self._longest = longest
        self._lock = threading.Lock()
        self._queue: deque[_Ticket] = deque()  # whoever has the turn comes first
        self._began = 0.0
        self._mine = threading.local()

    @property
    def is_busy(self) -> bool:
        """Whether somebody has the turn."""
        with self._lock:
            return bool(self._queue)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for one's turn, and have it; within one's own turn, go straight on."""
        if self._held() is not None:
            yield
            return
        try:
            self._take()
            yield
        finally:
            self._leave()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let others go ahead while one only waits for something; then wait for one's turn."""
        had_it = self._held() is not None
        self._leave()
        try:
            yield
        finally:
            if had_it:
                self._take()

    def _held(self) -> _Ticket | None:
        return getattr(self._mine, "ticket", None)

    def _take(self) -> None:
        ticket = self._mine.ticket = _Ticket()
        with self._lock:
            self._queue.append(ticket)
            if self._queue[0] is ticket:
                self._call_first()
        while not ticket.wait(self._longest):
            with self._lock:
                if time.monotonic() - self._began >= self._longest:
                    self._queue.popleft()
                    self._call_first()

    def _leave(self) -> None:
        ticket, self._mine.ticket = self._held(), None
        with self._lock:
            if ticket is not None and ticket in self._queue:  # else it had the turn for too long
                self._queue.remove(ticket)
                self._call_first()

    def _call_first(self) -> None:
        if self._queue and not self._queue[0].is_set():
            self._began = time.monotonic()
            self._queue[0].set()


_RUNS = Turns()
taken, aside = _RUNS.taken, _RUNS.aside
