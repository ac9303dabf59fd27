"""What marketplaces, ERPs and people call things: one TOML file per family of reports.

A file describes one or several kinds of table of one family. Everything but ``family`` and the
columns may be left out::

    family = "some_marketplace"
    title = "Some Marketplace orders"    # what readers see; default: the family with blanks
    title_zh = "某平台订单"                # in another language: title_ and its code

    [sales]                          # a key of `analytics.schema.TABLES`
    requires = ["Order ID", ...]     # it is this report if the header has all of these;
                                     # several lists: all of any one of them
    names = ["orders"]               # words in the file's or sheet's name that speak for this kind
    grain = "day"                    # "line", "day", "week" or "month"; default: as the columns say
    day_first = true                 # 03/04/2024 is the 3rd of April
    decimal_mark = ","               # 89.000 is 89 thousand
    dated_by_name = true             # the day, week or month stands in the file's or sheet's name
    month_first_in_name = true       # 11-21-26 there is the 21st of November 2026
    by_hand = true                   # understood so only if the user says so
    min_columns = 2                  # fewer known columns say nothing
    max_columns = 4                  # a header with more columns is something else
    vague = ["name"]                 # canonical names that as headers may mean something else
    unit_rows = ["order_id"]         # without a quantity, but with these, a row is one unit
    fill_down = ["date", ...]        # stand on an order's first line only; "order_id" too: it is
                                     # blank below, as in merged cells
    fill_together = true             # only where all of them are blank at once
    needs = ["Item title"]           # a row with all of these blank sums up an order
    unique = true                    # a row that equals an earlier one cell by cell is left out
    returned = ["Returned quantity"] # how many of the units came back

    [sales.columns]                  # canonical column -> headers, best first
    order_id = ["Order ID"]

    [stock.if_named]                 # headers that mean this only where the file's or the sheet's
    on_hand = ["Quantity"]           # name says sales or stock, and no column is an order's number

    [sales.also]                     # further columns: the worst status, the sum of numbers, else
    status = ["Item status"]         # the first that is filled
    sku = ["Item title"]

    [stock.joined.sku]               # what fills in first where the column is blank: several cells
    columns = ["Title", "Colour"]    # put together, as in "Cup - Red / L"; if the first is blank,
    within = "Handle"                # that of an earlier row with the same cell in this column
    without = ["Default Title"]      # cells that say nothing

    [sales.line_totals]              # columns that hold the amount of the whole line
    unit_price = ["Item price"]

    [sales.fixed]                    # what every row means although no column says so; a market
    channel = "some_marketplace"     # gives way to the user's

    [sales.marks]                    # a filled cell in one of these columns is a status
    cancelled = ["Cancelled at"]

    [sales.quantity_of]              # which quantity counts the units of which SKU column
    "Platform SKU" = "Platform quantity"

    [sales.only]                     # rows with other words in these columns are left out; a word
    Disposition = ["SELLABLE"]       # that ends in * is a beginning

    [sales.without]                  # rows with these words in these columns are left out
    SKU = ["AMZ-*"]

    [stock.across]                   # a wide table: all columns that no other line of this section
    role = "warehouse"               # names, from ``after`` on, hold ``value``, one ``role`` each
    value = "on_hand"
    after = "COO"

    [other]                          # a report that holds none of the tables
    requires = ["return-date", ...]

    [statuses]                       # what the status column's words mean
    cancelled = ["Cancelled"]

    [statuses_with]                  # what a word means that holds one of these; sold comes first
    cancelled = ["cancel"]

    [rows]                           # rows that are no data
    descriptions = ["Platform unique order ID."]
    totals = ["Total"]
    footers = ["record(s) downloaded"]
    subtotal_flags = ["Is subtotal"] # headers of columns that mark subtotals
    nothing = ["not stocked"]        # says of a number that there is none to tell

    [orders]
    cancelled_prefix = "C"           # an order number that begins so takes an order back

    [wide]                           # plain only: words for what a header, cell or name measures,
    amounts = ["revenue"]            # see `measures` for the others
    metrics = ["指标"]                # headers of columns that say of each row what it measures

    [not_product]                    # lines that are no goods
    codes = ["POST"]
    names = ["Postage"]
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from analytics import schema
from analytics.ingest.headers import normalised
from analytics.schema import Status

PLAIN = "plain"
_ANY = 1_000_000  # more columns than any sheet has

_Words = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a family's cells; the plain ones count everywhere."""

    statuses: Mapping[str, str]  # normalised word -> schema.Status
    statuses_with: tuple[tuple[str, str], ...]  # part of a word, schema.Status
    subtotal_flags: frozenset[str]
    descriptions: frozenset[str]
    totals: frozenset[str]
    nothing: frozenset[str]
    footers: frozenset[str]
    cancelled_prefix: str
    codes: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """Rows told by the words of one column."""

    header: str
    words: frozenset[str]
    beginnings: tuple[str, ...]

    def holds(self, cell: str) -> bool:
        """Return whether a cell holds one of the words.

        >>> Choice("sku", frozenset(("total",)), ("amz-",)).holds("AMZ-12")
        True
        """
        return normalised(cell) in self.words or cell.casefold().startswith(self.beginnings)


