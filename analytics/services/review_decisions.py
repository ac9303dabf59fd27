"""Decisions taken against advice, and what each was worth by what buyers asked for since."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.services.planning import Basis
from analytics.services.review_periods import Period, asked

Array = NDArray[np.float64]
STATES = ("as_advised", "no_advice", "early", "so_far", "settled", "cancelled", "no_stock",
          "no_demand")  # fmt: skip
JUDGED = ("so_far", "settled")
LOOK_BACK = 365  # days of decisions that are told
_LEAST = 0.5  # units by which two stocks differ at all
_YEAR = 365.0
_NEVER = 1_000_000  # days: later than anybody looks
_COLUMNS = ["line_id", "decided_on", "is_new", "sku", "market", "name", "tier", "act", "reason",
            "note", "who", "suggested_quantity", "quantity", "difference", "state", "landed_on",
            "judged_until", "units_gained", "unit_days", "contribution_gained", "holding_added",
            "worth"]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Orders of one item as they came; shape (n_orders,) each.

    Attributes
    ----------
    placed, arrives : ndarray of int
        Days; 0 = the day of the decision, after its sales. What was placed before has a day below
        zero or 0; what never came by the last day has one beyond it.
    units : ndarray
        Units that came, in the order in which the orders were placed.
    """

    placed: NDArray[np.int64]
    arrives: NDArray[np.int64]
    units: Array

    @classmethod
    def none(cls) -> "Orders":
        """Return no orders."""
        nothing = np.empty(0, dtype=np.int64)
        return cls(placed=nothing, arrives=nothing, units=np.empty(0))

    def of(self, chosen: NDArray[np.bool_]) -> "Orders":
        """Return some of the orders."""
        return Orders(
            placed=self.placed[chosen], arrives=self.arrives[chosen], units=self.units[chosen]
        )

    def times(self, factor: float) -> "Orders":
        """Return the orders with other quantities."""
        return Orders(placed=self.placed, arrives=self.arrives, units=self.units * factor)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one decision changed, against the advice; above zero = more than by the advice.

    Attributes
    ----------
    sold : float
        Units.
    unit_days : float
        Units in stock at the end of a day, summed over the days.
    gap : float
        Units on hand and on order at the end by which the two still differ, counted without sign.
    """

    sold: float
    unit_days: float
    gap: float


def outcome(
    opening: float, demand: Array, own: tuple[Orders, Orders], later: Orders | None = None
) -> Outcome:
    """Return what an order as decided did, against the order as advised, for the same buyers.

    Parameters
    ----------
    opening : float
        Units on hand at the end of day 0.
    demand : ndarray, shape (n_days,)
        Units that buyers asked for on days 1, 2, ...
    own : (Orders, Orders)
        The order as decided and as advised; nothing = no order.
    later : Orders, optional
        All other orders, earlier ones (the same either way) and later ones.

    Notes
    -----
    What finds no stock is lost. A later order makes up for the difference, as one that orders up
    to a level does: by the advice it is the units larger by which the position (on hand and on
    order) of the decision stands above that of the advice on the day it was placed; smaller if it
    stands below, but never less than nothing. Without that a larger order would seem to cost its
    holding for ever.

    Examples
    --------
    Ten a day, 30 on hand; 20 were ordered instead of 50, and come on day 4. From day 6 on nothing
    is left of the 20: until day 8 three days' sales are lost.

    >>> def order(units):
    ...     return Orders(placed=np.array([0]), arrives=np.array([4]), units=np.array([units]))
    >>> outcome(30.0, np.full(8, 10.0), (order(20.0), order(50.0)))
    Outcome(sold=-30.0, unit_days=-90.0, gap=0.0)
    """
    n_days = len(demand)
    rest = later or Orders.none()
    before = rest.placed <= 0
    by_day: list[list[int]] = [[] for _ in range(n_days + 1)]
    for place in np.flatnonzero(~before & (rest.placed <= n_days)).tolist():
        by_day[int(rest.placed[place])].append(place)
    both = [_Shop.opened(opening, n_days, part, rest.of(before)) for part in own]
    asked_for = demand.tolist()
    for day in range(1, n_days + 1):
        for shop in both:
            shop.receive(day)
        for place in by_day[day]:
            above = both[0].position - both[1].position
            units, when = float(rest.units[place]), int(rest.arrives[place])
            both[0].order(units, when)
            both[1].order(max(units + above, 0.0), when)
        for shop in both:
            shop.sell(asked_for[day - 1])
    one, other = both
    gap = max(abs(one.stock - other.stock), abs(one.position - other.position))
    return Outcome(one.sold - other.sold, one.unit_days - other.unit_days, gap)


@dataclass(slots=True)
class _Shop:
    """One item's shelf, day by day; plain numbers, for there are two of it and many days."""

    stock: float
    coming: list[float]  # by day; in the last place what comes too late to count
    due: float
    sold: float = 0.0
    unit_days: float = 0.0

    @classmethod
    def opened(cls, stock: float, n_days: int, *orders: Orders) -> "_Shop":
        shop = cls(stock, [0.0] * (n_days + 2), 0.0)
        for part in orders:
            for units, day in zip(part.units.tolist(), part.arrives.tolist(), strict=True):
                shop.order(units, day)
        return shop

    @property
    def position(self) -> float:
        return self.stock + self.due

    def order(self, units: float, arrives: int) -> None:
        self.due += units
        self.coming[min(max(arrives, 1), len(self.coming) - 1)] += units

    def receive(self, day: int) -> None:
        self.stock += self.coming[day]
        self.due -= self.coming[day]

    def sell(self, asked_for: float) -> None:
        met = min(self.stock, asked_for)
        self.stock -= met
        self.sold += met
        self.unit_days += self.stock


