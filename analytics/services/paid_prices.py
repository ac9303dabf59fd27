"""What a unit brought: the mean of what buyers paid, in the base currency."""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from analytics.services import money
from analytics.services.planning import Basis
from analytics.store import Store

_KEYS = ["sku", "market"]


def of(store: Store, basis: Basis, starts_on: date, ends_on: date) -> NDArray[np.float64]:
    """Return what a unit of each item brought over some days, before fees, shape (n_items,).

    NaN where the files name no price, or none whose currency has a rate. What names no currency is
    in that of the item's price list, if there is one.
    """
    items = basis.outlook.items
    paid = store.prices_paid(starts_on, ends_on)
    keyed = items[[*_KEYS, "price_currency"]].assign(item=np.arange(len(items)))
    rows = paid.merge(keyed, on=_KEYS, how="inner")
    currency = (
        rows["currency"].astype(object).where(rows["currency"].notna(), rows["price_currency"])
    )
    worth = money.in_base(rows["revenue"].astype(np.float64), currency, basis.rates)
    known = rows.assign(worth=worth).dropna(subset="worth")
    summed = known.groupby("item")[["worth", "units"]].sum().reindex(range(len(items)))
    return np.asarray((summed["worth"] / summed["units"]).to_numpy(dtype=np.float64))
