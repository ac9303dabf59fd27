"""Wide tables, with months, SKUs, countries or warehouses across: each filled cell is a row."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from analytics.ingest import measures, periods, words
from analytics.ingest.formats import PLAIN, Format, format_of
from analytics.ingest.headers import Headers, normalised
from analytics.ingest.identifiers import are_blank
from analytics.ingest.measures import AMOUNTS, COUNTS, HOUSES, PLACES, SOLD, STOCK
from analytics.ingest.periods import Period, Span
from analytics.ingest.reader import Note

VALUES = {"sales": "quantity", "stock": "on_hand"}
ONCE = frozenset(("inbound", "reserved", "discount"))  # stand for the whole row: never repeated

_FIGURE = re.compile(r"[-+(]?[^\w\s]{0,3}\s*\d[\d.,\s' ]*[^\w\s]?\w?[)%]?")
_MOSTLY = 0.8
_CODE = re.compile(r"(?=.*\d)[\w./#-]*[^\W_][\w./#-]*|[^\W\d_]+[-_/]\S*\d\S*")
_SKU_CORNER = "sku"  # a corner such as "Date/SKU" says what stands across
# Of several words for units, which comes first.
_FIRST = {"quantity": frozenset((COUNTS,)), "on_hand": frozenset((STOCK,))}
_SHOWN = 8  # headers in a note


@dataclass(frozen=True, slots=True)
class Across:
    """A wide table: the headers of ``columns`` are values of ``role``, their cells of ``value``.

    ``role`` is ``date``, ``sku``, ``market`` or ``warehouse``; ``value`` the canonical number.
    ``texts`` says what each column stands for where its header alone does not. Where a column
    ``metric`` says of each row what it measures, only the rows that say ``wanted`` (normalised)
    count. ``notes`` are codes and facts: what was decided about the columns.
    """

    role: str
    columns: tuple[int, ...]
    value: str
    texts: tuple[str, ...] = ()
    metric: int | None = None
    wanted: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A wide table that a header can begin; ``is_money`` if it holds no units to be read."""

    columns: dict[str, int]
    across: Across
    grain: str | None = None
    is_money: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """What is known of a sheet when one of its rows is held to be the header."""

    headers: Headers
    below: Sequence[Sequence[str]]
    year: int | None
    name: str  # the file's and the sheet's, normalised
    period: Period | None  # that this name tells
    titles: Sequence[str] = ()  # the file's and the sheet's name, and what stands above the header

    @property
    def month(self) -> date | None:
        """The month that the name tells."""
        is_month = self.period is not None and self.period.grain == "month"
        return self.period.day if self.period and is_month else None

    def cells(self, place: int) -> list[str]:
        """Return what a column holds below the header, as far as it is known."""
        return [row[place] for row in self.below if place < len(row) and row[place]]

    def are_figures(self, place: int) -> bool:
        """Return whether a column holds numbers, as far as it holds anything."""
        cells = self.cells(place)
        figures = sum(bool(_FIGURE.fullmatch(cell)) for cell in cells)
        return bool(cells) and figures >= len(cells) * _MOSTLY

    def is_named(self, kind: str) -> bool:
        """Return whether the name speaks for a plain table of a kind."""
        return any(word in self.name for word in format_of(PLAIN, kind).names)

    @property
    def is_about_money(self) -> bool:
        """Whether the titles speak of amounts and not of units."""
        told = frozenset[str]().union(*map(measures.measures, self.titles))
        return AMOUNTS in told and COUNTS not in told

    def is_money(self, place: int) -> bool:
        """Return whether a column holds amounts, by its header, its cells, or else the titles."""
        told = measures.measures(self.headers.cells[place])
        if AMOUNTS in told or measures.are_money(self.cells(place)):
            return True
        return COUNTS not in told and self.is_about_money

    def fits(self, place: int, value: str) -> bool:
        """Return whether a column's figures can be units sold, or on hand."""
        told = measures.measures(self.headers.cells[place])
        return measures.can_be(value, told) and not self.is_money(place)


