"""The server as it is run, below a path and behind a team secret: what the network gets of it."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest

from analytics.access import Register

from .asking import token_of

ROOT = Path(__file__).parents[2]
SECRET, BASE = "correct horse battery staple", "/tools/stock"
LOOKERS = "those who only look on"
SESSION = "leeway_session"


class Server:
    def __init__(self, process, port):
        self.process, self.port, self.host = process, port, f"127.0.0.1:{port}"

    def ask(self, method, path, body=b"", **headers):
        """Return the status, the headers and the text of an answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # it answers before it has all
                line.request(method, path, body, named)
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read().decode("utf-8", "replace")
        finally:
            line.close()

    def tried(self, secret, **headers):
        """Fill in the form; return the status, and the session if there is one."""
        _, told, page = self.ask("GET", f"{BASE}/sign-in", accept="text/html")
        form = type("Form", (), {"text": page})
        mark = told["set-cookie"].partition(";")[0]
        fields = {"name": "Ann", "secret": secret, "token": token_of(form)}
        said = {"origin": f"http://{self.host}", "cookie": mark} | headers
        said["content_type"] = "application/x-www-form-urlencoded"
        status, told, _ = self.ask("POST", f"{BASE}/sign-in", urlencode(fields), **said)
        found = re.search(rf"{SESSION}=([^;]+)", " ".join(told.get_all("set-cookie") or []))
        return status, found and found[1]

    def socket(self, **headers):
        """Return the status that a websocket's handshake gets."""
        said = {"host": self.host, "connection": "Upgrade", "upgrade": "websocket"} | headers
        said |= {"sec_websocket_version": "13", "sec_websocket_key": "dGhlIHNhbXBsZSBub25jZQ=="}
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in said.items())
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as line:
            line.sendall(f"GET {BASE}/_stcore/stream HTTP/1.1\r\n{lines}\r\n".encode())
            return int(line.recv(4096).split()[1])

    def memory(self):
        """Return how many MB the process holds."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    secret = folder / "secret"
    secret.write_text(SECRET)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    environment = os.environ | {
        "LEEWAY_WORKSPACE": str(folder / "own"), "XDG_CACHE_HOME": str(folder),
        "LEEWAY_SECRET_FILE": str(secret),
    }  # fmt: skip
    command = [sys.executable, "-m", "analytics", "serve", "--port", str(port), "--access",
               "password", "--public-url", f"http://127.0.0.1:{port}{BASE}"]  # fmt: skip
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        found = Server(process, port)
        found.home = folder / "own.host"
        until = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until:
            try:
                if found.ask("GET", "/healthz")[2] == "ok":
                    break
            except OSError:
                time.sleep(0.1)
        assert process.poll() is None, log.read_text()
        yield found
        process.send_signal(signal.SIGKILL)
        process.wait(20)
    assert SECRET not in log.read_text()


@pytest.fixture(scope="module")
def session(server):
    status, session = server.tried(SECRET)
    assert status == 303
    return session


PATHS = ("/", "/delays", "/media/0123456789abcdef.csv", "/_stcore/metrics", "/_stcore/health",
         "/_stcore/host-config", "/static/index.html", "/_stcore/agent/openapi.json")  # fmt: skip


def test_nothing_is_given_without_a_session(server):
    for base in (BASE, ""):
        assert {server.ask("GET", base + path)[0] for path in PATHS} == {401}
    status, told, _ = server.ask("GET", f"{BASE}/delays", accept="text/html")
    assert (status, told["location"]) == (303, f"{BASE}/sign-in?next=%2Ftools%2Fstock%2Fdelays")


def test_health_is_told_to_everybody(server):
    assert [server.ask("GET", f"{base}/healthz")[2] for base in ("", BASE)] == ["ok", "ok"]


def test_with_a_session_the_app_is_there(server, session):
    cookie = f"{SESSION}={session}"
    status, told, page = server.ask("GET", f"{BASE}/", cookie=cookie)
    assert (status, "<title>Streamlit</title>" in page) == (200, True)
    assert re.search(r"script-src 'self' 'sha256-[^']{44}';", told["content-security-policy"])
    assert server.ask("GET", f"{BASE}/_stcore/health", cookie=cookie)[2] == "ok"


def test_who_opens_a_websocket(server, session):
    own, cookie = f"http://{server.host}", f"{SESSION}={session}"
    rows = [
        (server.host, own, cookie, True),
        (server.host, own, f"{SESSION}=forged", False),
        (server.host, None, cookie, False),
        (server.host, "null", cookie, False),
        (server.host, "https://evil.example", cookie, False),
        (server.host, "http://localhost:1", cookie, False),
        ("evil.example", "http://evil.example", cookie, False),
        ("evil.example", own, cookie, False),
    ]
    for host, origin, held, is_open in rows:
        said = {"host": host, "cookie": held} | ({"origin": origin} if origin else {})
        assert server.socket(**said) == (101 if is_open else 403), (host, origin)


def test_uploads_of_strangers_are_not_kept(server):
    before = server.memory()
    sent = b"x" * 500_000
    statuses = {
        server.ask("PUT", f"{BASE}/_stcore/upload_file/session/{number}", sent)[0]
        for number in range(200)
    }
    assert statuses == {401}
    assert server.memory() - before < 25  # of 100 that were sent


def test_a_viewers_uploads_are_not_kept(server):
    """A viewer sees no place for files; who sends some all the same is refused."""
    with Register.open(server.home) as register:
        register.set_secret("main", "viewer", LOOKERS, who="", now=datetime.now(UTC))
    status, session = server.tried(LOOKERS)
    assert status == 303
    cookie, before = f"{SESSION}={session}", server.memory()
    statuses = {
        server.ask("PUT", f"{BASE}/_stcore/upload_file/x/{number}", b"x" * 500_000,
                   cookie=cookie)[0]
        for number in range(100)
    }  # fmt: skip
    assert statuses == {403}
    assert server.memory() - before < 25  # of 50 that were sent
    assert server.ask("GET", f"{BASE}/_stcore/metrics", cookie=cookie)[0] == 403


def test_an_owner_sends_files_and_sees_the_figures(server, session):
    cookie = f"{SESSION}={session}"
    sent = {"cookie": cookie, "content_type": "multipart/form-data; boundary=b"}
    status, _, _ = server.ask("PUT", f"{BASE}/_stcore/upload_file/x/1", b"--b--", **sent)
    assert status in (400, 403)  # the server behind it refuses: no such tab
    status, _, text = server.ask("GET", f"{BASE}/_stcore/metrics", cookie=cookie)
    assert (status, "# EOF" in text) == (200, True)


def test_a_cookie_that_was_signed_out_is_replayed_in_vain(server):
    _, session = server.tried(SECRET)
    cookie = f"{SESSION}={session}"
    _, told, page = server.ask("GET", f"{BASE}/sign-out", cookie=cookie, accept="text/html")
    mark = told["set-cookie"].partition(";")[0]
    fields = urlencode({"token": token_of(type("Form", (), {"text": page}))})
    said = {"cookie": f"{cookie}; {mark}", "origin": f"http://{server.host}"}
    assert server.ask("POST", f"{BASE}/sign-out", fields, **said)[0] == 303
    assert [server.ask("GET", f"{BASE}/", cookie=cookie)[0] for _ in range(20)] == [401] * 20
    assert server.socket(cookie=cookie, origin=f"http://{server.host}") == 403


def test_nobody_escapes_the_wait_by_another_forwarded_address(server):
    """The last test of this server: it has to wait afterwards."""
    statuses = [
        server.tried("a guess of mine", x_forwarded_for=f"6.6.6.{number}")[0]
        for number in range(6)
    ]  # fmt: skip
    assert statuses == [401] * 5 + [429]
