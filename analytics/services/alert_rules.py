"""What each alarm looks for, one row per item or order; what to wait costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import alerts
from analytics.inventory import fifo_layers
from analytics.policy import Order
from analytics.services import assumptions, board
from analytics.services.board import Supply
from analytics.services.demand_ahead import demand_after
from analytics.services.economics import DAYS
from analytics.services.levels import SHOWN, Levels
from analytics.services.planning import Basis
from analytics.services.received import received

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
COLUMNS = (
    "kind", "row", "order_id", "since_on", "due_on", "money_per_day", "units", "cause", "action",
    "facts",
)  # fmt: skip
_WEEK = 7
_PATIENCE = 7  # days after the promised one
_ROUNDING = 1e-12
_LIKELY = 0.2  # chance of running short from which a position above its line is told all the same
_SOON = 28  # days within which stock that turns dear to store is worth an alarm
_MOST_ABOVE = 1.5  # times the advice from which an order that was accepted is too much
_CLEAR = 2.0  # covers beyond the reorder point from which a position without a cap is too much
_QUIET = frozenset({"discontinued", "no_demand", "too_new", "stock_unknown"})


@dataclass(frozen=True, slots=True)
class Rules:
    """From where an alarm is worth somebody's time.

    Attributes
    ----------
    least_money : float
        Contribution a week, in the base currency, below which unusual sales wake nobody.
    late_pct : float
        Share of a route's lead times, in per cent, that an open order must have outlived.
    """

    least_money: float = 0.0
    late_pct: float = 90.0


class Seen(NamedTuple):
    """A plan at rest, and what follows from it."""

    basis: Basis
    needed: Levels
    supply: Supply
    lines: pd.DataFrame
    rules: Rules

    @property
    def today(self) -> pd.Timestamp:
        """Return the plan's day."""
        return pd.Timestamp(self.basis.outlook.as_of)

    @property
    def per_day(self) -> Array:
        """Return expected demand, units/day over the weeks that are shown, shape (n_items,)."""
        return self.needed.ahead[:, SHOWN - 1] / SHOWN

    @property
    def position(self) -> Array:
        """Return inventory positions, units; NaN = unknown; shape (n_items,)."""
        return self.basis.positions["inventory_position"].to_numpy(dtype=np.float64)


def stock(seen: Seen) -> pd.DataFrame:
    """Return what runs out, and what lies below its warning line.

    Notes
    -----
    ``stockout_ahead``: by the forecast and the open orders stock ends before an order of today can
    arrive, or before the next open order does and too soon to wait for another look; or one time in
    five and more the position does not last over lead time and review: a promise by fill rate
    leaves such a risk above its reorder point. ``warning_line``: ``max(2 x safety stock, reorder
    point)`` is not below the inventory position. To wait a day costs a day's demand, times what a
    unit short costs, times the probability that the position does not last: 1 for what runs out.
    """
    lines = seen.lines
    told = ~lines["status"].isin(_QUIET).to_numpy() & ~np.isnan(seen.position)
    ends = _ends_early(seen) & told
    below = (lines["alert"] == "warning").to_numpy() & told & ~ends
    risk = np.nan_to_num(1.0 - seen.needed.cycle_service(seen.position))
    likely = (risk > _LIKELY) & told & ~ends & ~below
    money = seen.per_day * seen.basis.economics.stockout_cost * np.where(ends, 1.0, risk)
    rows = np.flatnonzero(ends | below | likely)
    own = lines.iloc[rows]
    late = _late_orders(seen)
    is_late, on_way = late[rows] != "", _comes(seen)[rows]
    order = (own["status"] == "order_now").to_numpy()
    action = np.select(
        [is_late, ends[rows] & on_way, order | ends[rows]], ["ask_supplier", "expedite", "order"],
        "look",
    )  # fmt: skip
    names = ("on_hand", "inventory_position", "warning_line", "safety_stock", "reorder_point",
             "order_quantity", "demand_mean")  # fmt: skip
    next_day = _next_arrival(seen, after=seen.supply.ahead.stockout_day)[rows]
    comes = np.isfinite(next_day)
    before = ~comes & on_way
    is_out = own["on_hand"].to_numpy(dtype=np.float64) <= 0
    says = np.where(is_out, "stockout_now", "stockout_ahead").astype(object)
    whether = np.select([comes, before & ~is_out], ["_comes", "_despite"], "")
    early = np.where(likely[rows], "stockout_likely", "warning_line")
    says = np.where(ends[rows], says + whether, early)
    facts = own[[*names]].astype(np.float64).assign(
        says=says, chance=risk[rows], stockout_on=own["stockout_on"], order_by=own["order_by"],
        arrives_on=_date(seen, seen.supply.arrival[rows]).to_numpy(),
        next_on=_date(seen, np.where(comes, next_day, np.nan)).to_numpy(),
    )  # fmt: skip
    gap = np.where(ends[rows], own["units_at_risk"], own["warning_line"] - seen.position[rows])
    return rows_of(
        seen, np.where(below[rows], "warning_line", "stockout_ahead"), rows,
        due_on=own["stockout_on"], money=money[rows], units=np.maximum(gap, 0.0),
        action=action, order_id=late[rows], facts=facts,
    )  # fmt: skip


