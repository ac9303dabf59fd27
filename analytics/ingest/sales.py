"""What became of a sales line: sold, cancelled, returned, or no product at all."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from analytics.ingest.columns import Body, Field, Mask, Texts, amounts, as_mask
from analytics.ingest.fields import Fields
from analytics.ingest.formats import PLAIN, Words
from analytics.ingest.grains import begun, grains
from analytics.ingest.headers import normalised
from analytics.ingest.identifiers import are_blank
from analytics.ingest.reader import Note
from analytics.ingest.statuses import meaning, moved_at, says_what_moved
from analytics.schema import Status

_SHOWN = 5  # examples in one note
_RANK = pa.int8()
_RANKS = (Status.SOLD, Status.RETURNED, Status.CANCELLED, Status.NOT_PRODUCT)  # the last wins


class Sales(NamedTuple):
    """What sales have beside the plain columns."""

    status: pa.Array
    grain: pa.Array
    date: pa.Array  # of a week or month its first day
    unit_price: pa.Array | None
    notes: tuple[Note, ...]


def sales(body: Body, fields: Fields, words: Words) -> Sales:
    """Return each line's status, grain, unit price if only a total is given, and notes."""
    ranks = np.zeros(body.rows, np.int8)
    notes: list[Note] = []
    for header, texts, moves in _status_texts(body):
        ranks = np.maximum(ranks, _ranks(texts, words, moves=moves))
        notes += _word_notes(header, texts, words, moves=moves)
    ranks = np.maximum(ranks, _marked(body))
    came_back, back_notes = _came_back(body, fields)
    ranks = np.maximum(ranks, came_back)
    notes += back_notes
    taken_back = _is_taken_back(fields, words) & (ranks < _RANKS.index(Status.RETURNED))
    ranks[taken_back] = _RANKS.index(Status.CANCELLED)
    ranks[_is_no_product(fields, words)] = _RANKS.index(Status.NOT_PRODUCT)
    status = pa.array(_RANKS, pa.string()).take(pa.array(ranks))
    grain, grain_notes = grains(body, fields)
    date, week_notes = begun(body, fields, grain)
    notes += [*grain_notes, *week_notes]
    return Sales(status, grain, date, _unit_price(body, fields), tuple(notes))


def _status_texts(body: Body) -> list[tuple[str, Texts, bool]]:
    """Return the columns that say what became of a line, and whether they say what moved it."""
    own, header = body.text("status"), body.header("status")
    found = [] if own is None else [(header, own, says_what_moved(body))]
    is_plain = body.recognition.family == PLAIN
    moving = moved_at(body)
    for index in body.recognition.also.get("status", ()):
        if not is_plain or index in moving:
            texts = body.at(index)
            told = texts if is_plain else _down(body)(texts)
            found.append((body.recognition.headers[index], told, is_plain))
    return found


def _down(body: Body) -> Callable[[Texts], Texts]:
    """Return how a column of the family is read that says the same of a whole order."""
    return body.filled_down if "status" in body.form.rules.fill_down else lambda texts: texts


def _marked(body: Body) -> NDArray[np.int8]:
    """Return the rank of each line by the columns in which any entry is a status."""
    ranks = np.zeros(body.rows, np.int8)
    for status, headers in body.form.rules.marks.items():
        for index in body.places(headers):
            is_marked = ~as_mask(_down(body)(body.at(index)).each(are_blank))
            ranks[is_marked] = np.maximum(ranks[is_marked], _RANKS.index(Status(status)))
    return ranks


def _came_back(body: Body, fields: Fields) -> tuple[NDArray[np.int8], list[Note]]:
    """Return which lines came back as a whole, and a note on those of which some units did."""
    ranks = np.zeros(body.rows, np.int8)
    units = fields.columns["quantity"].cells
    notes: list[Note] = []
    for index in body.places(body.form.rules.returned):
        mark = body.recognition.decimal_mark or "."
        returned = body.at(index).said(partial(amounts, mark=mark))
        some = as_mask(pc.and_(pc.greater(returned, 0), pc.greater(units, 0)))
        whole = some & as_mask(pc.greater_equal(returned, units))
        ranks[whole] = _RANKS.index(Status.RETURNED)
        partly = some & ~whole
        if partly.any():
            facts: dict[str, object] = {
                "count": int(partly.sum()),
                "units": int(pc.sum(returned.filter(pa.array(partly))).as_py()),
            }
            notes.append(("returned_units", facts))
    return ranks, notes


def _ranks(texts: Texts, words: Words, *, moves: bool) -> NDArray[np.int8]:
    def ranked(distinct: pa.Array) -> pa.Array:
        found = (meaning(text, words, moves=moves) for text in distinct.to_pylist())
        return pa.array([_RANKS.index(one.status if one else Status.SOLD) for one in found], _RANK)

    ranks: NDArray[np.int8] = texts.each(ranked).to_numpy()
    return ranks


def _word_notes(header: str, texts: Texts, words: Words, *, moves: bool) -> list[Note]:
    """Return notes on words that nobody knows, and on those of which only a part is known."""
    said = sorted(text for text in texts.distinct.to_pylist() if text)
    told: dict[str, list[str]] = {}
    for text in said:
        found = meaning(text, words, moves=moves)
        if found is None:
            told.setdefault("unknown_status", []).append(text)
        elif found.is_by_part:
            told.setdefault(f"status_by_part_{found.status}", []).append(text)
    return [
        (code, {"header": header, "values": ", ".join(some[:_SHOWN])})
        for code, some in told.items()
    ]


def _is_taken_back(fields: Fields, words: Words) -> Mask:
    taken_back = as_mask(pc.less(fields.columns["quantity"].cells, 0))
    orders = fields.columns.get("order_id")
    if words.cancelled_prefix and orders is not None:
        pattern = f"(?i)^{words.cancelled_prefix}[0-9]"
        taken_back |= as_mask(pc.match_substring_regex(orders.cells, pattern))
    return taken_back


def _is_no_product(fields: Fields, words: Words) -> Mask:
    found = _among(fields.columns["sku"], words.codes)
    if "name" in fields.columns:
        found |= _among(fields.columns["name"], words.names)
    return found


def _among(field: Field, known: frozenset[str]) -> Mask:
    return Texts.of(field.cells.fill_null("")).where(lambda text: normalised(text) in known)


def _unit_price(body: Body, fields: Fields) -> pa.Array | None:
    price = fields.columns.get("unit_price")
    if price is None or "unit_price" not in body.recognition.line_totals:
        return None
    units = fields.columns["quantity"].cells
    return pc.divide(price.cells, pc.if_else(pc.equal(units, 0), None, units))
