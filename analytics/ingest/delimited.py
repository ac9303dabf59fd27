"""Reads csv, tsv and txt files into text."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice, zip_longest
from pathlib import Path

from analytics.ingest import batches, quotes
from analytics.ingest.charsets import Charset
from analytics.ingest.limits import Limits, RefusedError
from analytics.ingest.quotes import Layout, Repairs, Row

_SEPARATORS = "\t;|,"
_SAMPLE_LINES = 200
_SAMPLE_CHARACTERS = 2**18
_DECLARED = re.compile(r'\ufeff?"?sep=(.)"?\s*', re.IGNORECASE)


def read(
    path: Path, charset: Charset, folder: Path, limits: Limits
) -> tuple[batches.Sheet, Repairs]:
    """Write the file's rows; return the sheet and how many rows had to be repaired.

    Raises
    ------
    RefusedError
        The file is beyond a limit.
    """
    csv.field_size_limit(limits.file_bytes)  # a long cell is refused later, with its place
    layout = layout_of(list(_sample(path, charset)))
    repairs = Repairs()
    source = partial(_batches, path, charset, layout, limits, repairs)
    return batches.write(source, batches.Sheet("", "sheet-0.arrow"), folder, limits), repairs


def layout_of(sample: Sequence[str]) -> Layout:
    r"""Return the layout in which most rows of ``sample`` have the same number of cells.

    >>> layout_of(["a;b;c\n", "1;2,5;x\n", "2;3,5;y\n"])
    Layout(separator=';', width=3, widest=3)
    """
    declared = _DECLARED.fullmatch(sample[0]) if sample else None
    candidates = [_candidate(one, sample) for one in (declared[1] if declared else _SEPARATORS)]
    score, layout = max(candidates, key=lambda candidate: candidate[0])
    return layout if score or declared else Layout(",", 1, 1)


def _candidate(separator: str, sample: Sequence[str]) -> tuple[float, Layout]:
    """Return how well ``separator`` explains the sample, and the layout that it gives."""
    rows = [row for row in csv.reader(sample, delimiter=separator) if any(row)]
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return 0.0, Layout(separator, 1, 1)
    width, count = max(widths.items(), key=lambda item: item[1] * (item[0] - 1))
    header = next(row for row in rows if len(row) == width)
    names = sum(bool(cell) and not cell[0].isdigit() for cell in header)
    bonus = 2.0 if names * 2 > width else 1.0  # a decimal comma separates figures, never names
    return bonus * count / len(rows) * (width - 1), Layout(separator, width, max(widths))


def _sample(path: Path, charset: Charset) -> Iterator[str]:
    left = _SAMPLE_CHARACTERS
    with path.open(encoding=charset.name, errors=charset.errors, newline="") as file:
        for _ in range(_SAMPLE_LINES):
            if left <= 0 or not (line := file.readline(left)):
                return
            left -= len(line)
            yield line.replace("\0", "")


def _batches(
    path: Path, charset: Charset, layout: Layout, limits: Limits, repairs: Repairs
) -> Iterator[batches.Batch]:
    repairs.count = 0
    with path.open(encoding=charset.name, errors=charset.errors, newline="") as file:
        lines = (line.replace("\0", "") for line in file) if charset.has_nul else file
        rows = quotes.rows(lines, layout, repairs)
        done = 0
        while chunk := list(islice(rows, batches.BATCH)):
            cells = [_narrowed(row, done + i, limits) for i, row in enumerate(chunk, 1)]
            yield batches.batch(len(cells), list(zip_longest(*cells, fillvalue="")))
            done += len(cells)


def _narrowed(row: Row, number: int, limits: Limits) -> Row:
    """Return the row, without blank cells on the right if it is too wide with them."""
    if len(row) <= limits.columns:
        return row
    filled = max((i for i, cell in enumerate(row, 1) if cell), default=0)
    if filled > limits.columns:
        raise RefusedError("too_many_columns", row=number, value=filled, limit=limits.columns)
    return row[:filled]
