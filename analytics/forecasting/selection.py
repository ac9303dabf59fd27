"""How much each member's forecast counts for each item."""

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.matrix import Array
from analytics.forecasting.members import Roster, States
from analytics.forecasting.settings import Settings
from analytics.forecasting.terms import Sums

JUDGED = (1, 4, 8)  # weeks whose total a member is judged by
_NOISE = 0.1  # share of an item's variance that is added to every loss
_ACCOUNT = 500.0  # origins at which a pool's losses weigh as much as the account's


def rolling_losses(
    sums: Sums, known: States, who: Roster, origins: NDArray[np.int64]
) -> tuple[Array, Array]:
    """Return each member's mean squared error of 1-, 4- and 8-week totals.

    Parameters
    ----------
    sums : Sums
        Observed demand and the terms of forecasts.
    known : States
        What each member knew after each origin.
    who : Roster
        The members.
    origins : ndarray, shape (n_origins,)
        Weeks after which a forecast was made.

    Returns
    -------
    losses : ndarray, shape (n_members, n_items)
        Each horizon's errors divided by ``horizon^1.5``, about as fast as they grow; 0 where
        nothing could be judged.
    judged : ndarray, shape (n_items,)
        Origins that were judged.
    """
    n_weeks, n_items = len(sums.units) - 1, sums.units.shape[1]
    loss, count = np.zeros((len(who.names), n_items)), np.zeros(n_items)
    judged = np.zeros(n_items)
    for horizon in JUDGED:
        here = np.flatnonzero(origins + horizon < n_weeks)
        if not len(here):
            continue
        units, terms, usable = sums.over(origins[here], horizon)
        usable &= sums.seen(origins[here]) > 0
        for place, origin in enumerate(here):
            at = terms[:, place].astype(np.float32)
            error = known.on_slot[origin] * at[who.slot]
            error[who.term >= 0] += known.on_term[origin, who.term >= 0] * at[_terms(who)]
            error -= units[place].astype(np.float32)
            error *= error
            loss += error * (usable[place] / horizon**1.5)
        count += usable.sum(axis=0)
        if horizon == 1:
            judged = usable.sum(axis=0).astype(np.float64)
    return loss / np.maximum(count, 1), judged


def _terms(who: Roster) -> NDArray[np.int64]:
    return np.asarray(who.term[who.term >= 0])


def scaled(losses: Array, judged: Array, variance: Array) -> Array:
    """Return losses over each item's variance, summed over origins, shape (n_members, n_items).

    A tenth of the variance is added: what is small beside an item's noise is no evidence, so that
    an item that rarely sells is not taken for dead because nothing sold lately.
    """
    noise = np.maximum(variance, 1e-12)
    return np.asarray((losses / noise + _NOISE) * judged)


def pooled(
    losses: Array, judged: Array, pool: NDArray[np.int64], parents: NDArray[np.int64]
) -> Array:
    """Return the members' log losses in every pool, around their mean, (n_pools, n_members).

    A pool's loss is the sum over its items of loss over variance, drawn to its parent's.

    Parameters
    ----------
    losses : ndarray, shape (n_members, n_items)
        As `scaled` returns them.
    judged : ndarray, shape (n_items,)
        Origins.
    pool : ndarray of int, shape (n_items,)
        Each item's pool.
    parents : ndarray of int, shape (n_pools,)
        Each pool's parent, -1 for the account; parents come first.
    """
    out = np.zeros((len(parents), len(losses)))
    total = np.stack([np.bincount(pool, x, len(parents)) for x in losses], axis=1)
    size = np.bincount(pool, judged, len(parents))
    for child in range(len(parents) - 1, 0, -1):
        total[parents[child]] += total[child]
        size[parents[child]] += size[child]
    out[0] = total[0] / size[0] if size[0] > 0 else 1.0
    for index, parent in enumerate(parents[1:], 1):
        out[index] = (total[index] + _ACCOUNT * out[parent]) / (size[index] + _ACCOUNT)
    return _relative(out, axis=1)


def weights(
    losses: Array,
    judged: Array,
    shared: Array,
    handicap: Array,
    settings: Settings,
) -> Array:
    """Return how much each member counts, shape (n_members, n_items); columns add up to 1.

    Parameters
    ----------
    losses, judged
        As `scaled` and `rolling_losses` return them.
    shared : ndarray, shape (n_members, n_items)
        The log losses of each item's pool.
    handicap : ndarray, shape (n_members, n_items)
        Log loss to begin with.
    settings : Settings
        Sharpness and shrinkage.

    Notes
    -----
    ``exp(-8 log-loss)``, the log-loss drawn to the pool's by ``n / (n + 50)``, n origins judged.
    """
    mine = _relative(losses + (judged == 0), axis=0)
    own = judged / (judged + settings.shrinkage)
    score = own * mine + (1 - own) * shared + handicap
    score = np.exp(-settings.sharpness * (score - score.min(axis=0)))
    return np.asarray(score / score.sum(axis=0))


def _relative(losses: Array, axis: int) -> Array:
    log = np.log(np.maximum(losses, 1e-12))
    return np.asarray(log - log.mean(axis=axis, keepdims=True))
