"""What an item has, wherever it is: on hand, under way, on order."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.demand import ObservedDays
from analytics.inventory.places import AT, stock_by_place
from analytics.inventory.policy import inventory_position

Array = NDArray[np.float64]
_LATER = 14  # days after the plan's day within which a first stock list still counts
_KEYS = ["sku", "market"]


def stock_positions(
    items: pd.DataFrame,
    snapshots: pd.DataFrame,
    orders: pd.DataFrame,
    days: ObservedDays,
    *,
    places: pd.DataFrame | None = None,
    named: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return every item's stock and open orders on the plan's day.

    Parameters
    ----------
    items : DataFrame
        ``sku``, ``market``, in the order of ``days.items``.
    snapshots : DataFrame
        ``sku``, ``market`` (missing = a central store, in nobody's position), ``date`` (NaT = the
        plan's day), ``on_hand``, ``inbound``, ``reserved``.
    orders : DataFrame
        Purchase orders, one row per receipt, with ``open_quantity``.
    days : ObservedDays
        Sales up to the plan's day.
    places : DataFrame, optional
        The same stock warehouse by warehouse, see `stock_by_place`; none = all of it stands where
        it sells.
    named : mapping, optional
        What the seller says of a warehouse, see `place_of`.

    Returns
    -------
    DataFrame
        One row per item: ``on_hand``, ``inbound`` (the larger of announced and shipped),
        ``on_order`` (ordered, not shipped), ``reserved``, ``inventory_position`` (units; NaN where
        no stock is known), ``stock_date`` (of the stock list), ``stock_age`` (days; negative if the
        list is later than the plan's day); ``announced_only`` (part of ``inbound`` that no open
        order explains); and the same units by place, each counted once: ``at_marketplace``,
        ``at_overseas``, ``at_local`` (together ``on_hand``), ``in_transit`` (``inbound``),
        ``at_supplier`` (``on_order``).

    Notes
    -----
    The latest list on or before the day counts, else the first within 14 days after it; orders
    received up to a later list are in it already. A list of an earlier day is rolled forward: less
    what sold since, plus what arrived; stock does not go below zero, and what arrived is no longer
    announced.
    """
    today = pd.Timestamp(days.as_of)
    stock = items[_KEYS].merge(_latest(snapshots, today), on=_KEYS, how="left", sort=False)
    age = (today - stock["date"]).dt.days.to_numpy(dtype=np.float64)
    sold, arrived = _since(items, stock["date"], orders, days)
    rolled = age >= 1
    on_hand = stock["on_hand"].to_numpy(dtype=np.float64)
    on_hand = np.where(rolled, np.maximum(on_hand - sold + arrived, 0.0), on_hand)
    announced = stock["inbound"].fillna(0.0).to_numpy(dtype=np.float64)
    announced = np.where(rolled, np.maximum(announced - arrived, 0.0), announced)
    reserved = stock["reserved"].fillna(0.0).to_numpy(dtype=np.float64)
    shipped, ordered = _open_orders(items, orders, stock["date"], today)
    position = inventory_position(on_hand, announced, shipped, ordered, reserved)
    known = ~np.isnan(on_hand)
    return pd.DataFrame(
        {
            "on_hand": on_hand,
            "inbound": np.where(known, np.maximum(announced, shipped), shipped),
            "on_order": ordered,
            "reserved": np.where(known, reserved, np.nan),
            "inventory_position": position,
            "stock_date": stock["date"],
            "stock_age": age,
            "announced_only": np.where(known, np.maximum(announced - shipped, 0.0), 0.0),
            **_by_place(items, stock["date"], on_hand, places, named),
            "in_transit": np.where(known, np.maximum(announced, shipped), shipped),
            "at_supplier": ordered,
        }
    )


def _by_place(
    items: pd.DataFrame,
    counted: pd.Series,
    on_hand: Array,
    places: pd.DataFrame | None,
    named: Mapping[str, str] | None,
) -> dict[str, Array]:
    """Return the stock on hand by place: what sold since the count left where it sells first."""
    if places is None:
        nothing = on_hand * 0.0
        return dict(zip(AT, (on_hand, nothing, nothing), strict=True))
    stood = stock_by_place(items, places, counted, named=named)
    at = np.nan_to_num(stood[list(AT)].to_numpy(dtype=np.float64))
    missing = np.maximum(at.sum(axis=1) - np.nan_to_num(on_hand), 0.0)
    for place in range(at.shape[1]):
        taken = np.minimum(missing, at[:, place])
        at[:, place] -= taken
        missing -= taken
    # What arrived since the count is on sale, unless all that the item has stands elsewhere.
    main = np.where((at > 0).any(axis=1), (at > 0).argmax(axis=1), 0)
    rest = np.nan_to_num(on_hand) - at.sum(axis=1)
    at[np.arange(len(at)), main] += np.maximum(rest, 0.0)
    at[np.isnan(on_hand)] = np.nan
    return dict(zip(AT, at.T, strict=True))


