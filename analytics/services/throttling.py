"""Whoever guesses is slowed down."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock


@dataclass(slots=True)
class Throttle:
    """Counts the misses of each client within a while; safe among threads.

    Parameters
    ----------
    most : int
        Misses within the while, after which a client has to wait.
    seconds : float
        The while.
    clients : int
        Clients that are remembered; the longest silent go first.
    clock : callable
        Seconds that never run backwards.

    Examples
    --------
    >>> throttle = Throttle(most=2, clock=lambda: 0.0)
    >>> for _ in range(2):
    ...     throttle.note("198.51.100.7")
    >>> throttle.is_closed("198.51.100.7"), throttle.is_closed("198.51.100.8")
    (True, False)
    """

    most: int = 10
    seconds: float = 60.0
    clients: int = 10_000
    clock: Callable[[], float] = time.monotonic
    _misses: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def is_closed(self, client: str) -> bool:
        """Return whether the client has to wait."""
        with self._lock:
            return len(self._recent(client)) >= self.most

    def note(self, client: str) -> None:
        """Count a miss."""
        with self._lock:
            recent = self._recent(client)
            recent.append(self.clock())
            self._misses[client] = recent
            self._misses.move_to_end(client)
            while len(self._misses) > self.clients:
                self._misses.popitem(last=False)

    def _recent(self, client: str) -> deque[float]:
        since = self.clock() - self.seconds
        kept = (moment for moment in self._misses.get(client, ()) if moment > since)
        return deque(kept, maxlen=self.most)
