"""Orders and payments of the next twelve weeks, and to whom they go."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import inventory
from analytics.policy import Order, Trigger
from analytics.scenario import Scenario
from analytics.services import board, ledger, money, planning
from analytics.services.levels import Levels, levels
from analytics.services.planning import Basis, Note
from analytics.services.scenes import stages_under
from analytics.store import Store

Array = NDArray[np.float64]
WEEKS = 12
PAYMENTS = ("deposit", "balance", "placed")
_DAYS = 7 * WEEKS
_WAITING = ("order_later", "watch", "transfer")  # statuses with an order to come
_ROUNDS = 30  # orders of one item within the weeks, more than any review allows to matter
_ORDER = ["supplier", "sku", "market", "name", "route", "order_by", "ship_by", "arrives_on",
          "order_quantity", "base_value", "deposit", "balance", "is_repeat"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ahead:
    """Orders and payments of the next twelve weeks.

    Attributes
    ----------
    as_of : date
        The day the plan is made on.
    currency : str
        Base currency, of all amounts; empty if no cost is known.
    orders : DataFrame
        One row per order to come, the first due first: ``supplier``, ``sku``, ``market``, ``name``,
        ``route``, ``order_by``, ``ship_by``, ``arrives_on``, ``order_quantity`` (units),
        ``base_value`` (ex works), ``deposit``, ``balance`` (NaN = cost or rate unknown),
        ``is_repeat`` (an order after the item's next one: worked out with today's levels).
    payments : DataFrame
        One row per payment within the twelve weeks: ``paid_on``, ``week`` (its Monday), ``payment``
        (one of `PAYMENTS`: of orders to come a share down at once and the rest at shipping, and the
        rest of orders already placed), ``supplier``, ``value``.
    weeks : DataFrame
        Their sums: ``week``, ``payment``, ``value``; weeks without any hold zeros. Empty if no
        amount is known.
    suppliers : DataFrame
        One row per supplier, the most money first: ``supplier``, ``orders``, ``order_quantity``,
        ``base_value`` (of orders to come), ``paid`` (within the weeks), ``order_by`` (the first).
    paid : float
        Sum of all payments.
    later : float
        Balances that fall due after the twelve weeks.
    left_out : int
        Orders to come whose cost or rate is unknown: in units here, in no amount.
    deposit_share : float
        Paid at once, 0 to 1.
    notes : tuple of (code, facts)
        What was assumed or left out.
    """

    as_of: date
    currency: str
    orders: pd.DataFrame
    payments: pd.DataFrame
    weeks: pd.DataFrame
    suppliers: pd.DataFrame
    paid: float
    later: float
    left_out: int
    deposit_share: float
    notes: tuple[Note, ...]


class _Next(NamedTuple):
    """The next order of every item; shape (n_items,) each."""

    day: Array  # from today; NaN = none
    units: Array


def orders_ahead(store: Store, scenario: Scenario | None = None) -> Ahead:
    """Return what has to be ordered and paid within twelve weeks.

    Parameters
    ----------
    store : Store
        The workspace.
    scenario : Scenario, optional
        Assumptions; with none changed, this is the plan itself.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover the scenario's day.

    Notes
    -----
    The first order of an item is the board's. After an order of Q, or a transfer, the next is due
    on the last day on which, by the forecast, position + Q is not below the item's trigger, and is
    as large as the target is above it. Demand that no order can save is not taken from the
    position, unless `Assumptions.order_lost_demand` says that buyers wait. Of the value ex works,
    ``deposit_pct`` is paid on the day of the order, the rest on the day of shipping. Suggestions
    that the seller skipped are left out.
    """
    assumed = scenario or Scenario()
    basis = planning.under(store, assumed)
    needed = levels(basis, assumed)
    lines = board.lines(basis, needed)
    share = basis.assumed.deposit_pct / 100
    orders = _priced(_orders(basis, needed, lines), basis, share)
    payments, later = _payments(basis, needed, orders, share)
    unknown = int(orders["base_value"].isna().sum())
    return Ahead(
        as_of=basis.outlook.as_of,
        currency=basis.currency,
        orders=orders[_ORDER],
        payments=payments,
        weeks=_weeks(payments, basis.outlook.as_of),
        suppliers=_suppliers(orders, payments),
        paid=float(payments["value"].sum()),
        later=later,
        left_out=unknown,
        deposit_share=share,
        notes=(*basis.notes, *needed.notes, *_left_out(unknown)),
    )


def _left_out(orders: int) -> list[Note]:
    return [("value_left_out", {"items": orders})] if orders else []


def _orders(basis: Basis, needed: Levels, lines: pd.DataFrame) -> pd.DataFrame:
    """Return every order of the weeks: the board's, and those that will follow it."""
    moved = lines["transfer_quantity"].to_numpy(dtype=np.float64)
    position = lines["inventory_position"].to_numpy(dtype=np.float64) + moved
    if not basis.assumed.order_lost_demand:  # what is lost never leaves the stock
        position = position + np.nan_to_num(lines["units_at_risk"].to_numpy(dtype=np.float64))
    by_line = basis.policies.trigger == Trigger.WARNING_LINE.value
    trigger = np.where(by_line, lines["warning_line"], lines["reorder_point"])
    ahead = needed.ahead[:, : _DAYS + 1]
    again = lines["later_quantity"].to_numpy(dtype=np.float64)
    once = basis.policies.order == Order.SEASON.value
    next_ = _first(lines, basis, inventory.last_safe_day(position, trigger, ahead))
    rounds = []
    for number in range(_ROUNDS):
        due = np.flatnonzero((next_.day < _DAYS) & (next_.units > 0))
        if not len(due):
            break
        rounds.append(_round(basis, needed, lines, next_, is_repeat=number > 0))
        position[due] += next_.units[due]
        following = inventory.last_safe_day(position, trigger, ahead)
        # A batch below a week's demand would be due again at once: one review is the least.
        following = np.maximum(following, next_.day + basis.policies.review_days)
        next_ = _Next(np.where(once | ~(next_.units > 0), np.nan, following), again)
    return pd.concat(rounds, ignore_index=True) if rounds else _none()