def decisions(
    basis: Basis, said: pd.DataFrame, stock: Array, first: date, period: Period
) -> pd.DataFrame:
    """Return the decisions of a year, and what those against advice were worth.

    Parameters
    ----------
    basis : Basis
        What is known by now; demand up to its day counts.
    said : DataFrame
        `ledger.lines`.
    stock : ndarray, shape (n_items, n_days)
        Units on hand at the end of each day from ``first`` to the basis's day; NaN = not known.
    first : date
        Day of the first column of ``stock``.
    period : Period
        Decisions up to its end are told; those within are new.

    Returns
    -------
    DataFrame
        The newest first: ``line_id``, ``decided_on``, ``is_new``, ``sku``, ``market``, ``name``,
        ``tier``, ``act``, ``reason``, ``note``, ``who``, ``suggested_quantity``, ``quantity``,
        ``difference`` (units), ``state`` (one of `STATES`), ``landed_on``, ``judged_until``, and
        of those that can be judged: ``units_gained`` (sold beyond what the advice would have sold),
        ``unit_days``, ``contribution_gained`` (of those units), ``holding_added`` (cost of those
        days), ``worth`` (the one less the other; in the base currency, NaN = no cost or
        price is known).

    Notes
    -----
    Both quantities meet the same buyers from the day of the decision on, see `outcome`. The supply
    of the advice is that of the decision: the same days, the same share delivered; of what was
    skipped the day expected then, else the route's mean lead time. What is left over counts at
    what it cost: it earns nothing yet and loses nothing but its holding.
    """
    known = _told(basis, said, period)
    if known.empty:
        return pd.DataFrame(columns=_COLUMNS)
    judge = _Judge.of(basis, stock, first)
    found = pd.DataFrame([judge.line(line) for line in known.to_dict("records")])
    return pd.concat([known, found], axis=1)[_COLUMNS].reset_index(drop=True)


