"""Mature items: their levels without season, and which of them a new item is like."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.forecasting.matrix import Array, matrix, week_of_year

WEEKS_OF_YEAR = 52
RECENT = 26  # weeks that a level is of
MATURE = 13  # observed weeks of them that make it one
_FLOOR = 0.05  # least season factor that is divided by
_DISPERSION = 1.5  # where nothing tells
_CV = 1.0


@dataclass(frozen=True, slots=True)
class Levels:
    """Mature items of an account.

    Attributes
    ----------
    items : DataFrame
        ``sku``, ``market``, ``group``, ``level`` (units/week without season, over the last 26
        weeks), ``dispersion`` (variance of a week over its mean), ``weeks`` (observed of them).
    """

    items: pd.DataFrame

    def like(self, sku: str, market: str) -> tuple[float, float] | None:
        """Return level and dispersion of ``sku``: in ``market``, else its mean elsewhere."""
        mine = self.items[self.items["sku"] == sku]
        here = mine[mine["market"] == market]
        chosen = mine if here.empty else here
        if chosen.empty:
            return None
        return float(chosen["level"].mean()), float(chosen["dispersion"].mean())

    def pool(self, group: str, market: str, *, least: int) -> tuple[pd.DataFrame, str]:
        """Return the items to borrow from, and which they are: the nearest pool that is enough."""
        here = self.items[self.items["market"] == market]
        same = here[(here["group"] == group) & (group != "")]
        for pool, source in ((same, "category"), (here, "market"), (self.items, "account")):
            if len(pool) >= least:
                return pool, source
        return self.items, "account" if len(self.items) else "nothing"

    def spread(self, pool: pd.DataFrame) -> tuple[float, float]:
        """Return mean and coefficient of variation of a pool's levels."""
        if pool.empty or pool["level"].mean() <= 0:
            return 0.0, _CV
        mean = float(pool["level"].mean())
        return mean, float(pool["level"].std(ddof=1)) / mean if len(pool) > 1 else _CV

    def dispersion(self, pool: pd.DataFrame) -> float:
        """Return a pool's usual dispersion."""
        return float(pool["dispersion"].median()) if len(pool) else _DISPERSION


def factors_of(items: pd.DataFrame, season: pd.DataFrame | None) -> Array:
    """Return each item's season, shape (n_items, 52): its category's, market's, account's, or 1.

    Parameters
    ----------
    items : DataFrame
        ``market``, ``group``.
    season : DataFrame, optional
        ``market``, ``group``, ``week_of_year`` (1 to 52), ``factor``; see `newcomers.launches`.
    """
    out = np.ones((len(items), WEEKS_OF_YEAR))
    if season is None or season.empty:
        return out
    wide = season.pivot_table(index=["market", "group"], columns="week_of_year", values="factor")
    wide = wide.reindex(columns=range(1, WEEKS_OF_YEAR + 1)).fillna(1.0)
    profiles = dict(zip(wide.index, wide.to_numpy(dtype=np.float64), strict=True))
    for row, (market, group) in enumerate(items[["market", "group"]].itertuples(index=False)):
        for key in ((market, group), (market, ""), ("", "")):
            if key in profiles:
                out[row] = profiles[key]
                break
    return out


def levels(panel: pd.DataFrame, season: pd.DataFrame | None = None) -> Levels:
    """Return the level of every item that was observed in 13 of the last 26 weeks.

    Parameters
    ----------
    panel, season : DataFrame
        See `newcomers.launches`.

    Notes
    -----
    Level ``Σ units / Σ season``: the Poisson estimate. Dispersion is Pearson's
    ``Σ (y - m)² / m / (n - 1)``.
    """
    data = matrix(panel)
    recent = slice(max(len(data.weeks) - RECENT, 0), None)
    seen, units = data.observed[:, recent], data.units[:, recent]
    factor = np.maximum(factors_of(data.items, season), _FLOOR)
    factor = factor[:, week_of_year(data.weeks[recent])]
    count = seen.sum(axis=1)
    level = (units * seen).sum(axis=1) / np.maximum((factor * seen).sum(axis=1), 1e-9)
    expected = np.maximum(level[:, None] * factor, 1e-9)
    chi = np.where(seen, (units - expected) ** 2 / expected, 0.0).sum(axis=1)
    spread = np.where(level > 0, chi / np.maximum(count - 1, 1), _DISPERSION)
    frame = data.items.assign(level=level, dispersion=spread, weeks=count)
    return Levels(frame[count >= MATURE].reset_index(drop=True))


