"""Slow work beside the page: in turn, with progress, in a thread that can be stopped.

Turns are taken within a room: nobody waits for the work of another team, nor learns what it is
called. Only how much is done at a time is bounded for all rooms together, who then take turns.

>>> job = start(lambda progress: 6 * 7, name="the answer")
>>> job.result(), job.state
(42, 'done')
"""

import itertools
import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, wait
from functools import partial
from typing import Any, Generic, Literal, NamedTuple, TypeVar

import pyarrow as pa

from analytics.errors import AnalyticsError, Cancelled

State = Literal["waiting", "running", "done", "failed", "cancelled"]
Result = TypeVar("Result")

Lane = Literal["changing", "filing", "reading"]

# How many jobs of a lane run at a time, of all rooms together.
MOST: dict[Lane, int] = {"changing": 8, "filing": 2, "reading": 2}


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
        What others of the same room see who wait for it.
    lane : str
        What kind of work it is: ``changing``, ``filing`` or ``reading``.
    room : str
        Whose work it is.
    progress : Step
        The last progress that was reported.
    future : Future
        What it will have returned or raised; for whoever runs it.
    """

    def __init__(self, name: str, lane: Lane, room: str) -> None:
        self.name = name
        self.lane = lane
        self.room = room
        self.progress = Step(0, 0, "")
        self._is_stopping = threading.Event()
        self.future: Future[Result] = Future()

    @property
    def state(self) -> State:
        """Where the job stands."""
        if self.future.cancelled():
            return "cancelled"
        if not self.future.done():
            return "running" if self.future.running() else "waiting"
        fault = self.future.exception()
        if fault is None:
            return "done"
        return "cancelled" if isinstance(fault, Cancelled) else "failed"

    @property
    def is_done(self) -> bool:
        """Whether it is done, failed or cancelled."""
        return self.future.done()

    def is_done_within(self, seconds: float) -> bool:
        """Wait for so long at most; return whether it is done, failed or cancelled by then."""
        done, _ = wait([self.future], seconds)
        return bool(done)

    @property
    def waits_for(self) -> str:
        """The name of the job that comes first in the same room; empty if there is none."""
        first = _turns.first_before(self)
        return "" if first is None or first is self else first.name

    @property
    def waits_for_others(self) -> bool:
        """Whether it waits only because other rooms' work takes all there is."""
        return _turns.first_before(self) is self

    @property
    def error(self) -> AnalyticsError | None:
        """Why it failed, if the user can mend it."""
        if not self.is_done:
            return None
        if self.future.cancelled():
            return Cancelled()
        fault = self.future.exception()
        return fault if isinstance(fault, AnalyticsError) else None

    def result(self, timeout: float | None = None) -> Result:
        """Wait for the job and return what it returned, or raise what it raised."""
        try:
            return self.future.result(timeout)
        except CancelledError:
            raise Cancelled from None

    def cancel(self) -> None:
        """Ask the job to stop; it does so at its next report, and leaves everything as it was."""
        self._is_stopping.set()
        _turns.give_up(self)

    def report(self, done: int, total: int, item: str, /) -> None:
        """Note the progress; raise `Cancelled` if the job was asked to stop."""
        self.progress = Step(done, total, item)
        if self._is_stopping.is_set():
            raise Cancelled


class _Ticket:
    """A job in its room's queue; what it is to do is let go of once it is begun."""

    def __init__(self, job: Job[Any], work: Callable[[], object]) -> None:
        self.job, self.work = job, work
        self.since = 0  # when it came to the front of its room


