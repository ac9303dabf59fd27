"""Whoever leaves in the middle of an import, or a server that is killed then: whole or absent.

``SOAK_CASES`` is how often somebody leaves, at most 20 times.
"""

import asyncio
import os
import random

import pytest

from analytics.store import Store
from tests.browser import serving
from tests.faults import nursery
from tests.load.visitor import Visitor

LEAVING = min(20, int(os.environ.get("SOAK_CASES", "0")))
LONGEST = 1.0  # seconds from the button to the closing of the tab


async def leave_at_any_moment(address, number, rng):
    async with Visitor(address, "import", patience=90) as visitor:
        await visitor.upload(f"file{number}.csv", nursery.file_of(number))
        await visitor.press()
        await asyncio.sleep(rng.uniform(0.0, LONGEST))


@pytest.mark.soak
@pytest.mark.skipif(LEAVING == 0, reason="the long form, by make soak")
def test_a_tab_that_is_closed_and_a_server_that_is_killed_leave_nothing_half(tmp_path, cache_home):
    rng = random.Random(0)
    with Store.open(tmp_path / "own"):
        pass
    with serving.app(tmp_path / "own", cache_home) as address:
        for number in range(LEAVING):
            asyncio.run(leave_at_any_moment(address, number, rng))
    with Store.open(tmp_path / "own") as store:  # the server was killed with the last one at work
        assert store.check() == []
        files = [int(name.removeprefix("file")[:-4]) for name in store.imports()["file"]]
        assert len(files) >= LEAVING - 1
        assert (store.imports()["rows_new"] == nursery.LINES).all()
        units = sum(nursery.LINES * (1 + number % 3) for number in files)
        assert store.daily_sales()["units"].sum() == units
    print(f"{LEAVING} left in the middle, then the server was killed: {len(files)} whole, 0 half")