def _none() -> pd.DataFrame:
    dated = {"order_by": "datetime64[us]", "ship_by": "datetime64[us]"}
    numbers = dict.fromkeys(["order_quantity", "base_value", "deposit", "balance"], "float64")
    return pd.DataFrame(columns=[*_ORDER, "row"]).astype(
        {**dated, **numbers, "arrives_on": "datetime64[us]", "row": "int64", "is_repeat": "bool"}
    )


def _first(lines: pd.DataFrame, basis: Basis, moved: Array) -> _Next:
    """Return the next order of each item; ``moved`` is its day once what is to move has come."""
    today = pd.Timestamp(basis.outlook.as_of)
    wanted = np.ones(len(lines), dtype=bool)
    if len(basis.decided):
        wanted = ~ledger.silenced(basis.decided, lines, as_of=basis.outlook.as_of)
    status = lines["status"].to_numpy()
    now, waits = wanted & (status == "order_now"), wanted & np.isin(status, _WAITING)
    days = (lines["order_by"] - today).dt.days.to_numpy(dtype=np.float64)
    days = np.where(lines["transfer_quantity"] > 0, moved, days)
    units = np.where(now, lines["order_quantity"], lines["later_quantity"]).astype(np.float64)
    return _Next(np.where(now, 0.0, np.where(waits, days, np.nan)), np.nan_to_num(units))


def _round(
    basis: Basis, needed: Levels, lines: pd.DataFrame, next_: _Next, *, is_repeat: bool
) -> pd.DataFrame:
    """Return one order of each item that has one due."""
    due = np.flatnonzero((next_.day < _DAYS) & (next_.units > 0))
    today = pd.Timestamp(basis.outlook.as_of)
    placed = today + pd.to_timedelta(next_.day[due], unit="D")
    own = lines.iloc[due]
    lead = needed.lead_time_mean[due]
    frame = own[["supplier", "sku", "market", "name", "route"]].assign(
        row=due,
        order_by=placed,
        ship_by=placed + pd.to_timedelta(np.round(lead - _after_ship(basis, needed)[due]), "D"),
        arrives_on=placed + pd.to_timedelta(np.round(lead), "D"),
        order_quantity=next_.units[due],
        is_repeat=is_repeat,
    )
    if is_repeat:
        return frame
    known = own["ship_by"].notna()
    return frame.assign(
        ship_by=own["ship_by"].where(known, frame["ship_by"]),
        arrives_on=own["arrives_on"].where(known, frame["arrives_on"]),
    )


def _after_ship(basis: Basis, needed: Levels) -> Array:
    """Return the days from shipping to the shelf."""
    stages = stages_under(basis, needed.scenario, needed.lead_time_mean)
    return np.asarray(stages[:, inventory.AFTER_SHIPPING :].sum(axis=1))


