"""The columns of one sheet below its header, each distinct text kept once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial, reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from analytics import schema
from analytics.ingest import numerals, wide
from analytics.ingest.formats import Format, format_of
from analytics.ingest.headers import Headers, normalised
from analytics.ingest.identifiers import LONGEST, are_blank
from analytics.ingest.reader import RawSheet
from analytics.ingest.recognition import Recognition
from analytics.schema import Kind

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]

_MANY = 20_000  # rows from which on it matters how a column is kept
_SAMPLE = 4_096
_ENOUGH = 2  # blank columns that tell a further line of an order from a slip


@dataclass(frozen=True)
class Texts:
    """One column, each row's text: as a dictionary of its distinct texts, as most columns hold few.

    A column of nearly as many texts as rows (order numbers, times) is kept as it is: to look for
    equal ones would cost more than it saves. What is asked of a text gives the same answer in both.
    """

    cells: pa.Array

    @classmethod
    def of(cls, texts: pa.Array | pa.ChunkedArray) -> "Texts":
        """Return the column of ``texts``."""
        is_plain = _are_mostly_distinct(texts)
        whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
        return cls(whole if is_plain else whole.dictionary_encode())

    @classmethod
    def constant(cls, text: str, rows: int) -> "Texts":
        """Return a column that says the same in every row."""
        places = pa.array(np.zeros(rows, np.int32))
        return cls(pa.DictionaryArray.from_arrays(places, pa.array([text], pa.large_string())))

    @cached_property
    def _encoded(self) -> pa.DictionaryArray:
        return self.cells if self.is_encoded else self.cells.dictionary_encode()

    @property
    def is_encoded(self) -> bool:
        """Whether the distinct texts are known already."""
        return bool(pa.types.is_dictionary(self.cells.type))

    @property
    def distinct(self) -> pa.Array:
        """The distinct texts, in the order in which they appear."""
        return self._encoded.dictionary

    @property
    def places(self) -> pa.Array:
        """Each row's place among the distinct texts."""
        return self._encoded.indices

    @cached_property
    def blank(self) -> Mask:
        """Which rows' texts stand for nothing."""
        if not self.is_encoded and (pc.min(pc.binary_length(self.cells)).as_py() or 0) > LONGEST:
            return np.zeros(len(self.cells), np.bool_)
        blank = as_mask(are_blank(self.distinct if self.is_encoded else self.cells))
        if not blank.any():
            return np.zeros(len(self.cells), np.bool_)
        return blank[self.places.to_numpy()] if self.is_encoded else blank

    def each(self, clean: Callable[[pa.Array], pa.Array]) -> pa.Array:
        """Return ``clean`` of each row's text."""
        if self.is_encoded:
            return clean(self.distinct).take(self.places)
        return clean(self.cells)

    def said(self, clean: Callable[[pa.Array], pa.Array]) -> pa.Array:
        """Return ``clean`` of each row's text, null where the text stands for nothing."""
        if not self.is_encoded and not self.blank.any():
            return clean(self.cells)

        def unless_blank(texts: pa.Array) -> pa.Array:
            values = clean(texts)
            return pc.if_else(are_blank(texts), pa.scalar(None, values.type), values)

        return self.each(unless_blank)

    def where(self, test: Callable[[str], bool]) -> Mask:
        """Return which rows' texts pass ``test``."""
        passed = np.fromiter(map(test, self.distinct.to_pylist()), np.bool_, len(self.distinct))
        return passed[self.places.to_numpy()] if len(passed) else np.zeros(0, np.bool_)

    def only(self, rows: Rows) -> "Texts":
        """Return the column of some rows."""
        return Texts.of(self.at(rows))

    def at(self, rows: Rows) -> pa.Array:
        """Return the texts of some rows."""
        found = self.cells.take(pa.array(rows))
        return found.dictionary_decode() if self.is_encoded else found

    def unreadable(self, values: pa.Array) -> Mask:
        """Return which rows say something that gave no value."""
        if not values.null_count:
            return np.zeros(len(values), np.bool_)
        return np.logical_not(self.blank | as_mask(values.is_valid()))


