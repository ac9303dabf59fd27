"""The doors of links, as a browser or a guesser meets them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from analytics import web
from analytics.errors import WorkspaceReplacedError
from analytics.i18n import Translator
from analytics.services import sharing
from analytics.services.throttling import Throttle

from .asking import Client

TOKEN, SECRET = "the-token", "the-secret"
SENDING = ("PUT", "POST", "DELETE")


def enter(token):
    return SECRET if token == TOKEN else None


def door(*, base="", is_served=True, enter=enter, leave=lambda _: None, throttle=None):
    routes = [
        *web.links(enter, leave, base=base, is_served=is_served, throttle=throttle),
        Route("/{any:path}", lambda _: PlainTextResponse("app"), methods=["GET", *SENDING]),
    ]
    middleware = [Middleware(web.Headers), Middleware(web.Guests)]
    return Client(Starlette(routes=routes, middleware=middleware))


@pytest.mark.parametrize("base", ["", "/tools/stock"])
def test_a_link_leads_to_a_clean_address_with_a_cookie(base):
    answer = door(base=base).get(f"{base}/s/{TOKEN}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{base}/")
    parts = [part.strip() for part in answer.headers["set-cookie"].split(";")]
    assert parts[0] == f"{sharing.COOKIE}={SECRET}"
    assert {part.casefold() for part in parts[1:]} == {
        "httponly", "samesite=lax", f"path={base or '/'}"
    }  # fmt: skip
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert TOKEN not in str(answer.headers) + answer.text


def test_behind_tls_the_cookie_stays_there():
    client = door()
    client.scheme = "https"
    assert "secure" in client.get(f"/s/{TOKEN}").headers["set-cookie"].casefold()


@pytest.mark.parametrize(
    "path", ["/s/", "/s/x", "/s/:token", "/s/1", "/s/%2e%2e", "/s/a/b", "/s/the-token/", "/s/%00"]
)
@pytest.mark.parametrize(("locale", "language"), [("zh-CN,zh;q=0.9,en", "zh"), ("de,en", "en")])
def test_whatever_does_not_open_gets_one_and_the_same_page(path, locale, language):
    client = door()
    answer = client.get(path, accept_language=locale)
    known = client.get("/s/unknown", accept_language=locale)
    assert answer.status_code == known.status_code == 404
    assert answer.text == known.text
    assert Translator(language)("visit.refused") in answer.text
    assert "set-cookie" not in answer.headers


def test_a_server_that_the_network_reaches_opens_no_link():
    assert door(is_served=False).get(f"/s/{TOKEN}").status_code == 404


def test_a_look_at_the_header_opens_nothing():
    opened = []
    client = door(enter=lambda token: opened.append(token) or SECRET)
    assert client.ask("HEAD", f"/s/{TOKEN}").status_code == 404
    assert opened == []


def test_a_look_at_the_header_is_no_guess():
    client = door(throttle=Throttle(most=1))
    assert [client.ask("HEAD", "/s/x").status_code for _ in range(3)] == [404] * 3
    assert client.get("/s/x").status_code == 404


def test_who_guesses_has_to_wait_and_learns_nothing_meanwhile():
    clock = [0.0]
    client = door(throttle=Throttle(clock=lambda: clock[0]))
    for number in range(10):
        assert client.get(f"/s/{number}").status_code == 404
    assert client.get("/s/another").status_code == 429
    clock[0] = 61.0
    assert client.get("/s/another").status_code == 404


def test_a_link_that_opens_does_so_however_often_others_guessed():
    client = door(throttle=Throttle(most=1))
    assert [client.get("/s/x").status_code for _ in range(3)] == [404, 429, 429]
    assert client.get(f"/s/{TOKEN}").status_code == 303


def test_guesses_at_once_are_counted_one_by_one():
    throttle = Throttle(most=10)
    with ThreadPoolExecutor(8) as pool:
        admitted = list(pool.map(lambda _: throttle.admits("a"), range(200)))
    assert sum(admitted) == 10


def test_a_workspace_that_cannot_be_asked_is_no_miss():
    def broken(token):
        raise WorkspaceReplacedError

    client = door(enter=broken, throttle=Throttle(most=1))
    assert [client.get("/s/x").status_code for _ in range(3)] == [503] * 3


@pytest.mark.parametrize("base", ["", "/tools/stock"])
def test_leaving_takes_the_cookie_away(base):
    client = door(base=base)
    client.get(f"{base}/s/{TOKEN}")
    assert client.cookies[sharing.COOKIE] == SECRET
    answer = client.get(f"{base}/s/leave")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{base}/")
    assert sharing.COOKIE not in client.cookies


def test_leaving_forgets_the_guest_even_if_somebody_kept_the_cookie():
    left = []
    client = door(leave=left.append)
    client.get("/s/leave")
    client.get(f"/s/{TOKEN}")
    client.ask("HEAD", "/s/leave")
    client.cookies[sharing.COOKIE] = SECRET
    client.get("/s/leave")
    assert left == [SECRET]


def test_one_may_leave_a_workspace_that_cannot_be_asked():
    def broken(secret):
        raise WorkspaceReplacedError

    client = door(leave=broken)
    client.get(f"/s/{TOKEN}")
    assert client.get("/s/leave").status_code == 303
    assert sharing.COOKIE not in client.cookies


@pytest.mark.parametrize("method", SENDING)
def test_a_guest_sends_nothing(method):
    client = door()
    upload = "/_stcore/upload_file/session/file"
    assert client.ask(method, upload).status_code == 200
    client.cookies = {"other": "cookie", sharing.COOKIE: "anything"}
    assert client.ask(method, upload).status_code == 403
    assert client.get("/").status_code == 200
