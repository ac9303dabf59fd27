"""What events of whole markets do to demand, told apart from the season of the calendar."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.exposure import Cells, Ints
from analytics.forecasting.groups import Pool
from analytics.forecasting.matrix import Array
from analytics.forecasting.pooling import common_shock, pool_index
from analytics.forecasting.response import HIGH, LOW, Pull, day_factor, day_slope
from analytics.forecasting.season import WEEKS_OF_YEAR, Seasons

_SD, _STATED_SD = 0.5, 0.25  # of an event's log factor; of its difference from what was stated
_BRANCH_SD = 0.3  # of a group's difference from its parent
_ITEM_SD = 0.3  # of an item's difference from its group
_DRIFT = 0.03  # sd of a group's weekly log growth that is no season
_ROOT, _BRANCH, _BEND = 0.5, 0.2, 0.4  # sds of a season, of its difference from the parent's, bends
_GUARD = 50  # SKUs below which a pool is believed less
_TURNS = 4
_DIGITS = 3  # of a logarithm: a little news far away changes nothing here


@dataclass(frozen=True, slots=True)
class Feasts:
    """Effects of market-wide events by pool.

    Attributes
    ----------
    effect, sd : ndarray, shape (n_pools, n_codes)
        Log factor of a day under each kind of event, on top of what was stated.
    base : ndarray, shape (n_codes,)
        Log factor that the user stated on average; 0 where nothing was.
    own : ndarray, shape (n_items, n_codes)
        How far each item's log factor lies off its pool's.
    weeks, items : ndarray of int, shape (n_pools, n_codes)
        Observed item-weeks, and items, behind each effect.
    log_profile : ndarray, shape (n_pools, 52)
        The season that is left when the events are taken out.
    """

    effect: Array
    sd: Array
    base: Array
    own: Array
    weeks: Ints
    items: Ints
    log_profile: Array


@dataclass(frozen=True, slots=True)
class History:
    """What market-wide events are learnt from.

    Attributes
    ----------
    units, weight : ndarray, shape (n_items, n_weeks)
        Demand, and how much of the week was observed (0 = nothing).
    market : ndarray of int, shape (n_items,)
        Each item's market.
    place : ndarray of int, shape (n_weeks,)
        Week of the year.
    """

    units: Array
    weight: Array
    market: Ints
    place: Ints


def feasts(seen: History, cells: Cells, season: Seasons, stated: Array) -> Feasts:
    """Return the effects of market-wide events, and the season beside them.

    Parameters
    ----------
    seen : History
        Demand with the promotions of single items taken out.
    cells : Cells
        Market-wide events of the past; ``item`` is the market.
    season : Seasons
        Pools; the season is learnt anew here.
    stated : ndarray, shape (n_codes,)
        Mean log factor that the user stated of each kind of event; NaN = none.

    Notes
    -----
    A pool's log index is a drifting level plus a season of 52 weeks plus its events, all at once,
    each drawn to its parent pool's: what comes back in the same week of every year may be either,
    what wanders through the year can only be the event, and one week's spike fits a dated event
    better than a season that bends smoothly. With one cycle or none, ridges decide.
    """
    base, n_codes = np.nan_to_num(stated), len(stated)
    prior_sd = np.where(np.isnan(stated), _SD, _STATED_SD)
    pools = season.pools.pools
    effect, sd = np.zeros((len(pools), n_codes)), np.tile(prior_sd, (len(pools), 1))
    weeks, items = np.zeros((2, len(pools), n_codes), dtype=np.int64)
    profile = season.log_profile.copy()
    for index, pool in enumerate(pools):
        up = pool.parent
        if up >= 0:
            effect[index], sd[index] = effect[up], np.hypot(sd[up], _BRANCH_SD)
        rows = pool.rows
        if not len(rows) or not (n_codes or season.is_learnt):
            continue
        observed = seen.weight[rows] > 0
        share, said = _exposure(cells, seen.market[rows], len(seen.place), base)
        weeks[index], items[index] = _counts(observed, share)
        active = np.flatnonzero((share * observed.any(axis=0)).max(axis=1, initial=0.0) > 0)
        width = np.full(n_codes, _BRANCH_SD) if up >= 0 else prior_sd
        parent = profile[up] if up >= 0 else np.zeros(WEEKS_OF_YEAR)
        before = _Before(effect[index][active], width[active], parent)
        under = _Under(season.is_learnt, pool, seen.place, share[active], said[active])
        told = _fitted(before, under, *pool_index(seen.units[rows], observed))
        effect[index, active], profile[index] = told[0], told[2]
        sd[index, active] = np.minimum(told[1], sd[index, active])
    own = np.zeros((len(seen.units), n_codes))
    effect, sd, base, profile = (np.round(part, _DIGITS) for part in (effect, sd, base, profile))
    return Feasts(effect, sd, base, own, weeks, items, profile)


def no_feasts(season: Seasons, n_items: int, stated: Array) -> Feasts:
    """Return what is believed of market-wide events before any is looked at."""
    shape = (len(season.pools.pools), len(stated))
    sd = np.tile(np.where(np.isnan(stated), _SD, _STATED_SD), (shape[0], 1))
    nothing = np.zeros(shape, dtype=np.int64)
    own = np.zeros((n_items, len(stated)))
    base = np.nan_to_num(stated)
    return Feasts(np.zeros(shape), sd, base, own, nothing, nothing, season.log_profile)


def factors(found: Feasts, cells: Cells, market: Ints, pool: Ints, shape: tuple[int, int],
            *, at_word: bool = False) -> Array:  # fmt: skip
    """Return the factor of market-wide events in each item's week, of the given shape.

    With ``at_word``, what the user stated of an event counts as it is, as it does ahead.
    """
    out = np.ones(shape)
    for which, rows in _blocks(cells, market):
        day = _day(found, cells, rows, pool[rows], which)
        if at_word and not np.isnan(cells.stated[which]):
            day = np.full(len(rows), cells.stated[which])
        out[rows, cells.week[which]] *= day_factor(cells.share[which], day)
    return out


def own_effects(found: Feasts, cells: Cells, market: Ints, pool: Ints, now: Pull) -> Array:
    """Return how far each item's effects lie off its pool's, shape (n_items, n_codes)."""
    told, drawn = np.zeros((2, *found.own.shape))
    for which, rows in _blocks(cells, market):
        week, code = cells.week[which], cells.code[which]
        slope = day_slope(cells.share[which], _day(found, cells, rows, pool[rows], which))
        weight = now.weight[rows, week] * slope
        told[rows, code] += weight * slope
        drawn[rows, code] += weight * now.residual[rows, week]
    off = np.round(drawn / (told + 1 / _ITEM_SD**2), _DIGITS)
    return np.asarray(np.clip(found.own + off, -2.0, 2.0))


def _blocks(cells: Cells, market: Ints) -> Iterator[tuple[int, Ints]]:
    """Yield every entry with the items that it concerns."""
    for number in np.unique(cells.item):
        rows = np.flatnonzero(market == number)
        for which in np.flatnonzero(cells.item == number).tolist():
            yield which, rows


def _day(found: Feasts, cells: Cells, rows: Ints, pool: Ints, which: int) -> Array:
    """Return the log factor of a day of one entry for the items ``rows``."""
    code, stated = cells.code[which], cells.stated[which]
    base = found.base[code] if np.isnan(stated) else stated
    return np.asarray(np.clip(base + found.effect[pool, code] + found.own[rows, code], LOW, HIGH))


def _exposure(cells: Cells, market: Ints, n_weeks: int, base: Array) -> tuple[Array, Array]:
    """Return a pool's share of each week under each event, and what was stated of it.

    Shape (n_codes, n_weeks) each; items of several markets are averaged.
    """
    share = np.zeros((len(base), n_weeks))
    stated = np.zeros((len(base), n_weeks))
    part = np.bincount(market, minlength=int(cells.item.max(initial=0)) + 1) / len(market)
    amount = cells.share * part[cells.item]
    np.add.at(share, (cells.code, cells.week), amount)
    word = np.where(np.isnan(cells.stated), base[cells.code], cells.stated)
    np.add.at(stated, (cells.code, cells.week), amount * word)
    return share, np.where(share > 0, stated / np.where(share > 0, share, 1.0), base[:, None])


def _counts(seen: NDArray[np.bool_], share: Array) -> tuple[Ints, Ints]:
    """Return the observed item-weeks and items under each event."""
    under = share > 0
    weeks = under @ seen.sum(axis=0)
    items = np.array([int(seen[:, on].any(axis=1).sum()) for on in under], dtype=np.int64)
    return weeks.astype(np.int64), items


@dataclass(frozen=True, slots=True)
class _Before:
    """What is believed of a pool before its index is seen."""

    effect: Array  # of its events
    sd: Array
    season: Array  # its parent's


@dataclass(frozen=True, slots=True)
class _Under:
    """What a pool's weeks are under."""

    has_season: bool
    pool: Pool
    place: Ints
    share: Array  # (n_codes, n_weeks)
    stated: Array


