"""The daily message to a team's group: where it goes, when, and sending it.

Addresses are secrets. They stand in one file of the workspace's folder that its owner alone can
read (`analytics.store.private`): in no database, no backup, no copy for readers, and no log.
"""

import importlib.util
import logging
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from analytics.errors import (
    BadAddressError,
    NoSenderError,
    NotSentError,
    OutOfBoundsError,
    ReadOnlyWorkspaceError,
    UnknownCodeError,
)
from analytics.i18n import LANGUAGES
from analytics.store import Store, private

MOST = 10  # addresses
LONGEST = 2_000  # characters of one
_KEY = "digest"
_HOURS = 24
# Services of Apprise that carry a message to people. None of the others is let through: some write
# to this machine's own log or desktop, read files, or run what somebody configured.
SCHEMES = frozenset(
    {
        "bark", "barks", "dingtalk", "discord", "feishu", "gchat", "gotify", "gotifys", "json",
        "jsons", "lark", "line", "mailgun", "mailto", "mailtos", "matrix", "matrixs", "mmost",
        "mmosts", "ntfy", "ntfys", "pover", "pushdeer", "pushdeers", "pushplus", "resend",
        "rocket", "rockets", "schan", "sendgrid", "ses", "slack", "tgram", "wecombot", "whatsapp",
        "workflow", "workflows", "wxpusher", "wxteams", "zulip",
    }
)  # fmt: skip
# Parts of an address that make a service read a file of this machine, or turn off its checks.
_FORBIDDEN = frozenset({"attach", "attachment", "template", "verify", "config", "pgpkey", "image"})
_NATIVE = (
    ("open.feishu.cn", re.compile(r"/open-apis/bot/v2/hook/([\w-]+)/?$"), "feishu://{0}"),
    ("open.larksuite.com", re.compile(r"/open-apis/bot/v2/hook/([\w-]+)/?$"), "lark://{0}"),
    ("qyapi.weixin.qq.com", re.compile(r"/cgi-bin/webhook/send$"), "wecombot://{key}"),
    ("oapi.dingtalk.com", re.compile(r"/robot/send$"), "dingtalk://{access_token}"),
    ("hooks.slack.com", re.compile(r"/services/(\w+)/(\w+)/(\w+)/?$"), "slack://{0}/{1}/{2}"),
)
_TOKEN = re.compile(r"[\w-]{1,200}")


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
    last_on : date or None
        The day on which it was last sent by itself.
    """

    is_on: bool = False
    hour: int = 8
    language: str = "zh"
    addresses: tuple[str, ...] = field(default=(), repr=False)
    last_on: date | None = None


def settings(store: Store) -> Settings:
    """Return the settings of a workspace; off where nobody settled any, and for guests."""
    if store.is_lent:
        return Settings()
    said = private.read(store.folder).get(_KEY)
    if not isinstance(said, dict):
        return Settings()
    addresses = said.get("addresses")
    texts = [text for text in addresses if isinstance(text, str)] if addresses else []
    hour, language, last = (said.get(name) for name in ("hour", "language", "last_on"))
    usual = Settings()
    return Settings(
        is_on=said.get("is_on") is True,
        hour=hour if isinstance(hour, int) and 0 <= hour < _HOURS else usual.hour,
        language=language if language in LANGUAGES else usual.language,
        addresses=tuple(texts[:MOST]),
        last_on=_day(last),
    )


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def settle(
    store: Store, *, is_on: bool, hour: int, language: str, addresses: Sequence[str] | None = None
) -> None:
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
    known = settings(store)
    kept = known.addresses if addresses is None else checked(addresses)
    _keep(store, replace(known, is_on=is_on, hour=hour, language=language, addresses=kept))


def checked(addresses: Sequence[str]) -> tuple[str, ...]:
    """Return addresses as they are kept, each once.

    Raises
    ------
    BadAddressError
        One cannot be sent to: too long, of a service that carries no message to people, or with a
        part that would make it read a file.
    OutOfBoundsError
        They are too many.
    """
    found: dict[str, None] = {}
    for line, text in enumerate(addresses, start=1):
        if text.strip():
            found[_spelled(text.strip(), line)] = None
    if len(found) > MOST:
        raise OutOfBoundsError(name="digest_addresses", value=len(found), low=0, high=MOST)
    return tuple(found)


def _spelled(text: str, line: int) -> str:
    """Return an address as Apprise spells it."""
    if len(text) > LONGEST or not text.isprintable() or " " in text:
        raise BadAddressError(line=line)
    try:
        parts = urlsplit(text)
        asked = parse_qs(parts.query, keep_blank_values=True)
        host = parts.hostname or ""
    except ValueError:
        raise BadAddressError(line=line) from None
    scheme = parts.scheme.casefold()
    if scheme == "https":
        return _native(host, parts.path, asked, line)
    if scheme not in SCHEMES or not parts.netloc:
        raise BadAddressError(line=line)
    if any(name.casefold().lstrip("+-:") in _FORBIDDEN for name in asked):
        raise BadAddressError(line=line)
    return text


def _native(host: str, path: str, asked: dict[str, list[str]], line: int) -> str:
    """Return the address behind a webhook as its service shows it."""
    told = {name: values[0] for name, values in asked.items()}
    for known, pattern, spelled in _NATIVE:
        match = pattern.fullmatch(path)
        if host.casefold() != known or match is None:
            continue
        parts = [
            *match.groups(),
            *(value for name, value in told.items() if f"{{{name}}}" in spelled),
        ]
        if parts and all(_TOKEN.fullmatch(part) for part in parts):
            return spelled.format(*match.groups(), **told)
    raise BadAddressError(line=line)


def masked(address: str) -> str:
    """Return enough of an address to tell it from others, and nothing that opens it.

    >>> masked("feishu://0f1e2d3c-aaaa-bbbb-cccc-1234567890ab")
    'feishu …90ab'
    >>> masked("mailtos://me:secret@example.com?to=you@example.com")
    'mailtos example.com'
    """
    scheme, _, rest = address.partition("://")
    if scheme.startswith("mailto"):
        return f"{scheme} {urlsplit(address).hostname or ''}"
    token = re.sub(r"[^\w]", "", rest.partition("?")[0])
    return f"{scheme} …{token[-4:]}" if len(token) >= 12 else f"{scheme} …"


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
    with _silent():
        senders = [sender(address, line) for line, address in enumerate(known, start=1)]
        took = sum(_sent(one, title, body) for one in senders)
    if took < len(known):
        raise NotSentError(failed=len(known) - took, addresses=len(known))
    return took


def sender(address: str, line: int = 1) -> Any:  # noqa: ANN401 - Apprise need not be there
    """Return what sends to an address, which keeps nothing on the disk.

    Raises
    ------
    BadAddressError
        Apprise makes nothing of it.
    """
    import apprise  # noqa: PLC0415 - optional, and slow to import

    asset = apprise.AppriseAsset(
        app_id="Leeway", app_desc="Leeway", app_url="", image_url_mask="", image_url_logo="",
        storage_mode=apprise.PersistentStoreMode.MEMORY, secure_logging=True,
    )  # fmt: skip
    found = apprise.Apprise(asset=asset)
    if not found.add(address):
        raise BadAddressError(line=line)
    return found


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
    """Return whether the day's message is still to be sent; ``now`` by the machine's clock."""
    is_ready = known.is_on and bool(known.addresses) and now.hour >= known.hour
    return is_ready and (known.last_on is None or known.last_on < now.date())


def note_sent(store: Store, day: date) -> None:
    """Note that the message of a day was sent, or tried: there is at most one.

    Raises
    ------
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    _keep(store, replace(settings(store), last_on=day))


def _keep(store: Store, known: Settings) -> None:
    if store.read_only:
        raise ReadOnlyWorkspaceError(folder=str(store.folder))
    said = asdict(known) | {"last_on": known.last_on.isoformat() if known.last_on else None}
    private.write(store.folder, private.read(store.folder) | {_KEY: said})
