"""How are we doing, and what needs me today? What the morning page shows beside the measures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.progress import Progress, silent
from analytics.scenario import Scenario
from analytics.services import accuracy as accuracies
from analytics.services import alerting, measuring, money, outlooks, planning, replenishment
from analytics.services.accuracy import Accuracy
from analytics.services.freshness import STATES, TABLES, freshness
from analytics.services.memory import Recent
from analytics.services.planning import Basis
from analytics.services.replenishment import Plan
from analytics.store import Store

__all__ = [
    "AGED", "RESCUES", "STATES", "TABLES", "WEEKS", "Against", "Aged", "Overview", "against",
    "aged", "is_judged", "overview", "ready",
]  # fmt: skip
Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
WEEKS = 13
AGED = 90  # days after which stock is called old
RESCUES = ("too_late", "in_time")
_NO_THREAT = ("discontinued", "no_demand", "too_new")
_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Overview:
    """The morning page, without measures and alerts.

    Attributes
    ----------
    as_of : date
        The last day known.
    currency : str
        Base currency; empty if no amount is known.
    freshness : DataFrame
        One row per table of `TABLES`, see `freshness.freshness`.
    runs_out : DataFrame
        What runs out if nothing is ordered, by the forecast and the open orders: ``step`` (0 = out
        by now, 1 to 13 = within that many weeks), ``week`` (its first day), ``tier``, ``rescue``
        (one of `RESCUES`: whether an order of today would come in time), ``items``, ``value``
        (what they sell in a week, base currency; NaN where a price is unknown).
    facts : mapping
        ``items`` (with demand ahead), ``out`` (items out of stock by now), ``too_late`` (running
        out before an order of today can come), ``order_now``, ``order_value`` (ex works),
        ``lasting`` (items that last the weeks shown), ``stock_unknown`` (items).
    """

    as_of: date
    currency: str
    freshness: pd.DataFrame
    runs_out: pd.DataFrame
    facts: Mapping[str, Any]

    @property
    def nbytes(self) -> int:
        """Return about how much memory it holds."""
        frames = (self.freshness, self.runs_out)
        return sum(int(frame.memory_usage().sum()) for frame in frames)


@dataclass(frozen=True, slots=True)
class Against:
    """Forecast against actual, over the catalogue.

    Attributes
    ----------
    weeks : DataFrame
        The last 13 whole weeks: ``week`` (Monday), ``actual``, ``forecast`` (units); cells of items
        that were out of stock, or not yet known at the origin, are left out of both. Empty where
        the history is too short.
    facts : mapping
        ``off``, ``rival``, ``rival_off``, ``horizon`` as of `accuracy.Accuracy.facts`; ``bias``
        (forecast over actual of the weeks shown, less 1; NaN without), ``ahead`` (the most weeks
        that a forecast shown was made ahead), ``left_out`` (share of the demand that was observed
        in these weeks and not judged).
    """

    weeks: pd.DataFrame
    facts: Mapping[str, Any]


class Aged(NamedTuple):
    """How much of the stock is old.

    Attributes
    ----------
    value : float
        Of what is older, in the base currency.
    share : float
        Of it in the value of all stock, 0 to 1; NaN = no stock has a value.
    unknown : float
        Share of what has no known age.
    """

    value: float
    share: float
    unknown: float


_RECENT: Recent[Overview] = Recent(8 * 2**20)


def overview(store: Store, as_of: date | None = None) -> Overview:
    """Return what the morning page shows, kept per data version and day.

    Parameters
    ----------
    store : Store
        The workspace.
    as_of : date, optional
        The plan's day; none = the last day that any market's sales cover.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover that day.

    Notes
    -----
    Everything is of the plan at rest, so that a day on which an item runs out is that of the order
    board.
    """
    basis = planning.basis(store, as_of)
    key = (store.version, basis.outlook.as_of)
    return _RECENT.answer(key, lambda: _overview(store, basis))


def _overview(store: Store, basis: Basis) -> Overview:
    plan = replenishment.plan(store, Scenario(as_of=basis.outlook.as_of))
    gone = _gone(plan, basis)
    return Overview(
        as_of=plan.as_of,
        currency=plan.currency,
        freshness=freshness(store, basis, _sells(plan, basis)),
        runs_out=_by_week(gone, plan.as_of),
        facts=_facts(plan, gone),
    )


def _gone(plan: Plan, basis: Basis) -> pd.DataFrame:
    """Return the items that somebody asks for: ``step`` (NaN = lasts), ``rescue``, ``value``."""
    lines = plan.lines.loc[~plan.lines["status"].isin(_NO_THREAT)]
    days = (lines["stockout_on"] - pd.Timestamp(plan.as_of)).dt.days
    step = ((days - 1) // 7 + 1).where(days <= 7 * WEEKS)
    late = lines["alert"].isin(["out", "runs_out"])
    return lines[["sku", "market", "tier", "on_hand"]].assign(
        step=step.mask(lines["alert"] == "out", 0.0),
        rescue=np.where(late, *RESCUES),
        value=7 * lines["demand_mean"] * _prices(lines, basis),
    )


def _prices(lines: pd.DataFrame, basis: Basis) -> pd.Series:
    """Return the price of each line in the base currency."""
    items = basis.outlook.items
    price = money.in_base(items["price"], items["price_currency"], basis.rates)
    known = pd.Series(price.to_numpy(), pd.MultiIndex.from_frame(items[["sku", "market"]]))
    own = pd.MultiIndex.from_frame(lines[["sku", "market"]])
    return pd.Series(known.reindex(own).to_numpy(dtype=np.float64), lines.index)


def _by_week(gone: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Return how many items run out in which week, and what they sell in one."""
    out = gone.dropna(subset="step").assign(items=1)
    by = out.groupby(["step", "tier", "rescue"])
    weeks = by[["items", "value"]].sum().reset_index()
    unknown = by["value"].count().to_numpy() < weeks["items"].to_numpy()
    weeks = weeks.assign(value=weeks["value"].mask(unknown))
    step = weeks["step"].astype(np.int64)
    first = pd.Timestamp(as_of) + _DAY + pd.to_timedelta(7 * (step - 1), unit="D")
    found = weeks.assign(step=step, week=first)
    return found[["step", "week", "tier", "rescue", "items", "value"]]


