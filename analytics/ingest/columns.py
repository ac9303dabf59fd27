"""The columns of one sheet below its header, each distinct text kept once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from analytics.ingest.identifiers import are_blank
from analytics.ingest.reader import RawSheet
from analytics.ingest.recognition import Recognition

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Texts:
    """One column: its distinct texts, and for each row its place among them.

    Real columns hold few distinct texts, so whatever is asked of a text is asked of these.
    """

    distinct: pa.Array
    places: pa.Array

    @classmethod
    def of(cls, texts: pa.Array | pa.ChunkedArray) -> "Texts":
        """Return the column of ``texts``."""
        whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
        encoded = whole.dictionary_encode()
        return cls(encoded.dictionary, encoded.indices)

    @classmethod
    def constant(cls, text: str, rows: int) -> "Texts":
        """Return a column that says the same in every row."""
        places = pa.array(np.zeros(rows, np.int32))
        return cls(pa.array([text], pa.large_string()), places)

    def each(self, clean: Callable[[pa.Array], pa.Array]) -> pa.Array:
        """Return ``clean`` of each row's text."""
        return clean(self.distinct).take(self.places)

    def said(self, clean: Callable[[pa.Array], pa.Array]) -> pa.Array:
        """Return ``clean`` of each row's text, null where the text stands for nothing."""

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
        return self.distinct.take(self.places.take(pa.array(rows)))

    def unreadable(self, values: pa.Array) -> Mask:
        """Return which rows say something that gave no value."""
        blank = as_mask(self.each(are_blank))
        return np.logical_not(blank | as_mask(values.is_valid()))


@dataclass(frozen=True)
class Body:
    """The rows below the header; columns are read from the Arrow file when they are asked for."""

    sheet: RawSheet
    recognition: Recognition
    fixed: Mapping[str, str]  # what every row means although no column says so
    _read: dict[int, Texts] = field(default_factory=dict, repr=False)

    @cached_property
    def table(self) -> pa.Table:
        """All columns, mapped into memory, not yet read."""
        whole = pa.ipc.open_file(pa.memory_map(str(self.sheet.data))).read_all()
        return whole.slice(self.recognition.header_row + 1)

    @property
    def rows(self) -> int:
        """Number of rows below the header."""
        return int(self.table.num_rows)

    @cached_property
    def row_numbers(self) -> pa.Array:
        """Each row's number in its sheet, as a spreadsheet program shows it."""
        return pa.array(self.table["row_no"].to_numpy(), pa.int32())

    @cached_property
    def filled(self) -> NDArray[np.int32]:
        """How many cells of each row hold something, in any column."""
        counts = np.zeros(self.rows, np.int32)
        for index in range(self.sheet.width):
            counts += as_mask(pc.greater(pc.binary_length(self.table[f"c{index}"]), 0))
        return counts

    def at(self, index: int) -> Texts:
        """Return the cells of one column."""
        if index not in self._read:
            self._read[index] = Texts.of(self.table[f"c{index}"])
        return self._read[index]

    def text(self, name: str) -> Texts | None:
        """Return the cells of a canonical column; None if the sheet does not have it."""
        index = self.recognition.columns.get(name)
        if index is not None:
            return self.at(index)
        return Texts.constant(self.fixed[name], self.rows) if name in self.fixed else None

    def header(self, name: str) -> str:
        """Return what the sheet calls a canonical column; its own name if it has none."""
        index = self.recognition.columns.get(name, self.recognition.line_totals.get(name, -1))
        headers = self.recognition.headers
        return (headers[index] if 0 <= index < len(headers) else "") or name


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
