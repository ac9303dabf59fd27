"""Who moves if a threshold moves? The tiers worked out anew on what is in memory."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from analytics.services import assumptions, planning
from analytics.services.memory import Recent
from analytics.services.planning import Basis
from analytics.services.tiered import tiers_of
from analytics.store import Store
from analytics.tiers import Thresholds

_MEMORY = 32 * 2**20
_KEYS = ["sku", "market"]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A table of moves, as an answer that is kept."""

    rows: pd.DataFrame

    @property
    def nbytes(self) -> int:
        """Return about how much memory it holds."""
        return int(self.rows.memory_usage(deep=True).sum()) + 1


_RECENT: Recent[_Kept] = Recent(_MEMORY)


def preview(store: Store, thresholds: Thresholds, as_of: date | None = None) -> pd.DataFrame:
    """Return who would move if ``thresholds`` held, before anything is saved.

    Parameters
    ----------
    store : Store
        The workspace.
    thresholds : Thresholds
        What the rules would compare with.
    as_of : date, optional
        The plan's day; none = the last day that any market's sales cover.

    Returns
    -------
    DataFrame
        One row per item whose tier or whose stock's status changes, what earns most first: ``sku``,
        ``market``, ``name``, ``tier_before``, ``tier_after``, ``status_before``, ``status_after``,
        ``reason`` (code of the evidence of the tier after, one of `analytics.tiers.EVIDENCE`), and
        the facts that it names, as in `analytics.tiers.tiers`.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover that day.

    Notes
    -----
    The past reviews are looked at with the new thresholds, too, as they are once those are saved:
    what is shown here is what the page shows afterwards.
    """
    basis = planning.basis(store, as_of)
    if thresholds == assumptions.thresholds(basis.assumed):
        return _moved(basis, basis.tiers)
    key = (store.version, basis.outlook.as_of, thresholds)
    return _RECENT.answer(key, lambda: _Kept(_moved(basis, _anew(basis, thresholds)))).rows


def _anew(basis: Basis, thresholds: Thresholds) -> pd.DataFrame:
    return tiers_of(
        basis.outlook,
        basis.positions,
        basis.rates,
        contribution=basis.economics.contribution,
        thresholds=thresholds,
    )


def _moved(basis: Basis, after: pd.DataFrame) -> pd.DataFrame:
    before = basis.tiers
    rows = (before["tier"] != after["tier"]) | (before["status"] != after["status"])
    both = after.rename(
        columns={"tier": "tier_after", "status": "status_after", "evidence": "reason"}
    )
    both = both.assign(
        name=basis.outlook.items["name"].to_numpy(),
        tier_before=before["tier"].to_numpy(),
        status_before=before["status"].to_numpy(),
    )
    first = [*_KEYS, "name", "tier_before", "tier_after", "status_before", "status_after", "reason"]
    facts = [name for name in both if name not in first]
    moved = both.loc[rows, [*first, *facts]]
    return moved.sort_values("value", ascending=False, kind="stable", ignore_index=True)
