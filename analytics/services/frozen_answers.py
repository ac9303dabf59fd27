"""What a frozen link shows: made once, kept as bytes, and refused if they are not what we keep."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import pandas as pd

from analytics.errors import BrokenLinkError
from analytics.scenario import Scenario
from analytics.services import delays, freezing
from analytics.services.planning import ITEM_MARK
from analytics.store import Store

_IMPACT = {
    "totals": delays.TOTALS, "needs": delays.NEEDS, "lines": delays.LINES,
    "orders": delays.ORDERS, "timeline": delays.TIMELINE,
}  # fmt: skip
_ITEM = {
    "line": delays.LINES,
    "course": ("day", "plan", "case", "on_hand", "low", "high", "arrivals", "lost"),
    "arrivals": ("date", "plan", "case", "units", "order_id", "route", "is_new"),
    "actions": ("option", "route", "lands_on", "units", "saved_units", "is_best"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a frozen link shows.

    Attributes
    ----------
    impact : delays.Impact
        The catalogue; without columns of money if the link hides it.
    item : delays.ItemImpact or None
        The item that the link opens to, if it names one.
    """

    impact: delays.Impact
    item: delays.ItemImpact | None


def made(store: Store, scenario: Scenario, item: str, *, money: bool) -> Frozen:
    """Return what ``scenario`` does today, its day spelled out.

    Parameters
    ----------
    store : Store
        The workspace.
    scenario : Scenario
        Assumptions.
    item : str
        The item that it opens to, as the item picker spells it; may be empty.
    money : bool
        Whether amounts of money are in the answer.

    Raises
    ------
    AnalyticsError
        As `delays.impact` and `delays.item`.
    """
    found = delays.impact(store, scenario, money=money)
    dated = replace(scenario, as_of=found.as_of)
    fixed = replace(found, scenario=dated)
    if not item:
        return Frozen(fixed, None)
    sku, _, market = item.rpartition(ITEM_MARK)
    if money:
        return Frozen(fixed, delays.item(store, dated, sku, market))
    return Frozen(fixed, item_without_money(store, dated, sku, market))


def item_without_money(
    store: Store, scenario: Scenario, sku: str, market: str
) -> delays.ItemImpact:
    """Return `delays.item` without amounts, nor the reasons, which compare amounts."""
    found = delays.item(store, scenario, sku, market, money=False)
    return replace(found, actions=found.actions.drop(columns="reason", errors="ignore"))


def packed(answer: Frozen) -> bytes:
    """Return an answer as bytes."""
    item = None if answer.item is None else _parts(answer.item)
    return freezing.pack({"impact": _parts(answer.impact), "item": item})


def unpacked(content: bytes) -> Frozen:
    """Return what `packed` was given.

    Raises
    ------
    BrokenLinkError
        It is cut, of another format, or a part that is shown is not in it.
    """
    parts = freezing.unpack(content)
    try:
        item = parts["item"]
        found = Frozen(
            delays.Impact(**parts["impact"]), None if item is None else delays.ItemImpact(**item)
        )
        _check(parts["impact"], _IMPACT)
        if item is not None:
            _check(item, _ITEM)
    except (TypeError, KeyError, ValueError) as fault:
        raise BrokenLinkError from fault
    return found


def _parts(answer: delays.Impact | delays.ItemImpact) -> dict[str, object]:
    return {field.name: getattr(answer, field.name) for field in fields(answer)}


def _check(parts: Mapping[str, Any], known: Mapping[str, Iterable[str]]) -> None:
    """Refuse tables that lack a column; those of money may be left out."""
    for table, names in known.items():
        held = parts[table]
        if not isinstance(held, dict if table == "line" else pd.DataFrame):
            raise TypeError(table)
        if missing := set(names) - set(held) - set(delays.MONEY_COLUMNS):
            raise KeyError(table, *sorted(missing))
