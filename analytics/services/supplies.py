"""What is there and what comes, whatever is ordered now, and when an order of today could."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analytics import inventory
from analytics.inventory import Projection
from analytics.services import scenes
from analytics.services.levels import Levels
from analytics.services.planning import Basis
from analytics.services.scenes import stages_under

Array = NDArray[np.float64]
Etas = Literal["calm", "disrupted", "expected"]


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
        Up to the day before ``arrival``, by which nothing more is asked for: what is lost there, no
        order of today can save.
    left : ndarray
        Units that are there when it arrives.
    """

    eta: NDArray[np.int64]
    units: Array
    ahead: Projection
    arrival: Array
    before: Projection
    left: Array


def sellable(basis: Basis) -> Array:
    """Return units on hand that nobody has reserved, shape (n_rows,); NaN = unknown."""
    on_hand, reserved = (
        basis.positions[name].to_numpy(dtype=np.float64) for name in ("on_hand", "reserved")
    )
    return np.asarray(on_hand - np.nan_to_num(reserved))


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
    return supplied(basis, needed, getattr(scenes.etas(basis, needed.scenario), etas), ahead)


def supplied(basis: Basis, needed: Levels, day: NDArray[np.int64], ahead: Array) -> Supply:
    """Return `supply_of` where each open order is expected on a day, see `scenes.etas`."""
    eta, units = arrivals_of(basis, day)
    on_hand = sellable(basis)
    stages = stages_under(basis, needed.scenario, needed.lead_time_mean)
    arrival = np.ceil(order_arrives(basis, needed, np.zeros(len(ahead)), stages) - 1e-9)
    last = np.clip(arrival.astype(np.int64) - 2, 0, ahead.shape[1] - 1)
    rows = np.arange(len(ahead))
    until = np.where(arrival >= 2, ahead[rows, last], 0.0)
    waited = ahead[:, : int(last.max(initial=0)) + 1]
    before = inventory.project(on_hand, np.minimum(waited, until[:, None]), eta, units)
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


def short_if_more(
    basis: Basis, supply: Supply, ahead: Array, rows: NDArray[np.int64], extra: Array
) -> Array:
    """Return how much more is lost before an order of today arrives if more is sold a day.

    Parameters
    ----------
    basis, supply, ahead
        As in `supply_of`.
    rows : ndarray of int, shape (n,)
        The rows asked about.
    extra : ndarray, shape (n,)
        Units a day beyond what is expected.

    Returns
    -------
    ndarray, shape (n,)
        Units; NaN where stock is unknown.
    """
    last = np.clip(supply.arrival[rows].astype(np.int64) - 1, 0, ahead.shape[1])
    waited = ahead[rows, : int(last.max(initial=0))]
    day = np.minimum(np.arange(1, waited.shape[1] + 1), last[:, None])
    if not waited.size:
        return np.asarray(0.0 * sellable(basis)[rows])
    usual = np.where(last[:, None] > 0, waited[np.arange(len(rows))[:, None], day - 1], 0.0)
    held, eta, units = sellable(basis)[rows], supply.eta[rows], supply.units[rows]
    lost = [
        inventory.project(held, usual + more[:, None] * day, eta, units).lost
        for more in (extra, 0.0 * extra)
    ]
    return np.asarray(lost[0] - lost[1])


def arrivals_of(basis: Basis, eta: NDArray[np.int64]) -> tuple[NDArray[np.int64], Array]:
    """Return day and units of every open order by row, shape (n_rows, n_orders) each.

    ``eta`` is the day on which each of ``basis.arrivals`` is expected, see `scenes.etas`.
    """
    n_items = max(int(basis.row_of_item.max(initial=-1)) + 1, 1)
    item = basis.arrivals["item"].to_numpy(dtype=np.int64)
    some = np.flatnonzero(item < n_items)
    item = item[some]
    number = inventory.numbered(item)
    shape = (n_items, int(number.max(initial=-1)) + 1)
    day, units = np.ones(shape, dtype=np.int64), np.zeros(shape)
    day[item, number] = eta[some]
    units[item, number] = basis.arrivals["units"].to_numpy(dtype=np.float64)[some]
    return day[basis.row_of_item], units[basis.row_of_item]


def order_arrives(basis: Basis, needed: Levels, days: Array, stages: Array) -> Array:
    """Return the day on which an order of some day can be sold: closures make it later."""
    lead = np.asarray(days + needed.lead_time_mean)
    today = np.datetime64(basis.outlook.as_of, "D")
    ahead = basis.closures[basis.closures[:, 1] >= today]
    if not len(ahead):
        return lead
    placed = today + np.nan_to_num(days).astype(np.int64).astype("m8[D]")
    free = np.asarray(inventory.arrival_day(placed, stages), dtype="M8[D]")
    late = np.asarray(inventory.arrival_day(placed, stages, ahead), dtype="M8[D]")
    return np.asarray(lead + (late - free).astype(np.float64))
