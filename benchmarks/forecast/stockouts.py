"""What stock-outs add to the forecast's bias, where what shoppers wanted is known.

Two experiments. On the sample the files are read as a seller's would be, for several days of the
past, and the forecast is laid beside the one that the uncensored truth gives. On the other sets
stock-outs are planted: by chance, a tenth of all days, or because demand was high, on shelves that
are filled every four weeks. The second kind hides the best weeks, and no cleaning that looks at
availability alone can bring them back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import forecasting, sample
from analytics.services import planning, workspaces
from benchmarks.forecast import ours
from benchmarks.forecast.cells import Cell, Trial
from benchmarks.forecast.measures import SUMMED
from benchmarks.forecast.sets import Array

SMALLEST_SHARE = 0.35  # of a week in stock, below which nothing is made of it
_REFILL = 4  # weeks between deliveries
_DAYS = 7
_OUT = 0.1  # of all days, by chance
_SPELL = 10  # days, on average
Shelf = Callable[[Array, np.random.Generator], tuple[Array, Array]]


@dataclass(frozen=True, slots=True)
class Added:
    """Bias of the 8-week total against what was wanted, shares.

    Attributes
    ----------
    lost : float
        Share of the demand of the history that was not sold.
    truth, cleaned, as_sold : float
        Bias of the forecast from what shoppers wanted, from cleaned sales, and from sales as they
        were with empty shelves counted as no demand.
    """

    lost: float
    truth: float
    cleaned: float
    as_sold: float

    @property
    def added(self) -> float:
        """Return the points that stock-outs add after cleaning."""
        return abs(self.cleaned - self.truth) * 100

    @property
    def uncleaned(self) -> float:
        """Return the points that they add where nothing is done about them."""
        return abs(self.as_sold - self.truth) * 100


def _wanted() -> pd.DataFrame:
    truth = sample.truth()
    week = truth["date"] - pd.to_timedelta(truth["date"].dt.day_of_week, unit="D")
    keys = ["sku", "market", "week"]
    return truth.assign(week=week).groupby(keys, as_index=False)["demand"].sum()


def _total(panel: pd.DataFrame) -> float:
    made = forecasting.forecast(panel, horizon=SUMMED)
    return float(made.cumulative_mean[:, SUMMED - 1].sum())


def on_the_sample() -> Added:
    """Return the bias on the sample, summed over eight Sundays of the last year of truth."""
    wanted = _wanted()
    last = sample.LAST_DAY - timedelta(weeks=SUMMED)
    sundays = [last - timedelta(weeks=6 * back) for back in range(8)]
    sums = np.array([_at(sunday, wanted) for sunday in sundays]).sum(axis=0)
    return _added(sums)


def _at(sunday: date, wanted: pd.DataFrame) -> tuple[float, ...]:
    with workspaces.open_sample() as store:
        panel = planning.outlook(store, sunday).panel
    panel = panel.astype({"sku": object, "market": object, "group": object})
    known = panel.merge(wanted, on=["sku", "market", "week"], how="left")
    seen = known["state"] != "unobserved"
    uncensored = known.assign(units=known["demand"].where(seen), availability=1.0)
    empty = known.assign(units=known["sold"].where(seen), availability=1.0)
    monday = pd.Timestamp(sunday + timedelta(days=1))
    ahead = wanted["week"].between(monday, monday + pd.Timedelta(weeks=SUMMED - 1))
    came = wanted[ahead].merge(panel[["sku", "market"]].drop_duplicates())["demand"].sum()
    forecasts = [_total(table) for table in (uncensored, panel, empty)]
    sold, demand = known.loc[seen, "sold"].sum(), known.loc[seen, "demand"].sum()
    return (*forecasts, float(came), float(sold), float(demand))


def by_chance(units: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return units sold and the share of each week in stock, out of stock in spells by chance."""
    n_items, n_weeks = units.shape
    out = np.zeros((n_items, n_weeks * _DAYS), dtype=bool)
    begins = rng.random(out.shape) < _OUT / _SPELL
    for row, day in np.argwhere(begins):
        out[row, day : day + int(rng.geometric(1 / _SPELL))] = True
    in_stock = ~out.reshape(n_items, n_weeks, _DAYS)
    sold = np.where(in_stock, _by_day(units, rng), 0).sum(axis=2).astype(np.float64)
    gap = np.isnan(units)
    return np.where(gap, np.nan, sold), np.where(gap, np.nan, in_stock.mean(axis=2))


def _by_day(units: Array, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return whole units spread over the days of each week, one more axis."""
    whole = np.nan_to_num(units).round().astype(np.int64)
    return np.asarray(rng.multinomial(whole, [1 / _DAYS] * _DAYS))


def by_demand(units: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return units sold and the share of each week in stock, where shelves run empty.

    Every four weeks a shelf is filled to 0.7 to 1.5 of four usual weeks. A day counts as in stock
    if something is left at its end.
    """
    sold, share = units.copy(), np.where(np.isnan(units), np.nan, 1.0)
    usual = np.nanmean(units, axis=1)
    phase = rng.integers(0, _REFILL, len(units))
    left = np.zeros(len(units))
    for week in range(units.shape[1]):
        fill = np.ceil(_REFILL * usual * rng.uniform(0.7, 1.5, len(units)))
        due = ((week + phase) % _REFILL == 0) | (week == 0)
        left = np.where(due, np.maximum(left, fill), left)
        got = np.minimum(_by_day(units[:, week], rng).cumsum(axis=1), left[:, None])
        seen = ~np.isnan(units[:, week])
        share[seen, week] = (got < left[:, None]).mean(axis=1)[seen]
        sold[seen, week] = got[seen, -1]
        left = left - got[:, -1]
    return sold, share


def planted(cell: Cell, shelf: Shelf) -> Added:
    """Return the bias on a set whose shelves run empty."""
    sums = np.array([_planted(trial, shelf) for trial in cell.trials(quick=True)]).sum(axis=0)
    return _added(sums)


def _planted(trial: Trial, shelf: Shelf) -> tuple[float, ...]:
    rng = np.random.default_rng([7, trial.origin])
    units = trial.panel.units
    sold, share = shelf(units, rng)
    with np.errstate(divide="ignore", invalid="ignore"):
        cleaned = np.where(share >= SMALLEST_SHARE, sold / share, np.nan)
    came = trial.actual[:, :SUMMED]
    known = ~np.isnan(came)
    forecasts = []
    for values, availability in ((units, None), (cleaned, share), (sold, None)):
        panel = ours.table(trial.panel).assign(units=values.ravel())
        if availability is not None:
            panel["availability"] = np.nan_to_num(availability.ravel())
        mean = ours.judged(forecasting.forecast(panel, horizon=SUMMED), trial).mean
        forecasts.append(float(mean[known].sum()))
    return (*forecasts, float(np.nansum(came)), float(np.nansum(sold)), float(np.nansum(units)))


def _added(sums: Array) -> Added:
    truth, cleaned, as_sold, came, sold, demand = (float(value) for value in sums)
    return Added(1 - sold / demand, truth / came - 1, cleaned / came - 1, as_sold / came - 1)
