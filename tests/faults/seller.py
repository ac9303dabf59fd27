"""A seller whose power will fail: imports, takes back, keeps copies, and says what was done.

Run as a program on a folder of its own, with `recorder.c` loaded. What is told goes to the file
``told`` in that folder, so that it stands in the record at the moment when it was said.
"""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from analytics.services import backups, importing
from analytics.store import Store
from tests.faults import nursery

# One deed after the other. Files are numbered from 0, imports from 1. While somebody reads, the
# database cannot empty its log; the large file is of many pages.
STORY = (
    *("import", "import", "undo 1", "import", "backup", "import", "redo 1", "reopen", "import"),
    *("read", "import", "undo 3", "import", "reopen", "import", "backup", "large", "import"),
    *("undo 4", "import", "restore", "import", "import"),
)
LARGE = 10_000  # lines

State = tuple[tuple[str, bool], ...]  # of each import: the hash of its file; whether it stands


def large_file() -> bytes:
    """A file of many pages: a unit per line."""
    lines = (f"2026-02-{1 + n % 28:02d},L{n % 500},1,US,L-{n},9.9\n" for n in range(LARGE))
    return (nursery.HEADER + "".join(lines)).encode()


def files() -> Iterator[bytes]:
    """Yield the file of each deed that brings one."""
    number = 0
    for deed in STORY:
        if deed == "large":
            yield large_file()
        elif deed == "import":
            yield nursery.file_of(number)
            number += 1


def hash_of(content: bytes) -> str:
    """Return under which name an upload is kept."""
    return hashlib.sha256(content).hexdigest()


def units_in(content: bytes) -> int:
    """Units that a file tells."""
    return sum(int(line.split(",")[2]) for line in content.decode().splitlines()[1:])


def states() -> list[State]:
    """Return what has to stand before the first deed, and after each."""
    coming, standing, copied = files(), list[tuple[str, bool]](), list[tuple[str, bool]]()
    found: list[State] = [()]
    for deed in STORY:
        what, _, number = deed.partition(" ")
        if what in ("import", "large"):
            standing.append((hash_of(next(coming)), True))
        elif what in ("undo", "redo"):
            sha256, _ = standing[int(number) - 1]
            standing[int(number) - 1] = (sha256, what == "redo")
        elif what == "backup":
            copied = [*standing]
        elif what == "restore":
            standing = [*copied]
        found.append(tuple(standing))
    return found


class Seller:
    """Does the deeds on one workspace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store.open(folder)
        self.readers = ExitStack()
        self.coming = files()
        self.copy = Path()

    def do(self, deed: str) -> None:
        """Do one deed; when this returns, it counts as told."""
        what, _, number = deed.partition(" ")
        getattr(self, f"_{what}")(*([int(number)] if number else []))

    def _import(self) -> None:
        content = next(self.coming)
        upload = importing.Upload(f"{len(content)}.csv", content)
        importing.load(self.store, importing.stage(self.store, [upload]))

    _large = _import

    def _undo(self, number: int) -> None:
        self.store.undo(number)

    def _redo(self, number: int) -> None:
        self.store.redo(number)

    def _backup(self) -> None:
        self.copy = backups.take(self.store)

    def _restore(self) -> None:
        backups.put_back(self.store, self.copy)

    def _read(self) -> None:
        cursor: Any = self.readers.enter_context(self.store._database.cursor())
        cursor.begin()
        cursor.execute("SELECT count(*) FROM sales").fetchall()
        self.readers.callback(cursor.rollback)

    def _reopen(self) -> None:
        self.readers.close()
        self.store.close()
        self.store = Store.open(self.folder)


def main() -> None:
    """Do everything; note each deed before it begins and once it is done."""
    home = Path(sys.argv[1])
    noted = os.open(home / "told", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    seller = Seller(home / "own")
    for deed in STORY:
        os.write(noted, b"<")
        seller.do(deed)
        os.write(noted, b">")
    os.write(noted, b".")
    os._exit(0)  # nobody closes anything when the power fails


if __name__ == "__main__":
    main()
