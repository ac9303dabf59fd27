"""The sums that every forecast is linear in, over any stretch of the past or of the future."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.matrix import Array
from analytics.forecasting.members import DAMPING, EXTRA, FADING, YEAR, History
from analytics.forecasting.smoothing import summed

_BUILT = DAMPING / (1 - DAMPING)  # what a damped trend adds up to, in first steps
_COVER = 0.6  # share of a stretch that must have been observed to judge a forecast of it

Weeks = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sums:
    """Running sums over observed weeks, so that any stretch of the past is one subtraction.

    Attributes
    ----------
    units, raw, weeks : ndarray, shape (n_weeks + 1, n_items)
        Demand with freak orders cut and without, and observed weeks.
    terms : ndarray, shape (n_terms, n_weeks + 1, n_items)
        Each slot's season; then, of the group's, times the week's number, times the powers of the
        damping and of the fading; then last year's demand.
    """

    units: Array
    raw: Array
    weeks: Array
    terms: Array

    def over(
        self, origins: Weeks, horizon: int, *, skip: int = 0
    ) -> tuple[Array, Array, NDArray[np.bool_]]:
        """Return units, terms and usability of the ``horizon`` weeks after origins.

        The first ``skip`` weeks are left out. Shapes (n_origins, n_items), the terms' with
        n_terms first. Usable: at least 60 % of the weeks were observed.
        """
        low = origins + 1 + skip
        high = low + horizon
        terms = self.terms[:, high] - self.terms[:, low]
        first = len(terms) - len(EXTRA)
        season, ago = terms[min(1, first - 1)], origins.astype(np.float64)[:, None]
        terms[first] -= ago * season
        terms[first + 1] = _BUILT * (season - DAMPING**-ago * terms[first + 1])
        terms[first + 2] *= FADING**-ago
        usable = (self.weeks[high] - self.weeks[low]) >= _COVER * horizon
        return self.units[high] - self.units[low], terms, usable

    def seen(self, origins: Weeks) -> Array:
        """Return the weeks observed up to each origin, shape (n_origins, n_items)."""
        return np.asarray(self.weeks[origins + 1])


def past(history: History) -> Sums:
    """Return the running sums of ``history``."""
    seen = (history.weight > 0).astype(np.float64)
    n_weeks, n_items = seen.shape
    n_slots = len(history.factors)
    terms = np.zeros((n_slots + len(EXTRA), n_weeks + 1, n_items))
    group = history.factors[min(1, n_slots - 1)] * seen
    time = np.arange(n_weeks, dtype=np.float64)[:, None]
    for slot, factor in enumerate(history.factors):
        terms[slot, 1:] = summed(factor * seen)
    terms[n_slots, 1:] = summed(group * time)
    for place, power in ((n_slots + 1, DAMPING), (n_slots + 2, FADING)):
        # From the end, since the newest terms are the smallest.
        terms[place, :-1] = -summed((group * power**time)[::-1])[::-1]
    before = _filled(history)[: max(n_weeks - YEAR, 0)]
    terms[n_slots + 3, 1 + YEAR :] = summed(before * seen[YEAR:])
    units, raw = _running(history.units * seen), _running(history.raw * seen)
    return Sums(units, raw, _running(seen), terms)


def _running(values: Array) -> Array:
    out = np.zeros((len(values) + 1, values.shape[1]))
    out[1:] = summed(values)
    return out


def _filled(history: History) -> Array:
    """Return demand, unobserved weeks at the item's usual ones in season."""
    seen = history.weight > 0
    group = history.factors[min(1, len(history.factors) - 1)]
    exposure = (group * seen).sum(axis=0)
    usual = history.units.sum(axis=0) / np.where(exposure > 0, exposure, 1.0)
    return np.where(seen, history.units, usual * group)


def future(history: History, factors: Array, steps: Weeks) -> Array:
    """Return the terms of each week ahead, shape (n_terms, n_weeks_ahead, n_items).

    Parameters
    ----------
    history : History
        The past.
    factors : ndarray, shape (n_slots, n_weeks_ahead, n_items)
        Seasons of the weeks ahead.
    steps : ndarray of int, shape (n_weeks_ahead,)
        Weeks from the last one of the past to each; 0 = the rest of that one.
    """
    n_weeks, n_items = history.units.shape
    n_slots = len(factors)
    group, time = factors[min(1, n_slots - 1)], steps.astype(np.float64)[:, None]
    out = np.zeros((n_slots + len(EXTRA), len(steps), n_items))
    out[:n_slots] = factors
    out[n_slots] = group * time
    out[n_slots + 1] = _BUILT * group * (1 - DAMPING**time)
    out[n_slots + 2] = group * FADING**time
    week = n_weeks - 1 + steps
    ago = week - YEAR * np.maximum(-(-(steps) // YEAR), 1)
    known = ago >= 0
    out[n_slots + 3, known] = _filled(history)[ago[known]]
    return out
