"""Our forecast of a trial, as arrays beside the peers'."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analytics import forecasting
from analytics.forecasting import ForecastResult
from benchmarks.forecast.cells import Trial
from benchmarks.forecast.sets import Array, Panel


@dataclass(frozen=True, slots=True)
class Ours:
    """Mean and sd of each week and of the demand up to its end, shape (n_judged, n_weeks) each."""

    mean: Array
    sd: Array
    cumulative_mean: Array
    cumulative_sd: Array
    seconds: float


def table(panel: Panel) -> pd.DataFrame:
    """Return a set as the weekly panel that the engine reads, a row per item and week."""
    count = len(panel.weeks)
    names = {
        name: np.repeat(panel.items[name].to_numpy(dtype=object), count)
        for name in ("sku", "market", "group")
    }
    week = np.tile(panel.weeks.astype("M8[us]"), len(panel.items))
    return pd.DataFrame(names | {"week": week, "units": panel.units.ravel()})


def of(trial: Trial, **options: Any) -> Ours:
    """Forecast every item of a trial's panel; return the judged ones."""
    panel = table(trial.panel)
    started = time.process_time()
    result = forecasting.forecast(panel, horizon=trial.actual.shape[1], **options)
    return judged(result, trial, time.process_time() - started)


def judged(result: ForecastResult, trial: Trial, seconds: float = 0.0) -> Ours:
    """Return the judged items of a forecast, in the order of the trial."""
    made = pd.MultiIndex.from_frame(result.items[["sku", "market"]].astype(object))
    wanted = trial.panel.items.iloc[trial.judged][["sku", "market"]].astype(object)
    place = made.get_indexer(pd.MultiIndex.from_frame(wanted))
    if (place < 0).any():
        raise LookupError("the forecast lacks an item that was asked for")
    arrays = [result.mean, result.sd, result.cumulative_mean, result.cumulative_sd]
    return Ours(*(np.asarray(values)[place] for values in arrays), seconds)
