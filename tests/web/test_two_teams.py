"""Two teams on one server: no byte of one reaches the other, by whatever names it is asked for.

Names that belong to the other team are asked for on purpose, though nobody could guess them:
workspaces, visits, files that were made or sent, links, imports, scenarios, sessions.
``SOAK_CASES`` is half of how often; `make soak` asks 1,000 times.
"""

import hashlib
import os
import re
import shutil
import time
from contextlib import suppress
from datetime import UTC, datetime
from itertools import cycle, islice

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import InvalidStatus

from analytics.access import Register
from analytics.i18n import Translator
from analytics.scenario import Scenario
from analytics.services import saved, sharing
from analytics.services.serving import SESSION
from analytics.store import Store
from pages.shared import navigation
from tests.browser import serving

from .tabs import Browser
from .teams import ASPEN, BIRCH, HOSTED, cookie, house

EN = Translator("en")
IS_LONG = "SOAK_CASES" in os.environ
SWAPS = 2 * int(os.environ.get("SOAK_CASES", "50"))
THEIRS, OWN = 37, 39  # days late, in the scenarios of the one and of the other


class Town:
    """The server, its house, and a browser of each team."""

    def __init__(self, address, workspace, home, room, late):
        self.address, self.workspace, self.home = address, workspace, home
        self.room, self.number, self.guest = room.workspace_id, *late
        self.aspen = Browser(address, cookie(home, ASPEN, "owner"))
        self.birch = Browser(address, cookie(home, BIRCH, "owner", f"{BIRCH} Wu"))


@pytest.fixture(scope="module")
def town(tmp_path_factory, cache_home):
    workspace, home, room = house(tmp_path_factory.mktemp("house"))
    late = late_plans(workspace, home / room.folder)
    with serving.app(workspace, cache_home, more=HOSTED) as address:
        yield Town(address, workspace, home, room, late)


def late_plans(aspen, birch):
    """Save a scenario of the same number in both; return it, and a guest's cookie of Aspen."""
    with Store.open(aspen) as store:
        late = Scenario(lead_time_delay_days=THEIRS)
        saved.save(store, f"{ASPEN} late", late)
        number = int(saved.table(store)["scenario_id"].max())
        made = sharing.create(store, store, late, kind="live", hides_money=False, name="Theirs")
        link = sharing.enter(store, made.token)
    with Store.open(birch) as store:
        late = Scenario(lead_time_delay_days=OWN)
        for turn in range(number):
            saved.save(store, f"{BIRCH} {turn}", late, note=f"{BIRCH} note")
        sharing.create(store, store, late, kind="live", hides_money=False, name=f"{BIRCH} link")
    return number, link


def crawl(tab, room):
    """Open every page with another workspace in the address; in the long form every view of it."""
    for page in navigation._PAGES:
        named = "" if page == "overview" else page
        tab.ask(named, query=f"lang=English&room={room}")
        for state in tab.views() if IS_LONG else ():
            tab.ask(named, state)
            assert tab.elements("exception") == []


@pytest.mark.soak
def test_no_page_of_one_team_tells_of_the_other(town):
    for browser, foreign, own, other in (
        (town.aspen, town.room, ASPEN, BIRCH),
        (town.birch, "main", BIRCH, ASPEN),
    ):
        with browser.tab() as tab:
            crawl(tab, foreign)
        assert browser.saw(own)
        assert not browser.saw(other)
        print(f"all pages: {sum(map(len, browser.told)):,} bytes, 0 marks of the other team")


class Birch:
    """All names that the server gave Birch, as somebody might know who looked over a shoulder."""

    def __init__(self, town, tab):
        self.town, self.tab = town, tab
        tab.ask("delays")
        self.files = [button.deferred_file_id for button in tab.elements("download_button")]
        self.media = [tab.fetch(file_id) for file_id in self.files]
        for address in self.media:
            assert town.birch.ask("GET", address)[0] == 200
        self.presses = self._presses()
        tab.ask("import")
        self.place = tab.place("birch.csv")
        assert town.birch.put(self.place.upload_url, "birch.csv", own_file()) == 204
        with Register.open(town.home) as register:
            now = datetime.now(UTC)
            held = town.birch.cookie.partition("=")[2]
            self.visitor = register.visitor(held, now=now)
        with town.birch.tab() as gone:
            gone.ask("replenish")
            self.gone = gone.session  # a tab that is closed can be taken up for a while

    def _presses(self):
        """What was said to the server when scenarios, links and imports were acted on."""
        tab = self.tab
        tab.ask("delays")
        compare = tab.choice("view", EN("view.compare"))
        tab.ask("delays", compare)
        take = tab.press("button", f"take_{self.town.number}")
        sent = [tab.ask("delays", compare, take).sent[-1]]
        tab.ask("import")
        pressed = [WidgetState(id=one.id, trigger_value=True) for one in tab.elements("button")]
        return [*sent, tab.ask("import", *pressed[:1]).sent[-1]]


def own_file():
    return f"date,sku,quantity,order_id\n2026-06-01,{BIRCH}-9,3,{BIRCH}-9\n".encode()