def tables(form: Format, grid: Grid, found: Mapping[str, int]) -> Iterator[Table]:
    """Return the wide tables that a header can begin.

    Parameters
    ----------
    form : Format
        How a family writes the kind of table in question.
    grid : Grid
        The header and what stands below it.
    found : mapping of str to int
        Canonical columns that the header names as it stands.
    """
    value = VALUES.get(form.kind)
    if form.rules.across is not None:
        columns = _behind(grid.headers, form.rules.across.after, found)
        if columns:
            across = Across(form.rules.across.role, columns, form.rules.across.value)
            yield Table(_virtual(grid, found, across), across)
    elif form.family == PLAIN and value is not None and "on_hand" not in found:
        yield from _plain(form, grid, found, value)


def _plain(form: Format, grid: Grid, found: Mapping[str, int], value: str) -> Iterator[Table]:
    kept = {name: place for name, place in found.items() if name != value}
    metric, wanted = _metric(grid, kept, value)
    if metric is not None:
        rows = [row for row in grid.below if normalised(row[metric]) == wanted]
        grid = replace(grid, below=rows)
    is_date_row = grid.is_named("stock") if form.kind == "stock" else not _is_only_stock(grid)
    candidates: list[tuple[str, Sequence[int]]] = [("date", ())] if is_date_row else []
    candidates += _others(form, grid, kept, _free(grid, form, kept))
    for role, columns in candidates:
        told = _dates(grid, value) if role == "date" else _units(grid, role, columns, value)
        if told is None or (role == "date" and "sku" not in kept):
            continue
        across = replace(told.across, metric=metric, wanted=wanted)
        notes = (*across.notes, *_once_notes(grid, kept, across))
        across = replace(across, notes=notes)
        is_money = told.is_money or (metric is not None and not wanted)
        yield Table(_virtual(grid, kept, across), across, told.grain, is_money)


def name_measures(*rows: Sequence[str]) -> bool:
    """Return whether any cell names what is measured and nothing else."""
    words = {cell for row in rows for cell in row if cell and not cell[0].isdigit()}
    return any(map(measures.is_all_measure, words))


def belong_together(upper: str, lower: str) -> bool:
    """Return whether one of two cells names a period, and the other one what is measured in it.

    >>> belong_together("Jan", "Qty"), belong_together("销售额", "2月"), belong_together("A", "Qty")
    (True, True, False)
    """
    if not upper or not lower:
        return False
    return any(
        measures.is_all_measure(what) and periods.is_period(when)
        for what, when in ((lower, upper), (upper, lower))
    )


def _is_only_stock(grid: Grid) -> bool:
    return grid.is_named("stock") and not grid.is_named("sales")


def _metric(grid: Grid, kept: Mapping[str, int], value: str) -> tuple[int | None, str]:
    """Return the column that says what each row measures, and which word says units."""
    for place, header in enumerate(grid.headers.cells):
        is_told = measures.names_metric(header)
        if place == kept.get("sku") or (place in kept.values() and not is_told):
            continue
        texts = list(dict.fromkeys(grid.cells(place)))
        if not texts or any(map(str.isdigit, texts[0])):
            continue
        told = [measures.measures(text) for text in texts]
        fitting = [bool(one) and measures.can_be(value, one) for one in told]
        is_plain = all(map(measures.is_all_measure, texts)) and not all(fitting)
        if (is_told and sum(map(bool, told)) * 2 >= len(told)) or is_plain:
            best = [t for t, one in zip(texts, told, strict=True) if one & _FIRST[value]]
            those = [t for t, fits in zip(texts, fitting, strict=True) if fits]
            preferred = [text for text in those if text in best] or those
            return place, normalised(preferred[0]) if preferred else ""
    return None, ""


