"""Rows that are no data: blank ones, titles, totals, footers, descriptions."""

from collections.abc import Callable, Iterable
from functools import partial, reduce

import numpy as np

from analytics import schema
from analytics.ingest.columns import Body, Mask, Rows
from analytics.ingest.formats import Words
from analytics.ingest.headers import normalised

_DESCRIPTION_ROWS = 2  # so far below the header a description may stand
_FOOTER_CELLS = 3
_NOT_FLAGGED = frozenset(("", "否", "no", "n", "false", "0"))


def unused(body: Body, words: Words, is_faulty: Mask) -> Mask:
    """Return which rows hold no data.

    A row that is complete is data, unless its SKU is the word for a total or a column says that it
    is a subtotal. Of the others, only what cannot be a broken line of data is left out.

    Parameters
    ----------
    body : Body
        The rows below the header.
    words : Words
        What the family calls totals, footers and descriptions.
    is_faulty : ndarray of bool, shape (n_rows,)
        Rows that lack a required value, or hold one that cannot be used.
    """
    found: Mask = (body.filled == 0) | _is_total(body, words) | _is_flagged(body, words)
    doubtful = np.flatnonzero(is_faulty & ~found)
    if len(doubtful):
        found[doubtful] = _is_trimming(body, words, doubtful)
    return found


def _is_total(body: Body, words: Words) -> Mask:
    texts = body.text("sku")
    if texts is None:
        return np.zeros(body.rows, np.bool_)
    return texts.where(lambda cell: normalised(cell) in words.totals)


def _is_flagged(body: Body, words: Words) -> Mask:
    flags = [
        i for i, h in enumerate(body.recognition.headers) if normalised(h) in words.subtotal_flags
    ]
    marked = (body.at(i).where(lambda cell: normalised(cell) not in _NOT_FLAGGED) for i in flags)
    return _any(marked, body.rows)


def _is_trimming(body: Body, words: Words, rows: Rows) -> Mask:
    """Return which of the doubtful ``rows`` are titles, totals, footers or descriptions."""
    cells = [body.at(index).only(rows) for index in range(body.sheet.width)]
    filled = body.filled[rows]

    def somewhere(test: Callable[[str], bool]) -> Mask:
        return _any((column.where(test) for column in cells), len(rows))

    total = somewhere(lambda cell: normalised(cell) in words.totals) & ~_has(body, rows, ["sku"])
    footer = somewhere(lambda cell: _holds(cell, words.footers)) & (filled <= _FOOTER_CELLS)
    description = somewhere(lambda cell: _holds(cell, words.descriptions))
    lonely = (filled == 1) & ~_has(body, rows, schema.TABLES[body.recognition.kind].required)
    found: Mask = (
        total
        | footer
        | (description & (rows < _DESCRIPTION_ROWS))
        | lonely
        | _repeats_header(body, rows)
    )
    return found


def _has(body: Body, rows: Rows, names: Iterable[str]) -> Mask:
    """Return which rows hold something in one of the columns ``names``."""
    columns = (body.recognition.columns.get(name) for name in names)
    cells = (body.at(index).only(rows) for index in columns if index is not None)
    return _any((column.where(bool) for column in cells), len(rows))


def _repeats_header(body: Body, rows: Rows) -> Mask:
    """Return which rows are the header once more, as in files that were put together."""
    found = np.ones(len(rows), np.bool_)
    for index in body.recognition.columns.values():
        header = normalised(body.recognition.headers[index])
        found &= body.at(index).only(rows).where(partial(_is_spelt, header))
    return found


def _is_spelt(header: str, cell: str) -> bool:
    return normalised(cell) == header


def _holds(cell: str, phrases: Iterable[str]) -> bool:
    plain = normalised(cell)
    return any(phrase in plain for phrase in phrases)


def _any(masks: Iterable[Mask], rows: int) -> Mask:
    return reduce(np.logical_or, masks, np.zeros(rows, np.bool_))
