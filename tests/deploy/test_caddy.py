"""Behind Debian's Caddy, with the configuration as it is shipped, on loopback.

The certificate is Caddy's own, which the tests' clients do not ask about.
"""

import http.client
import os
import re
import subprocess
import sys
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.browser import serving
from tests.deploy import caddy, echo


@pytest.fixture(scope="module")
def echoed(tmp_path_factory):
    """Caddy before a server that tells what it was asked."""
    with (
        echo.server() as inner,
        caddy.before(inner, tmp_path_factory.mktemp("caddy")) as address,
    ):
        yield address


def ask(address, path="/", headers=(), body=None, method="GET"):
    host = address.split("//")[1]
    connection = http.client.HTTPSConnection(host, context=caddy.TRUSTING, timeout=30)
    try:
        connection.request(method, path, body=body, headers=dict(headers))
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in reversed(answer.getheaders())}
        return answer.status, answer.read().decode(), told
    finally:
        connection.close()


def test_the_configuration_is_formatted_as_its_program_formats_it():
    done = subprocess.run(
        [caddy.found(), "fmt", str(caddy.CADDYFILE)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.stdout == caddy.CADDYFILE.read_text()


def test_what_a_certificate_is_fetched_for_is_the_address_and_nothing_else():
    http_app = caddy.adapted("leeway.example.com", "app:8501")["apps"]["http"]
    (site,) = http_app["servers"].values()
    assert site["listen"] == [":443"]
    assert [route["match"] for route in site["routes"]] == [[{"host": ["leeway.example.com"]}]]


def test_the_server_learns_who_asks_by_which_name_and_scheme(echoed):
    _, text, _ = ask(echoed, "/tools/stock/replenish?lead_time_delay_days=14")
    told = echo.read(text)
    assert told["path"] == "/tools/stock/replenish?lead_time_delay_days=14"
    assert told["host"] == echoed.removeprefix("https://")
    assert told["x-forwarded-proto"] == "https"
    assert told["x-forwarded-for"] == "127.0.0.1"


def test_no_visitor_is_believed_about_who_they_are(echoed):
    lies = {
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
    }
    told = echo.read(ask(echoed, headers=lies)[1])
    assert told["x-forwarded-for"] == "127.0.0.1"
    assert told["x-forwarded-proto"] == "https"
    assert told["x-forwarded-host"] == echoed.removeprefix("https://")


def test_an_upload_of_the_largest_file_passes_and_a_larger_one_does_not(echoed):
    largest = bytes(100 << 20)
    assert ask(echoed, body=largest, method="POST")[:2] == (200, str(len(largest)))
    status, _, _ = ask(echoed, body=bytes(111_000_000), method="POST")
    assert status >= 400


@pytest.mark.browser
@pytest.mark.parametrize("base", ["", "/tools/stock"])
def test_pages_and_their_websocket_come_through(base, browser, tmp_path, tmp_path_factory):
    caddy.found()
    cache = tmp_path_factory.getbasetemp()
    with serving.app(tmp_path / "own", cache, base) as inner:
        server = inner.removeprefix("http://").removesuffix(base)
        with caddy.before(server, tmp_path) as outer:
            assert ask(outer, f"{base}/healthz")[:2] == (200, "ok")
            _socket_opens_for_its_own_page_only(outer, base)
            context = serving.context(browser, locale="en-GB", ignore_https_errors=True)
            page = context.new_page()
            serving.go(page, f"{outer}{base}/import")
            expect(page.get_by_role("heading", name="Import", exact=True)).to_be_visible()
            context.close()


def _socket_opens_for_its_own_page_only(outer, base):
    address = f"{outer.replace('https', 'wss')}{base}/_stcore/stream"
    protocols = ["streamlit"]
    with connect(address, ssl=caddy.TRUSTING, origin=outer, subprotocols=protocols) as socket:
        assert socket.subprotocol == "streamlit"
    with pytest.raises(InvalidStatus) as refused:
        connect(address, ssl=caddy.TRUSTING, origin="https://evil.example", subprotocols=protocols)
    assert refused.value.response.status_code == 403


SECRET = "a long and rare sentence 71"


@pytest.fixture(scope="module")
def team(tmp_path_factory):
    """A team's server as a host has it, under a sub-path of the public address, behind Caddy."""
    home, public = tmp_path_factory.mktemp("team"), caddy.free_port()
    address = f"https://localhost:{public}/tools/stock"
    port = caddy.free_port()
    environment = os.environ | {
        "LEEWAY_HOME": str(home),
        "LEEWAY_WORKSPACE": str(home / "workspace"),
        "LEEWAY_ACCESS": "password",
        "LEEWAY_PUBLIC_URL": address,
        "LEEWAY_SECRET": SECRET,
        "LEEWAY_TRUSTED_PROXIES": "127.0.0.1",
    }
    command = [sys.executable, "-m", "analytics", "serve", "--port", str(port)]
    log = home / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            command, cwd=caddy.ROOT, env=environment, stdout=output, stderr=output
        )
        try:
            well = f"http://127.0.0.1:{port}/tools/stock/healthz"
            serving._wait_until_up(well, server, log)
            with caddy.before(f"127.0.0.1:{port}", home, public):
                yield address, port
        finally:
            server.kill()
            server.wait(20)


def door(address, headers=()):
    """Return the sign-in form: where it goes, its token, and the cookie that it came with."""
    host, path = address.removeprefix("https://").split("/", 1)
    status, text, told = ask(f"https://{host}", f"/{path}/sign-in", headers)
    assert status == 200
    token = re.search(r'name="token" value="([^"]+)"', text)[1]
    return token, told["set-cookie"]


def try_secret(address, secret, headers=()):
    host, path = address.removeprefix("https://").split("/", 1)
    token, cookie = door(address)
    said = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": cookie.split(";")[0],
        "Origin": f"https://{host}",
    }
    body = urlencode({"name": "Ann", "secret": secret, "token": token})
    return ask(f"https://{host}", f"/{path}/sign-in", said | dict(headers), body, "POST")