def swaps(town, birch, tab):
    """What Aspen asks for by Birch's names, over and over; each is one question."""
    aspen, room, session = town.aspen, town.room, birch.tab.session
    by_hand = [
        *(("GET", f"{address}{more}") for address in birch.media for more in ("", ".csv", "?x=1")),
        ("HEAD", birch.media[0]), ("GET", birch.media[0].partition(".")[0]),
        ("GET", f"/?room={room}"), ("GET", f"/replenish?room={room}&item=A-1|DE"),
        ("GET", f"/s/{room}.1"), ("GET", "/s/1"), ("GET", f"/s/{room}"), ("GET", f"/s/../{room}"),
        ("GET", f"/media/{room}.csv"), ("GET", f"/media/../{room}/x.csv"), ("GET", "/media/1"),
        ("GET", f"/_stcore/upload_file/{session}/{birch.place.file_id}"),
    ]  # fmt: skip
    carried = [
        f"{SESSION}={birch.visitor.session_id}", f"{SESSION}={room}", f"{SESSION}={session}",
        *(f"{aspen.cookie}; {sharing.COOKIE}={guest}" for guest in (
            f"{room}.1", f"{room}.guess", "../x.guess", f"{birch.visitor.session_id}")),
    ]  # fmt: skip
    drawn = cycle(
        [(page, f"room={name}&lang=English") for page in ("", "replenish", "delays", "team")
         for name in (room, f"../{room}", "../x", f"{room}%00", birch.visitor.session_id)]
    )  # fmt: skip
    beside = [
        lambda: refused(aspen.put(birch.place.upload_url, "aspen.csv", b"date,sku\n")),
        lambda: refused(aspen.take_back(birch.place.delete_url)),
        lambda: refused(aspen.ask("PUT", birch.place.upload_url)[0]),
        lambda: refused(aspen.ask("DELETE", birch.place.delete_url)[0]),
        *(lambda name=name: gives_nothing(tab, file_wanted(name, session)) for name in birch.files),
        lambda: gives_nothing(tab, file_wanted(session, session)),
        lambda: gives_nothing(tab, rows_wanted(birch.files[0])),
        lambda: tab.place("aspen.csv", session),
        lambda: taken_up(aspen, session), lambda: taken_up(aspen, birch.gone),
    ]  # fmt: skip
    while True:
        for method, path in by_hand:
            yield lambda method=method, path=path: aspen.ask(method, path)
        for held in carried:
            yield lambda held=held: aspen.ask("GET", "/delays", cookie=held)
        yield from beside
        page, query = next(drawn)
        yield lambda page=page, query=query: tab.ask(page, query=query)
        for message in birch.presses:
            yield lambda message=message: tab.say(message)
        yield lambda: tab.ask("import", sent_by(tab, birch.place))


def refused(status):
    assert status == 403


def gives_nothing(tab, message):
    (answer,) = tab.want(message, "backend_operation_response")
    assert answer.error_msg
    assert not answer.WhichOneof("payload")


def file_wanted(name, session):
    asked = BackMsg()
    asked.backend_operation_request.request_id = name
    asked.backend_operation_request.session_id = session
    asked.backend_operation_request.deferred_file.file_id = name
    return asked


def rows_wanted(name):
    asked = BackMsg()
    asked.backend_operation_request.request_id = name
    asked.backend_operation_request.dataframe_chunk.source_id = name
    return asked


def taken_up(browser, session):
    """Take up the visit of somebody else; it has to be another one."""
    with suppress(InvalidStatus), browser.tab(session) as tab:
        tab.want(BackMsg(app_heartbeat=True), "heartbeat_ack")
        tab.ask("replenish")
        assert tab.session != session


def sent_by(tab, place):
    """Return what a page says that holds a file; it is somebody else's."""
    tab.ask("import")
    state = WidgetState(id=tab.elements("file_uploader")[-1].id)
    sent = state.file_uploader_state_value.uploaded_file_info.add()
    sent.name, sent.size, sent.file_id = "own.csv", 60, place.file_id
    sent.file_urls.CopyFrom(place)
    return state


@pytest.mark.soak
def test_the_other_teams_names_open_nothing(town):
    with town.birch.tab() as theirs, town.aspen.tab() as tab:
        birch, session = Birch(town, theirs), theirs.session
        tab.ask("import")
        town.aspen.told.clear()
        for ask in islice(swaps(town, birch, tab), SWAPS):
            ask()
            assert not town.aspen.saw(BIRCH)
            if len(town.aspen.told) > 500:
                town.aspen.told.clear()
        assert theirs.ask("delays").session == session  # nobody took it away
        button = theirs.elements("download_button")[0]
        address = theirs.fetch(button.deferred_file_id)
        assert town.birch.ask("GET", address)[0] == 200
        assert town.aspen.ask("GET", address)[0] == 404
        shows_its_file(theirs, sent_by(theirs, birch.place))
        assert town.birch.take_back(birch.place.delete_url) == 204
    print(f"{SWAPS} questions by the other team's names: 0 answers with its marks")