def _ends_early(seen: Seen) -> Flags:
    """Return whose stock ends before anything that is on its way, or could be, is there."""
    supply = seen.supply
    day = supply.ahead.stockout_day
    coming = np.where((supply.units > 0) & (supply.eta > day[:, None]), supply.eta, np.inf)
    next_day = coming.min(axis=1, initial=np.inf)
    waits = supply.arrival + seen.needed.review_days
    gap = (next_day < np.inf) & (day <= waits)
    urgent = seen.lines["alert"].isin(["out", "runs_out"]).to_numpy()
    return np.asarray(urgent | gap)


def _next_arrival(seen: Seen, after: Array | None = None) -> Array:
    """Return the day of each item's next open order, not before ``after``; infinite if none."""
    supply = seen.supply
    coming = np.where(supply.units > 0, supply.eta, np.inf)
    if after is not None:
        coming = np.where(supply.eta >= np.nan_to_num(after)[:, None], coming, np.inf)
    return np.asarray(coming.min(axis=1, initial=np.inf))


def _date(seen: Seen, days: Array) -> pd.Series:
    """Return the dates so many days after the plan's day; NaT where that is not known."""
    return pd.Series(seen.today + pd.to_timedelta(np.round(days), unit="D"))


def _comes(seen: Seen) -> Flags:
    """Return for which items an open order is on its way."""
    orders = seen.basis.arrivals
    found = np.zeros(len(seen.lines), dtype=bool)
    found[orders.loc[orders["order_id"].notna(), "item"].to_numpy(dtype=np.int64)] = True
    return found


def _late_orders(seen: Seen) -> NDArray[np.object_]:
    """Return the name of an overdue order of each item; empty where there is none."""
    found = np.full(len(seen.lines), "", dtype=object)
    late = _overdue(seen)
    found[late["item"].to_numpy(dtype=np.int64)[::-1]] = late["name"].to_numpy(dtype=object)[::-1]
    return found


def orders(seen: Seen) -> pd.DataFrame:
    """Return open orders that are older than most of their route's lead times, one row per order.

    Notes
    -----
    ``P(L <= age) >= late_pct``, by the law of the order's own supplier, market and route as the
    plan knows it; or the day that it was promised for has passed by a week. To wait a day costs
    what the items that it brings would lose without it.
    """
    late = _overdue(seen)
    if late.empty:
        return _none()
    item = late["item"].to_numpy(dtype=np.int64)
    units = late["units"].to_numpy(dtype=np.float64)
    left = np.full(len(seen.lines), np.nan)
    left[:] = seen.position
    np.subtract.at(left, item, units)
    short = 1.0 - seen.needed.cycle_service(left)
    cost = (seen.per_day * seen.basis.economics.stockout_cost * short)[item]
    by_item = late.assign(money=np.where(late.duplicated("item"), cost * 0.0, cost))
    ranked = by_item.sort_values("money", ascending=False, kind="stable")
    found = ranked.groupby("name", sort=False)
    first = found.first()
    rows = first["item"].to_numpy(dtype=np.int64)
    by_law = first["chance"] >= seen.rules.late_pct / 100 - _ROUNDING
    facts = first[
        ["supplier", "route", "ordered_on", "eta_on", "expected_on", "age", "chance"]
    ].assign(
        items=found["item"].nunique(), order_id=first.index,
        says=np.where(by_law, "order_overdue", "order_promised"),
    )  # fmt: skip
    return rows_of(
        seen, np.full(len(first), "order_overdue"), rows,
        since_on=first["since_on"], due_on=first["eta_on"],
        money=found["money"].sum(min_count=1).to_numpy(dtype=np.float64),
        units=found["units"].sum().to_numpy(dtype=np.float64),
        action=np.full(len(first), "ask_supplier"),
        order_id=first.index.to_numpy(dtype=object), facts=facts,
    )  # fmt: skip


