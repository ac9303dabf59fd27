"""What is settled on the Settings page, followed by the numbers that stand on it."""

from collections.abc import Callable
from typing import Concatenate

from analytics.progress import Progress, silent
from analytics.services import workspaces
from analytics.store import SheetAccount, Store


def apply(
    store: Store,
    work: Callable[Concatenate[Store, ...], object],
    *arguments: object,
    who: str = "",
    progress: Progress = silent,
) -> list[SheetAccount]:
    """Do ``work(store, *arguments, who=who)``, and make anew what depends on it.

    Refusals are those of ``work``.
    """
    work(store, *arguments, who=who)
    workspaces.follow(store, progress)
    return []
