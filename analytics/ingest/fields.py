"""Typed columns out of text: which values there are, and which rows hold something unusable."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from analytics import schema
from analytics.ingest import decisions, identifiers, words
from analytics.ingest.columns import Body, Field, Texts
from analytics.ingest.reader import Note
from analytics.schema import Column, Kind

_NUMBERED = frozenset(("order_id", "line_id"))
_MONTH_FIRST = frozenset(("US", "PH", "CA"))
_DOT_IN_THOUSANDS = frozenset(("IDR", "VND", "COP", "CLP", "PYG"))


@dataclass(frozen=True, slots=True)
class Fields:
    """All columns that a sheet has, the grain of its dates, and notes on what was decided."""

    columns: Mapping[str, Field]
    grains: pa.Array | None
    notes: tuple[Note, ...]


def fields(body: Body, salt: str) -> Fields:
    """Return every canonical column that the sheet has, cleaned; buyers only as salted hashes."""
    table = schema.TABLES[body.recognition.kind]
    texts = {one.name: text for one in table.columns if (text := body.text(one.name)) is not None}
    kinds = {one.name: one.kind for one in table.columns}
    days, grains, day_notes = decisions.days(
        body,
        {name: text for name, text in texts.items() if kinds[name] is Kind.DATE},
        month_first=_only(texts, "market", words.country, _MONTH_FIRST),
    )
    numbers, number_notes = decisions.numbers(
        body,
        {name: text for name, text in texts.items() if kinds[name] in (Kind.NUMBER, Kind.INTEGER)},
        dot_in_thousands=_only(texts, "currency", _currency, _DOT_IN_THOUSANDS)
        or ("currency" not in texts and body.recognition.currency in _DOT_IN_THOUSANDS),
    )
    worded = {
        name: _worded(table.column(name), text, body, salt)
        for name, text in texts.items()
        if name not in days and name not in numbers
    }
    return Fields({**worded, **days, **numbers}, grains, (*day_notes, *number_notes))


def _only(
    texts: Mapping[str, Texts],
    name: str,
    code: Callable[[str], str | None],
    among: frozenset[str],
) -> bool:
    """Return whether a column's codes are all among some, for a hint at the region's customs."""
    if name not in texts:
        return False
    said = (code(text) for text in texts[name].distinct.to_pylist() if text)
    known = {one for one in said if one}
    return bool(known) and known <= among


def _worded(column: Column, texts: Texts, body: Body, salt: str) -> Field:
    if column.kind is Kind.COUNTRY:
        return _countries([texts, *map(body.at, body.recognition.also.get(column.name, ()))])
    if column.kind is Kind.SKU:
        return Field(texts.said(identifiers.skus))
    if column.kind is Kind.CODE:
        return _coded(texts, _CODES[column.name])
    if column.name == "customer":
        return Field(texts.said(partial(identifiers.hashed, salt=salt)))
    clean = identifiers.numbered if column.name in _NUMBERED else identifiers.tidied
    return Field(texts.said(clean).cast(pa.string()))


def _countries(columns: list[Texts]) -> Field:
    found = [_coded(texts, words.country) for texts in columns]
    values = pc.coalesce(*(one.cells for one in found))
    return Field(values, {"issue.unknown_country": found[0].is_faulty})


def _coded(texts: Texts, code: Callable[[str], str | None]) -> Field:
    def codes(distinct: pa.Array) -> pa.Array:
        return pa.array([code(text) for text in distinct.to_pylist()], pa.string())

    values = texts.said(codes)
    return Field(values, {"issue.unknown_word": texts.unreadable(values)})


def _currency(text: str) -> str | None:
    is_code = len(text) == 3 and text.isascii() and text.isalpha()
    return words.code_of("currencies", text) or (text.upper() if is_code else None)


def _route(text: str) -> str | None:
    return words.code_of("routes", text) or words.letters(text) or None


_CODES: Mapping[str, Callable[[str], str | None]] = {
    "currency": _currency,
    "route": _route,
    "tier": partial(words.code_of, "tiers"),
    "status": words.letters,  # what it means is for the family to say
}
