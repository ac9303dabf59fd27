"""Splits lines into rows although quotes cannot be trusted: no row swallows the next one.

A quoted cell may hold line breaks. But flat files also hold names like ``"5 inch`` that were never
meant as quotes; read by the book, such a name swallows every row up to the next quote.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

# How far a quote may stay open before it is taken for a mere character.
PATIENCE_LINES = 100
PATIENCE_CHARACTERS = 100_000
_WORN_LINES = 4  # ... in a file that has worn the patience out
_WORN_AFTER = 500_000  # lines that were looked at in vain
_BATCH = 10_000
_LITERAL_AFTER = 10_000  # quotes never closed, in more than a tenth of the rows: they are no quotes

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
    rows: int = 0
    vain: int = 0

    @property
    def patience(self) -> int:
        """How many lines a quoted cell may have, as far as this file has been met."""
        return PATIENCE_LINES if self.vain < _WORN_AFTER else _WORN_LINES

    @property
    def are_literal(self) -> bool:
        """Whether quotes mean nothing in this file."""
        return self.count > _LITERAL_AFTER and self.count * 10 > self.rows


class _Grammar(NamedTuple):
    """What rows look like, to Python's csv reader (``loose``) and by the book."""

    separator: str
    loose: re.Pattern[str]
    sound: re.Pattern[str]  # cells by the book, each with the separator after it
    last: re.Pattern[str]  # ... with the row's end after the last
    inside: re.Pattern[str]
    whole: re.Pattern[str]  # rows whose quotes all hold cells; the last may still be open


class _ShortError(Exception):
    """The lines end before it is clear where the row does."""


@dataclass(slots=True)
class Lines:
    """Lines of a file; ``is_last`` says that none follow. ``at`` is the first not yet in a row."""

    lines: Sequence[str]
    is_last: bool = True
    at: int = 0


def rows(lines: Lines, layout: Layout, repairs: Repairs) -> Iterator[Row]:
    r"""Yield the cells of each row, blank rows included, as far as the lines tell.

    >>> text = ['1,"two\n', 'lines"\n', '2,"5 inch\n', '3,x\n']
    >>> list(rows(Lines(text), Layout(",", 2, 2), Repairs()))
    [['1', 'two\nlines'], ['2', '"5 inch'], ['3', 'x']]
    """
    sound: list[str] = []
    for record, is_sound in _records(lines, layout, repairs):
        repairs.rows += 1
        if is_sound:
            sound.append(record)
        if not is_sound or len(sound) == _BATCH:
            yield from csv.reader(sound, delimiter=layout.separator)
            sound = []
        if not is_sound:
            repairs.count += 1
            yield _taken_literally(record, layout)
    yield from csv.reader(sound, delimiter=layout.separator)


def hold_cells(text: str, separator: str) -> bool:
    r"""Return whether ``text`` has quotes, and each opens or closes a cell by this separator.

    >>> text = '"name","more"\n"a","b;c"\n'
    >>> hold_cells(text, ","), hold_cells(text, ";"), hold_cells("name,more", ",")
    (True, False, False)
    """
    return '"' in text and _grammar(separator).whole.fullmatch(text) is not None


def _records(lines: Lines, layout: Layout, repairs: Repairs) -> Iterator[tuple[str, bool]]:
    """Yield each row's text, and whether its quotes are in order."""
    grammar = _grammar(layout.separator)
    while lines.at < len(lines.lines):
        line = lines.lines[lines.at]
        taken, is_sound = 1, True
        if '"' in line and not grammar.loose.fullmatch(line):
            try:
                taken = _closed(lines, grammar, repairs)
            except _ShortError:
                return
            whole = lines.lines[lines.at : lines.at + taken]
            is_sound = taken > 1 and _is_one_row(whole, layout)
            taken = taken if is_sound else 1
        record = line if taken == 1 else "".join(lines.lines[lines.at : lines.at + taken])
        lines.at += taken
        yield record, is_sound