def _dates(grid: Grid, value: str) -> Table | None:
    """Return the periods across whose figures are units; else those that hold money."""
    cells = grid.headers.cells
    dated = periods.places(cells, grid.year)
    places = dated or range(len(cells))  # the days of a month are mere numbers
    if len(places) < 2 or any(
        measures.is_all_measure(row[place]) for row in grid.below[:1] for place in places
    ):
        return None  # the row below still belongs to the header
    fitting = {place for place in places if cells[place] and grid.fits(place, value)}
    counted = {place for place in fitting if COUNTS in measures.measures(cells[place])}
    span = _span(grid, fitting) or _span(grid, counted)  # sales beside units may be amounts
    if span is not None and not _are_partly_money(grid, places, fitting):
        others = [cells[place] for place in dated if place not in span.places]
        notes = (*_left_out_notes(others), *_new_year_notes(span))
        return _table_of(span, value, notes)
    money = {place for place in places if cells[place] and grid.is_money(place)}
    span = _span(grid, money) or (_span(grid, money | fitting) if money else None)
    return None if span is None else replace(_table_of(span, value, ()), is_money=True)


def _are_partly_money(grid: Grid, places: Iterable[int], fitting: Collection[int]) -> bool:
    """Return whether signs of a currency stand below some of several headers that say the same."""

    def told(place: int) -> frozenset[str]:
        return measures.measures(grid.headers.cells[place])

    signed = {told(place) for place in places if place not in fitting and grid.is_money(place)}
    return any(told(place) in signed for place in fitting)


def _span(grid: Grid, places: Collection[int]) -> Span | None:
    cells = [cell if at in places else "" for at, cell in enumerate(grid.headers.cells)]
    return periods.span_of(cells, grid.year, grid.month)


def _table_of(span: Span, value: str, notes: tuple[Note, ...]) -> Table:
    texts = tuple(f"{day}" for day in span.days)
    return Table({}, Across("date", span.places, value, texts, notes=notes), span.grain)


def _new_year_notes(span: Span) -> list[Note]:
    if not span.is_over_new_year:
        return []
    return [("over_new_year", {"first": f"{min(span.days)}", "last": f"{max(span.days)}"})]


def _left_out_notes(headers: Sequence[str]) -> list[Note]:
    if not headers:
        return []
    shown = ", ".join(headers[:_SHOWN])
    return [("no_units_across", {"count": len(headers), "headers": shown})]


def _once_notes(grid: Grid, kept: Mapping[str, int], across: Across) -> list[Note]:
    """Return a note on what a row says once although it becomes several."""
    headers = [grid.headers.cells[place] for name, place in kept.items() if name in ONCE]
    code = "once_per_row" if across.role == "warehouse" else "not_split"
    return [(code, {"headers": ", ".join(headers)})] if headers else []


def _units(grid: Grid, role: str, columns: Sequence[int], value: str) -> Table | None:
    """Return columns across without those of money; as money if these are all."""
    fitting = tuple(place for place in columns if not grid.is_money(place))
    if len(fitting) < 2:
        return Table({}, Across(role, tuple(columns), value), is_money=True)
    others = [grid.headers.cells[place] for place in columns if place not in fitting]
    return Table({}, Across(role, fitting, value, notes=tuple(_left_out_notes(others))))


def _others(
    form: Format, grid: Grid, kept: Mapping[str, int], free: Sequence[int]
) -> Iterator[tuple[str, Sequence[int]]]:
    """Return what else can lie across: SKUs beside dates; countries or warehouses beside SKUs."""
    is_dated = "date" in kept or grid.period is not None or form.kind == "stock"
    if "sku" in kept and (is_dated or grid.is_named(form.kind)):
        yield from _by_place(form, grid, kept, free)
    elif "date" in kept and "sku" not in kept and len(free) > 1 and _are_skus(grid, kept, free):
        yield "sku", free


