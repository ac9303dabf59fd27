"""Whether a new item goes on: what few sales say, beside what its category sells."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analytics.tiers.segments import Texts

Array = NDArray[np.float64]
VERDICTS = ("go", "wait", "stop")
GO, STOP = 0.8, 0.2  # chances of paying from which an item goes on, and up to which it ends


@dataclass(frozen=True, slots=True)
class Trial:
    """What is to become of new items; shape (n_items,) each.

    Attributes
    ----------
    rate : ndarray
        Expected units per day.
    chance : ndarray
        That the rate is at least the one that pays, 0 to 1.
    verdict : ndarray of str
        One of `VERDICTS`.
    """

    rate: Array
    chance: Array
    verdict: Texts


def trial(
    units_sold: ArrayLike,
    days: ArrayLike,
    break_even: ArrayLike,
    *,
    prior_mean: ArrayLike,
    prior_variation: ArrayLike = 1.0,
) -> Trial:
    """Return what the first sales of new items say.

    Gamma-Poisson: the rates of a category are gamma with mean m and coefficient of variation c, so
    an item's rate after S units in D days is ``Gamma(1 / c^2 + S, 1 / (c^2 m) + D)``. Go on if it
    pays with a chance of 0.8, stop at 0.2.

    Parameters
    ----------
    units_sold, days : array_like, shape (n_items,)
        Units, and the days in stock on which they sold.
    break_even : array_like, shape (n_items,)
        Units per day from which the item pays; not above zero = it always does.
    prior_mean, prior_variation : array_like, shape (n_items,)
        Units per day of the category's items, and how they differ.

    Examples
    --------
    >>> found = trial([0.0, 30.0], [30.0, 30.0], 0.5, prior_mean=0.5)
    >>> found.verdict.tolist(), found.rate.round(3).tolist()
    (['stop', 'go'], [0.031, 0.969])
    """
    variation = np.maximum(np.asarray(prior_variation, dtype=np.float64), 0.05)
    mean = np.maximum(np.asarray(prior_mean, dtype=np.float64), 1e-6)
    shape = variation**-2 + np.asarray(units_sold, dtype=np.float64)
    span = variation**-2 / mean + np.asarray(days, dtype=np.float64)
    least = np.maximum(np.asarray(break_even, dtype=np.float64), 0.0)
    shape, span, least = (np.atleast_1d(part) for part in np.broadcast_arrays(shape, span, least))
    chance = special.gammaincc(shape, least * span)
    verdict = np.select([chance >= GO, chance <= STOP], ["go", "stop"], "wait").astype(object)
    return Trial(shape / span, chance, verdict)
