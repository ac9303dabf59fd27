"""Slow work beside the page: one job at a time, with progress, in a thread that can be stopped.

Work that only reads has a thread of its own, so that no import waits for it.

>>> job = start(lambda progress: 6 * 7, name="the answer")
>>> job.result(), job.state
(42, 'done')
"""

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from analytics.errors import AnalyticsError, Cancelled

State = Literal["waiting", "running", "done", "failed", "cancelled"]
Result = TypeVar("Result")

Lane = Literal["changing", "reading"]

# One worker each: jobs of a lane run one after the other, in the order they were asked for.
_workers: dict[Lane, ThreadPoolExecutor] = {
    "changing": ThreadPoolExecutor(max_workers=1, thread_name_prefix="leeway-job"),
    "reading": ThreadPoolExecutor(max_workers=1, thread_name_prefix="leeway-reading"),
}
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
    lane : str
        Which queue it stands in: ``changing`` or ``reading``.
    progress : Step
        The last progress that was reported.
    """

    def __init__(self, name: str, lane: Lane) -> None:
        self.name = name
        self.lane = lane
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
            ahead = (job for job in _jobs if job.lane == self.lane)
            return next((job.name for job in ahead if job.state == "running"), "")

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
    work: Callable[..., Result],
    *arguments: object,
    name: str = "",
    lane: Lane = "changing",
    **options: object,
) -> Job[Result]:
    """Call ``work(*arguments, progress=..., **options)`` in the thread of its lane.

    Jobs of a lane run one at a time, in the order in which they were started. Work must check its
    progress only while stopping leaves everything as it was.

    Parameters
    ----------
    work : callable
    name : str
        What others see who wait for it.
    lane : str
        ``reading`` for work that changes nothing, which then neither waits for changes nor holds
        them up.

    Returns
    -------
    Job
        The handle that a page asks for progress and result.
    """
    job: Job[Result] = Job(name, lane)
    with _listing:
        _jobs.append(job)
    future = _workers[lane].submit(work, *arguments, progress=job.report, **options)
    job.attach(future)
    return job