def overdue_items(seen: Seen) -> Mapping[str, frozenset[int]]:
    """Return the items of each overdue order, by its name."""
    late = _overdue(seen)
    return {str(name): frozenset(rows) for name, rows in late.groupby("name")["item"]}


def _overdue(seen: Seen) -> pd.DataFrame:
    """Return the lines of `Basis.arrivals` that are overdue, with ``name`` and ``since_on``."""
    orders_, laws = seen.basis.arrivals, seen.basis.by_route.probabilities
    known = orders_.loc[orders_["law"] >= 0].assign(chance=0.0)
    if known.empty:
        return known.assign(name="", since_on=known["ordered_on"])
    law = laws[known["law"].to_numpy(dtype=np.int64)]
    chance = alerts.overdue(law, known["age"].to_numpy(dtype=np.float64))
    share = seen.rules.late_pct / 100 - _ROUNDING
    usual = (law.cumsum(axis=1) < share).sum(axis=1) + 1
    since = known["ordered_on"] + pd.to_timedelta(usual, unit="D")
    promised = known["expected_on"] + pd.Timedelta(days=1)
    is_broken = (promised + pd.Timedelta(days=_PATIENCE) <= seen.today).to_numpy(dtype=bool)
    is_late = chance >= share
    since = since.where(is_late, promised)
    day = known["ordered_on"].dt.strftime("%Y-%m-%d")
    nameless = known["supplier"].astype(object) + " " + day
    name = known["order_id"].astype(object).where(known["order_id"].notna(), nameless)
    return known.assign(chance=chance, name=name, since_on=since).loc[is_late | is_broken]


def ageing(seen: Seen) -> pd.DataFrame:
    """Return stock that turns dear to store before the forecast has sold it.

    Notes
    -----
    First in, first out: of a layer of age a, what is not sold within ``surcharge_days - a`` days.
    Only what happens within four weeks is an alarm. To wait a day costs a day's capital and
    storage of those units.
    """
    basis = seen.basis
    limits = float(assumptions.thresholds(basis.assumed).surcharge_days)
    on_hand = np.nan_to_num(basis.tiers["on_hand"].to_numpy(dtype=np.float64))
    came = received(seen.basis.outlook)
    layers = fifo_layers(on_hand, came["item"], came["age"], came["units"])
    item, left = layers.item, limits - layers.age
    soon = (left >= 0) & (left <= _SOON)
    days = np.maximum(left, 0.0)
    sold = demand_after(seen.needed.ahead[item], np.zeros(len(item)), days)
    total = layers.units.cumsum() if len(item) else layers.units
    start = np.searchsorted(item, item)
    until = total - (total - layers.units)[start] + layers.unknown[item] if len(item) else total
    over = np.where(soon, np.clip(until - sold, 0.0, layers.units), 0.0)
    units = np.floor(np.bincount(item, weights=over, minlength=len(on_hand)) + _ROUNDING)
    first = np.full(len(on_hand), np.inf)
    np.minimum.at(first, item[over > 0], left[over > 0])
    waits = basis.tiers["status"].isin(["ageing", "slow"]).to_numpy()
    rows = np.flatnonzero((units >= 1) & waits)
    money = units * basis.economics.holding_cost / DAYS
    cover = basis.tiers["cover_days"].to_numpy(dtype=np.float64)
    facts = pd.DataFrame(
        {"says": "ageing_soon", "on_hand": on_hand[rows], "surcharge_days": limits,
         "cover_days": np.where(np.isfinite(cover[rows]), cover[rows], np.nan)},
    )  # fmt: skip
    return rows_of(
        seen, np.full(len(rows), "ageing_soon"), rows,
        due_on=pd.Series(seen.today + pd.to_timedelta(first[rows], unit="D")),
        money=money[rows], units=units[rows], action=np.full(len(rows), "clear"), facts=facts,
    )  # fmt: skip


