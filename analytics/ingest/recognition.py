"""What a sheet holds: which table, under which headers, and where the header stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from analytics import schema
from analytics.ingest import guesses, hints, periods, wide
from analytics.ingest.formats import PLAIN, Format, format_of, formats
from analytics.ingest.headers import Headers, fingerprint, normalised
from analytics.ingest.periods import Period
from analytics.ingest.reader import RawSheet
from analytics.ingest.wide import Across, Grid

__all__ = ["Across", "Recognition", "recognise"]

NO_HEADER = -1

_NAMED = 2.0  # what a telling file or sheet name is worth, in optional columns
_BELIED = 4.0  # and one that says stock of sales, or sales of stock
_REQUIRED = 5.0
_SKU = 3.0
_REFUSED = 6.0  # so much less is a wide table worth of which nothing would be taken
_MONTHS = frozenset(map(normalised, ("month", "月份", "年月", "月")))
_WEEKS = frozenset(
    normalised(header)
    for header in (
        *("week", "week start", "week starting", "week of", "week ending", "week end"),
        *("week ended", "week ending date", "周", "周次", "自然周", "周结束日期", "周末日期", "週"),
    )
)
_FIGURES = tuple("0123456789")
_WORST = frozenset(("status",))  # columns whose further ones never stand in for them alone


@dataclass(frozen=True, slots=True)
class Recognition:
    """How a sheet is understood; every part can be overruled by the user.

    ``columns`` maps canonical names to column indices, ``also`` to further columns of the same
    meaning, ``line_totals`` to columns with the whole line's amount, ``rivals`` the required ones
    to columns that could be meant instead. ``header_row`` counts from 0; -1 is a sheet without one.
    ``across`` is set for a wide table: then ``columns`` maps its role to the sheet's width and its
    value to the width + 1, as if these columns followed the sheet's own.

    ``is_grain_told`` says whether anything tells the grain; if not, the dates may, see `grains`.

    ``content`` is ``table``, ``text`` for a page of notes, ``money`` for a wide table of amounts,
    or ``other`` for a known report that holds none of the tables; ``time_zone`` (IANA) and
    ``currency`` are for times and amounts whose rows name none.
    """

    kind: str
    family: str
    header_row: int
    headers: tuple[str, ...]
    columns: Mapping[str, int]
    missing: tuple[str, ...]
    fingerprint: str
    day_first: bool | None
    grain: str
    decimal_mark: str | None = None
    also: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    line_totals: Mapping[str, int] = field(default_factory=dict)
    rivals: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    across: Across | None = None
    time_zone: str | None = None
    currency: str | None = None
    content: str = guesses.TABLE
    is_grain_told: bool = True


@dataclass(frozen=True, slots=True)
class _Match:
    """One format held against one row as its header."""

    format: Format
    row: int
    headers: Headers
    columns: Mapping[str, int]
    is_own: bool  # the family's telling headers are all there
    period: Period | None
    across: Across | None = None
    grain: str | None = None
    is_joined: bool = False  # the header is two rows taken together
    is_money: bool = False  # what lies across is amounts: a table that is refused

    @property
    def missing(self) -> tuple[str, ...]:
        required = schema.TABLES[self.format.kind].required
        return tuple(name for name in required if not self._is_known(name))

    def _is_known(self, name: str) -> bool:
        return (
            name in self.columns
            or name in self.format.fixed
            or (name == "date" and self._is_dated_by_name)
            or (name == "quantity" and counts_rows(self.format, self.columns))
        )

    @property
    def _is_dated_by_name(self) -> bool:
        is_plain = self.format.family == PLAIN and self.format.kind == "sales"
        return (self.format.dated_by_name or is_plain) and self.period is not None

    def score(self, name: str, named: str | None) -> tuple[bool, bool, float, int, bool]:
        """Return how much speaks for this match.

        ``name`` is the file's and the sheet's, ``named`` the kind of `hints.kind_named`.
        """
        required = schema.TABLES[self.format.kind].required
        weights = dict.fromkeys(required, _REQUIRED) | {"sku": _SKU}
        unearned = {self.across.role} - set(required) if self.across else set[str]()
        columns = sum(weights.get(column, 1.0) for column in self.columns.keys() - unearned)
        columns -= _REFUSED if self.is_money else 0.0
        columns += _NAMED if any(word in name for word in self.format.names) else 0.0
        columns -= _BELIED if self._is_belied(named) else 0.0
        return self.is_own, not self.missing, columns, -self.row, not self.is_joined

    def _is_belied(self, named: str | None) -> bool:
        """Return whether the name says stock of sales, or sales of stock."""
        return named is not None and {named, self.format.kind} == {"sales", "stock"}


def counts_rows(form: Format, columns: Mapping[str, int]) -> bool:
    """Return whether each row is one unit, because nothing else says how many there are."""
    needed = form.rules.unit_rows
    return bool(needed) and "quantity" not in columns and needed <= columns.keys()


def recognise(
    sheet: RawSheet,
    *,
    kind: str | None = None,
    columns: Mapping[str, int] | None = None,
    header_row: int | None = None,
) -> Recognition:
    """Return how ``sheet`` is best understood.

    Parameters
    ----------
    sheet : RawSheet
        A sheet as text.
    kind : str, optional
        The user's word for what it holds, a key of `schema.TABLES`.
    columns : mapping of str to int, optional
        The user's columns, canonical name to index; they replace what was recognised.
    header_row : int, optional
        The user's header, counted from 0; -1 if there is none.

    Returns
    -------
    Recognition
        ``missing`` names the required columns that were not found.
    """
    name = normalised(f"{sheet.file} {sheet.sheet}")
    named = hints.kind_named(sheet.file, sheet.sheet) if kind is None else kind
    matches = _matches(sheet, kind, header_row, named)
    best = max(matches, key=lambda match: match.score(name, named))
    other = guesses.other_report(sheet.head) if kind is None and not best.is_own else None
    if other is not None and columns is None:
        return replace(_recognition(sheet, best, {}), family=other, content=guesses.OTHER)
    if best.missing and columns is None and kind in (None, "sales"):
        best = _without_header(sheet, best, header_row)
    if columns is None:
        return _recognition(sheet, best, best.columns)
    last = sheet.width + (2 if best.across else 0)
    inside = {name: index for name, index in columns.items() if 0 <= index < last}
    return _recognition(sheet, best, inside)


def _matches(
    sheet: RawSheet, kind: str | None, header_row: int | None, named: str | None
) -> Iterator[_Match]:
    name = normalised(f"{sheet.file} {sheet.sheet}")
    candidates = [
        one for one in formats() if (not one.by_hand if kind is None else one.kind == kind)
    ]
    period = periods.period_in(sheet.file, sheet.sheet)
    short = periods.period_in(sheet.file, sheet.sheet, month_first=True)
    fallback = format_of(PLAIN, kind or "sales")
    row = _first_full_row(sheet.head) if header_row is None else header_row
    yield _Match(fallback, row, _headers_at(sheet, row), {}, is_own=False, period=period)
    for row, headers, is_joined in _header_rows(sheet, header_row):
        titles = [sheet.file, sheet.sheet, *(cell for above in sheet.head[:row] for cell in above)]
        year = periods.year_in(titles)
        grid = Grid(headers, sheet.head[row + 1 :], year, name, period, titles)
        for one in candidates:
            is_own = one.is_told_by(headers.names)
            if is_own or one.family == PLAIN:
                told = short if one.month_first_in_name else period
                first = _Match(one, row, headers, {}, is_own, told, is_joined=is_joined)
                found = _held_against(first, grid, named, is_figures=_is_figures(headers.cells))
                yield from found if kind else _believable(found, named)


def _believable(matches: Iterator[_Match], named: str | None) -> Iterator[_Match]:
    """Return matches without stock that only a wide table of sales looks like, and the like."""
    for match in matches:
        form = match.format
        is_wide = form.family == PLAIN and form.kind == "stock" and match.across is not None
        is_list = hints.is_no_list(form, match.headers, match.columns, named)
        if not is_list and not (is_wide and named == "sales"):
            yield match


def _header_rows(sheet: RawSheet, header_row: int | None) -> Iterator[tuple[int, Headers, bool]]:
    """Return what may be the header: each of the first rows, alone and with the one above it."""
    for row, cells in enumerate(sheet.head):
        if header_row is None or header_row == row:
            yield row, Headers(tuple(cells)), False
            joined = _joined(sheet.head[row - 1], cells) if row else None
            if joined:
                yield row, Headers(joined), True


def _joined(above: Sequence[str], below: Sequence[str]) -> tuple[str, ...] | None:
    """Return two rows as one header, if the upper one names what the lower one leaves blank.

    What stands above a month or week belongs to it and to those on its right.
    """
    is_split = any(a and not b for a, b in zip(above, below, strict=True))
    if not any(below) or not (is_split or wide.name_measures(above, below)):
        return None
    cells: list[str] = []
    group = ""
    for upper, lower in zip(above, below, strict=True):
        group = upper or group
        if wide.belong_together(group, lower):
            is_split = True
            cells.append(f"{group} {lower}")
            continue
        is_part = bool(lower) and periods.period_in(f"{group}", lower) is not None
        alone = periods.period_in(lower) if lower else None
        cells.append(f"{group} {lower}" if is_part and alone is None else lower or upper)
    return tuple(cells) if is_split else None


def _held_against(
    blank: _Match, grid: Grid, named: str | None, *, is_figures: bool
) -> Iterator[_Match]:
    """Return what a row means as the header of a format: a long table, or wide ones."""
    form, headers = blank.format, blank.headers
    found = hints.without_states(_columns(form, headers, named), headers, grid.below)
    if not found or not 1 < len(headers.full) <= form.max_columns:
        return
    for table in wide.tables(form, grid, found):
        if not is_figures or table.across.role in ("date", "sku"):
            yield replace(
                blank,
                columns=table.columns,
                across=table.across,
                grain=table.grain,
                is_money=table.is_money,
            )
    if not is_figures and len(found) >= form.min_columns:
        yield replace(blank, columns=found)


def _columns(form: Format, headers: Headers, named: str | None) -> dict[str, int]:
    """Return the canonical columns of a header.

    A further column stands in for one that is not there; a slip of the pen is forgiven.
    """
    found = headers.columns(form.columns)
    if named == form.kind and not hints.has_orders(headers):
        vague = headers.columns(form.if_named).items()
        found |= {n: at for n, at in vague if n not in found and at not in found.values()}
    for name, aliases in form.also.items():
        places = headers.places(aliases)
        if name not in found and places and name not in _WORST:
            found = {other: at for other, at in found.items() if at != places[0]}
            found[name] = places[0]
    required = schema.TABLES[form.kind].required
    if found and any(name not in found for name in required):
        found |= headers.mistyped(form.columns, found)
    counted = {headers.place(sku): units for sku, units in form.rules.quantity_of.items()}
    units = headers.place(counted.get(found.get("sku"), ""))
    return found if units is None else {**found, "quantity": units}


def _is_figures(cells: Sequence[str]) -> bool:
    """Return whether most of a row's cells begin with a digit, as in data and never in a header."""
    filled = [cell.lstrip("+-(") for cell in cells if cell]
    return sum(cell.startswith(_FIGURES) for cell in filled) * 2 > len(filled)


