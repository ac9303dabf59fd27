"""Errors of the league's mixture at past origins."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.matrix import Array
from analytics.forecasting.members import Roster, States
from analytics.forecasting.terms import Sums

HORIZONS = (1, 2, 4, 8, 13, 20, 26, 30)
LEADS = (4, 13, 26)  # of single weeks beyond the first, which is a total, too
_ENOUGH = 24  # errors without which a horizon is not calibrated
_ORIGINS = 6  # origins without which it is not, either
_SEEN = 4  # weeks that an item was observed in before its errors count


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors of the forecasts made at past origins, for one horizon.

    Attributes
    ----------
    error : ndarray, shape (n_origins, n_items)
        Units, freak orders cut.
    actual, mean : ndarray, shape (n_origins, n_items)
        What came, freak orders and all, and what was forecast, units.
    level : ndarray, shape (n_origins, n_items)
        Units per usual week at the origin.
    size : ndarray, shape (n_items,)
        Units of a usual order.
    factor : ndarray, shape (n_origins, n_items)
        Mean season factor of the weeks.
    usable : ndarray of bool, shape (n_origins, n_items)
    """

    error: Array
    actual: Array
    mean: Array
    level: Array
    size: Array
    factor: Array
    usable: NDArray[np.bool_]

    def take(self, origins: NDArray[np.bool_]) -> "Errors":
        """Return the errors of some origins."""
        return Errors(
            self.error[origins],
            self.actual[origins],
            self.mean[origins],
            self.level[origins],
            self.size,
            self.factor[origins],
            self.usable[origins],
        )


@dataclass(frozen=True, slots=True)
class Mixed:
    """A mixture of members after each origin.

    Attributes
    ----------
    coefficients : ndarray, shape (n_terms, n_origins, n_items)
    level : ndarray, shape (n_origins, n_items)
        Units per usual week.
    """

    coefficients: Array
    level: Array

    def forecast(self, terms: Array) -> Array:
        """Return the demand over stretches with the given terms; never negative."""
        return np.asarray(np.maximum((self.coefficients * terms).sum(axis=0), 0.0))


def mixed(known: States, who: Roster, mix: Array) -> Mixed:
    """Return the mixture of members by the weights ``mix``, shape (n_members, n_items)."""
    n_origins, _, n_items = known.on_slot.shape
    out = np.zeros((who.n_terms, n_origins, n_items))
    for member, (slot, term) in enumerate(zip(who.slot, who.term, strict=True)):
        out[slot] += mix[member] * known.on_slot[:, member]
        if term >= 0:
            out[term] += mix[member] * known.on_term[:, member]
    level = out[: who.n_slots].sum(axis=0)
    if who.names[-1] == "last_year":
        level = level / np.maximum(1 - mix[-1], 0.05)
    return Mixed(out, level)


def is_enough(usable: NDArray[np.bool_]) -> bool:
    """Return whether a spread can be learnt from errors usable at (n_origins, n_items)."""
    return int(usable.sum()) >= _ENOUGH and int(usable.any(axis=1).sum()) >= _ORIGINS


def errors(
    sums: Sums,
    mixture: Mixed,
    size: Array,
    origins: NDArray[np.int64],
    horizon: int,
    *,
    skip: int = 0,
) -> Errors:
    """Return the errors of the totals of ``horizon`` weeks that begin ``skip`` weeks ahead."""
    here = origins + horizon + skip < len(sums.units) - 1
    at = origins[here]
    units, terms, judged = sums.over(at, horizon, skip=skip)
    then = Mixed(mixture.coefficients[:, here], mixture.level[here])
    mean = then.forecast(terms)
    low = at + 1 + skip
    usual = np.maximum(then.level * (sums.weeks[low + horizon] - sums.weeks[low]), 1e-9)
    return Errors(
        error=units - mean,
        actual=sums.raw[low + horizon] - sums.raw[low],
        mean=mean,
        level=then.level,
        size=size,
        factor=np.where(then.level > 0, mean / usual, 1.0),
        usable=judged & (sums.seen(at) >= _SEEN),
    )
