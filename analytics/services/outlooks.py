"""The forecast of the catalogue: made once per change of data, kept item by item, read back."""

import hashlib
from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics import forecasting
from analytics.demand import ObservedDays
from analytics.forecasting import ForecastResult
from analytics.progress import Progress
from analytics.store import Store

HORIZON = 30  # weeks: fifteen of lead time and ninety days of delay
_FIGURES = ("mean", "sd", "cumulative_mean", "cumulative_sd")
_ITEM = ("sku", "market", "group", "season_strength", "member")


def forecast(
    store: Store, days: ObservedDays, panel: pd.DataFrame, *, keep: bool, progress: Progress
) -> ForecastResult:
    """Return the forecast of every item of ``panel``, read back if it was made before."""
    monday, shares = first_week(days)
    run = _run(panel, monday, shares)
    stored = store.run_forecasts(run)
    if stored.num_rows:
        return _read(stored, monday)
    made = forecasting.forecast(
        panel, horizon=HORIZON, first_week=monday, first_week_share=shares, progress=progress
    )
    if keep:
        keys = [f"{run}:{place}" for place in range(len(made.items))]
        store.save_forecasts(run, b"", keys, _written(made, keys))
    return made


def first_week(days: ObservedDays) -> tuple[date, dict[str, float]]:
    """Return the Monday of the week of tomorrow, and the share of it that lies ahead by market."""
    tomorrow = days.as_of + np.timedelta64(1, "D")
    weekday = first_weekday(days)
    monday: date = (tomorrow - np.timedelta64(weekday, "D")).astype(object)
    left = days.shares[:, weekday:].sum(axis=1)
    return monday, dict(zip(days.markets, left.tolist(), strict=True))


def first_weekday(days: ObservedDays) -> int:
    """Return the weekday of tomorrow, Monday = 0."""
    return int(days.covered.shape[1] % 7)


def _run(panel: pd.DataFrame, monday: date, shares: Mapping[str, float]) -> str:
    """Return a key of everything that the forecast depends on."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{forecasting.ENGINE} {HORIZON} {monday} {sorted(shares.items())}".encode())
    for column in ("units", "availability"):
        digest.update(np.ascontiguousarray(panel[column].to_numpy()).tobytes())
    for column in ("sku", "market", "group"):
        categories = panel[column].cat
        digest.update("\0".join(map(str, categories.categories)).encode())
        digest.update(np.ascontiguousarray(categories.codes.to_numpy()).tobytes())
    digest.update(np.ascontiguousarray(panel["week"].to_numpy()).tobytes())
    return digest.hexdigest()


def _written(made: ForecastResult, keys: list[str]) -> pa.Table:
    """Return forecasts as the store keeps them, one row per item."""
    count = len(made.weeks)
    columns = {name: pa.array(made.items[name].tolist()) for name in _ITEM}
    for name in _FIGURES:
        flat = pa.array(np.ascontiguousarray(getattr(made, name)).ravel())
        columns[name] = pa.FixedSizeListArray.from_arrays(flat, count).cast(pa.list_(pa.float64()))
    empty = pa.array([[]] * len(keys), pa.list_(pa.float64()))
    return pa.table({"key": keys, "weights": empty, **columns})


def _read(stored: pa.Table, monday: date) -> ForecastResult:
    """Return forecasts as they were written."""
    items = stored.select(list(_ITEM)).to_pandas()
    figures = {
        name: stored[name].combine_chunks().flatten().to_numpy().reshape(len(items), -1)
        for name in _FIGURES
    }
    count = figures["mean"].shape[1]
    weeks = np.datetime64(monday, "D") + np.arange(count) * np.timedelta64(7, "D")
    return ForecastResult(items.astype({"member": object}), weeks, **figures)
