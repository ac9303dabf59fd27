"""Slow work beside the page: one job at a time, with progress, in a thread that can be stopped.

>>> job = start(lambda progress: 6 * 7, name="the answer")
>>> job.result(), job.state
(42, 'done')
"""

import contextlib
import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import (
    CancelledError,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from analytics.errors import AnalyticsError, Cancelled, TooSlowToFitError
from analytics.progress import Progress, silent

State = Literal["waiting", "running", "done", "failed", "cancelled"]
Result = TypeVar("Result")

# One worker: imports and forecasts run one after the other, in the order they were asked for.
_worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="leeway-job")
_jobs: list["Job[Any]"] = []
_listing = threading.Lock()


class Step(NamedTuple):
    """How far a job is: ``done`` of ``total`` steps, and the one in hand."""

    done: int
    total: int
    item: str


class Job(Generic[Result]):
    """A piece of work that runs beside the page which asked for it.

    Attributes
    ----------
    name : str
        What others see who wait for it.
    progress : Step
        The last progress that was reported.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.progress = Step(0, 0, "")
        self._is_stopping = threading.Event()
        self._future: Future[Result] = Future()

    def attach(self, future: Future[Result]) -> None:
        """Follow ``future``, and leave the queue when it is over."""
        self._future = future
        future.add_done_callback(self._leave)

    def _leave(self, _future: Future[Result]) -> None:
        with _listing:
            _jobs.remove(self)

    @property
    def state(self) -> State:
        """Where the job stands."""
        if self._future.cancelled():
            return "cancelled"
        if not self._future.done():
            return "running" if self._future.running() else "waiting"
        fault = self._future.exception()
        if fault is None:
            return "done"
        return "cancelled" if isinstance(fault, Cancelled) else "failed"

    @property
    def is_done(self) -> bool:
        """Whether it is done, failed or cancelled."""
        return self._future.done()

    def is_done_within(self, seconds: float) -> bool:
        """Wait for so long at most; return whether it is done, failed or cancelled by then."""
        done, _ = wait([self._future], seconds)
        return bool(done)

    @property
    def waits_for(self) -> str:
        """The name of the job that runs first; empty if this one need not wait."""
        if self.state != "waiting":
            return ""
        with _listing:
            return next((job.name for job in _jobs if job.state == "running"), "")

    @property
    def error(self) -> AnalyticsError | None:
        """Why it failed, if the user can mend it."""
        if not self.is_done:
            return None
        if self._future.cancelled():
            return Cancelled()
        fault = self._future.exception()
        return fault if isinstance(fault, AnalyticsError) else None

    def result(self, timeout: float | None = None) -> Result:
        """Wait for the job and return what it returned, or raise what it raised."""
        try:
            return self._future.result(timeout)
        except CancelledError:
            raise Cancelled from None

    def cancel(self) -> None:
        """Ask the job to stop; it does so at its next report, and leaves everything as it was."""
        self._is_stopping.set()
        self._future.cancel()  # succeeds only while it waits

    def report(self, done: int, total: int, item: str, /) -> None:
        """Note the progress; raise `Cancelled` if the job was asked to stop."""
        self.progress = Step(done, total, item)
        if self._is_stopping.is_set():
            raise Cancelled


def start(
    work: Callable[..., Result], *arguments: object, name: str = "", **options: object
) -> Job[Result]:
    """Call ``work(*arguments, progress=..., **options)`` in the worker's thread.

    Jobs run one at a time, in the order in which they were started. Work must check its progress
    only while stopping leaves everything as it was.

    Returns
    -------
    Job
        The handle that a page asks for progress and result.
    """
    job: Job[Result] = Job(name)
    with _listing:
        _jobs.append(job)
    future = _worker.submit(work, *arguments, progress=job.report, **options)
    job.attach(future)
    return job


_TICK = 0.1  # seconds between two looks at a process
_MEMORY = 2 << 30  # bytes that it may have
_apart: list[ProcessPoolExecutor] = []
_taking = threading.Lock()


def apart(
    work: Callable[..., Result],
    *arguments: object,
    seconds: float = 60.0,
    progress: Progress = silent,
    **options: object,
) -> Result:
    """Call ``work(*arguments, **options)`` in a process of its own, and wait for its answer.

    What keeps a processor busy for seconds would hold up everybody else in this one. The process
    stays for the next call, so that only the first one waits until its libraries are loaded.

    Parameters
    ----------
    work : callable
        A function of a module, with arguments and answer that can be pickled.
    seconds : float
        The longest that it may take.
    progress : Progress
        Asked often, so that it can stop the work.

    Raises
    ------
    TooSlowToFitError
        It took longer, or more memory than there is.
    Cancelled
        ``progress`` was asked to stop.
    """
    with _taking:
        pool = _apart.pop() if _apart else _new_pool()
    answer = pool.submit(work, *arguments, **options)
    try:
        _wait_for(answer, seconds, progress)
        return answer.result()
    except BrokenProcessPool as fault:
        raise TooSlowToFitError(limit=seconds) from fault
    finally:
        if answer.done() and not isinstance(answer.exception(), BrokenProcessPool):
            with _taking:
                _apart.append(pool)
        else:
            _end(pool)


def _wait_for(answer: Future[Any], seconds: float, progress: Progress) -> None:
    started = time.monotonic()
    while not wait([answer], _TICK).done:
        spent = time.monotonic() - started
        if spent > seconds:
            raise TooSlowToFitError(limit=seconds)
        progress(int(spent), int(seconds), "")


def _new_pool() -> ProcessPoolExecutor:
    """Return a pool of one; started afresh, for a copy of a process with threads may hang."""
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=spawn, initializer=_restrain)


def _end(pool: ProcessPoolExecutor) -> None:
    for process in list((pool._processes or {}).values()):  # 3.14 has a method for it
        process.kill()
    pool.shutdown(wait=False, cancel_futures=True)


def _restrain() -> None:
    """Let whoever waits for a page go first, and bound the memory; POSIX only."""
    with contextlib.suppress(AttributeError, OSError):
        os.nice(10)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        most = _MEMORY if hard == resource.RLIM_INFINITY else min(_MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
