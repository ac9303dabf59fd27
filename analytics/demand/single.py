"""One item out of many, for a closer look at its corrections."""

from dataclasses import fields, replace
from typing import TypeVar

import numpy as np

from analytics.demand.days import ObservedDays
from analytics.demand.freaks import Freaks
from analytics.demand.movements import Movements
from analytics.demand.silences import Silences

_Entries = TypeVar("_Entries", Movements, Silences, Freaks)


def single(days: ObservedDays, row: int) -> ObservedDays:
    """Return ``days`` with the item in ``row`` alone, as it was observed among all others."""
    return replace(
        days,
        items=days.items.iloc[[row]].reset_index(drop=True),
        sales=_of(days.sales, row),
        out=_of(days.out, row),
        start=days.start[[row]],
        market=days.market[[row]],
        reach=days.reach[[row]],
        silences=_of(days.silences, row),
        freaks=_of(days.freaks, row),
        extras={name: _of(moved, row) for name, moved in days.extras.items()},
    )


def _of(entries: _Entries, row: int) -> _Entries:
    kept = entries.item == row
    columns = {field.name: getattr(entries, field.name)[kept] for field in fields(entries)}
    return type(entries)(**{**columns, "item": np.zeros_like(columns["item"])})