def shows_its_file(tab, state):
    """Wait until a page has read the file that was sent to it, and shows its rows."""
    until = time.monotonic() + 60
    while not any(f"{BIRCH}-9".encode() in one.SerializeToString() for one in tab.heard):
        assert time.monotonic() < until
        tab.ask("import", state)


def test_a_guest_gets_no_place_for_files_and_takes_nobodys_time(town):
    guest = Browser(town.address, f"{sharing.COOKIE}={town.guest}")
    with guest.tab() as tab:
        tab.ask("")
        began = time.perf_counter()
        for names in (["a.csv"], ["a"] * 300_000):
            answer = tab.places(names)
            assert answer.error_msg
            assert not answer.file_urls
        assert town.birch.ask("GET", "/_stcore/health")[0] == 200
        assert time.perf_counter() - began < 3


def test_two_hundred_files_are_sent_at_once_and_a_large_table_is_heard(town):
    with town.birch.tab() as tab:
        tab.ask("import")
        places = tab.places([f"{number}.csv" for number in range(200)]).file_urls
        assert town.birch.put(places[-1].upload_url, "199.csv", own_file()) == 204
        tab.ask("import", WidgetState(id="changes", json_value="8" * 3_000_000))
        assert tab.is_open
        assert tab.elements("exception") == []
        tab.say(BackMsg(clear_cache=True).SerializeToString() * 3_000_000)
        assert not tab.is_open


def test_a_viewer_who_sends_what_an_editor_sent_changes_nothing(town, tmp_path):
    editor = Browser(town.address, cookie(town.home, ASPEN, "editor", "Ed"))
    with editor.tab() as tab:
        deeds(tab)
        sent = [*tab.sent]
    before = contents(town.workspace, tmp_path / "before")
    assert dict(before)["scenarios"][0] == 2
    assert dict(before)["shares"][0] == 2
    viewer = Browser(town.address, cookie(town.home, ASPEN, "viewer", "Vi"))
    with viewer.tab() as tab:
        for message in sent:
            assert tab.say(message).is_open
            assert tab.elements("exception") == []
    assert viewer.saw(EN("team.looks_only"))
    assert contents(town.workspace, tmp_path / "after") == before
    with Register.open(town.home) as register:
        acts = [(row.act, row.who) for row in register.audit("main")]
    assert acts.count(("save_scenario", "Ed")) == 1
    assert not [act for act, who in acts if who == "Vi" and act != "sign_in"]


def deeds(tab):
    """Save a scenario and make a link: what an editor may."""
    late = "lang=English&lead_time_delay_days=21"
    tab.ask("delays", query=late)
    for view, name, deed in (
        ("compare", "scenario_name", "save_scenario"),
        ("links", "share_name", "make_share"),
    ):
        chosen = tab.choice("view", EN(f"view.{view}"))
        tab.ask("delays", chosen, query=late)
        press = next(one for one in tab.elements("button") if one.form_id.endswith(deed))
        pressed = WidgetState(id=press.id, trigger_value=True)
        tab.ask("delays", chosen, tab.text(name, "Late again"), pressed, query=late)


def contents(workspace, place):
    """Return of every table how many rows it has, and a hash of them."""
    shutil.copytree(workspace, place)  # the server holds the original
    found = []
    with Store.open(place) as store, store._database.cursor() as cursor:
        names = [
            row[0] for row in cursor.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        ]
        for name in sorted(name for name in names if re.fullmatch(r"\w+", name)):
            rows = sorted(
                map(repr, cursor.execute(f"SELECT COLUMNS(*)::VARCHAR FROM {name}").fetchall())
            )
            found.append((name, (len(rows), hashlib.sha256("".join(rows).encode()).hexdigest())))
    return found


def test_a_press_under_a_guests_cookie_reads_nothing_of_the_other_team(town):
    """A press is answered before the frame is: by a socket that takes up the visit anew."""
    own = Browser(town.address, cookie(town.home, BIRCH, "viewer"))
    with own.tab() as tab:
        view = tab.ask("delays").choice("view", EN("view.compare"))
        take = tab.ask("delays", view).press("button", f"take_{town.number}")
        session, before = tab.session, days(tab)
    for forged in ("junkjunk", "main.junk", f"{town.room}.junk"):
        held = f"{own.cookie}; {sharing.COOKIE}={forged}"
        with pytest.raises(InvalidStatus), own.tab(session, held):
            pass
    with own.tab(session, f"{own.cookie}; {sharing.COOKIE}={town.guest}") as tab:
        assert tab.ask("delays", view, take).session != session
    assert not own.saw(f"{ASPEN} late")
    with own.tab(session) as tab:
        assert tab.ask("delays", view).session == session  # the same visit goes on
        assert days(tab) == before == 0
        assert days(tab.ask("delays", view, take)) == OWN


def days(tab):
    """Return how late the goods are in the link that the page offers to copy; 0 if none."""
    said = [code.code_text for code in tab.elements("code")]
    found = [re.search(r"lead_time_delay_days=(\d+)", text) for text in said]
    return next((int(one[1]) for one in reversed(found) if one), 0)