def over_orders(seen: Seen) -> pd.DataFrame:
    """Return items of which more is on order than their cap, or twice their cover, allows.

    Notes
    -----
    ``position - demand over lead time and review - cap_weeks x 7 x demand per day``; without a cap
    ``position - reorder point - 2 x cover``. Only open orders can be held back, so no more than is
    on order counts, and only if the order is no season's. To wait a day costs a day's capital and
    storage of those units.
    """
    policies, stock_ = seen.basis.policies, seen.basis.positions
    capped = alerts.over_order(
        seen.position, seen.needed.demand_mean, seen.per_day, policies.cap_weeks
    )
    most = seen.needed.reorder_point + _CLEAR * seen.needed.cover
    free = np.nan_to_num(seen.position - np.maximum(most, 1.0))
    over = np.where(np.isnan(policies.cap_weeks), np.maximum(free, 0.0), capped)
    open_ = np.nan_to_num((stock_["inbound"] + stock_["on_order"]).to_numpy(dtype=np.float64))
    units = np.floor(np.minimum(over, open_) + _ROUNDING)
    season = (policies.order == Order.SEASON.value) | seen.lines["status"].isin(_QUIET).to_numpy()
    many = units >= np.maximum(_WEEK * seen.per_day, 1.0)
    rows = np.flatnonzero(many & ~season)
    money = units * seen.basis.economics.holding_cost / DAYS
    advised = _above_advice(seen)[rows]
    says = np.where(np.isnan(advised), "over_order", "over_order_accepted")
    facts = pd.DataFrame(
        {"says": says, "inventory_position": seen.position[rows], "on_order": open_[rows],
         "demand_mean": seen.per_day[rows],
         "cover_days": seen.position[rows] / np.maximum(seen.per_day[rows], 1e-9),
         "advised_quantity": advised},
    )  # fmt: skip
    return rows_of(
        seen, np.full(len(rows), "over_order"), rows,
        due_on=_date(seen, np.where(np.isfinite(due := _next_arrival(seen)[rows]), due, np.nan)),
        money=money[rows], units=units[rows], action=np.full(len(rows), "hold_order"), facts=facts,
    )  # fmt: skip


def _above_advice(seen: Seen) -> Array:
    """Return what was advised where far more was ordered and is still open; NaN elsewhere."""
    said, found = seen.basis.decided, np.full(len(seen.lines), np.nan)
    open_ = said.loc[
        (said["status"] == "open")
        & (said["quantity"] > _MOST_ABOVE * said["suggested_quantity"].astype(np.float64))
    ]
    if len(open_):
        keys = pd.MultiIndex.from_frame(seen.lines[["sku", "market"]].astype(object))
        row = keys.get_indexer(pd.MultiIndex.from_frame(open_[["sku", "market"]].astype(object)))
        found[row[row >= 0]] = open_["suggested_quantity"].to_numpy(dtype=np.float64)[row >= 0]
    return found


def _none() -> pd.DataFrame:
    return pd.DataFrame(columns=[*COLUMNS])


def rows_of(
    seen: Seen,
    kind: NDArray[np.object_] | NDArray[np.str_],
    rows: NDArray[np.int64],
    *,
    money: Array,
    units: Array,
    action: NDArray[np.object_] | NDArray[np.str_],
    facts: pd.DataFrame,
    since_on: pd.Series | None = None,
    due_on: pd.Series | None = None,
    order_id: NDArray[np.object_] | None = None,
    cause: NDArray[np.object_] | None = None,
) -> pd.DataFrame:
    """Return alarms in the columns that all kinds share."""
    n = len(rows)
    never = np.full(n, np.datetime64("NaT"), dtype="M8[us]")
    today = np.full(n, seen.today.to_datetime64()).astype("M8[us]")
    return pd.DataFrame(
        {
            "kind": np.asarray(kind, dtype=object),
            "row": rows,
            "order_id": np.full(n, "", dtype=object) if order_id is None else order_id,
            "since_on": today if since_on is None else since_on.to_numpy(dtype="M8[us]"),
            "due_on": never if due_on is None else due_on.to_numpy(dtype="M8[us]"),
            "money_per_day": np.asarray(money, dtype=np.float64),
            "units": np.asarray(units, dtype=np.float64),
            "cause": np.full(n, "", dtype=object) if cause is None else cause,
            "action": np.asarray(action, dtype=object),
            "facts": pd.Series(facts.to_dict("records"), dtype=object).to_numpy(dtype=object),
        },
        columns=[*COLUMNS],
    )


def seen_of(basis: Basis, needed: Levels, rules: Rules) -> Seen:
    """Return a plan at rest as the rules look at it."""
    supply = board.supply_of(basis, needed, needed.ahead)
    return Seen(basis, needed, supply, board.lines(basis, needed, supply), rules)
