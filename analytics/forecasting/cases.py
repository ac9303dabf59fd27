"""One item, what is known of it, and what a contestant says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.matrix import Array

_CEILING = 4.0  # times the best week ever: no path goes beyond
_SPREAD = 2.0  # times the best week ever: an sd or mean beyond has exploded
_LOG_MOST = 50.0
_PATHS = 2000
_SEED = 20260105


@dataclass(frozen=True, slots=True)
class Case:
    """One item's history, with what is known of the weeks to come.

    Attributes
    ----------
    weeks : ndarray of datetime64[D], shape (n_weeks,)
        Mondays, without gaps.
    units : ndarray, shape (n_weeks,)
        Demand per week; NaN = unobserved.
    horizon : int
        Weeks to forecast.
    regressors : ndarray, shape (n_weeks + horizon or more, n_regressors)
        Exposure to each event, 0 to 1; logarithms of price and of one minus the discount.
    names : tuple of str
        One per regressor.
    ahead : tuple of str
        How far each regressor is known beyond any origin: ``known`` as a calendar is, ``stays`` at
        its last value as a price does, ``ends`` at zero as a discount does.
    season_length : int
        Weeks of a cycle.
    """

    weeks: NDArray[np.datetime64]
    units: Array
    horizon: int
    regressors: Array
    names: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    season_length: int = 52

    @property
    def observed(self) -> NDArray[np.bool_]:
        """Return whether each week was observed, shape (n_weeks,)."""
        return ~np.isnan(self.units)

    @property
    def has_two_cycles(self) -> bool:
        """Return whether a season could be seen twice."""
        return len(self.units) >= 2 * self.season_length

    def until(self, origin: int, horizon: int) -> "Case":
        """Return what was known after week number ``origin``."""
        past = origin + 1
        regressors = self.regressors[: past + horizon].copy()
        for column, ahead in enumerate(self.ahead):
            if ahead != "known":
                regressors[past:, column] = regressors[origin, column] * (ahead == "stays")
        return replace(
            self,
            weeks=self.weeks[:past],
            units=self.units[:past],
            horizon=horizon,
            regressors=regressors,
        )


@dataclass(frozen=True, slots=True)
class Outlook:
    """The demand to expect of one item, in units; each of shape (horizon,)."""

    mean: Array
    sd: Array
    cumulative_mean: Array
    cumulative_sd: Array

    def widened(self, factor: float) -> "Outlook":
        """Return it with its sd multiplied."""
        return replace(self, sd=self.sd * factor, cumulative_sd=self.cumulative_sd * factor)


@dataclass(frozen=True, slots=True)
class Member:
    """One contestant, fitted or not.

    Attributes
    ----------
    name : str
        ``ets``, ``stl``, ``sarimax``, or a rival's own.
    code : str
        Empty when it stands; else why there is none: ``too_short``, ``no_sales``,
        ``too_many_gaps``, ``no_two_cycles``, ``failed``, ``exploded`` (its interval, on every
        scale tried).
    outlook : Outlook, optional
        What it expects.
    fitted, residuals : ndarray, shape (n_weeks,)
        Units that it would have expected a week ahead, and its errors on its own scale (``scale``);
        NaN where unobserved.
    facts : mapping
        ``scale`` (``log`` or ``units``), ``is_seasonal``, ``aicc``, ``has_converged``,
        ``interpolated`` (weeks), ``parameters`` (by name), ``has_exploded_on_logs``; an ETS
        ``trend`` (``damped`` or ``none``); a SARIMAX ``order``, ``effects`` (per regressor
        ``effect``, ``low``, ``high`` of full exposure: a share on logarithms, 0.4 = +40 %, else
        units/week; of ``price`` and ``discount`` an elasticity on logarithms), ``unused``.
    """

    name: str
    code: str = ""
    outlook: Outlook | None = None
    fitted: Array = field(default_factory=lambda: np.empty(0))
    residuals: Array = field(default_factory=lambda: np.empty(0))
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Linear:
    """A fitted linear model, on its scale.

    Attributes
    ----------
    mean : ndarray, shape (horizon,)
        Without further shocks.
    response : ndarray, shape (horizon,)
        What is left of a shock of 1 after 0, 1, ... weeks: ψ.
    variance : float
        Of a week's shock.
    fitted : ndarray, shape (n_weeks,)
        Expected a week ahead.
    facts : dict
        See `Member`.
    """

    mean: Array
    response: Array
    variance: float
    fitted: Array
    facts: dict[str, Any]


def outlook_of(linear: Linear, scale: str, best_week: float) -> Outlook | None:
    """Return the moments of a model's paths, in units; None where they are beyond belief.

    Parameters
    ----------
    linear : Linear
        The model.
    scale : str
        ``log`` (of units + 1) or ``units``.
    best_week : float
        Most units ever seen in a week.

    Notes
    -----
    2,000 fixed paths ``mean_h + σ Σ_j ψ_j e_(h-j)``; the shocks come in opposite pairs and are
    whitened, so that a model that is never cut has its exact moments. Paths are cut to 0 .. 4 times
    the best week. Beyond belief: a week's mean or sd above twice the best week.
    """
    horizon = len(linear.mean)
    if not (np.isfinite(linear.mean).all() and np.isfinite(linear.response).all()):
        return None
    if not 0 <= linear.variance < np.inf:
        return None
    lag = np.arange(horizon)[:, None] - np.arange(horizon)
    lasting = np.where(lag >= 0, linear.response[np.maximum(lag, 0)], 0.0)
    paths = linear.mean + np.sqrt(linear.variance) * (_draws(horizon) @ lasting.T)
    if scale == "log":
        paths = np.expm1(np.minimum(paths, _LOG_MOST))
    plain = np.maximum(paths, 0.0)
    if max(plain.mean(axis=0).max(), plain.std(axis=0).max()) > _SPREAD * best_week:
        return None
    paths = np.minimum(plain, _CEILING * best_week)
    total = paths.cumsum(axis=1)
    spread = np.maximum.accumulate(total.std(axis=0))
    mean = paths.mean(axis=0)
    return Outlook(mean, paths.std(axis=0), mean.cumsum(), spread)


@lru_cache(maxsize=32)
def _draws(horizon: int) -> Array:
    """Return shocks of mean 0 whose sample covariance is the identity, shape (2000, horizon)."""
    half = np.random.default_rng(_SEED).standard_normal((_PATHS // 2, horizon))
    both = np.concatenate([half, -half])
    root = np.linalg.cholesky(both.T @ both / _PATHS)
    return np.asarray(np.linalg.solve(root, both.T).T)


def filled(values: Array) -> Array:
    """Return ``values`` with holes interpolated; what lies outside takes the nearest value.

    >>> filled(np.array([np.nan, 2.0, np.nan, 4.0])).tolist()
    [2.0, 2.0, 3.0, 4.0]
    """
    place = np.arange(len(values))
    known = ~np.isnan(values)
    return np.asarray(np.interp(place, place[known], values[known]))


def or_worst(criterion: float) -> float:
    """Return an information criterion, infinite where it could not be computed."""
    return criterion if np.isfinite(criterion) else np.inf
