"""One person saves a scenario and sends a link; another opens it, and gets nothing beyond it."""

import re
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from analytics.i18n import Translator
from analytics.scenario import Scenario
from analytics.services import delays, sharing, workspaces
from analytics.store import Store
from tests.browser import serving
from tests.browser.conftest import Visitor
from tests.browser.serving import go, settle, tick, view

EN, ZH = Translator("en"), Translator("zh")
SCENARIO = {"lead_time_delay_days": "21"}
LATE = Scenario(lead_time_delay_days=21)
CHECKSUM = re.compile(r"\b[0-9a-f]{12,16}\b")
NAME = "Three weeks late"


class Guest(Visitor):
    """A visitor whose every websocket frame, in either direction, is kept."""

    def __init__(self, browser: Browser, locale: str) -> None:
        self.frames: list[bytes] = []
        super().__init__(browser, locale)

    def new_page(self) -> Page:
        page = super().new_page()
        page.on("websocket", self.overhear)
        return page

    def overhear(self, socket: object) -> None:
        socket.on("framereceived", self._keep)
        socket.on("framesent", self._keep)

    def _keep(self, payload: object) -> None:
        self.frames.append(payload if isinstance(payload, bytes) else str(payload).encode())

    @property
    def overheard(self) -> bytes:
        return b"\n".join(self.frames)


@pytest.fixture
def pair(browser: Browser):
    sender, guest = Guest(browser, "en-GB"), Guest(browser, "zh-CN")
    yield sender, guest
    guest.leave()
    sender.leave()


