"""One browser's side of the conversation, without the browser.

A visitor speaks Streamlit's own protocol over a websocket: a move is timed from sending a slider's
new value until the server has sent everything that the page then shows. A browser's painting is not
in it. What pages ask to be asked again every few seconds is asked again, as a browser would.
"""

import asyncio
import random
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

if TYPE_CHECKING:
    from streamlit.proto.Common_pb2 import FileURLs

SLIDER = "lead_time_delay_days"
_PROTOCOLS = ("streamlit", "PLACEHOLDER_AUTH_TOKEN")
_LARGEST = 2**28  # bytes of a message
_MOST_DAYS = 60
_SOON = 2.0  # seconds: whoever asks again sooner is at work
_XSRF = "_streamlit_xsrf"
_BOUNDARY = "leeway-load"


class VisitError(Exception):
    """What no visitor should meet: what it was, and what it said."""

    def __str__(self) -> str:
        """Return all that is known of it."""
        return ": ".join(map(str, self.args))


@dataclass(slots=True)
class Run:
    """What one run of a page has sent so far."""

    sliders: dict[str, str] = field(default_factory=dict)  # fragment by id
    uploader: str = ""
    deed: str = ""  # the button that stands out
    titles: list[str] = field(default_factory=list)
    is_at_work: bool = False

    def note(self, fragment: str, element: Element) -> None:
        """Note what an element is good for; raise `VisitError` for one that tells of a fault."""
        kind = element.WhichOneof("type")
        if kind == "exception":
            raise VisitError("an exception", element.exception.message)
        if kind == "alert" and element.alert.format == element.alert.ERROR:
            raise VisitError("a refusal", element.alert.body)
        if kind == "slider" and SLIDER in element.slider.id:
            self.sliders[element.slider.id] = fragment
        elif kind == "file_uploader":
            self.uploader = element.file_uploader.id
        elif kind == "button" and element.button.type == "primary":
            self.deed = element.button.id
        elif kind == "heading":
            self.titles.append(element.heading.body)


