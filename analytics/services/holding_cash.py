"""Where the money in stock stands, and how old the stock is."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import inventory, kpi
from analytics.services.planning import Basis
from analytics.services.received import received

Array = NDArray[np.float64]
ON_HAND = ("marketplace", "overseas", "local")
PLACES = (*ON_HAND, "central", "in_transit", "at_supplier")


def places(basis: Basis) -> pd.DataFrame:
    """Return the units and the money at each place, market by market.

    Returns
    -------
    DataFrame
        ``market`` (empty = of no market), ``place`` (one of `PLACES`), ``units``, ``value`` (landed
        cost, base currency), ``items_left_out`` (no cost known), ``is_on_hand`` (whether it is part
        of the stock value). Places without a unit are left out.
    """
    stock, market = basis.positions, basis.outlook.items["market"].to_numpy(dtype=object)
    cost = basis.economics.landed_cost
    columns = {
        **{place: stock[f"at_{place}"] for place in ON_HAND},
        "in_transit": stock["in_transit"],
        "at_supplier": stock["at_supplier"],
    }
    rows = [
        pd.DataFrame({"market": market, "place": place, "units": units.to_numpy(), "cost": cost})
        for place, units in columns.items()
    ]
    rows.append(_central(basis))
    every = pd.concat(rows, ignore_index=True)
    every = every.loc[every["units"] > 0]
    every = every.assign(
        value=(every["units"] * every["cost"]).fillna(0.0), unvalued=every["cost"].isna()
    )
    found = every.groupby(["market", "place"], as_index=False, sort=True).agg(
        units=("units", "sum"), value=("value", "sum"), items_left_out=("unvalued", "sum")
    )
    return found.assign(is_on_hand=found["place"].isin(ON_HAND))


def _central(basis: Basis) -> pd.DataFrame:
    """Return the stock of no market: each SKU once, at the mean of what its items cost."""
    items = basis.outlook.items
    rows = pd.DataFrame(
        {
            "sku": items["sku"].to_numpy(dtype=object),
            "units": basis.central.to_numpy(dtype=np.float64),
            "cost": basis.economics.landed_cost,
        }
    )
    once = rows.groupby("sku", as_index=False).agg(units=("units", "first"), cost=("cost", "mean"))
    return once.assign(market="", place="central")[["market", "place", "units", "cost"]]


def ages(basis: Basis) -> pd.DataFrame:
    """Return the units and the money in stock by age and tier.

    Returns
    -------
    DataFrame
        ``over``, ``up_to`` (days: the band; NaN = age unknown), ``tier``, ``units``, ``value``
        (landed cost); every band of every tier that has stock.

    Notes
    -----
    First in, first out: what is left of each receipt, see `inventory.fifo_layers`; units that no
    known receipt explains are of unknown age. The units add up to the stock on hand.
    """
    on_hand = np.nan_to_num(basis.positions["on_hand"].to_numpy(dtype=np.float64))
    came = received(basis.outlook)
    layers = inventory.fifo_layers(on_hand, came["item"], came["age"], came["units"])
    rows = np.concatenate([layers.item, np.arange(len(on_hand))])
    days = np.concatenate([layers.age, np.full(len(on_hand), np.nan)])
    left = np.concatenate([layers.units, layers.unknown])
    bands = [0.0, *kpi.BANDS, np.nan], [*kpi.BANDS, np.inf, np.nan]
    band = np.where(
        np.isnan(days), len(kpi.BANDS) + 1, np.searchsorted(kpi.BANDS, days, side="left")
    ).astype(np.int64)
    cost = np.nan_to_num(basis.economics.landed_cost)[rows]
    tier = basis.tiers["tier"].to_numpy(dtype=object)[rows]
    frame = pd.DataFrame({"band": band, "tier": tier, "units": left, "value": left * cost})
    frame = frame.loc[frame["units"] > 0]
    summed = frame.groupby(["tier", "band"])[["units", "value"]].sum()
    every = pd.MultiIndex.from_product(
        [sorted(frame["tier"].unique()), range(len(bands[0]))], names=["tier", "band"]
    )
    found = summed.reindex(every, fill_value=0.0).reset_index()
    number = found.pop("band").to_numpy(dtype=np.int64)
    return found.assign(over=np.array(bands[0])[number], up_to=np.array(bands[1])[number])
