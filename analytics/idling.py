"""Waiting that costs nobody anything: whoever runs pages may have others go ahead meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Lock

_hooks: list[Callable[[], AbstractContextManager[None]]] = []


def let_go_ahead(hook: Callable[[], AbstractContextManager[None]]) -> None:
    """Have ``hook`` entered for as long as work only waits, in place of any before it."""
    _hooks[:] = [hook]


def waiting() -> AbstractContextManager[None]:
    """Return what to enter while one waits for another process, or for another's work."""
    return _hooks[0]() if _hooks else nullcontext()


@contextmanager
def held(lock: Lock) -> Iterator[None]:
    """Hold a lock; while somebody else does, only wait.

    Examples
    --------
    >>> lock = Lock()
    >>> with held(lock):
    ...     lock.locked()
    True
    """
    if not lock.acquire(blocking=False):
        with waiting():
            lock.acquire()
    try:
        yield
    finally:
        lock.release()
