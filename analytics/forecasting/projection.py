"""Pass 2: the forecast of some items, given what all share; a pure function."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting import terms
from analytics.forecasting.errors import errors, mixed
from analytics.forecasting.matrix import Array, Matrix, week_of_year
from analytics.forecasting.members import History, states
from analytics.forecasting.season import WEEKS_OF_YEAR
from analytics.forecasting.settings import Settings
from analytics.forecasting.shared import (
    Judged,
    Shared,
    history_of,
    judged,
    mixture,
    without_freaks,
)
from analytics.forecasting.uncertainty import OWN_HORIZONS, Spread, own_ratio, young_variance

_WEEK = np.timedelta64(7, "D")
_UNSEEN = 0.35  # sd of a season's log factor, over a quarter, that no year has shown
_ODD = 0.5  # sd of what follows a spike of a whole pool, over the spike's log height
_QUARTER = 13.0


@dataclass(frozen=True, slots=True)
class Ahead:
    """The weeks to forecast, and how much of the first one is left for each item.

    Attributes
    ----------
    weeks : ndarray of datetime64[D], shape (n_weeks,)
    share : ndarray, shape (n_items, n_weeks)
        1 but for the first week.
    uplift : ndarray, shape (n_items, n_weeks)
        Known events' factor; 1 = none.
    """

    weeks: NDArray[np.datetime64]
    share: Array
    uplift: Array

    @property
    def elapsed(self) -> Array:
        """Return the weeks from the origin to the end of each, shape (n_items, n_weeks)."""
        return np.maximum(self.share, 1e-3).cumsum(axis=1)

    def take(self, rows: NDArray[np.int64]) -> "Ahead":
        """Return what lies ahead of some items."""
        return Ahead(self.weeks, self.share[rows], self.uplift[rows])


@dataclass(frozen=True, slots=True)
class Projection:
    """The forecast of some items; shapes (n_items, n_weeks), weights (n_items, n_members).

    ``season_strength`` is the weight of the members that believe a season; ``members`` are names.
    """

    mean: Array
    sd: Array
    cumulative_sd: Array
    season_strength: Array
    weights: NDArray[np.float32]
    members: tuple[str, ...]

    def take(self, rows: NDArray[np.int64]) -> "Projection":
        """Return the forecast of some of the items."""
        return Projection(
            self.mean[rows],
            self.sd[rows],
            self.cumulative_sd[rows],
            self.season_strength[rows],
            self.weights[rows],
            self.members,
        )


@dataclass(frozen=True, slots=True)
class _Item:
    """What decides the items' spread, shape (n_items,) each."""

    level: Array  # units per usual week
    size: Array  # units of a usual order
    own: Array  # variance over the law's
    seen: Array  # weeks observed