@lru_cache
def _grammar(separator: str) -> _Grammar:
    s = re.escape(separator)
    plain = rf'[^"{s}\r\n][^{s}\r\n]*+'
    quoted = r'"(?:[^"]++|"")*+"'
    loose = rf"(?:(?:{quoted}[^{s}\r\n]*+|{plain})?+(?:{s}|[\r\n]++|\Z))*+"
    sound = rf"(?:(?:{quoted}|{plain})?+{s})*+"
    last = rf"{sound}(?:{quoted}|{plain})?+[\r\n]*+"
    inside = r'(?:[^"]++|"")*+'
    bare = rf'[^"{s}\r\n]++'
    whole = rf'(?:(?:{quoted}|{bare})?+(?:{s}|[\r\n]++|\Z))*+(?:"{inside})?+'
    return _Grammar(separator, *map(re.compile, (loose, sound, last, inside, whole)))


def _closed(lines: Lines, grammar: _Grammar, repairs: Repairs) -> int:
    """Return how many lines it takes to close the quote that the next one opens; 1 if none do.

    Raises
    ------
    _ShortError
        More lines may follow, and are needed to tell.
    """
    rest = _opened(lines.lines[lines.at], grammar)
    size, tried = len(lines.lines[lines.at]), 1
    while rest is not None and tried < repairs.patience and size < PATIENCE_CHARACTERS:
        if lines.at + tried == len(lines.lines):
            if not lines.is_last:
                raise _ShortError
            break
        line = lines.lines[lines.at + tried]
        tried += 1
        size += len(line)
        end = _end_of_cell(line, grammar)
        if end is None:
            continue
        # A cell's end is followed by cells by the book, to the row's end or to the next open quote.
        rest = _separated(line[end:], grammar)
        if rest is not None and grammar.last.fullmatch(rest):
            return tried
        rest = None if rest is None else _opened(rest, grammar)
    repairs.vain += tried
    return 1


def _opened(text: str, grammar: _Grammar) -> str | None:
    """Return what follows a quote that ``text`` opens and leaves open; None if it does not."""
    match = grammar.sound.match(text)
    after = text[match.end() :] if match else text
    if not after.startswith('"') or not grammar.inside.fullmatch(after[1:]):
        return None
    return after[1:]


def _end_of_cell(line: str, grammar: _Grammar) -> int | None:
    """Return where an open quote's cell ends in ``line``, behind its quote; None if it does not."""
    match = grammar.inside.match(line)
    end = match.end() if match else 0
    return end + 1 if end < len(line) else None


def _separated(after: str, grammar: _Grammar) -> str | None:
    """Return what follows a closed cell, without its separator; None if text clings to it."""
    if after.startswith(grammar.separator):
        return after[len(grammar.separator) :]
    return None if after.strip("\r\n") else ""


def _is_one_row(lines: Sequence[str], layout: Layout) -> bool:
    """Return whether lines that close a quote by the book are one row indeed.

    Joined they must not be wider than rows are. In a tab-separated file no cell holds tabs, so a
    line with a row's worth of them is a row of its own, whatever the quotes say.
    """
    if layout.separator == "\t" and layout.width > 1:
        return max(line.count("\t") for line in lines[1:]) < layout.width - 1
    joined = next(csv.reader(["".join(lines)], delimiter=layout.separator))
    return len(joined) <= layout.widest


def _taken_literally(line: str, layout: Layout) -> Row:
    """Return the cells of a row whose last quote opens nothing: from there on quotes are text."""
    match = _grammar(layout.separator).loose.match(line)
    cut = match.end() if match else 0
    before = next(csv.reader([line[:cut] + "x"], delimiter=layout.separator))[:-1] if cut else []
    after = next(csv.reader([line[cut:]], delimiter=layout.separator, quoting=csv.QUOTE_NONE))
    return before + after