def test_without_a_session_nothing_passes_but_the_door(team):
    address, _ = team
    host, path = address.removeprefix("https://").split("/", 1)
    base = f"/{path}"
    status, _, told = ask(f"https://{host}", f"{base}/replenish", {"Accept": "text/html"})
    assert (status, told["location"]) == (
        303,
        f"{base}/sign-in?{urlencode({'next': f'{base}/replenish'})}",
    )
    assert ask(f"https://{host}", f"{base}/_stcore/health")[0] == 401
    assert ask(f"https://{host}", f"{base}/healthz")[:2] == (200, "ok")
    with pytest.raises(InvalidStatus) as refused:
        connect(
            f"wss://{host}{base}/_stcore/stream",
            ssl=caddy.TRUSTING,
            origin=f"https://{host}",
            subprotocols=["streamlit"],
        )
    assert refused.value.response.status_code == 403


def test_a_foreign_name_of_the_host_is_refused(team):
    address, port = team
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/tools/stock/sign-in", headers={"Host": "evil.example"})
    assert connection.getresponse().status == 421
    connection.close()
    assert door(address)


def test_a_secret_opens_and_its_cookie_is_kept_close(team):
    address, _ = team
    status, _, told = try_secret(address, SECRET)
    assert status == 303
    crumbs = {part.strip().lower() for part in told["set-cookie"].split(";")}
    assert {"httponly", "secure", "samesite=lax", "path=/tools/stock"} <= crumbs
    assert told["set-cookie"].startswith("leeway_session=")


@pytest.mark.browser
def test_a_member_signs_in_and_works(browser, team):
    address, _ = team
    context = serving.context(
        browser,
        locale="en-GB",
        ignore_https_errors=True,
        viewport={"width": 1440, "height": 1000},
    )
    page = context.new_page()
    violations = []
    page.on(
        "console", lambda told: violations.append(told.text) if "policy" in told.text.lower() else 0
    )
    page.goto(f"{address}/import")
    page.locator("[name=name]").fill("Ann")
    page.locator("[name=secret]").fill(SECRET)
    page.get_by_role("button").first.click()
    expect(page.get_by_role("heading", name="Import", exact=True)).to_be_visible(timeout=90_000)
    assert page.url == f"{address}/import"
    assert violations == []
    context.close()


def test_nobody_guesses_on_under_made_up_addresses(team):
    """Caddy's word on the visitor counts, the visitor's own does not; a sixth guess is put off.

    The last of these tests: this machine's address may not try again for a while.
    """
    address, _ = team
    statuses = [
        try_secret(address, f"wrong and long {number}", {"X-Forwarded-For": f"6.6.6.{number}"})[0]
        for number in range(6)
    ]
    assert statuses[-1] == 429
    assert 429 not in statuses[:5]
