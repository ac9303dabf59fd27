"""The forecast of the whole catalogue, and what people's overrides were worth."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.forecasting.overrides import forecast_value_added
from analytics.scenario import Scenario
from analytics.services import judgements, money, outlooks, planning
from analytics.services.forecasts import SHOWN_WEEKS
from analytics.store import Store


def overview(store: Store, scenario: Scenario) -> pd.DataFrame:
    """Return the forecast of the catalogue, one row per item, what earns most first.

    Returns
    -------
    DataFrame
        ``sku``, ``market``, ``name``, ``mean_13_weeks`` (units, next), ``demand_13_weeks`` (units,
        of the last: what would have sold in stock), ``change`` (share; NaN without demand),
        ``value`` (of the next weeks, in ``currency``; NaN without a price), ``currency``,
        ``group``, ``member``, ``source``.
    """
    basis = planning.basis(store, scenario.as_of)
    seen = basis.outlook
    ahead = seen.forecast.mean[:, :SHOWN_WEEKS].sum(axis=1) * (1 + scenario.demand_change_pct / 100)
    demanded = seen.panel["units"].to_numpy().reshape(len(seen.items), -1)[:, -SHOWN_WEEKS:]
    weeks = (~np.isnan(demanded)).sum(axis=1)
    past = np.nansum(demanded, axis=1) / np.maximum(weeks, 1) * SHOWN_WEEKS
    price = money.in_base(seen.items["price"], seen.items["price_currency"], basis.rates)
    frame = seen.items[["sku", "market", "name"]].assign(
        mean_13_weeks=ahead,
        demand_13_weeks=np.where(weeks > 0, past, np.nan),
        change=np.where(past > 0, ahead / np.where(past > 0, past, 1.0) - 1, np.nan),
        value=price.to_numpy() * ahead,
        currency=basis.currency,
        group=seen.forecast.items["group"].to_numpy(),
        member=seen.forecast.items["member"].to_numpy(),
        source=seen.source,
    )
    order = ["value", "mean_13_weeks"]
    return frame.sort_values(order, ascending=False, kind="stable", ignore_index=True)


def scores(store: Store) -> pd.DataFrame:
    """Return what overrides were worth, once their weeks are over: forecast value added.

    Returns
    -------
    DataFrame
        `judgements.overrides` with ``items``, ``weeks`` (judged), ``units`` (sold), ``without``,
        ``with`` (forecast), ``error_without``, ``error_with``, ``change_units`` (negative = it
        helped), ``change_points``, ``is_better``; see `forecasting.forecast_value_added`.
    """
    said = judgements.overrides(store)
    if said.empty:
        return forecast_value_added(said, _no_cells("mean"), _no_cells("units"))
    panel = planning.outlook(store).panel
    whole = panel["week"] < pd.Timestamp(outlooks.first_week(planning.outlook(store).days)[0])
    actual = panel.loc[whole, ["sku", "market", "week", "units"]].astype(
        {"sku": object, "market": object}
    )
    frames = [_scored(override, actual) for override in said.to_dict("records")]
    return pd.concat(frames, ignore_index=True)


def _scored(override: Mapping[Any, Any], actual: pd.DataFrame) -> pd.DataFrame:
    """Return one override with its score, against the forecast as it stood when it was made."""
    cells = pd.DataFrame(
        {
            "sku": override["sku"],
            "market": override["market"],
            "week": pd.to_datetime(list(override["before"])).astype("datetime64[us]"),
            "mean": list(override["before"].values()),
        }
    ).astype({"sku": object, "market": object})
    return forecast_value_added(pd.DataFrame([override]), cells, actual)


def _no_cells(figure: str) -> pd.DataFrame:
    return pd.DataFrame({name: [] for name in ("sku", "market", "week", figure)})
