"""How is each item bought? The policy of its tier, as changed for the tier and for the item."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analytics.errors import AnalyticsError, UnknownFieldError
from analytics.policy import POLICIES, Policy
from analytics.schema import Tier
from analytics.services import journal, typed
from analytics.store import Store

Array = NDArray[np.float64]
Item = tuple[str, str]
Said = Mapping[tuple[str, str], Mapping[str, Any]]
KIND = "policy"
SOURCES = ("default", "tier", "item")  # whose word an item's policy is, the nearest one
PARTS = tuple(field.name for field in fields(Policy))
_WORDS = ("method", "measure", "order", "trigger")
_WHOLE = ("review_days", "cover_days")
_NUMBERS = ("service_level_pct", "cap_weeks")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Policies:
    """The policy of every item; shape (n_items,) each, rows as in the items asked about.

    Attributes
    ----------
    method : ndarray of str
        Codes of `analytics.policy.Method`.
    measure : ndarray of str
        Codes of `analytics.policy.Measure`.
    service_level : ndarray of float
        What is promised, 0 to 1.
    by_profit : ndarray of bool
        The promise follows from the critical ratio where margin and costs are known.
    review_days : ndarray of int
        Days between two looks at an item.
    order : ndarray of str
        Codes of `analytics.policy.Order`.
    cover_days : ndarray of int
        Days of forecast that an order covers beyond the reorder point.
    trigger : ndarray of str
        Codes of `analytics.policy.Trigger`.
    cap_weeks : ndarray of float
        Weeks of demand beyond lead time and review that no order lifts the position above; NaN =
        no cap.
    source : ndarray of str
        One of `SOURCES`.
    """

    method: NDArray[np.object_]
    measure: NDArray[np.object_]
    service_level: Array
    by_profit: NDArray[np.bool_]
    review_days: NDArray[np.int64]
    order: NDArray[np.object_]
    cover_days: NDArray[np.int64]
    trigger: NDArray[np.object_]
    cap_weeks: Array
    source: NDArray[np.object_]


def resolved(store: Store, items: pd.DataFrame, tiers: ArrayLike) -> Policies:
    """Return the policy of every item.

    Parameters
    ----------
    store : Store
        The workspace, whose journal holds what was changed.
    items : DataFrame
        ``sku``, ``market``.
    tiers : array_like of str, shape (n_items,)
        Codes of `Tier`; of an item without one (empty, or unknown) the default policy holds.

    Notes
    -----
    The nearest word wins part by part: what is said of the item, else of its tier, else the tier's
    own practice (`analytics.policy.POLICIES`).
    """
    said = _said(store)
    codes = np.asarray(tiers, dtype=object)
    known = [*Tier, ""]
    of_tier = [_of_tier(said, tier) for tier in known]
    place = {str(tier): row for row, tier in enumerate(known)}
    row = np.array([place.get(str(code), len(known) - 1) for code in codes], dtype=np.int64)
    whose = ["tier" if ("tier", str(tier)) in said else "default" for tier in known]
    table, source = [*of_tier], [*whose]
    for number, parts in _own(said, items):
        table.append(_changed(of_tier[row[number]], parts))
        source.append("item")
        row[number] = len(table) - 1
    return _spread(table, source, row)


def of_tiers(store: Store) -> dict[Tier, Policy]:
    """Return the policy of each tier, as it was changed."""
    said = _said(store)
    return {tier: _of_tier(said, tier) for tier in Tier}


def set_tier(store: Store, tier: Tier, parts: Mapping[str, Any], *, who: str = "") -> None:
    """Change parts of a tier's policy; one that is `journal.UNSAID` is the tier's own again.

    Raises
    ------
    UnknownFieldError
        A policy has no such part, or the part knows no such word.
    OutOfBoundsError
        A number lies outside its limits.
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    set_tiers(store, {tier: parts}, who=who)


def set_tiers(store: Store, said: Mapping[Tier, Mapping[str, Any]], *, who: str = "") -> None:
    """Change parts of several tiers' policies, all of it or nothing, as `set_tier` does."""
    scopes = {
        journal.scope_of({"tier": Tier(tier).value}): _checked(parts)
        for tier, parts in said.items()
    }
    journal.merge(store, KIND, scopes, who=who)


def check(parts: Iterable[Mapping[str, Any]]) -> None:
    """Refuse what `set_tiers` and `set_item` could not take; errors are those of `set_tier`."""
    for one in parts:
        _checked(one)


def set_item(
    store: Store,
    items: Sequence[Item],
    parts: Mapping[str, Any],
    *,
    reason: str = "",
    who: str = "",
) -> None:
    """Change parts of the policy of ``items`` (SKU, market); refusals are those of `set_tier`."""
    said = _checked(parts)
    scopes = {journal.scope_of({"sku": sku, "market": market}): said for sku, market in items}
    journal.merge(store, KIND, scopes, reason=reason, who=who)


def practice(store: Store) -> pd.DataFrame:
    """Return the policy of each tier as a table: ``tier`` and `PARTS`; no cap = NaN."""
    rows = [{"tier": tier.value, **asdict(policy)} for tier, policy in of_tiers(store).items()]
    frame = pd.DataFrame(rows, columns=["tier", *PARTS])
    words = {name: [str(word) for word in frame[name]] for name in _WORDS}
    return frame.assign(**words).astype({"cap_weeks": "float64"})


