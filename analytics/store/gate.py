"""Who is inside: questions pass freely, and the file is changed for another when nobody is."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Generic, Protocol, TypeVar

import duckdb

_PATIENCE = 0.05  # seconds between two requests to leave


class _Leaver(Protocol):
    def interrupt(self) -> object: ...


_T = TypeVar("_T", bound=_Leaver)


class Gate(Generic[_T]):
    """Lets any number of guests in, or one who needs the house empty."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._guests: list[_T] = []
        self._closing = False

    @contextmanager
    def passed(self, make: Callable[[], _T]) -> Iterator[_T]:
        """Let a guest in once nobody needs the house empty."""
        with self._changed:
            while self._closing:
                self._changed.wait()
            guest = make()
            self._guests.append(guest)
        try:
            yield guest
        finally:
            with self._changed:
                self._guests.remove(guest)
                self._changed.notify_all()

    @contextmanager
    def emptied(self, seconds: float) -> Iterator[bool]:
        """Keep new guests out, ask those inside to leave, and tell whether all did in time."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while self._closing:
                self._changed.wait()
            self._closing = True
        try:
            yield self._wait(deadline)
        finally:
            with self._changed:
                self._closing = False
                self._changed.notify_all()

    def _wait(self, deadline: float) -> bool:
        while True:
            with self._changed:
                guests = list(self._guests)
            if not guests:
                return True
            if time.monotonic() > deadline:
                return False
            for guest in guests:
                with suppress(duckdb.Error):  # who is on the way out cannot be asked to leave
                    guest.interrupt()
            with self._changed:
                if self._guests:
                    self._changed.wait(_PATIENCE)
