"""Cost, smallest order, carton, lead time and more, corrected by hand beside the files."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from analytics.errors import OutOfBoundsError, UnknownFieldError
from analytics.policy import Limits
from analytics.schema import Tier
from analytics.services import journal, typed
from analytics.store import Store

KIND = "item"
Item = tuple[str, str]
# The columns that can be changed, and what stands in them.
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "unit_cost": "amount",
        "currency": "currency",
        "price": "amount",
        "moq": "whole",
        "carton_quantity": "whole",
        "lead_time_days": "days",
        "carton_volume_m3": "amount",
        "carton_weight_kg": "amount",
        "storage_fee": "amount",
        "salvage_value": "amount",
        "supplier": "text",
        "tier": "tier",
        "discontinued": "flag",
        "note": "text",
    }
)
NAMED = ("sku", "market", "name")
LOCKED = (*NAMED, "price_currency")  # shown beside what can be changed
LIMITS: Mapping[str, Limits] = MappingProxyType(
    {"amount": Limits(0.0, 1e9), "whole": Limits(1.0, 1e7), "days": Limits(1.0, 365.0)}
)
LONGEST_TEXT = 200  # characters


def items(store: Store, search: str = "") -> pd.DataFrame:
    """Return the items whose SKU, name, category or supplier holds every word of ``search``.

    Returns
    -------
    DataFrame
        `LOCKED` and `COLUMNS` as they hold now, what sold most first; texts that are missing are
        empty, a tier that nobody chose is None.
    """
    found = store.items().sort_values("units", ascending=False, kind="stable", ignore_index=True)
    found = found.loc[_holds(found, search)]
    columns = {name: _typed(found, name, kind) for name, kind in COLUMNS.items()}
    name = found["name"].astype(object).where(found["name"].notna(), found["sku"])
    paid_in = found["price_currency"].astype(object).where(found["price_currency"].notna(), "")
    frame = found[["sku", "market"]].assign(name=name, price_currency=paid_in, **columns)
    place = [*COLUMNS].index("price") + 1
    order = [*NAMED, *[*COLUMNS][:place], "price_currency", *[*COLUMNS][place:]]
    return frame[order].reset_index(drop=True)


def _holds(frame: pd.DataFrame, search: str) -> pd.Series:
    named = frame[["sku", "name", "category", "supplier", "market"]].astype(object)
    texts = ["\n".join(row) for row in named.where(named.notna(), "").to_numpy(dtype=str)]
    whole = pd.Series(texts, index=frame.index, dtype=object).str.casefold()
    found = pd.Series(data=True, index=frame.index)
    for word in search.casefold().split():
        found &= whole.str.contains(word, regex=False)
    return found


def _typed(frame: pd.DataFrame, name: str, kind: str) -> pd.Series:
    """Return a column as a table edits it: numbers, a flag, or texts without gaps."""
    values = frame[name] if name in frame else pd.Series(None, index=frame.index, dtype=object)
    if kind == "flag":
        return values.astype(object).where(values.notna(), other=False).astype(bool)
    if kind in LIMITS:
        return pd.to_numeric(values, errors="coerce").astype("float64")
    texts = values.astype(object).where(values.notna(), "")
    return texts.where(texts.isin(list(Tier)), None) if kind == "tier" else texts


def save(store: Store, seen: pd.DataFrame, wanted: pd.DataFrame, *, who: str = "") -> None:
    """Let ``wanted`` hold where it differs from ``seen``: the same items in the same order.

    An emptied cell is as the files say. What somebody else changed meanwhile, and this table does
    not touch, stays. Refusals are those of `change`.
    """
    change(store, changes(seen, wanted), who=who)


def changes(seen: pd.DataFrame, wanted: pd.DataFrame) -> dict[Item, dict[str, Any]]:
    """Return what differs between two tables of the same items, as `change` takes it.

    Raises
    ------
    OutOfBoundsError
        A number lies outside its limits.
    UnknownFieldError
        A word is none that is known.
    """
    said: dict[Item, dict[str, Any]] = {}
    for name in COLUMNS:
        before, after = seen[name], wanted[name]
        differs = ~(before.eq(after) | (before.isna() & after.isna()))
        rows = zip(seen.loc[differs, "sku"], seen.loc[differs, "market"], strict=True)
        for (sku, market), value in zip(rows, after.loc[differs], strict=True):
            said.setdefault((str(sku), str(market)), {})[name] = value
    return {item: _checked(parts) for item, parts in said.items()}


def change(store: Store, said: Mapping[Item, Mapping[str, Any]], *, who: str = "") -> None:
    """Change columns of items (SKU, market), all of it or nothing; None = as the files say.

    Raises
    ------
    OutOfBoundsError
        A number lies outside its limits, or a text is too long.
    UnknownFieldError
        There is no such column, or the column knows no such word.
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    scopes = {
        journal.scope_of({"sku": sku, "market": market}): _checked(parts)
        for (sku, market), parts in said.items()
    }
    journal.merge(store, KIND, scopes, who=who)


def _checked(parts: Mapping[str, Any]) -> dict[str, Any]:
    for name in parts:
        if name not in COLUMNS:
            raise UnknownFieldError(name=name)
    return {name: _value(name, value) for name, value in parts.items()}


def _value(name: str, value: object) -> object:
    """Return a cell as the journal holds it; an empty one, or an unset flag, says nothing."""
    kind = COLUMNS[name]
    if value is journal.UNSAID or typed.is_blank(value) or (kind == "flag" and not value):
        return journal.UNSAID
    if kind in LIMITS:
        number = typed.number(name, value, LIMITS[kind])
        return round(number) if kind == "whole" else number
    if kind == "flag":
        return True
    if kind == "currency":
        return typed.currency(value)
    text = typed.text(value)
    if kind == "tier" and text not in set(Tier):
        raise UnknownFieldError(name=text)
    if len(text) > LONGEST_TEXT:
        raise OutOfBoundsError(name=name, value=len(text), low=0, high=LONGEST_TEXT)
    return text


def edits(store: Store) -> pd.DataFrame:
    """Return what was changed by hand.

    Returns
    -------
    DataFrame
        ``judgement_id``, ``scope`` (as `withdraw` takes it), ``sku``, ``market``, ``part`` (one of
        `COLUMNS`), ``value``, ``who``, ``made_at``.
    """
    told = journal.parts(store, KIND)
    for name in ("sku", "market"):
        values = [dict(scope).get(name, "") for scope in told["scope"]]
        told[name] = pd.Series(values, index=told.index, dtype=object)
    return told


def withdraw(store: Store, scope: journal.Scope, part: str, *, who: str = "") -> None:
    """Take back what was said of one column of an item; the files' word holds again."""
    journal.merge(store, KIND, {scope: {part: journal.UNSAID}}, who=who)
