"""Reads csv, tsv and txt files into text."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import NamedTuple

from analytics.ingest import blocks, quotes
from analytics.ingest.batches import BATCH, Sheet, Writer
from analytics.ingest.charsets import Charset
from analytics.ingest.limits import Limits, RefusedError
from analytics.ingest.quotes import Layout, Repairs, Row
from analytics.ingest.telling import Teller

_SEPARATORS = "\t;|,"
_SAMPLE_LINES = 2_000
_FIRST_PIECE = 2**20
_PIECE = 2**23
_ONE_ROW = 2**24  # bytes; more than columns and characters of a row can come to
_BLANKS_PER_COLUMN = 100  # blank cells on the right are common; there are not so many of them
_DECLARED = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_WRAPPED = re.compile(rb'(?m)^"((?:[^"\r\n]|"")*)"(?=\r?$)')
_FEWEST = 3  # cells of a row; texts with one comma each are no rows
_MARK = "\ufeff".encode()  # at the start, or within where files were joined: never a character


class _Piece(NamedTuple):
    """Some of a file in UTF-8, the bytes that it took, and whether none follow."""

    text: bytes
    taken: int
    is_last: bool


def read(
    path: Path, charset: Charset, folder: Path, limits: Limits, teller: Teller | None = None
) -> tuple[Sheet, Repairs]:
    """Write the file's rows; return the sheet and how many rows had to be repaired.

    Raises
    ------
    RefusedError
        The file is beyond a limit.
    """
    csv.field_size_limit(limits.file_bytes)  # a long cell is refused later, with its place
    teller = teller or Teller()
    teller.expect(path.stat().st_size)
    writer = Writer(Sheet("", "sheet-0.arrow"), folder, limits, teller)
    repairs = Repairs()
    layout: Layout | None = None
    rest = b""
    for piece in _unwrapped(_pieces(path, charset)):
        teller.did(piece.taken)
        text = (rest + piece.text).replace(b"\0", b"").replace(_MARK, b"")
        layout = layout or layout_of(_lines(text[:_FIRST_PIECE], is_last=True)[:_SAMPLE_LINES])
        if len(text) > _ONE_ROW:
            _check_line(text, layout, writer.sheet.rows, limits)
        if not (piece.is_last or b"\n" in piece.text or b"\r" in piece.text):
            rest = text  # not a row yet, however long
            continue
        rest = text[_write(text, layout, writer, repairs, limits, is_last=piece.is_last) :]
    return writer.close(), repairs


def layout_of(sample: Sequence[str]) -> Layout:
    r"""Return the layout in which most rows of ``sample`` have the same number of cells.

    One by which every quote opens or closes a cell goes before all others.

    >>> layout_of(["a;b;c\n", "1;2,5;x\n", "2;3,5;y\n"])
    Layout(separator=';', width=3, widest=3)
    """
    declared = _DECLARED.fullmatch(sample[0]) if sample else None
    candidates = [_candidate(one, sample) for one in (declared[1] if declared else _SEPARATORS)]
    text = "".join(sample)
    score, layout = max(
        candidates,
        key=lambda found: (found[0] > 0 and quotes.hold_cells(text, found[1].separator), found[0]),
    )
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


def _pieces(path: Path, charset: Charset) -> Iterator[_Piece]:
    """Yield the file in UTF-8, a small piece first, so that its first rows are known at once."""
    is_plain = charset.name == "utf-8" and charset.errors == "strict"
    decoder = codecs.getincrementaldecoder(charset.name)(charset.errors)
    with path.open("rb") as file:
        content = file.read(_FIRST_PIECE)
        while True:
            following = file.read(_PIECE)
            text = content if is_plain else decoder.decode(content, final=not following).encode()
            yield _Piece(text, len(content), not following)
            if not following:
                return
            content = following


def _unwrapped(pieces: Iterator[_Piece]) -> Iterator[_Piece]:
    """Yield the file; if each row is one quoted cell that holds all of its cells, without these."""
    first = next(pieces)
    lines = _lines(first.text.replace(_MARK, b"")[:_FIRST_PIECE], is_last=first.is_last)
    whole = chain((first,), pieces)
    if not _are_wrapped(lines[:_SAMPLE_LINES]):
        yield from whole
        return
    rest = b""
    for piece in whole:
        text = rest + piece.text.replace(_MARK, b"")
        end = len(text) if piece.is_last else text.rfind(b"\n") + 1
        rest = text[end:]
        yield piece._replace(text=_WRAPPED.sub(_inside, text[:end]))


def _are_wrapped(sample: Sequence[str]) -> bool:
    """Return whether each row is one quoted cell, and all hold equally many cells within."""
    rows = [line.strip().encode() for line in sample if line.strip()]
    if len(rows) < 2 or not all(map(_WRAPPED.fullmatch, rows)):
        return False
    inner = [_WRAPPED.sub(_inside, row).decode() for row in rows]
    cells = csv.reader(inner, delimiter=layout_of(inner).separator)
    widths = {len(row) for row in cells}
    return len(widths) == 1 and widths.pop() >= _FEWEST


def _inside(wrapped: re.Match[bytes]) -> bytes:
    return wrapped[1].replace(b'""', b'"')


def _lines(text: bytes, *, is_last: bool) -> list[str]:
    """Return the lines of ``text``; the last one, unless more follow that may belong to it."""
    with io.TextIOWrapper(io.BytesIO(text), "utf-8", "ignore", newline="") as file:
        lines = list(file)
    if not is_last and lines and not lines[-1].endswith("\n"):  # a \r may be half of a line's end
        lines.pop()
    return lines


def _write(
    text: bytes,
    layout: Layout,
    writer: Writer,
    repairs: Repairs,
    limits: Limits,
    *,
    is_last: bool,
) -> int:
    """Write the rows that ``text`` holds whole; return how many bytes they take."""
    if not text:
        return 0
    literally = repairs.are_literal
    found = blocks.split(text, layout, limits.columns, is_last=is_last, are_literal=literally)
    if found:
        writer.add(found.rows, found.columns)
        repairs.rows += found.rows
        return found.used
    lines = quotes.Lines(_lines(text, is_last=is_last), is_last)
    _check_separators(lines.lines, layout, limits)
    rows = quotes.rows(lines, layout, repairs)
    while chunk := list(islice(rows, BATCH)):
        above = writer.sheet.rows
        cells = [_narrowed(row, above + i, limits) for i, row in enumerate(chunk, 1)]
        writer.add(len(cells), list(zip_longest(*cells, fillvalue="")))
    return sum(len(line.encode()) for line in lines.lines[: lines.at])


def _check_separators(lines: Sequence[str], layout: Layout, limits: Limits) -> None:
    """Refuse a line of so many cells that to count them by hand would take the memory."""
    most = limits.columns * _BLANKS_PER_COLUMN
    for line in lines:
        if len(line) > most and (cells := line.count(layout.separator)) > most:
            raise RefusedError("too_many_columns", value=cells, limit=limits.columns)


def _check_line(text: bytes, layout: Layout, above: int, limits: Limits) -> None:
    """Refuse a line that is longer than all cells of a row may be, before it is taken apart."""
    start = text[:_ONE_ROW]
    if b"\n" in start or b"\r" in start:
        return
    cells = start.split(layout.separator.encode())
    if len(cells) > limits.columns:
        raise RefusedError("too_many_columns", value=len(cells), limit=limits.columns)
    column = max(range(len(cells)), key=lambda index: len(cells[index])) + 1
    raise RefusedError("long_cell", row=above + 1, column=column, limit=limits.cell_characters)


def _narrowed(row: Row, number: int, limits: Limits) -> Row:
    """Return the row, without blank cells on the right if it is too wide with them."""
    if len(row) <= limits.columns:
        return row
    filled = max((i for i, cell in enumerate(row, 1) if cell), default=0)
    if filled > limits.columns:
        raise RefusedError("too_many_columns", row=number, value=filled, limit=limits.columns)
    return row[:filled]
