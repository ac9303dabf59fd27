"""The stages that an order goes through, and the days on which factories stand still.

Days are whole, and count from any day: dates (``datetime64[D]``) or day numbers go in, and the same
come out. Stages stand in the order of `STAGES`.
"""

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analytics.inventory.history import DEFAULT_ROUTE, route_codes, suppliers

Array = NDArray[np.float64]
Days = NDArray[np.int64] | NDArray[np.datetime64]
STAGES = ("production", "quality_check", "booking", "transit", "customs", "check_in")
AFTER_SHIPPING = 3  # the first of the stages that follow the day of shipping
FACTORY_CLOSURES = ("cny_closure", "golden_week_closure")
BUILT_IN_STAGES = {
    "sea": (15.0, 2.0, 3.0, 18.0, 3.0, 4.0),
    "rail": (12.0, 2.0, 3.0, 14.0, 2.0, 2.0),
    "air": (4.0, 1.0, 1.0, 2.0, 1.0, 1.0),
    "express": (3.0, 1.0, 0.0, 2.0, 0.0, 1.0),
}  # days that add up to the usual lead time, where nothing is known
_DATES = ("ordered_on", "ready_on", "shipped_on", "arrived_on", "cleared_on", "received_on")
_ENOUGH = 3  # orders whose median says something


def order_day(need_day: ArrayLike, stages: ArrayLike, closures: ArrayLike = ()) -> Days:
    """Return the last day on which an order still arrives by the day it is needed.

    Parameters
    ----------
    need_day : array_like, shape (n,)
        Days, or dates, on which the units must be sellable.
    stages : array_like, shape (n, 6) or (6,)
        Days that each of `STAGES` takes; NaN = none. A part of a day counts as a whole one.
    closures : array_like, shape (n_closures, 2)
        First and last day, both included, on which the factory stands still.

    Returns
    -------
    ndarray, shape (n,)
        As ``need_day``.

    Notes
    -----
    A closure stops production only. Production takes so many days of an open factory: an order
    whose production crosses a closure is earlier by the closed days within it, every other is not
    moved.

    Examples
    --------
    Five weeks of production, one of checks, five at sea and two of check-in, for week 50:

    >>> order_day([50 * 7], [5 * 7, 7, 0, 5 * 7, 0, 2 * 7]).tolist()  # 37 weeks
    [259]
    """
    need, dated = _numbers(need_day)
    days = _whole(stages)
    shut = _merged(closures)
    ready = need - days[..., 1:].sum(axis=-1)
    start = ready - days[..., 0]
    while True:  # closed days within the window make it longer, which may take in more of them
        earlier = ready - days[..., 0] - _closed(start, ready, shut) * (days[..., 0] > 0)
        if (earlier == start).all():
            return _days(start, dated=dated)
        start = earlier


def arrival_day(order_day: ArrayLike, stages: ArrayLike, closures: ArrayLike = ()) -> Days:
    """Return the day on which what is ordered on a day can be sold; the inverse of `order_day`.

    Examples
    --------
    Three of the ten days of production fall into a closure:

    >>> arrival_day([100], [10, 0, 0, 20, 0, 0], [[108, 110]]).tolist()
    [133]
    """
    placed, dated = _numbers(order_day)
    days = _whole(stages)
    shut = _merged(closures)
    ready = placed + days[..., 0]
    while True:
        later = placed + days[..., 0] + _closed(placed, ready, shut) * (days[..., 0] > 0)
        if (later == ready).all():
            return _days(ready + days[..., 1:].sum(axis=-1), dated=dated)
        ready = later


def ship_day(need_day: ArrayLike, stages: ArrayLike) -> Days:
    """Return the last day of shipping after which the units are still sellable on ``need_day``.

    >>> ship_day([350], [35, 7, 0, 35, 0, 14]).tolist()
    [301]
    """
    need, dated = _numbers(need_day)
    return _days(need - _whole(stages)[..., AFTER_SHIPPING:].sum(axis=-1), dated=dated)


def factory_closures(
    events: pd.DataFrame, *, codes: tuple[str, ...] = FACTORY_CLOSURES
) -> NDArray[np.datetime64]:
    """Return first and last day of the closures among known events, shape (n_closures, 2).

    Parameters
    ----------
    events : DataFrame
        `analytics.calendars.event_frame`: ``code``, ``side``, ``starts_on``, ``ends_on``.
    codes : tuple of str
        Those that stop production.

    Examples
    --------
    >>> from analytics.calendars import builtin
    >>> factory_closures(builtin())[0].astype(str).tolist()
    ['2024-01-31', '2024-02-24']
    """
    chosen = events.loc[(events["side"] == "supply") & events["code"].isin(codes)]
    days = chosen[["starts_on", "ends_on"]].drop_duplicates().sort_values("starts_on")
    return days.to_numpy().astype("M8[D]").reshape(-1, 2)


