"""Costly answers kept in the process: the newest ones, within a bound, each computed once."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, Protocol, TypeVar

from analytics.idling import held


class Sized(Protocol):
    """Something that knows how much memory it holds."""

    @property
    def nbytes(self) -> int:
        """Return the memory held, in bytes."""


_T = TypeVar("_T", bound=Sized)


@dataclass(slots=True)
class Recent(Generic[_T]):
    """Answers by key; the least recently used go first, the newest always stays.

    Safe among threads: two that ask for the same key wait for one computation, two that ask for
    different keys do not wait for each other.
    """

    limit: int
    _kept: OrderedDict[Hashable, _T] = field(default_factory=OrderedDict)
    _sizes: dict[Hashable, int] = field(default_factory=dict)
    _underway: dict[Hashable, Lock] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def answer(self, key: Hashable, compute: Callable[[], _T]) -> _T:
        """Return what is kept under ``key``, computing it if need be."""
        known = self._look(key)
        if known is not None:
            return known
        with self._lock:
            turn = self._underway.setdefault(key, Lock())
        try:
            with held(turn):
                found = self._look(key)
                if found is None:
                    found = compute()
                    self._keep(key, found)
                return found
        finally:
            with self._lock:  # also of what failed: nobody may ask for it again
                if self._underway.get(key) is turn:
                    del self._underway[key]

    def has(self, key: Hashable) -> bool:
        """Return whether an answer is kept under ``key``."""
        with self._lock:
            return key in self._kept

    @property
    def nbytes(self) -> int:
        """Return the memory that the answers hold."""
        with self._lock:
            return sum(self._sizes.values())

    def _look(self, key: Hashable) -> _T | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: Hashable, value: _T) -> None:
        size = value.nbytes  # asked once: to add up tables takes its milliseconds
        with self._lock:
            self._kept[key], self._sizes[key] = value, size
            total = sum(self._sizes.values())
            while total > self.limit and len(self._kept) > 1:
                total -= self._sizes.pop(self._kept.popitem(last=False)[0])
