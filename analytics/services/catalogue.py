"""The forecast of the whole catalogue, and what people's overrides were worth."""

import numpy as np
import pandas as pd

from analytics.forecasting.overrides import forecast_value_added
from analytics.scenario import Scenario
from analytics.services import demand_ahead, judgements, money, outlooks, planning
from analytics.services.forecasts import SHOWN_WEEKS
from analytics.store import Store


def overview(store: Store, scenario: Scenario) -> pd.DataFrame:
    """Return the forecast of the catalogue, one row per item, what earns most first.

    Returns
    -------
    DataFrame
        ``sku``, ``market``, ``name``, ``mean_13_weeks`` (units, next; of a week that has begun the
        rest), ``demand_13_weeks`` (units, of the last: what would have sold in stock), ``change``
        (share, of a usual week's demand; NaN without demand), ``value`` (of the next weeks, in
        ``currency``; NaN without a price), ``currency``, ``group``, ``member``, ``source``.
    """
    basis = planning.under(store, scenario)
    seen = basis.outlook
    factor, _ = demand_ahead.by_week(basis, scenario, np.arange(len(seen.items)), SHOWN_WEEKS)
    ahead = (factor * seen.forecast.mean[:, :SHOWN_WEEKS]).sum(axis=1)
    demanded = seen.panel["units"].to_numpy().reshape(len(seen.items), -1)[:, -SHOWN_WEEKS:]
    weeks = (~np.isnan(demanded)).sum(axis=1)
    usual = np.nansum(demanded, axis=1) / np.maximum(weeks, 1)
    _, shares = outlooks.first_week(seen.days)
    past = usual * (SHOWN_WEEKS - 1 + seen.items["market"].map(shares).to_numpy(dtype=np.float64))
    price = money.in_base(
        basis.changes.price * seen.items["price"], seen.items["price_currency"], basis.rates
    )
    frame = seen.items[["sku", "market", "name"]].assign(
        mean_13_weeks=ahead,
        demand_13_weeks=np.where(weeks > 0, SHOWN_WEEKS * usual, np.nan),
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
    """Return what overrides were worth, once their days are over: forecast value added.

    Returns
    -------
    DataFrame
        `judgements.overrides` with ``items``, ``weeks`` (judged; 0 = not yet), ``units`` (demand),
        ``without``, ``with`` (forecast), ``error_without``, ``error_with``, ``change_units``
        (negative = it helped), ``change_points``, ``is_better``; see
        `forecasting.overrides.forecast_value_added`. An override is scored when the week of its
        last day is over, against the forecast as it stood when it was made.
    """
    said = judgements.overrides(store)
    if said.empty:
        return forecast_value_added(said, _stood(said), _stood(said).assign(units=np.nan))
    seen = planning.basis(store).outlook
    begun = pd.Timestamp(outlooks.first_week(seen.days)[0])
    over = said["ends_on"] < begun
    stood = _stood(said.loc[over])
    mine = seen.panel["week"].lt(begun) & seen.panel["sku"].isin(stood["sku"].unique())
    actual = seen.panel.loc[mine, ["sku", "market", "week", "units"]].astype(
        {"sku": object, "market": object}
    )
    return forecast_value_added(said, stood, actual)


def _stood(said: pd.DataFrame) -> pd.DataFrame:
    """Return the forecast as it stood when each override was made, see `forecast_value_added`."""
    columns = ("sku", "market", "before")
    rows = [
        (place, sku, market, week, mean)
        for place, sku, market, before in zip(
            said.index, *(said[name] for name in columns), strict=True
        )
        for week, mean in before.items()
    ]
    frame = pd.DataFrame(rows, columns=["override", "sku", "market", "week", "mean"])
    week = pd.to_datetime(frame["week"]).astype("datetime64[us]")
    return frame.assign(week=week).astype({"sku": object, "market": object})
