"""How much memory a process and its children take, where the system says so (Linux)."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_EVERY = 0.1  # seconds


@contextmanager
def watched() -> Iterator[dict[str, float]]:
    """Yield the most megabytes so far: of all processes together, of this one, of one child.

    Pages that processes share, such as files in memory, are counted once (proportional set size).
    """
    most = {"all": 0.0, "own": 0.0, "child": 0.0}
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(_EVERY):
            own, children = _megabytes(os.getpid()), list(map(_megabytes, _children(os.getpid())))
            now = {"all": own + sum(children), "own": own, "child": max(children, default=0.0)}
            most.update({name: max(most[name], now[name]) for name in most})

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield most
    finally:
        is_over.set()
        thread.join()


def below(process: int) -> float:
    """Return the megabytes of all processes that ``process`` has started, and those have started.

    >>> below(2**30)  # there is no such process
    0.0
    """
    return sum(_megabytes(child) + below(child) for child in _children(process))


def _children(process: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for listed in Path(f"/proc/{process}/task").glob("*/children"):
            found += map(int, listed.read_text().split())
    return found


def _megabytes(process: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0
