"""The league's members: every candidate forecast of every item, at past origins and at the last.

A member's forecast of a stretch of weeks is linear in a few *terms*: the sums, over those weeks, of
each season (slots), of the season times the weeks ahead (trend), times fading weights (damped
trend, passing shock), and of last year's demand. A member is a coefficient on one slot, and perhaps
on one further term; so is any mixture of members, and one formula serves past and future.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting import smoothing
from analytics.forecasting.matrix import Array
from analytics.forecasting.settings import Settings

YEAR = 52
DAMPING = 0.9  # of a trend, per week
FADING = 0.65  # of a spike that a whole pool shares, per week
_THETA = 0.1
_HOLT = (0.2, 0.02, DAMPING)
_AGGREGATED = 0.2  # weight of the newest one, two and four weeks
_RARE = (0.1, 0.05)  # of the chance of a sale, of its size
_MEDIAN = 26  # weeks
_CALM = (0.05, 0.2)
_RATIO = 13  # weeks whose total says how this year compares with the last
_TREND_PENALTY = 0.1  # log-loss; trends hurt short retail histories
EXTRA = ("linear", "damped", "calm", "year")  # terms after the slots

Weeks = NDArray[np.int64]
Small = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class History:
    """The past of some items, weeks down and items across.

    Attributes
    ----------
    units, raw : ndarray, shape (n_weeks, n_items)
        Demand with freak orders cut and without; 0 where unobserved.
    weight : ndarray, shape (n_weeks, n_items)
        How much of each week was observed, 0 to 1.
    factors : ndarray, shape (n_slots, n_weeks, n_items)
        Seasons; the first is 1 throughout, the second the group's.
    spike : ndarray, shape (n_weeks, n_items)
        How far each item's pool stood above its usual, out of season; 1 = not at all.
    """

    units: Array
    raw: Array
    weight: Array
    factors: Array
    spike: Array


@dataclass(frozen=True, slots=True)
class Roster:
    """Who plays: names, the slot of each, its further term (-1 = none), and its handicap."""

    names: tuple[str, ...]
    slot: NDArray[np.int64]
    term: NDArray[np.int64]
    handicap: Array
    n_slots: int

    @property
    def n_terms(self) -> int:
        """Return how many sums a forecast is linear in."""
        return self.n_slots + len(EXTRA)


@dataclass(frozen=True, slots=True)
class States:
    """What each member knows after each origin, shape (n_origins, n_members, n_items) each.

    ``on_slot`` is the coefficient on the member's slot, ``on_term`` that on its further term.
    """

    on_slot: Small
    on_term: Small

    def newest(self, count: int) -> "States":
        """Return the states after the newest origins."""
        return States(self.on_slot[-count:], self.on_term[-count:])


def roster(n_weeks: int, slots: tuple[str, ...], settings: Settings) -> Roster:
    """Return the members that play after ``n_weeks``; ``slots`` are the names of the seasons."""
    rows: list[tuple[str, int, int, float]] = []
    first = len(slots)
    for place, season in enumerate(slots):
        rows += [(f"ses_{round(100 * a):02d}_{season}", place, -1, 0.0) for a in settings.alphas]
        if place <= 1:
            rows += [(f"{name}_{season}", place, -1, 0.0) for name in ("imapa", "tsb", "median")]
    group, penalty = min(1, first - 1), 0.0 if settings.trend_free else _TREND_PENALTY
    rows += [(f"calm_{round(100 * a):02d}", group, first + 2, 0.0) for a in _CALM]
    rows += [("theta", group, first, penalty), ("holt", group, first + 1, penalty)]
    if n_weeks >= settings.honest_from:
        rows.append(("last_year", 0, first + 3, 0.0))
    names, slot, term, handicap = zip(*rows, strict=True)
    return Roster(names, np.array(slot), np.array(term), np.array(handicap), len(slots))


def states(history: History, who: Roster, at: Weeks, settings: Settings) -> States:
    """Return what each member knows after the weeks ``at`` (ascending)."""
    shape = (len(at), len(who.names), history.units.shape[1])
    on_slot, on_term = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    filled, group = 0, min(1, who.n_slots - 1)
    for place, factor in enumerate(history.factors):
        values, gain = history.units / factor, history.weight * factor
        levels = [smoothing.exponential(values, gain, settings.alphas, at)]
        if place <= 1:
            levels += [level[:, None] for level in _slow(values, gain, levels[0], at, settings)]
        if place == group:
            further = _further(history, (values, gain), levels[0], at, settings)
        some = np.concatenate(levels, axis=1)
        on_slot[:, filled : filled + some.shape[1]] = some
        filled += some.shape[1]
    for place, (level, coefficient) in enumerate(further[: shape[1] - filled], filled):
        on_slot[:, place], on_term[:, place] = level, coefficient
    return States(on_slot, on_term)


def _slow(
    values: Array, gain: Array, by_alpha: Array, at: Weeks, settings: Settings
) -> list[Array]:
    """Return levels for rare sales, obsolescence and spikes, shape (n_origins, n_items) each."""
    totals = [by_alpha[:, settings.alphas.index(_AGGREGATED)]]
    totals += [
        smoothing.exponential(values, gain, (_AGGREGATED,), at, every=k)[:, 0] for k in (2, 4)
    ]
    return [
        np.mean(totals, axis=0),
        smoothing.rare_sales(values, gain, _RARE, at),
        smoothing.middle(values, gain, at, _MEDIAN),
    ]


def _further(
    history: History, group: tuple[Array, Array], by_alpha: Array, at: Weeks, settings: Settings
) -> list[tuple[Array, Array]]:
    """Return the coefficients of the members that have a further term."""
    pairs = _calm(history, group, at)
    level = by_alpha[:, settings.alphas.index(_THETA)]
    slope = smoothing.line(*group, at) / 2
    past = (at + 1.0)[:, None]
    lag = (1 - (1 - _THETA) ** past) / _THETA - 1
    pairs.append((level + slope * lag, slope))
    pairs.append(smoothing.damped_trend(*group, at, smoothing=_HOLT))
    pairs.append((np.zeros_like(level), _year_on_year(history, at)))
    return pairs


def _calm(history: History, group: tuple[Array, Array], at: Weeks) -> list[tuple[Array, Array]]:
    """Return levels that learn little from a spike that a whole pool shares.

    Such weeks count by the inverse fourth power of the spike, and what they show is divided by it;
    what the newest weeks show of it fades.
    """
    high = history.spike
    values, gain = group
    levels = smoothing.exponential(values / high, gain * high**-4, _CALM, at)
    one = np.ones_like(high)
    newest = smoothing.exponential(high, one, (0.6,), at)[:, 0] - 1
    return [(level, level * newest) for level in np.moveaxis(levels, 1, 0)]


def _year_on_year(history: History, at: Weeks) -> Array:
    """Return how the newest 13 weeks compare with a year before, shape (n_origins, n_items)."""
    seen = history.weight > 0
    both, before = np.zeros_like(seen), np.zeros_like(history.units)
    both[YEAR:] = seen[YEAR:] & seen[:-YEAR]
    before[YEAR:] = history.units[:-YEAR]
    now, then, weeks = (
        _newest(part * both, at) for part in (history.units, before, np.ones_like(before))
    )
    usual = history.units.sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    drawn = 4.0 * usual  # four usual weeks say: as last year
    ratio = (now + drawn) / np.maximum(then + drawn, 1e-9)
    return np.asarray(np.where(weeks > 0, np.clip(ratio, 0.25, 4.0), 1.0))


def _newest(values: Array, at: Weeks) -> Array:
    """Return totals of the newest 13 weeks up to each origin."""
    total = np.concatenate([np.zeros((1, values.shape[1])), smoothing.summed(values)])
    return np.asarray(total[at + 1] - total[np.maximum(at + 1 - _RATIO, 0)])
