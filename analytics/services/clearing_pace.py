"""How fast a market sells what comes to it: its forecast, then its season."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.matrix import week_of_year
from analytics.services.planning import Basis

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
_BEYOND = 364  # days after the forecast that are walked by the season
_YEAR = 364
_MONDAY = 3  # day 0 of numpy was a Thursday


@dataclass(frozen=True, slots=True)
class Pace:
    """Demand to come, by day.

    Attributes
    ----------
    total : ndarray, shape (n_rows, n_days + 1)
        Units that buyers ask for until the end of each day; 0 on the day itself.
    after : ndarray, shape (n_rows,)
        Units per day after the last of them.
    """

    total: Array
    after: Array

    @classmethod
    def of(cls, basis: Basis, rows: Ints) -> Self:
        """Return the pace of some of the plan's items.

        Notes
        -----
        As forecast; in the year after it, its mean without the season times the season of each
        week; after that, the mean of that year.
        """
        known = basis.demand_by_day[rows]
        n_days = known.shape[1]
        season = _season(basis, rows, n_days + _BEYOND)
        level = known[:, -1] / np.maximum(season[:, :n_days].sum(axis=1), 1e-9)
        later = known[:, -1:] + (level[:, None] * season[:, n_days:]).cumsum(axis=1)
        total = np.concatenate([np.zeros((len(rows), 1)), known, later], axis=1)
        return cls(total, (total[:, -1] - total[:, -1 - _YEAR]) / _YEAR)

    def until(self, days: Array) -> Array:
        """Return the units that are asked for within some days of each row, shape (n_rows,)."""
        last = self.total.shape[1] - 1
        low = np.clip(np.floor(days), 0, last).astype(np.int64)
        high = np.minimum(low + 1, last)
        every = np.arange(len(self.total))
        before, behind = self.total[every, low], self.total[every, high]
        inside = before + (behind - before) * (days - low)
        later = self.total[:, -1] + self.after * (days - last)
        return np.asarray(np.where(days >= last, later, inside))

    def days(self, units: Array) -> Array:
        """Return the days in which some units of each row are asked for; inf = never, (n_rows,)."""
        last = self.total.shape[1] - 1
        high = np.clip((self.total < units[:, None]).sum(axis=1), 1, last)
        every = np.arange(len(self.total))
        before, behind = self.total[every, high - 1], self.total[every, high]
        step = behind - before
        inside = high - 1 + (units - before) / np.where(step > 0, step, 1.0)
        more = units - self.total[:, -1]
        rate = np.where(self.after > 0, self.after, np.nan)
        beyond = np.nan_to_num(last + more / rate, nan=np.inf)
        return np.asarray(np.where(units <= 0, 0.0, np.where(more > 0, beyond, inside)))


def _season(basis: Basis, rows: Ints, n_days: int) -> Array:
    """Return the season's factor on the days after the plan's, shape (n_rows, n_days)."""
    seen = basis.outlook
    known = seen.background.seasons
    belief = seen.forecast.items["season_strength"].to_numpy(dtype=np.float64)[rows]
    log_season = known.log_profile[known.pools.of_item[rows]] * np.nan_to_num(belief)[:, None]
    day = np.datetime64(seen.as_of, "D").astype(np.int64) + 1 + np.arange(n_days)
    mondays = (day - (day + _MONDAY) % 7).astype("M8[D]")
    return np.asarray(np.exp(log_season)[:, week_of_year(mondays)])
