"""What people have said of events and launches, as it stands: to be shown, and withdrawn."""

import json
from typing import Any

import pandas as pd

from analytics.services import judgements
from analytics.store import Store

_EVENTS = ["judgement_id", "code", "market", "uplift", "counts", "who", "made_at"]


def events(store: Store) -> pd.DataFrame:
    """Return what is said of built-in events, the oldest first.

    Returns
    -------
    DataFrame
        ``judgement_id``, ``code``, ``market`` (empty = every), ``uplift`` (share, 0.4 = +40 %; NaN
        where the event does not count), ``counts`` (whether it moves demand at all), ``who``,
        ``made_at``.
    """
    rows = [
        {**row, **json.loads(row["scope"]), **_said(json.loads(row["body"]))}
        for row in store.judgements("event").to_dict("records")
    ]
    return pd.DataFrame(rows, columns=_EVENTS).astype({"uplift": "float64", "counts": "bool"})


def _said(uplift_pct: float | None) -> dict[str, Any]:
    counts = uplift_pct is not None
    return {"uplift": uplift_pct / 100 if uplift_pct is not None else None, "counts": counts}


def launch(store: Store, sku: str, market: str) -> dict[str, Any]:
    """Return what is said of one item's launch, as in `judgements.launches`; empty if nothing."""
    said = judgements.launches(store)
    own = said.loc[(said["sku"] == sku) & (said["market"] == market)]
    return {str(name): value for name, value in own.iloc[-1].items()} if len(own) else {}
