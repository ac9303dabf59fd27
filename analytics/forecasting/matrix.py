"""The panel as arrays: items down, weeks across."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import InvalidPanelError

Array = NDArray[np.float64]
_WEEK = np.timedelta64(7, "D")


@dataclass(frozen=True, slots=True)
class Matrix:
    """Demand of every item over the same weeks.

    Attributes
    ----------
    items : DataFrame
        ``sku``, ``market``, ``group``; one row per item, in order of appearance.
    weeks : ndarray of datetime64[D], shape (n_weeks,)
        Mondays, without gaps.
    units : ndarray, shape (n_items, n_weeks)
        Demand per week; 0 where unobserved.
    weight : ndarray, shape (n_items, n_weeks)
        How much of the week was observed, 0 to 1; 0 where nothing is known.
    price, discount : ndarray, shape (n_items, n_weeks), optional
        Price per unit and discount (share, 0 to 1), NaN where not given; none = no such column.
    """

    items: pd.DataFrame
    weeks: NDArray[np.datetime64]
    units: Array
    weight: Array
    price: Array | None = None
    discount: Array | None = None

    @property
    def observed(self) -> NDArray[np.bool_]:
        """Return whether each week says anything, shape (n_items, n_weeks)."""
        return self.weight > 0

    @property
    def week_of_year(self) -> NDArray[np.int64]:
        """Return each week's place in the year, 0 to 51, shape (n_weeks,)."""
        return week_of_year(self.weeks)

    def take(self, rows: NDArray[np.int64]) -> Self:
        """Return the matrix of some items."""
        return replace(
            self,
            items=self.items.iloc[rows].reset_index(drop=True),
            units=self.units[rows],
            weight=self.weight[rows],
            price=None if self.price is None else self.price[rows],
            discount=None if self.discount is None else self.discount[rows],
        )

    def without(self, factor: Array) -> Self:
        """Return the matrix with demand divided by ``factor``, shape (n_items, n_weeks)."""
        return replace(self, units=self.units / factor)


def week_of_year(mondays: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Return the place in the year of each week, by its Thursday; the 53rd counts as the 52nd.

    >>> week_of_year(np.array(["2026-01-05", "2026-12-28"], dtype="M8[D]")).tolist()
    [1, 51]
    """
    thursday = mondays.astype("M8[D]") + np.timedelta64(3, "D")
    day = (thursday - thursday.astype("M8[Y]").astype("M8[D]")).astype(np.int64)
    return np.asarray(np.minimum(day // 7, 51))


def matrix(panel: pd.DataFrame) -> Matrix:
    """Return ``panel`` as arrays.

    Parameters
    ----------
    panel : DataFrame
        ``sku``, ``market``, ``week`` (Monday), ``units`` (NaN = unobserved); optionally ``group``,
        ``availability`` (0 to 1), ``price``, ``discount``. A week without a row is unobserved.

    Raises
    ------
    InvalidPanelError
        A column is missing, a week is no Monday or stands twice, units are negative or infinite.
    """
    for column in ("sku", "market", "week", "units"):
        if column not in panel:
            raise InvalidPanelError(column=column, reason="it is missing")
    units = panel["units"].to_numpy(dtype=np.float64)
    if np.isinf(units).any() or (units < 0).any():
        raise InvalidPanelError(column="units", reason="it holds a negative or infinite number")
    row, items = _items(panel)
    week, weeks = _weeks(panel["week"])
    cell = row * max(len(weeks), 1) + week
    if len(cell) and np.bincount(cell).max() > 1:
        raise InvalidPanelError(column="week", reason="an item has two rows for one week")
    known = ~np.isnan(units)
    share = np.ones(len(panel))
    if "availability" in panel:
        share = np.clip(panel["availability"].to_numpy(dtype=np.float64), 0.0, 1.0)
    shape = (len(items), len(weeks))
    out = np.zeros((2, *shape))
    out[0].reshape(-1)[cell[known]] = units[known]
    out[1].reshape(-1)[cell[known]] = np.where(share[known] > 0, share[known], 1.0)
    price, discount = (_optional(panel, name, cell, shape) for name in ("price", "discount"))
    return Matrix(items, weeks, out[0], out[1], price, discount)


def _optional(
    panel: pd.DataFrame, column: str, cell: NDArray[np.int64], shape: tuple[int, int]
) -> Array | None:
    """Return a column that need not be there as an array, NaN where no row gives it."""
    if column not in panel:
        return None
    out = np.full(shape, np.nan)
    out.reshape(-1)[cell] = panel[column].to_numpy(dtype=np.float64, na_value=np.nan)
    return out


def _items(panel: pd.DataFrame) -> tuple[NDArray[np.int64], pd.DataFrame]:
    sku, skus = pd.factorize(panel["sku"])
    market, markets = pd.factorize(panel["market"])
    pair, first = pd.factorize(sku.astype(np.int64) * max(len(markets), 1) + market)
    frame = pd.DataFrame(
        {
            "sku": np.asarray(skus, dtype=object)[first // max(len(markets), 1)],
            "market": np.asarray(markets, dtype=object)[first % max(len(markets), 1)],
        }
    )
    row = pair.astype(np.int64)
    group = np.full(len(frame), "", dtype=object)
    if "group" in panel:
        code, names = pd.factorize(panel["group"])
        text = np.append(np.asarray(names, dtype=object), "")  # a missing group has code -1
        group[row[::-1]] = text[code[::-1]]
    return row, frame.assign(group=group)


def _weeks(column: pd.Series) -> tuple[NDArray[np.int64], NDArray[np.datetime64]]:
    mondays = column.to_numpy(dtype="M8[D]")
    if np.isnat(mondays).any() or ((mondays.astype(np.int64) + 3) % 7 != 0).any():
        raise InvalidPanelError(column="week", reason="it holds a day that is no Monday")
    if not len(mondays):
        return np.empty(0, dtype=np.int64), mondays
    first = mondays.min()
    weeks = np.arange(first, mondays.max() + _WEEK, _WEEK)
    return ((mondays - first) // _WEEK).astype(np.int64), weeks
