"""Frames of the store as units by item and day."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.demand.movements import Movements
from analytics.errors import InvalidPanelError

_DAY = np.timedelta64(1, "D")


def day_numbers(dates: pd.Series, first: np.datetime64) -> NDArray[np.int64]:
    """Return each date as days since ``first``, shape (n,)."""
    days = dates.to_numpy(dtype="M8[D]") - first.astype("M8[D]")
    return np.asarray(days / _DAY).astype(np.int64)


def sales_of(
    daily: pd.DataFrame, keys: pd.MultiIndex, first: np.datetime64, until: np.datetime64
) -> Movements:
    """Return units sold by item and day.

    Raises
    ------
    InvalidPanelError
        Units are negative or no numbers, or sales belong to no item.
    """
    units = daily["units"].to_numpy(dtype=np.float64)
    if not np.isfinite(units).all() or (units < 0).any():
        raise InvalidPanelError(column="units", reason="it holds a negative or missing number")
    item = positions(daily, keys)
    if (item < 0).any():
        raise InvalidPanelError(column="sku", reason="it names a product that is in no list")
    day = day_numbers(daily["date"], first)
    kept = (day >= 0) & (day <= int((until - first) / _DAY)) & (units > 0)
    return Movements.of(item[kept], day[kept], units[kept])


def positions(frame: pd.DataFrame, keys: pd.MultiIndex) -> NDArray[np.int64]:
    """Return the place of each row's item in ``keys``; -1 where it is not there."""
    wanted = pd.MultiIndex.from_arrays(
        [frame["sku"].astype(object), frame["market"].astype(object)]
    )
    return keys.get_indexer(wanted).astype(np.int64)


def movements_of(
    frame: pd.DataFrame | None,
    keys: pd.MultiIndex,
    column: str,
    first: np.datetime64,
    until: np.datetime64,
) -> Movements:
    """Return a column of ``frame`` by item and day; rows of no item, market or day are left out."""
    if frame is None or frame.empty:
        return Movements.none()
    dated = frame[frame["date"].notna() & frame["market"].notna() & frame[column].notna()]
    item = positions(dated, keys)
    day = day_numbers(dated["date"], first)
    kept = (item >= 0) & (day >= 0) & (day <= int((until - first) / _DAY))
    return Movements.of(item[kept], day[kept], dated[column].to_numpy(dtype=np.float64)[kept])


def extras_of(
    daily: pd.DataFrame, keys: pd.MultiIndex, first: np.datetime64, until: np.datetime64
) -> dict[str, Movements]:
    """Return what else ``daily`` tells by item and day; what it does not tell is left out.

    Returns
    -------
    dict
        ``orders``, ``largest``, ``returned``; ``paid`` and ``priced`` (price x units, and the units
        whose price is known), ``reduced`` and ``listed`` (discount x units, and those units).
    """
    found = {
        name: movements_of(daily, keys, name, first, until)
        for name in ("orders", "largest", "returned")
        if name in daily
    }
    for name, total, base in (("price", "paid", "priced"), ("discount", "reduced", "listed")):
        if name not in daily:
            continue
        rate = daily[name].to_numpy(dtype=np.float64)
        usable = np.isfinite(rate) & (rate >= 0) & (daily["units"].to_numpy() > 0)
        known = daily.loc[usable]
        found[total] = movements_of(
            known.assign(value=rate[usable] * known["units"]), keys, "value", first, until
        )
        found[base] = movements_of(known, keys, "units", first, until)
    return found
