"""Two teams on one server, each in a browser of its own: nothing of one reaches the other."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from analytics.access import Register
from analytics.i18n import Translator
from analytics.services import sharing
from tests.browser import serving
from tests.browser.conftest import Visitor
from tests.browser.serving import go, settle
from tests.web import teams
from tests.web.teams import ASPEN, BIRCH, HOSTED, secret

EN = Translator("en")
# The other pages, and what is asked for by hand: `tests/web/test_two_teams.py`, without a browser.
PAGES = ("replenish", "forecast", "team")


class Member(Visitor):
    """A visitor who keeps every byte that a server sends."""

    def __init__(self, browser: Browser) -> None:
        self.heard: list[bytes] = []
        super().__init__(browser, "en-GB")

    def new_page(self) -> Page:
        page = super().new_page()
        page.on("websocket", self._overhear)
        page.on("response", self._keep)
        return page

    def _listen(self, message: object) -> None:
        # What a forged address is answered with, and what a guest hears of pages that are not.
        refused = ("status of 401", "status of 403", "status of 404", "does not seem to exist")
        if not any(words in message.text for words in refused):  # type: ignore[attr-defined]
            super()._listen(message)

    def _overhear(self, socket: object) -> None:
        socket.on("framereceived", lambda said: self.heard.append(_bytes(said)))

    def _keep(self, response: object) -> None:
        if "/static/" not in response.url and not 300 <= response.status < 400:
            self.heard.append(str(response.headers).encode())

    def ask(self, address: str) -> None:
        """Ask for an address by hand, and keep the answer."""
        answer = self.context.request.get(address, max_redirects=0)
        self.heard.append(str(answer.headers).encode() + answer.body())

    @property
    def told(self) -> bytes:
        """Everything that the server sent."""
        return b"\n".join(self.heard)

    def sign_in(self, address: str, team: str, role: str) -> None:
        self.page.goto(f"{address}/sign-in")
        self.page.locator("[name=team]").fill(f"Team {team}")
        self.page.locator("[name=name]").fill("Lin")
        self.page.locator("[name=secret]").fill(secret(team, role))
        self.page.locator("form button").first.click()
        settle(self.page)


def _bytes(said: object) -> bytes:
    return said if isinstance(said, bytes) else str(said).encode()


@pytest.fixture(scope="module")
def town(tmp_path_factory, cache):
    """A server with two teams in it: its address, its home, and the second team's workspace."""
    workspace, home, room = teams.house(tmp_path_factory.mktemp("house"), ("sales", "products"))
    with serving.app(workspace, cache, more=HOSTED) as address:
        yield address, home, room.workspace_id


@pytest.fixture
def members(browser):
    people = [Member(browser) for _ in range(2)]
    yield people
    for person in people:
        person.leave()


def test_nothing_of_one_team_reaches_the_other(town, members):
    address, _, birch_id = town
    aspen, birch = members
    aspen.sign_in(address, ASPEN, "owner")
    birch.sign_in(address, BIRCH, "owner")
    for person, mark, foreign in ((birch, BIRCH, "main"), (aspen, ASPEN, birch_id)):
        crawl(person, address, foreign, mark)
    forge(aspen, address, birch_id)
    for person in members:
        person.rest()
    assert len(aspen.told) > 100_000
    assert ASPEN.encode() in aspen.told
    assert BIRCH.encode() in birch.told
    assert BIRCH.encode() not in aspen.told
    assert ASPEN.encode() not in birch.told


def crawl(person, address, foreign, mark):
    """Open pages, some of them with the other team's workspace in the address."""
    for number, path in enumerate(PAGES):
        go(person.page, f"{address}/{path}?room={foreign}" if number % 2 else f"{address}/{path}")
        expect(person.page.locator(".st-key-card")).to_contain_text(f"Team {mark}")
        if number % 2:
            expect(person.page.get_by_text("no access to")).to_be_visible()


def forge(person, address, foreign):
    """Name the other team's workspace in every place where a workspace could be named."""
    go(person.page, f"{address}/team?room=../x")
    expect(person.page.get_by_text("no access to")).to_be_visible()
    for path in (f"s/{foreign}.guess", "s/../x.guess", f"s/{foreign}", f"media/{foreign}.csv"):
        person.ask(f"{address}/{path}")
    kept = person.context.cookies()
    for guest in (f"{foreign}.guess", "../x.guess"):
        held = [{"name": sharing.COOKIE, "value": guest, "url": address}]
        person.context.add_cookies(held)
        person.page.goto(f"{address}/forecast?room={foreign}")
        expect(person.page.get_by_text(EN("visit.run_out"))).to_be_visible()  # also for a member
        expect(person.page.get_by_test_id("stApp")).to_have_count(0)
    person.context.clear_cookies()
    person.context.add_cookies(kept)


def test_whoever_is_out_is_out_in_every_tab(town, members):
    address, home, _ = town
    editor, viewer = members
    with Register.open(home) as register:
        editor.sign_in(address, ASPEN, "editor")
        viewer.sign_in(address, ASPEN, "viewer")
        silent = editor.new_page()
        go(silent, f"{address}/settings")
        go(editor.page, f"{address}/team")
        editor.page.locator(".st-key-card button:visible").first.click()
        editor.page.locator(".st-key-sign_out button").click()
        editor.page.wait_for_url("**/sign-out*")
        editor.page.locator("form button").click()
        silent.wait_for_url("**/sign-in*", timeout=60_000)  # nobody touched it
        expect(silent.get_by_test_id("stApp")).to_have_count(0)
        now = datetime.now(UTC)
        register.set_secret("main", "viewer", secret(ASPEN, "next"), who="lead", now=now)
        view_of = viewer.page
        view_of.locator(".st-key-lang").get_by_text("中文", exact=True).first.click()
        view_of.wait_for_url("**/sign-in*", timeout=15_000)  # at the next move
        register.set_secret("main", "viewer", secret(ASPEN, "viewer"), who="lead", now=now)
        for person in members:
            person.rest()
