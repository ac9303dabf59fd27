"""A disk that loses power: what was forced is there, of the rest any part.

`recorder.c` wrote down what was done; `Disk` does it again and keeps apart what was forced (fsync
of a file: its bytes; of a folder: its names) from what was only asked for. `Disk.cut` draws a state
that the power may have left: of what was not forced each page of 4096 bytes is there, is not, or
breaks off at a sector of 512; a file that grew may hold zeros; each name that was made, moved or
deleted is there, or is not yet. File systems with a journal leave less to chance.
"""

import random
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

_HEAD = struct.Struct("=IIIIQq")
WRITE, CUT, FORCE, CREATE, FOLDER, RENAME, UNLINK, LINK = range(1, 9)
_PAGE, _SECTOR = 4096, 512  # bytes
_SHARES = (0.0, 0.1, 0.5, 0.9, 1.0)  # of what was not forced, that is there nevertheless


class Entry(NamedTuple):
    """One thing that was done; ``first`` and ``second`` are paths, or ``first`` is bytes."""

    kind: int
    node: int
    at: int
    first: bytes
    second: bytes


def entries(record: Path) -> Iterator[Entry]:
    """Yield what was done, in order."""
    with record.open("rb") as file:
        while head := file.read(_HEAD.size):
            kind, size, more, _, node, at = _HEAD.unpack(head)
            yield Entry(kind, node, at, file.read(size), file.read(more))


class _File:
    def __init__(self) -> None:
        self.forced = bytearray()
        self.asked: list[tuple[int, bytes | None]] = []  # since; None = cut to that length

    def force(self) -> None:
        for at, content in self.asked:
            _put(self.forced, at, content)
        self.asked.clear()

    def whole(self) -> bytearray:
        content = bytearray(self.forced)
        for at, written in self.asked:
            _put(content, at, written)
        return content

    def cut(self, rng: random.Random, share: float) -> bytearray:
        """Draw what is left: each page of what was asked for with that probability."""
        content = bytearray(self.forced)
        grows = rng.random() < share
        for at, written in self.asked:
            if written is None:
                if rng.random() < share:
                    _put(content, at, None)
                continue
            for start, page in _pages(at, written):
                if rng.random() < share:
                    _put(content, *_torn(start, page, rng))
                elif grows and len(content) < start + len(page):
                    _put(content, start + len(page), None)
        return content


def _put(content: bytearray, at: int, written: bytes | None) -> None:
    end = at if written is None else at + len(written)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    if written is None:
        del content[at:]
    else:
        content[at:end] = written


def _pages(at: int, written: bytes) -> Iterator[tuple[int, bytes]]:
    start = 0
    while start < len(written):
        end = min(len(written), start + _PAGE - (at + start) % _PAGE)
        yield at + start, written[start:end]
        start = end


def _torn(at: int, page: bytes, rng: random.Random) -> tuple[int, bytes]:
    """Return a page, or, one time in eight, its beginning or its end alone."""
    if rng.random() > 1 / 8:
        return at, page
    middle = rng.randrange(0, len(page) + _SECTOR, _SECTOR)
    return (at, page[:middle]) if rng.random() < 1 / 2 else (at + middle, page[middle:])


class _Folder:
    def __init__(self) -> None:
        self.names: dict[str, _File | _Folder] = {}
        self.forced: dict[str, _File | _Folder] = {}


_Change = dict[tuple[_Folder, str], "_Node | None"]  # names that come (a node) or go, all at once


_Node = _File | _Folder
_Names = dict[str, _Node]


class Disk:
    """A folder on a disk, as it stands after some entries of a record."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._top = _Folder()
        self._nodes: dict[int, _Node] = {root.stat().st_ino: self._top}
        self._asked: list[_Change] = []

    def do(self, entry: Entry) -> None:
        """Do what was done."""
        kind, node = entry.kind, self._nodes.get(entry.node)
        if kind in (CREATE, FOLDER):
            made = _File() if kind == CREATE else _Folder()
            self._nodes[entry.node] = made
            self._change({self._place(entry.first): made})
        elif kind in (RENAME, LINK):
            source, target = self._place(entry.first), self._place(entry.second)
            moved = source[0].names[source[1]]
            self._change({target: moved} | ({source: None} if kind == RENAME else {}))
        elif kind == UNLINK:
            self._change({self._place(entry.first): None})
        elif kind == FORCE:
            self._force(node)
        elif isinstance(node, _File):
            node.asked.append((entry.at, entry.first if kind == WRITE else None))

    def _place(self, path: bytes) -> tuple[_Folder, str]:
        *parents, name = Path(path.decode()).relative_to(self._root).parts
        folder = self._top
        for parent in parents:
            found = folder.names[parent]
            assert isinstance(found, _Folder)
            folder = found
        return folder, name

    def _change(self, change: _Change) -> None:
        self._asked.append(change)
        for (folder, name), node in change.items():
            _name(folder.names, name, node)

    def _force(self, node: _Node | None) -> None:
        if isinstance(node, _File):
            node.force()
        elif isinstance(node, _Folder):
            self._force_names(node)

    def _force_names(self, folder: _Folder) -> None:
        """Force what changed in a folder, and what came before it under the same names."""
        wanted = {place for change in self._asked for place in change if place[0] is folder}
        forced, left = list[_Change](), list[_Change]()
        for change in reversed(self._asked):
            is_wanted = not wanted.isdisjoint(change)
            (forced if is_wanted else left).append(change)
            wanted.update(change if is_wanted else ())
        for change in reversed(forced):
            for (changed, name), node in change.items():
                _name(changed.forced, name, node)
        self._asked = left[::-1]

    def told(self, name: str) -> bytes:
        """Return what a file at the top holds, forced or not: somebody has read it by then."""
        found = self._top.names.get(name)
        return bytes(found.whole()) if isinstance(found, _File) else b""

    def whole(self) -> dict[str, bytes]:
        """Return every file by its path, as long as the power stays."""
        found = _files(self._top, lambda folder: folder.names)
        return {path: bytes(file.whole()) for path, file in found}

    def cut(self, rng: random.Random) -> dict[str, bytes]:
        """Draw what is left when the power fails now: every file by its path."""
        names, bytes_too = rng.choice(_SHARES), rng.choice(_SHARES)
        left = dict[_Folder, _Names]()
        for change in self._asked:
            if rng.random() < names:
                for (folder, name), node in change.items():
                    _name(left.setdefault(folder, {**folder.forced}), name, node)
        found = _files(self._top, lambda folder: left.get(folder, folder.forced))
        return {path: bytes(file.cut(rng, bytes_too)) for path, file in found}


def _name(names: _Names, name: str, node: _Node | None) -> None:
    if node is None:
        names.pop(name, None)
    else:
        names[name] = node


def _files(
    folder: _Folder, names_in: Callable[[_Folder], _Names], home: str = ""
) -> Iterator[tuple[str, _File]]:
    for name, node in names_in(folder).items():
        if isinstance(node, _File):
            yield f"{home}{name}", node
        else:
            yield from _files(node, names_in, f"{home}{name}/")