def _first_full_row(head: Sequence[Sequence[str]]) -> int:
    """Return the first row with as many cells as any, the likeliest header when none is known."""
    filled = [sum(map(bool, row)) for row in head]
    return filled.index(max(filled)) if filled else 0


def _headers_at(sheet: RawSheet, row: int) -> Headers:
    is_there = 0 <= row < len(sheet.head)
    return Headers(tuple(sheet.head[row]) if is_there else ("",) * sheet.width)


def _without_header(sheet: RawSheet, best: _Match, header_row: int | None) -> _Match:
    """Return the sheet as sales that begin in its first row, if its cells tell the columns."""
    if header_row not in (None, NO_HEADER):
        return best
    columns = guesses.columns_by_content(sheet.head)
    if not columns:
        return best
    headers = Headers(("",) * sheet.width)
    return _Match(format_of(PLAIN, "sales"), NO_HEADER, headers, columns, False, best.period)


def _recognition(sheet: RawSheet, best: _Match, columns: Mapping[str, int]) -> Recognition:
    """Return the match as it is handed out, with the user's columns instead of its own."""
    known, form = best.headers, best.format
    across = best.across
    if across is not None and best.is_money:  # refused; the user's own columns are not
        virtual = {across.role, across.value}
        columns = {n: i for n, i in columns.items() if n not in virtual or i < sheet.width}
    chosen = replace(best, columns=columns, across=_across(best, columns, sheet.width))
    totals = known.columns(form.line_totals).items()
    is_prose = bool(chosen.missing) and guesses.is_prose(sheet.head)
    return Recognition(
        kind=form.kind,
        family=form.family,
        header_row=best.row,
        headers=known.cells,
        columns=columns,
        missing=chosen.missing,
        fingerprint=fingerprint(known.cells),
        day_first=form.day_first,
        grain=(chosen.across and chosen.grain) or _grain(chosen) or "day",
        decimal_mark=form.decimal_mark,
        also=_also(best, columns),
        line_totals={}
        if chosen.across  # a total says nothing of the price of one part
        else {n: i for n, i in totals if n not in columns and i not in columns.values()},
        rivals=_rivals(form, known, columns),
        across=chosen.across,
        content=_content(best, chosen, is_prose=is_prose),
        is_grain_told=bool(chosen.across and chosen.grain) or _grain(chosen) is not None,
    )


