"""The directory of a compound file (xls, or a workbook locked by a password), checked on the way.

Its sectors are chained by a table of numbers; a broken or hostile table leads in circles, which the
spreadsheet code would follow for ever.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from analytics.ingest.limits import RefusedError

_END = 0xFFFFFFFA  # this and all above are no sectors
_HEADER = 512
_IN_HEADER = 109  # numbers of table sectors that the header itself holds
_ENTRY = 128
_ENTRIES_AT_MOST = 10_000
_STREAM, _ROOT = 2, 5


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    kind: int
    start: int
    size: int


def names(path: Path) -> frozenset[str]:
    """Return the names of a compound file's streams and folders.

    Raises
    ------
    RefusedError
        ``damaged``: a chain is cut, leads in circles, or two share a sector.
    """
    try:
        return _Compound.of(path.read_bytes()).names()
    except (struct.error, ValueError, IndexError):
        raise RefusedError("damaged") from None


@dataclass(frozen=True, slots=True)
class _Compound:
    """A compound file's sectors and the table that chains them."""

    content: bytes
    sector: int
    following: Sequence[int]
    cutoff: int
    seen: set[int]

    @classmethod
    def of(cls, content: bytes) -> Self:
        shift = int.from_bytes(content[30:32], "little")
        if shift not in (9, 12):
            raise RefusedError("damaged")
        cutoff, *_ = struct.unpack_from("<I", content, 56)
        return cls(content, 1 << shift, _table(content, 1 << shift), cutoff, set())

    def names(self) -> frozenset[str]:
        """Return the names in the directory, having followed every chain to its end."""
        start, *_ = struct.unpack_from("<I", self.content, 48)
        directory = b"".join(self._at(number) for number in self._chain(start))
        entries = list(_entries(directory))
        for entry in entries:
            if entry.kind == _ROOT or (entry.kind == _STREAM and entry.size >= self.cutoff):
                self._chain(entry.start)
        return frozenset(entry.name for entry in entries)

    def _at(self, number: int) -> bytes:
        start = (number + 1) * self.sector
        return self.content[start : start + self.sector]

    def _chain(self, number: int) -> list[int]:
        chain = []
        while number < _END:
            if number in self.seen or number >= len(self.following):
                raise RefusedError("damaged")
            self.seen.add(number)
            chain.append(number)
            number = self.following[number]
        return chain


def _table(content: bytes, sector: int) -> Sequence[int]:
    """Return for each sector the one that follows it."""
    places = list(struct.unpack_from(f"<{_IN_HEADER}I", content, 76))
    more, count = struct.unpack_from("<2I", content, 68)
    each = sector // 4 - 1
    if count > len(content) // sector:
        raise RefusedError("damaged")
    for _ in range(count):
        if more >= _END:
            break
        *found, more = struct.unpack_from(f"<{each + 1}I", content, (more + 1) * sector)
        places += found
    used = [place for place in places if place < _END]
    if len(used) * sector > len(content):
        raise RefusedError("damaged")
    table: list[int] = []
    for place in used:
        table += struct.unpack_from(f"<{sector // 4}I", content, (place + 1) * sector)
    return table


def _entries(directory: bytes) -> list[_Entry]:
    found = []
    for at in range(0, min(len(directory), _ENTRY * _ENTRIES_AT_MOST), _ENTRY):
        entry = directory[at : at + _ENTRY]
        length, kind = struct.unpack_from("<HB", entry, 64)
        start, size = struct.unpack_from("<II", entry, 116)
        if kind:
            name = entry[: max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
            found.append(_Entry(name, kind, start, size))
    return found
