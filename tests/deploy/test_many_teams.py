"""Many teams, many processes: each with a folder of its own, told apart by one proxy's paths.

The check asks stand-ins behind the proxy; `make soak` serves the app itself, twice.
"""

import os
import re
import shlex
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from analytics.services import hosting
from analytics.services import serving as served
from tests.browser import serving
from tests.deploy import caddy, echo
from tests.web import asking
from tests.web.test_sign_in import app

TEAMS = {"east": "127.0.0.1:8501", "west": "127.0.0.1:8502"}
HOST = "leeway.example.com"
SECRET = "a long and rare sentence 71"


def page(language):
    return (serving.ROOT / "docs" / f"scaling{language}.md").read_text("utf-8")


def commands(language, team):
    """The lines of docs/scaling.md that set up a team's process and start it."""
    found = re.findall(r"^```sh\n(.*?)^```$", page(language), re.DOTALL | re.MULTILINE)
    [block] = [block for block in found if f"/data/{team}" in block]
    return [shlex.split(line, comments=True) for line in block.splitlines()]


def environment(team, folder):
    """The variables that these lines export, but for where the workspace is."""
    lines = commands("", team)
    exported = dict(
        word.split("=", 1) for line in lines if line[0] == "export" for word in line[1:]
    )
    assert exported["LEEWAY_WORKSPACE"] == f"/data/{team}"
    return exported | {"LEEWAY_WORKSPACE": str(folder / team)}


def site(language, port, inner):
    """The site of docs/scaling.md, on loopback."""
    [block] = re.findall(
        r"^leeway\.example\.com \{\n.*?^\}\n", page(language), re.DOTALL | re.MULTILINE
    )
    block = block.replace(HOST, f"http://{HOST}:{port}")
    for team, address in TEAMS.items():
        assert block.count(address) == 1
        block = block.replace(address, inner[team])
    return block


@contextmanager
def proxied(home, inner):
    """Put Caddy before two servers; yield its address once it answers."""
    port = caddy.free_port()
    path = home / "Caddyfile"
    path.write_text(
        f"{{\n\tadmin off\n\tstorage file_system {home}/kept\n}}\n{site('', port, inner)}"
    )
    log = home / "caddy.log"
    with log.open("w") as output:
        command = [caddy.found(), "run", "--config", str(path)]
        proxy = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        until = time.monotonic() + 30
        while ask(f"http://127.0.0.1:{port}/north/")[0] is None:
            assert proxy.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        proxy.terminate()
        proxy.wait(20)


def ask(address):
    """Ask by the public name; return the status and the body, no status where nobody listens."""
    asked = urllib.request.Request(address, headers={"Host": HOST, "Accept": "text/html"})
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, b""
    except OSError:
        return None, b""


def host_of(address):
    return address.split("//")[1].split("/")[0]


def test_both_languages_name_one_site():
    inner = dict.fromkeys(TEAMS, "127.0.0.1:1")
    assert site("", 1, inner) == site(".zh", 1, inner)
    for team in TEAMS:
        assert commands("", team) == commands(".zh", team)


@pytest.mark.parametrize("team", TEAMS)
def test_a_team_set_up_as_the_page_says_answers_by_its_public_name(team, tmp_path, monkeypatch):
    said = environment(team, tmp_path)
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    *_, secret, start = commands("", team)
    assert secret == ["leeway", "access", "secret", "--role", "owner"]
    assert start == ["leeway", "serve", "--port", TEAMS[team].split(":")[1]]
    held = hosting.settings(said)
    own = served.server_settings(held.public_url, held.trusted_proxies, {})
    base = served.base_path(own[served.BASE])
    assert (base, own["FORWARDED_ALLOW_IPS"]) == (f"/{team}", "127.0.0.1")
    hosting.register(held).set_secret("main", "owner", SECRET, who="", now=datetime.now(UTC))
    hosting.checked(held, "127.0.0.1")
    client = asking.Client(app(held, base), host=HOST)
    door = client.page(f"/{team}/delays")
    assert (door.status_code, urlsplit(door.location).path) == (303, f"/{team}/sign-in")
    assert asking.sign_in(client, SECRET, path=door.location).location == f"/{team}/delays"
    assert client.page(f"/{team}/delays").status_code == 200
    assert asking.Client(app(held, base), host="elsewhere.example").page("/").status_code == 421
    hosting.close(held)


@pytest.mark.skipif(os.name != "posix", reason="needs Caddy as Debian packs it")
def test_one_proxy_tells_two_teams_apart(tmp_path):
    with (
        echo.server() as west,
        echo.server() as east,
        proxied(tmp_path, {"east": east, "west": west}) as address,
    ):
        for team, inner in (("east", east), ("west", west)):
            status, body = ask(f"{address}/{team}/page?x=1")
            told = echo.read(body)
            assert (status, told["path"]) == (200, f"/{team}/page?x=1")
            assert (told["host"], told["x-forwarded-host"]) == (HOST, HOST)
            assert echo.read(ask(f"{address}/{team}")[1])["served-by"] == inner  # as people type it
            assert told["served-by"] == inner
        for nobodys in ("north/", "eastern/", ""):
            assert ask(f"{address}/{nobodys}")[1] == b""


@pytest.mark.skipif(os.name != "posix", reason="needs Caddy as Debian packs it")
def test_a_team_that_is_away_keeps_nobody_else_away(tmp_path):
    with echo.server() as west:
        with echo.server() as east:
            pass
        with proxied(tmp_path, {"east": east, "west": west}) as address:
            assert ask(f"{address}/east/")[0] == 502
            assert ask(f"{address}/west/")[0] == 200


def started(team, folder):
    """Give a team's owner a secret and serve the team, both by the page's own lines."""
    said = environment(team, folder)
    *_, secret, _start = commands("", team)
    subprocess.run(
        [sys.executable, "-m", "analytics", *secret[1:]],
        env=os.environ | said, input=f"{SECRET}\n".encode(), capture_output=True, check=True,
        cwd=serving.ROOT, timeout=60,
    )  # fmt: skip
    # The path comes from the public address alone.
    return serving.app(folder / team, folder, f"/{team}", said | {served.BASE: ""})


@pytest.mark.soak
@pytest.mark.skipif("SOAK_KILLS" not in os.environ, reason="the long form, by make soak")
def test_two_teams_of_which_one_goes_away(tmp_path):
    with ExitStack() as standing:
        at_west = standing.enter_context(started("west", tmp_path))
        leaving = standing.enter_context(ExitStack())
        at_east = leaving.enter_context(started("east", tmp_path))
        inner = {"east": host_of(at_east), "west": host_of(at_west)}
        address = standing.enter_context(proxied(tmp_path, inner))
        for team in TEAMS:
            assert ask(f"{address}/{team}/healthz") == (200, b"ok")
            for typed in (f"{address}/{team}", f"{address}/{team}/"):
                status, door = ask(typed)
                assert (status, b'name="secret"' in door) == (200, True)
        # A second process on a team's folder is refused.
        again = subprocess.run(
            [sys.executable, "-m", "analytics", "undo", "1", "--workspace",
             str(tmp_path / "east")],
            capture_output=True, check=False, cwd=serving.ROOT, timeout=60,
        )  # fmt: skip
        assert again.returncode == 3
        leaving.close()
        assert ask(f"{address}/east/healthz")[0] == 502
        assert ask(f"{address}/west/healthz") == (200, b"ok")
