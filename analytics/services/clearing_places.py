"""Where else stuck stock could be sold, or stand: other markets, and a warehouse overseas."""

import numpy as np
import pandas as pd

from analytics import clearance
from analytics.clearance import Elsewhere
from analytics.services.clearing_case import STORED_DAYS, Array, Case, Selling
from analytics.services.planning import Basis


def places(basis: Basis, sells: Selling, found: Case, interest: float) -> pd.DataFrame:
    """Return where each stuck item could go instead.

    Returns
    -------
    DataFrame
        One row per item and place: ``item`` (row of the case), ``place`` (``market`` or
        ``overseas``), ``market``, ``target`` (row of the plan's items), the fields of `Elsewhere`,
        ``cost_source`` (``setting``, ``estimate``), ``move_cost`` and ``value`` (present, of all of
        it).

    Notes
    -----
    Units that come to another market wait until what stands and comes there is sold, and are stored
    there meanwhile. Moving costs what is settled; else the freight per unit from the supplier to
    there and the fee for taking a unit out. Without either the way is not known, and not offered.
    """
    made = [_markets(basis, sells, found), _overseas(basis, sells, found)]
    table = pd.concat([part for part in made if len(part)] or made[:1], ignore_index=True)
    numbers = {
        name: table[name].to_numpy(dtype=np.float64)
        for name in ("move_cost", "days", "wait", "demand_mean", "price", "fee_share",
                     "fulfilment", "storage_fee")
    }  # fmt: skip
    arrives, starts = numbers["days"], np.maximum(numbers["wait"], numbers["days"])
    if interest > 0:
        idle = (np.exp(-interest * arrives) - np.exp(-interest * starts)) / interest
    else:
        idle = starts - arrives
    cost = numbers["move_cost"] + numbers["storage_fee"] * idle
    table = table.assign(cost=cost, days=starts)
    units = found.stuck.units[table["item"].to_numpy(dtype=np.int64)]
    return table.assign(value=clearance.value_of_transfer(units, _elsewhere(table), interest))


def _elsewhere(table: pd.DataFrame) -> Elsewhere:
    names = ("cost", "days", "demand_mean", "price", "fee_share", "fulfilment", "storage_fee")
    return Elsewhere(**{name: table[name].to_numpy(dtype=np.float64) for name in names})


def _markets(basis: Basis, sells: Selling, found: Case) -> pd.DataFrame:
    listed = basis.outlook.items
    everywhere = pd.DataFrame(
        {
            "sku": listed["sku"].str.casefold().to_numpy(),
            "market": listed["market"].astype(str).to_numpy(),
            "target": np.arange(len(listed)),
        }
    )
    own = everywhere.iloc[found.rows].assign(item=np.arange(len(found.rows)))
    both = own[["sku", "market", "item"]].merge(everywhere, on="sku", suffixes=("_here", ""))
    both = both.loc[both["market"] != both["market_here"]].reset_index(drop=True)
    target = both["target"].to_numpy(dtype=np.int64)
    n_days = basis.demand_by_day.shape[1]
    demand = basis.demand_by_day[target, -1] / n_days
    stock = basis.positions["inventory_position"].to_numpy(dtype=np.float64)[target]
    gone = listed["discontinued"].fillna(value=False).astype(bool).to_numpy()[target]
    told = sells.told.loc[both["market_here"].tolist()]
    said = told["transfer_cost"].to_numpy(dtype=np.float64)
    out = np.nan_to_num(told["scrap_fee"].to_numpy(dtype=np.float64))
    estimate = basis.economics.freight[target] + out
    wait = stock / np.where(demand > 0, demand, np.nan)
    frame = pd.DataFrame(
        {
            "item": both["item"].to_numpy(dtype=np.int64),
            "place": "market",
            "market": both["market"].to_numpy(dtype=object),
            "target": target,
            "move_cost": np.where(np.isnan(said), estimate, said),
            "cost_source": np.where(np.isnan(said), "estimate", "setting"),
            "days": told["transfer_days"].to_numpy(dtype=np.float64),
            "wait": np.maximum(wait, 0.0),
            "demand_mean": demand,
            "price": sells.price[target],
            "fee_share": sells.fee_share[target],
            "fulfilment": sells.fulfilment[target],
            "storage_fee": sells.storage[target],
        }
    )
    numbers = frame[["move_cost", "days", "wait", "demand_mean", "price"]]
    known: pd.DataFrame = frame.loc[numbers.notna().all(axis=1) & ~gone & (demand > 0)]
    return known


def _overseas(basis: Basis, sells: Selling, found: Case) -> pd.DataFrame:
    """Return the way into a warehouse overseas: the same buyers, another storage fee."""
    rows = found.rows
    markets = basis.outlook.items["market"].astype(str).iloc[rows].tolist()
    told = sells.told.loc[markets]
    frame = pd.DataFrame(
        {
            "item": np.arange(len(rows)),
            "place": "overseas",
            "market": markets,
            "target": rows,
            "move_cost": told["overseas_cost"].to_numpy(dtype=np.float64),
            "cost_source": "setting",
            "days": told["transfer_days"].to_numpy(dtype=np.float64),
            "wait": 0.0,
            "demand_mean": found.stuck.demand_mean,
            "price": found.stuck.price,
            "fee_share": found.stuck.fee_share,
            "fulfilment": found.stuck.fulfilment,
            "storage_fee": told["overseas_fee"].to_numpy(dtype=np.float64) / STORED_DAYS,
        }
    )
    return frame.loc[frame[["move_cost", "storage_fee", "days"]].notna().all(axis=1)]


def nothing(table: pd.DataFrame) -> pd.DataFrame:
    """Return the ways of items that have none, shaped as those of `assigned`."""
    return table.iloc[:0].set_index("item")


def assigned(table: pd.DataFrame, otherwise: Array) -> pd.DataFrame:
    """Return the best way of each item that has one, indexed by ``item``.

    Of several items that would go to the same place the one that gains most does; the others are
    left the next best place that nobody takes. Places overseas are never full.

    Parameters
    ----------
    table : DataFrame
        `places`.
    otherwise : ndarray, shape (n_stuck,)
        What each item is worth without a transfer.
    """
    item = table["item"].to_numpy(dtype=np.int64)
    gain = table["value"].to_numpy(dtype=np.float64) - otherwise[item]
    is_market = (table["place"] == "market").to_numpy()
    target = table["target"].to_numpy(dtype=np.int64)
    taken: set[int] = set()
    chosen: dict[int, int] = {}
    for row in np.argsort(-gain, kind="stable"):
        is_full = bool(is_market[row]) and int(target[row]) in taken
        if is_full or int(item[row]) in chosen:
            continue
        chosen[int(item[row])] = int(row)
        if is_market[row] and gain[row] > 0:
            taken.add(int(target[row]))
    return table.iloc[sorted(chosen.values())].set_index("item").sort_index()


def by_item(ways: pd.DataFrame, count: int) -> Elsewhere:
    """Return the ways of all ``count`` items; NaN where there is none."""
    return _elsewhere(ways.reindex(range(count)))
