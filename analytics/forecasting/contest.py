"""Champion against challengers: who was nearer at the same past origins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import distributions
from analytics.forecasting import accuracy
from analytics.forecasting.cases import Case, Member, Outlook
from analytics.forecasting.likelihood import fitted
from analytics.forecasting.matrix import Array
from analytics.progress import Progress, silent

COUNT, EVERY, HORIZON = 4, 6, 8  # 8 + 3 x 6: the last 26 weeks, each origin six weeks apart
LEAST_PAST = 26  # weeks known before an origin
MARGIN = 0.05  # by which a challenger must be nearer
INCUMBENT = "ours"
COLUMNS = ("wape_weekly", "wape_total_8", "bias", "rmsse", "coverage_95")
_PRIOR = 4.0  # origins' worth of belief that a spread is right
_WIDEST = 3.0
_LEAST_JUDGED = 2  # origins without which nobody is judged


@dataclass(frozen=True, slots=True)
class Rival:
    """A forecast that was made elsewhere: by the batched engine, or last year's numbers.

    Attributes
    ----------
    outlook : Outlook, optional
        What it expects now.
    past : mapping
        What it would have expected of the next 8 weeks or more, by the Monday of the last week
        then known.
    """

    outlook: Outlook | None
    past: Mapping[date, Outlook] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contest:
    """Who was nearer.

    Attributes
    ----------
    table : DataFrame
        One row per contestant, the nearest first: ``member``, ``wape_weekly``, ``wape_total_8``,
        ``bias``, ``rmsse``, ``coverage_95`` (share of the totals that did not exceed the 95 %
        quantile), ``origins`` (judged), ``seasonal_origins`` (at which it knew a season),
        ``widening`` (factor on its sd that its past errors ask for, 1 to 3).
    champion : str
        Empty if there is no contestant.
    reason : str
        ``kept`` (no challenger was 5 % nearer), ``beaten`` (one was), ``unjudged`` (the history has
        no origin to judge by), ``alone`` (no incumbent: the nearest).
    """

    table: pd.DataFrame
    champion: str
    reason: str


def origins_of(
    n_weeks: int,
    *,
    count: int = COUNT,
    every: int = EVERY,
    horizon: int = HORIZON,
    least: int = LEAST_PAST,
) -> NDArray[np.int64]:
    """Return the numbers of the last known weeks, oldest first.

    The newest leaves ``horizon`` weeks to judge, the others lie ``every`` weeks apart, and each
    knows at least ``least`` weeks.

    >>> origins_of(104).tolist()
    [77, 83, 89, 95]
    """
    newest = n_weeks - 1 - horizon
    origins = newest - every * np.arange(count)[::-1]
    return np.asarray(origins[origins >= least - 1], dtype=np.int64)


def contest(
    case: Case,
    members: Sequence[Member],
    *,
    rivals: Mapping[str, Rival] | None = None,
    origins: NDArray[np.int64] | None = None,
    horizon: int = HORIZON,
    incumbent: str = INCUMBENT,
    progress: Progress = silent,
) -> Contest:
    """Return who was nearer at the same past origins, each knowing only its past.

    Parameters
    ----------
    case : Case
        The whole history.
    members : sequence of Member
        The contestants as they are now; those with a code do not stand.
    rivals : mapping, optional
        Forecasts made elsewhere, by name.
    origins : ndarray of int, optional
        Last known weeks; see `origins_of`.
    horizon : int
        Weeks that each origin is judged on; totals are of the first 8 at most.
    incumbent : str
        Who stays unless beaten.
    progress : Progress
        Told after each origin.

    Notes
    -----
    The champion is the incumbent, unless a challenger's error of the 8-week total is at least 5 %
    less and its RMSSE no worse, at the origins where both stood (two or more); one that has a
    season now must have had one at half of its origins. Of several, the one with the largest gain.
    Four origins are few: without the margin luck would choose.
    """
    known = rivals or {}
    chosen = origins_of(len(case.units), horizon=horizon) if origins is None else origins
    standing = [member for member in members if not member.code]
    past: dict[str, list[Member]] = {name: [] for name in (*(m.name for m in standing), *known)}
    for step, origin in enumerate(chosen, start=1):
        then = case.until(int(origin), horizon)
        monday = then.weeks[-1].astype("M8[D]").item()
        for member in standing:
            past[member.name].append(fitted(member.name, then))
        for name, rival in known.items():
            past[name].append(Member(name, outlook=rival.past.get(monday)))
        progress(step, len(chosen), "origin")
    records = [_record(name, case, chosen, then, horizon) for name, then in past.items()]
    now_seasonal = {member.name for member in standing if member.facts.get("is_seasonal")}
    return Contest(_table(records), *_champion(records, now_seasonal, incumbent))


@dataclass(frozen=True, slots=True)
class _Record:
    """One contestant's past; arrays of shape (n_origins,), NaN where it was not judged."""

    name: str
    off: Array  # absolute error of the total of the first 8 weeks, units
    sold: Array  # that total
    scaled: Array  # RMSSE
    is_seasonal: NDArray[np.bool_]
    measures: dict[str, float]

    @property
    def judged(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.off)


