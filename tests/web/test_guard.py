"""A websocket of a visit that ends: it is cut, the page is told, and nothing more gets through."""

import asyncio
import time

import pytest

from analytics import web
from analytics.errors import RegisterUnusableError

FAREWELL = b"go"
SENT = {"type": "websocket.receive", "bytes": b"do it"}


class Socket:
    """Both ends of a websocket: a browser that sends, and an app that keeps what it hears."""

    def __init__(self, knows, **rhythm):
        self.heard, self.told, self.coming = [], [], asyncio.Queue()
        self.coming.put_nowait({"type": "websocket.connect"})
        self.app = web.Guard(self.echo, knows=knows, farewell=FAREWELL, **rhythm)

    async def echo(self, scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] != "websocket.disconnect":
            self.heard.append(message["bytes"])
        await send({"type": "websocket.send", "bytes": b"too late"})

    async def open(self):
        scope = {"type": "websocket", "path": "/_stcore/stream", "query_string": b"",
                 "headers": [(b"cookie", b"leeway_session=x")]}  # fmt: skip
        await self.app(scope, self.coming.get, self.tell)

    async def tell(self, message):
        self.told.append((message["type"], message.get("bytes", message.get("code"))))


CUT = [("websocket.send", FAREWELL), ("websocket.close", 1008)]
ACCEPTED = ("websocket.accept", None)


def test_a_silent_tab_is_cut_when_its_visit_ends():
    known = [True]

    async def story():
        socket = Socket(lambda _: known[0], at_least_every=0.05)
        line = asyncio.create_task(socket.open())
        await asyncio.sleep(0.2)
        assert socket.told == [ACCEPTED]
        known[0] = False
        await asyncio.wait_for(line, 5)
        assert (socket.told, socket.heard) == ([ACCEPTED, *CUT], [])

    asyncio.run(asyncio.wait_for(story(), 15))


def test_what_is_sent_after_the_end_is_not_heard():
    known = [True]

    async def story():
        socket = Socket(lambda _: known[0], at_most_every=0.0)
        line = asyncio.create_task(socket.open())
        await socket.coming.put(SENT)
        while not socket.heard:
            await asyncio.sleep(0.01)
        known[0] = False
        for _ in range(20):
            await socket.coming.put(SENT)
        await asyncio.wait_for(line, 5)
        assert socket.heard == [b"do it"]
        assert socket.told == [ACCEPTED, *CUT]

    asyncio.run(asyncio.wait_for(story(), 15))


def test_a_visit_is_asked_about_now_and_then_not_with_every_message():
    asked = []

    async def story():
        socket = Socket(lambda cookies: asked.append(cookies) or True)
        line = asyncio.create_task(socket.open())
        for _ in range(500):
            await socket.coming.put(SENT)
        await socket.coming.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(line, 5)
        assert len(socket.heard) == 500

    begun = time.monotonic()
    asyncio.run(asyncio.wait_for(story(), 15))
    assert len(asked) <= 1 + (time.monotonic() - begun) / 2
    assert asked[0] == {"leeway_session": "x"}


def test_who_is_not_known_gets_no_websocket():
    async def story():
        socket = Socket(lambda _: False)
        await socket.open()
        assert socket.told == [("websocket.close", 1008)]

    asyncio.run(asyncio.wait_for(story(), 15))


def test_where_nobody_can_say_nobody_comes_in_and_nobody_is_cut():
    known = [True]

    def asked(_cookies):
        if not known[0]:
            raise RegisterUnusableError(file="", reason="")
        return True

    async def story():
        socket = Socket(asked, at_least_every=0.05)
        line = asyncio.create_task(socket.open())
        await asyncio.sleep(0.1)
        known[0] = False
        await asyncio.sleep(0.2)
        assert socket.told == [ACCEPTED]
        later = Socket(asked)
        await later.open()
        assert later.told == [("websocket.close", 1008)]
        line.cancel()
        with pytest.raises(asyncio.CancelledError):
            await line

    asyncio.run(asyncio.wait_for(story(), 15))