def _facts(plan: Plan, gone: pd.DataFrame) -> dict[str, Any]:
    board = replenishment.summary(plan)
    known = gone["on_hand"].notna()
    return {
        "items": len(gone),
        "out": int((gone["step"] == 0).sum()),
        "too_late": int(((gone["step"] > 0) & (gone["rescue"] == "too_late")).sum()),
        "lasting": int((known & gone["step"].isna()).sum()),
        "stock_unknown": int((~known).sum()),
        "order_now": board.order_now,
        "order_value": plan.order_value,
    }


def _sells(plan: Plan, basis: Basis) -> Flags:
    """Return whether anybody asks for each item of the basis."""
    idle = plan.lines.loc[plan.lines["status"].isin(_NO_THREAT), ["sku", "market"]]
    keys = pd.MultiIndex.from_frame(basis.outlook.items[["sku", "market"]].astype(object))
    return np.asarray(~keys.isin(pd.MultiIndex.from_frame(idle.astype(object))))


def ready(store: Store) -> None:
    """Work out all that the morning page shows, so that who opens it does not wait.

    Raises
    ------
    NoDataError
        No sales have been imported.
    """
    overview(store)
    measuring.measures(store)
    alerting.alerts(store)


def aged(ages: pd.DataFrame, days: float = AGED) -> Aged:
    """Return how much of the stock is older than some days.

    Parameters
    ----------
    ages : DataFrame
        `measuring.Measures.cash_ages`, one of whose bands begins at ``days``.
    days : float
        Age.

    Examples
    --------
    >>> bands = pd.DataFrame({"over": [0.0, 90.0, np.nan], "value": [60.0, 30.0, 10.0]})
    >>> aged(bands)
    Aged(value=30.0, share=0.3, unknown=0.1)
    """
    total = float(ages["value"].sum())
    old = float(ages.loc[ages["over"] >= days, "value"].sum())
    unknown = float(ages.loc[ages["over"].isna(), "value"].sum())
    if total <= 0:
        return Aged(0.0, np.nan, np.nan)
    return Aged(old, old / total, unknown / total)