def stage_days(
    lines: pd.DataFrame, orders: pd.DataFrame, routes: pd.DataFrame, as_of: date
) -> pd.DataFrame:
    """Return how long each stage takes, by line of `LeadTimes.lines`.

    Parameters
    ----------
    lines : DataFrame
        ``market``, ``supplier``, ``route``.
    orders : DataFrame
        Purchase orders with ``ordered_on``, ``ready_on``, ``shipped_on``, ``arrived_on``,
        ``cleared_on``, ``received_on``.
    routes : DataFrame
        ``market``, ``route`` and ``<stage>_days``.
    as_of : date
        What happened after it is not known.

    Returns
    -------
    DataFrame
        One column per stage, in days, and ``stages_source``: ``own`` and ``route_pool`` (medians of
        at least 3 orders that have all dates, of the supplier on the route or of the route),
        ``routes_table``, else ``assumed``. Orders do not tell checks from booking: there, the days
        from ready to shipped count as booking. The sum is not the mean lead time, see
        `scaled_stages`.
    """
    seen = _observed(orders, as_of)
    table = routes.assign(route=route_codes(routes["route"]))
    table = table.rename(columns={f"{stage}_days": stage for stage in STAGES})
    table = table.drop_duplicates(["market", "route"], keep="last")
    known = table[list(STAGES)].astype(np.float64)
    table = table.assign(**known.fillna(0.0)).loc[known.sum(axis=1) > 0]
    built_in = pd.DataFrame(BUILT_IN_STAGES.values(), columns=list(STAGES))
    sources = (
        ("own", ["supplier", "market", "route"], _medians(seen, ["supplier", "market", "route"])),
        ("route_pool", ["market", "route"], _medians(seen, ["market", "route"])),
        ("routes_table", ["market", "route"], table),
        ("assumed", ["route"], built_in.assign(route=list(BUILT_IN_STAGES))),
    )
    days = np.tile(np.array(BUILT_IN_STAGES[DEFAULT_ROUTE]), (len(lines), 1))
    source = np.full(len(lines), "assumed", dtype=object)
    for name, keys, frame in reversed(sources):
        found = lines[keys].merge(frame[[*keys, *STAGES]], on=keys, how="left", sort=False)
        has = found[STAGES[0]].notna().to_numpy()
        days[has] = found.loc[has, list(STAGES)].to_numpy(dtype=np.float64)
        source[has] = name
    return pd.DataFrame(days, columns=list(STAGES)).assign(stages_source=source)


def _observed(orders: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Return the days of each stage of the orders that have arrived with every date."""
    dates = orders[list(_DATES)]
    whole = dates.notna().all(axis=1) & (dates["received_on"] <= pd.Timestamp(as_of))
    chosen = orders.loc[whole]
    taken = {
        stage: (chosen[after] - chosen[before]).dt.days.clip(lower=0).astype(np.float64)
        for stage, before, after in (
            ("production", "ordered_on", "ready_on"),
            ("booking", "ready_on", "shipped_on"),
            ("transit", "shipped_on", "arrived_on"),
            ("customs", "arrived_on", "cleared_on"),
            ("check_in", "cleared_on", "received_on"),
        )
    }
    frame = pd.DataFrame({**taken, "quality_check": 0.0}, index=chosen.index)
    return frame.assign(
        supplier=suppliers(chosen), market=chosen["market"], route=route_codes(chosen["route"])
    )


def _medians(seen: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    grouped = seen.groupby(keys)
    medians = grouped[list(STAGES)].median()
    return medians.loc[grouped.size() >= _ENOUGH].reset_index()


def scaled_stages(stages: ArrayLike, lead_time: ArrayLike) -> Array:
    """Return stages that add up to a lead time, in proportion; unknown ones are none.

    Parameters
    ----------
    stages : array_like, shape (n, 6)
        Days of each of `STAGES`; where none is known, all of it counts as production.
    lead_time : array_like, shape (n,)
        Days.

    Examples
    --------
    >>> scaled_stages([[10, 0, 0, 20, 0, 10]], [80]).tolist()
    [[20.0, 0.0, 0.0, 40.0, 0.0, 20.0]]
    """
    days = np.nan_to_num(np.asarray(stages, dtype=np.float64))
    total = days.sum(axis=-1, keepdims=True)
    known = total > 0
    share = np.divide(days, total, out=np.zeros_like(days), where=known)
    share[..., 0] = np.where(known[..., 0], share[..., 0], 1.0)
    return np.asarray(share * np.asarray(lead_time, dtype=np.float64)[..., None])


def _numbers(day: ArrayLike) -> tuple[NDArray[np.int64], bool]:
    """Return days as numbers, and whether they were dates."""
    given = np.asarray(day)
    dated = given.dtype.kind == "M"
    return (given.astype("M8[D]") if dated else given).astype(np.int64), dated


def _days(number: NDArray[np.int64], *, dated: bool) -> Days:
    return number.astype("M8[D]") if dated else number


def _whole(stages: ArrayLike) -> NDArray[np.int64]:
    days = np.nan_to_num(np.asarray(stages, dtype=np.float64))
    return np.ceil(np.maximum(days, 0.0) - 1e-6).astype(np.int64)


def _merged(closures: ArrayLike) -> list[tuple[int, int]]:
    """Return closures in order of time, those that overlap as one."""
    days, _ = _numbers(closures)
    out: list[tuple[int, int]] = []
    for first, last in sorted(map(tuple, days.reshape(-1, 2).tolist())):
        if out and first <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], last))
        elif last >= first:
            out.append((first, last))
    return out


def _closed(
    after: NDArray[np.int64], until: NDArray[np.int64], closures: list[tuple[int, int]]
) -> NDArray[np.int64]:
    """Return how many days of closure lie after one day and up to another."""
    days = np.zeros(np.broadcast(after, until).shape, dtype=np.int64)
    for first, last in closures:
        overlap = np.minimum(until, last) - np.maximum(after + 1, first) + 1
        days += np.maximum(overlap, 0)
    return days