def _fitted(
    before: _Before, under: _Under, log_index: Array, variance: Array
) -> tuple[Array, Array, Array]:
    """Return effects, their standard deviations and the log season of one pool."""
    known = np.isfinite(variance)
    n_weeks = len(variance)
    if not known.any():
        return before.effect, before.sd, before.season
    shock = _shock(under, log_index, variance)
    weight = np.where(known, 1 / np.where(known, variance + shock, 1.0), 0.0)
    inverse, season = _without_events(before, under, weight)
    usual = season[under.place]
    kernel = _both(inverse, under.place)
    effect, ridge = before.effect.copy(), 1 / before.sd**2
    matrix = np.diag(ridge)
    for _ in range(_TURNS):
        day = under.stated + effect[:, None]
        slope = day_slope(under.share, day)
        left = np.where(known, log_index - usual, 0.0) + effect @ slope
        left -= np.log(day_factor(under.share, day)).sum(axis=0)
        pulled = weight * slope
        matrix = pulled @ slope.T - pulled @ kernel @ pulled.T + np.diag(ridge)
        right = pulled @ (left - kernel @ (weight * left)) + ridge * before.effect
        step = np.clip(np.linalg.solve(matrix, right) - effect, -1.0, 1.0)
        effect = np.clip(effect + step, LOW - 1.0, HIGH + 1.0)
    left -= effect @ slope
    away = inverse @ np.append(
        weight * left, np.bincount(under.place, weight * left, WEEKS_OF_YEAR)
    )
    profile = season + away[n_weeks:]
    sd = np.sqrt(np.diag(np.linalg.inv(matrix)))
    return effect, sd, np.asarray(profile - np.log(np.exp(profile).mean()))


