"""Prices against the usual one: what a price cut, and not a dearer product, does to demand."""

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.matrix import Array, Matrix

_HALF = 8  # weeks before and after that show the usual price
_DEEPEST = 2.0  # log; a price beyond a seventh or seven times the usual one is a slip


def price_change(data: Matrix) -> Array | None:
    """Return log price over the item's usual price, shape (n_items, n_weeks); None if unknown.

    The usual price is the median of the 17 weeks around (of fewer at the ends, where they are
    mirrored), so that a lasting change of price soon becomes the usual one. Where the price is not
    known but the discount is, the discount is the change; where neither is, there is none.
    """
    price = _known(getattr(data, "price", None))
    discount = _known(getattr(data, "discount", None))
    if price is None and discount is None:
        return None
    change = np.zeros(data.units.shape)
    if discount is not None:
        cut = np.log1p(-np.clip(np.nan_to_num(discount), 0.0, 0.9))
        change = cut - np.median(cut, axis=1, keepdims=True)
    if price is not None:
        priced = np.isfinite(price) & (price > 0)
        change = np.where(priced, _over_usual(price, priced), change)
    change = np.where(data.observed, np.clip(change, -_DEEPEST, _DEEPEST), 0.0)
    change[np.abs(change) < 1e-4] = 0.0
    return change if change.any() else None


def _known(values: Array | None) -> Array | None:
    return values if values is not None and np.isfinite(values).any() else None


def _over_usual(price: Array, priced: NDArray[np.bool_]) -> Array:
    n_weeks = price.shape[1]
    filled = np.log(np.where(priced, price, 1.0))
    last = np.maximum.accumulate(np.where(priced, np.arange(n_weeks), -1), axis=1)
    first = priced.argmax(axis=1)[:, None]
    filled = np.take_along_axis(filled, np.where(last >= 0, last, first), axis=1)
    half = min(_HALF, n_weeks - 1)
    around = np.pad(filled, ((0, 0), (half, half)), mode="reflect").astype(np.float32)
    window = np.lib.stride_tricks.sliding_window_view(around, 2 * half + 1, axis=1)
    usual = np.partition(window, half, axis=2)[:, :, half]
    return np.asarray(filled - usual, dtype=np.float64)
