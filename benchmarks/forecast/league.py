"""The peers' forecasts, run once in their own interpreter and kept."""

import hashlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.forecast.cells import HORIZON, Cell, Trial
from benchmarks.forecast.sets import Array

MODELS = (
    "SeasonalNaive",
    "AutoETS",
    "AutoTheta",
    "MSTL",
    "SESopt",
    "CrostonSBA",
    "TSB",
    "IMAPA",
    "ADIDA",
)
_ANSWERS = "statsforecast 2.1.1, 1"  # part of an answer's name: change it when answers would
_SCRIPT = Path(__file__).with_name("peers.py")


def series(history: Array) -> pd.DataFrame:
    """Return histories as the peers want them: ``unique_id``, ``ds``, ``y``, without gaps.

    A series begins with its first observed week; a gap is bridged by a straight line, as a zero
    there would be a lie that only the peers are told.
    """
    begin = (~np.isnan(history)).argmax(axis=1)
    week = np.arange(history.shape[1])
    parts = [
        pd.DataFrame({"unique_id": row, "ds": week[first:], "y": units[first:]})
        for row, (first, units) in enumerate(zip(begin, bridged(history), strict=True))
    ]
    return pd.concat(parts, ignore_index=True)


def bridged(units: Array) -> Array:
    """Return ``units`` with straight lines over the gaps; every row has something observed."""
    week = np.arange(units.shape[1])
    known = ~np.isnan(units)
    rows = [np.interp(week, week[k], row[k]) for row, k in zip(units, known, strict=True)]
    return np.array(rows).reshape(units.shape)


class Peers:
    """The peers, with what they have answered so far in ``folder``.

    Parameters
    ----------
    python : str
        Interpreter that has ``statsforecast``.
    folder : Path
        Where answers are kept, by the content of the question.
    """

    def __init__(self, python: str, folder: Path) -> None:
        self.python, self.folder = python, folder
        folder.mkdir(parents=True, exist_ok=True)

    def _target(self, label: str, history: Array, horizon: int, models: tuple[str, ...]) -> Path:
        digest = hashlib.sha256(json.dumps([_ANSWERS, models, horizon]).encode())
        digest.update(np.ascontiguousarray(history).tobytes())
        return self.folder / f"{label.replace(' ', '-')}-{digest.hexdigest()[:12]}.parquet"

    def ask(
        self,
        questions: list[tuple[str, Array]],
        horizon: int = HORIZON,
        *,
        models: tuple[str, ...] = MODELS,
        again: bool = False,
    ) -> list[Path]:
        """Have every (label, history) that is not answered yet forecast; return the answers.

        Every answer is a parquet of ``unique_id``, ``step`` and a column per model, with a json of
        each model's CPU seconds beside it. ``again`` asks what was answered before, too.
        """
        targets = [self._target(name, history, horizon, models) for name, history in questions]
        with tempfile.TemporaryDirectory() as scratch:
            tasks = []
            for (_, history), target in zip(questions, targets, strict=True):
                if again or not target.exists():
                    source = Path(scratch, target.name)
                    series(history).to_parquet(source)
                    files = {"source": str(source), "target": str(target)}
                    tasks.append(files | {"horizon": horizon, "models": models})
            if tasks:
                listed = Path(scratch, "tasks.json")
                listed.write_text(json.dumps(tasks))
                alone = os.environ | {"OMP_NUM_THREADS": "1"}
                subprocess.run([self.python, str(_SCRIPT), str(listed)], check=True, env=alone)
        return targets

    def prepare(self, cells: list[Cell], *, quick: bool = False) -> None:
        """Have everything forecast that `of` will be asked for."""
        self.ask([(label(c, t), t.history) for c in cells for t in c.trials(quick=quick)])

    def of(self, cell: Cell, trial: Trial) -> dict[str, Array]:
        """Return the peers' forecasts of a trial, shape (n_judged, HORIZON) each."""
        (target,) = self.ask([(label(cell, trial), trial.history)])
        table = pd.read_parquet(target)
        count = len(trial.judged)
        return {
            str(name): table[name].to_numpy().reshape(count, HORIZON)
            for name in table.columns
            if name not in {"unique_id", "step"}
        }


def label(cell: Cell, trial: Trial) -> str:
    """Return what a trial is called on disk."""
    return f"{cell.name} o{trial.origin:03d}"
