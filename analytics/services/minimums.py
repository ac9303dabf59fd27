"""The smallest orders that suppliers take, as people note them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from analytics.policy import Limits
from analytics.services import assumptions, journal, typed
from analytics.store import Store

LIMITS: Mapping[str, Limits] = MappingProxyType(
    {"minimum_value": Limits(0.0, 1e12), "minimum_units": Limits(0.0, 1e9)}
)
_NAME = "supplier"


def table(store: Store) -> pd.DataFrame:
    """Return the smallest orders that were noted, one row per supplier.

    Returns
    -------
    DataFrame
        ``judgement_id``, ``supplier``, ``minimum_value``, ``currency`` (of it), ``minimum_units``
        (NaN = none), ``who``, ``made_at``.
    """
    rows = []
    for entry, [supplier] in assumptions.keyed(store, _NAME, 1):
        if isinstance(entry.body, dict):
            said = {name: _number(entry.body.get(name)) for name in LIMITS}
            rows.append(
                {"judgement_id": entry.judgement_id, "supplier": supplier, **said,
                 "currency": str(entry.body.get("currency", "")), "who": entry.who,
                 "made_at": entry.made_at}
            )  # fmt: skip
    columns = ["judgement_id", "supplier", "minimum_value", "currency", "minimum_units", "who",
               "made_at"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(LIMITS, "float64"))


def settle(
    store: Store,
    supplier: str,
    *,
    value: float | None = None,
    units: float | None = None,
    currency: str = "",
    who: str = "",
) -> None:
    """Note the smallest order that a supplier takes; without value and units there is none.

    Parameters
    ----------
    store : Store
        The workspace.
    supplier : str
        As the products name it.
    value : float, optional
        Money, in ``currency``; None or 0 = no such minimum.
    units : float, optional
        Units of all items together; None or 0 = no such minimum.
    currency : str
        Three letters; empty = the base currency.
    who : str
        Who says so.

    Raises
    ------
    OutOfBoundsError
        A number lies outside `LIMITS`.
    UnknownFieldError
        The currency is no code of three letters.
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    given = {"minimum_value": value or 0.0, "minimum_units": units or 0.0}
    said = {name: typed.number(name, given[name], LIMITS[name]) for name in LIMITS}
    name = f"{_NAME}:{supplier}"
    if not any(said.values()):
        assumptions.forget(store, [name], who=who)
        return
    body: dict[str, Any] = {part: number for part, number in said.items() if number}
    body["currency"] = typed.currency(currency)
    journal.note(store, assumptions.KIND, {assumptions.scope(name): body}, who=who)


def _number(value: object) -> float:
    """Return a number out of the journal; NaN where it is none."""
    return float(value) if isinstance(value, int | float) else float("nan")