def projection(
    data: Matrix, pool: NDArray[np.int64], known: Shared, ahead: Ahead, settings: Settings
) -> Projection:
    """Return the forecast of the items in ``data``, ``pool`` of each given."""
    if len(pool) == 1:  # numpy adds up a single column in another order, and the last bit differs
        twice = np.zeros(2, dtype=np.int64)
        both = projection(data.take(twice), pool[twice], known, ahead.take(twice), settings)
        return both.take(np.array([0]))
    done = judged(data, pool, known, settings)
    mix = mixture(done, pool, known, settings)
    last = np.array([len(data.weeks) - 1])
    factors = np.exp(done.profile[:, data.week_of_year])
    units = without_freaks(data, pool, factors[min(1, len(factors) - 1)], known)
    past = history_of(data, units, pool, factors, known)
    now = mixed(states(past, done.who, last, settings), done.who, mix)
    path = np.exp(done.profile[:, week_of_year(ahead.weeks)])
    steps = ((ahead.weeks - data.weeks[-1]) // _WEEK).astype(np.int64)
    whole = np.stack([now.forecast(part[:, None])[0] for part in _by_week(past, path, steps)])
    mean = whole.T * ahead.share
    seen = data.observed.sum(axis=1).astype(np.float64)
    item = _Item(now.level[0], done.size, _own(done, mix, known), seen)
    doubt = season_doubt(known, ahead.weeks, len(data.weeks))[:, pool]
    spreads = _sds(known.spread, item, mean, ahead, doubt)
    return Projection(
        mean * ahead.uplift,
        *spreads,
        season_strength=mix[done.who.slot > 0].sum(axis=0),
        weights=mix.T.astype(np.float32),
        members=done.who.names,
    )


def _by_week(past: History, path: Array, steps: NDArray[np.int64]) -> Array:
    return np.moveaxis(terms.future(past, path, steps), 1, 0)


def _sds(
    spread: Spread, item: _Item, mean: Array, ahead: Ahead, doubt: Array
) -> tuple[Array, Array]:
    """Return the sd of each week and of the demand up to its end, shape (n_items, n_weeks) each."""
    own, level, size = item.own[:, None], item.level[:, None], item.size[:, None]
    lead, elapsed = np.arange(1.0, mean.shape[1] + 1)[None, :], ahead.elapsed
    week, total = mean / np.maximum(ahead.share, 1e-3), mean.cumsum(axis=1)
    cumulative = own * spread.cumulative.variance(level, size, elapsed, total, level * elapsed)
    single = own * spread.weekly.variance(level, size, lead, week, level) * ahead.share
    one = np.exp(spread.cumulative.log_variance(item.level, item.size, np.array(1.0))) * item.own
    single += young_variance(one, item.seen, ahead.share) + mean**2 * doubt[0]
    cumulative += young_variance(one, item.seen, elapsed) + total**2 * doubt[1]
    lift, lifted = ahead.uplift, (mean * ahead.uplift).cumsum(axis=1)
    stretch = np.divide(lifted, total, out=np.ones_like(total), where=total > 0)
    some = total[:, -1:] > 0
    sd = np.sqrt(np.where(some, np.maximum(single * lift**2, mean * lift), 0.0))
    whole = np.sqrt(np.where(some, np.maximum(cumulative * stretch**2, lifted), 0.0))
    return sd, np.maximum.accumulate(whole, axis=1)


def _own(done: Judged, mix: Array, known: Shared) -> Array:
    """Return each item's own variance over the law's."""
    then = mixed(done.known, done.who, mix)
    found = {h: errors(done.sums, then, done.size, done.origins, h) for h in OWN_HORIZONS}
    return own_ratio(found, known.spread.cumulative)


def season_doubt(known: Shared, weeks: NDArray[np.datetime64], n_weeks: int) -> Array:
    """Return the relative variance that an uncertain season adds to what errors have shown.

    Shape (2, n_pools, n_weeks): of single weeks, and of the demand up to their end. Where a season
    was learnt: what its posterior says of these weeks beyond an average week's. What no year has
    shown yet is feared by a prior, in full from a quarter ahead on; so is what follows a spike.
    """
    place = week_of_year(weeks)
    out = np.zeros((2, len(known.log_profile), len(weeks)))
    ahead = np.minimum(np.arange(1, len(weeks) + 1) / _QUARTER, 1.0)
    if len(known.slots) > 1:
        sd = np.sqrt(np.maximum(known.doubt, 0.0))
        factor = np.exp(known.log_profile)[:, place]
        here = sd[:, place]
        usual = sd.mean(axis=1, keepdims=True)
        so_far = (here * factor).cumsum(axis=1) / factor.cumsum(axis=1)
        out[0], out[1] = (np.maximum(part**2 - usual**2, 0.0) for part in (here, so_far))
    unseen = max(1 - n_weeks / WEEKS_OF_YEAR, 0.0)
    odd = (_ODD * np.log(known.spike[:, -1:])) ** 2
    return np.asarray(out + _UNSEEN**2 * unseen * ahead + odd)
