"""Where stock stands, and what to move before anything is bought.

A pipeline has five stages: the supplier (ordered, not shipped), on the way, a local warehouse near
the factory, a warehouse overseas, and the marketplace's own.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
AT = ("at_marketplace", "at_overseas", "at_local")  # what sells first is first
_LATER = 14  # days after the plan's day within which a first stock list still counts
_KEYS = ["sku", "market"]


class Place(StrEnum):
    """What a warehouse is for."""

    LOCAL = "local"  # near the factory, for any market
    OVERSEAS = "overseas"  # in the market's country, not the marketplace's
    MARKETPLACE = "marketplace"  # from which the marketplace itself ships


# Words of a warehouse's name; a Latin one stands alone, or with digits behind it.
_WORDS: Mapping[Place, tuple[str, ...]] = {
    Place.MARKETPLACE: (
        "fba", "awd", "afn", "wfs", "fbs", "fbl", "fbn", "amazon", "walmart", "lazada", "shopee",
        "tiktok", "temu", "shein", "noon", "ozon", "mercado libre", "cdiscount", "coupang",
        "allegro", "亚马逊", "亞馬遜", "沃尔玛", "虾皮", "蝦皮", "来赞达", "官方仓", "平台仓",
    ),
    Place.OVERSEAS: ("overseas", "3pl", "海外", "第三方"),
    Place.LOCAL: (
        "local", "china", "cn", "domestic", "factory", "shenzhen", "guangzhou", "dongguan", "yiwu",
        "ningbo", "shanghai", "hangzhou", "xiamen", "hong kong", "国内", "國內", "本地", "工厂",
        "工廠", "中国", "中國", "深圳", "广州", "廣州", "东莞", "東莞", "义乌", "義烏", "宁波",
        "寧波", "上海", "杭州", "厦门", "廈門", "泉州", "佛山", "中山", "香港",
    ),
}  # fmt: skip
_PATTERNS = {
    place: re.compile(
        "|".join(rf"(?<![a-z0-9]){word}(?![a-z])" if word.isascii() else word for word in words)
    )
    for place, words in _WORDS.items()
}


def place_of(
    warehouse: str | None, market: str | None, *, named: Mapping[str, str] | None = None
) -> Place:
    """Return what a warehouse is for, guessed from its name and market.

    Parameters
    ----------
    warehouse : str, optional
        As the stock list calls it; none = it names no warehouse.
    market : str, optional
        Country of its buyers; none = of no market.
    named : mapping, optional
        What the seller says of a warehouse, by its name compared without case.

    Examples
    --------
    >>> place_of("FBA-ONT8", "US").value, place_of("洛杉矶海外仓", "US").value
    ('marketplace', 'overseas')
    >>> place_of("深圳仓", None).value, place_of(None, "US").value
    ('local', 'marketplace')
    """
    text = _plain(warehouse)
    for name, place in (named or {}).items():
        if _plain(name) == text and text:
            return Place(place)
    if not _is_text(market):
        return Place.LOCAL
    for kind, pattern in _PATTERNS.items():
        if pattern.search(text):
            return kind
    # A list that names no warehouse tells of what can be sold; a name that says nothing, of a
    # warehouse that the seller rents.
    return Place.OVERSEAS if text else Place.MARKETPLACE


def _plain(text: object) -> str:
    if not _is_text(text):
        return ""
    return " ".join(
        re.split(r"[\s_\-–—/]+", unicodedata.normalize("NFKC", str(text)).casefold())
    ).strip()


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def stock_by_place(
    items: pd.DataFrame,
    places: pd.DataFrame,
    counted: pd.Series,
    *,
    named: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return what of each item stood where at its latest count.

    Parameters
    ----------
    items : DataFrame
        ``sku``, ``market``.
    places : DataFrame
        Counts of each warehouse: ``sku``, ``market`` (missing = central), ``warehouse`` (missing =
        unnamed), ``date`` (NaT = the plan's day), ``until`` (first day on which the count no longer
        holds; NaT = it holds), ``on_hand``, ``reserved``.
    counted : Series of datetime64, shape (n_items,)
        Day of the stock list that counts for each item; NaT = none.
    named : mapping, optional
        See `place_of`.

    Returns
    -------
    DataFrame
        One row per item: ``at_marketplace``, ``at_overseas``, ``at_local`` (units of its market).
    """
    keyed = items[_KEYS].assign(item=np.arange(len(items)), counted=counted.to_numpy())
    held = places.loc[places["on_hand"].notna()].merge(keyed, on=_KEYS, how="inner")
    undated = held["date"].isna()
    only = undated.groupby(held["item"]).transform("any")
    holds = (held["date"] <= held["counted"]) & ~(held["until"] <= held["counted"])
    held = held.loc[(undated | (holds & ~only)) & held["counted"].notna()]
    roles = {
        pair: place_of(pair[0], pair[1], named=named)
        for pair in set(zip(held["warehouse"], held["market"], strict=True))
    }
    role = [roles[pair] for pair in zip(held["warehouse"], held["market"], strict=True)]
    units = held["on_hand"].to_numpy(dtype=np.float64)
    item = held["item"].to_numpy(dtype=np.int64)
    out = {}
    for name in AT:
        here = np.array([f"at_{place.value}" == name for place in role], dtype=bool)
        out[name] = np.bincount(item[here], weights=units[here], minlength=len(items))
    return pd.DataFrame(out).astype(np.float64)


