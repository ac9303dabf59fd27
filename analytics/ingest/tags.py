"""The currency that prices carry themselves, where no column names it: 1,50 €, $29.99, 12.5元."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics import schema
from analytics.ingest.columns import Body, Field, Texts
from analytics.ingest.fields import Fields
from analytics.ingest.reader import Note
from analytics.ingest.words import codes

_PRICES = ("unit_price", "unit_cost", "price")
# Signs of several currencies: what each means where all lines are of one market.
_DOLLARS = {
    "US": "USD",
    "CA": "CAD",
    "AU": "AUD",
    "NZ": "NZD",
    "SG": "SGD",
    "HK": "HKD",
    "TW": "TWD",
    "MX": "MXN",
}
_CROWNS = {"SE": "SEK", "NO": "NOK", "DK": "DKK"}
_SHARED: Mapping[str, Mapping[str, str]] = {
    **dict.fromkeys(("$", "dollar", "dollars"), _DOLLARS),
    "kr": _CROWNS,
    "peso": {"MX": "MXN", "PH": "PHP"},
    "rs": {"IN": "INR"},
}
_YEN = frozenset(("¥", "￥"))
_AROUND = re.compile(
    r"^[+\-(]*([^\d\s.,+\-(]*)\s*[+\-]?[\d.,]+(?:[.,]-+)?\s*([^\d\s.,\-)]*)[\-)]*$"
)


def with_currency(body: Body, found: Fields) -> Fields:
    """Return the columns with the currency in which all prices are written, and a note on it.

    Only of a sheet without a column for it, and unless one was chosen.
    """
    if body.recognition.currency or "currency" in found.columns:
        return found
    texts = list(_prices(body))
    if not texts or "currency" not in _names(body):
        return found
    signs: dict[str, str] = {}  # sign -> a price that carries it
    for column in texts:
        signs |= {sign: text for text in column.distinct.to_pylist() if (sign := _sign(text))}
    markets = _markets(found)
    known = {_code(sign, markets) for sign in signs}
    if len(known) > 1:
        return _noted(found, ("mixed_signs", {"currencies": ", ".join(sorted(signs))}))
    code = next(iter(known), None)
    if code is None or not all(map(_is_signed_throughout, texts)):
        return found
    note: Note = ("currency_by_sign", {"example": next(iter(signs.values())), "currency": code})
    field = Field(pa.array(np.full(body.rows, code), pa.string()))
    return _noted(replace(found, columns={**found.columns, "currency": field}), note)


def _prices(body: Body) -> Iterator[Texts]:
    """Yield the columns of prices, or of what whole lines come to, in which a sign stands."""
    for name in _PRICES:
        index = body.recognition.columns.get(name, body.recognition.line_totals.get(name))
        if index is not None and any(map(_sign, body.at(index).distinct.to_pylist())):
            yield body.at(index)


def _names(body: Body) -> list[str]:
    return [column.name for column in schema.TABLES[body.recognition.kind].columns]


def _noted(found: Fields, note: Note) -> Fields:
    return replace(found, notes=(*found.notes, note))


def _markets(found: Fields) -> frozenset[str]:
    field = found.columns.get("market")
    return frozenset(() if field is None else pc.drop_null(pc.unique(field.cells)).to_pylist())


def _code(sign: str, markets: frozenset[str]) -> str | None:
    """Return what a sign means; None where several currencies use it and no market tells which."""
    if sign in _YEN:
        return "JPY" if markets == {"JP"} else "CNY"
    if sign in _SHARED:
        told = {_SHARED[sign].get(market) for market in markets}
        return told.pop() if len(told) == 1 else None
    return codes("currencies")[sign]


@cache
def _sign(text: str) -> str:
    """Return the word for a currency that stands before or behind a number; empty if none does."""
    parts = _AROUND.match(unicodedata.normalize("NFKC", text).strip().casefold())
    known = codes("currencies")
    return next((part for part in (parts.groups() if parts else ()) if part in known), "")


def _is_signed_throughout(texts: Texts) -> bool:
    """Return whether every price above zero carries a sign."""
    plain = (text for text in texts.distinct.to_pylist() if not _sign(text))
    return not any(digit in text for text in plain for digit in "123456789")
