"""Judgements noted and followed by the forecast that they change."""

from collections.abc import Sequence

import pandas as pd

from analytics.progress import Progress, silent
from analytics.services import judgements, planning, workspaces
from analytics.services.judgements import Item, Launch, Override
from analytics.store import SheetAccount, Store


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
    """Note what built-in events do (%), None = nothing; refusals are those of `override`."""
    for (code, market), uplift in edits.items():
        judgements.event(store, code, market, uplift, who=who)
    return _followed(store, progress)


def withdraw(
    store: Store, numbers: Sequence[int], *, who: str = "", progress: Progress = silent
) -> list[SheetAccount]:
    """Let judgements stand no longer.

    Raises
    ------
    UnknownJudgementError
        One of them does not stand.
    """
    for number in numbers:
        judgements.withdraw(store, number, who=who)
    return _followed(store, progress)


def _before(
    store: Store, items: Sequence[Item], said: Override, progress: Progress
) -> pd.DataFrame:
    """Return the forecast by the numbers alone over the days that an override speaks of."""
    numbers = planning.outlook(store, progress=progress).numbers
    wanted = pd.MultiIndex.from_tuples([*items], names=["sku", "market"])
    rows = numbers.items.loc[
        pd.MultiIndex.from_frame(numbers.items[["sku", "market"]]).isin(wanted)
    ]
    frame = pd.DataFrame(
        {
            "sku": rows["sku"].repeat(len(numbers.weeks)).to_numpy(),
            "market": rows["market"].repeat(len(numbers.weeks)).to_numpy(),
            "week": list(numbers.weeks.astype("M8[us]")) * len(rows),
            "mean": numbers.mean[rows.index.to_numpy()].ravel(),
        }
    )
    last = frame["week"] + pd.Timedelta(days=6)
    touched = (frame["week"] <= pd.Timestamp(said.ends_on)) & (last >= pd.Timestamp(said.starts_on))
    return frame.loc[touched]


def _followed(store: Store, progress: Progress) -> list[SheetAccount]:
    workspaces.follow(store, progress)
    return []
