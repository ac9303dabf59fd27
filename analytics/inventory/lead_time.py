"""How long an order takes until its units can be sold: by item and route, from past orders."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.inventory.censoring import censored_moments, empirical_probabilities
from analytics.inventory.durations import LONGEST, lead_time_probabilities, moments, shifted
from analytics.inventory.history import (
    DEFAULT_ROUTE,
    ENOUGH,
    RECENT,
    believed,
    order_lines,
    route_codes,
    since_change,
    suppliers,
)
from analytics.inventory.stages import STAGES

__all__ = ["LeadTimes", "default_route", "lead_times", "lead_times_by_route", "moments", "shifted"]
Array = NDArray[np.float64]
Rows = NDArray[np.int64]
BUILT_IN = {
    "sea": (45.0, 70.0),
    "rail": (35.0, 55.0),
    "air": (10.0, 16.0),
    "express": (7.0, 12.0),
}  # usual and worst days, where nothing is known
_WORST = 1.645  # sds above the mean at which "worst" lies: one in twenty
_HALF = 8.0  # receipts at which an own history weighs as much as its pool's
_PLENTY = 30  # receipts that speak for themselves
_POOL = ["market", "route"]
_OWN = ["supplier", "market", "route"]


@dataclass(frozen=True, slots=True)
class LeadTimes:
    """Lead times, one line per item, or per item and route.

    Attributes
    ----------
    lines : DataFrame
        ``item`` (row of the items), ``market``, ``supplier``, ``route``, ``is_default``;
        ``lead_time_source`` (``stated``: of the item itself, with the route's spread; ``own``: at
        least 3 receipts from this supplier, drawn to the route's; ``route_pool``: those of the
        route to this market; ``routes_table``; ``assumed``); ``lead_time_receipts`` (behind it);
        ``lead_time_open`` (orders still open that count by their age); ``lead_time_first``,
        ``lead_time_last`` (days of the first and the last receipt behind it; NaT = none);
        ``lead_time_since`` (orders placed before this day are left out, because lead times changed
        since; NaT = none are); ``lead_time_mean``, ``lead_time_sd`` (days); ``lead_time_usual``,
        ``lead_time_max`` (mean and longest of the last 12 months' receipts, an open order that is
        older counted as the longest; else usual and worst days).
    probabilities : ndarray, shape (n_distributions, 196)
        Probability of 1, 2, ... 196 days.
    row : ndarray of int, shape (n_lines,)
        Each line's distribution.
    """

    lines: pd.DataFrame
    probabilities: Array
    row: Rows


def lead_times(
    items: pd.DataFrame, orders: pd.DataFrame, routes: pd.DataFrame, as_of: date
) -> LeadTimes:
    """Return every item's lead time on its default route, one line per item, in their order.

    Parameters and method are those of `lead_times_by_route`.
    """
    return default_route(lead_times_by_route(items, orders, routes, as_of))


def default_route(every: LeadTimes) -> LeadTimes:
    """Return the lines of each item's default route, one per item, in their order."""
    chosen = every.lines["is_default"].to_numpy()
    used, row = np.unique(every.row[chosen], return_inverse=True)
    lines = every.lines.loc[chosen].reset_index(drop=True)
    return LeadTimes(lines, every.probabilities[used], row.reshape(-1))


