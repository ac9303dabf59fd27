"""What a server does by the clock while it runs: one look after another, in a thread of its own."""

import logging
import threading
from collections.abc import Callable, Iterable

from analytics import logs
from analytics.errors import AnalyticsError, UnknownRoomError
from analytics.store import Store

Opener = Callable[[], Store]

PATIENCE = 5.0  # seconds that the server's end waits for a look that is under way

_log = logging.getLogger(__name__)


class Watch:
    """Looks again and again, now and then every so many seconds, until it is stopped.

    Parameters
    ----------
    name : str
        Of the thread.
    look : callable
        What it does; must not raise.
    every : float
        Seconds between two looks.
    """

    def __init__(self, name: str, look: Callable[[], None], every: float) -> None:
        self._look = look
        self._every = every
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def is_stopped(self) -> bool:
        """Whether it was asked to end: a long look leaves what it has not begun."""
        return self._stopped.is_set()

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self, patience: float = PATIENCE) -> None:
        """End; wait some seconds for a look that is under way."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(patience)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._look()
            self._stopped.wait(self._every)


class Rounds(Watch):
    """Goes through every workspace of the host; trouble in one keeps no other waiting.

    Parameters
    ----------
    name, every
        See `Watch`.
    first : callable
        Opens the first workspace; it is closed again after every look.
    others : callable
        Returns how to open each of the others there are by then.
    visit : callable
        What is done in each; given its store.
    what : str
        What the log says there is none of, if that fails.
    hides : bool
        The text of a bug might hold an address: the log tells its kind only.
    """

    def __init__(
        self,
        name: str,
        every: float,
        *,
        first: Opener,
        others: Callable[[], Iterable[Opener]],
        visit: Callable[[Store], object],
        what: str,
        hides: bool = False,
    ) -> None:
        super().__init__(name, self._go_round, every)
        self._first, self._others = first, others
        self._visit = visit
        self._what, self._hides = what, hides

    def _go_round(self) -> None:
        self._try(self._first)
        for opener in self._others_or_none():
            if self.is_stopped:
                return
            self._try(opener)

    def _others_or_none(self) -> tuple[Opener, ...]:
        try:
            return tuple(self._others())
        except (AnalyticsError, OSError) as problem:  # the register cannot be asked now
            _log.warning("%s: %s", logs.Plain(self._what), problem)
            return ()

    def _try(self, opener: Opener) -> None:
        try:
            with opener() as store:
                self._visit(store)
        except UnknownRoomError:  # deleted since it was listed
            return
        except (AnalyticsError, OSError) as problem:  # the next round may be kinder
            _log.warning("%s: %s", logs.Plain(self._what), problem)
        except Exception as bug:  # noqa: BLE001 - told; the next round may do without it
            if self._hides:
                _log.error("%s: %s", logs.Plain(self._what), type(bug).__name__)
            else:
                _log.exception("%s", logs.Plain(self._what))
