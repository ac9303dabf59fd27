"""Units by item and day."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Movements:
    """Units by item and day: sales, snapshots or receipts; at most one entry per item and day."""

    item: NDArray[np.int64]
    day: NDArray[np.int64]
    units: NDArray[np.float64]

    @classmethod
    def none(cls) -> Self:
        """Return movements without any entry."""
        nothing = np.empty(0, dtype=np.int64)
        return cls(nothing, nothing, nothing.astype(np.float64))

    @classmethod
    def of(
        cls, item: NDArray[np.int64], day: NDArray[np.int64], units: NDArray[np.float64]
    ) -> Self:
        """Return the entries sorted by item and day, those of one item and day added up."""
        order = np.lexsort((day, item))
        item, day, units = item[order], day[order], units[order]
        first = np.ones(len(item), dtype=bool)
        first[1:] = (item[1:] != item[:-1]) | (day[1:] != day[:-1])
        start = np.flatnonzero(first)
        total = np.add.reduceat(units, start) if len(start) else units
        return cls(item[start], day[start], total)

    def since(self, low: int) -> Self:
        """Return the entries from day ``low`` on, which becomes day 0."""
        here = self.day >= low
        return type(self)(self.item[here], self.day[here] - low, self.units[here])

    def dense(self, rows: NDArray[np.int64], days: int, empty: float) -> NDArray[np.float64]:
        """Return the entries of the items ``rows`` (ascending), shape (n_rows, days)."""
        matrix = np.full((len(rows), days), empty)
        position = np.searchsorted(rows, self.item)
        here = (position < len(rows)) & (rows[np.minimum(position, len(rows) - 1)] == self.item)
        matrix[position[here], self.day[here]] = self.units[here]
        return matrix
