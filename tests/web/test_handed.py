"""Names of files count only from the browser that was told them; pages say what pages say."""

import asyncio
import time

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from analytics import web
from analytics.i18n import Translator
from analytics.services.serving import SESSION
from analytics.services.sharing import COOKIE
from analytics.web.handed import LONGEST, MOST_FILES, Names
from analytics.web.visits import Party
from pages.shared import wire

EN = Translator("en")
FILE, PLACE = "/media/4f.csv", "/_stcore/upload_file/tab/1"


class Server:
    """A server whose pages are told what a test says; it keeps what it hears of them."""

    def __init__(self, base="", *, sends=True):
        self.heard, self.visits, self.tells = [], [], []
        self.app = web.Handed(
            self.answer, told=wire.told, asked=wire.asked, base=base,
            party=lambda _scope: Party("somebody", sends=sends),
        )  # fmt: skip

    async def answer(self, scope, receive, send):
        self.visits.append([value for name, value in scope["headers"] if name == b"x-leeway-visit"])
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"secret"})
            return
        while (message := await receive())["type"] == "websocket.receive":
            self.heard.append(BackMsg.FromString(message["bytes"]).WhichOneof("type"))
        for told in self.tells:
            await send({"type": "websocket.send", "bytes": told.SerializeToString()})

    def talk(self, *says, tells=(), **held):
        """Open a page that says messages, and is told others; return the answers to the first."""
        self.tells, self.heard = tells, []
        coming = [{"type": "websocket.receive", "bytes": said} for said in map(wired, says)]
        sent = self._run(scope("websocket", "/_stcore/stream", held), [*coming, {"type": "end"}])
        sent = sent[: len(sent) - len(tells)]
        return [ForwardMsg.FromString(one["bytes"]) if "bytes" in one else one for one in sent]

    def tell(self, *names, **held):
        """Open a page that is told names of files, and of places for files."""
        self.talk(tells=[told(*names)], **held)

    def get(self, path, method="GET", headers=(), **held):
        """Return the status of a request."""
        sent = self._run({**scope("http", path, held, headers), "method": method}, [])
        return sent[0]["status"]

    def _run(self, scope, coming):
        sent, waiting = [], iter(coming)

        async def receive():
            return next(waiting)

        async def send(message):
            sent.append(message)

        asyncio.run(self.app(scope, receive, send))
        return sent


def wired(message):
    return message if isinstance(message, bytes) else message.SerializeToString()


def told(*names):
    """Return what the server says of places for files."""
    message = ForwardMsg()
    for name in names:
        message.file_urls_response.file_urls.add(upload_url=name, delete_url=name)
    return message


def offered(name):
    """Return how the server draws a button for a file that is made when it is pressed."""
    message = ForwardMsg()
    message.delta.new_element.download_button.deferred_file_id = name
    return message


def drawn(rows):
    """Return how the server draws a table."""
    message = ForwardMsg()
    message.metadata.delta_path.extend([0, 1])
    message.delta.new_element.dataframe.arrow_data.data = b"8" * rows
    return message


def made(name):
    """Return how a page asks for a file to be made."""
    message = BackMsg()
    message.backend_operation_request.request_id = "again"
    message.backend_operation_request.deferred_file.file_id = name
    return message


def places(count):
    """Return how a page asks where it may send files."""
    message = BackMsg()
    message.file_urls_request.request_id = "again"
    message.file_urls_request.file_names.extend(["a.csv"] * count)
    return message


def scope(kind, path, held, headers=()):
    names = {"session": SESSION, "link": COOKIE}
    cookie = "; ".join(f"{names[name]}={value}" for name, value in held.items())
    return {"type": kind, "path": path, "headers": [(b"cookie", cookie.encode()), *headers]}


def test_a_file_is_given_to_the_browser_that_was_told_of_it():
    server = Server()
    server.tell(FILE, session="ana")
    assert server.get(FILE, session="ana") == 200
    assert server.get(FILE, session="bo") == server.get(FILE, link="ana") == server.get(FILE) == 404
    assert server.get("/media/50.csv", session="ana") == 404
    assert server.get("/static/main.js", session="bo") == 200  # no name that anybody is told


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_a_place_for_files_takes_them_from_its_own_page_only(method):
    server = Server()
    server.tell(PLACE, session="ana")
    assert server.get(PLACE, method, session="ana") == 200
    assert server.get(PLACE, method, session="bo") == 403


def test_who_opens_a_link_in_another_tab_keeps_what_this_one_shows():
    server = Server()
    server.tell(FILE, session="ana")
    assert server.get(FILE, session="ana", link="guest") == 200
    assert server.get(FILE, link="guest") == 404


def test_a_page_is_not_heard_with_names_that_it_was_never_told():
    server = Server()
    server.talk(tells=[offered("file-1")], session="ana")
    (answer,) = server.talk(made("file-1"), session="bo")
    assert server.heard == []
    assert answer.backend_operation_response.request_id == "again"
    assert answer.backend_operation_response.error_msg == EN("handed.gone")
    assert server.talk(made("file-1"), session="ana") == []
    assert server.heard == ["backend_operation_request"]


def test_nobody_says_themselves_whose_visit_it_is():
    server = Server()
    forged = [(b"X-Leeway-Visit", b"anybody")]
    server.get("/", headers=forged, session="ana")
    server.get("/", session="ana")
    server.get("/", session="bo")
    first, second, other = server.visits
    assert len(first) == 1
    assert first == second != other
    assert b"ana" not in first[0]


