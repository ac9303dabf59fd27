"""What marketplaces, ERPs and people call things: one TOML file per family of reports.

A file describes one or several kinds of table of one family. Everything but ``family`` and the
columns may be left out::

    family = "some_marketplace"
    title = "Some Marketplace orders"    # what readers see; default: the family with blanks
    title_zh = "某平台订单"                # in another language: title_ and its code

    [sales]                          # a key of `analytics.schema.TABLES`
    requires = ["Order ID", ...]     # it is this report if the header has all of these
    names = ["orders"]               # words in the file's or sheet's name that speak for this kind
    grain = "day"                    # "line", "day", "week" or "month"; default: as the columns say
    day_first = true                 # 03/04/2024 is the 3rd of April
    decimal_mark = ","               # 89.000 is 89 thousand
    dated_by_name = true             # the day stands in the file's name
    vague = ["name"]                 # canonical names that as headers may mean something else

    [sales.columns]                  # canonical column -> headers, best first
    order_id = ["Order ID"]

    [sales.also]                     # further columns: the worst status, else the first filled
    status = ["Item status"]

    [sales.line_totals]              # columns that hold the amount of the whole line
    unit_price = ["Item price"]

    [sales.fixed]                    # what every row means although no column says so
    channel = "some_marketplace"

    [statuses]                       # what the status column's words mean
    cancelled = ["Cancelled"]

    [statuses_with]                  # what a word means that holds one of these; sold comes first
    cancelled = ["cancel"]

    [rows]                           # rows that are no data
    descriptions = ["Platform unique order ID."]
    totals = ["Total"]
    footers = ["record(s) downloaded"]
    subtotal_flags = ["Is subtotal"] # headers of columns that mark subtotals

    [orders]
    cancelled_prefix = "C"           # an order number that begins so takes an order back

    [not_product]                    # lines that are no goods
    codes = ["POST"]
    names = ["Postage"]
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from analytics import schema
from analytics.ingest.headers import normalised
from analytics.schema import Status

PLAIN = "plain"

_Words = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a family's cells; the plain ones count everywhere."""

    statuses: Mapping[str, str]  # normalised word -> schema.Status
    statuses_with: tuple[tuple[str, str], ...]  # part of a word, schema.Status
    subtotal_flags: frozenset[str]
    descriptions: frozenset[str]
    totals: frozenset[str]
    footers: frozenset[str]
    cancelled_prefix: str
    codes: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Format:
    """How one family writes one kind of table; every header is normalised."""

    family: str
    kind: str
    requires: frozenset[str]
    names: tuple[str, ...]
    columns: _Words
    also: _Words
    line_totals: _Words
    fixed: Mapping[str, str]
    grain: str | None
    day_first: bool | None
    decimal_mark: str | None
    dated_by_name: bool
    words: Words


@cache
def formats() -> tuple[Format, ...]:
    """Return every known format, the plain ones last."""
    families = sorted(map(_parsed, _files()), key=lambda family: family["family"] == PLAIN)
    plain = families[-1]
    return tuple(
        _format(family, kind, _words(family, plain))
        for family in families
        for kind in family
        if kind in schema.TABLES
    )


def format_of(family: str, kind: str) -> Format:
    """Return how ``family`` writes ``kind``; the plain way where it has none of its own."""
    known = {(one.family, one.kind): one for one in formats()}
    return known.get((family, kind), known[PLAIN, kind])


def family_title(family: str, language: str) -> str:
    """Return what readers of ``language`` call a family of reports.

    >>> family_title("amazon_all_orders", "en"), family_title("plain", "zh")
    ('Amazon All Orders', '普通表格')
    """
    titles = _titles().get(family, {})
    return titles.get(f"title_{language}") or titles.get("title") or family.replace("_", " ")


@cache
def _titles() -> Mapping[str, Mapping[str, str]]:
    return {
        one["family"]: {key: text for key, text in one.items() if key.startswith("title")}
        for one in map(_parsed, _files())
    }


def _files() -> Iterator[Traversable]:
    return (file for file in files(__package__).iterdir() if file.name.endswith(".toml"))


def _parsed(file: Traversable) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _format(family: Mapping[str, Any], kind: str, words: Words) -> Format:
    table = family[kind]
    columns = {one.name: table["columns"].get(one.name, []) for one in schema.TABLES[kind].columns}
    if family["family"] == PLAIN:
        vague = table.get("vague", ())
        columns = {
            name: headers if name in vague else [*headers, name]
            for name, headers in columns.items()
        }
    return Format(
        family=family["family"],
        kind=kind,
        requires=frozenset(map(normalised, table.get("requires", ()))),
        names=tuple(map(normalised, table.get("names", ()))),
        columns=_normalised(columns),
        also=_normalised(table.get("also", {})),
        line_totals=_normalised(table.get("line_totals", {})),
        fixed=table.get("fixed", {}),
        grain=table.get("grain"),
        day_first=table.get("day_first"),
        decimal_mark=table.get("decimal_mark"),
        dated_by_name=table.get("dated_by_name", False),
        words=words,
    )


def _normalised(columns: Mapping[str, list[str]]) -> _Words:
    return {name: tuple(map(normalised, headers)) for name, headers in columns.items() if headers}


def _words(family: Mapping[str, Any], plain: Mapping[str, Any]) -> Words:
    def all_of(section: str, name: str) -> tuple[str, ...]:
        found = (source.get(section, {}).get(name, ()) for source in (family, plain))
        return tuple(normalised(word) for words in found for word in words)

    return Words(
        statuses={word: s for s in reversed(Status) for word in all_of("statuses", s)},
        statuses_with=tuple((word, s) for s in Status for word in all_of("statuses_with", s)),
        descriptions=frozenset(all_of("rows", "descriptions")),
        totals=frozenset(all_of("rows", "totals")),
        footers=frozenset(all_of("rows", "footers")),
        subtotal_flags=frozenset(all_of("rows", "subtotal_flags")),
        cancelled_prefix=family.get("orders", {}).get("cancelled_prefix", ""),
        codes=frozenset(all_of("not_product", "codes")),
        names=frozenset(all_of("not_product", "names")),
    )
