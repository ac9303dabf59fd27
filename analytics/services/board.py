"""One line of the order board per row of a basis: how much, by when, and what it cannot save."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import inventory
from analytics.inventory import Projection
from analytics.policy import Order
from analytics.services import money, scenes
from analytics.services.levels import SHOWN, Levels, demand_after, demand_by
from analytics.services.planning import Basis
from analytics.services.scenes import stages_under
from analytics.services.wishes import NOTHING, Wish, bounds, wish

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Etas = Literal["calm", "disrupted", "expected"]
STATUSES = (
    "order_now", "decide", "transfer", "order_later", "watch", "covered", "stock_unknown",
    "too_new", "discontinued", "no_demand",
)  # fmt: skip
ALERTS = ("out", "runs_out", "warning", "none")
TRANSFER_DAYS = 7  # from a warehouse overseas to the marketplace's, assumed
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Supply:
    """What is there and what comes, whatever is ordered now; shape (n_rows,) each.

    Attributes
    ----------
    eta : ndarray of int, shape (n_rows, n_orders)
        Day on which each open order is expected.
    units : ndarray, shape (n_rows, n_orders)
        What it brings.
    ahead : Projection
        Over all days that are forecast.
    arrival : ndarray
        Day on which an order of today can be sold.
    before : Projection
        Up to the day before ``arrival``: what is lost there, no order of today can save.
    left : ndarray
        Units that are there when it arrives.
    """

    eta: NDArray[np.int64]
    units: Array
    ahead: Projection
    arrival: Array
    before: Projection
    left: Array


class _Found(NamedTuple):
    """What is there, what comes, and what can be moved instead of bought."""

    supply: Supply
    moved: pd.DataFrame


def lines(basis: Basis, needed: Levels, supply: Supply | None = None) -> pd.DataFrame:
    """Return the board in the order of the basis, columns as in `replenishment.COLUMNS`.

    Further columns: ``rank`` (of the status), ``later_quantity`` (units of the next order where
    none is due today). Who has the supply, as expected, hands it over.
    """
    ahead = needed.ahead
    if supply is None:
        supply = supply_of(basis, needed, ahead)
    wished = wish(basis, needed, ahead, supply.before.lost)
    moved = _transferred(basis, wished, supply, ahead)
    frame = pd.concat(
        [
            _described(basis),
            _needs(basis, needed, ahead),
            _bought(basis, needed, wished, _Found(supply, moved), ahead),
        ],
        axis=1,
    )
    return frame.assign(
        order_value=frame["order_quantity"] * frame["unit_cost"],
        landed_value=frame["order_quantity"] * basis.economics.landed_cost,
    )


def supply_of(basis: Basis, needed: Levels, ahead: Array, *, etas: Etas = "expected") -> Supply:
    """Return what becomes of the stock of every row if nothing is ordered.

    Parameters
    ----------
    basis : Basis
        Rows of everything.
    needed : Levels
        Lead times, and the scenario that open orders are under.
    ahead : ndarray, shape (n_rows, n_days)
        Expected demand up to the end of day 1, 2, ...
    etas : str
        Whether open orders come without the scenario's disruption (``calm``), with it
        (``disrupted``), or as late as on average (``expected``). One that is overdue is expected
        anew, given that it has not come.
    """
    eta, units = arrivals_of(basis, getattr(scenes.etas(basis, needed.scenario), etas))
    stock = basis.positions
    on_hand = (stock["on_hand"] - stock["reserved"].fillna(0.0)).to_numpy(dtype=np.float64)
    arrival = np.ceil(_order_of(basis, needed, np.zeros(len(ahead))) - 1e-9)
    last = np.clip(arrival.astype(np.int64) - 2, 0, ahead.shape[1] - 1)
    rows = np.arange(len(ahead))
    until = np.where(arrival >= 2, ahead[rows, last], 0.0)
    before = inventory.project(on_hand, np.minimum(ahead, until[:, None]), eta, units)
    came = np.where(eta < arrival[:, None], units, 0.0).sum(axis=1)
    left = np.maximum(on_hand, 0.0) + came - until + before.lost
    return Supply(
        eta=eta,
        units=units,
        ahead=inventory.project(on_hand, ahead, eta, units),
        arrival=arrival,
        before=before,
        left=left,
    )


def arrivals_of(basis: Basis, eta: NDArray[np.int64]) -> tuple[NDArray[np.int64], Array]:
    """Return day and units of every open order by row, shape (n_rows, n_orders) each.

    ``eta`` is the day on which each of ``basis.arrivals`` is expected, see `scenes.etas`.
    """
    n_items = int(basis.row_of_item.max(initial=-1)) + 1
    orders = basis.arrivals.assign(eta=eta)
    day, units = inventory.eta_and_quantity(orders.loc[orders["item"] < n_items], max(n_items, 1))
    return day[basis.row_of_item], units[basis.row_of_item]


def _order_of(basis: Basis, needed: Levels, days: Array) -> Array:
    """Return the day on which an order of some day can be sold: closures make it later."""
    stages = stages_under(basis, needed.scenario, needed.lead_time_mean)
    start = np.nan_to_num(days).astype(np.int64)
    placed = np.datetime64(basis.outlook.as_of, "D") + start.astype("m8[D]")
    free = np.asarray(inventory.arrival_day(placed, stages), dtype="M8[D]")
    late = np.asarray(inventory.arrival_day(placed, stages, basis.closures), dtype="M8[D]")
    return np.asarray(days + needed.lead_time_mean + (late - free).astype(np.float64))


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


def _transferred(basis: Basis, wished: Wish, supply: Supply, ahead: Array) -> pd.DataFrame:
    """Return ``from_local``, ``from_overseas``: units to move before anything is bought."""
    none = pd.DataFrame({"from_local": 0.0, "from_overseas": 0.0}, index=range(len(ahead)))
    default = basis.lead_times.lines["is_default"].to_numpy()
    elsewhere = default & (
        (basis.central.to_numpy() > 0) | (basis.positions["at_overseas"].to_numpy() > 0)
    )
    if not elsewhere.any():
        return none
    listed = basis.outlook.items
    moves = inventory.transfers(
        listed,
        basis.positions,
        np.where(default, basis.central.to_numpy(dtype=np.float64), 0.0),
        cumulative_demand=ahead,
        needed=np.where(default, np.nan_to_num(wished.units), 0.0),
        stockout_day=supply.ahead.stockout_day,
        carton=listed["carton_quantity"].to_numpy(dtype=np.float64, na_value=np.nan),
        transfer_days=TRANSFER_DAYS,
        review_days=basis.policies.review_days,
    )
    for source in ("local", "overseas"):
        own = moves.loc[moves["source"] == source]
        none.loc[own["item"].to_numpy(), f"from_{source}"] = own["units"].to_numpy()
    return none.where(pd.Series(default), 0.0)


def _bought(
    basis: Basis, needed: Levels, wished: Wish, found: _Found, ahead: Array
) -> pd.DataFrame:
    """Return quantity, dates, alert, status and reason of every row."""
    supply, moved = found
    listed, as_of = basis.outlook.items, pd.Timestamp(basis.outlook.as_of)
    position = basis.positions["inventory_position"].to_numpy(dtype=np.float64)
    moq, carton = (
        listed[name].to_numpy(dtype=np.float64, na_value=np.nan)
        for name in ("moq", "carton_quantity")
    )
    idle = inventory.whole(needed.reorder_point + needed.cover) < NOTHING
    stopped = listed["discontinued"].fillna(False).to_numpy(dtype=bool)
    local = moved["from_local"].to_numpy()
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
    stages = stages_under(basis, needed.scenario, needed.lead_time_mean)
    after_ship = stages[:, inventory.AFTER_SHIPPING :].sum(axis=1)
    arrival = np.where(quantity > 0, supply.arrival, _order_of(basis, needed, days))
    runs_out = supply.ahead.stockout_day
    late = (quantity > 0) & (supply.before.stockout_day < supply.arrival)
    lost = np.where(np.isnan(position) | idle | stopped, position * 0.0, supply.before.lost)
    stock_then = supply.left + local + quantity
    held = capped == "cap_below_minimum"
    status = np.select(
        [
            stopped, idle & ~basis.is_observed, idle, np.isnan(position), quantity > 0, held,
            (moved.to_numpy() > 0).any(axis=1), position <= _line(needed), ~np.isnan(days),
        ],
        ["discontinued", "too_new", "no_demand", "stock_unknown", "order_now", "decide",
         "transfer", "watch", "order_later"],
        "covered",
    ).astype(object)  # fmt: skip
    return pd.DataFrame(
        {
            "status": status,
            "alert": _alert(supply, needed, position, basis, idle | stopped),
            "order_quantity": quantity,
            "order_by": as_of + pd.to_timedelta(days, unit="D"),
            "ship_by": as_of + pd.to_timedelta(np.round(arrival - after_ship), unit="D"),
            "arrives_on": as_of + pd.to_timedelta(np.round(arrival), unit="D"),
            "stockout_on": as_of + pd.to_timedelta(runs_out, unit="D"),
            "cover_after_arrival": np.where(
                quantity > 0, _days_of(ahead, supply.arrival, stock_then), np.nan
            ),
            "units_at_risk": lost,
            "transfer_quantity": local,
            "replenish_quantity": moved["from_overseas"].to_numpy(),
            "reason": _reason(status, wished, late=late & (lost >= 1), capped=capped, local=local),
            "rank": pd.Series(status).map({name: n for n, name in enumerate(STATUSES)}),
            "later_quantity": later,
        }
    )


def _capped(
    basis: Basis, needed: Levels, quantity: Array, position: Array, ahead: Array
) -> tuple[Array, NDArray[np.object_]]:
    """Return quantities that no cap forbids, and ``capped`` or ``cap_below_minimum`` where it did.

    A cap is some weeks of demand beyond lead time and review; whole cartons below it, and none if
    that is less than the supplier's minimum: then it is for a person to decide.
    """
    listed, weeks = basis.outlook.items, basis.policies.cap_weeks
    moq = np.nan_to_num(listed["moq"].to_numpy(dtype=np.float64, na_value=np.nan))
    carton = listed["carton_quantity"].to_numpy(dtype=np.float64, na_value=np.nan)
    box = np.maximum(np.nan_to_num(carton, nan=1.0), 1.0)
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


def _reason(
    status: NDArray[np.object_], wished: Wish, *, late: Flags, capped: NDArray[np.object_],
    local: Array,
) -> NDArray[np.object_]:  # fmt: skip
    """Return the code of the sentence that says why."""
    ordered = np.select(
        [late & ~np.isin(wished.reason, ["season_due"]), capped == "capped", local > 0],
        ["too_late", "capped", "transfer_part"], wished.reason,
    )  # fmt: skip
    cases = {
        "order_now": ordered,
        "decide": np.full(len(status), "cap_below_minimum", dtype=object),
        "transfer": np.where(local > 0, "transfer_covers", "replenish"),
        "order_later": np.where(
            wished.reason == "season_later", "season_later", "above_reorder_point"
        ),
    }
    chosen = [status == name for name in cases]
    return np.select(chosen, list(cases.values()), status).astype(object)


def in_base(frame: pd.DataFrame, basis: Basis, units: str = "order_quantity") -> pd.Series:
    """Return what some units of each line cost ex works, in the base currency; NaN = unknown."""
    return money.in_base(frame[units] * frame["unit_cost"], frame["currency"], basis.rates)
