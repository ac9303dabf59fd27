"""Which product gets which treatment? Each item's tier, what it rests on, and what people say."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.errors import UnknownFieldError
from analytics.schema import Tier
from analytics.services import assumptions, journal, masterdata, planning
from analytics.services.tier_preview import preview
from analytics.services.tiered import tiers_of
from analytics.store import Store
from analytics.tiers import REVIEW_WEEKS, STATUSES, Thresholds

__all__ = [
    "CLASSES", "REVIEW_WEEKS", "STATUSES", "STEADINESS", "Thresholds", "Tier", "by_tier", "found",
    "held", "matrix", "next_review", "override", "preview", "release", "said", "set_thresholds",
    "standing_still", "table", "thresholds", "tiers_of",
]  # fmt: skip

CLASSES = ("A", "B", "C")
STEADINESS = ("X", "Y", "Z")
_KEYS = ["sku", "market"]
_SEARCHED = [*_KEYS, "name", "category"]


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
    return pd.concat([found[_KEYS], names, found.drop(columns=_KEYS)], axis=1)


def by_tier(table: pd.DataFrame) -> pd.DataFrame:
    """Return what each tier holds of the catalogue and of what it earns.

    Parameters
    ----------
    table : DataFrame
        As `table` returns it, or some of its rows.

    Returns
    -------
    DataFrame
        A row per tier: ``tier``, ``items``, ``item_share`` and ``value_share`` (0 to 1, of the rows
        given).
    """
    sums = table.groupby("tier").agg(items=("sku", "size"), value_share=("value_share", "sum"))
    sums = sums.reindex([tier.value for tier in Tier], fill_value=0).rename_axis("tier")
    shares = {
        "item_share": sums["items"] / max(int(sums["items"].sum()), 1),
        "value_share": sums["value_share"] / (float(sums["value_share"].sum()) or 1.0),
    }
    return sums.assign(**shares).reset_index()[["tier", "items", "item_share", "value_share"]]


def matrix(table: pd.DataFrame) -> pd.DataFrame:
    """Return how many items stand in each field of ABC by XYZ, and what they earn.

    Returns
    -------
    DataFrame
        Nine rows, A before C and X before Z: ``abc``, ``xyz``, ``items``, ``value_share`` (0 to 1
        of the whole catalogue). Items of whose steadiness nothing is known are in none.
    """
    fields = pd.MultiIndex.from_product([CLASSES, STEADINESS], names=["abc", "xyz"])
    sums = table.groupby(["abc", "xyz"]).agg(
        items=("sku", "size"), value_share=("value_share", "sum")
    )
    return sums.reindex(fields, fill_value=0).reset_index()


def standing_still(table: pd.DataFrame) -> pd.DataFrame:
    """Return how the stock of each tier moves, of items whose stock is known and not empty.

    Returns
    -------
    DataFrame
        ``tier``, ``status`` (one of `STATUSES`), ``items``; what does not occur is left out, and so
        is everything where no stock is known.
    """
    stocked = table.loc[table["on_hand"] > 0]
    every = pd.MultiIndex.from_product([[tier.value for tier in Tier], STATUSES])
    sums = stocked.groupby(["tier", "status"]).size().reindex(every, fill_value=0)
    counts = sums.rename_axis(["tier", "status"]).rename("items").reset_index()
    return counts.loc[counts["items"] > 0].reset_index(drop=True)


def held(table: pd.DataFrame) -> pd.DataFrame:
    """Return the items that keep a tier which the newest review alone would change.

    Returns
    -------
    DataFrame
        Rows of ``table``; they become ``proposed``, for ``proposed_evidence``, if a second review
        agrees (`next_review`).
    """
    return table.loc[table["evidence"] == "held"].reset_index(drop=True)


def next_review(as_of: date) -> date:
    """Return the day on which what was found on ``as_of`` has stood for a second review.

    >>> next_review(date(2026, 5, 31)).isoformat()
    '2026-06-28'
    """
    return as_of + timedelta(weeks=REVIEW_WEEKS)


def found(
    table: pd.DataFrame,
    *,
    search: str = "",
    tiers: Collection[str] = (),
    statuses: Collection[str] = (),
    markets: Collection[str] = (),
) -> pd.DataFrame:
    """Return the rows in whose names every word of ``search`` stands, of the kinds wanted.

    Parameters
    ----------
    table : DataFrame
        As `table` returns it.
    search : str
        Words to be found in SKU, market, name or category, in whatever case.
    tiers, statuses, markets : collection of str
        Codes to keep; none = all of them. A status is that of stock which is known: items without
        a stock count have none.
    """
    kept = np.ones(len(table), dtype=bool)
    for column, wanted in (("tier", tiers), ("market", markets)):
        if wanted:
            kept &= table[column].isin(list(wanted)).to_numpy()
    if statuses:
        kept &= (table["status"].isin(list(statuses)) & table["on_hand"].notna()).to_numpy()
    if words := search.casefold().split():
        named = table[_SEARCHED].astype(object)
        rows = named.where(named.notna(), "").to_numpy(dtype=str)
        texts = ["\n".join(row).casefold() for row in rows]
        kept &= np.array([all(word in text for word in words) for text in texts], dtype=bool)
    return table.loc[kept].reset_index(drop=True)


def thresholds(store: Store) -> Thresholds:
    """Return where one tier ends and the next begins: as settled, else the defaults."""
    return assumptions.of(store).thresholds


def set_thresholds(store: Store, wanted: Thresholds, *, who: str = "") -> None:
    """Let tiers be told apart by ``wanted``; refusals are those of `assumptions.set_thresholds`."""
    assumptions.set_thresholds(store, wanted, who=who)


def override(
    store: Store,
    items: Sequence[tuple[str, str]],
    tier: str,
    *,
    reason: str = "",
    who: str = "",
) -> None:
    """Put ``items`` (SKU, market) into a tier, whatever their sales say.

    Raises
    ------
    UnknownFieldError
        There is no such tier.
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    if tier not in set(Tier):
        raise UnknownFieldError(name=tier)
    _say(store, items, Tier(tier).value, reason=reason, who=who)


