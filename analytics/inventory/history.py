"""What past and open orders say: one row per order line, arrived or still awaited."""

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from analytics.inventory.durations import LONGEST

Array = NDArray[np.float64]
DEFAULT_ROUTE = "sea"
RECENT = 365  # days within which a longest lead time is looked for
KEPT = 730  # days after which a receipt says nothing about the next one
ENOUGH = 3  # receipts without which a history says nothing
_LATE = 0.2  # share of a line that may be missing when it counts as arrived
_WINDOWS = (
    45,
    60,
    75,
    90,
    105,
    120,
    150,
    180,
    240,
    300,
    365,
)  # days, looked at for a change of lead times
_BEFORE = 8  # shipments without which nothing can have changed
_UNUSUAL = 3.5  # sds: once in two thousand if nothing changed
_CLEAR = 0.01  # a line later than all but one in a hundred proves no more than that one
_FORGOTTEN = 2.0  # longest lead times after which an open order is no longer believed


def route_codes(routes: pd.Series) -> pd.Series:
    """Return routes as lower-case codes; a missing one is the default route."""
    text = routes.astype(object).where(routes.notna(), DEFAULT_ROUTE).astype(str)
    text = text.str.strip().str.lower()
    return text.where(text != "", DEFAULT_ROUTE)


def suppliers(frame: pd.DataFrame) -> pd.Series:
    """Return the supplier, or the SKU itself where none is named."""
    named = frame["supplier"].notna() & (frame["supplier"].astype(object) != "")
    return frame["supplier"].astype(object).where(named, frame["sku"].astype(object))


