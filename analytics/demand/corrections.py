"""Every correction of the sales, with its reason: what a layer did to which week."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.demand.days import ObservedDays
from analytics.demand.layers import LAYERS, Weeks, by_week, steps, weeks_of
from analytics.demand.movements import Movements

Array = NDArray[np.float64]
REASONS = (
    "came_back",
    "launch_week",
    "maybe_ended",
    "no_stock",
    "not_covered",
    "one_day",
    "one_order",
    "silent",
    "uplift",
    "week_begun",
)
_SMALLEST = 1e-9  # units; less is rounding
_COLUMNS = ("sku", "market", "week", "layer", "units_before", "units_after", "certainty",
            "reason", "facts")  # fmt: skip
_Rows = tuple[NDArray[np.int64], NDArray[np.int64]]


def corrections(
    days: ObservedDays, layers: Collection[str] = LAYERS, *, uplift: Array | None = None
) -> pd.DataFrame:
    """Return what each layer changed, one row per item, week and layer.

    Parameters
    ----------
    days, layers, uplift
        As in `panel`.

    Returns
    -------
    DataFrame
        ``sku``, ``market``, ``week`` (Monday), ``layer`` (of `LAYERS`, or ``returns``, which
        changes nothing), ``units_before``, ``units_after`` (units of the week; NaN = unobserved),
        ``certainty`` (``certain``, ``likely``), ``reason`` (of `REASONS`) and ``facts``, a mapping:
        of ``freak_orders`` the order's ``date`` and ``size``; of ``partial`` the ``share`` of the
        week that was observed; of ``stockouts`` the ``days`` without stock or sale, and, where only
        the pattern tells, the ``chance`` of such a silence in stock; of ``promotions`` the
        ``factor``; of ``returns`` the ``units``. Sorted by item, week and layer.
        ``sold + Σ (units_after - units_before) = units`` of `panel`, with the same layers on.
    """
    known = weeks_of(days)
    done = steps(known, layers, uplift)
    frames = [
        _LAYER[name](days, known, before, after) for (_, before), (name, after) in pairwise(done)
    ]
    frames += [_ended(days, known, done[-1][1]), _returns(days, done[-1][1])]
    order = {name: place for place, name in enumerate((*LAYERS, "returns"))}
    some = [frame for frame in frames if len(frame)]
    if not some:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in _COLUMNS})
    every = pd.concat(some, ignore_index=True)
    every = every.assign(place=every["layer"].map(order))
    every = every.sort_values(["item", "column", "place"], kind="stable", ignore_index=True)
    return _named(days, every)


def _named(days: ObservedDays, rows: pd.DataFrame) -> pd.DataFrame:
    item = rows["item"].to_numpy()
    names = {name: days.items[name].to_numpy(dtype=object)[item] for name in ("sku", "market")}
    week = days.weeks[rows["column"].to_numpy()].astype("M8[us]")
    return rows.assign(**names, week=week)[list(_COLUMNS)]


@dataclass(frozen=True, slots=True)
class _Why:
    """Why a layer changed the weeks at ``item`` and ``column``."""

    item: NDArray[np.int64]
    column: NDArray[np.int64]
    reason: NDArray[np.object_] | str
    facts: Sequence[dict[str, Any]]
    certain: NDArray[np.bool_] | bool

    def frame(self, layer: str, before: Array, after: Array) -> pd.DataFrame:
        """Return one row per week."""
        where = self.item, self.column
        return pd.DataFrame(
            {
                "item": self.item,
                "column": self.column,
                "layer": layer,
                "units_before": before[where],
                "units_after": after[where],
                "certainty": np.where(self.certain, "certain", "likely"),
                "reason": self.reason,
                "facts": pd.Series(list(self.facts), dtype=object),
            }
        )


def _changed(before: Array, after: Array) -> _Rows:
    """Return where a layer changed units, or made them unknown."""
    gone = np.isnan(after) & ~np.isnan(before)
    with np.errstate(invalid="ignore"):
        item, column = np.nonzero(gone | (np.abs(after - before) > _SMALLEST))
    return item, column


def _freaks(days: ObservedDays, known: Weeks, before: Array, after: Array) -> pd.DataFrame:
    where = _changed(before, after)
    found = days.freaks
    key = found.item * known.sold.shape[1] + found.day // 7
    largest = np.lexsort((-found.units, key))
    first = largest[np.unique(key[largest], return_index=True)[1]]
    row = first[np.searchsorted(key[first], where[0] * known.sold.shape[1] + where[1])]
    certain = found.is_known[row]
    dates = (days.first + found.day[row]).astype("M8[D]").tolist()
    facts = [
        {"date": date, "size": size}
        for date, size in zip(dates, found.units[row].tolist(), strict=True)
    ]
    reason = np.where(certain, "one_order", "one_day").astype(object)
    return _Why(*where, reason, facts, certain).frame("freak_orders", before, after)


def _partial(days: ObservedDays, known: Weeks, before: Array, after: Array) -> pd.DataFrame:
    where = _changed(before, after)
    last = known.sold.shape[1] - 1
    begun = (where[1] == last) & (days.covered.shape[1] % 7 != 0)
    launch = where[1] == np.maximum(days.start, 0)[where[0]] // 7
    reason = np.where(begun, "week_begun", np.where(launch, "launch_week", "not_covered"))
    facts = [{"share": share} for share in known.on_sale[where].tolist()]
    return _Why(*where, reason.astype(object), facts, certain=True).frame("partial", before, after)


def _stockouts(days: ObservedDays, known: Weeks, before: Array, after: Array) -> pd.DataFrame:
    where = _stopped(before, after, known)
    shape = known.sold.shape
    proven = _count(days.out, shape)[where]
    likely = _count(days.silences.days, shape)[where]
    chance = _chances(days, shape, ended=False)[where]
    facts = [
        {"days": int(sure + pattern)} | ({} if np.isnan(odds) else {"chance": odds})
        for sure, pattern, odds in zip(proven, likely, chance.tolist(), strict=True)
    ]
    certain = proven >= likely
    reason = np.where(certain, "no_stock", "silent").astype(object)
    return _Why(*where, reason, facts, certain).frame("stockouts", before, after)


def _stopped(before: Array, after: Array, known: Weeks) -> _Rows:
    """Return the weeks with days without stock whose units that changed, zeros included."""
    item, column = _changed(before, after)
    idle = (known.lost > 0) & (before == 0) & (after == 0)
    also = np.nonzero(idle)
    return np.concatenate([item, also[0]]), np.concatenate([column, also[1]])


def _promotions(_: ObservedDays, __: Weeks, before: Array, after: Array) -> pd.DataFrame:
    where = _changed(before, after)
    factor = before[where] / after[where]
    facts = [{"factor": value} for value in factor.tolist()]
    return _Why(*where, "uplift", facts, certain=False).frame("promotions", before, after)


def _ended(days: ObservedDays, known: Weeks, units: Array) -> pd.DataFrame:
    """Return the weeks of silence that may be a product's end; nothing is corrected in them."""
    gone = _count(days.silences.expanded(ended=True), known.sold.shape)
    item, column = np.nonzero((gone > 0) & ~np.isnan(units))
    chance = _chances(days, known.sold.shape, ended=True)[item, column]
    facts = [
        {"days": int(count), "chance": odds}
        for count, odds in zip(gone[item, column], chance.tolist(), strict=True)
    ]
    return _Why(item, column, "maybe_ended", facts, certain=False).frame("stockouts", units, units)


def _returns(days: ObservedDays, units: Array) -> pd.DataFrame:
    back = by_week(days.extras.get("returned", Movements.none()), units.shape)
    item, column = np.nonzero(back > 0)
    facts = [{"units": count} for count in back[item, column].tolist()]
    return _Why(item, column, "came_back", facts, certain=True).frame("returns", units, units)


def _count(movements: Movements, shape: tuple[int, int]) -> Array:
    return by_week(Movements(movements.item, movements.day, np.ones(len(movements.item))), shape)


def _chances(days: ObservedDays, shape: tuple[int, int], *, ended: bool) -> Array:
    """Return the chance of the silence that a week belongs to; NaN where there is none."""
    found = days.silences
    chance = np.full(shape, np.nan)
    for row in np.flatnonzero(found.is_end == ended):
        span = slice(found.first[row] // 7, found.last[row] // 7 + 1)
        chance[found.item[row], span] = found.chance[row]
    return chance


_LAYER: dict[str, Callable[[ObservedDays, Weeks, Array, Array], pd.DataFrame]] = {
    "freak_orders": _freaks,
    "partial": _partial,
    "stockouts": _stockouts,
    "promotions": _promotions,
}
