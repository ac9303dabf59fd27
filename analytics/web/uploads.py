"""What is sent to the app: by whom, how much at a time, and how much in a day."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from analytics.errors import AnalyticsError
from analytics.web.guard import NOT_KEPT
from analytics.web.lines import FullError, Line
from analytics.web.messages import ASGIApp, Message, Receive, Send, header
from analytics.web.visits import Party

_HOUR, _DAY = 3600, 24  # seconds; hours
_SENDERS = 10_000  # that are remembered; the longest silent go first


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may be sent.

    Parameters
    ----------
    at_once : int
        Files that one sender sends at a time.
    waiting : int
        Files of one sender that wait for their turn, unread.
    a_day : int
        Bytes of one sender within 24 hours.
    held, held_by_all : int
        Bytes that the server keeps in memory, for one sender and for all.
    patience : float
        Seconds that a file waits for its turn.
    """

    at_once: int = 3
    waiting: int = 200
    a_day: int = 2_000_000_000
    held: int = 1_000_000_000
    held_by_all: int = 2_000_000_000
    patience: float = 300.0


class Uploads:
    """Middleware that takes files from those who may change something, and not without end.

    What counts is what comes in; what a request says of its own length only refuses it sooner.

    Parameters
    ----------
    app : ASGI app
        What answers.
    party : callable
        Who sends a request, and what they may; asked in a thread.
    held : callable
        Bytes of files that the server keeps in memory, by the tab that sent them.
    bounds : Bounds
        How much may be sent.
    clock : callable
        Seconds that never run backwards.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        party: Callable[[Message], Party],
        held: Callable[[], Mapping[str, int]] = dict,
        bounds: Bounds | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._party = party
        self._held = held
        self._bounds = bounds or Bounds()
        self._clock = clock
        self._line = Line("uploads", threads=2, waiting=100)
        self._coming = 0  # bytes of all files that are on their way
        self._senders: OrderedDict[str, _Sender] = OrderedDict()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a question on; count, or refuse, a file."""
        if scope["type"] != "http" or scope["method"] != "PUT":
            await self._app(scope, receive, send)
            return
        try:
            party = await self._line.work(self._party, scope)
        except (AnalyticsError, FullError):
            await _refusal(503)(scope, receive, send)
            return
        if not party.sends:
            await _refusal(403)(scope, receive, send)
        elif not await self._taken(self._sender(party.key), scope, receive, send):
            await _refusal(429)(scope, receive, send)

    async def _taken(self, sender: "_Sender", scope: Message, receive: Receive, send: Send) -> bool:
        """Pass a file on in its turn; return False if it is to be refused."""
        if sender.standing >= self._bounds.at_once + self._bounds.waiting:
            return False
        tab = _tab(scope["path"])
        sender.come(tab, self._held())
        try:
            if self._is_over(sender, _said(scope)):
                return False
            await asyncio.wait_for(sender.turns(self._bounds.at_once), self._bounds.patience)
            try:
                return await self._counted(sender, scope, receive, send)
            finally:
                sender.next()
        except TimeoutError:
            return False
        finally:
            sender.leave(tab)

    async def _counted(
        self, sender: "_Sender", scope: Message, receive: Receive, send: Send
    ) -> bool:
        come, is_cut, has_begun = 0, False, False

        async def hear() -> Message:
            nonlocal come, is_cut
            message = await receive()
            size = len(message.get("body", b""))
            come += size
            self._coming += size
            sender.add(self._clock(), size)
            if self._is_over(sender, 0):
                is_cut = True
                raise _OverError
            return message

        async def say(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, hear, say)
        except Exception:
            if not is_cut or has_begun:
                raise
        finally:
            self._coming -= come
            sender.sending -= come
        return has_begun or not is_cut

    def _is_over(self, sender: "_Sender", more: int) -> bool:
        """Return whether a sender has sent too much, or would with ``more`` bytes."""
        held = self._held()
        theirs = sum(held.get(tab, 0) for tab in sender.tabs) + sender.sending
        return (
            sender.of_today(self._clock()) + more > self._bounds.a_day
            or theirs + more > self._bounds.held
            or sum(held.values()) + self._coming + more > self._bounds.held_by_all
        )

    def _sender(self, key: str) -> "_Sender":
        found = self._senders.setdefault(key, _Sender())
        self._senders.move_to_end(key)
        while len(self._senders) > _SENDERS:
            self._senders.popitem(last=False)
        return found


class _OverError(Exception):
    """More came than may."""


@dataclass(slots=True, eq=False)
class _Sender:
    """What one sender has sent, sends and waits to send."""

    sending: int = 0  # bytes of files that are on their way
    tabs: set[str] = field(default_factory=set)  # whose files are theirs
    _going: list[str] = field(default_factory=list)  # tabs of files that are sent, or wait
    _hours: dict[int, int] = field(default_factory=dict)  # bytes of each hour
    _turns: asyncio.Semaphore | None = None

    @property
    def standing(self) -> int:
        """Files that are sent, or wait."""
        return len(self._going)

    def come(self, tab: str, held: Mapping[str, int]) -> None:
        """Stand in the queue; tabs that are gone are forgotten."""
        self._going.append(tab)
        self.tabs = {known for known in self.tabs if known in held} | set(self._going)

    def leave(self, tab: str) -> None:
        """Leave the queue."""
        self._going.remove(tab)
        if not self._going:
            self._turns = None

    async def turns(self, at_once: int) -> None:
        """Wait for one's turn."""
        if self._turns is None:
            self._turns = asyncio.Semaphore(at_once)
        await self._turns.acquire()

    def next(self) -> None:
        """Let the next one have its turn."""
        if self._turns is not None:
            self._turns.release()

    def add(self, moment: float, size: int) -> None:
        """Count bytes that have come."""
        self.sending += size
        hour = int(moment // _HOUR)
        self._hours[hour] = self._hours.get(hour, 0) + size

    def of_today(self, moment: float) -> int:
        """Return the bytes of the last 24 hours."""
        since = moment // _HOUR - _DAY
        self._hours = {hour: size for hour, size in self._hours.items() if hour >= since}
        return sum(self._hours.values())


def _tab(path: str) -> str:
    """Return the tab that a file is sent for: ``.../_stcore/upload_file/<tab>/<file>``."""
    parts = path.rsplit("/", 2)
    return parts[-2] if len(parts) == 3 else ""


def _said(scope: Message) -> int:
    """Return how long a request says that it is; 0 if it does not say."""
    said = header(scope, b"content-length") or ""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 20 else 0


def _refusal(status: int) -> Response:
    return Response(status_code=status, headers=NOT_KEPT)