def _priced(orders: pd.DataFrame, basis: Basis, share: float) -> pd.DataFrame:
    """Return the orders with their value and its two parts, in the base currency."""
    cost = _unit_cost(basis)[orders["row"].to_numpy(dtype=np.int64)]
    value = orders["order_quantity"].to_numpy(dtype=np.float64) * cost
    ranked = orders.assign(
        base_value=value, deposit=share * value, balance=(1 - share) * value
    ).sort_values(["order_by", "supplier", "sku", "market"], kind="stable", ignore_index=True)
    return ranked.astype({"is_repeat": bool})


def _unit_cost(basis: Basis) -> Array:
    """Return what a unit costs ex works, in the base currency; NaN = cost or rate unknown."""
    listed = basis.outlook.items
    cost = money.in_base(listed["unit_cost"], listed["currency"], basis.rates)
    return np.asarray(cost, dtype=np.float64)


def _payments(
    basis: Basis, needed: Levels, orders: pd.DataFrame, share: float
) -> tuple[pd.DataFrame, float]:
    """Return the payments within the weeks, and the sum of those after them."""
    parts = [
        orders.assign(payment="deposit", paid_on=orders["order_by"], value=orders["deposit"]),
        orders.assign(payment="balance", paid_on=orders["ship_by"], value=orders["balance"]),
        _placed(basis, needed, share),
    ]
    columns = ["paid_on", "payment", "supplier", "value"]
    every = pd.concat([part[columns] for part in parts if len(part)] or [parts[0][columns]])
    every = every.loc[every["value"] > 0]
    last = pd.Timestamp(basis.outlook.as_of) + pd.Timedelta(days=_DAYS)
    within = every["paid_on"] < last
    paid = every.loc[within].sort_values(["paid_on", "supplier"], kind="stable", ignore_index=True)
    monday = paid["paid_on"] - pd.to_timedelta(paid["paid_on"].dt.day_of_week, unit="D")
    table = paid.assign(week=monday)[["paid_on", "week", "payment", "supplier", "value"]]
    return table, float(every.loc[~within, "value"].sum())


def _placed(basis: Basis, needed: Levels, share: float) -> pd.DataFrame:
    """Return what is still due of orders that are placed and not shipped."""
    orders = basis.arrivals
    number = inventory.numbered(orders["item"].to_numpy(dtype=np.int64))
    waits = np.flatnonzero(~orders["is_shipped"].to_numpy(dtype=bool))
    item = orders["item"].to_numpy(dtype=np.int64)[waits]
    supply = board.supply_of(basis, needed, needed.ahead)
    days = supply.eta[item, number[waits]] - _after_ship(basis, needed)[item]
    units = orders["units"].to_numpy(dtype=np.float64)[waits]
    shipped_on = pd.Timestamp(basis.outlook.as_of) + pd.to_timedelta(
        np.maximum(np.round(days), 0.0), unit="D"
    )
    return pd.DataFrame(
        {
            "paid_on": shipped_on,
            "payment": "placed",
            "supplier": basis.outlook.items["supplier"].to_numpy()[item],
            "value": (1 - share) * units * _unit_cost(basis)[item],
        }
    )


def _weeks(payments: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Return the payments by week and kind; a row of zeros for each week without any."""
    if payments.empty:
        return pd.DataFrame({"week": [], "payment": [], "value": []}).astype(
            {"week": "datetime64[us]", "payment": object, "value": np.float64}
        )
    sums = payments.groupby(["week", "payment"], as_index=False)["value"].sum()
    today = pd.Timestamp(as_of)
    every = pd.date_range(
        today - pd.Timedelta(days=today.day_of_week),
        today + pd.Timedelta(days=_DAYS - 1),
        freq="7D",
    ).as_unit("us")
    idle = every[~every.isin(sums["week"])]
    zeros = pd.DataFrame({"week": idle, "payment": "deposit"}).assign(value=0.0)
    return pd.concat([sums, zeros]).sort_values(["week", "payment"], ignore_index=True)


def _suppliers(orders: pd.DataFrame, payments: pd.DataFrame) -> pd.DataFrame:
    """Return orders and payments by supplier, the most money first."""
    table = orders.groupby("supplier").agg(
        orders=("sku", "size"),
        order_quantity=("order_quantity", "sum"),
        base_value=("base_value", "sum"),
        order_by=("order_by", "min"),
    )
    paid = payments.groupby("supplier")["value"].sum().rename("paid")
    both = table.join(paid, how="outer").fillna(
        {"orders": 0, "order_quantity": 0.0, "base_value": 0.0, "paid": 0.0}
    )
    both = both.rename_axis("supplier").reset_index()
    ranked = both.sort_values(["paid", "supplier"], ascending=[False, True], ignore_index=True)
    return ranked[["supplier", "orders", "order_quantity", "base_value", "paid", "order_by"]]
