"""Stopping a statement while it runs, not only between two of them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from analytics.progress import Progress, silent

_TICK = 0.2  # seconds between two looks at whether somebody wants to stop


@contextmanager
def stoppable(cursor: duckdb.DuckDBPyConnection, progress: Progress) -> Iterator[Progress]:
    """Lend a progress that is also asked while statements of ``cursor`` run.

    It repeats the last report, from a thread of its own. What it raises there breaks the statement
    off, and is raised here; the caller's transaction is to be rolled back.
    """
    if progress is silent:
        yield silent
        return
    watch = _Watch(cursor, progress)
    watch.start()
    try:
        yield watch.report
    except duckdb.InterruptException:
        if watch.fault is None:  # somebody else broke it off
            raise
    finally:
        watch.end()
    if watch.fault is not None:
        raise watch.fault


class _Watch(threading.Thread):
    """Repeats the last report until the work is over, or somebody wants to stop."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, progress: Progress) -> None:
        super().__init__(name="leeway-stopping", daemon=True)
        self.fault: BaseException | None = None
        self._cursor, self._progress = cursor, progress
        self._last: tuple[int, int, str] | None = None
        self._is_over = threading.Event()

    def report(self, done: int, total: int, item: str, /) -> None:
        if self.fault is not None:  # heard between two reports, where no statement ran
            raise self.fault
        self._last = (done, total, item)
        self._progress(done, total, item)

    def run(self) -> None:
        while not self._is_over.wait(_TICK):
            if self.fault is None and self._last is not None:
                self._ask(*self._last)
            if self.fault is not None:  # again and again: between two statements nobody hears it
                self._cursor.interrupt()

    def _ask(self, done: int, total: int, item: str) -> None:
        try:
            self._progress(done, total, item)
        except BaseException as fault:  # noqa: BLE001 - it is raised where the work is done
            self.fault = fault

    def end(self) -> None:
        self._is_over.set()
        self.join()