def _latest(snapshots: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    """Return the stock list that counts for each item."""
    placed = snapshots.loc[snapshots["market"].notna() & snapshots["on_hand"].notna()]
    dated = placed.assign(date=placed["date"].fillna(today)).sort_values("date", kind="stable")
    earlier = dated.loc[dated["date"] <= today].drop_duplicates(_KEYS, keep="last")
    later = dated.loc[
        (dated["date"] > today) & (dated["date"] <= today + pd.Timedelta(days=_LATER))
    ].drop_duplicates(_KEYS, keep="first")
    return pd.concat([earlier, later]).drop_duplicates(_KEYS, keep="first")


def receipts(orders: pd.DataFrame) -> pd.DataFrame:
    """Return what arrived: ``sku``, ``market``, ``date``, ``units``, one row per receipt."""
    arrived = orders.loc[orders["received_on"].notna(), [*_KEYS, "received_on"]]
    units = orders["quantity_received"].fillna(orders["quantity"])
    return arrived.rename(columns={"received_on": "date"}).assign(units=units[arrived.index])


def _since(
    items: pd.DataFrame, counted: pd.Series, orders: pd.DataFrame, days: ObservedDays
) -> tuple[Array, Array]:
    """Return units sold and units arrived after each item's stock list, up to the plan's day."""
    n_items = len(items)
    since = counted.to_numpy(dtype="M8[D]")
    sales = days.sales
    after = (days.first + sales.day) > since[sales.item]
    sold = np.bincount(sales.item[after], weights=sales.units[after], minlength=n_items)
    got = receipts(orders).merge(
        items[_KEYS].assign(item=np.arange(n_items), since=counted), on=_KEYS, how="inner"
    )
    fresh = got.loc[(got["date"] > got["since"]) & (got["date"] <= pd.Timestamp(days.as_of))]
    units = fresh["units"].to_numpy(dtype=np.float64)
    arrived = np.bincount(fresh["item"].to_numpy(dtype=np.int64), weights=units, minlength=n_items)
    return sold.astype(np.float64), arrived.astype(np.float64)


def open_lines(
    items: pd.DataFrame, orders: pd.DataFrame, today: pd.Timestamp, counted: pd.Series | None
) -> pd.DataFrame:
    """Return what is ordered and not there on a day.

    Parameters
    ----------
    items, orders : DataFrame
        As for `stock_positions`.
    today : Timestamp
        The plan's day.
    counted : Series of datetime64, optional
        Day of each item's stock list: what arrived up to a later list is there.

    Returns
    -------
    DataFrame
        The orders' columns and ``item`` (row of the items), ``units``, ``is_shipped``.
    """
    since = pd.Series(today, index=range(len(items))) if counted is None else counted
    latest = since.where(since > today, today).to_numpy()
    keyed = items[_KEYS].assign(item=np.arange(len(items)), counted=latest)
    placed = orders.loc[orders["ordered_on"] <= today].merge(keyed, on=_KEYS, how="inner")
    later = placed["received_on"] > placed["counted"]
    received = placed["quantity_received"].fillna(placed["quantity"]).astype(np.float64)
    units = placed["open_quantity"].fillna(0.0) + received.where(later, 0.0)
    sent = (placed[["shipped_on", "arrived_on", "cleared_on"]] <= today).any(axis=1)
    return placed.assign(units=units, is_shipped=sent).loc[units > 0].reset_index(drop=True)


def _open_orders(
    items: pd.DataFrame, orders: pd.DataFrame, counted: pd.Series, today: pd.Timestamp
) -> tuple[Array, Array]:
    """Return units shipped and not received, and units ordered and not shipped, on that day."""
    lines = open_lines(items, orders, today, counted)
    item, sent = lines["item"].to_numpy(dtype=np.int64), lines["is_shipped"].to_numpy(dtype=bool)
    units = lines["units"].to_numpy(dtype=np.float64)
    shipped = np.bincount(item[sent], weights=units[sent], minlength=len(items))
    ordered = np.bincount(item[~sent], weights=units[~sent], minlength=len(items))
    return shipped.astype(np.float64), ordered.astype(np.float64)