def test_below_a_path_names_are_the_same():
    server = Server(base="/tools")
    server.tell(f"/tools{FILE}", session="ana")
    assert server.get(f"/tools{FILE}", session="ana") == 200
    assert server.get(f"/tools{FILE}", session="bo") == 404


# What a page may say


def back(**said):
    return BackMsg(**said)


def run(**parts):
    message = BackMsg()
    message.rerun_script.SetInParent()
    for name, count in parts.items():
        if name == "widgets":
            message.rerun_script.widget_states.widgets.extend([WidgetState(id="w")] * count)
        elif name == "kept":
            message.rerun_script.cached_message_hashes.extend(["k"] * count)
        else:
            message.rerun_script.widget_states.widgets.add(id="w", json_value="8" * count)
    return message


@pytest.mark.parametrize(
    "message", [run(), back(stop_script=True), back(app_heartbeat=True), run(widgets=300, kept=900)]
)
def test_what_pages_say_is_heard(message):
    server = Server()
    assert server.talk(message, session="ana") == []
    assert len(server.heard) == 1


@pytest.mark.parametrize(
    "message",
    [
        back(clear_cache=True),
        back(set_run_on_save=True),
        back(load_git_info=True),
        back(debug_disconnect_websocket=True),
        back(debug_shutdown_runtime=True),
        back(),
        b"\xff\xff no message",
        run(widgets=500_000),
        run(kept=500_000),
    ],
)
def test_what_no_page_of_ours_says_is_dropped(message):
    server = Server()
    assert server.talk(message, back(app_heartbeat=True), session="ana") == []
    assert server.heard == ["app_heartbeat"]


@pytest.mark.parametrize("kind", ["install_skills", "dismiss_skills_nudge", "dataframe_chunk"])
def test_nothing_but_files_is_made_for_a_page(kind):
    message = BackMsg()
    getattr(message.backend_operation_request, kind).SetInParent()
    server = Server()
    (answer,) = server.talk(message, session="ana")
    assert server.heard == []
    assert answer.backend_operation_response.error_msg


def test_a_long_table_of_changes_is_heard_and_what_no_page_could_hold_ends_the_line():
    server = Server()
    assert server.talk(run(edited=LONGEST - 100), session="ana") == []
    assert server.heard == ["rerun_script"]
    (end,) = server.talk(run(edited=LONGEST), back(app_heartbeat=True), session="ana")
    assert end == {"type": "websocket.close", "code": 1009, "reason": ""}
    assert server.heard == []


@pytest.mark.parametrize(("count", "is_heard"), [(1, True), (MOST_FILES, True), (500_000, False)])
def test_so_many_files_are_sent_at_once_and_more_are_refused_in_words(count, is_heard):
    server = Server()
    began = time.perf_counter()
    answers = server.talk(places(count), session="ana")
    assert time.perf_counter() - began < 5
    assert bool(server.heard) == is_heard
    said = [answer.file_urls_response for answer in answers]
    expected = [] if is_heard else [("again", EN("handed.too_many", most=str(MOST_FILES)))]
    assert [(one.response_id, one.error_msg) for one in said] == expected


def test_who_may_only_look_gets_no_place_for_files():
    server = Server(sends=False)
    (answer,) = server.talk(places(1), session="ana")
    assert answer.file_urls_response.error_msg == EN("handed.may_not")
    assert server.heard == []


# What a page is told


@pytest.mark.parametrize("count", [1, 70, 71, MOST_FILES])
def test_all_places_for_files_are_noted(count):
    server = Server()
    names = [f"/_stcore/upload_file/{'t' * 36}/{'f' * 32}{number:04}" for number in range(count)]
    server.tell(*names, session="ana")
    assert server.get(names[-1], "PUT", session="ana") == 200
    assert wire.told(wired(told(*names))) == [name for name in names for _ in range(2)]


def test_the_rows_of_a_table_are_not_read_for_names():
    table = wired(drawn(30_000_000))
    began = time.perf_counter()
    for _ in range(1_000):
        assert wire.told(table) == []
    assert time.perf_counter() - began < 2  # to read them takes several times as long


def test_nobody_takes_a_name_from_another_browser():
    names = Names(names=10, browsers=3)
    names.add(["ana"], "hers")
    for number in range(1_000):
        names.add(["bo"], f"his {number}")
    assert names.has(["ana"], "hers")
    assert [number for number in range(1_000) if names.has(["bo"], f"his {number}")] == [
        *range(990, 1_000)
    ]


def test_many_browsers_take_nothing_from_an_open_page():
    names = Names(names=10, browsers=3)
    with names.open(["ana"]), names.open(["ana"]):
        names.add(["ana"], "hers")
        for number in range(1_000):
            names.add([f"bo {number}"], "his")
        assert names.has(["ana"], "hers")
        assert [n for n in range(1_000) if names.has([f"bo {n}"], "his")] == [997, 998, 999]
    names.add(["eve"], "one")
    names.add(["eve"], "more")
    assert names.has(["ana"], "hers")  # gone last, so forgotten last
    for number in range(3):
        names.add([f"eve {number}"], "more")
    assert not names.has(["ana"], "hers")


def test_drawing_again_keeps_the_newest_names():
    server = Server()
    for number in range(600):
        buttons = [offered(f"{number}-{button}") for button in range(10)]
        server.talk(tells=buttons, session="ana")
    assert server.talk(made("599-0"), made("599-9"), session="ana") == []
    assert len(server.heard) == 2
    assert len(server.talk(made("0-0"), session="ana")) == 1