def release(store: Store, items: Sequence[tuple[str, str]], *, who: str = "") -> None:
    """Let ``items`` follow the numbers again; a tier that a file states holds as before.

    Raises
    ------
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    _say(store, items, journal.UNSAID, reason="", who=who)


def _say(
    store: Store, items: Sequence[tuple[str, str]], tier: object, *, reason: str, who: str
) -> None:
    said = {
        journal.scope_of({"sku": sku, "market": market}): {"tier": tier} for sku, market in items
    }
    journal.merge(store, masterdata.KIND, said, reason=reason, who=who)


def said(store: Store) -> pd.DataFrame:
    """Return the tiers that people chose by hand, the oldest first.

    Returns
    -------
    DataFrame
        ``judgement_id``, ``sku``, ``market``, ``tier``, ``reason``, ``who``, ``made_at``.
    """
    told = masterdata.edits(store)
    told = told.loc[told["part"] == "tier"].rename(columns={"value": "tier"})
    reasons = _reasons(store)
    pairs = zip(told["scope"], told["made_at"], strict=True)
    spelled = [reasons.get((journal.spelled(dict(scope)), at), "") for scope, at in pairs]
    columns = ["judgement_id", *_KEYS, "tier", "reason", "who", "made_at"]
    return told.assign(reason=pd.Series(spelled, index=told.index, dtype=object))[
        columns
    ].reset_index(drop=True)


def _reasons(store: Store) -> dict[tuple[str, pd.Timestamp], str]:
    """Return why each entry was made, by its scope and time.

    A later word on another column of the item makes an entry of its own, without this reason.
    """
    every = store.all_judgements()
    every = every.loc[every["kind"] == masterdata.KIND]
    rows = zip(every["scope"], every["made_at"], every["reason"], strict=True)
    return {(scope, at): str(reason or "") for scope, at, reason in rows}
