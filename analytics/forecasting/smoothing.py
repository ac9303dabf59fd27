"""Smoothing: what a usual week holds, for all items at once, as the past fades.

Every function takes demand out of season (``values``) and how much each week counts (``gain``),
weeks down and items across, loops over weeks, and returns states after chosen weeks (``at``,
ascending). A week with gain 0 teaches nothing. With a start given and all gains 1 the states are
those of the textbook recursions.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Weeks = NDArray[np.int64]
_MONTH = 4  # weeks
_SETTLED = 4  # first observed weeks, whose errors are no growth
_MANY = 250  # items from which rows are summed one by one


def exponential(
    values: Array,
    gain: Array,
    alphas: tuple[float, ...],
    at: Weeks,
    *,
    start: Array | None = None,
    every: int = 1,
) -> Array:
    """Return exponentially smoothed levels.

    Parameters
    ----------
    values, gain : ndarray, shape (n_weeks, n_items)
        Demand out of season, and the weight of each week.
    alphas : tuple of float
        Weights of the newest week.
    at : ndarray of int, shape (n_origins,)
        Weeks after which the level is wanted.
    start : ndarray, shape (n_items,), optional
        Level before the first week; none = nothing is known before the first week.
    every : int
        Weeks after which the past fades by one step: 4 smooths totals of four weeks.

    Returns
    -------
    ndarray, shape (n_origins, n_alphas, n_items)
        0 before anything was observed.

    Notes
    -----
    ``level_t = Σ (1-α)^(t-u) g_u x_u / Σ (1-α)^(t-u) g_u``: the exact discounted mean, without a
    starting value to guess. A start counts as much as an endless past, ``1/α``; with it, and gains
    of 1, this is simple exponential smoothing, ``level_t = α x_t + (1-α) level_(t-1)``.
    """
    n_weeks, n_items = values.shape
    keep = 1.0 - np.asarray(alphas)[:, None]
    past = np.zeros((every, 2, len(alphas), n_items))
    if start is not None:
        past[:, 1] = 1 / (1.0 - keep)
        past[:, 0] = past[:, 1] * start
    sold, seen = running_total(values * gain, every), running_total(gain, every)
    wanted = {int(week): place for place, week in enumerate(at)}
    out = np.zeros((len(at), len(alphas), n_items))
    for week in range(n_weeks):
        here = past[week % every]
        here *= keep
        here[0] += sold[week]
        here[1] += seen[week]
        if week in wanted:
            np.divide(here[0], here[1], out=out[wanted[week]], where=here[1] > 0)
    return out


def running_total(values: Array, count: int) -> Array:
    """Return totals of the newest ``count`` weeks up to each."""
    if count == 1:
        return values
    total = values.copy()
    for lag in range(1, count):
        total[lag:] += values[:-lag]
    return total


def summed(values: Array) -> Array:
    """Return totals of all weeks up to each, bit by bit as ``values.cumsum(axis=0)``.

    Rows are added as they lie in memory, which takes a third of the time for many items.
    """
    if values.shape[1] < _MANY:
        return values.cumsum(axis=0)
    total = np.array(values, dtype=np.float64, order="C")
    for week in range(1, len(total)):
        total[week] += total[week - 1]
    return total


def damped_trend(
    values: Array,
    gain: Array,
    at: Weeks,
    *,
    smoothing: tuple[float, float, float],
    start: tuple[Array, Array] | None = None,
) -> tuple[Array, Array]:
    """Return level and weekly growth of Holt's damped linear trend.

    Parameters
    ----------
    values, gain, at
        As `exponential` takes them; gains beyond 1 count as 1.
    smoothing : tuple of float
        ``α``, ``β``, ``φ``: weights of the newest error in level and growth, damping.
    start : tuple of ndarray, optional
        Level and growth before the first week; none = the first weeks weigh as in a mean, and
        growth begins with none.

    Returns
    -------
    level, growth : ndarray, shape (n_origins, n_items)

    Notes
    -----
    ``e_t = x_t - l - φ b``; ``l_t = l + φ b + α e_t``; ``b_t = φ b + β e_t`` (Hyndman et al. 2008,
    table 2.2). The forecast of week ``h`` is ``l + b (φ + ... + φ^h)``.
    """
    alpha, beta, phi = smoothing
    gain = np.minimum(gain, 1.0)
    share = alpha * gain
    if start is None:
        count = summed(gain)
        share = np.maximum(share, np.divide(gain, count, out=np.zeros_like(gain), where=count > 0))
    trusted = np.full(gain.shape, beta)
    if start is None:
        trusted[summed((gain > 0).astype(np.float64)) <= _SETTLED] = 0.0
    level, growth = start or (np.zeros(values.shape[1]), np.zeros(values.shape[1]))
    level, growth = level.copy(), growth.copy()
    wanted = {int(week): place for place, week in enumerate(at)}
    out = np.zeros((2, len(at), values.shape[1]))
    for week, known in enumerate(gain):
        growth *= phi
        level += growth
        error = values[week] - level
        level += share[week] * error
        growth += trusted[week] * known * error
        if week in wanted:
            out[0, wanted[week]], out[1, wanted[week]] = level, growth
    return out[0], out[1]


def line(values: Array, gain: Array, at: Weeks) -> Array:
    """Return the slope of the least-squares line through the past, shape (n_origins, n_items)."""
    time = np.arange(len(values), dtype=np.float64)[:, None]
    weight, product = gain, gain * values
    n, t, tt, x, tx = (
        summed(part)[at]
        for part in (weight, weight * time, weight * time**2, product, product * time)
    )
    spread = n * tt - t * t
    known = spread > 1e-9 * np.maximum(n * tt, 1.0)
    return np.asarray(np.divide(n * tx - t * x, spread, out=np.zeros_like(n), where=known))


def rare_sales(values: Array, gain: Array, alphas: tuple[float, float], at: Weeks) -> Array:
    """Return chance of a sale times its size, both smoothed, shape (n_origins, n_items).

    The chance falls in every week without a sale, so that an item that has stopped selling fades
    (Teunter, Syntetos and Babai 2011, without their starting values). ``alphas`` are the weights of
    the newest week in the chance, and of the newest sale in the size: were they equal, the product
    would be the exponentially smoothed mean, and no method of its own.
    """
    chance_alpha, size_alpha = alphas
    sells = (values > 0).astype(np.float64)
    chance = exponential(sells, gain, (chance_alpha,), at)[:, 0]
    size = exponential(values, gain * sells, (size_alpha,), at)[:, 0]
    return chance * size


def middle(values: Array, gain: Array, at: Weeks, window: int) -> Array:
    """Return the median monthly level of the newest ``window`` weeks, (n_origins, n_items).

    Of the means of four weeks, every second one, so that an item that rarely sells is not taken for
    dead; a stretch without any observation counts as the mean of what was known before it, or as
    the first month after it.
    """
    sold, seen = running_total(values * gain, _MONTH), running_total(gain, _MONTH)
    before = summed(gain)
    mean = summed(values * gain) / np.where(before > 0, before, 1.0)
    month = np.divide(sold, seen, out=mean, where=seen > 1e-9)
    first = month[(gain > 0).argmax(axis=0), np.arange(values.shape[1])]
    month = np.where(before > 0, month, first).astype(np.float32)
    out = np.zeros((len(at), values.shape[1]))
    for place, week in enumerate(at):
        some = month[np.arange(week, max(week - window, -1), -2)]
        half = (len(some) - 1) // 2, len(some) // 2
        out[place] = np.partition(some, sorted(set(half)), axis=0)[list(half)].mean(axis=0)
    return np.where(before[at] > 0, out, 0.0)
