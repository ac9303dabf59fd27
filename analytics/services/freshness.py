"""What data are missing or stale, and how many items that costs."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.services.planning import Basis
from analytics.store import Store

Flags = NDArray[np.bool_]
TABLES = ("sales", "stock", "purchase_orders", "products", "routes", "rates")
STATES = ("missing", "stale", "partial", "fine")  # the worst first
_LATE = {"sales": 7, "stock": 7, "purchase_orders": 45, "rates": 92}  # days until it is stale
_GIVEN_UP = 180  # days after which a market's files are not expected any more
_NEWS = ("ordered_on", "ready_on", "shipped_on", "arrived_on", "cleared_on", "received_on")
_AMOUNTS = (("unit_cost", "currency"), ("price", "price_currency"))
_DAY = pd.Timedelta(days=1)


class _Seen(NamedTuple):
    """What the states of the tables are told from."""

    basis: Basis
    sells: Flags  # has demand ahead and is not to run out
    today: pd.Timestamp


def freshness(store: Store, basis: Basis, sells: Flags) -> pd.DataFrame:
    """Return the state of each table, in the order of `TABLES`.

    Parameters
    ----------
    store : Store
        The workspace.
    basis : Basis
        What the plan of the day stands on.
    sells : ndarray of bool, shape (n_items,)
        Whether anybody asks for an item, so that a gap in its data costs something.

    Returns
    -------
    DataFrame
        ``table``, ``state`` (one of `STATES`, the worst that holds), ``last_on`` (the newest day
        that it tells of, up to the plan's; of sales the last day of the market that is furthest
        behind; NaT = it has no days), ``days_old`` (from there to the plan's day), ``rows``,
        ``items`` (that sell and that it does not tell of), ``market`` (of sales: the one furthest
        behind).

    Notes
    -----
    A table is stale when it ends 7 days before the sales do (stock, a market's sales), 45 days
    (news of orders) or 92 (rates); a market that ended half a year ago is taken for closed.
    """
    seen = _Seen(basis, sells, pd.Timestamp(basis.outlook.as_of))
    rows = [
        _sales(seen), _stock(seen), _orders(seen), _products(seen), _routes(store, seen),
        _rates(store, seen),
    ]  # fmt: skip
    columns = ["table", "state", "last_on", "days_old", "rows", "items", "market"]
    return pd.DataFrame(rows)[columns].astype({"last_on": "datetime64[us]"})


def _row(
    seen: _Seen, table: str, *, rows: int, last: pd.Timestamp | None = None, lacking: int = 0,
    market: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Return one table's row; its state is the worst that holds."""
    known = None if last is None or pd.isna(last) else min(last, seen.today)
    age = np.nan if known is None else float((seen.today - known).days)
    cases = {
        "missing": not rows,
        "stale": age > _LATE.get(table, np.inf),
        "partial": lacking > 0,
        "fine": True,
    }
    return {
        "table": table,
        "state": next(state for state in STATES if cases[state]),
        "last_on": pd.NaT if known is None else known,
        "days_old": age,
        "rows": rows,
        "items": lacking,
        "market": market,
    }


def _sales(seen: _Seen) -> dict[str, Any]:
    """Return the state of the sales: that of the market whose files end first."""
    told = seen.basis.outlook.coverage
    ends = told.loc[told["starts_on"] <= seen.today].groupby("market")["ends_on"].max()
    ends = ends.where(ends < seen.today, seen.today)
    open_ = ends[ends >= seen.today - _GIVEN_UP * _DAY]
    open_ = ends if open_.empty else open_
    rows = len(seen.basis.outlook.days.sales.units)
    return _row(seen, "sales", rows=rows, last=open_.min(), market=str(open_.idxmin()))


def _stock(seen: _Seen) -> dict[str, Any]:
    counts = seen.basis.outlook.snapshots
    known = counts["date"].fillna(seen.today)  # without a day it counts as of the plan's
    unknown = seen.basis.positions["on_hand"].isna().to_numpy()
    lacking = int((unknown & seen.sells).sum())
    return _row(seen, "stock", rows=len(counts), last=_latest(seen, known), lacking=lacking)


def _orders(seen: _Seen) -> dict[str, Any]:
    orders = seen.basis.outlook.orders
    days = pd.concat([orders[name] for name in _NEWS]).dropna()
    return _row(seen, "purchase_orders", rows=len(orders), last=_latest(seen, days))


def _products(seen: _Seen) -> dict[str, Any]:
    """Return the state of the products: whether what is sold has a cost and a price."""
    items = seen.basis.outlook.items
    lacking = (items["unit_cost"].isna() | items["price"].isna()).to_numpy()
    rows = int(items["unit_cost"].notna().sum())
    return _row(seen, "products", rows=rows, lacking=int((lacking & seen.sells).sum()))


def _routes(store: Store, seen: _Seen) -> dict[str, Any]:
    """Return the state of the routes: they are missed where orders do not tell the lead time."""
    assumed = (seen.basis.lead_times.lines["lead_time_source"] == "assumed").to_numpy()
    lacking = int((assumed & seen.sells).sum())
    stated = len(store.routes())
    return _row(seen, "routes", rows=stated or int(not lacking), lacking=lacking)


def _rates(store: Store, seen: _Seen) -> dict[str, Any]:
    """Return the state of the rates: they are missed where amounts are in other currencies."""
    items, rates = seen.basis.outlook.items, seen.basis.rates
    stated = store.rates()
    used = pd.concat(
        [items.loc[items[amount].notna(), currency] for amount, currency in _AMOUNTS]
    ).replace("", np.nan)
    foreign = used.dropna()[lambda codes: codes != seen.basis.currency]
    unknown = foreign.index[~foreign.isin(list(rates))].unique()
    own = stated.loc[stated["currency"].isin(foreign.unique())]
    last = _latest(seen, own.groupby("currency")["date"].max()) if len(own) else None
    lacking = int(seen.sells[unknown].sum())
    return _row(seen, "rates", rows=len(stated) or int(foreign.empty), last=last, lacking=lacking)


def _latest(seen: _Seen, days: pd.Series) -> pd.Timestamp | None:
    """Return the newest day that is not after the plan's."""
    past = days[days <= seen.today]
    return None if past.empty else past.max()
