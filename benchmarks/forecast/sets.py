"""The sets that forecasts are measured on: items down, weeks across."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
WEEK = np.timedelta64(7, "D")


@dataclass(frozen=True, slots=True)
class Panel:
    """One set.

    Attributes
    ----------
    name : str
        ``oj``, ``jewellery``, ``uci`` or a synthetic family.
    items : DataFrame
        ``sku``, ``market``, ``group``; one row per item.
    weeks : ndarray of datetime64[D], shape (n_weeks,)
        Mondays.
    units : ndarray, shape (n_items, n_weeks)
        Units per week; NaN = unobserved.
    histories : tuple of int
        Weeks of history that the set can carry.
    most : int
        Series that are judged at one origin: the peers' fits are what takes the time.
    """

    name: str
    items: pd.DataFrame
    weeks: NDArray[np.datetime64]
    units: Array
    histories: tuple[int, ...]
    most: int = 300

    def rows(self, keep: NDArray[np.intp]) -> "Panel":
        """Return the set with some of its items."""
        items = self.items.iloc[keep].reset_index(drop=True)
        return replace(self, items=items, units=self.units[keep])


def of_table(name: str, table: pd.DataFrame, histories: tuple[int, ...]) -> Panel:
    """Return ``table`` (``sku``, ``market``, ``group``, ``week``, ``units``) as a set."""
    wide = table.pivot_table(
        index=["sku", "market", "group"], columns="week", values="units", aggfunc="sum"
    )
    weeks = np.arange(wide.columns.min(), wide.columns.max() + WEEK, WEEK).astype("M8[D]")
    wide = wide.reindex(columns=weeks.astype("M8[us]"))
    return Panel(name, wide.index.to_frame(index=False), weeks, wide.to_numpy(float), histories)


def orange_juice(folder: Path) -> Panel:
    """Return Dominick's orange juice: 11 brands in 83 stores; missing weeks are unobserved."""
    table = pd.read_parquet(folder / "oj_weekly.parquet")
    table = table.assign(
        week=table["date"] - pd.Timedelta(days=3),  # its weeks begin on Thursday
        sku=table["sku"].map("brand {:02d}".format),
        market=table["market"].map("store {:03d}".format),
        group="",
        units=table["qty"].round(),
    )
    return of_table("oj", table, (13, 26, 52, 78, 104))


def jewellery(folder: Path) -> Panel:
    """Return 314 jewellery items of one retailer over two Christmases."""
    table = pd.read_parquet(folder / "jewelry_weekly.parquet").assign(market="US", group="")
    return of_table("jewellery", table, (13, 26, 52, 78))


def online_retail(folder: Path) -> Panel:
    """Return UCI Online Retail II outside the UK: items that sold in 26 or more weeks.

    Lines that were cancelled, and codes that are no products, are left out. A week before an item's
    first sale in its market is unobserved, one after it without a sale is a zero; so is the first
    and the last week of the files, which are no whole ones.
    """
    sheets = pd.read_excel(
        folder / "online_retail_II_nonuk.xlsx", sheet_name=None, dtype={"StockCode": str}
    )
    lines = pd.concat(sheets.values()).drop_duplicates()
    lines["sku"] = lines["StockCode"].str.replace(r"\.0$", "", regex=True).str.upper()
    lines = lines[lines["sku"].str.match(r"^\d{5}") & (lines["Quantity"] > 0)]
    lines = lines[~lines["Invoice"].astype(str).str.startswith("C")]
    day = lines["InvoiceDate"].dt.normalize()
    lines["week"] = day - pd.to_timedelta(day.dt.day_of_week, unit="D")
    lines = lines.assign(units=lines["Quantity"].astype(float), market=lines["Country"], group="")
    found = of_table("uci", lines, (13, 26, 52))
    seen = (found.units > 0).sum(axis=1) >= 26
    filled = since_first_sale(found.units)
    inner = slice(1, -1)
    whole = replace(found, weeks=found.weeks[inner], units=filled[:, inner])
    return whole.rows(np.flatnonzero(seen))


def since_first_sale(units: Array) -> Array:
    """Return ``units`` with zeros where nothing sold after the first sale, NaN before it."""
    sold = np.nan_to_num(units)
    begun = (sold > 0).cumsum(axis=1) > 0
    return np.where(begun, sold, np.nan)


REAL: dict[str, Callable[[Path], Panel]] = {
    "oj": orange_juice,
    "jewellery": jewellery,
    "uci": online_retail,
}
