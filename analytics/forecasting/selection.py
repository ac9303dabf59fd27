"""Which speed and how much season each item's forecast believes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.matrix import Array
from analytics.forecasting.settings import Settings

JUDGED = (1, 4, 8)  # weeks whose total a candidate is judged by
_NOISE = 0.1  # share of an item's variance that is added to every loss
_ACCOUNT = 500.0  # origins at which a pool's losses weigh as much as the account's


@dataclass(frozen=True, slots=True)
class Sums:
    """Running totals over observed weeks, so that any stretch is one subtraction.

    Attributes
    ----------
    units : ndarray, shape (n_items, n_weeks + 1)
    weeks : ndarray, shape (n_items, n_weeks + 1)
    season : ndarray, shape (n_strengths, n_items, n_weeks + 1)
    """

    units: Array
    weeks: Array
    season: Array

    def over(
        self, origins: NDArray[np.int64], horizon: int, *, skip: int = 0
    ) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
        """Return units, weeks, season factors and usability of the ``horizon`` weeks after origins.

        The first ``skip`` weeks are left out. Shapes (n_origins, n_items), the season with
        strengths first. Usable: at least 60 % of the weeks were observed.
        """
        low = origins + 1 + skip
        high = low + horizon
        units = (self.units[:, high] - self.units[:, low]).T
        weeks = (self.weeks[:, high] - self.weeks[:, low]).T
        season = np.swapaxes(self.season[:, :, high] - self.season[:, :, low], 1, 2)
        return units, weeks, season, weeks >= 0.6 * horizon


def sums(units: Array, observed: NDArray[np.bool_], factors: Array) -> Sums:
    """Return running totals; ``factors`` has shape (n_strengths, n_items, n_weeks)."""
    return Sums(
        _running(units * observed),
        _running(observed.astype(np.float64)),
        _running(factors * observed),
    )


def _running(values: Array) -> Array:
    zero = np.zeros((*values.shape[:-1], 1))
    return np.concatenate([zero, values.cumsum(axis=-1)], axis=-1)


def rolling_losses(
    totals: Sums, levels: NDArray[np.float32], origins: NDArray[np.int64]
) -> tuple[Array, Array]:
    """Return each candidate's mean squared error of 1-, 4- and 8-week totals.

    Parameters
    ----------
    totals : Sums
        Observed demand.
    levels : ndarray, shape (n_origins, n_strengths, n_items, n_alphas)
        Level after each origin.
    origins : ndarray, shape (n_origins,)
        Weeks after which a forecast was made.

    Returns
    -------
    losses : ndarray, shape (n_items, n_strengths * n_alphas)
        Each horizon's errors divided by ``horizon^1.5``, about as fast as they grow; 0 where
        nothing could be judged.
    judged : ndarray, shape (n_items,)
        Origins that were judged.
    """
    n_weeks = totals.units.shape[1] - 1
    n_items, n_candidates = levels.shape[2], levels.shape[1] * levels.shape[3]
    loss, count = np.zeros((n_items, n_candidates)), np.zeros(n_items)
    judged = np.zeros(n_items)
    for horizon in JUDGED:
        here = origins + horizon < n_weeks
        if not here.any():
            continue
        units, _, season, usable = totals.over(origins[here], horizon)
        usable &= (levels[here] > 0).any(axis=(1, 3)) | (totals.weeks[:, origins[here] + 1] > 0).T
        error = levels[here] * np.swapaxes(season, 0, 1)[..., None] - units[:, None, :, None]
        squared = np.where(usable[:, None, :, None], error**2, 0.0).sum(axis=0)
        loss += np.moveaxis(squared, 1, 0).reshape(n_items, n_candidates) / horizon**1.5
        count += usable.sum(axis=0)
        if horizon == 1:
            judged = usable.sum(axis=0).astype(np.float64)
    return loss / np.maximum(count, 1)[:, None], judged


def weights(
    losses: Array,
    judged: Array,
    variance: Array,
    pool: NDArray[np.int64],
    *,
    strengths: Array,
    settings: Settings,
) -> Array:
    """Return how much each candidate counts, shape (n_items, n_candidates); rows add up to 1.

    Parameters
    ----------
    losses, judged
        As `rolling_losses` returns them.
    variance : ndarray, shape (n_items,)
        Variance of each item's weekly demand. A tenth of it is added to every loss: what is small
        beside an item's noise is no evidence, so that an item that rarely sells is not taken for
        dead because nothing sold lately.
    pool : ndarray of int, shape (n_items,)
        Each item's pool.
    strengths : ndarray, shape (n_strengths,)
        Share of the season that candidates believe; the candidates of one stand together.
    settings : Settings
        Sharpness and shrinkage.

    Notes
    -----
    ``exp(-8 log-loss)``, the log-loss drawn to the pool's by ``n / (n + 50)``, n origins judged.
    A pool's loss is the sum over its items of loss over variance; it is drawn to the account's.
    """
    noise = np.maximum(variance, 1e-12)[:, None]
    scaled = (losses + _NOISE * noise) / noise * judged[:, None]
    account = scaled.sum(axis=0)
    size = float(judged.sum())
    n_pools = int(pool.max(initial=0)) + 1
    by_pool = [np.bincount(pool, weights=column, minlength=n_pools) for column in scaled.T]
    pooled = _relative(np.stack(by_pool, axis=1) + account * _ACCOUNT / max(size, 1.0) + 1e-12)
    mine = _relative(scaled + (judged == 0)[:, None])
    own = (judged / (judged + settings.shrinkage))[:, None]
    prior = np.repeat(strengths, losses.shape[1] // len(strengths)) * settings.season_prior
    score = -settings.sharpness * (own * mine + (1 - own) * pooled[pool] - prior)
    score = np.exp(score - score.max(axis=1, keepdims=True))
    return np.asarray(score / score.sum(axis=1, keepdims=True))


def _relative(losses: Array) -> Array:
    log = np.log(losses)
    return np.asarray(log - log.mean(axis=1, keepdims=True))
