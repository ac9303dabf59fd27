"""The engine in its trend-free mode on two forecasting competitions.

Published figures: M3 monthly (Makridakis and Hibon 2000) and M4 weekly (Makridakis, Spiliotis and
Assimakopoulos 2020). M4 counts weekly data as without a season, in Naive2 and in the scale of MASE;
M3's MASE was not published, so Theta and Naive2 are run here as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analytics import forecasting
from benchmarks.forecast.league import Peers
from benchmarks.forecast.sets import Array

_COLUMNS = ("method", "smape", "mase")


@dataclass(frozen=True, slots=True)
class Competition:
    """One competition.

    Attributes
    ----------
    name : str
    file : str
    season_length, horizon : int
        As our engine is told.
    lag : int
        Season by which MASE is scaled and Naive2 adjusted.
    published : tuple of (method, sMAPE, MASE)
        MASE NaN where it was not published.
    """

    name: str
    file: str
    season_length: int
    horizon: int
    lag: int
    published: tuple[tuple[str, float, float], ...]


M3 = Competition(
    "M3 monthly", "m3_monthly.parquet", 12, 18, 12,
    (("Theta (winner)", 13.89, np.nan), ("ForecastPro", 13.90, np.nan), ("Naive2", 16.89, np.nan)),
)  # fmt: skip
M4 = Competition(
    "M4 weekly", "m4_weekly.parquet", 52, 13, 1,
    (("winner (Smyl)", 7.817, 2.356), ("Theta", 9.093, 2.637), ("Naive2", 9.161, 2.777)),
)  # fmt: skip


def read(competition: Competition, folder: Path) -> tuple[list[Array], Array]:
    """Return what was known of every series, and what came, shape (n_series, horizon)."""
    table = pd.read_parquet(folder / competition.file).sort_values(["unique_id", "t"])
    parts = {split: part.groupby("unique_id")["y"] for split, part in table.groupby("split")}
    known = [y.to_numpy(dtype=np.float64) for _, y in parts["train"]]
    return known, np.stack([y.to_numpy(dtype=np.float64) for _, y in parts["test"]])


def smape(actual: Array, mean: Array) -> float:
    """Return the symmetric mean absolute percentage error over all series, per cent."""
    return float((200 * np.abs(actual - mean) / (np.abs(actual) + np.abs(mean))).mean())


def mase(actual: Array, mean: Array, known: Sequence[Array], lag: int) -> float:
    """Return the mean absolute error over that of the (seasonal) naive forecast of the history."""
    scale = np.array([np.abs(y[lag:] - y[:-lag]).mean() for y in known])
    return float((np.abs(actual - mean).mean(axis=1) / scale).mean())


def naive2(y: Array, horizon: int, lag: int) -> Array:
    """Return the last value, seasonally adjusted where a 90 % test finds a season."""
    if lag == 1 or not _is_seasonal(y, lag):
        return np.full(horizon, y[-1])
    index = _indices(y, lag)
    at = np.arange(len(y), len(y) + horizon) % lag
    return np.asarray(y[-1] / index[(len(y) - 1) % lag] * index[at])


def _is_seasonal(y: Array, lag: int) -> bool:
    if len(y) < 3 * lag:
        return False
    centred = y - y.mean()
    whole = centred @ centred
    acf = np.array([centred[k:] @ centred[:-k] / whole for k in range(1, lag + 1)])
    limit = 1.645 * np.sqrt((1 + 2 * (acf[:-1] ** 2).sum()) / len(y))
    return bool(abs(acf[-1]) > limit)


def _indices(y: Array, lag: int) -> Array:
    """Return the factors of classical multiplicative decomposition, averaging 1."""
    weight = np.r_[0.5, np.ones(lag - 1), 0.5] / lag
    trend = np.convolve(y, weight, mode="valid")
    ratio = y[lag // 2 : len(y) - lag // 2] / trend
    place = np.arange(lag // 2, len(y) - lag // 2) % lag
    mean = np.bincount(place, weights=ratio, minlength=lag) / np.bincount(place, minlength=lag)
    return np.asarray(mean / mean.mean())


def _theta(competition: Competition, known: Sequence[Array], peers: Peers) -> Array:
    longest = max(map(len, known))
    padded = np.full((len(known), longest), np.nan)
    for row, y in enumerate(known):
        padded[row, longest - len(y) :] = y
    model, horizon = f"Theta-{competition.lag}", competition.horizon
    (answer,) = peers.ask([(competition.name, padded)], horizon, models=(model,))
    return pd.read_parquet(answer)[model].to_numpy().reshape(-1, horizon)


def measure(competition: Competition, folder: Path, peers: Peers) -> pd.DataFrame:
    """Return ``method``, ``smape``, ``mase``: published figures, and what is run here."""
    known, actual = read(competition, folder)
    horizon, lag = competition.horizon, competition.lag
    here = {
        "Naive2, run here": np.stack([naive2(y, horizon, lag) for y in known]),
        "Theta, run here": _theta(competition, known, peers),
    }
    if hasattr(forecasting, "forecast_series"):
        here["ours"] = forecasting.forecast_series(
            known, season_length=competition.season_length, horizon=horizon
        )
    rows = [
        {"method": name, "smape": smape(actual, mean), "mase": mase(actual, mean, known, lag)}
        for name, mean in here.items()
    ]
    published = [dict(zip(_COLUMNS, row, strict=True)) for row in competition.published]
    return pd.DataFrame([*published, *rows])
