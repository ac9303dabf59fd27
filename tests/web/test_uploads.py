"""Files that are sent: by whom, how many at a time, how much a day, whatever a request says."""

import asyncio
from datetime import UTC, datetime

import pytest

from analytics.services import hosting as hosts
from analytics.services.hosting import Hosting
from analytics.web.uploads import Bounds, Uploads
from analytics.web.visits import House, Party, party

from .asking import Client, sign_in
from .test_sign_in import EDITORS, SECRET, app, furnished, hosting  # noqa: F401 - fixtures

WHERE = "/_stcore/upload_file/{tab}/file"
LOOKERS = "those who only look on"


class Server:
    """An app that keeps what it is sent, by tab, as the one behind it does."""

    def __init__(self, at_work=None, **named):
        self.kept, self.now, self.busy, self.most_busy = {}, 0.0, 0, 0
        self.at_work = at_work
        bounds = Bounds(**{"at_once": 3, "waiting": 5, "a_day": 1000, "held": 10**6,
                           "held_by_all": 10**6} | named)  # fmt: skip
        self.app = Uploads(self.keep, party=lambda scope: Party(scope["who"], sends=True),
                           held=lambda: self.kept, bounds=bounds,
                           clock=lambda: self.now)  # fmt: skip

    async def keep(self, scope, receive, send):
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            size = 0
            while True:
                message = await receive()
                size += len(message["body"])
                if not message["more_body"]:
                    break
            if self.at_work is not None:
                await self.at_work.wait()
            tab = scope["path"].split("/")[-2]
            self.kept[tab] = self.kept.get(tab, 0) + size
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        finally:
            self.busy -= 1

    async def put(self, *parts, who="Ann", tab="tab", says=None):
        """Send a file in parts; return the status and the text of the answer."""
        told, coming = [], list(parts)

        async def receive():
            body = coming.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(coming)}

        async def send(message):
            told.append(message)

        said = [] if says is None else [(b"content-length", str(says).encode())]
        await self.app({"type": "http", "method": "PUT", "path": WHERE.format(tab=tab),
                        "headers": said, "who": who}, receive, send)  # fmt: skip
        return told[0]["status"], b"".join(one.get("body", b"") for one in told[1:])

    def sent(self, *parts, **named):
        return asyncio.run(self.put(*parts, **named))


def test_a_day_holds_so_many_bytes_and_no_more():
    server = Server()
    assert server.sent(b"x" * 900)[0] == 204
    assert server.sent(b"x" * 90, says=90)[0] == 204
    assert server.sent(b"x" * 11, says=11) == (429, b"")
    assert server.sent(b"x" * 900, who="Bo")[0] == 204
    server.now = 25 * 3600.0
    assert server.sent(b"x" * 900)[0] == 204


@pytest.mark.parametrize("says", [None, 5, "-1", "9" * 5000, "\u00b2"])
def test_bytes_count_as_they_come_whatever_was_said(says):
    server = Server(a_day=300)
    status, text = server.sent(*[b"x" * 100] * 8, says=says)
    assert (status, text, server.kept, server.busy) == (429, b"", {}, 0)
    assert server.sent(b"x" * 10)[0] == 429  # what came counts, though it was not kept


def test_memory_is_bounded_for_one_and_for_all_and_freed_with_the_tab():
    server = Server(a_day=10**9, held=500, held_by_all=800)
    assert server.sent(b"x" * 300, tab="one")[0] == 204
    assert server.sent(b"x" * 300, tab="two", says=300)[0] == 429
    assert server.sent(b"x" * 150, b"x" * 150, tab="two")[0] == 429
    assert server.sent(b"x" * 400, who="Bo", tab="three")[0] == 204
    assert server.sent(b"x" * 200, who="Cy", tab="four")[0] == 429
    del server.kept["one"]
    assert server.sent(b"x" * 300, tab="two")[0] == 204


def test_three_at_a_time_and_the_others_wait_their_turn():
    async def story():
        free = asyncio.Event()
        server = Server(at_work=free)
        going = [asyncio.ensure_future(server.put(b"x")) for _ in range(8)]
        others = asyncio.ensure_future(server.put(b"x", who="Bo"))
        while server.busy < 4:
            await asyncio.sleep(0.01)
        assert await server.put(b"x") == (429, b"")  # the queue is full
        assert server.most_busy == 4  # three of Ann's, one of Bo's
        free.set()
        answers = await asyncio.gather(*going, others)
        assert {status for status, _ in answers} == {204}
        assert (await server.put(b"x"))[0] == 204

    asyncio.run(asyncio.wait_for(story(), 15))


def test_who_waits_too_long_is_told_and_leaves_the_queue():
    async def story():
        free = asyncio.Event()
        server = Server(at_work=free, patience=0.1)
        going = [asyncio.ensure_future(server.put(b"x")) for _ in range(3)]
        late = await asyncio.gather(*(server.put(b"x") for _ in range(5)))
        assert late == [(429, b"")] * 5
        free.set()
        assert {status for status, _ in await asyncio.gather(*going)} == {204}
        assert (await server.put(b"x"))[0] == 204

    asyncio.run(asyncio.wait_for(story(), 15))


def test_a_fault_behind_it_stays_one_and_frees_the_turn():
    async def broken(scope, receive, send):
        raise ValueError("a fault")

    server = Server()
    server.app._app = broken
    for _ in range(10):
        with pytest.raises(ValueError, match="a fault"):
            server.sent(b"x")


def test_files_are_taken_from_those_who_may_change_something(hosting):  # noqa: F811
    register = hosts.register(hosting)
    register.set_secret("main", "viewer", LOOKERS, who="", now=datetime.now(UTC))
    statuses, place = [], "/a/file"  # no place that only the page of one browser is told
    for number, secret in enumerate((SECRET, EDITORS, LOOKERS)):
        client = Client(app(hosting), f"192.0.2.{number}")
        sign_in(client, secret)
        statuses.append(client.ask("PUT", place, b"x").status_code)
        if secret == EDITORS:
            client.cookies["leeway_guest"] = "x" * 43
            assert client.ask("PUT", place, b"x").status_code in (401, 403)
    assert statuses == [200, 200, 403]


def test_where_nobody_is_asked_a_client_is_one_sender(tmp_path):
    scope = {"type": "http", "headers": [], "client": ("127.0.0.1", 1)}
    assert party(House(Hosting(home=tmp_path)), scope) == ("127.0.0.1", True, True)
