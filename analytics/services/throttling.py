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
    >>> [throttle.admits("198.51.100.7") for _ in range(3)], throttle.admits("198.51.100.8")
    ([True, True, False], True)
    """

    most: int = 10
    seconds: float = 60.0
    clients: int = 10_000
    clock: Callable[[], float] = time.monotonic
    _misses: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def admits(self, client: str) -> bool:
        """Count a miss; return False, and count nothing, if the client has to wait."""
        with self._lock:
            recent = self._recent(client)
            if len(recent) >= self.most:
                return False
            recent.append(self.clock())
            self._misses[client] = recent
            self._misses.move_to_end(client)
            while len(self._misses) > self.clients:
                self._misses.popitem(last=False)
            return True

    def is_spent(self, client: str) -> bool:
        """Return whether a client has to wait; count nothing."""
        with self._lock:
            return len(self._recent(client)) >= self.most

    def forgive(self, client: str) -> None:
        """Take the newest miss of a client back: it was none."""
        with self._lock:
            misses = self._misses.get(client)
            if misses:
                misses.pop()

    def _recent(self, client: str) -> deque[float]:
        since = self.clock() - self.seconds
        kept = (moment for moment in self._misses.get(client, ()) if moment > since)
        return deque(kept, maxlen=self.most)
