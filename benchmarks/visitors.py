"""Twenty people in the delay lab at once, each of whom moves a slider every five seconds.

How they are played, and what is timed, tells `tests.load.visitor`; a browser's painting is not in
it, see `benchmarks.slider`. `benchmarks.load` plays more of them, on several pages.
"""

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import catalogue
from tests.browser import serving
from tests.load import crowd
from tests.load.visitor import Visitor

ITEMS = 1_000
VISITORS = 20
SECONDS = 60.0
BAR_MS = 1_000.0
PAGE = "delays"
_PATIENCE = 300.0  # seconds until the first visitor's page must be there


def main() -> None:
    """Print median and 95th percentile of all moves: ``python -m benchmarks.visitors [ITEMS]``."""
    items = int(sys.argv[1]) if sys.argv[1:] else ITEMS
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(_all(Path(folder), items))
    p95 = crowd.share(figures.moves, 0.95)
    verdict = "met" if p95 < BAR_MS and not figures.faults else "MISSED"
    print(
        f"delay lab, {VISITORS} visitors, {items:,} items, {len(figures.moves)} moves, "
        f"{len(figures.faults)} faults: median {crowd.share(figures.moves, 0.5):.0f} ms, "
        f"95 % {p95:.0f} ms, worst {max(figures.moves, default=0.0):.0f} ms "
        f"(bar: 95 % < {BAR_MS:.0f} ms, {verdict})"
    )


async def _all(folder: Path, items: int) -> crowd.Figures:
    workspace, cache = folder / "workspace", folder / "cache"
    cache.mkdir()
    files = map(str, catalogue.write(folder, items))
    command = [sys.executable, "-m", "analytics", "import", *files, "--workspace", str(workspace)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with serving.app(workspace, cache) as address:
        async with Visitor(address, PAGE, patience=_PATIENCE):
            pass  # the forecast is made, once for all
        return await crowd.play(
            address, crowd.Crowd(movers=VISITORS, seconds=SECONDS, pages=(PAGE,))
        )


if __name__ == "__main__":
    main()
