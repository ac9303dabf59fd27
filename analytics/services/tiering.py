"""Which product gets which treatment? Each item's tier, and what it rests on."""

from datetime import date

import pandas as pd

from analytics.services import planning
from analytics.services.tiered import tiers_of
from analytics.store import Store

__all__ = ["table", "tiers_of"]


def table(store: Store, as_of: date | None = None) -> pd.DataFrame:
    """Return every item's tier, see `tiered.tiers_of`, with its ``name`` and ``category``.

    Parameters
    ----------
    store : Store
        The workspace.
    as_of : date, optional
        The plan's day; none = the last day that any market's sales cover.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover that day.
    """
    basis = planning.basis(store, as_of)
    names = basis.outlook.items[["name", "category"]]
    found = basis.tiers
    return pd.concat(
        [found[["sku", "market"]], names, found.drop(columns=["sku", "market"])], axis=1
    )