def _content(best: _Match, chosen: _Match, *, is_prose: bool) -> str:
    if best.is_money and chosen.missing:
        return guesses.MONEY
    return guesses.TEXT if is_prose else guesses.TABLE


def _also(best: _Match, columns: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    """Return further columns of those that are read as the family means them."""
    known = best.headers.all_of(best.format.also).items()
    others = {name: tuple(i for i in places if i != columns.get(name)) for name, places in known}
    return {
        name: places
        for name, places in others.items()
        if places and columns.get(name) == best.columns.get(name)
    }


def _across(best: _Match, columns: Mapping[str, int], width: int) -> Across | None:
    """Return what lies across, unless the user's columns have no place for it."""
    across = best.across
    if across is None:
        return None
    is_kept = columns.get(across.role) == width and columns.get(across.value) == width + 1
    return across if is_kept else None


def _rivals(form: Format, known: Headers, columns: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    """Return what else could be each required column, from left to right."""
    used = set(columns.values())
    found = known.all_of(form.columns)
    rivals = {
        name: tuple(sorted({i for i in found.get(name, ()) if i not in used}))
        for name in schema.TABLES[form.kind].required
        if name in columns
    }
    return {name: others for name, others in rivals.items() if others}


def _grain(match: _Match) -> str | None:
    """Return what one row is: an order line, or the total of a period; None if nothing tells."""
    form, columns = match.format, match.columns
    if form.kind != "sales":
        return form.grain or "line"
    if "date" not in columns and match.period is not None and match.period.grain != "day":
        return match.period.grain
    if form.grain or "order_id" in columns:
        return form.grain or "line"
    index = columns.get("date", NO_HEADER)
    cells = match.headers.cells
    header = normalised(cells[index]) if 0 <= index < len(cells) else ""
    if header in _MONTHS:
        return "month"
    return "week" if header in _WEEKS else "day" if "date" not in columns else None
