"""What the user knows better: overrides of the forecast, and what they were worth later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.forecasting.matrix import Array

KINDS = ("percent", "units_per_week", "units_total")
_LARGEST = 1e9
_NOTHING = 1e-6  # units; a mean below is no forecast to be scaled
_FAR = 3.0  # times the mean; beyond, the spread is not taken for granted


@dataclass(frozen=True, slots=True)
class Overridden:
    """A forecast after overrides; each of shape (n_items, n_weeks), units.

    Attributes
    ----------
    mean, sd, cumulative_mean, cumulative_sd : ndarray
        As in `ForecastResult`; ``cumulative_mean`` is the running sum of ``mean``.
    touched : ndarray of bool
        Cells that an override speaks of.
    """

    mean: Array
    sd: Array
    cumulative_mean: Array
    cumulative_sd: Array
    touched: NDArray[np.bool_]


def apply_overrides(
    figures: tuple[Array, Array, Array, Array],
    items: pd.DataFrame,
    weeks: NDArray[np.datetime64],
    overrides: pd.DataFrame,
    *,
    first_day: date | None = None,
) -> Overridden:
    """Return a forecast with overrides put on, one after the other.

    Parameters
    ----------
    figures : tuple of ndarray, shape (n_items, n_weeks) each
        ``mean``, ``sd``, ``cumulative_mean``, ``cumulative_sd``.
    items : DataFrame
        ``sku``, ``market``, ``group``.
    weeks : ndarray of datetime64, shape (n_weeks,)
        Mondays.
    overrides : DataFrame
        ``sku``, ``market``, ``group`` (each '' or missing = every), ``starts_on``, ``ends_on``
        (both included), ``kind``, ``value``: ``percent`` (20 = a fifth more), ``units_per_week``,
        ``units_total`` (over the whole time, of which the days ahead get their share). Units of a
        scope with several items are shared out as the forecast has them.
    first_day : date, optional
        First day that is forecast; the days of the first week before it are over. None = Monday.

    Notes
    -----
    A mean scaled by ``f`` takes its sd along, and the sd of the cumulative demand follows:
    ``V'_w = V'_(w-1) + f² v + f F c`` with ``v`` the week's variance, ``c`` what its correlation
    with the weeks before adds, ``F`` the factor on the cumulative mean before it. A constant factor
    scales everything by itself; no sd of a cumulative demand falls with the weeks. Beyond three
    times the mean an sd grows to the new mean and its root at most: an item that hardly sells has a
    relative spread that says nothing of a larger one. Units where nothing was expected come with
    Poisson variance.
    """
    mean = np.maximum(figures[0], 0.0)
    if not len(weeks):
        overrides = overrides.iloc[:0]
    new, touched = mean.copy(), np.zeros(mean.shape, dtype=bool)
    for override in overrides.to_dict("records"):
        rows = _rows(items, override)
        overlap = _overlap(weeks, *_days(override), first_day)
        cells = rows[:, None] & (overlap.of_week > 0)
        if cells.any():
            new = np.where(cells, _overridden(new, cells, overlap, *_said(override)), new)
            touched |= cells
    new = np.clip(new, 0.0, _LARGEST)
    return _spread(figures, mean, new, touched)


def _rows(items: pd.DataFrame, override: Mapping[Any, Any]) -> NDArray[np.bool_]:
    fits = np.ones(len(items), dtype=bool)
    for name in ("sku", "market", "group"):
        wanted = override.get(name)
        if isinstance(wanted, str) and wanted and name in items:
            fits &= (items[name] == wanted).to_numpy(dtype=bool)
    return fits


@dataclass(frozen=True, slots=True)
class _Overlap:
    """How much of each week an override speaks of, shape (..., n_weeks)."""

    of_rest: Array  # share of the week's days that lie ahead
    of_week: Array  # share of seven days
    ahead: Array  # share of the override's own days


def _overlap(
    weeks: NDArray[np.datetime64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    first_day: date | NDArray[np.int64] | None,
) -> _Overlap:
    """Return the overlap of one override, or of many along the leading axes of their days."""
    monday = weeks.astype("M8[D]").astype(np.int64)
    if first_day is None:
        first_day = monday[:1]
    today = first_day if isinstance(first_day, np.ndarray) else _day(first_day)
    open_from = np.maximum(monday, today)
    days = np.maximum(np.minimum(monday + 6, ends) - np.maximum(open_from, starts) + 1, 0)
    left = np.maximum(monday + 7 - open_from, 1)
    ahead = np.maximum(ends - np.maximum(starts, today) + 1, 0) / np.maximum(ends - starts + 1, 1)
    return _Overlap(days / left, days / 7, ahead)


def _days(override: Mapping[Any, Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return _day(override["starts_on"]), _day(override["ends_on"])


def _said(override: Mapping[Any, Any]) -> tuple[str, NDArray[np.float64]]:
    return override["kind"], np.array(override["value"], dtype=np.float64)


def _day(day: date | str) -> NDArray[np.int64]:
    return np.array(pd.Timestamp(day).to_datetime64().astype("M8[D]").astype(np.int64))


def _overridden(
    mean: Array, cells: NDArray[np.bool_], overlap: _Overlap, kind: str, value: Array
) -> Array:
    """Return means after an override, shape (..., n_items, n_weeks)."""
    if kind == "percent":
        return np.asarray(mean * np.maximum(1 + overlap.of_rest * value / 100, 0.0))
    under = np.where(cells, mean * overlap.of_rest, 0.0)
    even = np.where(cells, overlap.of_week, 0.0)
    if kind == "units_total":
        wanted = overlap.ahead * _parts(under, even, axis=(-2, -1))
    else:
        wanted = overlap.of_week * _parts(under, even, axis=(-2,))
    return np.asarray(mean - under + np.maximum(value, 0.0) * wanted)


def _parts(under: Array, even: Array, axis: tuple[int, ...]) -> Array:
    """Return the parts of 1 in proportion to the forecast; evenly where it has none."""
    total = under.sum(axis=axis, keepdims=True)
    base = np.where(total > 0, under, even)
    whole = base.sum(axis=axis, keepdims=True)
    return np.asarray(base / np.where(whole > 0, whole, 1.0))


def _spread(
    figures: tuple[Array, Array, Array, Array], old: Array, new: Array, touched: NDArray[np.bool_]
) -> Overridden:
    sd, total_sd = figures[1], figures[3]
    factor = _pull(new, old, sd)
    added = np.where(old > _NOTHING, 0.0, new)  # Poisson, where there was nothing to scale
    before = _before(old.cumsum(axis=1))
    so_far = _pull(_before(new.cumsum(axis=1)), before, _before(total_sd))
    so_far = np.where(before > _NOTHING, so_far, factor)
    together = total_sd**2 - _before(total_sd) ** 2 - sd**2
    steps = np.maximum((factor * sd) ** 2 + factor * so_far * together + added, 0.0)
    changed = touched.any(axis=1, keepdims=True)
    return Overridden(
        mean=new,
        sd=np.where(changed, np.sqrt((factor * sd) ** 2 + added), sd),
        cumulative_mean=new.cumsum(axis=1),
        cumulative_sd=np.where(changed, np.sqrt(steps.cumsum(axis=1)), total_sd),
        touched=touched,
    )


def _before(cumulative: Array) -> Array:
    """Return a cumulative figure as it was before each week."""
    return np.column_stack([np.zeros(len(cumulative)), cumulative[:, :-1]])


def _pull(new: Array, old: Array, sd: Array) -> Array:
    """Return the factor on the sd: that on the mean, unless it would make dust a storm."""
    something = old > _NOTHING
    ratio = np.where(something, new / np.where(something, old, 1.0), 1.0)
    spread = np.maximum(sd, _NOTHING)
    return np.asarray(np.minimum(ratio, np.maximum(_FAR, (new + np.sqrt(new)) / spread)))


def forecast_value_added(
    overrides: pd.DataFrame, forecasts: pd.DataFrame, actuals: pd.DataFrame
) -> pd.DataFrame:
    """Return what each override was worth, once its weeks are over.

    Parameters
    ----------
    overrides : DataFrame
        As `apply_overrides` takes it; other columns (``reason``, ``author``, ...) are kept.
    forecasts : DataFrame
        ``sku``, ``market``, ``week`` (a whole one), ``mean`` without overrides, optionally
        ``group``: as they stood when the overrides were made. With ``override`` (a place in
        ``overrides``, from 0) each one has a forecast of its own.
    actuals : DataFrame
        ``sku``, ``market``, ``week``, ``units``; NaN or no row = unobserved.

    Returns
    -------
    DataFrame
        The overrides with ``items``, ``weeks`` (judged), ``units`` (sold), ``without``, ``with``
        (forecast of the same cells), ``error_without``, ``error_with`` (absolute errors of each
        item's total, units), ``change_units`` (with minus without: negative = it helped),
        ``change_points`` (of WAPE, percentage points), ``is_better``. Nothing judged: NaN.

    Notes
    -----
    Forecast value added (Gilliland 2002): each override is put on alone. Errors are of totals over
    the override's weeks, item by item: that is what an order is made of.
    """
    own = forecasts if "override" in forecasts else _within(overrides, forecasts)
    cells = own.merge(actuals[["sku", "market", "week", "units"]], how="left")
    scores = _scores(overrides, _grid(cells, len(overrides)))
    return overrides.assign(**{name: scores[name] for name in _SCORES})


def _within(overrides: pd.DataFrame, forecasts: pd.DataFrame) -> pd.DataFrame:
    """Return the forecasts that each override speaks of."""
    frames = [
        forecasts.loc[_rows(forecasts, override)].assign(override=place)
        for place, override in enumerate(overrides.to_dict("records"))
    ]
    return pd.concat(frames) if frames else forecasts.iloc[:0].assign(override=0)


_SCORES = (
    "items",
    "weeks",
    "units",
    "without",
    "with",
    "error_without",
    "error_with",
    "change_units",
    "change_points",
    "is_better",
)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Forecast and truth of the cells of each override, (n_overrides, n_items, n_weeks)."""

    weeks: NDArray[np.datetime64]
    mean: Array
    units: Array  # NaN = unobserved
    cells: NDArray[np.bool_]

    @property
    def first_day(self) -> NDArray[np.int64]:
        """Return the first day that was forecast for each override, (n_overrides, 1, 1)."""
        monday = self.weeks.astype(np.int64)
        never = np.iinfo(np.int32).max
        known = np.where(self.cells.any(axis=1, keepdims=True), monday, never)
        return np.asarray(known.min(axis=2, keepdims=True, initial=never))


def _grid(cells: pd.DataFrame, count: int) -> _Grid:
    override = cells["override"].to_numpy(dtype=np.int64)
    pair, pairs = pd.factorize(pd.MultiIndex.from_frame(cells[["override", "sku", "market"]]))
    own = pd.Series(pairs.get_level_values(0), dtype=np.int64)
    item = own.groupby(own).cumcount().to_numpy(dtype=np.int64)  # its place within the override
    column, weeks = pd.factorize(cells["week"].to_numpy(dtype="M8[D]"), sort=True)
    shape = (count, int(item.max(initial=0)) + 1, len(weeks))
    figures = np.full((2, *shape), np.nan)
    has_item, has_week = np.zeros((*shape[:2], 1), dtype=bool), np.zeros((count, 1, shape[2]), bool)
    has_item[override, item[pair]], has_week[override, 0, column] = True, True
    for figure, name in zip(figures, ("mean", "units"), strict=True):
        figure[override, item[pair], column] = cells[name].to_numpy(dtype=np.float64)
    mean = np.maximum(np.nan_to_num(figures[0]), 0.0)
    return _Grid(np.asarray(weeks, dtype="M8[D]"), mean, figures[1], has_item & has_week)


def _put(overrides: pd.DataFrame, grid: _Grid) -> tuple[Array, NDArray[np.bool_]]:
    """Return the mean with each override put on alone, and the cells that it speaks of."""
    starts, ends = (
        overrides[name].map(_day).to_numpy(dtype=np.int64)[:, None, None]
        for name in ("starts_on", "ends_on")
    )
    value = overrides["value"].to_numpy(dtype=np.float64)[:, None, None]
    kinds = overrides["kind"].to_numpy(dtype=object)
    put, touched = grid.mean.copy(), np.zeros(grid.mean.shape, dtype=bool)
    for kind in np.unique(kinds.astype(str)):
        rows = np.flatnonzero(kinds == kind)
        overlap = _overlap(grid.weeks, starts[rows], ends[rows], grid.first_day[rows])
        touched[rows] = grid.cells[rows] & (overlap.of_week > 0)
        new = _overridden(grid.mean[rows], touched[rows], overlap, kind, value[rows])
        put[rows] = np.where(touched[rows], new, grid.mean[rows])
    return np.clip(put, 0.0, _LARGEST), touched


def _scores(overrides: pd.DataFrame, grid: _Grid) -> dict[str, NDArray[Any]]:
    put, touched = _put(overrides, grid)
    judged = touched & ~np.isnan(grid.units)
    sold, without, with_ = (
        np.where(judged, values, 0.0).sum(axis=2) for values in (grid.units, grid.mean, put)
    )
    errors = np.abs(without - sold).sum(axis=1), np.abs(with_ - sold).sum(axis=1)
    units, change = sold.sum(axis=1), errors[1] - errors[0]
    points = np.where(units > 0, 100 * change / np.where(units > 0, units, 1.0), np.nan)
    figures = {
        "units": units,
        "without": without.sum(axis=1),
        "with": with_.sum(axis=1),
        "error_without": errors[0],
        "error_with": errors[1],
        "change_units": change,
        "change_points": points,
    }
    is_judged = judged.any(axis=(1, 2))
    return {
        "items": judged.any(axis=2).sum(axis=1),
        "weeks": judged.any(axis=1).sum(axis=1),
        **{name: np.where(is_judged, values, np.nan) for name, values in figures.items()},
        "is_better": is_judged & (change < 0),
    }
