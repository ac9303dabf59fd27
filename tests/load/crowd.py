"""A crowd: some move sliders, some put files in meanwhile, some only leave a tab open."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count

from benchmarks import memory
from tests.load.visitor import VisitError, Visitor

PAGES = ("delays", "replenish", "safety_stock")  # with sliders; visitors take them in turn
_HEADER = "date,sku,quantity,market,order_id,unit_price\n"
_MEMORY_EVERY = 2.0  # seconds

Act = Callable[[], Awaitable[float]]  # returns milliseconds
Habit = tuple[
    Act, float, float, list[float]
]  # every so often, how late at first, where it is noted


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many people do what, for how long.

    Attributes
    ----------
    movers : int
        Who move a slider every ``every`` seconds.
    uploaders : int
        How many of them have a second tab, in which they put a file every ``upload_every`` seconds.
    idle : int
        Who only leave a tab open.
    seconds : float
        How long they stay.
    """

    movers: int
    uploaders: int = 0
    idle: int = 0
    seconds: float = 120.0
    every: float = 5.0
    upload_every: float = 20.0
    rows: int = 1_000  # of a file that is put in
    pages: tuple[str, ...] = PAGES


@dataclass(frozen=True, slots=True)
class Figures:
    """What a crowd met: milliseconds of each move and upload, faults, and the memory in MB.

    Memory is the server's with all its children, every two seconds; pages that they share are
    counted once.
    """

    crowd: Crowd
    moves: tuple[float, ...]
    uploads: tuple[float, ...]
    faults: tuple[str, ...]
    memory: tuple[float, ...]

    @property
    def megabytes(self) -> float:
        """The most memory."""
        return max(self.memory)


def share(ranked: Iterable[float], part: float) -> float:
    """Return the value that ``part`` of all do not exceed; 0 of nothing.

    >>> share([4, 1, 3, 2], 0.5), share([], 0.95)
    (3, 0.0)
    """
    ordered = sorted(ranked)
    return ordered[min(int(part * len(ordered)), len(ordered) - 1)] if ordered else 0.0


async def play(address: str, crowd: Crowd, cookies: Sequence[str] = ()) -> Figures:
    """Let a crowd in one by one, let them do what they do, and return what they met.

    Whoever has to be signed in has a cookie of their own, movers first; tabs of one share theirs.
    """
    moves: list[float] = []
    uploads: list[float] = []
    faults: list[str] = []
    async with AsyncExitStack() as tabs:

        async def tabs_of(people: int, *pages: str, first: int = 0) -> list[Visitor]:
            held = cookies[first : first + people] or [""] * people
            arriving = (
                Visitor(address, pages[one % len(pages)], one, cookie=held[one])
                for one in range(people)
            )
            return [await tabs.enter_async_context(visitor) for visitor in arriving]

        movers = await tabs_of(crowd.movers, *crowd.pages)
        senders = await tabs_of(crowd.uploaders, "import")
        idle = await tabs_of(crowd.idle, *crowd.pages, first=crowd.movers)
        again = [
            *_staggered([mover.move for mover in movers], crowd.every, moves),
            *_staggered(
                [_sending(one, crowd.rows) for one in senders], crowd.upload_every, uploads
            ),
        ]
        weighed = asyncio.create_task(_weighed(crowd.seconds))
        await asyncio.gather(
            *(_noting(_repeated(*one, crowd.seconds), faults) for one in again),
            *(_noting(one.rest(crowd.seconds), faults) for one in idle),
        )
        return Figures(crowd, tuple(moves), tuple(uploads), tuple(faults), await weighed)


def _staggered(acts: Sequence[Act], every: float, times: list[float]) -> Iterator[Habit]:
    """Return what each does every so often, one a little later than the other."""
    for place, act in enumerate(acts):
        yield act, every, every * place / len(acts), times


async def _repeated(
    act: Act, every: float, late: float, times: list[float], seconds: float
) -> None:
    """Do something every so often, and note how long it takes."""
    until = time.monotonic() + seconds
    await asyncio.sleep(late)
    while time.monotonic() < until:
        times.append(await act())
        await asyncio.sleep(max(0.0, every - times[-1] / 1_000))


async def _noting(work: Awaitable[None], faults: list[str]) -> None:
    """Wait for work; whoever meets a fault notes it and does nothing more."""
    try:
        await work
    except TimeoutError:
        faults.append("no answer in time")
    except (VisitError, OSError) as fault:
        faults.append(str(fault))


def _sending(visitor: Visitor, rows: int) -> Act:
    """Return what puts in a file that nobody has sent before."""
    numbers = count()

    def send() -> Awaitable[float]:
        name = f"f{id(visitor):x}n{next(numbers)}"
        lines = (
            f"2026-01-{1 + n % 28:02d},LOAD-{n % 50},{1 + n % 4},US,{name}-{n},9.9"
            for n in range(rows)
        )
        return visitor.upload(f"{name}.csv", (_HEADER + "\n".join(lines) + "\n").encode())

    return send


async def _weighed(seconds: float) -> tuple[float, ...]:
    """Return the megabytes that the processes below this one take together, again and again."""
    taken, until = [], time.monotonic() + seconds
    while True:
        taken.append(await asyncio.to_thread(memory.below, os.getpid()))
        if time.monotonic() > until:
            return tuple(taken)
        await asyncio.sleep(_MEMORY_EVERY)
