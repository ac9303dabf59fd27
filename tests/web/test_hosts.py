"""Names that the app answers under, and pages that may talk to it."""

import asyncio

import pytest

from analytics import web

from .asking import Client

ORIGIN = "https://leeway.example.com"
PAGE = "<html><script>window.prerenderReady = false</script></html>"


async def ok(scope, receive, send):
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


def opened(app, host, origin, peer="198.51.100.7"):
    """Return whether a websocket is accepted."""
    said = []
    pairs = [(b"host", host), (b"origin", origin)]
    headers = [(name, text.encode()) for name, text in pairs if text is not None]
    scope = {"type": "websocket", "path": "/_stcore/stream", "headers": headers,
             "client": (peer, 4711), "query_string": b""}  # fmt: skip

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        said.append(message["type"])

    asyncio.run(app(scope, receive, send))
    assert said in (["websocket.accept"], ["websocket.close"])
    return said == ["websocket.accept"]


@pytest.mark.parametrize(
    ("host", "origin", "is_open"),
    [
        ("leeway.example.com", ORIGIN, True),
        ("leeway.example.com:443", ORIGIN, True),
        ("leeway.example.com", None, False),
        ("leeway.example.com", "null", False),
        ("leeway.example.com", "https://evil.example", False),
        ("leeway.example.com", "http://localhost:8501", False),
        ("leeway.example.com", "http://leeway.example.com", False),
        ("evil.example", "https://evil.example", False),
        ("evil.example", ORIGIN, False),
        (None, ORIGIN, False),
        ("127.0.0.1:8501", "http://127.0.0.1:8501", False),  # not from this machine
    ],
)
def test_only_our_own_page_opens_a_websocket(host, origin, is_open):
    assert opened(web.Hosts(ok, public_url=f"{ORIGIN}/tools"), host, origin) is is_open


@pytest.mark.parametrize(
    ("host", "origin", "is_open"),
    [
        ("localhost:8501", "http://localhost:8501", True),
        ("127.0.0.1:8501", "http://127.0.0.1:8501", True),
        ("[::1]:8501", "http://[::1]:8501", True),
        ("localhost:8501", "http://localhost:9000", False),  # another app of this machine
        ("localhost:8501", "http://127.0.0.1:8501", False),
        ("localhost:8501", None, False),
        ("localhost:8501", "null", False),
        ("rebound.example:8501", "http://rebound.example:8501", False),
        ("localhost.evil.example", "http://localhost.evil.example", False),
        ("127.0.0.1@evil.example", "http://evil.example", False),
    ],
)
def test_at_home_only_the_machines_own_names_count(host, origin, is_open):
    assert opened(web.Hosts(ok), host, origin, "127.0.0.1") is is_open
    assert not opened(web.Hosts(ok), host, origin, "198.51.100.7")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": ORIGIN}, 200),
        ({}, 200),  # no browser: every browser names the origin of what a page sends
        ({"origin": "null"}, 403),
        ({"origin": "null", "sec_fetch_site": "same-origin"}, 200),
        ({"origin": "null", "sec_fetch_site": "cross-site"}, 403),
        ({"origin": "https://evil.example", "sec_fetch_site": "same-origin"}, 403),
        ({"origin": "https://evil.leeway.example.com"}, 403),
        ({"host": "evil.example"}, 421),
    ],
    ids=str,
)
def test_what_another_page_sends_is_refused(headers, status):
    client = Client(web.Hosts(ok, public_url=ORIGIN))
    assert client.ask("PUT", "/_stcore/upload_file/a/b", **headers).status_code == status


def test_a_supervisor_on_this_machine_asks_under_its_own_name():
    app = web.Hosts(ok, public_url=ORIGIN)
    assert Client(app, "127.0.0.1", "localhost:8501").get("/healthz").status_code == 200
    assert Client(app, "198.51.100.7", "localhost:8501").get("/healthz").status_code == 421


@pytest.mark.parametrize("is_secure", [True, False])
def test_every_answer_carries_the_protective_headers(is_secure):
    app = web.Headers(web.Hosts(ok), page=PAGE, is_secure=is_secure)
    good, bad = Client(app, "127.0.0.1", "localhost").get("/"), Client(app).get("/")
    assert (good.status_code, bad.status_code) == (200, 421)
    for answer in (good, bad):
        # The hash is what `openssl dgst -sha256 -binary | base64` says of the script's text.
        assert answer.headers["content-security-policy"] == (
            "default-src 'none'; "
            "script-src 'self' 'sha256-wBzG2BNPgLzDdjHerROfz3X8FA0/qB0bpZQmxQfRwD8='; "
            "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
            "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
            "frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert ("strict-transport-security" in answer.headers) is is_secure
