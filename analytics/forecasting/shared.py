"""Pass 1: what a panel's items teach together, small enough to send anywhere."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting import own_season, terms
from analytics.forecasting.errors import HORIZONS, LEADS, errors, mixed
from analytics.forecasting.matrix import Array, Matrix
from analytics.forecasting.members import EXTRA, History, Roster, States, roster, states
from analytics.forecasting.pooling import freak_limit, spike
from analytics.forecasting.season import WEEKS_OF_YEAR, Seasons
from analytics.forecasting.selection import pooled, rolling_losses, scaled, weights
from analytics.forecasting.settings import Settings
from analytics.forecasting.uncertainty import Spread, spread

_SIZES = 5.0  # a freak order is so many of the item's usual ones, too
_SHOWN = 4  # selling weeks that show what is usual
_LARGE = 0.95  # quantile of the levels of a pool's items that counts as its large one
_TELL = 5  # items that tell what a pool's items usually sell
_OLDER_ORIGINS = 13  # every second week before the newest origins, to judge long horizons
_FEW_ITEMS = 10.0  # SKUs at which a pool's index is believed as much as its parent's
_CALMING = 0.5  # log-loss by which a doubled pool favours members that doubt it, over log 2
_TELLING = 3.0  # an origin is evidence in full if every third week has a sale
_OF_POOL = (
    "log_profile", "log_judged", "doubt", "spike", "log_loss", "favour", "large", "typical",
)  # fmt: skip
_YEARS_TO_REPEAT = 78  # weeks from which an item's own season can be seen to repeat

Weeks = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shared:
    """What all items share; a few kilobytes, rounded so that small changes leave it equal.

    Attributes
    ----------
    slots : tuple of str
        Names of the seasons that members use: ``none``, ``group``, ``half``, ``own``.
    log_profile, log_judged : ndarray, shape (n_pools, 52), (n_pools, n_weeks)
        Each pool's season as believed, and the past's as judged.
    doubt : ndarray, shape (n_pools, 52)
        Variance of the log profile, after the data.
    blocks : ndarray of int, shape (n_blocks, 2)
        Weeks that are held out together.
    own_spread : float
        Variance of items' own log seasons around their group's.
    spike : ndarray, shape (n_pools, n_weeks)
        How far each pool stood above its usual, out of season; 1 = not at all.
    log_loss : ndarray, shape (n_pools, n_members)
        How the members did.
    favour : ndarray, shape (n_pools,)
        Log-loss by which each pool's season is favoured before anything is judged.
    large, typical : ndarray, shape (n_pools,)
        Units per week of each pool's large items and of its usual ones; infinite and 0 where too
        few items tell.
    spread : Spread
        How far off the forecast has been.
    """

    slots: tuple[str, ...]
    log_profile: Array
    log_judged: Array
    doubt: Array
    blocks: NDArray[np.int64]
    own_spread: float
    spike: Array
    log_loss: Array
    favour: Array
    large: Array
    typical: Array
    spread: Spread

    def digests(self, salt: str) -> list[bytes]:
        """Return a digest of what the items of each pool use."""
        everyone = hashlib.blake2b(f"{salt} {self.slots} {self.own_spread}".encode())
        laws = (self.spread.cumulative, self.spread.weekly)
        parts = [part for law in laws for part in (law.horizons, law.intercept, law.slope)]
        corrections = [law.correction for law in laws]
        for part in (self.blocks, *parts, *corrections):
            everyone.update(np.ascontiguousarray(part).tobytes())
        out = []
        mine = [getattr(self, name) for name in _OF_POOL]
        for rows in zip(*mine, strict=True):
            digest = everyone.copy()
            for row in rows:
                digest.update(np.ascontiguousarray(row).tobytes())
            out.append(digest.digest())
        return out


@dataclass(frozen=True, slots=True)
class Judged:
    """Some items' past, and how the league did on it."""

    history: History
    profile: Array  # log seasons by week of the year as believed, (n_slots, 52, n_items)
    sums: terms.Sums
    who: Roster
    variance: Array  # of an item's weekly demand, (n_items,)
    size: Array  # of an item's usual order, units, (n_items,)
    losses: Array  # over the variance, (n_members, n_items)
    judged: Array  # origins, (n_items,)
    told: Array  # the same, fewer where an item sells so rarely that silence says little
    origins: Weeks  # ascending, (n_origins,)
    known: States  # after each of them


