"""Classes of items: by value (ABC), by steadiness (XYZ), by how often they sell."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Texts = NDArray[np.object_]
_KNOWN = 0.9  # share of the units sold whose value must be known for it to rank all items
_EXACT = 1e-9  # shares that differ by less are equal
_OFTEN, _EVEN = 1.32, 0.49  # Syntetos, Boylan and Croston (2005)


@dataclass(frozen=True, slots=True)
class Value:
    """What items earned, in one measure.

    Attributes
    ----------
    basis : str
        Code of the measure.
    amount : ndarray, shape (n_items,)
        What each item earned, in that measure.
    is_known : ndarray of bool, shape (n_items,)
        Whether its value per unit is known; the rest stands at the median of those that are.
    """

    basis: str
    amount: Array
    is_known: NDArray[np.bool_]


def value_of_sales(units: Array, per_unit: Sequence[tuple[str, Array]]) -> Value:
    """Return what each item earned in the first measure that is known well enough.

    Parameters
    ----------
    units : ndarray, shape (n_items,)
        Units sold.
    per_unit : sequence of (str, ndarray of shape (n_items,))
        Code and value per unit of each measure, the best first; NaN = unknown. A measure counts if
        it is known for 90 % of the units sold; the last resort is the units themselves
        (``units``).

    Examples
    --------
    >>> value = value_of_sales(np.array([10.0, 90.0]), [("revenue", np.array([np.nan, 2.0]))])
    >>> value.basis, value.amount.tolist(), value.is_known.tolist()
    ('revenue', [20.0, 180.0], [False, True])
    """
    total = float(units.sum())
    for basis, worth in per_unit:
        known = np.isfinite(worth)
        if total > 0 and units[known].sum() >= _KNOWN * total - _EXACT:
            usual = float(np.median(worth[known & (units > 0)]))
            return Value(basis, units * np.where(known, worth, usual), known)
    return Value("units", units.astype(np.float64), np.ones(len(units), dtype=bool))


def abc(value: Array, class_a_pct: float = 80.0, class_b_pct: float = 95.0) -> Texts:
    """Return each item's class by value: ``A``, ``B`` or ``C``.

    Parameters
    ----------
    value : ndarray, shape (n_items,)
        What the item earned; what is not above zero is C.
    class_a_pct, class_b_pct : float
        Cumulative share of all value, in per cent.

    Returns
    -------
    ndarray of str, shape (n_items,)
        Items are ranked by value; one is A as long as those before it hold less than
        ``class_a_pct``. So the item that crosses the line is A, and a shop with one item has an A.

    Examples
    --------
    >>> abc(np.array([50.0, 30.0, 15.0, 5.0, 0.0])).tolist()
    ['A', 'A', 'B', 'C', 'C']
    """
    gain = np.maximum(value, 0.0)
    order = np.argsort(-gain, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(gain[order])[:-1]]) if len(order) else gain
    share = before / max(float(gain.sum()), np.finfo(float).tiny)
    ranked = np.where(share < class_b_pct / 100 - _EXACT, "B", "C")
    ranked = np.where(share < class_a_pct / 100 - _EXACT, "A", ranked)
    classes = np.empty(len(gain), dtype=object)
    classes[order] = np.where(gain[order] > 0, ranked, "C")
    return classes


def weekly_variation(units: Array) -> Array:
    """Return the coefficient of variation of weekly sales, shape (n_items,).

    Parameters
    ----------
    units : ndarray, shape (n_items, n_weeks)
        Units per week without season and events; NaN = not in stock, which is no zero.

    Returns
    -------
    ndarray
        Sample standard deviation over mean; NaN with fewer than 2 weeks or without a sale.

    Examples
    --------
    >>> weekly_variation(np.array([[8.0, 12.0, np.nan]])).round(4).tolist()
    [0.2828]
    """
    known = ~np.isnan(units)
    count = known.sum(axis=1)
    filled = np.where(known, units, 0.0)
    mean = filled.sum(axis=1) / np.maximum(count, 1)
    square = np.where(known, units - mean[:, None], 0.0) ** 2
    spread = np.sqrt(square.sum(axis=1) / np.maximum(count - 1, 1))
    told = (count > 1) & (mean > 0)
    return np.where(told, spread / np.where(told, mean, 1.0), np.nan)


def xyz(variation: Array, class_x: float = 0.5, class_y: float = 1.0) -> Texts:
    """Return each item's class by steadiness: ``X``, ``Y`` or ``Z``; empty = nothing known.

    >>> xyz(np.array([0.5, 0.7, 1.01, np.nan])).tolist()
    ['X', 'Y', 'Z', '']
    """
    classes = np.where(variation <= class_x, "X", np.where(variation <= class_y, "Y", "Z"))
    return np.where(np.isnan(variation), "", classes).astype(object)


def demand_intervals(units: Array) -> tuple[Array, Array]:
    """Return the mean interval between weeks with a sale, and CV^2 of what they sell.

    Parameters
    ----------
    units : ndarray, shape (n_items, n_weeks)
        Units per week; NaN = not in stock.

    Returns
    -------
    interval, variation : ndarray, shape (n_items,)
        Weeks, and the squared coefficient of variation of sizes (0 with a single sale); NaN
        without a sale.

    Examples
    --------
    >>> interval, variation = demand_intervals(np.array([[2.0, 0.0, 2.0, 0.0]]))
    >>> interval.tolist(), variation.tolist()
    ([2.0], [0.0])
    """
    known, sold = ~np.isnan(units), np.nan_to_num(units) > 0
    count = sold.sum(axis=1)
    size = weekly_variation(np.where(sold, units, np.nan))
    interval = np.where(count > 0, known.sum(axis=1) / np.maximum(count, 1), np.nan)
    return interval, np.where(count > 0, np.nan_to_num(size) ** 2, np.nan)


def demand_class(interval: Array, variation: Array) -> Texts:
    """Return ``smooth``, ``erratic``, ``intermittent`` or ``lumpy``; empty = never sold.

    Syntetos, Boylan and Croston (2005): intervals from 1.32 are long, CV^2 from 0.49 is wild.

    >>> demand_class(np.array([1.0, 1.0, 2.0, 2.0]), np.array([0.1, 0.6, 0.1, 0.6])).tolist()
    ['smooth', 'erratic', 'intermittent', 'lumpy']
    """
    rare, wild = interval >= _OFTEN, variation >= _EVEN
    often = np.where(wild, "erratic", "smooth")
    classes = np.where(rare, np.where(wild, "lumpy", "intermittent"), often)
    return np.where(np.isnan(interval), "", classes).astype(object)
