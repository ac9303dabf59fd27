"""What forecasts made in the past would have been worth, on the seller's own history."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import distributions, forecasting
from analytics.forecasting import accuracy
from analytics.forecasting.benchmarks import BENCHMARKS, Past
from analytics.forecasting.cases import Outlook
from analytics.forecasting.contest import COUNT, EVERY, HORIZON, origins_of
from analytics.forecasting.matrix import Array, Matrix, matrix
from analytics.progress import Progress, silent

OURS = "ours"
METHODS = (OURS, *BENCHMARKS)
_LEAST_PAST = 13  # weeks known before an origin
_LEAST_SEEN = 4  # weeks that an item was observed in before an origin, to be judged there
_MEASURES = ("wape_weekly", "wape_total", "bias", "rmsse", "mase")
_SPREADS = ("coverage_95", "pinball_95")


@dataclass(frozen=True, slots=True)
class Rolling:
    """Our forecasts as they would have been made at past origins.

    Attributes
    ----------
    items : DataFrame
        ``sku``, ``market``.
    origins : ndarray of datetime64[D], shape (n_origins,)
        Monday of the last week then known.
    mean, sd, cumulative_mean, cumulative_sd : ndarray, shape (n_origins, n_items, horizon)
        Units; NaN where the item was not yet known.
    """

    items: pd.DataFrame
    origins: NDArray[np.datetime64]
    mean: Array
    sd: Array
    cumulative_mean: Array
    cumulative_sd: Array

    def of(self, sku: str, market: str) -> dict[date, Outlook]:
        """Return one item's past outlooks by origin, as `contest.Rival` takes them."""
        mine = (self.items["sku"] == sku) & (self.items["market"] == market)
        out: dict[date, Outlook] = {}
        for row in np.flatnonzero(mine.to_numpy()):
            for step, origin in enumerate(self.origins.astype("M8[D]").tolist()):
                if not np.isnan(self.mean[step, row]).any():
                    figures = (self.mean, self.sd, self.cumulative_mean, self.cumulative_sd)
                    out[origin] = Outlook(*(figure[step, row] for figure in figures))
        return out


@dataclass(frozen=True, slots=True)
class Backtest:
    """How far off each method would have been, against demand as it was corrected.

    Its past forecasts rest on a history that was corrected with hindsight, see `rolling`.

    Attributes
    ----------
    catalogue : DataFrame
        One row per method, ours first: ``method``, ``wape_weekly``, ``wape_total`` (of the totals
        over the horizon, item by item), ``bias`` (negative = too low), ``rmsse``, ``mase``
        (weighted means over items), ``coverage_95``, ``pinball_95`` (of the totals; only ours has
        quantiles; the latter over mean demand), ``items`` (judged).
    items : DataFrame
        The same measures per item and method: ``sku``, ``market``, ``method``, ...,
        ``origins``, ``units`` (demand per origin, as corrected), ``error_units`` (absolute error of
        the total per origin), ``error_value`` (times price; NaN without one).
    rolling : Rolling
        Our past forecasts, for a contest.
    facts : mapping
        ``weeks`` (judged, from the first to the last), ``starts_on``, ``ends_on`` (Mondays),
        ``origins``, ``horizon``, ``items``, ``weighted_by`` (``value``, or ``units`` where no item
        has a price), ``off`` (method to catalogue ``wape_total``: 0.18 = 18 % off in total),
        ``same_week_known`` (share of the judged cells whose week a year ago is known). With
        too short a history ``origins`` is 0 and the frames are empty.
    """

    catalogue: pd.DataFrame
    items: pd.DataFrame
    rolling: Rolling
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Window:
    """What is judged: weeks after each origin, (n_origins, n_items, horizon); NaN = not judged."""

    data: Matrix
    units: Array  # NaN = unobserved, (n_items, n_weeks)
    origins: NDArray[np.int64]
    horizon: int
    actual: Array
    price: Array  # (n_items,), NaN = none


def rolling(
    panel: pd.DataFrame,
    *,
    origins: int = COUNT,
    every: int = EVERY,
    horizon: int = HORIZON,
    progress: Progress = silent,
    **options: Any,  # noqa: ANN401 - handed to `forecast` as they are
) -> Rolling:
    """Return our forecasts at past origins, each made of the weeks before it alone.

    The weeks are taken as they are known by now: what was corrected in them (silences taken for
    stock-outs, freak orders, the shares of weekdays) was corrected with hindsight.

    Parameters
    ----------
    panel : DataFrame
        As `analytics.forecasting.forecast` takes it.
    origins, every, horizon : int
        How many origins, how many weeks apart, how many weeks each looks ahead; the newest leaves
        ``horizon`` weeks to judge.
    progress : Progress
        Told after each origin.
    **options
        ``events`` and ``settings``, as `forecast` takes them. Events that were entered with
        hindsight flatter the result.

    Raises
    ------
    InvalidPanelError
        As `forecast` raises it.
    """
    data = matrix(panel)
    last = origins_of(
        len(data.weeks), count=origins, every=every, horizon=horizon, least=_LEAST_PAST
    )
    figures = np.full((4, len(last), len(data.items), horizon), np.nan)
    week = panel["week"].to_numpy(dtype="M8[D]")
    place = pd.MultiIndex.from_frame(data.items[["sku", "market"]])
    for step, origin in enumerate(last):
        past = panel[week <= data.weeks[origin]]
        result = forecasting.forecast(past, horizon=horizon, **options)
        rows = place.get_indexer(pd.MultiIndex.from_frame(result.items[["sku", "market"]]))
        parts = (result.mean, result.sd, result.cumulative_mean, result.cumulative_sd)
        for figure, part in zip(figures, parts, strict=True):
            figure[step, rows] = part
        progress(step + 1, len(last), "origin")
    return Rolling(data.items[["sku", "market"]], data.weeks[last], *figures)


