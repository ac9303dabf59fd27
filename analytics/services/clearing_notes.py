"""What clearance assumes or leaves out, as codes and facts."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.services.assumptions import Assumptions
from analytics.services.clearing_case import UNRATED, Case, Selling
from analytics.services.plan_notes import Note

_SOURCES = {
    "clearance_storage_unknown": ("storage", ("unknown",)),
    "clearance_published": ("liquidation", ("default",)),
    "clearance_fees_unknown": ("liquidation", ("unknown",)),
}  # notes, and the sources of a fee that they count
_NAMED = 5  # items that a sentence names, those with most units


def counts(case: Case, lines: pd.DataFrame, ways: pd.DataFrame) -> Iterator[Note]:
    """Return how many items lack something, or go by a default."""
    found = {
        "clearance_price_unknown": int((lines["reason"] == "price_unknown").sum()),
        "clearance_age_unknown": int((lines["age_unknown"] > 0).sum()),
        **{code: int(np.isin(case.sources[fee], told).sum())
           for code, (fee, told) in _SOURCES.items()},
        "clearance_elasticity_default": int((case.elasticity_source == "default").sum()),
        "clearance_transfer_estimated": int((ways["cost_source"] == "estimate").sum()),
        "clearance_transfer_unknown": len(case.rows) - int(ways["item"].nunique()),
    }  # fmt: skip
    yield from ((code, {"items": count}) for code, count in found.items() if count)
    lacking = lines.loc[lines["age_fee_source"] == "unknown"]
    if len(lacking):
        named = lacking.sort_values("on_hand", ascending=False, kind="stable").head(_NAMED)
        names = tuple(f"{sku} · {market}" for sku, market in named[["sku", "market"]].to_numpy())
        code = "clearance_age_fee_unknown" + ("" if len(lacking) <= _NAMED else "_many")
        yield code, {"items": len(lacking), "names": names}
    is_learnt = case.elasticity_source == "learnt"
    if is_learnt.any():
        each = pd.Series(case.price_changes[is_learnt]).groupby(case.category[is_learnt]).first()
        facts = {"items": int(is_learnt.sum()), "changes": int(each.sum())}
        yield "clearance_elasticity_learnt", facts


def fees(sells: Selling, assumed: Assumptions, rows: NDArray[np.int64]) -> Iterator[Note]:
    """Return the fees of stuck items that have no exchange rate, and those that nobody settled.

    Parameters
    ----------
    sells : Selling
        What every item of the plan costs.
    assumed : Assumptions
        The defaults.
    rows : ndarray of int
        Rows of the stuck items.
    """
    for fee in UNRATED:
        told = pd.Series(sells.unrated[fee][rows], dtype=object)
        for currency, count in told.loc[told != ""].value_counts(sort=False).items():
            yield f"clearance_no_rate_{fee}", {"currency": str(currency), "items": int(count)}
    for part, is_default in sells.assumed.items():
        if count := int(is_default[rows].sum()):
            facts = {part: float(getattr(assumed, part)), "items": count}
            yield f"clearance_{part}_default", facts
