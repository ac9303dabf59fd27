"""Writes what a reader finds as text columns, batch by batch, within the limits."""

import errno
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from analytics.ingest.limits import Limits, RefusedError

BATCH = 10_000
HEAD_ROWS = 40
HEAD_CHARACTERS = 300


class Batch(NamedTuple):
    """Some rows, column by column; columns that are blank on the right may be left out."""

    rows: int
    columns: list[Sequence[str]]


Source = Callable[[], Iterator[Batch]]  # can be read again, from the first row on


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
        return asdict(self)


class _WiderError(Exception):
    """A row has more cells than the columns that were opened."""


def write(source: Source, sheet: Sheet, folder: Path, limits: Limits) -> Sheet:
    """Write all rows of ``source`` to ``folder / sheet.data``; a width of 0 means an empty sheet.

    The file has ``row_no`` (int32, counted from 1) and ``c0`` to ``cN`` (large text, trimmed).

    Raises
    ------
    RefusedError
        ``too_many_rows``, ``too_many_columns``, ``long_cell``, ``too_much_memory``, ``disk_full``.
    """
    try:
        return _attempt(source, sheet, folder, limits)
    except _WiderError:
        sheet.width = max(len(batch.columns) for batch in source())
        return _attempt(source, sheet, folder, limits)
    except OSError as error:
        code = "disk_full" if error.errno == errno.ENOSPC else "too_much_memory"
        raise RefusedError(code) from None


def batch(rows: int, columns: list[Sequence[str]]) -> Batch:
    """Return a batch without the blank columns on the right."""
    width = len(columns)
    while width and not any(columns[width - 1]):
        width -= 1
    return Batch(rows, columns[:width])


def _attempt(source: Source, sheet: Sheet, folder: Path, limits: Limits) -> Sheet:
    batches = source()
    first = next(batches, Batch(0, []))
    sheet.width = max(sheet.width, len(first.columns))
    sheet.rows = 0
    sheet.head = _head(first, sheet.width)
    schema = _schema(sheet.width)
    with pa.OSFile(str(folder / sheet.data), "wb") as sink, pa.ipc.new_file(sink, schema) as out:
        for found in chain([first], batches):
            out.write_batch(_record(found, sheet, schema, limits))
    return sheet


def _schema(width: int) -> pa.Schema:
    texts = [(f"c{i}", pa.large_string()) for i in range(width)]
    return pa.schema([("row_no", pa.int32()), *texts])


def _head(first: Batch, width: int) -> list[list[str]]:
    rows = min(first.rows, HEAD_ROWS)
    columns = [[cell[:HEAD_CHARACTERS] for cell in column[:rows]] for column in first.columns]
    columns += [[""] * rows] * (width - len(columns))
    return [[column[i].strip() for column in columns] for i in range(rows)]


def _record(found: Batch, sheet: Sheet, schema: pa.Schema, limits: Limits) -> pa.RecordBatch:
    """Return the batch as Arrow takes it, and count its rows."""
    if len(found.columns) > sheet.width:
        raise _WiderError
    _check_size(found, sheet, limits)
    numbers = pa.array(range(sheet.rows + 1, sheet.rows + found.rows + 1), pa.int32())
    blank = pa.nulls(found.rows, pa.large_string()).fill_null("")
    texts = [_texts(column, i, sheet, limits) for i, column in enumerate(found.columns)]
    texts += [blank] * (sheet.width - len(texts))
    sheet.rows += found.rows
    return pa.record_batch([numbers, *texts], schema=schema)


def _check_size(found: Batch, sheet: Sheet, limits: Limits) -> None:
    rows = sheet.rows + found.rows
    if len(found.columns) > limits.columns:
        raise RefusedError("too_many_columns", value=len(found.columns), limit=limits.columns)
    if rows > limits.rows:
        raise RefusedError("too_many_rows", limit=limits.rows)
    if rows * sheet.width > limits.cells:
        raise RefusedError("too_many_rows", limit=limits.cells // sheet.width)


def _texts(column: Sequence[str], index: int, sheet: Sheet, limits: Limits) -> pa.Array:
    texts = pa.array(column, pa.large_string())
    longest = pc.max(pc.utf8_length(texts)).as_py() or 0
    if longest > limits.cell_characters:
        row = next(i for i, cell in enumerate(column, 1) if len(cell) > limits.cell_characters)
        raise RefusedError(
            "long_cell", row=sheet.rows + row, column=index + 1, limit=limits.cell_characters
        )
    return pc.utf8_trim_whitespace(texts)
