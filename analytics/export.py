"""Tables out as files: the only module that writes xlsx and csv.

A cell that a spreadsheet would run as a formula leaves as harmless text: in xlsx every text is
stored as text; in csv, which knows no types, it gets a leading apostrophe, which import takes off
again. The same frames always give the same bytes.
"""

import csv as csv_format
import io
import json
import math
import os
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter
from pandas.api import types

from analytics.errors import SheetTooLongError, UnsupportedOutputError, WriteFailedError

Cell = str | bool | int | float | date | datetime | None
Labels = Mapping[str, str]

_NO_LABELS: Labels = {}
_WRITTEN = datetime.combine(date(1980, 1, 1), datetime.min.time())  # the clock is no input

_MOST_ROWS = 1_048_576  # of an xlsx sheet, its header included
_LONGEST_TEXT = 32_767  # of an xlsx cell
_LONGEST_SHEET_NAME = 31
_FIRST_DATE = date(1900, 3, 1)  # earlier ones mean another day in Excel, or none

_FORMULA = frozenset("=+-@|%")
_BREAKS = frozenset("\t\r\n\x00")
# What a spreadsheet may skip in front of a formula: blanks, quotes, invisible characters.
_SKIPPED = (
    " \t\r\n\x00\x0b\x0c\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
    "\"'`\u2018\u2019\u201c\u201d\uff02\uff07"
)


def write(path: Path, frame: pd.DataFrame, *, labels: Labels = _NO_LABELS) -> None:
    """Write ``frame`` to ``path``: csv, xlsx, parquet or json by the file's ending.

    Parameters
    ----------
    path : Path
        Written whole or not at all; an older file of that name is replaced.
    frame : DataFrame
        One row per line; its index is not written.
    labels : mapping, optional
        Header texts by column, for csv and xlsx; parquet and json keep the canonical names.

    Raises
    ------
    UnsupportedOutputError
        The ending names no known format.
    SheetTooLongError
        The frame has more rows than an xlsx sheet.
    WriteFailedError
        The disk refused.
    """
    try:
        content = _WRITERS[path.suffix.lower()]
    except KeyError:
        raise UnsupportedOutputError(path=path) from None
    _replace(path, content(path.stem, frame, labels))


def xlsx(frames: Mapping[str, pd.DataFrame], *, labels: Labels = _NO_LABELS) -> bytes:
    """Return a workbook with one sheet per frame, named by its key.

    Text is text, numbers are numbers (with thousands marks), dates are dates, missing is empty.

    Raises
    ------
    SheetTooLongError
        A frame has more rows than a sheet.
    """
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"created": _WRITTEN})
    for name, (key, frame) in zip(_sheet_names(frames), frames.items(), strict=True):
        if len(frame) >= _MOST_ROWS:
            raise SheetTooLongError(sheet=key, rows=f"{len(frame):,}", limit=f"{_MOST_ROWS - 1:,}")
        _fill(book, book.add_worksheet(name), frame, labels)
    book.close()
    return buffer.getvalue()


def csv(frame: pd.DataFrame, *, labels: Labels = _NO_LABELS) -> bytes:
    """Return ``frame`` as csv in UTF-8 with a byte order mark, so that Excel reads Chinese."""
    text = io.StringIO()
    writer = csv_format.writer(text, lineterminator="\r\n")
    writer.writerow([harmless(header) for header in _headers(frame, labels)])
    columns = [[_spell(cell) for cell in cells] for cells in _columns(frame)]
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """Return ``text`` with an apostrophe in front where a spreadsheet would run it.

    >>> harmless("=1+1"), harmless("  ＝1+1"), harmless("SKU-1")
    ("'=1+1", "'  ＝1+1", 'SKU-1')
    """
    rest = text.lstrip(_SKIPPED)
    lead = text[: len(text) - len(rest)]
    # Full-width signs count as their plain selves: Excel in Chinese takes them for formulas too.
    starts_formula = unicodedata.normalize("NFKC", rest[:1])[:1] in _FORMULA if rest else False
    return f"'{text}" if starts_formula or not _BREAKS.isdisjoint(lead) else text


def _fill(book: Any, page: Any, frame: pd.DataFrame, labels: Labels) -> None:  # noqa: ANN401 - untyped library
    """Write one sheet: a bold header that stays in sight, then column by column."""
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    page.freeze_panes(1, 0)
    for place, (header, cells) in enumerate(
        zip(_headers(frame, labels), _columns(frame), strict=True)
    ):
        page.write_string(0, place, header[:_LONGEST_TEXT], bold)
        page.set_column(place, place, _width(header, cells))
        looks = book.add_format({"num_format": _number_format(cells)})
        for row, cell in enumerate(cells, start=1):
            _put(page, row, place, cell, looks)


