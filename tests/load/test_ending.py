"""A server that is asked to end, by SIGTERM, with a tab open and an import at work.

``SOAK_CASES`` is how often it is asked, at most 20 times; each time the next server goes on where
the last one ended.
"""

import asyncio
import os
import random
import signal
import time

import pytest

from analytics.store import Store
from tests.browser import serving
from tests.faults import nursery
from tests.load.visitor import Visitor

ENDINGS = min(20, int(os.environ.get("SOAK_CASES", "1")))
LONGEST = 1.5  # seconds from the button to the signal
PATIENCE = 30.0  # seconds: what a container or a service manager gives before it kills

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(os.name != "posix", reason="SIGTERM is POSIX"),
]


async def asked_to_end(address, running, number, seconds):
    """Import a file to its end, begin with the next, and send the signal; return how long it took.

    The tab stays open until the server has ended.
    """
    async with Visitor(address, "import", patience=90) as visitor:
        await visitor.upload(f"file{number}.csv", nursery.file_of(number))
        await visitor.press()
        await visitor.done()
        await visitor.upload(f"file{number + 1}.csv", nursery.file_of(number + 1))
        await visitor.press()
        await asyncio.sleep(seconds)
        started = time.perf_counter()
        running.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(running.wait, PATIENCE)
        assert code in {0, -signal.SIGTERM}
        return time.perf_counter() - started


def test_a_server_that_is_asked_to_end_does_so_and_keeps_what_it_told(tmp_path, cache_home):
    rng, slowest, told, files = random.Random(1), 0.0, [], []
    for case in range(ENDINGS):
        number = 2 * case
        with serving.server(tmp_path / "own", cache_home) as (address, running, log):
            moment = rng.uniform(0.0, LONGEST)
            took = asyncio.run(asked_to_end(address, running, number, moment))
            assert "Traceback" not in log.read_text()
        slowest = max(slowest, took)
        told.append(number)
        with Store.open(tmp_path / "own") as store:
            assert (store.check(), store.recovery) == ([], None)
            files = [int(name.removeprefix("file")[:-4]) for name in store.imports()["file"]]
            assert set(told) <= set(files) <= set(range(number + 2))
            assert (store.imports()["rows_new"] == nursery.LINES).all()
            units = sum(nursery.LINES * (1 + file % 3) for file in files)
            assert store.daily_sales()["units"].sum() == units
    print(
        f"{ENDINGS} servers asked to end with an import at work, slowest {slowest:.1f} s: "
        f"{len(told)} told are there, {len(files) - len(told)} at work became whole, 0 half"
    )
