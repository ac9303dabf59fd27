"""What a sheet holds: which table, under which headers, and where the header stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from analytics import schema
from analytics.ingest.formats import PLAIN, Format, format_of, formats
from analytics.ingest.headers import bare, fingerprint, normalised
from analytics.ingest.reader import RawSheet

_NAMED = 2.0  # what a telling file or sheet name is worth, in optional columns
_REQUIRED = 5.0
_SKU = 3.0
_MONTHS = frozenset(map(normalised, ("month", "月份", "年月", "月")))
_WEEKS = frozenset(
    map(normalised, ("week", "week start", "week starting", "week of", "周", "周次", "自然周"))
)
_FIGURES = tuple("0123456789")


@dataclass(frozen=True, slots=True)
class Recognition:
    """How a sheet is understood; every part can be overruled by the user.

    ``columns`` maps canonical names to column indices, ``also`` to further columns of the same
    meaning, ``line_totals`` to columns with the whole line's amount, ``rivals`` the required ones
    to columns that could be meant instead. ``header_row`` counts from 0.
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


@dataclass(frozen=True, slots=True)
class _Match:
    """One format held against one row as its header."""

    format: Format
    row: int
    columns: Mapping[str, int]
    is_own: bool  # the family's telling headers are all there

    @property
    def missing(self) -> tuple[str, ...]:
        required = schema.TABLES[self.format.kind].required
        return tuple(name for name in required if not self._is_known(name))

    def _is_known(self, name: str) -> bool:
        by_name = name == "date" and self.format.dated_by_name
        return name in self.columns or name in self.format.fixed or by_name

    def score(self, name: str) -> tuple[bool, bool, float, int]:
        """Return how much speaks for this match; ``name`` is the file's and the sheet's."""
        required = schema.TABLES[self.format.kind].required
        weights = dict.fromkeys(required, _REQUIRED) | {"sku": _SKU}
        columns = sum(weights.get(column, 1.0) for column in self.columns)
        named = _NAMED if any(word in name for word in self.format.names) else 0.0
        return self.is_own, not self.missing, columns + named, -self.row


def recognise(
    sheet: RawSheet, *, kind: str | None = None, columns: Mapping[str, int] | None = None
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

    Returns
    -------
    Recognition
        ``missing`` names the required columns that were not found.
    """
    name = normalised(f"{sheet.file} {sheet.sheet}")
    best = max(_matches(sheet, kind), key=lambda match: match.score(name))
    if columns is None:
        return _recognition(sheet, best, best.columns)
    inside = {name: index for name, index in columns.items() if 0 <= index < sheet.width}
    return _recognition(sheet, best, inside)


def _matches(sheet: RawSheet, kind: str | None) -> Iterator[_Match]:
    candidates = [one for one in formats() if kind is None or one.kind == kind]
    fallback = format_of(PLAIN, kind or "sales")
    yield _Match(fallback, _first_full_row(sheet.head), {}, is_own=False)
    for row, cells in enumerate(sheet.head):
        if _is_figures(cells):
            continue
        headers = _Headers.of(cells)
        for one in candidates:
            is_own = bool(one.requires) and one.requires <= headers.names
            if is_own or one.family == PLAIN:
                found = headers.columns(one.columns)
                if found and len(headers.full) > 1:
                    yield _Match(one, row, found, is_own)


def _is_figures(cells: Sequence[str]) -> bool:
    """Return whether most of a row's cells begin with a digit, as in data and never in a header."""
    filled = [cell.lstrip("+-(") for cell in cells if cell]
    return sum(cell.startswith(_FIGURES) for cell in filled) * 2 > len(filled)


@dataclass(frozen=True, slots=True)
class _Headers:
    """A row's cells by normalised name; of two equal ones the first counts."""

    full: Mapping[str, int]
    bare: Mapping[str, int]

    @classmethod
    def of(cls, cells: Sequence[str]) -> "_Headers":
        indexed = [(i, cell) for i, cell in reversed(list(enumerate(cells))) if cell]
        return cls(
            {normalised(cell): i for i, cell in indexed}, {bare(cell): i for i, cell in indexed}
        )

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.full) | frozenset(self.bare)

    def columns(self, wanted: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
        """Return the column of each canonical name; no column serves two names."""
        found: dict[str, int] = {}
        for known in (self.full, self.bare):
            for name, aliases in wanted.items():
                taken = set(found.values())
                hits = (known[a] for a in aliases if a in known and known[a] not in taken)
                if name not in found and (hit := next(hits, None)) is not None:
                    found[name] = hit
        return found

    def all_of(self, wanted: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
        """Return every column of each canonical name."""
        known = {**self.bare, **self.full}
        hits = {
            name: tuple(known[a] for a in aliases if a in known) for name, aliases in wanted.items()
        }
        return {name: found for name, found in hits.items() if found}


def _first_full_row(head: Sequence[Sequence[str]]) -> int:
    """Return the first row with as many cells as any, the likeliest header when none is known."""
    filled = [sum(map(bool, row)) for row in head]
    return filled.index(max(filled)) if filled else 0


def _recognition(sheet: RawSheet, best: _Match, columns: Mapping[str, int]) -> Recognition:
    """Return the match as it is handed out, with the user's columns instead of its own."""
    cells = sheet.head[best.row] if sheet.head else ()
    known = _Headers.of(cells)
    form, chosen = best.format, replace(best, columns=columns)
    further = known.all_of(form.also).items()
    totals = known.columns(form.line_totals).items()
    return Recognition(
        kind=form.kind,
        family=form.family,
        header_row=best.row,
        headers=tuple(cells),
        columns=columns,
        missing=chosen.missing,
        fingerprint=fingerprint(cells),
        day_first=form.day_first,
        grain=form.grain or _grain(chosen, cells),
        decimal_mark=form.decimal_mark,
        also={name: i for name, i in further if columns.get(name) == best.columns.get(name)},
        line_totals={n: i for n, i in totals if n not in columns and i not in columns.values()},
        rivals=_rivals(form, known, columns),
    )


def _rivals(
    form: Format, known: _Headers, columns: Mapping[str, int]
) -> dict[str, tuple[int, ...]]:
    """Return what else could be each required column, from left to right."""
    used = set(columns.values())
    found = known.all_of(form.columns)
    rivals = {
        name: tuple(sorted({i for i in found.get(name, ()) if i not in used}))
        for name in schema.TABLES[form.kind].required
        if name in columns
    }
    return {name: others for name, others in rivals.items() if others}


def _grain(best: _Match, cells: Sequence[str]) -> str:
    """Return what one row is: an order line, or the total of a period."""
    if best.format.kind != "sales" or "order_id" in best.columns:
        return "line"
    index = best.columns.get("date", -1)
    header = normalised(cells[index]) if 0 <= index < len(cells) else ""
    if header in _MONTHS:
        return "month"
    return "week" if header in _WEEKS else "day"
