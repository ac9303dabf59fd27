"""Writes what a reader finds as text columns, batch by batch, within the limits."""

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from analytics.ingest import texts
from analytics.ingest.limits import Limits, RefusedError
from analytics.ingest.telling import Teller

BATCH = 10_000
HEAD_ROWS = 40
HEAD_CHARACTERS = 300
_FAR = 100_000  # blank rows between two that are filled

_ENDED = (errno.EFBIG, errno.ENOMEM)


@dataclass(slots=True)
class Sheet:
    """What one sheet turned out to hold; ``data`` is its Arrow file's name."""

    sheet: str
    data: str
    rows: int = 0
    width: int = 0
    head: list[list[str]] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """Return the facts as JSON takes them."""
        facts = asdict(self)
        facts["head"] = [row + [""] * (self.width - len(row)) for row in self.head]
        return facts


class Writer:
    """Takes a sheet's rows in their order and writes them to ``folder / sheet.data``.

    The file has ``row_no`` (int32, counted from 1) and ``c0`` to ``cN`` (large text, trimmed). When
    a row is wider than all before, the file is copied with room for it: nobody reads twice.
    """

    def __init__(
        self, sheet: Sheet, folder: Path, limits: Limits, teller: Teller | None = None
    ) -> None:
        self.sheet = sheet
        self._path = folder / sheet.data
        self._limits = limits
        self._teller = teller or Teller()
        self._room = 0
        self._sink: Any = None
        self._out: Any = None
        self._looked = False

    def add(self, rows: int, columns: Sequence[Sequence[str] | pa.Array]) -> None:
        """Write ``rows`` rows, column by column; blank columns on the right may be left out.

        Raises
        ------
        RefusedError
            ``too_many_rows``, ``too_many_columns``, ``long_cell``, ``too_much_memory``,
            ``write_failed``.
        """
        found = texts.without_blanks([texts.column(one) for one in columns])
        self._check(rows, found)
        found = texts.without_blanks([texts.tidy(one) for one in found])
        with _disk():
            self._make_room(len(found))
            self._out.write_batch(_batch(self.sheet.rows, rows, found, self._room))
        self._add_head(rows, found)
        self.sheet.rows += rows
        self.sheet.width = max(self.sheet.width, len(found))
        if self.sheet.rows >= HEAD_ROWS:
            self._look()

    def skip(self, rows: int) -> None:
        """Write blank rows."""
        while rows > 0:
            self.add(min(rows, BATCH), [])
            rows -= BATCH

    def check_reach(self, rows: int, width: int) -> None:
        """Refuse a cell that is far below all others, before the gap is filled with blank rows.

        Raises
        ------
        RefusedError
            ``far_cell``.
        """
        is_gap = rows - self.sheet.rows > _FAR
        if is_gap and rows * max(width, self.sheet.width) > self._limits.cells:
            raise RefusedError("far_cell", value=f"{_letters(width)}{rows}")

    def close(self) -> Sheet:
        """Return the sheet once all is written; a width of 0 means that it says nothing."""
        with _disk():
            self._make_room(0)
            if self._room > self.sheet.width:
                self._copy(self.sheet.width)
            self._close()
        if self.sheet.width:
            self._look()
        return self.sheet

    def _look(self) -> None:
        if not self._looked and self.sheet.width:
            self._looked = True
            self._teller.look(self.sheet.summary())

    def _check(self, rows: int, found: Sequence[pa.Array]) -> None:
        limits, total = self._limits, self.sheet.rows + rows
        width = max(self.sheet.width, len(found))
        if width > limits.columns:
            raise RefusedError("too_many_columns", value=width, limit=limits.columns)
        if total > limits.rows:
            raise RefusedError("too_many_rows", limit=limits.rows)
        if total * width > limits.cells:
            raise RefusedError("too_many_rows", limit=limits.cells // width)
        for index, cells in enumerate(found):
            texts.check_length(cells, limits.cell_characters, self.sheet.rows, index)

    def _add_head(self, rows: int, found: Sequence[pa.Array]) -> None:
        more = min(rows, HEAD_ROWS - len(self.sheet.head))
        if more > 0:
            cells = [[text[:HEAD_CHARACTERS] for text in one[:more].to_pylist()] for one in found]
            self.sheet.head += [[one[i].strip() for one in cells] for i in range(more)]

    def _make_room(self, width: int) -> None:
        if self._out is None:
            self._open(width)
        elif width > self._room:
            # Twice as much, or a file whose every batch is one wider would be copied for each.
            self._copy(min(max(width, 2 * self._room), self._limits.columns))

    def _copy(self, room: int) -> None:
        """Write the rows so far again, with ``room`` columns."""
        self._close()
        old = self._path.rename(self._path.with_suffix(".old"))
        self._open(room)
        at = 0
        with pa.memory_map(str(old)) as source:
            file = pa.ipc.open_file(source)
            for index in range(file.num_record_batches):
                part = file.get_batch(index)
                self._out.write_batch(_batch(at, len(part), part.columns[1 : room + 1], room))
                at += len(part)
        old.unlink()

    def _open(self, room: int) -> None:
        self._room = room
        self._sink = pa.OSFile(str(self._path), "wb")
        self._out = pa.ipc.new_file(self._sink, _schema(room))

    def _close(self) -> None:
        self._out.close()
        self._sink.close()


def _letters(column: int) -> str:
    """Return a column's letters.

    >>> _letters(1), _letters(26), _letters(16384)
    ('A', 'Z', 'XFD')
    """
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


@contextmanager
def _disk() -> Iterator[None]:
    """Turn the disk's refusal into ours."""
    try:
        yield
    except OSError as error:
        if error.errno in _ENDED:
            raise RefusedError("too_much_memory") from None
        raise RefusedError("write_failed", errno=error.errno or errno.EIO) from None


def _schema(width: int) -> pa.Schema:
    return pa.schema(
        [("row_no", pa.int32()), *((f"c{i}", pa.large_string()) for i in range(width))]
    )


def _batch(above: int, rows: int, columns: Sequence[pa.Array], width: int) -> pa.RecordBatch:
    numbers = pa.array(np.arange(above + 1, above + rows + 1, dtype=np.int32))
    blank = [texts.blanks(rows)] * (width - len(columns))
    return pa.record_batch([numbers, *columns, *blank], schema=_schema(width))
