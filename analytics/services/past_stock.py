"""Each item's stock, sales and receipts, day by day: what the measures of the shop are made of."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import inventory, kpi
from analytics.demand.movements import Movements
from analytics.demand.reading import movements_of
from analytics.services.planning import Basis
from analytics.services.prospects import Outlook

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
AHEAD = 91  # days ahead over which the forecast's weekly demand is a mean
STANDS_STILL = ("slow", "dead")
_DAY = np.timedelta64(1, "D")


def days(
    basis: Basis, *, starts_on: date | None = None, ends_on: date | None = None, length: int = 365
) -> kpi.Ledger:
    """Return what stood, sold and came, by item and day.

    Parameters
    ----------
    basis : Basis
        What the plan of some day stands on; rows are those of its items.
    starts_on : date, optional
        The first day; none = ``length`` days that end on the last one, or as many as there are.
    ends_on : date, optional
        The last day; none = the plan's day.
    length : int
        Days, where the first one is not named.

    Notes
    -----
    Stock is the latest count, less what sold since, plus what arrived. It is unknown (NaN) before
    the first count, but for the 14 days before it, which are rolled back; and from a sale that the
    count does not explain, until the next count: something arrived that no file tells of. The
    plan's day has the very stock that the plan stands on.
    """
    first, last = period(basis.outlook, starts_on=starts_on, ends_on=ends_on, length=length)
    seen, low = basis.outlook, _number(basis.outlook, first)
    n_days = (last - first).days + 1
    arrived = _received(seen)
    sold = _dense(seen.days.sales, seen, low, n_days)
    came = _dense(arrived, seen, low, n_days)
    is_out = _dense(seen.days.out, seen, low, n_days, np.nan) == 0
    on_hand = np.where(is_out, 0.0, _stock(basis, arrived, low, n_days))
    if last == seen.as_of:
        on_hand[:, -1] = basis.positions["on_hand"].to_numpy(dtype=np.float64)
    worth = basis.economics
    return kpi.Ledger(
        on_hand=on_hand,
        sold=sold,
        received=came if len(seen.orders) else np.full_like(sold, np.nan),
        is_active=_active(seen, on_hand, sold, low),
        is_out=is_out,
        unit_cost=worth.landed_cost,
        price=worth.price,
        is_slow=basis.tiers["status"].isin(STANDS_STILL).to_numpy(),
        demand_rate=basis.recent["demand_mean"].to_numpy(dtype=np.float64),
        demand_ahead=_ahead(basis),
        orders=np.full(len(sold), np.nan),
        orders_hit=np.full(len(sold), np.nan),
    )


def period(
    seen: Outlook,
    *,
    starts_on: date | None = None,
    ends_on: date | None = None,
    length: int = 365,
) -> tuple[date, date]:
    """Return the first and the last day of a period, within what the sales cover."""
    last = min(ends_on or seen.as_of, seen.as_of)
    known = seen.coverage["starts_on"].min().date()
    earliest = max(known, seen.days.first.astype("M8[D]").item())
    first = starts_on or last - timedelta(days=length - 1)
    return min(max(first, earliest), last), last


def _number(seen: Outlook, day: date) -> int:
    """Return a day as `ObservedDays` counts them."""
    return int((np.datetime64(day, "D") - seen.days.first) / _DAY)


def _moved(seen: Outlook, frame: pd.DataFrame, column: str) -> Movements:
    keys = pd.MultiIndex.from_frame(seen.items[["sku", "market"]].astype(object))
    return movements_of(frame, keys, column, seen.days.first, seen.days.as_of)


def _received(seen: Outlook) -> Movements:
    """Return what arrived up to the plan's day."""
    return _moved(seen, inventory.receipts(seen.orders), "units")


def _dense(moved: Movements, seen: Outlook, low: int, n_days: int, empty: float = 0.0) -> Array:
    """Return the entries of ``n_days`` days from day ``low`` on, shape (n_items, n_days)."""
    here = (moved.day >= low) & (moved.day < low + n_days)
    matrix = np.full((len(seen.items), n_days), empty)
    matrix[moved.item[here], moved.day[here] - low] = moved.units[here]
    return matrix


def _stock(basis: Basis, arrived: Movements, low: int, n_days: int) -> Array:
    """Return each item's stock at the end of every day; NaN = unknown."""
    seen = basis.outlook
    counts = _moved(seen, seen.snapshots, "on_hand")
    start = _latest_before(counts, low)
    today = _number(seen, seen.as_of)
    width = min(low + n_days + kpi.LATER, today + 1) - start
    counted = _dense(counts, seen, start, width, np.nan)
    if start + width == today + 1:  # a list without a date, or a later one, tells of the plan's day
        known = basis.positions["on_hand"].to_numpy(dtype=np.float64)
        alone = np.isnan(counted).all(axis=1)
        counted[alone, -1] = known[alone]
    sold = _dense(seen.days.sales, seen, start, width)
    came = _dense(arrived, seen, start, width)
    return kpi.rolled(counted, sold, came)[:, low - start : low - start + n_days]


def _latest_before(counts: Movements, low: int) -> int:
    """Return the earliest day of the items' latest counts up to day ``low``."""
    before = counts.day <= low
    item, day = counts.item[before], counts.day[before]
    last = np.append(item[1:] != item[:-1], True) if len(item) else np.empty(0, dtype=bool)
    return int(day[last].min(initial=low))


def _active(seen: Outlook, on_hand: Array, sold: Array, low: int) -> Flags:
    """Return whether each item was on sale and the files tell of the day, shape as ``on_hand``."""
    known, n_days = seen.days, on_hand.shape[1]
    numbers = np.arange(n_days)
    stocked = np.nan_to_num(on_hand) > 0
    seen_first = np.where(stocked.any(axis=1), stocked.argmax(axis=1), n_days)
    start = np.minimum(known.start - low, seen_first)
    seen_last = n_days - 1 - (stocked | (sold > 0))[:, ::-1].argmax(axis=1)
    gone = seen.items["discontinued"].to_numpy(dtype=bool)
    end = np.where(gone, seen_last, n_days)
    covered = known.covered[known.reach, low : low + n_days]
    return np.asarray(covered & (numbers >= start[:, None]) & (numbers <= end[:, None]))


def _ahead(basis: Basis) -> Array:
    """Return the units per week that the forecast expects, over the next quarter."""
    total = basis.demand_by_day
    if not total.shape[1]:
        return np.full(len(total), np.nan)
    n_days = min(AHEAD, total.shape[1])
    return np.asarray(total[:, n_days - 1] * 7.0 / n_days, dtype=np.float64)