def _put(page: Any, row: int, place: int, cell: Cell, looks: object) -> None:  # noqa: ANN401
    if isinstance(cell, str):
        page.write_string(row, place, cell[:_LONGEST_TEXT])
    elif isinstance(cell, bool):
        page.write_boolean(row, place, cell)
    elif isinstance(cell, int | float):
        page.write_number(row, place, cell, looks)
    elif cell is not None:
        page.write_datetime(row, place, cell, looks)


def _number_format(cells: list[Cell]) -> str:
    """Return how a column's numbers or dates look."""
    kinds = {type(cell) for cell in cells if cell is not None}
    if datetime in kinds:
        return "yyyy-mm-dd hh:mm:ss"
    if date in kinds:
        return "yyyy-mm-dd"
    whole = all(cell.is_integer() for cell in cells if isinstance(cell, float))
    return "#,##0" if whole else "#,##0.00##"


def _width(header: str, cells: list[Cell]) -> int:
    """Return a column's width in characters; a Chinese one counts twice."""
    texts = [header, *(_spell(cell) for cell in cells[:200])]
    widest = max(sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in t) for t in texts)
    return min(max(widest + 2, 8), 48)


def _headers(frame: pd.DataFrame, labels: Labels) -> list[str]:
    return [_printable(str(labels.get(column, column))) for column in frame.columns]


def _columns(frame: pd.DataFrame) -> list[list[Cell]]:
    return [_cells(frame.iloc[:, place]) for place in range(frame.shape[1])]


def _cells(column: "pd.Series[Any]") -> list[Cell]:
    """Return a column as plain values; None where there is none."""
    if types.is_datetime64_any_dtype(column):
        return _moments(column.dt.tz_localize(None))
    return [_plain(value) for value in column.tolist()]


def _moments(column: "pd.Series[Any]") -> list[Cell]:
    """Return dates, without a time where none of them has one."""
    known = column.notna()
    times = column.fillna(pd.Timestamp(_WRITTEN))
    plain = times.dt.date if (times == times.dt.normalize()).all() else times.dt.to_pydatetime()
    return [_day(value) if there else None for value, there in zip(plain, known, strict=True)]


def _plain(value: object) -> Cell:
    """Return one value of a column that may hold anything."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int):
        return value
    return _day(value) if isinstance(value, date) else _printable(str(value))


def _day(value: date) -> Cell:
    """Return a date, or its text where Excel has no such date."""
    day = value.date() if isinstance(value, datetime) else value
    return value if day >= _FIRST_DATE else str(value)


def _printable(text: str) -> str:
    """Return ``text`` without halves of characters, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _spell(cell: Cell) -> str:
    """Return what csv says of a cell."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _sheet_names(names: Iterable[str]) -> list[str]:
    """Return names that Excel takes: short, different, without its signs."""
    taken: list[str] = []
    for name in names:
        clean = "".join("_" if c in "[]:*?/\\" or not c.isprintable() else c for c in name)
        clean = clean.strip("' ")[:_LONGEST_SHEET_NAME] or "Sheet"
        number = 2
        candidate = clean
        while candidate.casefold() in {other.casefold() for other in [*taken, "history"]}:
            mark = f" {number}"
            candidate = clean[: _LONGEST_SHEET_NAME - len(mark)] + mark
            number += 1
        taken.append(candidate)
    return taken


def _json(frame: pd.DataFrame) -> bytes:
    records = zip(*_columns(frame), strict=True)
    names = [str(column) for column in frame.columns]
    rows = [dict(zip(names, record, strict=True)) for record in records]
    return json.dumps(rows, ensure_ascii=False, indent=1, default=str).encode()


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


_WRITERS: dict[str, Callable[[str, pd.DataFrame, Labels], bytes]] = {
    ".csv": lambda _, frame, labels: csv(frame, labels=labels),
    ".xlsx": lambda name, frame, labels: xlsx({name: frame}, labels=labels),
    ".parquet": lambda _, frame, __: _parquet(frame),
    ".json": lambda _, frame, __: _json(frame),
}


def _replace(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of ``path`` in one step."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    except OSError as error:
        raise WriteFailedError(path=path, reason=error.strerror or error) from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
