"""Files near the limit, sent to a server one after the other: what it takes, and gives back."""

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from analytics.ingest.limits import Limits
from benchmarks import orders
from tests.browser import serving
from tests.load.visitor import VisitError, Visitor

FILES = int(os.environ.get("SOAK_FILES", "10"))
LINES = 1_100_000  # a little over 80 MB
FORGOTTEN = 90  # seconds after which nothing of a closed tab is kept: settings say 60, and 20
_MB = 1 << 20

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif("SOAK_KILLS" not in os.environ, reason="the long form, by make soak"),
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="memory is asked of Linux"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory, cache_home):
    with serving.app(tmp_path_factory.mktemp("memory") / "own", cache_home) as served:
        yield served


def children(process):
    found = []
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, listed.read_text().split())
    return found


def resident(process, line="RssAnon"):
    """Megabytes that a process holds now, or held at the most (``VmHWM``); 0 if it is gone.

    Its own ones: pages of files that it looks at are the system's, which takes them when it needs
    room.
    """
    with suppress(OSError):
        for told in Path(f"/proc/{process}/status").read_text().splitlines():
            if told.startswith(line):
                return int(told.split()[1]) / 1024
    return 0.0


async def watched(work, server):
    """See work through; return the most that the server and any child of its held meanwhile."""
    working, most, child = asyncio.ensure_future(work), 0.0, 0.0
    while not working.done():
        most = max(most, resident(server))
        child = max([child, *(resident(one, "VmHWM") for one in children(server))])
        await asyncio.sleep(0.05)
    try:
        await working
    except VisitError as refusal:
        if "was not read within" not in str(refusal):  # which is an end, too
            raise
    return most, child


def test_a_file_near_the_limit_is_no_burden_and_leaves_none(address, tmp_path):
    [server] = [
        one
        for one in children(os.getpid())
        if b"asgi.py" in Path(f"/proc/{one}/cmdline").read_bytes()
    ]
    size = 0.0
    rests, grown, seconds, largest = [], [], [], 0.0

    async def send(number):
        nonlocal size, largest
        content = orders.write(tmp_path / "big.csv", LINES, number).read_bytes()
        size = len(content) / _MB
        before = resident(server)
        async with Visitor(address, "import", patience=600) as visitor:
            started = time.perf_counter()
            most, child = await watched(visitor.upload(f"f{number}.csv", content), server)
            seconds.append(time.perf_counter() - started)
            grown.append((most - before) / size)
            largest = max(largest, child)

    for number in range(FILES):
        asyncio.run(send(number))
        settled(server, rests)
    print(
        f"{FILES} files of {size:.0f} MB, each read or refused within {max(seconds):.0f} s: the "
        f"server grew by {grown[0]:.2f} times the first file, {max(grown):.2f} times any; the "
        f"largest child held {largest:.0f} MB; afterwards the server held "
        + ", ".join(f"{rest:.0f}" for rest in rests)
        + " MB"
    )
    assert size < Limits().file_bytes / _MB
    assert max(seconds) <= 120
    # Our own bar, 1.3 times the file, is missed and named so in docs/reliability: to say which
    # lines are new, the server's DuckDB may take 512 MB beside the file itself.
    assert max(grown) * size <= 800
    assert largest <= 1_536
    assert rests[-1] <= 1.1 * max(rests[:2]), "it holds more after each file"


def settled(server, rests):
    """Wait until the server has forgotten the tab, and note what it holds then."""
    time.sleep(FORGOTTEN)
    rests.append(resident(server))