def lead_times_by_route(
    items: pd.DataFrame, orders: pd.DataFrame, routes: pd.DataFrame, as_of: date
) -> LeadTimes:
    """Return the lead times of every item on each of its routes.

    Parameters
    ----------
    items : DataFrame
        ``sku``, ``market``, ``supplier``; optionally ``lead_time_days`` (as stated for the item's
        default route; NaN = not).
    orders : DataFrame
        Purchase orders, one row per receipt: ``order_id``, ``sku``, ``market``, ``supplier``,
        ``route``, ``quantity``, ``quantity_received``, ``open_quantity``, ``ordered_on``,
        ``received_on``.
    routes : DataFrame
        ``market``, ``route``, and per stage ``<stage>_days`` and
        ``<stage>_days_worst``.
    as_of : date
        Receipts after it are not known.

    Returns
    -------
    LeadTimes
        An item's routes are those by which anything came to its market or from its supplier, or by
        which it was ordered itself, those of the routes table for its market, and its default: by
        which most of its units came in the last 12 months, else sea. In order of item, the default
        first.

    Notes
    -----
    A line's lead time runs to its last receipt; a line still open counts by its age, see
    `censored_moments`; if lead times changed, only orders since then count, see `since_change`.
    With n own receipts, ``mean = w own + (1-w) pool`` and
    ``sd² = w own² + (1-w) (cv_pool mean)²``, ``w = n / (n + 8)``; 30 and more speak for themselves,
    see `empirical_probabilities`. Fewer than 3 in the pool: the routes table, else 45 / 70 days by
    sea, 35 / 55 by rail, 10 / 16 by air, 7 / 12 by express; ``sd = (worst - usual) / 1.645``.
    """
    history = order_lines(orders, as_of)
    stated = _stated(routes)
    placed = orders.loc[orders["ordered_on"] <= pd.Timestamp(as_of), ["sku", "market", "route"]]
    asked = placed.assign(route=route_codes(placed["route"])).drop_duplicates()
    lines = _item_routes(items, history, stated, asked)
    pool_lines = since_change(believed(history, _POOL), _POOL)
    own_lines = since_change(believed(pool_lines, _OWN), _OWN)
    pool, pool_laws = _learnt(pool_lines, _POOL, as_of)
    own, own_laws = _learnt(own_lines, _OWN, as_of)
    lines = lines.merge(stated, on=_POOL, how="left", sort=False)
    lines = lines.merge(pool, on=_POOL, how="left", sort=False)
    lines = lines.merge(own, on=_OWN, how="left", sort=False, suffixes=("_pool", "_own"))
    return _combined(_restated(_chosen(lines), lines["asked"]), own_laws, pool_laws)


def _item_routes(
    items: pd.DataFrame, history: pd.DataFrame, stated: pd.DataFrame, placed: pd.DataFrame
) -> pd.DataFrame:
    """Return ``item``, ``market``, ``supplier``, ``route``, ``is_default``, ``asked`` (days)."""
    known = items[["sku", "market"]].assign(
        supplier=suppliers(items), item=np.arange(len(items)), asked=_asked(items)
    )
    default = _defaults(known, history)
    received = history.loc[~history["is_open"]]
    to_market = pd.concat([received[_POOL], stated[_POOL]]).drop_duplicates()
    from_supplier = received[["supplier", "route"]].drop_duplicates()
    found = [
        default[["item", "route"]],
        known.merge(to_market, on="market", how="inner")[["item", "route"]],
        known.merge(from_supplier, on="supplier", how="inner")[["item", "route"]],
        known.merge(placed, on=["sku", "market"], how="inner")[["item", "route"]],
    ]
    every = pd.concat(found, ignore_index=True).assign(
        is_default=np.arange(sum(map(len, found))) < len(known)
    )
    every = every.drop_duplicates(["item", "route"])
    every = every.sort_values(["item", "is_default", "route"], ascending=[True, False, True])
    lines = known.iloc[every["item"].to_numpy()].reset_index(drop=True)
    chosen = every["is_default"].to_numpy()
    asked = lines["asked"].where(chosen)
    return lines.assign(route=every["route"].to_numpy(), is_default=chosen, asked=asked)


def _asked(items: pd.DataFrame) -> pd.Series:
    if "lead_time_days" not in items:
        return pd.Series(np.nan, index=items.index)
    days = items["lead_time_days"].astype(np.float64)
    return days.where(days >= 1).clip(upper=LONGEST)