def _record(
    name: str, case: Case, origins: NDArray[np.int64], past: list[Member], horizon: int
) -> _Record:
    actual = np.full((len(origins), horizon), np.nan)
    mean = np.full((len(origins), horizon), np.nan)
    scaled = np.full(len(origins), np.nan)
    for row, (origin, then) in enumerate(zip(origins, past, strict=True)):
        if then.outlook is not None:
            actual[row] = case.units[origin + 1 : origin + 1 + horizon]
            mean[row] = then.outlook.mean[:horizon]
            scaled[row] = accuracy.rmsse(actual[row], mean[row], case.units[: origin + 1])
    scaled[~np.isfinite(scaled)] = np.nan
    known = ~np.isnan(actual[:, :HORIZON])
    error = np.where(known, mean[:, :HORIZON] - actual[:, :HORIZON], 0.0).sum(axis=1)
    judged = known.any(axis=1)
    covered, widening = _spread(actual, [then.outlook for then in past])
    squares = scaled[~np.isnan(scaled)] ** 2
    measures = {
        "wape_weekly": float(accuracy.wape(actual, mean, axis=None)),
        "wape_total_8": float(accuracy.wape_total(actual[:, :HORIZON], mean[:, :HORIZON])),
        "bias": float(accuracy.bias(actual, mean, axis=None)),
        "rmsse": float(np.sqrt(squares.mean())) if len(squares) else np.nan,
        "coverage_95": covered,
        "widening": widening,
    }
    return _Record(
        name,
        np.where(judged, np.abs(error), np.nan),
        np.where(judged, np.nansum(actual[:, :HORIZON], axis=1), np.nan),
        scaled,
        np.array([bool(then.facts.get("is_seasonal")) for then in past], dtype=bool),
        measures,
    )


def _spread(actual: Array, outlooks: list[Outlook | None]) -> tuple[float, float]:
    """Return coverage and widening by the totals of windows without a hole."""
    last = min(HORIZON, actual.shape[1]) - 1
    sums = actual[:, : last + 1].sum(axis=1)  # NaN where a week is unknown
    whole = [
        (total, look.cumulative_mean[last], look.cumulative_sd[last])
        for total, look in zip(sums, outlooks, strict=True)
        if look is not None and not np.isnan(total)
    ]
    if not whole:
        return np.nan, 1.0
    total, mean, sd = np.array(whole).T
    limit = distributions.quantiles(mean, sd, np.array([0.95]))[:, 0]
    z = (total - mean) / np.maximum(sd, np.sqrt(np.maximum(mean, 1.0)))
    asked = np.sqrt((_PRIOR + (z**2).sum()) / (_PRIOR + len(z)))
    return float(accuracy.coverage(total, limit)), float(np.clip(asked, 1.0, _WIDEST))


def _table(records: list[_Record]) -> pd.DataFrame:
    rows = [
        {
            "member": record.name,
            **record.measures,
            "origins": int(record.judged.sum()),
            "seasonal_origins": int((record.judged & record.is_seasonal).sum()),
        }
        for record in records
    ]
    kinds: dict[str, type] = dict.fromkeys((*COLUMNS, "widening"), np.float64)
    kinds |= dict.fromkeys(("origins", "seasonal_origins"), np.int64)
    columns = ["member", *COLUMNS, "origins", "seasonal_origins", "widening"]
    table = pd.DataFrame(rows, columns=columns).astype(kinds)
    return table.sort_values("wape_total_8", kind="stable", ignore_index=True)


def _champion(records: list[_Record], now_seasonal: set[str], incumbent: str) -> tuple[str, str]:
    tested = [
        record
        for record in records
        if record.judged.sum() >= _LEAST_JUDGED
        and (
            record.name not in now_seasonal
            or 2 * (record.judged & record.is_seasonal).sum() >= record.judged.sum()
        )
    ]
    names = [record.name for record in records]
    own = next((record for record in tested if record.name == incumbent), None)
    if own is None:
        return _without(names, tested, incumbent)
    gains = {record.name: _gain(record, own) for record in tested if record is not own}
    best = max(gains, key=lambda name: gains[name], default="")
    if best and gains[best] >= MARGIN:
        return best, "beaten"
    return incumbent, "kept"


def _gain(challenger: _Record, own: _Record) -> float:
    """Return by which share the challenger was nearer where both were judged; -1 = not at all."""
    both = challenger.judged & own.judged
    if both.sum() < _LEAST_JUDGED or own.off[both].sum() <= 0:
        return -1.0
    scaled = both & ~(np.isnan(challenger.scaled) | np.isnan(own.scaled))
    if (challenger.scaled[scaled] ** 2).sum() > (own.scaled[scaled] ** 2).sum():
        return -1.0
    return float(1 - challenger.off[both].sum() / own.off[both].sum())


def _without(names: list[str], tested: list[_Record], incumbent: str) -> tuple[str, str]:
    if incumbent in names or not names:
        return incumbent if names else "", "unjudged"
    if not tested:
        return names[0], "unjudged"
    return min(tested, key=lambda record: record.measures["wape_total_8"]).name, "alone"
