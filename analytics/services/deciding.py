"""Judgements noted and followed by the forecast that they change."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.progress import Progress, silent
from analytics.services import judgements, outlooks, planning, workspaces
from analytics.services.judgements import Item, Launch, Override
from analytics.store import SheetAccount, Store

_SIX_DAYS = np.timedelta64(6, "D")


def override(
    store: Store,
    items: Sequence[Item],
    said: Override,
    *,
    who: str = "",
    progress: Progress = silent,
) -> list[SheetAccount]:
    """Note an override of each of ``items``, with the forecast that it is scored against later.

    Raises
    ------
    NoDataError
        No sales have been imported.
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    before = _before(store, items, said, progress)
    judgements.override(store, items, said, before=before, who=who)
    return _followed(store, progress)


def pin(
    store: Store,
    sku: str,
    market: str,
    member: str,
    *,
    who: str = "",
    progress: Progress = silent,
) -> list[SheetAccount]:
    """Let an item be forecast by one method; refusals are those of `override`."""
    judgements.pin(store, sku, market, member, who=who)
    return _followed(store, progress)


def launch(
    store: Store,
    sku: str,
    market: str,
    said: Launch,
    *,
    who: str = "",
    progress: Progress = silent,
) -> list[SheetAccount]:
    """Borrow the level of a new item; refusals are those of `override`."""
    judgements.launch(store, sku, market, said, who=who)
    return _followed(store, progress)


def events(
    store: Store,
    edits: dict[tuple[str, str], float | None],
    *,
    who: str = "",
    progress: Progress = silent,
) -> list[SheetAccount]:
    """Note what built-in events do (%), None = nothing: all of it, or none.

    Raises
    ------
    OutOfBoundsError
        One of the uplifts lies outside `judgements.UPLIFTS`.
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    judgements.events(store, edits, who=who)
    return _followed(store, progress)


def withdraw(
    store: Store, numbers: Sequence[int], *, who: str = "", progress: Progress = silent
) -> list[SheetAccount]:
    """Let judgements stand no longer: all of them, or none.

    Raises
    ------
    UnknownJudgementError
        One of them does not stand.
    """
    store.withdraw_many([*dict.fromkeys(map(int, numbers))], who=who)
    return _followed(store, progress)


def _before(
    store: Store, items: Sequence[Item], said: Override, progress: Progress
) -> pd.DataFrame:
    """Return the forecast by the numbers alone of the whole weeks that an override speaks of.

    Of a week that has begun only the rest is forecast, while all of it will have been sold: it is
    left out, or taken for a whole one at the pace of its rest where the override ends with it.
    """
    seen = planning.outlook(store, progress=progress)
    numbers, weeks = seen.numbers, seen.numbers.weeks.astype("M8[D]")
    touched = (weeks <= np.datetime64(said.ends_on)) & (
        weeks + _SIX_DAYS >= np.datetime64(said.starts_on)
    )
    is_begun = weeks <= np.datetime64(seen.as_of)
    touched = touched & ~is_begun if (touched & ~is_begun).any() else touched
    place = pd.MultiIndex.from_frame(numbers.items[["sku", "market"]])
    rows = np.flatnonzero(place.isin([*items]))
    _, shares = outlooks.first_week(seen.days)
    left = numbers.items["market"].iloc[rows].map(shares).to_numpy(dtype=np.float64)
    whole = np.where(is_begun, np.where(left > 0, left, 1.0)[:, None], 1.0)
    found, column = rows.repeat(touched.sum()), np.tile(np.flatnonzero(touched), len(rows))
    return pd.DataFrame(
        {
            "sku": numbers.items["sku"].to_numpy(dtype=object)[found],
            "market": numbers.items["market"].to_numpy(dtype=object)[found],
            "week": weeks[column].astype("M8[us]"),
            "mean": (numbers.mean[rows] / whole)[:, touched].ravel(),
        }
    )


def _followed(store: Store, progress: Progress) -> list[SheetAccount]:
    workspaces.follow(store, progress)
    return []
