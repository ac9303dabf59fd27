"""A browser's tab without the browser: its websocket, its questions, and every byte it was sent."""

import http.client
import io
import zipfile
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

_XSRF = "_streamlit_xsrf"
_SILENT = 0.15  # seconds after a page is drawn in which nothing more is said
_PATIENCE = 60.0
_DRAWN = "script_finished"
_EARLY = ForwardMsg.FINISHED_EARLY_FOR_RERUN


class Browser:
    """What one browser carries and was sent; its tabs and its other questions add to that."""

    def __init__(self, address, cookie):
        self.address, self.cookie = address, cookie
        self.told: list[bytes] = []
        self._xsrf = ""

    def tab(self, session="", cookie=""):
        """Open a tab; with ``session`` as one that takes up a visit which broke off."""
        return Tab(self, session, cookie or self.cookie)

    def ask(self, method, path, body=b"", cookie="", **headers):
        """Ask by hand, keep the answer, and return its status and its body."""
        where = urlsplit(self.address)
        line = http.client.HTTPConnection(where.hostname, where.port, timeout=60)
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            line.request(method, path, body, {"Cookie": cookie or self.cookie} | said)
            answer = line.getresponse()
            content = answer.read()
        finally:
            line.close()
        self.told += [str(answer.headers).encode(), content]
        if content[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                self.told += [packed.read(name) for name in packed.namelist()]
        return answer.status, content

    def put(self, path, name, content):
        """Send a file as a page of ours does; return the status."""
        body = (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="'
            + name.encode() + b'"\r\n\r\n' + content + b"\r\n--b--\r\n"
        )  # fmt: skip
        return self._send("PUT", path, body, Content_Type="multipart/form-data; boundary=b")

    def take_back(self, path):
        """Take back a file as a page of ours does; return the status."""
        return self._send("DELETE", path, b"")

    def _send(self, method, path, body, **headers):
        if not self._xsrf:
            self.ask("GET", "/_stcore/health")
            found = self.told[-2].decode().partition(f"{_XSRF}=")[2]
            self._xsrf = found.partition(";")[0]
        return self.ask(method, path, body, f"{self.cookie}; {_XSRF}={self._xsrf}",
                        Origin=self.address, X_Xsrftoken=self._xsrf, **headers)[0]  # fmt: skip

    def saw(self, mark):
        """Return whether a text stands in anything that the server sent."""
        return any(mark.encode() in said for said in self.told)


class Tab:
    """A websocket of a browser, and what it heard of the last answer."""

    def __init__(self, browser, session, cookie):
        self.browser, self.session, self.is_open = browser, session, True
        self.heard: list[ForwardMsg] = []
        self.sent: list[bytes] = []
        self._line = connect(
            f"{browser.address.replace('http', 'ws', 1)}/_stcore/stream",
            origin=browser.address,
            subprotocols=["streamlit", "placeholder", *[session] * bool(session)],
            additional_headers={"Cookie": cookie},
            max_size=None,
        )

    def __enter__(self):
        self._socket = self._line.__enter__()
        return self

    def __exit__(self, *fault):
        self._line.__exit__(*fault)

    def ask(self, page, *states, query="lang=English"):
        """Let a page be drawn, after what was chosen and pressed."""
        asked = BackMsg()
        asked.rerun_script.page_name = page
        asked.rerun_script.query_string = query
        asked.rerun_script.widget_states.widgets.extend(states)
        return self.say(asked.SerializeToString())

    def say(self, message, until=_DRAWN):
        """Send a message as it is, and hear what comes until that is over."""
        self.heard, is_over = [], False
        try:
            self._socket.send(message)
            self.sent.append(message)
            while True:
                said = self._socket.recv(timeout=_SILENT if is_over else _PATIENCE)
                self.browser.told.append(said)
                self.heard.append(ForwardMsg.FromString(said))
                kind = self.heard[-1].WhichOneof("type")
                if kind == until != _DRAWN:
                    break
                if kind in (_DRAWN, "new_session"):
                    is_over = kind == _DRAWN and self.heard[-1].script_finished != _EARLY
        except ConnectionClosed:
            self.is_open = False
        except TimeoutError:
            assert is_over, "no answer"
        began = [one.new_session.initialize.session_id for one in self.heard]
        self.session = next((one for one in began if one), self.session)
        return self

    def elements(self, kind):
        """Return all elements of a kind that were drawn."""
        drawn = [one.delta.new_element for one in self.heard]
        return [getattr(one, kind) for one in drawn if one.WhichOneof("type") == kind]

    def find(self, kind, name):
        """Return the element that a page calls ``name``."""
        return [one for one in self.elements(kind) if one.id.endswith(f"-{name}")][-1]

    def press(self, kind, name):
        """Return the state of a button that is pressed."""
        return WidgetState(id=self.find(kind, name).id, trigger_value=True)

    def choice(self, name, label):
        """Return the state of a row of buttons of which one is chosen."""
        row = self.find("button_group", name)
        assert label in [option.content for option in row.options]
        return WidgetState(id=row.id, string_array_value={"data": [label]})

    def text(self, name, words):
        """Return the state of a line that is written in."""
        return WidgetState(id=self.find("text_input", name).id, string_value=words)

    def views(self):
        """Return the states of all views of the page that are not shown."""
        rows = [one for one in self.elements("button_group") if one.id.endswith("-view")]
        labels = [option.content for option in rows[-1].options][1:] if rows else []
        return [self.choice("view", label) for label in labels]

    def want(self, asked, answer):
        """Ask for something beside the page; return the answers that came before a sign of life."""
        self._socket.send(asked.SerializeToString())
        alive = BackMsg(app_heartbeat=True)
        self.say(alive.SerializeToString(), "heartbeat_ack")
        return [getattr(one, answer) for one in self.heard if one.WhichOneof("type") == answer]

    def fetch(self, file_id):
        """Have a file made that a page offers; return its address, empty if there is none."""
        asked = BackMsg()
        asked.backend_operation_request.request_id = file_id
        asked.backend_operation_request.session_id = self.session
        asked.backend_operation_request.deferred_file.file_id = file_id
        return self._heard_of(asked, "backend_operation_response").deferred_file.url

    def place(self, name, session=""):
        """Ask where a file may be sent; return what the server says of it."""
        return self.places([name], session).file_urls[0]

    def places(self, names, session=""):
        """Ask where files may be sent; return the whole answer."""
        asked = BackMsg()
        asked.file_urls_request.request_id = "places"
        asked.file_urls_request.file_names.extend(names)
        asked.file_urls_request.session_id = session or self.session
        return self._heard_of(asked, "file_urls_response")

    def _heard_of(self, asked, answer):
        self.say(asked.SerializeToString(), answer)
        return getattr(self.heard[-1], answer)