def _are_mostly_distinct(texts: pa.Array | pa.ChunkedArray) -> bool:
    if len(texts) < _MANY:
        return False
    middle = texts.slice(len(texts) // 2, _SAMPLE)
    return bool(pc.count_distinct(middle).as_py() > len(middle) // 2)


@dataclass(frozen=True)
class Body:
    """The rows below the header; columns are read from the Arrow file when they are asked for.

    Of a wide table each filled cell is a row, and what lies across are two columns more.
    """

    sheet: RawSheet
    recognition: Recognition
    fixed: Mapping[str, str]  # what every row means although no column says so
    _read: dict[int, Texts] = field(default_factory=dict, repr=False)
    _said: dict[str, Texts | None] = field(default_factory=dict, repr=False)

    @cached_property
    def table(self) -> pa.Table:
        """All columns, mapped into memory, not yet read."""
        whole = pa.ipc.open_file(pa.memory_map(str(self.sheet.data))).read_all()
        return whole.slice(self.recognition.header_row + 1)

    @cached_property
    def form(self) -> Format:
        """How the family writes this kind of table."""
        return format_of(self.recognition.family, self.recognition.kind)

    @cached_property
    def unrolled(self) -> wide.Unrolled | None:
        """The cells of a wide table; None for any other."""
        across = self.recognition.across
        return None if across is None else wide.unrolled(self.table, across)

    @property
    def rows(self) -> int:
        """Number of rows below the header; of a wide table, of the filled cells across."""
        return int(self.table.num_rows) if self.unrolled is None else len(self.unrolled.rows)

    @cached_property
    def row_numbers(self) -> pa.Array:
        """Each row's number in its sheet, as a spreadsheet program shows it."""
        numbers = self.table["row_no"].to_numpy()
        return pa.array(
            numbers if self.unrolled is None else numbers[self.unrolled.rows], pa.int32()
        )

    @cached_property
    def filled(self) -> NDArray[np.int32]:
        """How many cells of each row hold something, in any column."""
        counts = np.zeros(self.table.num_rows, np.int32)
        for index in range(self.sheet.width):
            counts += as_mask(pc.greater(pc.binary_length(self.table[f"c{index}"]), 0))
        return counts if self.unrolled is None else counts[self.unrolled.rows]

    def at(self, index: int) -> Texts:
        """Return the cells of one column."""
        if index not in self._read:
            self._read[index] = self._column(index)
        return self._read[index]

    def read_ahead(self) -> None:
        """Read the columns that are mapped, two at a time: to tell texts apart takes a while."""
        if self.recognition.across is None and self.rows >= _MANY:
            named = sorted(set(self.recognition.columns.values()))
            with ThreadPoolExecutor(2) as pool:
                self._read.update(zip(named, pool.map(self._column, named), strict=True))

    def _column(self, index: int) -> Texts:
        across, long = self.recognition.across, self.unrolled
        if across is None or long is None:
            return Texts.of(self.table[f"c{index}"])
        if index == self.sheet.width:
            return Texts(wide.column_of(across, long.columns, self.recognition.headers))
        if index > self.sheet.width:
            return Texts.of(long.values)
        return Texts(Texts.of(self.table[f"c{index}"]).cells.take(pa.array(long.rows)))

    def text(self, name: str) -> Texts | None:
        """Return what the sheet says under a canonical name; None if it says nothing.

        Further columns fill in, or are added up; what stands on an order's first line only is
        filled down.
        """
        if name not in self._said:
            own = self._own(name)
            self._said[name] = None if own is None else self._completed(name, own)
        return self._said[name]

    def _own(self, name: str) -> Texts | None:
        index = self.recognition.columns.get(name)
        if index is not None:
            is_repeated = self.unrolled is not None and name in wide.ONCE
            return self._once(self.at(index)) if is_repeated else self.at(index)
        return Texts.constant(self.fixed[name], self.rows) if name in self.fixed else None

    def _once(self, texts: Texts) -> Texts:
        """Return ``texts`` in the first row only of those that one row of the sheet became."""
        assert self.unrolled is not None  # noqa: S101 - as the caller knows
        rows = self.unrolled.rows
        is_first = pa.array(np.diff(rows, prepend=-1) > 0)
        return Texts.of(pc.if_else(is_first, texts.at(np.arange(len(rows))), ""))

    def _completed(self, name: str, own: Texts) -> Texts:
        kind = schema.TABLES[self.recognition.kind].column(name).kind
        further = [self.at(index) for index in self.recognition.also.get(name, ())]
        if further and kind in (Kind.NUMBER, Kind.INTEGER):
            own = _summed([own, *further], self.recognition.decimal_mark or ".")
        elif kind is not Kind.COUNTRY and name != "status":  # these weigh all their columns
            for other in (*self._joined(name), *further):
                own = _filled_up(own, other)
        return self.filled_down(own) if name in self.form.rules.fill_down else own

    def _joined(self, name: str) -> list[Texts]:
        """Return the cells that the family puts together for blank ones of a column, if any."""
        join = self.form.rules.joined.get(name)
        known = self.places(self.form.columns.get(name, ()))
        if join is None or self.recognition.columns.get(name) not in known:
            return []
        parts = [self.at(place) for place in self.places(join.columns)]
        groups = [self.at(place) for place in self.places([join.within])]
        return [joined(parts, groups, join.without)] if parts else []

    def filled_down(self, texts: Texts) -> Texts:
        """Return ``texts`` with blank cells as they stand on an earlier line of the same order."""
        blank = texts.blank
        if self.form.rules.fill_together and blank.any():
            blank = blank & self._is_further_line
        if not blank.any():
            return texts
        here = np.arange(self.rows)
        above = np.maximum.accumulate(np.where(blank, -1, here))
        is_same = (above >= 0) & (self._orders[above] == self._orders)
        return Texts(texts.cells.take(pa.array(np.where(blank & is_same, above, here))))

    @cached_property
    def _orders(self) -> NDArray[np.int64]:
        """A number for each row that lines of one order share."""
        orders = self._own("order_id")
        if orders is None:
            return np.arange(self.rows)
        numbers: NDArray[np.int64] = orders.places.to_numpy().astype(np.int64)
        if "order_id" not in self.form.rules.fill_down:
            return numbers
        is_merged = self._is_further_line & orders.blank
        return numbers[np.maximum.accumulate(np.where(is_merged, 0, np.arange(self.rows)))]

    @cached_property
    def _is_further_line(self) -> Mask:
        """Which rows name goods, but nothing of what stands once per order."""
        names = self.form.rules.fill_down - {"order_id"}
        once = [text for name in names if (text := self._own(name)) is not None]
        goods = self._own("sku")
        if goods is None or len(once) < _ENOUGH:
            return np.zeros(self.rows, np.bool_)
        blank = reduce(np.logical_and, (text.blank for text in once))
        return np.asarray(blank & ~goods.blank, np.bool_)

    def header(self, name: str) -> str:
        """Return what the sheet calls a canonical column; its own name if it has none."""
        index = self.recognition.columns.get(name, self.recognition.line_totals.get(name, -1))
        headers = self.recognition.headers
        return (headers[index] if 0 <= index < len(headers) else "") or name

    def headers_at(self, name: str, rows: Rows) -> list[str]:
        """Return under which header each row's cell stands; of a wide table, that of its column."""
        across = self.recognition.across
        if across is None or self.unrolled is None or name not in (across.role, across.value):
            return [self.header(name)] * len(rows)
        headers = [self.recognition.headers[place] for place in across.columns]
        return [headers[place] for place in self.unrolled.columns[rows]]

    def places(self, headers: Iterable[str]) -> tuple[int, ...]:
        """Return where normalised headers stand, as far as they do."""
        return Headers(self.recognition.headers).places(headers)


def _filled_up(texts: Texts, other: Texts) -> Texts:
    """Return ``texts`` with the other column's cells where its own are blank."""
    if not texts.blank.any():
        return texts
    rows = np.arange(len(texts.cells))
    fills = pa.array(texts.blank & ~other.blank)
    return Texts.of(pc.if_else(fills, other.at(rows), texts.at(rows)))


def joined(parts: Sequence[Texts], groups: Sequence[Texts], without: frozenset[str]) -> Texts:
    """Return a column of cells put together: Cup - Red / L.

    A blank first part is that of the last row above whose ``groups`` are the same.
    """
    rows = np.arange(len(parts[0].cells))
    first, *others = (part.at(rows).to_pylist() for part in parts)
    keys = list(zip(*(group.at(rows).to_pylist() for group in groups), strict=True))
    heads: dict[tuple[str, ...], str] = {}
    texts: list[str] = []
    for row, head in enumerate(first):
        key = keys[row] if keys else (f"{row}",)
        heads[key] = head or heads.get(key, "")
        tail = [cell for part in others if (cell := part[row]) and normalised(cell) not in without]
        texts.append(" - ".join(filter(None, (heads[key], " / ".join(tail)))) if heads[key] else "")
    return Texts.of(pa.array(texts, pa.large_string()))


def _summed(columns: Sequence[Texts], mark: str) -> Texts:
    """Return a column of sums; a row with a cell that is no number keeps that cell."""
    rows = np.arange(len(columns[0].cells))
    whole = pa.nulls(len(rows), pa.float64())
    unread = pa.nulls(len(rows), pa.large_string())
    for column in columns:
        values = column.said(partial(amounts, mark=mark))
        is_unread = pa.array(column.unreadable(values))
        whole = pc.if_else(pc.is_null(values), whole, pc.add(pc.fill_null(whole, 0.0), values))
        unread = pc.coalesce(unread, pc.if_else(is_unread, column.at(rows), None))
    texts = [None if value is None else f"{value:.15g}" for value in whole.to_pylist()]
    return Texts.of(pc.fill_null(pc.coalesce(unread, pa.array(texts, pa.large_string())), ""))


def amounts(texts: pa.Array, *, mark: str) -> pa.Array:
    """Return numbers (float64) that no column decides on, null where a text is none."""
    return numerals.figures(texts).values(mark, percent_is_unit=False)


@dataclass(frozen=True, slots=True)
class Field:
    """One cleaned column; null where nothing was said, or where ``faults`` says why."""

    cells: pa.Array
    faults: Mapping[str, Mask] = field(default_factory=dict)

    @property
    def is_faulty(self) -> Mask:
        """Which rows hold something that cannot be used."""
        return reduce(np.logical_or, self.faults.values(), np.zeros(len(self.cells), np.bool_))


def as_mask(values: pa.Array | pa.ChunkedArray) -> Mask:
    """Return an Arrow boolean column as an array; null is False."""
    known = pc.coalesce(values, pa.scalar(value=False))
    return np.asarray(known.to_numpy(zero_copy_only=False), dtype=np.bool_)