def central_stock(items: pd.DataFrame, places: pd.DataFrame, as_of: date) -> pd.Series:
    """Return the units of each SKU in stores of no market, less what is reserved there.

    Parameters
    ----------
    items : DataFrame
        ``sku``.
    places : DataFrame
        See `stock_by_place`; the counts that hold on the day, else the first within 14 days after.
    as_of : date
        The plan's day.

    Returns
    -------
    Series of float64, shape (n_items,)
        By row of ``items``; each row of a SKU names the same units.
    """
    today = pd.Timestamp(as_of)
    stock = places.loc[places["market"].isna() & places["on_hand"].notna()]
    day = stock["date"].fillna(today)
    holds = (day <= today) & ~(stock["until"] <= today)
    soon = (day > today) & (day <= today + pd.Timedelta(days=_LATER))
    first = soon & ~holds.groupby(stock["sku"]).transform("any")
    first &= day == day.where(first).groupby(stock["sku"]).transform("min")
    undated = stock["date"].isna()
    chosen = stock.loc[
        undated | ((holds | first) & ~undated.groupby(stock["sku"]).transform("any"))
    ]
    free = (chosen["on_hand"] - chosen["reserved"].fillna(0.0)).clip(lower=0.0)
    return items["sku"].map(free.groupby(chosen["sku"]).sum()).fillna(0.0).astype(np.float64)


def transfers(
    items: pd.DataFrame,
    stock: pd.DataFrame,
    central: ArrayLike,
    *,
    cumulative_demand: Array,
    needed: ArrayLike,
    stockout_day: ArrayLike,
    carton: ArrayLike,
    transfer_days: ArrayLike,
    review_days: ArrayLike,
    cover_days: int = 30,
) -> pd.DataFrame:
    """Return what to move from one place to another before anything is bought.

    Parameters
    ----------
    items : DataFrame
        ``sku``, ``market``.
    stock : DataFrame
        `stock_positions` with places: ``at_marketplace``, ``at_overseas``.
    central : array_like, shape (n_items,)
        Units of the SKU in the local store, see `central_stock`.
    cumulative_demand : ndarray, shape (n_items, n_days)
        Expected demand up to the end of day 1, 2, ...
    needed : array_like, shape (n_items,)
        Units that an order of today would be for; NaN counts as none.
    stockout_day : array_like, shape (n_items,)
        Day on which the item runs out; NaN = none.
    carton : array_like, shape (n_items,)
        Units per carton; NaN = 1.
    transfer_days, review_days : array_like, shape (n_items,) or scalar
        From the overseas warehouse to the marketplace's; from one look to the next.
    cover_days : int
        Days beyond those that a move to the marketplace covers.

    Returns
    -------
    DataFrame
        One row per move, most urgent first: ``item`` (row), ``sku``, ``market``, ``source``,
        ``target`` (`Place`), ``units``, ``runs_out`` (day without it; NaN = none).
    """
    box = np.maximum(np.nan_to_num(np.asarray(carton, dtype=np.float64), nan=1.0), 1.0)
    runs_out = np.asarray(stockout_day, dtype=np.float64)
    near = _to_marketplace(
        stock, cumulative_demand, box, _spread(transfer_days, items) + _spread(review_days, items),
        cover=cover_days,
    )  # fmt: skip
    far = _from_central(items, np.asarray(central, dtype=np.float64), needed, runs_out, box)
    alone = _first_above(cumulative_demand, stock["at_marketplace"].to_numpy(dtype=np.float64))
    frames = [
        _moves(items, far, Place.LOCAL, Place.MARKETPLACE, runs_out),
        _moves(items, near, Place.OVERSEAS, Place.MARKETPLACE, alone),
    ]
    every = pd.concat(frames, ignore_index=True)
    return every.sort_values(["runs_out", "item"], kind="stable", ignore_index=True)