def backtest(
    panel: pd.DataFrame,
    *,
    origins: int = COUNT,
    every: int = EVERY,
    horizon: int = HORIZON,
    methods: tuple[str, ...] = METHODS,
    progress: Progress = silent,
    **options: Any,  # noqa: ANN401
) -> Backtest:
    """Return how far off we would have been at past origins, beside what anyone could do by hand.

    Parameters
    ----------
    panel : DataFrame
        As `analytics.forecasting.forecast` takes it; with ``price`` (one currency) the catalogue
        is weighted by value, an item without a price by the median one.
    origins, every, horizon, progress, **options
        As `rolling` takes them. The defaults judge the last 26 weeks.
    methods : tuple of str
        Of `METHODS`: ``ours``; ``seasonal_naive`` (the same week a year ago); ``last_year`` (that,
        times the growth of the last 13 weeks over those a year before); ``moving_average`` (mean of
        the last 8 weeks); ``ets`` (see `analytics.forecasting.benchmarks.ets`).

    Notes
    -----
    An item is judged at an origin that knows at least 4 observed weeks of it, in the weeks that
    were observed. Where a year ago is not known the two seasonal methods take the moving average,
    as anyone would.
    """
    window = _window(panel, origins, every, horizon)
    ours = _none(window)
    if OURS in methods:
        ours = rolling(
            panel, origins=origins, every=every, horizon=horizon, progress=progress, **options
        )
    frames = [
        _items(window, name, ours.mean if name == OURS else _benchmark(window, BENCHMARKS[name]))
        for name in methods
    ]
    if OURS in methods:
        frames[methods.index(OURS)] = frames[methods.index(OURS)].assign(**_covered(window, ours))
    items = pd.concat(frames, ignore_index=True)
    items = items[items["origins"] > 0].reset_index(drop=True)
    catalogue = _catalogue(items, methods)
    return Backtest(catalogue, _shown(items), ours, _facts(window, catalogue, items))


def _window(panel: pd.DataFrame, count: int, every: int, horizon: int) -> _Window:
    data = matrix(panel)
    units = np.where(data.observed, data.units, np.nan)
    last = origins_of(len(data.weeks), count=count, every=every, horizon=horizon, least=_LEAST_PAST)
    ahead = last[:, None] + np.arange(1, horizon + 1)
    actual = units[:, ahead].transpose(1, 0, 2)
    seen = data.observed.cumsum(axis=1)[:, last].T
    actual = np.where((seen >= _LEAST_SEEN)[..., None], actual, np.nan)
    return _Window(data, units, last, horizon, actual, _prices(panel, data))


def _prices(panel: pd.DataFrame, data: Matrix) -> Array:
    if "price" not in panel:
        return np.full(len(data.items), np.nan)
    price = panel["price"].where(panel["price"] > 0).groupby([panel["sku"], panel["market"]]).mean()
    place = pd.MultiIndex.from_frame(data.items[["sku", "market"]])
    return np.asarray(price.reindex(place).to_numpy(dtype=np.float64))


def _none(window: _Window) -> Rolling:
    empty = np.full(window.actual.shape, np.nan)
    dates = window.data.weeks[window.origins]
    return Rolling(window.data.items[["sku", "market"]], dates, empty, empty, empty, empty)


def _benchmark(window: _Window, method: Callable[[Past], Array]) -> Array:
    return method(Past(window.units, window.origins, window.horizon))


