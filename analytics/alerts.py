"""What cannot wait: sales too high or too low to be chance, levels that drift, orders overdue.

A rule of plus or minus 50 % cries wolf over every slow seller and sleeps over the rest. Here sales
are judged by a negative binomial, the whole catalogue at once by how many alarms would be false.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analytics.errors import OutOfBoundsError

Array = NDArray[np.float64]
FALSE_SHARE = 0.05  # of the alarms; what comes out is about 0.13 where the spread is estimated
SURE = 0.0013  # probability, on one side, below which an item alarms on its own
LEAST_RATIO = 1.05  # of variance to mean, at least: nothing sells more evenly than by chance
UP, DOWN = 1.5, 0.6  # ratios of demand that the drift is tested against
DRIFT = 6.0  # sum from which a level has drifted
CAUSES = ("stockout", "promotion", "event", "price", "unexplained")
GAIN = 0.05  # of the newest window in what is usual
_LEAST_SEEN = 8  # windows before anything is called unusual
_OWN = 40.0  # days with sales at which an item's own spread counts half
_NORMAL = 0.6744897501960817  # third quartile of the standard normal


def dispersion(
    mean: ArrayLike, variance: ArrayLike, days_sold: ArrayLike, group: ArrayLike
) -> Array:
    """Return the ratio of variance to mean of each item's demand, shape (n_items,).

    ``log v = w log v_own + (1 - w) log v_group`` with ``w = n / (n + 40)``, n days with a sale and
    ``v_group`` the median of the group; at least 1.05.

    Parameters
    ----------
    mean, variance : array_like, shape (n_items,)
        Of a week's forecast error and demand, units.
    days_sold : array_like, shape (n_items,)
        Days with a sale.
    group : array_like of str, shape (n_items,)
        Who is alike.

    Examples
    --------
    >>> found = dispersion([10, 10, 10], [20, 20, 80], [40, 40, 40], ["a", "a", "a"])
    >>> found.tolist()  # the third: sqrt(8 x 2)
    [2.0, 2.0, 4.0]
    """
    level = np.asarray(mean, dtype=np.float64)
    told = level > 0
    own = np.where(told, np.asarray(variance, dtype=np.float64) / np.where(told, level, 1.0), 1.0)
    own = np.log(np.maximum(own, LEAST_RATIO))
    names, row = np.unique(np.asarray(group).astype(str), return_inverse=True)
    pool = np.log(np.full(len(names), LEAST_RATIO))
    for index in range(len(names)):
        members = own[(row == index) & told]
        pool[index] = np.median(members) if len(members) else pool[index]
    days = np.asarray(days_sold, dtype=np.float64)
    weight = np.where(told, days / (days + _OWN), 0.0)
    return np.asarray(np.exp(weight * own + (1 - weight) * pool[row]))


def expected_before(
    units: ArrayLike, share: ArrayLike, factor: ArrayLike, *, gain: float = GAIN
) -> Array:
    """Return what each window's sales should have been by the windows before it alone.

    Exponential smoothing of ``units / (share factor)``, each window weighted by its share: after
    window t ``W <- (1 - gain) W + share``, ``level <- level + share / W (x - level)``, so that the
    first windows count alike; ``expected = level share factor``.

    Parameters
    ----------
    units : array_like, shape (n_items, n_windows)
        Sold, the oldest window first.
    share : array_like, shape (n_items, n_windows)
        How much of the window's usual demand fell on days in stock that files cover, 0 to 1.
    factor : array_like, shape (n_items, n_windows)
        Season and known events; 1 = usual.
    gain : float
        Weight of the newest window in the long run.

    Returns
    -------
    ndarray, shape (n_items, n_windows)
        Units; NaN before eight windows were seen, and where nothing of a window was.

    Examples
    --------
    >>> expected_before([[10.0] * 8 + [99.0]], [[1.0] * 8 + [0.5]], [[1.0] * 9])[0, -2:].tolist()
    [nan, 5.0]
    """
    sold, seen, usual = (np.asarray(part, dtype=np.float64) for part in (units, share, factor))
    level, weight, count = np.zeros((3, len(sold)))
    found = np.full(sold.shape, np.nan)
    for window in range(sold.shape[1]):
        known = seen[:, window]
        told = known > 0
        due = known * usual[:, window]
        found[:, window] = np.where(told & (count >= _LEAST_SEEN), level * due, np.nan)
        weight = np.where(told, (1 - gain) * weight + known, weight)
        seen_now = sold[:, window] / np.where(due > 0, due, 1.0)
        step = known / np.where(weight > 0, weight, 1.0) * (seen_now - level)
        level = np.where(told & (due > 0), level + step, level)
        count += told
    return found


@dataclass(frozen=True, slots=True)
class Tails:
    """How likely sales are, or more extreme ones; shape (n_items,) each.

    Attributes
    ----------
    up, down : ndarray
        Probability of so many units or more, and of so many or fewer.
    both : ndarray
        Two-sided: ``min(1, 2 min(up, down))``.
    """

    up: Array
    down: Array
    both: Array


def tails(
    units: ArrayLike,
    expected: ArrayLike,
    ratio: ArrayLike,
    *,
    level_variance: ArrayLike = 0.0,
    days: float = 7.0,
) -> Tails:
    """Return how likely the sales of a window are.

    Negative binomial with mean m and variance ``m v + days^2 Var(level)``: ``r = m / (v' - 1)``,
    ``p = 1 / v'``, v' the ratio of that variance to m.

    Parameters
    ----------
    units, expected : array_like, shape (n_items,)
        Units sold and expected in the window.
    ratio : array_like, shape (n_items,)
        Variance over mean, see `dispersion`; above 1.
    level_variance : array_like, shape (n_items,)
        Of the forecast's level, (units/day)^2.
    days : float
        Length of the window.

    Examples
    --------
    >>> found = tails([62.0], [35.0], [2.2])
    >>> round(float(found.up[0]), 16)
    0.0041523127351704
    """
    sold = np.floor(np.asarray(units, dtype=np.float64) + 1e-9)
    mean = np.asarray(expected, dtype=np.float64)
    some = mean > 0
    level = np.where(some, mean, 1.0)
    spread = np.asarray(ratio) + days**2 * np.asarray(level_variance) / level
    spread = np.maximum(spread, LEAST_RATIO)
    size, chance = level / (spread - 1), 1 / spread
    positive = np.maximum(sold, 1.0)
    up = np.where(sold > 0, special.betainc(positive, size, 1 - chance), 1.0)
    down = np.where(sold >= 0, special.betainc(size, np.maximum(sold, 0.0) + 1, chance), 0.0)
    up = np.where(some, up, np.where(sold > 0, 0.0, 1.0))
    down = np.where(some, down, 1.0)
    return Tails(up, down, np.minimum(1.0, 2 * np.minimum(up, down)))


def discoveries(probabilities: ArrayLike, false_share: float = FALSE_SHARE) -> NDArray[np.bool_]:
    """Return which of many tests stand if ``false_share`` of those may be false, shape (n_items,).

    Benjamini and Hochberg (1995): the largest k with ``p_(k) <= k q / n``, and all below it. A
    test whose probability is NaN was not made.

    Raises
    ------
    OutOfBoundsError
        ``false_share`` lies outside 0 to 1.

    Examples
    --------
    >>> p = [0.0002, 0.004, 0.0101, 0.03, 0.04, 0.2, 0.5, 0.7, 0.9, 0.95]
    >>> int(discoveries(p, 0.05).sum())
    3
    """
    if not 0.0 <= false_share <= 1.0:
        raise OutOfBoundsError(name="false_share", value=false_share, low=0.0, high=1.0)
    p = np.asarray(probabilities, dtype=np.float64)
    made = ~np.isnan(p)
    ranked = np.sort(p[made])
    if not len(ranked):
        return np.zeros(len(p), dtype=bool)
    low = ranked <= false_share * np.arange(1, len(ranked) + 1) / len(ranked)
    line = ranked[np.flatnonzero(low)[-1]] if low.any() else -1.0
    return np.asarray(made & (p <= line))


def robust_z(values: ArrayLike, value: ArrayLike) -> Array:
    """Return how far ``value`` is from the median, in robust standard deviations; to explain only.

    ``0.6745 (x - median) / MAD``; NaN where the MAD is 0, as it is of most slow sellers.

    Parameters
    ----------
    values : array_like, shape (..., n)
        What is usual; sums over windows of one length.
    value : array_like, shape (...)
        What is looked at.

    Examples
    --------
    >>> usual = [12, 9, 14, 11, 10, 13, 8, 12, 11, 40, 9, 12]
    >>> round(float(robust_z(usual, 40.0)), 9)
    12.815305254
    """
    known = np.asarray(values, dtype=np.float64)
    if not known.shape[-1]:
        return np.full(known.shape[:-1], np.nan)
    middle = np.median(known, axis=-1)
    spread = np.median(np.abs(known - middle[..., None]), axis=-1)
    told = spread > 0
    away = np.asarray(value, dtype=np.float64) - middle
    return np.asarray(np.where(told, _NORMAL * away / np.where(told, spread, 1.0), np.nan))


def drift(units: ArrayLike, expected: ArrayLike, ratio: ArrayLike, change: float) -> Array:
    """Return the sum that grows while a level has changed by ``change``, shape (n_items, n_weeks).

    Page's CUSUM of the likelihood ratio: ``S <- max(0, S + (x ln c - (c - 1) m) / v)``; a level has
    drifted where it reaches `DRIFT`.

    Parameters
    ----------
    units, expected : array_like, shape (n_items, n_weeks)
        Units sold and expected by week; a week with NaN leaves the sum as it is.
    ratio : array_like, shape (n_items,)
        Variance over mean.
    change : float
        Ratio of demand to test against, see `UP` and `DOWN`.

    Raises
    ------
    OutOfBoundsError
        ``change`` is not between 0.01 and 100.

    Examples
    --------
    >>> drift([[10.0, 30.0]], [[10.0, 10.0]], [2.0], 2.0).round(4).tolist()
    [[0.0, 5.3972]]
    """
    if not 0.01 <= change <= 100.0:
        raise OutOfBoundsError(name="change", value=change, low=0.01, high=100.0)
    sold, due = (np.asarray(part, dtype=np.float64) for part in (units, expected))
    step = (sold * np.log(change) - (change - 1) * due) / np.asarray(ratio)[:, None]
    step = np.where(np.isnan(step), 0.0, step)
    total = np.zeros(sold.shape)
    level = np.zeros(len(sold))
    for week in range(sold.shape[1]):
        level = np.maximum(0.0, level + step[:, week])
        total[:, week] = level
    return total


@dataclass(frozen=True, slots=True)
class Unusual:
    """Whose sales are out of the ordinary; shape (n_items,) each.

    Attributes
    ----------
    direction : ndarray of int
        1 = too high, -1 = too low, 0 = neither.
    probability : ndarray
        Two-sided; NaN = not judged.
    money : ndarray
        Contribution, per week, that is gained or missed.
    cause : ndarray of str
        One of `CAUSES`; empty where nothing is unusual.
    is_alarm : ndarray of bool
        Unusual, above the money filter, and not explained.
    """

    direction: NDArray[np.int64]
    probability: Array
    money: Array
    cause: NDArray[np.object_]
    is_alarm: NDArray[np.bool_]


def unusual(
    units: ArrayLike,
    expected: ArrayLike,
    ratio: ArrayLike,
    *,
    days: float = 7.0,
    level_variance: ArrayLike = 0.0,
    contribution: ArrayLike = 1.0,
    least_money: float = 0.0,
    false_share: float = FALSE_SHARE,
    sure: float = SURE,
    explained: ArrayLike | None = None,
) -> Unusual:
    """Return whose sales of a window are too high or too low to be chance.

    Parameters
    ----------
    units, expected : array_like, shape (n_items,)
        Units sold and expected in the window; NaN = not observed.
    ratio : array_like, shape (n_items,)
        Variance over mean, see `dispersion`.
    days, level_variance
        As in `tails`.
    contribution : array_like, shape (n_items,)
        Per unit; NaN counts as nothing known, and passes the filter.
    least_money : float
        Contribution a week below which nobody is to be woken.
    false_share : float
        See `discoveries`.
    sure : float
        One-sided probability below which an item alarms whatever the others do; 0 = none.
    explained : array_like of str, shape (n_items,), optional
        What is known to have happened, of `CAUSES`; empty = nothing. A stock-out explains sales
        that are low, a promotion or an event those that are high, a price both.

    Notes
    -----
    The false share alone is too strict where one item of thousands moves: within a week it finds
    two thirds of the doublings of an item that sells 10 a day, and `SURE` on either side 95 %.

    Examples
    --------
    >>> found = unusual([10.0, 62.0], [10.0, 35.0], [2.2, 2.2])
    >>> found.direction.tolist(), found.cause.tolist()
    ([0, 1], ['', 'unexplained'])
    """
    sold, due = (np.asarray(part, dtype=np.float64) for part in (units, expected))
    judged = ~np.isnan(sold) & ~np.isnan(due)
    chance = tails(
        np.nan_to_num(sold), np.nan_to_num(due), ratio, level_variance=level_variance, days=days
    )
    probability = np.where(judged, chance.both, np.nan)
    rare = judged & (np.minimum(chance.up, chance.down) < sure)
    stands = discoveries(probability, false_share) | rare
    direction = np.where(stands, np.where(sold > due, 1, -1), 0)
    worth = np.asarray(contribution, dtype=np.float64)
    money = np.where(judged, sold - due, 0.0) * 7.0 / days * np.nan_to_num(worth)
    enough = np.isnan(worth) | (np.abs(money) >= least_money)
    known = np.full(len(sold), "", dtype=object) if explained is None else np.asarray(explained)
    fits = _fits(known, direction)
    cause = np.where(stands, np.where(fits, known, "unexplained"), "").astype(object)
    return Unusual(direction.astype(np.int64), probability, money, cause, stands & enough & ~fits)


def _fits(known: NDArray[np.object_], direction: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return whether what is known explains the direction."""
    low = np.isin(known.astype(str), ["stockout", "price"]) & (direction < 0)
    high = np.isin(known.astype(str), ["promotion", "event", "price"]) & (direction > 0)
    return np.asarray(low | high)


def overdue(probabilities: ArrayLike, age_days: ArrayLike) -> Array:
    """Return how likely an order would have arrived by its age, shape (n_orders,).

    Parameters
    ----------
    probabilities : array_like, shape (n_orders, n_days)
        Of a lead time of 1, 2, ... days.
    age_days : array_like, shape (n_orders,)
        Days since it was placed.

    Examples
    --------
    >>> overdue([[0.2, 0.5, 0.3]], [2]).round(9).tolist()
    [0.7]
    """
    total = np.cumsum(np.asarray(probabilities, dtype=np.float64), axis=1)
    day = np.clip(np.asarray(age_days, dtype=np.int64), 0, total.shape[1])
    padded = np.concatenate([np.zeros((len(total), 1)), total], axis=1)
    return np.asarray(padded[np.arange(len(total)), day])


def over_order(
    position: ArrayLike, lead_time_demand: ArrayLike, demand_mean: ArrayLike, cap_weeks: ArrayLike
) -> Array:
    """Return the units beyond an order's cap that stand or are on their way, shape (n_items,).

    ``max(0, position - demand of lead time and review - cap_weeks x 7 x demand per day)``; 0
    without a cap (NaN) or a position (NaN).

    Examples
    --------
    >>> over_order([500.0, 500.0], [100.0, 100.0], [2.0, 2.0], [8.0, np.nan]).tolist()
    [288.0, 0.0]
    """
    most = np.asarray(lead_time_demand) + np.asarray(cap_weeks) * 7 * np.asarray(demand_mean)
    over = np.asarray(position, dtype=np.float64) - most
    return np.where(np.isnan(over), 0.0, np.maximum(over, 0.0))