def _spread(days: ArrayLike, items: pd.DataFrame) -> NDArray[np.int64]:
    return np.broadcast_to(np.asarray(days, dtype=np.int64), (len(items),))


def _moves(
    items: pd.DataFrame, units: Array, source: Place, target: Place, runs_out: Array
) -> pd.DataFrame:
    rows = np.flatnonzero(units > 0)
    frame = items.iloc[rows][_KEYS].reset_index(drop=True)
    frame.insert(0, "item", rows)
    return frame.assign(
        source=source.value, target=target.value, units=units[rows], runs_out=runs_out[rows]
    )


def _from_central(
    items: pd.DataFrame, central: Array, needed: ArrayLike, runs_out: Array, box: Array
) -> Array:
    """Return what each market gets of its SKU's central stock, the first to run out first."""
    wanted = np.maximum(np.nan_to_num(np.asarray(needed, dtype=np.float64)), 0.0)
    wanted = np.where(central > 0, np.ceil(wanted / box - 1e-6) * box, 0.0)
    frame = pd.DataFrame(
        {"sku": items["sku"].to_numpy(), "day": runs_out, "wanted": wanted}
    ).sort_values(["sku", "day"], kind="stable", na_position="last")
    before = frame.groupby("sku", sort=False)["wanted"].cumsum() - frame["wanted"]
    got = np.zeros(len(items))
    got[frame.index] = np.clip(central[frame.index] - before, 0.0, frame["wanted"])
    return np.asarray(np.floor(got / box + 1e-6) * box)


def _to_marketplace(
    stock: pd.DataFrame,
    cumulative_demand: Array,
    box: Array,
    soon: NDArray[np.int64],
    *,
    cover: int,
) -> Array:
    """Return what the marketplace needs of the stock overseas, if it runs out before a later move.

    A carton that is not whole goes too, if it is all that is left.
    """
    here = stock["at_marketplace"].to_numpy(dtype=np.float64)
    there = np.nan_to_num(stock["at_overseas"].to_numpy(dtype=np.float64))
    last = cumulative_demand.shape[1] - 1
    row = np.arange(len(stock))
    first = cumulative_demand[row, np.clip(soon - 1, 0, last)]
    until = cumulative_demand[row, np.clip(soon + cover - 1, 0, last)]
    wanted = np.where(first > here, np.ceil((until - here) / box - 1e-6) * box, 0.0)
    return np.asarray(np.minimum(np.nan_to_num(wanted), there))


def _first_above(cumulative_demand: Array, units: Array) -> Array:
    """Return the first day on which demand exceeds some units; NaN = on none."""
    days = (cumulative_demand <= units[:, None]).sum(axis=1) + 1.0
    known = ~np.isnan(units) & (days <= cumulative_demand.shape[1])
    return np.where(known, days, np.nan)
