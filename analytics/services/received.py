"""What arrived of each item, and how long ago: what the age of stock is worked out from."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics import inventory

if TYPE_CHECKING:
    from analytics.services.prospects import Outlook

_KEYS = ["sku", "market"]


def received(seen: "Outlook") -> pd.DataFrame:
    """Return what arrived up to the plan's day.

    Returns
    -------
    DataFrame
        ``item`` (row of ``seen.items``), ``age`` (days since the receipt), ``units`` (above zero);
        one row per receipt, in the order of the files.
    """
    came, today = inventory.receipts(seen.orders), pd.Timestamp(seen.as_of)
    keys = pd.MultiIndex.from_frame(seen.items[_KEYS].astype(object))
    item = keys.get_indexer(pd.MultiIndex.from_frame(came[_KEYS].astype(object)))
    frame = pd.DataFrame(
        {
            "item": item.astype(np.int64),
            "age": (today - came["date"]).dt.days.to_numpy(dtype=np.float64),
            "units": came["units"].to_numpy(dtype=np.float64, na_value=np.nan),
        }
    )
    own = (frame["item"] >= 0) & (frame["age"] >= 0) & (frame["units"] > 0)
    return frame.loc[own].reset_index(drop=True)
