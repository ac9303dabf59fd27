"""How demand answers to prices, from every day on which a price was not the usual one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
SHIFT = 0.05  # of the usual price: less is not taken for a change
_PRIOR_SD = 1.0  # of a shop's elasticity about the prior
_GROUP_SD = 0.5  # of a category's about the shop's
_ENOUGH = 0.5  # of what is not known beforehand: so much must be known after
_TURNS = 25
_LOW, _HIGH = 0.0, 10.0
_DAYS = 7  # whose errors go together


@dataclass(frozen=True, slots=True)
class Learnt:
    """Elasticities by group; shape (n_groups,) each.

    Attributes
    ----------
    value : ndarray
        % more units per % less price, drawn to the shop's and that to the prior.
    changes : ndarray of int
        Price changes behind it: runs of days at a price that was not the usual one.
    is_learnt : ndarray of bool
        Whether its own changes, with the shop's, leave at most half of the prior's variance.
    """

    value: Array
    changes: Ints
    is_learnt: NDArray[np.bool_]


def learnt(
    units: Array, base: Array, shift: Array, group: Ints, n_groups: int, *, prior: float
) -> Learnt:
    """Return elasticities from daily sales.

    Parameters
    ----------
    units : ndarray, shape (n_items, n_days)
        Sold.
    base : ndarray, shape (n_items, n_days)
        Units expected at the usual price, season included; NaN = not known, or not to be learnt
        from.
    shift : ndarray, shape (n_items, n_days)
        Logarithm of the price over the usual one; NaN = not known.
    group : ndarray of int, shape (n_items,)
        Each item's category.
    n_groups : int
        How many there are.
    prior : float
        Elasticity before anything is seen.

    Notes
    -----
    Quasi-Poisson with a log link: ``E units = base exp(-e shift)``. With mu the mean and phi the
    dispersion of the weeks with a change (Pearson), the score ``sum -shift (units - mu) / phi`` and
    the information ``sum mu shift^2 / phi`` are added to those of the normal prior (McCullagh and
    Nelder, *Generalized Linear Models*, 2nd ed., sections 2.5 and 9.2).

    Examples
    --------
    Forty weeks at ten a day, and twenty days at half the price that sold eight times as much:

    >>> units, shift = np.full((1, 300), 10.0), np.zeros((1, 300))
    >>> units[0, 100:120], shift[0, 100:120] = 80.0, np.log(0.5)
    >>> found = learnt(units, np.full((1, 300), 10.0), shift, np.array([0]), 1, prior=2.0)
    >>> round(float(found.value[0]), 1), found.changes.tolist(), found.is_learnt.tolist()
    (3.0, [1], [True])
    """
    known = np.isfinite(base) & (base > 0) & np.isfinite(shift)
    moved = known & (np.abs(np.where(known, shift, 0.0)) > -np.log1p(-SHIFT))
    begins = moved & ~np.pad(moved, ((0, 0), (1, 0)))[:, :-1]
    changes = np.bincount(group, weights=begins.sum(axis=1), minlength=n_groups).astype(np.int64)
    item, day = np.nonzero(moved)
    seen = units[item, day], base[item, day], shift[item, day]
    week = item * (units.shape[1] // _DAYS + 1) + day // _DAYS
    everyone = np.zeros(len(item), dtype=np.int64)
    shop, spread = np.full(1, prior), np.full(1, _PRIOR_SD**2)
    shop, spread = _posterior(seen, everyone, week, shop, spread)
    before = np.full(n_groups, spread[0] + _GROUP_SD**2)
    value, after = _posterior(seen, group[item], week, np.full(n_groups, shop[0]), before)
    limit = _ENOUGH * (_PRIOR_SD**2 + _GROUP_SD**2)
    return Learnt(value, changes, (changes > 0) & (after <= limit))


def _posterior(
    seen: tuple[Array, Array, Array], group: Ints, week: Ints, mean: Array, variance: Array
) -> tuple[Array, Array]:
    """Return mean and variance after the data; the dispersion is that of all weeks together."""
    units, base, shift = seen
    found, information = mean.copy(), np.zeros(len(mean))
    for _ in range(_TURNS):
        expected = base * np.exp(-found[group] * shift)
        phi = _dispersion(units, expected, week)
        score = _by(group, -shift * (units - expected), len(mean)) / phi
        information = _by(group, expected * shift**2, len(mean)) / phi
        step = (score + (mean - found) / variance) / (information + 1 / variance)
        found = np.clip(found + np.clip(step, -1.0, 1.0), _LOW, _HIGH)
    return found, 1 / (1 / variance + information)


def _dispersion(units: Array, expected: Array, week: Ints) -> float:
    """Return the variance of weeks per unit of their mean, at least 1."""
    if not len(week):
        return 1.0
    _, place = np.unique(week, return_inverse=True)
    sold, mean = _by(place, units, place.max() + 1), _by(place, expected, place.max() + 1)
    return max(1.0, float(((sold - mean) ** 2 / np.maximum(mean, 0.1)).mean()))


def _by(group: Ints, values: Array, count: int) -> Array:
    return np.asarray(np.bincount(group, weights=values, minlength=count), dtype=np.float64)