class Visitor:
    """Somebody with one tab open.

    Parameters
    ----------
    address : str
        Where the app is, by http.
    page : str
        The tab's page, as in its address; empty for the first.
    seed : int
        Of the values that the slider is moved to.
    patience : float
        Seconds after which an answer counts as none.
    cookie : str
        What the browser carries, where somebody has to be signed in.
    """

    def __init__(
        self, address: str, page: str, seed: int = 0, patience: float = 60.0, cookie: str = ""
    ) -> None:
        self._address, self._name, self._patience = address, page, patience
        self._cookie = cookie
        self._random = random.Random(seed)
        self._line: ClientConnection
        self._page = self._session = ""
        self._states: dict[str, WidgetState] = {}
        self._run = Run()
        self._ended: asyncio.Queue[Run | VisitError] = asyncio.Queue()
        self._urls: asyncio.Queue[FileURLs] = asyncio.Queue()
        self._again: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        """Open the tab and wait until its page stands."""
        self._line = await connect(
            f"{self._address.replace('http', 'ws', 1)}/_stcore/stream",
            origin=Origin(self._address),
            additional_headers={"Cookie": self._cookie} if self._cookie else None,
            subprotocols=[Subprotocol(name) for name in _PROTOCOLS],
            max_size=_LARGEST,
            ping_interval=None,
        )
        self._listening = asyncio.create_task(self._listen())
        await self._ask()
        await self._drawn(lambda run: not run.is_at_work)
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _fault: object, _trace: TracebackType | None
    ) -> None:
        """Close the tab."""
        self._quieten()
        self._listening.cancel()
        await self._line.close()

    async def move(self) -> float:
        """Move the slider somewhere else; return milliseconds until all was sent again."""
        if not self._run.sliders:
            raise VisitError("a page without its slider", self._name)
        [slider, fragment], *_ = self._run.sliders.items()
        state = WidgetState(id=slider)
        state.double_array_value.data.append(float(self._random.randint(1, _MOST_DAYS)))
        self._states[slider] = state
        self._forget()
        started = time.perf_counter()
        await self._ask(fragment)
        await self._drawn(lambda run: not run.is_at_work)
        return 1_000 * (time.perf_counter() - started)

    async def upload(self, name: str, content: bytes) -> float:
        """Put a file where files are put; return milliseconds until it was understood.

        Its name begins with a word of letters and digits, which no page has to write otherwise.
        """
        word = name.partition(".")[0]
        started = time.perf_counter()
        asked = BackMsg()
        asked.file_urls_request.request_id = name
        asked.file_urls_request.file_names.append(name)
        asked.file_urls_request.session_id = self._session
        await self._line.send(asked.SerializeToString())
        urls = await asyncio.wait_for(self._urls.get(), self._patience)
        await asyncio.to_thread(_put, self._address, urls.upload_url, name, content, self._cookie)
        state = WidgetState(id=self._run.uploader)
        sent = state.file_uploader_state_value.uploaded_file_info.add()
        sent.name, sent.size, sent.file_id = name, len(content), urls.file_id
        sent.file_urls.CopyFrom(urls)
        self._states[state.id] = state
        self._forget()
        await self._ask()
        await self._drawn(
            lambda run: not run.is_at_work and any(word in title for title in run.titles)
        )
        return 1_000 * (time.perf_counter() - started)

    async def press(self) -> None:
        """Press the button that stands out, and wait for nothing."""
        state = WidgetState(id=self._run.deed, trigger_value=True)
        asked = self._asked()
        asked.rerun_script.widget_states.widgets.append(state)
        await self._line.send(asked.SerializeToString())

    async def done(self) -> None:
        """Wait until the page says that what its button began is over."""
        await self._drawn(lambda run: not (run.is_at_work or run.deed))

    async def rest(self, seconds: float) -> None:
        """Leave the tab open; raise `VisitError` if it is told of a fault meanwhile."""
        until = time.monotonic() + seconds
        with suppress(TimeoutError):
            while (left := until - time.monotonic()) > 0:
                _whole(await asyncio.wait_for(self._ended.get(), left))

    async def _ask(self, fragment: str = "", *, is_by_itself: bool = False) -> None:
        asked = self._asked()
        asked.rerun_script.fragment_id = fragment
        asked.rerun_script.is_auto_rerun = is_by_itself
        await self._line.send(asked.SerializeToString())

    def _asked(self) -> BackMsg:
        """Return a request for the page with all that was set on it."""
        asked = BackMsg()
        rerun = asked.rerun_script
        if self._page:
            rerun.page_script_hash = self._page
        else:
            rerun.page_name = self._name
        rerun.widget_states.widgets.extend(self._states.values())
        return asked

    def _forget(self) -> None:
        """Leave out what has ended before, unless it was a fault."""
        while not self._ended.empty():
            _whole(self._ended.get_nowait())

    async def _drawn(self, is_enough: Callable[[Run], bool]) -> None:
        """Wait for a run that shows enough."""
        async with asyncio.timeout(self._patience):
            while not is_enough(_whole(await self._ended.get())):
                pass

    async def _listen(self) -> None:
        try:
            async for data in self._line:
                message = ForwardMsg()
                message.ParseFromString(data if isinstance(data, bytes) else data.encode())
                self._heard(message)
        except Exception as problem:  # noqa: BLE001 - whoever waits is told
            self._ended.put_nowait(VisitError(type(problem).__name__, problem))
        else:
            self._ended.put_nowait(VisitError("the server closed the line"))

    def _heard(self, message: ForwardMsg) -> None:
        match message.WhichOneof("type"):
            case "new_session":
                self._begin(message)
            case "delta" if message.delta.HasField("new_element"):
                self._run.note(message.delta.fragment_id, message.delta.new_element)
            case "navigation":
                self._page = message.navigation.page_script_hash
            case "auto_rerun":
                self._ask_again(message.auto_rerun.interval, message.auto_rerun.fragment_id)
            case "file_urls_response":
                self._urls.put_nowait(message.file_urls_response.file_urls[0])
            case "script_finished":
                self._finish(message.script_finished)

    def _begin(self, message: ForwardMsg) -> None:
        self._session = message.new_session.initialize.session_id or self._session
        if not message.metadata.run.fragment_ids:  # the page as a whole is drawn anew
            self._quieten()
            self._run = Run()

    def _ask_again(self, interval: float, fragment: str) -> None:
        self._run.is_at_work |= interval < _SOON
        self._again.add(asyncio.create_task(self._keep_asking(interval, fragment)))

    async def _keep_asking(self, interval: float, fragment: str) -> None:
        with suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(interval)
                await self._ask(fragment, is_by_itself=True)

    def _finish(self, how: int) -> None:
        if how == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            raise VisitError("a page that does not compile")
        if how != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self._ended.put_nowait(self._run)

    def _quieten(self) -> None:
        for task in self._again:
            task.cancel()
        self._again.clear()


def _whole(run: Run | VisitError) -> Run:
    if isinstance(run, VisitError):
        raise run
    return run


def _put(address: str, path: str, name: str, content: bytes, held: str) -> None:
    """Send a file as a browser does: with the token that a page of ours was given."""
    asked = urllib.request.Request(f"{address}/_stcore/health", headers={"Cookie": held})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        cookies = answer.headers.get_all("Set-Cookie") or []
    tokens = [cookie.split(";")[0] for cookie in cookies if cookie.startswith(_XSRF)]
    token = tokens[0].partition("=")[2] if tokens else ""
    request = urllib.request.Request(f"{address}{path}", _form(name, content), method="PUT")
    request.add_header("Origin", address)
    request.add_header("Cookie", "; ".join(filter(None, (held, f"{_XSRF}={token}"))))
    request.add_header("X-Xsrftoken", token)
    request.add_header("Content-Type", f"multipart/form-data; boundary={_BOUNDARY}")
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()


def _form(name: str, content: bytes) -> bytes:
    says = f'Content-Disposition: form-data; name="file"; filename="{name}"'
    return b"\r\n".join(
        (f"--{_BOUNDARY}".encode(), says.encode(), b"", content, f"--{_BOUNDARY}--\r\n".encode())
    )
