"""How far off would it have been? The forecast judged on the seller's own past."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.forecasting import backtest
from analytics.forecasting.backtest import OURS, Backtest
from analytics.progress import Progress, silent
from analytics.services import money, outlooks, planning
from analytics.services.memory import Recent
from analytics.store import Store

_MEMORY = 256 * 2**20
_SHOWN = {"off": "wape_total", "bias": "bias", "weekly": "wape_weekly"}


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What forecasts made in the past were worth.

    Attributes
    ----------
    methods : DataFrame
        One row per method, the nearest first: ``method``, ``off`` (how far off the totals over the
        horizon were, item by item, as a share of demand), ``bias`` (negative = too low),
        ``weekly`` (off week by week), ``items`` (judged).
    items : DataFrame
        Of ours, one row per item, what costs most first: ``sku``, ``market``, ``off``, ``bias``,
        ``last_year`` (how far off last year's numbers were), ``error_units`` (of a total), and
        ``error_value`` (in ``currency``; missing without a price).
    facts : mapping
        ``weeks`` (judged), ``origins``, ``horizon``, ``starts_on``, ``ends_on``, ``items``,
        ``off``, and ``rival`` with ``rival_off``: the nearest of last year's numbers and the moving
        average. ``origins`` is 0 where the history is too short to judge anything.
    backtest : Backtest
        The whole of it.
    """

    methods: pd.DataFrame
    items: pd.DataFrame
    facts: Mapping[str, Any]
    backtest: Backtest

    @property
    def nbytes(self) -> int:
        """Return about how much memory it holds."""
        rolling = self.backtest.rolling
        return 4 * rolling.mean.nbytes + int(self.backtest.items.memory_usage().sum())


_RECENT: Recent[Accuracy] = Recent(_MEMORY)


def accuracy(store: Store, as_of: date | None = None, *, progress: Progress = silent) -> Accuracy:
    """Return what forecasts made over the last half year would have been worth.

    Parameters
    ----------
    store : Store
        The workspace.
    as_of : date, optional
        The last day known; none = the last day that any market's sales cover.
    progress : Progress
        Told after each past forecast; it takes seconds, and is kept per data version.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover that day.
    """
    basis = planning.basis(store, as_of, progress=progress)
    key = (store.version, basis.outlook.as_of)
    return _RECENT.answer(key, lambda: _judged(basis, progress))


def is_known(store: Store, as_of: date | None = None) -> bool:
    """Return whether `accuracy` answers at once."""
    return _RECENT.has((store.version, as_of or planning.period(store)[1]))


def _judged(basis: planning.Basis, progress: Progress) -> Accuracy:
    seen = basis.outlook
    whole = seen.panel["week"] < pd.Timestamp(outlooks.first_week(seen.days)[0])
    panel = seen.panel.assign(price=_prices(basis)).loc[
        whole
    ]  # the week that has begun is no truth
    found = backtest.backtest(panel, events=seen.events, progress=progress)
    return Accuracy(_methods(found), _items(found), _facts(found), found)


def _prices(basis: planning.Basis) -> NDArray[np.float64]:
    """Return each item's price by week in one currency, so that errors add up; else as listed."""
    seen = basis.outlook
    rates = money.in_base(
        pd.Series(1.0, seen.items.index), seen.items["price_currency"], basis.rates
    ).to_numpy(dtype="float64")
    listed = seen.items["price"].to_numpy(dtype="float64") * rates
    count = len(seen.days.weeks)
    if "price" not in seen.panel:
        return np.repeat(listed, count)
    paid = seen.panel["price"].to_numpy(dtype="float64").reshape(-1, count) * rates[:, None]
    unknown = np.isnan(paid).all(axis=1)
    return np.asarray(np.where(unknown[:, None], listed[:, None], paid).ravel())


def _methods(found: Backtest) -> pd.DataFrame:
    frame = found.catalogue.rename(columns={was: name for name, was in _SHOWN.items()})
    columns = ["method", *_SHOWN, "items"]
    return frame.reindex(columns=columns).sort_values("off", ignore_index=True)


def _items(found: Backtest) -> pd.DataFrame:
    """Return our errors by item beside last year's numbers'."""
    every = found.items
    names = {"wape_total": "off"}
    if every.empty:
        columns = ["sku", "market", "off", "bias", "last_year", "error_units", "error_value"]
        return pd.DataFrame(columns=columns)
    ours = every.loc[every["method"] == OURS].rename(columns=names)
    last = every.loc[every["method"] == "seasonal_naive", ["sku", "market", "wape_total"]]
    last = last.rename(columns={"wape_total": "last_year"})
    wide = ours.merge(last, on=["sku", "market"], how="left")
    order = wide["error_value"].fillna(0.0)
    kept = ["sku", "market", "off", "bias", "last_year", "error_units", "error_value"]
    by_worth = wide.assign(order=order).sort_values(
        ["order", "error_units"], ascending=False, kind="stable", ignore_index=True
    )
    return by_worth[kept]


def _facts(found: Backtest) -> dict[str, Any]:
    facts = dict(found.facts)
    off = facts.pop("off", {})
    facts["off"] = off.get(OURS)
    rivals = {name: off[name] for name in ("seasonal_naive", "moving_average")
              if off.get(name) is not None and off[name] == off[name]}  # fmt: skip
    if rivals:
        facts["rival"] = min(rivals, key=lambda name: rivals[name])
        facts["rival_off"] = rivals[facts["rival"]]
    return facts