def is_judged(store: Store, as_of: date | None = None) -> bool:
    """Return whether `against` answers at once."""
    return accuracies.is_known(store, as_of)


def against(store: Store, as_of: date | None = None, *, progress: Progress = silent) -> Against:
    """Return what was forecast of the last 13 weeks, and what they asked for.

    Each week is shown against the newest of the past forecasts of `accuracy.accuracy` that did not
    know it: up to 8 weeks ahead. They are made again of what was known then, for a workspace keeps
    no forecast of a day that is over; see `forecasting.backtest.rolling` for what is hindsight.

    Parameters
    ----------
    store : Store
        The workspace.
    as_of : date, optional
        The last day known; none = the last day that any market's sales cover.
    progress : Progress
        Told after each past forecast; it takes seconds, and is kept per data version.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover that day.
    """
    basis = planning.basis(store, as_of, progress=progress)
    return _against(basis, accuracies.accuracy(store, basis.outlook.as_of, progress=progress))


def _against(basis: Basis, known: Accuracy) -> Against:
    told = {name: known.facts.get(name) for name in ("off", "rival", "rival_off", "horizon")}
    if not known.facts.get("origins"):
        empty = pd.DataFrame(
            {"week": pd.Series(dtype="datetime64[us]"), "actual": [], "forecast": []}
        )
        return Against(empty, {**told, "bias": np.nan, "ahead": 0, "left_out": np.nan})
    week, demanded = _demanded(basis, known)
    expected, ahead = _expected(known, week)
    judged = ~np.isnan(expected) & ~np.isnan(demanded)
    actual, forecast = (np.where(judged, part, 0.0).sum(axis=0) for part in (demanded, expected))
    total = float(np.nansum(demanded))
    frame = pd.DataFrame({"week": week.astype("M8[us]"), "actual": actual, "forecast": forecast})
    facts = {
        "bias": float(forecast.sum() / actual.sum() - 1) if actual.sum() > 0 else np.nan,
        "ahead": ahead,
        "left_out": max(0.0, 1 - float(actual.sum()) / total) if total > 0 else np.nan,
    }
    return Against(frame, {**told, **facts})


def _demanded(basis: Basis, known: Accuracy) -> tuple[NDArray[np.datetime64], Array]:
    """Return the last whole weeks, and each judged item's demand, shape (n_items, n_weeks)."""
    panel = basis.outlook.panel
    count = len(basis.outlook.days.weeks)
    week = panel["week"].to_numpy(dtype="M8[D]")[:count]
    begun = np.datetime64(outlooks.first_week(basis.outlook.days)[0], "D")
    whole = np.flatnonzero(week < begun)[-WEEKS:]
    units = panel["units"].to_numpy(dtype=np.float64).reshape(-1, count)
    items = basis.outlook.items[["sku", "market"]].astype(object)
    rolled = known.backtest.rolling.items[["sku", "market"]].astype(object)
    place = pd.MultiIndex.from_frame(items).get_indexer(pd.MultiIndex.from_frame(rolled))
    return week[whole], units[np.ix_(place, whole)]


def _expected(known: Accuracy, week: NDArray[np.datetime64]) -> tuple[Array, int]:
    """Return what the newest past forecast said of each week, and how far ahead at most."""
    rolling = known.backtest.rolling
    gap = (week - rolling.origins.astype("M8[D]")[:, None]).astype(np.int64) // 7
    fits = (gap >= 1) & (gap <= rolling.mean.shape[2])
    nearest = np.where(fits, gap, np.iinfo(np.int64).max)
    origin = nearest.argmin(axis=0)
    ahead = gap[origin, np.arange(len(week))]
    told = fits.any(axis=0)
    step = np.where(told, ahead - 1, 0)
    mean = rolling.mean[origin, :, step].T
    return np.where(told, mean, np.nan), int(ahead[told].max(initial=0))