def like_items(
    products: pd.DataFrame,
    known: Levels,
    *,
    sku: str,
    market: str,
    limit: int = 10,
) -> pd.DataFrame:
    """Return mature items that a new one may borrow its level from, the likeliest first.

    Parameters
    ----------
    products : DataFrame
        ``sku``; optionally ``market`` ('' = every), ``category``, ``price``, ``predecessor``.
    known : Levels
        See `levels`.
    sku, market : str
        The new item.
    limit : int
        Most rows.

    Returns
    -------
    DataFrame
        ``sku``, ``market``, ``reason`` (``predecessor``, ``category``, ``price``, ``market``),
        ``price_ratio`` (its price over the new one's; NaN = unknown), ``level`` (units/week),
        ``weeks``. Predecessor first, then the same category here, the same category elsewhere, the
        same market; within each, the nearest price (by its logarithm), then the best known.
    """
    own = _attributes(products, pd.DataFrame({"sku": [sku], "market": [market]})).iloc[0]
    items = known.items[known.items["sku"] != sku]
    theirs = _attributes(products, items)
    category = theirs["category"].to_numpy(dtype=object)
    ratio = theirs["price"].to_numpy(dtype=np.float64) / own["price"]
    same = (category == own["category"]) & (category != "")
    here = (items["market"] == market).to_numpy()
    before = (items["sku"] == own["predecessor"]).to_numpy() & (own["predecessor"] != "")
    rank = np.select([before & here, before, same & here, same, here], [0, 1, 2, 3, 4], 5)
    reason = np.select(
        [before, same, here & ~np.isnan(ratio), here],
        ["predecessor", "category", "price", "market"],
        "",
    )
    distance = np.nan_to_num(np.abs(np.log(ratio)), nan=np.inf)
    frame = items[["sku", "market"]].assign(
        reason=reason, price_ratio=ratio, level=items["level"], weeks=items["weeks"]
    )
    order = np.lexsort((-items["weeks"].to_numpy(), distance, rank))
    chosen = order[rank[order] < 5][:limit]
    return frame.iloc[chosen].reset_index(drop=True)


def _attributes(products: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Return category, price and predecessor of items: as listed for the market, else anywhere."""
    listed = products[["sku"]].assign(
        market=_text(products, "market"),
        category=_text(products, "category"),
        predecessor=_text(products, "predecessor"),
        price=products.get("price", np.nan),
    )
    listed["price"] = pd.to_numeric(listed["price"]).where(lambda price: price > 0)
    columns = ["category", "predecessor", "price"]
    here = listed.drop_duplicates(["sku", "market"]).set_index(["sku", "market"])[columns]
    anywhere = listed.sort_values("market", kind="stable").drop_duplicates("sku")
    anywhere = anywhere.set_index("sku")[columns]
    found = here.reindex(pd.MultiIndex.from_frame(items[["sku", "market"]])).reset_index(drop=True)
    other = anywhere.reindex(items["sku"]).reset_index(drop=True)
    found = found.where(found.notna() & (found != ""), other)
    return found.fillna({"category": "", "predecessor": ""})


def _text(products: pd.DataFrame, name: str) -> pd.Series:
    if name not in products:
        return pd.Series("", index=products.index, dtype=object)
    return products[name].astype(object).fillna("")
