"""A small crowd for a few seconds: nobody meets a fault. `benchmarks.load` has the figures."""

import asyncio

import pytest
from websockets.exceptions import InvalidStatus

from analytics.store import Store
from tests.browser import serving
from tests.faults import nursery
from tests.load import crowd
from tests.load.visitor import VisitError, Visitor
from tests.web import teams


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("crowd") / "own.host"


@pytest.fixture(scope="module")
def address(home, cache_home):
    workspace = home.with_name("own")
    with Store.open(workspace) as store:
        nursery.bring_in(store, 0)
    teams.furnish(home, teams.ASPEN, ("owner", "editor", "viewer"))
    with serving.app(workspace, cache_home, more=teams.HOSTED) as served:
        yield served


def test_who_moves_sends_or_waits_meets_no_fault(address, home):
    cookies = [teams.cookie(home, teams.ASPEN, "editor", f"Lin {one}") for one in range(5)]
    small = crowd.Crowd(
        movers=3, uploaders=1, idle=2, seconds=2.0, every=1.0, upload_every=2.0, rows=50
    )
    met = asyncio.run(crowd.play(address, small, cookies))
    assert met.faults == ()
    assert len(met.moves) >= small.movers
    assert len(met.uploads) >= small.uploaders
    assert met.megabytes > 0


def test_who_is_not_signed_in_plays_no_part(address):
    """So that the crowd's figures are those of a server that asks who is there."""

    async def go():
        async with Visitor(address, "delays", patience=10):
            pytest.fail("somebody came in without a session")

    with pytest.raises(InvalidStatus):
        asyncio.run(go())


def test_a_fault_is_counted_as_one(address, home):
    """So that a crowd without faults says something."""

    held = teams.cookie(home, teams.ASPEN, "viewer")

    async def go():
        async with Visitor(address, "no-such-page-to-be-found", patience=10, cookie=held) as stray:
            return await stray.move()

    with pytest.raises(VisitError, match="without its slider"):
        asyncio.run(go())
