"""Columns of text as Arrow keeps them: trimmed, without NUL, and no cell longer than a cell is."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from analytics.ingest.limits import RefusedError

_BLANK, _DELETE = 0x20, 0x7F

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]


def column(cells: Sequence[str] | pa.Array) -> pa.Array:
    """Return cells as large text."""
    return cells if isinstance(cells, pa.Array) else pa.array(cells, pa.large_string())


def blanks(rows: int) -> pa.Array:
    """Return a column that says nothing."""
    return pa.nulls(rows, pa.large_string()).fill_null("")


def is_blank(cells: pa.Array) -> bool:
    """Return whether no cell says anything."""
    offsets, _ = _parts(cells)
    return not len(cells) or bool(offsets[0] == offsets[-1])


def without_blanks(columns: list[pa.Array]) -> list[pa.Array]:
    """Return columns without the blank ones on the right."""
    width = len(columns)
    while width and is_blank(columns[width - 1]):
        width -= 1
    return columns[:width]


def tidy(cells: pa.Array) -> pa.Array:
    """Return cells without NUL and without white space around them.

    Both are rare, so each is looked for where it would stand before every cell is rewritten.
    """
    offsets, content = _parts(cells)
    inside = content[offsets[0] : offsets[-1]]
    if not inside.size:
        return cells
    if not inside.all():
        return pc.utf8_trim_whitespace(pc.replace_substring(cells, "\0", ""))
    said = offsets[1:] > offsets[:-1]
    first, last = content[offsets[:-1][said]], content[offsets[1:][said] - 1]
    if _may_be_white(first).any() or _may_be_white(last).any():
        return pc.utf8_trim_whitespace(cells)
    return cells


def check_length(cells: pa.Array, limit: int, row: int, index: int) -> None:
    """Refuse a cell of more than ``limit`` characters; ``row`` rows stand above these.

    Raises
    ------
    RefusedError
        ``long_cell``.
    """
    offsets, _ = _parts(cells)
    if not len(cells) or int(np.diff(offsets).max()) <= limit:  # bytes are no fewer than characters
        return
    lengths = pc.utf8_length(cells).to_numpy()
    if int(lengths.max()) > limit:
        at = int(np.argmax(lengths > limit))
        raise RefusedError("long_cell", row=row + at + 1, column=index + 1, limit=limit)


def _may_be_white(edges: Bytes) -> NDArray[np.bool_]:
    return (edges <= _BLANK) | (edges >= _DELETE)


def _parts(cells: pa.Array) -> tuple[Places, Bytes]:
    """Return where each cell starts and ends, and the bytes that these places count."""
    _, starts, content = cells.buffers()
    if starts is None or not len(cells):
        return np.zeros(1, np.int64), np.zeros(0, np.uint8)
    offsets = np.frombuffer(starts, np.int64)[cells.offset : cells.offset + len(cells) + 1]
    letters = np.frombuffer(content, np.uint8) if content else np.zeros(0, np.uint8)
    return offsets, letters
