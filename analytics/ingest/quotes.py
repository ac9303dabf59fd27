"""Splits lines into rows although quotes cannot be trusted: no row swallows the next one.

A quoted cell may hold line breaks. But flat files also hold names like ``"5 inch`` that were never
meant as quotes; read by the book, such a name swallows every row up to the next quote.
"""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

_PATIENCE_LINES = 100  # how far a quote may stay open before it is taken for a mere character
_PATIENCE_CHARACTERS = 100_000
_BATCH = 10_000

Row = list[str]


class Layout(NamedTuple):
    """How a text file is laid out: its separator, the cells that most rows have, and the most."""

    separator: str
    width: int
    widest: int


@dataclass(slots=True)
class Repairs:
    """How many rows had a quote that is never closed; they were read as they stand."""

    count: int = 0


@dataclass(slots=True)
class _Stream:
    """Lines that can be put back."""

    lines: Iterator[str]
    again: deque[str] = field(default_factory=deque)

    def next(self) -> str | None:
        """Return the next line, or None after the last."""
        return self.again.popleft() if self.again else next(self.lines, None)


def rows(lines: Iterable[str], layout: Layout, repairs: Repairs) -> Iterator[Row]:
    r"""Yield the cells of each row, blank rows included.

    >>> text = ['1,"two\n', 'lines"\n', '2,"5 inch\n', '3,x\n']
    >>> list(rows(text, Layout(",", 2, 2), Repairs()))
    [['1', 'two\nlines'], ['2', '"5 inch'], ['3', 'x']]
    """
    sound: list[str] = []
    for record, is_sound in _records(_Stream(iter(lines)), layout):
        if is_sound:
            sound.append(record)
        if not is_sound or len(sound) == _BATCH:
            yield from csv.reader(sound, delimiter=layout.separator)
            sound = []
        if not is_sound:
            repairs.count += 1
            yield _taken_literally(record, layout)
    yield from csv.reader(sound, delimiter=layout.separator)


def _records(stream: _Stream, layout: Layout) -> Iterator[tuple[str, bool]]:
    """Yield each row's text, and whether its quotes are in order."""
    loose, strict = _grammar(layout.separator)
    while (line := stream.next()) is not None:
        if '"' not in line or loose.fullmatch(line):
            yield line, True
        elif (whole := _closed(line, stream, strict)) and _is_one_row(whole, layout):
            yield "".join(whole), True
        else:
            stream.again.extendleft(reversed(whole[1:]))
            yield line, False


def _grammar(separator: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what a row looks like to Python's csv reader, and what it looks like by the book."""
    s = re.escape(separator)
    plain = rf'[^"{s}\r\n][^{s}\r\n]*+'
    quoted = r'"(?:[^"]++|"")*+"'
    end = rf"(?:{s}|[\r\n]++|\Z)"
    loose = rf"(?:(?:{quoted}[^{s}\r\n]*+|{plain})?+{end})*+"
    strict = rf"(?:(?:{quoted}|{plain})?+{end})*+"
    return re.compile(loose), re.compile(strict)


def _closed(first: str, stream: _Stream, strict: re.Pattern[str]) -> list[str]:
    """Return the lines up to the one that closes the quote, or all that were tried."""
    taken, size = [first], len(first)
    while len(taken) < _PATIENCE_LINES and size < _PATIENCE_CHARACTERS:
        line = stream.next()
        if line is None:
            break
        taken.append(line)
        size += len(line)
        if '"' in line and strict.fullmatch("".join(taken)):
            return taken
    stream.again.extendleft(reversed(taken[1:]))
    return taken[:1]


def _is_one_row(lines: list[str], layout: Layout) -> bool:
    """Return whether lines that close a quote by the book are one row indeed.

    Joined they must not be wider than rows are. In a tab-separated file no cell holds tabs, so a
    line with a row's worth of them is a row of its own, whatever the quotes say.
    """
    if len(lines) == 1:
        return False
    if layout.separator == "\t" and layout.width > 1:
        return max(line.count("\t") for line in lines[1:]) < layout.width - 1
    joined = next(csv.reader(["".join(lines)], delimiter=layout.separator))
    return len(joined) <= layout.widest


def _taken_literally(line: str, layout: Layout) -> Row:
    """Return the cells of a row whose last quote opens nothing: from there on quotes are text."""
    sound, _ = _grammar(layout.separator)
    match = re.match(sound.pattern, line)
    cut = match.end() if match else 0
    before = next(csv.reader([line[:cut] + "x"], delimiter=layout.separator))[:-1] if cut else []
    after = next(csv.reader([line[cut:]], delimiter=layout.separator, quoting=csv.QUOTE_NONE))
    return before + after
