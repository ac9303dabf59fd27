"""Small accounts: a season that few items teach is easily believed too much."""

from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks.forecast import measures, ours
from benchmarks.forecast.cells import Cell, Trial
from benchmarks.forecast.league import Peers
from benchmarks.forecast.sets import Array

SIZES = {25: 3, 5: 8, 1: 15}  # items of an account, and accounts drawn at each origin
HISTORIES = (26, 52, 78)


def _accounts(trial: Trial, size: int) -> list[np.ndarray]:
    """Return places among the judged items, ``size`` at a time, without repeats."""
    rng = np.random.default_rng([size, trial.origin])
    order = rng.permutation(len(trial.judged))[: size * SIZES[size]]
    return [order[low : low + size] for low in range(0, len(order) - size + 1, size)]


def _alone(trial: Trial, places: np.ndarray) -> Array:
    rows = trial.judged[places]
    account = replace(
        trial,
        panel=trial.panel.rows(rows),
        judged=np.arange(len(rows)),
        actual=trial.actual[places],
    )
    return ours.of(account).mean


def score(cell: Cell, peers: Peers) -> pd.DataFrame:
    """Return the 8-week total WAPE of ours and of optimised SES, one row per size."""
    sums = {size: np.zeros(2) for size in SIZES}
    for trial in cell.trials(quick=True):
        ses = peers.of(cell, trial)["SESopt"]
        for size in SIZES:
            for places in _accounts(trial, size):
                came = trial.actual[places]
                both = (_alone(trial, places), ses[places])
                sums[size] += [measures.wape_parts(came, mean)["total"] for mean in both]
    return pd.DataFrame(
        [
            {"cell": cell.name, "items": size, "ratio": mine / theirs}
            for size, (mine, theirs) in sums.items()
        ]
    )


def measure(cells: list[Cell], peers: Peers) -> pd.DataFrame:
    """Return the ratio over SES by cell (rows) and size of the account (columns)."""
    found = pd.concat([score(cell, peers) for cell in cells if cell.history in HISTORIES])
    return found.pivot_table(index="cell", columns="items", values="ratio", sort=False)[list(SIZES)]
