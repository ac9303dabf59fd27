"""What a forecast costs: per series beside AutoETS, and in seconds for growing catalogues."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

from analytics import forecasting
from benchmarks.forecast.league import Peers
from benchmarks.forecast.sets import WEEK, Array

SIZES = (1_000, 10_000, 100_000)
WEEKS = 104
MODES = ("one core", "two cores", "two processes", "two Dask workers")
_TIMED = 200  # series of AutoETS, whose cost per series does not depend on how many there are
_WARM = 4_000
_CATEGORY = 500  # SKUs


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one run over ``series`` series.

    Attributes
    ----------
    series : int
    mode : str
        One of `MODES`.
    wall, cpu : float
        Seconds; ``cpu`` counts every thread of this process and children that have ended.
    peak : float
        The largest resident memory of this process, its workers' apart, GiB.
    """

    series: int
    mode: str
    wall: float
    cpu: float
    peak: float


def units(count: int, seed: int = 7) -> Array:
    """Return seasonal counts with slow and fast items, shape (count, 104)."""
    rng = np.random.default_rng(seed)
    week = np.arange(WEEKS)
    season = 1 + 0.4 * np.sin(2 * np.pi * week / 52) + 0.8 * np.exp(-(((week % 52) - 47) ** 2) / 6)
    level = np.exp(rng.normal(1.5, 1.3, (count, 1)))
    shape = 4.0
    return rng.poisson(rng.gamma(shape, level * season / shape)).astype(np.float64)


def panel(count: int) -> pd.DataFrame:
    """Return ``units`` as a weekly panel in categories of 500 SKUs; names are categorical."""
    weeks = np.datetime64("2024-01-01", "D") + np.arange(WEEKS) * WEEK
    number = np.repeat(np.arange(count, dtype=np.int32), WEEKS)
    groups = [f"category {k:03d}" for k in range(-(-count // _CATEGORY))]
    return pd.DataFrame(
        {
            "sku": pd.Categorical.from_codes(number, [f"sku {k:06d}" for k in range(count)]),
            "market": pd.Categorical.from_codes(np.zeros(len(number), dtype=np.int8), ["US"]),
            "group": pd.Categorical.from_codes(number // _CATEGORY, groups),
            "week": np.tile(weeks.astype("M8[us]"), count),
            "units": units(count).ravel(),
        }
    )


def _cpu() -> float:
    mine, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return mine.ru_utime + mine.ru_stime + children.ru_utime + children.ru_stime


@contextmanager
def workers(mode: str) -> Iterator[dict[str, Any]]:
    """Yield the engine's options for one of `MODES`, with what they need standing ready."""
    if mode == MODES[0] and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    if mode == "two Dask workers":
        from distributed import Client, LocalCluster

        with (
            LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
            Client(cluster),
        ):
            yield {"backend": "dask"}
    else:
        yield {"backend": "loky"} if mode == "two processes" else {}


def forecast_all(table: pd.DataFrame, options: dict[str, Any]) -> pd.DataFrame:
    """Return the weekly forecast with quantiles."""
    return forecasting.forecast(table, horizon=13, **options).weekly


def run(count: int, mode: str) -> Cost:
    """Forecast ``count`` series, 13 weeks ahead with quantiles, and return what it cost.

    The panel stands ready, workers have been started and tried on some thousand series; making
    arrays of the panel and a frame of the quantiles is part of the cost.
    """
    with workers(mode) as options:
        forecast_all(panel(_WARM), options)
        table = panel(count)
        cpu, wall = _cpu(), time.perf_counter()
        forecast_all(table, options)
        wall, cpu = time.perf_counter() - wall, _cpu() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return Cost(count, mode, wall, cpu, peak)


def fresh(count: int, mode: str) -> Cost:
    """Return `run` in a process of its own, so that nothing is left over from another one."""
    command = [sys.executable, "-m", __name__, str(count), mode]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Cost(**json.loads(out.splitlines()[-1]))


def modes() -> list[str]:
    """Return the ways of working that can be tried here."""
    return [m for m in MODES if "Dask" not in m or find_spec("distributed")]


def auto_ets(peers: Peers) -> float:
    """Return AutoETS' CPU seconds per series of 104 weeks with its intervals, measured now."""
    history = units(_TIMED)
    (answer,) = peers.ask([("timing", history)], again=True, models=("AutoETS",))
    return float(json.loads(answer.with_suffix(".json").read_text())["AutoETS"]) / _TIMED


if __name__ == "__main__":
    print(json.dumps(asdict(run(int(sys.argv[1]), sys.argv[2]))))
