"""Forecasts of the peers: a script for the peers' own interpreter, parquet in and parquet out.

It imports nothing of this project. ``peers.py tasks.json`` reads a list of tasks, each with
``source`` (a parquet file of ``unique_id``, ``ds``, ``y``), ``target``, ``horizon`` and ``models``.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from statsforecast import models

warnings.filterwarnings("ignore")

LEVELS = [60, 80, 90, 95, 98]
QUANTILES = {
    "q05": "lo-90",
    "q10": "lo-80",
    "q20": "lo-60",
    "q50": "mean",
    "q80": "hi-60",
    "q90": "hi-80",
    "q95": "hi-90",
    "q975": "hi-95",
    "q99": "hi-98",
}
YEAR = 52


def seasonal_naive(n_weeks: int) -> Any:
    """Return last year's value where a year is known, else last week's."""
    return models.SeasonalNaive(season_length=YEAR if n_weeks >= YEAR else 1)


MAKERS: dict[str, Callable[[int], Any]] = {
    "SeasonalNaive": seasonal_naive,
    "AutoETS": lambda _: models.AutoETS(season_length=1),
    "AutoTheta": lambda _: models.AutoTheta(season_length=1),
    "MSTL": lambda _: models.MSTL(season_length=YEAR),
    "SESopt": lambda _: models.SimpleExponentialSmoothingOptimized(),
    "CrostonSBA": lambda _: models.CrostonSBA(),
    "TSB": lambda _: models.TSB(alpha_d=0.1, alpha_p=0.1),
    "IMAPA": lambda _: models.IMAPA(),
    "ADIDA": lambda _: models.ADIDA(),
    "Theta-1": lambda _: models.Theta(season_length=1),
    "Theta-12": lambda _: models.Theta(season_length=12),
}


def one(name: str, y: np.ndarray, horizon: int) -> dict[str, np.ndarray]:
    """Return the forecast of one series; the naive one where the model cannot be fitted.

    Nothing that sells can be sold less than not at all, so everything is cut at zero.
    """
    level = LEVELS if name == "AutoETS" else None
    try:
        found = MAKERS[name](len(y)).forecast(y=y, h=horizon, level=level)
    except Exception:  # noqa: BLE001 a peer that gives up on a series still has to answer
        found = {"mean": np.full(horizon, y[-1])}
    mean = found["mean"]
    mean = np.where(np.isfinite(mean), mean, y[-1])
    out = {name: np.maximum(mean, 0.0)}
    if level:
        for column, source in QUANTILES.items():
            value = np.asarray(found.get(source, mean))
            out[f"{name}-{column}"] = np.maximum(np.where(np.isfinite(value), value, mean), 0.0)
    return out


def run(source: str, target: str, horizon: int, names: list[str]) -> None:
    """Write the forecasts of every series in ``source``, and each model's seconds beside them."""
    table = pd.read_parquet(source).sort_values(["unique_id", "ds"])
    series = [(key, part.to_numpy(dtype=float)) for key, part in table.groupby("unique_id")["y"]]
    columns: dict[str, list[np.ndarray]] = {}
    seconds = {}
    for name in names:
        started = time.process_time()
        for _, y in series:
            for column, values in one(name, y, horizon).items():
                columns.setdefault(column, []).append(values)
        seconds[name] = time.process_time() - started
    keys = pd.DataFrame(
        {
            "unique_id": np.repeat([key for key, _ in series], horizon),
            "step": np.tile(np.arange(1, horizon + 1), len(series)),
        }
    )
    flat = pd.DataFrame({name: np.concatenate(parts) for name, parts in columns.items()})
    out = pd.concat([keys, flat], axis=1)
    Path(target).with_suffix(".json").write_text(json.dumps(seconds))
    whole = Path(target).with_suffix(".part")
    out.to_parquet(whole)
    whole.replace(target)


def main() -> None:
    """Run every task of the list, telling which one is done."""
    tasks = json.loads(Path(sys.argv[1]).read_text())
    for count, task in enumerate(tasks, 1):
        run(task["source"], task["target"], task["horizon"], task["models"])
        print(f"peers {count}/{len(tasks)} {Path(task['target']).stem}", file=sys.stderr)


if __name__ == "__main__":
    main()
