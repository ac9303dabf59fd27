"""One line of the order board per row of a basis: how much, by when, and what it cannot save."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import inventory
from analytics.policy import Order
from analytics.services import money
from analytics.services.levels import SHOWN, Levels, demand_after, demand_by
from analytics.services.planning import Basis
from analytics.services.scenes import stages_under
from analytics.services.supplies import (
    Supply,
    arrivals_of,
    order_arrives,
    sellable,
    supplied,
    supply_of,
)
from analytics.services.wishes import NOTHING, Wish, bounds, wish

__all__ = [
    "ALERTS", "STATUSES", "TRANSFER_DAYS", "Supply", "Today", "arrivals_of", "has_status",
    "in_base", "lines", "packing", "sellable", "supplied", "supply_of", "today",
]  # fmt: skip
Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
STATUSES = (
    "order_now", "decide", "transfer", "order_later", "watch", "covered", "stock_unknown",
    "too_new", "discontinued", "no_demand",
)  # fmt: skip
ALERTS = ("out", "runs_out", "warning", "none")
TRANSFER_DAYS = 7  # from a warehouse overseas to the marketplace's, assumed
_WEEK = 7


class Today(NamedTuple):
    """What the plan does today about every row; shape (n_rows,) each.

    Attributes
    ----------
    status : ndarray of int
        Place in `STATUSES`.
    quantity, later : ndarray
        Units to order today, and of the next order where none is due.
    order_by : ndarray
        Last safe day to order, in days from today; NaN = none.
    from_local, from_overseas : ndarray
        Units to move before anything is bought.
    reason, capped : ndarray of str
        Why what is wished for is wished for, and what a cap made of it.
    """

    status: NDArray[np.int64]
    quantity: Array
    later: Array
    order_by: Array
    from_local: Array
    from_overseas: Array
    reason: NDArray[np.object_]
    capped: NDArray[np.object_]


def today(basis: Basis, needed: Levels, supply: Supply) -> Today:
    """Return what `lines` says is done today: its numbers, without a frame around them."""
    ahead = needed.ahead
    wished = wish(basis, needed, ahead, supply.before.lost)
    moved = _transferred(basis, wished, supply, ahead)
    return _bought(basis, needed, wished, moved)


def has_status(found: Today, names: Sequence[str]) -> Flags:
    """Return which rows have one of some statuses, shape (n_rows,)."""
    wanted = np.array([name in names for name in STATUSES])
    return np.asarray(wanted[found.status])


def packing(basis: Basis) -> tuple[Array, Array]:
    """Return smallest orders and units per carton, shape (n_rows,) each; NaN = none."""
    listed = basis.outlook.items
    moq, carton = (
        listed[name].to_numpy(dtype=np.float64, na_value=np.nan)
        for name in ("moq", "carton_quantity")
    )
    return moq, carton


def lines(basis: Basis, needed: Levels, supply: Supply | None = None) -> pd.DataFrame:
    """Return the board in the order of the basis, columns as in `replenishment.COLUMNS`.

    Further columns: ``rank`` (of the status), ``later_quantity`` (units of the next order where
    none is due today). Who has the supply, as expected, hands it over.
    """
    if supply is None:
        supply = supply_of(basis, needed, needed.ahead)
    bought = today(basis, needed, supply)
    frame = pd.concat(
        [
            _described(basis),
            _needs(basis, needed, needed.ahead),
            _dated(basis, needed, supply, bought),
        ],
        axis=1,
    )
    return frame.assign(
        order_value=frame["order_quantity"] * frame["unit_cost"],
        landed_value=frame["order_quantity"] * basis.economics.landed_cost,
    )


def _described(basis: Basis) -> pd.DataFrame:
    listed, stock = basis.outlook.items, basis.positions
    texts = listed[["sku", "market", "name", "category", "supplier", "currency"]]
    numbers = listed[["unit_cost", "moq", "carton_quantity"]].astype(np.float64)
    tier = basis.tiers[["tier", "evidence"]].rename(columns={"evidence": "tier_evidence"})
    return pd.concat([texts, numbers, tier, stock], axis=1)


def _needs(basis: Basis, needed: Levels, ahead: Array) -> pd.DataFrame:
    """Return what is expected and what a promise needs, whatever stands in stock."""
    lead = basis.lead_times.lines
    return pd.DataFrame(
        {
            "demand_mean": ahead[:, SHOWN - 1] / SHOWN,
            "demand_sd": needed.daily_sd,
            "lead_time_mean": needed.lead_time_mean,
            "lead_time_sd": needed.lead_time_sd,
            "lead_time_source": lead["lead_time_source"].to_numpy(),
            "route": lead["route"].to_numpy(),
            "is_default_route": lead["is_default"].to_numpy(),
            "review_period": needed.review_days,
            "service_level": needed.target.service_level,
            "service_measure": needed.target.measure,
            "service_source": needed.target.source,
            "method": needed.method,
            "order_policy": basis.policies.order,
            "cap_weeks": basis.policies.cap_weeks,
            "lead_time_demand_mean": needed.demand_mean,
            "lead_time_demand_sd": needed.demand_sd,
            "safety_stock": needed.safety_stock,
            "reorder_point": inventory.whole(needed.reorder_point),
            "warning_line": inventory.whole(
                inventory.warning_line(needed.safety_stock, needed.reorder_point)
            ),
            "order_up_to_level": bounds(basis, needed)[1],
        }
    )


def _transferred(basis: Basis, wished: Wish, supply: Supply, ahead: Array) -> tuple[Array, Array]:
    """Return units to move from the central store and from overseas before anything is bought."""
    none = np.zeros((2, len(ahead)))
    default = basis.lead_times.lines["is_default"].to_numpy()
    central = basis.central.to_numpy(dtype=np.float64)
    elsewhere = default & (
        (central > 0) | (basis.positions["at_overseas"].to_numpy(dtype=np.float64) > 0)
    )
    if not elsewhere.any():
        return none[0], none[1]
    listed = basis.outlook.items
    moves = inventory.transfers(
        listed,
        basis.positions,
        np.where(default, central, 0.0),
        cumulative_demand=ahead,
        needed=np.where(default, np.nan_to_num(wished.units), 0.0),
        stockout_day=supply.ahead.stockout_day,
        carton=listed["carton_quantity"].to_numpy(dtype=np.float64, na_value=np.nan),
        transfer_days=TRANSFER_DAYS,
        review_days=basis.policies.review_days,
    )
    for units, source in zip(none, ("local", "overseas"), strict=True):
        own = moves.loc[moves["source"] == source]
        units[own["item"].to_numpy()] = own["units"].to_numpy()
    return np.where(default, none[0], 0.0), np.where(default, none[1], 0.0)


def _bought(basis: Basis, needed: Levels, wished: Wish, moved: tuple[Array, Array]) -> Today:
    """Return quantity, day, status and reason of every row."""
    ahead, (local, overseas) = needed.ahead, moved
    position = basis.positions["inventory_position"].to_numpy(dtype=np.float64)
    moq, carton = packing(basis)
    idle, stopped = _idle(needed), _stopped(basis)
    wanted = np.where(idle | stopped, 0.0, wished.units - local)
    batch = (basis.policies.order == Order.BATCH.value) & (wanted > 0)
    wanted = np.where(batch, np.minimum(wanted, 1.0), wanted)  # whatever is missing, one batch
    quantity = inventory.rounded_quantity(wanted, moq, carton)
    quantity, capped = _capped(basis, needed, quantity, position + local, ahead)
    days = np.where(idle | stopped | ((local > 0) & (quantity <= 0)), np.nan, wished.order_by)
    later, _ = _capped(
        basis, needed, inventory.rounded_quantity(wished.later, moq, carton),
        needed.reorder_point, ahead,
    )  # fmt: skip
    cases = {
        "discontinued": stopped,
        "too_new": idle & ~basis.is_observed,
        "no_demand": idle,
        "stock_unknown": np.isnan(position),
        "order_now": quantity > 0,
        "decide": capped == "cap_below_minimum",
        "transfer": (local > 0) | (overseas > 0),
        "watch": position <= _line(needed),
        "order_later": ~np.isnan(days),
    }
    places = [STATUSES.index(name) for name in cases]
    status = np.select(list(cases.values()), places, STATUSES.index("covered"))
    return Today(status, quantity, later, days, local, overseas, wished.reason, capped)


def _idle(needed: Levels) -> Flags:
    """Return of what next to nothing is expected to sell."""
    return np.asarray(inventory.whole(needed.reorder_point + needed.cover) < NOTHING)


def _stopped(basis: Basis) -> Flags:
    return basis.outlook.items["discontinued"].fillna(False).to_numpy(dtype=bool)


def _dated(basis: Basis, needed: Levels, supply: Supply, bought: Today) -> pd.DataFrame:
    """Return quantity, dates, alert, status and reason of every row."""
    as_of = pd.Timestamp(basis.outlook.as_of)
    quantity, local = bought.quantity, bought.from_local
    position = basis.positions["inventory_position"].to_numpy(dtype=np.float64)
    silent = _idle(needed) | _stopped(basis)
    stages = stages_under(basis, needed.scenario, needed.lead_time_mean)
    after_ship = stages[:, inventory.AFTER_SHIPPING :].sum(axis=1)
    arrival = np.where(
        quantity > 0, supply.arrival, order_arrives(basis, needed, bought.order_by, stages)
    )
    late = (quantity > 0) & (supply.before.stockout_day < supply.arrival)
    lost = np.where(np.isnan(position) | silent, position * 0.0, supply.before.lost)
    stock_then = supply.left + local + quantity
    return pd.DataFrame(
        {
            "status": np.array(STATUSES, dtype=object)[bought.status],
            "alert": _alert(supply, needed, position, basis, silent),
            "order_quantity": quantity,
            "order_by": as_of + pd.to_timedelta(bought.order_by, unit="D"),
            "ship_by": as_of + pd.to_timedelta(np.round(arrival - after_ship), unit="D"),
            "arrives_on": as_of + pd.to_timedelta(np.round(arrival), unit="D"),
            "stockout_on": as_of + pd.to_timedelta(supply.ahead.stockout_day, unit="D"),
            "cover_after_arrival": np.where(
                quantity > 0, _days_of(needed.ahead, supply.arrival, stock_then), np.nan
            ),
            "units_at_risk": lost,
            "transfer_quantity": local,
            "replenish_quantity": bought.from_overseas,
            "reason": _reason(bought, late=late & (lost >= 1)),
            "rank": bought.status,
            "later_quantity": bought.later,
        }
    )


def _capped(
    basis: Basis, needed: Levels, quantity: Array, position: Array, ahead: Array
) -> tuple[Array, NDArray[np.object_]]:
    """Return quantities that no cap forbids, and ``capped`` or ``cap_below_minimum`` where it did.

    A cap is some weeks of demand beyond lead time and review; whole cartons below it, and none if
    that is less than the supplier's minimum: then it is for a person to decide.
    """
    weeks = basis.policies.cap_weeks
    if np.isnan(weeks).all():
        return quantity, np.full(len(quantity), "", dtype=object)
    least, carton = packing(basis)
    moq, box = np.nan_to_num(least), np.maximum(np.nan_to_num(carton, nan=1.0), 1.0)
    start = needed.protected_days
    most = demand_by(ahead, np.minimum(start, ahead.shape[1])) + demand_after(
        ahead, start, _WEEK * np.nan_to_num(weeks, nan=1.0)
    )
    room = np.maximum(most - np.nan_to_num(position), 0.0)
    limited = ~np.isnan(weeks) & (quantity > room)
    fitting = np.floor(room / box + 1e-9) * box
    too_small = limited & ((fitting < moq) | (fitting <= 0))
    out = np.where(limited, np.where(too_small, 0.0, fitting), quantity)
    mark = np.where(too_small, "cap_below_minimum", np.where(limited, "capped", ""))
    return out, mark.astype(object)


def _line(needed: Levels) -> Array:
    return inventory.whole(inventory.warning_line(needed.safety_stock, needed.reorder_point))


def _alert(
    supply: Supply, needed: Levels, position: Array, basis: Basis, no_threat: Flags
) -> NDArray[np.object_]:
    """Return one of `ALERTS`: what is there and on its way decides, never what is suggested.

    ``no_threat``: items that nobody asks for, or that are to run out.
    """
    out_now = (basis.positions["on_hand"].to_numpy(dtype=np.float64) <= 0) & (
        supply.ahead.stockout_day <= 1
    )
    runs_out = supply.before.stockout_day < supply.arrival
    cases = [no_threat, out_now, runs_out, position <= _line(needed)]
    return np.select(cases, [ALERTS[-1], *ALERTS[:-1]], ALERTS[-1]).astype(object)


def _days_of(ahead: Array, start: Array, stock: Array) -> Array:
    """Return for how many days after a day some units last, at most as many as are forecast."""
    used = demand_by(ahead, np.minimum(start, ahead.shape[1]))
    last = (ahead <= (used + stock)[:, None]).sum(axis=1)
    return np.asarray(np.maximum(last - start, 0.0))


def _reason(bought: Today, *, late: Flags) -> NDArray[np.object_]:
    """Return the code of the sentence that says why."""
    status, reason = np.array(STATUSES, dtype=object)[bought.status], bought.reason
    ordered = np.select(
        [late & ~np.isin(reason, ["season_due"]), bought.capped == "capped",
         bought.from_local > 0],
        ["too_late", "capped", "transfer_part"], reason,
    )  # fmt: skip
    cases = {
        "order_now": ordered,
        "decide": np.full(len(status), "cap_below_minimum", dtype=object),
        "transfer": np.where(bought.from_local > 0, "transfer_covers", "replenish"),
        "order_later": np.where(reason == "season_later", "season_later", "above_reorder_point"),
    }
    chosen = [status == name for name in cases]
    return np.select(chosen, list(cases.values()), status).astype(object)


def in_base(frame: pd.DataFrame, basis: Basis, units: str = "order_quantity") -> pd.Series:
    """Return what some units of each line cost ex works, in the base currency; NaN = unknown."""
    return money.in_base(frame[units] * frame["unit_cost"], frame["currency"], basis.rates)