def _defaults(known: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """Return the items with the route by which most of their units came in twelve months."""
    recent = history[~history["is_open"] & (history["age"] < RECENT)]
    units = recent.groupby(["sku", "market", "route"], as_index=False).agg(units=("units", "sum"))
    most = units.sort_values("units", ascending=False, kind="stable")
    most = most.drop_duplicates(["sku", "market"])[["sku", "market", "route"]]
    frame = known.merge(most, on=["sku", "market"], how="left", sort=False)
    return frame.assign(route=frame["route"].astype(object).fillna(DEFAULT_ROUTE))


def _learnt(lines: pd.DataFrame, keys: list[str], as_of: date) -> tuple[pd.DataFrame, Array]:
    """Return what the lines of each key say, and the laws of keys that have plenty."""
    grouped = lines.groupby(keys, sort=True)
    frame = grouped.size().index.to_frame(index=False)
    group = grouped.ngroup().to_numpy().astype(np.int64)
    days, is_open = lines["days"].to_numpy(), lines["is_open"].to_numpy()
    mean, sd = censored_moments(group, days, is_open, len(frame))
    facts = _facts(lines, group, len(frame), as_of)
    frame = frame.assign(mean=mean, sd=sd, **facts)
    plenty = facts["n"] >= _PLENTY
    number = np.where(plenty, np.cumsum(plenty) - 1, -1)
    wanted = plenty[group]
    gamma = lead_time_probabilities(mean[plenty], sd[plenty])
    laws = empirical_probabilities(number[group[wanted]], days[wanted], is_open[wanted], gamma)
    return frame.assign(law=number), laws


def _facts(lines: pd.DataFrame, group: Rows, n_groups: int, as_of: date) -> dict[str, NDArray[Any]]:
    """Return counts, days of the first and the last receipt, usual and longest lead times."""
    today = np.datetime64(as_of)
    done, days = ~lines["is_open"].to_numpy(), lines["days"].to_numpy()
    age = np.where(done, lines["age"].to_numpy(), 0.0)
    recent = done & (age < RECENT)

    def count(which: NDArray[np.bool_]) -> Array:
        return np.bincount(group[which], minlength=n_groups).astype(np.float64)

    def average(which: NDArray[np.bool_]) -> Array:
        total = np.bincount(group[which], weights=days[which], minlength=n_groups)
        return total / np.maximum(count(which), 1.0)

    def largest(values: Array, which: NDArray[np.bool_]) -> Array:
        out = np.full(n_groups, -np.inf)
        np.maximum.at(out, group[which], values[which])
        return out

    def day(ago: Array) -> NDArray[np.datetime64]:
        known = np.isfinite(ago)
        back = np.where(known, ago, 0.0).astype("m8[D]")
        return np.where(known, today - back, np.datetime64("NaT", "D")).astype("M8[us]")

    enough = count(recent) >= ENOUGH
    longest = np.where(enough, largest(days, recent), largest(days, done))
    since = np.nan_to_num(lines["since"].to_numpy(dtype=np.float64), nan=-np.inf)
    return {
        "n": count(done),
        "open": count(~done),
        "first": day(largest(age, done)),
        "last": day(-largest(-age, done)),
        "since": day(largest(since, np.ones(len(lines), dtype=bool))),
        "usual": np.where(enough, average(recent), average(done)),
        "longest": np.maximum(longest, largest(days, ~done)),
    }


def _stated(routes: pd.DataFrame) -> pd.DataFrame:
    """Return ``market``, ``route``, ``stated_usual``, ``stated_worst`` of the routes table."""
    usual = [f"{stage}_days" for stage in STAGES]
    days = routes[usual].astype(np.float64)
    worst = routes[[f"{name}_worst" for name in usual]].astype(np.float64)
    worst = worst.set_axis(usual, axis=1).fillna(days)
    frame = pd.DataFrame(
        {
            "market": routes["market"].astype(object),
            "route": route_codes(routes["route"]),
            "stated_usual": days.sum(axis=1),
            "stated_worst": np.maximum(worst, days).sum(axis=1),
        }
    )
    return frame[frame["stated_usual"] > 0].drop_duplicates(_POOL, keep="last")


def _chosen(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of `LeadTimes.lines`, with ``mean``, ``sd`` before they are cut to days.

    ``of`` says whose law it is where there is plenty (0 own, 1 pool, -1 none), ``law`` which.
    """
    own = (lines["n_own"] >= ENOUGH) & (lines["n_pool"] >= ENOUGH)
    pool = ~own & (lines["n_pool"] >= ENOUGH)
    stated = ~own & ~pool & lines["stated_usual"].notna()
    usual, worst = _otherwise(lines)
    weight = lines["n_own"] / (lines["n_own"] + _HALF)
    own_mean = weight * lines["mean_own"] + (1 - weight) * lines["mean_pool"]
    drawn = (1 - weight) * (lines["sd_pool"] / lines["mean_pool"] * own_mean) ** 2
    own_sd = (weight * lines["sd_own"] ** 2 + drawn) ** 0.5

    def pick(name: str, otherwise: object) -> pd.Series:
        kept = lines[f"{name}_own"].where(own, lines[f"{name}_pool"])
        return kept.where(own | pool, otherwise)

    law = pick("law", -1).fillna(-1).astype(np.int64)
    return pd.DataFrame(
        {
            "item": lines["item"],
            "market": lines["market"],
            "supplier": lines["supplier"],
            "route": lines["route"],
            "is_default": lines["is_default"],
            "lead_time_source": np.select(
                [own, pool, stated], ["own", "route_pool", "routes_table"], "assumed"
            ),
            "lead_time_receipts": pick("n", 0.0),
            "lead_time_open": pick("open", 0.0),
            "lead_time_first": pick("first", pd.NaT),
            "lead_time_last": pick("last", pd.NaT),
            "lead_time_since": pick("since", pd.NaT),
            "mean": own_mean.where(own, lines["mean_pool"].where(pool, usual)),
            "sd": own_sd.where(own, lines["sd_pool"].where(pool, (worst - usual) / _WORST)),
            "lead_time_usual": pick("usual", usual),
            "lead_time_max": pick("longest", worst),
            "law": law,
            "of": np.where(law < 0, -1, np.where(own, 0, 1)),
        }
    )


def _otherwise(lines: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return usual and worst days of the routes table, else those built in."""
    built_in = [BUILT_IN.get(route, BUILT_IN[DEFAULT_ROUTE]) for route in lines["route"]]
    usual = pd.Series([pair[0] for pair in built_in], lines.index, dtype=np.float64)
    worst = pd.Series([pair[1] for pair in built_in], lines.index, dtype=np.float64)
    return lines["stated_usual"].fillna(usual), lines["stated_worst"].fillna(worst)


def _restated(lines: pd.DataFrame, asked: pd.Series) -> pd.DataFrame:
    """Return the lines, those whose item states its lead time with that and the route's spread."""
    said = asked.notna()
    ratio = asked / lines["mean"]
    return lines.assign(
        lead_time_source=lines["lead_time_source"].where(~said, "stated"),
        mean=lines["mean"].where(~said, asked),
        sd=lines["sd"].where(~said, lines["sd"] * ratio),
        lead_time_usual=lines["lead_time_usual"].where(~said, asked),
        lead_time_max=lines["lead_time_max"].where(~said, asked + _WORST * lines["sd"] * ratio),
        law=lines["law"].where(~said, -1),
        of=lines["of"].where(~said, -1),
    )


def _combined(lines: pd.DataFrame, own: Array, pool: Array) -> LeadTimes:
    """Return the lines with their laws: gamma by mean and sd, or as they were seen."""
    seen = (lines["of"] >= 0).to_numpy()
    keys = lines[["mean", "sd", "of", "law"]].to_numpy(dtype=np.float64)
    keys[seen, :2] = 1.0
    laws, row = np.unique(keys, axis=0, return_inverse=True)
    row = row.reshape(-1)
    probabilities = lead_time_probabilities(laws[:, 0], laws[:, 1])
    for of, known in ((0, own), (1, pool)):
        which = laws[:, 2] == of
        probabilities[which] = known[laws[which, 3].astype(np.int64)]
    mean, sd = moments(probabilities)
    described = lines.drop(columns=["mean", "sd", "law", "of"]).assign(
        lead_time_mean=mean[row], lead_time_sd=sd[row]
    )
    return LeadTimes(described, probabilities, row)
