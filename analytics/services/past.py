"""What a past year was like, and how everything was bought: what a replay is made of."""

from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.policy import Measure

Array = NDArray[np.float64]
Codes = NDArray[np.object_]
Flags = NDArray[np.bool_]
_BY_ITEM = ("demand", "in_stock", "market", "start", "minimum", "carton", "unit_cost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How every item is bought; shape (n_items,) each.

    Attributes
    ----------
    method, measure : ndarray of str
        Codes of `analytics.policy.Method` and `Measure`.
    service_level : ndarray
        0 to 1.
    by_profit : ndarray of bool
        The promise is the critical ratio of ``holding_cost`` and ``stockout_cost`` instead, where
        they are known.
    holding_cost, stockout_cost : ndarray
        Money per unit and year, and per unit short; NaN = not known.
    season_ratio : ndarray
        Share of seasons in which a single order should suffice, 0 to 1; NaN = as promised.
    review_days, cover_days : ndarray of int
        Days.
    order, trigger : ndarray of str
        Codes of `Order` and `Trigger`.
    cap_weeks : ndarray
        Weeks of demand beyond lead time and review that no order lifts the position above; NaN =
        no cap.
    """

    method: Codes
    measure: Codes
    service_level: Array
    by_profit: Flags
    holding_cost: Array
    stockout_cost: Array
    season_ratio: Array
    review_days: NDArray[np.int64]
    cover_days: NDArray[np.int64]
    order: Codes
    trigger: Codes
    cap_weeks: Array

    @property
    def follows_profit(self) -> Flags:
        """Return whether the promise is a critical ratio: a cycle service, then."""
        return self.by_profit & np.isfinite(self.holding_cost) & np.isfinite(self.stockout_cost)

    @property
    def promised_measure(self) -> Codes:
        """Return what the promise is a share of, as codes of `analytics.policy.Measure`."""
        by_profit = self.follows_profit
        return np.where(by_profit, Measure.CYCLE.value, self.measure).astype(object)

    def of(self, rows: NDArray[np.int64]) -> "Terms":
        """Return the terms of some items."""
        return Terms(**{part.name: getattr(self, part.name)[rows] for part in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the lead times were like, as a rule believes them or as they came.

    Attributes
    ----------
    probabilities : ndarray, shape (n_laws, n_lengths)
        Of 1, 2, ... days.
    row : ndarray of int, shape (n_items,)
        Each item's law.
    longest : ndarray, shape (n_items,)
        Longest lead time, in days, for the max-average rule.
    """

    probabilities: Array
    row: NDArray[np.int64]
    longest: Array

    def of(self, rows: NDArray[np.int64]) -> "World":
        """Return the lead times of some items."""
        return replace(self, row=self.row[rows], longest=self.longest[rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What happened, by item; the last week has ended.

    Attributes
    ----------
    panel : DataFrame
        Demand by week, as `forecasting.forecast` takes it.
    events : DataFrame or None
        Known events.
    keys : tuple of str
        ``SKU · market``, which name the luck of each item's orders.
    demand : ndarray, shape (n_items, n_days)
        Whole units, corrected for days without stock; day 0 is the panel's first Monday.
    in_stock : ndarray of bool, shape (n_items, n_days)
        Whether the day was observed and in stock.
    shares, market : ndarray
        Share of a week's demand by weekday, shape (n_markets, 7), and each item's row.
    start : ndarray of int, shape (n_items,)
        Day of the first sale.
    minimum, carton, unit_cost : ndarray, shape (n_items,)
        Units and money; 0 where not known.
    """

    panel: pd.DataFrame
    events: pd.DataFrame | None
    keys: tuple[str, ...]
    demand: Array
    in_stock: Flags
    shares: Array
    market: NDArray[np.int64]
    start: NDArray[np.int64]
    minimum: Array
    carton: Array
    unit_cost: Array

    @property
    def n_weeks(self) -> int:
        """Return the weeks of the history."""
        return int(self.demand.shape[1]) // 7

    def of(self, rows: NDArray[np.int64]) -> "Past":
        """Return what happened to some items, to be simulated and no more: without a panel."""
        return replace(
            self,
            panel=self.panel.iloc[:0],
            events=None,
            keys=tuple(self.keys[row] for row in rows.tolist()),
            **{name: getattr(self, name)[rows] for name in _BY_ITEM},
        )


@dataclass(frozen=True, slots=True)
class Expected:
    """Demand to expect from a day on.

    Attributes
    ----------
    mean, sd : ndarray, shape (n_items, n_days)
        Of the units up to the end of day 1, 2, ...
    daily_sd : ndarray, shape (n_items,)
        Of the units of one day.
    """

    mean: Array
    sd: Array
    daily_sd: Array

    def of(self, rows: NDArray[np.int64]) -> "Expected":
        """Return what was expected of some items."""
        return Expected(self.mean[rows], self.sd[rows], self.daily_sd[rows])
