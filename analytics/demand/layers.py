"""Corrections of a week's sales, one layer over the other; each can be switched off."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analytics.demand.days import ObservedDays
from analytics.demand.movements import Movements

Array = NDArray[np.float64]
LAYERS = ("freak_orders", "partial", "stockouts", "promotions")  # in the order of their application
SMALLEST_SHARE = 0.35  # a week seen less than this says too little to be scaled up
_FIRST_SHARE = 0.05  # unless it is all that is known of a new item that sells
_NEW = 28  # days since the start
WHOLE = 0.999
_ROUNDING = 1e-9  # of shares of weekdays that add up to one


@dataclass(frozen=True, slots=True)
class Weeks:
    """What is known of each item's weeks, shape (n_items, n_weeks) each.

    Attributes
    ----------
    sold : ndarray
        Units as in the files.
    freak : ndarray
        Units of freak orders among them.
    on_sale : ndarray
        Share of the week's usual demand that falls on days covered by files, since the start.
    lost : ndarray
        The part of it that falls on days without stock.
    is_new : ndarray of bool, shape (n_items,)
        Items that began to sell lately.
    selling : ndarray
        Days with a sale, of items that came after the files began; infinite for all others.
    """

    sold: Array
    freak: Array
    on_sale: Array
    lost: Array
    is_new: NDArray[np.bool_]
    selling: Array


def weeks_of(days: ObservedDays) -> Weeks:
    """Return ``days`` by week."""
    shape = (len(days.items), len(days.weeks))
    on_sale, lost = _shares(days, shape)
    sold = by_week(days.sales, shape)
    new = days.start >= days.covered.shape[1] - _NEW
    new &= sold.sum(axis=1) > 0
    once = replace(days.sales, units=np.ones(len(days.sales.units)))
    known_from = days.covered[days.reach].argmax(axis=1)  # an item there from the first day is old
    selling = np.where((days.start >= known_from + 7)[:, None], by_week(once, shape), np.inf)
    freak = by_week(days.freaks.movements, shape)
    return Weeks(sold, freak, on_sale, lost, new, selling)


def by_week(movements: Movements, shape: tuple[int, int]) -> Array:
    """Return units by item and week, of the given shape."""
    cell = movements.item * shape[1] + movements.day // 7
    total = np.bincount(cell, weights=movements.units, minlength=shape[0] * shape[1])
    return np.asarray(total.reshape(shape), dtype=np.float64)


def availability(weeks: Weeks, layers: Collection[str] = LAYERS) -> Array:
    """Return the share of each week that its units stand for, as far as ``layers`` correct it."""
    some = weeks.on_sale > 0
    share = weeks.on_sale if "partial" in layers else some.astype(np.float64)
    if "stockouts" in layers:
        share = share * (1.0 - weeks.lost / np.where(some, weeks.on_sale, 1.0))
    return np.where(share > 1.0 - _ROUNDING, 1.0, np.maximum(share, 0.0))


def told(share: Array, is_new: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return whether each week says something of its item's demand, shape (n_items, n_weeks)."""
    enough = share >= SMALLEST_SHARE
    alone = is_new & ~enough.any(axis=1)
    return np.asarray(enough | (alone[:, None] & (share >= _FIRST_SHARE)))


def steps(
    weeks: Weeks, layers: Collection[str] = LAYERS, uplift: Array | None = None
) -> list[tuple[str, Array]]:
    """Return demand after each of ``layers``, in their order; NaN where a week says too little.

    The first step, named ``sold``, is what the files say: NaN on days that no file covers. What a
    layer corrects is its step less the one before, so sales and all corrections add up to demand.
    """
    kept = np.where(weeks.on_sale > 0, weeks.sold, np.nan)
    found = [("sold", kept)]
    if "freak_orders" in layers:
        kept = np.maximum(kept - weeks.freak, 0.0)
        found.append(("freak_orders", kept))
    units = kept
    for name in ("partial", "stockouts"):
        if name not in layers:
            continue
        applied = [layer for layer in ("partial", "stockouts")[: 1 + (name == "stockouts")]
                   if layer in layers]  # fmt: skip
        share = availability(weeks, applied)
        known = told(share, weeks.is_new)
        # A new item's first days begin with a sale: scaled up, a single one would be a flood.
        tells = (share >= SMALLEST_SHARE) | (known & (weeks.selling > 1))
        units = np.where(known, kept / np.where(tells, share, 1.0), np.nan)
        found.append((name, units))
    if "promotions" in layers and uplift is not None:
        found.append(("promotions", units / uplift))
    return found


def _shares(days: ObservedDays, shape: tuple[int, int]) -> tuple[Array, Array]:
    """Return each week's share that was on sale and covered, and the part lost without stock."""
    n_days = days.covered.shape[1]
    place, rows = np.unique(np.column_stack([days.reach, days.market]), axis=0, return_inverse=True)
    row = rows.reshape(-1)
    share = np.zeros((len(place), shape[1] * 7))
    share[:, :n_days] = (
        days.covered[place[:, 0]] * days.shares[place[:, 1]][:, np.arange(n_days) % 7]
    )
    total = np.column_stack([np.zeros(len(share)), share.cumsum(axis=1)])
    low = np.clip(days.start, 0, shape[1] * 7)
    week = np.arange(shape[1]) * 7
    begin = np.maximum(week, np.minimum(low[:, None], week + 7))
    on_sale = total[row[:, None], week + 7] - total[row[:, None], begin]
    out = days.missing
    part = share[row[out.item], out.day] * (out.day >= days.start[out.item])
    return on_sale, by_week(Movements(out.item, out.day, part), shape)
