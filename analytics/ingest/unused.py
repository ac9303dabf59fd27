"""Rows that are no data: blank ones, titles, totals, footers, descriptions."""

from collections.abc import Callable, Iterable
from functools import partial, reduce

import numpy as np
import pyarrow as pa

from analytics import schema
from analytics.ingest.columns import Body, Mask, Rows
from analytics.ingest.formats import Words
from analytics.ingest.headers import normalised
from analytics.ingest.reader import Note
from analytics.ingest.statuses import meaning, moved_at
from analytics.schema import Kind, Status

_DESCRIPTION_ROWS = 2  # so far below the header a description may stand
_FOOTER_CELLS = 3
_SHOWN = 5  # words in one note
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
    found |= _sums_up(body) | _says_nothing(body, words)
    doubtful = np.flatnonzero(is_faulty & ~found)
    if len(doubtful):
        found[doubtful] = _is_trimming(body, words, doubtful)
    return found


def left_out(body: Body) -> tuple[Mask, list[Note]]:
    """Return which rows the family's rules leave out, and notes that say why."""
    found = np.zeros(body.rows, np.bool_)
    notes: list[Note] = []
    for choices, is_wanted in ((body.form.rules.only, True), (body.form.rules.without, False)):
        for choice in choices:
            for index in body.places([choice.header]):
                rows = (
                    (body.at(index).where(choice.holds) != is_wanted) & (body.filled > 0) & ~found
                )
                found |= rows
                notes += _left_out_notes(body, index, rows)
    for index in moved_at(body):
        rows = body.at(index).where(partial(_is_no_sale, body.form.words)) & (body.filled > 0)
        notes += _left_out_notes(body, index, rows & ~found)
        found |= rows
    across = body.recognition.across
    if across is not None and across.metric is not None:
        is_other = ~body.at(across.metric).where(partial(_is_spelt, across.wanted))
        is_other &= (body.filled > 0) & ~found
        found |= is_other
        notes += _left_out_notes(body, across.metric, is_other)
    if body.form.rules.unique:
        repeated = _repeats(body) & ~found & (body.filled > 0)
        found |= repeated
        notes += [("repeated_rows", {"count": int(repeated.sum())})] if repeated.any() else []
    return found, notes


def _is_no_sale(words: Words, cell: str) -> bool:
    found = meaning(cell, words, moves=True)
    return found is not None and found.status is Status.NOT_PRODUCT


def _left_out_notes(body: Body, index: int, rows: Mask) -> list[Note]:
    if not rows.any():
        return []
    words = sorted(set(body.at(index).at(np.flatnonzero(rows)).to_pylist()))
    facts: dict[str, object] = {
        "count": int(rows.sum()),
        "header": body.recognition.headers[index] or f"#{index + 1}",
        "values": ", ".join(words[:_SHOWN]),
    }
    return [("left_out_rows", facts)]


def _repeats(body: Body) -> Mask:
    """Return which rows equal an earlier one, cell by cell."""
    names = [f"c{index}" for index in range(body.sheet.width)]
    place = pa.array(np.arange(body.table.num_rows))
    whole = body.table.select(names).append_column("place", place)
    first = whole.group_by(names).aggregate([("place", "min")])["place_min"].to_numpy()
    found = np.ones(body.table.num_rows, np.bool_)
    found[first] = False
    return found if body.unrolled is None else found[body.unrolled.rows]


def _sums_up(body: Body) -> Mask:
    """Return which rows name no goods, as those that sum up an order of several lines."""
    needed = body.places(body.form.rules.needs)
    if not needed:
        return np.zeros(body.rows, np.bool_)
    return ~_any((body.at(index).where(bool) for index in needed), body.rows)


def _is_total(body: Body, words: Words) -> Mask:
    """Return which rows are totals by the word that stands for their SKU, or for their day."""
    names = ("sku",) if body.recognition.across is None else ("sku", "date")
    texts = [text for name in names if (text := body.text(name)) is not None]
    return _any((t.where(lambda cell: normalised(cell) in words.totals) for t in texts), body.rows)


def _says_nothing(body: Body, words: Words) -> Mask:
    """Return which rows say in a word that they have no number to tell."""
    if not words.nothing:
        return np.zeros(body.rows, np.bool_)
    numbers = [
        column.name
        for column in schema.TABLES[body.recognition.kind].columns
        if column.required and column.kind is Kind.NUMBER
    ]
    texts = [text for name in numbers if (text := body.text(name)) is not None]
    return _any((t.where(lambda cell: normalised(cell) in words.nothing) for t in texts), body.rows)


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
        if index >= body.sheet.width:
            continue  # what lies across has no header of its own
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
