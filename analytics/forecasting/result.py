"""What a forecast is: arrays inside, tables outside."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import distributions
from analytics.forecasting.matrix import Array

QUANTILES = (0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95, 0.975, 0.99)
UPLIFTS = ("code", "market", "group", "uplift", "low", "high", "weeks", "items", "source")


@dataclass(frozen=True, slots=True)
class ForecastResult:
    """The demand to expect of every item.

    Attributes
    ----------
    items : DataFrame
        One row per item: ``sku``, ``market``, ``group`` (the pool that taught the season:
        ``account``, ``market:<market>``, ``category:<market>:<category>``, where ``*`` is every
        market), ``season_strength`` (weight of the members that believe a season, 0 to 1),
        ``member`` (the heaviest: ``ses_10_group``).
    weeks : ndarray of datetime64[D], shape (n_weeks,)
        Mondays; of the first week, only the rest may be meant.
    mean, sd : ndarray, shape (n_items, n_weeks)
        Units in that week.
    cumulative_mean, cumulative_sd : ndarray, shape (n_items, n_weeks)
        Units from the origin to the end of that week; neither ever falls.
    facts : mapping
        ``engine``, ``weeks`` (of history), ``calibrated_weeks`` (beyond them the sd grows by the
        power ``growth``; 0 = nothing could be calibrated), ``growth``, ``season_source`` (``own``
        or ``none``), ``pools``, ``members`` (names of the columns of ``weights``). Empty on a
        forecast that was read back.
    weights : ndarray, shape (n_items, n_members)
        How much each member counts; rows add up to 1. Empty on a forecast that was read back.
    uplifts : DataFrame
        What events did and will do: ``code``, ``market``, ``group``, ``uplift`` (share), ``low``,
        ``high``, ``weeks``, ``items``, ``source``.
    probabilities : tuple of float
        Of the quantiles in ``weekly`` and ``cumulative``.
    """

    items: pd.DataFrame
    weeks: NDArray[np.datetime64]
    mean: Array
    sd: Array
    cumulative_mean: Array
    cumulative_sd: Array
    facts: Mapping[str, object] = field(default_factory=dict)
    weights: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    uplifts: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(UPLIFTS)))
    probabilities: tuple[float, ...] = QUANTILES

    @property
    def weekly(self) -> pd.DataFrame:
        """Return ``sku``, ``market``, ``week``, ``mean``, ``q05`` ..., a row per item and week."""
        return self._fan(self.mean, self.sd)

    @property
    def cumulative(self) -> pd.DataFrame:
        """Return ``weekly`` for the demand from the origin to the end of each week."""
        return self._fan(self.cumulative_mean, self.cumulative_sd, rises=True)

    @property
    def members(self) -> pd.DataFrame:
        """Return ``sku``, ``market`` and each member's weight, one row per item."""
        names = [str(name) for name in self.facts.get("members", ())]  # type: ignore[attr-defined]
        return self.items[["sku", "market"]].assign(
            **dict(zip(names, self.weights.T, strict=False))
        )

    def _fan(self, mean: Array, sd: Array, *, rises: bool = False) -> pd.DataFrame:
        count = len(self.weeks)
        bands = distributions.quantiles(mean, sd, self.probabilities)
        bands = np.maximum.accumulate(bands, axis=-1)
        if rises:  # whole units jump; what has sold by a later week is no less
            bands = np.maximum.accumulate(bands, axis=1)
        bands = bands.reshape(-1, len(self.probabilities))
        return pd.DataFrame(
            {name: np.repeat(self.items[name].to_numpy(), count) for name in ("sku", "market")}
            | {"week": np.tile(self.weeks.astype("M8[us]"), len(self.items)), "mean": mean.ravel()}
            | {quantile_name(p): bands[:, k] for k, p in enumerate(self.probabilities)}
        )


def quantile_name(probability: float) -> str:
    """Return the column of a quantile.

    >>> [quantile_name(p) for p in (0.05, 0.5, 0.975)]
    ['q05', 'q50', 'q975']
    """
    return "q" + f"{probability:.4f}"[2:].rstrip("0").ljust(2, "0")