def _by_place(
    form: Format, grid: Grid, kept: Mapping[str, int], free: Sequence[int]
) -> Iterator[tuple[str, Sequence[int]]]:
    cells = grid.headers.cells
    value = VALUES[form.kind]
    told = {place: measures.measures(cells[place]) for place in free}
    usable = [place for place in free if measures.can_be(value, told[place])]
    countries = {place for place in usable if words.country(cells[place])}
    houses = {place for place in usable if HOUSES in told[place]}
    if "market" not in kept and len(countries) > 1 and houses <= countries:
        yield "market", sorted(countries)
    if form.kind != "stock" or "warehouse" in kept:
        return
    is_sold = grid.is_named("sales") and not grid.is_named("stock")
    cities = {place for place in usable if PLACES in told[place]}
    found = houses | countries | (cities if houses or grid.is_named("stock") else set())
    if not is_sold and len(found) > 1 and (houses | cities) and not found <= countries:
        yield "warehouse", sorted(found)


def _are_skus(grid: Grid, kept: Mapping[str, int], free: Sequence[int]) -> bool:
    """Return whether headers beside dates are SKUs: codes, or the corner says so; no measures."""
    headers = [grid.headers.cells[place] for place in free]
    is_code = [bool(_CODE.fullmatch(header)) for header in headers]
    others = [header for header, code in zip(headers, is_code, strict=True) if not code]
    is_told = _SKU_CORNER in normalised(grid.headers.cells[kept["date"]])
    return (is_told or sum(is_code) * 2 > len(headers)) and not any(map(_says_measure, others))


def _says_measure(header: str) -> bool:
    return bool(measures.measures(header) & {AMOUNTS, COUNTS, SOLD, STOCK, measures.OTHERS})


def _free(grid: Grid, form: Format, kept: Mapping[str, int]) -> list[int]:
    """Return the columns of figures that no canonical column claims and that are no totals."""
    used = set(kept.values())
    return [
        place
        for place, cell in enumerate(grid.headers.cells)
        if cell
        and place not in used
        and normalised(cell) not in form.words.totals
        and grid.are_figures(place)
    ]


def _behind(headers: Headers, after: str, found: Mapping[str, int]) -> tuple[int, ...]:
    start = headers.place(after)
    if start is None:
        return ()
    used = set(found.values())
    cells = enumerate(headers.cells)
    return tuple(place for place, cell in cells if place > start and cell and place not in used)


def _virtual(grid: Grid, found: Mapping[str, int], across: Across) -> dict[str, int]:
    """Return the columns of the unrolled table: what lies across comes behind the sheet's own."""
    width = len(grid.headers.cells)
    taken = {across.role, across.value, *(ONCE if across.role != "warehouse" else ())}
    own = {
        name: place
        for name, place in found.items()
        if name not in taken and place not in across.columns
    }
    return {**own, across.role: width, across.value: width + 1}


@dataclass(frozen=True, slots=True)
class Unrolled:
    """The filled cells of a wide table, row by row and from left to right.

    ``rows`` are rows of the table, ``columns`` places among those across, ``values`` the texts.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: pa.Array


def unrolled(table: pa.Table, across: Across) -> Unrolled:
    """Return the cells of ``table`` (``c0`` to ``cN``) that lie across and hold something."""
    rows: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.int32]] = []
    values: list[pa.Array] = []
    for place, index in enumerate(across.columns):
        cells = table[f"c{index}"].combine_chunks()
        filled = np.flatnonzero(~are_blank(cells).to_numpy(zero_copy_only=False))
        rows.append(filled)
        columns.append(np.full(len(filled), place, np.int32))
        values.append(cells.take(pa.array(filled)))
    row, column = np.concatenate(rows), np.concatenate(columns)
    order = np.lexsort((column, row))
    texts = pa.concat_arrays(values).take(pa.array(order))
    return Unrolled(row[order], column[order], texts)


def said(across: Across, headers: Sequence[str]) -> list[str]:
    """Return what each column across stands for."""
    return list(across.texts) or [headers[place] for place in across.columns]


def column_of(across: Across, places: NDArray[np.int32], headers: Sequence[str]) -> pa.Array:
    """Return the role's text of each unrolled row, as a dictionary."""
    texts = pa.array(said(across, headers), pa.large_string())
    distinct = pc.unique(texts)
    known = pc.index_in(texts, distinct).to_numpy(zero_copy_only=False).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(known[places]), distinct)