def _told(basis: Basis, said: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the decisions that are told, each with the row of its item."""
    last = pd.Timestamp(period.ends_on)
    day = said["decided_on"]
    recent = (day <= last) & (day > last - pd.Timedelta(days=LOOK_BACK))
    told = said.loc[recent & (said["status"] != "taken_back")].reset_index(drop=True)
    listed = basis.outlook.items
    keys = pd.MultiIndex.from_frame(listed[["sku", "market"]].astype(object))
    row = keys.get_indexer(pd.MultiIndex.from_frame(told[["sku", "market"]].astype(object)))
    tier = np.append(basis.tiers["tier"].to_numpy(dtype=object), "")
    name = np.append(listed["name"].to_numpy(dtype=object), "")
    return told.assign(
        row=row,
        tier=tier[row],
        name=np.where(row >= 0, name[row], told["sku"]),
        is_new=told["decided_on"] >= pd.Timestamp(period.starts_on),
        difference=told["quantity"] - told["suggested_quantity"],
    )


@dataclass(frozen=True, slots=True)
class _Judge:
    """What every decision is judged by."""

    basis: Basis
    stock: Array
    first: pd.Timestamp
    demand: Array
    orders: dict[tuple[str, str], pd.DataFrame]

    @classmethod
    def of(cls, basis: Basis, stock: Array, first: date) -> "_Judge":
        """Return a judge with every item's orders at hand."""
        rate = basis.recent["demand_mean"].to_numpy(dtype=np.float64)
        demand = asked(basis.outlook, Period(first, basis.outlook.as_of), rate, stock)
        orders = basis.outlook.orders
        placed = orders.loc[orders["ordered_on"].notna() & orders["market"].notna()]
        by_item = {
            (str(sku), str(market)): part.sort_values("ordered_on", kind="stable")
            for (sku, market), part in placed.groupby(["sku", "market"], sort=False)
        }
        return cls(basis, stock, pd.Timestamp(first), demand, by_item)

    def line(self, said: dict[Hashable, Any]) -> dict[str, object]:
        """Return the verdict on one decision."""
        told: dict[str, object] = dict(_NO_VERDICT)
        if said["row"] < 0 or pd.isna(said["suggested_quantity"]):
            return told | {"state": "no_advice"}
        if said["act"] == "accept":
            return told | {"state": "as_advised", "worth": 0.0}
        own, rest = self._orders(said)
        day = self._number(said["decided_on"])
        last = self.demand.shape[1] - 1 - day
        arrived = own[0].arrives if len(own[0].units) else own[1].arrives
        if not len(arrived):
            is_closed = said["status"] in ("closed", "received")
            return told | {"state": "cancelled" if is_closed else "early"}
        if arrived.min() > last:
            return told | {"state": "early"}
        told["landed_on"] = said["decided_on"] + pd.Timedelta(days=int(arrived.min()))
        told["judged_until"] = pd.Timestamp(self.basis.outlook.as_of)
        return told | self._verdict(int(said["row"]), day, own, rest)

    def _number(self, when: pd.Timestamp) -> int:
        return int((when - self.first).days)

    def _orders(self, said: dict[Hashable, Any]) -> tuple[tuple[Orders, Orders], Orders]:
        """Return the order as decided and as advised, and all others of the item."""
        table = self.orders.get((said["sku"], said["market"]), _NO_ORDERS)
        today = pd.Timestamp(self.basis.outlook.as_of)
        is_open = table["received_on"].isna() | (table["received_on"] > today)
        came = table.loc[(is_open | (table["received_on"] > said["decided_on"])).to_numpy()]
        came = came.loc[came["ordered_on"] <= today]
        names = came["order_id"].astype(object).map(_plain)
        is_own = (names == _plain(said["order_id"])).to_numpy(dtype=bool)
        every = _counted(came, said["decided_on"], today)
        decided = every.of(is_own)
        if said["quantity"] > 0:
            advised = decided.times(said["suggested_quantity"] / said["quantity"])
        else:
            advised = Orders(
                placed=np.zeros(1, dtype=np.int64),
                arrives=np.full(1, self._expected(said), dtype=np.int64),
                units=np.full(1, float(said["suggested_quantity"])),
            )
        return (decided, advised), every.of(~is_own)

    def _expected(self, said: dict[Hashable, Any]) -> int:
        """Return the days after which a skipped order would have come."""
        if pd.notna(said["expected_on"]):
            return max(int((said["expected_on"] - said["decided_on"]).days), 1)
        lines = self.basis.by_route.lines
        mine = lines.loc[lines["item"] == said["row"]]
        by = mine.loc[mine["route"] == said["route"]]
        chosen = by if len(by) else mine.loc[mine["is_default"].to_numpy(dtype=bool)]
        return max(round(float(chosen["lead_time_mean"].iloc[0])), 1)

    def _verdict(
        self, row: int, day: int, own: tuple[Orders, Orders], rest: Orders
    ) -> dict[str, object]:
        opening = self.stock[row, day] if 0 <= day < self.stock.shape[1] else np.nan
        demand = self.demand[row, day + 1 :]
        if np.isnan(opening):
            return {"state": "no_stock"}
        if np.isnan(demand).any():
            return {"state": "no_demand"}
        found = outcome(float(opening), demand, own, rest)
        worth = self.basis.economics
        earned = found.sold * worth.contribution[row]
        held = found.unit_days * worth.holding_cost[row] / _YEAR
        return {
            "state": "settled" if found.gap < _LEAST else "so_far",
            "units_gained": found.sold,
            "unit_days": found.unit_days,
            "contribution_gained": earned,
            "holding_added": held,
            "worth": earned - held,
        }


_NO_VERDICT = {
    "state": "", "landed_on": pd.NaT, "judged_until": pd.NaT, "units_gained": np.nan,
    "unit_days": np.nan, "contribution_gained": np.nan, "holding_added": np.nan, "worth": np.nan,
}  # fmt: skip
_NO_ORDERS = pd.DataFrame(
    {"order_id": pd.Series(dtype=object), "ordered_on": pd.Series(dtype="M8[us]"),
     "received_on": pd.Series(dtype="M8[us]"), "quantity": pd.Series(dtype=float),
     "quantity_received": pd.Series(dtype=float), "open_quantity": pd.Series(dtype=float)}
)  # fmt: skip


def _plain(order_id: object) -> str:
    """Return an order's number as files write it in several ways."""
    return order_id.strip().casefold() if isinstance(order_id, str) else ""


def _counted(came: pd.DataFrame, decided_on: pd.Timestamp, today: pd.Timestamp) -> Orders:
    """Return orders by days since a decision; what has not come by ``today`` comes after it."""
    is_there = came["received_on"] <= today
    units = came["quantity_received"].where(is_there, came["open_quantity"])
    placed = (came["ordered_on"] - decided_on).dt.days
    arrives = (came["received_on"].where(is_there) - decided_on).dt.days.fillna(_NEVER)
    return Orders(
        placed=np.asarray(placed, dtype=np.int64),
        arrives=np.asarray(arrives, dtype=np.int64),
        units=np.asarray(units.fillna(came["quantity"]), dtype=np.float64),
    )


def totals(found: pd.DataFrame) -> dict[str, float]:
    """Return what decisions against advice came to.

    Parameters
    ----------
    found : DataFrame
        See `decisions`.

    Returns
    -------
    dict
        ``decisions``, ``against`` (changed or skipped), ``judged``, ``early`` (too early to tell),
        ``worth`` (sum of those judged whose money is known; NaN = none), ``better``, ``worse``
        (numbers of them), ``no_money`` (judged, but without cost or price).
    """
    judged = found.loc[found["state"].isin(JUDGED)]
    worth = judged["worth"].dropna()
    return {
        "decisions": len(found),
        "against": int(found["act"].isin(("change", "skip")).sum()),
        "judged": len(judged),
        "early": int((found["state"] == "early").sum()),
        "worth": float(worth.sum()) if len(worth) else np.nan,
        "better": int((worth > 0).sum()),
        "worse": int((worth < 0).sum()),
        "no_money": len(judged) - len(worth),
    }
