"""Wide tables, with months, SKUs, countries or warehouses across: each filled cell is a row."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from analytics.ingest import periods, words
from analytics.ingest.formats import PLAIN, Format, format_of, formats
from analytics.ingest.headers import Headers, normalised
from analytics.ingest.identifiers import are_blank
from analytics.ingest.periods import Period

VALUES = {"sales": "quantity", "stock": "on_hand"}

_FIGURE = re.compile(r"[-+(]?[^\w\s]{0,3}\s*\d[\d.,\s' ]*[)%]?")
_MOSTLY = 0.8
_HOUSE = re.compile(r"(?i)仓|倉|warehouse|depot|\bfba\b|\bawd\b|\b3pl\b|海外")
_OTHER = re.compile(r"(?i)[销售价率天日周月]|price|sales|sold|days?|week|month|cost|rate|%")
_FIGURES = re.compile(
    r"(?i)session|view|visit|click|impression|revenue|amount|spend|profit|price|cost|order|unit|rate|%"
    r"|访|浏览|点击|曝光|金额|销售额|花费|利润|订单|率"
)
_CODE = re.compile(r"\d|[-_/]")


@dataclass(frozen=True, slots=True)
class Across:
    """A wide table: the headers of ``columns`` are values of ``role``, their cells of ``value``.

    ``role`` is ``date``, ``sku``, ``market`` or ``warehouse``; ``value`` the canonical number.
    ``texts`` says what each column stands for where its header alone does not.
    """

    role: str
    columns: tuple[int, ...]
    value: str
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """What is known of a sheet when one of its rows is held to be the header."""

    headers: Headers
    below: Sequence[Sequence[str]]
    year: int | None
    name: str  # the file's and the sheet's, normalised
    period: Period | None  # that this name tells

    @property
    def month(self) -> date | None:
        """The month that the name tells."""
        is_month = self.period is not None and self.period.grain == "month"
        return self.period.day if self.period and is_month else None

    def are_figures(self, place: int) -> bool:
        """Return whether a column holds numbers, as far as it holds anything."""
        cells = [row[place] for row in self.below if place < len(row) and row[place]]
        figures = sum(bool(_FIGURE.fullmatch(cell)) for cell in cells)
        return bool(cells) and figures >= len(cells) * _MOSTLY


def tables(
    form: Format, grid: Grid, found: Mapping[str, int]
) -> Iterator[tuple[dict[str, int], Across, str | None]]:
    """Return the wide tables that a header can begin: columns, what lies across, and its grain.

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
            yield _virtual(grid, found, across), across, None
    elif form.family == PLAIN and value is not None:
        yield from _plain(form, grid, found, value)


def _plain(
    form: Format, grid: Grid, found: Mapping[str, int], value: str
) -> Iterator[tuple[dict[str, int], Across, str | None]]:
    is_named = any(word in grid.name for word in form.names)
    kept = {name: place for name, place in found.items() if name != value}
    free = _free(grid, form, kept)
    if "sku" in found and (is_named if form.kind == "stock" else not _is_stock(grid) or is_named):
        span = periods.span_of(grid.headers.cells, grid.year, grid.month)
        if span is not None:
            texts = tuple(f"{day}" for day in span.days)
            across = Across("date", span.places, value, texts)
            yield _virtual(grid, kept, across), across, span.grain
    for role, columns in _others(form, grid, kept, free, is_named=is_named):
        across = Across(role, columns, value)
        yield _virtual(grid, kept, across), across, None


def _others(
    form: Format,
    grid: Grid,
    kept: Mapping[str, int],
    free: Sequence[int],
    *,
    is_named: bool,
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Return what else can lie across: SKUs beside dates; countries or warehouses beside SKUs."""
    cells = grid.headers.cells
    is_dated = "date" in kept or grid.period is not None or form.kind == "stock"
    if "sku" in kept and is_dated:
        countries = {place for place in free if words.country(cells[place])}
        told = {place for place in free if _HOUSE.search(cells[place])}
        if len(countries) > 1 and told <= countries:
            yield "market", tuple(sorted(countries))
        houses = [at for at in free if at in told or (is_named and _is_place(cells[at]))]
        if form.kind == "stock" and len(houses) > 1 and not set(houses) <= countries:
            yield "warehouse", tuple(houses)
    elif "date" in kept and "sku" not in kept and len(free) > 1:
        codes = sum(bool(_CODE.search(cells[place])) for place in free)
        if (is_named or codes * 2 >= len(free)) and not any(
            _FIGURES.search(cells[p]) for p in free
        ):
            yield "sku", tuple(free)


def _is_stock(grid: Grid) -> bool:
    return any(word in grid.name for word in format_of(PLAIN, "stock").names)


def _is_place(header: str) -> bool:
    """Return whether a header can be a warehouse's name: it means nothing else."""
    return normalised(header) not in _known_headers() and not _OTHER.search(header)


@cache
def _known_headers() -> frozenset[str]:
    plain = (one for one in formats() if one.family == PLAIN)
    return frozenset(header for one in plain for known in one.columns.values() for header in known)


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
    taken = {across.role, across.value}
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
