"""Score a cell: ours and every peer, over all its origins."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analytics import distributions
from benchmarks.forecast import measures, ours
from benchmarks.forecast.cells import Cell, Trial
from benchmarks.forecast.league import MODELS, Peers
from benchmarks.forecast.measures import QUANTILES, TARGETS
from benchmarks.forecast.sets import Array

OURS = "ours"
_EXPLODED = 5.0  # times the largest week of the history
_TOP = [list(QUANTILES.values()).index(target) for target in TARGETS]


@dataclass
class _Tally:
    """Sums over the origins of a cell."""

    sums: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    lists: dict[str, list[Array]] = field(default_factory=lambda: defaultdict(list))

    def point(self, trial: Trial, mean: Array) -> None:
        for name, value in measures.wape_parts(trial.actual, mean).items():
            self.sums[name] += value
        self.lists["rmsse"].append(measures.rmsse(trial.actual, mean, trial.history))

    def fan(self, trial: Trial, quantiles: Array) -> None:
        loss = measures.scaled_pinball(trial.actual, quantiles, trial.history)
        self.lists["pinball"].append(loss)
        upper = quantiles[:, :, _TOP]
        self.lists["plain"].append(measures.plain_shares(trial.actual, upper))

    def figures(self) -> dict[str, float]:
        units = max(self.sums["units"], 1e-12)
        out = {name: self.sums[name] / units for name in ("weekly", "total", "bias")}
        for name in ("rmsse", "pinball"):
            if self.lists[name]:
                out[name] = float(np.nanmean(np.concatenate(self.lists[name])))
        for name in ("plain", "fair", "plain_total", "fair_total"):
            if self.lists[name]:
                share = np.concatenate(self.lists[name]).mean(axis=0)
                out |= {f"{name}_{round(100 * t)}": s for t, s in zip(TARGETS, share, strict=True)}
        return out


def _ours(tally: _Tally, trial: Trial, made: ours.Ours) -> None:
    levels = list(QUANTILES.values())
    tally.point(trial, made.mean)
    tally.fan(trial, distributions.quantiles(made.mean, made.sd, levels))
    tally.lists["fair"].append(measures.fair_shares(trial.actual, made.mean, made.sd))
    total = measures.whole_totals(trial.actual)
    last = slice(measures.SUMMED - 1, measures.SUMMED)
    mean, sd = made.cumulative_mean[:, last], made.cumulative_sd[:, last]
    tally.lists["fair_total"].append(measures.fair_shares(total, mean, sd))
    upper = distributions.quantiles(mean, sd, TARGETS)
    tally.lists["plain_total"].append(measures.plain_shares(total, upper))


def _believable(trial: Trial, theirs: dict[str, Array]) -> Array:
    """Return AutoETS' quantiles, cut where nobody would believe them.

    Multiplicative errors on levels near zero explode; one such series would decide a whole cell.
    """
    fan = np.stack([theirs[f"AutoETS-{name}"] for name in QUANTILES], axis=2)
    most = np.nanmax(trial.history, axis=1)
    return np.minimum(fan, _EXPLODED * most[:, None, None])


def score(cell: Cell, peers: Peers, *, quick: bool = False, **options: Any) -> pd.DataFrame:
    """Return one row per method: ``weekly``, ``total`` (WAPE, 8 weeks), ``bias``, ``rmsse``, ...

    ``pinball`` (scaled, 13 weeks) and coverages ``plain_80`` ... (at or below the quantile, 13
    weeks), ``fair_80`` ... (ties shared), ``plain_total_80`` and ``fair_total_80`` ... (demand over
    8 weeks) stand where the method gives quantiles. Shares, not per cent. ``options`` reach our
    engine.
    """
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    judged, seconds = 0, 0.0
    for trial in cell.trials(quick=quick):
        theirs = peers.of(cell, trial)
        for name in MODELS:
            tallies[name].point(trial, theirs[name])
        tallies["AutoETS"].fan(trial, _believable(trial, theirs))
        made = ours.of(trial, **options)
        _ours(tallies[OURS], trial, made)
        judged += len(trial.judged)
        seconds += made.seconds
    rows = [{"method": name} | tally.figures() for name, tally in tallies.items()]
    about = {"cell": cell.name, "set": cell.panel.name, "history": cell.history}
    return pd.DataFrame(rows).assign(**about, series=judged, seconds=seconds)


def ratios(scores: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell: ours over AutoETS and over the best peer, coverage and bias."""
    return pd.DataFrame([_ratios(str(cell), part) for cell, part in _by_cell(scores)])


def _by_cell(scores: pd.DataFrame) -> Iterable[tuple[Any, pd.DataFrame]]:
    return scores.groupby("cell", sort=False)


def _ratios(cell: str, part: pd.DataFrame) -> dict[str, Any]:
    table = part.set_index("method")
    mine, ets = table.loc[OURS], table.loc["AutoETS"]
    best = table.loc[list(MODELS), ["weekly", "total"]]
    out: dict[str, Any] = {"cell": cell, "set": mine["set"], "series": mine["series"]}
    for name in ("weekly", "total", "rmsse", "pinball"):
        out[name] = mine[name] / ets[name]
    for name in ("weekly", "total"):
        out[f"{name}_best"] = mine[name] / best[name].min()
        out[f"{name}_who"] = best[name].idxmin()
        out[f"{name}_wape"] = mine[name]
    shares = [name for name in table.columns if name.startswith(("fair", "plain"))]
    out |= {name: mine[name] for name in shares}
    out |= {f"ets_{name}": ets[name] for name in shares if name.startswith("plain_")}
    return out | {"bias": mine["bias"], "seconds": mine["seconds"]}
