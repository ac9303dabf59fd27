"""Reads an xlsx sheet slice by slice: the spreadsheet code sees some rows at a time.

It keeps a whole sheet in memory, a gigabyte for a million rows, and has no first rows before it has
the last. So each slice of a sheet's rows becomes a workbook of its own, in memory, with the styles
of the real one. Texts that cells share are looked up here, in slices of their own.

What this reader does not know how to cut raises `UncutError`; the sheet is then read in one piece.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import python_calamine as calamine
from numpy.typing import NDArray

from analytics.ingest import cells, preflight, texts
from analytics.ingest.batches import Writer
from analytics.ingest.books import Book, UncutError
from analytics.ingest.limits import RefusedError

_FIRST_SLICE = 2**18
_SLICE = 2**21
_HEAD = 2**22  # what may stand before the first row: column widths and views
_ONE_ROW = 2**26
_FAR = 10_000  # blank rows within a slice; more of them are not worth memory
_TAIL = 64

_SHARED = b't="s"><v>'
_MARK = "\x01\ue001\x02"  # what no cell says by accident
_MARKED = b't="str"><v>' + _MARK.encode()
_SHARED_OTHERWISE = re.compile(rb'\st="s"((?:\s[^<>]*)?>)\s*<v>')
_MARKED_OTHERWISE = rb' t="str"\1<v>' + _MARK.encode()
_UNKNOWN = (b"<!", b"<?")  # comments and the like, which may hold what looks like a row
_ROW = b"<row"
_ROW_NUMBER = re.compile(rb'<row r="(\d{1,7})"')
_ROW_NUMBER_LATER = re.compile(rb'<row(?:\s[^<>]*?)?\sr="(\d{1,7})"')
_PLACE = re.compile(rb'\sr=["\']')
_STRING = re.compile(rb"<si(?=[\s>/])")
_OTHER_ENCODING = re.compile(rb"<\?xml[^>]*encoding=[\"'](?!utf-8|us-ascii)", re.IGNORECASE)

Chunks = Iterator[bytes]


class _Piece(NamedTuple):
    """Some rows of a sheet; ``above`` stand above the first row that they could name."""

    content: bytes
    above: int


class Strings:
    """The texts that cells share, read as far as they are asked for."""

    def __init__(self, book: Book, sheet: str, chunks: Chunks) -> None:
        self._book = book
        self._sheet = sheet
        self._slices = _between(chunks, b"sst", b"</si>")
        self._whole: pa.Array = pa.array([], pa.large_string())

    def at(self, places: pa.Array) -> pa.Array:
        """Return the texts at ``places``; null stays null.

        Raises
        ------
        RefusedError
            ``damaged``: there are not so many.
        """
        most = pc.max(places).as_py()
        if most is not None and most >= len(self._whole):
            self._read_to(most)
        return self._whole.take(places)

    def _read_to(self, place: int) -> None:
        found, count = [self._whole], len(self._whole)
        while count <= place:
            content = next(self._slices, None)
            if content is None:
                raise RefusedError("damaged")
            found.append(self._texts(content))
            count += len(found[-1])
        self._whole = pa.concat_arrays(found)

    def _texts(self, content: bytes) -> pa.Array:
        """Return the texts in ``content``: a sheet asks for them one by one."""
        count = len(_STRING.findall(content))
        asking = (
            b'<row r="%d"><c r="A%d" t="s"><v>%d</v></c></row>' % (i + 1, i + 1, i)
            for i in range(count)
        )
        rows = _rows(self._book, self._sheet, b"".join(asking), content)
        found = [""] * rows.above + [str(row[0]) for row in rows.cells]
        return pa.array(found + [""] * (count - len(found)), pa.large_string())


class _Rows(NamedTuple):
    """Cells that the spreadsheet code found, and how many blank rows and columns precede them."""

    above: int
    left: int
    cells: Sequence[Sequence[object]]


def read(book: Book, sheet: str, chunks: Chunks, strings: Strings, writer: Writer) -> None:
    """Write the rows of the sheet that ``chunks`` unpack to.

    Raises
    ------
    UncutError
        The sheet has to be read in one piece.
    RefusedError
        The sheet is damaged, hostile or beyond a limit.
    """
    above = 0
    for content in _between(chunks, b"sheetData", b"</row>"):
        preflight.check_cells(content)
        pieces, above = _pieces(content.replace(_SHARED, _MARKED), above)
        for piece in pieces:
            _write(_marked_rows(book, sheet, piece.content), piece.above, strings, writer)


def _between(chunks: Chunks, tag: bytes, end: bytes) -> Iterator[bytes]:
    """Yield what stands within an element, cut behind ``end`` into pieces of some size."""
    rest = _opening(chunks, tag)
    closing, size, tail = b"</%s>" % tag, _FIRST_SLICE, b""
    is_closed = rest is None
    for chunk in chain([rest or b""], chunks):
        if is_closed:
            continue  # unpacked nevertheless, for its checksum
        _check_known(tail + chunk)
        tail = chunk[-_TAIL:]
        rest = chunk if rest is chunk or not rest else rest + chunk
        at = rest.find(closing)
        is_closed = at >= 0
        cut = at if is_closed else rest.rfind(end) + len(end)
        if is_closed or (len(rest) >= size and cut >= len(end)):
            yield rest[:cut]
            rest, size = rest[cut:], _SLICE
        elif len(rest) > _ONE_ROW:
            raise UncutError
    if not is_closed:
        raise RefusedError("damaged")


def _opening(chunks: Chunks, tag: bytes) -> bytes | None:
    """Return what follows the start of an element; None if it is empty."""
    opening = re.compile(rb"<%s(?:\s[^>]*?)?(/?)>" % tag)
    head = b""
    for chunk in chunks:
        head += chunk
        preflight.check_markup(head)
        if match := opening.search(head):
            if _OTHER_ENCODING.match(head):
                raise UncutError
            return None if match[1] else head[match.end() :]
        if len(head) > _HEAD:
            break
    raise UncutError


def _check_known(content: bytes) -> None:
    if any(unknown in content for unknown in _UNKNOWN):
        preflight.check_markup(content)
        raise UncutError


def _pieces(content: bytes, above: int) -> tuple[list[_Piece], int]:
    """Return the rows of ``content``, cut where many are left out, and how many there are by then.

    Rows have numbers, or they and their cells are merely counted.
    """
    count = content.count(_ROW)
    numbers = np.array(_row_numbers(content, count), np.int64)
    if numbers.size != count:
        if numbers.size or _PLACE.search(content):
            raise UncutError
        return [_Piece(content, above)], above + count
    if not count:
        return [], above
    if numbers[0] <= above or (np.diff(numbers) < 1).any():
        raise UncutError
    cuts = [0, *_starts(content, np.flatnonzero(np.diff(numbers) > _FAR) + 1), len(content)]
    pieces = [_Piece(content[start:end], 0) for start, end in pairwise(cuts)]
    return pieces, int(numbers[-1])


def _row_numbers(content: bytes, count: int) -> list[bytes]:
    """Return the numbers that rows bear; most programs write them first."""
    numbers = _ROW_NUMBER.findall(content)
    return numbers if len(numbers) == count else _ROW_NUMBER_LATER.findall(content)


def _starts(content: bytes, rows: NDArray[np.int64]) -> list[int]:
    """Return where some of the rows start."""
    if not rows.size:
        return []
    starts = [match.start() for match in re.finditer(_ROW, content)]
    return [starts[row] for row in rows]


def _marked_rows(book: Book, sheet: str, content: bytes) -> _Rows:
    """Return rows whose shared texts are marked, in whichever order a cell's attributes stand.

    Without the texts at hand the spreadsheet code fails at a cell that is not marked.
    """
    try:
        return _rows(book, sheet, content)
    except UncutError:
        return _rows(book, sheet, _SHARED_OTHERWISE.sub(_MARKED_OTHERWISE, content))


def _rows(book: Book, sheet: str, content: bytes, strings: bytes | None = None) -> _Rows:
    try:
        found = book.some(sheet, content, strings)
    except calamine.CalamineError:
        raise UncutError from None
    if found.start is None:
        return _Rows(0, 0, [])
    return _Rows(*found.start, found.to_python(skip_empty_area=True))


def _write(rows: _Rows, above: int, strings: Strings, writer: Writer) -> None:
    if not rows.cells:
        return
    first = above + rows.above
    if first < writer.sheet.rows:
        raise UncutError
    writer.check_reach(first + len(rows.cells), rows.left + len(rows.cells[0]))
    writer.skip(first - writer.sheet.rows)
    left = [texts.blanks(len(rows.cells))] * rows.left
    columns = (texts.column(cells.texts(column)) for column in zip(*rows.cells, strict=True))
    writer.add(len(rows.cells), left + [_looked_up(column, strings) for column in columns])


def _looked_up(column: pa.Array, strings: Strings) -> pa.Array:
    """Return a column with the texts for which only a place in the shared ones stood."""
    is_place = pc.starts_with(column, _MARK)
    if not pc.any(is_place).as_py():
        return column
    places = pc.utf8_slice_codeunits(column, len(_MARK))
    try:
        known = pc.if_else(is_place, places, None).cast(pa.int32())
    except pa.ArrowInvalid:
        raise UncutError from None
    return pc.coalesce(strings.at(known), column)