def changes(seen: pd.DataFrame, wanted: pd.DataFrame) -> dict[Tier, dict[str, Any]]:
    """Return what differs between two tables of `practice`, as `set_tiers` takes it.

    An emptied cell, and one that is as the tier's own practice has it, says nothing; no cap is a
    word of its own where the practice has one.
    """
    said: dict[Tier, dict[str, Any]] = {}
    for before, after in zip(seen.to_dict("records"), wanted.to_dict("records"), strict=True):
        tier = Tier(before["tier"])
        for part in PARTS:
            if repr(before[part]) != repr(after[part]):
                said.setdefault(tier, {})[part] = _meant(tier, part, after[part])
    return said


def _meant(tier: Tier, part: str, value: object) -> object:
    own = getattr(POLICIES[tier], part)
    if typed.is_blank(value):
        return None if part == "cap_weeks" and own is not None else journal.UNSAID
    return journal.UNSAID if value == own else value


def withdraw(store: Store, scope: journal.Scope, part: str, *, who: str = "") -> None:
    """Take back what was said of one part; the word behind it holds again."""
    journal.merge(store, KIND, {scope: {part: journal.UNSAID}}, who=who)


def table(store: Store) -> pd.DataFrame:
    """Return what was changed of policies, the oldest first.

    Returns
    -------
    DataFrame
        ``judgement_id``, ``scope`` (as `withdraw` takes it), ``tier`` (empty = said of an item),
        ``sku``, ``market`` (empty = said of a tier), ``part`` (one of `PARTS`), ``value``, ``who``,
        ``made_at``.
    """
    told = journal.parts(store, KIND)
    for name in ("tier", "sku", "market"):
        values = [dict(scope).get(name, "") for scope in told["scope"]]
        told[name] = pd.Series(values, index=told.index, dtype=object)
    return told


def _said(store: Store) -> Said:
    """Return the parts that were changed, by ("tier", code) or (SKU without case, market)."""
    named = store.named("markets")
    pooled = dict(zip(named["country"], named["market"], strict=True))
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for entry in journal.standing(store, KIND):
        if not isinstance(entry.body, dict):
            continue
        if tier := entry.scope.get("tier"):
            found["tier", tier] = entry.body
        elif sku := entry.scope.get("sku"):
            market = entry.scope.get("market", "")
            found[f"sku {sku.casefold()}", pooled.get(market, market)] = entry.body
    return found


def _of_tier(said: Said, tier: str) -> Policy:
    base = POLICIES[Tier(tier)] if tier else Policy()
    return _changed(base, said.get(("tier", str(tier)), {}))


def _own(said: Said, items: pd.DataFrame) -> list[tuple[int, Mapping[str, Any]]]:
    """Return the row of each item of which something was said, and what."""
    if all(kind == "tier" for kind, _ in said):
        return []
    names = "sku " + items["sku"].astype(str).str.casefold()
    pairs = zip(names, items["market"].astype(str), strict=True)
    return [(row, said[pair]) for row, pair in enumerate(pairs) if pair in said]


def _changed(policy: Policy, parts: Mapping[str, Any]) -> Policy:
    """Return the policy with what can be used of ``parts``: limits may be others than they were."""
    for name, value in parts.items():
        try:
            policy = policy.changed({name: value})
        except (AnalyticsError, TypeError) as problem:
            _log.warning("A part of a policy in the journal is passed over: %s", problem)
    return policy


def _checked(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return parts as JSON holds them; refuse what cannot be meant."""
    checked = {name: _plain(name, value) for name, value in parts.items()}
    Policy().changed(
        {name: value for name, value in checked.items() if value is not journal.UNSAID}
    )
    return checked


def _plain(name: str, value: object) -> object:
    if value is journal.UNSAID or (value is None and name == "cap_weeks"):
        return value
    if value is None:
        raise UnknownFieldError(name=f"{name} = –")
    if name in _WHOLE or name in _NUMBERS:
        return int(value) if name in _WHOLE else float(value)  # type: ignore[call-overload,arg-type]
    return bool(value) if name == "by_profit" else str(value)


def _spread(table: list[Policy], source: list[str], row: NDArray[np.int64]) -> Policies:
    """Return each item's policy as arrays, given a table of the different ones."""

    def codes(values: list[str]) -> NDArray[np.object_]:
        return np.array(values, dtype=object)[row]

    caps = [np.nan if one.cap_weeks is None else one.cap_weeks for one in table]
    return Policies(
        method=codes([one.method.value for one in table]),
        measure=codes([one.measure.value for one in table]),
        service_level=np.array([one.service_level_pct / 100 for one in table])[row],
        by_profit=np.array([one.by_profit for one in table])[row],
        review_days=np.array([one.review_days for one in table], dtype=np.int64)[row],
        order=codes([one.order.value for one in table]),
        cover_days=np.array([one.cover_days for one in table], dtype=np.int64)[row],
        trigger=codes([one.trigger.value for one in table]),
        cap_weeks=np.array(caps, dtype=np.float64)[row],
        source=codes(source),
    )