class _Turns:
    """Who comes next.

    A room's jobs run one at a time, in the order in which they were asked for; its looks are a
    queue of their own. Among the rooms, the one whose next job has stood in front for longest
    comes first, so that a room that has much to do lets the others in between.
    """

    def __init__(self) -> None:
        self._changed = threading.Lock()
        self._queues: dict[tuple[str, bool], deque[_Ticket]] = {}
        self._running: Counter[Lane] = Counter()
        self._count = itertools.count(1)

    def take(self, job: Job[Any], work: Callable[[], object]) -> None:
        """Let a job stand in its room's queue, and run once it is its turn."""
        with self._changed:
            queue = self._queues.setdefault(_queue_of(job), deque())
            queue.append(_Ticket(job, work))
            if len(queue) == 1:
                queue[0].since = next(self._count)
            self._go_on()

    def first_before(self, job: Job[Any]) -> Job[Any] | None:
        """Return the job that ``job`` of the same room waits for; itself if it is next."""
        with self._changed:
            queue = self._queues.get(_queue_of(job), deque())
            if job.state != "waiting" or all(ticket.job is not job for ticket in queue):
                return None
            return queue[0].job

    def give_up(self, job: Job[Any]) -> None:
        """Take a job that waits out of its queue; one that runs is left to its next report."""
        with self._changed:
            if not job.is_done and job.future.cancel():
                job.future.set_running_or_notify_cancel()  # whoever waits for it hears
                self._leave(job)
                self._go_on()

    def _leave(self, job: Job[Any]) -> None:
        queue = self._queues[_queue_of(job)]
        first = queue[0]
        queue.remove(next(ticket for ticket in queue if ticket.job is job))
        if not queue:
            del self._queues[_queue_of(job)]
        elif first.job is job:
            queue[0].since = next(self._count)

    def _go_on(self) -> None:
        """Let all run whose turn it is."""
        first = [queue[0] for queue in self._queues.values()]
        for ticket in sorted(first, key=lambda one: one.since):
            lane = ticket.job.lane
            if ticket.job.state == "waiting" and self._running[lane] < MOST[lane]:
                self._begin(ticket)

    def _begin(self, ticket: _Ticket) -> None:
        job, work = ticket.job, ticket.work
        del ticket.work
        job.future.set_running_or_notify_cancel()
        self._running[job.lane] += 1
        try:
            threading.Thread(
                target=self._run, args=(job, [work]), name=f"leeway-{job.lane}"
            ).start()
        except RuntimeError as full:  # the system has no thread left; the room's next one may try
            job.future.set_exception(full)
            self._running[job.lane] -= 1
            self._leave(job)
            self._go_on()

    def _run(self, job: Job[Any], works: list[Callable[[], object]]) -> None:
        try:
            _answer(job.future, works.pop())  # a thread holds its arguments, and so all they hold
            pa.default_memory_pool().release_unused()  # what a thread that ends has kept is lost
        finally:
            with self._changed:
                self._running[job.lane] -= 1
                self._leave(job)
                self._go_on()


def _queue_of(job: Job[Any]) -> tuple[str, bool]:
    return job.room, job.lane == "reading"


def _answer(future: Future[Any], work: Callable[[], object]) -> None:
    try:
        found = work()
    except BaseException as fault:  # noqa: BLE001 - it is raised where the answer is asked for
        future.set_exception(fault)
        del future, work  # which the fault would hold: it knows this call
    else:
        future.set_result(found)


_turns = _Turns()


def start(
    work: Callable[..., Result],
    *arguments: object,
    name: str = "",
    lane: Lane = "changing",
    room: str = "",
    **options: object,
) -> Job[Result]:
    """Call ``work(*arguments, progress=..., **options)`` in a thread, when it is its turn.

    Jobs of a room run one at a time, in the order in which they were started. Work must check its
    progress only while stopping leaves everything as it was.

    Parameters
    ----------
    work : callable
    name : str
        What others of the room see who wait for it.
    lane : str
        ``filing`` for reading files, which waits for the room's changes, and of which few are done
        at a time for all rooms; ``reading`` for work that changes nothing, which neither waits for
        changes nor holds them up.
    room : str
        Whose work it is; nobody waits for that of another room by name.

    Returns
    -------
    Job
        The handle that a page asks for progress and result.
    """
    job: Job[Result] = Job(name, lane, room)
    _turns.take(job, partial(work, *arguments, progress=job.report, **options))
    return job
