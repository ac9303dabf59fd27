"""Sheets that no header explains: columns told by their cells, prose, reports of other things."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from analytics.ingest import dates
from analytics.ingest.formats import others
from analytics.ingest.headers import Headers

TABLE, TEXT, OTHER, MONEY = "table", "text", "other", "money"

_MOSTLY = 0.9
_HALF = 0.5  # some SKUs are mere digits
_MOST_UNITS = 100_000
_SERIAL_LENGTH = 6
_MOMENT = re.compile("[T ]")


class _Told(NamedTuple):
    """What the cells of a column look like, as shares of the filled ones."""

    dates: float
    units: float
    codes: float
    words: float
    distinct: int


def columns_by_content(head: Sequence[Sequence[str]]) -> Mapping[str, int]:
    """Return the columns of sales in a sheet without header, if its cells tell them.

    Parameters
    ----------
    head : sequence of rows
        The first rows, the very first of which must look like data.

    Returns
    -------
    mapping of str to int
        ``date``, ``sku`` and ``quantity``; empty if one of them cannot be told.
    """
    rows = [row for row in head if any(row)]
    if not rows or not (_has_date(rows[0]) and any(map(_is_units, rows[0]))):
        return {}
    told = {place: _told([row[place] for row in rows]) for place in range(len(rows[0]))}
    days = [place for place, one in told.items() if one.dates >= _MOSTLY]
    units = [place for place, one in told.items() if one.units >= _MOSTLY and place not in days]
    codes = [p for p, one in told.items() if one.codes >= _HALF and p not in days]
    if not (days and units and codes):
        return {}
    sku = max(codes, key=lambda place: (told[place].words, told[place].distinct, -place))
    rest = [place for place in units if place != sku]
    return {"date": days[0], "sku": sku, "quantity": rest[0]} if rest else {}


def _told(cells: Sequence[str]) -> _Told:
    filled = [cell for cell in cells if cell]
    if not filled:
        return _Told(0, 0, 0, 0, 0)
    tests = (_is_date, _is_units, _has_letter, _is_one_word)
    days, units, codes, words = (sum(map(test, filled)) / len(filled) for test in tests)
    return _Told(days, units, codes, words, len(set(filled)))


def _has_date(row: Sequence[str]) -> bool:
    return any(map(_is_date, row))


def _is_date(cell: str) -> bool:
    """Return whether a cell is a date that nobody takes for a number."""
    if len(cell) < _SERIAL_LENGTH or cell.isdigit():
        return False
    read = dates.reading(_MOMENT.split(cell, maxsplit=1)[0])
    return read.grain == "day" and (read.day is not None or read.pair is not None)


def _is_units(cell: str) -> bool:
    plain = cell.removesuffix(".0").replace(",", "")
    return plain.isdecimal() and int(plain) < _MOST_UNITS


def _has_letter(cell: str) -> bool:
    return any(map(str.isalpha, cell))


def _is_one_word(cell: str) -> bool:
    return " " not in cell


def other_report(head: Sequence[Sequence[str]]) -> str | None:
    """Return the family of a known report that holds none of our tables, if the sheet is one."""
    for row in head:
        names = Headers(tuple(row)).names
        for family, telling in others():
            if telling <= names:
                return family
    return None


def is_prose(head: Sequence[Sequence[str]]) -> bool:
    """Return whether a sheet holds words only, like a page of notes, or next to nothing."""
    rows = [[cell for cell in row if cell] for row in head]
    wide = [row for row in rows if len(row) > 1]
    figures = sum(any(cell[:1].isdigit() for cell in row) for row in wide)
    return len(wide) < 2 or figures * 4 < len(wide)
