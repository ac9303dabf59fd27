"""What a browser carries of a visit: the session, the form's mark, and where it was going."""

import hashlib
import ipaddress
import math
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from analytics.actor import reaches
from analytics.services import hosting as hosts
from analytics.services import sharing
from analytics.services.hosting import Hosting, Visitor
from analytics.services.serving import SESSION
from analytics.services.throttling import Throttle
from analytics.web.guard import NOT_KEPT
from analytics.web.messages import Message
from analytics.web.signing import Signer

_FORM = "leeway_form"
_FORM_SECONDS = 3600
_LONGEST = 7 * 24 * 3600  # seconds that a session can last
_WHILE = 15 * 60  # seconds within which misses count
_OF_ONE, _OF_ALL = 5, 30  # misses of a client, and of a team, within the while


class Strangers:
    """Texts that opened nothing a moment ago; safe among threads.

    Parameters
    ----------
    seconds : float
        How long one is remembered.
    most : int
        How many are; the oldest go first.
    clock : callable
        Seconds that never run backwards.

    Examples
    --------
    >>> strangers = Strangers()
    >>> strangers.note("made up")
    >>> strangers.has("made up"), strangers.has("another")
    (True, False)
    """

    def __init__(
        self,
        *,
        seconds: float = 5.0,
        most: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds, self._most, self._clock = seconds, most, clock
        self._seen: OrderedDict[bytes, float] = OrderedDict()
        self._lock = Lock()

    def has(self, text: str) -> bool:
        """Return whether a text opened nothing a moment ago."""
        with self._lock:
            return self._seen.get(_digest(text), -math.inf) > self._clock() - self._seconds

    def note(self, text: str) -> None:
        """Remember that a text opened nothing."""
        with self._lock:
            self._seen[_digest(text)] = self._clock()
            self._seen.move_to_end(_digest(text))
            while len(self._seen) > self._most:
                self._seen.popitem(last=False)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class House:
    """What the doors stand on.

    Parameters
    ----------
    hosting : Hosting
        Who may come in, and where the team reaches the app.
    base : str
        The sub-path that the server runs under: empty, or with a slash before it.
    """

    hosting: Hosting
    base: str = ""
    signer: Signer = field(default_factory=Signer)
    clients: Throttle = field(default_factory=lambda: Throttle(most=_OF_ONE, seconds=_WHILE))
    teams: Throttle = field(default_factory=lambda: Throttle(most=_OF_ALL, seconds=_WHILE))
    strangers: Strangers = field(default_factory=Strangers)

    @property
    def path(self) -> str:
        """The path that the app's cookies hold for."""
        return self.base or "/"

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the app by TLS."""
        return self.hosting.public_url.startswith("https:")


def now() -> datetime:
    """Return the time, as sessions and the audit count it."""
    return datetime.now(UTC)


def knows(house: House, cookies: Mapping[str, str]) -> bool:
    """Return whether a browser may be here now, as one of a team or as a guest.

    Whoever carries a guest's cookie is a guest: also one of the team, until they leave.
    """
    if held := cookies.get(sharing.COOKIE):
        return is_guest(house, held)
    secret = cookies.get(SESSION)
    found = hosts.visitor(house.hosting, secret, now()) if secret else None
    return found is not None and bool(found.grants)


def is_guest(house: House, cookie: str) -> bool:
    """Return whether a link that somebody came by is still open to them."""
    if not cookie or house.strangers.has(cookie):
        return False
    if hosts.link_of(house.hosting, cookie, now()) is not None:
        return True
    house.strangers.note(cookie)
    return False


class Party(NamedTuple):
    """Who asks.

    Attributes
    ----------
    key : str
        What counts as one: a person where we know them, else a session, else a client.
    sends : bool
        Whether there is a workspace in which they may change something.
    is_owner : bool
        Whether there is one of which they are an owner.
    """

    key: str
    sends: bool = False
    is_owner: bool = False


def party(house: House, scope: Message) -> Party:
    """Return who sends a request, and what they may; a guest may nothing."""
    asked = HTTPConnection(scope)
    if house.hosting.is_open:
        return Party(client(asked), sends=True, is_owner=True)
    found = None if sharing.COOKIE in asked.cookies else visitor(house, asked)
    if found is None:
        return Party(client(asked))
    roles = set(found.grants.values())
    return Party(
        found.address or found.session_id,
        sends=any(reaches(role, "editor") for role in roles),
        is_owner="owner" in roles,
    )


def visitor(house: House, request: HTTPConnection) -> Visitor | None:
    """Return who is signed in."""
    held = request.cookies.get(SESSION, "")
    return hosts.visitor(house.hosting, held, now()) if held else None


def let_in(house: House, secret: str, wanted: str) -> Response:
    """Send a browser on, with a new session and without what it held as a guest."""
    response = sent(wanted)
    _set(house, response, SESSION, secret, seconds=_LONGEST)
    forget(house, response, sharing.COOKIE)
    forget(house, response, _FORM)
    return response


def sent(address: str) -> RedirectResponse:
    """Send a browser to another address, by a plain question."""
    return RedirectResponse(address, status_code=303, headers=NOT_KEPT)


def forget(house: House, response: Response, cookie: str) -> None:
    """Take a cookie away from a browser."""
    response.delete_cookie(cookie, path=house.path, httponly=True, samesite="lax")


def keep(house: House, response: Response, cookie: str, text: str, *, seconds: int) -> None:
    """Let a browser carry a sealed text for a while."""
    _set(house, response, cookie, house.signer.sealed(cookie, text, seconds=seconds), seconds)


def kept(house: House, request: Request, cookie: str) -> str | None:
    """Return the text that a browser carries, if it is the one that it was given."""
    return house.signer.opened(cookie, request.cookies.get(cookie, ""))


def _set(house: House, response: Response, cookie: str, value: str, seconds: int) -> None:
    response.set_cookie(
        cookie,
        value,
        max_age=seconds,
        path=house.path,
        httponly=True,
        samesite="lax",
        secure=house.is_secure,
    )


# Forms


def marked(house: House, request: Request) -> tuple[str, str]:
    """Return a form's token and the mark that the browser must carry when it sends the form."""
    mark = kept(house, request, _FORM) or secrets.token_urlsafe(16)
    return house.signer.sealed("token", mark, seconds=_FORM_SECONDS), mark


def mark(house: House, response: Response, text: str) -> Response:
    """Let the browser carry a form's mark."""
    keep(house, response, _FORM, text, seconds=_FORM_SECONDS)
    return response


def is_ours(house: House, request: Request, token: str) -> bool:
    """Return whether a form is one that this browser was given."""
    carried = kept(house, request, _FORM)
    return carried is not None and house.signer.opened("token", token) == carried


# Where to


def own_address(base: str, wanted: str) -> str:
    r"""Return ``wanted`` if it is a place of ours to go on to, else the front page.

    Examples
    --------
    >>> [own_address("", text) for text in ("/delays?item=A", "//evil.example", "/\\evil.example")]
    ['/delays?item=A', '/', '/']
    >>> own_address("/tools", "/sign-out"), own_address("/tools", "/tools/sign-out")
    ('/tools/', '/tools/')
    """
    front = f"{base}/"
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return front
    inner = wanted.removeprefix(base)
    is_own = (
        wanted.startswith(front)
        and not (parts.scheme or parts.netloc or "\\" in wanted)
        and not inner.startswith(("//", *_NOT_WANTED))
        and ".." not in parts.path
        and wanted.isprintable()
        and " " not in wanted
    )
    return wanted if is_own else front


_NOT_WANTED = ("/sign-", "/oidc/", "/s/", "/_stcore/", "/media/", "/healthz")


def client(request: HTTPConnection) -> str:
    """Return what counts as one client: an address, or the network that a line at home gets."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))
