"""Why an item may have sold so much more, or so much less, than usual."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from analytics.services.planning import Basis
    from analytics.services.unusual_sales import Weeks

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
CAUSES = (
    "stockout", "promotion", "price", "event", "one_order", "stockout_elsewhere", "unexplained",
)  # fmt: skip
EXPLAINS = ("stockout", "promotion", "price", "event")  # what nobody need look into further
_DISCOUNT = 0.05  # share above the usual discount that is a promotion
_PRICE = 0.05  # share by which a price is another one
_OUT = 0.25  # share of the week without stock that explains low sales, or sends buyers elsewhere
_BEFORE = 8  # weeks that tell the usual price
_WEEK = 7


def causes(
    basis: "Basis", told: "Weeks", rows: NDArray[np.int64], direction: NDArray[np.int64]
) -> NDArray[np.object_]:
    """Return the likeliest cause of each unusual sale, one of `CAUSES`.

    Parameters
    ----------
    basis : Basis
        The plan at rest: stock, prices, events.
    told : Weeks
        `unusual_sales.weeks` of its items.
    rows : ndarray of int, shape (n,)
        The items asked about.
    direction : ndarray of int, shape (n,)
        1 = sold more than usual, -1 = less.

    Notes
    -----
    Low sales: no stock on a quarter of the week's demand or none now, then a higher price. High
    sales: a discount of 5 points more than usual, a price cut by 5 %, a dated event of the market,
    then one single freak order, then a like item (the same SKU in another market, or the category
    in this one) that had no stock. Price and event explain in their own direction alone.
    """
    price, discount = _price_change(basis)[rows], _discounted(basis)[rows]
    empty = basis.positions["on_hand"].to_numpy(dtype=np.float64) <= 0
    own = (told.lost[:, -1] >= _OUT) | empty
    up, down = direction > 0, direction < 0
    without = told.sold[:, -1] - told.freak[:, -1]
    single = (told.freak[:, -1] > 0) & (without <= 1.5 * np.nan_to_num(told.expected[:, -1]))
    cases = {
        "stockout": down & own[rows],
        "promotion": up & discount,
        "price": (up & (price <= -_PRICE)) | (down & (price >= _PRICE)),
        "event": up & _event(basis)[rows],
        "one_order": up & single[rows],
        "stockout_elsewhere": up & _elsewhere(basis, told)[rows],
    }
    return np.select([*cases.values()], [*cases], "unexplained").astype(object)


def _recent(basis: "Basis", name: str, low: int, high: int) -> Array:
    """Return a sum over the days from ``low`` to ``high`` before the last, shape (n_items,)."""
    days = basis.outlook.days
    moved, n_items = days.extras.get(name), len(days.items)
    if moved is None:
        return np.zeros(n_items)
    ago = days.covered.shape[1] - 1 - moved.day
    here = (ago >= low) & (ago < high)
    return np.asarray(
        np.bincount(moved.item[here], weights=moved.units[here], minlength=n_items), np.float64
    )


def _ratio(above: Array, below: Array) -> Array:
    return np.asarray(np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan))


def _price_change(basis: "Basis") -> Array:
    """Return the last week's price against that of the eight weeks before; 0 where unknown."""
    now = _ratio(_recent(basis, "paid", 0, _WEEK), _recent(basis, "priced", 0, _WEEK))
    before = _ratio(
        _recent(basis, "paid", _WEEK, _WEEK * (1 + _BEFORE)),
        _recent(basis, "priced", _WEEK, _WEEK * (1 + _BEFORE)),
    )
    return np.nan_to_num(_ratio(now, np.nan_to_num(before)) - 1.0)


def _discounted(basis: "Basis") -> Flags:
    """Return whose buyers got a larger discount than usual."""
    now = _ratio(_recent(basis, "reduced", 0, _WEEK), _recent(basis, "listed", 0, _WEEK))
    before = _ratio(
        _recent(basis, "reduced", _WEEK, _WEEK * (1 + _BEFORE)),
        _recent(basis, "listed", _WEEK, _WEEK * (1 + _BEFORE)),
    )
    return np.asarray(np.nan_to_num(now) >= np.nan_to_num(before) + _DISCOUNT)


def _event(basis: "Basis") -> Flags:
    """Return for which items a dated event of demand fell into the week."""
    items, events = basis.outlook.items, basis.outlook.events
    last = pd.Timestamp(basis.outlook.as_of)
    first = last - pd.Timedelta(days=_WEEK - 1)
    here = events.loc[
        (events["side"] == "demand") & (events["starts_on"] <= last) & (events["ends_on"] >= first)
    ]
    found = np.zeros(len(items), dtype=bool)
    scopes = here[["market", "group", "sku"]].drop_duplicates()
    for market, group, sku in scopes.itertuples(index=False):
        fits = np.ones(len(items), dtype=bool)
        for column, value in (("market", market), ("category", group), ("sku", sku)):
            if value:
                fits &= (
                    items[column].astype(str).str.casefold() == str(value).casefold()
                ).to_numpy()
        found |= fits
    return found


def _elsewhere(basis: "Basis", told: "Weeks") -> Flags:
    """Return for which items a like one had no stock in the week."""
    items = basis.outlook.items
    gone = told.lost[:, -1] >= _OUT
    if not gone.any():
        return np.zeros(len(items), dtype=bool)
    sku = items["sku"].astype(str)
    group = items["market"].astype(str) + "\x1f" + items["category"].astype(str)
    same = sku.isin(sku[gone]).to_numpy()
    alike = (group.isin(group[gone]) & (items["category"].astype(str) != "")).to_numpy()
    return np.asarray((same | alike) & ~gone)
