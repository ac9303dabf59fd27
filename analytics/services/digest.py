"""The daily message to a team's group: where it goes, when, and sending it.

Addresses are secrets. They stand in one file of the workspace's folder that its owner alone can
read (`analytics.store.private`): in no database, no backup, no copy for readers, and no log.
"""

import importlib.util
import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from analytics.errors import (
    NoSenderError,
    NotSentError,
    OutOfBoundsError,
    UnknownCodeError,
)
from analytics.i18n import LANGUAGES
from analytics.services.digest_addresses import MOST, checked, leads_astray, masked, sender
from analytics.store import Store, private

__all__ = [
    "FAILURES", "MOST", "MOST_TRIES", "Settings", "attempt", "can_send", "checked", "is_due",
    "masked", "note_end", "note_taken", "note_try", "send", "sender", "settings", "settle",
    "waiting",
]  # fmt: skip
_KEY = "digest"
_HOURS = 24
_PAUSE = timedelta(hours=1)  # between two tries of a day
MOST_TRIES = 5  # of a day
FAILURES = ("not_sent", "no_sender", "bad_address", "unknown")


@dataclass(frozen=True, slots=True)
class Settings:
    """When and where the daily message goes.

    Attributes
    ----------
    is_on : bool
        Whether it is sent every day.
    hour : int
        From which hour on, by the clock of the machine that runs the app.
    language : str
        One of the languages of the app.
    addresses : tuple of str
        Whole addresses; never shown, see `masked`.
    sent_on : date or None
        The day whose message every address took.
    tried_at : datetime or None
        When a day's message was last tried, with a time zone.
    tries : int
        How often it was on that day.
    took : tuple of str
        Addresses that took it on that day; never shown either.
    failure : str
        Why the last try failed, one of `FAILURES`; empty = it did not.
    """

    is_on: bool = False
    hour: int = 8
    language: str = "zh"
    addresses: tuple[str, ...] = field(default=(), repr=False)
    sent_on: date | None = None
    tried_at: datetime | None = None
    tries: int = 0
    took: tuple[str, ...] = field(default=(), repr=False)
    failure: str = ""


def settings(store: Store) -> Settings:
    """Return the settings of a workspace; off where nobody settled any, and for all but owners."""
    if store.is_lent or not store.actor.may("owner"):
        return Settings()
    return _read(private.read(store.folder).get(_KEY))


def _read(said: object) -> Settings:
    """Return what is kept; what is none of ours is passed over."""
    if not isinstance(said, dict):
        return Settings()
    hour, language, tries = (said.get(name) for name in ("hour", "language", "tries"))
    usual, failure = Settings(), said.get("failure")
    return Settings(
        is_on=said.get("is_on") is True,
        hour=hour if isinstance(hour, int) and 0 <= hour < _HOURS else usual.hour,
        language=language if language in LANGUAGES else usual.language,
        addresses=_texts(said.get("addresses"))[:MOST],
        sent_on=_day(said.get("sent_on")),
        tried_at=_time(said.get("tried_at")),
        tries=tries if isinstance(tries, int) and tries >= 0 else 0,
        took=_texts(said.get("took")),
        failure=str(failure) if failure in FAILURES else "",
    )


def _texts(said: object) -> tuple[str, ...]:
    return tuple(text for text in said if isinstance(text, str)) if isinstance(said, list) else ()


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def _time(text: object) -> datetime | None:
    try:
        told = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return told if told.tzinfo is not None else None


