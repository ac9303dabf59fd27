"""Where else stuck stock could be sold, or stand: other markets, and a warehouse overseas."""

import numpy as np
import pandas as pd

from analytics import clearance
from analytics.clearance import Elsewhere
from analytics.services.clearing_case import STORED_DAYS, Array, Case, Ints, Selling
from analytics.services.clearing_pace import Pace
from analytics.services.planning import Basis

_THERE = ("fulfilment", "storage")  # fees that units pay where they go


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
    there meanwhile; from then on they sell as fast as the market's forecast asks for them, and
    beyond the forecast as its season says (`clearing_pace.Pace`). Moving costs what is settled;
    else the freight per unit from the supplier to there and the fee for taking a unit out. Without
    either the way is not known, and not offered.
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


def _pairs(basis: Basis, rows: Ints) -> pd.DataFrame:
    """Return ``item`` (of ``rows``), ``market_here``, ``market``, ``target`` of the same SKU."""
    listed = basis.outlook.items
    everywhere = pd.DataFrame(
        {
            "sku": listed["sku"].str.casefold().to_numpy(),
            "market": listed["market"].astype(str).to_numpy(),
            "target": np.arange(len(listed)),
        }
    )
    own = everywhere.iloc[rows].assign(item=np.arange(len(rows)))
    both = own[["sku", "market", "item"]].merge(everywhere, on="sku", suffixes=("_here", ""))
    return both.loc[both["market"] != both["market_here"]].reset_index(drop=True)


def _markets(basis: Basis, sells: Selling, found: Case) -> pd.DataFrame:
    listed, both = basis.outlook.items, _pairs(basis, found.rows)
    target = both["target"].to_numpy(dtype=np.int64)
    stock = basis.positions["inventory_position"].to_numpy(dtype=np.float64)[target]
    gone = listed["discontinued"].fillna(value=False).astype(bool).to_numpy()[target]
    told = sells.told.loc[both["market_here"].tolist()]
    said = told["transfer_cost"].to_numpy(dtype=np.float64)
    out = np.nan_to_num(told["scrap_fee"].to_numpy(dtype=np.float64))
    estimate = np.where(
        told["transfer_cost_source"] == "no_rate", np.nan, basis.economics.freight[target] + out
    )
    item, takes = both["item"].to_numpy(dtype=np.int64), told["transfer_days"].to_numpy(np.float64)
    wait, demand = _walked(Pace.of(basis, target), stock, takes, found.stuck.units[item])
    frame = pd.DataFrame(
        {
            "item": item,
            "place": "market",
            "market": both["market"].to_numpy(dtype=object),
            "target": target,
            "move_cost": np.where(np.isnan(said), estimate, said),
            "cost_source": np.where(np.isnan(said), "estimate", "setting"),
            "days": takes,
            "wait": wait,
            "demand_mean": demand,
            "price": sells.price[target],
            "fee_share": sells.fee_share[target],
            "fulfilment": sells.fulfilment[target],
            "storage_fee": sells.storage[target],
        }
    )
    numbers = frame[["move_cost", "days", "wait", "demand_mean", "price"]]
    is_rated = np.all([sells.unrated[part][target] == "" for part in _THERE], axis=0)
    reachable = is_rated & ~gone & (demand > 0)
    known: pd.DataFrame = frame.loc[numbers.notna().all(axis=1) & reachable]
    return known


def _walked(pace: Pace, stock: Array, takes: Array, units: Array) -> tuple[Array, Array]:
    """Return when the units' turn comes, in days, and how many a day sell from then on.

    Sold first is what stands and comes there (``stock``); units that take longer than that to
    arrive miss what is asked for meanwhile. NaN = the stock is not known; 0 = they never sell.
    """
    wait = pace.days(np.nan_to_num(stock))
    starts = np.fmax(wait, takes)
    begins = np.where(np.isfinite(starts), starts, 0.0)
    ends = pace.days(pace.until(begins) + units)
    is_sold = np.isfinite(starts) & np.isfinite(ends)
    lasts = np.maximum(np.where(is_sold, ends, 1.0) - begins, 1e-9)
    demand = np.where(is_sold, units / lasts, 0.0)
    return np.where(np.isnan(stock), np.nan, wait), demand


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
