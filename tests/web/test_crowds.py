"""What many do at once, or one does often, takes nothing away from the others."""

import asyncio
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from analytics import web
from analytics.services import hosting as hosts
from analytics.services.hosting import Hosting
from analytics.services.throttling import Throttle
from analytics.web import sign_in as sign_in_doors
from analytics.web.lines import FullError, Line
from analytics.web.signing import Signer, kept_key
from analytics.web.visits import House

from .asking import HOST, Client, sign_in
from .test_sign_in import SECRET, app, furnished, hosting  # noqa: F401 - fixtures

BEEN = "leeway_been"


# An identity provider that takes a call and says nothing


@contextmanager
def silent_provider():
    """Yield where somebody listens who never answers, and who called."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        calls = []

        def take():
            try:
                while True:
                    calls.append(server.accept())
            except OSError:
                return

        threading.Thread(target=take, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", calls
        server.shutdown(socket.SHUT_RDWR)
        for line, _ in calls:
            line.close()


def test_a_silent_provider_takes_nobody_elses_time(tmp_path, monkeypatch):
    monkeypatch.setattr("analytics.web.oidc._PATIENCE", 2)
    with silent_provider() as (issuer, calls):
        hosting = Hosting("oidc", home=tmp_path, public_url=f"https://{HOST}", owner="a@b.example",
                          allowed=("@b.example",), oidc_issuer=issuer, oidc_client_id="leeway",
                          oidc_client_secret="x")  # fmt: skip
        client = Client(app(hosting))

        def timed(_):
            began = time.monotonic()
            status = Client(client.app).get("/oidc/start").status_code
            return status, time.monotonic() - began

        with ThreadPoolExecutor(45) as crowd:
            answers = list(crowd.map(timed, range(45)))
        assert {status for status, _ in answers} == {503}
        assert sum(seconds > 1.5 for _, seconds in answers) <= 2
        assert len(calls) <= 2
        assert timed(0)[1] < 1  # and for a while nobody asks again
        assert len(calls) <= 2
        hosts.register(hosting).close()


def test_health_has_a_thread_of_its_own_and_silence_is_an_answer():
    free, looks = threading.Event(), []

    def ailment():
        looks.append(1)
        return "" if free.wait(20) else "store"

    endpoint = web.health(ailment, patience=0.3)

    async def story():
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1))
        busy = loop.run_in_executor(None, free.wait, 20)
        request = Request({"type": "http"})
        statuses = [a.status_code for a in await asyncio.gather(*(endpoint(request),) * 1)]
        began = time.monotonic()
        many = await asyncio.gather(*(endpoint(request) for _ in range(20)))
        assert time.monotonic() - began < 2
        assert {answer.status_code for answer in many} | set(statuses) == {503}
        assert len(looks) == 1  # nobody asks a second time while the first is out
        free.set()
        await busy
        assert (await endpoint(request)).status_code == 200

    asyncio.run(asyncio.wait_for(story(), 20))


def test_a_queue_is_short_and_its_threads_are_free_again():
    free = threading.Event()

    async def story():
        line = Line("test", threads=1, waiting=2)
        going = [asyncio.ensure_future(line.work(free.wait, 20)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(FullError):
            await line.work(int)
        free.set()
        assert await asyncio.gather(*going) == [True] * 3
        assert await line.work(int) == 0

    asyncio.run(asyncio.wait_for(story(), 20))


# Misses


def test_however_a_team_is_spelt_its_misses_are_counted_together(hosting):  # noqa: F811
    house = House(hosting, teams=Throttle(most=3, seconds=900))
    crowd = Starlette(routes=sign_in_doors.doors(house))
    spelt = ["", "main", "\uff4dain", "ma\u200bin", "MAIN", " main "]
    codes = []
    for number, team in enumerate(spelt):
        guesser = Client(crowd, address=f"203.0.113.{number}")
        codes.append(sign_in(guesser, "a guess of mine", team=team).status_code)
    assert codes == [401] * 3 + [429] * 3
    unknown = [
        sign_in(Client(crowd, f"203.0.113.{9 + n}"), "a guess", team=f"none {n}").status_code
        for n in range(4)
    ]
    assert unknown == [401] * 3 + [429]


def test_strangers_lock_nobody_out_who_was_here_before(hosting):  # noqa: F811
    house = House(hosting, teams=Throttle(most=2, seconds=900))
    crowd = Starlette(routes=sign_in_doors.doors(house))
    member = Client(crowd)
    text = next(text for text in sign_in(member, SECRET).set_cookies if BEEN in text)
    parts = {part.strip().casefold() for part in text.split(";")}
    assert {"httponly", "secure", "samesite=lax", f"max-age={180 * 24 * 3600}"} <= parts
    for number in range(3):
        sign_in(Client(crowd, address=f"203.0.113.{number}"), "a guess of mine")
    assert sign_in(Client(crowd, address="203.0.113.9"), SECRET).status_code == 429
    member.cookies = {BEEN: member.cookies[BEEN]}
    assert sign_in(member, SECRET).status_code == 303
    forged = Client(crowd, address="203.0.113.10")
    forged.cookies = {BEEN: "9999999999.YSBtYWlu.forged"}
    assert sign_in(forged, SECRET).status_code == 429
    guesses = []
    for number in range(6):  # and such a browser guesses no more than any other, wherever it is
        moved = Client(crowd, address=f"192.0.2.{number}")
        moved.cookies = {BEEN: member.cookies[BEEN]}
        guesses.append(sign_in(moved, "a guess of mine").status_code)
    assert guesses == [401] * 5 + [429]


def test_a_seal_outlives_a_restart(tmp_path):
    path = tmp_path / "home" / "seal.key"
    sealed = Signer(kept_key(path)).sealed("form", "a text", seconds=60)
    assert Signer(kept_key(path)).opened("form", sealed) == "a text"
    assert (path.stat().st_mode & 0o777, len(path.read_bytes())) == (0o600, 32)
    path.write_bytes(b"short")
    assert Signer(kept_key(path)).opened("form", sealed) is None


# Guests who are none


def test_made_up_guests_are_looked_up_once(hosting, monkeypatch):  # noqa: F811
    asked = []
    true = hosts.link_of
    monkeypatch.setattr(hosts, "link_of", lambda *a: asked.append(a[1]) or true(*a))
    client = Client(app(hosting))
    client.cookies = {"leeway_guest": "x" * 43}
    assert [client.get("/media/x").status_code for _ in range(20)] == [401] * 20
    assert len(asked) == 1


def test_a_text_of_another_shape_is_not_worth_a_look(hosting, monkeypatch):  # noqa: F811
    opened = []
    monkeypatch.setattr("analytics.services.guests.open_room", lambda *a: opened.append(a))
    shapes = ("", "x", "x" * 42, "x" * 44, "../x." + "x" * 43, "main." + "x" * 43, "\u0416" * 43)
    assert [hosts.link_of(hosting, text) for text in shapes] == [None] * len(shapes)
    assert [hosts.enter_link(hosting, text) for text in shapes] == [None] * len(shapes)
    assert opened == []


def test_who_guesses_on_does_not_keep_the_workspace_busy():
    asked = []
    routes = web.links(asked.append, asked.append, base="", is_served=True)
    client = Client(Starlette(routes=routes))
    statuses = [client.get(f"/s/{number}").status_code for number in range(100)]
    assert statuses == [404] * 10 + [429] * 90
    assert len(asked) == 40


# Doors and figures, by mode and role


def test_there_is_no_door_to_a_provider_where_none_is(hosting):  # noqa: F811
    client = Client(app(hosting))
    assert {client.get(f"/oidc/{name}").status_code for name in ("start", "callback")} == {401}
    opened = Client(app(replace(hosting, mode="oidc", oidc_issuer="http://127.0.0.1:1")))
    assert opened.get("/oidc/callback").status_code == 403


def test_the_servers_figures_are_for_owners(hosting):  # noqa: F811
    register, now = hosts.register(hosting), datetime.now(UTC)
    register.set_secret("main", "viewer", "those who only look on", who="", now=now)
    owner, viewer = (Client(app(hosting), f"192.0.2.{n}") for n in range(2))
    sign_in(owner, SECRET)
    sign_in(viewer, "those who only look on")
    paths = ("/_stcore/metrics", "/_stcore/metrics/", "/x/_stcore/metrics")
    assert {viewer.get(path).status_code for path in paths} == {403}
    assert viewer.get("/_stcore/health").status_code == 200
    assert owner.get("/_stcore/metrics").status_code == 200
    owner.cookies["leeway_guest"] = "x" * 43  # who carries a guest's cookie is a guest
    assert owner.get("/_stcore/metrics").status_code == 401
    at_home = Client(app(Hosting(home=hosting.home)), "127.0.0.1", "localhost:8501")
    assert at_home.get("/_stcore/metrics").status_code == 200