def settle(
    store: Store, *, is_on: bool, hour: int, language: str,
    addresses: Sequence[str] | None = None, more: Sequence[str] = (),
) -> None:  # fmt: skip
    """Keep the settings.

    Parameters
    ----------
    store : Store
        One's own workspace.
    is_on : bool
        Whether the message is sent every day.
    hour : int
        From which hour on, 0 to 23.
    language : str
        One of the languages of the app.
    addresses : sequence of str, optional
        All that count from now on; None = as they are.
    more : sequence of str
        Further ones.

    Raises
    ------
    BadAddressError
        One cannot be sent to; nothing was changed. The error does not hold it.
    OutOfBoundsError, UnknownCodeError
        There is no such hour, no such language.
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    if not 0 <= hour < _HOURS:
        raise OutOfBoundsError(name="digest_hour", value=hour, low=0, high=_HOURS - 1)
    if language not in LANGUAGES:
        raise UnknownCodeError(name="language", value=language, known=", ".join(LANGUAGES))
    new, added = None if addresses is None else checked(addresses), checked(more)

    def said(known: Settings) -> Settings:
        kept = tuple(dict.fromkeys([*(known.addresses if new is None else new), *added]))
        if len(kept) > MOST:
            raise OutOfBoundsError(name="digest_addresses", value=len(kept), low=0, high=MOST)
        return replace(known, is_on=is_on, hour=hour, language=language, addresses=kept)

    _change(store, said)


def can_send() -> bool:
    """Return whether the part that sends messages is installed."""
    return importlib.util.find_spec("apprise") is not None


def send(addresses: Sequence[str], title: str, body: str) -> int:
    """Send a message to every address; return how many took it.

    Raises
    ------
    NoSenderError
        The part that sends messages is not installed.
    BadAddressError
        One cannot be sent to; nothing was sent.
    NotSentError
        Some did not take it. The error holds no address.
    """
    if not can_send():
        raise NoSenderError
    known = checked(addresses)
    took = attempt(known, title, body)
    if len(took) < len(known):
        raise NotSentError(failed=len(known) - len(took), addresses=len(known))
    return len(took)


def attempt(
    addresses: Sequence[str], title: str, body: str, *,
    told: Callable[[str], object] = lambda _: None,
) -> tuple[str, ...]:  # fmt: skip
    """Send a message to every address; return those that took it.

    Parameters
    ----------
    addresses : sequence of str
        As `checked` returns them.
    title, body : str
        Plain text.
    told : callable
        Is told of each address as soon as it took the message.

    Raises
    ------
    NoSenderError
        The part that sends messages is not installed.
    BadAddressError
        One cannot be sent to; nothing was sent.
    """
    if not can_send():
        raise NoSenderError
    took = []
    with _silent():
        ways = [(one, sender(one, line)) for line, one in enumerate(addresses, start=1)]
        for address, way in ways:
            if not leads_astray(address) and _sent(way, title, body):
                told(address)
                took.append(address)
    return tuple(took)


def _sent(way: Any, title: str, body: str) -> bool:  # noqa: ANN401
    try:
        return bool(way.notify(body=body, title=title, body_format="text"))
    except Exception:  # noqa: BLE001 - whatever a service's code raises may hold the address
        return False


@contextmanager
def _silent() -> Iterator[None]:
    """Let no library tell in a log where it sends to: the way is the secret.

    Nor what of the standard library it still uses, which is nobody's business here.
    """
    loggers = [logging.getLogger(name) for name in ("apprise", "urllib3", "requests", "httpx")]
    loggers += [
        logging.getLogger(name) for name in ("urllib3.connectionpool", "urllib3.util.retry")
    ]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        for logger, was in zip(loggers, before, strict=True):
            logger.disabled = was


def is_due(known: Settings, now: datetime) -> bool:
    """Return whether the day's message is still to be sent; ``now`` by the machine's clock.

    What was not taken is tried again an hour later, at most five times a day.
    """
    if not (known.is_on and known.addresses and now.hour >= known.hour):
        return False
    if known.sent_on is not None and known.sent_on >= now.date():
        return False
    if not _is_today(known, now):
        return True
    return known.tries < MOST_TRIES and now - _tried(known, now) >= _PAUSE


def waiting(known: Settings, now: datetime) -> tuple[str, ...]:
    """Return the addresses that have not had the message of ``now``'s day."""
    took = known.took if _is_today(known, now) else ()
    return tuple(address for address in known.addresses if address not in took)


def _tried(known: Settings, now: datetime) -> datetime:
    return (known.tried_at or now).astimezone(now.tzinfo)


def _is_today(known: Settings, now: datetime) -> bool:
    """Return whether the last try was for ``now``'s day, or later: clocks are put back."""
    return known.tried_at is not None and _tried(known, now).date() >= now.date()


def note_try(store: Store, now: datetime) -> None:
    """Note that the message of a day is being sent; `note_end` says what became of it.

    Raises
    ------
    ReadOnlyWorkspaceError
        The workspace only reads.
    """

    def said(known: Settings) -> Settings:
        is_again = _is_today(known, now)
        tries, took = (known.tries, known.took) if is_again else (0, ())
        return replace(known, tried_at=now, tries=tries + 1, took=took, failure="unknown")

    _change(store, said)


def note_taken(store: Store, address: str) -> None:
    """Note that an address took the message of the day that is being sent."""
    _change(store, lambda known: replace(known, took=(*known.took, address)))


def note_end(store: Store, now: datetime, failure: str = "") -> None:
    """Note what became of a day's message: every address took it, or why not, see `FAILURES`."""

    def said(known: Settings) -> Settings:
        return replace(known, failure=failure, sent_on=known.sent_on if failure else now.date())

    _change(store, said)


def _change(store: Store, work: Callable[[Settings], Settings]) -> None:
    """Keep what ``work`` makes of the settings as they are at that moment."""
    store.save_private(_KEY, lambda said: _written(work(_read(said))))


def _written(known: Settings) -> dict[str, object]:
    days = {
        name: told.isoformat() if told is not None else None
        for name, told in (("sent_on", known.sent_on), ("tried_at", known.tried_at))
    }
    return asdict(known) | days