@pytest.fixture(scope="module")
def amounts(cache, tmp_path_factory):
    """Every amount of money of the scenario, as it stands in memory: eight bytes each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache))
        with workspaces.open_sample() as store:
            lines = delays.impact(store, LATE).lines
            told = [*store.items()["unit_cost"].dropna()]
    for name in {*delays.MONEY_COLUMNS} & {*lines.columns} - {"currency"}:
        told += [*lines[name].dropna()]
    # Whole and round numbers, but for the arithmetic's last digits, are counts and shares as well.
    return {np.float64(x).tobytes() for x in told if abs(x * 4 - round(x * 4)) > 1e-6}


def checksum(page: Page, t: Translator) -> str:
    said = page.get_by_text(
        re.compile(t("delays.checksum", checksum="").split("：")[0].strip()[:5])
    )
    return CHECKSUM.search(said.first.text_content()).group()


def save(page: Page) -> None:
    view(page, EN("view.compare"))
    page.get_by_text(EN("compare.save"), exact=True).click()
    page.get_by_label(EN("compare.name"), exact=True).fill(NAME)
    page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
    settle(page)
    expect(page.get_by_role("button", name=EN("compare.take"))).to_be_visible()
    expect(page.get_by_text(NAME).last).to_be_visible()


def send(page: Page, kind: str, *, hides_money: bool) -> str:
    """Make a link and return its address."""
    view(page, EN("view.links"))
    page.get_by_label(EN("share.name"), exact=True).fill(NAME)
    page.get_by_text(EN(f"share_kind.{kind}"), exact=True).first.click()
    if hides_money:
        page.get_by_text(EN("share.hides_money"), exact=True).click()
    page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
    made = page.locator(".st-key-made_share code")
    made.wait_for(timeout=90_000)
    settle(page)
    return made.text_content()


def close(page: Page) -> None:
    """Close the newest link."""
    ending = page.locator(".st-key-close_share button")
    tick(page, page.get_by_test_id("stDataFrame").last, 0)
    ending.click()
    settle(page)
    expect(page.get_by_text(EN("share.revoked", name=NAME))).to_be_visible()


def status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


def test_a_frozen_link_shows_the_same_numbers_and_no_money(pair, cache, amounts, tmp_path_factory):
    """Under a sub-path, where more can go wrong; what ends at the root is tested below."""
    sender, guest = pair
    workspace = tmp_path_factory.mktemp("sharing")
    before = {*cache.glob("server-*.log")}
    with serving.app(workspace, cache, "/tools/stock") as address:
        go(sender.page, f"{address}/delays?lead_time_delay_days=21")
        shown = checksum(sender.page, EN)
        save(sender.page)
        link = send(sender.page, "frozen", hides_money=True)
        assert link.startswith(f"{address}/s/")
        go(guest.page, link)
        expect(guest.page.get_by_role("heading", name=NAME)).to_be_visible()
        assert guest.page.url == f"{address}/"
        assert checksum(guest.page, ZH) == shown
        view(guest.page, ZH("view.orders"))
        assert_nothing_else_opens(guest, address)
        assert_no_money(sender, guest, amounts)
        close(sender.page)
        expect(guest.page.get_by_text(ZH("visit.refused"))).to_be_visible(timeout=60_000)
        expect(guest.page.get_by_test_id("stDataFrame")).to_have_count(0)
        assert status(link) == 404
        guest.rest()
        sender.rest()
    token = link.rpartition("/")[2].encode()
    cookies = [c["value"].encode() for c in guest.context.cookies() if c["name"] == sharing.COOKIE]
    logs = {*cache.glob("server-*.log")} - before
    kept = [path for path in workspace.rglob("*") if path.is_file()]
    assert len(cookies) == len(logs) == 1
    for path in [*kept, *logs]:
        content = path.read_bytes()
        assert not any(word in content for word in (token, *cookies)), path
    assert token not in guest.overheard


def assert_nothing_else_opens(guest: Guest, address: str) -> None:
    """Whatever address a guest opens, it is the page of the link."""
    for path in ("", "settings", "import", "delays", "replenish", "forecast?sample=true"):
        page = guest.context.new_page()  # its console says that there is no such page
        page.on("websocket", guest.overhear)
        page.goto(f"{address}/{path}")
        settle(page)
        expect(page.get_by_role("heading", name=NAME)).to_be_visible()
        expect(page.get_by_test_id("stFileUploader")).to_have_count(0)
        expect(page.get_by_test_id("stTopNavLink")).to_have_count(0)
        page.close()
    origin = guest.context.request
    upload = f"{address}/_stcore/upload_file/session/file"
    assert origin.put(upload, data=b"x").status == 403


def assert_no_money(sender: Guest, guest: Guest, amounts: set[bytes]) -> None:
    """No amount, and no column of amounts, came over the wire; the sender had them."""
    assert b"contribution_at_risk" in sender.overheard
    assert any(amount in sender.overheard for amount in amounts)
    told = guest.overheard
    assert len(told) > 10_000
    for name in (name for name in delays.MONEY_COLUMNS if "_" in name):  # others are words
        assert name.encode() not in told, name
    assert not [amount for amount in amounts if amount in told]
    text = guest.page.content()
    assert not re.search(r"\b(CNY|USD|EUR) ?\d", text)


def test_a_live_link_moves_with_the_guests_sliders_and_ends_on_its_day(
    pair, cache, tmp_path_factory
):
    """The links were made before the server started, one of them long ago."""
    _, guest = pair
    workspace = tmp_path_factory.mktemp("live")
    ago = datetime.now(UTC) - timedelta(days=40)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache))
        with workspaces.open_sample() as sample, Store.open(workspace) as own:
            facts = {"kind": "live", "hides_money": True, "name": NAME}
            live = sharing.create(own, sample, LATE, **facts)
            ended = sharing.create(own, sample, LATE, **facts, now=ago)
            secret = sharing.enter(own, ended.token, now=ago)
    with serving.app(workspace, cache) as address:
        assert status(f"{address}/s/{ended.token}") == 404
        go(guest.page, f"{address}/s/{live.token}")
        slider = serving.slider(guest.page, ZH("scenario.lead_time_delay_days"))
        expect(slider).to_have_value("21")
        before = checksum(guest.page, ZH)
        slider.press("PageUp")
        settle(guest.page)
        guest.page.wait_for_function("() => location.search.includes('lead_time_delay_days')")
        assert checksum(guest.page, ZH) != before
        guest.page.reload()  # what the guest has moved stays
        settle(guest.page)
        assert checksum(guest.page, ZH) != before
        guest.context.clear_cookies()
        host = {"url": address, "name": sharing.COOKIE}
        guest.context.add_cookies([host | {"value": secret}])
        go(guest.page, address)
        expect(guest.page.get_by_text(ZH("visit.refused"))).to_be_visible()
        codes = [status(f"{address}/s/{number}") for number in range(12)]
        assert codes[-1] == 429  # the ended link was a miss as well
        assert codes.count(404) == 9
        guest.rest()
