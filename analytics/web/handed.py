"""What a page was handed is for its own browser: files, places for files, and the visit itself.

Streamlit hands out names that nobody can guess, and gives whatever is asked for by such a name to
whoever asks. Here a name counts only from the browser that was told it, and a visit is taken up
again only by the browser that began it.

What a page may say stands in a list, and everything else is dropped unheard. For what Streamlit
understands is more than our pages say, and more with each release: among it that the caches of
everybody are to be emptied, or that a folder is to be looked at; and it does what it is told for
whoever has an open page, a guest too. How long a message is, and how much it asks for, is bounded,
for one thread answers all.
"""

import hashlib
import posixpath
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from starlette.responses import Response

from analytics.errors import AnalyticsError
from analytics.i18n import Translator, language_of
from analytics.services import sharing
from analytics.services.serving import SESSION
from analytics.web.guard import NOT_KEPT, cookies
from analytics.web.lines import FullError, Line
from analytics.web.messages import ASGIApp, Message, Receive, Send, header
from analytics.web.visits import Party

VISIT = b"x-leeway-visit"  # the header that says whose visit it is; nobody else's word counts
LONGEST = 5_000_000  # bytes of what a page says; all that was typed into it is far less
MOST_FILES = 200  # that are sent at once
_NAMES = 5_000  # that are remembered of a browser; those told longest ago go first
_BROWSERS = 2_000  # that are remembered without an open page; those longest unheard go first
_TOO_BIG = 1009  # why a websocket is closed
_MEDIA, _UPLOAD = "/media/", "/_stcore/upload_file/"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page asks for.

    Parameters
    ----------
    names : sequence of str
        Names that it has to have been told.
    places : int
        How many files it wants a place for.
    refused : callable
        Given a sentence, the message that tells the page why it gets nothing.
    """

    names: Sequence[str] = ()
    places: int = 0
    refused: Callable[[str], bytes] = str.encode


Told = Callable[[bytes], Iterable[str]]
Hears = Callable[[bytes], Asked | None]


class Handed:
    """Middleware that gives nothing by a name that another browser was told.

    Parameters
    ----------
    app : ASGI app
        What answers.
    told : callable
        The names that a message to a page tells it: of files, and of places for files.
    asked : callable
        What a message from a page asks for; None if no page of ours says such a thing.
    party : callable
        Who sends a request, and what they may; asked in a thread.
    base : str
        The sub-path that the server runs under: empty, or with a slash before it.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        told: Told,
        asked: Hears,
        party: Callable[[Message], Party],
        base: str = "",
    ) -> None:
        self._app, self._base = app, base
        self._told, self._asked, self._party = told, asked, party
        self._looking = Line("places", threads=2, waiting=100)
        self._names = Names()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass on what asks for nothing of others; say whose visit it is."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        marks = _marks(scope)
        others = [pair for pair in scope["headers"] if pair[0].lower() != VISIT]
        scope = {**scope, "headers": [*others, (VISIT, "-".join(marks).encode())]}
        if scope["type"] == "websocket":
            with self._names.open(marks):
                await self._line(marks, scope, receive, send)
        elif (name := _name(scope["path"], self._base)) and not self._names.has(marks, name):
            status = 404 if scope["method"] in ("GET", "HEAD") else 403
            await Response(status_code=status, headers=NOT_KEPT)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _line(
        self, marks: tuple[str, ...], scope: Message, receive: Receive, send: Send
    ) -> None:
        """Note what a page is told; leave out what it may not say."""
        is_cut = False

        async def hear() -> Message:
            nonlocal is_cut
            while True:
                message = await receive()
                answer = await self._answer(marks, scope, message)
                if answer is None:
                    return message
                if answer:
                    await send(answer)
                if answer.get("code"):
                    is_cut = True
                    return {**answer, "type": "websocket.disconnect"}

        async def say(message: Message) -> None:
            if not is_cut:
                self._note(marks, message)
                await send(message)

        await self._app(scope, hear, say)

    def _note(self, marks: tuple[str, ...], message: Message) -> None:
        for name in self._told(message.get("bytes") or b""):
            self._names.add(marks, stem(name, self._base))

    async def _answer(
        self, marks: tuple[str, ...], scope: Message, message: Message
    ) -> Message | None:
        """Return what is said in place of the app, which may be nothing; None: it is heard."""
        if message["type"] != "websocket.receive":
            return None
        said = message.get("bytes") or b""
        if len(said) > LONGEST:
            return {"type": "websocket.close", "code": _TOO_BIG, "reason": ""}
        asked = self._asked(said)
        if asked is None:
            return {}
        sentence = await self._refusal(marks, scope, asked)
        if not sentence:
            return None
        return {"type": "websocket.send", "bytes": asked.refused(sentence)}

    async def _refusal(self, marks: tuple[str, ...], scope: Message, asked: Asked) -> str:
        """Return why a page does not get what it asks for; nothing if it does."""
        t = Translator(language_of(header(scope, b"accept-language")))
        if not all(self._names.has(marks, name) for name in asked.names):
            return t("handed.gone")
        if not asked.places:
            return ""
        if asked.places > MOST_FILES:
            return t("handed.too_many", most=t.number(MOST_FILES))
        try:
            party = await self._looking.work(self._party, scope)
        except (AnalyticsError, FullError):
            return t("handed.not_now")
        return "" if party.sends else t("handed.may_not")


