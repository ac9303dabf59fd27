"""Whether an item has a season: one peak at the same time of each year, or a strong profile."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
YEAR = 52  # weeks
_SEEN = 39  # weeks of a year that must be known for the year to count
_MOVED = 2  # weeks by which a feast may move from year to year
_NEAR = 26  # weeks to either side whose mean is the level


@dataclass(frozen=True, slots=True)
class Peak:
    """The best contiguous weeks of each item's years; shape (n_items,) each.

    Attributes
    ----------
    share : ndarray
        Share of a year's units in those weeks, in the year in which it is smallest, 0 to 1; NaN
        where no year is known.
    weeks_ago : ndarray
        Weeks from the end of the history back to the first of those weeks, in the last year.
    units : ndarray
        Units in a year, the mean of the years known.
    years : ndarray
        Years that count.
    """

    share: Array
    weeks_ago: Array
    units: Array
    years: Array


def peak(units: Array, length: int = 8) -> Peak:
    """Return where the year's demand is.

    Parameters
    ----------
    units : ndarray, shape (n_items, n_weeks)
        Demand by week; NaN = unknown.
    length : int
        Weeks.

    Notes
    -----
    Years are counted back from the last week. One counts if 39 of its 52 weeks are known; the
    others stand at its mean, which takes nothing from a peak that was seen and adds none. The weeks
    are the same in each year, give or take two: feasts move. Steady sales hold length / 52.

    Examples
    --------
    >>> steady = np.ones((1, 104))
    >>> bool(np.isclose(peak(steady).share[0], 8 / 52))
    True
    >>> steady[:, 40:48] = steady[:, 92:100] = 10.0
    >>> found = peak(steady)
    >>> round(float(found.share[0]), 4), int(found.weeks_ago[0]), int(found.years[0])
    (0.6452, 12, 2)
    """
    n_items, n_weeks = units.shape
    count = (n_weeks + YEAR - _SEEN) // YEAR
    if not count or not n_items:
        nothing = np.full(n_items, np.nan)
        return Peak(nothing, nothing.copy(), np.zeros(n_items), np.zeros(n_items))
    past = _last(units, count * YEAR)
    least, most = np.full((n_items, YEAR), np.inf), np.zeros((n_items, YEAR))
    units_known, years = np.zeros(n_items), np.zeros(n_items)
    for low in range(0, count * YEAR, YEAR):  # a year at a time stays in the processor's cache
        total, share, counts = _year(past[:, low : low + YEAR], length)
        least = np.minimum(least, np.where(counts[:, None], _moved(share), np.inf))
        most += np.where(counts[:, None], share, 0.0)
        units_known += np.where(counts, total, 0.0)
        years += counts
    # Of places that the moving feasts leave equal, the one that holds most in all years counts.
    best = np.argmax(np.round(least, 9) * 1e6 + most, axis=1)
    held = least[np.arange(n_items), best]
    units_known /= np.maximum(years, 1)
    return Peak(
        np.where(years > 0, np.where(units_known > 0, held, 0.0), np.nan),
        np.where(years > 0, YEAR - best, np.nan).astype(np.float64),
        units_known,
        years,
    )


def _year(units: Array, length: int) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return a year's units, the share of them from each week on, and whether the year counts."""
    known = ~np.isnan(units)
    seen = known.sum(axis=1)
    mean = np.where(known, units, 0.0).sum(axis=1) / np.maximum(seen, 1)
    total = mean * YEAR
    held = _windows(np.where(known, units, mean[:, None]), length)
    share = held / np.maximum(total, np.finfo(float).tiny)[:, None]
    return total, share, seen >= _SEEN


def _last(units: Array, weeks: int) -> Array:
    """Return the last ``weeks`` weeks; those before the history are unknown."""
    if units.shape[1] >= weeks:
        return units[:, units.shape[1] - weeks :]
    before = np.full((len(units), weeks - units.shape[1]), np.nan)
    return np.concatenate([before, units], axis=1)


def best_share(season: Array, length: int) -> Array:
    """Return the share of a year that the best weeks of a season hold, shape (n_items,).

    Parameters
    ----------
    season : ndarray, shape (n_items, n_weeks)
        Factors of the last year's weeks; less than a year has no best weeks (0).
    length : int
        Weeks.
    """
    if season.shape[1] < YEAR:
        return np.zeros(len(season))
    total = season.sum(axis=1)
    most = _windows(season, length).max(axis=1, initial=0.0)
    return np.asarray(most / np.where(total > 0, total, 1.0))


def _windows(year: Array, length: int) -> Array:
    """Return units of ``length`` weeks from each week on; a year goes on where it began."""
    total = np.zeros((len(year), YEAR + length))
    total[:, 1 : YEAR + 1] = year
    total[:, YEAR + 1 :] = year[:, : length - 1]
    np.cumsum(total, axis=1, out=total)
    return np.asarray(total[:, length:] - total[:, :-length])


def _moved(share: Array) -> Array:
    """Return the largest share within two weeks of each week."""
    around = np.concatenate([share[:, -_MOVED:], share, share[:, :_MOVED]], axis=1)
    most = around[:, :YEAR]
    for step in range(1, 2 * _MOVED + 1):
        most = np.maximum(most, around[:, step : step + YEAR])
    return most


def seasonal_strength(units: Array, season: Array) -> Array:
    """Return how much of each item's variation its season explains, 0 to 1.

    ``F = max(0, 1 - Var(R) / Var(S + R))`` (Wang, Smith and Hyndman, 2006), where S + R is demand
    over its level in the year around each week and S is ``season``.

    Parameters
    ----------
    units : ndarray, shape (n_items, n_weeks)
        Demand by week; NaN = unknown.
    season : ndarray, shape (n_items, n_weeks)
        Factor of the season in each week, 1 = usual.

    Returns
    -------
    ndarray, shape (n_items,)
        0 where nothing is known.

    Notes
    -----
    The season is given, and should be one that many items taught: a season taken from the same two
    years of one item explains half of pure noise.

    Examples
    --------
    >>> wave = 1 + 0.5 * np.sin(np.arange(104) * 2 * np.pi / 52)[None, :]
    >>> bool(seasonal_strength(20 * wave, wave)[0] > 0.99)
    True
    >>> round(float(seasonal_strength(np.tile([8.0, 12.0], (1, 52)), np.ones((1, 104)))[0]), 9)
    0.0
    """
    known = ~np.isnan(units)
    sold, due = _around(np.where(known, units, 0.0)), _around(np.where(known, season, 0.0))
    level = sold / np.where(due > 0, due, 1.0)
    told = known & (level > 0)
    ratio = np.where(told, units, 0.0) / np.where(told, level, 1.0)
    all_of_it = _variance(ratio, told)
    rest = _variance(ratio - season, told)
    varied = all_of_it > 0
    return np.maximum(0.0, np.where(varied, 1 - rest / np.where(varied, all_of_it, 1.0), 0.0))


def _around(values: Array) -> Array:
    """Return totals of the year around each week."""
    n_weeks = values.shape[1]
    total = np.zeros((len(values), n_weeks + 1))
    np.cumsum(values, axis=1, out=total[:, 1:])
    week = np.arange(n_weeks)
    return np.asarray(
        total[:, np.minimum(week + _NEAR, n_weeks)] - total[:, np.maximum(week - _NEAR, 0)]
    )


def _variance(values: Array, told: NDArray[np.bool_]) -> Array:
    count = np.maximum(told.sum(axis=1), 1)
    kept = np.where(told, values, 0.0)
    mean = kept.sum(axis=1) / count
    return np.asarray((kept**2).sum(axis=1) / count - mean**2)
