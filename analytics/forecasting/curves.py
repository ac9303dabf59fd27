"""How items of an account start: the first weeks over the mature level."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.forecasting.likeness import factors_of
from analytics.forecasting.matrix import Array, Matrix, matrix, week_of_year

WEEKS = 13
_MATURE_UNTIL = 26  # weeks since the launch: 13 to 26 are the mature level
_UNKNOWN_BEFORE = 4  # weeks of the panel before a first sale, so that it is a launch
_LEAST_MATURE = 8  # observed weeks of them
_LEAST_UNITS = 1.0  # units/week
_PRIOR = 8.0  # launches' worth of belief in a flat curve
_HALF = 5.0  # units/week at which a launch says half as much as one of any size can
_RATIO = (0.0, 5.0)


@dataclass(frozen=True, slots=True)
class Curve:
    """Share of the mature level that sells in each week since the launch.

    Attributes
    ----------
    factors : ndarray, shape (n_weeks,)
        The launch week first; later weeks are mature: 1.
    source : str
        ``learnt`` or ``flat``.
    launches : int
        Past launches that taught it.
    """

    factors: Array
    source: str
    launches: int

    def at(self, since: NDArray[np.int64]) -> Array:
        """Return the factor of each week since the launch; 1 outside the curve."""
        inside = (since >= 0) & (since < len(self.factors))
        return np.where(inside, self.factors[np.where(inside, since, 0)], 1.0)


def flat_curve() -> Curve:
    """Return the curve of an item that sells like a mature one from its first week."""
    return Curve(np.ones(WEEKS), "flat", 0)


def launch_curve(panel: pd.DataFrame, season: pd.DataFrame | None = None) -> Curve:
    """Return the curve that the account's own launches have followed.

    Parameters
    ----------
    panel, season : DataFrame
        See `newcomers.launches`.

    Returns
    -------
    Curve
        13 weeks; flat where nothing was launched inside the panel.

    Notes
    -----
    A launch: a first sale at least four weeks after the panel begins, with 8 observed of the weeks
    13 to 25 after it and a mature level of a unit a week. Each launch's ratios to its mature level
    (season out of both, 0 to 5) are averaged with weight ``m / (m + 5)``, m its level in units a
    week; the mean is smoothed over three weeks and drawn to 1 by ``w / (w + 8)``, w the weights'
    sum. The launch week takes the second one's factor: how many of its days it had is not known.
    """
    data = matrix(panel)
    rows, first = _launched(data)
    if not len(rows):
        return flat_curve()
    factor = np.maximum(factors_of(data.items.iloc[rows], season), 0.05)
    units, seen, factor = _since(data, rows, first, factor[:, week_of_year(data.weeks)])
    mature = slice(WEEKS, _MATURE_UNTIL)
    count = seen[:, mature].sum(axis=1)
    level = (units * seen)[:, mature].sum(axis=1)
    level /= np.maximum((factor * seen)[:, mature].sum(axis=1), 1e-9)
    fit = (count >= _LEAST_MATURE) & (level >= _LEAST_UNITS)
    if not fit.any():
        return flat_curve()
    level, early = level[fit], (slice(None), slice(0, WEEKS))
    ratio = np.clip((units / factor)[fit][early] / level[:, None], *_RATIO)
    weight = (level / (level + _HALF))[:, None] * seen[fit][early]
    evidence = weight.sum(axis=0)
    mean = np.where(evidence > 0, (ratio * weight).sum(axis=0) / np.maximum(evidence, 1e-9), 1.0)
    shrunk = 1 + (_smooth(mean) - 1) * evidence / (evidence + _PRIOR)
    shrunk[0] = shrunk[1]  # how many of its days the launch week had is not known
    return Curve(shrunk, "learnt", int(fit.sum()))


def _launched(data: Matrix) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows that were launched inside the panel, and the week of their first sale."""
    sold = data.units > 0
    if not sold.size:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    first = sold.argmax(axis=1)
    rows = np.flatnonzero(sold.any(axis=1) & (first >= _UNKNOWN_BEFORE))
    return rows, first[rows]


def _since(
    data: Matrix, rows: NDArray[np.int64], first: NDArray[np.int64], factor: Array
) -> tuple[Array, NDArray[np.bool_], Array]:
    """Return units, observed and season by week since the launch, (n_launches, 26) each."""
    week = first[:, None] + np.arange(_MATURE_UNTIL)
    inside = week < len(data.weeks)
    week = np.where(inside, week, 0)
    place = rows[:, None]
    seen = inside & data.observed[place, week]
    return data.units[place, week], seen, factor[np.arange(len(rows))[:, None], week]


def _smooth(values: Array) -> Array:
    """Return the mean of each week and its neighbours, the launch week left out."""
    padded = np.concatenate([values[1:2], values[1:], values[-1:]])
    return np.concatenate([values[:1], (padded[:-2] + padded[1:-1] + padded[2:]) / 3])