def origins_of(n_weeks: int, newest: int) -> Weeks:
    """Return the weeks after which a forecast is tried: the newest, and every second one before."""
    last = n_weeks - 2
    recent = np.arange(last, last - newest, -1)
    older = np.arange(last - newest - 1, last - newest - 1 - 2 * _OLDER_ORIGINS, -2)
    origins = np.sort(np.concatenate([recent, older]))
    return np.asarray(origins[origins >= 0])


def shared(data: Matrix, season: Seasons, settings: Settings) -> Shared:
    """Return what all items share, learnt from a sample of them."""
    n_weeks = len(data.weeks)
    honest = len(season.blocks) > 0
    place = data.week_of_year
    rows = sampled(data, settings)
    pool = season.pools.of_item[rows]
    parents = np.array([p.parent for p in season.pools.pools])
    some = data.take(rows)
    large, typical = _levels(data, season)
    begun = Shared(
        slots=("none", "group") if season.is_learnt else ("none",),
        log_profile=_coarse(season.log_profile, 0.01),
        log_judged=_coarse(season.judged(place), 0.01),
        doubt=_coarse(season.variance, 0.001),
        blocks=season.blocks,
        own_spread=0.0,
        spike=_spikes(season, season.judged(place)),
        log_loss=np.zeros((len(parents), 0)),
        favour=_coarse(_favour(season, settings), 0.05),
        large=large,
        typical=typical,
        spread=Spread.unknown(),
    )
    if honest and n_weeks >= _YEARS_TO_REPEAT:
        begun = _with_own_seasons(begun, some, pool)
    every = origins_of(n_weeks, settings.origins)
    done = judged(some, pool, begun, settings, every)
    log_loss = _coarse(pooled(done.losses, done.judged, pool, parents), 0.05)
    begun = replace(begun, log_loss=log_loss)
    mix = mixture(done, pool, begun, settings)
    return replace(begun, spread=_spread(done, mix))


def _levels(data: Matrix, season: Seasons) -> tuple[Array, Array]:
    """Return the levels of each pool's large items and of its usual ones, units/week."""
    found = season.pools.pools
    large, typical = np.full(len(found), np.inf), np.zeros(len(found))
    shown = (data.units > 0).sum(axis=1) >= _SHOWN
    level = data.units.sum(axis=1) / np.maximum(data.observed.sum(axis=1), 1)
    for index, pool in enumerate(found):
        known = level[pool.rows[shown[pool.rows]]]
        if len(known) >= _TELL:
            large[index], typical[index] = np.quantile(known, _LARGE), np.median(known)
        elif pool.parent >= 0:
            large[index], typical[index] = large[pool.parent], typical[pool.parent]
    told = typical > 0
    for values in (large, typical):  # a tenth on logarithms: a little news changes nothing
        values[told] = np.exp(_coarse(np.log(values[told]), 0.1))
    return large, typical


def _coarse(values: Array, step: float) -> Array:
    return np.asarray(np.round(values / step) * step)