def _both(inverse: Array, place: Ints) -> Array:
    """Return ``D inverse Dᵀ`` where row t of ``D`` picks week t's level and season."""
    n_weeks = len(place)
    season = n_weeks + place
    return np.asarray(
        inverse[:n_weeks, :n_weeks]
        + inverse[:n_weeks, season]
        + inverse[season, :n_weeks]
        + inverse[np.ix_(season, season)]
    )


def _shock(under: _Under, log_index: Array, variance: Array) -> float:
    """Return the variance of what a pool shares in one week, from the weeks without events."""
    quiet = np.where(under.share.sum(axis=0) > 0, np.inf, variance)
    enough = np.isfinite(quiet).sum() > np.isfinite(variance).sum() / 3
    cycles = np.isfinite(variance).sum() >= 2 * WEEKS_OF_YEAR
    caution = 1.0 if cycles else 1.5
    shock = common_shock(log_index, quiet if enough else variance)
    return shock * caution**2 * max(1.0, _GUARD / len(under.pool.rows))


def _without_events(before: _Before, under: _Under, weight: Array) -> tuple[Array, Array]:
    """Return the inverse precision of level and season, without events, and the season's mean."""
    n_weeks = len(weight)
    precision = np.zeros((n_weeks + WEEKS_OF_YEAR, n_weeks + WEEKS_OF_YEAR))
    drift = np.diff(np.eye(n_weeks), axis=0) / _DRIFT
    precision[:n_weeks, :n_weeks] = drift.T @ drift + 1e-6 * np.eye(n_weeks)
    circle = np.eye(WEEKS_OF_YEAR)
    season = np.zeros(WEEKS_OF_YEAR)
    if under.has_season:
        ridge = _BRANCH if under.pool.parent >= 0 else _ROOT
        bend = (np.roll(circle, 1, axis=1) - 2 * circle + np.roll(circle, -1, axis=1)) / _BEND
        precision[n_weeks:, n_weeks:] = circle / ridge**2 + bend.T @ bend
        season = before.season
    else:
        precision[n_weeks:, n_weeks:] = circle * 1e8
    level, place = np.arange(n_weeks), n_weeks + under.place
    for rows in (level, place):
        for columns in (level, place):
            np.add.at(precision, (rows, columns), weight)
    return np.asarray(np.linalg.inv(precision), dtype=np.float64), season