@dataclass(frozen=True, slots=True)
class Spread:
    """The columns of a wide table; ``after`` is the last header that is not among them."""

    role: str
    value: str
    after: str


@dataclass(frozen=True, slots=True)
class Join:
    """Cells put together; the first stands once for all rows that share the cell ``within``."""

    columns: tuple[str, ...]
    within: str
    without: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rules:
    """What rows mean beside their cells; every header is normalised."""

    unit_rows: frozenset[str] = frozenset()
    fill_down: frozenset[str] = frozenset()
    fill_together: bool = False
    needs: tuple[str, ...] = ()
    unique: bool = False
    returned: tuple[str, ...] = ()
    marks: _Words = field(default_factory=dict)
    quantity_of: Mapping[str, str] = field(default_factory=dict)
    only: tuple[Choice, ...] = ()
    without: tuple[Choice, ...] = ()
    across: Spread | None = None
    joined: Mapping[str, Join] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Format:
    """How one family writes one kind of table; every header is normalised."""

    family: str
    kind: str
    requires: tuple[frozenset[str], ...]  # all of any
    names: tuple[str, ...]
    columns: _Words
    if_named: _Words
    also: _Words
    line_totals: _Words
    fixed: Mapping[str, str]
    rules: "Rules"
    grain: str | None
    day_first: bool | None
    decimal_mark: str | None
    dated_by_name: bool
    month_first_in_name: bool
    by_hand: bool
    min_columns: int
    max_columns: int
    words: Words

    def is_told_by(self, headers: frozenset[str]) -> bool:
        """Return whether a header has what only this report has."""
        return any(telling <= headers for telling in self.requires)


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


@cache
def others() -> tuple[tuple[str, frozenset[str]], ...]:
    """Return families of reports that hold none of the tables, with their telling headers."""
    return tuple(
        (one["family"], telling)
        for one in map(_parsed, _files())
        if "other" in one
        for telling in _telling(one["other"])
    )


@cache
def wide_words() -> _Words:
    """Return what tells what a part of a wide table measures: words by measure."""
    plain = next(one for one in map(_parsed, _files()) if one["family"] == PLAIN)
    return {measure: tuple(words) for measure, words in plain["wide"].items()}


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
        requires=_telling(table),
        names=tuple(map(normalised, table.get("names", ()))),
        columns=_normalised(columns),
        if_named=_normalised(table.get("if_named", {})),
        also=_normalised(table.get("also", {})),
        line_totals=_normalised(table.get("line_totals", {})),
        fixed=table.get("fixed", {}),
        rules=_rules(table),
        grain=table.get("grain"),
        day_first=table.get("day_first"),
        decimal_mark=table.get("decimal_mark"),
        dated_by_name=table.get("dated_by_name", False),
        month_first_in_name=table.get("month_first_in_name", False),
        by_hand=table.get("by_hand", False),
        min_columns=table.get("min_columns", 1),
        max_columns=table.get("max_columns", _ANY),
        words=words,
    )


def _telling(table: Mapping[str, Any]) -> tuple[frozenset[str], ...]:
    listed = table.get("requires", ())
    lists = [listed] if listed and isinstance(listed[0], str) else listed
    return tuple(frozenset(map(normalised, headers)) for headers in lists)


def _rules(table: Mapping[str, Any]) -> Rules:
    spread = table.get("across")
    return Rules(
        unit_rows=frozenset(table.get("unit_rows", ())),
        fill_down=frozenset(table.get("fill_down", ())),
        fill_together=table.get("fill_together", False),
        needs=tuple(map(normalised, table.get("needs", ()))),
        unique=table.get("unique", False),
        returned=tuple(map(normalised, table.get("returned", ()))),
        marks=_normalised(table.get("marks", {})),
        quantity_of={
            normalised(sku): normalised(units)
            for sku, units in table.get("quantity_of", {}).items()
        },
        only=_choices(table.get("only", {})),
        without=_choices(table.get("without", {})),
        across=Spread(spread["role"], spread["value"], normalised(spread["after"]))
        if spread
        else None,
        joined={name: _join(parts) for name, parts in table.get("joined", {}).items()},
    )


def _join(parts: Mapping[str, Any]) -> Join:
    return Join(
        tuple(map(normalised, parts["columns"])),
        normalised(parts["within"]),
        frozenset(map(normalised, parts.get("without", ()))),
    )


def _choices(listed: Mapping[str, list[str]]) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            normalised(header),
            frozenset(normalised(word) for word in words if not word.endswith("*")),
            tuple(word.removesuffix("*").casefold() for word in words if word.endswith("*")),
        )
        for header, words in listed.items()
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
        nothing=frozenset(all_of("rows", "nothing")),
        footers=frozenset(all_of("rows", "footers")),
        subtotal_flags=frozenset(all_of("rows", "subtotal_flags")),
        cancelled_prefix=family.get("orders", {}).get("cancelled_prefix", ""),
        codes=frozenset(all_of("not_product", "codes")),
        names=frozenset(all_of("not_product", "names")),
    )
