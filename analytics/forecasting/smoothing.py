"""Levels: what a usual week holds, as the past fades at several speeds."""

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.matrix import Array
from analytics.forecasting.season import freak_limit

_SIZES = 5.0  # a freak order is so many of the item's usual ones, too
_SHOWN = 4  # selling weeks that show what is usual


def levels(
    units: Array, weight: Array, factors: Array, alphas: tuple[float, ...], at: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return the level of every item after some weeks, for every speed.

    Parameters
    ----------
    units, weight : ndarray, shape (n_items, n_weeks)
        Demand per week and how much of the week was observed; weight 0 = unobserved.
    factors : ndarray, shape (n_items, n_weeks)
        Season; 1 = a usual week.
    alphas : tuple of float
        Weights of the newest week.
    at : ndarray of int, shape (n_origins,)
        Weeks after which the level is wanted, ascending.

    Returns
    -------
    ndarray, shape (n_origins, n_items, n_alphas)
        Units per usual week; 0 before anything was observed.

    Notes
    -----
    ``level_t = Σ (1-α)^(t-u) w_u y_u / Σ (1-α)^(t-u) w_u s_u``: simple exponential smoothing of
    deseasonalised demand, without a starting value to guess and with nothing learnt from a missing
    week. Weeks out of season count by what they can tell.
    """
    keep = 1.0 - np.asarray(alphas)
    seen = (weight * factors).T
    sold = (weight * units).T
    above = np.zeros((units.shape[0], len(alphas)))
    below = np.zeros_like(above)
    out = np.zeros((len(at), *above.shape), dtype=np.float32)
    place = 0
    for week in range(units.shape[1]):
        above = above * keep + sold[week][:, None]
        below = below * keep + seen[week][:, None]
        if place < len(at) and at[place] == week:
            out[place] = np.where(below > 0, above / np.where(below > 0, below, 1.0), 0.0)
            place += 1
    return out


def without_freaks(units: Array, observed: NDArray[np.bool_], factors: Array) -> Array:
    """Return demand with freak orders cut: single weeks far above the item's usual ones.

    A week is cut to five times what was to be expected, and not below five times the item's median
    selling week, if its neighbours are usual; two high weeks in a row are a new level. Items with
    fewer than four selling weeks show no usual size, and nothing is cut.
    """
    exposure = np.maximum((factors * observed).sum(axis=1), 1e-9)
    selling = (units > 0).sum(axis=1)
    ordered = np.sort(units, axis=1)
    middle = units.shape[1] - 1 - np.maximum(selling - 1, 0) // 2
    median = ordered[np.arange(len(units)), middle]
    kept = units
    for _ in range(3):  # what a freak order adds to the mean must not excuse it
        usual = kept.sum(axis=1) / exposure
        limit = np.maximum(freak_limit(usual[:, None] * factors), _SIZES * median[:, None])
        high = (units > limit) & (selling >= _SHOWN)[:, None]
        kept = np.where(_alone(high), limit, units)
    return kept


def _alone(high: NDArray[np.bool_]) -> NDArray[np.bool_]:
    alone = high.copy()
    alone[:, 1:] &= ~high[:, :-1]
    alone[:, :-1] &= ~high[:, 1:]
    return alone
