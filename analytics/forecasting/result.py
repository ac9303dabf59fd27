"""What a forecast is: arrays inside, one table outside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.forecasting.matrix import Array

_FIGURES = ("mean", "sd", "cumulative_mean", "cumulative_sd")


@dataclass(frozen=True, slots=True)
class ForecastResult:
    """The demand to expect of every item.

    Attributes
    ----------
    items : DataFrame
        One row per item: ``sku``, ``market``, ``group`` (the pool that taught the season:
        ``account``, ``market:<market>`` or ``category:<market>:<category>``), ``season_strength``
        (0 to 1), ``member`` (the heaviest level candidate: ``ses_10``).
    weeks : ndarray of datetime64[D], shape (n_weeks,)
        Mondays; of the first week, only the rest may be meant.
    mean, sd : ndarray, shape (n_items, n_weeks)
        Units in that week.
    cumulative_mean, cumulative_sd : ndarray, shape (n_items, n_weeks)
        Units from the origin to the end of that week; neither ever falls.
    facts : mapping
        ``engine``, ``weeks`` (of history), ``calibrated_weeks`` (beyond them the sd grows by the
        power ``growth``; 0 = nothing could be calibrated), ``growth``, ``season_source`` (``own``
        or ``none``), ``pools``. Empty on a forecast that was read back.
    """

    items: pd.DataFrame
    weeks: NDArray[np.datetime64]
    mean: Array
    sd: Array
    cumulative_mean: Array
    cumulative_sd: Array
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def weekly(self) -> pd.DataFrame:
        """Return ``sku``, ``market``, ``week``, ``mean``, ``sd``, one row per item and week."""
        return self.table[["sku", "market", "week", "mean", "sd"]]

    @property
    def cumulative(self) -> pd.DataFrame:
        """Return ``weekly`` for the demand from the origin to the end of each week."""
        columns = {"cumulative_mean": "mean", "cumulative_sd": "sd"}
        return self.table[["sku", "market", "week", *columns]].rename(columns=columns)

    @property
    def table(self) -> pd.DataFrame:
        """Return everything in one table, as the store keeps it; ``step`` counts from 1."""
        count = len(self.weeks)
        names = ("sku", "market", "group", "season_strength", "member")
        return pd.DataFrame(
            {name: np.repeat(self.items[name].to_numpy(), count) for name in names}
            | {name: getattr(self, name).ravel() for name in _FIGURES}
            | {
                "step": np.tile(np.arange(1, count + 1), len(self.items)),
                "week": np.tile(self.weeks.astype("M8[us]"), len(self.items)),
            }
        )

    @classmethod
    def from_table(cls, table: pd.DataFrame, items: pd.DataFrame) -> Self:
        """Read `table` back, with its rows in the order of ``items`` (``sku``, ``market``)."""
        count = int(table["step"].max()) if len(table) else 0
        if not np.array_equal(table["step"], np.tile(np.arange(1, count + 1), len(items))):
            table = table.sort_values(["sku", "market", "step"], kind="stable")
        first = table.iloc[::count] if count else table
        keys = pd.MultiIndex.from_frame(first[["sku", "market"]].astype(object))
        place = keys.get_indexer(pd.MultiIndex.from_frame(items[["sku", "market"]].astype(object)))
        mean, sd, cumulative_mean, cumulative_sd = (
            table[name].to_numpy(dtype=np.float64).reshape(-1, count)[place] for name in _FIGURES
        )
        names = ["sku", "market", "group", "season_strength", "member"]
        weeks = table["week"].to_numpy(dtype="M8[D]")[:count]
        chosen = first[names].iloc[place].reset_index(drop=True)
        return cls(chosen, weeks, mean, sd, cumulative_mean, cumulative_sd)