def order_lines(orders: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Return the order lines that say how long an order takes, as they were known on a day.

    Parameters
    ----------
    orders : DataFrame
        Purchase orders, one row per receipt: ``order_id``, ``sku``, ``market``, ``supplier``,
        ``route``, ``quantity``, ``quantity_received``, ``open_quantity``, ``ordered_on``,
        ``received_on``.
    as_of : date
        Receipts after it are not known.

    Returns
    -------
    DataFrame
        ``line`` (the order), ``sku``, ``market``, ``supplier``, ``route``, ``ordered_on``,
        ``received_on`` (of the last receipt known; NaT = open), ``units`` (received), ``ordered``
        (days since), ``days`` (to the last receipt; of an open line, waited so far), ``is_open``,
        ``age`` (days since the last receipt), ``received`` (units by as_of).

    Notes
    -----
    A line has arrived when a fifth at most is still to come. Lines that arrived more than two years
    ago, that took no day or more than 392, or that wait longer than that are left out.
    """
    today = pd.Timestamp(as_of)
    lines = _summed(orders.loc[orders["ordered_on"] <= today], today)
    is_open = lines["missing"] > _LATE * (lines["missing"] + lines["units"])
    ordered = (today - lines["ordered_on"]).dt.days.to_numpy(dtype=np.float64)
    taken = (lines["received_on"] - lines["ordered_on"]).dt.days.to_numpy(dtype=np.float64)
    age = (today - lines["received_on"]).dt.days.to_numpy(dtype=np.float64)
    days = np.where(is_open, ordered, taken)
    usable = (days >= 1) & (days <= 2 * LONGEST) & (is_open.to_numpy() | (age <= KEPT))
    frame = lines.assign(ordered=ordered, days=days, is_open=is_open, age=age)
    return pd.DataFrame(frame.loc[usable]).reset_index(drop=True)


def _summed(orders: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    """Return one row per order line: what came by today, what did not, and when the last came."""
    units = orders["quantity_received"].fillna(orders["quantity"]).astype(np.float64)
    known = orders["received_on"].notna() & (orders["received_on"] <= today)
    later = orders["received_on"].notna() & ~known
    frame = pd.DataFrame(
        {
            "line": orders["order_id"].astype(object).where(orders["order_id"].notna(), "-"),
            "sku": orders["sku"],
            "market": orders["market"],
            "supplier": suppliers(orders),
            "route": route_codes(orders["route"]),
            "ordered_on": orders["ordered_on"],
            "received_on": orders["received_on"].where(known),
            "units": units.where(known, 0.0),
            "missing": orders["open_quantity"].fillna(0.0) + units.where(later, 0.0),
        }
    )
    keys = ["line", "sku", "market", "supplier", "route", "ordered_on"]
    return frame.groupby(keys, dropna=False, as_index=False, sort=False).agg(
        received_on=("received_on", "max"), units=("units", "sum"), missing=("missing", "sum")
    )


def believed(lines: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return the lines without those that were forgotten: open beyond twice the longest of a key.

    Without any arrived line of the key nothing can be said of an open one, so it is left out too.
    """
    longest = lines["days"].where(~lines["is_open"]).groupby([lines[key] for key in keys])
    limit = _FORGOTTEN * longest.transform("max")
    return pd.DataFrame(lines.loc[~lines["is_open"] | (lines["days"] <= limit)])


def since_change(lines: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return the lines ordered since lead times of their key changed, if they did.

    Parameters
    ----------
    lines : DataFrame
        See `order_lines`.
    keys : list of str
        Columns that name a pool.

    Returns
    -------
    DataFrame
        Of a key that changed, the lines ordered since; all of every other. ``since`` is how many
        days ago the earliest of those was ordered (NaN = no change).

    Notes
    -----
    One-sample log-rank test (Breslow 1975): the lines ordered in the last 45, 60, ... 365 days,
    open ones included, should have arrived as often as the cumulative hazard of the earlier ones
    says. ``z = (O - E) / sqrt((O + E) / 2)`` over shipments, not lines: what came together counts
    once. Of the windows beyond 3.5 sds the clearest is taken. That orders are faster is told by
    those alone that should have arrived in any case.
    """
    group = lines.groupby(keys, sort=False).ngroup().to_numpy().astype(np.int64)
    window = _window(lines, group) if len(lines) else np.empty(0)
    since = np.where(np.isfinite(window), window, np.nan)[group] if len(lines) else np.empty(0)
    kept = np.isnan(since) | (lines["ordered"].to_numpy() <= since)
    if "since" in lines:  # looked for before, in a wider pool
        since = np.fmin(since, lines["since"].to_numpy())
    return pd.DataFrame(lines.assign(since=since).loc[kept & (group >= 0)])


def _window(lines: pd.DataFrame, group: NDArray[np.int64]) -> Array:
    """Return the window of days in which each group differs most from before; inf = in none."""
    n_groups = int(group.max()) + 1
    weight = _weights(lines, group)
    best, chosen = np.full(n_groups, _UNUSUAL), np.full(n_groups, np.inf)
    for days in _WINDOWS:
        z = _change(lines, group, weight, days, n_groups)
        chosen = np.where(z > best, float(days), chosen)
        best = np.maximum(best, z)
    return chosen


def _weights(lines: pd.DataFrame, group: NDArray[np.int64]) -> Array:
    """Return one part of a shipment per line: lines ordered and received together share it."""
    together = [group, lines["ordered"], lines["age"].fillna(-1.0)]
    return np.asarray(1.0 / lines["days"].groupby(together).transform("size"))


def _change(
    lines: pd.DataFrame, group: NDArray[np.int64], weight: Array, window: int, n_groups: int
) -> Array:
    days, is_open = lines["days"].to_numpy(), lines["is_open"].to_numpy()
    recent = (lines["ordered"].to_numpy() <= window) & (group >= 0)
    before = ~recent & ~is_open & (group >= 0)

    def summed(values: Array, where: NDArray[np.bool_]) -> Array:
        counted = np.bincount(group[where], weights=values[where], minlength=n_groups)
        return counted.astype(np.float64)

    n = summed(weight, before)
    known = np.maximum(n, 1e-9)
    mean = summed(weight * days, before) / known
    variance = summed(weight * days**2, before) / known - mean**2
    # A narrow past is no proof: a tenth of the mean and a day of spread are taken for granted.
    sd = np.maximum(np.sqrt(np.maximum(variance, 0.0)), np.maximum(0.1 * mean, 1.0))
    shape, rate = (mean / sd) ** 2, mean / sd**2
    tested = recent & (n >= _BEFORE)[np.maximum(group, 0)]
    hazard = np.zeros(len(days))
    which = group[tested]
    survival = special.gammaincc(shape[which], days[tested] * rate[which])
    hazard[tested] = -np.log(np.maximum(survival, _CLEAR))
    # A file without its open orders has only the fast ones of late: they prove nothing.
    settled = tested & (lines["ordered"].to_numpy() >= (mean + 2.0 * sd)[np.maximum(group, 0)])

    def deviation(which: NDArray[np.bool_]) -> Array:
        arrived, expected = summed(weight * ~is_open, which), summed(weight * hazard, which)
        z = (arrived - expected) / np.sqrt(np.maximum((arrived + expected) / 2.0, 1e-9))
        return np.where(arrived >= ENOUGH, z, 0.0)

    return np.maximum(-deviation(tested), deviation(settled))