def _items(window: _Window, name: str, mean: Array) -> pd.DataFrame:
    """Return one method's measures per item, over all its origins."""
    actual, horizon_axes = window.actual, (0, 2)
    known = ~(np.isnan(actual) | np.isnan(mean))
    a = np.where(known, actual, 0.0)
    error = np.where(known, mean - actual, 0.0)
    total = a.sum(axis=2)
    off = np.abs(error.sum(axis=2))
    judged = known.any(axis=2)
    count = np.maximum(judged.sum(axis=0), 1)
    scaled = _scaled(window, mean)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        measures = {
            "wape_weekly": np.abs(error).sum(axis=horizon_axes) / a.sum(axis=horizon_axes),
            "wape_total": off.sum(axis=0) / total.sum(axis=0),
            "bias": error.sum(axis=horizon_axes) / a.sum(axis=horizon_axes),
        }
    return window.data.items[["sku", "market"]].assign(
        method=name,
        **measures,
        **scaled,
        **dict.fromkeys(_SPREADS, np.nan),
        origins=judged.sum(axis=0),
        units=total.sum(axis=0) / count,
        error_units=off.sum(axis=0) / count,
        error_value=off.sum(axis=0) / count * window.price,
        weight=_weight(window.price),
        weekly_error=np.abs(error).sum(axis=horizon_axes),
        signed_error=error.sum(axis=horizon_axes),
        sold=a.sum(axis=horizon_axes),
        total_error=off.sum(axis=0),
    )


def _weight(price: Array) -> Array:
    known = price[~np.isnan(price)]
    return np.where(np.isnan(price), np.median(known) if len(known) else 1.0, price)


def _scaled(window: _Window, mean: Array) -> dict[str, Array]:
    """Return RMSSE and MASE per item, averaged over its origins."""
    both = np.full((2, *window.actual.shape[:2]), np.nan)
    for step, origin in enumerate(window.origins):
        history = window.units[:, : origin + 1]
        both[0, step] = accuracy.rmsse(window.actual[step], mean[step], history)
        both[1, step] = accuracy.mase(window.actual[step], mean[step], history)
    both[~np.isfinite(both)] = np.nan
    known = ~np.isnan(both)
    average = np.nansum(both, axis=1) / np.maximum(known.sum(axis=1), 1)
    average[~known.any(axis=1)] = np.nan
    return {"rmsse": average[0], "mase": average[1]}


def _covered(window: _Window, ours: Rolling) -> dict[str, Array]:
    """Return coverage and scaled quantile loss of totals of windows without a hole."""
    total = window.actual.sum(axis=2)
    mean = np.nan_to_num(ours.cumulative_mean[:, :, -1])
    sd = np.nan_to_num(ours.cumulative_sd[:, :, -1])
    limit = distributions.quantiles(mean, sd, np.array([0.95]))[..., 0]
    limit = np.where(np.isnan(ours.mean[:, :, -1]), np.nan, limit)
    covered = accuracy.coverage(total, limit, axis=0)
    loss = accuracy.pinball(total.T, limit.T, 0.95)
    sold = np.nansum(total, axis=0) / np.maximum((~np.isnan(total)).sum(axis=0), 1)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return {"coverage_95": covered, "pinball_95": np.asarray(loss / sold)}


def _catalogue(items: pd.DataFrame, methods: tuple[str, ...]) -> pd.DataFrame:
    rows = []
    for name in methods:
        own = items[items["method"] == name]
        weight = own["weight"]
        sold = float((weight * own["sold"]).sum())
        parts = {"wape_weekly": "weekly_error", "wape_total": "total_error", "bias": "signed_error"}
        row: dict[str, Any] = {"method": name, "items": len(own)}
        for measure, column in parts.items():
            row[measure] = float((weight * own[column]).sum()) / sold if sold > 0 else np.nan
        for measure in ("rmsse", "mase", "pinball_95"):
            row[measure] = _mean(own[measure], weight * own["sold"])
        row["coverage_95"] = _mean(own["coverage_95"], own["origins"])
        rows.append(row)
    return pd.DataFrame(rows, columns=["method", *_MEASURES, *_SPREADS, "items"])


def _mean(values: pd.Series, weight: pd.Series) -> float:
    known = np.isfinite(values) & (weight > 0)
    return float(np.average(values[known], weights=weight[known])) if known.any() else np.nan


def _shown(items: pd.DataFrame) -> pd.DataFrame:
    return items.drop(columns=["weight", "weekly_error", "signed_error", "sold", "total_error"])


def _facts(window: _Window, catalogue: pd.DataFrame, items: pd.DataFrame) -> dict[str, Any]:
    count = len(window.origins)
    facts: dict[str, Any] = {"origins": count, "horizon": window.horizon}
    facts["items"] = items[["sku", "market"]].drop_duplicates().shape[0]
    facts["weighted_by"] = "units" if np.isnan(window.price).all() else "value"
    facts["off"] = dict(zip(catalogue["method"], catalogue["wape_total"], strict=True))
    if not count:
        return facts | {"weeks": 0, "starts_on": None, "ends_on": None, "same_week_known": np.nan}
    first, last = window.origins[0] + 1, window.origins[-1] + window.horizon
    days = window.data.weeks[[first, last]].astype("M8[D]").tolist()
    a_year_ago = Past(window.units, window.origins, window.horizon).a_year_ago()
    known = ~np.isnan(window.actual)
    share = float((known & ~np.isnan(a_year_ago)).sum() / max(int(known.sum()), 1))
    return facts | {
        "weeks": int(last - first + 1),
        "starts_on": days[0],
        "ends_on": days[1],
        "same_week_known": share,
    }
