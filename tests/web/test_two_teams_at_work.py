"""Two teams on one server, both at work: a long file of one neither holds up the other nor shows.

Birch sends a file that is read for many seconds; Aspen's, sent after it, is read meanwhile.
"""

import os
import time

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.browser import serving

from .tabs import Browser
from .teams import ASPEN, BIRCH, HOSTED, cookie, house

LONG = 2_000_000  # lines: read for ten seconds and more
PATIENCE = 60.0


@pytest.fixture(scope="module")
def teams(tmp_path_factory, cache_home):
    workspace, home, _ = house(tmp_path_factory.mktemp("house"), only=["sales"])
    with serving.app(workspace, cache_home, more=HOSTED) as address:
        yield [Browser(address, cookie(home, team, "editor")) for team in (ASPEN, BIRCH)]


def sales(mark, lines):
    told = "".join(
        f"2026-0{1 + n % 6}-{1 + n % 27:02},{mark}-{n % 900},{1 + n % 5},{mark}-{n}\n"
        for n in range(lines)
    )
    return f"date,sku,quantity,order_id\n{told}".encode()


def sent(browser, tab, name, content):
    """Send a file; return what the page says that holds it."""
    tab.ask("import")
    state = WidgetState(id=tab.elements("file_uploader")[-1].id)
    place = tab.place(name)
    assert browser.put(place.upload_url, name, content) == 204
    held = state.file_uploader_state_value.uploaded_file_info.add()
    held.name, held.size, held.file_id = name, len(content), place.file_id
    held.file_urls.CopyFrom(place)
    return state


def is_at_work(tab, held):
    """Return whether the page still shows how far it is."""
    tab.ask("import", held)
    assert tab.elements("exception") == []
    return bool(tab.elements("progress"))


@pytest.mark.soak
@pytest.mark.skipif("SOAK_CASES" not in os.environ, reason="the long form, by make soak")
def test_a_long_file_of_one_team_neither_holds_up_nor_shows_in_the_other(teams):
    aspen, birch = teams
    with birch.tab() as theirs, aspen.tab() as tab:
        long = sent(birch, theirs, f"{BIRCH}-prices.csv", sales(BIRCH, LONG))
        own = sent(aspen, tab, f"{ASPEN}.csv", sales(ASPEN, 5))
        assert is_at_work(theirs, long)
        began = time.monotonic()
        while is_at_work(tab, own):
            assert time.monotonic() < began + PATIENCE
        waited = time.monotonic() - began
        assert aspen.saw(f"{ASPEN}-4"), "the first rows of what was read"
        assert is_at_work(theirs, long), "the long one was being read all the while"
        assert not aspen.saw(BIRCH)
        print(f"read in {waited:.1f} s beside another team's {LONG:,} lines")
        theirs.ask("import")  # without the file, which nobody waits for any more
