"""What the child tells while it reads, and how the parent listens: lines added to one file."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_NEWS = "news.jsonl"
_PAUSE = 0.1  # seconds between two lines about progress
WHOLE = 1000


class Teller:
    """Tells how far the child is; says nothing without a folder.

    Work is counted in whatever the reader counts in: `expect` names the sum, `did` adds to it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._path = folder / _NEWS if folder else None
        self._total = 0
        self._done = 0
        self._last = time.monotonic()

    def expect(self, total: int) -> None:
        """Say how much work there is in all."""
        self._total = total

    def did(self, amount: int) -> None:
        """Say how much more was done."""
        self._done += amount
        now = time.monotonic()
        if now - self._last >= _PAUSE and self._total:
            self._last = now
            self._say({"done": min(WHOLE * self._done // self._total, WHOLE)})

    def look(self, summary: dict[str, Any]) -> None:
        """Show the first rows of a sheet."""
        self._say({"look": summary})

    def _say(self, news: dict[str, Any]) -> None:
        if self._path:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(news) + "\n")


class Listener:
    """Reads what a `Teller` told in the same folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NEWS
        self._at = 0
        self.done = 0

    def looks(self) -> Iterator[dict[str, Any]]:
        """Yield the first rows of the sheets that are new since the last call; update ``done``."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._at)
                told = file.read()
        except FileNotFoundError:
            return
        whole = told[: told.rfind(b"\n") + 1]
        self._at += len(whole)
        for line in whole.splitlines():
            news = json.loads(line)
            self.done = max(self.done, news.get("done", 0))
            if "look" in news:
                yield news["look"]