class Names:
    """Which browser was told which names; safe among threads.

    Each browser has a bound of its own, so that nobody's names go for the sake of another's. Those
    of a browser with an open page stay.

    Parameters
    ----------
    names : int
        How many are remembered of a browser; those told longest ago go first.
    browsers : int
        How many are remembered without an open page; those longest unheard go first.

    Examples
    --------
    >>> names = Names()
    >>> names.add(["one"], "/media/4f")
    >>> names.has(["one"], "/media/4f"), names.has(["other"], "/media/4f")
    (True, False)
    """

    def __init__(self, *, names: int = _NAMES, browsers: int = _BROWSERS) -> None:
        self._most, self._browsers = names, browsers
        self._told: OrderedDict[str, OrderedDict[str, None]] = OrderedDict()
        self._open: Counter[str] = Counter()
        self._lock = Lock()

    @contextmanager
    def open(self, marks: Sequence[str]) -> Iterator[None]:
        """Keep what a browser is told while one of its pages is open."""
        with self._lock:
            self._open.update(marks)
        try:
            yield
        finally:
            with self._lock:
                self._open.subtract(marks)
                self._open = +self._open
                for mark in marks:
                    if mark in self._told:
                        self._told.move_to_end(mark)
                self._forget()

    def add(self, marks: Iterable[str], name: str) -> None:
        """Note that a browser was told a name."""
        with self._lock:
            for mark in marks:
                told = self._told.setdefault(mark, OrderedDict())
                self._told.move_to_end(mark)
                told[name] = None
                told.move_to_end(name)
                if len(told) > self._most:
                    told.popitem(last=False)
            self._forget()

    def has(self, marks: Iterable[str], name: str) -> bool:
        """Return whether a browser was told a name."""
        with self._lock:
            return any(name in self._told.get(mark, ()) for mark in marks)

    def _forget(self) -> None:
        """Forget whoever has been away for longest."""
        away = len(self._told) - len(self._open)
        if away <= self._browsers:
            return
        gone = [mark for mark in self._told if mark not in self._open]
        for mark in gone[: max(0, len(gone) - self._browsers)]:
            del self._told[mark]


def stem(name: str, base: str = "") -> str:
    """Return a name as it is compared: of an address its path below ``base``, without an ending.

    Examples
    --------
    >>> stem("/tools/media/4f.csv", "/tools"), stem("4f")
    ('/media/4f', '4f')
    """
    inner = name.removeprefix(base) if name.startswith(f"{base}/") else name
    return posixpath.splitext(inner)[0] if inner.startswith(_MEDIA) else inner


def _name(path: str, base: str) -> str:
    """Return what a path asks for, if that is for one browser alone."""
    found = stem(path, base)
    return found if found.startswith((_MEDIA, _UPLOAD)) else ""


def _marks(scope: Message) -> tuple[str, ...]:
    """Return a mark of each secret that a browser carries, from which it cannot be found.

    One is enough to be told the same: who opens a link in another tab keeps what this one shows.
    """
    held = cookies(scope)
    carried = [f"{name}={held[name]}" for name in (SESSION, sharing.COOKIE) if held.get(name)]
    return tuple(
        hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
        for secret in carried or [""]
    )
