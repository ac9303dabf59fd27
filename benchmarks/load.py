"""Fifty people at the sample, ten of them bringing files, a hundred leaving a tab open: measured.

``make bench-load`` prints the figures and writes them into ``docs/performance.md`` and its Chinese
twin, between the two marks. It takes some seven minutes, and says something only on a machine that
does nothing else; with ``--minutes 30`` the second crowd stays that long, and the figures are only
printed. The server asks for a team secret, and each visitor is signed in with a session
of their own. What is timed tells `tests.load.visitor`.
"""

import argparse
import asyncio
import os
import platform
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from analytics import sample
from benchmarks import memory
from tests.browser import serving
from tests.load.crowd import Crowd, Figures, play, share
from tests.load.visitor import Visitor
from tests.web import teams

BAR_MS = 1_000.0
BAR_MB = 1_536.0
CROWDS = (
    Crowd(movers=50, seconds=120.0),
    Crowd(movers=50, uploaders=10, seconds=120.0),
    Crowd(movers=10, idle=100, seconds=60.0),
)
DOCS = Path(__file__).parents[1] / "docs"
BEGIN, END = "<!-- load: written by make bench-load -->", "<!-- /load -->"
_PATIENCE = 300.0  # seconds until the first visitor's page must be there
_MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Words:
    """What the table says in one language."""

    page: str
    heads: tuple[str, ...]
    movers: str
    uploaders: str
    idle: str
    alone: str
    machine: str


WORDS = (
    Words(
        "performance.md",
        (
            "who", "moves", "median", "95 %", "worst", "uploads", "median", "worst",
            "faults", "memory",
        ),
        "{} move a slider every 5 s",
        "{} of them bring files",
        "{} leave a tab open",
        "one visitor, after the first page",
        "Measured on {day}: {cores} cores ({machine}), {memory} GB, Python {python}, other load at "
        "the start {busy}.",
    ),
    Words(
        "performance.zh.md",
        (
            "谁在用", "拖动次数", "中位数", "95 %", "最慢", "上传次数", "中位数", "最慢",
            "出错", "内存",
        ),
        "{} 人每 5 秒拖动一次滑块",
        "其中 {} 人同时上传文件",
        "{} 人只开着页面",
        "一位访客打开第一个页面之后",
        "测于 {day}：{cores} 核（{machine}），{memory} GB 内存，Python {python}，"
        "开始时的其他负载 {busy}。",
    ),
)  # fmt: skip


def main() -> None:
    """Play the crowds: ``python -m benchmarks.load [--small] [--no-docs] [--minutes 30]``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true", help="5 visitors, 10 seconds; no docs")
    parser.add_argument("--no-docs", action="store_true", help="only print")
    parser.add_argument("--minutes", type=float, help="the second crowd for so long; no docs")
    asked = parser.parse_args()
    crowds = [_small(crowd) for crowd in CROWDS] if asked.small else CROWDS
    if asked.minutes is not None:
        crowds = [replace(crowds[1], seconds=60 * asked.minutes)]
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        alone, met = asyncio.run(_all(Path(folder), crowds))
    for words in WORDS:
        table = _table(words, alone, met, busy)
        print(table)
        if not (asked.small or asked.no_docs or asked.minutes is not None):
            _write(DOCS / words.page, table)
    if asked.minutes is not None:
        print(_course(met[0]))
    slow = [
        one
        for one in met
        if one.faults or share(one.moves, 0.95) >= BAR_MS or one.megabytes >= BAR_MB
    ]
    print(
        f"bar: 95 % of moves within {BAR_MS:.0f} ms, {BAR_MB:.0f} MB, no fault:",
        "MISSED" if slow else "met",
    )
    for fault in sorted({fault for one in met for fault in one.faults}):
        print("fault:", fault)


def _course(met: Figures) -> str:
    """Return how the memory went over a long stay, a dozen times, and what one in a hundred met."""
    taken = (*met.memory[:: max(len(met.memory) // 12, 1)], met.memory[-1])
    memory = ", ".join(f"{part:,.0f}" for part in taken)
    return f"99 % of moves within {share(met.moves, 0.99):,.0f} ms; memory as it went: {memory} MB"


def _small(crowd: Crowd) -> Crowd:
    return replace(
        crowd, movers=5, uploaders=crowd.uploaders // 5, idle=crowd.idle // 20, seconds=10.0
    )


async def _all(folder: Path, crowds: Sequence[Crowd]) -> tuple[float, list[Figures]]:
    """Return the megabytes with one visitor, and what each crowd met, one after the other."""
    cache = folder / "cache"
    cache.mkdir()
    workspace = serving.brought_in(sample.files(), folder / "workspace", cache)
    home = workspace.with_name(f"{workspace.name}.host")
    teams.furnish(home, teams.ASPEN, ("owner", "editor"))
    most = max(crowd.movers + crowd.idle for crowd in crowds)
    cookies = [teams.cookie(home, teams.ASPEN, "editor", f"Visitor {one}") for one in range(most)]
    with serving.app(workspace, cache, more=teams.HOSTED) as address:
        async with Visitor(address, "delays", patience=_PATIENCE, cookie=cookies[0]) as first:
            await first.move()
            alone = await asyncio.to_thread(memory.below, os.getpid())
        met = []
        for crowd in crowds:
            met.append(await play(address, crowd, cookies))
            print(" | ".join(_row(WORDS[0], met[-1])), flush=True)  # seen even if a later one fails
        return alone, met


def _table(words: Words, alone: float, met: Sequence[Figures], busy: float) -> str:
    rows = [words.heads, ("---", *("--:" for _ in words.heads[1:]))]
    rows += [_row(words, one) for one in met]
    rows += [(words.alone, *("" for _ in words.heads[2:]), f"{alone:,.0f} MB")]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join((*lines, "", _machine(words, busy)))


def _row(words: Words, met: Figures) -> tuple[str, ...]:
    crowd = met.crowd
    who = [
        text.format(count)
        for text, count in (
            (words.movers, crowd.movers),
            (words.uploaders, crowd.uploaders),
            (words.idle, crowd.idle),
        )
        if count
    ]
    between = ", " if words.page == "performance.md" else "，"
    return (
        between.join(who),
        f"{len(met.moves):,}",
        *(_ms(share(met.moves, part)) for part in (0.5, 0.95, 1.0)),
        f"{len(met.uploads):,}",
        *(_ms(share(met.uploads, part)) if met.uploads else "–" for part in (0.5, 1.0)),
        str(len(met.faults)),
        f"{met.megabytes:,.0f} MB",
    )


def _ms(value: float) -> str:
    return f"{value:,.0f} ms"


def _machine(words: Words, busy: float) -> str:
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return words.machine.format(
        day=datetime.now(UTC).date(), cores=os.cpu_count(), machine=platform.machine(),
        memory=round(pages / _MB / 1024), python=platform.python_version(), busy=f"{busy:.1f}",
    )  # fmt: skip


def _write(page: Path, table: str) -> None:
    """Put a table between the marks of a page.

    Raises
    ------
    ValueError
        The page has no such marks.
    """
    before, begin, rest = page.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        message = f"{page} has no place for the figures"
        raise ValueError(message)
    page.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
