"""Whether a reorder point at 95 % covers demand over the lead time in 95 of 100 cycles.

Lead times are those of public purchase orders (USAID's Supply Chain Management System), by vendor
and mode. Demand is that of the sets. Every lead time of a lane is tried on every item and origin,
weighted by how often it occurred, so that nothing is drawn at random.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from analytics import distributions
from benchmarks.forecast import ours
from benchmarks.forecast.cells import Cell, Trial
from benchmarks.forecast.league import bridged
from benchmarks.forecast.sets import Array, Panel

TARGET = 0.95
HISTORY = 52
WEEKS = 30
_LAST = distributions.LAST_DAY
_FEWEST = 40  # orders of a lane
_USUAL = (21, 105)  # days: lanes whose mean lead time a seller across borders may have
_RECENT = 26  # weeks that the textbook's mean and sd look back on


@dataclass(frozen=True, slots=True)
class Service:
    """Mean gap between achieved and wanted cycle service, points, over cells (set and lane).

    Attributes
    ----------
    ours : float
        Quantile of demand mixed over the lead times.
    normal : float
        ``d L + z sqrt(L sd² + d² sL²)``, d and sd of the last 26 weeks.
    normal_ours : float
        The same formula with our forecast's mean and weekly sd.
    fixed : float
        Our quantile at the mean lead time, as if it never varied.
    cells : DataFrame
        Achieved service by set and lane.
    """

    ours: float
    normal: float
    normal_ours: float
    fixed: float
    cells: pd.DataFrame


def lanes(folder: Path) -> dict[str, Array]:
    """Return the probability of 1, 2, ... days for every lane with enough orders."""
    orders = pd.read_parquet(folder / "leadtime_scms.parquet").query("lead_days_po >= 7")
    found = {}
    for (vendor, mode), days in orders.groupby(["vendor", "mode"])["lead_days_po"]:
        if len(days) >= _FEWEST and _USUAL[0] <= days.mean() <= _USUAL[1]:
            day = days.clip(upper=_LAST).astype(int)
            chance = np.bincount(day, minlength=_LAST + 1)[1:] / len(day)
            found[" ".join([*str(vendor).split()[:2], str(mode)])] = chance
    return found


def measure(panels: list[Panel], folder: Path) -> Service:
    """Return achieved service on every set and lane."""
    ways = lanes(folder)
    rows = []
    for panel in panels:
        cell = Cell(panel, HISTORY, horizon=WEEKS)
        parts = [_trial(trial, ways) for trial in cell.trials()]
        mean = pd.concat(parts).groupby("lane", as_index=False).mean()
        rows.append(mean.assign(set=panel.name))
    cells = pd.concat(rows, ignore_index=True)
    names = ("ours", "normal", "normal_ours", "fixed")
    gaps = {name: float((cells[name] - TARGET).abs().mean() * 100) for name in names}
    return Service(**gaps, cells=cells)


def _trial(trial: Trial, ways: dict[str, Array]) -> pd.DataFrame:
    made = ours.of(trial)
    market, even = np.zeros(len(made.mean), dtype=np.int64), np.full((1, 7), 1 / 7)
    mean = distributions.by_day(made.cumulative_mean, even, market, 7)
    variance = distributions.by_day(made.cumulative_sd**2, even, market, 7)
    kernel = distributions.kernel(mean, np.sqrt(variance))
    weekly = bridged(trial.actual)
    came = distributions.by_day(weekly.cumsum(axis=1), even, market, 7)[:, :_LAST]
    recent = trial.history[:, -_RECENT:]
    usual, spread = np.nanmean(recent, axis=1) / 7, np.nanstd(recent, axis=1, ddof=1) / 7**0.5
    rows = []
    for lane, chance in ways.items():
        day = np.arange(1, _LAST + 1)
        lead = float(chance @ day)
        lead_sd = float(np.sqrt(chance @ (day - lead) ** 2))
        ahead = mean[:, round(lead) - 1]
        fixed = (day == round(lead)).astype(np.float64)
        points = {
            "ours": _quantile(kernel, chance),
            "fixed": _quantile(kernel, fixed),
            "normal": _normal(usual * lead, usual, spread, lead, lead_sd),
            "normal_ours": _normal(ahead, ahead / lead, made.sd[:, 0] / 7**0.5, lead, lead_sd),
        }
        achieved = {name: _achieved(came, point, chance) for name, point in points.items()}
        rows.append({"lane": lane} | achieved)
    return pd.DataFrame(rows)


def _quantile(kernel: distributions.Kernel, chance: Array) -> Array:
    weights = distributions.bin_weights(np.tile(chance, (len(kernel.mean), 1)))
    return kernel.quantile(weights, TARGET)


def _normal(mean: Array, daily: Array, daily_sd: Array, lead: float, lead_sd: float) -> Array:
    z = float(stats.norm.ppf(TARGET))
    return np.asarray(mean + z * np.sqrt(lead * daily_sd**2 + daily**2 * lead_sd**2))


def _achieved(came: Array, point: Array, chance: Array) -> float:
    """Return the share of cycles in which demand up to the day of receipt was covered."""
    covered = came <= point[:, None] + 1e-9
    return float((covered * chance).sum(axis=1).mean())
