"""Runs take turns: one at a time, first come, first served.

Runs of Python code in one process share one lock. Fifty runs at once do not wait for each other so
much as get into each other's way: each costs twice the processor time, and all of them end late. In
turn each ends at its earliest. A run that takes long (a first forecast) keeps others waiting for a
moment only, then the next one goes ahead beside it.

A turn is had by a run of the whole page, see ``app.py``. What runs by itself, fragments that look
again every few seconds and what a click calls before its run, is short and waits for none.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from streamlit.runtime.scriptrunner_utils.script_run_context import get_run_yield_check

from analytics import idling

LONGEST = 0.5  # seconds that a run keeps the next one waiting
_LOOK_EVERY = 0.05  # seconds between two looks of a run that waits


def _nothing() -> None:
    """Nobody wants a run to end that is none of Streamlit's."""


class _Ticket(threading.Event):
    """One run's place in the queue; set once it is its turn."""


class Turns:
    """A lock that keeps the order of arrival, and that nobody can hold for long.

    Parameters
    ----------
    longest : float
        Seconds after which whoever has the turn loses it, if somebody waits; they go on beside.

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
    def taken(self, look: Callable[[], None] | None = None) -> Iterator[None]:
        """Wait for one's turn, and have it; within one's own turn, go straight on.

        Parameters
        ----------
        look : callable, optional
            Called again and again while one waits; may raise, for one that is wanted no longer.
            Without it, what Streamlit ends a run with that another one has overtaken.
        """
        if self._held() is not None:
            yield
            return
        try:
            self._take(look or get_run_yield_check() or _nothing)
            yield
        finally:
            self._leave()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let others go ahead while one only waits for something; then wait for one's turn.

        Who had lost the turn by then goes on without one.
        """
        had_it = self._leave()
        try:
            yield
        finally:
            if had_it:
                self._take(_nothing)

    def _held(self) -> _Ticket | None:
        return getattr(self._mine, "ticket", None)

    def _take(self, look: Callable[[], None]) -> None:
        ticket = self._mine.ticket = _Ticket()
        with self._lock:
            self._queue.append(ticket)
            self._call_first()
        while not ticket.wait(_LOOK_EVERY):
            look()
            with self._lock:
                self._call_first()

    def _leave(self) -> bool:
        """Give up one's turn, or one's place; return whether there was one to give up."""
        ticket, self._mine.ticket = self._held(), None
        with self._lock:
            if ticket is None or ticket not in self._queue:  # it had the turn for too long
                return False
            self._queue.remove(ticket)
            self._call_first()
            return True

    def _call_first(self) -> None:
        """Call whoever comes first; take the turn from one who has had it for too long."""
        now = time.monotonic()
        is_over = now - self._began >= self._longest
        if len(self._queue) > 1 and self._queue[0].is_set() and is_over:
            self._queue.popleft()
        if self._queue and not self._queue[0].is_set():
            self._began = now
            self._queue[0].set()


_RUNS = Turns()
taken, aside = _RUNS.taken, _RUNS.aside
idling.let_go_ahead(aside)
