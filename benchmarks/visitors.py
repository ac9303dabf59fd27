"""Twenty people in the delay lab at once, each of whom moves a slider every five seconds.

They speak Streamlit's own protocol over a websocket each, so that one machine can play them all: a
move is timed from sending the slider's new value until the server has sent everything that the page
then shows. A browser's painting is not in it; see `benchmarks.slider`.
"""

import asyncio
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks import catalogue
from tests.browser import serving

ITEMS = 1_000
VISITORS = 20
EVERY = 5.0  # seconds
MOVES = 12  # of each visitor
BAR_MS = 1_000.0
PAGE = "delays"
SLIDER = "lead_time_delay_days"
_PROTOCOLS = ("streamlit", "PLACEHOLDER_AUTH_TOKEN")
_LARGEST = 2**28  # bytes of a message
_RUNS_AGAIN = ForwardMsg.FINISHED_EARLY_FOR_RERUN
_PATIENCE = 300  # seconds until the first visitor's page must be there


def main() -> None:
    """Print median and 95th percentile of all moves: ``python -m benchmarks.visitors [ITEMS]``."""
    items = int(sys.argv[1]) if sys.argv[1:] else ITEMS
    with tempfile.TemporaryDirectory() as folder:
        times = asyncio.run(_all(Path(folder), items))
    ranked = sorted(times)
    p95 = ranked[int(0.95 * len(ranked))]
    verdict = "met" if p95 < BAR_MS else "MISSED"
    print(
        f"delay lab, {VISITORS} visitors, {items:,} items, {len(times)} moves: median "
        f"{ranked[len(ranked) // 2]:.0f} ms, 95 % {p95:.0f} ms, worst {ranked[-1]:.0f} ms "
        f"(bar: 95 % < {BAR_MS:.0f} ms, {verdict})"
    )


async def _all(folder: Path, items: int) -> list[float]:
    workspace, cache = folder / "workspace", folder / "cache"
    cache.mkdir()
    files = map(str, catalogue.write(folder, items))
    command = [sys.executable, "-m", "analytics", "import", *files, "--workspace", str(workspace)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with serving.app(workspace, cache) as address:
        first = Visitor(address, seed=0)
        await first.arrive()  # makes the forecast, once for all
        await first.leave()
        visitors = [Visitor(address, seed) for seed in range(VISITORS)]
        for visitor in visitors:
            await visitor.arrive()
        moves = await asyncio.gather(*(visitor.stay() for visitor in visitors))
        for visitor in visitors:
            await visitor.leave()
    return [moved for times in moves for moved in times]


class Visitor:
    """One browser's side of the conversation."""

    def __init__(self, address: str, seed: int) -> None:
        self._address = address.replace("http", "ws", 1)
        self._random = random.Random(seed)
        self._line: ClientConnection
        self._slider = ""
        self._page = ""

    async def arrive(self) -> None:
        """Open the page and wait until it is drawn."""
        self._line = await connect(
            f"{self._address}/_stcore/stream",
            subprotocols=[Subprotocol(name) for name in _PROTOCOLS],
            max_size=_LARGEST,
            ping_interval=None,
        )
        hello = BackMsg()
        hello.rerun_script.page_name = PAGE
        for _ in range(_PATIENCE):
            await self._line.send(hello.SerializeToString())
            await self._drawn()
            if self._slider:
                return
            await asyncio.sleep(1.0)  # the forecast is being made
        message = f"the page {PAGE} has no slider {SLIDER}"
        raise RuntimeError(message)

    async def stay(self) -> list[float]:
        """Move the slider every few seconds; return how long each answer took, in ms."""
        await asyncio.sleep(EVERY * self._random.random())
        times = []
        for _ in range(MOVES):
            started = time.perf_counter()
            await self._move(self._random.randint(1, 60))
            times.append(1_000 * (time.perf_counter() - started))
            await asyncio.sleep(max(0.0, EVERY - times[-1] / 1_000))
        return times

    async def leave(self) -> None:
        """Close the tab."""
        await self._line.close()

    async def _move(self, days: int) -> None:
        moved = BackMsg()
        moved.rerun_script.page_script_hash = self._page
        state = moved.rerun_script.widget_states.widgets.add()
        state.id = self._slider
        state.double_array_value.data.append(float(days))
        await self._line.send(moved.SerializeToString())
        await self._drawn()

    async def _drawn(self) -> None:
        """Wait until the script has run, noting where the slider is on the way."""
        while True:
            message = ForwardMsg()
            data = await self._line.recv()
            message.ParseFromString(data if isinstance(data, bytes) else data.encode())
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._page = message.new_session.page_script_hash
            elif kind == "delta" and message.delta.new_element.HasField("slider"):
                slider = message.delta.new_element.slider
                self._slider = slider.id if SLIDER in slider.id else self._slider
            elif kind == "script_finished" and message.script_finished != _RUNS_AGAIN:
                return


if __name__ == "__main__":
    main()
