"""What will sell? Forecasts of the catalogue, and the picture of one item."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import demand, distributions
from analytics.demand import STATES
from analytics.errors import OutOfBoundsError
from analytics.forecasting import ForecastResult
from analytics.progress import Progress, silent
from analytics.scenario import Scenario
from analytics.services import demand_ahead, judgements, outlooks, planning
from analytics.services.planning import Basis, Outlook
from analytics.store import Store

Array = NDArray[np.float64]
SHOWN_WEEKS = 13
LAYERS = demand.LAYERS
QUANTILES = {
    "q05": 0.05,
    "q10": 0.1,
    "q20": 0.2,
    "q50": 0.5,
    "q80": 0.8,
    "q90": 0.9,
    "q95": 0.95,
    "q975": 0.975,
    "q99": 0.99,
}


@dataclass(frozen=True, slots=True)
class ItemForecast:
    """History and outlook of one item.

    Attributes
    ----------
    sku, market, name : str
        The item.
    as_of : date
        The last day whose sales the forecast knows.
    history : DataFrame
        One row per week, oldest first: ``week`` (its Monday), ``units`` (sold, as in the files),
        ``demand`` (units/week, after the layers that are on; NaN = unobserved), ``availability``
        (share of the week in stock, 0 to 1), ``state`` (``observed``, ``partial``, ``stockout``,
        ``unobserved``).
    corrections : DataFrame
        What each layer did: ``week``, ``layer``, ``units_before``, ``units_after``, ``certainty``,
        ``reason``, ``facts``; see `analytics.demand.corrections`.
    fan : DataFrame
        One row per week shown, next week first: ``step`` (1 to 13), ``week``, ``mean``, ``q05``,
        ``q10``, ``q20``, ``q50``, ``q80``, ``q90``, ``q95``, ``q975``, ``q99`` (units/week;
        the first week is the rest of the week of ``as_of``), and the same of the demand from
        ``as_of`` to the end of that week with ``cumulative_`` before the name.
    before : DataFrame
        ``week``, ``mean`` by the numbers alone; empty unless somebody judged otherwise.
    season : DataFrame
        One row per week of a year: ``week_of_year`` (1 to 52), ``factor`` (1 = a usual week).
    events : DataFrame
        Events that touch the item in the weeks shown: ``code``, ``name``, ``side``, ``starts_on``,
        ``ends_on``, ``uplift`` (share; NaN = not known), ``source``.
    uplifts : DataFrame
        What is known of such events: ``code``, ``market``, ``group``, ``uplift``, ``low``,
        ``high``, ``weeks``, ``items``, ``source``, ``elasticity``.
    overrides : DataFrame
        What somebody said of the item, see `judgements.overrides`.
    facts : mapping
        ``group_level`` (``category``, ``market``, ``account``), ``group``, ``member``,
        ``season_strength`` (0 to 1), ``demand_change_pct``, ``calibrated_weeks``,
        ``weeks_observed``, ``weeks_stockout``, ``weeks_partial``, ``weeks_unobserved`` (since the
        first sale), ``mean_13_weeks``, ``units_last_13_weeks`` (sold), ``demand_last_13_weeks``
        (missing weeks at the mean of the others), ``first_week_share``, ``last_sale`` (date or
        None), ``season_source`` (``own``, ``none``), ``source`` (whose word it is: one of
        `judged.SOURCES`), ``pinned`` (a method or empty), ``pin_id``.
    launched : mapping
        Where a new item's level is from, see `forecasting.newcomers.Launches`; empty if it is its
        own.
    """

    sku: str
    market: str
    name: str
    as_of: date
    history: pd.DataFrame
    corrections: pd.DataFrame
    fan: pd.DataFrame
    before: pd.DataFrame
    season: pd.DataFrame
    events: pd.DataFrame
    uplifts: pd.DataFrame
    overrides: pd.DataFrame
    facts: Mapping[str, Any]
    launched: Mapping[str, Any]


def catalogue(
    store: Store, *, as_of: date | None = None, progress: Progress = silent
) -> ForecastResult:
    """Return the forecast of every item, made and stored if it is not stored yet.

    Parameters
    ----------
    store : Store
        The workspace.
    as_of : date, optional
        The last day known; none = the last day that any market's sales cover.
    progress : Progress
        Told while the forecast is made.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover that day.
    """
    return planning.outlook(store, as_of, progress=progress).forecast


def table(
    store: Store, scenario: Scenario | None = None, *, weeks: int = SHOWN_WEEKS
) -> pd.DataFrame:
    """Return the forecast of every item with its quantiles, as ``leeway forecast`` writes it.

    Returns
    -------
    DataFrame
        ``sku``, ``market``, ``week``, ``mean``, ``q05`` ... ``q99`` (units in that week), and the
        same with ``cumulative_`` before (units from the plan's day to the end of that week).

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        ``weeks`` are not 1 to 30, or the sales do not cover the scenario's day.
    """
    if not 1 <= weeks <= outlooks.HORIZON:
        raise OutOfBoundsError(name="horizon", value=weeks, low=1, high=outlooks.HORIZON)
    assumed = scenario or Scenario()
    basis = planning.under(store, assumed)
    result = basis.outlook.forecast
    rows = np.arange(len(result.items))
    fan = _fan(result, rows, demand_ahead.by_week(basis, assumed, rows, weeks))
    names = [
        pd.Series(np.repeat(result.items[name].to_numpy(), weeks), name=name)
        for name in ("sku", "market")
    ]
    return pd.concat([*names, fan.drop(columns="step")], axis=1)


def item(
    store: Store,
    scenario: Scenario,
    sku: str,
    market: str,
    layers: tuple[str, ...] = LAYERS,
) -> ItemForecast:
    """Return history and forecast of one item under ``scenario``.

    ``layers`` are the corrections of the history that are shown; the forecast has them all.

    Raises
    ------
    NoDataError
        No sales have been imported.
    UnknownItemError
        There is no such item.
    """
    basis = planning.under(store, scenario)
    row = basis.row(sku, market)
    seen = basis.outlook
    one = np.array([row])
    factors = demand_ahead.by_week(basis, scenario, one, SHOWN_WEEKS)
    fan = _fan(seen.forecast, one, factors)
    history, corrections = layered(basis, row, layers)
    listed = seen.items.iloc[row]
    said = judgements.overrides(store)
    own = said[(said["sku"] == listed["sku"]) & (said["market"] == listed["market"])]
    return ItemForecast(
        sku=str(listed["sku"]),
        market=str(listed["market"]),
        name=str(listed["name"]),
        as_of=seen.as_of,
        history=history,
        corrections=corrections,
        fan=fan,
        before=_before(seen, row, factors[0][0]),
        season=_season(basis, row),
        events=_events(seen, row, history, fan),
        uplifts=_uplifts(seen, row),
        overrides=own.reset_index(drop=True),
        facts=_facts(basis, row, history, fan)
        | _judged_facts(store, seen, row)
        | {"demand_change_pct": scenario.demand_change_pct},
        launched=_launched(seen, row),
    )


def layered(basis: Basis, row: int, layers: tuple[str, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return an item's weeks since it was first seen, and what ``layers`` did to them."""
    seen = basis.outlook
    own = demand.single(seen.days, row)
    effects = seen.background.effects
    uplift = None if effects is None else effects.history[[row]]
    weeks = demand.panel(own, layers, uplift=uplift)
    frame = pd.DataFrame(
        {
            "week": weeks["week"].to_numpy(),
            "units": weeks["sold"].to_numpy(),
            "demand": weeks["units"].to_numpy(),
            "availability": weeks["availability"].to_numpy(),
            "state": weeks["state"].astype(str).to_numpy(),
        }
    )
    started = (frame["state"] != "unobserved").cumsum() > 0
    told = demand.corrections(own, layers, uplift=uplift).drop(columns=["sku", "market"])
    return frame.loc[started].reset_index(drop=True), told


def _fan(
    result: ForecastResult, rows: NDArray[np.int64], factors: tuple[Array, Array]
) -> pd.DataFrame:
    """Return mean and quantiles by week, the items one below the other.

    ``factors`` are those of each week alone and up to its end, shape (n_chosen, n_weeks).
    """
    weeks = factors[0].shape[1]
    columns: dict[str, NDArray[Any]] = {
        "step": np.tile(np.arange(1, weeks + 1), len(rows)),
        "week": np.tile(result.weeks[:weeks].astype("M8[us]"), len(rows)),
    }
    figures = (
        ("", result.mean, result.sd),
        ("cumulative_", result.cumulative_mean, result.cumulative_sd),
    )
    for (prefix, mean, sd), factor in zip(figures, factors, strict=True):
        centre, spread = mean[rows, :weeks].ravel(), sd[rows, :weeks].ravel()
        bands = distributions.quantiles(centre, spread, list(QUANTILES.values()))
        bands = factor.ravel()[:, None] * bands
        if prefix:  # whole units jump; what has sold by a later week is no less
            bands = np.maximum.accumulate(bands.reshape(len(rows), weeks, -1), axis=1)
            bands = bands.reshape(len(rows) * weeks, -1)
        columns[f"{prefix}mean"] = factor.ravel() * centre
        for index, name in enumerate(QUANTILES):
            columns[f"{prefix}{name}"] = bands[:, index]
    return pd.DataFrame(columns)


def _before(seen: Outlook, row: int, factor: Array) -> pd.DataFrame:
    """Return what the numbers alone expect, where somebody judged otherwise."""
    weeks = SHOWN_WEEKS if seen.source[row] in ("override", "launch") else 0
    return pd.DataFrame(
        {
            "week": seen.numbers.weeks[:weeks].astype("M8[us]"),
            "mean": factor[:weeks] * seen.numbers.mean[row, :weeks],
        }
    )


def _events(seen: Outlook, row: int, history: pd.DataFrame, fan: pd.DataFrame) -> pd.DataFrame:
    """Return the events that touch an item while its picture lasts."""
    every, here = seen.events, _touching(seen, row)
    first = history["week"].min() if len(history) else fan["week"].min()
    here &= (every["ends_on"] >= first).to_numpy()
    here &= (every["starts_on"] <= fan["week"].max() + pd.Timedelta(days=6)).to_numpy()
    columns = ["code", "name", "side", "starts_on", "ends_on", "uplift_pct"]
    found = every.loc[here, columns].reset_index(drop=True)
    known = _uplifts(seen, row).drop_duplicates("code", keep="last").set_index("code")
    learnt = found["code"].map(known["uplift"]) if len(known) else np.nan
    source = found["code"].map(known["source"]) if len(known) else ""
    stated = found["uplift_pct"] / 100
    return found.assign(
        uplift=stated.where(stated.notna(), learnt),
        source=pd.Series(source, index=found.index, dtype=object).where(stated.isna(), "stated"),
    ).drop(columns="uplift_pct")


def _touching(seen: Outlook, row: int) -> NDArray[np.bool_]:
    """Return which events are the item's, whenever they are, shape (n_events,)."""
    listed, every = seen.items.iloc[row], seen.events
    here = np.ones(len(every), dtype=bool)
    for column, name in (("market", "market"), ("group", "category"), ("sku", "sku")):
        here &= every[column].isin(["", listed[name]]).to_numpy()
    return here


def _uplifts(seen: Outlook, row: int) -> pd.DataFrame:
    """Return what is known of the item's events and prices, the widest scope first.

    What the whole account says of a feast is nothing to an item in whose market it is not kept.
    """
    table = seen.numbers.uplifts
    listed = seen.items.iloc[row]
    here = table["market"].isin(["", listed["market"]])
    here &= table["group"].isin(["", listed["category"]])
    here &= table["uplift"].isna() | table["code"].isin(seen.events["code"][_touching(seen, row)])
    return table.loc[here].reset_index(drop=True)


def _judged_facts(store: Store, seen: Outlook, row: int) -> dict[str, object]:
    listed = seen.items.iloc[row]
    key = (str(listed["sku"]), str(listed["market"]))
    member, number = judgements.pins(store).get(key, ("", 0))
    return {
        "source": str(seen.source[row]),
        "pinned": member,
        "pin_id": number,
    }


def _launched(seen: Outlook, row: int) -> dict[str, Any]:
    """Return where a new item's level is from; nothing if it is its own."""
    if seen.launched.empty:
        return {}
    listed = seen.items.iloc[row]
    mine = seen.launched["sku"] == listed["sku"]
    found = seen.launched.loc[mine & (seen.launched["market"] == listed["market"])]
    return {str(name): value for name, value in found.iloc[0].items()} if len(found) else {}


def _season(basis: Basis, row: int) -> pd.DataFrame:
    seasons = basis.outlook.background.seasons
    factor = np.exp(seasons.log_profile[seasons.pools.of_item[row]])
    return pd.DataFrame({"week_of_year": np.arange(1, len(factor) + 1), "factor": factor})


def _facts(basis: Basis, row: int, history: pd.DataFrame, fan: pd.DataFrame) -> dict[str, object]:
    forecast, days = basis.outlook.forecast, basis.outlook.days
    chosen = forecast.items.iloc[row]
    level, *names = str(chosen["group"]).split(":", 2)
    names = [name for name in names if name != "*"]  # a category in every market
    states = history["state"].value_counts()
    recent = history.tail(SHOWN_WEEKS)
    last_sale = basis.outlook.items["last_sale"].iloc[row]
    _, shares = outlooks.first_week(days)
    return {
        "group_level": level,
        "group": " · ".join(reversed(names)),
        "member": chosen["member"],
        "season_strength": float(chosen["season_strength"]),
        "season_source": "own" if basis.outlook.background.seasons.is_learnt else "none",
        "calibrated_weeks": basis.outlook.background.calibrated_weeks,
        **{f"weeks_{name}": int(states.get(name, 0)) for name in STATES},
        "mean_13_weeks": float(fan["mean"].sum()),
        "units_last_13_weeks": float(recent["units"].sum()),
        "demand_last_13_weeks": float(recent["demand"].mean() * len(recent)),
        "first_week_share": shares[str(basis.outlook.items["market"].iloc[row])],
        "last_sale": None if pd.isna(last_sale) else last_sale.date(),
    }
