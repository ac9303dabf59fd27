"""Each item's tier and status, from the history that a plan stands on."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import tiers
from analytics.forecasting.matrix import week_of_year
from analytics.inventory.layers import fifo_layers
from analytics.services import money, outlooks
from analytics.services.received import received

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analytics.services.planning import Outlook

Array = NDArray[np.float64]
_SURE = 28  # days from the first that a market's files cover in which a first sale says nothing


def tiers_of(
    outlook: "Outlook",
    positions: pd.DataFrame,
    rates: "Mapping[str, float]",
    *,
    contribution: Array | None = None,
    thresholds: tiers.Thresholds | None = None,
) -> pd.DataFrame:
    """Return every item's tier, its evidence and its status.

    Parameters
    ----------
    outlook : Outlook
        History and forecast.
    positions : DataFrame
        `inventory.stock_positions` of its items.
    rates : mapping of str to float
        Units of the base currency per unit of each currency.
    contribution : ndarray, shape (n_items,), optional
        What a unit earns after all fees, in the base currency; NaN = unknown. Without it, price
        less unit cost ranks the items (``margin``), else the price (``revenue``), else the units.
    thresholds : Thresholds, optional
        Where one tier ends and the next begins.

    Returns
    -------
    DataFrame
        Rows as in ``outlook.items``; columns of `analytics.tiers.tiers`, then ``on_hand``,
        ``cover_days`` (until the forecast has used it up; inf = never) and ``aged_units`` (older
        than the slow threshold; NaN = no receipt is known).
    """
    limits = thresholds or tiers.Thresholds()
    arrived = received(outlook)
    stock = _stock(outlook, positions, arrived, limits)
    found = tiers.tiers(
        outlook.items,
        _shop(outlook, arrived, _worth(outlook.items, rates, contribution)),
        outlook.as_of,
        stock=stock,
        thresholds=limits,
    )
    return found.assign(
        on_hand=stock.on_hand, cover_days=stock.cover_days, aged_units=stock.aged_units
    )


def _shop(outlook: "Outlook", arrived: pd.DataFrame, worth: dict[str, Array]) -> tiers.Shop:
    days, known = outlook.days, outlook.background
    shape = len(outlook.items), len(days.weeks)
    log_season = known.seasons.log_profile[known.seasons.pools.of_item]
    belief = outlook.forecast.items["season_strength"].to_numpy(dtype=np.float64)
    season = np.exp(log_season * np.nan_to_num(belief)[:, None])
    return tiers.Shop(
        weeks=days.weeks,
        units=outlook.panel["units"].to_numpy(dtype=np.float64).reshape(shape),
        sold=outlook.panel["sold"].to_numpy(dtype=np.float64).reshape(shape),
        first_day=_first_days(outlook, arrived),
        per_unit=worth,
        season=season[:, week_of_year(days.weeks)],
        uplift=None if known.effects is None else known.effects.history,
    )


def _first_days(outlook: "Outlook", arrived: pd.DataFrame) -> NDArray[np.datetime64]:
    """Return the day from which each item could be bought; NaT = earlier than the files tell.

    A first sale in the first weeks that a market's files cover may have had others before it.
    """
    items, today = outlook.items, pd.Timestamp(outlook.as_of)
    oldest = arrived.groupby("item")["age"].max().reindex(range(len(items)))
    received = today - pd.to_timedelta(oldest.to_numpy(), unit="D")
    starts = outlook.coverage.groupby("market")["starts_on"].min()
    sure = items["first_sale"] >= items["market"].map(starts) + pd.Timedelta(days=_SURE)
    launched = items["launched_on"].where(items["launched_on"] <= today)
    first = pd.DataFrame(
        {"launched": launched, "received": received, "sold": items["first_sale"]}
    ).min(axis=1)
    hidden = (first == items["first_sale"]) & ~sure & launched.isna()
    return first.mask(hidden).to_numpy(dtype="M8[D]")


def _worth(
    items: pd.DataFrame, rates: "Mapping[str, float]", contribution: Array | None
) -> dict[str, Array]:
    price = money.in_base(items["price"], items["price_currency"], rates)
    cost = money.in_base(items["unit_cost"], items["currency"], rates)
    worth = {
        "margin": (price - cost).to_numpy(dtype=np.float64),
        "revenue": price.to_numpy(dtype=np.float64),
    }
    return worth if contribution is None else {"contribution": contribution, **worth}


def _stock(
    outlook: "Outlook", positions: pd.DataFrame, arrived: pd.DataFrame, limits: tiers.Thresholds
) -> tiers.Stock:
    """Return stock, its cover by the forecast, and its age, first in first out."""
    on_hand = positions["on_hand"].to_numpy(dtype=np.float64)
    known = np.nan_to_num(on_hand)
    layers = fifo_layers(known, arrived["item"], arrived["age"], arrived["units"])
    told = np.bincount(arrived["item"], minlength=len(known)) > 0
    aged = layers.older_than(limits.slow_days) + layers.unknown
    every = np.arange(len(known))
    before = _sold_before(layers.item, layers.units, layers.unknown)
    late = _cover(outlook, layers.item, before) > limits.surcharge_days - layers.age
    return tiers.Stock(
        on_hand=on_hand,
        cover_days=_cover(outlook, every, known),
        aged_units=np.where(told, aged, np.nan),
        surcharge=np.bincount(layers.item, weights=late, minlength=len(known)) > 0,
    )


def _sold_before(item: NDArray[np.int64], units: Array, unknown: Array) -> Array:
    """Return the units to be sold until each layer is gone, the oldest first."""
    total = units.cumsum()
    start = np.searchsorted(item, item)
    return np.asarray(total - (total - units)[start] + unknown[item]) if len(item) else total


def _cover(outlook: "Outlook", rows: NDArray[np.int64], units: Array) -> Array:
    """Return the days in which the forecast uses up ``units`` of the items in ``rows``."""
    total = outlook.forecast.cumulative_mean[rows]
    if not total.shape[1]:
        return np.full(len(rows), np.inf)
    first = 7 - outlooks.first_weekday(outlook.days)
    ends = first + 7.0 * np.arange(-1, total.shape[1])
    ends[0] = 0.0
    known = np.concatenate([np.zeros((len(rows), 1)), total], axis=1)
    week = (total <= units[:, None]).sum(axis=1)
    last = np.minimum(week, total.shape[1] - 1)
    every = np.arange(len(rows))
    sold = known[every, last]
    rate = (known[every, last + 1] - sold) / (ends[last + 1] - ends[last])
    beyond = week == total.shape[1]
    usual = total[:, -1] / ends[-1]  # what lies beyond the forecast goes on as it did on average
    rate = np.where(beyond, usual, rate)
    start = np.where(beyond, ends[-1], ends[last])
    sold = np.where(beyond, total[:, -1], sold)
    left = np.maximum(units - sold, 0.0)
    days = start + left / np.where(rate > 0, rate, 1.0)
    return np.where(units <= 0, 0.0, np.where((rate > 0) | (left <= 0), days, np.inf))
