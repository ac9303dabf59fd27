"""Cells of the league: a set at one length of history, seen from several origins."""

from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from benchmarks.forecast.sets import Array, Panel

HORIZON = 13
ORIGINS = 5
COVER = 0.6  # share of the history that a series must have been observed in


@dataclass(frozen=True, slots=True)
class Trial:
    """One origin of a cell: what was known, who is judged, and what came.

    Attributes
    ----------
    panel : Panel
        Every item that was observed in the window, over the weeks of history only.
    judged : ndarray of int
        Rows of ``panel`` that are judged.
    actual : ndarray, shape (n_judged, n_weeks)
        Units of the weeks after the origin; NaN = unobserved.
    origin : int
        Weeks of the set before the first forecast one.
    """

    panel: Panel
    judged: NDArray[np.intp]
    actual: Array
    origin: int

    @property
    def history(self) -> Array:
        """Return the units that were known of the judged items, shape (n_judged, n_weeks)."""
        return self.panel.units[self.judged]


@dataclass(frozen=True, slots=True)
class Cell:
    """A set at one length of history.

    Attributes
    ----------
    panel : Panel
        The whole set.
    history : int
        Weeks of history.
    young : int
        Weeks that the judged half of the items keeps of it; 0 = all of them.
    horizon : int
        Weeks ahead that are judged.
    """

    panel: Panel
    history: int
    young: int = 0
    horizon: int = HORIZON

    @property
    def name(self) -> str:
        """Return the set and the weeks: ``oj 26``, ``jewellery 78 young 13``."""
        return f"{self.panel.name} {self.history}" + (f" young {self.young}" if self.young else "")

    def origins(self) -> list[int]:
        """Return origins spread evenly over the weeks that leave history and horizon whole."""
        last = self.panel.units.shape[1] - self.horizon
        return sorted(set(np.linspace(self.history, last, ORIGINS).round().astype(int).tolist()))

    def trials(self, *, quick: bool = False) -> Iterator[Trial]:
        """Yield the trial of each origin; the first, the middle and the last one if ``quick``."""
        origins = self.origins()
        if quick and len(origins) > 3:
            origins = [origins[0], origins[len(origins) // 2], origins[-1]]
        for origin in origins:
            yield self._trial(origin)

    def _trial(self, origin: int) -> Trial:
        rng = np.random.default_rng([crc32(self.name.encode()), origin])
        known = self.panel.units[:, origin - self.history : origin].copy()
        here = np.flatnonzero((~np.isnan(known)).any(axis=1))
        cut = np.zeros(len(known), dtype=bool)
        if self.young:
            cut[rng.permutation(here)[: len(here) // 2]] = True
            known[cut, : -self.young] = np.nan
        window = known[:, -self.young :] if self.young else known
        cover = (~np.isnan(window)).mean(axis=1)
        fit = (cover >= COVER) & (np.nansum(window, axis=1) > 0)
        actual = self.panel.units[:, origin : origin + self.horizon]
        fit &= (~np.isnan(actual[:, :8])).any(axis=1)
        wanted = np.flatnonzero(fit & cut) if self.young else np.flatnonzero(fit)
        chosen = np.sort(rng.permutation(wanted)[: self.panel.most])
        rows = np.flatnonzero((~np.isnan(known)).any(axis=1))
        weeks = self.panel.weeks[origin - self.history : origin]
        items = self.panel.items.iloc[rows].reset_index(drop=True)
        seen = Panel(self.panel.name, items, weeks, known[rows], ())
        return Trial(seen, np.searchsorted(rows, chosen), actual[chosen], origin)


def cells_of(panel: Panel) -> list[Cell]:
    """Return the cells of a set, shortest history first."""
    return [Cell(panel, history) for history in panel.histories]