def sampled(data: Matrix, settings: Settings) -> NDArray[np.int64]:
    """Return the rows of at most ``settings.sample`` items that sold anything, evenly spaced."""
    sells = np.flatnonzero(data.units.sum(axis=1) > 0)
    if not len(sells):
        sells = np.arange(min(len(data.items), 1))
    step = max(1, -(-len(sells) // settings.sample))
    return np.asarray(sells[::step])


def _favour(season: Seasons, settings: Settings) -> Array:
    size = np.array([len(pool.rows) for pool in season.pools.pools], dtype=np.float64)
    return np.asarray(settings.season_prior * size / (size + settings.guarded_pool / 2))


def _spikes(season: Seasons, log_judged: Array) -> Array:
    """Return each pool's spikes, its index drawn to its parent's where the pool is small."""
    log = season.log_index - log_judged
    for index, pool in enumerate(season.pools.pools):
        share = len(pool.rows) / (len(pool.rows) + _FEW_ITEMS)
        above = log[pool.parent] if pool.parent >= 0 else 0.0
        log[index] = share * log[index] + (1 - share) * above
    return np.exp(_coarse(np.array([spike(row) for row in log]), 0.02))


def _with_own_seasons(known: Shared, data: Matrix, pool: NDArray[np.int64]) -> Shared:
    factor = np.exp(known.log_judged[pool]).T
    units = without_freaks(data, pool, factor, known)
    usual = own_season.expected(units, data.weight.T, factor)
    own_spread = round(own_season.spread(units, usual, data.week_of_year), 3)
    slots = known.slots if own_spread == 0 else ("none", "group", "half", "own")
    return replace(known, own_spread=own_spread, slots=slots)


def judged(
    data: Matrix,
    pool: NDArray[np.int64],
    known: Shared,
    settings: Settings,
    origins: Weeks | None = None,
) -> Judged:
    """Return the past of some items as it looks when nothing judges itself, and how members did.

    States are kept at ``origins``, the newest of which are those that judge; none = those alone.
    """
    n_weeks = len(data.weeks)
    log, profile, units = seasons_of_items(data, pool, known)
    history = history_of(data, units, pool, np.exp(log), known)
    who = roster(n_weeks, known.slots, settings)
    newest = _newest(n_weeks, settings)
    at = newest if origins is None else origins
    sums = terms.past(history)
    then = states(history, who, at, settings)
    losses, count = rolling_losses(sums, then.newest(len(newest)), who, newest)
    variance = _noise(history)
    losses = scaled(losses, count, variance)
    told = count * np.minimum(1.0, _TELLING * _busy(history))
    size = _order_size(history)
    return Judged(history, profile, sums, who, variance, size, losses, count, told, at, then)


def _newest(n_weeks: int, settings: Settings) -> Weeks:
    origins = origins_of(n_weeks, settings.origins)
    return np.asarray(origins[origins >= n_weeks - 1 - settings.origins])


def mixture(done: Judged, pool: NDArray[np.int64], known: Shared, settings: Settings) -> Array:
    """Return the weights of the members, shape (n_members, n_items)."""
    seasonal = (done.who.slot > 0)[:, None]
    handicap = done.who.handicap[:, None] - known.favour[pool] * seasonal
    calm = (done.who.term == done.who.n_slots + EXTRA.index("calm"))[:, None]
    handicap = handicap - _CALMING * np.log(known.spike[pool, -1]) * calm
    return weights(done.losses, done.told, known.log_loss[pool].T, handicap, settings)


def seasons_of_items(
    data: Matrix, pool: NDArray[np.int64], known: Shared
) -> tuple[Array, Array, Array]:
    """Return log factors of the past as judged, by week of the year as believed, and demand.

    Shapes (n_slots, n_weeks, n_items), (n_slots, 52, n_items) and (n_weeks, n_items); demand has
    its freak orders cut.
    """
    n_slots, place = len(known.slots), data.week_of_year
    log = np.zeros((n_slots, len(data.weeks), len(data.items)))
    profile = np.zeros((n_slots, WEEKS_OF_YEAR, len(data.items)))
    log[1:], profile[1:] = known.log_judged[pool].T, known.log_profile[pool].T
    factor = np.exp(log[min(1, n_slots - 1)])
    units = without_freaks(data, pool, factor, known)
    if n_slots <= 2:
        return log, profile, units
    usual = own_season.expected(units, data.weight.T, factor)
    every = np.ones(len(place), dtype=bool)
    own = own_season.deviation(*own_season.evidence(units, usual, place, every), known.own_spread)
    past = own[place]
    for low, high in known.blocks:
        left = every.copy()
        left[low:high] = False
        other = own_season.evidence(units, usual, place, left)
        past[low:high] = own_season.deviation(*other, known.own_spread)[place[low:high]]
    for slot, share in ((2, 0.5), (3, 1.0)):
        log[slot] += share * past
        profile[slot] += share * own
    return log, profile, units


def history_of(
    data: Matrix, units: Array, pool: NDArray[np.int64], factors: Array, known: Shared
) -> History:
    """Return the past of items with their seasons, shape (n_slots, n_weeks, n_items).

    ``units``, of shape (n_weeks, n_items), has its freak orders cut.
    """
    weight = np.ascontiguousarray(data.weight.T)
    return History(units, data.units.T, weight, factors, known.spike[pool].T)


def without_freaks(data: Matrix, pool: NDArray[np.int64], factors: Array, known: Shared) -> Array:
    """Return demand with freak orders cut: single weeks far above the item's usual ones.

    ``factors`` and what is returned have the shape (n_weeks, n_items). A week is cut to five times
    what was to be expected, and not below five times the item's median selling week, if its
    neighbours are usual; two high weeks in a row are a new level. Items with fewer than four
    selling weeks show no usual size; see `_without_first_orders`.
    """
    units, observed = data.units.T, data.observed.T
    exposure = np.maximum((factors * observed).sum(axis=0), 1e-9)
    selling = (units > 0).sum(axis=0)
    ordered = np.sort(units, axis=0)
    middle = len(units) - 1 - np.maximum(selling - 1, 0) // 2
    median = ordered[middle, np.arange(units.shape[1])]
    kept = units
    for _ in range(3):  # what a freak order adds to the mean must not excuse it
        usual = kept.sum(axis=0) / exposure
        limit = np.maximum(freak_limit(usual * factors), _SIZES * median)
        high = (units > limit) & (selling >= _SHOWN)
        kept = np.where(_alone(high), limit, units)
    young = np.flatnonzero((selling > 0) & (selling < _SHOWN))
    if len(young):
        kept[:, young] = _without_first_orders(
            kept[:, young], pool[young], factors[:, young], known
        )
    return kept


def _without_first_orders(
    units: Array, pool: NDArray[np.int64], factors: Array, known: Shared
) -> Array:
    """Return demand of items that have hardly sold, drawn to the pool's where it is beyond belief.

    A week beyond five times what the pool's large items sell counts as a week of its usual items,
    unless there is another one: what comes again is demand. All arrays have the shape (n_weeks,
    n_items).
    """
    high = units > freak_limit(known.large[pool] * factors)
    once = high & (high.sum(axis=0) == 1)
    return np.where(once, known.typical[pool] * factors, units)


def _alone(high: NDArray[np.bool_]) -> NDArray[np.bool_]:
    alone = high.copy()
    alone[1:] &= ~high[:-1]
    alone[:-1] &= ~high[1:]
    return alone


def _busy(history: History) -> Array:
    """Return the share of observed weeks with a sale, shape (n_items,)."""
    observed = np.maximum((history.weight > 0).sum(axis=0), 1)
    return np.asarray((history.units > 0).sum(axis=0) / observed)


def _order_size(history: History) -> Array:
    """Return the size of a usual order: demand weighted by itself, ``Σ y²/s / Σ y``."""
    group = history.factors[min(1, len(history.factors) - 1)]
    total = history.units.sum(axis=0)
    weighted = (history.units**2 / np.maximum(group, 1e-6)).sum(axis=0)
    return np.asarray(np.where(total > 0, weighted / np.where(total > 0, total, 1.0), 1.0))


def _noise(history: History) -> Array:
    count = np.maximum((history.weight > 0).sum(axis=0), 1)
    mean = history.units.sum(axis=0) / count
    return np.asarray((history.units**2).sum(axis=0) / count - mean**2)


def _spread(done: Judged, mix: Array) -> Spread:
    then, at = mixed(done.known, done.who, mix), done.origins
    total = {h: errors(done.sums, then, done.size, at, h) for h in HORIZONS}
    single = {h: errors(done.sums, then, done.size, at, 1, skip=h - 1) for h in LEADS}
    return spread(total, single)
